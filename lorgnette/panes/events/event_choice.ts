import {Model} from "@bokehjs/model"
import {Enum} from "@bokehjs/core/kinds"
import type {HasProps} from "@bokehjs/core/has_props"
import type {Attrs} from "@bokehjs/core/types"
import type * as p from "@bokehjs/core/properties"
import {DEFAULTS, read, write} from "./choice_text"
import type {Endcap, Options, Palette, Scale} from "./choice_text"

// Browsers allow about a hundred changes of the address in half a minute; a dragged slider makes more.
const WRITE_MS = 400

export type Texts = Map<string, string> | {[name: string]: string}

// From the server a dictionary comes as a Map, from the page's own scripts perhaps as an object.
export function plain(texts: Texts): {[name: string]: string} {
  return texts instanceof Map ? Object.fromEntries(texts) : {...texts}
}

// Keeps a choice in the page's address, and reads it from there after back and forward.
class Address {
  private timer: number | undefined
  private readonly stop = new AbortController()

  constructor(private readonly choice: EventChoice) {
    const {signal} = this.stop
    addEventListener("popstate", () => this.read(), {signal})
    addEventListener("pagehide", () => this.write(), {signal})
  }

  write_soon(): void {
    this.timer ??= setTimeout(() => this.write(), WRITE_MS)
  }

  end(): void {
    clearTimeout(this.timer)
    this.stop.abort()
  }

  private write(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const query = new URLSearchParams(location.search)
    let changed = false
    for (const [name, text] of Object.entries(write(this.choice.options))) {
      changed ||= query.get(name) != text
      if (text == null) {
        query.delete(name)
      } else {
        query.set(name, text)
      }
    }
    if (changed) {
      const text = query.toString()
      history.replaceState(history.state, "", `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`)
    }
  }

  private read(): void {
    clearTimeout(this.timer) // what waits belongs to the entry that was left
    this.timer = undefined
    this.choice.setv(read(new URLSearchParams(location.search)))
  }
}

export namespace EventChoice {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    layers: p.Property<[number, number] | null>
    sum: p.Property<boolean>
    endcap: p.Property<Endcap>
    threshold: p.Property<number>
    color_by: p.Property<string>
    scale: p.Property<Scale>
    limits: p.Property<[number, number] | null>
    palette: p.Property<Palette>
    hidden: p.Property<string[]>
    wanted: p.Property<string[]>
    aside: p.Property<string[]>
    cuts: p.Property<Texts>
    outlines: p.Property<boolean>
    labels: p.Property<boolean>
    table: p.Property<string>
    views: p.Property<string[]>
    cut_problems: p.Property<Texts>
  }
}

export interface EventChoice extends EventChoice.Attrs {}

/* What the reader has chosen to see. It lives in the browser and in the address: whoever changes it in the page, nothing
 * goes to the server. `change` is emitted once for all properties that are set together. */
export class EventChoice extends Model {
  declare properties: EventChoice.Props

  declare private address: Address

  constructor(attrs?: Partial<EventChoice.Attrs>) {
    super(attrs)
  }

  override initialize(): void {
    super.initialize()
    this.address = new Address(this)
    this.address.write_soon() // what the page starts with may differ from what an address without arguments means
  }

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.change, () => this.address.write_soon())
  }

  override destroy(): void {
    this.address.end()
    super.destroy()
  }

  override setv<T extends Attrs>(changed: Partial<T>, options?: HasProps.SetOptions): void {
    const {layers} = changed
    // A slider says 12.000000000000002 for the twelfth layer.
    const whole = Array.isArray(layers) ? {layers: layers.map(Math.round)} : {}
    super.setv({...changed, ...whole}, {...options, sync: false})
  }

  // As in an address without arguments.
  reset(): void {
    this.setv(read(new URLSearchParams()))
  }

  // Whether a collection is not to be seen.
  hides(name: string): boolean {
    return this.hidden.includes(name) || this.aside.includes(name) && !this.wanted.includes(name)
  }

  // Show a collection, or do not.
  show(name: string, visible: boolean): void {
    const without = (names: string[]) => names.filter((each) => each != name)
    const aside = this.aside.includes(name)
    this.setv({
      hidden: visible || aside ? without(this.hidden) : [...without(this.hidden), name],
      wanted: visible && aside ? [...without(this.wanted), name] : without(this.wanted),
    })
  }

  // All choices at this moment, as plain values.
  get options(): Options {
    const {layers, sum, endcap, threshold, color_by, scale, limits, palette, hidden, wanted, outlines, labels} = this
    return {
      layers, sum, endcap, threshold, color_by, scale, limits, palette, hidden, wanted, cuts: plain(this.cuts),
      outlines, labels, table: this.table, views: this.views,
    }
  }

  static override __module__ = "lorgnette.panes.events.event_choice"

  static {
    this.define<EventChoice.Props>(({Bool, Dict, Float, Int, List, Nullable, Str, Tuple}) => ({
      layers:       [ Nullable(Tuple(Int, Int)), DEFAULTS.layers ],
      sum:          [ Bool, DEFAULTS.sum ],
      endcap:       [ Enum("both", "plus", "minus"), DEFAULTS.endcap ],
      threshold:    [ Float, DEFAULTS.threshold ],
      color_by:     [ Str, DEFAULTS.color_by ],
      scale:        [ Enum("linear", "log"), DEFAULTS.scale ],
      limits:       [ Nullable(Tuple(Float, Float)), DEFAULTS.limits ],
      palette:      [ Enum("viridis", "cividis"), DEFAULTS.palette ],
      hidden:       [ List(Str), () => [...DEFAULTS.hidden] ],
      wanted:       [ List(Str), () => [...DEFAULTS.wanted] ],
      aside:        [ List(Str), () => [] ],
      cuts:         [ Dict(Str), () => ({}) ],
      outlines:     [ Bool, DEFAULTS.outlines ],
      labels:       [ Bool, DEFAULTS.labels ],
      table:        [ Str, DEFAULTS.table ],
      views:        [ List(Str), () => [...DEFAULTS.views] ],
      cut_problems: [ Dict(Str), () => ({}) ],
    }))
  }
}
