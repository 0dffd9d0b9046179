// Drawn into a corner of a figure: what its symbols mean, and the colours of what is added up.
import type {ColorScale} from "./color"
import type {Inks} from "./drawing"
import {is_open, trace_symbol} from "./marker_styles"
import type {Style} from "./marker_styles"
import type {Screen} from "./screen"

const LINE = 17
const MARGIN = 8
const MOST = 12 // entries; more would hide the drawing

type Entry = [string, Style]

export function paint_legend(context: CanvasRenderingContext2D, screen: Screen, inks: Inks,
    legend: Map<string, Style>): void {
  const all = [...legend]
  const room = Math.floor((screen.height - 4 * MARGIN) / LINE)
  const entries = all.slice(0, Math.max(0, Math.min(all.length > MOST ? MOST - 1 : MOST, room)))
  if (entries.length == 0) {
    return
  }
  const rest = entries.length < all.length ? `and ${all.length - entries.length} more` : ""
  context.font = `12px ${inks.font}`
  const widest = Math.max(...[...entries.map(([name]) => name), rest].map((text) => context.measureText(text).width))
  const [width, height] = [widest + 34, (entries.length + (rest == "" ? 0 : 1)) * LINE + 8]
  const [left, top] = [screen.width - width - MARGIN, MARGIN]
  if (left < MARGIN) {
    return
  }
  paint_ground(context, inks, left, top, width, height)
  const line = (i: number) => top + 4 + (i + 0.5) * LINE
  entries.forEach((entry, i) => paint_entry(context, inks, left + 14, line(i), entry))
  context.fillStyle = inks.quiet
  context.fillText(rest, left + 28, line(entries.length))
}

function paint_ground(context: CanvasRenderingContext2D, inks: Inks, x: number, y: number, width: number,
    height: number): void {
  context.globalAlpha = 0.85
  context.fillStyle = inks.surface
  context.fillRect(x, y, width, height)
  context.globalAlpha = 1
}

function paint_entry(context: CanvasRenderingContext2D, inks: Inks, x: number, y: number,
    [name, {symbol, color}]: Entry): void {
  context.beginPath()
  trace_symbol(context, symbol, x, y, symbol == "dot" ? 2.5 : 5.5)
  if (is_open(symbol)) {
    context.strokeStyle = color
    context.lineWidth = 2.5
    context.stroke()
  } else {
    context.fillStyle = color
    context.globalAlpha = symbol == "cone" ? 0.3 : 1
    context.fill()
    context.globalAlpha = 1
    context.strokeStyle = color
    context.lineWidth = 1
    context.stroke()
  }
  context.textAlign = "left"
  context.textBaseline = "middle"
  context.fillStyle = inks.ink
  context.fillText(name, x + 14, y)
}

const NAMES: {[column: string]: string} = {mip_pt: "mipPt", pt: "pT"}

export function paint_scale(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, scale: ColorScale): void {
  const [width, height] = [Math.min(140, screen.width - 4 * MARGIN), 8]
  const [left, top] = [MARGIN, screen.height - MARGIN - 44]
  if (width < 60 || top < MARGIN) {
    return
  }
  paint_ground(context, inks, left, top, width + 16, 44)
  context.font = `12px ${inks.font}`
  context.textBaseline = "alphabetic"
  context.fillStyle = inks.ink
  context.textAlign = "left"
  const unit = scale.unit == "" ? "" : ` [${scale.unit}]`
  context.fillText(`sum of ${NAMES[scale.column] ?? scale.column}${unit}`, left + 8, top + 13, width)
  for (let i = 0; i < scale.used; i++) {
    const x = left + 8 + width * i / scale.used
    context.fillStyle = scale.palette[i]
    context.fillRect(x, top + 18, width / scale.used + 0.5, height)
  }
  context.fillStyle = inks.ink
  context.fillText(compact(scale.low), left + 8, top + 39)
  context.textAlign = "right"
  context.fillText(compact(scale.high), left + 8 + width, top + 39)
}

function compact(value: number): string {
  return `${Number(value.toPrecision(3))}`
}
