// A line at the foot of an image: how far the making of its levels is, and what there is to be said.
import type {BBox} from "@bokehjs/core/util/bbox"

const STYLE = `position: absolute; box-sizing: border-box; pointer-events: none; overflow: hidden; padding: 2px 8px;
  font: 12px/20px var(--lg-font, sans-serif); color: var(--lg-ink, #1d2229); background: var(--lg-surface, #ffffff);
  border-radius: 4px; opacity: 0.92; text-overflow: ellipsis; white-space: nowrap;`
const BAR_STYLE = `position: absolute; left: 0; bottom: 0; height: 2px; background: var(--lg-accent, #0b62b8);`
const GAP = 8

export class Foot {
  readonly el = document.createElement("div")
  private readonly words = document.createElement("span")
  private readonly bar = document.createElement("div")
  private place = ""

  constructor() {
    this.el.style.cssText = STYLE
    this.bar.style.cssText = BAR_STYLE
    this.el.setAttribute("role", "status")
    this.el.append(this.words, this.bar)
    this.el.style.display = "none"
  }

  show(notice: string, progress: number): void {
    const making = progress < 1
    const text = notice == "" && making ? `The smaller sizes are being made: ${Math.floor(100 * progress)} %` : notice
    if (this.words.textContent != text) {
      this.words.textContent = text
    }
    this.el.style.display = text == "" ? "none" : "block"
    this.bar.style.width = making ? `${(100 * progress).toFixed(1)}%` : "0"
  }

  lay({left, bottom, width}: BBox): void {
    const place = `${left} ${bottom} ${width}`
    if (place != this.place) {
      this.place = place
      Object.assign(this.el.style, {
        left: `${left + GAP}px`, top: `${bottom - GAP - 24}px`, maxWidth: `${Math.max(0, width - 2*GAP)}px`,
      })
    }
  }
}
