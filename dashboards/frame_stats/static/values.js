// What the page's script needs that knows nothing of the page: values decoded, bounded and written for people.
function decoded(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  return Array.from(new Float64Array(bytes.buffer))
}

const numbers = (values) => values.map((value) => value ?? NaN)

function has_gaps(values) {
  return values.some(Number.isNaN)
}

// A field that most records do not have is a line from value to value all the same. (Dots show where they are.)
function bridge(t, values) {
  let missing = 0
  for (const value of values) {
    missing += Number.isNaN(value) ? 1 : 0
  }
  if (missing < values.length / 2) {
    return
  }
  let last = -1
  for (let k = 0; k < values.length; k++) {
    if (!Number.isNaN(values[k])) {
      for (let m = last + 1; last >= 0 && m < k; m++) {
        values[m] = values[last] + (values[k] - values[last]) * (t[m] - t[last]) / (t[k] - t[last] || 1)
      }
      last = k
    }
  }
}

function bounds(low, high, log) {
  if (!(low <= high)) {
    return log ? [0.1, 1] : [0, 1]
  }
  if (log) {
    return low == high ? [low / 2, high * 2] : [low / (high / low) ** 0.08, high * (high / low) ** 0.08]
  }
  const span = high - low
  if (span <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) {
    const half = Math.max(Math.abs(low) * 0.05, low == 0 ? 0.5 : 1e-300)
    return [low - half, high + half]
  }
  if (!Number.isFinite(span)) {
    return [low, high]
  }
  const zero = low >= 0 && low < 0.5 * high
  return [zero ? 0 : low - 0.08 * span, high <= 0 && high > 0.5 * low ? 0 : high + 0.08 * span]
}

function written(value, unit) {
  if (value == null || Number.isNaN(value)) {
    return "–"
  }
  let prefix = ""
  if (unit == "B" || unit == "B/s") {
    const power = Math.min(5, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)))
    value /= 1000 ** power
    prefix = ["", "k", "M", "G", "T", "P"][power]
  }
  const size = Math.abs(value)
  const text = size != 0 && (size < 1e-3 || size >= 1e7) ? value.toExponential(3) : String(Number(value.toPrecision(5)))
  return unit == "" ? text : `${text} ${prefix}${unit}`
}

const two = (value, digits = 2) => String(value).padStart(digits, "0")
const clock = (time, fine = false) => {
  const moment = new Date(time)
  const text = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`
  return fine ? `${text}.${two(moment.getMilliseconds(), 3)}` : text
}
const day = (time) => new Date(time).toDateString() == new Date(Date.now()).toDateString() ? "" : `${new Date(time).toLocaleDateString()} `

function ago(ms) {
  const s = ms / 1000
  return s < 2 ? "just now" : s < 120 ? `${Math.floor(s)} s ago` : s < 7200 ? `${Math.floor(s / 60)} min ago` : `${Math.floor(s / 3600)} h ago`
}
