// A tick of the time axis, in the reader's own time zone; of a sweep in seconds.
if (link.sweep) {
  return `${tick / 1000} s`
}
const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1000
const moment = new Date(tick)
const two = (value) => String(value).padStart(2, "0")
const clock = `${two(moment.getHours())}:${two(moment.getMinutes())}`
if (step >= 86_400_000 - 1) {
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}
if (step >= 3_600_000 * 6 - 1) {
  return `${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${clock}`
}
if (step >= 60_000 - 1) {
  return clock
}
const seconds = `${clock}:${two(moment.getSeconds())}`
if (step >= 1000 - 1e-3) {
  return seconds
}
const digits = Math.min(6, Math.max(1, Math.ceil(-Math.log10(step / 1000) - 1e-9)))
const fraction = ((tick / 1000) % 1).toFixed(digits).slice(1)
return seconds + fraction
