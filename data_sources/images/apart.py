"""Work in a process of its own, for what is done in pure Python and would keep this one's other threads waiting.

The other process calls one function with a path and simple arguments, and leaves its result, named arrays, in a file.
What it says of its progress and its errors comes as lines of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from lorgnette.home import find_home

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["call"]

LAST_S: Final = 120.0  # after which it is given up
NICE: Final = 5

Arrays = dict[str, "NDArray[np.generic]"]
Tell = Callable[[float], None]


def call(
    module: str, function: str, path: Path, arguments: Mapping[str, Any], tell: Tell | None = None, name: str = ""
) -> Arrays:
    """Call `function(path, tell, **arguments)` of a module in another process, and return the arrays that it gives.

    Args:
        module: where the function is.
        function: its name; it returns a dictionary of arrays of numbers and texts.
        path: of the file that it reads.
        arguments: what JSON can say.
        tell: is told how much is done, 0 to 1.
        name: of the file, for errors.

    Raises:
        SourceError: as the function raised it, or if it came to no end.
    """
    import numpy as np  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="lorgnette-") as directory:
        result = Path(directory) / "result.npz"
        order = json.dumps([module, function, str(path), dict(arguments), str(result)])
        paths = dict.fromkeys([str(Path(__file__).parents[2]), str(find_home()), *filter(None, sys.path)])
        with subprocess.Popen(
            [sys.executable, "-c", "from data_sources.images.apart import main; main()", order],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        ) as process:
            assert process.stderr is not None
            trouble: list[bytes] = []
            stderr = process.stderr
            listener = threading.Thread(target=lambda: trouble.append(stderr.read(100_000)), daemon=True)
            watch = threading.Timer(LAST_S, process.kill)
            listener.start()
            watch.start()
            try:
                said = _listen(process, tell)
            finally:
                watch.cancel()
                process.kill()
            process.wait()
            listener.join(1.0)
        if said.get("done"):
            with np.load(result, allow_pickle=False) as arrays:
                return {key: arrays[key] for key in arrays.files}
    if "what" in said:
        raise SourceError(said["what"], where=said["where"], why=said["why"], remedy=said["remedy"])
    last = b"".join(trouble).decode("utf-8", "replace").strip().rpartition("\n")[2]
    raise SourceError(
        f"{name or path.name} could not be read.", why=last[:300] or f"It took longer than {LAST_S:.0f} seconds."
    )


def _listen(process: subprocess.Popen[bytes], tell: Tell | None) -> dict[str, Any]:
    """Hear what the process says, until its last word."""
    assert process.stdout is not None
    for line in process.stdout:
        try:
            said = json.loads(line)
        except ValueError:
            continue  # something there prints
        if isinstance(said, dict) and "part" in said:
            if tell is not None:
                tell(float(said["part"]))
        elif isinstance(said, dict):
            return said
    return {}


def main() -> None:
    """Do what is asked for, in the other process."""
    import numpy as np  # noqa: PLC0415

    if hasattr(os, "nice"):
        os.nice(NICE)
    module, function, path, arguments, result = json.loads(sys.argv[1])
    told = 0.0

    def tell(part: float) -> None:
        nonlocal told
        if part >= told + 0.01:
            told = part
            _say({"part": part})

    try:
        arrays = getattr(importlib.import_module(module), function)(Path(path), tell, **arguments)
        np.savez(result, **arrays)
    except SourceError as error:
        _say({"what": error.what, "where": error.where, "why": error.why, "remedy": error.remedy})
    else:
        _say({"done": True})


def _say(what: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
