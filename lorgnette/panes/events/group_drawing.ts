import {CellDrawing} from "./cell_drawing"
import type {Groups} from "./bins"
import type {Area, Drawing, Inks, Spot, Trace} from "./drawing"
import type {Outlines} from "./outlines"
import type {Raster} from "./raster"
import type {Screen} from "./screen"

/* Cells that are added up: those in a bin, or those behind each other. What is drawn is a group; towards the others, a
 * group is its leading cell, and marking it marks all of its cells. */
export class GroupDrawing implements Drawing {
  private readonly cells: CellDrawing // its rows are groups

  // `outlines`, `colors` and `order`: of groups.
  constructor(readonly name: string, readonly rows: Uint32Array, order: Uint32Array, outlines: Outlines,
      colors: Uint32Array, private readonly groups: Groups,
      private readonly say: (group: number) => [string, string][]) {
    this.cells = new CellDrawing(name, order, outlines, colors)
  }

  fill(raster: Raster, screen: Screen): void {
    this.cells.fill(raster, screen)
  }

  paint(context: CanvasRenderingContext2D, screen: Screen, inks: Inks): void {
    this.cells.paint(context, screen, inks)
  }

  fill_marks(raster: Raster, screen: Screen, inks: Inks, marks: Uint8Array): void {
    this.cells.fill_marks(raster, screen, inks, this.of_groups(marks))
  }

  paint_marks(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, marks: Uint8Array): void {
    this.cells.paint_marks(context, screen, inks, this.of_groups(marks))
  }

  private of_groups(marks: Uint8Array): Uint8Array {
    const marked = new Uint8Array(this.groups.sums.length)
    for (const row of this.rows) {
      if (marks[row] == 1 && this.groups.of[row] >= 0) {
        marked[this.groups.of[row]] = 1
      }
    }
    return marked
  }

  hit(sx: number, sy: number, screen: Screen): Spot | null {
    const spot = this.cells.hit(sx, sy, screen)
    return spot != null ? {row: this.groups.leading[spot.row], distance: spot.distance} : null
  }

  trace(row: number, screen: Screen): Trace[] {
    const group = this.groups.of[row]
    return group >= 0 ? this.cells.trace(group, screen) : []
  }

  place(row: number): [number, number] {
    const group = this.groups.of[row]
    return group >= 0 ? this.cells.place(group) : [NaN, NaN]
  }

  within(area: Area): number[] {
    const inside = new Set(this.cells.within(area))
    return [...this.rows].filter((row) => inside.has(this.groups.of[row]))
  }

  members(row: number): Iterable<number> {
    const group = this.groups.of[row]
    return this.rows.filter((other) => group >= 0 && this.groups.of[other] == group)
  }

  describe(row: number): [string, string][] {
    const group = this.groups.of[row]
    return group >= 0 ? this.say(group) : []
  }
}
