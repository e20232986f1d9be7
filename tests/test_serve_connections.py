"""What a server does with connections that are many, slow or malformed, and when it is told to stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

import httpx2 as httpx

from semsearch.encoders.hashing import HashingEncoder
from semsearch.errors import UsageError
from semsearch.ports import Encoder, Matrix
from semsearch.serve.bodies import TOGETHER
from semsearch.serve.settings import Settings, host_name, site_origin, token_in
from tests.commands import asking, wire_index
from tests.live import live


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("connections") / "index")


def test_no_answer_on_a_connection_that_is_kept_waits_for_an_acknowledgement(place: Path, hashing: Encoder) -> None:
    with live(place, hashing) as address, httpx.Client(base_url=address) as client:
        seconds = [client.get("/health").elapsed.total_seconds() for _ in range(30)]
    assert min(seconds[-10:]) < 0.04  # so long a system waits at least before it acknowledges what it was sent


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
    connection.settimeout(10)
    return connection


def everything(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_connection_that_asks_nothing_is_closed_and_others_are_served(place: Path, hashing: Encoder) -> None:
    with live(place, hashing, Settings(connections=6, request_seconds=0.4)) as address, ExitStack() as open_ones:
        idle = [open_ones.enter_context(connect(address)) for _ in range(5)]
        idle[1].sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert httpx.get(f"{address}/health").status_code == 200
        more = [open_ones.enter_context(connect(address)) for _ in range(3)]
        refused = [everything(one) for one in more[1:]]
        assert all(one.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 5" in one for one in refused)
        begun = time.monotonic()
        for number in range(20):  # a byte now and then does not buy time
            time.sleep(0.05)
            try:
                idle[1].sendall(b"x" * (number < 12))
            except OSError:
                break
        assert [everything(one) for one in (idle[0], *idle[2:])] == [b""] * 4
        assert time.monotonic() - begun < 5
        assert httpx.get(f"{address}/health").status_code == 200


def test_a_second_request_has_to_arrive_in_time_too(place: Path, hashing: Encoder) -> None:
    with live(place, hashing, Settings(request_seconds=0.2)) as address, connect(address) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        begun = time.monotonic()
        everything(connection)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /search?q=%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_malformed_is_answered_and_the_server_goes_on(served: str, sent: bytes) -> None:
    with connect(served) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = everything(connection)
    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 4")) or not answer
    assert b"Traceback" not in answer
    assert httpx.get(f"{served}/health").status_code == 200


@pytest.fixture(scope="module")
def served(place: Path, hashing: Encoder):
    with live(place, hashing) as address:
        yield address


def test_a_body_that_is_announced_and_does_not_come_is_given_up(place: Path, hashing: Encoder) -> None:
    with live(place, hashing, Settings(request_seconds=0.2)) as address, connect(address) as connection:
        head = (
            b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        connection.sendall(head)
        assert everything(connection).startswith(b"HTTP/1.1 408 ")


class Slow(HashingEncoder):
    """Takes its time over the sentences of some hits."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.read += 1
        time.sleep(0.2)
        return super().encode_passages(texts)


def test_work_is_given_up_when_whoever_asked_hangs_up(place: Path) -> None:
    encoder = Slow()
    path = "/search?q=the+harbour+board&emphasise=true&k=40"
    with live(place, encoder, Settings(workers=1)) as address:
        encoder.read = 0
        assert httpx.get(address + path).status_code == 200
        whole, encoder.read = encoder.read, 0
        assert whole > 2
        with connect(address) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            time.sleep(0.1)
        assert httpx.get(f"{address}/search?q=quay").status_code == 200  # the one worker is free
        assert encoder.read < whole


def test_bodies_that_are_too_many_together_are_refused_and_others_are_served(place: Path, hashing: Encoder) -> None:
    settings = Settings(body_bytes=20_000, connections=TOGETHER + 20)
    head = (
        b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20000\r\n\r\n"
    )
    with live(place, hashing, settings) as address, ExitStack() as open_ones:
        slow = [open_ones.enter_context(connect(address)) for _ in range(TOGETHER + 5)]
        for one in slow:
            one.sendall(head + 19_900 * b" ")
        time.sleep(0.5)
        assert httpx.post(f"{address}/search", json={"q": "quay"}).status_code == 200
        answers = [answer for one in slow if (answer := received(one))]
        assert 1 <= len(answers) <= 6
        assert all(answer.startswith(b"HTTP/1.1 503 ") and b"retry-after: 5" in answer for answer in answers)


def test_more_requests_than_can_wait_are_told_when_to_come_again(place: Path, hashing: Encoder) -> None:
    with live(place, hashing, Settings(workers=1, waiting=1)) as address, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(httpx.get, f"{address}/facets?q=the+harbour+{number}") for number in range(12)]
        answers = [one.result() for one in asked]
    assert {one.status_code for one in answers} <= {200, 429}
    assert any(one.status_code == 200 for one in answers)
    assert all(one.headers["Retry-After"] == "1" for one in answers if one.status_code == 429)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux says how much memory a process has")
def test_slow_connections_up_to_the_limit_of_descriptors(place: Path) -> None:
    limited = ("sh", "-c", f'ulimit -n {FEW_FILES} && exec "$@"', "sh")
    with running(place, *limited) as (process, address, said), ExitStack() as open_ones:
        assert f"at most {FEW_FILES // 2} connections" in said
        with httpx.Client(base_url=address) as early:
            assert early.get("/search?q=quay").status_code == 200
            before = resident_bytes(process)
            slow = [open_ones.enter_context(connect(address)) for _ in range(CALLERS)]
            time.sleep(1)
            refused = [answer for one in slow if (answer := received(one))]
            assert len(refused) == CALLERS - (FEW_FILES // 2 - 1)
            assert all(answer.startswith(b"HTTP/1.1 503 ") for answer in refused)
            for one in slow:
                with suppress(OSError):  # those that were refused
                    one.setblocking(True)
                    one.sendall(b"GET /search?q=" + 60_000 * b"a")  # a head that does not end
            assert early.get("/search?q=quay").status_code == 200
            assert resident_bytes(process) - before < 64 << 20
        open_ones.close()
        time.sleep(0.2)
        assert httpx.get(f"{address}/search?q=quay").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        rest = process.stderr.read()
        assert process.wait(20) == 0
    assert "Traceback" not in rest
    assert "out of system resource" not in rest


FEW_FILES = 256
CALLERS = 200


@contextmanager
def running(place: Path, *before: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run the command that serves; gives its process, its address, and what it has said."""
    command = [*before, sys.executable, "-m", "semsearch", "serve", "-i", str(place), "--port", "0"]
    environment = {**os.environ, "SEMSEARCH_MODEL": "hashing"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        said, address = "", None
        while address is None:
            line = process.stderr.readline()
            assert line, said
            said += line
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
        try:
            yield process, address[0], said
        finally:
            process.terminate()


def received(connection: socket.socket) -> bytes:
    """Return what has come, without waiting for more."""
    connection.setblocking(False)
    try:
        return connection.recv(1 << 16)
    except BlockingIOError:
        return b""


def resident_bytes(process: subprocess.Popen[str]) -> int:
    """Return how much memory a process has in use."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_a_server_says_where_it_is_and_stops_when_told(place: Path) -> None:
    with running(place) as (process, address, _):
        assert httpx.get(f"{address}/search?q=quay").status_code == 200
        taken = ("serve", "-i", str(place), "--port", address.rpartition(":")[2])
        second = subprocess.run(
            [sys.executable, "-m", "semsearch", *taken], capture_output=True, text=True, check=False
        )
        assert second.returncode == 2
        assert "cannot listen on 127.0.0.1" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        rest = process.stderr.read()
        assert process.wait(20) == 0
    assert "'/search' 200" in rest
    assert "stopped" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "anybody who reaches 0.0.0.0"),  # noqa: S104  refused
        (("--token-file", os.devnull), "is empty"),
        (("--allow-host", "https://search.example"), "is not the name of a host"),
        (("--allow-host", "search.example:8765"), "is not the name of a host"),
        (("--allow-origin", "desk.example"), "is not the origin of a site"),
        (("--allow-origin", "https://desk.example/page"), "is not the origin of a site"),
        (("--allow-origin", "*"), "is not the origin of a site"),
        (("--allow-origin", "https://desk.example:port"), "is not the origin of a site"),
    ],
)
def test_what_would_be_open_to_all_or_to_nobody_is_refused(
    place: Path,
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = asking(capsys, monkeypatch, place)("serve", *arguments)
    assert refused.status == 2
    assert said in refused.err


def test_names_and_origins_are_compared_as_browsers_write_them() -> None:
    assert [host_name(name) for name in ("Search.Example", "fe80::1")] == ["search.example", "fe80::1"]
    written = ("HTTPS://Desk.Example:443/", "http://desk.example:8080", "http://[::1]:80", "https://desk.example")
    assert [site_origin(text) for text in written] == [
        "https://desk.example",
        "http://desk.example:8080",
        "http://[::1]",
        "https://desk.example",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_token_is_read_or_refused_however_a_shell_wrote_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "token.txt"
    file.write_text("0123abcd\r\n", encoding=encoding, newline="")
    if encoding == "utf-16":
        with pytest.raises(UsageError, match="no header can carry"):
            Settings(token=token_in(file))
    else:
        assert Settings(token=token_in(file)).token == "0123abcd"  # noqa: S105  not a secret
