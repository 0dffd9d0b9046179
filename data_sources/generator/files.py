"""Making a file of events: it gets its name when it is complete, and whatever ends it before leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from .draft import draft
from .events import Options, Table, events
from .grid import grid
from .writers import Batch, ParquetWriter, RntupleWriter, RootWriter, Writer

KINDS: Final[Mapping[str, Callable[[Path], Writer]]] = {".root": RootWriter, ".parquet": ParquetWriter}
MAX_EVENTS_AT_ONCE: Final = 1000


def generate(
    path: Path, options: Options, count: int, *, rntuple: bool = False, geometry: bool = False
) -> Generator[Mapping[str, Table], None, None]:
    """Make a file of `count` events, a ROOT or Parquet one by its suffix; one that is there is replaced.

    Gives each event when it is made; the file is complete when this ends. Ended before (by an error, an interruption or
    `close`), it leaves no file.

    Args:
        path: ends in .root or .parquet.
        options: what the events are made of.
        count: how many.
        rntuple: an RNTuple instead of a TTree.
        geometry: the tree of all trigger cells, too. Both are for ROOT only.

    Raises:
        OSError: if it cannot be written.
    """
    with draft(path) as hidden, _opened(RntupleWriter if rntuple else KINDS[path.suffix], hidden) as writer:
        yield from _write(writer, events(options, count))
        if geometry:
            assert isinstance(writer, RootWriter)
            writer.write_geometry(grid())


@contextmanager
def _opened(make: Callable[[Path], Writer], path: Path) -> Iterator[Writer]:
    writer = make(path)
    try:
        yield writer
    except BaseException:
        with suppress(Exception):  # it cannot be finished; what matters is that the file is closed
            writer.close()
        raise
    writer.close()


def _write(writer: Writer, made: Iterable[Mapping[str, Table]]) -> Iterator[Mapping[str, Table]]:
    """Write events in batches, and hand them on."""
    batch: Batch = []
    cells = 0
    for number, event in enumerate(made):
        batch.append((number, event))
        cells += len(event["tc"]["energy"])
        enough = len(batch) >= writer.least_events and cells >= writer.least_cells
        if enough or len(batch) >= MAX_EVENTS_AT_ONCE:
            writer.write(batch)
            batch, cells = [], 0
        yield event
    if batch:
        writer.write(batch)
