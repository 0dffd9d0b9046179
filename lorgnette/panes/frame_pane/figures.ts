// Figures over the picture, on demand: how often, how old, how large, how fast.
import type {Shown} from "./painter"

const WINDOW_MS = 3000
const REFRESH_MS = 500
const MOST = 1000 // pictures that are remembered

type Told = Map<string, number> | {[name: string]: number}
type Drawn = {at_ms: number, age_ms: number, bytes: number}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`
}

function span(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

function rate(kbit_per_s: number): string {
  return kbit_per_s < 1000 ? `${Math.round(kbit_per_s)} kbit/s` : `${(kbit_per_s / 1000).toPrecision(3)} Mbit/s`
}

export class Figures {
  readonly el = document.createElement("dl")
  private drawn: Drawn[] = []
  private timer: number | undefined

  constructor(private readonly told: () => Told, private readonly shown: () => Shown | null) {
    this.el.className = "figures"
    this.el.hidden = true
  }

  note(age_ms: number, bytes: number): void {
    this.drawn.push({at_ms: performance.now(), age_ms, bytes})
    if (this.drawn.length > MOST) {
      this.drawn = this.recent()
    }
  }

  show(visible: boolean): void {
    this.el.hidden = !visible
    clearInterval(this.timer)
    if (visible) {
      this.timer = setInterval(() => this.fill(), REFRESH_MS)
      this.fill()
    }
  }

  end(): void {
    clearInterval(this.timer)
  }

  private recent(): Drawn[] {
    const since = performance.now() - WINDOW_MS
    const recent = this.drawn.filter(({at_ms}) => at_ms >= since).slice(-MOST / 2)
    return recent.length == 0 ? this.drawn.slice(-1) : recent
  }

  private fill(): void {
    this.drawn = this.recent()
    const {told: get_told} = this
    const told = get_told()
    const link = (name: string) => (told instanceof Map ? told.get(name) : told[name]) ?? null
    const rows: [string, string][] = []
    const shown = this.shown()
    const last = this.drawn.at(-1)
    if (shown != null && last != null) {
      const now = performance.now()
      const lasting = this.drawn.filter(({at_ms}) => now - at_ms < WINDOW_MS)
      const delay = last.age_ms + (link("rtt_ms") ?? 0) / 2 // the way here is in no clock of ours
      rows.push(
        ["Drawn", `${(lasting.length / (WINDOW_MS / 1000)).toFixed(1)} frames/s`],
        ["Delay", span(delay)],
        ["Age", span(delay + now - last.at_ms)],
        ["Frame", `${shown.width} × ${shown.height}`],
        ["Sent", `${shown.sent_width} × ${shown.sent_height}, ${size(last.bytes)}${shown.still ? ", still" : ""}`],
        ["Received", rate(lasting.reduce((sum, {bytes}) => sum + bytes, 0) * 8 / WINDOW_MS)],
      )
    }
    const [rtt, kbit, published] = [link("rtt_ms"), link("kbit_per_s"), link("rate_hz")]
    if (kbit != null) {
      rows.push(["Link", rate(kbit)])
    }
    if (rtt != null) {
      rows.push(["Round trip", span(rtt)])
    }
    if (published != null) {
      rows.push(["Published", `${published.toFixed(1)} frames/s`])
    }
    this.el.replaceChildren(...rows.flatMap(([name, value]) => {
      const [term, text] = [document.createElement("dt"), document.createElement("dd")]
      term.textContent = name
      text.textContent = value
      return [term, text]
    }))
  }
}
