// The limits of one layer: its histogram with two limits that can be dragged, what they make of the values, and a field
// for each of them.
import {first_range, heights, read_value, reach, write_value} from "./histogram"
import type {Range} from "./histogram"
import type {LayerInfo} from "./layer_info"
import {make} from "./panel_parts"

const HEIGHT = 60 // of the histogram in CSS pixels
const STRIP = 8 // of the colours below it
const NEAR = 10 // CSS pixels within which a limit is taken
const LEAST_PART = 1e-4 // of what is seen: how near the limits may come to each other

export type Shown = {
  info: LayerInfo
  limits: Range
  colors: (value: number) => [number, number, number] // of a value, red, green, blue
  ink: string // of the bars
  title: string // before the name; "" for a single layer
}

type Drag = {what: "low" | "high" | "both", at: number, from: Range}

export class LimitsField {
  readonly el = make("div", "limits")
  private readonly head = make("div", "head")
  private readonly stage = make("div", "stage")
  private readonly canvas = make("canvas")
  private readonly handles = {low: make("div", "handle low"), high: make("div", "handle high")}
  private readonly fields = {low: make("input"), high: make("input")}
  private readonly observer = new ResizeObserver(() => this.draw_soon())
  private frame: number | null = null
  private shown: Shown | null = null
  private range: Range | null = null // what is seen of the histogram; null: to be found
  private zoomed = false // by the reader
  private drag: Drag | null = null
  private typing: "low" | "high" | null = null // the field that is not to be written into

  constructor(private readonly changed: (limits: Range) => void) {
    const {stage, canvas, handles, fields} = this
    canvas.setAttribute("aria-hidden", "true")
    stage.append(canvas, handles.low, handles.high)
    const ends = make("div", "ends")
    for (const end of ["low", "high"] as const) {
      const [handle, field] = [handles[end], fields[end]]
      handle.tabIndex = 0
      handle.setAttribute("role", "slider")
      handle.onkeydown = (event) => this.press(event, end)
      Object.assign(field, {type: "text", inputMode: "decimal", spellcheck: false, autocomplete: "off"})
      field.oninput = () => this.typing = end
      field.onchange = () => this.enter(end)
      field.onkeydown = (event) => {
        if (event.key == "Escape") {
          this.write(end)
          field.blur()
        }
      }
      field.onblur = () => this.write(end)
    }
    ends.append(fields.low, make("span", "to", "to"), fields.high)
    this.el.append(this.head, stage, ends)
    this.listen()
    this.observer.observe(stage)
  }

  end(): void {
    this.observer.disconnect()
    if (this.frame != null) {
      cancelAnimationFrame(this.frame)
    }
  }

  show(shown: Shown): void {
    const {info, limits: [low, high]} = shown
    const before = this.shown
    this.shown = shown
    if (this.drag == null && before?.info != info && (before == null || before.info.name != info.name || !this.zoomed)) {
      this.range = null
      this.zoomed = false
    }
    // Limits that were chosen from the list come into sight; dragged ones are there.
    const [left, right] = this.range ?? [Infinity, -Infinity]
    if (this.drag == null && !(this.zoomed && low < right && high > left) &&
        (low < left || high > right || high - low < (right - left) / 8 || this.range == null)) {
      this.range = first_range(info, shown.limits)
    }
    const name = [shown.title, info.name].filter((text) => text != "").join(" ")
    const unit = info.unit == "" ? "" : ` [${info.unit}]`
    const about = `${unit}${info.exact ? "" : " from a sample"}`
    this.head.replaceChildren(make("b", "", name), about)
    this.head.hidden = name == "" && about == ""
    for (const [end, word, value] of [["low", "Dark end", low], ["high", "Bright end", high]] as const) {
      const text = write_value(value, shown.limits)
      const label = name == "" ? word : `${word} of ${name}`
      this.handles[end].setAttribute("aria-label", label)
      const [least, most] = reach(info)
      this.handles[end].setAttribute("aria-valuemin", `${least}`)
      this.handles[end].setAttribute("aria-valuemax", `${most}`)
      this.handles[end].setAttribute("aria-valuenow", `${value}`)
      this.handles[end].setAttribute("aria-valuetext", text)
      this.fields[end].setAttribute("aria-label", label)
      if (this.typing != end) {
        this.fields[end].value = text
      }
    }
    this.draw_soon()
  }

  private write(end: "low" | "high"): void {
    this.typing = null
    if (this.shown != null) {
      this.fields[end].value = write_value(this.shown.limits[end == "low" ? 0 : 1], this.shown.limits)
      this.fields[end].removeAttribute("aria-invalid")
    }
  }

  private enter(end: "low" | "high"): void {
    const value = read_value(this.fields[end].value)
    const [low, high] = this.shown?.limits ?? [0, 1]
    const limits: Range = end == "low" ? [value, high] : [low, value]
    const sound = isFinite(value) && limits[0] < limits[1]
    this.fields[end].setAttribute("aria-invalid", `${!sound}`)
    if (sound) {
      this.typing = null
      this.changed(limits)
    }
  }

  private listen(): void {
    const {stage} = this
    stage.onpointerdown = (event) => {
      if (event.button == 0 && this.shown != null) {
        stage.setPointerCapture(event.pointerId)
        this.start(event)
      }
    }
    stage.onpointermove = (event) => {
      if (this.drag != null) {
        this.move(event)
      } else {
        stage.style.cursor = this.what(event) == "both" ? "grab" : "ew-resize"
      }
    }
    stage.onpointerup = stage.onpointercancel = () => this.drag = null
    stage.ondblclick = () => {
      this.zoomed = false
      this.range = this.shown == null ? null : first_range(this.shown.info, this.shown.limits)
      this.draw_soon()
    }
    stage.addEventListener("wheel", (event) => {
      event.preventDefault()
      this.zoom(this.value_at(event.clientX), Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY / 300))))
    }, {passive: false})
  }

  // Around a value, which stays where it is.
  private zoom(around: number, factor: number): void {
    const [left, right] = this.range ?? [0, 1]
    const [least, most] = this.shown == null ? [0, 1] : reach(this.shown.info)
    const span = (right - left) * factor
    if (span > 4 * (most - least) || !(span > 1e-12 * Math.max(Math.abs(around), 1e-30))) {
      return
    }
    this.zoomed = true
    this.range = [around - (around - left) * factor, around + (right - around) * factor]
    this.draw_soon()
  }

  private start(event: PointerEvent): void {
    const what = this.what(event)
    const from: Range = [...this.shown!.limits]
    if (what != "both") {
      this.handles[what].focus({preventScroll: true})
    }
    this.drag = {what, at: this.value_at(event.clientX), from}
    this.move(event)
  }

  // Which limit a place means: the near one, both between them, the nearer one outside.
  private what({clientX}: PointerEvent): Drag["what"] {
    const [low, high] = this.shown?.limits ?? [0, 1]
    const {left} = this.stage.getBoundingClientRect()
    const x = clientX - left
    const [a, b] = [Math.abs(x - this.place(low)), Math.abs(x - this.place(high))]
    const between = x > this.place(low) && x < this.place(high)
    return Math.min(a, b) > NEAR && between ? "both" : a < b || a == b && x < this.place(low) ? "low" : "high"
  }

  private move(event: PointerEvent): void {
    const {what, at, from: [low, high]} = this.drag!
    const [left, right] = this.range!
    const value = this.value_at(event.clientX)
    const least = LEAST_PART * (right - left)
    if (what == "both") {
      this.changed([low + value - at, high + value - at])
    } else if (what == "low") {
      this.changed([Math.min(value, high - least), high])
    } else {
      this.changed([low, Math.max(value, low + least)])
    }
  }

  private press(event: KeyboardEvent, end: "low" | "high"): void {
    if (this.shown == null || this.range == null || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    const [left, right] = this.range
    const [low, high] = this.shown.limits
    const step = (right - left) * (event.shiftKey ? 0.1 : 0.01)
    const value = end == "low" ? low : high
    const [least, most] = reach(this.shown.info)
    const to: {[key: string]: number} = {
      ArrowLeft: value - step, ArrowDown: value - step, ArrowRight: value + step, ArrowUp: value + step,
      PageDown: value - 10 * step, PageUp: value + 10 * step, Home: least, End: most,
    }
    if (event.key in to) {
      const limits: Range = end == "low" ? [to[event.key], high] : [low, to[event.key]]
      if (limits[0] < limits[1]) {
        this.changed(limits)
      }
    } else if (event.key == "+" || event.key == "-") {
      this.zoom(value, event.key == "+" ? 1 / 1.5 : 1.5)
    } else {
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  private place(value: number): number {
    const [left, right] = this.range ?? [0, 1]
    return (value - left) / (right - left) * this.stage.clientWidth
  }

  private value_at(client_x: number): number {
    const [left, right] = this.range ?? [0, 1]
    const box = this.stage.getBoundingClientRect()
    return left + (right - left) * (client_x - box.left) / Math.max(box.width, 1)
  }

  private draw_soon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.draw()
    })
  }

  private draw(): void {
    const {canvas, stage, shown, range, handles} = this
    const width = stage.clientWidth
    if (shown == null || range == null || width == 0) {
      return
    }
    const ratio = devicePixelRatio
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round((HEIGHT + STRIP) * ratio)
    const context = canvas.getContext("2d")!
    context.scale(ratio, ratio)
    const {limits, info} = shown
    const [a, b] = limits.map((limit) => Math.max(-4, Math.min(width + 4, this.place(limit))))
    for (const [end, at] of [["low", a], ["high", b]] as const) {
      handles[end].style.left = `${at}px`
    }
    const style = getComputedStyle(stage)
    context.fillStyle = style.getPropertyValue("background-color")
    context.fillRect(a, 0, b - a, HEIGHT)
    context.fillStyle = shown.ink == "" ? style.color : shown.ink
    const columns = heights(info, range, Math.round(width))
    columns.forEach((height, x) => {
      const inside = x + 0.5 >= a && x + 0.5 <= b
      context.globalAlpha = inside ? 1 : 0.45
      context.fillRect(x, HEIGHT - height * (HEIGHT - 4), 1.02, height * (HEIGHT - 4))
    })
    context.globalAlpha = 1
    this.draw_strip(context, columns.length)
  }

  private draw_strip(context: CanvasRenderingContext2D, columns: number): void {
    const [left, right] = this.range!
    const {colors} = this.shown!
    for (let x = 0; x < columns; x++) {
      const [red, green, blue] = colors(left + (right - left) * (x + 0.5) / columns)
      context.fillStyle = `rgb(${red} ${green} ${blue})`
      context.fillRect(x, HEIGHT, 1.02, STRIP)
    }
  }
}
