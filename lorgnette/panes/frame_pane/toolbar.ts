// The buttons above the picture, and who steers it in words.
import type {Fit} from "./geometry"

export type Tool = "steer" | "move"

export type Actions = {
  fit(fit: Fit): void
  zoom_out(): void
  reset(): void
  zoom_in(): void
  tool(tool: Tool): void
  freeze(): void
  save(): void
  full_screen(): void
  figures(): void
  take_control(): void
}

export type State = {
  fit: Fit
  percent: number // device pixels for a hundred of the frame; 0: no picture
  tool: Tool
  may_steer: boolean
  frozen: boolean
  figures: boolean
  full: boolean
  mark: string
  captured: boolean
  can_take: boolean
}

const ICONS = {
  steer: "M4 2l8.5 5-3.9 1 2.2 4.4-1.7.9-2.2-4.4L4 11.6z",
  move: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  freeze: "M5.5 3v10M10.5 3v10",
  save: "M8 2v8.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  figures: "M1.5 14h13M4 11.5V8M8 11.5V3M12 11.5V6",
}

const SVG = "http://www.w3.org/2000/svg"

function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  const line = document.createElementNS(SVG, "path")
  line.setAttribute("d", path)
  svg.append(line)
  return svg
}

function button(name: string, title: string, face: string | SVGElement, action: () => void): HTMLButtonElement {
  const element = document.createElement("button")
  element.type = "button"
  element.dataset.does = name
  element.title = title
  if (typeof face != "string") {
    element.setAttribute("aria-label", title)
  }
  element.append(face)
  element.onclick = action
  return element
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  const element = document.createElement("span")
  element.className = "group"
  element.setAttribute("role", "group")
  element.setAttribute("aria-label", label)
  element.append(...children)
  return element
}

export class Toolbar {
  readonly el = document.createElement("div")
  private readonly fits: {[fit in Fit]: HTMLButtonElement}
  private readonly tools: {[tool in Tool]: HTMLButtonElement}
  private readonly reset: HTMLButtonElement
  private readonly freeze: HTMLButtonElement
  private readonly full: HTMLButtonElement
  private readonly figures: HTMLButtonElement
  private readonly take: HTMLButtonElement
  private readonly mark = document.createElement("span")
  private readonly who = document.createElement("span")
  private shown = ""

  constructor(actions: Actions) {
    const fit = (name: Fit, text: string, title: string) => button(name, title, text, () => actions.fit(name))
    this.fits = {
      fit: fit("fit", "Fit", "All of the picture"),
      fill: fit("fill", "Fill", "No empty borders"),
      actual: fit("actual", "1:1", "One pixel of the frame on one of the screen"),
    }
    this.reset = button("reset", "Pixels of the screen for one of the frame; press to undo the zoom", "", actions.reset)
    const tool = (name: Tool, title: string) => button(name, title, icon(ICONS[name]), () => actions.tool(name))
    this.tools = {
      steer: tool("steer", "Steer the program in the picture"),
      move: tool("move", "Move and zoom the picture: drag, wheel, arrows, + and −"),
    }
    this.freeze = button("freeze", "Freeze the picture", icon(ICONS.freeze), actions.freeze)
    this.full = button("full", "Full screen", icon(ICONS.full), actions.full_screen)
    this.figures = button("figures", "Figures: rate, age, sizes, link", icon(ICONS.figures), actions.figures)
    this.take = button("take", "Steer instead of who does now", "Take control", actions.take_control)
    this.mark.className = "mark"
    this.mark.setAttribute("role", "status")
    this.who.className = "who"
    this.who.append(this.mark, this.take)
    this.el.className = "bar"
    this.el.setAttribute("role", "toolbar")
    this.el.setAttribute("aria-label", "Picture")
    this.full.hidden = !document.fullscreenEnabled
    const save = button("save", "Save the picture as PNG, at the size of the frame", icon(ICONS.save), actions.save)
    this.el.append(
      group("Size", ...Object.values(this.fits)),
      group("Zoom", button("out", "Zoom out", "−", actions.zoom_out), this.reset,
        button("in", "Zoom in", "+", actions.zoom_in)),
      group("Drag and wheel", ...Object.values(this.tools)),
      group("Picture", this.freeze, save, this.full, this.figures),
      this.who,
    )
  }

  show(state: State): void {
    const text = JSON.stringify(state)
    if (text == this.shown) {
      return
    }
    this.shown = text
    const press = (element: HTMLElement, on: boolean) => element.setAttribute("aria-pressed", `${on}`)
    for (const [fit, element] of Object.entries(this.fits)) {
      press(element, fit == state.fit)
    }
    for (const [tool, element] of Object.entries(this.tools)) {
      press(element, tool == state.tool)
    }
    this.tools.steer.disabled = !state.may_steer
    press(this.freeze, state.frozen)
    press(this.full, state.full)
    press(this.figures, state.figures)
    this.reset.textContent = state.percent == 0 ? "–" : `${Math.round(state.percent)} %`
    this.take.hidden = !state.can_take
    this.mark.classList.toggle("on", state.captured)
    if (this.mark.textContent != state.mark) {
      this.mark.textContent = state.mark
      this.mark.title = state.mark
    }
  }
}
