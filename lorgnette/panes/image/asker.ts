// Asks the server for what is seen and not held, and acknowledges what has come.
import type {BlockStore} from "./block_store"
import {key_of} from "./block_store"
import type {Question} from "./image_events"
import {from_middle} from "./lie"
import type {Lie} from "./lie"

const GAP_MS = 50 // between two questions
const SEEN_MS = 8 // in which acknowledgements are put together
const PATIENCE_MS = 3000 // after which is asked again; then twice as long
const MOST_PATIENCE_MS = 30_000
const MOST_MISSING = 512 // blocks in one question

export type Desk = {
  lie(): Lie | null
  corners(): {x0: number, y0: number, x1: number, y1: number}
  version(): string
  layers(): number
  store: BlockStore
  display(): Question["display"]
  ask(question: Question): void
  seen(number: number): void
}

type Missing = {flat: number[], count: number, of: Set<string>}

export class Asker {
  number = 0 // of the newest question
  missing_count = 0 // blocks that are seen and not held, when it was last looked
  private view = "" // what the newest question was about
  private asked = new Set<string>()
  private seen = 0
  private last_ms = -Infinity
  private patience_ms = PATIENCE_MS
  private turn: number | undefined
  private saying: number | undefined
  private doubt: number | undefined

  constructor(private readonly desk: Desk) {}

  end(): void {
    for (const timer of [this.turn, this.saying, this.doubt]) {
      clearTimeout(timer)
    }
  }

  // A packet has come; what is in it may not be ready yet.
  acknowledge(number: number): void {
    this.seen = Math.max(this.seen, number)
    this.patience_ms = PATIENCE_MS
    this.saying ??= setTimeout(() => {
      this.saying = undefined
      this.desk.seen(this.seen)
    }, SEEN_MS)
  }

  // Ask if there is something to ask: the view is another one, or the newest question is answered and not enough.
  look(): void {
    const lie = this.desk.lie()
    if (lie == null || this.desk.version() == "" || this.desk.layers() == 0) {
      return
    }
    const missing = this.find(lie)
    this.missing_count = missing.count
    const other = this.key(lie) != this.view
    if (!other && (missing.count == 0 || [...missing.of].some((key) => this.asked.has(key)))) {
      return // nothing new, or it is still on its way
    }
    const wait = this.last_ms + GAP_MS - performance.now()
    if (wait > 0) {
      this.turn ??= setTimeout(() => {
        this.turn = undefined
        this.look()
      }, wait)
    } else {
      this.ask(lie, missing, other)
    }
  }

  private key({screen: {ax, bx, ay, by, width, height, ratio}, level}: Lie): string {
    return [ax, bx, ay, by, width, height, ratio, level, this.desk.version()].join()
  }

  private find(lie: Lie): Missing {
    const {store} = this.desk
    const missing: Missing = {flat: [], count: 0, of: new Set()}
    const {level} = lie
    const window = lie.window(level)
    const layers = this.desk.layers()
    for (const [column, row] of window == null ? [] : from_middle(window, lie.seen!)) {
      for (let layer = 0; layer < layers; layer++) {
        if (!store.has(layer, level, column, row)) {
          missing.count++
          if (missing.count <= MOST_MISSING) {
            missing.flat.push(layer, level, column, row)
            missing.of.add(key_of(layer, level, column, row))
          }
        }
      }
    }
    return missing
  }

  private ask(lie: Lie, missing: Missing, preview: boolean): void {
    this.last_ms = performance.now()
    this.view = this.key(lie)
    this.asked = missing.of
    this.number++
    const {width, height, level, screen: {ax}} = lie
    this.desk.ask({
      number: this.number, version: this.desk.version(), ...this.desk.corners(), width, height, zoom: ax, level,
      missing: missing.flat, preview: preview && missing.count != 0, display: this.desk.display(), seen: this.seen,
    })
    clearTimeout(this.doubt)
    if (missing.count != 0) {
      this.doubt = setTimeout(() => this.ask_again(), this.patience_ms)
    }
  }

  // Something is lost, or takes long.
  private ask_again(): void {
    this.patience_ms = Math.min(2 * this.patience_ms, MOST_PATIENCE_MS)
    this.asked = new Set()
    this.look()
  }
}
