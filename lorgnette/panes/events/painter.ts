// Paints a scene into a picture of its own, so that marks, axes and pointers can change around it without painting it
// anew.
import {FEW} from "./cell_drawing"
import type {Inks} from "./drawing"
import {paint_legend, paint_scale} from "./legend"
import {paint_modules} from "./modules"
import {Raster} from "./raster"
import type {Scene} from "./scene"
import type {Screen} from "./screen"

const DIMMED = 0.35 // how much of everything else remains while something is marked

export type Choice = {outlines: boolean, labels: boolean}

class Picture {
  readonly canvas = document.createElement("canvas")
  readonly context = this.canvas.getContext("2d")!
  private raster: Raster | null = null

  // A clean picture of this size, to be painted on in CSS pixels.
  begin({width, height, ratio}: Screen): Raster {
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]
    if (this.raster == null || this.canvas.width != w || this.canvas.height != h) {
      this.canvas.width = w
      this.canvas.height = h
      this.raster = new Raster(w, h)
    }
    this.raster.clear()
    this.context.setTransform(1, 0, 0, 1, 0, 0)
    this.context.clearRect(0, 0, w, h)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    return this.raster
  }

  put(): void {
    this.context.putImageData(this.raster!.image, 0, 0)
  }
}

export class Painter {
  private readonly base = new Picture()
  private readonly marks = new Picture()
  private marked = false

  paint(scene: Scene | null, screen: Screen, inks: Inks, choice: Choice): void {
    const {base} = this
    const raster = base.begin(screen)
    const {context} = base
    if (scene == null) {
      return
    }
    if (scene.drawings.some(({rows}) => rows.length > FEW)) {
      scene.drawings.forEach((drawing) => drawing.fill?.(raster, screen))
      base.put()
    }
    if (scene.modules.length != 0) {
      paint_modules(context, screen, inks, scene.modules, choice)
    }
    scene.drawings.forEach((drawing) => drawing.paint?.(context, screen, inks))
  }

  paint_marks(scene: Scene | null, screen: Screen, inks: Inks, marks: (name: string) => Uint8Array): void {
    const marked = scene?.drawings.map((drawing) => ({drawing, marks: marks(drawing.name)})).filter(
      ({marks}) => marks.includes(1)) ?? []
    this.marked = marked.length != 0
    if (!this.marked) {
      return
    }
    const raster = this.marks.begin(screen)
    const fills = marked.filter(({drawing}) => drawing.fill != null)
    const lines = marked.filter(({drawing}) => drawing.fill == null)
    // Pixels replace what is below them, so they come before any line.
    for (const {drawing, marks} of fills) {
      drawing.fill_marks?.(raster, screen, inks, marks)
    }
    this.marks.put()
    for (const {drawing, marks} of [...fills, ...lines]) {
      drawing.paint_marks(this.marks.context, screen, inks, marks)
    }
  }

  // Copies what was painted into a figure's canvas, whose transformation maps the frame's CSS pixels.
  show(context: CanvasRenderingContext2D, screen: Screen, inks: Inks, scene: Scene, legend: boolean): void {
    const {width, height} = screen
    context.imageSmoothingEnabled = false
    context.globalAlpha = this.marked ? DIMMED : 1
    context.drawImage(this.base.canvas, 0, 0, width, height)
    context.globalAlpha = 1
    if (this.marked) {
      context.drawImage(this.marks.canvas, 0, 0, width, height)
    }
    if (legend) {
      paint_legend(context, screen, inks, scene.legend)
    }
    if (scene.scale != null) {
      paint_scale(context, screen, inks, scene.scale)
    }
  }
}
