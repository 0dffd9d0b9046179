import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import type * as p from "@bokehjs/core/properties"
import {Range1d} from "@bokehjs/models/ranges/range1d"
import {ImageRenderer} from "./image_renderer"
import {column_edge, row_edge} from "./lie"
import type {Grid} from "./lie"

const LEAST = 16 // CSS pixels of the shorter side
const SMALL = 8 // CSS pixels: a smaller view is shown by a frame of this size
const FACTOR = 1.5 // of one press of plus
const PART = 0.25 // of the view, by one press of an arrow
const DIM = 0.45 // what is out of view

const CSS = `
:host { display: block; box-sizing: border-box; min-width: 0; max-width: 100%; }
[hidden] { display: none; }
canvas { display: block; max-width: 100%; outline: 1px solid var(--lg-line, #d8dce2);
  background: var(--lg-ground, #f5f6f8); cursor: crosshair; touch-action: none; user-select: none; -webkit-user-select: none; }
canvas.inside { cursor: grab; }
canvas.held { cursor: grabbing; }
canvas:focus-visible { outline: 2px solid var(--lg-accent, #0b5fad); outline-offset: 1px; }
`

// In columns and rows from the upper left corner of the image, 0 to its width and height.
type View = {left: number, top: number, right: number, bottom: number}

export class MiniMapView extends UIElementView {
  declare model: MiniMap

  private readonly canvas = document.createElement("canvas")
  private readonly colored = document.createElement("canvas") // the thumbnail as the image is shown
  private decoded: ImageBitmap | null = null
  private colored_as = ""
  private frame: number | null = null
  private held: {x: number, y: number} | null = null // where in the view it was taken, in pixels of the image
  private number = 0 // of the newest thumbnail

  override connect_signals(): void {
    super.connect_signals()
    const {renderer, x_range, y_range, properties} = this.model
    this.on_change([properties.thumbnail], () => void this.decode())
    this.on_change([properties.size], () => this.draw_soon())
    for (const changed of [x_range.change, y_range.change, renderer.properties.grid.change, renderer.display.change]) {
      this.connect(changed, () => this.draw_soon())
    }
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), CSS]
  }

  override render(): void {
    super.render()
    const {canvas} = this
    canvas.tabIndex = 0
    canvas.setAttribute("role", "application") // it has keys of its own
    canvas.setAttribute("aria-label", "All of the image. Arrows move the view, plus and minus zoom, Home shows all.")
    canvas.onpointerdown = (event) => this.down(event)
    canvas.onpointermove = (event) => this.move(event)
    canvas.onpointerup = canvas.onpointercancel = () => this.let_go()
    canvas.onkeydown = (event) => this.press(event)
    canvas.addEventListener("wheel", (event) => this.wheel(event), {passive: false})
    this.shadow_el.append(canvas)
    void this.decode()
    this.draw_soon()
  }

  override remove(): void {
    if (this.frame != null) {
      cancelAnimationFrame(this.frame)
    }
    this.decoded?.close()
    super.remove()
  }

  // What the figure shows; its upper edge is the end of its y range, whichever way that goes.
  get seen(): View | null {
    const {x_range, y_range, renderer: {shape}} = this.model
    if (shape == null) {
      return null
    }
    const view = {
      left: column_edge(shape, x_range.start), right: column_edge(shape, x_range.end),
      top: row_edge(shape, y_range.end), bottom: row_edge(shape, y_range.start),
    }
    return isFinite(view.left + view.right + view.top + view.bottom) && view.left < view.right ? view : null
  }

  // Width and height in CSS pixels.
  private extent({width, height}: Grid): [number, number] {
    const {size} = this.model
    const scale = size / Math.max(width, height, 1)
    return [Math.max(LEAST, Math.round(width * scale)), Math.max(LEAST, Math.round(height * scale))]
  }

  private async decode(): Promise<void> {
    const number = ++this.number
    const {thumbnail} = this.model
    try {
      const decoded = thumbnail.byteLength == 0 ? null :
        await createImageBitmap(new Blob([thumbnail], {type: "image/jpeg"}))
      if (number == this.number) {
        this.decoded?.close()
        this.decoded = decoded
        this.colored_as = ""
        this.draw_soon()
      }
    } catch (error) {
      console.warn(`The small image cannot be read: ${error}`)
    }
  }

  // Grey goes through the palette, colours stay.
  private color(): void {
    const {decoded, colored, model: {renderer: {display}}} = this
    const key = display.is_color ? "colours" : `${display.palette} ${display.invert} ${display.palettes.byteLength}`
    if (decoded == null || this.colored_as == key) {
      return
    }
    this.colored_as = key
    colored.width = decoded.width
    colored.height = decoded.height
    const context = colored.getContext("2d", {willReadFrequently: true})!
    context.drawImage(decoded, 0, 0)
    if (!display.is_color) {
      const palette = display.colors()
      const image = context.getImageData(0, 0, decoded.width, decoded.height)
      const {data} = image
      for (let k = 0; k < data.length; k += 4) {
        const at = 3 * (display.invert ? 255 - data[k + 1] : data[k + 1])
        data[k] = palette[at]
        data[k + 1] = palette[at + 1]
        data[k + 2] = palette[at + 2]
      }
      context.putImageData(image, 0, 0)
    }
  }

  private draw_soon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.draw()
    })
  }

  private draw(): void {
    const {canvas, model: {renderer: {shape}}} = this
    canvas.hidden = shape == null
    if (shape == null) {
      return
    }
    const [width, height] = this.extent(shape)
    const ratio = devicePixelRatio
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    canvas.style.width = `${width}px`
    canvas.style.aspectRatio = `${width} / ${height}`
    const context = canvas.getContext("2d")!
    context.scale(ratio, ratio)
    if (this.decoded != null) {
      this.color()
      context.imageSmoothingQuality = "high"
      context.drawImage(this.colored, 0, 0, width, height)
    }
    this.draw_view(context, shape, width, height)
  }

  private draw_view(context: CanvasRenderingContext2D, shape: Grid, width: number, height: number): void {
    const {seen} = this
    if (seen == null) {
      return
    }
    const [across, down] = [width / shape.width, height / shape.height]
    let [left, right, top, bottom] = [seen.left * across, seen.right * across, seen.top * down, seen.bottom * down]
    if (left < 0.5 && top < 0.5 && right > width - 0.5 && bottom > height - 0.5) {
      return // all is seen
    }
    context.beginPath()
    context.rect(0, 0, width, height)
    context.rect(left, top, right - left, bottom - top)
    context.fillStyle = `rgb(0 0 0 / ${DIM})`
    context.fill("evenodd")
    const grow = (low: number, high: number) => Math.max(0, SMALL - (high - low)) / 2
    const [more_x, more_y] = [grow(left, right), grow(top, bottom)]
    left = Math.max(left - more_x, 1)
    right = Math.min(right + more_x, width - 1)
    top = Math.max(top - more_y, 1)
    bottom = Math.min(bottom + more_y, height - 1)
    for (const [ink, thick] of [["#000000", 3], ["#ffd400", 1.5]] as const) {
      context.strokeStyle = ink
      context.lineWidth = thick
      context.strokeRect(left, top, Math.max(right - left, 0), Math.max(bottom - top, 0))
    }
  }

  // A place of the pointer, in pixels of the image from its upper left corner.
  private at({clientX, clientY}: MouseEvent): {x: number, y: number} {
    const {width, height} = this.model.renderer.shape!
    const box = this.canvas.getBoundingClientRect()
    return {
      x: (clientX - box.left) / Math.max(box.width, 1) * width,
      y: (clientY - box.top) / Math.max(box.height, 1) * height,
    }
  }

  private is_inside({x, y}: {x: number, y: number}): boolean {
    const {seen} = this
    return seen != null && x >= seen.left && x <= seen.right && y >= seen.top && y <= seen.bottom
  }

  private down(event: PointerEvent): void {
    const {seen, canvas} = this
    if (event.button != 0 || seen == null) {
      return
    }
    canvas.setPointerCapture(event.pointerId)
    const at = this.at(event)
    const middle = {x: (seen.left + seen.right) / 2, y: (seen.top + seen.bottom) / 2}
    this.held = this.is_inside(at) ? {x: at.x - middle.x, y: at.y - middle.y} : {x: 0, y: 0}
    canvas.classList.add("held")
    this.center(at.x - this.held.x, at.y - this.held.y)
  }

  private move(event: PointerEvent): void {
    if (this.model.renderer.shape == null) {
      return
    }
    const at = this.at(event)
    if (this.held != null) {
      this.center(at.x - this.held.x, at.y - this.held.y)
    } else {
      this.canvas.classList.toggle("inside", this.is_inside(at))
    }
  }

  private let_go(): void {
    this.held = null
    this.canvas.classList.remove("held")
  }

  private wheel(event: WheelEvent): void {
    const {seen} = this
    event.preventDefault()
    if (seen != null) {
      const steps = event.deltaY * (event.deltaMode == 0 ? 1 : event.deltaMode == 1 ? 20 : 200)
      this.zoom(seen, Math.exp(Math.max(-0.7, Math.min(0.7, steps / 400))), this.at(event))
    }
  }

  private press(event: KeyboardEvent): void {
    const {seen} = this
    if (seen == null || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    const [x, y] = [(seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2]
    const [step_x, step_y] = [PART * (seen.right - seen.left), PART * (seen.bottom - seen.top)]
    const steps: {[key: string]: () => void} = {
      ArrowLeft: () => this.center(x - step_x, y), ArrowRight: () => this.center(x + step_x, y),
      ArrowUp: () => this.center(x, y - step_y), ArrowDown: () => this.center(x, y + step_y),
      "+": () => this.zoom(seen, 1 / FACTOR, {x, y}), "=": () => this.zoom(seen, 1 / FACTOR, {x, y}),
      "-": () => this.zoom(seen, FACTOR, {x, y}), Home: () => this.model.renderer.fit(),
    }
    if (event.key in steps) {
      event.preventDefault()
      event.stopPropagation() // these keys may mean something else to the page
      steps[event.key]()
    }
  }

  private center(x: number, y: number): void {
    const {width, height} = this.model.renderer.shape!
    const {left, right, top, bottom} = this.seen!
    const dx = Math.max(0, Math.min(width, x)) - (left + right) / 2
    const dy = Math.max(0, Math.min(height, y)) - (top + bottom) / 2
    this.look({left: left + dx, right: right + dx, top: top + dy, bottom: bottom + dy})
  }

  private zoom({left, right, top, bottom}: View, factor: number, {x, y}: {x: number, y: number}): void {
    this.look({
      left: x - (x - left) * factor, right: x + (right - x) * factor,
      top: y - (y - top) * factor, bottom: y + (bottom - y) * factor,
    })
  }

  private look({left, right, top, bottom}: View): void {
    const {x_range, y_range, renderer} = this.model
    const {first, height, bottom_up} = renderer.shape!
    const y = (edge: number) => bottom_up ? height - 0.5 - edge + first : edge - 0.5 + first
    x_range.setv({start: left + first - 0.5, end: right + first - 0.5})
    y_range.setv({start: y(bottom), end: y(top)})
  }
}

export namespace MiniMap {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    renderer: p.Property<ImageRenderer>
    x_range: p.Property<Range1d>
    y_range: p.Property<Range1d>
    thumbnail: p.Property<ArrayBuffer>
    size: p.Property<number>
  }
}

export interface MiniMap extends MiniMap.Attrs {}

/* All of an image in small, with what is in view. */
export class MiniMap extends UIElement {
  declare properties: MiniMap.Props
  declare __view_type__: MiniMapView

  constructor(attrs?: Partial<MiniMap.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.image.mini_map"

  static {
    this.prototype.default_view = MiniMapView

    this.define<MiniMap.Props>(({Bytes, Int, Ref}) => ({
      renderer:  [ Ref(ImageRenderer) ],
      x_range:   [ Ref(Range1d) ],
      y_range:   [ Ref(Range1d) ],
      thumbnail: [ Bytes, () => new ArrayBuffer(0) ],
      size:      [ Int, 160 ],
    }))
  }
}
