// What a table of one collection shows: which columns, which rows in which order, and how a number reads.

import type {Collection, Column, Numbers} from "./packet"

export type Order = {column: string, falling: boolean}

const FIRST = ["energy", "pt", "mip_pt", "mass", "eta", "phi", "layer", "cluster", "id"]
const DRAWING = new Set(["shape", "r_min", "r_max"]) // of use to nobody but who draws
const DIGITS = 5
const LAST = 2**32 - 1
const ROOM = 2**21 // rows, so that a row fits into a double behind a key

export function table_columns({columns}: Collection): Column[] {
  const usable = [...columns.values()].filter(({name, width}) => width == 1 && !DRAWING.has(name))
  const first = FIRST.flatMap((name) => usable.filter((column) => column.name == name))
  return [...first, ...usable.filter(({name}) => !FIRST.includes(name))]
}

// The order that a physicist looks for first.
export function first_order({columns}: Collection): Order | null {
  const column = ["energy", "pt", "mip_pt"].find((name) => columns.get(name)?.width == 1)
  return column == null ? null : {column, falling: true}
}

// Numbers from 0 to 2**32 - 1 in the same order as the values, and what is no number last; null where doubles have more.
function make_keys(values: Numbers, falling: boolean): Float64Array | null {
  if (values instanceof Float64Array) {
    return null
  }
  const keys = new Float64Array(values.length)
  if (values instanceof Float32Array) {
    const bits = new Int32Array(values.map((value) => value + 0).buffer) // -0 is 0
    for (let i = 0; i < keys.length; i++) {
      const rising = (bits[i] < 0 ? ~bits[i] : bits[i] ^ 0x80000000) >>> 0
      keys[i] = values[i] != values[i] ? LAST : falling ? LAST - rising : rising
    }
  } else {
    let [least, most] = [0, 0]
    for (const value of values) {
      least = value < least ? value : least
      most = value > most ? value : most
    }
    for (let i = 0; i < keys.length; i++) {
      keys[i] = falling ? most - values[i] : values[i] - least
    }
  }
  return keys
}

function compare_rows(values: Numbers, falling: boolean): (a: number, b: number) => number {
  const sign = falling ? -1 : 1
  return (a, b) => {
    const [left, right] = [values[a], values[b]]
    if (left != left || right != right) {
      return left == left ? -1 : right == right ? 1 : a - b
    }
    return left == right ? a - b : left < right ? -sign : sign
  }
}

// All rows in order; those without a number come last. Rows with equal numbers stay in their order.
export function sort_rows(collection: Collection, order: Order | null): Uint32Array {
  const rows = new Uint32Array(collection.count).map((_, row) => row)
  const values = order == null ? null : collection.columns.get(order.column)?.values
  if (order == null || values == null) {
    return rows
  }
  const keys = rows.length < ROOM ? make_keys(values, order.falling) : null
  if (keys == null) {
    return rows.sort(compare_rows(values, order.falling))
  }
  // Key and row in one number: such an array is sorted ten times as fast as one with a function.
  const packed = keys.map((key, row) => key*ROOM + row).sort()
  return rows.map((_, place) => packed[place] % ROOM)
}

// Those of the ordered rows that are among the given ones.
export function keep_rows(ordered: Uint32Array, ...wanted: Uint32Array[]): Uint32Array {
  const hits = new Uint8Array(ordered.length)
  for (const rows of wanted) {
    for (const row of rows) {
      hits[row] += 1
    }
  }
  return ordered.filter((row) => hits[row] == wanted.length)
}

export function format(value: number, whole: boolean): string {
  if (value != value) {
    return "–"
  }
  if (whole || !isFinite(value) || Number.isInteger(value) && Math.abs(value) < 1e6) {
    return `${value}`.replace("-", "−")
  }
  const size = Math.abs(value)
  const text = size < 1e-3 || size >= 1e6 ? value.toExponential(DIGITS - 2) : value.toPrecision(DIGITS)
  return text.replace("-", "−")
}

export function heading({name, unit}: Column): string {
  return unit == "" ? name : `${name} [${unit}]`
}
