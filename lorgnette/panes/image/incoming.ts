// What the page holds of an image: takes packets, and tells when something in them is ready to be drawn.
import {BlockStore} from "./block_store"
import {unpack} from "./inflate"
import type {Mapping} from "./mapping"
import {decode} from "./packet"
import type {Blocks, Preview} from "./packet"
import {Previews} from "./previews"

const MANY_ASKS = 64 // of which is known how their previews are made

type Told = {
  version(): string
  arrived(number: number): void
  ready(ask: number): void // number of a preview's question; 0: blocks
  failed(error: unknown): void
}

export class Incoming {
  readonly store = new BlockStore()
  readonly previews = new Previews()
  private readonly made = new Map<number, Mapping[]>() // by question

  private newest = 0 // question with a preview

  private reading: Promise<void> = Promise.resolve() // of the newest preview

  constructor(private readonly told: Told) {}

  note(ask: number, mappings: Mapping[]): void {
    this.made.set(ask, mappings)
    if (this.made.size > MANY_ASKS) {
      this.made.delete(this.made.keys().next().value!)
    }
  }

  clear(): void {
    this.store.clear()
    this.previews.clear()
  }

  take(buffer: ArrayBuffer): void {
    try {
      const packet = decode(buffer)
      this.told.arrived(packet.number)
      if (packet.version == this.told.version()) {
        if ("pieces" in packet) {
          void this.take_blocks(packet).catch(this.told.failed)
        } else {
          this.reading = this.take_preview(packet).catch(this.told.failed)
        }
      }
    } catch (error) {
      this.told.failed(error)
    }
  }

  private async take_blocks({pieces, version}: Blocks): Promise<void> {
    await this.reading // what is seen first must not wait for what comes behind it
    const codes = await Promise.all(pieces.map(unpack))
    if (version == this.told.version()) {
      pieces.forEach((piece, k) => this.store.put(piece, codes[k]))
      this.told.ready(0)
    }
  }

  private async take_preview(preview: Preview): Promise<void> {
    const add = await this.previews.read(preview, preview.is_color ? null : this.made.get(preview.ask)?.[0] ?? null)
    if (preview.version == this.told.version() && preview.ask >= this.newest) {
      this.newest = preview.ask
      add()
      this.told.ready(preview.ask)
    }
  }
}
