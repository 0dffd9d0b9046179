// Places of a catalogue, sorted into the squares of a coarse grid, so that those in view or near the pointer are found
// without looking at all.

const A_BIN = 16 // places in one, about
const MOST = 512 // bins to a side

export type Rect = {x0: number, y0: number, x1: number, y1: number} // x0 <= x1, y0 <= y1

export class Bins {
  // By place in the order of bins: coordinates, and the number that it has in the catalogue.
  readonly x: Float32Array
  readonly y: Float32Array
  readonly index: Uint32Array
  readonly count: number // of those that are somewhere
  private readonly side: number
  private readonly start: Uint32Array // by bin, row after row, the first of its places
  private readonly left: number
  private readonly low: number
  private readonly width: number // of a bin
  private readonly height: number

  constructor(readonly all_x: Float32Array, readonly all_y: Float32Array) {
    const total = all_x.length
    let [left, right, low, high, count] = [Infinity, -Infinity, Infinity, -Infinity, 0]
    for (let i = 0; i < total; i++) {
      const [x, y] = [all_x[i], all_y[i]]
      if (x - x == 0 && y - y == 0) { // neither is NaN or infinite
        left = Math.min(left, x)
        right = Math.max(right, x)
        low = Math.min(low, y)
        high = Math.max(high, y)
        count++
      }
    }
    this.count = count
    this.side = Math.max(1, Math.min(MOST, Math.round(Math.sqrt(count / A_BIN))))
    this.left = left
    this.low = low
    this.width = Math.max(right - left, 1e-6) / this.side
    this.height = Math.max(high - low, 1e-6) / this.side
    this.start = new Uint32Array(this.side ** 2 + 1)
    this.x = new Float32Array(count)
    this.y = new Float32Array(count)
    this.index = new Uint32Array(count)
    this.sort()
  }

  private sort(): void {
    const {all_x, all_y, start, side} = this
    const bins = new Int32Array(all_x.length)
    for (let i = 0; i < bins.length; i++) {
      const [x, y] = [all_x[i], all_y[i]]
      bins[i] = x - x == 0 && y - y == 0 ? this.row(y) * side + this.column(x) : -1
      if (bins[i] >= 0) {
        start[bins[i] + 1]++
      }
    }
    for (let bin = 0; bin < side ** 2; bin++) {
      start[bin + 1] += start[bin]
    }
    const next = start.slice()
    for (let i = 0; i < bins.length; i++) {
      if (bins[i] >= 0) {
        const place = next[bins[i]]++
        this.x[place] = all_x[i]
        this.y[place] = all_y[i]
        this.index[place] = i
      }
    }
  }

  private column(x: number): number {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.width)))
  }

  private row(y: number): number {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.low) / this.height)))
  }

  // First and one behind the last of places one after another, together all in the rectangle and some beside it.
  within({x0, y0, x1, y1}: Rect): [number, number][] {
    const {side, start, left, low, width, height} = this
    if (this.count == 0 || x1 < left || y1 < low || x0 > left + side * width || y0 > low + side * height) {
      return []
    }
    const [first, last] = [this.column(x0), this.column(x1)]
    const runs: [number, number][] = []
    for (let row = this.row(y0); row <= this.row(y1); row++) {
      const [from, to] = [start[row * side + first], start[row * side + last + 1]]
      if (from < to) {
        runs.push([from, to])
      }
    }
    return runs
  }

  // The number in the catalogue of the place nearest to a point, at most `reach` away; -1: there is none.
  nearest(x: number, y: number, reach_x: number, reach_y: number): number {
    let [best, least] = [-1, 1]
    for (const [from, to] of this.within({x0: x - reach_x, y0: y - reach_y, x1: x + reach_x, y1: y + reach_y})) {
      for (let place = from; place < to; place++) {
        const distance = ((this.x[place] - x) / reach_x) ** 2 + ((this.y[place] - y) / reach_y) ** 2
        if (distance <= least) {
          least = distance
          best = this.index[place]
        }
      }
    }
    return best
  }
}
