"""A VTK render window as a stream: viewers see what it shows, and steer it.

    from lorgnette.integrations.vtk import attach

    with lorgnette.Publisher("cone") as publisher, attach(render_window, publisher):
        interactor.Start()

After each render the picture is read back (it is not rendered again) and published, if anybody looks. What viewers do
with mouse, wheel, keys and fingers reaches the window's interactor as if it had been done here; then the window is
rendered once, however much was done. Without a window on a screen, let the attachment run: `view.run()`.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Final, Literal, get_args

from lorgnette import input as events
from lorgnette.transport.errors import ClosedError, ForkedPublisherError, TransportError
from lorgnette.transport.publisher import DEFAULT_FRAMES

from .vtk_input import Hands, VtkObject, held, new_interactor, offscreen
from .vtk_picture import DEPTH, Eye
from .vtk_ticks import AsyncioTicks, ThreadTicks, Ticks, VtkTicks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self  # typing has it from Python 3.11 on

    import lorgnette
    from lorgnette.transport.answers import Command

Timer = Literal["auto", "render", "vtk", "asyncio", "thread", "manual"]

INTERVAL_S: Final = 0.01
LARGEST: Final = (3840, 2160)
OVERDUE_S: Final = 0.25  # without a tick: then the end of a render does its work

log = logging.getLogger(__name__)


class Attachment:
    """A render window and a publisher; `attach` makes it. It ends with either of them, or by `detach`.

    The window keeps it, so that it need not be kept; it keeps the publisher, and neither window nor interactor.
    """

    def __init__(  # noqa: PLR0913
        self,
        render_window: VtkObject,
        publisher: lorgnette.Publisher,
        *,
        hands: Hands,
        timer: Timer,
        interval_s: float,
        on_command: Callable[[Command], object] | None,
        depth: bool,
        may_quit: bool,
        schedule: Callable[[Callable[[], object]], object] | None,
    ) -> None:
        self._window = importlib.import_module("vtkmodules.vtkCommonCore").vtkWeakReference()
        self._window.Set(render_window)
        self._publisher: lorgnette.Publisher | None = publisher
        self._hands, self._eye = hands, Eye()
        self._timer, self._interval_s, self._schedule = timer, interval_s, schedule
        self._on_command, self._depth, self._may_quit = on_command, depth, may_quit
        self._ticks: Ticks | None = None
        self._ticked = 0.0  # when (time.monotonic)
        self._thread = threading.get_ident()
        self._busy = False  # in `process`
        self._due = False  # what was done asks for a render
        self._told: set[str] = set()  # troubles that were logged
        self._unseen = {DEFAULT_FRAMES: False, DEPTH: False}  # channels for which a picture was not read
        self._size: tuple[int, ...] = (0, 0)  # of that picture
        self._observer = render_window.AddObserver("EndEvent", self._rendered)
        if not render_window.GetNeverRendered():
            self._changed(render_window)
            self._show(render_window)
        self._start(render_window)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()

    @property
    def attached(self) -> bool:
        """Whether window and publisher are still there, and `detach` was not called."""
        return self._publisher is not None and self._window.Get() is not None

    def process(self, commands: Sequence[Command] | None = None) -> list[Command]:
        """Obey all that viewers did since the last time, render at most once, and return without waiting.

        Call it in the thread that renders, as often as viewers shall be answered; the timers do just that.

        Args:
            commands: from `publisher.commands()`, where the program asks for them itself; by default, this asks.

        Returns the commands that are none of a viewer's input, for the program to obey. Those that `on_command` got
        are not among them. Raises RuntimeError in another thread than that which renders.
        """
        self._require_thread()
        window, publisher = self._window.Get(), self._publisher
        if window is None or publisher is None:
            self.detach()
            return []
        if self._busy:  # an observer of the program's calls this from within
            return []
        self._busy = True
        self._ticked = time.monotonic()
        try:
            others = self._obey(window, publisher.commands() if commands is None else commands)
            if self._due:
                self._due = False
                interactor = window.GetInteractor()
                (interactor or window).Render()
            self._show(window)
            publisher.tick()
        except (ClosedError, ForkedPublisherError):
            self.detach()
            return []
        finally:
            self._busy = False
        return self._hand_on(others)

    def run(self) -> None:
        """Process until the attachment ends: the main loop of a program without a window on a screen."""
        while self.attached:
            self._hand_on(self.process(), refuse=True)
            time.sleep(self._interval_s)

    def detach(self) -> None:
        """End: nothing is published or obeyed any more. The publisher stays open. Any number of times."""
        self._publisher = None
        if self._ticks is not None:
            self._ticks.stop()
            self._ticks = None
        window = self._window.Get()
        if window is None or not self._observer:
            return
        window.RemoveObserver(self._observer)
        self._observer = 0
        interactor = window.GetInteractor()
        if interactor is not None:
            with held(interactor, self._note, may_quit=self._may_quit):
                self._hands.release(interactor)

    # --- ticks --------------------------------------------------------------------------------------------------------

    def _start(self, window: VtkObject) -> None:
        """Start the timer as soon as the platform allows it."""
        publisher, interactor = self._publisher, window.GetInteractor()
        if self._ticks is not None or publisher is None:
            return
        if self._timer == "thread":
            assert self._schedule is not None
            self._ticks = ThreadTicks(self._tick_with, self._quiet, self._interval_s, publisher, self._schedule)
        elif self._timer == "asyncio" or (self._timer == "auto" and _loop_runs()):
            self._ticks = AsyncioTicks(self._tick, self._interval_s)
        elif (
            (self._timer == "vtk" or (self._timer == "auto" and _has_timers(window, interactor)))
            and interactor is not None
            and interactor.GetInitialized()  # before, some platforms have no timers
        ):
            self._ticks = VtkTicks(self._tick, self._interval_s, interactor)

    def _tick(self) -> bool:
        return self._tick_with(None)

    def _tick_with(self, commands: list[Command] | None) -> bool:
        """Process, and return whether to go on."""
        try:
            self._hand_on(self.process(commands), refuse=True)
        except Exception:  # a program's own, in `on_command`: its event loop goes on
            log.exception("A command was not obeyed.")
        return self.attached

    def _quiet(self) -> bool:
        """Tell the looking thread whether there is nothing to do but to obey commands."""
        publisher = self._publisher
        if publisher is None:
            return False
        publisher.tick()
        return not any(unseen and publisher.watched(channel) for channel, unseen in self._unseen.items())

    def _require_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                "The render window belongs to the thread that renders it, and another one calls `process`. Call it "
                'there, or attach with timer="thread" and a `schedule` that brings calls to that thread.'
            )

    # --- pictures -----------------------------------------------------------------------------------------------------

    def _rendered(self, window: VtkObject, _event: str) -> None:
        """After each render, in the thread that rendered."""
        self._thread = threading.get_ident()
        # Picking, and screenshots in tiles, render what nobody is to see.
        if not window.GetSwapBuffers() or tuple(window.GetTileScale()) != (1, 1):
            return
        self._due = False
        self._changed(window)
        if not self._busy:  # else more may be rendered: the last one is shown
            self._show(window)
        self._start(window)
        alone = self._timer == "render" or (self._timer == "auto" and time.monotonic() - self._ticked > OVERDUE_S)
        if alone and not self._busy:
            self._obey_in_render(window)

    def _changed(self, window: VtkObject) -> None:
        self._unseen = {DEFAULT_FRAMES: True, DEPTH: self._depth}
        self._size = tuple(window.GetActualSize())

    def _show(self, window: VtkObject) -> None:
        """Publish what the window shows, on each channel that was not read since and that somebody looks at."""
        publisher = self._publisher
        if publisher is None or not any(self._unseen.values()):
            return
        if tuple(window.GetActualSize()) != self._size:  # not rendered since it was resized
            return
        try:
            for channel, publish in ((DEFAULT_FRAMES, self._eye.picture), (DEPTH, self._eye.depth)):
                if self._unseen[channel] and publisher.watched(channel):
                    self._unseen[channel] = False
                    publish(window, publisher)
        except (ClosedError, ForkedPublisherError):
            self.detach()
        except TransportError as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        if str(error) not in self._told and len(self._told) < 10:
            self._told.add(str(error))
            log.warning("A picture of the render window is not published: %s", error)

    # --- input --------------------------------------------------------------------------------------------------------

    def _obey(self, window: VtkObject, commands: Sequence[Command]) -> list[Command]:
        """Give the interactor the viewers' events among these commands. Return the others."""
        others = []
        found = []
        for command in commands:
            event = events.parse(command)
            if event is None:
                others.append(command)
            else:
                found.append(event)
        if found:
            interactor = window.GetInteractor() or new_interactor(window)
            with held(interactor, self._note, may_quit=self._may_quit):
                if not interactor.GetInitialized() and not window.GetNeverRendered():
                    interactor.Initialize()
                for event in found:
                    if interactor.GetEnabled() and self._hands.apply(window, interactor, event):
                        self._note()
        return others

    def _note(self) -> None:
        self._due = True

    def _obey_in_render(self, window: VtkObject) -> None:
        """Obey at the end of a render of the program's; the next one shows what came of it."""
        publisher = self._publisher
        if publisher is None:
            return
        self._busy = True
        try:
            others = self._obey(window, publisher.commands())
            self._show(window)
        except (ClosedError, ForkedPublisherError):
            self.detach()
            return
        finally:
            self._busy = False
        self._hand_on(others, refuse=True)

    def _hand_on(self, commands: list[Command], *, refuse: bool = False) -> list[Command]:
        """Give commands that are no input to the program. Return those that it did not ask for."""
        for command in commands:
            if self._on_command is not None:
                self._on_command(command)
            elif refuse:
                command.refuse("This program obeys mouse and keys only.")
        return [] if self._on_command is not None else commands


def attach(  # noqa: PLR0913
    render_window: VtkObject,
    publisher: lorgnette.Publisher,
    *,
    timer: Timer = "auto",
    interval_s: float = INTERVAL_S,
    on_command: Callable[[Command], object] | None = None,
    depth: bool = False,
    resize: bool | None = None,
    largest: tuple[int, int] = LARGEST,
    may_quit: bool = False,
    schedule: Callable[[Callable[[], object]], object] | None = None,
) -> Attachment:
    """Publish what a VTK render window shows after each render, and let viewers steer it.

    Args:
        render_window: a vtkRenderWindow with a renderer, on a screen or not, already rendered or not. Without an
            interactor it gets one that turns the camera as a trackball when a viewer first does something.
        publisher: where the pictures go, and where what viewers do comes from.
        timer: what obeys viewers, always in the thread that renders.
            "vtk": a timer of the interactor, while its event loop runs (`Start()`, or Qt's).
            "asyncio": the event loop of this thread (Jupyter, trame).
            "thread": a thread looks for what came and gives `schedule` a function to call in the rendering thread.
            "render": the end of each render, for programs that render all the time; they need not be rendered again.
            "manual": nothing; call `process()`, or `run()`.
            "auto": "asyncio" where a loop runs, else "vtk" where the window is on a screen and has an interactor, else,
            and while those do not tick, "render". `process()` and `run()` work beside it.
        interval_s: seconds between two looks for what viewers did.
        on_command: called with each command that is no input; without it, timers and `run` refuse those.
        depth: whether there is a second channel "depth": distance along the view in units of the scene, float32, NaN
            where nothing is. It is read back only while somebody looks at it.
        resize: whether the window takes the size of a viewer's pane; by default only if it is on no screen.
        largest: width and height in pixels up to which it does.
        may_quit: whether keys of a viewer (VTK's q and e) may end the interactor's event loop.
        schedule: for "thread": calls the function that it is given in the rendering thread, soon; it is itself called
            in another thread, as `loop.call_soon_threadsafe` may be.

    Raises TypeError for what is no render window, ValueError for one without a renderer or for a timer that cannot be,
    ImportError without VTK.
    """
    if not getattr(render_window, "IsA", lambda _name: False)("vtkRenderWindow"):
        raise TypeError(f"A vtkRenderWindow can be attached; this is a {type(render_window).__name__}.")
    if not render_window.GetRenderers().GetNumberOfItems():
        raise ValueError("The render window has no renderer, so that it would show nothing. Call AddRenderer first.")
    if timer not in get_args(Timer):
        raise ValueError(f"The timer is one of {', '.join(get_args(Timer))}; got {timer!r}.")
    if (timer == "thread") != (schedule is not None):
        raise ValueError(
            'timer="thread" and `schedule` go together: a thread must not render in the context of another one, so it '
            "needs a function that brings calls to the rendering thread, such as loop.call_soon_threadsafe."
        )
    if timer == "asyncio" and not _loop_runs():
        raise ValueError('timer="asyncio" needs an event loop that runs in this thread: attach within a coroutine.')
    return Attachment(
        render_window,
        publisher,
        hands=Hands(resize=resize, largest=largest),
        timer=timer,
        interval_s=interval_s,
        on_command=on_command,
        depth=depth,
        may_quit=may_quit,
        schedule=schedule,
    )


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _has_timers(window: VtkObject, interactor: VtkObject) -> bool:
    """Tell whether somebody's event loop calls this interactor's timers: its own, or one that it is told about."""
    if interactor is None or offscreen(window):
        return False
    return not interactor.IsA("vtkGenericRenderWindowInteractor") or bool(interactor.HasObserver("CreateTimerEvent"))
