import {Model} from "@bokehjs/model"
import {ModelEvent} from "@bokehjs/core/bokeh_events"
import {Signal0} from "@bokehjs/core/signaling"
import type {Attrs} from "@bokehjs/core/types"
import type * as p from "@bokehjs/core/properties"
import type {Options} from "./choice_text"
import {index_rows, make_scale} from "./color"
import type {ColorScale} from "./color"
import {compile, CutError, nearest} from "./cuts"
import type {Cut} from "./cuts"
import {EventChoice, plain} from "./event_choice"
import {decode, PacketError} from "./packet"
import type {Collection, DecodedEvent} from "./packet"
import {select_rows} from "./select_rows"

export type {Collection, Column, DecodedEvent, Header, Numbers} from "./packet"
export type {ColorScale} from "./color"

const MANY_BYTES = 16*1024**2 // of a message to the server, which takes 20 MiB

export class SaveShown extends ModelEvent {
  constructor(readonly format: string, readonly collection: string, readonly entry: number,
      readonly rows: ArrayBuffer) {
    super()
  }

  protected override get event_values(): Attrs {
    const {format, collection, entry, rows} = this
    return {...super.event_values, format, collection, entry, rows}
  }

  static {
    this.prototype.event_name = "lorgnette_save_shown"
  }
}

/* Emitted in this order, each once for a change. `event`: there is another event (or none), nothing is marked or hovered
 * any more, and everything else is new too; `shown` follows it. `shown`: other rows pass. `colors`: the same rows have
 * other colours. `marks`, `hover`: other rows are marked, another is pointed at. `reveal`: `revealed` should be in
 * sight. */
export type Changes = {
  event: Signal0<EventData>
  shown: Signal0<EventData>
  colors: Signal0<EventData>
  marks: Signal0<EventData>
  hover: Signal0<EventData>
  reveal: Signal0<EventData>
}

export type Place = {name: string, row: number}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) == JSON.stringify(b)
}

function sieve_options({layers, sum, endcap, threshold, cuts}: Options, hidden: string[]): unknown {
  return [sum ? null : layers, endcap, threshold, hidden, cuts]
}

function color_options({color_by, scale, limits, palette}: Options): unknown {
  return [color_by, scale, limits, palette]
}

export namespace EventData {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    packet: p.Property<ArrayBuffer>
    modules: p.Property<ArrayBuffer>
    choice: p.Property<EventChoice>
    palettes: p.Property<Map<string, string[]> | {[name: string]: string[]}>
    problem: p.Property<string>
  }
}

export interface EventData extends EventData.Attrs {}

/* The event in the browser: decoded once, and what of it is shown, coloured, marked and pointed at. The projections and
 * the table read from here and listen to `changes`. Whatever it gives must not be written to. */
export class EventData extends Model {
  declare properties: EventData.Props

  declare changes: Changes
  declare event: DecodedEvent | null
  declare module_collections: Collection[]
  declare hovered: Place | null
  declare revealed: Place | null

  // What was made of the present event and choice so far.
  declare private options: Options
  declare private hidden: string[] // of the event's collections
  declare private rows: Map<string, Uint32Array>
  declare private marks: Map<string, Uint8Array>
  declare private indices: Map<string, Uint8Array>
  declare private scale: ColorScale | null
  declare private cuts: Map<string, Cut>
  declare private problems: {[about: string]: string}

  constructor(attrs?: Partial<EventData.Attrs>) {
    super(attrs)
  }

  override initialize(): void {
    super.initialize()
    const signal = (name: string) => new Signal0<EventData>(this, name)
    this.changes = {
      event: signal("event"), shown: signal("shown"), colors: signal("colors"), marks: signal("marks"),
      hover: signal("hover"), reveal: signal("reveal"),
    }
    this.problems = {}
    this.options = this.choice.options
    this.hidden = []
    this.take_modules()
    this.take_packet()
  }

  override connect_signals(): void {
    super.connect_signals()
    const {packet, modules, palettes} = this.properties
    this.connect(packet.change, () => {
      this.take_packet()
      this.changes.event.emit()
      this.changes.shown.emit()
    })
    this.connect(modules.change, () => {
      this.take_modules()
      this.changes.event.emit()
      this.changes.shown.emit()
    })
    this.connect(palettes.change, () => this.recolor())
    this.connect(this.choice.change, () => this.follow_choice())
  }

  // A collection of the event by its name.
  collection(name: string): Collection | null {
    return this.event?.collections.find((each) => each.name == name) ?? null
  }

  // The one in the table: that of choice, else what a reader probably looks for, and has something in it.
  get table_collection(): Collection | null {
    const collections = this.event?.collections ?? []
    const there = collections.filter(({count}) => count != 0)
    const of_kind = (wanted: string) => there.find(({kind}) => kind == wanted)
    return this.collection(this.choice.table) ?? of_kind("cells") ?? of_kind("hits") ?? of_kind("jets") ?? there[0] ??
      collections[0] ?? null
  }

  // The rows that pass layers, endcap, threshold, cut and visibility, rising.
  shown(name: string): Uint32Array {
    let rows = this.rows.get(name)
    if (rows == null) {
      const collection = this.collection(name)
      const {layers, sum, endcap, threshold} = this.options
      rows = collection == null ? new Uint32Array() : select_rows(collection, {
        hidden: this.hidden.includes(name), layers: sum ? null : layers, endcap, threshold, cut: this.cuts.get(name) ?? null,
      })
      this.rows.set(name, rows)
    }
    return rows
  }

  // 1 for each marked row, else 0; also for rows that are not shown.
  marked(name: string): Uint8Array {
    let marks = this.marks.get(name)
    if (marks == null) {
      marks = new Uint8Array(this.collection(name)?.count ?? 0)
      this.marks.set(name, marks)
    }
    return marks
  }

  // Whether any row of any collection is marked.
  get any_marked(): boolean {
    return [...this.marks.values()].some((marks) => marks.includes(1))
  }

  mark(name: string, rows: Iterable<number>, how: "replace" | "add" | "toggle" = "replace"): void {
    const before = new Map([...this.marks].map(([each, marks]) => [each, marks.slice()]))
    if (how == "replace") {
      this.marks.clear()
    }
    const marks = this.marked(name)
    for (const row of rows) {
      if (row >= 0 && row < marks.length) {
        marks[row] = how == "toggle" ? 1 - marks[row] : 1
      }
    }
    this.emit_marks(before)
  }

  clear_marks(): void {
    const before = new Map(this.marks)
    this.marks.clear()
    this.emit_marks(before)
  }

  hover(name: string | null, row: number = -1): void {
    const place = name == null || row < 0 ? null : {name, row}
    if (!same(place, this.hovered)) {
      this.hovered = place
      this.changes.hover.emit()
    }
  }

  // Mark one row, and have the projections bring it into sight.
  reveal(name: string, row: number): void {
    this.revealed = {name, row}
    this.mark(name, [row], "replace")
    this.changes.reveal.emit()
  }

  // The index of each row's colour in `color_scale.palette`.
  colors(name: string): Uint8Array {
    let indices = this.indices.get(name)
    if (indices == null) {
      const collection = this.collection(name)
      indices = collection == null ? new Uint8Array() : index_rows(this.event!, collection, this.color_scale)
      this.indices.set(name, indices)
    }
    return indices
  }

  get color_scale(): ColorScale {
    if (this.scale == null) {
      const {palettes} = this
      const known = palettes instanceof Map ? Object.fromEntries(palettes) : palettes
      this.scale = make_scale(this.event, this.options, known[this.options.palette] ?? [])
    }
    return this.scale
  }

  // Have the server make a file of the rows that are shown.
  request_save(format: "csv" | "parquet", collection: string): void {
    const rows = this.shown(collection)
    if (this.event == null || rows.byteLength > MANY_BYTES) {
      this.tell_problem("save", this.event == null ? "There is no event to save." :
        `${rows.length} rows are too many to save from here: raise the threshold or cut more.`)
      return
    }
    this.tell_problem("save", "")
    this.trigger_event(new SaveShown(format, collection, this.event.header.entry, rows.slice().buffer))
  }

  private take_packet(): void {
    this.event = this.decode(this.packet, "event")
    this.hidden = this.find_hidden()
    this.marks = new Map()
    this.hovered = null
    this.revealed = null
    this.rows = new Map()
    this.forget_colors()
    this.compile_cuts()
  }

  private take_modules(): void {
    this.module_collections = this.decode(this.modules, "modules")?.collections ?? []
  }

  private decode(packet: ArrayBuffer, what: string): DecodedEvent | null {
    try {
      const decoded = packet.byteLength == 0 ? null : decode(packet)
      this.tell_problem(what, "")
      return decoded
    } catch (error) {
      if (!(error instanceof PacketError)) {
        throw error
      }
      this.tell_problem(what, `The ${what} that the server has sent cannot be read: ${error.message}.`)
      return null
    }
  }

  private tell_problem(about: string, problem: string): void {
    this.problems[about] = problem
    this.problem = Object.values(this.problems).filter((text) => text != "").join(" ")
  }

  private follow_choice(): void {
    const [before, hidden] = [this.options, this.hidden]
    this.options = this.choice.options
    this.hidden = this.find_hidden()
    if (!same(before.cuts, this.options.cuts)) {
      this.compile_cuts()
    }
    if (!same(sieve_options(before, hidden), sieve_options(this.options, this.hidden))) {
      this.rows = new Map()
      this.changes.shown.emit()
    }
    if (!same(color_options(before), color_options(this.options))) {
      this.recolor()
    }
  }

  private find_hidden(): string[] {
    return (this.event?.collections ?? []).map(({name}) => name).filter((name) => this.choice.hides(name))
  }

  private recolor(): void {
    this.forget_colors()
    this.changes.colors.emit()
  }

  private forget_colors(): void {
    this.indices = new Map()
    this.scale = null
  }

  // A cut that is not understood is not applied, and the choice says why.
  private compile_cuts(): void {
    this.cuts = new Map()
    const problems: {[name: string]: string} = {}
    for (const [name, text] of Object.entries(this.event == null ? {} : this.options.cuts)) {
      try {
        const collection = this.collection(name)
        if (collection == null && this.choice.aside.includes(name)) {
          continue // it is applied when the collection is shown
        }
        if (collection == null && text.trim() != "") {
          const near = nearest(name, this.event!.collections.map((each) => each.name))
          throw new CutError(`This event has no ${name}.${near.length == 0 ? "" : ` Did you mean ${near.join(" or ")}?`}`)
        }
        const cut = collection == null ? null : compile(text, collection)
        if (cut != null) {
          this.cuts.set(name, cut)
        }
      } catch (error) {
        if (!(error instanceof CutError)) {
          throw error
        }
        problems[name] = error.message
      }
    }
    if (!same(problems, plain(this.choice.cut_problems))) {
      this.choice.setv({cut_problems: problems})
    }
  }

  private emit_marks(before: Map<string, Uint8Array>): void {
    const names = new Set([...before.keys(), ...this.marks.keys()])
    const changed = [...names].some((name) => {
      const [old, now] = [before.get(name), this.marks.get(name)]
      const longer = (old ?? now)!
      return longer.some((_, row) => (old?.[row] ?? 0) != (now?.[row] ?? 0))
    })
    if (changed) {
      this.changes.marks.emit()
    }
  }

  static override __module__ = "lorgnette.panes.events.event_data"

  static {
    this.define<EventData.Props>(({Bytes, Dict, List, Ref, Str}) => ({
      packet:   [ Bytes, () => new ArrayBuffer(0) ],
      modules:  [ Bytes, () => new ArrayBuffer(0) ],
      choice:   [ Ref(EventChoice), () => new EventChoice() ],
      palettes: [ Dict(List(Str)), () => ({}) ],
      problem:  [ Str, "" ],
    }))
  }
}
