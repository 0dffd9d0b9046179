// Draws an image in its figure, and asks for what is in view.
import type {Context2d} from "@bokehjs/core/util/canvas"
import {RendererView} from "@bokehjs/models/renderers/renderer"
import {Screen} from "../events/screen"
import {Asker} from "./asker"
import {Camera} from "./camera"
import {Foot} from "./foot"
import {ImageAsk, ImagePointer, ImageSeen} from "./image_events"
import {listen, Teller} from "./image_pointer"
import type {ImageRenderer} from "./image_renderer"
import {Lie} from "./lie"
import {Stage} from "./stage"

export class ImageRendererView extends RendererView {
  declare model: ImageRenderer

  private readonly stop = new AbortController()
  private readonly stage = new Stage()
  private readonly foot = new Foot()
  private readonly camera: Camera = new Camera({
    ranges: () => [this.coordinates.x_source, this.coordinates.y_source],
    frame: () => this.plot_view.frame.bbox,
    ratio: () => this.canvas.pixel_ratio,
    grid: () => this.model.shape,
  })
  declare private asker: Asker
  private readonly teller = new Teller<[number | null, number | null]>(([x, y]) =>
    this.model.trigger_event(new ImagePointer(x, y, this.model.pointer_number)))
  private waiting = false // for both ranges to be set

  // For tests and benchmarks: when what was drawn, by the page's clock.
  painted_ms = 0

  preview_drawn: {ask: number, ms: number} | null = null

  private preview_ready = 0 // number of the question

  override initialize(): void {
    super.initialize()
    this.asker = new Asker({
      lie: () => this.lie(),
      corners: () => this.corners(),
      version: () => this.model.version,
      layers: () => this.model.display.layers.length,
      store: this.model.incoming.store,
      display: () => this.model.said_display(),
      ask: (question) => {
        this.model.incoming.note(question.number, this.model.display.mappings())
        this.model.trigger_event(new ImageAsk(question))
      },
      seen: (number) => this.model.trigger_event(new ImageSeen(number)),
    })
  }

  override connect_signals(): void {
    super.connect_signals()
    const {display, arrived, ready, looked, properties} = this.model
    const {grid, levels, version, go, progress, notice} = properties
    this.connect(display.change, () => {
      this.model.repaint_colors()
      this.stage.forget()
      this.request_paint()
      this.asker.look() // with other layers
    })
    this.connect(arrived, (number) => this.asker.acknowledge(number))
    this.connect(ready, (ask) => this.take(ask))
    this.connect(looked, (look) => this.camera.go(look))
    this.on_change(version, () => this.start_anew(true))
    this.on_change([grid, levels], () => this.start_anew(false))
    this.on_change(go, () => this.camera.go(this.model.target()))
    this.on_change([progress, notice], () => this.show_foot())
    for (const range of [this.coordinates.x_source, this.coordinates.y_source]) {
      this.connect(range.change, () => this.take_ranges())
    }
    listen(this.plot_view, {
      point: (sx, sy) => this.point(sx, sy),
      leave: () => this.leave(),
      reset: () => this.camera.fit(),
    }, this.stop.signal)
  }

  override render(): void {
    super.render()
    this.canvas.overlays_el.append(this.foot.el)
    this.show_foot()
  }

  override remove(): void {
    this.stop.abort()
    this.asker.end()
    this.camera.end()
    this.teller.end()
    this.foot.el.remove()
    super.remove()
  }

  // Whose blocks are drawn, and how many of those that are seen are not held; -1 before the first picture.
  get level_drawn(): number {
    return this.stage.level
  }

  get missing_count(): number {
    return this.asker.missing_count
  }

  // Whether all that is seen was drawn from blocks of the right level.
  get is_sharp(): boolean {
    return this.stage.complete && this.lie()?.level == this.stage.level
  }

  get asked(): number {
    return this.asker.number
  }

  // How the image lies in the frame; null while there is none, or no place for it.
  lie(): Lie | null {
    const {shape, levels} = this.model
    const lie = shape != null ? new Lie(shape, levels, this.screen()) : null
    return lie?.is_sound ? lie : null
  }

  // How the figure's frame maps the image's coordinates.
  private screen(): Screen {
    const {left, top, width, height} = this.plot_view.frame.bbox
    const {x_scale, y_scale} = this.coordinates
    const [x0, x1] = [x_scale.source_range.start, x_scale.source_range.end]
    const [y0, y1] = [y_scale.source_range.start, y_scale.source_range.end]
    const ax = (x_scale.compute(x1) - x_scale.compute(x0)) / (x1 - x0)
    const ay = (y_scale.compute(y1) - y_scale.compute(y0)) / (y1 - y0)
    const [bx, by] = [x_scale.compute(x0) - ax * x0 - left, y_scale.compute(y0) - ay * y0 - top]
    return new Screen(ax, bx, ay, by, width, height, this.canvas.pixel_ratio)
  }

  private corners(): {x0: number, y0: number, x1: number, y1: number} {
    const {x_source, y_source} = this.coordinates
    return {x0: x_source.start, y0: y_source.start, x1: x_source.end, y1: y_source.end}
  }

  protected override _paint(context: Context2d): void {
    this.camera.settle()
    this.foot.lay(this.plot_view.frame.bbox)
    const lie = this.lie()
    if (lie == null) {
      return
    }
    this.asker.look()
    this.stage.paint(lie, this.model.holdings)
    this.show(context, lie)
    this.painted_ms = performance.now()
    if (this.preview_ready != 0) {
      this.preview_drawn = {ask: this.preview_ready, ms: this.painted_ms}
      this.preview_ready = 0
    }
  }

  // On whole pixels of the screen: Bokeh's canvas is moved by half a pixel, for the sake of thin lines.
  private show(context: Context2d, lie: Lie): void {
    const {left, top} = this.plot_view.frame.bbox
    const {canvas} = this.stage
    const scale = context.getTransform().a
    const part = scale / lie.screen.ratio
    context.save()
    context.setTransform(1, 0, 0, 1, Math.round(left * scale), Math.round(top * scale))
    context.drawImage(canvas, 0, 0, canvas.width * part, canvas.height * part)
    context.restore()
  }

  private take(ask: number): void {
    if (ask != 0) {
      this.preview_ready = ask
      this.stage.drop_snapshot()
    }
    this.stage.refresh()
    this.asker.look()
    this.request_paint()
  }

  private start_anew(same_place: boolean): void {
    this.model.start_anew()
    this.stage.clear(same_place)
    this.camera.settle()
    this.asker.look()
    this.request_paint()
  }

  // A tool sets both ranges, one after the other.
  private take_ranges(): void {
    if (!this.waiting) {
      this.waiting = true
      queueMicrotask(() => {
        this.waiting = false
        if (!this.stop.signal.aborted) {
          this.camera.take()
          this.asker.look()
        }
      })
    }
  }

  private point(sx: number, sy: number): void {
    const {left, top, width, height} = this.plot_view.frame.bbox
    const {shape} = this.model
    const inside = sx >= left && sy >= top && sx < left + width && sy < top + height
    const [x, y] = [this.coordinates.x_scale.invert(sx), this.coordinates.y_scale.invert(sy)]
    if (shape != null && inside && this.model.point(x, y)) {
      this.teller.put([x, y])
    } else {
      this.leave()
    }
  }

  private leave(): void {
    if (this.model.pointed != null) {
      this.model.leave()
      this.teller.put([null, null])
    }
  }

  private show_foot(): void {
    this.foot.show(this.model.notice, this.model.progress)
  }
}
