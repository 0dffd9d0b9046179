// How an image lies in a figure's frame, in device pixels from the frame's left upper corner; and what of it is seen.
import type {Screen} from "../events/screen"
import {BLOCK} from "./packet"
import type {Area} from "./packet"

// As `Grid` in data_sources/images/model.py.
export type Grid = {width: number, height: number, first: number, bottom_up: boolean}

// Blocks of a level, without the last ones.
export type Window = {level: number, left: number, top: number, right: number, bottom: number}

// Of an edge left of (above) each column (row): whole numbers are edges, the first pixel lies between 0 and 1.
export function column_edge(grid: Grid, x: number): number {
  return x - grid.first + 0.5
}

export function row_edge(grid: Grid, y: number): number {
  return grid.bottom_up ? grid.height - 0.5 - (y - grid.first) : y - grid.first + 0.5
}

const limited = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

export class Lie {
  readonly px: number // device pixels for one pixel of level 0
  readonly py: number
  readonly left: number // of the image, in device pixels
  readonly top: number
  readonly width: number // of the frame, in device pixels
  readonly height: number
  readonly level: number // that has most nearly the screen's pixels
  readonly seen: Area | null // of the image; null: nothing

  constructor(readonly grid: Grid, readonly levels: number, readonly screen: Screen) {
    const {ax, ay, ratio} = screen
    const {width, height, first, bottom_up} = grid
    this.px = ax * ratio
    this.py = (bottom_up ? -ay : ay) * ratio
    this.left = screen.x(first - 0.5) * ratio
    this.top = screen.y(bottom_up ? first + height - 0.5 : first - 0.5) * ratio
    this.width = Math.ceil(screen.width * ratio)
    this.height = Math.ceil(screen.height * ratio)
    this.level = limited(Math.round(-Math.log2(Math.min(this.px, this.py))), 0, levels - 1)
    const seen = {
      left: limited(-this.left / this.px, 0, width), right: limited((this.width - this.left) / this.px, 0, width),
      top: limited(-this.top / this.py, 0, height), bottom: limited((this.height - this.top) / this.py, 0, height),
    }
    this.seen = seen.left < seen.right && seen.top < seen.bottom ? seen : null
  }

  // Whether there is anything to reckon with: square or not, but neither mirrored nor infinite.
  get is_sound(): boolean {
    return this.px > 0 && this.py > 0 && isFinite(this.px + this.py + this.left + this.top) && this.width > 0 &&
      this.height > 0 && this.width <= 16384 && this.height <= 16384
  }

  x(column: number): number {
    return this.left + this.px * column
  }

  y(row: number): number {
    return this.top + this.py * row
  }

  // The blocks of a level that are seen.
  window(level: number): Window | null {
    if (this.seen == null) {
      return null
    }
    const {left, top, right, bottom} = this.seen
    const side = BLOCK * 2 ** level
    return {
      level, left: Math.floor(left / side), top: Math.floor(top / side), right: Math.ceil(right / side),
      bottom: Math.ceil(bottom / side),
    }
  }
}

export function same_window(a: Window, b: Window): boolean {
  return a.level == b.level && a.left == b.left && a.top == b.top && a.right == b.right && a.bottom == b.bottom
}

// All blocks of a window, those nearest to the middle of what is seen first.
export function from_middle({level, left, top, right, bottom}: Window, seen: Area): [number, number][] {
  const places: [number, number, number][] = []
  const side = 2 * BLOCK * 2 ** level
  const [x, y] = [(seen.left + seen.right) / side - 0.5, (seen.top + seen.bottom) / side - 0.5]
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      places.push([column, row, (column - x) ** 2 + (row - y) ** 2])
    }
  }
  return places.sort((a, b) => a[2] - b[2]).map(([column, row]) => [column, row])
}
