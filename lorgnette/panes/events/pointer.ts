// What the pointer does in a figure: pointing at things, tapping them, drawing a box or a line around them.
import type {MouseMove, Pan, SelectionGeometry, Tap} from "@bokehjs/core/bokeh_events"
import type {ModelEventType} from "@bokehjs/core/bokeh_events"
import type {KeyModifiers} from "@bokehjs/core/ui_gestures"
import {encloses} from "./cone_drawing"
import type {Area, Drawing} from "./drawing"
import type {EventProjectionView} from "./event_projection"
import {describe, Tooltip} from "./tooltip"

type How = "replace" | "add" | "toggle"
type Found = {drawing: Drawing, row: number}
type Listener = (event: any) => void

// Of things on top of each other, symbols and lines are meant rather than what lies below them.
const BIG = ["jets"]

export class Pointer {
  private readonly tooltip = new Tooltip()
  private at: {sx: number, sy: number} | null = null // in the figure, CSS pixels; null while it is elsewhere
  private modifiers: KeyModifiers = {shift: false, ctrl: false, alt: false}
  private panning = false
  private tapped: Found | null = null // the last time

  constructor(private readonly view: EventProjectionView) {}

  get el(): HTMLElement {
    return this.tooltip.el
  }

  connect(signal: AbortSignal): void {
    const listen = (name: ModelEventType, listener: Listener) => {
      const plot = this.view.plot_model
      plot.on_event(name as "tap", (event) => signal.aborted ? undefined : listener(event))
      plot.document?.event_manager.subscribed_models.add(plot)
    }
    listen("mousemove", ({sx, sy}: MouseMove) => this.move(sx, sy))
    listen("mouseleave", () => this.leave())
    listen("tap", (event: Tap) => this.tap(event))
    listen("press", (event: Tap) => this.tap(event)) // a slow tap
    listen("doubletap", (event: Tap) => this.tap(event, true))
    listen("panstart", ({modifiers}: Pan) => {
      this.modifiers = modifiers
      this.panning = true
      this.leave()
    })
    listen("pan", ({modifiers}: Pan) => this.modifiers = modifiers)
    listen("panend", () => this.panning = false)
    listen("selectiongeometry", (event: SelectionGeometry) => this.select(event))
  }

  // What lies below a place in the figure, the uppermost and nearest.
  private find(sx: number, sy: number): Found | null {
    const {left, top, width, height} = this.view.plot_view.frame.bbox
    const [x, y] = [sx - left, sy - top]
    if (x < 0 || y < 0 || x > width || y > height) {
      return null
    }
    const screen = this.view.screen()
    const drawings = [...this.view.drawings].reverse()
    const big = (drawing: Drawing) => BIG.includes(this.kind(drawing.name))
    for (const drawing of [...drawings.filter((each) => !big(each)), ...drawings.filter(big)]) {
      const spot = drawing.hit(x, y, screen)
      if (spot != null) {
        return {drawing, row: spot.row}
      }
    }
    return null
  }

  private kind(name: string): string {
    return this.view.model.data.collection(name)?.kind ?? ""
  }

  private move(sx: number, sy: number): void {
    if (this.panning) {
      return
    }
    this.at = {sx, sy}
    const found = this.find(sx, sy)
    this.view.model.data.hover(found?.drawing.name ?? null, found?.row ?? -1)
    this.show() // the sheet moves along
  }

  private leave(): void {
    if (this.at != null) {
      this.at = null
      this.view.model.data.hover(null, -1)
      this.show()
    }
  }

  // `again`: soon after another tap, which may have been meant for something else nearby.
  private tap({sx, sy, modifiers}: Tap, again = false): void {
    const {data} = this.view.model
    const found = this.find(sx, sy)
    const more = modifiers.shift || modifiers.ctrl
    const same = again && found?.row == this.tapped?.row && found?.drawing.name == this.tapped?.drawing.name
    this.tapped = found
    if (same) {
      return
    }
    if (found != null) {
      const {drawing, row} = found
      data.mark(drawing.name, drawing.members?.(row) ?? [row], more ? "toggle" : "replace")
      this.at = {sx, sy}
      data.hover(drawing.name, row) // a finger cannot point at things otherwise
      this.show()
    } else if (!more) {
      data.clear_marks()
    }
  }

  private select({geometry, final}: SelectionGeometry): void {
    const area = final ? to_area(geometry) : null
    if (area == null) {
      return
    }
    const {data} = this.view.model
    let how = this.how()
    let any = false
    for (const drawing of this.view.drawings) {
      const rows = drawing.within(area)
      if (rows.length != 0) {
        data.mark(drawing.name, rows, how)
        how = how == "replace" ? "add" : how
        any = true
      }
    }
    if (!any && how == "replace") {
      data.clear_marks()
    }
  }

  private how(): How {
    const {shift, ctrl} = this.modifiers
    const tool = this.view.plot_model.toolbar.gestures.pan.active as {mode?: string} | null
    return ctrl ? "toggle" : shift || tool?.mode == "append" ? "add" : "replace"
  }

  // Show what is pointed at, in whichever figure the pointer is; the sheet is in that one.
  show(): void {
    const {data} = this.view.model
    const {hovered} = data
    const drawing = hovered == null ? null : this.view.drawings.find(({name}) => name == hovered.name)
    const traces = drawing != null && drawing.rows.includes(hovered!.row) ?
      drawing.trace(hovered!.row, this.view.screen()) : []
    if (hovered == null || traces.length == 0) {
      this.tooltip.hide()
      return
    }
    this.tooltip.point_out(traces, this.view.plot_view.frame.bbox)
    const collection = data.collection(hovered.name)
    if (this.at != null && collection != null) {
      const lines = [...drawing!.describe?.(hovered.row) ?? [], ...describe(collection, hovered.row)]
      this.tooltip.say(`${hovered.name} ${hovered.row}`, lines, this.at.sx, this.at.sy)
    }
  }
}

function to_area(geometry: SelectionGeometry["geometry"]): Area | null {
  if (geometry.type == "rect") {
    const {x0, x1, y0, y1} = geometry
    const [left, right, low, high] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)]
    return (x, y) => x >= left && x <= right && y >= low && y <= high
  }
  if (geometry.type == "poly") {
    const corners = Array.from(geometry.x, (x, i): [number, number] => [x, geometry.y[i]])
    return (x, y) => encloses(corners, x, y)
  }
  return null // a tap comes as such
}
