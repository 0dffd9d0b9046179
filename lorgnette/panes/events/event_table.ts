import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import type * as p from "@bokehjs/core/properties"
import {EventData} from "./event_data"
import type {Collection, Column} from "./packet"
import {first_order, format, heading, keep_rows, sort_rows, table_columns} from "./table_rows"
import type {Order} from "./table_rows"
import {TABLE_CSS} from "./table_style"

const ROW_PX = 24
const SPARE = 4 // rows above and below those in sight
const MANY_ROWS = 200_000 // a browser draws nothing that is higher than some million pixels

function make<K extends keyof HTMLElementTagNameMap>(tag: K, cls: string = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = cls
  return element
}

export class EventTableView extends UIElementView {
  declare model: EventTable

  private readonly bar = make("div", "bar")
  private readonly select = make("select")
  private readonly says = make("span", "says")
  private readonly clear = make("button")
  private readonly scroll = make("div", "scroll")
  private readonly table = make("table")
  private readonly columns_el = make("colgroup")
  private readonly head = make("tr")
  private readonly body = make("tbody")

  private collection: Collection | null = null
  private columns: Column[] = []
  private readonly orders = new Map<string, Order | null>()
  private among: Uint32Array | null = null // the rows that were marked elsewhere; null: no such choice
  private listed: Uint32Array = new Uint32Array()
  private head_state = ""
  private active = 0 // place in `listed` that the keys have reached
  private marking = false // the marks change because of a click in this table
  private frame: number | null = null
  private stale = true // `listed` is not up to date

  override connect_signals(): void {
    super.connect_signals()
    const {data} = this.model
    const {event, shown, marks, hover} = data.changes
    this.connect(event, () => this.start())
    this.connect(shown, () => this.list_soon())
    this.connect(marks, () => this.follow_marks())
    this.connect(hover, () => this.draw_soon())
    this.connect(data.choice.properties.table.change, () => this.start())
    const {hidden, wanted, aside} = data.choice.properties
    for (const property of [hidden, wanted, aside]) {
      this.connect(property.change, () => this.fill_select())
    }
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), TABLE_CSS]
  }

  override render(): void {
    super.render()
    const {bar, select, says, clear, scroll, table, columns_el, head, body} = this
    select.setAttribute("aria-label", "Collection in the table")
    select.onchange = () => this.model.data.choice.table = select.value
    says.setAttribute("role", "status")
    clear.type = "button"
    clear.textContent = "Clear marks"
    clear.onclick = () => this.model.data.clear_marks()
    bar.replaceChildren(select, says, clear)
    const thead = make("thead")
    thead.append(head)
    table.setAttribute("role", "grid")
    table.replaceChildren(columns_el, thead, body)
    scroll.style.height = `${(this.model.lines + 1)*ROW_PX + 16}px`
    scroll.replaceChildren(table)
    scroll.tabIndex = 0
    scroll.onscroll = () => this.draw_soon()
    scroll.onkeydown = (event) => this.press(event)
    body.onclick = (event) => this.choose(this.place_of(event))
    body.onmousemove = (event) => this.point(this.place_of(event))
    body.onmouseleave = () => this.model.data.hover(null)
    this.shadow_el.append(bar, scroll)
    this.start()
  }

  override remove(): void {
    if (this.frame != null) {
      cancelAnimationFrame(this.frame)
    }
    super.remove()
  }

  // Another event or collection.
  private start(): void {
    const {data} = this.model
    const before = this.collection?.name
    this.collection = data.table_collection
    this.columns = this.collection == null ? [] : table_columns(this.collection)
    this.among = this.find_marked()
    this.fill_select()
    this.fill_head()
    this.list_soon()
    if (before != this.collection?.name) {
      this.scroll.scrollLeft = 0
    }
    this.scroll.scrollTop = 0
    this.active = 0
  }

  private fill_select(): void {
    const {event, choice} = this.model.data
    const options = (event?.collections ?? []).map(({name, count}) => {
      const hidden = choice.hides(name) ? ", hidden" : ""
      return new Option(`${name} (${count.toLocaleString("en")}${hidden})`, name)
    })
    this.select.replaceChildren(...options)
    this.select.value = this.collection?.name ?? ""
  }

  private get order(): Order | null {
    const {collection} = this
    if (collection == null) {
      return null
    }
    const chosen = this.orders.get(collection.name)
    return chosen != null && collection.columns.has(chosen.column) ? chosen : first_order(collection)
  }

  private fill_head(): void {
    const {order} = this
    const state = JSON.stringify([this.collection?.name, this.columns.map(heading), order])
    if (state == this.head_state) {
      return
    }
    this.head_state = state
    this.columns_el.replaceChildren(...this.columns.map((column) => {
      const col = make("col")
      col.style.width = `${Math.max(heading(column).length + 4, 10)}ch`
      return col
    }))
    this.head.replaceChildren(...this.columns.map((column) => {
      const th = make("th")
      const button = make("button")
      button.type = "button"
      button.textContent = heading(column)
      button.onclick = () => this.sort_by(column.name)
      const sorted = order?.column == column.name
      th.setAttribute("aria-sort", !sorted ? "none" : order!.falling ? "descending" : "ascending")
      th.scope = "col"
      th.append(button)
      return th
    }))
    this.table.setAttribute("aria-label", this.collection == null ? "" : `Rows of ${this.collection.name}`)
  }

  private sort_by(column: string): void {
    if (this.collection != null) {
      const {order} = this
      this.orders.set(this.collection.name, {column, falling: order?.column == column ? !order.falling : true})
      const at = this.columns.findIndex(({name}) => name == column)
      this.fill_head()
      this.head.querySelectorAll("button")[at]?.focus({preventScroll: true}) // it was made anew
      this.list_soon()
    }
  }

  private find_marked(): Uint32Array | null {
    if (this.collection == null) {
      return null
    }
    const marked = this.model.data.marked(this.collection.name)
    const rows: number[] = []
    for (let row = marked.indexOf(1); row >= 0; row = marked.indexOf(1, row + 1)) {
      rows.push(row)
    }
    return rows.length == 0 ? null : Uint32Array.from(rows)
  }

  // All rows of the collection in the order chosen; made once for each event and order.
  private get ordered(): Uint32Array {
    const {collection, order} = this
    if (collection == null) {
      return new Uint32Array()
    }
    const key = `order ${order?.column} ${order?.falling}`
    const rows = (collection.cache.get(key) as Uint32Array | undefined) ?? sort_rows(collection, order)
    collection.cache.set(key, rows)
    return rows
  }

  // Marks that were set by a click here leave the list as it is, so that one can go on to the next row.
  private follow_marks(): void {
    if (this.marking) {
      this.draw_soon()
    } else {
      this.among = this.find_marked()
      this.scroll.scrollTop = 0
      this.active = 0
      this.list_soon()
    }
  }

  private list_soon(): void {
    this.stale = true
    this.draw_soon()
  }

  private draw_soon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      if (this.stale) {
        this.stale = false
        this.list()
      }
      this.draw()
    })
  }

  private list(): void {
    const {collection, among, model: {data}} = this
    const shown = collection == null ? new Uint32Array() : data.shown(collection.name)
    this.listed = among == null ? keep_rows(this.ordered, shown) : keep_rows(this.ordered, shown, among)
    this.active = Math.max(0, Math.min(this.active, this.listed.length - 1))
    this.says.textContent = this.describe(shown.length)
    this.clear.hidden = !data.any_marked
    this.table.setAttribute("aria-rowcount", `${this.listed.length + 1}`)
  }

  private describe(shown: number): string {
    const {collection, among, listed, model: {data}} = this
    if (collection == null) {
      return data.event == null ? "No event." : "This event has no collections."
    }
    const number = (count: number) => count.toLocaleString("en")
    const left_off = listed.length > MANY_ROWS ? `; the first ${number(MANY_ROWS)} are listed` : ""
    if (among == null) {
      return `${number(shown)} of ${number(collection.count)} shown${left_off}`
    }
    const hidden = among.length - listed.length
    return `${number(among.length)} marked${hidden == 0 ? "" : `, ${number(hidden)} of them not shown`}${left_off}`
  }

  private draw(): void {
    const {scroll, listed, body} = this
    const count = Math.min(listed.length, MANY_ROWS)
    const lines = Math.ceil(scroll.clientHeight/ROW_PX) || this.model.lines
    const first = Math.max(0, Math.min(Math.floor(scroll.scrollTop/ROW_PX), count - lines) - SPARE)
    const last = Math.min(count, first + lines + 2*SPARE)
    const rows: HTMLElement[] = [this.space(first)]
    for (let place = first; place < last; place++) {
      rows.push(this.draw_row(place))
    }
    rows.push(this.space(count - last))
    body.replaceChildren(...rows)
    this.clear.hidden = !this.model.data.any_marked
  }

  // Stands for the rows that are out of sight.
  private space(rows: number): HTMLElement {
    const row = make("tr", "space")
    row.setAttribute("aria-hidden", "true")
    row.style.height = `${rows*ROW_PX}px`
    return row
  }

  private draw_row(place: number): HTMLElement {
    const {data} = this.model
    const {name} = this.collection!
    const row = this.listed[place]
    const tr = make("tr")
    tr.dataset.place = `${place}`
    tr.id = `row-${place}`
    tr.setAttribute("aria-rowindex", `${place + 2}`)
    tr.setAttribute("aria-selected", `${data.marked(name)[row] == 1}`)
    tr.classList.toggle("hovered", data.hovered?.name == name && data.hovered.row == row)
    tr.classList.toggle("active", place == this.active)
    for (const {values} of this.columns) {
      const td = make("td")
      td.textContent = format(values[row], !(values instanceof Float32Array || values instanceof Float64Array))
      tr.append(td)
    }
    return tr
  }

  private place_of(event: MouseEvent): number | null {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-place]") : null
    return row == null ? null : Number(row.dataset.place)
  }

  private choose(place: number | null): void {
    if (this.collection != null && place != null && place < this.listed.length) {
      this.active = place
      this.marking = true
      this.model.data.reveal(this.collection.name, this.listed[place])
      this.marking = false
      this.draw_soon()
    }
  }

  private point(place: number | null): void {
    if (this.collection != null) {
      this.model.data.hover(place == null ? null : this.collection.name, place == null ? -1 : this.listed[place])
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.target != this.scroll || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    if (event.key == "Enter" || event.key == " ") {
      event.preventDefault()
      this.choose(this.active)
      return
    }
    const page = this.model.lines
    const steps: {[key: string]: number} = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    }
    if (event.key in steps) {
      event.preventDefault()
      event.stopPropagation() // the arrows belong to the page elsewhere
      const last = Math.min(this.listed.length, MANY_ROWS) - 1
      this.active = Math.max(0, Math.min(this.active + steps[event.key], last))
      const top = this.active*ROW_PX
      const room = this.scroll.clientHeight - 2*ROW_PX // below the headings
      this.scroll.scrollTop = Math.max(top - room, Math.min(this.scroll.scrollTop, top))
      this.scroll.setAttribute("aria-activedescendant", `row-${this.active}`)
      this.draw_soon()
    }
  }
}

export namespace EventTable {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    data: p.Property<EventData>
    lines: p.Property<number>
  }
}

export interface EventTable extends EventTable.Attrs {}

/* A table of our own: only the rows in sight are in the page, the numbers stay in the event's own arrays, and sorting
 * takes all rows. */
export class EventTable extends UIElement {
  declare properties: EventTable.Props
  declare __view_type__: EventTableView

  constructor(attrs?: Partial<EventTable.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.events.event_table"

  static {
    this.prototype.default_view = EventTableView

    this.define<EventTable.Props>(({Int, Ref}) => ({
      data:  [ Ref(EventData), () => new EventData() ],
      lines: [ Int, 10 ],
    }))
  }
}
