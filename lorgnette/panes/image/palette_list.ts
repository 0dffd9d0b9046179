// A list of palettes with their colours; the one in use stands above it.
import type {ImageDisplay} from "./image_display"
import {make} from "./panel_parts"

const STOPS = 24

export function swatch(colors: Uint8Array, invert: boolean): string {
  const stops = Array.from({length: STOPS}, (_, k) => {
    const level = Math.round((invert ? STOPS - 1 - k : k) * 255 / (STOPS - 1))
    return `rgb(${colors[3 * level]} ${colors[3 * level + 1]} ${colors[3 * level + 2]})`
  })
  return `linear-gradient(to right, ${stops.join(", ")})`
}

export class PaletteList {
  readonly el = make("details", "palettes")
  private readonly name = make("span", "name")
  private readonly strip = make("i", "swatch")
  private readonly list = make("div", "list")
  private made_of = ""

  constructor(private readonly display: ImageDisplay) {
    const summary = make("summary")
    summary.append(make("span", "term", "Palette"), this.name, this.strip)
    this.list.setAttribute("role", "radiogroup")
    this.list.setAttribute("aria-label", "Palette")
    this.el.append(summary, this.list)
    this.el.onkeydown = (event) => {
      if (event.key == "Escape" && this.el.open) {
        event.stopPropagation()
        this.el.open = false
        summary.focus()
      }
    }
    this.el.ontoggle = () => this.list.querySelector<HTMLInputElement>("input:checked")?.focus()
  }

  show(): void {
    const {display} = this
    const {palette, palette_names, invert} = display
    const key = `${palette_names.join()} ${display.palettes.byteLength}`
    if (this.made_of != key) {
      this.made_of = key
      this.list.replaceChildren(...palette_names.map((name) => this.make_choice(name)))
    }
    this.name.textContent = palette
    this.strip.style.background = swatch(display.colors(), invert)
    for (const choice of this.list.children) {
      const input = choice.querySelector("input")!
      input.checked = input.value == palette
      choice.querySelector("i")!.style.background = swatch(display.colors_of(input.value), invert)
    }
  }

  private make_choice(name: string): HTMLElement {
    const label = make("label")
    const input = make("input")
    input.type = "radio"
    input.name = "palette"
    input.value = name
    input.onchange = () => this.display.setv({palette: name})
    label.append(input, make("span", "", name), make("i", "swatch"))
    return label
  }
}
