// What the pane says to the server.
import {ModelEvent} from "@bokehjs/core/bokeh_events"
import type {Attrs} from "@bokehjs/core/types"
import type {InputEvent} from "./outbox"

export class PaneReport extends ModelEvent {
  constructor(readonly drawn: number, readonly events: InputEvent[]) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, drawn: this.drawn, events: this.events}
  }

  static {
    this.prototype.event_name = "lorgnette_pane_report"
  }
}

export class TakeControl extends ModelEvent {
  static {
    this.prototype.event_name = "lorgnette_take_control"
  }
}

export class PaneSize extends ModelEvent {
  constructor(readonly width: number, readonly height: number, readonly ratio: number, readonly drawn_width: number) {
    super()
  }

  protected override get event_values(): Attrs {
    const {width, height, ratio, drawn_width} = this
    return {...super.event_values, width, height, ratio, drawn_width}
  }

  static {
    this.prototype.event_name = "lorgnette_pane_size"
  }
}
