// From values to brightness: the same formulas as `data_sources/images/display.py`, for all codes at once.
import type {Code} from "./packet"

export const CODES = 65536
const MIDDLE = 32768
const LOG_SPAN = Math.log10(1001)
const ASINH_SPAN = Math.asinh(10)

export type Stretch = "linear" | "log" | "asinh" | "sqrt" | "gamma" | "histogram"

// How one layer becomes brightness; `quantiles` are values at equal steps of probability.
export type Mapping = {
  stretch: Stretch
  low: number
  high: number
  gamma: number
  brightness: number
  contrast: number
  quantiles: Float64Array
}

export function clip(value: number): number {
  return value > 0 ? value < 1 ? value : 1 : 0 // NaN: 0
}

/* The part of all values up to this one, along straight lines through the quantiles. Where several are the same, the
 * part of the last of them counts. */
export function part_below(quantiles: Float64Array, value: number): number {
  const last = quantiles.length - 1
  if (!(value >= quantiles[0])) {
    return 0
  }
  if (value >= quantiles[last]) {
    return 1
  }
  let [low, high] = [0, last] // quantiles[low] <= value < quantiles[high]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (quantiles[middle] <= value) {
      low = middle
    } else {
      high = middle
    }
  }
  return (low + (value - quantiles[low]) / (quantiles[high] - quantiles[low])) / last
}

function quantile(quantiles: Float64Array, part: number): number {
  const last = quantiles.length - 1
  const at = clip(part) * last
  const k = Math.min(Math.floor(at), last - 1)
  return quantiles[k] + (at - k) * (quantiles[k + 1] - quantiles[k])
}

function stretched({stretch, gamma}: Mapping): (t: number) => number {
  switch (stretch) {
    case "log": return (t) => Math.log10(1 + 1000 * t) / LOG_SPAN
    case "asinh": return (t) => Math.asinh(10 * t) / ASINH_SPAN
    case "sqrt": return Math.sqrt
    case "gamma": return (t) => t ** (1 / gamma)
    default: return (t) => t
  }
}

function unstretched({stretch, gamma}: Mapping): (t: number) => number {
  switch (stretch) {
    case "log": return (t) => (10 ** (t * LOG_SPAN) - 1) / 1000
    case "asinh": return (t) => Math.sinh(t * ASINH_SPAN) / 10
    case "sqrt": return (t) => t * t
    case "gamma": return (t) => t ** gamma
    default: return (t) => t
  }
}

// From values to 0..1, infinities to the ends; NaN becomes 0.
export function brightness_of(mapping: Mapping): (value: number) => number {
  const {stretch, low, high, brightness, contrast, quantiles} = mapping
  const adjusted = (t: number) => clip((t - 0.5) * contrast + 0.5 + brightness)
  const [dark, bright] = [adjusted(0), adjusted(1)]
  let between: (value: number) => number
  if (stretch == "histogram") {
    const [first, last] = [part_below(quantiles, low), part_below(quantiles, high)]
    const span = last > first ? last - first : 1
    between = (value) => adjusted(clip((part_below(quantiles, value) - first) / span))
  } else {
    const bend = stretched(mapping)
    const span = high - low
    between = (value) => adjusted(bend(clip((value - low) / span)))
  }
  return (value) => value >= high ? bright : value > low ? between(value) : value <= low ? dark : 0
}

// A value that has this brightness; where several have, one of them.
export function value_of(mapping: Mapping): (t: number) => number {
  const {stretch, low, high, brightness, contrast, quantiles} = mapping
  const plain = (t: number) => contrast == 0 ? 0.5 : clip((t - 0.5 - brightness) / contrast + 0.5)
  if (stretch == "histogram") {
    const [first, last] = [part_below(quantiles, low), part_below(quantiles, high)]
    return (t) => Math.min(Math.max(quantile(quantiles, first + plain(t) * (last - first)), low), high)
  }
  const unbend = unstretched(mapping)
  return (t) => low + unbend(plain(t)) * (high - low)
}

// The value of each code, of which 0 is NaN.
export function decoded({kind, offset, scale, softening}: Code): Float64Array {
  const values = new Float64Array(CODES)
  for (let code = 1; code < CODES; code++) {
    values[code] = kind == "linear" ?
      offset + scale * (code - 1) : offset + softening * Math.sinh(scale * (code - MIDDLE))
  }
  values[0] = NaN
  if (kind == "asinh") {
    values[1] = -Infinity
    values[CODES - 1] = Infinity
  }
  return values
}

export function same_code(a: Code, b: Code): boolean {
  return a.kind == b.kind && a.offset == b.offset && a.scale == b.scale && a.softening == b.softening
}

export function same_mapping(a: Mapping, b: Mapping): boolean {
  return a.stretch == b.stretch && a.low == b.low && a.high == b.high && a.gamma == b.gamma &&
    a.brightness == b.brightness && a.contrast == b.contrast && a.quantiles == b.quantiles
}
