// Who gets what is done in the picture: the program, while the pane has the focus and it may be steered; the hand that
// moves the picture otherwise.
import type {Hand} from "./hand"
import {Keyboard} from "./keyboard"
import {now_ms, Steer} from "./steer"
import type {Put, Stage} from "./steer"

export class Capture {
  captured = false
  private focused = false
  private last_pointer: PointerEvent | null = null // within the picture, null while it is elsewhere
  private readonly steer: Steer
  private readonly keyboard: Keyboard

  /* `may_steer` says whether events are wanted at all; `changed` is called when the capture begins or ends. */
  constructor(private readonly stage: Stage, private readonly hand: Hand, private readonly put: Put,
      private readonly may_steer: () => boolean, private readonly changed: () => void,
      private readonly reset: () => void) {
    this.steer = new Steer(stage, put)
    this.keyboard = new Keyboard(put, () => this.stage.canvas.blur())
  }

  connect(signal: AbortSignal): void {
    const {canvas} = this.stage
    const on = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void) =>
      canvas.addEventListener(name, listener, {signal, passive: false})
    on("focus", () => this.focus(true))
    on("blur", () => this.focus(false))
    on("pointerdown", (event) => this.down(event))
    on("pointermove", (event) => {
      this.last_pointer = event
      this.captured ? this.steer.move(event) : this.hand.move(event)
    })
    on("pointerup", (event) => this.captured ? this.steer.up(event) : this.hand.up(event))
    on("pointercancel", (event) => this.captured ? this.steer.cancel(event) : this.hand.up(event))
    on("pointerenter", (event) => this.enter(event))
    on("pointerleave", (event) => this.leave(event))
    on("wheel", (event) => this.wheel(event))
    on("keydown", (event) => this.key(event))
    on("keyup", (event) => this.captured ? this.keyboard.up(event) : undefined)
    // What browsers do with buttons: menus, scrolling by the middle one, going back, pasting.
    for (const name of ["contextmenu", "auxclick", "mousedown", "mouseup", "dragstart"] as const) {
      on(name, (event) => this.captured ? event.preventDefault() : undefined)
    }
  }

  // Begin or end, after anything that matters has changed.
  update(): void {
    const captured = this.focused && this.may_steer()
    if (captured == this.captured) {
      return
    }
    this.captured = captured
    this.hand.let_go()
    this.steer.let_go()
    this.keyboard.let_go()
    this.put({event: captured ? "focus" : "blur", time_ms: now_ms()})
    if (captured && this.last_pointer != null && this.last_pointer.pointerType != "touch") {
      this.steer.enter(this.last_pointer)
    }
    this.changed()
  }

  private focus(focused: boolean): void {
    this.focused = focused
    this.update()
  }

  private down(event: PointerEvent): void {
    // A finger that is put down on a page may want to scroll it; the tap itself brings the focus.
    if (event.pointerType != "touch" && !this.focused) {
      this.last_pointer = event
      this.stage.canvas.focus({preventScroll: true})
    }
    if (this.captured) {
      this.steer.down(event)
    } else {
      this.hand.down(event)
    }
  }

  private enter(event: PointerEvent): void {
    this.last_pointer = event
    if (this.captured && event.pointerType != "touch") {
      this.steer.enter(event)
    }
  }

  private leave(event: PointerEvent): void {
    this.last_pointer = null
    if (this.captured) {
      this.steer.leave(event)
    }
  }

  // The page scrolls as always until the picture is meant.
  private wheel(event: WheelEvent): void {
    if (this.captured) {
      this.steer.wheel(event)
    } else if (this.focused || event.ctrlKey) {
      this.hand.wheel(event)
    }
  }

  private key(event: KeyboardEvent): void {
    if (this.captured) {
      this.keyboard.down(event)
    } else if (event.key == "Escape") {
      this.stage.canvas.blur()
    } else if (this.hand.key(event, this.reset)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
}
