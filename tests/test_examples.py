"""The examples run, and do what they say."""

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
from browser import ROOT, end, wait_for
from programs import environment

import lorgnette


@contextmanager
def example(name):
    process = subprocess.Popen([sys.executable, str(ROOT / "examples" / name)], env=environment())
    try:
        yield process
    finally:
        end(process)


def test_the_training_logs_and_obeys():
    with example("training.py") as process, lorgnette.Subscriber("training") as subscriber:
        wait_for(lambda: len(subscriber.records()), "it logs")
        assert {field.name for field in subscriber.fields()} >= {"loss", "rate"}
        number = subscriber.request("set_rate", rate=0.5)
        wait_for(lambda: subscriber.answer(number), "it answers")
        assert subscriber.answer(number).outcome == "done"
        assert subscriber.state["settings"]["rate"] == 0.5
        number = subscriber.request("pause", paused=False)
        wait_for(lambda: subscriber.answer(number), "it answers")
        assert subscriber.answer(number) == ("refused", "It is running.")
        assert subscriber.send({"stop": True})
        assert process.wait(10) == 0
        wait_for(lambda: subscriber.status == "closed", "it has closed its stream")


def test_the_frames_are_drawn_for_those_who_look():
    with example("frames.py"), lorgnette.Subscriber("waves") as subscriber:
        wait_for(lambda: subscriber.frame() is not None, "it draws")
        depth = None
        while depth is None:
            depth = subscriber.frame("depth")
        assert depth.dtype == np.float32
        assert depth.shape == (480, 640)
