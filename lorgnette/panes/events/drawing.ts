// What a figure is made of: one drawing for each collection.
import type {Raster} from "./raster"
import type {Screen} from "./screen"

// The page's colours, as its theme has them now.
export type Inks = {ink: string, quiet: string, surface: string, font: string, dark: boolean}

// The outline of one thing, in CSS pixels of the frame.
export type Trace =
  {kind: "line", points: [number, number][], closed: boolean} |
  {kind: "circle", x: number, y: number, r: number}

export type Spot = {row: number, distance: number} // distance in CSS pixels; 0 within it

export type Area = (x: number, y: number) => boolean // in the plane's coordinates

export const TOLERANCE = 6 // CSS pixels: how far beside a thing still points at it

export interface Drawing {
  readonly name: string       // of the collection
  readonly rows: Uint32Array  // that are drawn, the lowest first

  // Filling pixels comes first, for all drawings of a figure, then come lines and symbols on top of them.
  fill?(raster: Raster, screen: Screen): void
  paint?(context: CanvasRenderingContext2D, screen: Screen, inks: Inks): void
  // Some rows again, so that they stand out.
  fill_marks?(raster: Raster, screen: Screen, inks: Inks, marks: Uint8Array): void
  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void

  hit(sx: number, sy: number, screen: Screen): Spot | null
  trace(row: number, screen: Screen): Trace[]
  place(row: number): [number, number]  // its middle, in the plane's coordinates
  within(area: Area): number[]          // the rows whose middle is in the area
  members?(row: number): Iterable<number>       // what is marked when this row is; itself unless told otherwise
  describe?(row: number): [string, string][]  // what there is to say of it besides its columns
}

export function add_traces(context: CanvasPath, traces: Trace[]): void {
  for (const trace of traces) {
    if (trace.kind == "circle") {
      context.moveTo(trace.x + trace.r, trace.y)
      context.arc(trace.x, trace.y, trace.r, 0, 2 * Math.PI)
    } else {
      trace.points.forEach(([x, y], i) => i == 0 ? context.moveTo(x, y) : context.lineTo(x, y))
      if (trace.closed) {
        context.closePath()
      }
    }
  }
}

// The same as the text of an SVG path.
export function write_traces(traces: Trace[]): string {
  const at = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`
  return traces.filter(is_somewhere).map((trace) => {
    if (trace.kind == "circle") {
      const {x, y, r} = trace
      return `M${at(x - r, y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
    }
    return trace.points.map(([x, y], i) => `${i == 0 ? "M" : "L"}${at(x, y)}`).join("") + (trace.closed ? "Z" : "")
  }).join("")
}

function is_somewhere(trace: Trace): boolean {
  return trace.kind == "circle" ? isFinite(trace.x + trace.y) :
    trace.points.length != 0 && trace.points.every(([x, y]) => isFinite(x + y))
}

export function marked_rows(rows: Uint32Array, marks: Uint8Array): Uint32Array {
  return rows.filter((row) => marks[row] == 1)
}
