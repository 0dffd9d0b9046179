"""This machine's own load as a stream: processors, memory, disks and network, twice a second.

    python -m lorgnette.integrations.system

It needs psutil (`pip install psutil`), takes the command `set_rate`, and ends at Ctrl-C, at a polite signal, or with
`--until-stdin-closes` when its parent does. A number that the machine does not tell (containers hide some) is NaN, so
that the fields stay the same.
"""

from __future__ import annotations

import importlib
import math
import os
import platform
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import lorgnette
from lorgnette.integrations.standalone import Clock, parser, run

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CORES = 200  # core fields; with the other ten they stay below the 256 fields of a record
MIN_RATE_HZ, MAX_RATE_HZ = 0.01, 50.0  # the kernel counts processor time in steps of 10 ms, so faster shows nothing
RATE_HZ = 2.0
UNREADABLE = (OSError, RuntimeError, ValueError, LookupError, AttributeError)  # what psutil raises where /proc is cut
_COUNTERS = {
    "disk_read_bytes_per_s": ("disk_io_counters", "read_bytes"),
    "disk_write_bytes_per_s": ("disk_io_counters", "write_bytes"),
    "net_received_bytes_per_s": ("net_io_counters", "bytes_recv"),
    "net_sent_bytes_per_s": ("net_io_counters", "bytes_sent"),
}


class SystemLoad:
    """Reads the load of this machine. Rates are means since the sample before, or since the object was made."""

    def __init__(self, now: float, psutil: Any = None) -> None:  # noqa: ANN401  (a module, or a test's stand-in)
        """Start counting. `now` is in seconds of any clock that never goes back. Raises ImportError without psutil."""
        self._psutil = psutil or _psutil()
        self._read("cpu_percent", percpu=True)  # the first answer of psutil means nothing; it starts the measurement
        self._then, self._counts = now, self._count()

    def sample(self, now: float) -> dict[str, float]:
        """Every number at the time `now` (seconds, same clock): percent, bytes, bytes per second; NaN if untold."""
        cores = self._read("cpu_percent", percpu=True) or []
        memory, swap = self._read("virtual_memory"), self._read("swap_memory")
        load = self._read("getloadavg") or [math.nan]
        fields = {"cpu_percent": sum(cores) / len(cores) if cores else math.nan}
        fields |= {f"cpu{index}_percent": float(core) for index, core in enumerate(cores[:MAX_CORES])}
        fields |= {
            "memory_percent": _number(memory, "percent"),
            "memory_used_bytes": _number(memory, "used"),
            "swap_percent": _number(swap, "percent"),
            "swap_used_bytes": _number(swap, "used"),
        }
        seconds, counts = now - self._then, self._count()
        for name, count in counts.items():
            grown = count - self._counts[name]  # it falls when a device is unplugged or a counter wraps around
            fields[name] = grown / seconds if seconds > 0 and grown >= 0 else math.nan
        self._then, self._counts = now, counts
        return fields | {"load_1min": float(load[0])}

    def facts(self) -> dict[str, object]:
        """What does not change while the machine runs."""
        return {
            "hostname": socket.gethostname(),
            "platform": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "memory_bytes": getattr(self._read("virtual_memory"), "total", None),
            "boot_time_unix_s": self._read("boot_time"),
        }

    def _count(self) -> dict[str, float]:
        readings = {source: self._read(source) for source, _ in _COUNTERS.values()}
        return {name: _number(readings[source], field) for name, (source, field) in _COUNTERS.items()}

    def _read(self, name: str, **how: bool) -> Any:  # noqa: ANN401  (psutil's own types)
        try:
            return getattr(self._psutil, name)(**how)
        except UNREADABLE:
            return None


def _psutil() -> Any:  # noqa: ANN401
    try:
        return importlib.import_module("psutil")
    except ModuleNotFoundError:
        raise ImportError("The load of this machine is read with psutil. Install it: pip install psutil") from None


def _number(reading: object, field: str) -> float:
    return float(getattr(reading, field, math.nan))


def publish(publisher: lorgnette.Publisher, load: SystemLoad, clock: Clock) -> None:
    """Publish samples until the clock ends, and obey `set_rate` meanwhile."""
    publisher.state["machine"] = load.facts()
    publisher.declare_command(
        "set_rate",
        {"rate": float},
        minimum=MIN_RATE_HZ,
        maximum=MAX_RATE_HZ,
        default=RATE_HZ,
        help="Samples a second.",
    )

    def listen() -> None:
        for command in publisher.commands():
            if command.name == "set_rate":
                clock.rate_hz = command["rate"]
                command.done(f"{clock.rate_hz:g} samples/s from now on")

    for now in clock.turns(listen):
        publisher.log(**load.sample(now))


def main(argv: Sequence[str] | None = None) -> int:
    """Publish until told to end. Returns 0, or 1 with one line on stderr if that is impossible."""
    rates = (MIN_RATE_HZ, MAX_RATE_HZ)
    told = "Publish this machine's load (processors, memory, disks, network) as a stream, until Ctrl-C."
    arguments = parser("lorgnette.integrations.system", told, name="system", rate_hz=RATE_HZ, rates_hz=rates)
    options = arguments.parse_args(argv)
    clock = Clock(options.rate, until_stdin_closes=options.until_stdin_closes)

    def work() -> None:
        load = SystemLoad(time.monotonic())
        with lorgnette.Publisher(options.name) as publisher:
            publish(publisher, load, clock)

    return run("system", work)


if __name__ == "__main__":
    sys.exit(main())
