import {exit, part} from "./anchors"
import type {Setting} from "./anchors"
import {add_traces, marked_rows, TOLERANCE} from "./drawing"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import type {Style} from "./marker_styles"
import type {Collection} from "./packet"
import {to_segment} from "./path_drawing"
import {near, values} from "./projections"
import type {Screen} from "./screen"

const HEAD = 9  // CSS pixels
const LINE = 15 // of text

/* Missing transverse energy: an arrow from the origin in the layer view, in planes with φ a line at its angle. It has no
 * place along the beam. */
export class ArrowDrawing implements Drawing {
  private readonly ends = new Map<number, [number, number]>()
  private readonly texts = new Map<number, string>()
  private readonly flat: boolean // a line across

  // `slot`: 0 for the first such collection, 1 for the next: they often point to the same side.
  constructor(readonly name: string, readonly rows: Uint32Array, private readonly style: Style, collection: Collection,
      {plane, reach}: Setting, private readonly slot: number) {
    this.flat = plane != "xy"
    const [pt, phi] = [values(collection, "pt"), values(collection, "phi")]
    for (const row of phi != null && plane != "rhoz" ? rows : []) {
      const length = 0.9 * part(pt?.[row], reach.pt) * exit(0, reach)
      const angle = near(phi![row], 0)
      this.ends.set(row, this.flat ? [0, angle] : [length * Math.cos(angle), length * Math.sin(angle)])
      this.texts.set(row, pt != null ? `${name} ${pt[row].toPrecision(3)} GeV` : name)
    }
  }

  paint(context: CanvasRenderingContext2D, screen: Screen, inks: Inks): void {
    context.setLineDash(this.flat ? [6, 4] : [])
    this.stroke(context, screen, this.rows, [[inks.surface, 5], [this.style.color, 2.5]])
    context.setLineDash([])
    context.font = `600 12px ${inks.font}`
    context.textBaseline = "bottom"
    context.lineWidth = 3
    for (const row of this.rows) {
      this.write(context, screen, inks, row)
    }
  }

  private write(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, row: number): void {
    const text = this.texts.get(row)
    const [x, y] = this.tip(row, screen)
    if (text == null || !isFinite(x + y)) {
      return
    }
    const width = context.measureText(text).width
    const left = this.flat ? screen.width - width - 8 : x + (x < screen.width / 2 ? -width - 4 : 4)
    const at = Math.max(4, Math.min(screen.width - width - 4, left))
    const above = Math.max(16, Math.min(screen.height - 4, y - 4 + LINE * this.slot))
    context.textAlign = "left"
    context.strokeStyle = inks.surface
    context.strokeText(text, at, above)
    context.fillStyle = inks.ink
    context.fillText(text, at, above)
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    const rows = marked_rows(this.rows, marks)
    this.stroke(context, screen, rows, [[inks.surface, 8], [inks.ink, 6], [this.style.color, 2.5]])
  }

  private stroke(context: CanvasRenderingContext2D, screen: Screen, rows: Uint32Array,
      styles: [string, number][]): void {
    context.beginPath()
    for (const row of rows) {
      add_traces(context, this.trace(row, screen))
    }
    for (const [color, width] of styles) {
      context.strokeStyle = color
      context.lineWidth = width
      context.stroke()
    }
  }

  private tip(row: number, screen: Screen): [number, number] {
    const [x, y] = this.place(row)
    return [screen.x(x), screen.y(y)]
  }

  trace(row: number, screen: Screen): Trace[] {
    const [x, y] = this.tip(row, screen)
    if (!isFinite(x + y)) {
      return []
    }
    if (this.flat) {
      return [{kind: "line", closed: false, points: [[0, y], [screen.width, y]]}]
    }
    const [x0, y0] = [screen.x(0), screen.y(0)]
    const angle = Math.atan2(y - y0, x - x0)
    const barb = (turn: number): [number, number] =>
      [x - HEAD * Math.cos(angle + turn), y - HEAD * Math.sin(angle + turn)]
    return [
      {kind: "line", closed: false, points: [[x0, y0], [x, y]]},
      {kind: "line", closed: false, points: [barb(0.5), [x, y], barb(-0.5)]},
    ]
  }

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    for (const row of this.rows) {
      const [shaft] = this.trace(row, screen)
      if (shaft?.kind == "line") {
        const distance = to_segment(sx, sy, ...shaft.points[0], ...shaft.points[1])
        if (distance < TOLERANCE) {
          return {row, distance}
        }
      }
    }
    return null
  }

  place(row: number): [number, number] {
    return this.ends.get(row) ?? [NaN, NaN]
  }

  within(area: Area): number[] {
    return this.flat ? [] : [...this.rows].filter((row) => area(...this.place(row)))
  }
}
