"""`/metrics`: what `lorgnette.metrics` counts, the sessions and the process, as Prometheus reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector, CollectorRegistry

from lorgnette import metrics
from lorgnette.web.handlers import GuardedHandler, site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bokeh.server.tornado import BokehTornado
    from prometheus_client import Metric

__all__ = ["MetricsHandler"]

PREFIX: Final = "lorgnette_"


class _Figures(Collector):
    """All of one moment."""

    def __init__(self, application: BokehTornado) -> None:
        self._application = application

    def collect(self) -> Iterator[Metric]:
        """Give the metrics one by one."""
        for family in metrics.snapshot():
            kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = kind(PREFIX + family.name.removeprefix(PREFIX), family.help, labels=family.labels)
            for values, number in family.samples.items():
                metric.add_metric(values, number)
            yield metric
        sessions = GaugeMetricFamily(f"{PREFIX}sessions", "Sessions that are kept.", labels=("app",))
        connections = GaugeMetricFamily(f"{PREFIX}connections", "Websockets of pages that are open.", labels=("app",))
        for route, context in self._application.applications.items():
            kept = list(context.sessions)
            sessions.add_metric((route.strip("/"),), len(kept))
            connections.add_metric((route.strip("/"),), sum(session.connection_count for session in kept))
        yield from (sessions, connections)


class MetricsHandler(GuardedHandler):
    """For programs that know the token: `Authorization: Bearer TOKEN`."""

    def get(self) -> None:
        """Answer in Prometheus's text format."""
        registry = CollectorRegistry()
        registry.register(_Figures(site(self)))
        ProcessCollector(registry=registry)
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(registry))
