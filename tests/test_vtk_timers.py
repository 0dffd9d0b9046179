"""What obeys viewers of a VTK window: its renders, event loops, a thread that calls; and the examples."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import vtk_scenes
from browser import ROOT, end, wait_for
from programs import environment
from vtk_scenes import Count, Viewer, camera_of, cone, drag

import lorgnette
from lorgnette.integrations.vtk import INTERVAL_S, attach

_renders_anywhere = vtk_scenes._renders_anywhere
NAME = "window"
PATH = [(90, 60), (95, 63), (104, 70)]


@pytest.fixture
def publisher():
    with lorgnette.Publisher(NAME) as publisher:
        yield publisher


@pytest.fixture
def viewer(publisher):
    return Viewer(NAME)


def moved(window):
    """A function that tells whether the camera is elsewhere than now."""
    start = camera_of(window)
    return lambda: not np.array_equal(camera_of(window), start)


async def until(condition, what):
    """As `wait_for`, while the event loop runs."""
    await asyncio.wait_for(asyncio.to_thread(wait_for, condition, what), 30)


@pytest.mark.parametrize("timer", ["auto", "render"])
def test_a_program_that_renders_all_the_time_obeys_at_the_end_of_each(publisher, viewer, timer):
    window = cone()
    attach(window, publisher, timer=timer)
    turned, renders = moved(window), Count(window)
    viewer.do(*drag(PATH))
    window.Render()
    assert turned()
    assert renders.number == 1, "the next frame of the program shows it"


@pytest.mark.parametrize("timer", ["auto", "asyncio"])
def test_an_event_loop_obeys(publisher, viewer, timer):
    async def work():
        window = cone()
        view = attach(window, publisher, timer=timer)
        turned, renders = moved(window), Count(window)
        assert viewer.picture() is not None
        viewer.do(*drag(PATH))
        await until(turned, "the camera moves")
        await until(lambda: viewer.picture() is not None, "it is seen")
        assert 1 <= renders.number <= 4, "once a tick"
        publisher.close()
        await until(lambda: not view.attached, "it ends with the publisher")

    asyncio.run(work())


def test_a_thread_only_brings_what_came_to_the_one_that_renders(publisher, viewer):
    async def work():
        loop, calls = asyncio.get_running_loop(), []

        def schedule(call):
            calls.append(threading.get_ident())
            loop.call_soon_threadsafe(call)

        window = cone()
        view = attach(window, publisher, timer="thread", schedule=schedule)
        turned = moved(window)
        renders = []
        window.AddObserver("EndEvent", lambda *_: renders.append(threading.get_ident()))
        viewer.do(*drag(PATH))
        await until(turned, "the camera moves")
        wait_for(lambda: view._ticks is not None, "it runs")
        assert set(renders) == {threading.get_ident()}
        assert threading.get_ident() not in calls
        await asyncio.sleep(20 * INTERVAL_S)
        assert len(calls) <= 5, "nothing is called while nothing comes"
        window.Render()  # nobody looks
        assert viewer.picture() is not None
        await until(lambda: viewer.picture() is not None, "who comes sees the newest")
        before = len(calls)
        view.detach()
        viewer.do(*drag(PATH))
        assert len(calls) == before

    asyncio.run(work())


def test_another_thread_may_not_render(publisher):
    window = cone()
    view = attach(window, publisher)
    raised = []

    def work():
        with pytest.raises(RuntimeError, match="the thread that renders") as error:
            view.process()
        raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert raised


def test_a_foreign_event_loop_that_is_told_of_timers_obeys(publisher, viewer):
    """As a Qt widget does it: it hears of a timer, and calls `TimerEvent` from then on."""
    window = cone()
    interactor = window.GetInteractor()
    made, ended = Count(interactor, "CreateTimerEvent"), Count(interactor, "DestroyTimerEvent")
    view = attach(window, publisher, timer="vtk")
    assert made.number
    turned = moved(window)
    viewer.do(*drag(PATH))
    interactor.TimerEvent()
    assert turned()
    before = ended.number
    view.detach()
    assert ended.number == before + 1
    viewer.do(*drag(PATH))
    turned = moved(window)
    interactor.TimerEvent()
    assert not turned()


@pytest.mark.parametrize("style", ["vtkInteractorStyleTrackballCamera", "vtkInteractorStyleSwitch"])
def test_the_timer_goes_on_during_a_drag_and_turns_nothing(publisher, viewer, style):
    window = cone(style=style)
    interactor = window.GetInteractor()
    if style.endswith("Switch"):
        interactor.GetInteractorStyle().SetCurrentStyleToTrackballCamera()
    interactor.AddObserver("CreateTimerEvent", lambda *_: None)
    view = attach(window, publisher, timer="vtk")
    press, *moves, lift = drag(PATH)
    viewer.do(press, moves[0])
    interactor.TimerEvent()
    turned = moved(window)
    for _ in range(3):
        interactor.TimerEvent()
    assert not turned(), "the style takes any timer for its own"
    viewer.do(moves[1])
    interactor.TimerEvent()
    assert turned()
    viewer.do(lift)
    interactor.TimerEvent()
    view.detach()
    assert not view.attached


def test_a_style_that_the_program_has_taught_what_to_do_is_left_so(publisher, viewer):
    window = cone()
    interactor = window.GetInteractor()
    style = interactor.GetInteractorStyle()
    ticks = Count(style, "TimerEvent")
    interactor.AddObserver("CreateTimerEvent", lambda *_: None)
    attach(window, publisher, timer="vtk")
    turned = moved(window)
    viewer.do(*drag(PATH))
    interactor.TimerEvent()
    assert turned()
    assert ticks.number == 0, "our timer is none of its"
    interactor.InvokeEvent("TimerEvent")
    assert ticks.number == 1


ON_A_SCREEN = """
import time
from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.vtkFiltersSources import vtkConeSource
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingCore import *
from lorgnette.integrations.vtk import INTERVAL_S, attach

window, renderer = vtkRenderWindow(), vtkRenderer()
actor, mapper, cone = vtkActor(), vtkPolyDataMapper(), vtkConeSource()
mapper.SetInputConnection(cone.GetOutputPort())
actor.SetMapper(mapper)
renderer.AddActor(actor)
window.AddRenderer(renderer)
window.SetSize(200, 120)
interactor = vtkRenderWindowInteractor()
interactor.SetRenderWindow(window)
interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
with lorgnette.Publisher("screen") as publisher:
    assert type(window).__name__ == "vtkXOpenGLRenderWindow"
    view = attach(window, publisher, on_command=lambda command: interactor.TerminateApp())
    interactor.Initialize()
    window.Render()
    print("ready", flush=True)
    interactor.Start()
    publisher.state["ended"] = True
    time.sleep(60)
"""


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no X server to draw on (on Debian: xvfb)")
def test_a_window_on_a_screen_obeys_while_its_event_loop_runs():
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = told.readline().strip()
        screen = {**environment(), "DISPLAY": f":{display}"}
        screen.pop("VTK_DEFAULT_OPENGL_WINDOW", None)
        code = [sys.executable, "-c", f"import lorgnette{ON_A_SCREEN}"]
        program = subprocess.Popen(code, env=screen, stdout=subprocess.PIPE)
        try:
            assert program.stdout.readline() == b"ready\n"
            viewer = Viewer("screen")
            before = viewer.await_picture()
            viewer.do(*drag(PATH), {"event": "resize", "width": 300, "height": 300})
            after = viewer.await_picture("the picture after the drag", unlike=before)
            assert after.shape == before.shape, "a window that somebody has before him keeps its size"
            viewer.do({"event": "keydown", "key": "q", "code": "KeyQ"}, *drag(PATH))
            viewer.await_picture("its event loop goes on", unlike=after)
            viewer.do({"end": True})
            wait_for(lambda: viewer.subscriber.state.get("ended"), "the program ends it")
        finally:
            end(program)
            program.stdout.close()
    finally:
        end(server)


@pytest.mark.parametrize("name", ["cone", "scene"])
def test_the_examples_are_steered_until_they_are_killed(name):
    if name == "scene":
        pytest.importorskip("pyvista")
    file = {"cone": "vtk_cone.py", "scene": "pyvista_scene.py"}[name]
    process = subprocess.Popen([sys.executable, str(ROOT / "examples" / file)], env=environment())
    try:
        viewer, size = Viewer(name), (960, 540)
        before = viewer.await_picture()
        assert before.shape == (540, 960, 4)
        viewer.do(*drag([(400, 300), (500, 310), (560, 330)], size=size))
        after = viewer.await_picture("the picture after the drag", unlike=before)
        assert (after != before).any(axis=-1).mean() > 0.05
        viewer.do({"event": "resize", "width": 400, "height": 300})
        small = []
        wait_for(lambda: small.append(viewer.picture()) or np.shape(small[-1]) == (300, 400, 4), "its new size")
        if name == "scene":
            number = viewer.subscriber.request("level", value=0.8)
            viewer.await_picture("another surface", unlike=small[-1])
            wait_for(lambda: viewer.subscriber.answer(number), "an answer")
            assert viewer.subscriber.answer(number).outcome == "done"
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: viewer.subscriber.status == "gone", "the stream is gone")
    finally:
        end(process)
