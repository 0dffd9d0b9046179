"""One session of the image viewer, as `bokeh serve` runs it."""

from lorgnette.home import add_to_path

add_to_path()

from bokeh.io import curdoc  # noqa: E402

from .view import build  # noqa: E402

build(curdoc())
