import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import type * as p from "@bokehjs/core/properties"
import {ImageRenderer} from "./image_renderer"
import {make} from "./panel_parts"

const REMEMBERED = 256 // numbers of places that the server may still answer
const COPIED_MS = 1200
const NOTHING = "–"

const CSS = `
:host { display: block; min-width: 0; width: 100%; color: var(--lg-ink); font: 14px/20px var(--lg-font);
  font-variant-numeric: tabular-nums; }
button { position: relative; display: block; box-sizing: border-box; width: 100%; min-width: 0; padding: 4px 8px;
  border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface); color: inherit; font: inherit;
  text-align: left; cursor: copy; }
button:hover { border-color: var(--lg-quiet); }
:focus-visible { outline: 2px solid var(--lg-accent); outline-offset: 1px; }
.lines { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 12px; }
.term { max-width: 96px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--lg-quiet); }
.said { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.said.old { color: var(--lg-quiet); }
.done { position: absolute; top: 4px; right: 8px; padding: 0 6px; border-radius: 4px; background: var(--lg-ground);
  color: var(--lg-good); opacity: 0; transition: opacity 0.2s; pointer-events: none; }
.done.on { opacity: 1; }
`

type Answer = {number?: number, world?: string[], values?: string[], problem?: string}

type Line = {term: HTMLElement, said: HTMLElement}

// Five digits: enough to see what changes; the server tells all of them.
function roughly(value: number, unit: string): string {
  if (isNaN(value)) {
    return "no value"
  }
  const size = Math.abs(value)
  const text = !isFinite(value) ? (value > 0 ? "∞" : "−∞") : size != 0 && (size >= 1e6 || size < 1e-3) ?
    value.toExponential(3).replace("e+", "e") : `${Number(value.toPrecision(5))}`
  return `≈ ${text}${unit == "" ? "" : ` ${unit}`}`
}

export class PixelReadoutView extends UIElementView {
  declare model: PixelReadout

  private readonly button = make("button")
  private readonly grid = make("div", "lines")
  private readonly done = make("span", "done")
  private lines: Line[] = []
  private made_of = ""
  private readonly pixels = new Map<number, string>() // by number of the place what pixel that was
  private current = "" // the pixel that is shown
  private timer: number | undefined

  override connect_signals(): void {
    super.connect_signals()
    const {renderer, properties} = this.model
    this.connect(renderer.moved, () => this.point())
    this.on_change([properties.answer], () => this.show())
    this.on_change([properties.world_names], () => this.show())
    this.connect(renderer.display.properties.layers.change, () => this.show())
    this.connect(renderer.properties.version.change, () => {
      this.pixels.clear() // what was there is something else now
      this.current = ""
      this.show()
    })
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), CSS]
  }

  override render(): void {
    super.render()
    const {button, grid, done} = this
    button.type = "button"
    button.title = "Click to copy"
    button.setAttribute("aria-label", "Place and value under the pointer; press to copy")
    button.onclick = () => void this.copy()
    done.setAttribute("role", "status")
    button.replaceChildren(grid, done)
    this.shadow_el.append(button)
    this.show()
  }

  override remove(): void {
    clearTimeout(this.timer)
    super.remove()
  }

  // All lines as text.
  get text(): string {
    return this.lines.map(({term, said}) => `${term.textContent} ${said.textContent}`).join("\n")
  }

  private point(): void {
    const {pointed} = this.model.renderer
    if (pointed == null) {
      return // what was pointed at last stays, so that one can come here and copy it
    }
    this.current = `${pointed.column},${pointed.row}`
    this.pixels.set(pointed.number, this.current)
    if (this.pixels.size > REMEMBERED) {
      this.pixels.delete(this.pixels.keys().next().value!)
    }
    this.show()
  }

  private get answer(): Answer {
    const {answer} = this.model
    return (answer instanceof Map ? Object.fromEntries(answer) : answer) as Answer
  }

  private show(): void {
    this.prepare()
    const {world_names, renderer: {display, pointed}} = this.model
    const infos = display.layer_infos()
    const {number, world, values, problem} = this.answer
    const fresh = number != null && this.current != "" && this.pixels.get(number) == this.current
    if (pointed != null) {
      this.say(0, `${pointed.x.toFixed(1)}, ${pointed.y.toFixed(1)}`)
    } else if (this.current == "") {
      this.say(0, NOTHING)
    }
    infos.forEach(({unit}, layer) => {
      const exact = fresh ? problem ?? values?.[layer] : null
      if (exact != null) {
        this.say(1 + layer, exact)
      } else if (pointed != null) {
        const value = pointed.values[layer]
        this.say(1 + layer, value == null ? "…" : roughly(value, unit))
      } else if (this.current == "") {
        this.say(1 + layer, NOTHING)
      }
    })
    world_names.forEach((_, k) => {
      const text = this.current == "" ? null : world?.[k]
      this.say(1 + infos.length + k, text ?? NOTHING, text != null && !fresh)
    })
  }

  // The lines that there are depend on the image, not on the place.
  private prepare(): void {
    const {world_names, renderer: {display}} = this.model
    const infos = display.layer_infos()
    const names = ["x, y", ...infos.map(({name}) => infos.length == 1 ? "value" : name), ...world_names]
    const key = JSON.stringify(names)
    if (this.made_of == key) {
      return
    }
    this.made_of = key
    this.lines = names.map((name) => ({term: make("span", "term", name), said: make("span", "said", NOTHING)}))
    this.grid.replaceChildren(...this.lines.flatMap(({term, said}) => [term, said]))
  }

  private say(line: number, text: string, old: boolean = false): void {
    const {said} = this.lines[line]
    if (said.textContent != text) {
      said.textContent = text
      said.title = text.length > 24 ? text : ""
    }
    said.classList.toggle("old", old)
  }

  private async copy(): Promise<void> {
    const copied = await copy_text(this.text)
    this.done.textContent = copied ? "copied" : "the browser does not allow it"
    this.done.classList.add("on")
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.done.classList.remove("on"), COPIED_MS)
  }
}

// Pages that come without encryption from another machine have no clipboard, but may copy what is marked.
async function copy_text(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement("textarea")
    field.value = text
    field.style.position = "fixed"
    field.style.opacity = "0"
    const focused = document.activeElement
    document.body.append(field)
    field.select()
    const copied = document.execCommand("copy")
    field.remove()
    if (focused instanceof HTMLElement) {
      focused.focus()
    }
    return copied
  }
}

export namespace PixelReadout {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    renderer: p.Property<ImageRenderer>
    world_names: p.Property<string[]>
    answer: p.Property<Map<string, unknown> | {[name: string]: unknown}>
  }
}

export interface PixelReadout extends PixelReadout.Attrs {}

/* Where the pointer is in an image, and what is there. */
export class PixelReadout extends UIElement {
  declare properties: PixelReadout.Props
  declare __view_type__: PixelReadoutView

  constructor(attrs?: Partial<PixelReadout.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.image.pixel_readout"

  static {
    this.prototype.default_view = PixelReadoutView

    this.define<PixelReadout.Props>(({Dict, List, Ref, Str, Unknown}) => ({
      renderer:    [ Ref(ImageRenderer) ],
      world_names: [ List(Str), [] ],
      answer:      [ Dict(Unknown), {} ],
    }))
  }
}
