// Cells counted into bins of R/z and φ, as the trigger's back end does; and cells of all layers that lie behind each
// other added up.
import type {Numbers} from "./packet"
import type {Outlines} from "./outlines"
import type {Positions} from "./projections"

export const BINS = {slope: {count: 42, low: 0.076, high: 0.58}, phi: {count: 216, low: -Math.PI, high: Math.PI}}

export type Groups = {
  of: Int32Array        // by row the number of its group, -1 for none
  sums: Float64Array    // by group
  leading: Uint32Array  // by group its row with the largest value
  sizes: Uint32Array    // by group its number of rows
}

const SIDE = BINS.slope.count * BINS.phi.count

// The last bin holds its upper edge, as in numpy's histograms.
function index(value: number, {count, low, high}: {count: number, low: number, high: number}): number {
  return value >= low && value < high ? Math.floor((value - low) / (high - low) * count) : value == high ? count - 1 : -1
}

// Groups are the bins of the -z endcap, then those of the +z one; in each R/z is the slower index.
export function bin_rows({x, y, z}: Positions, rows: Uint32Array, weights: Numbers | null): Groups {
  const of = new Int32Array(x.length).fill(-1)
  for (const row of rows) {
    const slope = index(Math.sqrt(x[row] * x[row] + y[row] * y[row]) / Math.abs(z[row]), BINS.slope)
    const phi = index(Math.atan2(y[row], x[row]), BINS.phi)
    if (slope >= 0 && phi >= 0) {
      of[row] = (z[row] > 0 ? SIDE : 0) + slope * BINS.phi.count + phi
    }
  }
  return add_up(of, rows, 2 * SIDE, weights)
}

function add_up(of: Int32Array, rows: Uint32Array, count: number, weights: Numbers | null): Groups {
  const groups = {of, sums: new Float64Array(count), leading: new Uint32Array(count), sizes: new Uint32Array(count)}
  const most = new Float64Array(count).fill(-Infinity)
  for (const row of rows) {
    const group = of[row]
    if (group < 0) {
      continue
    }
    const weight = weights == null ? 1 : weights[row]
    if (weight > most[group] || groups.sizes[group] == 0) {
      most[group] = weight
      groups.leading[group] = row
    }
    groups.sums[group] += isFinite(weight) ? weight : 0
    groups.sizes[group]++
  }
  return groups
}

// The rectangles of all bins, with R/z negative in the -z endcap.
export function bin_outlines(): Outlines {
  const made = {
    x: new Float32Array(2 * SIDE), y: new Float32Array(2 * SIDE), stride: 4, corners: new Float32Array(16 * SIDE),
  }
  const edge = ({count, low, high}: {count: number, low: number, high: number}, i: number) =>
    low + (high - low) * i / count
  for (let group = 0; group < 2 * SIDE; group++) {
    const sign = group < SIDE ? -1 : 1
    const [slope, phi] = [Math.floor(group % SIDE / BINS.phi.count), group % BINS.phi.count]
    const [x0, x1] = [sign * edge(BINS.slope, slope), sign * edge(BINS.slope, slope + 1)]
    const [y0, y1] = [edge(BINS.phi, phi), edge(BINS.phi, phi + 1)]
    made.x[group] = (x0 + x1) / 2
    made.y[group] = (y0 + y1) / 2
    made.corners.set([x0, y0, x1, y0, x1, y1, x0, y1], 8 * group)
  }
  return made
}

const CLOSE = 0.1 // cm: cells nearer than this lie behind each other
const PITCH = 0.5 // cm, of the grid in which they are looked for

// Cells of one endcap with the same middle in x and y and the same shape.
export function stack_rows({x, y, z}: Positions, shape: Numbers | null, rows: Uint32Array,
    weights: Numbers | null): Groups {
  const of = new Int32Array(x.length).fill(-1)
  const firsts: number[] = [] // by group its first row
  const buckets = new Map<number, number>() // by place the newest group
  const older: number[] = [] // by group the one before it in the same place
  const key = (i: number, j: number, row: number) =>
    ((i + 4096) * 8192 + j + 4096) * 16 + (shape?.[row] ?? 0) * 2 + (z[row] > 0 ? 1 : 0)
  const find = (row: number): number => {
    const [i0, i1] = [Math.floor((x[row] - CLOSE) / PITCH), Math.floor((x[row] + CLOSE) / PITCH)]
    const [j0, j1] = [Math.floor((y[row] - CLOSE) / PITCH), Math.floor((y[row] + CLOSE) / PITCH)]
    for (let i = i0; i <= i1; i++) {
      for (let j = j0; j <= j1; j++) {
        for (let group = buckets.get(key(i, j, row)) ?? -1; group >= 0; group = older[group]) {
          if (Math.abs(x[firsts[group]] - x[row]) < CLOSE && Math.abs(y[firsts[group]] - y[row]) < CLOSE) {
            return group
          }
        }
      }
    }
    return -1
  }
  for (const row of rows) {
    if (!isFinite(x[row] + y[row])) {
      continue
    }
    let group = find(row)
    if (group < 0) {
      group = firsts.length
      firsts.push(row)
      const place = key(Math.floor(x[row] / PITCH), Math.floor(y[row] / PITCH), row)
      older.push(buckets.get(place) ?? -1)
      buckets.set(place, group)
    }
    of[row] = group
  }
  return add_up(of, rows, firsts.length, weights)
}
