"""What is wrong, about several things at once, in the page's banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_sources.base import SourceError
    from lorgnette.page import Page


class Complaints:
    """The banner of one page.

    Args:
        page: the shell.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: dict[str, tuple[str, str]] = {}

    def tell(self, about: str, error: SourceError | None) -> None:
        """Have an error told, or nothing about this any more."""
        if error is None:
            self.say(about, "")
        else:
            self.say(about, " ".join(filter(None, [error.what, error.where, error.why])), error.remedy)

    def say(self, about: str, what: str, remedy: str = "") -> None:
        """As `tell`, in plain sentences; "" for nothing about this any more."""
        if self._said.get(about, ("", "")) == (what, remedy):
            return
        self._said[about] = what, remedy
        told = [each for each in self._said.values() if each[0]]
        if told:
            remedies = " ".join(each[1] for each in told if each[1])
            self._page.show_error(" ".join(each[0] for each in told), remedies)
        else:
            self._page.clear_error()
