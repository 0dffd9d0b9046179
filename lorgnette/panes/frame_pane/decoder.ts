// Pictures on their way from bytes to the canvas: one is decoded at a time, and of those that wait only the newest.
import type {Packet} from "./packet"

/* What can be drawn; it must be closed when it is not needed any more. */
export type Picture = {image: ImageBitmap | VideoFrame, width: number, height: number}

// The image decoder takes two thirds of the time, because no blob goes round by another process, but only pages of a
// secure origin (localhost is one) have it, and it draws the colours of a JPEG a little coarser: not for a still.
async function read({jpeg, still}: Packet): Promise<Picture> {
  if (still || typeof ImageDecoder == "undefined") {
    const image = await createImageBitmap(new Blob([jpeg], {type: "image/jpeg"}))
    return {image, width: image.width, height: image.height}
  }
  const decoder = new ImageDecoder({data: jpeg, type: "image/jpeg"})
  try {
    const {image} = await decoder.decode()
    return {image, width: image.displayWidth, height: image.displayHeight}
  } finally {
    decoder.close()
  }
}

const FRAME_MS = 250 // a page that the browser does not draw (hidden, or covered) goes on nevertheless

export class Decoder {
  private waiting: Packet | null = null
  private busy = false
  private closed = false // until the browser has put on the screen what was drawn last
  private ended = false
  private turn = 0 // what was begun in another one is not wanted any more

  /* `drawn` gets each picture and draws it at once; `failed` is told of bytes that are no picture. */
  constructor(private readonly drawn: (picture: Picture, packet: Packet) => void,
      private readonly failed: (packet: Packet, error: unknown) => void) {}

  take(packet: Packet): void {
    this.waiting = packet
    void this.work()
  }

  // Forget what waits or is being decoded.
  drop(): void {
    this.waiting = null
    this.turn++
  }

  end(): void {
    this.ended = true
    this.drop()
  }

  private async work(): Promise<void> {
    const packet = this.waiting
    if (packet == null || this.busy || this.closed || this.ended) {
      return
    }
    this.waiting = null
    this.busy = true
    const {turn} = this
    try {
      const picture = await read(packet)
      if (turn == this.turn) {
        this.wait_for_screen()
        this.drawn(picture, packet)
      } else {
        picture.image.close()
      }
    } catch (error) {
      if (turn == this.turn) {
        this.failed(packet, error)
      }
    } finally {
      this.busy = false
    }
    void this.work()
  }

  // Without this a browser that draws slowly would be sent more than it can show.
  private wait_for_screen(): void {
    this.closed = true
    const open = () => {
      clearTimeout(timer)
      cancelAnimationFrame(frame)
      this.closed = false
      void this.work()
    }
    const frame = requestAnimationFrame(open)
    const timer = setTimeout(open, FRAME_MS)
  }
}
