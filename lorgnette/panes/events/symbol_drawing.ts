import type {Anchored} from "./anchors"
import {add_traces, marked_rows, TOLERANCE} from "./drawing"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import {is_open, trace_symbol} from "./marker_styles"
import type {Style} from "./marker_styles"
import type {Screen} from "./screen"

const MANY = 2000 // so many symbols are small squares
export const CROWD = 40 // among more than so many the weak ones are small, and lines are faint
const RING = 4    // CSS pixels between a symbol and the ring that points at it

/* Symbols at places: particles, clusters, hits, vertices; with a line that leads to each where there is one. */
export class SymbolDrawing implements Drawing {
  // `sizes`: by row the radius in CSS pixels. `colors`: by row a CSS colour, else the style's for all.
  constructor(readonly name: string, readonly rows: Uint32Array, private readonly anchored: Anchored,
    private readonly style: Style, private readonly sizes: (row: number) => number,
    private readonly colors: ((row: number) => string) | null = null) {}

  paint(context: CanvasRenderingContext2D, screen: Screen, inks: Inks): void {
    this.paint_stems(context, screen, this.rows, 1)
    this.paint_symbols(context, screen, inks, this.rows)
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    const rows = marked_rows(this.rows, marks)
    this.paint_stems(context, screen, rows, 2.5)
    this.paint_symbols(context, screen, inks, rows)
    context.beginPath()
    for (const row of rows) {
      add_traces(context, this.trace(row, screen))
    }
    context.strokeStyle = inks.ink
    context.lineWidth = 2
    context.stroke()
  }

  private paint_stems(context: CanvasRenderingContext2D, screen: Screen, rows: Uint32Array, width: number): void {
    const {points, stems} = this.anchored
    if (stems == null) {
      return
    }
    context.beginPath()
    for (const row of rows) {
      if (isFinite(points.x[row] + stems.x[row])) {
        context.moveTo(screen.x(stems.x[row]), screen.y(stems.y[row]))
        context.lineTo(screen.x(points.x[row]), screen.y(points.y[row]))
      }
    }
    context.strokeStyle = this.style.color
    context.lineWidth = width
    context.globalAlpha = rows.length > CROWD ? 0.25 : 1
    context.stroke()
    context.globalAlpha = 1
  }

  private paint_symbols(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, rows: Uint32Array): void {
    const {symbol, color} = this.style
    const crowded = rows.length > MANY
    const seen = [...rows].filter((row) => this.in_sight(row, screen))
    if (crowded || symbol == "dot") {
      for (const row of seen) {
        const [x, y, r] = [...this.spot(row, screen), crowded ? 1.5 : this.sizes(row)]
        context.fillStyle = this.colors?.(row) ?? color
        context.fillRect(x - r, y - r, 2 * r, 2 * r)
      }
      return
    }
    context.beginPath()
    for (const row of seen) {
      trace_symbol(context, symbol, ...this.spot(row, screen), this.sizes(row))
    }
    paint_path(context, this.style, inks)
  }

  private in_sight(row: number, screen: Screen): boolean {
    const [x, y] = this.spot(row, screen)
    return x > -20 && x < screen.width + 20 && y > -20 && y < screen.height + 20
  }

  private spot(row: number, screen: Screen): [number, number] {
    const [x, y] = this.place(row)
    return [screen.x(x), screen.y(y)]
  }

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    let [best, least] = [-1, Infinity]
    for (const row of this.rows) {
      const [x, y] = this.spot(row, screen)
      const away = Math.hypot(x - sx, y - sy)
      if (away < least && away < this.sizes(row) + TOLERANCE / 2) {
        [best, least] = [row, away]
      }
    }
    return best >= 0 ? {row: best, distance: least} : null
  }

  trace(row: number, screen: Screen): Trace[] {
    const [x, y] = this.spot(row, screen)
    return [{kind: "circle", x, y, r: this.sizes(row) + RING}]
  }

  place(row: number): [number, number] {
    return [this.anchored.points.x[row], this.anchored.points.y[row]]
  }

  within(area: Area): number[] {
    return [...this.rows].filter((row) => area(...this.place(row)))
  }
}

// Strokes or fills the present path of symbols so that it stands out from whatever is below.
function paint_path(context: CanvasRenderingContext2D, {symbol, color}: Style, inks: Inks): void {
  context.lineJoin = "round"
  context.strokeStyle = inks.surface
  context.lineWidth = is_open(symbol) ? 4.5 : 3
  context.stroke()
  if (is_open(symbol)) {
    context.strokeStyle = color
    context.lineWidth = 2.25
    context.stroke()
  } else {
    context.fillStyle = color
    context.fill()
  }
}
