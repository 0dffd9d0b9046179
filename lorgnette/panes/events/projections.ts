// Where things lie in each plane. Lengths in cm, angles in rad; NaN where a thing has no place in a plane.
import type {Collection, DecodedEvent, Numbers} from "./packet"

export type Plane = "xy" | "rhoz" | "etaphi" | "bins"
export type Points = {x: Float32Array, y: Float32Array}
export type Positions = {x: Numbers, y: Numbers, z: Numbers}

export const TURN = 2 * Math.PI

// x and y in the layer view, z and ρ, η and φ, R/z (negative in the -z endcap) and φ.
export function place(plane: Plane, x: number, y: number, z: number): [number, number] {
  switch (plane) {
    case "xy": return [x, y]
    case "rhoz": return [z, Math.sqrt(x*x + y*y)]
    case "etaphi": return [pseudorapidity(x, y, z), Math.atan2(y, x)]
    case "bins": return [Math.sqrt(x*x + y*y) / z, Math.atan2(y, x)]
  }
}

export function pseudorapidity(x: number, y: number, z: number): number {
  const rho = Math.sqrt(x*x + y*y)
  return rho > 0 ? Math.asinh(z / rho) : NaN // along the beam it has no end
}

// The angle that is nearest to another one, beyond ±π if need be: pieces across the cut stay together.
export function near(phi: number, other: number): number {
  return phi - TURN * Math.round((phi - other) / TURN)
}

export function project(plane: Plane, {x, y, z}: Positions): Points {
  const n = x.length
  const points = {x: new Float32Array(n), y: new Float32Array(n)}
  for (let i = 0; i < n; i++) {
    [points.x[i], points.y[i]] = place(plane, x[i], y[i], z[i])
  }
  return points
}

export function values(collection: Collection, name: string): Numbers | null {
  const column = collection.columns.get(name)
  return column != null && column.width == 1 ? column.values : null
}

// What is derived from a collection once and lives as long as its event.
export function kept<T>(collection: Collection, key: string, make: () => T): T {
  if (!collection.cache.has(key)) {
    collection.cache.set(key, make())
  }
  return collection.cache.get(key) as T
}

// z of each row: its own, or that of its layer.
function depths(collection: Collection, event: DecodedEvent): Numbers | null {
  const z = values(collection, "z")
  const layer = values(collection, "layer")
  if (z != null || layer == null || event.header.layers.length == 0) {
    return z
  }
  const known = new Map(event.header.layers.map((each) => [each.layer, each.z]))
  const zside = values(collection, "zside")
  return Float32Array.from(layer, (number, i) => (known.get(number) ?? NaN) * (zside?.[i] ?? 1))
}

// Points in space, as far as a collection has them: from x, y, z, or from a direction and a depth.
export function positions(collection: Collection, event: DecodedEvent): Positions | null {
  return kept(collection, "positions", () => {
    const x = values(collection, "x")
    const y = values(collection, "y")
    const z = depths(collection, event)
    if (x != null && y != null) {
      return {x, y, z: z ?? new Float32Array(x.length)}
    }
    const eta = values(collection, "eta")
    const phi = values(collection, "phi")
    if (eta == null || phi == null || z == null) {
      return null
    }
    const rho = Float32Array.from(eta, (each, i) => Math.abs(z[i] / Math.sinh(each)))
    return {
      x: rho.map((each, i) => each * Math.cos(phi[i])),
      y: rho.map((each, i) => each * Math.sin(phi[i])),
      z,
    }
  })
}

// The last point of each path.
function ends(collection: Collection): Positions | null {
  const path = collection.columns.get("path")
  if (path == null) {
    return null
  }
  const {values: numbers, width} = path
  const end = (i: number) => {
    let at = (i + 1) * width - 3
    while (at > i * width && isNaN(numbers[at])) {
      at -= 3
    }
    return at
  }
  const pick = (axis: number) => Float32Array.from({length: collection.count}, (_, i) => numbers[end(i) + axis])
  return {x: pick(0), y: pick(1), z: pick(2)}
}

// Directions as η and φ: named so in the file, or seen from the origin.
export function directions(collection: Collection, event: DecodedEvent): {eta: Numbers, phi: Numbers} | null {
  return kept(collection, "directions", () => {
    const eta = values(collection, "eta")
    const phi = values(collection, "phi")
    if (eta != null && phi != null) {
      return {eta, phi}
    }
    const places = positions(collection, event) ?? ends(collection)
    if (places == null) {
      return null
    }
    const points = project("etaphi", places)
    return {eta: points.x, phi: points.y}
  })
}
