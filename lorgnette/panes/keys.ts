// Keys of a page: "?" opens a dialog that lists them, the others go to whoever asked for them.

export type Keys = Map<string, string> | {[key: string]: string}

/* What the page's own scripts hear on the document when one of the keys is pressed that are theirs. */
export const LOCAL_KEY = "lorgnette_key"

const NAMES: {[key: string]: string} = {ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space"}

function is_typing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0] // the real one, within whatever shadow
  if (target instanceof HTMLInputElement && ["checkbox", "button"].includes(target.type)) {
    return event.key == " " || event.key == "Enter"
  }
  return target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
}

function element(tag: string, text: string): HTMLElement {
  const result = document.createElement(tag)
  result.textContent = text
  return result
}

export function listen(keys: () => Keys, pressed: (key: string) => void, signal: AbortSignal): void {
  const dialog = document.querySelector<HTMLDialogElement>("#lg-help")
  const open = () => {
    const list = dialog?.querySelector("dl")
    if (dialog == null || list == null || dialog.open) {
      return
    }
    const known = keys()
    const own = known instanceof Map ? [...known] : Object.entries(known)
    const rows = [...own, ["?", "show this list"], ["Esc", "close this list"]]
    list.replaceChildren(...rows.flatMap(([key, text]) => {
      const term = document.createElement("dt")
      term.append(element("kbd", NAMES[key] ?? key))
      return [term, element("dd", text)]
    }))
    dialog.showModal()
  }
  document.querySelector("#lg-help-button")?.addEventListener("click", open, {signal})
  dialog?.addEventListener("click", (event) => {
    if (event.target == dialog) { // its ground, not what lies on it
      dialog.close()
    }
  }, {signal})
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || is_typing(event)) {
      return
    }
    const known = keys()
    if (event.key == "?") {
      open()
    } else if (dialog?.open !== true && (known instanceof Map ? known.has(event.key) : event.key in known)) {
      event.preventDefault()
      pressed(event.key)
    }
  }, {signal})
}
