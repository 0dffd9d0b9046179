// The way to the server: noticing that it is cut, saying so, and loading the page anew as soon as it is there again.
// Bokeh's own reconnect fails for documents with binary data. The view's state is in the address, so nothing is lost.

const CHECK_MS = 5000 // between two looks at a connection that seems well
const ANSWER_MS = 4000 // the server may take so long to answer one
const RETRY_MS = 1000 // between two attempts while it is cut
const HIDDEN_MS = 10000 // and while nobody looks
const CUT_MS = 12000 // after so long a silence the socket is not trusted any more
const SPREAD_MS = 500 // so that many pages do not come back in the same moment
const RELOADS = "lorgnette-reloads"
const MANY_RELOADS = 3 // within so many seconds ...
const RELOADS_S = 30

type Answer = "well" | "refused" | "missing" | "silent"

export class Link {
  private lost_at: number | null = null
  private heard_at = Date.now()
  private timer: number | null = null
  private ended = false

  constructor(private readonly show: (text: string | null) => void, signal: AbortSignal) {
    signal.addEventListener("abort", () => this.end())
    // A page that is being left loses its connection in the ordinary course of things.
    addEventListener("pagehide", () => this.end(), {signal})
    addEventListener("pageshow", (event) => {
      if (event.persisted) {
        location.reload()
      }
    })
    addEventListener("online", () => this.look_soon(0), {signal})
    addEventListener("offline", () => this.look_soon(0), {signal})
    document.addEventListener("visibilitychange", () => this.look_soon(0), {signal})
    this.look_soon(CHECK_MS)
  }

  // The websocket has told its end.
  lost(): void {
    if (this.lost_at == null && !this.ended) {
      this.lost_at = Date.now()
      this.show("The connection to the server is lost. Trying again ...")
      this.look_soon(Math.random() * SPREAD_MS)
    }
  }

  private end(): void {
    this.ended = true
    if (this.timer != null) {
      clearTimeout(this.timer)
    }
    this.show(null)
  }

  private look_soon(delay_ms: number): void {
    if (!this.ended) {
      if (this.timer != null) {
        clearTimeout(this.timer)
      }
      this.timer = setTimeout(() => void this.look(), delay_ms)
    }
  }

  private async look(): Promise<void> {
    // A tab that nobody sees asks nothing while all is well, and seldom otherwise.
    if (document.visibilityState != "visible" && this.lost_at == null) {
      this.heard_at = Date.now()
      return
    }
    const answer = await this.ask()
    if (this.ended) {
      return
    }
    const silence = Date.now() - this.heard_at
    if (this.lost_at != null) {
      this.try_to_return(answer)
    } else if (answer == "silent") {
      this.show(`The server has not answered for ${Math.round(silence / 1000)} s. What is shown may be old.`)
      this.look_soon(RETRY_MS)
    } else if (silence > CUT_MS) {
      this.reload()
    } else {
      this.heard_at = Date.now()
      this.show(answer == "missing" ? "The server does not offer this page any more." : null)
      this.look_soon(CHECK_MS)
    }
  }

  private try_to_return(answer: Answer): void {
    if (answer == "well" || answer == "refused") { // refused: it wants a login, which the reload leads to
      this.reload()
      return
    }
    const seconds = Math.round((Date.now() - this.lost_at!) / 1000)
    this.show(answer == "missing"
      ? "The server is back, but does not offer this page any more."
      : `The connection to the server has been lost for ${seconds} s. Trying again ...`)
    this.look_soon(document.visibilityState == "visible" ? RETRY_MS : HIDDEN_MS)
  }

  // APP/metadata answers without making a session.
  private async ask(): Promise<Answer> {
    const place = `${location.pathname.replace(/\/+$/, "")}/metadata`
    try {
      const options: RequestInit = {cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS)}
      const {status, type} = await fetch(place, options)
      if (status == 200) {
        return "well"
      }
      if (type == "opaqueredirect" || status == 401 || status == 403) {
        return "refused"
      }
      return status == 404 ? "missing" : "silent"
    } catch {
      return "silent"
    }
  }

  // Where each reload ends in another loss, something else is wrong: then seldom.
  private reload(): void {
    const now = Date.now()
    let recent: number[] = []
    try {
      const known: unknown = JSON.parse(sessionStorage.getItem(RELOADS) ?? "[]")
      recent = Array.isArray(known) ? known.filter((time) => now - time < RELOADS_S * 1000) : []
    } catch { }
    if (recent.length >= MANY_RELOADS) {
      this.show("The server answers, but the page cannot keep its connection. Trying again ...")
      this.look_soon(HIDDEN_MS)
    }
    if (recent.length < MANY_RELOADS || now - Math.max(...recent) >= HIDDEN_MS) {
      try {
        sessionStorage.setItem(RELOADS, JSON.stringify([...recent, now].slice(-2 * MANY_RELOADS)))
      } catch { }
      this.ended = true
      location.reload()
    }
  }
}
