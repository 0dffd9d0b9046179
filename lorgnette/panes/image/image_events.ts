// What the renderer says to the server.
import {ModelEvent} from "@bokehjs/core/bokeh_events"
import type {Attrs} from "@bokehjs/core/types"
import type {Options} from "./display_text"

export type Question = {
  number: number
  version: string
  x0: number
  y0: number
  x1: number
  y1: number
  width: number
  height: number
  zoom: number
  level: number
  missing: number[] // layer, level, column, row of each
  preview: boolean
  display: Omit<Options, "limits">
  seen: number
}

export class ImageAsk extends ModelEvent {
  constructor(readonly question: Question) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, ...this.question}
  }

  static {
    this.prototype.event_name = "lorgnette_image_ask"
  }
}

export class ImageSeen extends ModelEvent {
  constructor(readonly seen: number) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, seen: this.seen}
  }

  static {
    this.prototype.event_name = "lorgnette_image_seen"
  }
}

export class ImagePointer extends ModelEvent {
  constructor(readonly x: number | null, readonly y: number | null, readonly number: number) {
    super()
  }

  protected override get event_values(): Attrs {
    const {x, y, number} = this
    return {...super.event_values, x, y, number}
  }

  static {
    this.prototype.event_name = "lorgnette_image_pointer"
  }
}
