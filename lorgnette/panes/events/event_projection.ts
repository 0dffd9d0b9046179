import {Enum} from "@bokehjs/core/kinds"
import type * as p from "@bokehjs/core/properties"
import type {Rect} from "@bokehjs/core/types"
import type {Context2d} from "@bokehjs/core/util/canvas"
import {auto_ranged, DataRange1d} from "@bokehjs/models/ranges/data_range1d"
import type {AutoRanged} from "@bokehjs/models/ranges/data_range1d"
import {Renderer, RendererView} from "@bokehjs/models/renderers/renderer"
import type {Drawing, Inks} from "./drawing"
import {EventData} from "./event_data"
import {is_dark, on_theme, read_inks} from "./inks"
import {Painter} from "./painter"
import {Pointer} from "./pointer"
import type {Plane} from "./projections"
import {first_range, reach} from "./reach"
import type {Box} from "./reach"
import {make_scene} from "./scene"
import type {Scene} from "./scene"
import {Screen} from "./screen"

const PLANES: Plane[] = ["xy", "rhoz", "etaphi", "bins"] // in the order in which a change is painted

export class EventProjectionView extends RendererView implements AutoRanged {
  declare model: EventProjection

  readonly [auto_ranged] = true

  private readonly stop = new AbortController()
  private readonly painter = new Painter()
  private readonly pointer = new Pointer(this)
  private scene: Scene | null = null
  private inks: Inks | null = null
  private painted: Screen | null = null // what the painter's picture was painted for; null when it is out of date
  private marks_painted = false
  private stale = true
  private waiting = false
  private source = ""
  private range: Box | null = null

  override connect_signals(): void {
    super.connect_signals()
    const {data} = this.model
    const {event, shown, colors, marks, hover, reveal} = data.changes
    this.connect(event, () => this.take_event())
    this.connect(shown, () => this.take_shown())
    this.connect(colors, () => this.refresh())
    this.connect(marks, () => {
      this.marks_painted = false
      this.request_paint()
    })
    this.connect(hover, () => this.pointer.show())
    this.connect(reveal, () => this.reveal())
    const {outlines, labels, sum} = data.choice.properties
    this.on_change([outlines, labels, sum], () => this.refresh()) // Bokeh's own, of a model that is not ours
    this.on_change([this.model.properties.legend, data.choice.properties.views], () => this.request_paint())
    on_theme(() => {
      this.inks = null
      this.refresh()
    }, this.stop.signal)
    this.source = data.event?.header.source ?? ""
    this.pointer.connect(this.stop.signal)
  }

  override render(): void {
    super.render()
    this.canvas.overlays_el.append(this.pointer.el)
  }

  override remove(): void {
    this.stop.abort()
    this.pointer.el.remove()
    super.remove()
  }

  // What is drawn at the moment, made anew if need be.
  get drawings(): Drawing[] {
    return this.current()?.drawings ?? []
  }

  // How the figure's frame maps the plane.
  screen(): Screen {
    const {frame} = this.plot_view
    const {left, top, width, height} = frame.bbox
    const {x_scale, y_scale} = this.coordinates
    const [x0, x1] = [x_scale.source_range.start, x_scale.source_range.end]
    const [y0, y1] = [y_scale.source_range.start, y_scale.source_range.end]
    const ax = (x_scale.compute(x1) - x_scale.compute(x0)) / (x1 - x0)
    const ay = (y_scale.compute(y1) - y_scale.compute(y0)) / (y1 - y0)
    const [bx, by] = [x_scale.compute(x0) - ax * x0 - left, y_scale.compute(y0) - ay * y0 - top]
    return new Screen(ax, bx, ay, by, width, height, this.canvas.pixel_ratio)
  }

  bounds(): Rect {
    return this.first_range()
  }

  log_bounds(): Rect {
    return this.first_range()
  }

  protected override _paint(context: Context2d): void {
    const scene = this.current()
    const screen = this.screen()
    if (scene == null || !(screen.width > 0 && screen.height > 0)) {
      this.pointer.show()
      return
    }
    const {data, legend, projection} = this.model
    const inks = this.inks ??= read_inks(this.plot_view.el)
    if (!screen.equals(this.painted)) {
      this.painter.paint(scene, screen, inks, data.choice)
      this.painted = screen
      this.marks_painted = false
    }
    if (!this.marks_painted) {
      this.painter.paint_marks(scene, screen, inks, (name) => data.marked(name))
      this.marks_painted = true
    }
    const {left, top} = this.plot_view.frame.bbox
    context.save()
    context.translate(left - 0.5, top - 0.5) // Bokeh's canvas is moved by half a pixel
    this.painter.show(context, screen, inks, scene, legend && data.choice.views[0] == projection) // once a page
    context.restore()
    this.pointer.show()
  }

  private current(): Scene | null {
    if (this.stale) {
      const {data, projection} = this.model
      this.scene = make_scene(data, projection, is_dark())
      this.stale = false
      this.painted = null
    }
    return this.scene
  }

  private take_event(): void {
    const source = this.model.data.event?.header.source ?? this.source
    if (source != this.source) {
      this.source = source
      this.plot_view.invalidate_dataranges = true
      for (const range of this.coordinates.ranges) {
        if (range instanceof DataRange1d) {
          range.have_updated_interactively = false // what the reader looked at is somewhere else now
        }
      }
    }
    this.take_shown()
  }

  private take_shown(): void {
    const before = JSON.stringify(this.range)
    if (JSON.stringify(this.first_range()) != before) {
      this.plot_view.invalidate_dataranges = true
    }
    this.refresh()
  }

  // The layer view is painted at once, the others in the frames after it.
  private refresh(): void {
    this.stale = true
    if (this.waiting) {
      return
    }
    this.waiting = true
    let frames = PLANES.indexOf(this.model.projection)
    const turn = () => {
      if (frames-- > 0) {
        requestAnimationFrame(turn)
        return
      }
      this.waiting = false
      if (!this.stop.signal.aborted) {
        this.request_paint()
      }
    }
    turn()
  }

  // Without an event as it was with the one before.
  private first_range(): Box {
    const {data: {event, choice}, projection} = this.model
    if (event != null || this.range == null) {
      this.range = first_range(projection, reach(event, choice.hidden), choice.endcap)
    }
    return this.range
  }

  private reveal(): void {
    const {revealed} = this.model.data
    const place = this.drawings.find(({name}) => name == revealed?.name)?.place(revealed!.row) ?? [NaN, NaN]
    const [x_range, y_range] = this.coordinates.ranges
    const inside = ({min, max}: {min: number, max: number}, at: number) => at >= min && at <= max
    if (!isFinite(place[0] + place[1]) || (inside(x_range, place[0]) && inside(y_range, place[1]))) {
      return
    }
    const moved = ({start, end}: {start: number, end: number}, to: number) =>
      ({start: to - (end - start) / 2, end: to + (end - start) / 2})
    this.plot_view.update_range({
      xrs: new Map([[x_range, moved(x_range, place[0])]]),
      yrs: new Map([[y_range, moved(y_range, place[1])]]),
    }, {panning: true})
  }
}

export namespace EventProjection {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Renderer.Props & {
    data: p.Property<EventData>
    projection: p.Property<Plane>
    legend: p.Property<boolean>
  }
}

export interface EventProjection extends EventProjection.Attrs {}

/* One event in one figure. */
export class EventProjection extends Renderer {
  declare properties: EventProjection.Props
  declare __view_type__: EventProjectionView

  constructor(attrs?: Partial<EventProjection.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.events.event_projection"

  static {
    this.prototype.default_view = EventProjectionView

    this.define<EventProjection.Props>(({Bool, Ref}) => ({
      data:       [ Ref(EventData) ],
      projection: [ Enum("xy", "rhoz", "etaphi", "bins"), "xy" ],
      legend:     [ Bool, true ],
    }))

    this.override<EventProjection.Props>({
      level: "glyph",
    })
  }
}
