// The page's half: takes the texts of the server in, moves the window over the points, and tells what the pointer is at.
// Nothing here is sent to the server but `link`: whether the reader took the window over, and where it stands then.
const SWEEP_MS = 10_000
const KEPT = 1.25 // of the window that is followed; older points go
const SETTLED_MS = 150 // after the last move of the window it is told to the server
const LEAST_ALL_MS = 10_000
const COLUMNS = Object.keys(source.data).filter((name) => name != "t")

let points = {t: [], v: []}
let base = 0 // Unix milliseconds that times in messages count from
let sparse = [] // of each field whether values are missing
let thinned = null
let marked = []
let marks_drawn = "" // what the marks were drawn for
let pointer = null // time that the readout is about, null for the newest
let moving = false // the window is being moved by this script
let settle = null
let newest = null // Unix milliseconds of the last record, by the server
let skew = 0 // milliseconds by which the server's clock is ahead
let waiting = false
let read = 0 // index of the point that is read out

function take(message) {
  if (message.kind == "whole") {
    base = 1000 * message.base
    points = {t: decoded(message.t).map((t) => t + base), v: message.v.map(decoded)}
    thinned = message.thinned == null ? null : 1000 * message.thinned
    sparse = points.v.map(has_gaps)
  } else {
    const begin = points.t.length - message.drop
    points.t.splice(begin, message.drop, ...message.t.map((t) => t + base))
    points.v.forEach((values, i) => {
      const more = numbers(message.v[i])
      sparse[i] ||= more.some(Number.isNaN)
      values.splice(begin, message.drop, ...more)
    })
    trim()
  }
  if (points.t.length > 0) {
    newest = Math.max(newest ?? 0, points.t[points.t.length - 1])
  }
}
function trim() {
  const {t, v} = points
  if (!link.follow || t.length < 500) {
    return
  }
  const span = link.sweep ? SWEEP_MS : 1000 * link.span
  if (span == 0) {
    return
  }
  let begin = 0
  const oldest = t[t.length - 1] - KEPT * span
  while (begin < t.length && t[begin] < oldest) {
    begin++
  }
  begin = Math.max(begin, t.length - 20_000) // whatever the clock of the program does
  if (begin > 100) {
    t.splice(0, begin)
    v.forEach((values) => values.splice(0, begin))
  }
}

function range_of_time() {
  const {t} = points
  if (!link.follow) {
    return [x_range.start, x_range.end]
  }
  const last = t.length > 0 ? t[t.length - 1] : Date.now() + skew
  if (link.span > 0 || link.sweep) {
    return [last - (link.sweep ? SWEEP_MS : 1000 * link.span), last]
  }
  // Where a clock was set back, neither first nor last point lies at an end.
  const end = t.reduce((a, b) => Math.max(a, b), last)
  return [t.reduce((a, b) => Math.min(a, b), end - LEAST_ALL_MS), end]
}

function draw() {
  waiting = false
  const {t, v} = points
  const [start, end] = range_of_time()
  if (link.follow && !link.sweep) {
    moving = true
    x_range.setv({start, end})
    moving = false
  }
  let begin = 0, stop = t.length
  if (link.sweep) {
    while (begin < stop && t[begin] <= start) {
      begin++
    }
  }
  const data = {t: Float64Array.from(t.slice(begin), (time) => link.sweep ? time % SWEEP_MS : time)}
  COLUMNS.forEach((name, i) => {
    data[name] = i < v.length ? Float64Array.from(begin > 0 ? v[i].slice(begin) : v[i]) : new Float64Array(data.t.length).fill(NaN)
    if (sparse[i] && !link.sweep) {
      bridge(data.t, data[name])
    }
  })
  source.setv({data}, {check_eq: false})
  if (link.sweep) {
    moving = true
    x_range.setv({start: 0, end: SWEEP_MS})
    moving = false
    cursor.location = end % SWEEP_MS
  }
  cursor.visible = link.sweep
  band.setv({visible: thinned != null && !link.sweep, right: thinned ?? 0})
  fit_values(start, end)
  draw_marks()
  show_dots()
  read_out()
}

function request() {
  if (!waiting) {
    waiting = true
    requestAnimationFrame(draw)
  }
}

const plots = () => stack.children.filter((child) => child.type == "Plot")
const heads = () => stack.children.filter((child) => child.type == "Div")

// Every value axis fits what is between the two moments.
function fit_values(start, end) {
  const {t, v} = points
  plots().forEach((plot, i) => {
    const values = v[i]
    if (values == null) {
      return
    }
    let low = Infinity, high = -Infinity
    for (let k = 0; k < t.length; k++) {
      const value = values[k]
      if (t[k] >= start && t[k] <= end && !Number.isNaN(value) && (!link.log || value > 0)) {
        low = Math.min(low, value)
        high = Math.max(high, value)
      }
    }
    const [bottom, top] = bounds(low, high, link.log)
    const range = plot.y_range
    // It shrinks only when much room is empty, so that it does not tremble.
    const room = range.end - range.start
    const keeps = !link.log && bottom >= range.start && top <= range.end && top - bottom > 0.6 * room && bottom - range.start < 0.25 * room
    if (!keeps && (range.start != bottom || range.end != top)) {
      range.setv({start: bottom, end: top})
    }
  })
}

function show_dots() {
  plots().forEach((plot, i) => {
    for (const renderer of plot.renderers) {
      if (renderer.name == "dots") {
        const visible = link.sweep || sparse[i] === true || points.t.length < 3
        if (renderer.visible != visible) {
          renderer.visible = visible
        }
      }
    }
  })
}

function nearest(time) {
  const {t} = points
  let low = 0, high = t.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (t[middle] < time) {
      low = middle
    } else {
      high = middle
    }
  }
  return low < t.length && high >= 0 && Math.abs(t[high] - time) < Math.abs(t[low] - time) ? high : low
}

function inside(view, selector) {
  return (view?.shadow_el ?? view?.el)?.querySelector(selector)
}

const view_of = (model) => Bokeh.index.find_one?.(model)

// Below the pointer all fields are read at the same time; without a pointer the newest values show.
function read_out() {
  const {t, v} = points
  let index = t.length - 1
  if (pointer != null && t.length > 0) {
    let time = pointer
    if (link.sweep) {
      const end = t[t.length - 1]
      time = end - ((end % SWEEP_MS) - pointer + SWEEP_MS) % SWEEP_MS
    }
    index = nearest(time)
    crosshair.setv({location: link.sweep ? t[index] % SWEEP_MS : t[index], visible: true})
  } else if (crosshair.visible) {
    crosshair.visible = false
  }
  heads().forEach((head, i) => {
    const output = inside(view_of(head), "output")
    if (output != null && v[i] != null) {
      let at = index
      while (pointer == null && at > 0 && Number.isNaN(v[i][at])) {
        at--
      }
      const text = written(v[i][at], head.tags[0] ?? "")
      if (output.textContent != text) {
        output.textContent = text
      }
    }
  })
  read = index
  tell()
}

// The line above the figures: which time, whether it moves, how old the last record is.
function tell() {
  const index = Math.min(read, points.t.length - 1)
  const line = inside(view_of(info), ".info")
  if (line == null) {
    return
  }
  const parts = []
  if (points.t.length > 0) {
    const [start, end] = range_of_time()
    parts.push(["", `${day(start)}${clock(start)} – ${day(end)}${clock(end)}`])
    parts.push(link.follow ? ["", "following"] : ["frozen", "stands still; recording goes on"])
    if (pointer != null && index >= 0 && index < points.t.length) {
      parts.push(["at", `at ${clock(points.t[index], true)}`])
    }
    if (thinned != null && thinned > start) {
      parts.push(["", `before ${day(thinned)}${clock(thinned)} only minimum and maximum are kept`])
    }
  }
  if (newest != null) {
    parts.push(["", `last record ${ago(Math.max(0, Date.now() + skew - newest))}`])
  }
  const text = JSON.stringify(parts)
  if (line.dataset.text != text) {
    line.dataset.text = text
    line.replaceChildren(...parts.map(([kind, words]) => {
      const span = document.createElement(kind == "at" ? "b" : "span")
      span.className = kind
      span.textContent = words
      return span
    }))
  }
}

function mark(message) {
  marked = message.marks
  marks_drawn = ""
}

function draw_marks() {
  const top = plots()[0]?.y_range.end ?? 0
  const state = `${link.sweep} ${top} ${marked.length}`
  if (state == marks_drawn) {
    return
  }
  marks_drawn = state
  const at = link.sweep ? [] : marked
  const x = at.map(([time]) => 1000 * time)
  const color = at.map(([, , kind]) => kind == "lost" ? "#d55e00" : "#808890")
  marks.setv({data: {x, color}})
  labels.setv({data: {x, color, y: x.map(() => top), text: at.map(([, words]) => words)}})
}

function sum_up(message) {
  skew = 1000 * message.now - Date.now()
  if (message.newest > 0) {
    newest = Math.max(newest ?? 0, 1000 * message.newest)
  }
  if (table.text != message.table) {
    table.text = message.table
  }
  const {edges, counts} = message.histogram
  bar_head.tags = [message.unit]
  const head = inside(view_of(bar_head), ".head")
  if (head != null) {
    head.querySelector(".name").textContent = message.title
    head.querySelector("output").textContent = message.beside
  }
  bars.setv({data: {left: edges.slice(0, -1), right: edges.slice(1), top: counts}})
  if (counts.length > 0) {
    bar_plot.x_range.setv({start: edges[0], end: edges[edges.length - 1]})
    bar_plot.y_range.setv({start: 0, end: 1.08 * Math.max(1, ...counts)})
  }
  tell()
}

const handlers = {whole: take, more: take, marks: mark, summary: sum_up}
const doc = stack.document
doc.frame_stats = {
  point(time) {
    pointer = time
    read_out()
  },
  points: () => points,
}
doc.on_message("frame_stats", (text) => {
  const message = JSON.parse(text)
  handlers[message.kind]?.(message)
  if (message.kind != "summary") {
    request()
  }
})

function settled() {
  settle = null
  if (!link.follow) {
    link.at = [x_range.start / 1000, x_range.end / 1000]
  }
}

// The window was moved by the reader: it stands still from then on.
x_range.connect(x_range.change, () => {
  if (moving || link.sweep) {
    return
  }
  if (link.follow) {
    link.follow = false
  }
  clearTimeout(settle)
  settle = setTimeout(settled, SETTLED_MS)
  request()
})

// The server froze or released the window, or went to another part of the past.
function moved() {
  if (!link.follow && link.at.length == 2) {
    clearTimeout(settle)
    settle = null
    moving = true
    x_range.setv({start: 1000 * link.at[0], end: 1000 * link.at[1]})
    moving = false
  } else if (!link.follow && settle == null) {
    settled()
  }
  request()
}
link.connect(link.properties.follow.change, moved)
link.connect(link.properties.at.change, moved)
for (const name of ["span", "sweep", "log"]) {
  link.connect(link.properties[name].change, request)
}
stack.connect(stack.properties.children.change, () => setTimeout(request, 0))
setInterval(tell, 1000)
moved()
link.ready = true
