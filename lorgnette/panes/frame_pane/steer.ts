// Mouse, pen, wheel and touch in the picture, told to the program. lorgnette/input.py documents names and fields.
import {Fingers} from "./fingers"
import {to_picture} from "./geometry"
import type {Place, Rect, Size} from "./geometry"
import type {InputEvent} from "./outbox"

const BITS = [1, 4, 2, 8, 16, 32] // of `buttons`, by the number of the button
const LINE_PX = 40 // of a wheel that counts lines

/* Where the picture lies, as far as there is one: `rect` in device pixels of the pane. */
export type Stage = {
  canvas: HTMLCanvasElement
  rect(): Rect | null
  frame(): Size | null
  at(event: {clientX: number, clientY: number}): Place // device pixels of the pane
}

export type Put = (event: InputEvent) => void

// Milliseconds since 1970, by the browser's clock.
export function time_ms(event: {timeStamp: number}): number {
  return Math.round((performance.timeOrigin + event.timeStamp) * 100) / 100
}

export function now_ms(): number {
  return time_ms({timeStamp: performance.now()})
}

export function modifiers_of(event: MouseEvent | KeyboardEvent): {modifiers?: string[]} {
  const {shiftKey, ctrlKey, altKey, metaKey} = event
  const names = Object.entries({shift: shiftKey, ctrl: ctrlKey, alt: altKey, meta: metaKey})
    .filter(([, down]) => down).map(([name]) => name)
  return names.length == 0 ? {} : {modifiers: names}
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

// A drag goes on outside of the picture.
export function hold(canvas: HTMLCanvasElement, event: PointerEvent): void {
  try {
    canvas.setPointerCapture(event.pointerId)
  } catch { } // it is up already
}

export class Steer {
  private readonly fingers = new Fingers()
  private finger: number | null = null // the one that counts as a pressed left button
  private buttons = 0 // that were pressed here
  private last: Place = {x: 0, y: 0}

  constructor(private readonly stage: Stage, private readonly put: Put) {}

  // Nothing is pressed any more; the program is told so by "blur".
  let_go(): void {
    this.buttons = 0
    this.finger = null
    this.fingers.clear()
  }

  down(event: PointerEvent): void {
    hold(this.stage.canvas, event)
    if (event.pointerType == "touch") {
      this.touch(event)
    } else {
      this.change_buttons(event)
    }
  }

  move(event: PointerEvent): void {
    if (event.pointerType == "touch") {
      this.drag(event)
    } else if (this.buttons != 0 && event.buttons != this.buttons) {
      this.change_buttons(event) // a further button makes no event of its own
    } else if (event.buttons == this.buttons) { // otherwise the drag began elsewhere
      this.tell("pointermove", event, {buttons: this.buttons})
    }
  }

  up(event: PointerEvent): void {
    if (event.pointerType == "touch") {
      this.lift(event)
    } else if (this.buttons != 0) {
      this.change_buttons(event)
    }
  }

  // The browser took the pointer away: what was pressed counts as released where it was last.
  cancel(event: PointerEvent): void {
    if (event.pointerType == "touch") {
      this.lift(event)
    } else {
      this.release(event, this.buttons)
    }
  }

  enter(event: PointerEvent): void {
    this.tell("pointerenter", event, {buttons: this.buttons})
  }

  leave(event: PointerEvent): void {
    if (this.buttons == 0 && event.pointerType != "touch") {
      this.tell("pointerleave", event, {buttons: 0})
    }
  }

  wheel(event: WheelEvent): void {
    event.preventDefault()
    const {deltaMode, DOM_DELTA_LINE, DOM_DELTA_PAGE} = event
    const page_px = this.stage.canvas.clientHeight
    const unit = deltaMode == DOM_DELTA_LINE ? LINE_PX : deltaMode == DOM_DELTA_PAGE ? page_px : 1
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
    this.tell("wheel", event, {dx: rounded(dx, 2), dy: rounded(dy, 2), buttons: this.buttons})
  }

  private change_buttons(event: PointerEvent): void {
    const now = event.buttons
    const pressed = now & ~this.buttons
    this.release(event, this.buttons & ~now)
    BITS.forEach((bit, button) => {
      if ((pressed & bit) != 0) {
        this.buttons |= bit
        this.tell("pointerdown", event, {button, buttons: this.buttons})
      }
    })
  }

  private release(event: PointerEvent, released: number): void {
    BITS.forEach((bit, button) => {
      if ((released & bit) != 0) {
        this.buttons &= ~bit
        this.tell("pointerup", event, {button, buttons: this.buttons})
      }
    })
  }

  private touch(event: PointerEvent): void {
    this.fingers.down(event.pointerId, this.stage.at(event))
    if (this.fingers.count == 1) {
      this.finger = event.pointerId
      this.buttons = 1
      this.tell("pointerdown", event, {button: 0, buttons: 1})
    } else if (this.fingers.middle != null && this.fingers.count == 2) {
      this.lift_finger(event, this.last)
      this.tell_pair(event, "start", 1, 0, {x: 0, y: 0})
    }
  }

  private drag(event: PointerEvent): void {
    const change = this.fingers.move(event.pointerId, this.stage.at(event))
    const rect = this.stage.rect()
    if (change != null && rect != null) {
      const {scale, rotation, moved} = change
      this.tell_pair(event, "move", scale, rotation, {x: moved.x / rect.width, y: moved.y / rect.height})
    } else if (event.pointerId == this.finger) {
      this.tell("pointermove", event, {buttons: 1})
    }
  }

  private lift(event: PointerEvent): void {
    const middle = this.fingers.middle
    if (this.fingers.up(event.pointerId)) {
      this.tell_pair(event, "end", 1, 0, {x: 0, y: 0}, middle!)
    } else if (event.pointerId == this.finger) {
      this.lift_finger(event, event.type == "pointercancel" ? this.last : this.stage.at(event))
    }
  }

  private lift_finger(event: PointerEvent, at: Place): void {
    if (this.finger != null) {
      this.finger = null
      this.buttons = 0
      this.tell("pointerup", event, {button: 0, buttons: 0}, at)
    }
  }

  private tell_pair(event: PointerEvent, phase: string, scale: number, rotation: number, moved: Place,
      at: Place = this.fingers.middle!): void {
    const turned = {scale: rounded(scale, 6), rotation: rounded(rotation, 6)}
    this.tell("pinch", event, {phase, ...turned}, at)
    this.tell("pan", event, {phase, dx: rounded(moved.x, 6), dy: rounded(moved.y, 6)}, at)
  }

  private tell(name: string, event: MouseEvent, more: {[field: string]: unknown}, at?: Place): void {
    const [rect, frame] = [this.stage.rect(), this.stage.frame()]
    if (rect == null || frame == null) {
      return
    }
    const place = at ?? (event.type == "pointercancel" ? this.last : this.stage.at(event))
    this.last = place
    const {x, y} = to_picture(rect, place)
    const {width, height} = frame
    const pointer = event instanceof PointerEvent ? {pointer: event.pointerType} : {}
    this.put({
      event: name, time_ms: time_ms(event), x: rounded(x, 6), y: rounded(y, 6),
      px: rounded(x * width, 3), py: rounded(y * height, 3), width, height,
      ...more, ...modifiers_of(event), ...pointer,
    })
  }
}
