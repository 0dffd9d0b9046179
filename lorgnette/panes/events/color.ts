// From numbers to colours: which column, between which limits, on which palette.
//
// "By event" the scale spans what the cells and hits of the whole event hold, whatever is shown of them: colours do not
// move while layers and threshold do, and compare across the views. A linear scale begins at 0 (or below); a logarithmic
// one ends at the largest value and spans at most four decades.

import type {Options} from "./choice_text"
import type {Collection, Column, DecodedEvent} from "./packet"

// The index of rows that have no colour: no such column, no number, no cluster.
export const NONE = 255
const NONE_COLOR = "#8f8f8f"
const STEPS = 128 // as many as an eye tells apart; each is one stroke of the brush
const DECADES = 4

// Okabe and Ito's colours, which hardly anybody confuses; black is left out, as half of the pages are dark.
const CATEGORIES = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"]

export type ColorScale = {
  column: string
  unit: string
  kind: "linear" | "log" | "category" | "none"
  low: number
  high: number
  // 256 CSS colours by index; `used` of them from 0 on are the scale, the last one is for rows without a colour.
  palette: string[]
  used: number
}

function find_column(collection: Collection, name: string): Column | null {
  const own = name == "cluster" && collection.kind == "clusters" ? "id" : name
  const column = collection.columns.get(own)
  return column == null || column.width != 1 ? null : column
}

function fill(colors: string[]): string[] {
  return [...colors, ...Array<string>(NONE + 1 - colors.length).fill(NONE_COLOR)]
}

function sample(colors: string[]): string[] {
  const last = colors.length - 1
  return Array.from({length: STEPS}, (_, i) => colors[Math.round(i*last/(STEPS - 1))] ?? NONE_COLOR)
}

function extent(columns: Column[]): {low: number, high: number, least_positive: number} {
  let [low, high, least_positive] = [Infinity, -Infinity, Infinity]
  for (const {values} of columns) {
    for (const value of values) {
      if (isFinite(value)) {
        low = value < low ? value : low
        high = value > high ? value : high
        least_positive = value > 0 && value < least_positive ? value : least_positive
      }
    }
  }
  return {low, high, least_positive}
}

function by_event(columns: Column[], log: boolean): [number, number] {
  const {low, high, least_positive} = extent(columns)
  if (!(low <= high)) {
    return [0, 1] // no number at all
  }
  if (log) {
    const least = Math.max(least_positive, high/10**DECADES)
    return least < high ? [least, high] : [high/10, high*10]
  }
  const whole = !columns.some(({values}) => is_float(values))
  const start = whole ? low : Math.min(0, low)
  return start < high ? [start, high] : [start, start + 1]
}

function is_float(values: Column["values"]): boolean {
  return values instanceof Float32Array || values instanceof Float64Array
}

// The scale for all collections of an event.
export function make_scale(event: DecodedEvent | null, options: Options, colors: string[]): ColorScale {
  const {color_by, limits} = options
  if (color_by == "cluster") {
    const used = CATEGORIES.length
    return {column: color_by, unit: "", kind: "category", low: 0, high: used, palette: fill(CATEGORIES), used}
  }
  const all = event?.collections ?? []
  const cells = all.filter(({kind}) => kind == "cells" || kind == "hits")
  const find = (among: Collection[]) => among.map((each) => find_column(each, color_by)).filter((each) => each != null)
  let columns = find(cells)
  if (columns.length == 0) {
    columns = find(all)
  }
  if (columns.length == 0) {
    return {column: color_by, unit: "", kind: "none", low: 0, high: 1, palette: fill([]), used: 0}
  }
  // Layers, sides and counts are evenly spaced: a logarithm would say nothing about them.
  const wanted = options.scale == "log" && columns.some(({values}) => is_float(values))
  const log = wanted && (limits == null ? extent(columns).high > 0 : limits[0] > 0)
  const [low, high] = limits ?? by_event(columns, log)
  return {
    column: color_by, unit: columns[0].unit, kind: log ? "log" : "linear", low, high, palette: fill(sample(colors)),
    used: STEPS,
  }
}

function index_values(values: Column["values"], {kind, low, high, used}: ColorScale): Uint8Array {
  const result = new Uint8Array(values.length)
  const log = kind == "log"
  const [first, last] = log ? [Math.log(low), Math.log(high)] : [low, high]
  const factor = last > first ? used/(last - first) : 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    const step = Math.floor(((log ? Math.log(value > 0 ? value : 0) : value) - first)*factor)
    result[i] = value != value ? NONE : step < 0 ? 0 : step < used ? step : used - 1
  }
  return result
}

// Which of the colours each cluster has: in the order of the clusters' collection, else of the cells.
function cluster_ranks(event: DecodedEvent): Map<number, number> {
  const ranks = new Map<number, number>()
  const take = (column: Column | undefined) => {
    for (const id of column?.width == 1 ? column.values : []) {
      if (id != 0 && id == id && !ranks.has(id)) {
        ranks.set(id, ranks.size)
      }
    }
  }
  for (const {kind, columns} of event.collections) {
    if (kind == "clusters") {
      take(columns.get("id"))
    }
  }
  if (ranks.size == 0) {
    event.collections.forEach(({columns}) => take(columns.get("cluster")))
  }
  return ranks
}

// The index of each row's colour.
export function index_rows(event: DecodedEvent, collection: Collection, scale: ColorScale): Uint8Array {
  const column = find_column(collection, scale.column)
  if (column == null || scale.kind == "none") {
    return new Uint8Array(collection.count).fill(NONE)
  }
  if (scale.kind != "category") {
    return index_values(column.values, scale)
  }
  const ranks = cluster_ranks(event)
  const {values} = column
  return new Uint8Array(values.length).map((_, row) => {
    const rank = ranks.get(values[row])
    return rank == null ? NONE : rank % scale.used
  })
}
