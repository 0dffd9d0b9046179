// Fills thousands of small convex polygons with plain colours, pixel by pixel: several times as fast as paths of a
// canvas without a GPU. A pixel belongs to the polygon that holds its middle, so that neighbours leave no seam.
import type {Screen} from "./screen"

export type Polygons = {
  stride: number         // corners of each polygon
  corners: Float32Array  // x, y of each corner of each polygon
}

const SMALLEST = 2 // device pixels to a side: less could not be seen

export class Raster {
  readonly image: ImageData
  private readonly pixels: Uint32Array
  private readonly xs = new Float64Array(16)
  private readonly ys = new Float64Array(16)

  constructor(width: number, height: number) {
    this.image = new ImageData(Math.max(1, width), Math.max(1, height))
    this.pixels = new Uint32Array(this.image.data.buffer)
  }

  clear(): void {
    this.pixels.fill(0)
  }

  // `colors`: of each row, as four bytes in the order of ImageData. `grow`: CSS pixels that are added to each side.
  fill({stride, corners}: Polygons, rows: Uint32Array, colors: Uint32Array, screen: Screen, grow = 0): void {
    const {ratio} = screen
    const [ax, bx, ay, by] = [screen.ax * ratio, screen.bx * ratio, screen.ay * ratio, screen.by * ratio]
    const {width, height} = this.image
    const {xs, ys} = this
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]
      let at = 2 * stride * row
      let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity
      for (let i = 0; i < stride; i++, at += 2) {
        const x = ax * corners[at] + bx
        const y = ay * corners[at + 1] + by
        xs[i] = x
        ys[i] = y
        left = x < left ? x : left
        right = x > right ? x : right
        top = y < top ? y : top
        bottom = y > bottom ? y : bottom
      }
      if (!(right >= 0 && left <= width && bottom >= 0 && top <= height)) {
        continue // outside, or nowhere
      }
      const more = grow * ratio
      if (right - left < SMALLEST || bottom - top < SMALLEST) {
        this.block(left, right, top, bottom, colors[row], more)
        continue
      }
      if (more != 0) {
        for (let i = 0; i < stride; i++) {
          xs[i] += more * (2 * (xs[i] - left) / (right - left) - 1)
          ys[i] += more * (2 * (ys[i] - top) / (bottom - top) - 1)
        }
      }
      const [first, last] = [Math.max(0, Math.ceil(top - more - 0.5)), Math.ceil(bottom + more - 0.5)]
      this.polygon(stride, first, Math.min(height, last), colors[row])
    }
  }

  private polygon(n: number, top: number, bottom: number, color: number): void {
    const {xs, ys, pixels} = this
    const {width} = this.image
    for (let row = top; row < bottom; row++) {
      const y = row + 0.5
      let left = Infinity, right = -Infinity
      for (let i = 0, j = n - 1; i < n; j = i++) {
        if ((ys[i] <= y) != (ys[j] <= y)) {
          const x = xs[i] + (y - ys[i]) * (xs[j] - xs[i]) / (ys[j] - ys[i])
          left = x < left ? x : left
          right = x > right ? x : right
        }
      }
      const first = Math.max(0, Math.ceil(left - 0.5))
      const end = Math.min(width, Math.ceil(right - 0.5))
      for (let at = row * width + first; at < row * width + end; at++) {
        pixels[at] = color
      }
    }
  }

  private block(left: number, right: number, top: number, bottom: number, color: number, more: number): void {
    const {width, height} = this.image
    const w = Math.max(SMALLEST, Math.round(right - left)) + 2 * Math.round(more)
    const h = Math.max(SMALLEST, Math.round(bottom - top)) + 2 * Math.round(more)
    const x = Math.round((left + right - w) / 2)
    const y = Math.round((top + bottom - h) / 2)
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) {
      const end = row * width + Math.min(width, x + w)
      for (let at = row * width + Math.max(0, x); at < end; at++) {
        this.pixels[at] = color
      }
    }
  }
}
