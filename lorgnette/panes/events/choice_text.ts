// What the reader has chosen, as arguments of the page's address. `choice_from_arguments` in event_choice.py reads the
// same; what is as it was at first is left out.

export type Endcap = "both" | "plus" | "minus"
export type Scale = "linear" | "log"
export type Palette = "viridis" | "cividis"

export type Options = {
  layers: [number, number] | null
  sum: boolean
  endcap: Endcap
  threshold: number
  color_by: string
  scale: Scale
  limits: [number, number] | null
  palette: Palette
  hidden: string[]
  wanted: string[]
  cuts: {[collection: string]: string}
  outlines: boolean
  labels: boolean
  table: string
  views: string[]
}

export const ENDCAPS: Endcap[] = ["both", "plus", "minus"]
export const SCALES: Scale[] = ["linear", "log"]
export const PALETTES: Palette[] = ["viridis", "cividis"]

export const DEFAULTS: Readonly<Options> = {
  layers: null, sum: false, endcap: "both", threshold: 0.5, color_by: "energy", scale: "log", limits: null,
  palette: "viridis", hidden: [], wanted: [], cuts: {}, outlines: false, labels: false, table: "",
  views: ["xy", "rhoz", "etaphi"],
}

// Names may hold what stands between them here.
function escape(name: string, what: RegExp): string {
  return name.replace(what, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescape(name: string): string {
  return name.replace(/%(25|2C|3A|3B)/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
}

function write_pair([first, last]: [number, number], between: string): string {
  return first == last && between == "-" ? `${first}` : `${first}${between}${last}`
}

function write_names(names: string[]): string {
  return names.map((name) => escape(name, /[%,]/g)).join(",")
}

function write_cuts(cuts: {[collection: string]: string}): string {
  return Object.entries(cuts).filter(([, cut]) => cut.trim() != "").map(
    ([name, cut]) => `${escape(name, /[%:;]/g)}: ${escape(cut.trim(), /[%;]/g)}`).join("; ")
}

const WRITERS: {[name: string]: (options: Options) => string} = {
  layers: ({layers}) => layers == null ? "" : write_pair(layers, "-"),
  sum: ({sum}) => sum ? "1" : "0",
  endcap: ({endcap}) => endcap,
  threshold: ({threshold}) => `${threshold}`,
  color: ({color_by}) => color_by,
  scale: ({scale}) => scale,
  range: ({limits}) => limits == null ? "" : write_pair(limits, ","),
  palette: ({palette}) => palette,
  hide: ({hidden}) => write_names(hidden),
  show: ({wanted}) => write_names(wanted),
  cuts: ({cuts}) => write_cuts(cuts),
  outlines: ({outlines}) => outlines ? "1" : "0",
  labels: ({labels}) => labels ? "1" : "0",
  table: ({table}) => table,
  views: ({views}) => write_names(views),
}

export const ARGUMENTS = Object.keys(WRITERS)

// The text of each argument, null where it is left out.
export function write(options: Options): {[name: string]: string | null} {
  return Object.fromEntries(Object.entries(WRITERS).map(([name, writer]) => {
    const written = writer(options)
    return [name, written == writer(DEFAULTS) ? null : written]
  }))
}

function one_of<T extends string>(given: string | null, known: T[], otherwise: T): T {
  return known.includes(given as T) ? given as T : otherwise
}

function read_number(given: string | null): number | null {
  const value = given == null || given.trim() == "" ? NaN : Number(given)
  return isFinite(value) ? value : null
}

function read_pair(given: string | null, between: string): [number, number] | null {
  const parts = given?.split(between) ?? []
  const [first, last] = [parts[0], parts[parts.length - 1]].map((part) => read_number(part ?? null))
  return first == null || last == null || parts.length > 2 ? null : [Math.min(first, last), Math.max(first, last)]
}

function read_names(given: string | null, otherwise: string[]): string[] {
  return given == null ? otherwise : given.split(",").map((name) => unescape(name.trim())).filter((name) => name != "")
}

function read_cuts(given: string | null): {[collection: string]: string} {
  const cuts: {[collection: string]: string} = {}
  for (const part of given?.split(";") ?? []) {
    const at = part.indexOf(":")
    if (at > 0) {
      cuts[unescape(part.slice(0, at).trim())] = unescape(part.slice(at + 1).trim())
    }
  }
  return cuts
}

function read_bool(given: string | null, otherwise: boolean): boolean {
  return given == "1" ? true : given == "0" ? false : otherwise
}

// For addresses that `write` has made; what cannot be read is as it was at first.
export function read(query: URLSearchParams): Options {
  const get = (name: string) => query.get(name)
  return {
    layers: read_pair(get("layers"), "-"),
    sum: read_bool(get("sum"), DEFAULTS.sum),
    endcap: one_of(get("endcap"), ENDCAPS, DEFAULTS.endcap),
    threshold: read_number(get("threshold")) ?? DEFAULTS.threshold,
    color_by: get("color") ?? DEFAULTS.color_by,
    scale: one_of(get("scale"), SCALES, DEFAULTS.scale),
    limits: read_pair(get("range"), ","),
    palette: one_of(get("palette"), PALETTES, DEFAULTS.palette),
    hidden: read_names(get("hide"), DEFAULTS.hidden),
    wanted: read_names(get("show"), DEFAULTS.wanted),
    cuts: read_cuts(get("cuts")),
    outlines: read_bool(get("outlines"), DEFAULTS.outlines),
    labels: read_bool(get("labels"), DEFAULTS.labels),
    table: get("table") ?? DEFAULTS.table,
    views: read_names(get("views"), DEFAULTS.views),
  }
}
