// The blocks of codes that the page holds: the least recently drawn go first.
import {BLOCK} from "./packet"
import type {Code, Piece, Place} from "./packet"

const MOST_BYTES = 64 << 20 // of codes

export type Block = Place & {width: number, height: number, code: Code, codes: Uint16Array, has_gaps: boolean}

export function key_of(layer: number, level: number, column: number, row: number): string {
  return `${layer}/${level}/${column}/${row}`
}

export class BlockStore {
  private readonly blocks = new Map<string, Block>() // the least recently used first
  private bytes = 0
  private readonly levels = new Map<number, number>() // how many of each

  get size(): number {
    return this.blocks.size
  }

  put({layer, level, column, row, width, height, code}: Piece, codes: Uint16Array): void {
    const key = key_of(layer, level, column, row)
    this.remove(key)
    const has_gaps = codes.includes(0)
    this.blocks.set(key, {layer, level, column, row, width, height, code, codes, has_gaps})
    this.bytes += codes.byteLength
    this.levels.set(level, (this.levels.get(level) ?? 0) + 1)
    for (const oldest of this.blocks.keys()) {
      if (this.bytes <= MOST_BYTES) {
        break
      }
      this.remove(oldest)
    }
  }

  has(layer: number, level: number, column: number, row: number): boolean {
    return this.blocks.has(key_of(layer, level, column, row))
  }

  // For drawing: it is kept longer than what is not drawn.
  use(layer: number, level: number, column: number, row: number): Block | null {
    const key = key_of(layer, level, column, row)
    const block = this.blocks.get(key)
    if (block != null) {
      this.blocks.delete(key)
      this.blocks.set(key, block)
    }
    return block ?? null
  }

  has_level(level: number): boolean {
    return (this.levels.get(level) ?? 0) > 0
  }

  /* The code at a pixel of level 0 (whole column and row), of the finest level that is there. */
  look(layer: number, column: number, row: number, levels: number): {code: Code, value: number, level: number} | null {
    for (let level = 0; level < levels; level++) {
      const [x, y] = [column >> level, row >> level]
      const block = this.blocks.get(key_of(layer, level, Math.floor(x / BLOCK), Math.floor(y / BLOCK)))
      if (block != null) {
        const value = block.codes[(y % BLOCK) * block.width + x % BLOCK]
        return {code: block.code, value, level}
      }
    }
    return null
  }

  clear(): void {
    this.blocks.clear()
    this.levels.clear()
    this.bytes = 0
  }

  private remove(key: string): void {
    const block = this.blocks.get(key)
    if (block != null) {
      this.blocks.delete(key)
      this.bytes -= block.codes.byteLength
      this.levels.set(block.level, this.levels.get(block.level)! - 1)
    }
  }
}
