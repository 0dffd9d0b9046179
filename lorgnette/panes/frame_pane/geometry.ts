// Where the picture lies in the pane, as pure arithmetic. Lengths are device pixels, so that 1:1 is exact.

export type Fit = "fit" | "fill" | "actual"
export type Size = {width: number, height: number}
export type Place = {x: number, y: number}
export type Rect = Place & Size

/* What of the picture is seen: `x` and `y` are the part of it (0..1) that lies in the middle of the pane, `zoom` is
 * relative to the fit. */
export type Look = Place & {fit: Fit, zoom: number}

export const LEAST_ZOOM = 0.1
export const MOST_ZOOM = 40

export function first_look(fit: Fit): Look {
  return {fit, zoom: 1, x: 0.5, y: 0.5}
}

function limited(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

// Device pixels for one pixel of the frame.
export function scale_of(pane: Size, frame: Size, {fit, zoom}: Look): number {
  const [across, down] = [pane.width / frame.width, pane.height / frame.height]
  const base = fit == "actual" ? 1 : fit == "fit" ? Math.min(across, down) : Math.max(across, down)
  return base * zoom
}

// Begins and ends on whole device pixels; events are reckoned with the very same rectangle.
export function place(pane: Size, frame: Size, look: Look): Rect {
  const scale = scale_of(pane, frame, look)
  const width = Math.max(Math.round(frame.width * scale), 1)
  const height = Math.max(Math.round(frame.height * scale), 1)
  const [x, y] = [Math.round(pane.width / 2 - look.x * width), Math.round(pane.height / 2 - look.y * height)]
  return {x, y, width, height}
}

// The nearest look without an empty border where there is picture for it; what is smaller than the pane is centred.
export function settled(pane: Size, frame: Size, look: Look): Look {
  const zoom = limited(look.zoom, LEAST_ZOOM, MOST_ZOOM)
  const scale = scale_of(pane, frame, {...look, zoom})
  const middle = (value: number, seen: number) => seen >= 1 ? 0.5 : limited(value, seen / 2, 1 - seen / 2)
  return {
    fit: look.fit, zoom,
    x: middle(look.x, pane.width / (frame.width * scale)),
    y: middle(look.y, pane.height / (frame.height * scale)),
  }
}

// 0..1 from the left and upper edge of the picture; outside of it less or more.
export function to_picture(rect: Rect, at: Place): Place {
  return {x: (at.x - rect.x) / rect.width, y: (at.y - rect.y) / rect.height}
}

// Nearer or farther by a factor, around a place of the pane that keeps what it shows.
export function zoomed(pane: Size, frame: Size, look: Look, factor: number, at: Place): Look {
  const zoom = limited(look.zoom * factor, LEAST_ZOOM, MOST_ZOOM)
  const fixed = to_picture(place(pane, frame, look), at)
  const scale = scale_of(pane, frame, {...look, zoom})
  return settled(pane, frame, {
    fit: look.fit, zoom,
    x: fixed.x + (pane.width / 2 - at.x) / (frame.width * scale),
    y: fixed.y + (pane.height / 2 - at.y) / (frame.height * scale),
  })
}

// The picture moved with the hand, by device pixels.
export function moved(pane: Size, frame: Size, look: Look, by: Place): Look {
  const scale = scale_of(pane, frame, look)
  return settled(pane, frame, {
    ...look, x: look.x - by.x / (frame.width * scale), y: look.y - by.y / (frame.height * scale),
  })
}

// Whether a drag could show anything else.
export function is_larger(pane: Size, frame: Size, look: Look): boolean {
  const {width, height} = place(pane, frame, look)
  return width > pane.width || height > pane.height
}
