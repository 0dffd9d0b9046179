"""`Publisher`: what a program uses to show its frames, records and state, and to receive commands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import backend as kinds
from .backend import Array, Backend, Field, FrameWriter, RecordWriter, StreamWriter
from .encoding import encode_json
from .errors import DtypeError, ShapeError
from .mapped import MappedBackend
from .names import checked_key, checked_name

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on

DEFAULT_FRAMES = "frame"
DEFAULT_RECORDS = "log"
_PICTURES = {None: kinds.GREY, 3: kinds.RGB, 4: kinds.RGBA}


class PublishedState(MutableMapping[str, Any]):
    """The publisher's state: a mapping whose values subscribers see, the latest of each.

    A value is anything that JSON can hold (numpy scalars too) or a numeric numpy array.
    """

    def __init__(self, stream: StreamWriter) -> None:
        self._stream = stream
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._stream.put_state(checked_key(key), *_encode_state(key, value))
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._stream.put_state(key, np.empty(0, np.uint8), kinds.REMOVED)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"PublishedState({self._values!r})"


def _encode_state(key: str, value: Any) -> tuple[Array, int]:
    if isinstance(value, np.ndarray):
        return value, kinds.PLAIN
    return np.frombuffer(encode_json(value, f"State {key!r}"), np.uint8), kinds.JSON_TEXT


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
        self.state = PublishedState(self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_stream"):
            self.close()

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

    def commands(self) -> list[dict[str, Any]]:
        """Return what browsers and subscribers sent since the last call, oldest first, never waiting.

        Anybody of this user may send: look at what a command says before obeying. What is not a JSON object is
        dropped.
        """
        found = []
        for text in self._stream.commands():
            try:
                command = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(command, dict):
                found.append(command)
        return found

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
        self._stream.close()
