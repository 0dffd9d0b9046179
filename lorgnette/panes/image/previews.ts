// Pictures of what was in view, which come before its blocks and lie below them.
import type {Lie} from "./lie"
import type {Mapping} from "./mapping"
import type {Area, Preview} from "./packet"
import type {Paints} from "./paints"

const MOST = 4
const CRISP = 2

type Picture = {
  area: Area
  scale: number // pixels of level 0 for one of it
  greys: Uint8Array | null // null: it has its colours
  made: Mapping | null
  canvas: HTMLCanvasElement
  stale: boolean // has other colours than it should
}

function size({left, top, right, bottom}: Area): number {
  return (right - left) * (bottom - top)
}

export class Previews {
  private readonly pictures: Picture[] = [] // the newest last

  get scales(): number[] {
    return this.pictures.map(({scale}) => scale)
  }

  /* `made`: how the one layer became grey, null if that is not known any more. */
  async read({jpeg, area, is_color}: Preview, made: Mapping | null): Promise<() => void> {
    const image = await createImageBitmap(new Blob([jpeg], {type: "image/jpeg"}), {colorSpaceConversion: "none"})
    const canvas = document.createElement("canvas")
    canvas.width = image.width
    canvas.height = image.height
    const context = canvas.getContext("2d", {willReadFrequently: !is_color})!
    context.drawImage(image, 0, 0)
    image.close()
    let greys: Uint8Array | null = null
    if (!is_color) {
      const {data} = context.getImageData(0, 0, canvas.width, canvas.height)
      greys = new Uint8Array(data.length / 4)
      for (let k = 0; k < greys.length; k++) {
        greys[k] = data[4*k]
      }
    }
    const scale = (area.right - area.left) / canvas.width
    return () => this.add({area, scale, greys, made, canvas, stale: greys != null})
  }

  // The colours are other ones.
  forget(): void {
    for (const picture of this.pictures) {
      picture.stale = picture.greys != null
    }
  }

  clear(): void {
    this.pictures.length = 0
  }

  draw(context: CanvasRenderingContext2D, lie: Lie, k: number, paints: Paints): void {
    const picture = this.pictures[k]
    const {area, canvas} = picture
    if (picture.stale) {
      this.paint(picture, paints)
    }
    const [x, y] = [lie.x(area.left), lie.y(area.top)]
    context.imageSmoothingEnabled = lie.px * picture.scale <= CRISP
    context.drawImage(canvas, x, y, Math.max(1, lie.x(area.right) - x), Math.max(1, lie.y(area.bottom) - y))
  }

  private add(picture: Picture): void {
    this.pictures.push(picture)
    if (this.pictures.length > MOST) {
      // The one that shows most serves wherever the reader goes.
      const widest = this.pictures.reduce((a, b) => size(b.area) >= size(a.area) ? b : a)
      this.pictures.splice(this.pictures[0] == widest ? 1 : 0, 1)
    }
  }

  private paint(picture: Picture, paints: Paints): void {
    const {canvas, greys, made} = picture
    const table = paints.for_preview(made)
    const image = new ImageData(canvas.width, canvas.height)
    const pixels = new Uint32Array(image.data.buffer)
    for (let k = 0; k < pixels.length; k++) {
      pixels[k] = table[greys![k]]
    }
    canvas.getContext("2d")!.putImageData(image, 0, 0)
    picture.stale = false
  }
}
