// Outlines of cells in each plane: convex polygons with the same number of corners each, repeated where there are fewer.
import type {Collection, DecodedEvent, Numbers} from "./packet"
import {kept, near, place, positions, project, values} from "./projections"
import type {Plane, Points, Positions} from "./projections"

export type Outlines = Points & {stride: number, corners: Float32Array} // corners: x, y of each corner of each row

const SHAPE = {up_plus: 1, up_minus: 2, plus_minus: 3, tile: 4, corners: 5}

const D = 16.64408 / 8 // of a wafer's width from flat to flat, in cm
const H = D / Math.sqrt(3)
const TILE_HALF = 1.25 * Math.PI / 180

// Half the sum and half the difference of the two vectors that span a rhombus: its corners seen from its centre.
type Rhombus = readonly [number, number, number, number]
const RHOMBI: {[shape: number]: Rhombus} = {
  [SHAPE.up_plus]: halves(D, H, 0, 2 * H),
  [SHAPE.up_minus]: halves(D, -H, 0, 2 * H),
  [SHAPE.plus_minus]: halves(D, H, D, -H),
}

function halves(ax: number, ay: number, bx: number, by: number): Rhombus {
  return [(ax + bx) / 2, (ay + by) / 2, (ax - bx) / 2, (ay - by) / 2]
}

// By layer half of a cell's depth as it is drawn, in cm: so that layers with cells never touch.
function half_depths(collection: Collection, event: DecodedEvent): Map<number, number> {
  const used = new Set(values(collection, "layer") ?? [])
  const layers = event.header.layers.filter(({layer}) => used.has(layer)).sort((a, b) => a.z - b.z)
  return new Map(layers.map(({layer, z}, i) => {
    const gaps = [layers[i - 1], layers[i + 1]].flatMap((other) => other != null ? [Math.abs(other.z - z)] : [])
    return [layer, 0.4 * Math.min(3, ...gaps.filter((gap) => gap > 0))]
  }))
}

export function outlines(collection: Collection, event: DecodedEvent, plane: Plane): Outlines | null {
  return kept(collection, `outlines ${plane}`, () => {
    const places = positions(collection, event)
    if (places == null) {
      return null
    }
    const hull = collection.columns.get("corners")
    const stride = hull != null ? 8 : 4
    const made = {...project(plane, places), stride, corners: new Float32Array(2 * stride * collection.count)}
    if (plane != "bins") {
      new Outliner(collection, event, plane, places, made).fill()
    }
    return made
  })
}

class Outliner {
  private readonly shape: Numbers | null
  private readonly r_min: Numbers | null
  private readonly r_max: Numbers | null
  private readonly layer: Numbers | null
  private readonly depths: Map<number, number>
  private readonly hulls: Numbers | null

  constructor(collection: Collection, event: DecodedEvent, private readonly plane: Plane,
      private readonly places: Positions, private readonly made: Outlines) {
    this.shape = values(collection, "shape")
    this.r_min = values(collection, "r_min")
    this.r_max = values(collection, "r_max")
    this.layer = values(collection, "layer")
    this.hulls = collection.columns.get("corners")?.values ?? null
    this.depths = half_depths(collection, event)
  }

  fill(): void {
    const {shape, hulls, made} = this
    const n = made.x.length
    for (let i = 0; i < n; i++) {
      const code = shape != null ? shape[i] : hulls != null ? SHAPE.corners : 0
      if (code == SHAPE.corners && hulls != null) {
        this.hull(i)
      } else if (this.plane == "rhoz") {
        this.standing(i, code)
      } else if (code == SHAPE.tile && this.r_min != null && this.r_max != null) {
        this.tile(i, this.r_min[i], this.r_max[i])
      } else if (code in RHOMBI) {
        this.rhombus(i, RHOMBI[code])
      } else {
        this.rhombus(i, [0, 0, 0, 0]) // a point; how large it looks is the painter's matter
      }
    }
  }

  private set(row: number, corner: number, x: number, y: number): void {
    const {stride, corners} = this.made
    const at = 2 * (row * stride + corner)
    corners[at] = x
    corners[at + 1] = y
    for (let i = corner + 1; corner == 3 && i < stride; i++) { // the rest of a longer row repeats the fourth
      corners[at + 2 * (i - 3)] = x
      corners[at + 2 * (i - 3) + 1] = y
    }
  }

  // A cell is small against its distance: towards η and φ its outline is mapped by their derivatives at its centre.
  private rhombus(i: number, [sx, sy, dx, dy]: Rhombus): void {
    const {x: px, y: py} = this.made
    let [ax, ay, bx, by] = [sx, sy, dx, dy]
    if (this.plane == "etaphi") {
      const {x, y, z} = this.places
      const rho2 = x[i] * x[i] + y[i] * y[i]
      const slope = -z[i] / (rho2 * Math.sqrt(rho2 + z[i] * z[i]))
      ;[ax, ay] = [slope * (x[i] * sx + y[i] * sy), (x[i] * sy - y[i] * sx) / rho2]
      ;[bx, by] = [slope * (x[i] * dx + y[i] * dy), (x[i] * dy - y[i] * dx) / rho2]
    }
    this.set(i, 0, px[i] - ax, py[i] - ay)
    this.set(i, 1, px[i] + bx, py[i] + by)
    this.set(i, 2, px[i] + ax, py[i] + ay)
    this.set(i, 3, px[i] - bx, py[i] - by)
  }

  private tile(i: number, r_min: number, r_max: number): void {
    const {x, y, z} = this.places
    const phi = Math.atan2(y[i], x[i])
    const sides = [[r_min, -1], [r_max, -1], [r_max, 1], [r_min, 1]]
    sides.forEach(([r, side], corner) => {
      const angle = phi + side * TILE_HALF
      if (this.plane == "xy") {
        this.set(i, corner, r * Math.cos(angle), r * Math.sin(angle))
      } else {
        this.set(i, corner, Math.asinh(z[i] / r), angle)
      }
    })
  }

  private standing(i: number, code: number): void {
    const {x: z, y: rho} = this.made
    const half = this.depths.get(this.layer?.[i] ?? -1) ?? (code == 0 ? 0 : 0.5)
    let [low, high] = [rho[i], rho[i]]
    if (code == SHAPE.tile && this.r_min != null && this.r_max != null) {
      [low, high] = [this.r_min[i], this.r_max[i]]
    } else if (code in RHOMBI) {
      const [sx, sy, dx, dy] = RHOMBI[code]
      const {x, y} = this.places
      const reach = Math.max(Math.abs(x[i] * sx + y[i] * sy), Math.abs(x[i] * dx + y[i] * dy)) / rho[i]
      ;[low, high] = [rho[i] - reach, rho[i] + reach]
    }
    this.set(i, 0, z[i] - half, low)
    this.set(i, 1, z[i] + half, low)
    this.set(i, 2, z[i] + half, high)
    this.set(i, 3, z[i] - half, high)
  }

  private hull(i: number): void {
    const points: [number, number][] = []
    for (let at = 24 * i; at < 24 * (i + 1); at += 3) {
      const [x, y, z] = [this.hulls![at], this.hulls![at + 1], this.hulls![at + 2]]
      const [px, py] = place(this.plane, x, y, z)
      if (isFinite(px) && isFinite(py)) {
        points.push([px, this.plane == "etaphi" ? near(py, this.made.y[i]) : py])
      }
    }
    const around = convex_hull(points)
    for (let corner = 0; corner < 8; corner++) {
      const [x, y] = around[Math.min(corner, around.length - 1)] ?? [NaN, NaN]
      const at = 2 * (8 * i + corner)
      this.made.corners[at] = x
      this.made.corners[at + 1] = y
    }
  }
}

// The corners of the convex hull, in order, without points on its sides.
export function convex_hull(points: [number, number][]): [number, number][] {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by)
  const half = (path: [number, number][]): [number, number][] => {
    const turns: [number, number][] = []
    for (const [x, y] of path) {
      while (turns.length >= 2) {
        const [[ax, ay], [bx, by]] = turns.slice(-2)
        if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) {
          break
        }
        turns.pop()
      }
      turns.push([x, y])
    }
    return turns.slice(0, -1)
  }
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())]
}

