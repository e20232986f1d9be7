"""Crawls: pages that were fetched whole are read with what is known of the fetch, all else is counted once."""

import bz2
import gzip
import io
import time
import tracemalloc
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SourceError
from semsearch.ports import Member, Place
from semsearch.sources import read
from semsearch.sources.archives.crawls import open_crawl
from semsearch.sources.streams import opened
from semsearch.types import Article, Skipped
from tests.examples import PARTS, examples
from tests.test_streams import noise, zstd

PAGE = b"<!doctype html><title>Ferry</title><p>The ferry runs again."
FETCHED = 1_714_727_700  # 2024-05-03T09:15:00Z
Found = list[tuple[str, bytes] | str]


def http(body: bytes = PAGE, status: int = 200, kind: str = "text/html; charset=UTF-8", more: str = "") -> bytes:
    fields = f"HTTP/1.1 {status} Said\r\n" + (f"Content-Type: {kind}\r\n" if kind else "") + more
    return fields.encode() + b"\r\n" + body


def warc(
    block: bytes, kind: str = "response", address: str = "https://coast.example/a", more: str = "", length: int = 0
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2024-05-03T09:15:00Z\r\n"
        f"Content-Type: {'text/plain' if kind == 'conversion' else 'application/http; msgtype=response'}\r\n{more}"
        f"Content-Length: {length or len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def arc(block: bytes, address: str = "https://coast.example/a", kind: str = "text/html") -> bytes:
    return f"{address} 192.0.2.1 20240503091500 {kind} {len(block)}\n".encode() + block + b"\n"


ARC_BEGINS = b"1 0 Coast\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_FILE = b"filedesc://coast.arc 192.0.2.1 20240503000000 text/plain %d\n" % len(ARC_BEGINS) + ARC_BEGINS + b"\n"


def members(raw: bytes, place: Place | None = None) -> Iterator[Member | Skipped]:
    with opened(io.BytesIO(raw)) as stream:
        yield from open_crawl(stream, place or Place("x.warc", "x"))


def found(raw: bytes) -> Found:
    """Return each page's number and body; the reasons of losses, and that of the end."""
    ones: Found = []
    try:
        for one in members(raw):
            ones.append(one.reason if isinstance(one, Skipped) else (one.place.origin[7:], one.stream.read()))
    except SourceError as error:
        ones.append(f"! {error}")
    return ones


def plain(records: list[bytes]) -> bytes:
    return b"".join(records)


def gzipped(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def gzipped_whole(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def zstd_each(records: list[bytes]) -> bytes:
    return b"".join(map(zstd, records))


PACKS = [plain, gzipped, gzipped_whole, zstd_each]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.__name__)
Pack = Callable[[list[bytes]], bytes]


@each_pack
def test_a_page_comes_with_what_is_known_of_its_fetch(pack: Pack) -> None:
    for raw in (
        [warc(b"software: x\r\n", "warcinfo"), warc(http(kind="Text/HTML; Charset='ISO-8859-1'"))],
        [ARC_FILE, arc(http(kind="Text/HTML; Charset='ISO-8859-1'"))],
    ):
        (one,) = members(pack(raw))
        assert isinstance(one, Member)
        assert (one.name, one.media_type, one.stream.read()) == ("2.html", "text/html", PAGE)
        place = one.place
        assert (place.origin, place.namespace, place.address) == ("x.warc:2", "x", "https://coast.example/a")
        assert (place.charset, place.fetched) == ("ISO-8859-1", FETCHED)


def test_what_is_no_page_is_counted_once_at_the_end() -> None:
    image, robots, gone = http(b"\xff", kind="image/png"), http(b"User-agent: *", kind="text/plain"), http(b"", 404)
    records = [
        *(warc(b"GET / HTTP/1.1\r\n\r\n", "request") for _ in range(12)), *(warc(image) for _ in range(3)),
        warc(robots, address="https://coast.example/robots.txt"), warc(gone), warc(gone), warc(http(), "revisit"),
        warc(b"x", "metadata"), warc(b"x", "response", "dns:coast.example"), warc(http(), "novelty"),
        warc(http(), more="WARC-Segment-Number: 1\r\n"), warc(http(b"  ")), warc(http(b"words", kind="")), warc(http()),
    ]  # fmt: skip
    assert found(plain(records)) == [
        ("26", PAGE),
        (
            "left out: 12 of type request, 3 image/png, 2 with status 404, 1 text/plain, 1 of type revisit, "
            "1 of type metadata, 1 not from the web, 1 of type novelty, 1 in segments, 1 without a body, "
            "1 without a type"
        ),
    ]


def test_pages_are_known_without_a_declared_type_and_resources_without_a_status() -> None:
    assert found(warc(http(kind=""))) == [("1", PAGE)]
    assert found(warc(http(kind="application/octet-stream"))) == [("1", PAGE)]
    resource = warc(PAGE, "resource").replace(b"application/http; msgtype=response", b"text/html; charset=utf-8")
    assert found(resource) == [("1", PAGE)]
    assert found(arc(PAGE)) == [("1", PAGE)]


def test_many_comments_before_what_is_no_page_take_no_time() -> None:
    began = time.process_time()
    (left_out,) = found(warc(http(b"<!-- a -->\n" * 5_000 + b"{}", kind="application/octet-stream")))
    assert left_out == "left out: 1 application/octet-stream"
    assert time.process_time() - began < 2


def test_the_texts_of_pages_are_read_as_pages() -> None:
    (one,) = members(warc("Ferry\nIt runs again. 雪".encode(), "conversion"))
    assert isinstance(one, Member)
    assert (one.name, one.media_type, one.place.charset) == ("1.txt", "text/plain", "utf-8")
    ones = list(read("-", stdin=io.BytesIO(warc(b"Ferry\n\nThe ferry runs again on Monday.\n", "conversion"))))
    assert [one.text for one in ones if isinstance(one, Article)] == ["The ferry runs again on Monday."]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<https://coast.example/a>", "https://coast.example/a"),
        ("https://coast.example/a b  c", "https://coast.example/a%20b%20c"),
        ("HTTP://coast.example/\x1b[31m", "HTTP://coast.example/[31m"),
        ("https://küste.example/ä", "https://küste.example/ä"),
    ],
)
def test_an_address_is_read_as_it_was_meant(written: str, meant: str) -> None:
    for raw in (warc(http(), address=written), arc(http(), address=written)):
        if not raw.startswith(b"<"):
            (one,) = members(raw)
            assert isinstance(one, Member)
            assert one.place.address == meant


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("Transfer-Encoding: chunked", b"10\r\n" + PAGE[:16] + b"\r\n4;x=y\r\n" + PAGE[16:20] + b"\r\n"
         + b"%x\r\n" % (len(PAGE) - 20) + PAGE[20:] + b"\r\n0\r\nTrailer: x\r\n\r\n"),
        ("Transfer-Encoding: Chunked", PAGE),
        ("Transfer-Encoding: chunked", b"10\r\n" + PAGE[:16] + b"\r\n" + PAGE[16:]),
        ("Transfer-Encoding: chunked", b"fff\r\n" + PAGE),
        ("Content-Encoding: deflate", zlib.compress(PAGE)),
        ("Content-Encoding: deflate", zlib.compress(PAGE)[2:-4]),
        ("Content-Encoding: deflate", PAGE),
        ("Content-Encoding: gzip", PAGE),
        ("Content-Encoding: br", PAGE),
        ("X-Folded: a\r\n b\r\nContent-Encoding: identity", PAGE),
    ],
)  # fmt: skip
def test_a_body_is_put_together_as_the_server_meant(more: str, body: bytes) -> None:
    assert found(warc(http(body, more=more + "\r\n"))) == [("1", PAGE)]


def test_a_body_packed_with_gzip_is_unpacked_as_every_stream_is() -> None:
    (one,) = members(warc(http(gzip.compress(PAGE), more="Content-Encoding: gzip\r\n")))
    assert isinstance(one, Member)
    with opened(one.stream) as stream:
        assert stream.read() == PAGE


def test_brotli_is_said_to_be_missing_or_undone() -> None:
    (one,) = found(warc(http(b"\x0b\x01\x80abc\x03", more="Content-Encoding: br\r\n")))
    assert one in ("left out: 1 packed with brotli (to read them: pip install brotli)", ("1", b"abc"))


def test_a_page_cut_short_by_the_crawler_is_read_and_counted() -> None:
    raw = warc(http(), more="WARC-Truncated: length\r\n") + warc(http())
    assert found(raw) == [("1", PAGE), ("2", PAGE), "read, but cut short by the crawler: 1"]


# Damage


def test_a_wrong_length_costs_nothing_but_itself() -> None:
    for length in (len(http()) - 9, len(http()) + 9, len(http()) + 700, 2**40):
        ones = found(warc(http()) + warc(http(), length=length) + warc(http()) + warc(http()))
        if length < 2**40:
            assert ones == [("1", PAGE), ("2", PAGE), ("3", PAGE), ("4", PAGE), "read, but of a wrong length: 1"]
        else:
            assert ones[0] == ("1", PAGE)
            assert str(ones[-1]).startswith("! the crawl ends within a record")


def test_what_is_between_records_is_passed_over_and_told() -> None:
    first = warc(http())
    assert found(first + b"\r\n\r\n\n" + first) == [("1", PAGE), ("2", PAGE)]
    broken = first.replace(b"Content-Length: ", b"Content-Longth: ")
    assert found(first + broken + first) == [
        ("1", PAGE),
        (
            f"damaged at byte {len(first)} of the uncompressed crawl: lost {len(broken)} bytes, "
            "then went on with the next record"
        ),
        ("2", PAGE),
    ]
    assert str(found(first + broken)[-1]).startswith(
        f"! damaged at byte {len(first)} of the uncompressed crawl, and no"
    )
    assert found(ARC_FILE + b"rubbish\n" * 9_000 + arc(http()))[-1] == ("2", PAGE)


@each_pack
def test_a_crawl_cut_short_keeps_what_came_before_and_says_so(pack: Pack) -> None:
    for records in ([warc(http(noise(n))) for n in (900, 2_000, 40)], [arc(http(noise(n))) for n in (900, 2_000, 40)]):
        whole = [one for one in found(pack(records)) if isinstance(one, tuple)]
        assert [body for _, body in whole] == [noise(900), noise(2_000), noise(40)]
        raw = pack(records)
        for length in range(60, len(raw) - 8, 97):
            ones = found(raw[:length])
            pages = [one for one in ones if isinstance(one, tuple)]
            assert pages == whole[: len(pages)]
            assert str(ones[-1]).startswith("! ") or len(pages) < 3


def test_behind_a_damaged_record_the_next_is_read() -> None:
    records = [gzip.compress(warc(http(noise(n)))) for n in (3_000, 4_000, 5_000, 6_000)]
    for at in (2, 30, 200, 3_000, -6):
        broken = bytearray(records[1])
        broken[at] ^= 0x55
        ones = found(records[0] + broken + records[2] + records[3])
        bodies = [one[1] for one in ones if isinstance(one, tuple)]
        assert bodies[0] == noise(3_000)
        assert bodies[-2:] == [noise(5_000), noise(6_000)]
        assert any("damaged" in one for one in ones if isinstance(one, str))


@pytest.mark.parametrize("begin", [b"", ARC_FILE], ids=["WARC", "ARC"])
@each_pack
@examples(40)
@given(data=st.data())
def test_any_damage_ends_in_pages_and_losses_of_ours(pack: Pack, begin: bytes, data: st.DataObject) -> None:
    one = arc(http()) if begin else warc(http())
    raw = bytearray(pack([begin, one, one, one] if begin else [one, one, one]))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(1, len(raw) - 1)) :]
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with opened(io.BytesIO(b"x")) as unpacked:
        assert unpacked
    assert all(found_one for found_one in read_as_crawl(bytes(raw)))


def read_as_crawl(raw: bytes) -> Found:
    try:
        return found(raw)
    except SourceError as error:  # the opening itself
        return [str(error)]


def endless(part: int) -> dict[str, bytes]:
    """Crawls that take very long to whoever looks at one place again and again."""
    return {
        "nested": warc(b"", length=30_000_000)[:-4] * (20_000 // part),
        "lines": b"WARC/1.0\r\n" * (100_000 // part),
        "short": b"WARC/1.0\r\nContent-Length: 5\r\n\r\n" * (100_000 // part),
        "ARC nested": ARC_FILE + b"http://a b 20240503091500 c 30000000\n" * (50_000 // part),
        "ARC lines": ARC_FILE + b"http://a b\n" * (200_000 // part),
        "chunks": warc(http(b"1\r\na\r\n" * (500_000 // part), more="Transfer-Encoding: chunked\r\n")),
        "fields": warc(http(b"", more="A: b\r\n" * (9_000 // part))),
        "comments": warc(http(b"<!--" * (500_000 // part), kind="")),
        "members": b"".join(gzip.compress(b"WARC/")[:-1] for _ in range(3_000 // part)),
    }


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", endless(1_000))
def test_time_is_in_proportion_to_the_input(name: str, part: int) -> None:
    raw = endless(part)[name]
    began = time.process_time()
    assert read_as_crawl(raw)
    assert time.process_time() - began < 5 / part


def test_memory_holds_one_record_and_none_that_is_enormous() -> None:
    class Endless(io.RawIOBase):
        """A film of 200 MB between two pages, made as it is asked for."""

        def __init__(self) -> None:
            head = warc(b"", length=200_000_000)[:-4]
            self._pieces = iter([warc(http()), head, *[bytes(10**6)] * 200, b"\r\n\r\n" + warc(http())])

        def read(self, _size: int = -1) -> bytes:
            return next(self._pieces, b"")

    tracemalloc.start()
    with opened(Endless()) as stream:  # type: ignore[arg-type]
        ones = [one.reason if isinstance(one, Skipped) else one.name for one in open_crawl(stream, Place("x", "x"))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ones == ["1.html", "3.html", "left out: 1 above 32 MiB"]
    assert peak < 2**23


def test_a_crawl_in_an_archive_in_another_packing_is_read() -> None:
    import tarfile

    held = io.BytesIO()
    raw = gzipped([warc(b"Ferry\n\nThe ferry runs again on Monday.\n", "conversion")] * 3)
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("a.warc.wet.gz")
        info.size = len(raw)
        archive.addfile(info, io.BytesIO(raw))
    ones = list(read("-", stdin=io.BytesIO(bz2.compress(held.getvalue()))))
    assert [one.origin for one in ones] == [f"-/a.warc.wet.gz:{at}" for at in (1, 2, 3)]


# Real crawls


@pytest.mark.corpora
def test_whole_crawls_have_the_pages_that_another_reader_finds(corpora: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from warcio.archiveiterator import ArchiveIterator, ArchiveLoadFailed
    read_pages = 0
    for path in sorted((corpora / "warc" / "data").iterdir()):
        if any(word in path.name for word in ("bad", "trunc", "wrong")):
            continue
        expected = []
        with path.open("rb") as file, suppress(ArchiveLoadFailed):  # it gives up where a length is wrong
            for record in ArchiveIterator(file):
                fields = record.http_headers
                page = "text/html" in ((fields or record.rec_headers).get_header("content-type") or "")
                body = record.content_stream().read()
                if page and record.rec_type in ("response", "resource") and (not fields or "200" in fields.statusline):
                    expected.append(body)
        got = []
        with suppress(SourceError):  # one is a little shorter than it says
            for one in members(path.read_bytes()):
                if isinstance(one, Member):
                    with opened(one.stream) as stream:
                        got.append(stream.read())
        assert got[: len(expected)] == expected, path.name
        read_pages += len(got)
    assert read_pages >= 7
