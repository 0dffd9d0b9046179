// What goes to the server: acknowledgements and events, in order, in as few messages as may be.

export type InputEvent = {event: string, [field: string]: unknown}

const MERGED = ["pointermove", "wheel", "pinch", "pan"] // of these only one waits

export class Outbox {
  private drawn = 0
  private readonly ready: InputEvent[] = []
  private readonly waiting = new Map<string, InputEvent>()
  private leaving = false
  private frame: number | null = null

  constructor(private readonly send: (drawn: number, events: InputEvent[]) => void) {}

  // All pictures up to this one are drawn, or will not be.
  acknowledge(number: number): void {
    this.drawn = number
    this.flush_soon()
  }

  /* Moves and the like wait for the next animation frame, and the newest takes the place of the one before (of wheels
   * and of two fingers the sum does). All else leaves at once, behind what waits. */
  put(event: InputEvent): void {
    if (!MERGED.includes(event.event) || "phase" in event && event.phase != "move") {
      this.move_on()
      this.ready.push(event)
      this.flush_soon()
      return
    }
    const before = this.waiting.get(event.event)
    if (before != null && !are_alike(before, event)) {
      this.move_on()
      this.flush_soon()
    }
    this.waiting.set(event.event, merged(this.waiting.get(event.event), event))
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.flush()
    })
  }

  end(): void {
    if (this.frame != null) {
      cancelAnimationFrame(this.frame)
    }
  }

  private move_on(): void {
    this.ready.push(...this.waiting.values())
    this.waiting.clear()
  }

  // At the end of the present task: what the same moment brings goes into one message.
  private flush_soon(): void {
    if (!this.leaving) {
      this.leaving = true
      queueMicrotask(() => this.flush())
    }
  }

  private flush(): void {
    this.leaving = false
    this.move_on()
    if (this.drawn != 0 || this.ready.length != 0) {
      const drawn = this.drawn
      this.drawn = 0
      this.send(drawn, this.ready.splice(0))
    }
  }
}

// With other buttons or modifiers it means something else.
function are_alike(a: InputEvent, b: InputEvent): boolean {
  return a.buttons == b.buttons && a.pointer == b.pointer && String(a.modifiers) == String(b.modifiers)
}

function merged(before: InputEvent | undefined, event: InputEvent): InputEvent {
  const sum = (name: string) => (before?.[name] as number) + (event[name] as number)
  if (before == null || event.event == "pointermove") {
    return event
  }
  if (event.event == "pinch") {
    return {...event, scale: (before.scale as number) * (event.scale as number), rotation: sum("rotation")}
  }
  return {...event, dx: sum("dx"), dy: sum("dy")}
}
