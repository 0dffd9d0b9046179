"""Changes of models that are sent only where something is another than it was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.model import Model


class Shown:
    """What a page was told last: reading it from Bokeh's models takes ten times as long."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], Any] = {}

    def say(self, model: Model, **values: Any) -> None:  # noqa: ANN401  (whatever its properties take)
        """Set properties of a model that nobody else sets, as far as they are others."""
        said, name = self._said, model.id
        changed = {key: value for key, value in values.items() if said.get((name, key), said) != value}
        if changed:
            said.update({(name, key): value for key, value in changed.items()})
            model.update(**changed)
