"""A huge image in a Bokeh figure: the models of both ends."""
