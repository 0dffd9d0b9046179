// Outlines and labels of the detector's modules in the layer view.
import type {Endcap} from "./choice_text"
import type {Inks} from "./drawing"
import type {Collection, Numbers} from "./packet"
import {kept, values} from "./projections"
import type {Screen} from "./screen"

const W = 16.64408 // cm, from flat to flat
const SIDE = W / Math.sqrt(3)
const HEXAGON = [[-W / 2, -SIDE / 2], [0, -SIDE], [W / 2, -SIDE / 2], [W / 2, SIDE / 2], [0, SIDE], [-W / 2, SIDE / 2]]
const BOARD_HALF = Math.PI / 36 // a board with tiles is 10 degrees wide
const MANY = 10_000 // more than any of the numbers that make a key
const CORNERS = 12 // of the outline of a wafer that is cut; some repeat
const FINE = 10 // middles of wafers that are cut differently can be a centimetre from each other
const LEGIBLE = 38 // CSS pixels across: less has no room for a label

export type Sight = {layers: [number, number] | null, endcap: Endcap}
export type Module = {x: number, y: number, ring: [number, number][], label: string} // cm

function hexagon(x: number, y: number): [number, number][] {
  return HEXAGON.map(([dx, dy]) => [x + dx, y + dy])
}

function board(r_min: number, r_max: number, phi: number): [number, number][] {
  const arc = (r: number, sides: number[]) => sides.map((side): [number, number] =>
    [r * Math.cos(phi + side * BOARD_HALF), r * Math.sin(phi + side * BOARD_HALF)])
  return [...arc(r_min, [-1, 0, 1]), ...arc(r_max, [1, 0, -1])]
}

// What is left of a wafer that is cut. `outline`: x and y of each corner.
function cut(outline: Numbers, row: number): [number, number][] {
  const at = (corner: number) => 2 * (row * CORNERS + corner)
  return Array.from({length: CORNERS}, (_, i) => [outline[at(i)], outline[at(i) + 1]])
}

// The modules of the shown layers; those behind each other once. Of boards with tiles those of the first layer that has
// any: they are a little different in each.
export function find_modules(collection: Collection, sight: Sight): Module[] {
  return kept(collection, `modules ${JSON.stringify(sight)}`, () => look_up(collection, sight))
}

function look_up(collection: Collection, {layers, endcap}: Sight): Module[] {
  const numbers = (name: string) => values(collection, name)
  const [layer, zside, u, v] = [numbers("layer"), numbers("zside"), numbers("wafer_u"), numbers("wafer_v")]
  const [x, y] = [numbers("x"), numbers("y")]
  const [r_min, r_max, phi] = [numbers("r_min"), numbers("r_max"), numbers("phi")]
  const column = collection.columns.get("outline")
  const outline = column?.width == 2 * CORNERS ? column.values : null
  const fine = outline != null ? FINE : 1
  const found = new Map<number, Module>()
  let boards: number | null = null
  for (let i = 0; i < collection.count; i++) {
    const inside = layers == null || layer == null || (layer[i] >= layers[0] && layer[i] <= layers[1])
    if (!inside || (endcap != "both" && zside != null && (endcap == "plus") != zside[i] > 0)) {
      continue
    }
    if (x != null && y != null) {
      const key = Math.round(x[i] * fine) * MANY + Math.round(y[i] * fine)
      if (!found.has(key)) {
        const label = u != null && v != null ? `${u[i]}, ${v[i]}` : ""
        found.set(key, {x: x[i], y: y[i], ring: outline != null ? cut(outline, i) : hexagon(x[i], y[i]), label})
      }
    } else if (r_min != null && r_max != null && phi != null && (boards ?? layer?.[i]) == layer?.[i]) {
      boards = layer?.[i] ?? null
      const r = (r_min[i] + r_max[i]) / 2
      const [at_x, at_y] = [r * Math.cos(phi[i]), r * Math.sin(phi[i])]
      const ring = board(r_min[i], r_max[i], phi[i])
      const key = (Math.round(r_min[i]) * MANY + Math.round(r_max[i])) * MANY + Math.round(phi[i] * 100)
      found.set(key, {x: at_x, y: at_y, ring, label: ""})
    }
  }
  return [...found.values()]
}

export function paint_modules(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, modules: Module[],
    {outlines, labels}: {outlines: boolean, labels: boolean}): void {
  const far = 3 * W * Math.abs(screen.ax)
  const seen = modules.filter(({x, y}) => {
    const [sx, sy] = [screen.x(x), screen.y(y)]
    return sx > -far && sx < screen.width + far && sy > -far && sy < screen.height + far
  })
  if (outlines) {
    context.beginPath()
    for (const {ring} of seen) {
      ring.forEach(([x, y], i) => context[i == 0 ? "moveTo" : "lineTo"](screen.x(x), screen.y(y)))
      context.closePath()
    }
    context.strokeStyle = inks.quiet
    context.globalAlpha = 0.5
    context.lineWidth = 0.75
    context.stroke()
    context.globalAlpha = 1
  }
  if (labels && W * Math.abs(screen.ax) >= LEGIBLE) {
    context.font = `11px ${inks.font}`
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.lineWidth = 3
    context.strokeStyle = inks.surface
    context.fillStyle = inks.ink
    for (const {x, y, label} of seen) {
      context.strokeText(label, screen.x(x), screen.y(y))
      context.fillText(label, screen.x(x), screen.y(y))
    }
  }
}
