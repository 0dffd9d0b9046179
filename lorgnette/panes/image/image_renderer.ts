import {Signal, Signal0} from "@bokehjs/core/signaling"
import type * as p from "@bokehjs/core/properties"
import {Renderer} from "@bokehjs/models/renderers/renderer"
import type {Look} from "./camera"
import {ImageDisplay} from "./image_display"
import type {Question} from "./image_events"
import {ImageRendererView} from "./image_renderer_view"
import {Incoming} from "./incoming"
import {column_edge, row_edge} from "./lie"
import type {Grid} from "./lie"
import {Paints} from "./paints"

// `values` are approximate, by layer, means over 2^level pixels to a side; empty while nothing is held there.
export type Pointed = {x: number, y: number, number: number, column: number, row: number, level: number, values: number[]}

export namespace ImageRenderer {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Renderer.Props & {
    display: p.Property<ImageDisplay>
    grid: p.Property<[number, number, number, boolean] | null>
    levels: p.Property<number>
    version: p.Property<string>
    packet: p.Property<ArrayBuffer>
    go: p.Property<Map<string, number> | {[name: string]: number}>
    progress: p.Property<number>
    notice: p.Property<string>
    problem: p.Property<string>
  }
}

export interface ImageRenderer extends ImageRenderer.Attrs {}

/* A huge image in a figure. The page's scripts may call `fit`, `zoom_to` and `look_at`, and listen to `moved`. */
export class ImageRenderer extends Renderer {
  declare properties: ImageRenderer.Props
  declare __view_type__: ImageRendererView

  declare arrived: Signal<number, this> // number of a packet
  declare ready: Signal<number, this> // number of a preview's question; 0: blocks
  declare looked: Signal<Partial<Look>, this>
  declare moved: Signal0<this> // what is pointed at is another pixel, or none
  declare incoming: Incoming
  declare pointed: Pointed | null
  declare pointer_number: number

  declare private paints: Paints
  declare private colors_stale: boolean

  constructor(attrs?: Partial<ImageRenderer.Attrs>) {
    super(attrs)
  }

  override initialize(): void {
    super.initialize()
    this.arrived = new Signal(this, "arrived")
    this.ready = new Signal(this, "ready")
    this.looked = new Signal(this, "looked")
    this.moved = new Signal0(this, "moved")
    this.incoming = new Incoming({
      version: () => this.version,
      arrived: (number) => this.arrived.emit(number),
      ready: (ask) => {
        this.problem = ""
        this.ready.emit(ask)
      },
      failed: (error) => this.fail(error),
    })
    this.pointed = null
    this.pointer_number = 0
    this.paints = new Paints()
    this.colors_stale = true
  }

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.properties.packet.change, () => this.take_packet())
    this.take_packet()
  }

  get shape(): Grid | null {
    if (this.grid == null) {
      return null
    }
    const [width, height, first, bottom_up] = this.grid
    return {width, height, first, bottom_up}
  }

  // So that all is seen.
  fit(): void {
    this.looked.emit({zoom: 0})
  }

  // CSS pixels for one of the image, around the middle.
  zoom_to(zoom: number): void {
    this.looked.emit({zoom})
  }

  look_at(x: number, y: number, zoom?: number): void {
    this.looked.emit({x, y, ...(zoom == null ? {} : {zoom})})
  }

  // By layer what is known of the value at a place, from the finest blocks that are held; null: nothing.
  value_at(x: number, y: number): {level: number, values: number[]} | null {
    const {shape} = this
    if (shape == null) {
      return null
    }
    const [column, row] = [Math.floor(column_edge(shape, x)), Math.floor(row_edge(shape, y))]
    const found = this.display.layers.map((_, layer) => this.incoming.store.look(layer, column, row, this.levels))
    if (found.length == 0 || found.some((each) => each == null)) {
      return null
    }
    return {
      level: Math.max(...found.map((each) => each!.level)),
      values: found.map((each) => this.paints.value(each!.code, each!.value)),
    }
  }

  // Whether there is a pixel.
  point(x: number, y: number): boolean {
    const shape = this.shape!
    const [column, row] = [Math.floor(column_edge(shape, x)), Math.floor(row_edge(shape, y))]
    if (column < 0 || row < 0 || column >= shape.width || row >= shape.height) {
      return false
    }
    const {level, values} = this.value_at(x, y) ?? {level: 0, values: []}
    this.pointed = {x, y, number: ++this.pointer_number, column, row, level, values}
    this.moved.emit()
    return true
  }

  leave(): void {
    this.pointed = null
    this.pointer_number++
    this.moved.emit()
  }

  start_anew(): void {
    this.problem = ""
    this.incoming.clear()
  }

  repaint_colors(): void {
    this.colors_stale = true
    this.incoming.previews.forget()
  }

  get holdings(): {layers: number, store: Incoming["store"], previews: Incoming["previews"], paints: Paints} {
    if (this.colors_stale) {
      this.colors_stale = false
      this.paints.set(this.display)
    }
    const {incoming: {store, previews}, paints} = this
    return {layers: Math.max(1, this.display.layers.length), store, previews, paints}
  }

  said_display(): Question["display"] {
    const {limits: _, ...options} = this.display.options
    const ranges = this.display.ranges()
    return {...options, low: ranges.map(([low]) => low), high: ranges.map(([, high]) => high)}
  }

  // What the server wants to be looked at.
  target(): Partial<Look> {
    const {go} = this
    const {x, y, zoom} = (go instanceof Map ? Object.fromEntries(go) : go) as Partial<Look>
    return {...(x == null ? {} : {x}), ...(y == null ? {} : {y}), ...(zoom == null ? {} : {zoom})}
  }

  private take_packet(): void {
    if (this.packet.byteLength != 0) {
      this.incoming.take(this.packet)
    }
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.problem = `A piece of the image could not be read: ${reason}.`
    console.warn(this.problem)
  }

  static override __module__ = "lorgnette.panes.image.image_renderer"

  static {
    this.prototype.default_view = ImageRendererView

    this.define<ImageRenderer.Props>(({Bool, Bytes, Dict, Float, Int, Nullable, Ref, Str, Tuple}) => ({
      display:  [ Ref(ImageDisplay) ],
      grid:     [ Nullable(Tuple(Int, Int, Int, Bool)), null ],
      levels:   [ Int, 1 ],
      version:  [ Str, "" ],
      packet:   [ Bytes, () => new ArrayBuffer(0) ],
      go:       [ Dict(Float), () => ({}) ],
      progress: [ Float, 1 ],
      notice:   [ Str, "" ],
      problem:  [ Str, "" ],
    }))

    this.override<ImageRenderer.Props>({
      level: "image",
    })
  }
}
