// What is pointed at: its outline, and a small sheet that says what it is, above a figure's canvas.
import {write_traces} from "./drawing"
import type {Trace} from "./drawing"
import type {Collection} from "./packet"

const SVG = "http://www.w3.org/2000/svg"
const GAP = 14  // CSS pixels between the pointer and the sheet
const MANY = 14 // lines

const TILE = 4 // the value of `shape` for scintillator tiles
const PLAIN = ["layer", "wafer_u", "wafer_v", "cell_u", "cell_v", "cluster"] // said together in lines of their own
const UNSAID = ["shape", "zside", "r_min", "r_max", "subdet", ...PLAIN]
const NAMES: {[column: string]: string} = {
  mip_pt: "mipPt", eta: "η", phi: "φ", pt: "pT", pdg_id: "PDG id", id: "id",
}
const FIRST = ["energy", "mip_pt", "pt"]
const LAST = ["x", "y", "z"]

function text(value: number, whole: boolean): string {
  return isNaN(value) ? "–" : whole ? `${value}` : `${Number(value.toPrecision(4))}`
}

// The lines of the sheet for one row: what is measured, where it is, to what it belongs.
export function describe(collection: Collection, row: number): [string, string][] {
  const value = (name: string) => collection.columns.get(name)?.values[row]
  const known = [...collection.columns.values()].filter(({name, width}) => width == 1 && !UNSAID.includes(name))
  const rank = (name: string) => FIRST.includes(name) ? FIRST.indexOf(name) - 100 : LAST.includes(name) ? 100 : 0
  const columns = known.sort((a, b) => rank(a.name) - rank(b.name))
  const lines = columns.map(({name, unit, values}): [string, string] => {
    const whole = !(values instanceof Float32Array || values instanceof Float64Array)
    return [NAMES[name] ?? name, `${text(values[row], whole)}${unit == "" ? "" : ` ${unit}`}`]
  })
  const tile = value("shape") == TILE
  const places: [string, string][] = []
  const [layer, u, v, cell_u, cell_v, cluster] = PLAIN.map(value)
  if (layer != null) {
    places.push(["layer", `${layer}`])
  }
  if (u != null && v != null && !tile) {
    places.push(["wafer (u, v)", `(${u}, ${v})`])
  }
  if (cell_u != null && cell_v != null) {
    places.push([tile ? "cell (ieta, iphi)" : "cell (u, v)", `(${cell_u}, ${cell_v})`])
  }
  if (cluster != null) {
    places.push(["cluster", cluster == 0 ? "none" : `${cluster}`])
  }
  const measured = columns.filter(({name}) => FIRST.includes(name)).length
  return [...lines.slice(0, measured), ...places, ...lines.slice(measured)].slice(0, MANY)
}

export class Tooltip {
  readonly el = document.createElement("div")
  private readonly outline = document.createElementNS(SVG, "svg")
  private readonly halo = document.createElementNS(SVG, "path")
  private readonly line = document.createElementNS(SVG, "path")
  private readonly sheet = document.createElement("div")

  constructor() {
    this.el.className = "lg-pointed"
    Object.assign(this.el.style, {position: "absolute", inset: "0", overflow: "hidden", pointerEvents: "none"})
    Object.assign(this.outline.style, {position: "absolute", overflow: "hidden", fill: "none"})
    Object.assign(this.halo.style, {stroke: "var(--lg-surface, #fff)", strokeWidth: "5", strokeLinejoin: "round"})
    Object.assign(this.line.style, {stroke: "var(--lg-ink, #000)", strokeWidth: "2.5", strokeLinejoin: "round"})
    Object.assign(this.sheet.style, {
      position: "absolute", boxSizing: "border-box", maxWidth: "100%", padding: "6px 8px", borderRadius: "4px",
      background: "var(--lg-surface, #fff)", color: "var(--lg-ink, #000)", border: "1px solid var(--lg-line, #ccc)",
      font: "12px/17px var(--lg-font, sans-serif)", fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap",
      boxShadow: "0 2px 8px rgb(0 0 0 / 25%)",
    })
    this.outline.append(this.halo, this.line)
    this.el.append(this.outline, this.sheet)
    this.hide()
  }

  hide(): void {
    this.el.style.display = "none"
  }

  // Over the frame, whose box is given, within the figure.
  point_out(traces: Trace[], {left, top, width, height}: {left: number, top: number, width: number, height: number}): void {
    const path = write_traces(traces)
    this.halo.setAttribute("d", path)
    this.line.setAttribute("d", path)
    const px = (value: number) => `${value}px`
    Object.assign(this.outline.style, {left: px(left), top: px(top), width: px(width), height: px(height)})
    this.el.style.display = ""
    this.sheet.style.display = "none"
  }

  // At a place in the figure.
  say(title: string, lines: [string, string][], x: number, y: number): void {
    const heading = document.createElement("div")
    heading.textContent = title
    heading.style.fontWeight = "600"
    const table = document.createElement("div")
    Object.assign(table.style, {display: "grid", gridTemplateColumns: "auto auto", columnGap: "10px"})
    for (const [name, value] of lines) {
      const [term, said] = [document.createElement("span"), document.createElement("span")]
      term.textContent = name
      term.style.color = "var(--lg-quiet, #666)"
      said.textContent = value
      Object.assign(said.style, {textAlign: "right", overflow: "hidden", textOverflow: "ellipsis"})
      table.append(term, said)
    }
    this.sheet.replaceChildren(heading, table)
    Object.assign(this.sheet.style, {display: "", left: "0", top: "0"})
    const {offsetWidth: w, offsetHeight: h} = this.sheet
    const {clientWidth: width, clientHeight: height} = this.el
    const left = x + GAP + w <= width ? x + GAP : x - GAP - w
    const top = y + GAP + h <= height ? y + GAP : y - GAP - h
    this.sheet.style.left = `${Math.max(0, Math.min(width - w, left))}px`
    this.sheet.style.top = `${Math.max(0, Math.min(height - h, top))}px`
  }
}
