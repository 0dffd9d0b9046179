// How large the pane is, told when that has stayed the same for a moment.
import type {Size} from "./geometry"

const STAYS_MS = 150

export type PaneSizes = {width: number, height: number, ratio: number} // CSS pixels, and device pixels for one of them

export class SizeTeller {
  private size: PaneSizes = {width: 0, height: 0, ratio: 1}
  private told = this.size
  private timer: number | undefined

  /* Called when the pane has another size (`is_new`), or what is drawn in it. */
  constructor(private readonly tell_page: (size: PaneSizes, is_new: boolean) => void) {}

  set(size: PaneSizes): void {
    const is_first = this.size.width == 0
    this.size = size
    if (is_first) {
      this.tell()
    } else {
      this.soon()
    }
  }

  // Something about it has changed.
  soon(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.tell(), STAYS_MS)
  }

  end(): void {
    clearTimeout(this.timer)
  }

  private tell(): void {
    const {width, height, ratio} = this.size
    if (width == 0 || height == 0) {
      return
    }
    const {told} = this
    this.told = this.size
    this.tell_page(this.size, width != told.width || height != told.height || ratio != told.ratio)
  }
}

export function observe(observer: ResizeObserver, element: Element): void {
  observer.disconnect()
  try {
    observer.observe(element, {box: "device-pixel-content-box"}) // calls also when only the ratio has changed
  } catch {
    observer.observe(element) // not all browsers know that
  }
}

// The content of an element in device pixels: exactly, where the browser tells.
export function device_size({contentRect, devicePixelContentBoxSize}: ResizeObserverEntry): Size {
  const reckoned = {
    width: Math.round(contentRect.width * devicePixelRatio),
    height: Math.round(contentRect.height * devicePixelRatio),
  }
  const told = devicePixelContentBoxSize?.[0]
  const is_sound = told != null && Math.abs(told.inlineSize - reckoned.width) <= 1 &&
    Math.abs(told.blockSize - reckoned.height) <= 1 // it knows nothing of a screen that is only pretended
  return is_sound ? {width: told.inlineSize, height: told.blockSize} : reckoned
}
