// Finds the polygons near a place: a grid of buckets, each with the polygons whose boxes touch it.

const PER_BUCKET = 2
const MOST_BUCKETS = 1 << 16
const MANY_BUCKETS = 256 // an item that touches more is kept aside and always looked at

export type Boxes = {x0: Float32Array, y0: Float32Array, x1: Float32Array, y1: Float32Array} // one of each per item

// The boxes of some rows of polygons; of those without a place, NaN.
export function boxes(corners: Float32Array, stride: number, rows: Uint32Array): Boxes {
  const n = rows.length
  const made = {
    x0: new Float32Array(n), y0: new Float32Array(n), x1: new Float32Array(n), y1: new Float32Array(n),
  }
  for (let k = 0; k < n; k++) {
    const start = 2 * stride * rows[k]
    let [x0, y0] = [corners[start], corners[start + 1]]
    let [x1, y1] = [x0, y0]
    for (let at = start + 2; at < start + 2 * stride; at += 2) {
      const [x, y] = [corners[at], corners[at + 1]]
      x0 = x < x0 ? x : x0
      x1 = x > x1 ? x : x1
      y0 = y < y0 ? y : y0
      y1 = y > y1 ? y : y1
    }
    made.x0[k] = x0
    made.y0[k] = y0
    made.x1[k] = x1
    made.y1[k] = y1
  }
  return made
}

export class Grid {
  private readonly columns: number = 1
  private readonly lines: number = 1
  private readonly left: number = 0
  private readonly low: number = 0
  private readonly dx: number = 1
  private readonly dy: number = 1
  private readonly starts: Uint32Array
  private readonly items: Uint32Array
  private readonly large: number[] = []

  constructor(private readonly boxes: Boxes) {
    const {x0, y0, x1, y1} = boxes
    const n = x0.length
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
    for (let k = 0; k < n; k++) {
      if (isFinite(x0[k] + x1[k] + y0[k] + y1[k])) {
        left = Math.min(left, x0[k])
        right = Math.max(right, x1[k])
        low = Math.min(low, y0[k])
        high = Math.max(high, y1[k])
      }
    }
    if (right >= left) {
      const side = Math.ceil(Math.sqrt(Math.min(MOST_BUCKETS, Math.max(1, n / PER_BUCKET))))
      this.columns = right > left ? side : 1
      this.lines = high > low ? side : 1
      this.left = left
      this.low = low
      this.dx = (right - left || 1) / this.columns
      this.dy = (high - low || 1) / this.lines
    }
    this.starts = new Uint32Array(this.columns * this.lines + 1)
    this.each_bucket((bucket) => this.starts[bucket + 1]++)
    for (let bucket = 0; bucket < this.columns * this.lines; bucket++) {
      this.starts[bucket + 1] += this.starts[bucket]
    }
    this.items = new Uint32Array(this.starts[this.columns * this.lines])
    const next = this.starts.slice()
    this.large.length = 0
    this.each_bucket((bucket, k) => this.items[next[bucket]++] = k)
  }

  private each_bucket(visit: (bucket: number, item: number) => void): void {
    const {x0, y0, x1, y1} = this.boxes
    for (let k = 0; k < x0.length; k++) {
      if (!isFinite(x0[k] + x1[k] + y0[k] + y1[k])) {
        continue
      }
      const [first, last] = [this.column(x0[k]), this.column(x1[k])]
      const [bottom, top] = [this.line(y0[k]), this.line(y1[k])]
      if ((last - first + 1) * (top - bottom + 1) > MANY_BUCKETS) {
        this.large.push(k)
        continue
      }
      for (let line = bottom; line <= top; line++) {
        for (let column = first; column <= last; column++) {
          visit(line * this.columns + column, k)
        }
      }
    }
  }

  private column(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor((x - this.left) / this.dx)))
  }

  private line(y: number): number {
    return Math.max(0, Math.min(this.lines - 1, Math.floor((y - this.low) / this.dy)))
  }

  // Visits the items whose boxes reach into the rectangle; some of them more than once.
  near(x0: number, y0: number, x1: number, y1: number, visit: (item: number) => void): void {
    const {boxes} = this
    const look = (k: number) => {
      if (boxes.x1[k] >= x0 && boxes.x0[k] <= x1 && boxes.y1[k] >= y0 && boxes.y0[k] <= y1) {
        visit(k)
      }
    }
    const last = this.column(x1)
    for (let line = this.line(y0); line <= this.line(y1); line++) {
      for (let column = this.column(x0); column <= last; column++) {
        const bucket = line * this.columns + column
        for (let at = this.starts[bucket]; at < this.starts[bucket + 1]; at++) {
          look(this.items[at])
        }
      }
    }
    this.large.forEach(look)
  }
}
