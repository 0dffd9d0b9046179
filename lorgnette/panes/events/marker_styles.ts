// How collections that are not cells look: a symbol and a colour each, the same in all figures and events.
import type {Collection} from "./packet"

export type Symbol = "cross" | "diamond" | "triangle" | "square" | "circle" | "plus" | "star" | "nabla" | "dot" |
  "line" | "cone" | "arrow"
export type Style = {symbol: Symbol, color: string}

// Okabe and Ito's colours, those first that stand out best from each ground.
const ON_LIGHT = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
const ON_DARK = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#f0e442"]

const SYMBOLS: {[kind: string]: Symbol[]} = {
  particles: ["cross", "plus", "star", "square"],
  clusters: ["diamond", "circle", "nabla"],
  vertices: ["triangle"],
  hits: ["dot"],
  tracks: ["line"],
  jets: ["cone"],
  met: ["arrow"],
}

export function is_cells({kind}: {kind: string}): boolean {
  return kind == "cells"
}

// By the order of the collections, so that hiding one leaves the others as they are.
export function styles(collections: Collection[], dark: boolean): Map<string, Style> {
  const colors = dark ? ON_DARK : ON_LIGHT
  const seen = new Map<string, number>()
  const others = collections.filter((each) => !is_cells(each))
  return new Map(others.map(({name, kind}, i) => {
    const symbols = SYMBOLS[kind] ?? ["circle"]
    const before = seen.get(kind) ?? 0
    seen.set(kind, before + 1)
    return [name, {symbol: symbols[before % symbols.length], color: colors[i % colors.length]}]
  }))
}

// Symbols that are drawn as lines, so that what they stand on remains in sight.
export function is_open(symbol: Symbol): boolean {
  return ["cross", "plus", "diamond", "circle", "nabla", "line", "arrow"].includes(symbol)
}

const STAR = Array.from({length: 10}, (_, i) => [i % 2 == 0 ? 1.2 : 0.5, Math.PI * (i / 5 - 0.5)])

function corners(context: CanvasPath, x: number, y: number, points: number[][]): void {
  points.forEach(([dx, dy], i) => i == 0 ? context.moveTo(x + dx, y + dy) : context.lineTo(x + dx, y + dy))
  context.closePath()
}

// Adds a symbol of radius r (CSS pixels) to a path; "line", "cone" and "arrow" stand for themselves in a legend only.
export function trace_symbol(context: CanvasPath, symbol: Symbol, x: number, y: number, r: number): void {
  switch (symbol) {
    case "cross":
    case "plus": { // four arms around what is in the middle
      const [a, b] = symbol == "cross" ? [0.8 * r, 0.8 * r] : [1.1 * r, 0]
      for (const [dx, dy] of [[a, b], [-b, a], [-a, -b], [b, -a]]) {
        context.moveTo(x + 0.4 * dx, y + 0.4 * dy)
        context.lineTo(x + dx, y + dy)
      }
      break
    }
    case "diamond": return corners(context, x, y, [[0, -r], [r, 0], [0, r], [-r, 0]])
    case "triangle": return corners(context, x, y, [[0, -r], [0.9 * r, 0.7 * r], [-0.9 * r, 0.7 * r]])
    case "nabla": return corners(context, x, y, [[0, r], [0.9 * r, -0.7 * r], [-0.9 * r, -0.7 * r]])
    case "square": return context.rect(x - 0.8 * r, y - 0.8 * r, 1.6 * r, 1.6 * r)
    case "star": return corners(context, x, y, STAR.map(([d, t]) => [r * d * Math.cos(t), r * d * Math.sin(t)]))
    case "line": // a track seen from its side
      context.moveTo(x - r, y + 0.5 * r)
      return context.quadraticCurveTo(x, y - 0.2 * r, x + r, y - 0.6 * r)
    case "cone": return corners(context, x, y, [[-r, 0], [r, -0.7 * r], [r, 0.7 * r]])
    case "arrow":
      context.moveTo(x - r, y)
      context.lineTo(x + r, y)
      context.moveTo(x + 0.4 * r, y - 0.5 * r)
      context.lineTo(x + r, y)
      return context.lineTo(x + 0.4 * r, y + 0.5 * r)
    default:
      context.moveTo(x + r, y)
      context.arc(x, y, r, 0, 2 * Math.PI)
  }
}
