import {Model} from "@bokehjs/model"
import {View} from "@bokehjs/core/view"
import {ModelEvent} from "@bokehjs/core/bokeh_events"
import {Enum} from "@bokehjs/core/kinds"
import type {Attrs} from "@bokehjs/core/types"
import type * as p from "@bokehjs/core/properties"
import {listen, LOCAL_KEY} from "./keys"
import type {Keys} from "./keys"
import {Link} from "./link"
import {on_choice_elsewhere, remember, remembered} from "./theme"
import type {Choice} from "./theme"

const Theme = Enum("auto", "light", "dark")

// What a link to another dashboard takes along, so that it shows the same thing.
const SHARED = ["stream", "channel", "source", "event", "image"]

export class KeyPress extends ModelEvent {
  constructor(readonly key: string) {
    super()
  }

  protected override get event_values(): Attrs {
    return {...super.event_values, key: this.key}
  }

  static {
    this.prototype.event_name = "lorgnette_key"
  }
}

/* A view, although nothing is drawn: views are built after the session listens to changes, so that what the browser
 * says at the start does arrive at the server. */
export class PageStateView extends View {
  declare model: PageState

  private readonly stop = new AbortController()
  private readonly system_dark = matchMedia("(prefers-color-scheme: dark)")
  private readonly switch_el = document.querySelector<HTMLSelectElement>("#lg-theme")
  // Arguments that belong to the page: declared, or set at some time by the server.
  private readonly own = new Set<string>()

  override initialize(): void {
    super.initialize()
    for (const controls of document.querySelectorAll<HTMLDetailsElement>("details.lg-controls")) {
      controls.open = matchMedia("(min-width: 800px)").matches // beside the drawings; above them it waits folded
    }
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
    on_choice_elsewhere((choice) => this.model.theme = choice, signal)
    this.switch_el?.addEventListener("change", () => this.model.theme = this.switch_el!.value as Choice, {signal})
    listen(() => this.model.keys, (key) => this.press(key), signal)

    const link = new Link(show_connection, signal)
    this.model.document?.on_event("connection_lost", () => link.lost())
    this.finish()
  }

  override remove(): void {
    this.stop.abort()
    super.remove()
  }

  private press(key: string): void {
    if (this.model.local_keys.includes(key)) {
      document.dispatchEvent(new CustomEvent(LOCAL_KEY, {detail: key}))
    } else {
      this.model.trigger_event(new KeyPress(key))
    }
  }

  private show_theme(): void {
    const {theme} = this.model
    const dark = theme == "auto" ? this.system_dark.matches : theme == "dark"
    document.documentElement.dataset.theme = dark ? "dark" : "light"
    this.model.dark = dark
    if (this.switch_el != null) {
      this.switch_el.value = theme
    }
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
    const names = [...new Set([...this.model.arguments, ...this.model.local, ...this.own])]
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
    // What the server knows of these is as old as the page; their own models write them.
    this.model.local.forEach((name) => this.own.delete(name))
    const query = new URLSearchParams(location.search)
    const changed: string[] = []
    for (const name of this.own) {
      const value = name in url ? url[name] : null
      if (query.get(name) != value) {
        if (value == null) {
          query.delete(name)
        } else {
          query.set(name, value)
        }
        changed.push(name)
      }
    }
    // Relative links begin at the last slash, which a page's own address must not end with.
    const path = location.pathname.replace(/(.)\/+$/, "$1")
    // An unchanged address makes no entry: so following the browser's back and forward ends here.
    if (changed.length != 0 || path != location.pathname) {
      const quiet = changed.every((name) => this.model.quiet.includes(name))
      const text = query.toString()
      const address = `${path}${text == "" ? "" : `?${text}`}${location.hash}`
      history[quiet ? "replaceState" : how](history.state, "", address)
    }
    this.write_links(query)
  }

  private write_links(query: URLSearchParams): void {
    const shared = new URLSearchParams(SHARED.flatMap((name) => query.has(name) ? [[name, query.get(name)!]] : []))
    const text = shared.toString()
    for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-lg-app]")) {
      link.href = `${link.dataset.lgApp}${text == "" ? "" : `?${text}`}`
    }
  }
}

function show_connection(text: string | null): void {
  const bar = document.querySelector<HTMLElement>("#lg-connection")
  if (bar != null) {
    bar.textContent = text ?? ""
    bar.hidden = text == null
  }
  document.documentElement.toggleAttribute("data-cut", text != null) // what is shown may be old, and looks so
}

export namespace PageState {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    visible: p.Property<boolean>
    dark: p.Property<boolean>
    theme: p.Property<Choice>
    arguments: p.Property<string[]>
    quiet: p.Property<string[]>
    local: p.Property<string[]>
    url: p.Property<Map<string, string> | {[name: string]: string}>
    keys: p.Property<Keys>
    local_keys: p.Property<string[]>
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
      visible:    [ Bool, true ],
      dark:       [ Bool, false ],
      theme:      [ Theme, "auto" ],
      arguments:  [ List(Str), [] ],
      quiet:      [ List(Str), [] ],
      local:      [ List(Str), [] ],
      url:        [ Dict(Str), {} ],
      keys:       [ Dict(Str), {} ],
      local_keys: [ List(Str), [] ],
    }))
  }
}
