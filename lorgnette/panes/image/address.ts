// Keeps something of the browser's in the page's address, and reads it from there after back and forward.

// Browsers allow about a hundred changes of the address in half a minute; a dragged slider makes more.
const WRITE_MS = 400

export type Texts = {[name: string]: string | null} // null: not in the address

export class Address {
  private timer: number | undefined
  private readonly stop = new AbortController()

  /* `texts` tells what is to be in the address, `follow` is called when another address is gone to. */
  constructor(private readonly texts: () => Texts, private readonly follow: (query: URLSearchParams) => void) {
    const {signal} = this.stop
    addEventListener("popstate", () => {
      this.forget() // what waits belongs to the entry that was left
      this.follow(this.query)
    }, {signal})
    addEventListener("pagehide", () => this.write(), {signal})
  }

  get query(): URLSearchParams {
    return new URLSearchParams(location.search)
  }

  write_soon(): void {
    this.timer ??= setTimeout(() => this.write(), WRITE_MS)
  }

  end(): void {
    this.forget()
    this.stop.abort()
  }

  private forget(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private write(): void {
    if (this.timer == null) {
      return
    }
    this.forget()
    const {query} = this
    let changed = false
    for (const [name, text] of Object.entries(this.texts())) {
      changed ||= query.get(name) != text
      if (text == null) {
        query.delete(name)
      } else {
        query.set(name, text)
      }
    }
    if (changed) {
      const text = query.toString()
      history.replaceState(history.state, "", `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`)
    }
  }
}
