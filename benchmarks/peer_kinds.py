"""Ways to bring frames and records from one process to another, Lorgnette among them, each as its own users do it.

A kind makes what both processes share, then a sender in the one and a receiver in the other. Frames are arrays of
`timing.SHAPE`; records are eight floats, 64 bytes. A receiver returns a frame once, as an array that is in its hands:
its own copy, or memory that the transport has left to it.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import queue
import shutil
import struct
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from multiprocessing.context import SpawnContext
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from timing import MEMORY, SHAPE

import lorgnette

Record = Sequence[float]
RECORD = struct.Struct("=8d")
NBYTES = int(np.prod(SHAPE))
WAIT_MS = 100  # of a receiver that blocks: then it looks whether the run is over


class Sender(ABC):
    """The producer's end."""

    @abstractmethod
    def frame(self, image: np.ndarray) -> None:
        """Publish a frame."""

    @abstractmethod
    def record(self, record: Record) -> None:
        """Publish a record."""

    def close(self) -> None:
        """Let go."""


class Receiver(ABC):
    """The reader's end."""

    blocks: ClassVar[bool] = False  # frame() waits by itself; the others are asked every 0.2 ms

    @abstractmethod
    def frame(self) -> np.ndarray | None:
        """Return the newest frame if it is new."""

    def kept(self) -> bool:
        """Tell whether the frame that `frame` returned is still whole; asked after its use."""
        return True

    @abstractmethod
    def records(self) -> int:
        """Take what is there; return how many records that was."""

    def close(self) -> None:
        """Let go."""


class Kind(ABC):
    """One way. Objects of it are made in the main process and handed to both others."""

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()  # modules to import, called as the packages are
    locks: ClassVar[bool] = False  # the producer waits for a lock that its reader may hold, for ever if that is stopped
    shared: Any = None

    def missing(self) -> str:
        """Return a sentence saying what to install, "" if all is there."""
        absent = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return f"{self.title} is left out: pip install {' '.join(absent)}" if absent else ""

    def open(self, context: SpawnContext) -> None:
        """Make what both ends share."""

    def server(self) -> int | None:
        """Return the process number of a helper process whose work counts as well."""
        return None

    @abstractmethod
    def sender(self) -> Sender:
        """Make the producer's end."""

    @abstractmethod
    def receiver(self) -> Receiver:
        """Make the reader's end."""

    def close(self) -> None:
        """Remove what is left."""


# Lorgnette


class LorgnetteSender(Sender):
    def __init__(self) -> None:
        self.publisher = lorgnette.Publisher("peers")
        fields = np.dtype([("time", "<f8"), *((name, "<f8") for name in "abcdefg")])
        self._push = self.publisher.records("records", fields).push

    def frame(self, image: np.ndarray) -> None:
        self.publisher.frame(image)

    def record(self, record: Record) -> None:
        self._push(*record)

    def close(self) -> None:
        self.publisher.close()


class LorgnettePoller(Receiver):
    def __init__(self) -> None:
        self._subscriber = lorgnette.Subscriber("peers")
        self._buffer = np.empty(SHAPE, np.uint8)

    def frame(self) -> np.ndarray | None:
        return self._subscriber.frame(out=self._buffer)

    def records(self) -> int:
        return len(self._subscriber.records("records"))

    def close(self) -> None:
        self._subscriber.close()


class LorgnetteReceiver(LorgnettePoller):
    blocks = True

    def frame(self) -> np.ndarray | None:
        return super().frame() if self._subscriber.wait(timeout_s=WAIT_MS / 1000) else None


class LorgnetteViewer(LorgnettePoller):
    blocks = True

    def __init__(self) -> None:
        super().__init__()
        self._view: Any = None

    def frame(self) -> np.ndarray | None:
        if not self._subscriber.wait(timeout_s=WAIT_MS / 1000):
            return None
        self._view = self._subscriber.view()
        return None if self._view is None else self._view.array

    def kept(self) -> bool:
        return bool(self._view.valid())


class Lorgnette(Kind):
    name, title = "lorgnette", "Lorgnette, wait() and frame(out=)"

    def sender(self) -> Sender:
        return LorgnetteSender()

    def receiver(self) -> Receiver:
        return LorgnetteReceiver()


class LorgnettePolled(Lorgnette):
    name, title = "lorgnette-poll", "Lorgnette, frame(out=) each 0.2 ms"

    def receiver(self) -> Receiver:
        return LorgnettePoller()


class LorgnetteInPlace(Lorgnette):
    name, title = "lorgnette-view", "Lorgnette, wait() and view()"

    def receiver(self) -> Receiver:
        return LorgnetteViewer()


# Nothing at all: what pacing, stamping and asking cost by themselves


class NothingSender(Sender):
    def frame(self, image: np.ndarray) -> None:
        pass

    def record(self, record: Record) -> None:
        pass


class NothingReceiver(Receiver):
    def frame(self) -> np.ndarray | None:
        return None

    def records(self) -> int:
        return 0


class Nothing(Kind):
    name, title = "nothing", "(nothing: the loops alone)"

    def sender(self) -> Sender:
        return NothingSender()

    def receiver(self) -> Receiver:
        return NothingReceiver()


# Plain shared memory of the standard library: a counter, a frame, one record. The counter is read without a copy.


class MemorySender(Sender):
    def __init__(self, memory: Any, lock: Any) -> None:
        self._memory = memory  # keeps a SharedMemory alive under its views
        buffer = memory.buf if isinstance(memory, SharedMemory) else memoryview(memory).cast("B")
        self._words = buffer[:64].cast("Q")
        self._record = buffer[64:128]
        self._frame = np.frombuffer(buffer, np.uint8, NBYTES, 4096).reshape(SHAPE)
        self._lock = lock

    def frame(self, image: np.ndarray) -> None:
        with self._lock:
            np.copyto(self._frame, image)
            self._words[0] += 1

    def record(self, record: Record) -> None:
        with self._lock:
            RECORD.pack_into(self._record, 0, *record)
            self._words[1] += 1

    def close(self) -> None:
        self._words.release()
        self._record.release()
        del self._frame
        if isinstance(self._memory, SharedMemory):
            with contextlib.suppress(BufferError):
                self._memory.close()


class MemoryReceiver(Receiver):
    def __init__(self, memory: Any, lock: Any) -> None:
        self._sides = MemorySender(memory, lock)
        self._lock = lock
        self._last = [0, 0]
        self._buffer = np.empty(SHAPE, np.uint8)

    def frame(self) -> np.ndarray | None:
        sides = self._sides
        with self._lock:
            number = sides._words[0]  # noqa: SLF001
            if number == self._last[0]:
                return None
            self._last[0] = number
            np.copyto(self._buffer, sides._frame)  # noqa: SLF001
        return self._buffer

    def records(self) -> int:
        with self._lock:
            number = self._sides._words[1]  # noqa: SLF001
            new, self._last[1] = number != self._last[1], number
            bytes(self._sides._record)  # noqa: SLF001
        return int(new)

    def close(self) -> None:
        self._sides.close()


class RawMemory(Kind):
    name, title = "rawarray", "RawArray + numpy"

    def open(self, context: SpawnContext) -> None:
        self.shared = context.RawArray(ctypes.c_uint8, 4096 + NBYTES)

    def sender(self) -> Sender:
        return MemorySender(self.shared, contextlib.nullcontext())

    def receiver(self) -> Receiver:
        return MemoryReceiver(self.shared, contextlib.nullcontext())


class LockedMemory(Kind):
    name, title, locks = "sharedmemory-lock", "SharedMemory + Lock", True

    def open(self, context: SpawnContext) -> None:
        memory = SharedMemory(create=True, size=4096 + NBYTES)
        self.shared = (memory.name, context.Lock())
        memory.close()

    def sender(self) -> Sender:
        return MemorySender(SharedMemory(self.shared[0]), self.shared[1])

    def receiver(self) -> Receiver:
        return MemoryReceiver(SharedMemory(self.shared[0]), self.shared[1])

    def close(self) -> None:
        memory = SharedMemory(self.shared[0])
        memory.close()
        memory.unlink()


# Queues of the standard library


class QueueSender(Sender):
    def __init__(self, shared: tuple[Any, Any]) -> None:
        self._frames, self._records = shared

    def frame(self, image: np.ndarray) -> None:
        with contextlib.suppress(queue.Full):
            # A copy, since a thread pickles it later, when the program may be drawing the next one.
            self._frames.put_nowait(image.copy())

    def record(self, record: Record) -> None:
        self._records.put(record)

    def close(self) -> None:
        self._frames.cancel_join_thread()
        self._records.cancel_join_thread()


class QueueReceiver(Receiver):
    blocks = True

    def __init__(self, shared: tuple[Any, Any]) -> None:
        self._frames, self._records = shared

    def frame(self) -> np.ndarray | None:
        try:
            image: np.ndarray = self._frames.get(timeout=WAIT_MS / 1e3)
        except queue.Empty:
            return None
        return image

    def records(self) -> int:
        count = 0
        with contextlib.suppress(queue.Empty):
            while True:
                self._records.get_nowait()
                count += 1
        return count


class Queues(Kind):
    name, title = "queue", "multiprocessing.Queue"

    def open(self, context: SpawnContext) -> None:
        self.shared = (context.Queue(maxsize=2), context.Queue())

    def sender(self) -> Sender:
        return QueueSender(self.shared)

    def receiver(self) -> Receiver:
        return QueueReceiver(self.shared)


class ManagedSender(Sender):
    def __init__(self, shared: tuple[Any, Any]) -> None:
        self._values, self._records = shared
        self._number = 0

    def frame(self, image: np.ndarray) -> None:
        self._number += 1
        self._values.update({"frame": image, "number": self._number})

    def record(self, record: Record) -> None:
        self._records.put(record)


class ManagedReceiver(Receiver):
    def __init__(self, shared: tuple[Any, Any]) -> None:
        self._values, self._records = shared
        self._last = 0

    def frame(self) -> np.ndarray | None:
        number = self._values.get("number", 0)
        if number == self._last:
            return None
        self._last = number
        image: np.ndarray = self._values["frame"]
        return image

    def records(self) -> int:
        count = 0
        with contextlib.suppress(queue.Empty):
            while True:
                self._records.get_nowait()
                count += 1
        return count


class Managed(Kind):
    name, title, needs = "manager", "Manager dict and Queue (as napari)", ("psutil",)
    _manager: Any = None

    def open(self, context: SpawnContext) -> None:
        self._manager = context.Manager()
        self.shared = (self._manager.dict(), self._manager.Queue())

    def __getstate__(self) -> dict[str, Any]:
        return {"shared": self.shared}  # the manager itself stays where it is

    def server(self) -> int | None:
        return int(self._manager._process.pid)  # noqa: SLF001

    def sender(self) -> Sender:
        return ManagedSender(self.shared)

    def receiver(self) -> Receiver:
        return ManagedReceiver(self.shared)

    def close(self) -> None:
        self._manager.shutdown()


# Packages


class UltraSender(Sender):
    def __init__(self, name: str) -> None:
        from UltraDict import UltraDict

        # Room for ten frames in its stream, and a fixed place for the dumps that follow when that is full.
        self._values = UltraDict(name=name, create=True, buffer_size=1 << 25, full_dump_size=1 << 23, shared_lock=True)

    def frame(self, image: np.ndarray) -> None:
        self._values["frame"] = image

    def record(self, record: Record) -> None:
        self._values["record"] = record

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._values.close()


class UltraReceiver(Receiver):
    def __init__(self, name: str) -> None:
        from UltraDict import UltraDict

        self._values = UltraDict(name=name, create=False, shared_lock=True)
        self._last: dict[str, Any] = {}

    def _new(self, key: str) -> Any:
        value = self._values.get(key)
        if value is None or value is self._last.get(key):
            return None
        self._last[key] = value
        return value

    def frame(self) -> np.ndarray | None:
        image: np.ndarray | None = self._new("frame")
        return image

    def records(self) -> int:
        return int(self._new("record") is not None)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._values.close()


class Ultra(Kind):
    name, title, needs = "ultradict", "UltraDict", ("UltraDict", "atomics", "psutil")
    locks = True

    def open(self, context: SpawnContext) -> None:  # noqa: ARG002
        self.shared = f"lorgnette-ultra-{os.getpid()}-{os.urandom(3).hex()}"

    def sender(self) -> Sender:
        return UltraSender(self.shared)

    def receiver(self) -> Receiver:
        return UltraReceiver(self.shared)

    def close(self) -> None:
        for ending in ("", "_memory", "_full"):
            with contextlib.suppress(FileNotFoundError):
                memory = SharedMemory(self.shared + ending)
                memory.close()
                memory.unlink()


class ZmqSender(Sender):
    def __init__(self, folder: str) -> None:
        import zmq

        self._context = zmq.Context()
        self._frames, self._records = (self._context.socket(zmq.PUB) for _ in range(2))
        self._frames.setsockopt(zmq.CONFLATE, 1)
        self._records.setsockopt(zmq.SNDHWM, 1_000_000)
        self._frames.bind(f"ipc://{folder}/frames")
        self._records.bind(f"ipc://{folder}/records")

    def frame(self, image: np.ndarray) -> None:
        self._frames.send(image)

    def record(self, record: Record) -> None:
        self._records.send(RECORD.pack(*record))

    def close(self) -> None:
        self._context.destroy(linger=0)


class ZmqReceiver(Receiver):
    blocks = True

    def __init__(self, folder: str) -> None:
        import zmq

        self._again = zmq.Again
        self._at_once = zmq.NOBLOCK
        self._context = zmq.Context()
        self._frames, self._records = (self._context.socket(zmq.SUB) for _ in range(2))
        self._frames.setsockopt(zmq.CONFLATE, 1)
        self._frames.setsockopt(zmq.RCVTIMEO, WAIT_MS)
        self._records.setsockopt(zmq.RCVHWM, 1_000_000)
        for socket, name in ((self._frames, "frames"), (self._records, "records")):
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.connect(f"ipc://{folder}/{name}")

    def frame(self) -> np.ndarray | None:
        try:
            message = self._frames.recv(copy=False)
        except self._again:
            return None
        return np.frombuffer(message.buffer, np.uint8).reshape(SHAPE)

    def records(self) -> int:
        count = 0
        with contextlib.suppress(self._again):
            while True:
                self._records.recv(self._at_once)
                count += 1
        return count

    def close(self) -> None:
        self._context.destroy(linger=0)


class Zmq(Kind):
    name, title, needs = "pyzmq", "pyzmq ipc, CONFLATE", ("zmq",)

    def missing(self) -> str:
        return super().missing().replace(" zmq", " pyzmq")

    def open(self, context: SpawnContext) -> None:  # noqa: ARG002
        self.shared = tempfile.mkdtemp(prefix="lorgnette-zmq-")

    def sender(self) -> Sender:
        return ZmqSender(self.shared)

    def receiver(self) -> Receiver:
        return ZmqReceiver(self.shared)

    def close(self) -> None:
        shutil.rmtree(self.shared, ignore_errors=True)


class IceoryxNode:
    """A node with its two services; its files have a directory and a prefix of their own."""

    def __init__(self, folder: str) -> None:
        import iceoryx2

        self.module = iceoryx2
        iceoryx2.set_log_level(iceoryx2.LogLevel.Fatal)
        config = iceoryx2.config.default()
        config.global_cfg.root_path = iceoryx2.Path.new(folder)
        config.global_cfg.prefix = iceoryx2.FileName.new(f"{Path(folder).name}_")
        self.node = iceoryx2.NodeBuilder.new().config(config).create(iceoryx2.ServiceType.Ipc)
        # By default the oldest sample gives way when a reader's buffer is full: here a buffer of one frame.
        self.frames = self._service("frames", 1)
        self.records = self._service("records", 65_536)

    def _service(self, name: str, buffer_size: int) -> Any:
        payload = self.module.Slice[ctypes.c_uint8]
        builder = self.node.service_builder(self.module.ServiceName.new(name)).publish_subscribe(payload)
        builder = builder.subscriber_max_buffer_size(buffer_size).max_publishers(1).max_subscribers(1)
        return builder.open_or_create()


class IceoryxSender(Sender):
    def __init__(self, folder: str) -> None:
        self._node: Any = IceoryxNode(folder)
        self._frames: Any = self._node.frames.publisher_builder().initial_max_slice_len(NBYTES).create()
        self._records: Any = self._node.records.publisher_builder().initial_max_slice_len(RECORD.size).create()

    def frame(self, image: np.ndarray) -> None:
        sample = self._frames.loan_slice_uninit(NBYTES)
        ctypes.memmove(sample.payload_ptr, image.ctypes.data, NBYTES)
        sample.assume_init().send()

    def record(self, record: Record) -> None:
        sample = self._records.loan_slice_uninit(RECORD.size)
        ctypes.memmove(sample.payload_ptr, RECORD.pack(*record), RECORD.size)
        sample.assume_init().send()

    def close(self) -> None:
        self._frames = self._records = self._node = None


class IceoryxViewer(Receiver):
    def __init__(self, folder: str) -> None:
        self._node: Any = IceoryxNode(folder)
        self._frames: Any = self._node.frames.subscriber_builder().create()
        self._records: Any = self._node.records.subscriber_builder().create()
        self._sample: Any = None

    def frame(self) -> np.ndarray | None:
        sample = self._frames.receive()
        if sample is None:
            return None
        self._sample = sample  # the memory is ours for as long as we hold this
        return np.frombuffer(sample.payload().as_memory_view(), np.uint8).reshape(SHAPE)

    def records(self) -> int:
        count = 0
        while self._records.receive() is not None:
            count += 1
        return count

    def close(self) -> None:
        self._sample = self._frames = self._records = self._node = None


class IceoryxReceiver(IceoryxViewer):
    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._buffer = np.empty(SHAPE, np.uint8)

    def frame(self) -> np.ndarray | None:
        image = super().frame()
        if image is None:
            return None
        np.copyto(self._buffer, image)
        self._sample = None
        return self._buffer


class Iceoryx(Kind):
    name, title, needs = "iceoryx2", "iceoryx2, copied out", ("iceoryx2",)

    def open(self, context: SpawnContext) -> None:  # noqa: ARG002
        self.shared = tempfile.mkdtemp(prefix="lorgnette-iox-")

    def sender(self) -> Sender:
        return IceoryxSender(self.shared)

    def receiver(self) -> Receiver:
        return IceoryxReceiver(self.shared)

    def close(self) -> None:
        shutil.rmtree(self.shared, ignore_errors=True)
        for path in Path(MEMORY).glob(f"{Path(self.shared).name}_*"):
            path.unlink(missing_ok=True)


class IceoryxInPlace(Iceoryx):
    name, title = "iceoryx2-view", "iceoryx2, in place"

    def receiver(self) -> Receiver:
        return IceoryxViewer(self.shared)


KINDS: tuple[type[Kind], ...] = (
    Lorgnette,
    LorgnettePolled,
    LorgnetteInPlace,
    RawMemory,
    LockedMemory,
    Queues,
    Managed,
    Ultra,
    Zmq,
    Iceoryx,
    IceoryxInPlace,
    Nothing,
)
