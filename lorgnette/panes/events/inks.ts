// The page's colours, as its theme has them at the moment.
import type {Inks} from "./drawing"

// A canvas knows neither variables nor `light-dark()`: an element tells what a colour comes to.
export function read_inks(place: Element): Inks {
  const probe = document.createElement("span")
  probe.style.display = "none"
  ;(place.shadowRoot ?? place).append(probe)
  const style = getComputedStyle(probe)
  const color = (name: string, otherwise: string) => {
    probe.style.color = `var(--lg-${name}, ${otherwise})`
    return style.color
  }
  probe.style.fontFamily = "var(--lg-font, sans-serif)"
  const inks = {
    dark: is_dark(),
    ink: color("ink", "#1d2229"),
    quiet: color("quiet", "#59636e"),
    surface: color("surface", "#ffffff"),
    font: style.fontFamily,
  }
  probe.remove()
  return inks
}

export function is_dark(): boolean {
  return document.documentElement.dataset.theme == "dark"
}

// Calls back after each change of the theme.
export function on_theme(callback: () => void, signal: AbortSignal): void {
  const observer = new MutationObserver(callback)
  observer.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]})
  signal.addEventListener("abort", () => observer.disconnect())
}
