// How far an event's things reach: the ranges that its figures begin with, and how long directions are drawn.
import type {Collection, DecodedEvent} from "./packet"
import {directions, positions, values} from "./projections"
import type {Plane} from "./projections"

export type Endcap = "both" | "plus" | "minus"

export type Reach = {
  rho: number           // cm
  z: number             // cm, the largest distance from the origin to each side
  inner: {rho: number, z: number} // cm, the volume at whose surface directions end: without muon chambers
  plus: boolean         // whether there is anything at z > 0
  minus: boolean
  layers: [number, number] | null // |z| of the first and the last layer of an endcap, where there are any
  pt: number            // the largest transverse momentum, GeV
  eta: number           // the largest |η| of what has only a direction
}

export type Box = {x0: number, x1: number, y0: number, y1: number}

const NOMINAL = {rho: 130, z: 300} // cm: as large as a tracker with its calorimeter, where a file has no lengths
const HGCAL = {rho: 200, with_tiles: 270, z: [310, 525], eta: [1.4, 3.15], slope: [0.07, 0.59]} as const

const DIRECTED = ["particles", "jets", "tracks", "met", "clusters"]

export function largest(numbers: Iterable<number>): number {
  let most = 0
  for (const each of numbers) {
    if (each > most && each < Infinity) {
      most = each
    }
  }
  return most
}

const known = new WeakMap<DecodedEvent, Map<string, Reach>>()

// Of all collections but the hidden ones.
export function reach(event: DecodedEvent | null, hidden: string[]): Reach {
  if (event == null) {
    return {...NOTHING, ...NOMINAL}
  }
  const made = known.get(event) ?? new Map<string, Reach>()
  known.set(event, made)
  const key = JSON.stringify([...hidden].sort())
  const found = made.get(key) ?? measure(event, event.collections.filter(({name}) => !hidden.includes(name)))
  made.set(key, found)
  return found
}

const NOTHING: Reach = {inner: NOMINAL, rho: 0, z: 0, plus: false, minus: false, layers: null, pt: 0, eta: 0}

function measure(event: DecodedEvent, collections: Collection[]): Reach {
  const found = {...NOTHING}
  for (const collection of collections) {
    if (DIRECTED.includes(collection.kind)) {
      found.pt = Math.max(found.pt, largest(values(collection, "pt") ?? []))
      found.eta = Math.max(found.eta, largest((directions(collection, event)?.eta ?? []).map(Math.abs)))
    }
    if (collection.kind != "vertices") {
      measure_lengths(collection, event, found)
    }
  }
  const depths = event.header.layers.map(({z}) => Math.abs(z)).filter((z) => z > 0)
  if (depths.length != 0) {
    found.layers = [Math.min(...depths), Math.max(...depths)]
  }
  found.rho ||= NOMINAL.rho
  found.z ||= NOMINAL.z
  const cells = collections.filter(({kind}) => kind == "cells")
  if (cells.length != 0 && cells.length < collections.length) {
    const {rho, z} = measure(event, cells)
    found.inner = {rho, z}
  } else {
    found.inner = {rho: found.rho, z: found.z}
  }
  return found
}

function measure_lengths(collection: Collection, event: DecodedEvent, found: Reach): void {
  const path = collection.columns.get("path")?.values
  const places = path == null ? positions(collection, event) : null
  const count = path != null ? path.length / 3 : places?.x.length ?? 0
  for (let i = 0; i < count; i++) {
    const [x, y, z] = path != null ? [path[3 * i], path[3 * i + 1], path[3 * i + 2]] :
      [places!.x[i], places!.y[i], places!.z[i]]
    const rho = Math.sqrt(x * x + y * y)
    if (rho < Infinity && Math.abs(z) < Infinity) {
      found.rho = Math.max(found.rho, rho)
      found.z = Math.max(found.z, Math.abs(z))
      found.plus ||= z > 0
      found.minus ||= z < 0
    }
  }
}

// One side only where the reader or the event has only one.
function sides({plus, minus}: Reach, endcap: Endcap): [boolean, boolean] {
  if (endcap != "both") {
    return [endcap == "minus", endcap == "plus"]
  }
  return plus || minus ? [minus, plus] : [true, true]
}

function both_ways(near: number, far: number, [minus, plus]: [boolean, boolean]): [number, number] {
  return [minus ? -far : near, plus ? far : -near]
}

export function first_range(plane: Plane, found: Reach, endcap: Endcap): Box {
  const where = sides(found, endcap)
  const endcaps = found.layers != null
  const rho = endcaps ? (found.rho > HGCAL.rho + 10 ? HGCAL.with_tiles : HGCAL.rho) : found.rho
  const turn = {y0: -Math.PI, y1: Math.PI}
  switch (plane) {
    case "xy": return {x0: -rho, x1: rho, y0: -rho, y1: rho}
    case "rhoz": {
      const [x0, x1] = endcaps ? both_ways(...HGCAL.z, where) : [-found.z, found.z]
      return {x0, x1, y0: 0, y1: rho}
    }
    case "etaphi": {
      const far = Math.min(6, Math.max(2.5, Math.ceil(2 * found.eta) / 2))
      const [x0, x1] = endcaps ? both_ways(...HGCAL.eta, where) : [-far, far]
      return {x0, x1, ...turn}
    }
    case "bins": {
      const [x0, x1] = both_ways(...HGCAL.slope, where)
      return {x0, x1, ...turn}
    }
  }
}
