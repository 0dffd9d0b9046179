// Puts the newest picture on a canvas, at the screen's own pixels.
import type {Picture} from "./decoder"
import type {Rect, Size} from "./geometry"
import type {Packet} from "./packet"

// The size as published, and as it came.
export type Shown = Size & {sent_width: number, sent_height: number, still: boolean}

const CLEAR_SCALE = 4 // from so many device pixels for one of the picture on, single pixels are meant to be seen

export class Painter {
  readonly canvas = document.createElement("canvas")
  private readonly context = this.canvas.getContext("2d", {alpha: false})!
  private picture: Picture | null = null
  packet: Packet | null = null // of what is shown

  // Of the frame as it was published; null before the first picture.
  get frame(): Size | null {
    return this.packet
  }

  get shown(): Shown | null {
    const {picture, packet} = this
    if (picture == null || packet == null) {
      return null
    }
    const {width, height, still} = packet
    return {width, height, sent_width: picture.width, sent_height: picture.height, still}
  }

  take(picture: Picture, packet: Packet): void {
    this.picture?.image.close()
    this.picture = picture
    this.packet = packet
  }

  resize({width, height}: Size): void {
    if (this.canvas.width != width || this.canvas.height != height) {
      this.canvas.width = width
      this.canvas.height = height
    }
  }

  draw(rect: Rect | null, ground: string): void {
    const {canvas, context, picture} = this
    const covered = rect != null && rect.x <= 0 && rect.y <= 0 &&
      rect.x + rect.width >= canvas.width && rect.y + rect.height >= canvas.height
    if (picture == null || !covered) {
      context.fillStyle = ground
      context.fillRect(0, 0, canvas.width, canvas.height)
    }
    if (picture != null && rect != null) {
      const scale = rect.width / picture.width
      context.imageSmoothingEnabled = scale != 1 && scale < CLEAR_SCALE
      context.drawImage(picture.image, rect.x, rect.y, rect.width, rect.height)
    }
  }

  // The picture at the size at which it was published, as a PNG file.
  async to_png(): Promise<Blob | null> {
    const {picture, packet} = this
    if (picture == null || packet == null) {
      return null
    }
    const canvas = new OffscreenCanvas(packet.width, packet.height)
    canvas.getContext("2d", {alpha: false})!.drawImage(picture.image, 0, 0, packet.width, packet.height)
    return canvas.convertToBlob({type: "image/png"})
  }

  end(): void {
    this.picture?.image.close()
    this.picture = null
    this.packet = null
  }
}
