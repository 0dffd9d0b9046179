// How an image is shown, as arguments of the page's address. `display_from_arguments` in image_display.py reads the same;
// what is as it was at first is left out.
import type {Stretch} from "./mapping"

export type LimitMode = "minmax" | "99.9" | "99.5" | "99" | "98" | "95" | "90" | "zscale" | "mad" | "manual"

export type Options = {
  stretch: Stretch
  limits: LimitMode
  low: number[]
  high: number[]
  gamma: number
  brightness: number
  contrast: number
  palette: string
  invert: boolean
  nan_color: string
  saturation: number
}

export const STRETCHES: Stretch[] = ["linear", "log", "asinh", "sqrt", "gamma", "histogram"]
export const LIMIT_MODES: LimitMode[] = [
  "minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad", "manual",
]

export const DEFAULTS: Readonly<Options> = {
  stretch: "linear", limits: "99.5", low: [], high: [], gamma: 1, brightness: 0, contrast: 1, palette: "grey",
  invert: false, nan_color: "#00000000", saturation: 1,
}

const number = (value: number) => `${+value.toPrecision(6)}`

function write_limits({limits, low, high}: Options): string {
  return limits == "manual" ? low.map((each, k) => `${each},${high[k]}`).join(";") : limits
}

// By argument its text, null where it does not belong into the address.
export function write(options: Options): {[name: string]: string | null} {
  const unless = <T>(value: T, usual: T, text: string) => value == usual ? null : text
  const {stretch, gamma, brightness, contrast, palette, invert, nan_color, saturation} = options
  return {
    stretch: unless(stretch, DEFAULTS.stretch, stretch),
    limits: unless(options.limits, DEFAULTS.limits, write_limits(options)),
    gamma: unless(gamma, DEFAULTS.gamma, number(gamma)),
    brightness: unless(brightness, DEFAULTS.brightness, number(brightness)),
    contrast: unless(contrast, DEFAULTS.contrast, number(contrast)),
    palette: unless(palette, DEFAULTS.palette, palette),
    invert: unless(invert, DEFAULTS.invert, "1"),
    nan: unless(nan_color, DEFAULTS.nan_color, nan_color.replace("#", "")),
    saturation: unless(saturation, DEFAULTS.saturation, number(saturation)),
  }
}

function read_limits(text: string): Pick<Options, "limits" | "low" | "high"> {
  if (LIMIT_MODES.includes(text as LimitMode) && text != "manual") {
    return {limits: text as LimitMode, low: [], high: []}
  }
  const pairs = text.split(";").map((pair) => pair.split(",").map(Number).sort((a, b) => a - b))
  const sound = pairs.length <= 3 && pairs.every((pair) => pair.length == 2 && isFinite(pair[0] + pair[1]) && pair[0] < pair[1])
  return sound ? {limits: "manual", low: pairs.map(([low]) => low), high: pairs.map(([, high]) => high)} :
    {limits: DEFAULTS.limits, low: [], high: []}
}

// What cannot be read is as if it were not there: the server has told about it.
export function read(query: URLSearchParams): Options {
  const text = (name: string) => query.get(name) ?? ""
  const within = (name: string, least: number, most: number, usual: number) => {
    const value = text(name) == "" ? NaN : Number(text(name))
    return value >= least && value <= most ? value : usual
  }
  const stretch = text("stretch") as Stretch
  const palette = text("palette")
  return {
    stretch: STRETCHES.includes(stretch) ? stretch : DEFAULTS.stretch,
    ...read_limits(text("limits") == "" ? DEFAULTS.limits : text("limits")),
    gamma: within("gamma", 0.05, 20, DEFAULTS.gamma),
    brightness: within("brightness", -1, 1, DEFAULTS.brightness),
    contrast: within("contrast", 0, 10, DEFAULTS.contrast),
    palette: /^[\w-]{1,40}$/.test(palette) ? palette : DEFAULTS.palette,
    invert: text("invert") == "1",
    nan_color: /^[0-9a-f]{6}([0-9a-f]{2})?$/i.test(text("nan")) ? `#${text("nan").toLowerCase()}` : DEFAULTS.nan_color,
    saturation: within("saturation", 0, 10, DEFAULTS.saturation),
  }
}
