import {add_traces, marked_rows, TOLERANCE} from "./drawing"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import {Grid} from "./grid"
import type {Style} from "./marker_styles"
import type {Points} from "./projections"
import type {Screen} from "./screen"

/* Lines through many points: tracks. A line ends where its points are not numbers. */
export class PathDrawing implements Drawing {
  private grid: Grid | null = null
  private owners = new Uint32Array() // by segment its row

  // `points`: `width` of them a row, row by row.
  constructor(readonly name: string, readonly rows: Uint32Array, private readonly points: Points,
    private readonly width: number, private readonly style: Style) {}

  paint(context: CanvasRenderingContext2D, screen: Screen, _inks: Inks): void {
    this.stroke(context, screen, this.rows, this.style.color, 1.25)
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    const rows = marked_rows(this.rows, marks)
    this.stroke(context, screen, rows, inks.surface, 7)
    this.stroke(context, screen, rows, inks.ink, 4.5)
    this.stroke(context, screen, rows, this.style.color, 2)
  }

  private stroke(context: CanvasRenderingContext2D, screen: Screen, rows: Uint32Array, color: string,
      width: number): void {
    context.beginPath()
    for (const row of rows) {
      add_traces(context, this.trace(row, screen))
    }
    context.lineJoin = "round"
    context.strokeStyle = color
    context.lineWidth = width
    context.stroke()
  }

  private count(row: number): number {
    const start = row * this.width
    let n = 0
    while (n < this.width && isFinite(this.points.x[start + n] + this.points.y[start + n])) {
      n++
    }
    return n
  }

  trace(row: number, screen: Screen): Trace[] {
    const start = row * this.width
    const points = Array.from({length: this.count(row)}, (_, i): [number, number] =>
      [screen.x(this.points.x[start + i]), screen.y(this.points.y[start + i])])
    return [{kind: "line", points, closed: false}]
  }

  private segments(): Grid {
    const [starts, owners]: [number[], number[]] = [[], []]
    for (const row of this.rows) {
      for (let i = 0; i + 1 < this.count(row); i++) {
        starts.push(row * this.width + i)
        owners.push(row)
      }
    }
    const {x, y} = this.points
    const pick = (from: Float32Array, choose: (a: number, b: number) => number) =>
      Float32Array.from(starts, (at) => choose(from[at], from[at + 1]))
    this.owners = Uint32Array.from(owners)
    this.starts = Uint32Array.from(starts)
    return new Grid({x0: pick(x, Math.min), y0: pick(y, Math.min), x1: pick(x, Math.max), y1: pick(y, Math.max)})
  }

  private starts = new Uint32Array()

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    this.grid ??= this.segments()
    const [x, y] = [(sx - screen.bx) / screen.ax, (sy - screen.by) / screen.ay]
    const [dx, dy] = [Math.abs(TOLERANCE / screen.ax), Math.abs(TOLERANCE / screen.ay)]
    let [best, least] = [-1, TOLERANCE]
    this.grid.near(x - dx, y - dy, x + dx, y + dy, (segment) => {
      const at = this.starts[segment]
      const away = to_segment(sx, sy, screen.x(this.points.x[at]), screen.y(this.points.y[at]),
        screen.x(this.points.x[at + 1]), screen.y(this.points.y[at + 1]))
      if (away < least) {
        [best, least] = [this.owners[segment], away]
      }
    })
    return best >= 0 ? {row: best, distance: least} : null
  }

  // The end of the line: where it points to.
  place(row: number): [number, number] {
    const last = row * this.width + Math.max(0, this.count(row) - 1)
    return [this.points.x[last], this.points.y[last]]
  }

  within(area: Area): number[] {
    return [...this.rows].filter((row) => area(...this.place(row)))
  }
}

export function to_segment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay]
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)
  const t = Math.max(0, Math.min(1, along))
  return Math.hypot(x - ax - t * dx, y - ay - t * dy)
}
