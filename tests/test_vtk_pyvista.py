"""A real PyVista plotter as a stream."""

import numpy as np
import pytest
import vtk_scenes
from vtk_scenes import Count, Viewer, drag

import lorgnette
from lorgnette.integrations.pyvista import attach

_renders_anywhere = vtk_scenes._renders_anywhere
SIZE = (200, 120)


@pytest.fixture(scope="module")
def pv():
    pytest.importorskip("vtkmodules")
    return pytest.importorskip("pyvista")


@pytest.fixture
def plotter(pv):
    plotter = pv.Plotter(off_screen=True, window_size=SIZE)
    plotter.add_mesh(pv.Cone(), color="tan")
    yield plotter
    plotter.close()


def test_a_plotter_is_seen_and_steered(plotter):
    with lorgnette.Publisher("scene") as publisher:
        viewer = Viewer("scene")
        view = attach(plotter, publisher)
        renders = Count(plotter.render_window)
        plotter.show(auto_close=False)
        assert renders.number == 1
        before = viewer.picture()
        assert (before[..., :3] == plotter.image).all()
        start = np.array(plotter.camera.position)
        shown = renders.number
        viewer.do(*drag([(90, 60), (100, 66), (120, 70)]))
        view.process()
        assert renders.number == shown + 1
        assert np.abs(plotter.camera.position - start).max() > 0.01
        after = viewer.picture()
        assert (after != before).any()
        viewer.do({"event": "resize", "width": 300, "height": 160})
        view.process()
        assert tuple(plotter.window_size) == (300, 160)
        assert viewer.picture().shape == (160, 300, 4)


def test_keys_reach_what_the_program_has_bound(plotter):
    pressed = []
    plotter.add_key_event("m", lambda: pressed.append("m"))
    with lorgnette.Publisher("scene") as publisher:
        plotter.show(auto_close=False)
        view = attach(plotter, publisher)
        Viewer("scene").do({"event": "keydown", "key": "m", "code": "KeyM"}, {"event": "keydown", "key": "q"})
        view.process()
        assert pressed == ["m"]
        assert view.attached


def test_a_plotter_that_is_closed_ends_it(plotter, capfd):
    with lorgnette.Publisher("scene") as publisher:
        view = attach(plotter, publisher)
        plotter.show(auto_close=False)
        assert Viewer("scene").picture() is not None
        plotter.close()
        view.process()
        view.run()
        assert not view.attached
        with pytest.raises(ValueError, match="was closed"):
            attach(plotter, publisher)
        with pytest.raises(TypeError, match="this is a str"):
            attach("plotter", publisher)
    assert "Error" not in capfd.readouterr().err
