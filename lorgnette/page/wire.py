"""Texts to the page, past Bokeh's bookkeeping.

For every change of a property Bokeh lists all models of the document anew, about 2 µs for each: with a page of some
hundred models that is more than everything else of a tick. A text names no model, so the list can be empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bokeh.document.events import MessageSentEvent

if TYPE_CHECKING:
    from bokeh.document import Document


class _NoModels:
    """Stands for the models of a document where none are referred to."""

    synced_references: frozenset[Any] = frozenset()

    def flush_synced(self, _is_still_new: object = None) -> None:
        """Nothing is noted, so nothing is cleared."""


class _NoDocument:
    models = _NoModels()


__all__ = ["send"]

_NOWHERE: Any = _NoDocument()


def send(doc: Document, kind: str, text: str) -> None:
    """See `Page.send`."""
    doc.callbacks.trigger_on_change(MessageSentEvent(_NOWHERE, kind, text))
