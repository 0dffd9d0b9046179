// The picture of an image in a figure's frame, at the screen's own pixels: what is held of it, the coarsest lowest.
import type {BlockStore} from "./block_store"
import type {Lie} from "./lie"
import type {Area} from "./packet"
import type {Paints} from "./paints"
import type {Previews} from "./previews"
import {Sheet} from "./sheet"

const MANY_PIXELS = 4 << 20 // of a sheet that is finer than the screen

export type Holdings = {layers: number, store: BlockStore, previews: Previews, paints: Paints}

type Snapshot = {area: Area, canvas: HTMLCanvasElement}

export class Stage {
  readonly canvas = document.createElement("canvas")
  private readonly context = this.canvas.getContext("2d")!
  private readonly sheets = new Map<number, Sheet>()
  private snapshot: Snapshot | null = null
  private lie: Lie | null = null // for which it was painted
  private stale = true

  level = -1 // whose blocks were drawn last

  blocks = 0 // how many of them

  complete = false // whether nothing else can be seen

  // Something has come.
  refresh(): void {
    this.stale = true
  }

  // The colours are other ones.
  forget(): void {
    this.stale = true
    this.sheets.forEach((sheet) => sheet.forget())
  }

  // Another image, or another one of the same size: then what is seen stays until there is something in its place.
  clear(keep: boolean): void {
    const {lie, canvas} = this
    if (!keep) {
      this.snapshot = null
    } else if (lie?.seen != null && this.level >= 0) {
      const copy = document.createElement("canvas")
      copy.width = canvas.width
      copy.height = canvas.height
      copy.getContext("2d")!.drawImage(canvas, 0, 0)
      const [left, top] = [-lie.left / lie.px, -lie.top / lie.py]
      this.snapshot = {
        area: {left, top, right: left + canvas.width / lie.px, bottom: top + canvas.height / lie.py}, canvas: copy,
      }
    }
    this.sheets.clear()
    this.level = -1
    this.stale = true
  }

  // There is something of what is to be seen now.
  drop_snapshot(): void {
    this.snapshot = null
  }

  paint(lie: Lie, holdings: Holdings): void {
    const {canvas, context} = this
    const same = this.lie != null && this.lie.levels == lie.levels && this.lie.screen.equals(lie.screen)
    if (same && !this.stale) {
      return
    }
    this.lie = lie
    this.stale = false
    if (canvas.width != lie.width || canvas.height != lie.height) {
      canvas.width = lie.width
      canvas.height = lie.height
    } else {
      context.clearRect(0, 0, canvas.width, canvas.height)
    }
    context.save()
    context.beginPath()
    const [left, top] = [lie.x(0), lie.y(0)]
    // Of an image of few rows or columns, at least a line is seen.
    const [width, height] = [lie.x(lie.grid.width) - left, lie.y(lie.grid.height) - top]
    context.rect(left, top, Math.max(1, width), Math.max(1, height))
    context.clip() // the last pixels of a level reach beyond the image
    this.draw_all(lie, holdings)
    context.restore()
  }

  private draw_all(lie: Lie, holdings: Holdings): void {
    const sheet = this.filled(lie, lie.level, holdings)
    this.level = lie.level
    this.blocks = sheet?.count ?? 0
    this.complete = sheet?.complete ?? lie.seen == null
    const used = new Set([lie.level])
    if (this.complete) {
      this.snapshot = null
    } else {
      this.draw_below(lie, holdings, used)
    }
    sheet?.draw(this.context, lie, !this.complete)
    for (const level of this.sheets.keys()) {
      if (!used.has(level)) {
        this.sheets.delete(level)
      }
    }
  }

  private draw_below(lie: Lie, holdings: Holdings, used: Set<number>): void {
    const {context, snapshot} = this
    if (snapshot != null) {
      const {area: {left, top, right, bottom}, canvas} = snapshot
      context.drawImage(canvas, lie.x(left), lie.y(top), lie.px * (right - left), lie.py * (bottom - top))
    }
    const {previews, paints, store} = holdings
    const parts: {scale: number, draw: () => void}[] = previews.scales.map((scale, k) =>
      ({scale, draw: () => previews.draw(context, lie, k, paints)}))
    for (let level = Math.max(0, lie.level - 1); level < lie.levels; level++) {
      const size = 2 ** level
      const too_many = level < lie.level && lie.width * lie.height / (lie.px * lie.py * size * size) > MANY_PIXELS
      if (level != lie.level && store.has_level(level) && !too_many) {
        used.add(level)
        parts.push({scale: size, draw: () => this.filled(lie, level, holdings)?.draw(context, lie, true)})
      }
    }
    parts.sort((a, b) => b.scale - a.scale).forEach(({draw}) => draw())
  }

  private filled(lie: Lie, level: number, {layers, store, paints}: Holdings): Sheet | null {
    const window = lie.window(level)
    if (window == null) {
      return null
    }
    let sheet = this.sheets.get(level)
    if (sheet == null) {
      sheet = new Sheet()
      this.sheets.set(level, sheet)
    }
    sheet.fill(window, layers, store, paints)
    return sheet
  }
}
