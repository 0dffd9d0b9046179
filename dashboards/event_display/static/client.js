/* The page's half of the event display: fills what stands around the figures from the event that is here, and turns what
 * the reader does into another choice (here) or into a question (to the server). */
const FIRST_COLUMNS = ["energy", "mip_pt", "cluster", "layer", "pt"]
const FRAMES = 4 // of the browser, in which all views are painted
const BUSY_MS = 150 // after which a button says that it waits: sooner would only flicker

const plain = (texts) => texts instanceof Map ? Object.fromEntries(texts) : {...texts}
// Finding the view of a model takes a walk through all views, and there are many blocks.
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
const local = (model, values) => model.setv(values, {sync: false})
const grouped = (number) => number.toLocaleString("en")

function element(tag, attributes = {}, ...children) {
  const result = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name in result && name != "list") {
      result[name] = value
    } else {
      result.setAttribute(name, value)
    }
  }
  result.append(...children)
  return result
}

// Questions to the server.

let serial = 0
let busy

function ask(word, value = "") {
  serial += 1
  link.asked = [word, `${value}`, `${serial}`]
  clearTimeout(busy)
  busy = setTimeout(() => one(".where")?.setAttribute("aria-busy", "true"), BUSY_MS)
}

function rest() {
  clearTimeout(busy)
  one(".where")?.removeAttribute("aria-busy")
}

// The answer may be that nothing changes: then lists show again what is.
function show_answer() {
  rest()
  for (const field of ["source", "particle", "pileup"]) {
    const list = one(`select[data-field=${field}]`)
    if (list != null) {
      list.value = [...list.options].find((option) => option.defaultSelected)?.value ?? list.value
    }
  }
}

// What the event has.

function collections() {
  return data.event?.collections ?? []
}

function with_column(...names) {
  return collections().filter(({columns}) => names.some((name) => columns.has(name)))
}

function extent(name) {
  let [low, high] = [Infinity, -Infinity]
  for (const {columns} of with_column(name)) {
    for (const value of columns.get(name).values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return [low, high]
}

// First and last layer: of the detector where it is known, else of what has been seen of this source.
let seen_layers = {source: null, range: null}

function layer_range() {
  const {header} = data.event
  const known = header.layers.map(({layer}) => layer)
  const [low, high] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : extent("layer")
  if (seen_layers.source != header.source) {
    seen_layers = {source: header.source, range: null}
  }
  if (low <= high) {
    const [first, last] = seen_layers.range ?? [low, high]
    seen_layers.range = [Math.min(first, low), Math.max(last, high)]
  }
  return seen_layers.range
}

// Colours are those of cells and hits where there are any: a column of theirs, else of anything.
function color_columns() {
  const cells = collections().filter(({kind}) => kind == "cells" || kind == "hits")
  const names = new Set()
  for (const {columns} of cells.length > 0 ? cells : collections()) {
    for (const {name, width} of columns.values()) {
      if (width == 1) {
        names.add(name)
      }
    }
  }
  return [...FIRST_COLUMNS.filter((name) => names.has(name)), ...[...names].filter((n) => !FIRST_COLUMNS.includes(n))]
}

// From the event to the page.

function show_where() {
  const {entry, entries, run, lumi, event} = data.event.header
  const name = [["run", run], ["lumi", lumi], ["event", event]].filter(([, value]) => value != null)
  const where = one(".where")
  where?.replaceChildren(
    element("b", {}, `${grouped(entry + 1)} of ${grouped(entries)}`), " · ",
    name.map(([what, value]) => `${what} ${value}`).join(" : "))
  const notes = one(".notes")
  notes?.replaceChildren(...data.event.header.notes.map((note) => element("li", {}, note)))
  if (notes != null) {
    notes.hidden = data.event.header.notes.length == 0
  }
  const field = one("[data-field=event]")
  if (field != null && field.getRootNode().activeElement != field) {
    field.value = event ?? ""
  }
  for (const row of all("tr[data-entry]")) {
    row.toggleAttribute("data-here", row.dataset.entry == `${entry}`)
  }
}

function show_defaults() {
  const field = one("[data-field=default]")
  if (field != null) {
    const options = link.defaults.map((event) => element("option", {value: event}, event))
    field.replaceChildren(element("option", {value: ""}, "Default events"), ...options)
    field.hidden = options.length == 0
  }
}

function show_needs() {
  const range = layer_range()
  const needs = {
    event: true,
    layer: range != null,
    side: with_column("zside").length > 0,
    colors: collections().some(({kind}) => kind == "cells"), // all else has a colour of its own
    modules: data.event.header.geometry != null || data.module_collections.length > 0,
  }
  for (const part of all("[data-needs]")) {
    part.hidden = !needs[part.dataset.needs]
  }
  for (const control of all("[role=toolbar] :disabled")) {
    control.disabled = false
  }
  local(scale, {visible: needs.colors})
  local(views.children[0].title, {text: needs.layer ? "Layers, x-y" : "x-y"})
  local(layers, {visible: needs.layer})
  const buttons = view_of(layer_block)?.el
  if (buttons != null) {
    buttons.style.display = needs.layer ? "" : "none" // and nothing remains of it, not even a gap
  }
  local(threshold, {visible: with_column("mip_pt").length > 0})
  if (range != null && (layers.start != range[0] || layers.end != range[1]) && range[0] < range[1]) {
    local(layers, {start: range[0], end: range[1]})
  }
}

function show_columns() {
  const field = one("[data-field=color_by]")
  const names = color_columns()
  if (!names.includes(choice.color_by)) {
    names.unshift(choice.color_by)
  }
  if (field != null && names.join("\n") != [...field.options].map(({value}) => value).join("\n")) {
    field.replaceChildren(...names.map((name) => element("option", {value: name}, name)))
  }
  if (field != null) {
    field.value = choice.color_by
  }
}

// With few collections each has its field for a cut in sight, with many where it is wanted.
const MANY_SETS = 4

function set_row(name) {
  const collection = data.collection(name)
  const cut = element("input", {
    type: "text", "data-cut": name, placeholder: "cut, such as energy > 1", autocomplete: "off", spellcheck: false,
    "aria-label": `Cut on ${name}`, hidden: collections().length > MANY_SETS || collection == null,
  })
  const columns = [...collection?.columns.values() ?? []].filter(({width}) => width == 1)
  cut.title = `Columns: ${columns.map((each) => each.unit == "" ? each.name : `${each.name} [${each.unit}]`).join(", ")}`
  const box = element("input", {type: "checkbox", "data-show": name})
  const head = element("span", {className: "line"},
    element("label", {}, box, element("span", {className: "name"}, name)),
    element("span", {className: "count", "data-count": name}))
  if (cut.hidden && collection != null) {
    head.append(element("button", {type: "button", "data-toggle": name, title: `Cut on ${name}`}, "cut"))
  }
  return element("div", {className: "set", "data-set": name},
    head, cut, element("span", {className: "bad", "data-problem": name}))
}

function show_sets() {
  const place = one("div.sets")
  if (place == null) {
    return
  }
  const read = collections().map(({name}) => name)
  const unread = choice.aside.filter((name) => !read.includes(name))
  const state = JSON.stringify([read, unread])
  if (place.dataset.state != state || place.childElementCount == 0) {
    place.dataset.state = state
    const {show} = place.getRootNode().activeElement?.dataset ?? {}
    place.replaceChildren(...[...read, ...unread].map(set_row))
    if (show != null) {
      one(`[data-show="${CSS.escape(show)}"]`)?.focus() // whoever is at work with the keyboard stays there
    }
  }
  for (const name of unread) {
    const at = CSS.escape(name)
    const count = one(`[data-count="${at}"]`)
    count.textContent = "not read"
    count.title = "It is read when it is shown"
    one(`[data-show="${at}"]`).checked = choice.wanted.includes(name)
    one(`[data-set="${at}"]`).toggleAttribute("data-empty", true)
  }
}

function show_counts() {
  const problems = plain(choice.cut_problems)
  const cuts = plain(choice.cuts)
  for (const {name, count} of collections()) {
    const at = CSS.escape(name)
    const shown = data.shown(name).length
    const total = one(`[data-count="${at}"]`)
    if (total != null) {
      total.textContent = shown == count ? grouped(count) : `${grouped(shown)} / ${grouped(count)}`
    }
    const box = one(`[data-show="${at}"]`)
    if (box != null) {
      box.checked = !choice.hides(name)
    }
    const cut = one(`[data-cut="${at}"]`)
    if (cut != null && cut.getRootNode().activeElement != cut) {
      cut.value = cuts[name] ?? ""
      cut.hidden &&= cut.value == ""
    }
    one(`[data-set="${at}"]`)?.toggleAttribute("data-empty", count == 0)
    cut?.toggleAttribute("data-wrong", name in problems)
    const problem = one(`[data-problem="${at}"]`)
    if (problem != null) {
      problem.textContent = problems[name] ?? ""
    }
  }
}

function show_choice() {
  for (const name of ["sum", "outlines", "labels"]) {
    all(`[data-flag=${name}]`).forEach((box) => box.checked = choice[name])
  }
  all("[data-flag=by_event]").forEach((box) => box.checked = choice.limits == null)
  all("[data-endcap]").forEach((box) => box.checked = box.dataset.endcap == choice.endcap)
  all("[data-view]").forEach((box) => box.checked = choice.views.includes(box.dataset.view))
  for (const name of ["scale", "palette"]) {
    all(`[data-field=${name}]`).forEach((field) => field.value = choice[name])
  }
  show_limits()
  const wanted = choice.layers ?? [layers.start, layers.end]
  const inside = wanted.map((layer) => Math.min(Math.max(layer, layers.start), layers.end))
  local(layers, {value: inside, title: inside[0] == inside[1] ? "Layer" : "Layers", disabled: choice.sum})
  local(threshold, {value: Math.min(Math.max(choice.threshold, threshold.start), threshold.end)})
  show_views()
}

const view_name = ({name}) => name.replace("view ", "")
const asked_views = new Set()

function show_views() {
  for (const figure of views.children) {
    const visible = choice.views.includes(view_name(figure))
    if (figure.visible != visible) {
      // Of a figure that cannot be seen Bokeh would work out ranges for its aspect, and find none.
      local(figure, {visible, match_aspect: visible && view_name(figure) == "xy"})
    }
  }
  const there = views.children.map(view_name)
  for (const name of choice.views.filter((name) => !there.includes(name) && !asked_views.has(name))) {
    asked_views.add(name) // it is made when it is first looked at
    ask("view", name)
  }
}

function show_limits() {
  const {low, high, kind} = data.color_scale
  const ends = choice.limits ?? [low, high]
  const known = data.event != null && (kind == "linear" || kind == "log")
  for (const [i, name] of ["low", "high"].entries()) {
    const field = one(`[data-field=${name}]`)
    if (field != null && field.getRootNode().activeElement != field) {
      field.value = known ? `${Number(ends[i].toPrecision(ends[i] < 0.01 ? 2 : 3))}` : ""
      field.disabled = choice.limits == null
    }
  }
}

// The outlines of the modules come when they are first wanted, and anew for another detector.
let asked_modules = null

function want_modules() {
  const {geometry} = data.event.header
  if ((choice.outlines || choice.labels) && geometry != null && asked_modules != geometry) {
    asked_modules = geometry
    ask("modules")
  }
}

function show_event() {
  rest()
  if (data.event == null) {
    return
  }
  show_where()
  want_modules()
  show_needs()
  show_columns()
  show_sets()
  show_choice()
}

// From the reader to the choice.

function set_layers(first, last) {
  const whole = first <= layers.start && last >= layers.end
  choice.setv({layers: whole ? null : [first, last], sum: false})
}

function move_layers(word) {
  const [low, high] = [layers.start, layers.end]
  const [first, last] = choice.layers ?? [low, high]
  if (word == "all") {
    set_layers(low, high)
  } else if (word == "one") {
    const layer = choice.layers == null ? busiest_layer() : first
    set_layers(layer, layer)
  } else {
    const by = Math.max(low - first, Math.min(high - last, Number(word)))
    set_layers(...(choice.layers == null ? [busiest_layer(), busiest_layer()] : [first + by, last + by]))
  }
}

// Where most is to be seen: a good layer to begin with.
function busiest_layer() {
  const counts = new Map()
  for (const {name, columns} of with_column("layer")) {
    const {values} = columns.get("layer")
    for (const row of data.shown(name)) {
      counts.set(values[row], (counts.get(values[row]) ?? 0) + 1)
    }
  }
  return [...counts].reduce((best, each) => each[1] > best[1] ? each : best, [layers.start, 0])[0]
}

function set_limits() {
  const [low, high] = ["low", "high"].map((name) => one(`[data-field=${name}]`)?.value.trim() ?? "")
  if (low != "" && high != "" && isFinite(Number(low)) && isFinite(Number(high)) && Number(low) != Number(high)) {
    choice.setv({limits: [Number(low), Number(high)].sort((a, b) => a - b)})
  }
}

function without(list, name) {
  return list.filter((each) => each != name)
}

let typing

function change(target) {
  const {flag, endcap, view, show, cut, field} = target.dataset
  if (flag == "by_event") {
    const {low, high} = data.color_scale
    choice.setv({limits: target.checked ? null : [low, high]})
  } else if (flag != null) {
    choice.setv({[flag]: target.checked})
  } else if (endcap != null) {
    choice.setv({endcap})
  } else if (view != null) {
    const wanted = target.checked ? [...choice.views, view] : without(choice.views, view)
    const order = all("[data-view]").map((box) => box.dataset.view)
    target.checked ||= wanted.length == 0 // there is never nothing to see
    if (wanted.length == 0) {
      return
    }
    choice.setv({views: order.filter((name) => wanted.includes(name))})
  } else if (show != null) {
    choice.show(show, target.checked)
  } else if (cut != null) {
    const cuts = {...plain(choice.cuts), [cut]: target.value}
    choice.setv({cuts: Object.fromEntries(Object.entries(cuts).filter(([, text]) => text.trim() != ""))})
  } else if (["color_by", "scale", "palette"].includes(field)) {
    choice.setv({[field]: target.value, ...(field == "color_by" ? {limits: null} : {})})
  } else if (field == "low" || field == "high") {
    set_limits()
  } else if (["source", "particle", "pileup"].includes(field)) {
    ask(field, target.value)
  } else if (field == "default" && target.value != "") {
    ask("event", target.value)
    target.value = ""
  } else if (field == "cut") {
    clearTimeout(typing)
    typing = setTimeout(() => ask("cut", target.value), 300)
  }
}

// The views as one picture, as they are on the screen.
async function save_picture() {
  const seen = views.children.filter(({visible}) => visible).map((figure) => Bokeh.index.find_one(figure))
  const frames = seen.map((view) => ({layer: view.export("png"), box: view.el.getBoundingClientRect()}))
  const left = Math.min(...frames.map(({box}) => box.left))
  const top = Math.min(...frames.map(({box}) => box.top))
  const ratio = devicePixelRatio
  const canvas = element("canvas", {
    width: Math.ceil((Math.max(...frames.map(({box}) => box.right)) - left)*ratio),
    height: Math.ceil((Math.max(...frames.map(({box}) => box.bottom)) - top)*ratio),
  })
  const context = canvas.getContext("2d")
  context.fillStyle = getComputedStyle(document.body).backgroundColor
  context.fillRect(0, 0, canvas.width, canvas.height)
  for (const {layer, box} of frames) {
    context.drawImage(layer.canvas, Math.round((box.left - left)*ratio), Math.round((box.top - top)*ratio))
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"))
  const address = URL.createObjectURL(blob)
  const {source, event} = data.event.header
  element("a", {href: address, download: `${source}-event${event}.png`.replace(/[^\w.-]+/g, "_")}).click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

function save(format) {
  if (data.event == null) {
    return
  }
  if (format == "png") {
    save_picture()
  } else {
    data.request_save(format, data.table_collection.name)
  }
}

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
    ask(button.dataset.ask, button.dataset.value)
    return
  }
  const layer = pointed(event, "data-layer")
  if (layer != null) {
    move_layers(layer.dataset.layer)
    return
  }
  const toggled = pointed(event, "data-toggle")
  if (toggled != null) {
    const cut = one(`[data-cut="${CSS.escape(toggled.dataset.toggle)}"]`)
    cut.hidden = !cut.hidden
    cut.focus()
    return
  }
  const saved = pointed(event, "data-save")
  if (saved != null) {
    save(saved.dataset.save)
    return
  }
  const place = pointed(event, "data-row")
  if (place != null) {
    data.reveal(place.dataset.collection, Number(place.dataset.row))
    return
  }
  const entry = pointed(event, "data-entry")
  if (entry != null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault()
    ask("entry", entry.dataset.entry)
  }
})

listen("pointerover", (event) => {
  const place = pointed(event, "data-row")
  if (place != null) {
    data.hover(place.dataset.collection, Number(place.dataset.row))
  } else if (data.hovered != null) {
    data.hover(null)
  }
})

listen("input", (event) => change(event.composedPath()[0]))

listen("keydown", (event) => {
  const target = event.composedPath()[0]
  if (event.key == "Enter" && target.dataset?.field == "event") {
    ask("event", target.value)
    target.select()
  }
})

document.addEventListener("lorgnette_key", ({detail}) => {
  if (data.event != null && layer_range() != null) {
    move_layers(detail == "]" ? 1 : -1)
  }
}, {signal: stop.signal})

layers.connect(layers.properties.value.change, () => {
  const [first, last] = layers.value
  const shown = (choice.layers ?? [layers.start, layers.end]).map((l) => Math.min(Math.max(l, layers.start), layers.end))
  if (shown[0] != first || shown[1] != last) {
    set_layers(first, last)
  }
})
threshold.connect(threshold.properties.value.change, () => {
  if (threshold.value != Math.min(Math.max(choice.threshold, threshold.start), threshold.end)) {
    choice.setv({threshold: threshold.value})
  }
})

data.changes.event.connect(show_event)
data.changes.shown.connect(show_counts)
data.changes.colors.connect(show_limits)
// What is read only if it is wanted comes from the server.
let told_wanted = JSON.stringify(choice.wanted)

function tell_wanted() {
  const wanted = JSON.stringify(choice.wanted)
  if (wanted != told_wanted) {
    told_wanted = wanted
    ask("wanted", wanted)
  }
}

choice.change.connect(() => {
  tell_wanted()
  if (data.event != null) {
    want_modules()
    show_sets()
    show_choice()
    show_columns()
    show_counts()
  }
})
views.properties.children.change.connect(show_views)
link.properties.defaults.change.connect(show_defaults)
link.properties.answered.change.connect(show_answer)
let drawn = 0

// After the views, which are painted in several frames.
function tell_drawn(frames = FRAMES) {
  if (frames > 0) {
    requestAnimationFrame(() => tell_drawn(frames - 1))
  } else {
    link.seen = ++drawn
  }
}

data.properties.packet.change.connect(() => tell_drawn())
for (const block of blocks) {
  // What the server writes anew has to be filled anew.
  block.properties.markup.change.connect(() => requestAnimationFrame(() => data.event != null && show_where()))
}

show_defaults()
show_event()
show_counts()
if (data.event != null) {
  link.seen = ++drawn
}
