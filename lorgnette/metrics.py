"""Counters and gauges that any part of Lorgnette may raise, and one snapshot of them all for whoever renders them.

    _LOST = metrics.counter("records_lost_total", "Records overwritten before they were read.", ("stream",))
    _LOST.add(3, stream="renderer")

Any thread may call. A metric keeps at most `MAX_LABEL_SETS` sets of label values, so that strangers' names cannot fill
the memory: values of a further set are dropped and counted in `DROPPED`; the known sets go on; `remove` makes room.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TypeVar

MAX_LABEL_SETS = 256  # of each metric: twice the default number of streams, and still one readable page
MAX_LABEL_CHARACTERS = 200  # of each value; the rest is cut off
DROPPED = "lorgnette_metrics_dropped_total"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Family:
    """One metric as it stood at the moment of the snapshot: label names, and the value of each set of label values."""

    name: str
    kind: str  # "counter" or "gauge"
    help: str
    labels: tuple[str, ...]
    samples: dict[tuple[str, ...], float]


class Metric:
    """A named number for each set of label values (one number if there are no labels)."""

    def __init__(self, registry: Registry, name: str, help_text: str, labels: tuple[str, ...]) -> None:
        self.name, self.help, self.labels, self._registry = name, help_text, labels, registry
        self.kind = type(self).__name__.lower()
        self.samples: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}

    def add(self, amount: float = 1, **labels: object) -> None:
        """Add `amount`. Raises ValueError if a counter would fall or the labels are not the declared ones."""
        if self.kind == "counter" and not amount >= 0:
            raise ValueError(f"The counter {self.name} only rises, so {amount} cannot be added. Use a gauge.")
        self._change(amount, labels, keep=True)

    def remove(self, **labels: object) -> None:
        """Forget one set of label values, for instance of a stream that is gone."""
        with self._registry.lock:
            self.samples.pop(self._key(labels), None)

    def _key(self, labels: dict[str, object]) -> tuple[str, ...]:
        if labels.keys() != set(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {tuple(labels)}.")
        return tuple(str(labels[name])[:MAX_LABEL_CHARACTERS] for name in self.labels)

    def _change(self, value: float, labels: dict[str, object], *, keep: bool) -> None:
        key = self._key(labels)
        with self._registry.lock:
            if key in self.samples or len(self.samples) < MAX_LABEL_SETS:
                self.samples[key] = value + (self.samples.get(key, 0.0) if keep else 0.0)
            else:
                self._registry.dropped[self.name,] = self._registry.dropped.get((self.name,), 0) + 1


class Counter(Metric):
    """A number that only rises while the process lives."""


class Gauge(Metric):
    """A number that rises and falls."""

    def set(self, value: float, **labels: object) -> None:
        """Replace the value. Raises ValueError if the labels are not the declared ones."""
        self._change(value, labels, keep=False)


_M = TypeVar("_M", bound=Metric)


class Registry:
    """A set of metrics. Programs use the one of this module; tests may have their own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.dropped: dict[tuple[str, ...], float] = {}
        self._metrics: dict[str, Metric] = {}

    def counter(self, name: str, help_text: str, labels: tuple[str, ...] = ()) -> Counter:
        """The counter of this name, made if new. Raises ValueError if it is known as something else, or ill-named."""
        return self._get(Counter, name, help_text, labels)

    def gauge(self, name: str, help_text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """The gauge of this name, in the same way."""
        return self._get(Gauge, name, help_text, labels)

    def snapshot(self) -> list[Family]:
        """Every metric with all its values, of one moment, sorted by name."""
        with self.lock:
            found = [Family(m.name, m.kind, m.help, m.labels, dict(m.samples)) for m in self._metrics.values()]
            dropped = dict(self.dropped)
        found.append(Family(DROPPED, "counter", "Values dropped: too many sets of labels.", ("metric",), dropped))
        return sorted(found, key=lambda family: family.name)

    def _get(self, kind: type[_M], name: str, help_text: str, labels: tuple[str, ...]) -> _M:
        if name == DROPPED or not help_text or not all(_NAME.fullmatch(word) for word in (name, *labels)):
            raise ValueError(
                f"The metric {name!r} needs a free name of a-z, 0-9 and _ (labels as well) and a help text."
            )
        with self.lock:
            metric = self._metrics.setdefault(name, kind(self, name, help_text, labels))
        if type(metric) is not kind or metric.labels != labels:
            raise ValueError(f"{name} is already a {metric.kind} with the labels {metric.labels}. Take another name.")
        return metric


_registry = Registry()
counter, gauge, snapshot = _registry.counter, _registry.gauge, _registry.snapshot
