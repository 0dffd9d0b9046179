"""A pane that shows a program's pictures and tells what is done with mouse, wheel, touch and keys in it."""
