// The blocks of one level that are seen, side by side on one canvas: so that they have no seams when it is drawn smaller.
import {same_window} from "./lie"
import type {Lie, Window} from "./lie"
import type {Block, BlockStore} from "./block_store"
import {BLOCK} from "./packet"
import type {Paints} from "./paints"

const CRISP = 2 // from more device pixels for one of the level on, single pixels are meant to be seen
const AROUND = 2 // pixels more than are seen, so that smoothing does not see the end

export class Sheet {
  private canvas = document.createElement("canvas")
  private spare = document.createElement("canvas")
  private readonly image = new ImageData(BLOCK, BLOCK)
  private readonly pixels = new Uint32Array(this.image.data.buffer)
  private readonly painted = new Map<string, Block[]>()
  private window: Window | null = null

  // How many blocks are on it, and whether all are that should be.
  get count(): number {
    return this.painted.size
  }

  get complete(): boolean {
    const {window} = this
    return window != null && this.painted.size == (window.right - window.left) * (window.bottom - window.top)
  }

  // The colours are other ones.
  forget(): void {
    this.window = null
  }

  // Put all blocks of a window on it that are there and not yet painted.
  fill(window: Window, layers: number, store: BlockStore, paints: Paints): void {
    if (this.window == null || !same_window(window, this.window)) {
      this.move(window)
    }
    for (let row = window.top; row < window.bottom; row++) {
      for (let column = window.left; column < window.right; column++) {
        this.put(window, column, row, layers, store, paints)
      }
    }
  }

  // What lies in the old window and in the new one needs not be painted again.
  private move(window: Window): void {
    const [before, old] = [this.window, this.canvas]
    this.canvas = this.spare
    this.spare = old
    this.canvas.width = BLOCK * (window.right - window.left) // empties it
    this.canvas.height = BLOCK * (window.bottom - window.top)
    this.window = window
    if (before == null) {
      this.painted.clear()
      return
    }
    this.canvas.getContext("2d")!.drawImage(old, BLOCK * (before.left - window.left), BLOCK * (before.top - window.top))
    for (const [key, [{column, row}]] of this.painted) {
      if (column < window.left || column >= window.right || row < window.top || row >= window.bottom) {
        this.painted.delete(key)
      }
    }
  }

  private put(window: Window, column: number, row: number, layers: number, store: BlockStore, paints: Paints): void {
    const blocks: Block[] = []
    for (let layer = 0; layer < layers; layer++) {
      const block = store.use(layer, window.level, column, row)
      if (block == null) {
        return
      }
      blocks.push(block)
    }
    const key = `${column}/${row}`
    const before = this.painted.get(key)
    const [{width, height}] = blocks
    if (before?.every((block, k) => block == blocks[k]) || blocks.some((each) => each.width != width || each.height != height)) {
      return
    }
    const whole = width == BLOCK && height == BLOCK
    const image = whole ? this.image : new ImageData(width, height)
    paints.paint(blocks, whole ? this.pixels : new Uint32Array(image.data.buffer))
    this.canvas.getContext("2d")!.putImageData(image, BLOCK * (column - window.left), BLOCK * (row - window.top))
    this.painted.set(key, blocks)
  }

  draw(context: CanvasRenderingContext2D, lie: Lie, above_others: boolean): void {
    const {window} = this
    if (window == null || lie.seen == null || this.painted.size == 0) {
      return
    }
    const size = 2 ** window.level
    if (above_others) {
      this.clear_gaps(context, lie, size)
    }
    const [across, down] = [BLOCK * window.left, BLOCK * window.top]
    const {seen} = lie
    const left = Math.max(Math.floor(seen.left / size) - AROUND, across)
    const top = Math.max(Math.floor(seen.top / size) - AROUND, down)
    const right = Math.min(Math.ceil(seen.right / size) + AROUND, BLOCK * window.right, Math.ceil(lie.grid.width / size))
    const bottom = Math.min(Math.ceil(seen.bottom / size) + AROUND, BLOCK * window.bottom,
      Math.ceil(lie.grid.height / size))
    const [x, y] = [lie.x(left * size), lie.y(top * size)]
    context.imageSmoothingEnabled = size * Math.max(lie.px, lie.py) <= CRISP && !is_whole(lie, size)
    context.drawImage(this.canvas, left - across, top - down, right - left, bottom - top,
      x, y, Math.max(1, lie.x(right * size) - x), Math.max(1, lie.y(bottom * size) - y))
  }

  // Where a block has pixels without a value, nothing of what was drawn before may show through.
  private clear_gaps(context: CanvasRenderingContext2D, lie: Lie, size: number): void {
    for (const blocks of this.painted.values()) {
      const [{column, row, width, height}] = blocks
      if (blocks.some(({has_gaps}) => has_gaps)) {
        const [left, right] = [BLOCK * column, BLOCK * column + width].map((at) => Math.round(lie.x(at * size)))
        const [top, bottom] = [BLOCK * row, BLOCK * row + height].map((at) => Math.round(lie.y(at * size)))
        context.clearRect(left, top, right - left, bottom - top)
      }
    }
  }
}

// Whether each pixel of a level is exactly one of the screen.
function is_whole({px, py, left, top}: Lie, size: number): boolean {
  const near = (value: number) => Math.abs(value - Math.round(value)) < 1e-3
  return Math.abs(px * size - 1) < 1e-6 && Math.abs(py * size - 1) < 1e-6 && near(left) && near(top)
}
