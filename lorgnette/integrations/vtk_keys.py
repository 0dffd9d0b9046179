"""Keys as VTK names them (after X11), from what the browser calls them."""

from __future__ import annotations

from typing import Final, NamedTuple

NO_CHARACTER: Final = "\0"  # how VTK writes that a key has no character

# Names of the DOM that are no characters, or whose character VTK writes in its own way.
_NAMED: Final = {
    "AltGraph": "ISO_Level3_Shift",
    "ArrowDown": "Down",
    "ArrowLeft": "Left",
    "ArrowRight": "Right",
    "ArrowUp": "Up",
    "Backspace": "BackSpace",
    "CapsLock": "Caps_Lock",
    "ContextMenu": "Menu",
    "Enter": "Return",
    "NumLock": "Num_Lock",
    "PageDown": "Next",
    "PageUp": "Prior",
    "PrintScreen": "Print",
    "ScrollLock": "Scroll_Lock",
}
_SIDED: Final = {"Alt": "Alt", "Control": "Control", "Meta": "Super", "Shift": "Shift"}
_CONTROL: Final = {"Backspace": "\b", "Delete": "\x7f", "Enter": "\r", "Escape": "\x1b", "Tab": "\t"}
_SIGNS: Final = {
    " ": "space", "!": "exclam", '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent", "&": "ampersand",
    "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equal", ">": "greater",
    "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash", "]": "bracketright", "^": "asciicircum",
    "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright", "~": "asciitilde",
}  # fmt: skip
_PAD: Final = {
    "NumpadAdd": "KP_Add", "NumpadDecimal": "KP_Decimal", "NumpadDivide": "KP_Divide", "NumpadEnter": "KP_Enter",
    "NumpadMultiply": "KP_Multiply", "NumpadSubtract": "KP_Subtract",
}  # fmt: skip


class Key(NamedTuple):
    """A key for `vtkRenderWindowInteractor.SetEventInformation`."""

    character: str  # one, below 128; "\0" if it has none
    symbol: str  # such as "a", "Left", "KP_Add"


def key(name: str, code: str = "") -> Key:
    """Return what VTK calls a key.

    Args:
        name: `key` of the DOM, what the key means, such as "a", "A" or "ArrowUp".
        code: `code` of the DOM, which key it is, such as "ShiftRight" or "NumpadAdd"; tells left from right.
    """
    character = name if len(name) == 1 and name.isascii() else _CONTROL.get(name, NO_CHARACTER)
    return Key(character, _symbol(name, code))


def _symbol(name: str, code: str) -> str:
    if code in _PAD:
        return _PAD[code]
    if name in _SIDED:
        return f"{_SIDED[name]}_{'R' if code.endswith('Right') else 'L'}"
    if len(name) == 1:
        return _SIGNS.get(name, name) if name.isascii() else f"U{ord(name):04X}"
    return _NAMED.get(name, name)  # Escape, Tab, Home, F1 and others are called the same
