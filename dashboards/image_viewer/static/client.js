/* The page's half of the image viewer: turns what the reader does with the controls into another view (here) or into a
 * question (to the server). The image itself, the display and the tools are models of their own. */
const STEP = 2 // of one press of + or -
const ASK_MS = 60 // between two channels while the slider is dragged
const PLAY_MS = 120 // that a channel is seen at the least

const views_of = new Map()

function view_of(model) {
  let view = views_of.get(model) ?? null
  if (view == null || view.is_destroyed) {
    view = Bokeh.index.find_one(model)
    views_of.set(model, view)
  }
  return view
}

const shadow = (model) => view_of(model)?.shadow_el ?? null
const all = (selector) => blocks.flatMap((block) => [...shadow(block)?.querySelectorAll(selector) ?? []])
const one = (selector) => all(selector)[0] ?? null

// Questions to the server.

let serial = 0

function ask(word, value = "") {
  serial += 1
  link.asked = [word, `${value}`, `${serial}`]
}

// The view.

function zoom() {
  const {start, end} = plot.x_range
  const width = view_of(plot)?.frame.bbox.width ?? 0
  return width / Math.abs(end - start)
}

function change_view(word) {
  if (renderer.grid == null) {
    return
  }
  if (word == "fit") {
    renderer.fit()
  } else if (word == "1") {
    renderer.zoom_to(1)
  } else {
    renderer.zoom_to(zoom() * (word == "in" ? STEP : 1 / STEP))
  }
}

// What dragging and tapping do: the figure's own tools, with names that can be read.

function tool_named(name) {
  return tools instanceof Map ? tools.get(name) : tools[name]
}

function tool_buttons() {
  return all("[data-tool]").map((button) => [button, tool_named(button.dataset.tool)])
}

function show_tools() {
  for (const [button, tool] of tool_buttons()) {
    button.setAttribute("aria-pressed", `${tool.active}`)
  }
}

function choose_tool(name) {
  const tool = tool_named(name)
  if (name == "point") {
    tool.active = !tool.active // dragging goes on as before
  } else {
    tool.active = true // the toolbar ends the others
  }
}

for (const tool of tools instanceof Map ? tools.values() : Object.values(tools)) {
  tool.properties.active.change.connect(show_tools)
}
bar.source.properties.data.change.connect(() => requestAnimationFrame(show_tools))

// Channels: the slider asks for the newest only, and a series goes on when the one before is shown.

let asked_at = 0
let later
let playing = false
let shown_at = 0

function ask_channel(value) {
  clearTimeout(later)
  const wait = asked_at + ASK_MS - performance.now()
  if (wait > 0) {
    later = setTimeout(() => ask_channel(value), wait)
    return
  }
  asked_at = performance.now()
  ask("channel", value)
}

function step_channel(by, around = false) {
  const field = one("[data-field=channel]")
  if (field == null) {
    return
  }
  const most = Number(field.max)
  const next = link.channel + by
  const value = around ? (next - 1 + most) % most + 1 : Math.min(Math.max(next, 1), most)
  if (value != link.channel) {
    ask_channel(value)
  }
}

function play(on) {
  playing = on && one("[data-play]") != null
  const button = one("[data-play]")
  if (button != null) {
    button.setAttribute("aria-pressed", `${playing}`)
    button.textContent = playing ? "Pause" : "Play"
  }
  if (playing) {
    step_channel(1, true)
  }
}

function show_channel() {
  const field = one("[data-field=channel]")
  if (field != null && field.getRootNode().activeElement != field) {
    field.value = `${link.channel}`
  }
}

function go_on() {
  show_channel()
  if (playing) {
    const wait = Math.max(0, PLAY_MS - (performance.now() - shown_at))
    setTimeout(() => {
      shown_at = performance.now()
      if (playing && !document.hidden) {
        step_channel(1, true)
      }
    }, wait)
  }
}

// The figure as a picture, as it is on the screen.

async function save_picture() {
  const layer = view_of(plot)?.export("png")
  if (layer == null) {
    return
  }
  const {width, height} = layer.canvas
  const canvas = document.createElement("canvas")
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext("2d")
  context.fillStyle = getComputedStyle(document.body).backgroundColor
  context.fillRect(0, 0, width, height)
  context.drawImage(layer.canvas, 0, 0)
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"))
  const address = URL.createObjectURL(blob)
  const anchor = document.createElement("a")
  anchor.href = address
  anchor.download = `${link.file}.png`
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

// What the reader does.

function pointed(event, attribute) {
  return event.composedPath().find((each) => each instanceof HTMLElement && each.hasAttribute(attribute)) ?? null
}

function is_ours(event) {
  const roots = new Set(blocks.map(shadow))
  return event.composedPath().some((each) => roots.has(each))
}

const stop = new AbortController()
const listen = (name, call) => document.addEventListener(name, (event) => is_ours(event) && call(event), {signal: stop.signal})

listen("click", (event) => {
  const button = pointed(event, "data-ask")
  if (button != null) {
    if (button instanceof HTMLAnchorElement && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      return // in a tab of its own
    }
    event.preventDefault()
    play(false)
    ask(button.dataset.ask, button.dataset.value)
    return
  }
  const view = pointed(event, "data-view")
  if (view != null) {
    change_view(view.dataset.view)
    return
  }
  const tool = pointed(event, "data-tool")
  if (tool != null) {
    choose_tool(tool.dataset.tool)
    return
  }
  if (pointed(event, "data-play") != null) {
    play(!playing)
    return
  }
  const saved = pointed(event, "data-save")
  if (saved?.dataset.save == "png") {
    save_picture()
  }
})

listen("input", (event) => {
  const target = event.composedPath()[0]
  const {field, flag} = target.dataset ?? {}
  if (field == "channel") {
    play(false)
    ask_channel(target.value)
  } else if (flag != null) {
    ask(flag, target.checked ? "1" : "0")
  } else if (field != null && target instanceof HTMLSelectElement) {
    ask(field, target.value)
  }
})

listen("keydown", (event) => {
  const target = event.composedPath()[0]
  if (event.key == "Enter" && target.dataset?.field == "go") {
    ask("go", target.value)
    target.select()
  }
})

document.addEventListener("lorgnette_key", ({detail}) => {
  const keys = {
    f: () => change_view("fit"),
    1: () => change_view("1"),
    "+": () => change_view("in"),
    "-": () => change_view("out"),
    "[": () => step_channel(-1),
    "]": () => step_channel(1),
    " ": () => play(!playing),
    g: () => one("[data-flag=grid]")?.click(),
  }
  keys[detail]?.()
}, {signal: stop.signal})

link.properties.channel.change.connect(show_channel)
link.properties.shown.change.connect(go_on)
channels.properties.markup.change.connect(() => requestAnimationFrame(() => {
  if (playing && one("[data-play]") == null) {
    playing = false
  }
  show_channel()
}))

show_tools()
