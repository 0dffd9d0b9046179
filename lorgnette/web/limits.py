"""How often somebody may name a wrong token: a few times at once, then seldom. Right tokens cost nothing."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Failures"]

OF_ONE: Final = (10.0, 0.2)  # failures at once, and failures a second from then on, of one address
OF_ALL: Final = (100.0, 2.0)  # of all addresses that have failed lately
MOST_ADDRESSES: Final = 1024  # remembered; the one that was heard of least lately is forgotten


class _Level:
    """What has failed lately: rises by one a failure, falls steadily."""

    __slots__ = ("most", "per_s", "stamp", "value")

    def __init__(self, most: float, per_s: float, now: float) -> None:
        self.most, self.per_s, self.stamp, self.value = most, per_s, now, 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until another failure has room; 0 if it has."""
        self.value = max(0.0, self.value - (now - self.stamp) * self.per_s)
        self.stamp = now
        return max(0.0, (self.value + 1 - self.most) / self.per_s)

    def rise(self, now: float) -> None:
        """Count a failure. Full is full: a long attack makes nobody wait longer."""
        self.wait_s(now)
        self.value = min(self.value + 1, self.most)


class Failures:
    """Failed attempts by address, and all together. The memory is bounded, no call waits.

    What all addresses together have done holds up only those that have failed themselves: an attacker elsewhere keeps
    nobody out who names the right token at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._addresses: OrderedDict[str, _Level] = OrderedDict()
        self._all = _Level(*OF_ALL, clock())

    def wait_s(self, address: str) -> float:
        """Seconds that this address has to wait before its next failure is no longer one too many; 0 if it is none."""
        now = self._clock()
        level = self._addresses.get(_network(address))
        return max(level.wait_s(now), self._all.wait_s(now)) if level else 0.0

    def add(self, address: str) -> bool:
        """Count a failure; tells whether it was the one that used up what this address may fail."""
        now = self._clock()
        network = _network(address)
        level = self._addresses.setdefault(network, _Level(*OF_ONE, now))
        self._addresses.move_to_end(network)
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        free = not level.wait_s(now)
        level.rise(now)
        self._all.rise(now)
        return free and level.wait_s(now) > 0


def _network(address: str) -> str:
    """An IPv4 address, or the network that one owner of IPv6 addresses has."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else address
