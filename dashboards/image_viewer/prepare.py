"""From what an address asks for to what can be shown: images are opened, laid onto one grid and looked at."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from data_sources.base import SourceError
from data_sources.outcome import gathered, outcome
from data_sources.work import submit

from .address import Pick, Wanted
from .saving import file_name
from .shown import Layer, Shown

if TYPE_CHECKING:
    from data_sources.images.model import ImageInfo, Layers
    from data_sources.images.source import ImageSource, OpenImage

MOST_VERSION: Final = 100  # characters

GetSource = Callable[[str, str | None, int | None], "ImageSource"]


def prepare(get_source: GetSource, wanted: Wanted) -> Future[Shown]:
    """Open what is wanted. The future fails with `SourceError` where it cannot be shown.

    Args:
        get_source: as `Library.source`.
        wanted: names an image.

    Raises:
        SourceError: if there is no such image.
    """
    result: Future[Shown] = Future()
    result.set_running_or_notify_cancel()
    opening = outcome(get_source(*wanted.source).opened())
    opening.add_done_callback(lambda opened: _attempt(result, lambda: _go_on(result, get_source, wanted, opened)))
    return result


def picks_of(wanted: Wanted, info: ImageInfo) -> tuple[Pick, ...]:
    """Return the layers that are shown of an image: one, or three in colour. Raises `SourceError`."""
    count = len(info.channels)
    color = wanted.color if wanted.color is not None else info.is_color
    if color:
        picks = wanted.picks or tuple(Pick("", min(number, count)) for number in (1, 2, 3))
        return tuple(pick._replace(image="") if pick.image == wanted.image else pick for pick in picks)
    channel = wanted.channel or usual_channel(info)
    if not 1 <= channel <= count:
        raise SourceError(f"{wanted.image} has no channel {channel}.", remedy=f"It has {count}, numbered from 1 on.")
    return (Pick("", channel),)


def usual_channel(info: ImageInfo) -> int:
    """Return the channel that is shown first, from 1 on: of a cube the middle one, as its ends often show nothing."""
    is_cube = len(info.channels) > 2 and info.channels[0].value is not None
    return len(info.channels) // 2 + 1 if is_cube else 1


def _attempt(result: Future[Shown], step: Callable[[], None]) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001  (whoever waits is told)
        if not result.done():
            result.set_exception(error)


def _go_on(
    result: Future[Shown], get_source: GetSource, wanted: Wanted, opened: Future[OpenImage | SourceError]
) -> None:
    """Open the other images that colours are made of, and then put all together."""
    image = opened.result()
    if isinstance(image, SourceError):
        raise image
    picks = picks_of(wanted, image.info)
    names = list(dict.fromkeys(pick.image for pick in picks if pick.image))
    others = gathered([get_source(name, None, None).opened() for name in names])

    def have(finished: Future[list[OpenImage | SourceError]]) -> None:
        found = dict(zip(names, finished.result(), strict=True))
        problem = next((each for each in found.values() if isinstance(each, SourceError)), None)
        if problem is not None:
            raise problem
        images: dict[str, Layers] = {"": image}
        images.update((name, each) for name, each in found.items() if not isinstance(each, SourceError))
        work = outcome(submit(assembled, wanted, picks, images))
        work.add_done_callback(lambda done: _attempt(result, lambda: _finish(result, done)))

    others.add_done_callback(lambda finished: _attempt(result, lambda: have(finished)))


def _finish(result: Future[Shown], done: Future[Shown | SourceError]) -> None:
    shown = done.result()
    if isinstance(shown, SourceError):
        raise shown
    result.set_result(shown)


def assembled(wanted: Wanted, picks: tuple[Pick, ...], images: dict[str, Layers]) -> Shown:
    """Return what is shown. It reads: not for the event loop.

    Args:
        wanted: what is asked for.
        picks: of layers, as `picks_of` gives them.
        images: by name those that are open; "" is the one whose grid counts.

    Raises:
        SourceError: if the images do not fit onto each other.
    """
    image = images[""]
    layers = []
    for pick in picks:
        own = images[pick.image]
        count = len(own.info.channels)
        if pick.channel > count:
            named = pick.image or wanted.image
            raise SourceError(f"{named} has no channel {pick.channel}.", remedy=f"It has {count}, from 1 on.")
        channel = pick.channel - 1
        laid = _laid(own, image)
        layers.append(Layer(laid, channel, _name(pick, own, several=len(images) > 1), laid.statistics(channel)))
    opened = tuple(images.items())
    shown = Shown(wanted.image, image, tuple(layers), None, _version(layers), "", opened, is_placed=False)
    # Half a second that the first picture of a process does not wait for.
    return placed(shown) if "astropy.wcs" in sys.modules else shown


def placed(shown: Shown) -> Shown:
    """Return the same with its place on the sky. The first time it takes long: not for the event loop."""
    from data_sources.images.sky import Sky  # noqa: PLC0415  (astropy)

    info = shown.image.info
    return replace(shown, sky=Sky.of(info), problem=Sky.problem(info), is_placed=True)


def refreshed(shown: Shown) -> Shown:
    """Return the same with statistics as they are by now. It reads: not for the event loop."""
    layers = tuple(layer._replace(statistics=layer.image.statistics(layer.channel)) for layer in shown.layers)
    return replace(shown, layers=layers)


def _laid(own: Layers, onto: Layers) -> Layers:
    """An image on the grid of another one."""
    if own is onto:
        return own
    from data_sources.images.aligned import aligned  # noqa: PLC0415  (astropy)

    return aligned(own, onto)


def _name(pick: Pick, own: Layers, *, several: bool) -> str:
    channels = own.info.channels
    short = file_name(pick.image or own.info.path.name)
    if not several:
        return channels[pick.channel - 1].name if len(channels) > 1 else short
    return f"{short}, {channels[pick.channel - 1].name}" if len(channels) > 1 else short


def _version(layers: list[Layer]) -> str:
    text = "_".join(f"{layer.image.version}-{layer.channel}" for layer in layers)
    return text if len(text) <= MOST_VERSION else hashlib.sha256(text.encode()).hexdigest()[:40]


__all__ = ["GetSource", "assembled", "picks_of", "placed", "prepare", "refreshed", "usual_channel"]
