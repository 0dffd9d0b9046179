import {Model} from "@bokehjs/model"
import {View} from "@bokehjs/core/view"
import {Enum} from "@bokehjs/core/kinds"
import type * as p from "@bokehjs/core/properties"

const Theme = Enum("auto", "light", "dark")
type Theme = typeof Theme["__type__"]

const THEME_KEY = "lorgnette-theme"

// The storage may be forbidden (private windows, embedded pages): then a choice lasts as long as the page.
function remembered(): Theme | null {
  try {
    const theme = localStorage.getItem(THEME_KEY)
    return theme != null && Theme.valid(theme) ? theme : null
  } catch {
    return null
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme)
  } catch { }
}

/* A view, although nothing is drawn: views are built after the session listens to changes, so that what the browser
 * says at the start does arrive at the server. */
export class PageStateView extends View {
  declare model: PageState

  private readonly stop = new AbortController()
  private readonly system_dark = matchMedia("(prefers-color-scheme: dark)")
  // Arguments that belong to the page: declared, or set at some time by the server.
  private readonly own = new Set<string>()

  override initialize(): void {
    super.initialize()
    this.model.theme = remembered() ?? this.model.theme
    this.show_theme()
    this.show_visibility()
    this.model.url = {...this.read_address(), ...this.dict_url()}
    this.write_address("replaceState")
  }

  override connect_signals(): void {
    super.connect_signals()
    const {theme, arguments: names, url} = this.model.properties
    this.on_change(theme, () => {
      remember(this.model.theme)
      this.show_theme()
    })
    this.on_change(names, () => this.follow_address())
    this.on_change(url, () => this.write_address("pushState"))

    const {signal} = this.stop
    this.system_dark.addEventListener("change", () => this.show_theme(), {signal})
    document.addEventListener("visibilitychange", () => this.show_visibility(), {signal})
    addEventListener("popstate", () => this.follow_address(), {signal})
    addEventListener("storage", (event) => {
      if (event.key == THEME_KEY) {
        this.model.theme = remembered() ?? "auto"
      }
    }, {signal})
    this.finish()
  }

  override remove(): void {
    this.stop.abort()
    super.remove()
  }

  private show_theme(): void {
    const {theme} = this.model
    const dark = theme == "auto" ? this.system_dark.matches : theme == "dark"
    document.documentElement.dataset.theme = dark ? "dark" : "light"
    this.model.dark = dark
  }

  private show_visibility(): void {
    this.model.visible = document.visibilityState == "visible"
  }

  // What the model says, as a plain object: from the server it comes as a Map.
  private dict_url(): {[name: string]: string} {
    const {url} = this.model
    return url instanceof Map ? Object.fromEntries(url) : {...url}
  }

  private read_address(): {[name: string]: string} {
    const query = new URLSearchParams(location.search)
    const names = [...new Set([...this.model.arguments, ...this.own])]
    return Object.fromEntries(names.filter((name) => query.has(name)).map((name) => [name, query.get(name)!]))
  }

  // Bokeh compares old and new value: nothing is sent when the address says what the model says already.
  private follow_address(): void {
    this.model.url = this.read_address()
  }

  private write_address(how: "pushState" | "replaceState"): void {
    const url = this.dict_url()
    for (const name of [...this.model.arguments, ...Object.keys(url)]) {
      this.own.add(name)
    }
    const query = new URLSearchParams(location.search)
    let changed = false
    for (const name of this.own) {
      const value = name in url ? url[name] : null
      if (query.get(name) != value) {
        if (value == null) {
          query.delete(name)
        } else {
          query.set(name, value)
        }
        changed = true
      }
    }
    // An unchanged address makes no entry: so following the browser's back and forward ends here.
    if (changed) {
      const text = query.toString()
      const address = `${location.pathname}${text == "" ? "" : `?${text}`}${location.hash}`
      history[how](history.state, "", address)
    }
  }
}

export namespace PageState {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    visible: p.Property<boolean>
    dark: p.Property<boolean>
    theme: p.Property<Theme>
    arguments: p.Property<string[]>
    url: p.Property<Map<string, string> | {[name: string]: string}>
  }
}

export interface PageState extends PageState.Attrs {}

export class PageState extends Model {
  declare properties: PageState.Props
  declare __view_type__: PageStateView

  constructor(attrs?: Partial<PageState.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.page_state"

  static {
    this.prototype.default_view = PageStateView

    this.define<PageState.Props>(({Bool, Str, List, Dict}) => ({
      visible:   [ Bool, true ],
      dark:      [ Bool, false ],
      theme:     [ Theme, "auto" ],
      arguments: [ List(Str), [] ],
      url:       [ Dict(Str), {} ],
    }))
  }
}
