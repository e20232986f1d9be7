"""Settings of a server: who may send requests, and how many."""

from dataclasses import dataclass, field

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

PORT = 8765


@dataclass(frozen=True)
class Settings:
    """The options of `semsearch serve`."""

    host: str = "127.0.0.1"  # the address to listen on
    port: int = PORT  # 0: any that is free
    token: str | None = None  # that every request for data has to send; None: no token is needed
    hosts: frozenset[str] = field(default_factory=frozenset)  # names of this server, besides its address
    origins: frozenset[str] = field(default_factory=frozenset)  # other sites whose pages may ask: "https://a.example"
    model: str | None = None  # another than the index's own
    workers: int = 2  # queries computed at once in this process
    processes: int = 0  # others that search, one query at a time each; 0: this process searches, too
    waiting: int = 64  # requests that wait for a worker; more are refused with 429
    connections: int = 500  # more are refused with 503
    body_bytes: int = 1 << 20
    request_seconds: float = 10.0  # in which a request has to arrive completely
    answer_seconds: float = 30.0  # that a query may take
    renewal_seconds: float = 1.0  # between two checks for a newer generation

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can send requests."""
        return self.host in LOOPBACK

    def allows_host(self, name: str) -> bool:
        """Tell whether a request may name this host; any, if the server listens on all addresses and needs a token."""
        if name in LOOPBACK | self.hosts | {self.host.lower()}:
            return True
        return self.host in ("0.0.0.0", "::") and not self.hosts and self.token is not None  # noqa: S104  compared
