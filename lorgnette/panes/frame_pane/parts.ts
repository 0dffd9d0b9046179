// What lies over the picture: words, notices, and what is there before the first one.

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, cls: string = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = cls
  return element
}

// A line of text that is there only while it says something.
export class Words {
  readonly el: HTMLElement
  private said = ""

  constructor(cls: string) {
    this.el = make("div", cls)
    this.el.setAttribute("role", "status")
    this.el.hidden = true
  }

  say(text: string): void {
    if (this.said != text) { // called for each picture, and seldom with anything new
      this.said = text
      this.el.textContent = text
      this.el.hidden = text == ""
    }
  }
}

export type Steering = "you" | "free" | "other" | "none"

export type Situation = {
  steering: Steering
  program: string
  holder_text: string
  shown: boolean // there is a picture
  may_steer: boolean
  captured: boolean
}

// Who steers, and how to begin or end.
export function mark({steering, program, holder_text, shown, may_steer, captured}: Situation): string {
  const who = holder_text == "" ? "" : ` ${holder_text}.`
  if (captured) {
    return `Steering ${program}. Esc lets go.${who}`
  }
  if (!shown) {
    return who.trim()
  }
  if (steering == "other") {
    return who.trim() || "Another viewer steers."
  }
  if (steering == "none") {
    return `View only.${who}`
  }
  return may_steer ? `Click the picture to steer ${program}.${who}` : `Drag and wheel move the picture.${who}`
}

export function clock(): string {
  return new Date().toLocaleTimeString("en-GB") // as the server writes it
}

export function save_file(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = make("a")
  link.href = address
  link.download = name
  link.click()
  // Not at once: some browsers begin to read only after the event.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

export async function toggle_full_screen(element: HTMLElement): Promise<void> {
  try {
    await (document.fullscreenElement == null ? element.requestFullscreen() : document.exitFullscreen())
  } catch (error) {
    console.warn(`The browser does not show the picture on the full screen: ${error}`)
  }
}
