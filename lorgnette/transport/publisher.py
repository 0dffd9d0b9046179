"""`Publisher`: what a program uses to show its frames, records and state, and to receive commands."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import backend as kinds
from .answers import Command, Desk
from .backend import Array, Backend, Field, FrameWriter, RecordWriter
from .declared import Value, declare
from .errors import DtypeError, ShapeError, TransportError
from .mapped import MappedBackend
from .names import checked_name
from .state import PublishedState

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on

DEFAULT_FRAMES = "frame"
DEFAULT_RECORDS = "log"
_PICTURES = {None: kinds.GREY, 3: kinds.RGB, 4: kinds.RGBA}


class Publisher:
    """Shows what a program does to whoever looks, and never waits for them.

    Args:
        name: name of the stream, 1 to 48 characters out of a-z, 0-9, "_" and "-".
        backend: how the data travel; mapped files in this user's private directory by default.

    Raises `NameInUseError` if another living publisher has the name. Use it as a context manager, or call
    `close()`; a program that ends otherwise, even by force, leaves nothing that the next start does not remove.
    Threads of one process may share it. A forked child may not use its parent's.
    """

    def __init__(self, name: str, *, backend: Backend | None = None) -> None:
        self.name = checked_name(name)
        self._stream = (backend or MappedBackend()).create(name)
        self._frame: FrameWriter | None = None
        self._desk = Desk(self._stream.put_state)
        self.state = PublishedState(self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._stream.close()  # what was in hand when it failed was not done

    def __del__(self) -> None:
        if hasattr(self, "_stream"):
            self._stream.close()

    def __repr__(self) -> str:
        return f"Publisher({self.name!r})"

    def frame(self, image: ArrayLike, *, flip: bool = False, meta: Mapping[str, Any] | None = None) -> int:
        """Publish a picture; the newest wins. Return its number, counted from 1.

        Args:
            image: H x W (grey), H x W x 3 (RGB) or H x W x 4 (RGBA) of uint8, in any memory layout.
            flip: the first row is the lowest, as OpenGL reads it: turned round in the one copy.
            meta: a few facts about the frame, at most 120 bytes as JSON.

        Raises `ShapeError` or `DtypeError` for anything that is not such a picture, `StorageFullError` if a larger
        picture finds no room.
        """
        array = np.asarray(image)
        channels = array.shape[2] if array.ndim == 3 else None
        if array.ndim not in (2, 3) or channels not in _PICTURES or 0 in array.shape:
            raise ShapeError(
                f"A picture has the shape H x W, H x W x 3 or H x W x 4; this array has {array.shape}. "
                'Other arrays go into a channel of their own: publisher.frames("name").publish(array).'
            )
        if array.dtype != np.uint8:
            raise DtypeError(
                f"A picture has values from 0 to 255 of type uint8; this array has {array.dtype}. Scale and convert "
                'it, or publish it in a channel of its own: publisher.frames("name").publish(array).'
            )
        if self._frame is None:
            self._frame = self._stream.frames(DEFAULT_FRAMES)
        return self._frame.publish(array, flip=flip, meaning=_PICTURES[channels], meta=meta)

    def frames(self, channel: str = DEFAULT_FRAMES, like: Array | None = None) -> FrameWriter:
        """Return the writer of a named frame channel, for arrays of numbers of any kind and up to 8 dimensions.

        With `like` its memory is taken now and not at the first frame.
        """
        return self._stream.frames(checked_name(channel, "channel"), like)

    def log(self, /, **scalars: float) -> None:
        """Publish one record of named numbers, stamped now.

        Numbers become float64 (integers are exact up to 2**53; a prepared writer keeps 64-bit ones). A new name
        adds a field, at most 256; a record without a field has NaN there. Raises `FieldTypeError` for a value that
        is not a real number.
        """
        self._stream.log(DEFAULT_RECORDS, scalars)

    def records(
        self,
        channel: str,
        dtype: DTypeLike,
        *,
        units: Mapping[str, str] | None = None,
        capacity: int | None = None,
    ) -> RecordWriter:
        """Return a prepared writer of a record channel, for hot loops: `push(*values)`, `push_many(rows)`.

        Args:
            channel: its name, as a stream's.
            dtype: a structured type of bools, integers and floats of at most 64 bits. A first field "time" (float64,
                Unix seconds) is the caller's own stamp; without one, records are stamped when they are published.
            units: unit of each field, such as {"load": "ms"}.
            capacity: records kept for readers, rounded up to a power of two; by default 65,536 of up to 64 bytes.

        Fields that the channel does not have yet are added to it. Raises `FieldTypeError` if one has another type.
        """
        checked_name(channel, "channel")
        form = np.dtype(dtype)
        if not form.names:
            raise DtypeError(f'A record\'s type names its fields, such as [("frame_ms", "f4")]; got {form}.')
        stamped = form.names[0] == "time"
        if stamped and form["time"] != np.float64:
            raise DtypeError(f"A record's time is float64, in Unix seconds; got {form['time']}.")
        names: Sequence[str] = form.names[1:] if stamped else form.names
        unknown = set(units or {}) - set(names)
        if unknown:
            raise DtypeError(f"There are units for {sorted(unknown)}, which are no fields of {list(names)}.")
        fields = [Field(name, form[name].str, (units or {}).get(name, "")) for name in names]
        return self._stream.records(channel, fields, capacity=capacity, stamped=stamped)

    def declare_command(
        self,
        name: str,
        parameters: Mapping[str, type | Sequence[Value]] | None = None,
        *,
        minimum: float | Mapping[str, float] | None = None,
        maximum: float | Mapping[str, float] | None = None,
        default: Value | Mapping[str, Value] | None = None,
        help: str = "",  # noqa: A002  (what everybody calls it)
    ) -> None:
        """Say that this program takes a command, so that pages offer it; a later declaration replaces an earlier one.

        Args:
            name: what it is called, with the letters of a stream's name; at most 64 commands.
            parameters: name -> float, int, bool, str, or a list of choices, such as {"mode": ["fast", "fine"]}.
            minimum: the least value, by parameter, or as it is where only one is a number.
            maximum: the greatest, likewise.
            default: the value of a parameter that is not given, by parameter, or as it is where there is only one.
            help: a sentence for who is about to send it.

        Raises `CommandError` or `InvalidNameError` for what is none of this, `ChannelCountError` where the stream has
        no two channels left: declarations and answers take one each.
        """
        self._desk.declare(declare(name, parameters, minimum=minimum, maximum=maximum, default=default, help=help))

    def commands(self) -> list[Command]:
        """Return what browsers and subscribers sent since the last call, oldest first, never waiting.

        A declared command comes with its `name`, its arguments checked; one with wrong arguments is refused here and
        does not come. Answer with `command.done()` or `command.refuse(reason)`; one that was not answered counts as
        done when the same thread asks for the next commands, or closes the publisher.

        Anybody of this user may send: look at what any other command says before obeying. What is not a JSON object is
        dropped.
        """
        texts = self._stream.commands()
        if self._desk.unanswered:
            self._desk.settle()
        return self._desk.receive(texts) if texts else []

    def watched(self, channel: str = DEFAULT_FRAMES) -> bool:
        """Tell whether somebody read this channel (of frames, records or state) within the last three seconds.

        Publishing to nobody is cheap; use this to spare the work that comes before it, such as rendering. A channel on
        which nothing was published yet counts as watched: nobody can read it before its first frame. A running server
        reads all records, so that channels of records are watched as long as there is one.
        """
        return self._stream.watched(channel)

    def tick(self) -> None:
        """Say that the program is alive without publishing anything."""
        self._stream.beat()

    def close(self) -> None:
        """End the stream. What subscribers hold stays readable to them."""
        if self._desk.unanswered:
            with contextlib.suppress(TransportError):  # closed already, or a forked child's
                self._desk.settle()
        self._stream.close()
