// A tick of a value axis, in at most seven characters. `unit` decides whether a prefix may be written.
const size = Math.max(...ticks.map((each) => Math.abs(each)), Math.abs(tick))
const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : size
if (tick == 0) {
  return "0"
}
const scaled = unit == "B" || unit == "B/s"
if (size >= 1e15 || size < 1e-4 || (!scaled && size >= 1e7)) {
  return tick.toExponential(Math.abs(tick) >= 10 * step ? 1 : 0).replace("e+", "e")
}
let power = 0
if (scaled || size >= 1e4) {
  power = Math.min(5, Math.max(0, Math.floor(Math.log10(Math.abs(tick)) / 3 + 1e-9)))
}
const unitless = 10 ** (3 * power)
const value = tick / unitless
const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(step / unitless) - 1e-9)))
const text = Number(value.toFixed(digits)).toString()
return scaled ? `${text} ${["", "k", "M", "G", "T", "P"][power]}B` : text + ["", "k", "M", "G", "T", "P"][power]
