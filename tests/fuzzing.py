"""Feeds readers what nobody should send them: golden files cut, flipped, spliced, nested, multiplied and packed.

A reader survives an input where it ends in time, within memory, in articles in normal form, losses with a reason, or
one of our own errors with a message.
"""

import bz2
import faulthandler
import gzip
import lzma
import random
import resource
import sys
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import zstandard

from semsearch.errors import SemsearchError
from semsearch.sources.kinds import KINDS, ending, kind_of
from semsearch.types import Article
from tests.reading_cases import DAMAGED, INPUTS, records

PAGES = INPUTS.parent.parent / "pages"
"""Page dumps."""

MOST_SECONDS = 20.0
"""For one input, which has a megabyte at most. A hang is longer; a busy machine is not."""

HANG_SECONDS = 120
"""After so long a campaign ends with a traceback."""

MOST_BYTES = 2**20
MOST_MEMORY = 3 * 2**30
"""Of address space beyond what was there at first: an input that claims more than it has must not get it."""

COMPRESSED = "compressed"
"""The name under which compressions are tried, beside the kinds."""

NAMES = (*(kind.name for kind in KINDS), COMPRESSED)

_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b'"', b"'", b"<", b">", b"&", b"&#x110000;", b"&a;", b"]]>",
    b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY a 'aaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]>", b"<script>",
    b"</p>", b"<p>", b"{", b"}", b"[", b"]", b",", b":", b"\\u0000", b"\\ud800", b"NaN", b"-1", b"1e999", b"9" * 400,
    b"4294967296", b"Content-Length: 99999999999\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
    b"WARC/1.0\r\n", b"---\n", b"\t", b"9999-12-31T23:59:60Z", b"0000-00-00", b"https://", b"//[::1", b"http://a/%zz",
    "\u202e\ud7ff\u0345é".encode(), b"\xed\xa0\x80", b"charset=utf-16", b"charset=base64", b"encoding='x-none'",
    b"A" * 32,
)  # fmt: skip
_NESTED = (
    b"[", b'{"a":', b"<div>", b"<p><b>", b"(", b"> ", b"<a href='", b"&amp;", b"*", b"- ", b"![", b"\x1f\x8b",
    b"<ul><li>",
)  # fmt: skip
_PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    gzip.compress,
    bz2.compress,
    lzma.compress,
    zstandard.ZstdCompressor().compress,
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """What one run over one reader came to."""

    name: str
    inputs: int
    articles: int
    refused: int  # inputs that ended in an error of ours
    slowest: float  # seconds
    memory: int  # bytes that the process grew by at most


class UnsurvivedError(Exception):
    """A reader failed; the input is kept."""

    def __init__(self, name: str, raw: bytes, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.raw = raw


def seeds(name: str) -> list[tuple[str, bytes]]:
    """Return the ending and bytes of what inputs are made of."""
    paths = [path for folder in (INPUTS, DAMAGED, PAGES) for path in sorted(folder.iterdir()) if path.is_file()]
    if name == COMPRESSED:
        return [(".jsonl", pack(path.read_bytes())) for path in paths if path.suffix == ".jsonl" for pack in _PACKERS]
    kinds = ((path, kind_of(path.name)) for path in paths)
    return [(ending(path.name), path.read_bytes()) for path, kind in kinds if kind and kind.name == name]


def inputs(name: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield endless inputs for one reader, each with the ending of its file's name."""
    known = seeds(name)
    while True:
        suffix, raw = chance.choice(known)
        others = [other for _, other in known]
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            changed = _changed_within if zipfile.is_zipfile(BytesIO(raw)) and chance.random() < 0.8 else _changed
            raw = changed(raw, others, chance)[:MOST_BYTES]
        if name != COMPRESSED and chance.random() < 0.05:
            raw = _changed(chance.choice(_PACKERS)(raw), [raw], chance) if chance.random() < 0.5 else gzip.compress(raw)
        yield suffix, raw


def survive(suffix: str, raw: bytes) -> int | None:
    """Read one input and return its articles, None where it was refused; raises `UnsurvivedError`."""
    # The contract of readers, as the other tests know it.
    from tests.contract.test_readers import assert_normal

    started = time.process_time()
    try:
        found = records(Path(f"x{suffix}"), raw)
        for one in found:
            assert_normal(one)
    except SemsearchError as error:
        found = None
        if not str(error):
            raise UnsurvivedError(suffix, raw, "an error without a message") from error
    except BaseException as error:
        raise UnsurvivedError(suffix, raw, f"{type(error).__name__}: {error}"[:500]) from error
    if (taken := time.process_time() - started) > MOST_SECONDS:
        raise UnsurvivedError(suffix, raw, f"took {taken:.1f} s")
    return None if found is None else sum(isinstance(one, Article) for one in found)


def campaign(name: str, seconds: float, seed: int) -> Campaign:
    """Try one reader for some seconds; raises `UnsurvivedError` at the first failure."""
    chance = random.Random(seed)  # noqa: S311  a campaign is repeated by its seed
    count = total = refused = 0
    slowest = 0.0
    before = _peak()
    end = time.monotonic() + seconds
    for suffix, raw in inputs(name, chance):
        began = time.monotonic()
        if began >= end:
            break
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        found = survive(suffix, raw)
        slowest = max(slowest, time.monotonic() - began)
        count, total, refused = count + 1, total + (found or 0), refused + (found is None)
    faulthandler.cancel_dump_traceback_later()
    return Campaign(name, count, total, refused, slowest, _peak() - before)


def bound_memory() -> None:
    """Let this process fail where it asks for more than `MOST_MEMORY` beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_MEMORY, hard))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _changed_within(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Change one file within a zip, so that its reader gets past the zip's own checks."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as before:
            members = [(info, before.read(info)) for info in before.infolist()[:100]]
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError):
        return _changed(raw, others, chance)
    place = chance.randrange(len(members)) if members else 0
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two files with one name
        for number, (info, content) in enumerate(members):
            inner = [content for _, content in members]
            after.writestr(info.filename, _changed(content, inner, chance) if number == place else content)
    return packed.getvalue()


def _changed(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    begin = chance.randrange(len(raw) + 1)
    end = min(len(raw), begin + int(chance.expovariate(1 / 60)))
    match chance.randrange(11):
        case 0:
            return raw[:begin]
        case 1:
            return raw[begin:]
        case 2:  # bits
            flipped = bytearray(raw)
            for _ in range(chance.choice((1, 1, 2, 8)) if raw else 0):
                flipped[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
        case 3:
            return raw[:begin] + raw[end:]
        case 4:
            return raw[:begin] + raw[begin:end] * chance.choice((2, 3, 50, 2_000)) + raw[end:]
        case 5:
            other = chance.choice(others)
            at = chance.randrange(len(other) + 1)
            return raw[:begin] + other[at : at + 1_000] + raw[end:]
        case 6 | 7:
            return raw[:begin] + chance.choice(_TOKENS) + raw[chance.choice((begin, end)) :]
        case 8:
            return raw[:begin] + chance.choice(_NESTED) * chance.choice((3, 200, 20_000)) + raw[begin:]
        case 9:  # a number becomes another
            at = next((place for place in range(begin, len(raw)) if raw[place : place + 1].isdigit()), len(raw))
            return raw[:at] + str(chance.choice((0, -1, 2**31, 2**63, 10**30))).encode() + raw[at + 1 :]
        case _:
            return raw[:begin] + chance.randbytes(end - begin) + raw[end:]
