import os
import random
import signal
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.addresses import is_address
from semsearch.artifact.remote import Remote, beside, fetch_whole, open_remote, with_suffix
from semsearch.errors import FetchError
from semsearch.network.transfers import NETWORK, Network
from tests.certificates import certificate
from tests.examples import examples
from tests.serving import ALWAYS, Fault, Server

IMPATIENT = Network(patience=0.2)
CONTENT = random.Random(7).randbytes(200_000)  # noqa: S311  any bytes do
END = len(CONTENT)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
AGAIN = "run the same command again: it goes on where it stopped"


@pytest.fixture(autouse=True)
def _network_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "x.pack").write_bytes(CONTENT)
    (folder / "small").write_bytes(b"0123456789")
    (folder / "empty").write_bytes(b"")
    with Server(folder) as server:
        yield server


@pytest.fixture
def server(served: Server) -> Server:
    served.faults.clear()
    served.log.clear()
    return served


def opened(server: Server, *faults: Fault, path: str = "x.pack", tries: int = 5) -> Remote:
    server.faults[path] = list(faults)
    server.log.clear()
    return open_remote(server.address(path), replace(IMPATIENT, tries=tries))


def bytes_of(remote: Remote, start: int = 0, length: int = END) -> bytes:
    pieces = list(remote.read(start, length))
    assert all(0 < len(piece) <= 1 << 20 for piece in pieces)
    return b"".join(pieces)


def what_came(remote: Remote, start: int = 0, length: int = END) -> tuple[bytes, FetchError | None]:
    came = bytearray()
    try:
        for piece in remote.read(start, length):
            came += piece
    except FetchError as error:
        assert remote.location in str(error)
        assert error.hint
        return bytes(came), error
    finally:
        remote.close()
    return bytes(came), None


# Without faults


def test_a_range_is_asked_for_exactly(server: Server) -> None:
    remote = opened(server)
    assert remote.size is None
    assert server.log == []
    assert bytes_of(remote, 1000, 500) == CONTENT[1000:1500]
    assert remote.size == END
    assert bytes_of(remote, 150_000, END - 150_000) == CONTENT[150_000:]
    assert bytes_of(remote, 10, 1) == CONTENT[10:11]
    assert bytes_of(remote, 20, 0) == b""
    remote.close()
    assert server.ranges("x.pack") == [(1000, 1500), (150_000, END), (10, 11)]
    assert server.sent("x.pack") == 500 + 50_000 + 1
    first, later = server.log[0].headers, server.log[1].headers
    assert first["accept-encoding"] == "identity"
    assert first["user-agent"].startswith("semsearch/")
    assert not {"cookie", "authorization", "if-range"} & first.keys()
    assert later["if-range"].startswith('"')


def test_many_small_reads_in_a_row_take_few_requests(server: Server) -> None:
    remote = opened(server)
    for start in range(0, END, 500):
        assert bytes_of(remote, start, 480) == CONTENT[start : start + 480]
    remote.close()
    assert len(server.log) <= 12
    assert server.sent("x.pack") <= END


def test_what_is_asked_for_in_advance_is_never_more_than_what_was_read(server: Server) -> None:
    remote = opened(server)
    for start, length in ((0, 512), (512, 5000), (6000, 10), (6100, 10), (150_000, 100)):
        assert bytes_of(remote, start, length) == CONTENT[start : start + length]
    remote.close()
    assert server.ranges("x.pack") == [(0, 512), (512, 5512), (6000, 11_512), (150_000, 150_100)]


def test_a_read_that_is_left_early_leaves_the_next_one_right(server: Server) -> None:
    remote = opened(server)
    pieces = remote.read(0, END)
    some = next(pieces)
    del pieces
    assert bytes_of(remote, len(some), 100) == CONTENT[len(some) :][:100]
    assert bytes_of(remote, 5, 100) == CONTENT[5:105]
    remote.close()
    assert bytes_of(remote, 0, 9) == CONTENT[:9]
    remote.close()


@pytest.mark.parametrize("ignoring", [False, True])
def test_asking_for_more_than_there_is_yields_what_is_there_and_says_so(server: Server, ignoring: bool) -> None:
    faults = [Fault(times=ALWAYS, ignore_range=ignoring)]
    came, error = what_came(opened(server, *faults), END - 10, 30)
    assert came == CONTENT[-10:]
    assert f"is cut short ({END} of {END + 20} bytes)" in str(error)
    came, error = what_came(opened(server, *faults), END + 10, 5)
    assert came == b""
    assert f"({END} of {END + 15} bytes)" in str(error)


# Servers that know no ranges


def test_a_server_that_knows_no_ranges_is_asked_once_for_reads_in_order(server: Server) -> None:
    remote = opened(server, Fault(times=ALWAYS, ignore_range=True))
    for start, length in ((0, 10), (500, 100), (190_000, 10_000)):
        assert bytes_of(remote, start, length) == CONTENT[start : start + length]
    assert len(server.log) == 1
    assert bytes_of(remote, 20, 100) == CONTENT[20:120]
    assert len(server.log) == 2
    remote.close()


def test_what_is_passed_over_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(32 << 20) + b"end")
    with Server(tmp_path) as server:
        server.faults["big"] = [Fault(ignore_range=True)]
        remote = open_remote(server.address("big"), NETWORK)
        tracemalloc.start()
        assert b"".join(remote.read(32 << 20, 3)) == b"end"
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        remote.close()
    assert peak < 4 << 20


def test_a_size_that_nobody_says_is_found_out(server: Server) -> None:
    remote = opened(server, Fault(ignore_range=True, no_size=True))
    came, error = what_came(remote, 0, END + 5)
    assert came == CONTENT
    assert f"({END} of" in str(error)
    assert bytes_of(opened(server, Fault(times=ALWAYS, no_size=True)), 7, 100) == CONTENT[7:107]


# Faults that pass

PASSING = [
    Fault(cut=70_000),
    Fault(cut=0),
    Fault(cut=70_000, reset=True),
    Fault(stall=70_000),
    Fault(stall=0),
    Fault(status=500),
    Fault(status=503, retry_after="0"),
    Fault(status=429, retry_after="never"),
    Fault(length=1000),
    Fault(length=-1000),
    Fault(begins=1),
    Fault(begins=-1),
    Fault(total=-END),
    Fault(ignore_range=True, cut=70_000),
    Fault(body=b""),
    Fault(body=b"HTTP/1.0 206 Partial\r\n"),
    Fault(body=b"HTTP/1.0 206 Partial\r\n\r\nwithout a word of what it is"),
    Fault(body=b"nonsense\r\n\r\n"),
]


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_fault_that_passes_costs_nothing_but_another_request(server: Server, fault: Fault) -> None:
    remote = opened(server, fault)
    assert bytes_of(remote) == CONTENT
    remote.close()


def test_what_was_cut_goes_on_at_the_byte_where_it_stopped(server: Server) -> None:
    remote = opened(server, Fault(cut=1000, times=3), Fault(stall=500))
    assert bytes_of(remote) == CONTENT
    assert server.ranges("x.pack") == [(start, END) for start in (0, 1000, 2000, 3000, 3500)]
    remote.close()


def test_progress_forgives_earlier_failures(server: Server) -> None:
    remote = opened(server, Fault(cut=10_000, times=ALWAYS), tries=2)
    assert bytes_of(remote) == CONTENT
    assert len(server.log) == END // 10_000
    remote.close()


_reads = st.lists(st.tuples(st.integers(0, END), st.integers(0, END)), min_size=1, max_size=4)
_passing = st.lists(st.sampled_from([fault for fault in PASSING if fault.stall is None]), max_size=4)


@given(_passing, _reads)
@examples(60)
def test_faults_that_let_progress_through_give_the_bytes(
    served: Server, faults: list[Fault], reads: list[tuple[int, int]]
) -> None:
    remote = opened(served, *faults, tries=6)
    try:
        for start, length in reads:
            right = CONTENT[start : start + length]
            assert bytes_of(remote, start, len(right)) == right
    finally:
        remote.close()


_faults = st.builds(
    Fault,
    times=st.sampled_from([1, 2, ALWAYS]),
    cut=st.none() | st.integers(0, END),
    reset=st.booleans(),
    ignore_range=st.booleans(),
    length=st.sampled_from([0, 0, -7, 7, END]),
    begins=st.sampled_from([0, 0, -7, 7]),
    total=st.sampled_from([0, 0, -7, 7, 10**17]),
    no_size=st.booleans(),
    status=st.none() | st.sampled_from([204, 302, 403, 416, 503]),
    etag=st.sampled_from([None, None, "", 'W/"weak"', '"other"', "strange\x7f"]),
)


@given(st.lists(_faults, max_size=4), _reads)
@examples(80)
def test_whatever_a_server_does_no_byte_comes_at_a_wrong_place(
    served: Server, faults: list[Fault], reads: list[tuple[int, int]]
) -> None:
    served.faults["x.pack"] = faults
    remote = open_remote(served.address("x.pack"), Network(patience=0.05, tries=3))
    for start, length in reads:
        came, error = what_came(remote, start, length)
        assert came == CONTENT[start : start + len(came)]
        assert error or len(came) == length


# Faults that do not pass


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(cut=0), "the connection was cut"),
        (Fault(stall=0), "timed out"),
        (Fault(status=503), "503 Service Unavailable"),
        (Fault(status=599), "599"),
        (Fault(begins=5), "bytes 105-"),
        (Fault(body=b"HTTP/1.0 206 \x1b[31m\r\n\r\n"), "does not say which bytes"),
        (Fault(body=b"HTTP/1.0 416 No\r\nContent-Range: bytes */150\r\n\r\n"), "416"),
    ],
    ids=str,
)
def test_a_fault_that_stays_is_told_after_so_many_tries(server: Server, fault: Fault, said: str) -> None:
    remote = opened(server, *[fault] * 3, tries=3)
    came, error = what_came(remote, 100, 1000)
    assert came == b""
    assert error
    assert said in str(error)
    assert str(error).isprintable()
    assert "at byte 100" in str(error)
    assert error.hint == AGAIN
    assert len(server.log) == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=403), "403 Forbidden"),
        (Fault(status=404), "does not exist"),
        (Fault(status=410), "does not exist"),
        (Fault(status=204), "204 No Content"),
        (Fault(status=304), "not followed"),
        (Fault(encoding="gzip"), "the encoding 'gzip'"),
        (Fault(redirect="file:///etc/passwd"), "redirects to 'file:///etc/passwd', which is not followed"),
        (Fault(redirect="ftp://127.0.0.1/x"), "redirects to 'ftp://127.0.0.1/x', which is not followed"),
        (Fault(redirect="data:,x"), "not followed"),
        (Fault(redirect="http://[::"), "redirects to an invalid URL"),
        (Fault(redirect="http://127.0.0.1:port/"), "redirects to an invalid URL"),
        (Fault(status=302), "not followed"),
    ],
    ids=str,
)
def test_some_faults_are_told_at_once(server: Server, fault: Fault, said: str) -> None:
    came, error = what_came(opened(server, fault))
    assert came == b""
    assert said in str(error)
    assert len(server.log) == 1


def test_a_redirect_is_followed_with_the_range_and_not_in_circles(server: Server) -> None:
    server.faults["old"] = [Fault(redirect="/moved"), Fault(status=308, redirect="/moved")]
    server.faults["moved"] = [Fault(redirect=server.address("x.pack"), times=2)]
    remote = open_remote(server.address("old"), IMPATIENT)
    assert bytes_of(remote, 5, 10) == CONTENT[5:15]
    assert bytes_of(remote, 50_000, 10) == CONTENT[50_000:50_010]
    remote.close()
    assert server.ranges("x.pack") == [(5, 15), (50_000, 50_010)]
    _, error = what_came(opened(server, Fault(redirect="/x.pack", times=ALWAYS)))
    assert "not followed" in str(error)
    assert len(server.log) <= 12


def test_what_a_redirect_says_besides_where_to_is_not_read(server: Server) -> None:
    endless = b"HTTP/1.0 302 Found\r\nLocation: /small\r\nContent-Length: 999999999\r\n\r\nand so on"
    server.faults["old"] = [Fault(body=endless)]
    assert fetch_whole(server.address("old"), 10, replace(IMPATIENT, tries=1)) == b"0123456789"


def test_a_proxy_that_the_environment_names_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    assert fetch_whole("http://news.invalid/small", 10, IMPATIENT) == b"0123456789"
    assert server.log[0].headers["host"] == "news.invalid"


@pytest.mark.parametrize(
    "later",
    [
        Fault(etag='"other"'),
        Fault(etag='W/"other"'),
        Fault(ignore_range=True, etag='"other"'),
        Fault(total=1),
        Fault(ignore_range=True, length=1),
    ],
    ids=str,
)
def test_a_thing_that_changes_while_it_is_fetched_is_told(server: Server, later: Fault) -> None:
    came, error = what_came(opened(server, Fault(cut=1000), later))
    assert came == CONTENT[:1000]
    assert error
    assert "changed while it was being fetched" in str(error)
    assert error.hint == "run the same command again"


def test_a_file_that_is_replaced_by_another_of_its_size_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.pack"
    file.write_bytes(CONTENT)
    with Server(tmp_path) as server:
        remote = open_remote(server.address("x.pack"), IMPATIENT)
        assert bytes_of(remote, 0, 10) == CONTENT[:10]
        file.write_bytes(CONTENT[::-1])
        os.utime(file, (1, 1))
        with pytest.raises(FetchError, match="changed while"):
            bytes_of(remote, 50_000, 10)
        remote.close()
        file.write_bytes(CONTENT[:100])
        remote = open_remote(server.address("x.pack"), IMPATIENT)
        assert bytes_of(remote, 0, 10) == CONTENT[:10]
        file.write_bytes(CONTENT[:20])
        with pytest.raises(FetchError, match="changed while"):
            bytes_of(remote, 50, 10)
        remote.close()


def test_an_answer_that_contradicts_itself_brings_no_more_than_was_asked_for(server: Server) -> None:
    chunk_of_less_than_nothing = Fault(body=CHUNKED + b"-5\r\nabcdefgh")
    assert bytes_of(opened(server, chunk_of_less_than_nothing), 0, 3) == CONTENT[:3]


def test_wrong_bytes_come_as_they_were_sent(server: Server) -> None:
    """Seals find them, not this."""
    remote = opened(server, Fault(flip=100))
    assert bytes_of(remote, 50, 100) == CONTENT[50:100] + bytes([CONTENT[100] ^ 0xFF]) + CONTENT[101:150]
    assert bytes_of(remote, 100, 1) == CONTENT[100:101]
    remote.close()


# Waiting


@pytest.mark.parametrize(
    ("said", "network", "least"),
    [
        ("0", Network(patience=60), 0),
        ("3600", IMPATIENT, IMPATIENT.patience),
        (formatdate(time.time() + 3600, usegmt=True), IMPATIENT, IMPATIENT.patience),
        ("-5", Network(patience=60), 0),
    ],
    ids=["at once", "an hour", "a date", "nonsense"],
)
def test_a_server_says_how_long_to_wait_within_patience(
    server: Server, said: str, network: Network, least: float
) -> None:
    server.faults["x.pack"] = [Fault(status=503, retry_after=said)]
    remote = open_remote(server.address("x.pack"), network)
    begun = time.monotonic()
    assert bytes_of(remote, 0, 10) == CONTENT[:10]
    assert least <= time.monotonic() - begun < 30
    remote.close()


@pytest.mark.skipif(os.name == "nt", reason="no signal can be sent to one's own process there")
@pytest.mark.parametrize("fault", [Fault(status=503, retry_after="60"), Fault(stall=0)], ids=str)
def test_waiting_can_be_interrupted(server: Server, fault: Fault) -> None:
    server.faults["x.pack"] = [fault]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    remote = open_remote(server.address("x.pack"), Network(patience=10))
    begun = time.monotonic()
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            bytes_of(remote)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
        remote.close()
    assert time.monotonic() - begun < 5


# Addresses


@pytest.mark.parametrize(
    "where",
    [
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "https://",
        "http:///x",
        "http://[::1/x",
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:0/x",
        "http://me:secret@127.0.0.1/x",
    ],
)
def test_an_address_that_cannot_be_fetched_is_told_before_anything_is_asked(where: str) -> None:
    with pytest.raises(FetchError, match=r"address|no address") as caught:
        open_remote(where, NETWORK)
    assert "secret" not in str(caught.value)
    assert caught.value.hint


def test_an_address_may_have_spaces_and_letters_of_any_script(tmp_path: Path) -> None:
    (tmp_path / "naïve news.pack").write_bytes(b"text")
    with Server(tmp_path) as server:
        assert fetch_whole(f"{server.url}/naïve news.pack?a=b c#part", 10, NETWORK) == b"text"
        assert fetch_whole(f"{server.url}/na%C3%AFve%20news.pack", 10, NETWORK) == b"text"


def test_nobody_who_listens_is_told_after_some_tries() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        where = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
    came, error = what_came(open_remote(where, replace(IMPATIENT, tries=2)))
    assert came == b""
    assert "could not be read at byte 0" in str(error)


@pytest.mark.parametrize("name", ["SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"])
def test_the_network_is_left_alone_when_it_was_not_asked_for(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    where = server.address("small")
    with pytest.raises(FetchError, match="--offline") as caught:
        open_remote(where, Network(offline=True))
    assert caught.value.hint
    for value in ("1", "TRUE", "yes", "on"):
        monkeypatch.setenv(name, value)
        for ask in (lambda: open_remote(where, NETWORK), lambda: fetch_whole(where, 10, NETWORK)):
            with pytest.raises(FetchError, match=name) as caught:
                ask()
            assert name in caught.value.hint
    assert server.log == []
    assert fetch_whole(str(server.folder / "small"), 10, Network(offline=True)) == b"0123456789"
    monkeypatch.setenv(name, "0")
    assert fetch_whole(where, 10, NETWORK) == b"0123456789"


def test_a_certificate_is_checked_and_https_never_leads_to_http(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path / "both.pem")
    with Server(server.folder, file) as safe:
        _, error = what_came(open_remote(safe.address("small"), Network(patience=5)))
        assert "is self-signed" in str(error)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert fetch_whole(safe.address("small"), 10, Network(patience=5)) == b"0123456789"
        safe.faults["small"] = [Fault(redirect=server.address("small"))]
        with pytest.raises(FetchError, match="which is not followed"):
            fetch_whole(safe.address("small"), 10, Network(patience=5))
        server.faults["small"] = [Fault(redirect=safe.address("small"))]
        assert fetch_whole(server.address("small"), 10, Network(patience=5)) == b"0123456789"


# Something small


@pytest.mark.parametrize("ignoring", [False, True])
def test_something_small_comes_whole_or_not_at_all(server: Server, ignoring: bool) -> None:
    for path, content in (("small", b"0123456789"), ("empty", b"")):
        for where in (server.address(path), str(server.folder / path)):
            server.faults[path] = [Fault(times=ALWAYS, ignore_range=ignoring)]
            assert fetch_whole(where, 10, NETWORK) == content
            assert fetch_whole(where, 4_000_000, NETWORK) == content
    for where in (server.address("small"), str(server.folder / "small")):
        with pytest.raises(FetchError, match="larger than the 9-byte"):
            fetch_whole(where, 9, NETWORK)
    for where in (server.address("none"), str(server.folder / "none"), str(server.folder / "small" / "below")):
        assert fetch_whole(where, 9, NETWORK) is None


def test_something_too_long_is_not_read_to_its_end(server: Server) -> None:
    server.faults["x.pack"] = [Fault(ignore_range=True, no_size=True)]
    for _ in range(2):
        with pytest.raises(FetchError, match="larger than the 100-byte"):
            fetch_whole(server.address("x.pack"), 100, NETWORK)
    assert server.ranges("x.pack") == [(0, 101), (0, 101)]


def test_something_small_without_a_size_comes_whole(server: Server) -> None:
    server.faults["small"] = [Fault(ignore_range=True, no_size=True), Fault(no_size=True)]
    assert fetch_whole(server.address("small"), 100, IMPATIENT) == b"0123456789"
    chunked = CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n"
    server.faults["small"] = [Fault(body=chunked), Fault(body=chunked + b"0\r\n\r\n")]
    assert fetch_whole(server.address("small"), 100, IMPATIENT) == b"abcde"


# Files


def test_a_file_is_read_by_ranges(tmp_path: Path) -> None:
    file = tmp_path / "x.pack"
    file.write_bytes(CONTENT * 11)
    for where in (file, str(file)):
        remote = open_remote(where, NETWORK)
        assert (remote.location, remote.size) == (str(file), END * 11)
        assert bytes_of(remote, 0, END * 11) == CONTENT * 11
        assert bytes_of(remote, 7, 100) == CONTENT[7:107]
        came, error = what_came(remote, END * 11 - 5, 20)
        assert came == CONTENT[-5:]
        assert f"is cut short ({END * 11} of {END * 11 + 15} bytes)" in str(error)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is a folder"):
        open_remote(tmp_path, NETWORK)
    with pytest.raises(FetchError, match="there is no file"):
        open_remote(tmp_path / "none", NETWORK)
    with pytest.raises(FetchError, match="cannot be read"):
        open_remote("a\0b", NETWORK)
    with pytest.raises(FetchError, match="there is no file"):
        open_remote(Path("http://127.0.0.1/x"), NETWORK)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(FetchError, match="is not a regular file"):
            open_remote(tmp_path / "pipe", NETWORK)


# Places


def test_a_place_counts_from_where_it_is_written() -> None:
    assert beside("https://a.example/b/r.json", "../x.pack") == "https://a.example/x.pack"
    assert beside("https://a.example/b/r.json?v=1", "x.pack") == "https://a.example/b/x.pack"
    assert beside("https://a.example/r.json", "http://b.example/x") == "http://b.example/x"
    assert beside(str(Path("a", "r.json")), "x.pack") == str(Path("a", "x.pack"))
    assert beside("r.json", "https://b.example/x") == "https://b.example/x"
    assert not is_address("C:\\x")


def test_a_name_is_extended_and_a_query_kept() -> None:
    assert with_suffix("https://a.example/x.pack?token=1#top", ".sig") == "https://a.example/x.pack.sig?token=1"
    assert with_suffix("a b/x.pack", ".sig") == "a b/x.pack.sig"


def test_a_server_leaves_nothing_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    (tmp_path / "x").write_bytes(CONTENT)
    with Server(tmp_path) as server:
        server.faults["x"] = [Fault(stall=10)]
        came, error = what_came(open_remote(server.address("x"), Network(patience=0.05, tries=1)), 0, 20)
        assert came == CONTENT[:10]
        assert "timed out" in str(error)
    assert threading.active_count() == before
