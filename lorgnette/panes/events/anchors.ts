// Where particles, clusters and other things with a direction stand in a plane, and the lines that lead there.
import type {Collection, DecodedEvent} from "./packet"
import {directions, positions, project, values} from "./projections"
import type {Plane, Points} from "./projections"
import type {Reach} from "./reach"

export type Setting = {
  event: DecodedEvent
  plane: Plane
  reach: Reach
  depth: number | null // |z| to which directions are followed, cm; null where the event has no layers
}

export type Anchored = {
  points: Points
  stems: Points | null // where the line to each point begins
}

// The length of a direction by its transverse momentum, as a part of the longest one: small ones can still be seen.
export function part(pt: number | undefined, most: number): number {
  return pt != null && most > 0 ? 0.25 + 0.75 * Math.sqrt(Math.max(0, Math.min(1, pt / most))) : 1
}

// How far from the origin, transversely, a direction leaves the volume that the event fills.
export function exit(sinh_eta: number, {inner: {rho, z}}: Reach): number {
  return Math.min(rho, z / Math.abs(sinh_eta))
}

export function on_plane(plane: Plane, rho: number, sinh_eta: number, phi: number): [number, number] {
  switch (plane) {
    case "xy": return [rho * Math.cos(phi), rho * Math.sin(phi)]
    case "rhoz": return [rho * sinh_eta, rho]
    case "etaphi": return [Math.asinh(sinh_eta), phi]
    case "bins": return [1 / sinh_eta, phi]
  }
}

function make(n: number, at: (i: number) => [number, number]): Points {
  const points = {x: new Float32Array(n), y: new Float32Array(n)}
  for (let i = 0; i < n; i++) {
    [points.x[i], points.y[i]] = at(i)
  }
  return points
}

const NOWHERE: [number, number] = [NaN, NaN]

export function anchored(collection: Collection, setting: Setting): Anchored | null {
  const {event, plane, reach, depth} = setting
  if (collection.kind == "vertices" && (plane == "etaphi" || plane == "bins")) {
    return null // it has no direction
  }
  const places = positions(collection, event)
  // A particle's x, y, z may be where it was made: what it shows is its direction.
  const directed = ["particles", "tracks"].includes(collection.kind) && collection.columns.has("eta")
  if (["hits", "vertices"].includes(collection.kind) || (places != null && reach.layers == null && !directed)) {
    return places != null ? {points: project(plane, places), stems: null} : null
  }
  const seen = directions(collection, event)
  if (seen == null) {
    return null
  }
  const {eta, phi} = seen
  const n = collection.count
  const at = (rho: (i: number) => number) =>
    make(n, (i) => isFinite(eta[i]) ? on_plane(plane, rho(i), Math.sinh(eta[i]), phi[i]) : NOWHERE)
  if (plane == "etaphi" || plane == "bins") {
    return {points: at(() => 1), stems: null}
  }
  const at_depth = (z: number) => at((i) => z / Math.abs(Math.sinh(eta[i])))
  if (reach.layers != null && depth != null) {
    if (plane == "xy") {
      return {points: at_depth(depth), stems: null}
    }
    const points = places != null ? project(plane, places) : at_depth(reach.layers[0])
    return {points, stems: at_depth(reach.layers[1])} // the axis through the layers
  }
  const pt = values(collection, "pt")
  return {
    points: at((i) => part(pt?.[i], reach.pt) * exit(Math.sinh(eta[i]), reach)),
    stems: make(n, () => [0, 0]),
  }
}
