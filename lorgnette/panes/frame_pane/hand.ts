// The picture moved and zoomed in its pane, by wheel, drag, two fingers and keys, while the program is not steered.
import {Fingers} from "./fingers"
import {moved, zoomed} from "./geometry"
import type {Look, Place, Size} from "./geometry"
import {hold} from "./steer"
import type {Stage} from "./steer"

const WHEEL_FACTOR = 0.002 // of the logarithm of the zoom, for a pixel of the wheel
const STEP = 1.25
const LINE_PX = 40
const ARROW_PX = 40
const ARROWS: {[key: string]: Place} = {
  ArrowLeft: {x: ARROW_PX, y: 0}, ArrowRight: {x: -ARROW_PX, y: 0},
  ArrowUp: {x: 0, y: ARROW_PX}, ArrowDown: {x: 0, y: -ARROW_PX},
}

export class Hand {
  private readonly fingers = new Fingers()
  private dragging: number | null = null
  private last: Place = {x: 0, y: 0}

  constructor(private readonly stage: Stage, private readonly look: () => Look,
      private readonly show: (look: Look) => void) {}

  let_go(): void {
    this.dragging = null
    this.fingers.clear()
  }

  down(event: PointerEvent): void {
    if (event.button != 0) {
      return
    }
    const at = this.stage.at(event)
    hold(this.stage.canvas, event)
    this.last = at
    if (event.pointerType == "touch") {
      this.fingers.down(event.pointerId, at)
    }
    this.dragging = this.fingers.count > 1 ? null : event.pointerId
  }

  move(event: PointerEvent): void {
    const at = this.stage.at(event)
    const change = this.fingers.move(event.pointerId, at)
    const frame = this.stage.frame()
    if (frame != null && change != null) {
      const pane = this.stage.canvas
      const {middle, moved: by, scale} = change
      const before = {x: middle.x - by.x, y: middle.y - by.y}
      this.show(moved(pane, frame, zoomed(pane, frame, this.look(), scale, before), by))
    } else if (event.pointerId == this.dragging) {
      this.shift({x: at.x - this.last.x, y: at.y - this.last.y})
      this.last = at
    }
  }

  up(event: PointerEvent): void {
    this.fingers.up(event.pointerId)
    if (event.pointerId == this.dragging) {
      this.dragging = null
    }
  }

  wheel(event: WheelEvent): void {
    event.preventDefault()
    const unit = event.deltaMode == 0 ? 1 : event.deltaMode == 1 ? LINE_PX : this.stage.canvas.clientHeight
    this.zoom(Math.exp(-event.deltaY * unit * WHEEL_FACTOR), this.stage.at(event))
  }

  // Whether it was one of the keys that move the picture.
  key(event: KeyboardEvent, reset: () => void): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return false
    }
    const by = ARROWS[event.key] as Place | undefined
    if (by != null) {
      this.shift({x: by.x * devicePixelRatio, y: by.y * devicePixelRatio})
    } else if (event.key == "+" || event.key == "=") {
      this.zoom(STEP)
    } else if (event.key == "-") {
      this.zoom(1 / STEP)
    } else if (event.key == "0") {
      reset()
    } else {
      return false
    }
    return true
  }

  zoom_in(): void {
    this.zoom(STEP)
  }

  zoom_out(): void {
    this.zoom(1 / STEP)
  }

  private zoom(factor: number, at?: Place): void {
    const frame = this.stage.frame()
    if (frame != null) {
      const pane: Size = this.stage.canvas
      this.show(zoomed(pane, frame, this.look(), factor, at ?? {x: pane.width / 2, y: pane.height / 2}))
    }
  }

  private shift(by: Place): void {
    const frame = this.stage.frame()
    if (frame != null) {
      this.show(moved(this.stage.canvas, frame, this.look(), by))
    }
  }
}
