import {exit, on_plane, part} from "./anchors"
import type {Setting} from "./anchors"
import {add_traces, marked_rows} from "./drawing"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import type {Style} from "./marker_styles"
import type {Collection} from "./packet"
import {directions, near, TURN, values} from "./projections"
import type {Screen} from "./screen"

const RADII: [RegExp, number][] = [[/largeR|akt?10/i, 1.0], [/fat|ak8/i, 0.8]] // of jets in η and φ, by their name
const RADIUS = 0.4
const CORNERS = 48

type Ring = [number, number][]

/* Jets: a circle in η and φ, a wedge from the origin, or where a cone meets the layers. */
export class ConeDrawing implements Drawing {
  private readonly rings = new Map<number, Ring>()

  constructor(readonly name: string, readonly rows: Uint32Array, private readonly style: Style, collection: Collection,
      private readonly setting: Setting) {
    const seen = directions(collection, setting.event)
    const pt = values(collection, "pt")
    const radius = RADII.find(([names]) => names.test(name))?.[1] ?? RADIUS
    for (const row of seen != null ? rows : []) {
      const [eta, phi] = [seen!.eta[row], near(seen!.phi[row], 0)]
      if (isFinite(eta + phi)) {
        this.rings.set(row, ring(eta, phi, radius, part(pt?.[row], setting.reach.pt), setting))
      }
    }
  }

  paint(context: CanvasRenderingContext2D, screen: Screen, _inks: Inks): void {
    this.trace_all(context, screen, this.rows)
    context.fillStyle = this.style.color
    context.globalAlpha = 0.12
    context.fill()
    context.globalAlpha = 1
    context.strokeStyle = this.style.color
    context.lineWidth = 1.5
    context.stroke()
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    this.trace_all(context, screen, marked_rows(this.rows, marks))
    context.lineJoin = "round"
    for (const [color, width] of [[inks.surface, 7], [inks.ink, 4.5], [this.style.color, 2]] as const) {
      context.strokeStyle = color
      context.lineWidth = width
      context.stroke()
    }
  }

  private trace_all(context: CanvasRenderingContext2D, screen: Screen, rows: Uint32Array): void {
    context.beginPath()
    for (const row of rows) {
      add_traces(context, this.trace(row, screen))
    }
  }

  // In planes with φ also a turn further to each side, as a circle may lie across the cut.
  trace(row: number, screen: Screen): Trace[] {
    const corners = this.rings.get(row)
    if (corners == null) {
      return []
    }
    const turns = ["etaphi", "bins"].includes(this.setting.plane) ? [0, -TURN, TURN] : [0]
    return turns.map((turn) => ({
      kind: "line", closed: true, points: corners.map(([x, y]) => [screen.x(x), screen.y(y + turn)]),
    }))
  }

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    for (const row of [...this.rows].reverse()) {
      if (this.trace(row, screen).some((trace) => trace.kind == "line" && encloses(trace.points, sx, sy))) {
        return {row, distance: 0}
      }
    }
    return null
  }

  place(row: number): [number, number] {
    const corners = this.rings.get(row) ?? []
    const mean = (axis: 0 | 1) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length
    return [mean(0), mean(1)]
  }

  within(area: Area): number[] {
    return [...this.rows].filter((row) => area(...this.place(row)))
  }
}

// The outline of a cone about a direction, in the plane's coordinates; `length` is a part of the whole.
function ring(eta: number, phi: number, radius: number, length: number, {plane, reach, depth}: Setting): Ring {
  const around = (rho: (sinh: number) => number) => Array.from({length: CORNERS}, (_, i): [number, number] => {
    const angle = TURN * i / CORNERS
    const sinh = Math.sinh(eta + radius * Math.cos(angle))
    return on_plane(plane, rho(sinh), sinh, phi + radius * Math.sin(angle))
  })
  const edges = [eta - radius, eta + radius].map(Math.sinh)
  if (plane == "etaphi" || plane == "bins") {
    return around(() => 1)
  }
  if (reach.layers != null && depth != null) {
    if (plane == "xy") {
      return around((sinh) => depth / Math.abs(sinh))
    }
    const [near_z, far_z] = reach.layers.map((z) => z * Math.sign(eta))
    const at = (z: number, sinh: number): [number, number] => [z, Math.abs(z / sinh)]
    return [at(near_z, edges[0]), at(far_z, edges[0]), at(far_z, edges[1]), at(near_z, edges[1])]
  }
  const far = Array.from({length: 9}, (_, i): [number, number] => {
    const side = radius * (i / 4 - 1)
    const sinh = Math.sinh(plane == "rhoz" ? eta + side : eta)
    return on_plane(plane, length * exit(sinh, reach), sinh, phi + side)
  })
  return [[0, 0], ...far]
}

export function encloses(corners: [number, number][], x: number, y: number): boolean {
  let inside = false
  corners.forEach(([ax, ay], i) => {
    const [bx, by] = corners[(i + corners.length - 1) % corners.length]
    if ((ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay)) {
      inside = !inside
    }
  })
  return inside
}
