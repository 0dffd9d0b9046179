"""Commands that a program declares: checked at both ends, and answered."""

import math
import threading

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import Answer, errors
from lorgnette.transport.answers import ANSWERS_KEY, DECLARED_KEY
from lorgnette.transport.backend import JSON_TEXT

from .helpers import wait_for, wait_for_status


@pytest.fixture
def steered(publisher):
    publisher.declare_command("set_rate", {"rate": float}, minimum=1, maximum=60, help="Frames a second.")
    publisher.declare_command("quality", {"mode": ("fast", "fine"), "level": int}, default={"level": 3})
    publisher.declare_command("pause", {"paused": bool}, default=True)
    publisher.declare_command("say", {"text": str})
    publisher.declare_command("reset")
    return publisher


def put(publisher, key, text):
    """Publish bytes under a reserved key, as a hostile program could."""
    publisher._stream.put_state(key, np.frombuffer(text, np.uint8), JSON_TEXT)


def test_declarations_come_out_as_they_went_in(steered, subscriber):
    declared = subscriber.declared
    assert list(declared) == ["set_rate", "quality", "pause", "say", "reset"]
    (rate,) = declared["set_rate"].parameters
    assert (rate.name, rate.type, rate.minimum, rate.maximum, rate.default) == ("rate", "float", 1, 60, None)
    assert declared["set_rate"].help == "Frames a second."
    mode, level = declared["quality"].parameters
    assert (mode.type, mode.choices) == ("str", ("fast", "fine"))
    assert (level.type, level.default) == ("int", 3)
    assert declared["pause"].parameters[0].default is True
    assert declared["reset"].parameters == ()
    assert subscriber.declared is declared, "what is unchanged is read once"


def test_a_later_declaration_replaces_an_earlier_one(steered, subscriber):
    assert subscriber.declared["set_rate"].parameters[0].maximum == 60
    steered.declare_command("set_rate", {"rate": int}, maximum=5)
    assert subscriber.declared["set_rate"].parameters[0] == ("rate", "int", None, 5, (), None)
    assert len(subscriber.declared) == 5


def test_a_request_reaches_the_program_with_its_arguments(steered, subscriber):
    assert subscriber.request("set_rate", rate=np.float32(5))
    assert subscriber.request("quality", mode="fine")
    assert subscriber.request("say", text="é 🔭 \x00")
    assert subscriber.request("reset")
    found = steered.commands()
    assert [command.name for command in found] == ["set_rate", "quality", "say", "reset"]
    assert found == [{"rate": 5.0}, {"mode": "fine", "level": 3}, {"text": "é 🔭 \x00"}, {}]
    assert isinstance(found[0]["rate"], float)
    assert isinstance(found[1]["level"], int)


def test_answers_come_back(steered, subscriber):
    numbers = [subscriber.request("set_rate", rate=rate) for rate in (1, 2, 3, 4)]
    assert [subscriber.answer(number) for number in numbers] == [None] * 4
    first, second, third, _fourth = steered.commands()
    first.done("now 1/s")
    second.refuse("too hot")
    third.done()
    third.refuse("a second answer does not count")
    assert subscriber.answer(numbers[0]) == Answer("done", "now 1/s")
    assert subscriber.answer(numbers[1]) == Answer("refused", "too hot")
    assert subscriber.answer(numbers[2]) == Answer("done", "")
    assert subscriber.answer(numbers[3]) is None, "the program has it still in hand"
    assert steered.commands() == []
    assert subscriber.answer(numbers[3]) == Answer("done", ""), "it has come back for more"
    first.refuse("too late")
    assert subscriber.answer(numbers[0]) == Answer("done", "now 1/s")
    assert len(steered._desk._answers) == 4, "what does not count is not kept"


def test_a_program_that_never_asks_never_answers(steered, subscriber):
    number = subscriber.request("reset")
    steered.log(a=1)
    assert subscriber.answer(number) is None
    assert subscriber.answer("unknown") is None


def test_closing_after_a_command_says_that_it_was_done(steered, subscriber):
    number = subscriber.request("reset")
    assert len(steered.commands()) == 1
    steered.close()
    assert subscriber.answer(number) == Answer("done", "")


def test_an_exception_during_a_command_does_not(backend, subscriber, publisher):
    publisher.close()
    with lorgnette.Publisher("stream", backend=backend) as again:
        again.declare_command("reset")
        wait_for(lambda: "reset" in subscriber.declared)
        number = subscriber.request("reset")

        def work():
            with again:
                again.commands()
                raise RuntimeError("the camera is gone")

        with pytest.raises(RuntimeError, match="camera"):
            work()
    assert subscriber.answer(number) is None


def test_threads_keep_what_they_have_in_hand(steered, subscriber):
    number = subscriber.request("reset")
    (command,) = steered.commands()
    other = threading.Thread(target=steered.commands)
    other.start()
    other.join()
    assert subscriber.answer(number) is None, "another thread's question says nothing about this one's work"
    command.refuse("no")
    assert subscriber.answer(number).outcome == "refused"


WRONG = {
    "too much": ("set_rate", {"rate": 61}, "rate is a number from 1 to 60; 61 is not"),
    "too little": ("set_rate", {"rate": 0.999}, "from 1 to 60"),
    "nan": ("set_rate", {"rate": math.nan}, "from 1 to 60"),
    "infinite": ("set_rate", {"rate": math.inf}, "from 1 to 60"),
    "beyond all floats": ("set_rate", {"rate": 10**400}, "from 1 to 60"),
    "text for a number": ("set_rate", {"rate": "5"}, "rate is a number from 1 to 60; '5' is not"),
    "true for a number": ("set_rate", {"rate": True}, "True is not"),
    "nothing": ("set_rate", {"rate": None}, "None is not"),
    "missing": ("set_rate", {}, "set_rate needs rate, a number from 1 to 60"),
    "too many": ("set_rate", {"rate": 5, "speed": 1}, "set_rate has no parameter 'speed'. There are: rate"),
    "misspelt": ("set_rate", {"rat": 5}, "Nearest: rate"),
    "half": ("quality", {"mode": "fast", "level": 2.5}, "level is a whole number; 2.5 is not"),
    "no choice": ("quality", {"mode": "best"}, "mode is one of fast, fine; 'best' is not"),
    "a number for text": ("say", {"text": 5}, "text is text; 5 is not"),
    "a number for a switch": ("pause", {"paused": 1}, "paused is true or false; 1 is not"),
    "a list": ("say", {"text": ["x"] * 1000}, "…"),
}


@pytest.mark.parametrize(("name", "arguments", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_before_it_is_sent(steered, subscriber, name, arguments, told):
    with pytest.raises(errors.CommandError) as caught:
        subscriber.request(name, **arguments)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 200
    assert steered.commands() == []


@pytest.mark.parametrize(("name", "arguments", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_by_the_publisher_too(steered, subscriber, name, arguments, told):
    """Others may send without asking what is declared."""
    assert subscriber.send({"command": name, "request": "0123456789abcdef", **arguments})
    assert steered.commands() == []
    answer = subscriber.answer("0123456789abcdef")
    assert answer.outcome == "refused"
    assert told in answer.text


def test_an_unknown_command_is_told_with_the_nearest(steered, subscriber):
    with pytest.raises(errors.CommandError, match=r"'stream' declares no command 'set_rat'. Nearest: set_rate"):
        subscriber.request("set_rat", rate=5)
    assert subscriber.send({"command": "set_rat", "request": "0123456789abcdef", "rate": 5})
    assert steered.commands() == []
    assert "no command 'set_rat'" in subscriber.answer("0123456789abcdef").text


def test_free_commands_go_on_as_before(steered, subscriber):
    free = [{"show_grid": True}, {"set_rate": 5}, {"command": "else"}, {"command": 5, "request": 7}, {"request": "x"}]
    assert all(subscriber.send(command) for command in free)
    found = steered.commands()
    assert found == free
    assert [command.name for command in found] == [""] * len(free)
    found[0].done("nobody waits for it")


def test_a_program_may_send_a_declared_command_without_waiting(steered, subscriber):
    assert subscriber.send({"command": "set_rate", "rate": 5})
    assert subscriber.send({"command": "set_rate", "rate": 99})
    (command,) = steered.commands()
    assert (command.name, command) == ("set_rate", {"rate": 5.0})


def test_a_program_that_declares_nothing_is_left_alone(publisher, subscriber):
    sent = {"command": "reset", "request": "0123456789abcdef"}
    assert subscriber.declared == {}
    assert subscriber.send(sent)
    assert publisher.commands() == [sent]
    assert publisher._stream.control.count == 0, "no channel is made for answers that nobody can want"


def test_nobody_to_ask(backend, steered, subscriber):
    assert lorgnette.Subscriber("nobody", backend=backend).declared == {}
    assert subscriber.declared
    steered.close()
    wait_for_status(subscriber, "closed")
    assert subscriber.declared, "what there was can still be read"
    assert subscriber.request("reset") == ""


def test_a_full_queue_and_all_its_answers(steered, subscriber):
    numbers = []
    while (number := subscriber.request("reset")) != "":
        numbers.append(number)
    assert len(numbers) == len(set(numbers)) == 256
    for command in steered.commands():
        command.done()
    assert {subscriber.answer(number) for number in numbers} == {Answer("done", "")}


def test_answers_stay_within_their_first_room(steered, subscriber):
    before = dict(steered._stream.control.generations)
    for _ in range(3):
        numbers = [subscriber.request("reset") for _ in range(256)]
        for command in steered.commands():
            command.refuse("é" * 10_000)
    assert subscriber.answer(numbers[-1]) == Answer("refused", "é" * 300)
    assert subscriber.answer(numbers[0]) is None
    assert steered._stream.control.generations == before


def test_declarations_are_no_state_of_the_program(steered, subscriber):
    steered.state["mine"] = 1
    assert dict(subscriber.state) == dict(steered.state) == {"mine": 1}
    assert len(subscriber.state) == 1
    assert DECLARED_KEY not in subscriber.state
    assert [info.name for info in subscriber.channels()] == ["mine"]
    (info,) = lorgnette.list_streams(subscriber._backend)
    assert [channel.name for channel in info.channels] == ["mine"]
    for key in (DECLARED_KEY, ANSWERS_KEY):
        with pytest.raises(errors.InvalidNameError):
            steered.state[key] = 1


def test_they_take_two_channels_and_say_so_when_there_are_none(publisher):
    for number in range(127):
        publisher.state[f"key {number}"] = number
    with pytest.raises(errors.ChannelCountError, match="128 channels"):
        publisher.declare_command("reset")
    assert publisher.commands() == []


def test_asking_for_commands_costs_a_publisher_no_publication(steered, subscriber):
    beats = steered._stream.control.words[8]
    for _ in range(10):
        assert steered.commands() == []
    assert steered._stream.control.words[8] == beats


BAD = {
    "a capital": (("Set", {}), errors.InvalidNameError, "command"),
    "a parameter of no name": (("a", {"": int}), errors.InvalidNameError, "parameter"),
    "a reserved parameter": (("a", {"request": int}), errors.CommandError, "Name it otherwise"),
    "no type": (("a", {"x": dict}), errors.CommandError, "'x' is float, int, bool, str or a list"),
    "no choices": (("a", {"x": []}), errors.CommandError, "list of choices"),
    "mixed choices": (("a", {"x": [1, "a"]}), errors.CommandError, "all text or all numbers"),
    "choices beyond numbers": (("a", {"x": [1, math.nan]}), errors.CommandError, "list of choices"),
}


@pytest.mark.parametrize(("arguments", "error", "told"), BAD.values(), ids=BAD)
def test_wrong_declarations_are_refused(publisher, subscriber, arguments, error, told):
    with pytest.raises(error, match=told):
        publisher.declare_command(*arguments)
    assert subscriber.declared == {}


LIMITS = {
    "of nothing": ({"t": str}, {"minimum": 1}, "by name"),
    "of two": ({"x": int, "y": int}, {"maximum": 1}, "belongs to one parameter, and 2 could have it"),
    "of another": ({"x": int}, {"minimum": {"z": 1}}, "minimum for 'z'"),
    "of text": ({"x": int, "t": str}, {"minimum": {"t": 1}}, "minimum for 't'"),
    "of choices": ({"x": [1, 2]}, {"minimum": {"x": 1}}, "minimum for 'x'"),
    "nan": ({"x": float}, {"minimum": math.nan}, "finite"),
    "text": ({"x": float}, {"maximum": "5"}, "finite"),
    "crossed": ({"x": float}, {"minimum": 2, "maximum": 1}, "2 is above the maximum 1"),
    "default outside": ({"x": float}, {"minimum": 2, "default": 1}, "x is a number of at least 2; 1 is not"),
    "default of another type": ({"x": bool}, {"default": 1}, "true or false"),
}


@pytest.mark.parametrize(("parameters", "limits", "told"), LIMITS.values(), ids=LIMITS)
def test_wrong_limits_and_defaults_are_refused(publisher, parameters, limits, told):
    with pytest.raises(errors.CommandError, match=told):
        publisher.declare_command("a", parameters, **limits)


def test_a_number_of_declarations_and_their_size_are_bounded(publisher, subscriber):
    for number in range(64):
        publisher.declare_command(f"c{number}", help="x" * 3900)
    with pytest.raises(errors.CommandError, match="at most 64"):
        publisher.declare_command("more")
    publisher.declare_command("c0", help="again")
    assert len(subscriber.declared) == 64
    assert subscriber.declared["c0"].help == "again"
    with pytest.raises(errors.CommandError, match="at most 4096"):
        publisher.declare_command("c1", help="x" * 4096)
    with pytest.raises(errors.CommandError, match="at most 4096"):
        publisher.declare_command("c1", {f"p{number}": float for number in range(400)})


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"5",
        b"[5, null, [], {}]",
        b'[{"name": "A", "parameters": [], "help": ""}]',
        b'[{"name": "a", "parameters": 5, "help": ""}]',
        b'[{"name": "a", "parameters": [5], "help": ""}]',
        b'[{"name": "a", "parameters": [{"name": "x", "type": "dict"}], "help": ""}]',
        b'[{"name": "a", "parameters": [{"name": "x", "type": []}], "help": ""}]',
        b'[{"name": "a", "parameters": [{"name": "x", "type": "int", "minimum": "z"}], "help": ""}]',
        b'[{"name": ["a"], "parameters": [], "help": ""}]',
        b'[{"name": "a", "parameters": [], "help": ""}, "' + b"x" * 500_000 + b'"]',
    ],
    ids=range(11),
)
def test_hostile_declarations_are_left_out(publisher, subscriber, text):
    put(publisher, DECLARED_KEY, text)
    assert subscriber.declared == {}


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'[5, ["a"], ["a", 5, "x"], ["a", "else", ""], [["a"], "done", ""]]',
        b"[" + b"0," * 200_000 + b'["a", "done", ""]]',
    ],
)
def test_hostile_answers_are_left_out(steered, subscriber, text):
    put(steered, ANSWERS_KEY, text)
    assert subscriber.answer("a") is None


def test_a_killed_publisher_leaves_its_answers_and_its_successor_begins_anew(backend, subscriber, publisher, child):
    publisher.close()
    code = """
        publisher = lorgnette.Publisher("stream", backend=backend)
        publisher.declare_command("NAME")
        say("ready")
        while not publisher.commands(): time.sleep(0.001)
        publisher.commands()
        say("taken")
        hear()
        """
    first = child(code.replace("NAME", "reset"))
    assert first.hear() == "ready"
    wait_for(lambda: "reset" in subscriber.declared)
    number = subscriber.request("reset")
    assert first.hear() == "taken"
    first.kill()
    assert subscriber.answer(number) == Answer("done", "")
    second = child(code.replace("NAME", "other"))
    assert second.hear() == "ready"
    wait_for(lambda: list(subscriber.declared) == ["other"])
    assert subscriber.answer(number) is None
    assert subscriber.request("other")
    assert second.hear() == "taken"


def test_several_ask_at_once_and_each_gets_its_own_answer(backend, steered):
    subscribers = [lorgnette.Subscriber("stream", backend=backend) for _ in range(4)]
    numbers = [subscriber.request("set_rate", rate=n + 1) for n, subscriber in enumerate(subscribers)]
    for command in steered.commands():
        command.done(f"rate {command['rate']:g}")
    assert [s.answer(n).text for s, n in zip(subscribers, numbers, strict=True)] == [f"rate {n}" for n in (1, 2, 3, 4)]
