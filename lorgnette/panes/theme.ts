// The reader's choice of colours: remembered for all pages of this server, followed by all of its open tabs.

export type Choice = "auto" | "light" | "dark"

const KEY = "lorgnette-theme"

function is_choice(text: string | null): text is Choice {
  return text == "auto" || text == "light" || text == "dark"
}

// The storage may be forbidden (private windows, embedded pages): then a choice lasts as long as the page.
export function remembered(): Choice | null {
  try {
    const choice = localStorage.getItem(KEY)
    return is_choice(choice) ? choice : null
  } catch {
    return null
  }
}

export function remember(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice)
  } catch { }
}

export function on_choice_elsewhere(callback: (choice: Choice) => void, signal: AbortSignal): void {
  addEventListener("storage", (event) => {
    if (event.key == KEY) {
      callback(remembered() ?? "auto")
    }
  }, {signal})
}
