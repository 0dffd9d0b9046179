"""Counters and gauges: what they count, what they refuse, and that they stay bounded and exact under threads."""

import threading

import pytest

from lorgnette import metrics


@pytest.fixture
def registry():
    return metrics.Registry()


def samples(registry, name):
    return next(family.samples for family in registry.snapshot() if family.name == name)


def test_a_counter_starts_at_zero_and_adds(registry):
    sent = registry.counter("frames_sent_total", "Frames sent.")
    assert samples(registry, "frames_sent_total") == {(): 0}
    sent.add()
    sent.add(2.5)
    assert samples(registry, "frames_sent_total") == {(): 3.5}


@pytest.mark.parametrize("amount", [-1, float("nan")])
def test_a_counter_does_not_fall(registry, amount):
    sent = registry.counter("frames_sent_total", "Frames sent.")
    with pytest.raises(ValueError, match="frames_sent_total only rises"):
        sent.add(amount)
    assert samples(registry, "frames_sent_total") == {(): 0}


def test_a_gauge_is_set_raised_lowered_and_forgotten_for_each_label(registry):
    sessions = registry.gauge("sessions", "Open pages.", ("app",))
    assert samples(registry, "sessions") == {}
    sessions.set(3, app="overview")
    sessions.add(-1, app="overview")
    sessions.add(7, app=5)
    assert samples(registry, "sessions") == {("overview",): 2, ("5",): 7}
    sessions.remove(app="overview")
    sessions.remove(app="never seen")
    assert samples(registry, "sessions") == {("5",): 7}


def test_the_order_of_labels_is_the_declared_one(registry):
    seen = registry.counter("seen_total", "Seen.", ("a", "b"))
    seen.add(b=2, a=1)
    assert samples(registry, "seen_total") == {("1", "2"): 1}


@pytest.mark.parametrize("labels", [{}, {"app": 1, "user": 2}, {"user": 1}])
def test_other_labels_than_the_declared_are_refused(registry, labels):
    sessions = registry.gauge("sessions", "Open pages.", ("app",))
    for change in (sessions.add, lambda **names: sessions.set(1, **names), sessions.remove):
        with pytest.raises(ValueError, match=r"sessions has the labels \('app',\)"):
            change(**labels)


def test_asking_again_gives_the_same_metric_and_another_meaning_is_refused(registry):
    first = registry.counter("sent_total", "Sent.", ("stream",))
    assert registry.counter("sent_total", "Sent.", ("stream",)) is first
    with pytest.raises(ValueError, match="already a counter"):
        registry.gauge("sent_total", "Sent.", ("stream",))
    with pytest.raises(ValueError, match="already a counter with the labels"):
        registry.counter("sent_total", "Sent.")


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [("Sent", "x", ()), ("1sent", "x", ()), ("", "x", ()), ("sent", "", ()), ("sent", "x", ("a b",)),
     (metrics.DROPPED, "x", ())],
)  # fmt: skip
def test_ill_named_or_unexplained_metrics_are_refused(registry, name, text, labels):
    with pytest.raises(ValueError, match="needs a free name"):
        registry.counter(name, text, labels)


def test_label_sets_are_bounded_known_ones_go_on_and_drops_are_counted(registry, monkeypatch):
    monkeypatch.setattr(metrics, "MAX_LABEL_SETS", 2)
    hits = registry.counter("hits_total", "Hits.", ("path",))
    for path in ("a", "b", "c", "d", "a"):
        hits.add(path=path)
    assert samples(registry, "hits_total") == {("a",): 2, ("b",): 1}
    assert samples(registry, metrics.DROPPED) == {("hits_total",): 2}
    hits.remove(path="b")
    hits.add(path="c")
    assert samples(registry, "hits_total") == {("a",): 2, ("c",): 1}


def test_long_label_values_are_cut(registry):
    hits = registry.counter("hits_total", "Hits.", ("path",))
    hits.add(path="x" * 10_000)
    assert samples(registry, "hits_total") == {("x" * metrics.MAX_LABEL_CHARACTERS,): 1}


def test_a_snapshot_is_sorted_tells_everything_and_does_not_change(registry):
    registry.gauge("zebras", "Striped.").set(1)
    apples = registry.counter("apples_total", "Round.", ("kind",))
    apples.add(kind="red")
    families = registry.snapshot()
    apples.add(kind="red")
    assert [family.name for family in families] == ["apples_total", metrics.DROPPED, "zebras"]
    assert families[0] == metrics.Family("apples_total", "counter", "Round.", ("kind",), {("red",): 1.0})
    assert families[2].kind == "gauge"


def test_no_count_is_lost_between_threads(registry):
    hits = registry.counter("hits_total", "Hits.", ("worker",))
    start = threading.Barrier(4)

    def work():
        start.wait()
        for _ in range(5000):
            hits.add(worker="all")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert samples(registry, "hits_total") == {("all",): 20_000}


def test_the_module_has_one_registry_for_the_whole_process():
    metrics.gauge("test_metrics_probe", "Only for this test.").set(4)
    assert {family.name: family.samples for family in metrics.snapshot()}["test_metrics_probe"] == {(): 4}
