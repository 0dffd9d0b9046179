// The marks of a catalogue on a canvas: markers where they are few, dots that grow denser where they are many.
import type {Context2d} from "@bokehjs/core/util/canvas"
import type {Bins} from "./catalogue_bins"

export type Marker = "circle" | "square" | "cross" | "diamond"
export type RGB = [number, number, number]

const CELL = 2 // CSS pixels to a side of a dot
const FREE = 0.15 // part of the cells that dots may fill before they grow fainter, so that the image is still seen
const [FAINTEST, FAINT, STRONG, SHADOW] = [40, 150, 235, 110] // opacities of dots, of 255
const EDGE = 0.65 // opacity of the dark edges of markers

/* How places become CSS pixels of the figure's frame: x ax + bx, y ay + by. */
export type Mapping = {ax: number, bx: number, ay: number, by: number}

export type Size = {width: number, height: number} // of the frame, CSS pixels

function trace(path: CanvasPath, marker: Marker, x: number, y: number, r: number): void {
  if (marker == "circle") {
    path.moveTo(x + r, y)
    path.arc(x, y, r, 0, 2 * Math.PI)
  } else if (marker == "square") {
    path.rect(x - r, y - r, 2 * r, 2 * r)
  } else if (marker == "diamond") {
    path.moveTo(x, y - r)
    path.lineTo(x + r, y)
    path.lineTo(x, y + r)
    path.lineTo(x - r, y)
    path.closePath()
  } else {
    path.moveTo(x - r, y)
    path.lineTo(x + r, y)
    path.moveTo(x, y - r)
    path.lineTo(x, y + r)
  }
}

// A marker as a small picture, which is far quicker to put down a thousand times than to draw.
function stamp(marker: Marker, size: number, color: string, ratio: number, thick: number): HTMLCanvasElement {
  const side = Math.ceil(size + 2 * thick + 5)
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = Math.ceil(side * ratio)
  const context = canvas.getContext("2d")!
  context.scale(ratio, ratio)
  for (const [ink, width] of [[`rgb(0 0 0 / ${EDGE})`, thick + 2.5], [color, thick]] as [string, number][]) {
    context.beginPath()
    trace(context, marker, side / 2, side / 2, size / 2)
    context.strokeStyle = ink
    context.lineWidth = width
    context.stroke()
  }
  return canvas
}

export class Stamps {
  private key = ""
  private canvas: HTMLCanvasElement | null = null

  constructor(private readonly thick: number) {}

  put(context: Context2d, marker: Marker, size: number, color: string, ratio: number): (x: number, y: number) => void {
    const key = `${marker} ${size} ${color} ${ratio}`
    if (this.key != key || this.canvas == null) {
      this.key = key
      this.canvas = stamp(marker, size, color, ratio, this.thick)
    }
    const {canvas} = this
    const side = canvas.width / ratio
    return (x, y) => context.drawImage(canvas, x - side / 2, y - side / 2, side, side)
  }
}

/* The dots of all places in view, in one picture of two CSS pixels to a side. */
export class Dots {
  private readonly canvas = document.createElement("canvas")
  private counts = new Uint16Array(0)
  private picture: ImageData | null = null

  paint(context: Context2d, bins: Bins, runs: [number, number][], mapping: Mapping, size: Size, color: RGB): void {
    const [columns, rows] = [Math.ceil(size.width / CELL), Math.ceil(size.height / CELL)]
    if (columns < 1 || rows < 1) {
      return
    }
    const drawing = this.canvas.getContext("2d")!
    if (this.picture?.width != columns || this.picture.height != rows) {
      this.canvas.width = columns
      this.canvas.height = rows
      this.counts = new Uint16Array(columns * rows)
      this.picture = drawing.createImageData(columns, rows)
    }
    this.count(bins, runs, mapping, columns, rows)
    this.color(new Uint32Array(this.picture.data.buffer), columns, color)
    drawing.putImageData(this.picture, 0, 0)
    context.imageSmoothingEnabled = false
    context.drawImage(this.canvas, 0, 0, columns * CELL, rows * CELL)
    context.imageSmoothingEnabled = true
  }

  private count({x, y}: Bins, runs: [number, number][], mapping: Mapping, columns: number, rows: number): void {
    const {counts} = this
    counts.fill(0)
    const [ax, bx, ay, by] = [mapping.ax, mapping.bx, mapping.ay, mapping.by].map((value) => value / CELL)
    for (const [from, to] of runs) {
      for (let place = from; place < to; place++) {
        const column = Math.floor(x[place] * ax + bx)
        const row = Math.floor(y[place] * ay + by)
        if (column >= 0 && row >= 0 && column < columns && row < rows) {
          counts[row * columns + column]++
        }
      }
    }
  }

  // A dot throws a shadow to its right and below, so that it is seen on bright ground as well.
  private color(pixels: Uint32Array, columns: number, [red, green, blue]: RGB): void {
    const {counts} = this
    const ink = blue << 16 | green << 8 | red
    let [filled, most] = [0, 2]
    for (let i = 0; i < counts.length; i++) {
      filled += counts[i] != 0 ? 1 : 0
      most = counts[i] > most ? counts[i] : most
    }
    const clear = Math.min(1, FREE * counts.length / Math.max(filled, 1))
    const least = FAINTEST + (FAINT - FAINTEST) * clear
    const growth = (STRONG - least) / Math.log2(most)
    const shadow = SHADOW * clear ** 2 << 24
    pixels.fill(0)
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]
      if (count != 0) {
        pixels[i] = least + growth * Math.log2(count) << 24 | ink
        if (i + columns < counts.length && counts[i + columns] == 0) {
          pixels[i + columns] = shadow
        }
        if (i + 1 < counts.length && (i + 1) % columns != 0 && counts[i + 1] == 0) {
          pixels[i + 1] = shadow
        }
      }
    }
  }
}
