"""Limits the use of the network: whether it is allowed, how long a transfer may take, which machines are public."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from semsearch.errors import FetchError

_OFFLINE = ("SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE")
_ON = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Network:
    """What a command may do on the network; decided once and passed on unchanged."""

    offline: bool = False
    patience: float = 30.0  # seconds to wait for an answer or for the next byte, and at most between two tries
    tries: int = 5  # requests in a row without a single byte, after which a transfer fails
    least_rate: float = 10_000.0  # bytes per second
    slack: float = 60.0  # seconds that a transfer may fall behind the least rate
    public_only: bool = False  # only machines on the internet, for addresses that the user did not name

    def check_allowed(self, location: str) -> None:
        """Raise FetchError if the network is switched off, by `offline` or by the environment."""
        switches = ["--offline"] if self.offline else [name for name in _OFFLINE if _is_set(name)]
        if switches:
            raise FetchError(
                f"{location} was not fetched: {switches[0]} is set",
                f"{'leave out' if self.offline else 'unset'} {switches[0]}, or name a file instead",
            )


_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Addresses of IPv4 that a gateway reaches from IPv6 (RFC 6052)."""

_ASSIGNED = IPv4Network("192.0.0.0/24")
"""Addresses for protocols, not for sites (RFC 6890); some clouds answer there with secrets."""

NETWORK = Network()
"""What a command may do by default."""


class Pace:
    """How much longer one transfer may wait.

    It begins with `slack` seconds. Waiting uses them up, and each byte that arrives earns some back, so that a transfer
    ends if it is slower than the least rate on average. The caller's own work between two waits does not count.
    """

    def __init__(self, network: Network) -> None:
        """Begin a transfer."""
        self._network = network
        self._seconds_left = network.slack
        self._deadline = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the transfer has fallen behind by more than the slack."""
        return self._seconds_left <= 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time of the block, which has `patience` seconds, or fewer if less time is left."""
        start = time.monotonic()
        self._deadline = start + min(self._network.patience, self._seconds_left)
        try:
            yield
        finally:
            self._seconds_left -= time.monotonic() - start

    def remaining(self) -> float:
        """Return the seconds left of the current wait, more than 0; raises TimeoutError if there are none."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def earn(self, received: int) -> None:
        """Count bytes that have arrived."""
        self._seconds_left = min(self._network.slack, self._seconds_left + received / self._network.least_rate)

    def pause(self, failures: int, least: float) -> None:
        """Sleep before the next try: longer after each failure, and if possible as long as the server asked for."""
        patience = self._network.patience
        seconds = max(least, patience / 60 * 2 ** (failures - 1))
        with self.waiting():
            time.sleep(max(0.0, min(seconds, patience, self._seconds_left)))


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the internet, and not of this machine or a private network."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        translated = IPv4Address(int(ip) % 2**32) if ip in _TRANSLATED else None
        ip = ip.ipv4_mapped or ip.sixtofour or translated or ip
    special = ip.is_multicast or ip.is_reserved or ip in _ASSIGNED or (isinstance(ip, IPv6Address) and ip.is_site_local)
    return ip.is_global and not special


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in _ON
