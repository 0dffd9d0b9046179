"""Declared commands on their way: checked, handed out and answered by the program, waited for by those who asked.

What a program declares and what it answered are two state keys of names that no user's key can have. So they obey the
protocol of every other value: whole or not seen, the newest wins, readable after the program has died. The answers
are a list of the last ones, as many as a full queue of commands may bring at once.
"""

from __future__ import annotations

import collections
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from . import backend as kinds
from .backend import Array
from .declared import MAX_COMMANDS, MAX_DECLARATION_BYTES, RESERVED, DeclaredCommand
from .encoding import encode_json
from .errors import CommandError
from .names import RESERVED_PREFIX

DECLARED_KEY: Final = f"{RESERVED_PREFIX}declared"
ANSWERS_KEY: Final = f"{RESERVED_PREFIX}answers"
MAX_ANSWERS: Final = 256
MAX_ANSWERS_BYTES: Final = 60_000  # less than a state key's first room: answering never needs new memory
MOST_BYTES: Final = MAX_COMMANDS * (MAX_DECLARATION_BYTES + 1) + 1  # what a subscriber reads of either key
MAX_TEXT: Final = 300  # characters of a reason
ID_LENGTH: Final = 16

Outcome = Literal["done", "refused"]


class Answer(NamedTuple):
    """What a program said to a command."""

    outcome: Outcome
    text: str  # why it refused, or what came of it; "" where it said nothing


class Command(dict[str, Any]):
    """A command as the program gets it.

    Of a declared command the items are its arguments, checked, with the defaults of those that were not given, and
    `name` is what it is called. Of any other, the items are what was sent, and `name` is "".
    """

    __slots__ = ("_answer", "name", "request")

    def __init__(
        self,
        items: Mapping[str, Any],
        name: str = "",
        request: str = "",
        answer: Callable[[Command, Outcome, str], None] | None = None,
    ) -> None:
        super().__init__(items)
        self.name = name
        self.request = request
        self._answer = answer

    def __repr__(self) -> str:
        return f"Command({self.name!r}, {dict(self)!r})"

    def done(self, text: object = "") -> None:
        """Say that it was done, and what came of it if that is worth a few words. Only the first answer counts."""
        if self._answer is not None:
            self._answer(self, "done", str(text))

    def refuse(self, reason: object) -> None:
        """Say that it is not done, and why. Only the first answer counts."""
        if self._answer is not None:
            self._answer(self, "refused", str(reason))


class Desk:
    """The publisher's end: knows what is declared, and publishes declarations and answers with `put`."""

    def __init__(self, put: Callable[[str, Array, int], None]) -> None:
        self.unanswered: list[tuple[int, Command]] = []  # handed out, with the thread that took them
        self._put = put
        self._declared: dict[str, DeclaredCommand] = {}
        self._answers: collections.deque[bytes] = collections.deque()
        self._bytes = 0
        self._lock = threading.RLock()

    def declare(self, command: DeclaredCommand) -> None:
        """Add a declaration or replace the one of this name; raises `CommandError` beyond 64 of them."""
        with self._lock:
            declared = {**self._declared, command.name: command}
            if len(declared) > MAX_COMMANDS:
                raise CommandError(f"A program declares at most {MAX_COMMANDS} commands. Give one of them a choice.")
            if not self._declared:
                self._publish()  # so that its memory is there before the first answer
            text = encode_json([each.as_json() for each in declared.values()], "A declaration")
            self._put(DECLARED_KEY, np.frombuffer(text, np.uint8), kinds.JSON_TEXT)
            self._declared = declared

    def receive(self, texts: list[bytes]) -> list[Command]:
        """Return the commands in these messages. A declared one with wrong arguments is refused and left out."""
        found: list[Command] = []
        refused: list[tuple[str, Outcome, str]] = []
        for text in texts:
            try:
                message = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if not isinstance(message, dict):
                continue
            try:
                command = self._command(message)
            except CommandError as error:
                refused.append((_request(message), "refused", str(error)))
                continue
            found.append(command)
        with self._lock:
            self._say(refused)
            asked = [(threading.get_ident(), command) for command in found if command.request]
            self.unanswered = [*self.unanswered, *asked][-MAX_ANSWERS:]
        return found

    def settle(self) -> None:
        """Count as done what this thread took before and did not answer: it has come back for more."""
        with self._lock:
            here = threading.get_ident()
            mine = [command for thread, command in self.unanswered if thread == here]
            self.unanswered = [each for each in self.unanswered if each[0] != here]
            self._say([(command.request, "done", "") for command in mine])

    def _command(self, message: dict[str, Any]) -> Command:
        name, request = message.get("command"), _request(message)
        declared = self._declared.get(name) if isinstance(name, str) else None
        if declared is None:
            if request and isinstance(name, str) and self._declared:
                raise CommandError(f"This program has no command {name[:MAX_TEXT]!r}.")
            return Command(message)
        arguments = {key: value for key, value in message.items() if key not in RESERVED}
        return Command(declared.check(arguments), declared.name, request, self._answered)

    def _answered(self, command: Command, outcome: Outcome, text: str) -> None:
        with self._lock:
            if any(each is command for _, each in self.unanswered):
                self.unanswered = [each for each in self.unanswered if each[1] is not command]
                self._say([(command.request, outcome, text)])

    def _say(self, answers: list[tuple[str, Outcome, str]]) -> None:
        new = [
            encode_json([request, outcome, text[:MAX_TEXT]], "An answer")
            for request, outcome, text in answers
            if request
        ]
        if not new:
            return
        self._answers.extend(new)
        self._bytes += sum(len(each) + 1 for each in new)
        while len(self._answers) > MAX_ANSWERS or self._bytes > MAX_ANSWERS_BYTES:
            self._bytes -= len(self._answers.popleft()) + 1
        self._publish()

    def _publish(self) -> None:
        whole = b"[" + b",".join(self._answers) + b"]"
        self._put(ANSWERS_KEY, np.frombuffer(whole, np.uint8), kinds.JSON_TEXT)


def parse_answers(found: object) -> dict[str, Answer]:
    """Return the answers in a stream's list by request; what is none is left out."""
    answers: dict[str, Answer] = {}
    for each in found[-MAX_ANSWERS:] if isinstance(found, list) else ():
        if isinstance(each, list) and len(each) == 3 and all(isinstance(part, str) for part in each):
            request, outcome, text = each
            if outcome in ("done", "refused") and request not in answers:
                answers[request] = Answer(outcome, text[:MAX_TEXT])
    return answers


def _request(message: Mapping[str, Any]) -> str:
    """Return by which number a message wants to be answered, "" for none."""
    request = message.get("request")
    return request if isinstance(request, str) and len(request) == ID_LENGTH else ""
