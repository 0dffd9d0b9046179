"""One declared command as a form: its fields, the check of what was typed, and what became of the last one sent."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from typing import Any, Final

from bokeh.events import ValueSubmit
from bokeh.models import Button, Checkbox, Column, InlineStyleSheet, Row, Select, TextInput, Widget

from data_sources.streams.steering import (
    ANSWER_WITHIN_S,
    CommandError,
    DeclaredCommand,
    Parameter,
    Request,
    Value,
    Word,
)

from .texts import Text
from .tree import age

NO_CHOICE: Final = "choose …"

FORM_CSS: Final = """
:host { gap: 8px; padding: 12px; border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface); }
"""
FIELDS_CSS: Final = ":host { flex-wrap: wrap; gap: 8px 12px; align-items: flex-start; }"
FIELD_CSS: Final = ":host { flex: 1 1 140px; min-width: 0; max-width: 280px; gap: 4px; }"
TEXT_CSS: Final = """
:host { min-width: 0; font: 14px/20px var(--lg-font); color: var(--lg-ink); overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
h3 { margin: 0; font-size: 14px; line-height: 20px; font-weight: 600; }
p { margin: 0; color: var(--lg-quiet); white-space: pre-line; }
.wrong, .refused, .gone, .full { color: var(--lg-bad); }
.silent { color: var(--lg-warning); } .done { color: var(--lg-good); } .quiet { color: var(--lg-quiet); }
"""
FOOT_CSS: Final = ":host { gap: 12px; align-items: center; }"
NOTE_CSS: Final = ":host { font-size: 13px; }"
ANSWER_CSS: Final = ":host { flex: 1 1 0; }"

# Colour is never alone.
SHAPES: Final[dict[Word, str]] = {"sent": "…", "done": "✓", "refused": "✕", "silent": "?", "full": "✕", "gone": "✕"}
WORDS: Final[dict[Word, str]] = {
    "sent": "sent",
    "done": "done",
    "refused": "refused",
    "silent": f"no answer in {ANSWER_WITHIN_S:.0f} s",
    "full": "not sent",
    "gone": "not done",
}


def hint(parameter: Parameter) -> str:
    """Return what stands below a field as long as nothing is wrong: "number from 1 to 60"."""
    if parameter.choices or parameter.type in ("bool", "str"):
        return ""
    return parameter.expects.removeprefix("a ")


def read_number(text: str) -> object:
    """Return the number that was typed; the text itself if it is none."""
    text = text.strip()
    if "_" in text or not text.isascii():  # Python would take 1_000, and digits of every script
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


class Field:
    """One parameter. What the reader types is never overwritten: only an untouched field follows a new default."""

    def __init__(self, parameter: Parameter, text: InlineStyleSheet) -> None:
        self.parameter = parameter
        self.note = Text([text, NOTE_CSS])
        self.widget: Widget
        if parameter.choices:
            self.widget = Select(title=parameter.name, sizing_mode="stretch_width")
            self._offer()
            self.widget.value = self._start()
        elif parameter.type == "bool":
            self.widget = Checkbox(label=parameter.name, active=parameter.default is True)
        else:
            start = self._start()
            self.widget = TextInput(title=parameter.name, value=start, value_input=start, sizing_mode="stretch_width")
        for name in ("value", "active"):
            if name in self.widget.properties():
                self.widget.on_change(name, lambda _attr, _old, _new: self.check())
        self._tell("")
        self.root = Column(self.widget, self.note.div, stylesheets=[FIELD_CSS], sizing_mode="stretch_width", margin=0)

    def follow(self, parameter: Parameter) -> None:
        """Take up another declaration of the same kind."""
        touched, self.parameter = self._touched, parameter
        widget = self.widget
        if isinstance(widget, Checkbox):
            if not touched:
                widget.active = parameter.default is True
            return
        start = self._start()
        if isinstance(widget, Select):
            chosen = str(widget.value)
            self._offer()
            if not touched or chosen not in dict(widget.options):
                widget.value = start
        elif isinstance(widget, TextInput) and not touched and widget.value != start:
            widget.update(value=start, value_input=start)
        self.check(silent=not touched)

    @property
    def _touched(self) -> bool:
        """Whether the reader has put in something, as far as the server knows: every key stroke is told."""
        widget = self.widget
        if isinstance(widget, Checkbox):
            return bool(widget.active) != (self.parameter.default is True)
        if isinstance(widget, TextInput):
            return self._start() not in (widget.value, widget.value_input) or widget.value != widget.value_input
        return isinstance(widget, Select) and widget.value != self._start()

    def check(self, *, silent: bool = False) -> Value | CommandError | None:
        """Return the value, None where nothing was put in and a default stands for it.

        Raises nothing: what is wrong is shown at the field, and `CommandError` itself is returned.
        """
        try:
            found = self._value()
        except CommandError as error:
            self._tell("" if silent else str(error))
            return error
        self._tell("")
        return found

    def _value(self) -> Value | None:
        parameter, widget = self.parameter, self.widget
        if isinstance(widget, Checkbox):
            return bool(widget.active)
        if isinstance(widget, Select):
            if not str(widget.value).isdecimal():
                raise CommandError(f"Choose {parameter.name}: {parameter.expects}.")
            return parameter.choices[int(str(widget.value))]
        assert isinstance(widget, TextInput)
        typed = str(widget.value)
        if parameter.type == "str":
            return parameter.check(typed)
        if not typed.strip():
            if parameter.default is not None:
                return None
            raise CommandError(f"{parameter.name} is missing: {parameter.expects}.")
        return parameter.check(read_number(typed))

    def _tell(self, problem: str) -> None:
        told = problem or hint(self.parameter)
        kind = "wrong role=alert" if problem else "quiet"
        self.note.say(f"<span class={kind}>{html.escape(told)}</span>" if told else "")

    def _offer(self) -> None:
        assert isinstance(self.widget, Select)
        choices = [(str(number), str(choice)) for number, choice in enumerate(self.parameter.choices)]
        options = choices if self.parameter.default is not None else [("", NO_CHOICE), *choices]
        if options != self.widget.options:
            self.widget.options = options

    def _start(self) -> str:
        default = self.parameter.default
        if default is None:
            return ""
        if self.parameter.choices:
            return str(self.parameter.choices.index(default))
        return f"{default:.15g}" if isinstance(default, float) else str(default)


class CommandForm:
    """A declared command. `send(name, arguments)` gives the request that it then follows."""

    def __init__(self, declared: DeclaredCommand, send: Callable[[str, dict[str, Any]], Request]) -> None:
        self.declared = declared
        self.request: Request | None = None
        self._send = send
        self._possible = True
        self._text = InlineStyleSheet(css=TEXT_CSS)
        self._head = Text([self._text], _head(declared))
        self._fields = [Field(parameter, self._text) for parameter in declared.parameters]
        self.button = Button(label="Send", align="start", width=80)
        self.button.on_click(self.submit)
        self.answer = Text([self._text, ANSWER_CSS])
        for field in self._fields:
            if isinstance(field.widget, TextInput):
                field.widget.on_event(ValueSubmit, lambda _event: self.submit())
        roots = [each.root for each in self._fields]
        fields = [Row(*roots, stylesheets=[FIELDS_CSS], sizing_mode="stretch_width", margin=0)] if roots else []
        foot = Row(self.button, self.answer.div, stylesheets=[FOOT_CSS], sizing_mode="stretch_width", margin=0)
        self.root = Column(self._head.div, *fields, foot, stylesheets=[FORM_CSS], sizing_mode="stretch_width", margin=0)

    def follow(self, declared: DeclaredCommand) -> bool:
        """Take up another declaration of this command; False if its fields are others, so that it is built anew."""
        if declared == self.declared:
            return True
        if _kinds(declared) != _kinds(self.declared):
            return False
        self._head.say(_head(declared))
        for field, parameter in zip(self._fields, declared.parameters, strict=True):
            field.follow(parameter)
        self.declared = declared
        return True

    def submit(self) -> None:
        """Send what is in the fields, if all of it is right."""
        values = {field.parameter.name: field.check() for field in self._fields}
        wrong = [value for value in values.values() if isinstance(value, CommandError)]
        if wrong:
            self._tell("wrong", "✕ not sent", "see the field" if len(wrong) == 1 else "see the fields")
            self.request = None
            return
        self.request = self._send(self.declared.name, {name: v for name, v in values.items() if v is not None})
        self.show_answer()

    def show_answer(self) -> None:
        """Bring up to date what became of the command that was sent last."""
        request = self.request
        if request is not None:
            word = request.word
            ago = "" if word == "sent" else age(time.monotonic() - request.since, "").strip()
            self._tell(word, f"{SHAPES[word]} {WORDS[word]}", ": ".join(filter(None, [ago, request.text])))

    def enable(self, *, possible: bool) -> None:
        """Allow sending, or not."""
        if possible != self._possible:
            self._possible = possible
            self.button.disabled = not possible

    def _tell(self, kind: str, told: str, more: str) -> None:
        after = f" <span class=quiet>{html.escape(more)}</span>" if more else ""
        self.answer.say(f'<span role=status><span class="{kind}">{html.escape(told)}</span>{after}</span>')


def _head(declared: DeclaredCommand) -> str:
    told = f"<p>{html.escape(declared.help)}</p>" if declared.help else ""
    return f"<h3>{html.escape(declared.name)}</h3>{told}"


def _kinds(declared: DeclaredCommand) -> list[tuple[str, str, bool]]:
    return [(each.name, each.type, bool(each.choices)) for each in declared.parameters]
