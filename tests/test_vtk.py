"""A real VTK render window as a stream: its pixels, what viewers do to it, and when it is rendered."""

import numpy as np
import pytest
import vtk_scenes
from vtk_scenes import (
    BLUE,
    GREEN,
    RED,
    SIZE,
    Count,
    Viewer,
    at,
    camera_of,
    cone,
    distance_of,
    drag,
    flags,
    offscreen_window,
    pixels_of,
    renderer_of,
)  # fmt: skip

import lorgnette
from lorgnette.integrations.vtk import attach
from lorgnette.integrations.vtk_keys import key

_renders_anywhere = vtk_scenes._renders_anywhere
NAME = "window"
PATH = [(90, 60), (95, 63), (104, 70), (120, 64), (121, 40)]


@pytest.fixture
def publisher():
    with lorgnette.Publisher(NAME) as publisher:
        yield publisher


@pytest.fixture
def viewer(publisher):
    return Viewer(NAME)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_the_picture_is_that_of_the_window_the_right_way_up(publisher, viewer):
    window = flags()
    renders = Count(window)
    attach(window, publisher)
    assert viewer.picture() is None, "nothing was rendered yet"
    window.Render()
    picture = viewer.picture()
    assert picture.shape == (120, 200, 4)
    assert picture.dtype == np.uint8
    corners = [tuple(picture[place]) for place in ((0, 0), (0, -1), (-1, 0), (-1, -1))]
    assert corners == [GREEN, BLUE, RED, RED]
    assert (picture[..., :3] == pixels_of(window)).all()
    assert renders.number == 1


def test_what_was_rendered_before_is_published_at_once(publisher, viewer):
    window = cone()
    renders = Count(window)
    attach(window, publisher)
    assert (viewer.picture()[..., :3] == pixels_of(window)).all()
    assert renders.number == 0


def test_samples_are_resolved_as_in_the_window(publisher, viewer):
    window = cone()
    attach(window, publisher)
    sharp = viewer.picture()
    window.SetMultiSamples(4)
    window.Render()
    smooth = viewer.picture()
    assert (smooth[..., :3] == pixels_of(window)).all()
    assert 20 < (smooth != sharp).any(axis=-1).sum() < 2000, "the edges are smooth"


def test_nothing_is_read_back_for_nobody_until_somebody_comes(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    renders = Count(window)
    for _ in range(5):
        renderer_of(window).GetActiveCamera().Azimuth(20)
        window.Render()
        view.process()
    assert publisher.frames("frame")._head == 1, "the first is there for who comes"
    assert viewer.picture() is not None
    view.process()
    assert (viewer.picture()[..., :3] == pixels_of(window)).all(), "and now that one is there, the newest"
    assert renders.number == 5, "without rendering it again"
    view.process()
    assert viewer.picture() is None, "once"


def test_a_window_of_another_size_is_a_picture_of_another_size(publisher, viewer):
    window = flags()
    attach(window, publisher)
    for size in (SIZE, (300, 180), (64, 48), (301, 77)):
        window.SetSize(*size)
        window.Render()
        picture = viewer.picture()
        assert picture.shape == (size[1], size[0], 4)
        assert tuple(picture[0, 0]) == GREEN
        assert tuple(picture[-1, -1]) == RED


def test_a_size_that_was_not_rendered_yet_has_no_picture(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    window.Render()  # for nobody
    assert viewer.picture() is not None
    window.SetSize(300, 180)
    view.process()
    assert viewer.picture() is None
    window.Render()
    assert viewer.picture().shape == (180, 300, 4)


def test_what_is_rendered_for_picking_and_in_tiles_is_not_seen(publisher, viewer):
    from vtkmodules.vtkRenderingCore import vtkHardwareSelector, vtkWindowToImageFilter

    window = cone()
    attach(window, publisher)
    before = viewer.picture()
    selector = vtkHardwareSelector()
    selector.SetRenderer(renderer_of(window))
    selector.SetArea(0, 0, 199, 119)
    assert selector.Select().GetNumberOfNodes() == 1
    assert viewer.picture() is None
    tiles = vtkWindowToImageFilter()
    tiles.SetInput(window)
    tiles.SetScale(2)
    tiles.Update()
    seen = viewer.picture()
    assert seen is None or (seen == before).all()


@pytest.mark.parametrize("parallel", [False, True])
def test_depth_is_the_distance_along_the_view(publisher, viewer, parallel):
    from vtkmodules.vtkFiltersSources import vtkPlaneSource
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

    window, renderer = offscreen_window(), vtkRenderer()
    for x, z in ((-2.0, 0.0), (0.0, -3.0)):  # the left one is nearer by 3
        plane, mapper, actor = vtkPlaneSource(), vtkPolyDataMapper(), vtkActor()
        plane.SetOrigin(x, 0, z)
        plane.SetPoint1(x + 2, 0, z)
        plane.SetPoint2(x, 1, z)
        mapper.SetInputConnection(plane.GetOutputPort())
        actor.SetMapper(mapper)
        renderer.AddActor(actor)
    camera = renderer.GetActiveCamera()
    camera.SetPosition(0, 0, 5)
    camera.SetFocalPoint(0, 0, 0)
    camera.SetParallelProjection(parallel)
    camera.SetParallelScale(2)
    window.AddRenderer(renderer)
    renderer.ResetCameraClippingRange()
    view = attach(window, publisher, depth=True)
    window.Render()
    depth = viewer.picture("depth")
    assert depth.shape == (120, 200)
    assert depth.dtype == np.float32
    assert np.isnan(depth[110]).all(), "there is nothing in the lower half"
    assert depth[55, 85] == pytest.approx(5, rel=1e-3)
    assert depth[55, 115] == pytest.approx(8, rel=1e-3)
    window.Render()
    assert viewer.picture("depth") is not None
    view.detach()


def test_depth_is_only_read_for_those_who_asked(publisher, viewer):
    window = cone()
    attach(window, publisher)
    window.Render()
    assert viewer.picture("depth") is None


# --- input ------------------------------------------------------------------------------------------------------------


def by_hand(interactor, path, press="Left", shift=0):
    """What the trackball gets from a mouse on this machine."""
    height = interactor.GetRenderWindow().GetSize()[1]
    for number, (x, y) in enumerate(path):
        interactor.SetEventInformation(x, height - 1 - y, 0, shift, "\0", 0, None)
        interactor.InvokeEvent("MouseMoveEvent" if number else f"{press}ButtonPressEvent")
    interactor.InvokeEvent(f"{press}ButtonReleaseEvent")


@pytest.mark.parametrize(
    ("button", "press", "modifiers"),
    [(0, "Left", ()), (1, "Middle", ()), (2, "Right", ()), (0, "Left", ("shift",))],
)
def test_a_drag_moves_the_camera_just_as_a_mouse_here(publisher, viewer, button, press, modifiers):
    window, other = cone(), cone()
    start = camera_of(window)
    view = attach(window, publisher)
    before = viewer.picture()
    renders = Count(window)
    viewer.do(*drag(PATH, button, modifiers=list(modifiers)))
    assert view.process() == []
    assert renders.number == 1, "six events, one render"
    by_hand(other.GetInteractor(), PATH, press, int("shift" in modifiers))
    assert (camera_of(window) == camera_of(other)).all()
    assert np.abs(camera_of(window) - start).max() > 0.05
    after = viewer.picture()
    assert (after != before).any()
    assert (after[..., :3] == pixels_of(other)).all()
    view.process()
    assert renders.number == 1


def test_a_window_without_an_interactor_gets_a_trackball(publisher, viewer):
    window, other = cone(interactor=False), cone()
    view = attach(window, publisher)
    renders = Count(window)
    viewer.do(*drag(PATH))
    view.process()
    by_hand(other.GetInteractor(), PATH)
    assert (camera_of(window) == camera_of(other)).all()
    assert renders.number == 1


def test_the_wheel_zooms_by_whole_steps_and_saves_up_parts(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    forth, back = (
        Count(window.GetInteractor(), "MouseWheelForwardEvent"),
        Count(window.GetInteractor(), "MouseWheelBackwardEvent"),
    )
    start, seen = distance_of(window), []
    for dy in (-100, -30, -30, -40, -60, 45, 55, 250):
        viewer.do(at("wheel", 100, 60, dy=dy))
        view.process()
        seen.append((forth.number, back.number))
    assert seen == [(1, 0), (1, 0), (1, 0), (2, 0), (2, 0), (2, 0), (2, 1), (2, 3)]
    assert distance_of(window) == pytest.approx(start * 1.21), "one step farther away"


@pytest.mark.parametrize("style", ["vtkInteractorStyleTrackballCamera", "vtkInteractorStyleMultiTouchCamera"])
@pytest.mark.parametrize("parallel", [False, True])
def test_two_fingers_zoom_turn_and_move(publisher, viewer, style, parallel):
    from vtkmodules import vtkInteractionStyle

    window = cone()
    window.GetInteractor().SetInteractorStyle(getattr(vtkInteractionStyle, style)())
    camera = renderer_of(window).GetActiveCamera()
    camera.SetParallelProjection(parallel)
    view = attach(window, publisher)
    start, scale, renders = distance_of(window), camera.GetParallelScale(), Count(window)
    viewer.do(
        at("pointerdown", 100, 60, button=0, pointer="touch"),
        at("pinch", 100, 60, phase="start"),
        at("pinch", 100, 60, scale=1.25, rotation=0.1),
        at("pinch", 100, 60, scale=1.6, rotation=0.2),
        at("pinch", 100, 60, phase="end"),
        at("pointermove", 150, 20),  # the first finger does not drag any more
    )
    view.process()
    assert distance_of(window) == pytest.approx(start if parallel else start / 2)
    assert camera.GetParallelScale() == pytest.approx(scale / 2 if parallel else scale)
    # Fingers that turn with the clock turn the picture with the clock, so the camera against it.
    assert camera.GetViewUp() == pytest.approx((-np.sin(0.3), np.cos(0.3), 0), abs=1e-6)
    assert renders.number == 1
    camera.SetRoll(0)
    focus, place = np.array(camera.GetFocalPoint()), np.array(camera.GetPosition())
    viewer.do(
        at("pan", 100, 60, phase="start"),
        *[at("pan", 100, 60, dx=0.005, dy=0.0025)] * 39,  # less than a pixel each
        at("pan", 100, 60, dx=0.005, dy=0.0025, phase="end"),
    )
    view.process()
    high = 2 * distance_of(window) * np.tan(np.radians(camera.GetViewAngle() / 2))  # of the view at the focal point
    per_pixel = (2 * camera.GetParallelScale() if parallel else high) / SIZE[1]
    moves = [-0.2 * SIZE[0] * per_pixel, 0.1 * SIZE[1] * per_pixel, 0]  # of the camera: what is seen goes the other way
    assert camera.GetFocalPoint() - focus == pytest.approx(moves, rel=1e-3, abs=1e-6)
    assert camera.GetPosition() - place == pytest.approx(moves, rel=1e-3, abs=1e-6)
    assert renders.number == 2


def heard(vtk_object, *names):
    """What an object invokes: event, place, key, modifiers, repeats."""
    said = []

    def listen(caller, event):
        keys = (caller.GetKeySym(), caller.GetKeyCode())
        marks = (caller.GetControlKey(), caller.GetShiftKey(), caller.GetAltKey())
        said.append((event, tuple(caller.GetEventPosition()), keys, marks, caller.GetRepeatCount()))

    for name in names:
        vtk_object.AddObserver(name, listen)
    return said


def test_keys_come_as_vtk_calls_them(publisher, viewer):
    window = cone(style=None)
    view = attach(window, publisher)
    said = heard(window.GetInteractor(), "KeyPressEvent", "CharEvent", "KeyReleaseEvent")
    viewer.do(
        at("pointermove", 10, 20),
        {"event": "keydown", "key": "A", "code": "KeyA", "modifiers": ["shift", "alt"]},
        {"event": "keyup", "key": "a", "code": "KeyA"},
        {"event": "keydown", "key": "ArrowLeft", "code": "ArrowLeft", "modifiers": ["ctrl"]},
        {"event": "keyup", "key": "x", "code": "KeyX"},  # was pressed before
    )
    view.process()
    place = (10, 99)
    assert said == [
        ("KeyPressEvent", place, ("A", "A"), (0, 1, 1), 1),
        ("CharEvent", place, ("A", "A"), (0, 1, 1), 1),
        ("KeyReleaseEvent", place, ("A", "A"), (0, 0, 0), 1),
        ("KeyPressEvent", place, ("Left", "\0"), (1, 0, 0), 1),
        ("CharEvent", place, ("Left", "\0"), (1, 0, 0), 1),
    ]


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("a", "KeyA", ("a", "a")),
        ("5", "Digit5", ("5", "5")),
        (" ", "Space", (" ", "space")),
        ("-", "Minus", ("-", "minus")),
        ("+", "NumpadAdd", ("+", "KP_Add")),
        ("Enter", "Enter", ("\r", "Return")),
        ("Enter", "NumpadEnter", ("\r", "KP_Enter")),
        ("Escape", "Escape", ("\x1b", "Escape")),
        ("Shift", "ShiftRight", ("\0", "Shift_R")),
        ("Control", "", ("\0", "Control_L")),
        ("PageUp", "PageUp", ("\0", "Prior")),
        ("F5", "F5", ("\0", "F5")),
        ("é", "KeyE", ("\0", "U00E9")),
    ],
)
def test_names_of_keys(name, code, expected):
    assert key(name, code) == expected


def test_keys_do_what_the_style_makes_of_them(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    start = distance_of(window)
    renderer_of(window).GetActiveCamera().Dolly(3)
    viewer.do(at("pointermove", 100, 60), {"event": "keydown", "key": "r", "code": "KeyR"})
    view.process()
    assert distance_of(window) == pytest.approx(start)


@pytest.mark.parametrize("may_quit", [False, True])
def test_a_viewer_ends_the_event_loop_only_if_allowed(publisher, viewer, may_quit):
    window = cone()
    view = attach(window, publisher, may_quit=may_quit)
    interactor = window.GetInteractor()
    ends = Count(interactor, "ExitEvent")
    viewer.do(*({"event": "keydown", "key": name, "code": f"Key{name.upper()}"} for name in "qe"))
    view.process()
    assert ends.number == (2 if may_quit else 0)
    interactor.ExitCallback()
    assert ends.number == (3 if may_quit else 1), "the program itself may"


def test_two_quick_clicks_are_a_double_click(publisher, viewer):
    window = cone(style=None)
    view = attach(window, publisher)
    said = heard(window.GetInteractor(), "LeftButtonPressEvent", "LeftButtonDoubleClickEvent", "RightButtonPressEvent")
    for time_ms, x, button in (
        (1000, 50, 0),
        (1200, 52, 0),
        (1300, 52, 0),
        (1900, 52, 0),
        (2000, 90, 0),
        (2100, 90, 2),
    ):
        viewer.do(at("pointerdown", x, 60, button=button, time_ms=time_ms), at("pointerup", x, 60, button=button))
    view.process()
    words = [(event.removesuffix("Event"), repeat) for event, _, _, _, repeat in said]
    once = ("LeftButtonPress", 0)
    assert words == [
        once,
        ("LeftButtonPress", 1),
        ("LeftButtonDoubleClick", 1),
        once,
        once,
        once,
        ("RightButtonPress", 0),
    ]


def test_letting_go_releases_all_that_is_held(publisher, viewer):
    window = cone(style=None)
    view = attach(window, publisher)
    said = heard(window.GetInteractor(), *("LeftButtonReleaseEvent", "RightButtonReleaseEvent", "KeyReleaseEvent"))
    held = [at("pointerdown", 50, 60, button=2), {"event": "keydown", "key": "x", "code": "KeyX"}]
    viewer.do(*held, {"event": "blur"})
    view.process()
    assert [event for event, *_ in said] == ["RightButtonReleaseEvent", "KeyReleaseEvent"]
    assert said[1][2] == ("x", "x")
    said.clear()
    viewer.do(*held)
    viewer.number = 2
    viewer.do(at("pointerdown", 10, 10, button=0))
    viewer.number = 1
    viewer.do({"event": "blur"})  # comes late, and is none of viewer 2's
    view.process()
    assert [event for event, *_ in said] == ["RightButtonReleaseEvent", "KeyReleaseEvent"]
    said.clear()
    view.detach()
    assert [event for event, *_ in said] == ["LeftButtonReleaseEvent"]


def test_pointers_enter_and_leave_and_order_is_kept(publisher, viewer):
    window = cone(style=None)
    view = attach(window, publisher)
    names = [f"{word}Event" for word in ("Enter", "MouseMove", "LeftButtonPress", "LeftButtonRelease", "Leave")]
    said = heard(window.GetInteractor(), *names)
    viewer.do(
        at("pointerenter", 0, 0),
        at("pointerdown", 1, 2, button=0),
        at("pointermove", 3, 4),
        at("pointermove", -5, 130),
        at("pointerup", 5, 6, button=0),
        at("pointerleave", 199, 119),
        at("pointerup", 5, 6, button=0),
    )
    view.process()
    assert [(event.removesuffix("Event"), place) for event, place, *_ in said] == [
        ("Enter", (0, 119)), ("LeftButtonPress", (1, 117)), ("MouseMove", (3, 115)), ("MouseMove", (-5, -11)),
        ("LeftButtonRelease", (5, 113)), ("Leave", (199, 0)),
    ]  # fmt: skip


def test_a_window_on_no_screen_takes_the_size_of_the_pane(publisher, viewer):
    window = cone()
    view = attach(window, publisher, largest=(640, 480))
    assert viewer.picture() is not None
    renders = Count(window)
    for asked, ratio, size in (((300, 160), 1, (300, 160)), ((160, 100), 2.0, (320, 200)), ((9000, 1), 1, (640, 48))):
        viewer.do({"event": "resize", "width": 11, "height": 11})  # on the way
        viewer.do({"event": "resize", "width": asked[0], "height": asked[1], "ratio": ratio})
        view.process()
        assert window.GetSize() == window.GetInteractor().GetSize() == size
        assert viewer.picture().shape == (size[1], size[0], 4)
    assert renders.number == 3
    viewer.do({"event": "resize", "width": 640, "height": 48})
    view.process()
    assert renders.number == 3, "it has that size"
    view.detach()
    view = attach(window, publisher, resize=False)
    viewer.do({"event": "resize", "width": 300, "height": 300})
    view.process()
    assert window.GetSize() == (640, 48)


def test_a_drag_goes_on_where_it_was_when_the_size_changes(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    viewer.do(at("pointerdown", 50, 30, button=0), {"event": "resize", "width": 300, "height": 300})
    view.process()
    start = camera_of(window)
    # The picture was 300 x 180 of the pane with a margin of 60 above, so that the pointer is at (75, 105) of 300 x 300.
    viewer.do(at("pointermove", 75, 105, size=(300, 300)))
    view.process()
    assert np.abs(camera_of(window) - start).max() < 0.06, "one pixel"
    viewer.do(at("pointermove", 85, 105, size=(300, 300)))
    view.process()
    assert np.abs(camera_of(window) - start).max() > 0.15


def test_a_point_of_a_picture_of_another_size_is_the_same_point(publisher, viewer):
    window = cone(style=None)
    view = attach(window, publisher)
    said = heard(window.GetInteractor(), "MouseMoveEvent")
    viewer.do(at("pointermove", 640, 180, size=(1280, 720)))
    view.process()
    assert said[0][1] == (100, 89)


# --- faults -----------------------------------------------------------------------------------------------------------


def test_what_cannot_be_attached_says_why(publisher):
    with pytest.raises(TypeError, match="this is a str"):
        attach("window", publisher)
    with pytest.raises(ValueError, match=r"has no renderer.*AddRenderer"):
        attach(offscreen_window(), publisher)
    window = cone()
    with pytest.raises(ValueError, match="one of auto, render"):
        attach(window, publisher, timer="sometimes")
    with pytest.raises(ValueError, match=r"schedule.*call_soon_threadsafe"):
        attach(window, publisher, timer="thread")
    with pytest.raises(ValueError, match="event loop"):
        attach(window, publisher, timer="asyncio")


def test_a_closed_publisher_ends_it_and_disturbs_no_render(publisher, viewer, capfd):
    window = cone()
    view = attach(window, publisher)
    publisher.close()
    assert view.attached
    window.Render()
    assert view.process() == []
    assert not view.attached
    window.Render()
    view.detach()
    view.run()  # ends at once
    assert capfd.readouterr().err == ""


def test_events_that_come_after_the_end_are_not_obeyed(publisher, viewer):
    window = cone()
    with attach(window, publisher) as view:
        pass
    here = camera_of(window)
    viewer.do(*drag(PATH))
    assert view.process() == []
    window.Render()
    assert (camera_of(window) == here).all()
    assert len(publisher.commands()) == 6


def test_what_is_no_event_is_left_to_the_program(publisher, viewer):
    window = cone()
    publisher.declare_command("colour", {"name": str})
    view = attach(window, publisher)
    viewer.do({"event": "pointermove"}, {"grid": True}, {"event": "dance"})
    asked = viewer.subscriber.request("colour", name="red")
    others = view.process()
    assert [dict(command) for command in others] == [
        {"event": "pointermove", "viewer": 1},
        {"grid": True, "viewer": 1},
        {"event": "dance", "viewer": 1},
        {"name": "red"},
    ]
    others[-1].done("red")
    assert viewer.subscriber.answer(asked).outcome == "done"
    view.detach()
    obeyed = []
    view = attach(window, publisher, on_command=obeyed.append)
    viewer.subscriber.request("colour", name="blue")
    assert view.process() == []
    assert [command.name for command in obeyed] == ["colour"]
    assert view.process([{"event": "pointerdown", "x": 0.5, "y": 0.5, "button": 0}]) == []


def test_it_keeps_nothing_alive(publisher):
    import gc
    import weakref

    from vtkmodules.vtkCommonCore import vtkWeakReference

    window = cone()
    kept = []
    for thing in (window, window.GetInteractor()):
        kept.append(vtkWeakReference())
        kept[-1].Set(thing)
    view = attach(window, publisher)
    gone = weakref.ref(attach(window, publisher))
    assert gone() is not None, "the window keeps it"
    del window, thing
    gc.collect()
    assert [reference.Get() for reference in kept] == [None, None]
    assert gone() is None
    assert not view.attached
    assert view.process() == []
    publisher.tick()  # still open


def test_an_observer_that_renders_itself_is_not_rendered_after(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    said = []

    def obey(_caller, _event):
        viewer.do({"event": "keydown", "key": "r", "code": "KeyR"})
        said.append(view.process())  # does nothing: it is in the middle of the one below
        window.Render()

    window.GetInteractor().AddObserver("KeyReleaseEvent", obey)
    renders = Count(window)
    viewer.do(*({"event": event, "key": "r", "code": "KeyR"} for event in ("keydown", "keyup")))
    view.process()
    assert said == [[]]
    assert renders.number == 1
    view.process()
    assert renders.number == 2


def test_of_several_renders_of_one_tick_the_last_is_seen(publisher, viewer):
    window = cone()
    view = attach(window, publisher)
    assert viewer.picture() is not None
    published = publisher.frames("frame")._head
    window.GetInteractor().AddObserver("KeyReleaseEvent", lambda *_: window.Render())
    renders = Count(window)
    viewer.do(*({"event": event, "key": "r", "code": "KeyR"} for event in ("keydown", "keyup", "keydown")))
    view.process()
    assert renders.number == 2
    assert publisher.frames("frame")._head == published + 1


def test_a_program_that_lets_others_render_is_told_so(publisher, viewer):
    window = cone()
    interactor = window.GetInteractor()
    interactor.EnableRenderOff()
    view = attach(window, publisher)
    told, renders = Count(interactor, "RenderEvent"), Count(window)
    viewer.do(*drag(PATH))
    view.process()
    assert renders.number == 0
    assert told.number > 0
    assert not interactor.GetEnableRender()
