// Which rows of a collection pass what the reader has chosen.

import type {Cut} from "./cuts"
import type {Collection, Numbers} from "./packet"
import type {Endcap} from "./choice_text"

export type Sieve = {
  hidden: boolean
  layers: [number, number] | null
  endcap: Endcap
  threshold: number
  cut: Cut | null
}

type Test = (row: number) => boolean

function numbers(collection: Collection, name: string): Numbers | null {
  const column = collection.columns.get(name)
  return column == null || column.width != 1 ? null : column.values
}

function tests(collection: Collection, {layers, endcap, threshold, cut}: Sieve): Test[] {
  const result: Test[] = []
  const layer = numbers(collection, "layer")
  if (layers != null && layer != null) {
    const [first, last] = layers
    result.push((row) => layer[row] >= first && layer[row] <= last)
  }
  const side = numbers(collection, "zside") ?? numbers(collection, "z") ?? numbers(collection, "eta")
  if (endcap != "both" && side != null) {
    const sign = endcap == "plus" ? 1 : -1
    result.push((row) => side[row]*sign > 0)
  }
  const mip_pt = numbers(collection, "mip_pt")
  if (threshold > 0 && mip_pt != null) {
    const least = mip_pt instanceof Float64Array ? threshold : Math.fround(threshold)
    result.push((row) => mip_pt[row] >= least)
  }
  if (cut != null) {
    result.push(cut)
  }
  return result
}

export function select_rows(collection: Collection, sieve: Sieve): Uint32Array {
  const rows = new Uint32Array(sieve.hidden ? 0 : collection.count)
  let count = rows.length
  for (let i = 0; i < count; i++) {
    rows[i] = i
  }
  // One test after the other, so that each loop is a short one over one column.
  for (const test of tests(collection, sieve)) {
    const before = count
    count = 0
    for (let i = 0; i < before; i++) {
      if (test(rows[i])) {
        rows[count++] = rows[i]
      }
    }
  }
  return rows.slice(0, count)
}
