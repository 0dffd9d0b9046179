// Where the reader looks: the figure's two ranges, as the pixel in the middle and CSS pixels for one of the image.
import type {Range} from "@bokehjs/models/ranges/range"
import {Address} from "./address"
import type {Texts} from "./address"
import type {Grid} from "./lie"

export const MOST_ZOOM = 128
const FURTHEST = 8 // how much smaller than the frame an image can become
const SQUARE = 1e-6

export type Look = {x: number, y: number, zoom: number}
type Size = {width: number, height: number}

export type Stand = {
  ranges(): [Range, Range]
  frame(): Size // in CSS pixels
  ratio(): number
  grid(): Grid | null
}

export class Camera {
  private readonly address = new Address(() => this.texts(), (query) => this.follow(query))
  private look: Look | null = null // as it was asked for; null: nothing was shown yet
  private placed: Look | null = null // as the ranges are: on whole pixels of the screen where that can be
  private is_fit = false
  private size: Size = {width: 0, height: 0}
  private grid: Grid | null = null
  private limits_for = ""

  constructor(private readonly stand: Stand) {}

  end(): void {
    this.address.end()
  }

  // Before a painting: the frame may have another size, the image too.
  settle(): void {
    const [grid, size] = [this.stand.grid(), this.stand.frame()]
    if (grid == null || !(size.width > 0 && size.height > 0)) {
      return
    }
    const other = this.grid?.width != grid.width || this.grid.height != grid.height
    const moved = !other && (this.grid!.first != grid.first || this.grid!.bottom_up != grid.bottom_up)
    const first = this.look == null
    const resized = size.width != this.size.width || size.height != this.size.height
    this.grid = grid
    this.size = size
    if (first) {
      this.follow(this.address.query)
    } else if (other || moved || resized && this.is_fit) {
      this.fit()
    } else if (resized) {
      this.put(this.look!)
    }
  }

  // The ranges are other ones: by a tool, or by `put`.
  take(): void {
    const [x, y] = this.stand.ranges()
    const {width, height} = this.size
    if (this.look == null || width == 0) {
      return
    }
    const [across, down] = [width / Math.abs(x.end - x.start), height / Math.abs(y.end - y.start)]
    const look = {x: (x.start + x.end) / 2, y: (y.start + y.end) / 2, zoom: Math.min(across, down)}
    if (!isFinite(look.x + look.y + look.zoom) || this.placed != null && same(look, this.placed)) {
      return
    }
    this.is_fit = false
    if (Math.abs(across / down - 1) > SQUARE) {
      this.put(look)
    } else {
      this.look = look
      this.placed = look
      this.address.write_soon()
    }
  }

  // So that all of the image is seen.
  fit(): void {
    const {grid} = this
    if (grid != null) {
      this.put({x: grid.first + (grid.width - 1) / 2, y: grid.first + (grid.height - 1) / 2, zoom: this.fit_zoom()})
      this.is_fit = true
      this.address.write_soon()
    }
  }

  // What is left out stays; zoom 0: so that all is seen.
  go({x, y, zoom}: Partial<Look>): void {
    if (zoom != null && !(zoom > 0)) {
      this.fit()
    } else if (this.look != null) {
      this.is_fit = false
      this.put({x: x ?? this.look.x, y: y ?? this.look.y, zoom: zoom ?? this.look.zoom})
      this.address.write_soon()
    }
  }

  private fit_zoom(): number {
    const {grid, size} = this
    return Math.min(size.width / grid!.width, size.height / grid!.height, MOST_ZOOM)
  }

  private put(look: Look): void {
    const {width, height} = this.size
    const least = Math.min(this.fit_zoom(), 1) / FURTHEST
    const zoom = Math.min(Math.max(look.zoom, least), MOST_ZOOM)
    this.look = {...look, zoom}
    const {x, y} = this.snapped(this.look)
    this.placed = {x, y, zoom}
    const [half, up] = [width / 2 / zoom, (this.grid!.bottom_up ? height : -height) / 2 / zoom]
    const [x_range, y_range] = this.stand.ranges()
    const limits = `${width} ${height} ${least}`
    if (limits != this.limits_for) {
      this.limits_for = limits
      const slack = 1 + 1e-9
      x_range.setv({min_interval: width / MOST_ZOOM / slack, max_interval: width / least * slack})
      y_range.setv({min_interval: height / MOST_ZOOM / slack, max_interval: height / least * slack})
    }
    x_range.setv({start: x - half, end: x + half})
    y_range.setv({start: y - up, end: y + up})
  }

  // Where a pixel of the image is a whole number of the screen's or the other way round, it begins with one of those.
  private snapped({x, y, zoom}: Look): {x: number, y: number} {
    const ratio = this.stand.ratio()
    const scale = zoom * ratio
    const whole = scale >= 1 ? scale : 1 / scale
    if (Math.abs(whole - Math.round(whole)) > 1e-9) {
      return {x, y}
    }
    const {first, bottom_up, height} = this.grid!
    const near = (middle: number, edge: number, length: number) => {
      const at = length * ratio / 2 - (middle - edge) * scale
      return middle + (at - Math.round(at)) / scale
    }
    const [top, down] = [bottom_up ? first + height - 0.5 : first - 0.5, bottom_up ? -1 : 1]
    return {x: near(x, first - 0.5, this.size.width), y: down * near(down * y, down * top, this.size.height)}
  }

  // Whether something of the image can be seen from there, however far it is zoomed out.
  private is_near(x: number, y: number): boolean {
    const {width, height, first} = this.grid!
    const reach = FURTHEST * Math.max(width, height)
    return Math.abs(x - first) <= reach && Math.abs(y - first) <= reach
  }

  private texts(): Texts {
    if (this.look == null || this.is_fit) {
      return {x: null, y: null, zoom: null}
    }
    const {x, y, zoom} = this.look
    const digits = Math.min(Math.max(Math.ceil(Math.log10(zoom)) + 1, 0), 5)
    return {x: `${+x.toFixed(digits)}`, y: `${+y.toFixed(digits)}`, zoom: `${+zoom.toPrecision(6)}`}
  }

  private follow(query: URLSearchParams): void {
    const [x, y, zoom] = ["x", "y", "zoom"].map((name) => query.has(name) ? Number(query.get(name)) : NaN)
    this.look ??= {x: 0, y: 0, zoom: 1}
    if (this.is_near(x, y) && zoom > 0) {
      this.go({x, y, zoom})
    } else {
      this.fit()
    }
  }
}

function same(a: Look, b: Look): boolean {
  const near = (one: number, other: number) => Math.abs(one - other) * b.zoom < 1e-4
  return near(a.x, b.x) && near(a.y, b.y) && Math.abs(a.zoom / b.zoom - 1) < 1e-9
}
