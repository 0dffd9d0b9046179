// How many pixels have which value, for a small picture: from the counts between edges, and where these are too coarse
// from the quantiles.
import type {LayerInfo} from "./layer_info"
import {part_below} from "./mapping"

export type Range = [number, number]

const DECADES = 4 // of the heights that can be told apart
const SPARE = 0.15 // of the limits, beyond them on either side

// What part of all pixels lies below each of some values, by the counts; straight lines between the edges.
function parts_by_counts({counts, edges}: LayerInfo, values: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const parts = new Float64Array(values.length)
  let [bin, below] = [0, 0]
  for (let k = 0; k < values.length; k++) {
    const value = values[k]
    while (bin < counts.length && edges[bin + 1] <= value) {
      below += counts[bin++]
    }
    const inside = bin < counts.length && value > edges[bin] ?
      counts[bin] * (value - edges[bin]) / (edges[bin + 1] - edges[bin]) : 0
    parts[k] = total == 0 ? 0 : (below + inside) / total
  }
  return parts
}

// The width of the bin in which a value lies; 0 outside of all.
function bin_width({edges}: LayerInfo, value: number): number {
  let [low, high] = [0, edges.length - 1]
  if (!(value >= edges[low]) || value > edges[high]) {
    return 0
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (edges[middle] <= value) {
      low = middle
    } else {
      high = middle
    }
  }
  return edges[high] - edges[low]
}

/* The heights, 0 to 1 and logarithmic, of so many columns that share a range. */
export function heights(info: LayerInfo, [low, high]: Range, columns: number): Float64Array {
  const values = Float64Array.from({length: columns + 1}, (_, k) => low + (high - low) * k / columns)
  const by_counts = parts_by_counts(info, values)
  const step = (high - low) / columns
  const masses = Float64Array.from({length: columns}, (_, k) => {
    const coarse = bin_width(info, (values[k] + values[k + 1]) / 2) > step
    return Math.max(0, coarse ? part_below(info.quantiles, values[k + 1]) - part_below(info.quantiles, values[k]) :
      by_counts[k + 1] - by_counts[k])
  })
  const most = masses.reduce((a, b) => Math.max(a, b), 0)
  const steps = 10 ** DECADES
  return most == 0 ? masses : masses.map((mass) => Math.log10(1 + steps * mass / most) / Math.log10(1 + steps))
}

// Least and greatest value of all.
export function reach({limits, quantiles}: LayerInfo): Range {
  const [low, high] = limits.get("minmax") ?? [quantiles[0], quantiles[quantiles.length - 1]]
  return low < high ? [low, high] : [low - 0.5, low + 0.5]
}

// What is to be seen of the histogram: the limits, nearly all pixels, and a little more.
export function first_range(info: LayerInfo, [low, high]: Range): Range {
  const [most_low, most_high] = info.limits.get("99.5") ?? reach(info)
  const [a, b] = [Math.min(low, most_low), Math.max(high, most_high)]
  const spare = SPARE * (b - a)
  return [a - spare, b + spare]
}

// With as many digits as the range makes sense of.
export function write_value(value: number, [low, high]: Range): string {
  if (value == 0) {
    return "0"
  }
  const size = Math.abs(value)
  const step = (high - low) / 1000
  const figures = Math.max(2, Math.min(15, Math.ceil(Math.log10(size / step)) + 1))
  if (!isFinite(figures)) {
    return `${value}`
  }
  if (size >= 1e6 || size < 1e-3) {
    return value.toExponential(figures - 1).replace(/\.?0+e/, "e").replace("e+", "e")
  }
  return `${+value.toPrecision(figures)}`
}

// NaN of what is no number.
export function read_value(text: string): number {
  const plain = text.trim().replace(/[\u2212\u2013]/, "-").replace(",", ".")
  return plain == "" ? NaN : Number(plain)
}
