import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import type * as p from "@bokehjs/core/properties"
import {EventData} from "./event_data"
import type {ColorScale as Scale} from "./color"
import {NONE} from "./color"

const STOPS = 32

const CSS = `
:host { display: block; min-width: 0; width: 100%; color: var(--lg-quiet); font: 13px/18px var(--lg-font); }
.title { margin-bottom: 2px; overflow-wrap: anywhere; }
.title b { color: var(--lg-ink); font-weight: 600; }
.bar { height: 12px; border: 1px solid var(--lg-line); border-radius: 2px; }
.ticks { position: relative; height: 20px; margin: 0 1px; font-variant-numeric: tabular-nums; font-size: 12px; }
.ticks span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap; }
.ticks span::before { content: ""; position: absolute; top: -4px; left: 50%; height: 4px; border-left: 1px solid; }
.ticks span.first { transform: none; } .ticks span.first::before { left: 0; }
.ticks span.last { transform: translateX(-100%); } .ticks span.last::before { left: 100%; }
.swatches { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.swatches i { width: 14px; height: 14px; border-radius: 2px; }
`

function short(value: number): string {
  const size = Math.abs(value)
  const text = size != 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(0) : `${Number(value.toPrecision(3))}`
  return text.replace("e+", "e").replace("-", "−")
}

// Where round numbers lie on a scale, from 0 to 1.
export function find_ticks({kind, low, high}: Scale): [number, number][] {
  const values: number[] = []
  if (kind == "log") {
    const decades = Math.log10(high/low)
    const digits = decades > 2.5 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5]
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      values.push(...digits.map((digit) => Number(`${digit}e${power}`)))
    }
  } else {
    const rough = (high - low)/4
    const power = 10**Math.floor(Math.log10(rough))
    const step = power*([1, 2, 5].find((each) => each*power >= rough) ?? 10)
    for (let i = Math.ceil(low/step); i*step <= high && values.length < 10; i++) {
      values.push(i*step)
    }
  }
  const place = kind == "log" ? Math.log : (value: number) => value
  return values.map((value): [number, number] => [value, (place(value) - place(low))/(place(high) - place(low))]).filter(
    ([, at]) => at >= -1e-9 && at <= 1 + 1e-9)
}

export class ColorScaleView extends UIElementView {
  declare model: ColorScale

  private readonly body = document.createElement("div")

  override connect_signals(): void {
    super.connect_signals()
    const {event, colors} = this.model.data.changes
    this.connect(event, () => this.draw())
    this.connect(colors, () => this.draw())
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), CSS]
  }

  override render(): void {
    super.render()
    this.shadow_el.append(this.body)
    this.draw()
  }

  private draw(): void {
    const scale = this.model.data.color_scale
    const title = this.element("div", "title")
    const name = this.element("b", "", scale.unit == "" ? scale.column : `${scale.column} [${scale.unit}]`)
    if (scale.kind == "none") {
      title.append("no colours: nothing in this event has ", name)
      this.body.replaceChildren(title)
    } else if (scale.kind == "category") {
      title.append("by ", name)
      this.body.replaceChildren(title, this.draw_swatches(scale))
    } else {
      title.append(name, scale.kind == "log" ? ", logarithmic" : "")
      this.body.replaceChildren(title, this.draw_bar(scale), this.draw_ticks(scale))
    }
  }

  private element(tag: string, cls: string, text: string = ""): HTMLElement {
    const result = document.createElement(tag)
    result.className = cls
    result.textContent = text
    return result
  }

  private draw_swatches({palette, used}: Scale): HTMLElement {
    const row = this.element("div", "swatches")
    for (const color of [...palette.slice(0, used), palette[NONE]]) {
      const swatch = this.element("i", "")
      swatch.style.background = color
      row.append(swatch)
    }
    row.append("grey: in none")
    return row
  }

  private draw_bar({palette, used}: Scale): HTMLElement {
    const bar = this.element("div", "bar")
    const stops = Array.from({length: STOPS}, (_, i) => palette[Math.round(i*(used - 1)/(STOPS - 1))])
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`
    return bar
  }

  private draw_ticks(scale: Scale): HTMLElement {
    const row = this.element("div", "ticks")
    for (const [value, at] of find_ticks(scale)) {
      const tick = this.element("span", at < 0.06 ? "first" : at > 0.94 ? "last" : "", short(value))
      tick.style.left = `${100*at}%`
      row.append(tick)
    }
    return row
  }
}

export namespace ColorScale {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    data: p.Property<EventData>
  }
}

export interface ColorScale extends ColorScale.Attrs {}

/* The legend of the colours; Bokeh's own colour bar cannot go from linear to logarithmic in the browser. */
export class ColorScale extends UIElement {
  declare properties: ColorScale.Props
  declare __view_type__: ColorScaleView

  constructor(attrs?: Partial<ColorScale.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.events.color_scale"

  static {
    this.prototype.default_view = ColorScaleView

    this.define<ColorScale.Props>(({Ref}) => ({
      data: [ Ref(EventData), () => new EventData() ],
    }))
  }
}
