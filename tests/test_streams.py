"""Opening: what is packed is unpacked whatever its name, within limits, and damage ends nothing that came before."""

import bz2
import gzip
import io
import lzma
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SourceError
from semsearch.sources import measure, read
from semsearch.sources.compression import ALWAYS_BYTES, MOST_RATIO, UnpackingBudget
from semsearch.sources.streams import MOST_HELD_BYTES, opened, random_access
from semsearch.types import Article, Unreadable
from tests.examples import examples

Pack = Callable[[bytes], bytes]


def lzma_alone(raw: bytes) -> bytes:
    return lzma.compress(raw, lzma.FORMAT_ALONE)


def zstd(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def zstd_streamed(raw: bytes) -> bytes:
    """As a pipe writes it: the size is not said."""
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return packer.compress(raw) + packer.flush()


PACKS = [gzip.compress, bz2.compress, lzma.compress, lzma_alone, zstd, zstd_streamed]
CHAINED = [gzip.compress, bz2.compress, lzma.compress, zstd, zstd_streamed]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.__name__)


def whole(raw: bytes) -> bytes:
    with opened(io.BytesIO(raw)) as stream:
        return stream.read()


def pieces(raw: bytes) -> tuple[bytes, str]:
    """Return what can be read before the first error, and that."""
    try:
        with opened(io.BytesIO(raw)) as stream:
            return until_damage(stream)
    except SourceError as error:
        return b"", str(error)


def until_damage(stream: io.BufferedReader) -> tuple[bytes, str]:
    got = bytearray()
    try:
        while piece := stream.read1(1_000):
            got += piece
    except SourceError as error:
        return bytes(got), str(error)
    return bytes(got), ""


def noise(count: int) -> bytes:
    return random.Random(count).randbytes(count)  # noqa: S311


@each_pack
@given(raw=st.binary(max_size=3_000))
@examples(30)
def test_what_is_packed_comes_out_as_it_was(pack: Pack, raw: bytes) -> None:
    whole_raw = b"x" + raw  # what begins as packed is another test's
    assert whole(pack(whole_raw)) == whole_raw


@pytest.mark.parametrize("pack", CHAINED, ids=lambda pack: pack.__name__)
def test_packed_streams_one_after_the_other_are_one(pack: Pack) -> None:
    parts = [b"one", b"", noise(200_000), b"x" * 300_000, b"end"]
    assert whole(b"".join(map(pack, parts))) == b"".join(parts)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress], ids=["gzip", "xz"])
def test_zeros_behind_and_between_are_padding(pack: Pack) -> None:
    assert whole(pack(b"one") + bytes(512) + pack(b"two") + bytes(64)) == b"onetwo"


def test_a_zstd_file_may_begin_with_a_frame_that_is_skipped() -> None:
    assert whole(b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstd(b"text")) == b"text"


@each_pack
def test_packed_nothing_is_nothing(pack: Pack) -> None:
    assert whole(pack(b"")) == b""


@each_pack
def test_any_beginning_of_a_packed_file_gives_a_beginning_and_says_so(pack: Pack) -> None:
    raw = noise(150_000) + b"x" * 50_000
    packed = pack(raw)
    for length in (*range(12, 40), *range(1_000, len(packed), 20_011), len(packed) - 1):
        got, error = pieces(packed[:length])
        assert raw.startswith(got)
        # The old lzma format has no mark of its end: a byte short may be the whole of it.
        assert error.endswith("file ends before its end; what came before was kept. Fetch it again") or got == raw


@pytest.mark.parametrize("pack", CHAINED, ids=lambda pack: pack.__name__)
def test_damage_is_told_after_what_comes_before_it(pack: Pack) -> None:
    broken = bytearray(pack(noise(100_000)))
    broken[len(broken) // 2] ^= 0x10
    broken[len(broken) // 2 + 7] ^= 0xFF
    got, error = pieces(pack(noise(300_000)) + broken)
    assert got.startswith(noise(300_000))
    assert "file is damaged (" in error or got != noise(300_000) + noise(100_000)


@examples(150)
@given(pack=st.sampled_from(PACKS), at=st.floats(0, 1), mask=st.integers(1, 255))
def test_one_wrong_byte_is_the_same_bytes_or_an_error_of_ours(pack: Pack, at: float, mask: int) -> None:
    packed = bytearray(pack(b"The ferry runs again. " * 40 + noise(500)))
    packed[int(at * (len(packed) - 1))] ^= mask
    got, error = pieces(bytes(packed))
    assert got or error


def test_behind_damage_a_gzip_file_goes_on_with_its_next_whole_member() -> None:
    members = [gzip.compress(noise(50_000 + at)) for at in range(4)]
    broken = bytearray(members[1])
    broken[-6] ^= 1  # of the checksum
    with opened(io.BytesIO(members[0] + broken + members[2] + members[3][:-9])) as stream:
        first, error = until_damage(stream)
        assert "damaged (" in error
        assert first == noise(50_000) + noise(50_001)
        second, error = until_damage(stream)
        assert "ends before its end" in error
        assert (noise(50_002) + noise(50_003)).startswith(second)
        assert len(second) >= 50_002
        assert stream.read1() == b""


def test_a_wrong_checksum_and_damage_further_on_cost_nothing_that_comes_before() -> None:
    packed = bytearray(gzip.compress(b"It runs again. " + noise(300).hex().encode()))
    packed[-5] ^= 1
    got, error = pieces(bytes(packed))
    assert got == b"It runs again. " + noise(300).hex().encode()
    assert "damaged" in error
    packed = bytearray(gzip.compress(noise(1_000)) + gzip.compress(noise(900))[:12] + b"\xff" * 900)
    assert pieces(bytes(packed))[0].startswith(noise(1_000))


@each_pack
def test_what_is_packed_twice_is_refused(pack: Pack) -> None:
    with pytest.raises(SourceError, match="packed twice"):
        whole(gzip.compress(pack(b"text")))


def test_a_bomb_is_stopped_soon_and_in_little_memory() -> None:
    for pack in CHAINED:
        bomb = pack(bytes(2**22)) * 40
        began = time.process_time()
        read_bytes = 0
        tracemalloc.start()
        with opened(io.BytesIO(bomb)) as stream, pytest.raises(SourceError, match="more than 200 times"):
            while piece := stream.read1():
                read_bytes += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert ALWAYS_BYTES // 2 < read_bytes <= ALWAYS_BYTES + 2**22
        assert peak < 2**25
        assert time.process_time() - began < 10


def test_what_repeats_as_honest_records_do_is_no_bomb() -> None:
    line = '{"title": "Ferry %s", "text": "' + "The ferry runs again on Monday. " * 20 + '"}\n'
    lines = "".join(line % noise(at + 16)[:6].hex() for at in range(4_000)).encode() * 52
    assert whole(zstd(lines)) == lines


def test_a_budget_holds_for_all_layers_of_a_named_file_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semsearch.sources.compression.ALWAYS_BYTES", 2**20)
    budget = UnpackingBudget(1_000)
    one = gzip.compress(bytes(2**19 - 1))
    for _ in range(2):
        with opened(io.BytesIO(one), budget=budget) as stream:
            while stream.read1():
                pass
    with (
        pytest.raises(SourceError, match="200 times"),
        opened(io.BytesIO(gzip.compress(b"more")), budget=budget) as stream,
    ):
        stream.read()
    large = UnpackingBudget(2**20)  # of a file that is large itself, as much as its ratio allows
    large.spend(MOST_RATIO * 2**20, "zip")
    with pytest.raises(SourceError, match="the zip unpacks to more than 200 times"):
        large.spend(1, "zip")


def test_memory_that_a_header_asks_for_is_not_given() -> None:
    xz = bytearray(lzma.compress(b"text", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 2**29}]))
    assert "damaged" in pieces(bytes(xz))[1]
    wide = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    assert pieces(packer.compress(b"text") + packer.flush())[1]


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.bz2", "jsonl.xz", "jsonl.zst", "jsonl"])
def test_a_name_does_not_say_how_a_file_is_packed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    for pack in PACKS:
        path.write_bytes(pack(b'{"title": "Ferry", "text": "It runs again."}\n' * 3))
        told: list[int] = []
        found = list(read(path, on_bytes=told.append))
        assert [type(one) for one in found] == [Article] * 3
        assert sum(told) == measure(path)


def test_a_file_on_disk_is_read_in_any_order_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MOST_HELD_BYTES + 10)
        file.seek(-5, io.SEEK_END)
        file.write(b"tail.")
    tracemalloc.start()
    with opened(path) as stream:
        assert stream.peek(4)
        found = random_access(stream)
        assert found.seek(-5, io.SEEK_END) == MOST_HELD_BYTES + 5
        assert found.read() == b"tail."
        assert (found.seek(2), found.read(3), found.tell()) == (2, b"\0\0\0", 5)
    assert tracemalloc.get_traced_memory()[1] < 2**21
    tracemalloc.stop()


@pytest.mark.parametrize("pack", [bytes, *PACKS], ids=lambda pack: pack.__name__)
def test_other_streams_are_held_to_be_read_in_any_order(tmp_path: Path, pack: Pack) -> None:
    raw = b"x" + noise(200_000)
    (tmp_path / "a").write_bytes(pack(raw))
    for source in (tmp_path / "a", io.BytesIO(pack(raw))):
        with opened(source) as stream:
            found = random_access(stream)
            found.seek(100_000)
            assert found.read() == raw[100_000:]
            found.seek(0)
            assert found.read() == raw


def test_a_stream_too_long_to_hold_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semsearch.sources.streams.MOST_HELD_BYTES", 2**20)
    with opened(io.BytesIO(b"x" * (2**20 + 1))) as stream, pytest.raises(SourceError, match="name the file itself"):
        random_access(stream)


def test_a_file_cut_short_keeps_its_articles(tmp_path: Path) -> None:
    lines = b"".join(b'{"title": "Ferry %d", "text": "It runs again."}\n' % at for at in range(600))
    for pack in CHAINED:
        parts = b"".join(pack(lines[at : at + 2_700]) for at in range(0, len(lines), 2_700))
        (tmp_path / "a.jsonl").write_bytes(parts[: len(parts) * 2 // 3])
        found = list(read(tmp_path / "a.jsonl"))
        assert sum(isinstance(one, Article) for one in found) > 300
        assert isinstance(found[-1], Unreadable)
