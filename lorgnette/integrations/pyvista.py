"""A PyVista plotter as a stream: viewers see what it shows, and steer it.

    from lorgnette.integrations.pyvista import attach

    with lorgnette.Publisher("scene") as publisher:
        attach(plotter, publisher)
        plotter.show()

That is for a plotter in a window. Without a screen, `plotter.show(auto_close=False)` comes before, and `view.run()`, of
the attachment, after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorgnette.integrations.vtk import attach as attach_window

if TYPE_CHECKING:
    import lorgnette
    from lorgnette.integrations.vtk import Attachment


def attach(plotter: Any, publisher: lorgnette.Publisher, **options: Any) -> Attachment:  # noqa: ANN401
    """Publish what a plotter shows after each render, and let viewers steer it.

    Args:
        plotter: a `pyvista.Plotter`, off-screen or not, shown or not, or one of pyvistaqt.
        publisher: where the pictures go, and where what viewers do comes from.
        options: those of `lorgnette.integrations.vtk.attach`.

    Raises TypeError for what is no plotter, ValueError for one that was closed.
    """
    if not hasattr(plotter, "render_window"):
        raise TypeError(f"A pyvista.Plotter can be attached; this is a {type(plotter).__name__}.")
    if plotter.render_window is None:
        raise ValueError(
            "The plotter was closed, so that it shows nothing any more. Attach before plotter.show(), or show it with "
            "auto_close=False."
        )
    return attach_window(plotter.render_window, publisher, **options)
