// Lines, boxes, circles and points that are measured: their geometry, and how they are drawn on a canvas.
import type {Context2d} from "@bokehjs/core/util/canvas"

export type Shape = "line" | "box" | "circle" | "point"
export type Place = [number, number, number, number] // x0, y0, x1, y1 in pixel coordinates
export type Point = [number, number]

export type Unit = {size: number | null, name: string} // what a pixel measures

const HANDLE = 3.5 // half a side, CSS pixels
const REACH = 9 // how far beside a handle still takes it
const ARM = 9 // of the cross of a point

// With shift: a square, or one of eight directions.
export function constrained(shape: Shape, [x0, y0]: Point, [x1, y1]: Point): Point {
  const [dx, dy] = [x1 - x0, y1 - y0]
  if (shape == "box") {
    const side = Math.max(Math.abs(dx), Math.abs(dy))
    return [x0 + (dx < 0 ? -side : side), y0 + (dy < 0 ? -side : side)]
  }
  if (shape == "line") {
    const angle = Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI / 4
    const along = dx * Math.cos(angle) + dy * Math.sin(angle)
    return [x0 + along * Math.cos(angle), y0 + along * Math.sin(angle)]
  }
  return [x1, y1]
}

// As it is told to others: a hundredth of a pixel is more than anybody can point at.
export function settled(shape: Shape, [x0, y0, x1, y1]: Place): Place {
  const place = shape == "box" ? [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)] :
    [x0, y0, x1, y1]
  return place.map((value) => Math.round(value * 100) / 100) as Place
}

function digits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3)
}

// 0.25″, 1.50′, 2.00°; of other units the number and its name.
export function write_size(value: number, unit: string): string {
  if (unit != "arcsec") {
    return `${digits(value)} ${unit}`
  }
  return value < 60 ? `${digits(value)}″` : value < 3600 ? `${digits(value / 60)}′` : `${digits(value / 3600)}°`
}

function lengths([x0, y0, x1, y1]: Place, shape: Shape): number[] {
  return shape == "box" ? [Math.abs(x1 - x0), Math.abs(y1 - y0)] : [Math.hypot(x1 - x0, y1 - y0)]
}

// What is written beside the shape.
export function describe(shape: Shape, place: Place, unit: Unit): string {
  if (shape == "point") {
    return ""
  }
  const sizes = lengths(place, shape)
  const before = shape == "circle" ? "r = " : ""
  const pixels = `${before}${sizes.map((size) => size.toFixed(1)).join(" × ")} px`
  return unit.size == null ? pixels :
    `${pixels}, ${sizes.map((size) => write_size(size * unit.size!, unit.name)).join(" × ")}`
}

/* A shape in CSS pixels of the figure. */
export class Figure {
  constructor(readonly shape: Shape, readonly a: Point, readonly b: Point) {}

  // Where the handles are: 0 and 1 are the two points of the place, 2 and 3 the other corners of a box.
  get handles(): Point[] {
    const {shape, a, b} = this
    return shape == "point" ? [] : shape == "box" ? [a, b, [b[0], a[1]], [a[0], b[1]]] : [a, b]
  }

  // The handle that is meant by a place, -1 for the shape as a whole, null if nothing of it is.
  grip([x, y]: Point): number | null {
    const near = this.handles.findIndex((handle) => Math.hypot(handle[0] - x, handle[1] - y) <= REACH)
    const {shape} = this
    if (near >= 0) {
      return shape == "circle" && near == 0 ? -1 : near
    }
    return this.is_on(x, y) ? -1 : null
  }

  private is_on(x: number, y: number): boolean {
    const {shape, a, b} = this
    if (shape == "circle") {
      return Math.abs(Math.hypot(x - a[0], y - a[1]) - Math.hypot(b[0] - a[0], b[1] - a[1])) <= REACH
    }
    if (shape == "box") {
      const [left, right, top, bottom] =
        [Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])]
      const inside = (by: number) => x > left - by && x < right + by && y > top - by && y < bottom + by
      return inside(REACH) && !inside(-REACH) // within it another one may be drawn
    }
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
    const along = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / Math.max(dx * dx + dy * dy, 1e-9)))
    return Math.hypot(a[0] + along * dx - x, a[1] + along * dy - y) <= REACH
  }

  // Light lines with dark edges can be seen on any picture.
  paint(context: Context2d, color: string, active: boolean): void {
    context.lineJoin = "round"
    context.lineCap = "round"
    for (const [ink, more] of [["rgb(0 0 0 / 65%)", 3], [color, 0]] as [string, number][]) {
      context.strokeStyle = ink
      context.fillStyle = ink
      context.lineWidth = 1.5 + more
      context.beginPath()
      this.trace(context)
      context.stroke()
      for (const [x, y] of active ? this.handles : []) {
        const half = HANDLE + more / 2 - 0.5
        context.fillRect(x - half, y - half, 2 * half, 2 * half)
      }
    }
  }

  private trace(context: Context2d): void {
    const {shape, a, b} = this
    if (shape == "box") {
      context.rect(a[0], a[1], b[0] - a[0], b[1] - a[1])
    } else if (shape == "circle") {
      context.arc(a[0], a[1], Math.hypot(b[0] - a[0], b[1] - a[1]), 0, 2 * Math.PI)
    } else if (shape == "line") {
      context.moveTo(...a)
      context.lineTo(...b)
    } else {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { // open in the middle, so that the pixel is seen
        context.moveTo(a[0] + 3 * dx, a[1] + 3 * dy)
        context.lineTo(a[0] + ARM * dx, a[1] + ARM * dy)
      }
    }
  }

  // Its words stand beside the second point, or above a box, within a frame.
  write(context: Context2d, text: string, frame: {left: number, top: number, right: number, bottom: number}): void {
    if (text == "") {
      return
    }
    context.font = "12px system-ui, sans-serif"
    context.textBaseline = "middle"
    const width = context.measureText(text).width + 8
    const {shape, a, b: [x, y]} = this
    const [beside_x, beside_y] = shape == "box" ? [Math.max(a[0], x) - width, Math.min(a[1], y) - 14] :
      [x + 10 + width <= frame.right ? x + 10 : x - 10 - width, y]
    const left = Math.max(frame.left, Math.min(frame.right - width, beside_x))
    const middle = Math.max(frame.top + 10, Math.min(frame.bottom - 10, beside_y))
    context.fillStyle = "rgb(0 0 0 / 72%)"
    context.fillRect(left, middle - 9, width, 18)
    context.fillStyle = "#ffffff"
    context.fillText(text, left + 4, middle + 0.5)
  }
}
