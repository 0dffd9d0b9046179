// Tells which pixel the pointer is over: to the page at once, to the server the newest only.
import type {MouseMove, Tap} from "@bokehjs/core/bokeh_events"
import type {ModelEventType} from "@bokehjs/core/bokeh_events"
import type {PlotView} from "@bokehjs/models/plots/plot"

const GAP_MS = 50

export type Told = {
  point(sx: number, sy: number): void // in the figure, CSS pixels
  leave(): void
  reset(): void
}

export function listen(plot_view: PlotView, told: Told, signal: AbortSignal): void {
  const plot = plot_view.model
  const on = (name: ModelEventType, listener: (event: any) => void) => {
    plot.on_event(name as "tap", (event) => signal.aborted ? undefined : listener(event))
    plot.document?.event_manager.subscribed_models.add(plot)
  }
  on("mousemove", ({sx, sy}: MouseMove) => told.point(sx, sy))
  on("tap", ({sx, sy}: Tap) => told.point(sx, sy)) // a finger only taps
  on("mouseleave", () => told.leave())
  on("reset", () => told.reset())
}

// The newest of many, not more often than the server wants to hear.
export class Teller<T> {
  private waiting: {value: T} | null = null
  private timer: number | undefined

  constructor(private readonly tell: (value: T) => void) {}

  put(value: T): void {
    this.waiting = {value}
    if (this.timer == null) {
      this.flush()
    }
  }

  end(): void {
    clearTimeout(this.timer)
  }

  private flush(): void {
    this.timer = undefined
    if (this.waiting != null) {
      const {value} = this.waiting
      this.waiting = null
      this.timer = setTimeout(() => this.flush(), GAP_MS)
      this.tell(value)
    }
  }
}
