import {add_traces, marked_rows, TOLERANCE} from "./drawing"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import {boxes, Grid} from "./grid"
import type {Raster} from "./raster"
import type {Outlines} from "./outlines"
import type {Screen} from "./screen"

export const FEW = 400 // so many polygons are drawn as smooth paths, more of them pixel by pixel
const LEAST = 8        // CSS pixels: what is smaller is pointed at by a ring around it
const RING = 7

/* Polygons of one colour each: cells, or bins of cells. */
export class CellDrawing implements Drawing {
  private grid: Grid | null = null

  // `colors`: by row four bytes in the order of ImageData.
  constructor(readonly name: string, readonly rows: Uint32Array, protected readonly outlines: Outlines,
    protected readonly colors: Uint32Array) {}

  fill(raster: Raster, screen: Screen): void {
    if (this.rows.length > FEW) {
      raster.fill(this.outlines, this.rows, this.colors, screen)
    }
  }

  paint(context: CanvasRenderingContext2D, screen: Screen, _inks: Inks): void {
    if (this.rows.length <= FEW) {
      this.paint_rows(context, screen, this.rows)
    }
  }

  fill_marks(raster: Raster, screen: Screen, inks: Inks, marks: Uint8Array): void {
    const rows = marked_rows(this.rows, marks)
    if (rows.length > FEW) {
      const ink = new Uint32Array(this.colors.length).fill(rgba(inks.ink))
      raster.fill(this.outlines, rows, ink, screen, 2) // what of it stays in sight is a line around them all
      raster.fill(this.outlines, rows, this.colors, screen)
    }
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    const rows = marked_rows(this.rows, marks)
    if (rows.length > FEW) {
      return
    }
    context.beginPath()
    for (const row of rows) {
      add_traces(context, [this.ring(row, screen, 2)])
    }
    context.lineJoin = "round"
    context.strokeStyle = inks.surface
    context.lineWidth = 6
    context.stroke()
    context.strokeStyle = inks.ink
    context.lineWidth = 3.5
    context.stroke()
    this.paint_rows(context, screen, rows)
  }

  private paint_rows(context: CanvasRenderingContext2D, screen: Screen, rows: Uint32Array): void {
    rows.forEach((row, k) => {
      if (k == 0 || this.colors[row] != this.colors[rows[k - 1]]) {
        if (k != 0) {
          context.fill()
        }
        context.beginPath()
        context.fillStyle = css(this.colors[row])
      }
      add_traces(context, [this.ring(row, screen, 2)])
    })
    if (rows.length != 0) {
      context.fill()
    }
  }

  // Its outline, but no smaller than some CSS pixels to a side.
  private ring(row: number, screen: Screen, least: number): Trace {
    const {stride, corners} = this.outlines
    const points: [number, number][] = []
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
    for (let at = 2 * stride * row; at < 2 * stride * (row + 1); at += 2) {
      const [x, y] = [screen.x(corners[at]), screen.y(corners[at + 1])]
      points.push([x, y])
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
    if (right - left >= least && bottom - top >= least) {
      return {kind: "line", points, closed: true}
    }
    const [x, y] = [(left + right) / 2, (top + bottom) / 2]
    const [w, h] = [Math.max(least, right - left) / 2, Math.max(least, bottom - top) / 2]
    return {kind: "line", points: [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]], closed: true}
  }

  trace(row: number, screen: Screen): Trace[] {
    const ring = this.ring(row, screen, 2)
    const points = ring.kind == "line" ? ring.points : []
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
    const [w, h] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)]
    const small = Math.max(w, h) < LEAST
    return small ? [{kind: "circle", x: (xs[0] + xs[2]) / 2, y: (ys[0] + ys[2]) / 2, r: RING}] : [ring]
  }

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    const {stride, corners} = this.outlines
    this.grid ??= new Grid(boxes(corners, stride, this.rows))
    const [x, y] = [(sx - screen.bx) / screen.ax, (sy - screen.by) / screen.ay]
    const [dx, dy] = [Math.abs(TOLERANCE / screen.ax), Math.abs(TOLERANCE / screen.ay)]
    let [best, distance, inside] = [-1, TOLERANCE, -1]
    this.grid.near(x - dx, y - dy, x + dx, y + dy, (k) => {
      const row = this.rows[k]
      if (k > inside && contains(corners, stride, row, x, y)) {
        inside = k // the topmost is the last one
      } else if (inside < 0) {
        const [px, py] = this.place(row)
        const away = Math.hypot(screen.x(px) - sx, screen.y(py) - sy)
        if (away < distance) {
          [best, distance] = [row, away]
        }
      }
    })
    return inside >= 0 ? {row: this.rows[inside], distance: 0} : best >= 0 ? {row: best, distance} : null
  }

  place(row: number): [number, number] {
    return [this.outlines.x[row], this.outlines.y[row]]
  }

  within(area: Area): number[] {
    return [...this.rows].filter((row) => area(this.outlines.x[row], this.outlines.y[row]))
  }
}

function contains(corners: Float32Array, stride: number, row: number, x: number, y: number): boolean {
  const start = 2 * stride * row
  let inside = false
  for (let i = start, j = start + 2 * (stride - 1); i < start + 2 * stride; j = i, i += 2) {
    const [yi, yj] = [corners[i + 1], corners[j + 1]]
    if ((yi > y) != (yj > y) && x < corners[i] + (y - yi) * (corners[j] - corners[i]) / (yj - yi)) {
      inside = !inside
    }
  }
  return inside
}

const LITTLE_END = new Uint8Array(new Uint32Array([1]).buffer)[0] == 1

// A colour such as "#1d2229" or "rgb(29, 34, 41)" as four bytes in the order of ImageData; grey for any other.
export function rgba(color: string): number {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color)
  const parts = hex != null ? hex.slice(1).map((part) => parseInt(part, 16)) : color.match(/\d+/g)?.map(Number)
  const [r, g, b] = parts?.length == 3 ? parts : [143, 143, 143]
  return (LITTLE_END ? 255 << 24 | b << 16 | g << 8 | r : r << 24 | g << 16 | b << 8 | 255) >>> 0
}

export function css(bytes: number): string {
  const [r, g, b] = LITTLE_END ? [bytes, bytes >> 8, bytes >> 16] : [bytes >> 24, bytes >> 16, bytes >> 8]
  return `rgb(${r & 255} ${g & 255} ${b & 255})`
}
