"""A VTK scene without a window: look at it and turn it in the browser. Needs `pip install "lorgnette[vtk]"`, VTK 9.4.

Drag to turn it, wheel to come nearer, "r" brings it back, "w" and "s" show it as a wire frame and solid again. Programs
with a window do the same, and call `interactor.Start()` in place of `view.run()`.
"""

from vtkmodules import vtkInteractionStyle, vtkRenderingOpenGL2  # noqa: F401  (VTK finds them when they are imported)
from vtkmodules.vtkFiltersSources import vtkConeSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow

import lorgnette
from lorgnette.integrations.vtk import attach

source = vtkConeSource(height=1.6, radius=0.6, resolution=96)
mapper = vtkPolyDataMapper()
mapper.SetInputConnection(source.GetOutputPort())
actor = vtkActor(mapper=mapper)
actor.GetProperty().SetColor(0.94, 0.62, 0.28)
actor.GetProperty().SetSpecular(0.4)
actor.GetProperty().SetSpecularPower(30)

renderer = vtkRenderer(gradient_background=True, background=(0.09, 0.11, 0.16), background2=(0.25, 0.31, 0.41))
renderer.AddActor(actor)
renderer.GetActiveCamera().SetPosition(2, 1.2, 4)
renderer.ResetCamera()
renderer.GetActiveCamera().Zoom(1.5)

window = vtkRenderWindow(off_screen_rendering=True, size=(960, 540))
window.AddRenderer(renderer)
window.Render()

with lorgnette.Publisher("cone") as publisher, attach(window, publisher) as view:
    view.run()  # until Ctrl-C
