import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import type * as p from "@bokehjs/core/properties"
import {on_theme} from "../events/inks"
import {DEFAULTS} from "./display_text"
import type {LimitMode} from "./display_text"
import {ImageDisplay} from "./image_display"
import {LimitsField} from "./limits_field"
import type {Shown} from "./limits_field"
import type {Range} from "./histogram"
import {brightness_of} from "./mapping"
import type {Stretch} from "./mapping"
import {PaletteList} from "./palette_list"
import {by_factors, Check, even, make, Select, Slider} from "./panel_parts"
import {PANEL_CSS} from "./panel_style"

const STRETCHES: [Stretch, string][] = [
  ["linear", "Linear"], ["log", "Logarithmic"], ["asinh", "Asinh"], ["sqrt", "Square root"], ["gamma", "Gamma"],
  ["histogram", "Equalised"],
]
const LIMITS: [LimitMode, string][] = [
  ["minmax", "All values"], ["99.9", "99.9 %"], ["99.5", "99.5 %"], ["99", "99 %"], ["98", "98 %"], ["95", "95 %"],
  ["90", "90 %"], ["zscale", "zscale"], ["mad", "Around median"], ["manual", "Manual"],
]
const TITLES = ["Red:", "Green:", "Blue:"]
const INKS = ["#d55e5e", "#3f9c5a", "#5b85d6"] // of bars: seen on light and on dark
const MISSING = "#d55e00" // what pixels without a value are at first, if they have a colour

export class DisplayPanelView extends UIElementView {
  declare model: DisplayPanel

  private readonly stop = new AbortController()
  private readonly panel = make("div", "panel")
  private readonly lesson = make("div", "lesson", "Nothing is shown yet.")
  private readonly fields_el = make("div", "panel")
  private readonly marks = make("div", "marks")
  private readonly missing = make("span", "missing")
  private readonly missing_color = make("input")
  private readonly again = make("button", "again", "Set all back")
  private fields: LimitsField[] = []
  private stretch: Select
  private limits: Select
  private sliders: {brightness: Slider, contrast: Slider, gamma: Slider, saturation: Slider}
  private palettes: PaletteList
  private invert: Check
  private missing_check: Check

  override initialize(): void {
    super.initialize()
    const {display} = this.model
    this.stretch = new Select("Stretch", STRETCHES, (value) => display.setv({stretch: value as Stretch}))
    this.limits = new Select("Limits", LIMITS, (value) => display.setv({limits: value as LimitMode}))
    const slider = (name: "brightness" | "contrast" | "gamma" | "saturation", scale: ReturnType<typeof even>) =>
      new Slider(`${name[0].toUpperCase()}${name.slice(1)}`, scale, (value) => display.setv({[name]: value}))
    this.sliders = {
      brightness: slider("brightness", even(-1, 1, 0)),
      contrast: slider("contrast", by_factors(0.1, 10, 1)),
      gamma: slider("gamma", by_factors(0.2, 5, 1)),
      saturation: slider("saturation", even(0, 3, 1)),
    }
    this.palettes = new PaletteList(display)
    this.invert = new Check("Invert", (invert) => display.setv({invert}))
    this.missing_color.type = "color"
    this.missing_color.value = MISSING
    this.missing_color.setAttribute("aria-label", "Colour of pixels without a value")
    this.missing_color.oninput = () => display.setv({nan_color: this.missing_color.value})
    this.missing_check = new Check("Colour for NaN", (on) =>
      display.setv({nan_color: on ? this.missing_color.value : DEFAULTS.nan_color}))
    this.again.type = "button"
    this.again.onclick = () => display.reset()
  }

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.model.display.change, () => this.show())
    on_theme(() => this.show(), this.stop.signal)
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), PANEL_CSS]
  }

  override render(): void {
    super.render()
    const {panel, fields_el, marks, missing, again, lesson, stretch, limits, sliders, palettes} = this
    const row = make("div", "row")
    row.append(stretch.el, limits.el)
    missing.replaceChildren(this.missing_check.el, this.missing_color)
    marks.replaceChildren(this.invert.el, missing)
    const sliders_el = make("div")
    sliders_el.append(...Object.values(sliders).map(({el}) => el))
    panel.replaceChildren(row, fields_el, sliders_el, palettes.el, marks, again)
    this.shadow_el.append(lesson, panel)
    this.show()
  }

  override remove(): void {
    this.stop.abort()
    this.fields.forEach((field) => field.end())
    super.remove()
  }

  private show(): void {
    const {display} = this.model
    const {sliders, palettes, invert, missing_color} = this
    const infos = display.layer_infos()
    const is_color = infos.length > 1
    this.panel.hidden = infos.length == 0
    this.lesson.hidden = infos.length != 0
    this.stretch.show(display.stretch)
    this.limits.show(display.limits)
    sliders.brightness.show(display.brightness)
    sliders.contrast.show(display.contrast)
    sliders.gamma.show(display.gamma)
    sliders.saturation.show(display.saturation)
    sliders.gamma.el.hidden = !(is_color || display.stretch == "gamma")
    sliders.saturation.el.hidden = !is_color
    palettes.el.hidden = is_color
    invert.el.hidden = is_color
    palettes.show()
    invert.show(display.invert)
    const has_color = !/^(#[0-9a-f]{6}00)?$/i.test(display.nan_color)
    this.missing_check.show(has_color)
    missing_color.disabled = !has_color
    if (has_color) {
      missing_color.value = display.nan_color.slice(0, 7)
    }
    this.again.disabled = is_usual(display)
    this.show_fields()
  }

  private show_fields(): void {
    const {display} = this.model
    const infos = display.layer_infos()
    while (this.fields.length > infos.length) {
      const field = this.fields.pop()!
      field.end()
      field.el.remove()
    }
    while (this.fields.length < infos.length) {
      const layer = this.fields.length
      const field = new LimitsField((limits) => this.set_limits(layer, limits))
      this.fields.push(field)
      this.fields_el.append(field.el)
    }
    const ranges = display.ranges()
    const colors = this.colorings()
    infos.forEach((info, layer) => {
      const shown: Shown = {info, limits: ranges[layer], colors: colors[layer], ink: "", title: ""}
      const more = infos.length > 1 ? {ink: INKS[layer], title: TITLES[layer]} : {}
      this.fields[layer].show({...shown, ...more})
    })
  }

  // By layer what becomes of a value.
  private colorings(): Shown["colors"][] {
    const {display} = this.model
    const palette = display.colors()
    const shade = (t: number) => Math.floor(255 * t + 0.5)
    return display.mappings().map((mapping, layer) => {
      const brightness = brightness_of(mapping)
      if (display.is_color) {
        const gamma = display.stretch == "gamma" ? 1 : display.gamma
        return (value) => {
          const part = shade(brightness(value) ** (1 / gamma))
          return [layer == 0 ? part : 0, layer == 1 ? part : 0, layer == 2 ? part : 0]
        }
      }
      return (value) => {
        const level = shade(brightness(value))
        const at = 3 * (display.invert ? 255 - level : level)
        return [palette[at], palette[at + 1], palette[at + 2]]
      }
    })
  }

  private set_limits(layer: number, limits: Range): void {
    const {display} = this.model
    const ranges = display.ranges()
    ranges[layer] = limits
    display.setv({limits: "manual", low: ranges.map(([low]) => low), high: ranges.map(([, high]) => high)})
  }
}

// Whether there is nothing to set back.
function is_usual(display: ImageDisplay): boolean {
  const {options} = display
  const names = ["stretch", "limits", "gamma", "brightness", "contrast", "palette", "invert", "nan_color", "saturation"]
  return (names as (keyof typeof options)[]).every((name) => options[name] == DEFAULTS[name])
}

export namespace DisplayPanel {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    display: p.Property<ImageDisplay>
  }
}

export interface DisplayPanel extends DisplayPanel.Attrs {}

/* The controls for how an image is shown. */
export class DisplayPanel extends UIElement {
  declare properties: DisplayPanel.Props
  declare __view_type__: DisplayPanelView

  constructor(attrs?: Partial<DisplayPanel.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.image.display_panel"

  static {
    this.prototype.default_view = DisplayPanelView

    this.define<DisplayPanel.Props>(({Ref}) => ({
      display: [ Ref(ImageDisplay) ],
    }))
  }
}
