// What one figure shows of an event: its drawings, made of what the data lets through.
import {anchored} from "./anchors"
import type {Setting} from "./anchors"
import {ArrowDrawing} from "./arrow_drawing"
import {bin_outlines, bin_rows, BINS, stack_rows} from "./bins"
import type {Groups} from "./bins"
import {CellDrawing, rgba} from "./cell_drawing"
import {index_rows, make_scale, NONE} from "./color"
import type {ColorScale} from "./color"
import {ConeDrawing} from "./cone_drawing"
import type {Drawing} from "./drawing"
import type {EventData} from "./event_data"
import {GroupDrawing} from "./group_drawing"
import {is_cells, styles} from "./marker_styles"
import type {Style} from "./marker_styles"
import {find_modules} from "./modules"
import type {Module} from "./modules"
import {outlines} from "./outlines"
import type {Collection, DecodedEvent} from "./packet"
import {PathDrawing} from "./path_drawing"
import {positions, project, values} from "./projections"
import type {Plane} from "./projections"
import {largest, reach} from "./reach"
import type {Reach} from "./reach"
import {CROWD, SymbolDrawing} from "./symbol_drawing"

export type Scene = {
  event: DecodedEvent
  reach: Reach
  drawings: Drawing[]        // the lowest first
  modules: Module[]
  legend: Map<string, Style>
  scale: ColorScale | null   // of what is added up, where that differs from the page's scale
}

const BOTTOM_UP = ["cells", "jets", "tracks", "hits", "clusters", "particles", "vertices", "met"]

export function make_scene(data: EventData, plane: Plane, dark: boolean): Scene | null {
  const {event} = data
  return event == null ? null : new Builder(data, event, plane, dark).build()
}

class Builder {
  private readonly setting: Setting
  private readonly styles: Map<string, Style>
  private scale: ColorScale | null = null

  constructor(private readonly data: EventData, private readonly event: DecodedEvent, private readonly plane: Plane,
      dark: boolean) {
    const found = reach(event, data.choice.hidden)
    this.setting = {event, plane, reach: found, depth: found.layers == null ? null : this.depth(found.layers[0])}
    this.styles = styles(event.collections, dark)
  }

  // |z| to which directions are followed in the layer view: of the shown layer; of several, where their cells have their
  // energy in the mean, so that a marker lies on its shower.
  private depth(first: number): number {
    const {layers, sum} = this.data.choice
    if (!sum && layers != null && layers[0] == layers[1]) {
      return Math.abs(this.event.header.layers.find(({layer}) => layer == layers[0])?.z ?? first)
    }
    let [weights, moments] = [0, 0]
    for (const cells of this.event.collections.filter(is_cells)) {
      const z = positions(cells, this.event)?.z
      const energy = values(cells, "energy")
      for (const row of z != null && energy != null ? this.data.shown(cells.name) : []) {
        const [weight, moment] = [energy![row], energy![row] * Math.abs(z![row])]
        weights += moment >= 0 && moment < Infinity ? weight : 0
        moments += moment >= 0 && moment < Infinity ? moment : 0
      }
    }
    return weights > 0 ? moments / weights : first
  }

  build(): Scene {
    const {event, data} = this
    const ordered = BOTTOM_UP.flatMap((kind) => event.collections.filter((each) => each.kind == kind))
    const others = event.collections.filter((each) => !ordered.includes(each))
    const drawings = [...ordered, ...others].flatMap((each) => {
      const drawing = this.draw(each)
      return drawing != null && drawing.rows.length != 0 ? [drawing] : []
    })
    const {outlines: wanted, labels, layers, sum, endcap} = data.choice
    const sight = {layers: sum ? null : layers, endcap}
    const modules = this.plane == "xy" && (wanted || labels) ?
      data.module_collections.flatMap((each) => find_modules(each, sight)) : []
    const legend = new Map([...this.styles].filter(([name]) => drawings.some((each) => each.name == name)))
    return {event, reach: this.setting.reach, drawings, modules, legend, scale: this.scale}
  }

  private draw(collection: Collection): Drawing | null {
    const rows = this.data.shown(collection.name)
    if (rows.length == 0) {
      return null
    }
    const style = this.styles.get(collection.name)
    if (style == null || is_cells(collection)) {
      return this.plane == "bins" ? this.bins(collection, rows) :
        this.plane == "xy" && this.data.choice.sum ? this.stacks(collection, rows) : this.cells(collection, rows)
    }
    const path = collection.columns.get("path")
    if (collection.kind == "jets") {
      return new ConeDrawing(collection.name, rows, style, collection, this.setting)
    } else if (collection.kind == "met") {
      const slot = this.event.collections.filter(({kind}) => kind == "met").indexOf(collection)
      return new ArrowDrawing(collection.name, rows, style, collection, this.setting, slot)
    } else if (path != null && (this.plane == "xy" || this.plane == "rhoz")) {
      const along = (axis: number) => path.values.filter((_, i) => i % 3 == axis)
      const points = project(this.plane, {x: along(0), y: along(1), z: along(2)})
      return new PathDrawing(collection.name, rows, points, path.width / 3, style)
    }
    return this.symbols(collection, rows, style)
  }

  private cells(collection: Collection, rows: Uint32Array): Drawing | null {
    const made = outlines(collection, this.event, this.plane)
    if (made == null) {
      return null
    }
    const indices = this.data.colors(collection.name)
    return new CellDrawing(collection.name, by_color(rows, indices), made,
      to_bytes(indices, this.data.color_scale.palette))
  }

  private bins(collection: Collection, rows: Uint32Array): Drawing | null {
    const places = positions(collection, this.event)
    if (places == null) {
      return null
    }
    const column = this.summed(collection)
    const groups = bin_rows(places, rows, values(collection, column))
    const {slope, phi} = BINS
    const say = (group: number): [string, string][] => {
      const within = group % (slope.count * phi.count)
      const [i, j] = [Math.floor(within / phi.count), within % phi.count]
      const edges = ({low, high, count}: typeof slope, k: number) =>
        [k, k + 1].map((each) => (low + (high - low) * each / count).toFixed(3)).join(" to ")
      return [["R/|z|", edges(slope, i)], ["φ", `${edges(phi, j)} rad`], ...this.say_sum(collection, column, groups, group)]
    }
    return this.groups(collection, rows, column, groups, () => bin_outlines(), say)
  }

  private stacks(collection: Collection, rows: Uint32Array): Drawing | null {
    const places = positions(collection, this.event)
    const made = outlines(collection, this.event, this.plane)
    if (places == null || made == null) {
      return null
    }
    const column = this.summed(collection)
    const groups = stack_rows(places, values(collection, "shape"), rows, values(collection, column))
    const {stride} = made
    return this.groups(collection, rows, column, groups, () => ({
      stride,
      x: Float32Array.from(groups.leading, (row) => made.x[row]),
      y: Float32Array.from(groups.leading, (row) => made.y[row]),
      corners: join(groups.leading, made.corners, 2 * stride),
    }), (group) => this.say_sum(collection, column, groups, group))
  }

  private groups(collection: Collection, rows: Uint32Array, column: string, groups: Groups,
      make_outlines: () => ReturnType<typeof bin_outlines>, say: (group: number) => [string, string][]): Drawing {
    const numbers = Float64Array.from(groups.sums, (sum, group) => groups.sizes[group] > 0 ? sum : NaN)
    const unit = collection.columns.get(column)?.unit ?? ""
    const added: Collection = {
      name: collection.name, kind: "cells", count: numbers.length, cache: new Map(),
      columns: new Map([[column, {name: column, unit, width: 1, values: numbers}]]),
    }
    const {data, event} = this
    const options = {...data.choice.options, color_by: column}
    const {palettes} = data
    const known = palettes instanceof Map ? palettes.get(options.palette) : palettes[options.palette]
    this.scale = make_scale({...event, collections: [added]}, options, known ?? [])
    const indices = index_rows(event, added, this.scale)
    const filled = Uint32Array.from(groups.sums.keys()).filter((group) => groups.sizes[group] > 0)
    const colors = to_bytes(indices, this.scale.palette)
    return new GroupDrawing(collection.name, rows, by_color(filled, indices), make_outlines(), colors, groups, say)
  }

  // What is added up: the colours' column if that makes sense, else the energy.
  private summed(collection: Collection): string {
    const {color_by} = this.data.choice
    const names = [color_by, "energy", "mip_pt", "pt"].filter((name) => values(collection, name) != null)
    return names.find((name) => ["energy", "mip_pt", "pt", "et"].includes(name)) ?? "energy"
  }

  private say_sum(collection: Collection, column: string, groups: Groups, group: number): [string, string][] {
    const unit = collection.columns.get(column)?.unit ?? ""
    const size = groups.sizes[group]
    return [["sum of", `${size} ${size == 1 ? "cell" : "cells"}`],
      [`sum, ${column}`, `${groups.sums[group].toPrecision(4)} ${unit}`]]
  }

  private symbols(collection: Collection, rows: Uint32Array, style: Style): Drawing | null {
    const found = anchored(collection, this.setting)
    if (found == null) {
      return null
    }
    const {name, kind} = collection
    if (kind == "hits" || kind == "vertices") {
      const {color_scale} = this.data
      const indices = kind == "hits" && collection.columns.has(color_scale.column) ? this.data.colors(name) : null
      const color = (row: number) => indices![row] == NONE ? style.color : color_scale.palette[indices![row]]
      return new SymbolDrawing(name, rows, found, style, () => kind == "hits" ? 2 : 5, indices != null ? color : null)
    }
    if (kind == "tracks") {
      return new SymbolDrawing(name, rows, found, {...style, symbol: "dot"}, () => 2)
    }
    const pt = values(collection, "pt") ?? values(collection, "energy")
    const most = largest(pt ?? [])
    // Among many the weak ones are small: what is below them is to be seen.
    const [least, power] = rows.length > CROWD ? [2.5, 1] : [4, 0.5]
    const share = (row: number) => Math.max(0, pt![row] / most) || 0
    const size = (row: number) => pt != null && most > 0 ? least + (9 - least) * share(row) ** power : 6
    return new SymbolDrawing(name, rows, found, style, size)
  }
}

// Rows from low to high colours, so that the strongest end up on top; those without a colour at the bottom.
function by_color(rows: Uint32Array, indices: Uint8Array): Uint32Array {
  const next = new Uint32Array(257)
  const slot = (row: number) => (indices[row] + 1) % 256
  for (const row of rows) {
    next[slot(row) + 1]++
  }
  for (let i = 0; i < 256; i++) {
    next[i + 1] += next[i]
  }
  const ordered = new Uint32Array(rows.length)
  for (const row of rows) {
    ordered[next[slot(row)]++] = row
  }
  return ordered
}

function to_bytes(indices: Uint8Array, palette: string[]): Uint32Array {
  const bytes = Uint32Array.from(palette, rgba)
  return Uint32Array.from(indices, (index) => bytes[index])
}

function join(rows: Uint32Array, numbers: Float32Array, width: number): Float32Array {
  const joined = new Float32Array(rows.length * width)
  rows.forEach((row, i) => joined.set(numbers.subarray(row * width, (row + 1) * width), i * width))
  return joined
}
