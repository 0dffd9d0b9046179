// Fit, zoom and place of the picture in the page's address: `fill`, or `fit_2.5_0.31_0.7`.
import {first_look, LEAST_ZOOM, MOST_ZOOM} from "./geometry"
import type {Fit, Look} from "./geometry"

// Browsers allow about a hundred changes of the address in half a minute; a wheel makes more.
const WRITE_MS = 400

export function write_look({fit, zoom, x, y}: Look): string {
  return zoom == 1 && x == 0.5 && y == 0.5 ? fit : [fit, ...[zoom, x, y].map((value) => +value.toFixed(4))].join("_")
}

// Null of what is nothing of the kind.
export function read_look(text: string | null): Look | null {
  const [fit, ...numbers] = text?.split("_") ?? []
  if (!["fit", "fill", "actual"].includes(fit)) {
    return null
  }
  if (numbers.length == 0) {
    return first_look(fit as Fit)
  }
  const [zoom, x, y] = numbers.map(Number)
  const is_part = (value: number) => value >= 0 && value <= 1
  const is_sound = numbers.length == 3 && zoom >= LEAST_ZOOM && zoom <= MOST_ZOOM
  return is_sound && is_part(x) && is_part(y) ? {fit: fit as Fit, zoom, x, y} : null
}

export class LookAddress {
  private timer: number | undefined
  private text = "" // what is to be written
  private readonly usual: string // is not written

  constructor(private readonly name: string, usual: Fit, followed: (look: Look) => void, signal: AbortSignal) {
    this.usual = usual
    if (name != "") {
      addEventListener("popstate", () => {
        clearTimeout(this.timer)
        this.timer = undefined
        followed(this.read() ?? first_look(usual))
      }, {signal})
      addEventListener("pagehide", () => this.write(), {signal})
      signal.addEventListener("abort", () => clearTimeout(this.timer))
    }
  }

  read(): Look | null {
    return this.name == "" ? null : read_look(new URLSearchParams(location.search).get(this.name))
  }

  write_soon(look: Look): void {
    this.text = write_look(look)
    if (this.name != "") {
      this.timer ??= setTimeout(() => this.write(), WRITE_MS)
    }
  }

  private write(): void {
    if (this.timer == null) {
      return
    }
    clearTimeout(this.timer)
    this.timer = undefined
    const query = new URLSearchParams(location.search)
    const text = this.text == this.usual ? null : this.text
    if (query.get(this.name) == text) {
      return
    }
    if (text == null) {
      query.delete(this.name)
    } else {
      query.set(this.name, text)
    }
    const rest = query.toString()
    history.replaceState(history.state, "", `${location.pathname}${rest == "" ? "" : `?${rest}`}${location.hash}`)
  }
}
