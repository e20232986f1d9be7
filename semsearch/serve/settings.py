"""Settings of a server: who may send requests, and how many."""

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from semsearch.errors import UsageError

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

PORT = 8765


_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_name(text: str) -> str:
    """Return a name of this server as requests are compared with it; raises UsageError for what is no name."""
    name = text.lower()
    if not name or set(name) & set("/@*?# ") or name.count(":") == 1:  # IPv6 has more
        raise UsageError(
            f"{text!r} is not the name of a host", "write it without https:// and port: search.example.org"
        )
    return name


def site_origin(text: str) -> str:
    """Return the origin of a site as browsers write it; raises UsageError for what is none."""
    try:
        parts = urlsplit(text.rstrip("/"))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or "*" in host or parts.geturl() != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise UsageError(f"{text!r} is not the origin of a site", "write its scheme and host: https://desk.example.org")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else "")


def token_in(file: Path) -> str:
    """Return the token that a file holds; raises UsageError if it holds nothing."""
    token = file.read_bytes().removeprefix(BOM_UTF8).decode("ascii", "replace").strip()
    if not token:
        raise UsageError(f"{file} is empty", "write a token into it: openssl rand -hex 32")
    return token


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

    def __post_init__(self) -> None:
        """Refuse a token that no client could send; raises UsageError."""
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            hint = "write one line of letters and digits, not in UTF-16: openssl rand -hex 32"
            raise UsageError("the token has characters that no header can carry", hint)

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can send requests."""
        return self.host in LOOPBACK

    def allows_host(self, name: str) -> bool:
        """Tell whether a request may name this host; any, if the server listens on all addresses and needs a token."""
        if name in LOOPBACK | self.hosts | {self.host.lower()}:
            return True
        return self.host in ("0.0.0.0", "::") and not self.hosts and self.token is not None  # noqa: S104  compared
