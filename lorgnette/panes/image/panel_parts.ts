// Rows of the panel: native form elements with their labels.

const STEPS = 200 // of a slider

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, cls: string = "",
    text: string = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = cls
  element.textContent = text
  return element
}

/* A labelled list to choose from. */
export class Select {
  readonly el = make("label", "choice")
  private readonly select = make("select")

  constructor(label: string, private readonly options: [value: string, text: string][],
      chosen: (value: string) => void) {
    this.select.append(...options.map(([value, text]) => new Option(text, value)))
    this.select.onchange = () => chosen(this.select.value)
    this.el.append(make("span", "", label), this.select)
  }

  show(value: string): void {
    // "Manual" comes from dragging only: it is in the list while it is so.
    for (const [k, [name]] of this.options.entries()) {
      this.select.options[k].hidden = name == "manual" && value != name
    }
    this.select.value = value
  }
}

export type Scale = {
  least: number
  most: number
  usual: number
  to: (value: number) => number   // where a value is on the slider
  from: (at: number) => number
}

export function even(least: number, most: number, usual: number): Scale {
  return {least, most, usual, to: (value) => value, from: (at) => at}
}

// Twice as much and half as much are as far from each other as from once.
export function by_factors(least: number, most: number, usual: number): Scale {
  return {least: Math.log(least), most: Math.log(most), usual, to: Math.log, from: Math.exp}
}

/* A slider with its value, and a button that sets it back. */
export class Slider {
  readonly el = make("div", "slider")
  private readonly input = make("input")
  private readonly output = make("output")
  private readonly reset = make("button", "reset", "↺")

  constructor(label: string, private readonly scale: Scale, changed: (value: number) => void) {
    const {least, most, usual, to, from} = scale
    const {input, output, reset} = this
    Object.assign(input, {type: "range", min: `${least}`, max: `${most}`, step: `${(most - least) / STEPS}`})
    input.setAttribute("aria-label", label)
    input.oninput = () => {
      const value = from(Number(input.value))
      // The usual value may lie between two steps.
      const near = Math.abs(Number(input.value) - to(usual)) < 0.6 * (most - least) / STEPS
      changed(near ? usual : Number(value.toPrecision(3)))
    }
    reset.type = "button"
    reset.title = `Set back to ${usual}`
    reset.setAttribute("aria-label", `${label}: set back to ${usual}`)
    reset.onclick = () => {
      changed(usual)
      input.focus()
    }
    this.el.append(make("span", "", label), input, output, reset)
  }

  show(value: number): void {
    const {input, output, reset, scale: {least, to, usual}} = this
    const at = to(value)
    input.value = `${isFinite(at) ? at : least}`
    output.textContent = value.toFixed(2)
    input.setAttribute("aria-valuetext", output.textContent)
    reset.classList.toggle("idle", value == usual)
    reset.disabled = value == usual
  }
}

/* A box to tick. */
export class Check {
  readonly el = make("label", "check")
  private readonly input = make("input")

  constructor(label: string, changed: (on: boolean) => void) {
    this.input.type = "checkbox"
    this.input.onchange = () => changed(this.input.checked)
    this.el.append(this.input, make("span", "", label))
  }

  show(on: boolean): void {
    this.input.checked = on
  }
}
