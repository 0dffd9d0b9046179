import {UIElement, UIElementView} from "@bokehjs/models/ui/ui_element"
import type {StyleSheetLike} from "@bokehjs/core/dom"
import {Enum} from "@bokehjs/core/kinds"
import type * as p from "@bokehjs/core/properties"
import {on_theme} from "../events/inks"
import {Capture} from "./capture"
import {Decoder} from "./decoder"
import type {Picture} from "./decoder"
import {Figures} from "./figures"
import {first_look, is_larger, place, scale_of, settled} from "./geometry"
import type {Fit, Look, Place, Rect, Size} from "./geometry"
import {Hand} from "./hand"
import {LookAddress} from "./look_address"
import {decode} from "./packet"
import type {Packet} from "./packet"
import {Painter} from "./painter"
import {Outbox} from "./outbox"
import type {InputEvent} from "./outbox"
import {PaneReport, PaneSize, TakeControl} from "./pane_events"
import {clock, make, mark, save_file, toggle_full_screen, Words} from "./parts"
import type {Steering} from "./parts"
import {device_size, observe, SizeTeller} from "./size_teller"
import {now_ms} from "./steer"
import type {Stage} from "./steer"
import {PANE_CSS} from "./style"
import {Toolbar} from "./toolbar"
import type {Tool} from "./toolbar"

export class FramePaneView extends UIElementView implements Stage {
  declare model: FramePane

  private readonly stop = new AbortController()
  private readonly stage = make("div", "stage")
  private readonly middle = make("div", "middle")
  private readonly notes = make("div", "notes")
  private readonly lesson = make("div", "empty")
  private readonly stale = new Words("label stale")
  private readonly frozen_words = new Words("label")
  private readonly notice = new Words("note")
  private readonly problem = new Words("note problem")
  private readonly painter = new Painter()
  private readonly decoder = new Decoder((picture, packet) => this.take(picture, packet),
    (packet, error) => this.fail(error, packet))
  private readonly outbox = new Outbox((drawn, events) => this.model.trigger_event(new PaneReport(drawn, events)))
  private readonly hand = new Hand(this, () => this.settled_look(), (look) => this.show_look(look))
  private readonly capture = new Capture(this, this.hand, (event) => this.tell(event), () => this.may_steer(),
    () => this.show_state(), () => this.reset())
  private readonly figures = new Figures(() => this.model.figures, () => this.painter.shown)
  private readonly toolbar: Toolbar = new Toolbar({
    fit: (fit) => this.show_look(first_look(fit)),
    zoom_in: () => this.hand.zoom_in(),
    zoom_out: () => this.hand.zoom_out(),
    reset: () => this.reset(),
    tool: (tool) => this.choose_tool(tool),
    freeze: () => this.freeze(),
    save: () => void this.save(),
    full_screen: () => void toggle_full_screen(this.el),
    figures: () => this.model.show_figures = !this.model.show_figures,
    take_control: () => {
      this.canvas.focus()
      this.model.trigger_event(new TakeControl())
    },
  })
  private readonly sizes = new SizeTeller(({width, height, ratio}, is_new) => {
    this.model.trigger_event(new PaneSize(width, height, ratio, (this.rect()?.width ?? 0) / ratio))
    if (is_new) {
      this.outbox.put({event: "resize", time_ms: now_ms(), width, height, ratio})
    }
  })
  private readonly observer = new ResizeObserver((entries) => this.resize(entries[entries.length - 1]))

  private address: LookAddress
  private look: Look = first_look("fit")
  private tool: Tool = "steer"
  private frozen = false
  private newest: Packet | null = null // came while frozen
  private ground = "#000"

  get canvas(): HTMLCanvasElement {
    return this.painter.canvas
  }

  override initialize(): void {
    super.initialize()
    const {argument, fit} = this.model
    this.address = new LookAddress(argument, fit, (look) => this.show_look(look), this.stop.signal)
    this.look = this.address.read() ?? first_look(this.model.fit)
    this.model.fit = this.look.fit
    this.capture.connect(this.stop.signal)
    this.el.addEventListener("fullscreenchange", () => this.show_state(), {signal: this.stop.signal})
    const again = () => observe(this.observer, this.stage) // what it misses: another ratio alone, in some browsers
    addEventListener("resize", again, {signal: this.stop.signal})
    on_theme(() => this.read_ground(), this.stop.signal)
  }

  override connect_signals(): void {
    super.connect_signals()
    const {frame, fit, steering, holder_text, program, stale, show_figures, empty_html, notice} = this.model.properties
    this.on_change(frame, () => this.receive())
    this.on_change(fit, () => {
      if (this.look.fit != this.model.fit) {
        this.show_look(first_look(this.model.fit))
      }
    })
    this.on_change([steering, holder_text, program, stale, notice], () => this.show_state())
    this.on_change(show_figures, () => {
      this.figures.show(this.model.show_figures)
      this.show_state()
    })
    this.on_change(empty_html, () => this.show_empty())
  }

  override stylesheets(): StyleSheetLike[] {
    return [...super.stylesheets(), PANE_CSS]
  }

  override render(): void {
    super.render()
    const {canvas, stage, middle, notes, lesson, toolbar, figures} = this
    canvas.tabIndex = 0
    canvas.setAttribute("role", "application") // it has keys of its own
    middle.replaceChildren(this.stale.el)
    notes.replaceChildren(this.frozen_words.el, this.notice.el, this.problem.el)
    stage.replaceChildren(canvas, lesson, figures.el, middle, notes)
    this.shadow_el.append(toolbar.el, stage)
    figures.show(this.model.show_figures)
    observe(this.observer, stage)
    this.show_empty()
    this.show_state()
    this.receive()
  }

  override remove(): void {
    this.stop.abort()
    this.observer.disconnect()
    this.sizes.end()
    this.decoder.end()
    this.outbox.end()
    this.figures.end()
    this.painter.end()
    super.remove()
  }

  // Where the picture lies in the canvas, in device pixels.
  rect(): Rect | null {
    const {canvas, painter: {frame}} = this
    return frame == null || canvas.width == 0 ? null : place(canvas, frame, this.settled_look())
  }

  frame(): Size | null {
    return this.painter.frame
  }

  at({clientX, clientY}: {clientX: number, clientY: number}): Place {
    const {canvas} = this
    const box = canvas.getBoundingClientRect()
    return {
      x: (clientX - box.left) * canvas.width / Math.max(box.width, 1),
      y: (clientY - box.top) * canvas.height / Math.max(box.height, 1),
    }
  }

  private receive(): void {
    const {frame} = this.model
    if (frame.byteLength == 0) {
      this.clear()
      return
    }
    try {
      this.arrive(decode(frame))
    } catch (error) {
      this.fail(error)
    }
  }

  private arrive(packet: Packet): void {
    if (this.frozen) {
      this.newest = packet
      this.outbox.acknowledge(packet.number)
    } else {
      this.decoder.take(packet)
    }
  }

  private clear(): void {
    this.newest = null
    this.decoder.drop()
    this.painter.end()
    this.say_problem("")
    this.show_empty()
    this.show_state()
  }

  private take(picture: Picture, packet: Packet): void {
    if (this.frozen) {
      picture.image.close()
      if (this.newest == null) { // otherwise one behind it is acknowledged already
        this.newest = packet
        this.outbox.acknowledge(packet.number)
      }
      return
    }
    const before = this.painter.frame
    this.painter.take(picture, packet)
    this.draw()
    const now = performance.now()
    this.outbox.acknowledge(packet.number)
    this.figures.note(packet.age_ms + now - packet.came_ms, packet.jpeg.byteLength)
    this.say_problem("")
    const detail = {number: packet.number, time: performance.timeOrigin + now}
    this.el.dispatchEvent(new CustomEvent("lorgnette_drawn", {detail}))
    if (before?.width != packet.width || before.height != packet.height) {
      this.show_empty()
      this.show_state()
      this.sizes.soon()
    }
  }

  private fail(error: unknown, packet?: Packet): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.say_problem(`A picture could not be read: ${reason}. The one before it stays.`)
    if (packet != null) {
      this.outbox.acknowledge(packet.number)
    }
  }

  private say_problem(text: string): void {
    if (this.model.problem != text) {
      this.model.problem = text
      if (text != "") {
        console.warn(text)
      }
    }
    this.problem.say(text)
  }

  private draw(): void {
    this.painter.draw(this.rect(), this.ground)
  }

  private read_ground(): void {
    this.ground = getComputedStyle(this.stage).backgroundColor
    this.draw()
  }

  // The look as the size of pane and frame allow it.
  private settled_look(): Look {
    const {frame} = this.painter
    return frame == null ? this.look : settled(this.canvas, frame, this.look)
  }

  private show_look(look: Look): void {
    this.look = look
    this.model.fit = look.fit
    this.address.write_soon(this.look)
    this.draw()
    this.show_state()
    this.sizes.soon()
  }

  private reset(): void {
    this.show_look(first_look(this.look.fit))
  }

  private choose_tool(tool: Tool): void {
    this.tool = tool
    this.canvas.focus() // what was chosen can begin
    this.show_state()
  }

  private freeze(): void {
    this.frozen = !this.frozen
    this.frozen_words.say(this.frozen ? `frozen at ${clock()}` : "")
    if (!this.frozen && this.newest != null) {
      this.decoder.take(this.newest)
    }
    this.newest = null
    this.show_state()
  }

  private async save(): Promise<void> {
    const blob = await this.painter.to_png()
    if (blob != null) {
      save_file(blob, `${this.model.file_name.replace(/\.png$/i, "")}.png`)
    }
  }

  private is_open(): boolean {
    return this.model.steering == "you" || this.model.steering == "free"
  }

  private tell(event: InputEvent): void {
    if (this.is_open()) { // nobody else has a say
      this.outbox.put(event)
    }
  }

  private may_steer(): boolean {
    return this.is_open() && this.tool == "steer" && !this.frozen && this.painter.frame != null
  }

  private show_state(): void {
    this.capture.update()
    const {captured} = this.capture
    const {painter: {frame}, canvas, look, model} = this
    const percent = frame == null || canvas.width == 0 ? 0 : 100 * scale_of(canvas, frame, look)
    const [moves, open] = [!this.may_steer(), this.is_open() && !this.frozen]
    this.stage.classList.toggle("captured", captured)
    this.stage.classList.toggle("old", model.stale != "" && frame != null)
    this.stage.classList.toggle("grab", moves && frame != null)
    this.stage.classList.toggle("holds", captured || frame != null && moves && is_larger(canvas, frame, look))
    this.stale.say(model.stale)
    this.notice.say(model.notice)
    canvas.setAttribute("aria-label", `Picture of ${model.program}. ${this.words()}`)
    this.toolbar.show({
      fit: look.fit, percent, tool: open ? this.tool : "move", may_steer: open, frozen: this.frozen,
      figures: model.show_figures, full: document.fullscreenElement != null, mark: this.words(), captured,
      can_take: model.steering == "other",
    })
  }

  private words(): string {
    const {steering, program, holder_text} = this.model
    const {captured} = this.capture
    return mark({
      steering, program, holder_text, captured, shown: this.painter.frame != null, may_steer: this.may_steer(),
    })
  }

  private show_empty(): void {
    const shown = this.painter.frame != null
    this.lesson.innerHTML = shown ? "" : this.model.empty_html
    this.lesson.hidden = shown
    this.canvas.hidden = !shown
  }

  private resize(entry: ResizeObserverEntry): void {
    const {width, height} = entry.contentRect
    this.painter.resize(device_size(entry))
    this.read_ground()
    this.show_state()
    this.sizes.set({width, height, ratio: devicePixelRatio})
  }
}

export namespace FramePane {
  export type Attrs = p.AttrsOf<Props>
  export type Props = UIElement.Props & {
    frame: p.Property<ArrayBuffer>
    fit: p.Property<Fit>
    steering: p.Property<Steering>
    holder_text: p.Property<string>
    program: p.Property<string>
    stale: p.Property<string>
    show_figures: p.Property<boolean>
    figures: p.Property<Map<string, number> | {[name: string]: number}>
    empty_html: p.Property<string>
    notice: p.Property<string>
    file_name: p.Property<string>
    argument: p.Property<string>
    problem: p.Property<string>
  }
}

export interface FramePane extends FramePane.Attrs {}

/* Draws the newest picture of a program and tells what is done in it. */
export class FramePane extends UIElement {
  declare properties: FramePane.Props
  declare __view_type__: FramePaneView

  constructor(attrs?: Partial<FramePane.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.frame_pane.frame_pane"

  static {
    this.prototype.default_view = FramePaneView

    this.define<FramePane.Props>(({Bool, Bytes, Dict, Float, Str}) => ({
      frame:        [ Bytes, () => new ArrayBuffer(0) ],
      fit:          [ Enum("fit", "fill", "actual"), "fit" ],
      steering:     [ Enum("you", "free", "other", "none"), "none" ],
      holder_text:  [ Str, "" ],
      program:      [ Str, "the program" ],
      stale:        [ Str, "" ],
      show_figures: [ Bool, false ],
      figures:      [ Dict(Float), {} ],
      empty_html:   [ Str, "" ],
      notice:       [ Str, "" ],
      file_name:    [ Str, "frame" ],
      argument:     [ Str, "view" ],
      problem:      [ Str, "" ],
    }))
  }
}
