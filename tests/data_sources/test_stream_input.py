"""Input events on their way to real programs: in order, bounded, from one viewer at a time."""

import json
import threading

import pytest
from browser import wait_for
from programs import program

import lorgnette
from data_sources.streams import backlog
from data_sources.streams.backlog import Backlog
from data_sources.streams.input import MOST_AT_ONCE, UNTOUCHED_S, Input, InputLook, Outcome
from lorgnette import config, metrics
from lorgnette.input import parse

QUEUE = 256  # commands that a stream holds for its program


def press(x=0.5, button=0):
    return {"event": "pointerdown", "x": x, "y": 0.5, "button": button, "buttons": 1}


def release(x=0.5, button=0):
    return {"event": "pointerup", "x": x, "y": 0.5, "button": button}


def move(x, **more):
    return {"event": "pointermove", "x": x, "y": 0.5, **more}


def key(name, event="keydown"):
    return {"event": event, "key": name}


RESIZE = {"event": "resize", "width": 300, "height": 200}


def told(publisher):
    """What the program gets now, as (viewer, event, what tells it from others)."""
    found = [parse(command) for command in publisher.commands()]
    return [(each.viewer, each.event, each.key or each.x or each.width) for each in found]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def publisher():
    with lorgnette.Publisher("scene") as made:
        yield made


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make_input(publisher, clock):
    """The way to the publisher, with a clock that is set by hand, and without a poller."""
    with lorgnette.Subscriber("scene") as subscriber:
        yield lambda **settings: Input("scene", subscriber, lambda: None, clock=clock, **settings)


@pytest.fixture
def way(make_input):
    return make_input(policy="one")


# What waits


def waiting(*events, most=100):
    kept = Backlog(most)
    for event in events:
        kept.put({"viewer": 1, **event})
    return kept


def all_of(kept):
    found = []
    while (event := kept.take()) is not None:
        found.append(event)
        kept.settle(event, sent=True)
    return found


def test_of_neighbouring_moves_the_newest_is_kept_and_everything_else_stays_where_it_is():
    events = [move(0.1), move(0.2), press(), move(0.3), move(0.4), move(0.5, buttons=1), release(), key("a"), key("a")]
    kept = [event.get("x") or event["key"] for event in all_of(waiting(*events))]
    assert kept == [0.2, 0.5, 0.4, 0.5, 0.5, "a", "a"]


def test_wheels_and_pinches_are_summed_with_their_neighbours():
    def wheel(dy, **more):
        return {"event": "wheel", "dy": dy, **more}

    def pinch(scale, **more):
        return {"event": "pinch", "scale": scale, **more}

    kept = all_of(waiting(wheel(100), wheel(20), wheel(-5, modifiers=["ctrl"]), press(), wheel(1), wheel(2, dx=4)))
    assert [(each.get("dy"), each.get("dx")) for each in kept] == [(120, None), (-5, None), (None, None), (3, 4)]
    kept = all_of(waiting(pinch(1.1, phase="start"), pinch(1.1), pinch(2.0, rotation=0.5), pinch(1.0, phase="end")))
    assert [each["scale"] for each in kept] == pytest.approx([1.1, 2.2, 1.0])
    assert kept[1]["rotation"] == 0.5
    kept = all_of(waiting({"event": "wheel", "dy": 1}, {"event": "wheel", "dy": 1, "viewer": 2}))
    assert len(kept) == 2


def test_what_is_being_sent_is_not_changed_any_more():
    kept = waiting(move(0.1))
    first = kept.take()
    kept.put({"viewer": 1, **move(0.2)})
    assert len(kept) == 2
    kept.settle(first, sent=False)
    assert [event["x"] for event in all_of(kept)] == [0.1, 0.2]


def test_what_was_forgotten_while_it_was_sent_does_not_come_back():
    kept = waiting(key("a"))
    first = kept.take()
    kept.clear()
    kept.settle(first, sent=False)
    assert len(kept) == 0


def test_where_there_is_no_room_the_newest_is_dropped_and_the_program_told_that_all_is_up():
    kept = waiting(key("a"), key("b"), key("c"), key("d"), key("b", "keyup"), most=3)
    assert kept.dropped == 2
    assert [event.get("key", event["event"]) for event in all_of(kept)] == ["a", "b", "c", "blur"]
    kept.put({"viewer": 1, **key("e")})
    assert [event["key"] for event in all_of(kept)] == ["e"]


# Who steers


def test_numbers_are_never_used_again_and_count_all_streams(way, make_input):
    viewers = [way.join(), make_input(policy="one").join()]
    viewers[0].leave()
    viewers.append(way.join())
    numbers = [viewer.number for viewer in viewers]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert numbers[0] > 0


def test_who_acts_first_steers_and_others_are_refused_until_they_take_over(way, publisher):
    one, two = way.join(), way.join()
    idle = [{"event": "pointerenter"}, move(0.1), RESIZE, {"event": "focus"}, release(), key("a", "keyup")]
    assert one.put(idle) == ("sent", 0)
    assert told(publisher) == [], "nobody has begun"
    assert one.put([move(0.2), key("w"), move(0.3)]) == ("sent", 0)
    assert (one.steers, two.steers) == (True, False)
    assert told(publisher) == [
        (one.number, *what) for what in [("resize", 300), ("keydown", "w"), ("pointermove", 0.3)]
    ]
    assert two.put([{**RESIZE, "width": 500}, move(0.4)]) == ("sent", 0)
    for act in (press(), {"event": "wheel"}, key("a"), {"event": "pinch"}, {"event": "pan"}):
        assert two.put([act]) == Outcome("refused", one.number)
    assert told(publisher) == []
    assert two.take()
    assert (one.steers, two.steers) == (False, True)
    assert told(publisher) == [(one.number, "blur", 0), (two.number, "resize", 500)]
    assert one.put([release()]) == ("sent", 0)
    assert one.put([key("w")]) == Outcome("refused", two.number)
    assert two.take()
    assert two.put([press(0.7)]) == ("sent", 0)
    assert told(publisher) == [(two.number, "pointerdown", 0.7)]
    assert way.look() == InputLook(two.number, 2, 0, 0)


@pytest.mark.parametrize("end", ["release", "leave"])
def test_who_lets_go_or_leaves_frees_the_program(way, publisher, end):
    one, two = way.join(), way.join()
    one.put([press(0.1)])
    getattr(one, end)()
    assert told(publisher) == [(one.number, "pointerdown", 0.1), (one.number, "blur", 0)]
    getattr(one, end)()
    assert way.look().holder == 0
    assert two.put([press(0.2)]) == ("sent", 0)
    assert two.steers
    assert told(publisher) == [(two.number, "pointerdown", 0.2)]
    two.put([{"event": "blur"}])
    two.release()
    assert told(publisher) == [(two.number, "blur", 0)], "once is enough"
    two.take()
    two.put([press(0.3)])
    for _ in range(2):
        two.release()
        two.take()
    assert told(publisher) == [(two.number, "pointerdown", 0.3), (two.number, "blur", 0)]
    two.release()
    if end == "leave":
        one.touch()
        assert one.put([press()]) == ("gone", 0)
        assert not one.take()
        assert way.look().viewers == 1


def test_a_viewer_of_which_nothing_is_heard_loses_its_lease(way, publisher, clock):
    one, two = way.join(), way.join()
    one.put([press(0.1)])
    clock.now += UNTOUCHED_S
    two.touch()
    way.poll()
    assert way.look() == InputLook(one.number, 2, 0, 0)
    clock.now += 0.1
    way.poll()
    assert way.look() == InputLook(0, 1, 0, 0)
    assert told(publisher) == [(one.number, "pointerdown", 0.1), (one.number, "blur", 0)]
    one.touch()
    assert way.look() == InputLook(0, 2, 0, 0)
    assert not one.steers
    assert two.put([press(0.2)]) == ("sent", 0)
    assert one.put([press(0.3)]) == ("refused", two.number)


def test_nobody_steers_where_the_configuration_says_so(make_input, publisher, monkeypatch):
    monkeypatch.setenv("LORGNETTE_REMOTE_VIEW_STEERING", "none")
    config.reload()
    try:
        way = make_input()
        viewer = way.join()
        assert way.policy == "none"
        assert not viewer.take()
        assert viewer.put([move(0.1), press(), release()]) == ("refused", 0)
        assert not viewer.steers
        assert told(publisher) == []
    finally:
        monkeypatch.undo()
        config.reload()


def test_nonsense_from_a_browser_is_left_out(way, publisher):
    viewer = way.join()
    assert viewer.put(
        [None, {}, 5, {"event": "explode"}, press(), {**press(), "x": "left"}, {**key("q"), "viewer": 99}]
    )
    assert told(publisher) == [(viewer.number, "pointerdown", 0.5), (viewer.number, "keydown", "q")]


# Programs that are slow, or gone


def counted(name):
    return {family.name: family for family in metrics.snapshot()}[name].samples.get(("scene",), 0)


def test_a_program_that_takes_nothing_gets_the_first_thousands_later_and_the_rest_is_counted(way, publisher):
    viewer = way.join()
    names = [str(number) for number in range(QUEUE + backlog.MOST_WAITING + 30)]
    before = counted("input_dropped_total")
    parts = [names[begin : begin + 50] for begin in range(0, len(names), 50)]
    words = [viewer.put([key(name) for name in part]).word for part in parts]
    assert list(dict.fromkeys(words)) == ["sent", "waiting", "full"]
    assert way.look()[2:] == (backlog.MOST_WAITING + 1, 30)
    assert counted("input_dropped_total") == before + 30
    found = []

    def drained():
        found.extend(told(publisher))
        way.poll()
        return way.look().waiting == 0

    wait_for(drained, "all that waited")
    found.extend(told(publisher))
    assert [what for _, _, what in found[:-1]] == names[:-30]
    assert found[-1][1] == "blur"
    assert viewer.put([key("later")]) == ("sent", 0)
    assert told(publisher) == [(viewer.number, "keydown", "later")]


def test_too_many_events_of_one_call_are_counted(way):
    viewer = way.join()
    assert viewer.put([key("a")] * (MOST_AT_ONCE + 5)).word == "full"
    assert way.look().dropped == 5


def test_events_for_a_program_that_ended_are_forgotten(hub):
    viewer = hub.get("scene").input.join()
    look = hub.get("scene").input.look
    assert viewer.put([press()]) == ("gone", 0)
    assert look().waiting == 0
    with lorgnette.Publisher("scene"):
        wait_for(lambda: viewer.put([press()]).word == "sent", "the program")
        while viewer.put([key("old")] * 10).word == "sent":
            pass
        assert 1 < look().waiting <= 10
    with lorgnette.Publisher("scene") as successor:
        wait_for(lambda: look().waiting == 0, "the forgetting")
        wait_for(lambda: viewer.put([key("new")]).word == "sent", "the next program")
        assert {what for _, _, what in told(successor)} == {"new"}
    wait_for(lambda: viewer.put([press()]).word == "gone", "the end")


def test_a_program_that_follows_at_once_gets_nothing_that_was_meant_for_the_one_before(publisher):
    with lorgnette.Subscriber("scene") as subscriber:
        way = Input("scene", subscriber, lambda: None, policy="one")
        viewer = way.join()
        viewer.put([key("old")] * (QUEUE + 10))
        wait_for(lambda: way.poll() or way.look().waiting == 10, "the full queue")
        publisher.close()
        with lorgnette.Publisher("scene") as successor:
            wait_for(lambda: subscriber.reader and subscriber.restarts, "the next program is noticed")
            way.poll()
            assert way.look().waiting == 0
            viewer.release()
            assert told(successor) == [], "it knows of nothing that is down"
            assert viewer.put([key("new")]) == ("sent", 0)
            assert told(successor) == [(viewer.number, "keydown", "new")]


def test_what_waits_follows_by_itself_and_the_poller_hurries(hub, publisher):
    stream = hub.get("scene")
    wait_for(lambda: stream.status.word == "live", "the stream")
    viewer, sent = stream.input.join(), 0
    while viewer.put([key(str(sent))]).word == "sent":
        sent += 1
    assert sent == QUEUE
    assert stream.input.hurries
    found = told(publisher)
    wait_for(lambda: stream.input.look().waiting == 0, "the rest")
    assert not stream.input.hurries
    assert [what for _, _, what in found + told(publisher)] == [str(number) for number in range(QUEUE + 1)]


SLOW = """
import json
p = lorgnette.Publisher("scene")
print("ready", flush=True)
found, ended = [], False
while not ended:
    time.sleep(1 / 30)
    for command in p.commands():
        ended = ended or command.get("key") == "End"
        found.append([command["event"], command.get("time_ms"), command.get("button")])
print(json.dumps(found), flush=True)
time.sleep(60)
"""


def test_of_ten_thousand_presses_and_releases_none_is_lost_and_the_order_is_kept(hub):
    script = []
    for number in range(5000):
        script += [move(number / 5000), press(button=number % 3), move(number / 5000, buttons=1), release()]
    script = [{**event, "time_ms": float(number)} for number, event in enumerate(script)]
    with program(SLOW) as process:
        stream = hub.get("scene")
        wait_for(lambda: stream.status.word == "live", "the stream")
        viewer = stream.input.join()
        words, most = set(), 0
        for begin in range(0, len(script), 40):
            words.add(viewer.put(script[begin : begin + 40]).word)
            most = max(most, stream.input.look().waiting)
            if most > 1000:
                wait_for(lambda: stream.input.look().waiting < 1000, "the program catches up")
        viewer.put([key("End")])
        found = json.loads(process.stdout.readline())[:-1]
    assert words == {"sent", "waiting"}
    assert most > 100, "it had to wait"
    assert stream.input.look()[2:] == (0, 0)
    times = [time for _, time, _ in found]
    assert times == sorted(times)
    acts = [each for each in found if each[0] != "pointermove"]
    assert acts == [
        [each["event"], each["time_ms"], each["button"]] for each in script if each["event"] != "pointermove"
    ]
    assert 100 < len(found) - len(acts) < 10_000, "moves gave way"


def test_threads_that_send_at_once_keep_each_ones_order(hub, publisher):
    stream = hub.get("scene")
    wait_for(lambda: stream.status.word == "live", "the stream")
    viewer = stream.input.join()
    viewer.take()

    def send(who):
        for number in range(100):
            viewer.put([key(f"{who}{number}")])

    threads = [threading.Thread(target=send, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    found = []
    wait_for(lambda: found.extend(told(publisher)) or len(found) == 300, "all of them")
    for thread in threads:
        thread.join()
    for who in "abc":
        assert [what for _, _, what in found if what[0] == who] == [f"{who}{number}" for number in range(100)]
