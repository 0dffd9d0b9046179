import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import {ColumnDataSource} from "@bokehjs/models/sources/column_data_source"
import type * as p from "@bokehjs/core/properties"

type Kept = {markup: string, element: Element}

export class LiveMarkupView extends UIElementView {
  declare model: LiveMarkup

  private readonly body = document.createElement("div")
  private kept = new Map<string, Kept>()
  private places = new Map<string, Element>()
  // What each place shows, so that an unchanged one is never touched.
  private readonly shown = new WeakMap<Element, string>()

  override connect_signals(): void {
    super.connect_signals()
    const {markup, filter} = this.model.properties
    this.on_change(markup, () => this.lay_out())
    this.on_change(filter, () => this.sift())
    const {source} = this.model
    this.connect(source.properties.data.change, () => this.fill())
    this.connect(source.patching, () => this.fill())
    this.connect(source.streaming, () => this.fill())
  }

  override render(): void {
    super.render()
    this.shadow_el.append(this.body)
    this.lay_out()
  }

  // Elements whose markup is as it was stay the same elements: what is focused, pointed at or loaded stays so.
  private lay_out(): void {
    const focused = this.shadow_el.activeElement // before it is moved, which takes the focus from it
    const template = document.createElement("template")
    template.innerHTML = this.model.markup
    const kept = new Map<string, Kept>()
    for (const element of template.content.querySelectorAll("[data-key]")) {
      const key = element.getAttribute("data-key")!
      const markup = element.outerHTML
      const before = this.kept.get(key)
      if (before != null && before.markup == markup) {
        element.replaceWith(before.element)
        kept.set(key, before)
      } else {
        kept.set(key, {markup, element})
      }
    }
    this.kept = kept
    this.body.replaceChildren(template.content)
    if (focused instanceof HTMLElement && focused.isConnected) {
      focused.focus({preventScroll: true})
    }
    this.places = new Map()
    for (const place of this.body.querySelectorAll("[data-part]")) {
      this.places.set(place.getAttribute("data-part")!, place)
    }
    this.fill()
    this.sift()
  }

  private fill(): void {
    const parts = this.model.source.get("part") as string[]
    const texts = this.model.source.get("html") as string[]
    for (let i = 0; i < parts.length; i++) {
      const place = this.places.get(parts[i])
      if (place != null && this.shown.get(place) !== texts[i]) {
        place.innerHTML = texts[i]
        this.shown.set(place, texts[i])
      }
    }
  }

  private sift(): void {
    const words = this.model.filter.toLowerCase().split(/\s+/)
    let found = false
    for (const element of this.body.querySelectorAll<HTMLElement>("[data-search]")) {
      const text = element.getAttribute("data-search")!
      element.hidden = !words.every((word) => text.includes(word))
      found ||= !element.hidden
    }
    for (const group of this.body.querySelectorAll<HTMLElement>("[data-group]")) {
      group.hidden = group.querySelector("[data-search]:not([hidden])") == null
    }
    for (const none of this.body.querySelectorAll<HTMLElement>("[data-none]")) {
      none.hidden = found
    }
  }
}

export namespace LiveMarkup {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    markup: p.Property<string>
    source: p.Property<ColumnDataSource>
    filter: p.Property<string>
  }
}

export interface LiveMarkup extends LiveMarkup.Attrs {}

export class LiveMarkup extends UIElement {
  declare properties: LiveMarkup.Props
  declare __view_type__: LiveMarkupView

  constructor(attrs?: Partial<LiveMarkup.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.live_markup"

  static {
    this.prototype.default_view = LiveMarkupView

    this.define<LiveMarkup.Props>(({Str, Ref}) => ({
      markup: [ Str, "" ],
      source: [ Ref(ColumnDataSource), () => new ColumnDataSource({data: new Map([["part", []], ["html", []]])}) ],
      filter: [ Str, "" ],
    }))
  }
}
