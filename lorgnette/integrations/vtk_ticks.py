"""What calls an attachment again and again, always in the thread that renders.

An OpenGL context belongs to one thread at a time, and VTK's pipeline to whoever changes it, so that a thread of our own
must not render, whatever the platform lets it do. It may look for what came, and ask the rendering thread to see to it.

None of these keeps an attachment alive: each ends when it is gone, or when its tick returns False.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
import weakref
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias

from lorgnette.transport.errors import TransportError

from .vtk_gestures import style_of
from .vtk_input import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    import lorgnette

    from .vtk_input import VtkObject

Tick: TypeAlias = "Callable[[], bool]"
Schedule: TypeAlias = "Callable[[Callable[[], object]], object]"
WaitingTick: TypeAlias = "Callable[[list[Any]], bool]"

log = logging.getLogger("lorgnette.integrations.vtk")


class Ticks(ABC):
    """Calls a bound method at intervals until it returns False."""

    @abstractmethod
    def stop(self) -> None:
        """End; any number of times."""


class AsyncioTicks(Ticks):
    """Of the event loop that runs in this thread. Raises RuntimeError if none does."""

    def __init__(self, tick: Tick, interval_s: float) -> None:
        self._tick = weakref.WeakMethod(tick)
        self._interval_s = interval_s
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_soon(_turn, weakref.ref(self))

    def stop(self) -> None:
        """See `Ticks.stop`."""
        self._next.cancel()

    def turn(self) -> None:
        """Tick once, and see to the next turn: so long after the end of this one, so that others get theirs."""
        tick = self._tick()
        if tick is not None and tick():
            self._next = self._loop.call_later(self._interval_s, _turn, weakref.ref(self))


def _turn(ticks: weakref.ref[AsyncioTicks]) -> None:
    found = ticks()
    if found is not None:
        found.turn()


class VtkTicks(Ticks):
    """Of a repeating timer of an interactor; they come while its event loop runs (`Start()`, or that of Qt).

    An interactor style takes any timer for its own: while a button is down it would go on turning with ours. So ours
    is kept from it. During a drag only the style is told of timers at all; an observer of its own replaces what it
    does then (`OnTimer`), which is called for the timers of others.
    """

    def __init__(self, tick: Tick, interval_s: float, interactor: VtkObject) -> None:
        misc = importlib.import_module("vtkmodules.util.misc")
        core = importlib.import_module("vtkmodules.vtkCommonCore")
        found = weakref.WeakMethod(tick)
        self._interactor, self._style = core.vtkWeakReference(), core.vtkWeakReference()
        self._interactor.Set(interactor)
        self._style_observer = 0

        def ticked() -> None:
            call = found()
            if call is None or not call():
                self.stop()
            else:
                self._follow_style()

        @misc.calldata_type(core.VTK_INT)  # type: ignore[untyped-decorator]
        def observe(caller: VtkObject, _event: str, timer: int) -> None:
            if timer == self._timer:
                caller.GetCommand(self._observer).AbortFlagOn()
            ticked()

        @misc.calldata_type(core.VTK_INT)  # type: ignore[untyped-decorator]
        def replace(style: VtkObject, _event: str, timer: int) -> None:
            if timer != self._timer:
                style.OnTimer()
            ticked()

        self._replace = replace
        self._observer = interactor.AddObserver("TimerEvent", observe, FIRST)
        self._timer = interactor.CreateRepeatingTimer(max(1, round(1e3 * interval_s)))
        self._follow_style()

    def stop(self) -> None:
        """See `Ticks.stop`."""
        interactor = self._interactor.Get()
        if interactor is not None and self._observer:
            interactor.DestroyTimer(self._timer)
            interactor.RemoveObserver(self._observer)
        self._observer = 0
        self._leave_style()

    def _follow_style(self) -> None:
        interactor = self._interactor.Get()
        style = None if interactor is None else style_of(interactor)
        if style is None or style is self._style.Get() or not self._observer:
            return
        self._leave_style()
        self._style.Set(style)
        if not style.HasObserver("TimerEvent"):  # else the program has replaced what it does
            self._style_observer = style.AddObserver("TimerEvent", self._replace)

    def _leave_style(self) -> None:
        style = self._style.Get()
        if style is not None and self._style_observer:
            style.RemoveObserver(self._style_observer)
        self._style_observer = 0


class ThreadTicks(Ticks):
    """Of a thread that looks for commands, and lets `schedule` bring them to the thread that renders.

    It waits until they have been obeyed before it looks again, so that the rendering thread has one call waiting at
    most, and none while nothing comes.
    """

    def __init__(
        self, tick: WaitingTick, idle: Tick, interval_s: float, publisher: lorgnette.Publisher, schedule: Schedule
    ) -> None:
        self._end = threading.Event()
        arguments = (weakref.WeakMethod(tick), weakref.WeakMethod(idle), interval_s, weakref.ref(publisher), schedule)
        threading.Thread(target=_look, args=(*arguments, self._end), name="lorgnette-vtk", daemon=True).start()

    def stop(self) -> None:
        """See `Ticks.stop`."""
        self._end.set()


def _look(
    tick: weakref.WeakMethod[WaitingTick],
    idle: weakref.WeakMethod[Tick],
    interval_s: float,
    publisher: weakref.ref[lorgnette.Publisher],
    schedule: Schedule,
    end: threading.Event,
) -> None:
    done = threading.Event()
    done.set()

    def obey(commands: list[Any]) -> None:
        try:
            call = tick()
            if call is None or not call(commands):
                end.set()
        finally:
            done.set()

    while not end.wait(interval_s):
        if not done.wait(0.25):
            continue  # the rendering thread is busy; it may also have ended, and then this thread ends with the rest
        source, quiet = publisher(), idle()
        if source is None or quiet is None:
            return
        try:
            commands = source.commands()
            if not commands and quiet():
                continue
        except TransportError:  # closed
            return
        finally:
            del source, quiet
        done.clear()
        try:
            schedule(lambda commands=commands: obey(commands))  # type: ignore[misc]
        except RuntimeError:  # the loop that should have done it is closed
            log.info("The thread that renders takes no calls any more: viewers can look, but not steer.")
            return
