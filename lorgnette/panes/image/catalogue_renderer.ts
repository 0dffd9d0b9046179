import {ModelEvent} from "@bokehjs/core/bokeh_events"
import type {MouseMove, Tap} from "@bokehjs/core/bokeh_events"
import type {ModelEventType} from "@bokehjs/core/bokeh_events"
import {Enum} from "@bokehjs/core/kinds"
import type * as p from "@bokehjs/core/properties"
import type {Attrs, Color} from "@bokehjs/core/types"
import type {Context2d} from "@bokehjs/core/util/canvas"
import {color2css, color2rgba} from "@bokehjs/core/util/color"
import {Renderer, RendererView} from "@bokehjs/models/renderers/renderer"
import {Tooltip} from "../events/tooltip"
import {Bins} from "./catalogue_bins"
import type {Rect} from "./catalogue_bins"
import {Dots, Stamps} from "./catalogue_drawing"
import type {Mapping, Marker} from "./catalogue_drawing"

const FEW = 3000 // markers in view at the most; more of them are dots
const REACH = 9 // CSS pixels from the pointer to what it points at
const TELL_MS = 100
const CHOSEN = 4 // CSS pixels by which a selected one is larger

export type About = {index?: number, title?: string, lines?: [string, string][]}

export class CatalogueHover extends ModelEvent {
  constructor(readonly index: number) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, index: this.index}
  }

  static {
    this.prototype.event_name = "lorgnette_catalogue_hover"
  }
}

export class CataloguePick extends ModelEvent {
  constructor(readonly index: number) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, index: this.index}
  }

  static {
    this.prototype.event_name = "lorgnette_catalogue_pick"
  }
}

export class CatalogueRendererView extends RendererView {
  declare model: CatalogueRenderer

  readonly tooltip = new Tooltip()
  private readonly stop = new AbortController()
  private readonly stamps = new Stamps(1.5)
  private readonly chosen_stamps = new Stamps(2.5)
  private readonly dots = new Dots()
  private bins: Bins | null = null
  private pointer: {sx: number, sy: number} | null = null
  private dragging = false
  private tapped = -1 // the last time
  private told = -1 // what the server knows to be pointed at
  private timer: number | undefined
  hovered = -1
  drawn: "" | "markers" | "dots" = "" // how the last picture was made

  override connect_signals(): void {
    super.connect_signals()
    const {places, origin, marker, size, color, selected, about, visible} = this.model.properties
    this.on_change([places, origin], () => {
      this.bins = null
      this.point(-1)
      this.request_paint()
    })
    this.on_change([marker, size, color, selected], () => this.request_paint())
    this.on_change([about], () => this.show_tooltip())
    this.on_change([visible], () => this.point(-1))
    const listen = (name: ModelEventType, listener: (event: any) => void) => {
      const plot = this.plot_model
      plot.on_event(name as "tap", (event) => this.stop.signal.aborted ? undefined : listener(event))
      plot.document?.event_manager.subscribed_models.add(plot)
    }
    listen("mousemove", ({sx, sy}: MouseMove) => this.move(sx, sy))
    listen("mouseleave", () => {
      this.pointer = null
      this.point(-1)
    })
    listen("panstart", () => {
      this.dragging = true
      this.point(-1)
    })
    listen("panend", () => this.dragging = false)
    listen("tap", (event: Tap) => this.tap(event))
    listen("press", (event: Tap) => this.tap(event)) // a slow tap
    listen("doubletap", (event: Tap) => this.tap(event, true))
  }

  override render(): void {
    super.render()
    this.canvas.overlays_el.append(this.tooltip.el)
  }

  override remove(): void {
    this.stop.abort()
    clearTimeout(this.timer)
    this.tooltip.el.remove()
    super.remove()
  }

  // Of where a source is in the figure, CSS pixels; null if it is nowhere.
  place_of(index: number): [number, number] | null {
    const {all_x, all_y} = this.current()
    const {ax, bx, ay, by} = this.mapping()
    const {left, top} = this.plot_view.frame.bbox
    const [sx, sy] = [all_x[index] * ax + bx + left, all_y[index] * ay + by + top]
    return isFinite(sx + sy) ? [sx, sy] : null
  }

  protected override _paint(context: Context2d): void {
    const bins = this.current()
    const {left, top, width, height} = this.plot_view.frame.bbox
    const {marker, size, color} = this.model
    const mapping = this.mapping()
    const runs = bins.within(this.in_view(mapping, width, height, size))
    const many = runs.reduce((sum, [from, to]) => sum + to - from, 0)
    context.save()
    context.translate(left, top)
    if (many > FEW) {
      const [red, green, blue] = color2rgba(color)
      this.dots.paint(context, bins, runs, mapping, {width, height}, [red, green, blue])
      this.drawn = "dots"
    } else {
      const put = this.stamps.put(context, marker, size, color2css(color), this.canvas.pixel_ratio)
      for (const [from, to] of runs) {
        for (let place = from; place < to; place++) {
          put(bins.x[place] * mapping.ax + mapping.bx, bins.y[place] * mapping.ay + mapping.by)
        }
      }
      this.drawn = "markers"
    }
    this.paint_selected(context, bins, mapping)
    context.restore()
    this.show_tooltip()
  }

  private paint_selected(context: Context2d, {all_x, all_y}: Bins, {ax, bx, ay, by}: Mapping): void {
    const {selected, marker, size} = this.model
    const put = this.chosen_stamps.put(context, marker, size + CHOSEN, "#ffffff", this.canvas.pixel_ratio)
    for (const index of selected) {
      const [sx, sy] = [all_x[index] * ax + bx, all_y[index] * ay + by]
      if (isFinite(sx + sy)) {
        put(sx, sy)
      }
    }
  }

  private current(): Bins {
    if (this.bins == null) {
      const {places} = this.model
      const count = Math.floor(places.byteLength / 8)
      this.bins = new Bins(new Float32Array(places, 0, count), new Float32Array(places, 4 * count, count))
    }
    return this.bins
  }

  // From what `places` holds to the frame's own pixels.
  private mapping(): Mapping {
    const {x_scale, y_scale} = this.coordinates
    const {left, top} = this.plot_view.frame.bbox
    const [ox, oy] = this.model.origin
    const line = ({source_range: {start, end}, compute}: typeof x_scale, scale: typeof x_scale): [number, number] => {
      const a = (compute.call(scale, end) - compute.call(scale, start)) / (end - start)
      return [a, compute.call(scale, start) - a * start]
    }
    const [ax, bx] = line(x_scale, x_scale)
    const [ay, by] = line(y_scale, y_scale)
    return {ax, bx: bx + ax * ox - left, ay, by: by + ay * oy - top}
  }

  private in_view({ax, bx, ay, by}: Mapping, width: number, height: number, margin: number): Rect {
    const xs = [(-margin - bx) / ax, (width + margin - bx) / ax]
    const ys = [(-margin - by) / ay, (height + margin - by) / ay]
    return {x0: Math.min(...xs), x1: Math.max(...xs), y0: Math.min(...ys), y1: Math.max(...ys)}
  }

  private find(sx: number, sy: number): number {
    const {frame} = this.plot_view
    if (!this.model.visible || !frame.bbox.contains(sx, sy)) {
      return -1
    }
    const {ax, bx, ay, by} = this.mapping()
    const {left, top} = frame.bbox
    const reach = Math.max(REACH, this.model.size / 2 + 2)
    const [x, y] = [(sx - left - bx) / ax, (sy - top - by) / ay]
    return this.current().nearest(x, y, reach / Math.abs(ax), reach / Math.abs(ay))
  }

  private move(sx: number, sy: number): void {
    if (!this.dragging) {
      this.pointer = {sx, sy}
      this.point(this.find(sx, sy))
    }
  }

  // `again`: soon after another tap, which may have been meant for something else nearby.
  private tap({sx, sy, modifiers}: Tap, again = false): void {
    const {selected, visible} = this.model
    if (!visible || this.plot_model.toolbar.gestures.tap.active != null) {
      return // the tap is for a tool
    }
    const found = this.find(sx, sy)
    const same = again && found == this.tapped
    this.tapped = found
    const more = modifiers.shift || modifiers.ctrl
    if (same || found < 0 && (more || selected.length == 0)) {
      return
    }
    const others = selected.filter((each) => each != found)
    const before = selected.includes(found)
    this.model.selected = found < 0 ? [] : more ? (before ? others : [...selected, found]) :
      before && others.length == 0 ? [] : [found]
    this.model.trigger_event(new CataloguePick(found))
    this.pointer = {sx, sy}
    this.point(found) // a finger cannot point at things otherwise
  }

  private point(index: number): void {
    if (index != this.hovered) {
      this.hovered = index
      this.timer ??= setTimeout(() => this.tell(), TELL_MS)
    }
    this.show_tooltip()
  }

  private tell(): void {
    this.timer = undefined
    if (this.told != this.hovered) {
      this.told = this.hovered
      this.model.trigger_event(new CatalogueHover(this.hovered))
    }
  }

  private show_tooltip(): void {
    const {hovered, tooltip, pointer, model: {size, about}} = this
    const place = hovered < 0 ? null : this.place_of(hovered)
    const {left, top} = this.plot_view.frame.bbox
    if (place == null) {
      tooltip.hide()
      return
    }
    const r = (size + CHOSEN) / 2
    tooltip.point_out([{kind: "circle", x: place[0] - left, y: place[1] - top, r}], this.plot_view.frame.bbox)
    const {index, title, lines} = (about instanceof Map ? Object.fromEntries(about) : about) as About
    if (index == hovered && pointer != null) {
      tooltip.say(title ?? "", lines ?? [], pointer.sx, pointer.sy)
    }
  }
}

export namespace CatalogueRenderer {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Renderer.Props & {
    places: p.Property<ArrayBuffer>
    origin: p.Property<[number, number]>
    marker: p.Property<Marker>
    size: p.Property<number>
    color: p.Property<Color>
    selected: p.Property<number[]>
    about: p.Property<Map<string, unknown> | {[name: string]: unknown}>
  }
}

export interface CatalogueRenderer extends CatalogueRenderer.Attrs {}

/* Many places in an image. */
export class CatalogueRenderer extends Renderer {
  declare properties: CatalogueRenderer.Props
  declare __view_type__: CatalogueRendererView

  constructor(attrs?: Partial<CatalogueRenderer.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.image.catalogue_renderer"

  static {
    this.prototype.default_view = CatalogueRendererView

    this.define<CatalogueRenderer.Props>(({Bytes, Color, Dict, Float, Int, List, Tuple, Unknown}) => ({
      places:   [ Bytes, () => new ArrayBuffer(0) ],
      origin:   [ Tuple(Float, Float), [0, 0] ],
      marker:   [ Enum("circle", "square", "cross", "diamond"), "circle" ],
      size:     [ Float, 11 ],
      color:    [ Color, "#ffd400" ],
      selected: [ List(Int), [] ],
      about:    [ Dict(Unknown), {} ],
    }))

    this.override<CatalogueRenderer.Props>({
      level: "glyph",
    })
  }
}
