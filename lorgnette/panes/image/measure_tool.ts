import {ModelEvent} from "@bokehjs/core/bokeh_events"
import {Enum} from "@bokehjs/core/kinds"
import type * as p from "@bokehjs/core/properties"
import type {Attrs} from "@bokehjs/core/types"
import type {EventType, KeyEvent, PanEvent, TapEvent} from "@bokehjs/core/ui_events"
import type {Color} from "@bokehjs/core/types"
import {color2css} from "@bokehjs/core/util/color"
import type {Context2d} from "@bokehjs/core/util/canvas"
import {Renderer, RendererView} from "@bokehjs/models/renderers/renderer"
import {GestureTool, GestureToolView} from "@bokehjs/models/tools/gestures/gesture_tool"
import {constrained, describe, Figure, settled} from "./measure_shape"
import type {Place, Point, Shape} from "./measure_shape"

const LEAST = 3 // CSS pixels: what is shorter was no drag
const TELL_MS = 200 // between two words to the server while a key is held down

const ICONS: {[shape in Shape]: string} = {
  line: "<path d='M4 16 16 4'/><path d='m2.5 14.5 3 3m9-15 3 3'/>",
  box: "<path d='M3 5h14v10H3z'/>",
  circle: "<circle cx='10' cy='10' r='7'/><path d='M10 10h7'/>",
  point: "<path d='M10 2v5m0 6v5M2 10h5m6 0h5'/>",
}
const TITLES: {[shape in Shape]: string} = {
  line: "Profile along a line", box: "Statistics of a box", circle: "Statistics of a circle", point: "Mark a point",
}
const ORDERS: {[shape in Shape]: number} = {line: 40, box: 41, circle: 42, point: 43}

export class Measured extends ModelEvent {
  constructor(readonly shape: Shape, readonly place: Place) {
    super()
  }

  protected override get event_values(): Attrs {
    const [x0, y0, x1, y1] = this.place
    return {...super.event_values, shape: this.shape, x0, y0, x1, y1}
  }

  static {
    this.prototype.event_name = "lorgnette_measured"
  }
}

export class MeasureMarkView extends RendererView {
  declare model: MeasureMark

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.model.change, () => this.request_paint())
  }

  override get needs_clip(): boolean {
    return true
  }

  get figure(): Figure | null {
    const {place, shape} = this.model
    if (place == null) {
      return null
    }
    const {x_scale, y_scale} = this.coordinates
    const at = (x: number, y: number): Point => [x_scale.compute(x), y_scale.compute(y)]
    return new Figure(shape, at(place[0], place[1]), at(place[2], place[3]))
  }

  protected override _paint(context: Context2d): void {
    const {figure, model: {place, shape, color, active, pixel_size, unit}} = this
    if (figure != null) {
      figure.paint(context, color2css(color), active)
      figure.write(context, describe(shape, place!, {size: pixel_size, name: unit}), this.plot_view.frame.bbox)
    }
  }
}

export namespace MeasureMark {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Renderer.Props & {
    shape: p.Property<Shape>
    place: p.Property<Place | null>
    active: p.Property<boolean>
    color: p.Property<Color>
    pixel_size: p.Property<number | null>
    unit: p.Property<string>
  }
}

interface MeasureMark extends MeasureMark.Attrs {}

/* What a tool has drawn. It is in the browser only; the snapshot of a figure has it. */
class MeasureMark extends Renderer {
  declare properties: MeasureMark.Props
  declare __view_type__: MeasureMarkView

  constructor(attrs?: Partial<MeasureMark.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.image.measure_tool"

  static {
    this.prototype.default_view = MeasureMarkView

    this.define<MeasureMark.Props>(({Bool, Color, Float, Nullable, Str, Tuple}) => ({
      shape:      [ Enum("line", "box", "circle", "point"), "line" ],
      place:      [ Nullable(Tuple(Float, Float, Float, Float)), null ],
      active:     [ Bool, false ],
      color:      [ Color, "#ffd400" ],
      pixel_size: [ Nullable(Float), null ],
      unit:       [ Str, "arcsec" ],
    }))

    this.override<MeasureMark.Props>({
      level: "overlay",
    })
  }
}

type Drag = {
  grip: number // -1: as a whole
  start: Point // of the pointer, in pixel coordinates
  from: Place
  before: Place | null // what Escape brings back
}

export class MeasureToolView extends GestureToolView {
  declare model: MeasureTool

  private readonly mark = new MeasureMark({syncable: false})
  private drag: Drag | null = null
  private timer: number | undefined

  override get overlays(): Renderer[] {
    return [...super.overlays, this.mark]
  }

  override initialize(): void {
    super.initialize()
    this.show()
  }

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.model.change, () => this.show())
  }

  override remove(): void {
    clearTimeout(this.timer)
    super.remove()
  }

  override deactivate(): void {
    this.cancel()
  }

  override _pan_start({sx, sy}: PanEvent): boolean {
    const {frame, canvas_view, renderer_views} = this.plot_view
    if (this.model.shape == "point" || !frame.bbox.contains(sx, sy)) {
      return false
    }
    canvas_view.events_el.focus({preventScroll: true}) // for the keys
    const at = this.invert(sx, sy)
    const before = this.model.place
    const view = renderer_views.get(this.mark) as MeasureMarkView | undefined
    const grip = view?.figure?.grip([sx, sy]) ?? null
    this.drag = {grip: grip ?? 1, start: at, from: grip == null ? [...at, ...at] : before!, before}
    return true
  }

  override _pan({sx, sy, modifiers}: PanEvent): boolean {
    if (this.drag == null) {
      return false
    }
    this.mark.place = this.dragged(this.drag, this.invert(sx, sy), modifiers.shift)
    return true
  }

  override _pan_end({sx, sy, modifiers}: PanEvent): boolean {
    const {drag} = this
    if (drag == null) {
      return false
    }
    this.drag = null
    const place = this.dragged(drag, this.invert(sx, sy), modifiers.shift)
    const {x_scale, y_scale} = this.plot_view.frame
    const length = Math.hypot(x_scale.compute(place[2]) - x_scale.compute(place[0]),
      y_scale.compute(place[3]) - y_scale.compute(place[1]))
    if (length < LEAST) {
      this.show()
    } else {
      this.take(place)
    }
    return true
  }

  override _tap({sx, sy}: TapEvent): boolean {
    if (this.model.shape != "point" || !this.plot_view.frame.bbox.contains(sx, sy)) {
      return false
    }
    this.plot_view.canvas_view.events_el.focus({preventScroll: true})
    const at = this.invert(sx, sy)
    this.take([...at, ...at])
    return true
  }

  override _press(event: TapEvent): boolean { // a slow tap
    return this._tap(event)
  }

  override _keydown({key, modifiers, native}: KeyEvent): void {
    if (!this.model.active || modifiers.ctrl || modifiers.alt || native.defaultPrevented) {
      return
    }
    const step = this.step(key)
    if (key == "Escape" && (this.drag != null || this.model.place != null)) {
      this.drag != null ? this.cancel() : this.model.place = null
    } else if (key == "Enter" && this.model.place == null) {
      this.take(this.first_place())
    } else if (step != null && this.model.place != null && this.drag == null) {
      this.nudge(step, modifiers.shift && this.model.shape != "point")
    } else {
      return
    }
    native.preventDefault()
    native.stopPropagation() // these keys may mean something else to the page
  }

  private show(): void {
    const {shape, place, active, color, pixel_size, unit} = this.model
    if (this.drag == null) {
      this.mark.setv({shape, place, active, color, pixel_size, unit})
    }
  }

  private invert(sx: number, sy: number): Point {
    const {x_scale, y_scale} = this.plot_view.frame
    return [x_scale.invert(sx), y_scale.invert(sy)]
  }

  private dragged({grip, start, from}: Drag, at: Point, shift: boolean): Place {
    const [x0, y0, x1, y1] = from
    if (grip == -1) {
      const [dx, dy] = [at[0] - start[0], at[1] - start[1]]
      return [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
    }
    // The corner across stays; the handles 2 and 3 of a box are (x1, y0) and (x0, y1).
    const fixed: Point = grip == 0 ? [x1, y1] : grip == 1 ? [x0, y0] : grip == 2 ? [x0, y1] : [x1, y0]
    const moved = shift ? constrained(this.model.shape, fixed, at) : at
    return grip == 0 ? [...moved, ...fixed] : [...fixed, ...moved]
  }

  private cancel(): void {
    this.drag = null
    this.show()
  }

  // For those without a mouse: in the middle of the view.
  private first_place(): Place {
    const {left, right, top, bottom} = this.plot_view.frame.bbox
    const [x, y] = [(left + right) / 2, (top + bottom) / 2]
    const reach = Math.min(right - left, bottom - top) / 8
    const {shape} = this.model
    const a = this.invert(shape == "circle" || shape == "point" ? x : x - reach, shape == "box" ? y + reach : y)
    const b = this.invert(shape == "point" ? x : x + reach, shape == "box" ? y - reach : y)
    return [...a, ...b]
  }

  // One pixel of the image, or of the screen if that is more.
  private step(key: string): Point | null {
    const {x_scale, y_scale} = this.plot_view.frame
    const x = Math.max(1, Math.abs(x_scale.invert(1) - x_scale.invert(0)))
    const up = y_scale.invert(0) - y_scale.invert(1)
    const y = Math.max(1, Math.abs(up)) * Math.sign(up)
    const steps: {[key: string]: Point} = {
      ArrowLeft: [-x, 0], ArrowRight: [x, 0], ArrowUp: [0, y], ArrowDown: [0, -y],
    }
    return steps[key] ?? null
  }

  private nudge([dx, dy]: Point, second_only: boolean): void {
    const [x0, y0, x1, y1] = this.mark.place!
    this.mark.place = second_only ? [x0, y0, x1 + dx, y1 + dy] : [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      if (this.mark.place != null && this.drag == null) {
        this.take(this.mark.place)
      }
    }, TELL_MS)
  }

  private take(place: Place): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const {model} = this
    model.place = settled(model.shape, place)
    this.show()
    model.trigger_event(new Measured(model.shape, model.place))
  }
}

export namespace MeasureTool {
  export type Attrs = p.AttrsOf<Props>
  export type Props = GestureTool.Props & {
    shape: p.Property<Shape>
    place: p.Property<Place | null>
    pixel_size: p.Property<number | null>
    unit: p.Property<string>
    color: p.Property<Color>
  }
}

export interface MeasureTool extends MeasureTool.Attrs {}

/* Draws one line, box, circle or point. */
export class MeasureTool extends GestureTool {
  declare properties: MeasureTool.Props
  declare __view_type__: MeasureToolView

  constructor(attrs?: Partial<MeasureTool.Attrs>) {
    super(attrs)
  }

  override tool_name = "Measure"

  get event_type(): EventType {
    return this.shape == "point" ? "tap" : "pan"
  }

  get default_order(): number {
    return ORDERS[this.shape]
  }

  override get tooltip(): string {
    return this.description ?? TITLES[this.shape]
  }

  // A grey that is seen on light and on dark.
  override get computed_icon(): GestureTool["computed_icon"] {
    const attributes = "fill='none' stroke='rgb(125,134,145)' stroke-width='2' stroke-linecap='round' " +
      "stroke-linejoin='round'"
    const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' ${attributes}>${ICONS[this.shape]}</svg>`
    return super.computed_icon ?? `data:image/svg+xml;utf8,${picture}`
  }

  static override __module__ = "lorgnette.panes.image.measure_tool"

  static {
    this.prototype.default_view = MeasureToolView

    this.define<MeasureTool.Props>(({Color, Float, Nullable, Str, Tuple}) => ({
      shape:      [ Enum("line", "box", "circle", "point"), "line" ],
      place:      [ Nullable(Tuple(Float, Float, Float, Float)), null ],
      pixel_size: [ Nullable(Float), null ],
      unit:       [ Str, "arcsec" ],
      color:      [ Color, "#ffd400" ],
    }))
  }
}
