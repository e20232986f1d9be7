"""Every transfer ends, whatever a server does, and no server on the internet leads to a private machine."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from semsearch.artifact.registry import find
from semsearch.artifact.remote import fetch_whole, open_remote
from semsearch.errors import FetchError
from semsearch.network.transfers import NETWORK, Network, is_public
from tests.serving import ALWAYS, Fault, Server
from tests.test_registry import entry, written

HASTY = Network(patience=0.1, tries=1_000, slack=0.2)
FAR = "93.184.216.34"
"""An address on the internet, which in these tests leads to this machine."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "x").write_bytes(bytes(40_000))
    with Server(folder) as server:
        yield server


@pytest.fixture
def server(served: Server) -> Server:
    served.faults.clear()
    served.log.clear()
    return served


# Servers that never come to an end

HEAD = b"HTTP/1.1 206 Partial Content\r\n"
RANGE = HEAD + b"Content-Range: bytes 0-39999/40000\r\n"

ENDLESS = {
    "interim responses": Fault(body=b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "slow interim responses": Fault(body=b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n", every=0.05),
    "a slow status line": Fault(body=b"HTTP/1.1 2", endless=b"0", every=0.01),
    "a slow header": Fault(body=HEAD + b"Server: ", endless=b"s", every=0.01),
    "many headers": Fault(body=HEAD, endless=b"Server: s\r\n", every=0.01),
    "a slow body": Fault(body=RANGE + b"\r\n", endless=b"x", every=0.01),
    "a body without a size": Fault(body=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x", every=0.01),
    "small chunks": Fault(
        body=RANGE + b"Transfer-Encoding: chunked\r\n\r\n", endless=b"1;extension\r\nx\r\n", every=0.01
    ),
    "a slow size of a chunk": Fault(body=RANGE + b"Transfer-Encoding: chunked\r\n\r\n", endless=b"0", every=0.01),
    "trailers": Fault(body=RANGE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", endless=b"Server: s\r\n"),
    "silence": Fault(body=b"", endless=b"", every=0.01),
}


@pytest.mark.parametrize("fault", ENDLESS.values(), ids=ENDLESS)
def test_a_server_that_never_ends_is_given_up(server: Server, fault: Fault) -> None:
    server.faults["x"] = [replace(fault, times=ALWAYS)]
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"could not be read|timed out") as given_up:
        list(open_remote(server.address("x"), HASTY).read(0, 40_000))
    assert time.monotonic() - start < 5
    assert given_up.value.hint == "run the same command again: it goes on where it stopped"


def test_a_server_that_gives_one_byte_and_then_fails_again_and_again_is_given_up(server: Server) -> None:
    server.faults["x"] = [Fault(cut=1), Fault(status=503, retry_after="0")] * 1_000
    with pytest.raises(FetchError, match=r"timed out at byte .* fewer than 10,000 bytes per second"):
        list(open_remote(server.address("x"), HASTY).read(0, 40_000))


def test_redirects_end(server: Server) -> None:
    server.faults["x"] = [Fault(redirect=f"/x?{number}") for number in range(100)]
    with pytest.raises(FetchError, match="which is not followed"):
        fetch_whole(server.address("x"), 10, HASTY)
    assert len(server.log) < 20


@pytest.mark.parametrize(("least_rate", "enough"), [(10_000, True), (1_000_000, False)])
def test_a_server_is_slow_by_its_average(server: Server, least_rate: float, enough: bool) -> None:
    server.faults["x"] = [Fault(body=RANGE + b"\r\n", endless=bytes(1_000), every=0.01)]
    remote = open_remote(server.address("x"), replace(HASTY, tries=1, least_rate=least_rate))
    start = time.monotonic()
    came = 0
    try:
        came = sum(map(len, remote.read(0, 40_000)))
    except FetchError:
        assert not enough
    remote.close()
    assert (came == 40_000) == enough
    assert time.monotonic() - start > HASTY.slack * 0.9  # else the slack alone would have been enough


def test_time_that_the_reader_takes_is_not_the_servers(server: Server) -> None:
    remote = open_remote(server.address("x"), HASTY)
    for start in (0, 20_000):
        assert len(b"".join(remote.read(start, 20_000))) == 20_000
        time.sleep(HASTY.slack * 1.2)
    remote.close()


# Whom a server may name


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        (FAR, True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("0.0.0.0", False),  # noqa: S104  nothing listens
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("::127.0.0.1", False),
        ("fec0::1", False),
        ("192.0.0.192", False),
        ("240.0.0.1", False),
    ],
)
def test_what_is_on_the_internet(ip: str, public: bool) -> None:
    assert is_public(ip) == public


@pytest.fixture
def far(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address under two names on the internet, news.example.org and cdn.example.org."""
    resolve, connect = socket.getaddrinfo, socket.create_connection

    def resolved(host: str, port: int, *arguments: Any, **named: Any) -> Any:
        return resolve(FAR if host.endswith(".example.org") else host, port, *arguments, **named)

    def connected(place: tuple[str, int], *arguments: Any) -> socket.socket:
        return connect(("127.0.0.1" if place[0] == FAR else place[0], place[1]), *arguments)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    monkeypatch.setenv("no_proxy", "*")
    return server.url.replace("127.0.0.1", "news.example.org")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"],
)
def test_a_redirect_from_the_internet_leads_to_no_private_machine(server: Server, far: str, host: str) -> None:
    port = far.rpartition(":")[2]
    server.faults["old"] = [Fault(redirect=f"http://{host}:{port}/x", times=ALWAYS)]
    with pytest.raises(
        FetchError, match="an address of this machine or a private network that you did not name"
    ) as refused:
        fetch_whole(f"{far}/old", 50_000, HASTY)
    assert "give that address yourself" in refused.value.hint
    assert server.ranges("x") == []


def test_a_redirect_may_lead_elsewhere_on_the_internet_and_from_one_private_machine_to_another(
    server: Server, far: str
) -> None:
    server.faults["old"] = [Fault(redirect=f"{far.replace('news', 'cdn')}/x")]
    assert fetch_whole(f"{far}/old", 50_000, HASTY) == bytes(40_000)
    server.faults["old"] = [Fault(redirect=f"{server.url.replace('127.0.0.1', 'localhost')}/x")]
    assert fetch_whole(server.address("old"), 50_000, HASTY) == bytes(40_000)


def test_a_redirect_out_to_the_internet_does_not_come_back(server: Server, far: str) -> None:
    server.faults["old"] = [Fault(redirect=f"{far}/moved")]
    server.faults["moved"] = [Fault(redirect=server.address("x"))]
    with pytest.raises(FetchError, match="that you did not name"):
        fetch_whole(server.address("old"), 50_000, HASTY)


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, connect = socket.getaddrinfo, socket.create_connection
    asked: list[str] = []

    def resolved(_host: str, port: int, *arguments: Any, **named: Any) -> Any:
        [right, *_] = resolve("127.0.0.1", port, *arguments, **named)
        return [(*right[:4], ("127.0.0.2", port)), right]

    def connected(place: tuple[str, int], seconds: float) -> socket.socket:
        asked.append(place[0])
        if place[0] == "127.0.0.2":
            time.sleep(seconds)
            raise TimeoutError
        return connect(place, seconds)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    assert fetch_whole(server.address("x"), 50_000, HASTY) == bytes(40_000)
    assert asked == ["127.0.0.2", "127.0.0.1"]


def test_what_a_registry_on_the_internet_names_is_on_the_internet(server: Server, far: str) -> None:
    (server.folder / "registry.json").write_bytes(written({"harbour": entry(urls=["x"])}))
    assert find(f"{far}/registry.json", "harbour", HASTY).public
    assert not find(server.address("registry.json"), "harbour", HASTY).public
    assert not find(str(server.folder / "registry.json"), "harbour", HASTY).public
    with pytest.raises(FetchError, match="that you did not name"):
        fetch_whole(server.address("x"), 50_000, replace(HASTY, public_only=True))
    assert server.ranges("x") == []
    assert fetch_whole(f"{far}/x", 50_000, replace(HASTY, public_only=True)) == bytes(40_000)


def test_a_proxy_decides_what_it_reaches_and_counts_as_the_internet(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert fetch_whole("http://news.example.org/x", 50_000, HASTY) == bytes(40_000)
    server.faults["x"] = [Fault(redirect="http://cdn.example.org/x")]
    assert fetch_whole("http://news.example.org/x", 50_000, replace(HASTY, public_only=True)) == bytes(40_000)
    server.faults["x"] = [Fault(redirect=f"{server.url}/x")]
    with pytest.raises(FetchError, match="that you did not name"):
        fetch_whole("http://news.example.org/x", 50_000, HASTY)


def test_a_host_that_cannot_be_resolved_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(FetchError, match=r"the host name of .* could not be resolved"):
        fetch_whole("http://news.example.org/x", 10, NETWORK)
