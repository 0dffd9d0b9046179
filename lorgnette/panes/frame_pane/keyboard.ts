// Keys, told to the program while the pane has the focus, and kept from the page.
import type {Put} from "./steer"
import {modifiers_of, time_ms} from "./steer"

const BROWSERS = ["F5", "F11", "F12"]
const BROWSERS_WITH_CONTROL = ["l", "n", "r", "t", "w"]

// Reloading, tabs and the address stay with the browser, which keeps most of them anyway.
function is_browsers(event: KeyboardEvent): boolean {
  const control = event.ctrlKey || event.metaKey
  return BROWSERS.includes(event.key) || control && BROWSERS_WITH_CONTROL.includes(event.key.toLowerCase())
}

export class Keyboard {
  private readonly held = new Map<string, string>() // by the place on the keyboard what it types

  constructor(private readonly put: Put, private readonly escape: () => void) {}

  // Nothing is pressed any more; the program is told so by "blur".
  let_go(): void {
    this.held.clear()
  }

  down(event: KeyboardEvent): void {
    if (event.isComposing || is_browsers(event)) {
      return
    }
    event.preventDefault()
    event.stopPropagation()
    if (event.key == "Escape") {
      this.escape()
      return
    }
    const {key, code, repeat} = event
    this.held.set(code || key, key)
    this.tell("keydown", event, {key, code, ...(repeat ? {repeat} : {})})
  }

  up(event: KeyboardEvent): void {
    event.stopPropagation()
    const place = event.code || event.key
    if (this.held.delete(place)) { // of others the press went elsewhere
      event.preventDefault()
      this.tell("keyup", event, {key: event.key, code: event.code})
    }
    if (event.key == "Meta") { // some systems say nothing of keys that are released before it
      for (const [code, key] of this.held) {
        this.tell("keyup", event, {key, code})
      }
      this.held.clear()
    }
  }

  private tell(name: string, event: KeyboardEvent, more: {[field: string]: unknown}): void {
    this.put({event: name, time_ms: time_ms(event), ...more, ...modifiers_of(event)})
  }
}
