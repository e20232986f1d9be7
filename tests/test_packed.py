"""Zip and tar: the files within are read as those of a folder are, whatever the archive's bytes."""

import io
import stat
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources import measure, read
from semsearch.sources.kinds import refusal
from semsearch.types import Article, Skipped, Unreadable
from tests.examples import examples
from tests.test_streams import CHAINED, noise

Files = Iterable[tuple[str, bytes]]
Pack = Callable[[Files], bytes]


def line(title: str) -> bytes:
    return b'{"title": "%s", "text": "The ferry runs again."}\n' % title.encode()


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, raw in files:
            info = zipfile.ZipInfo(name, (2024, 5, 3, 0, 0, 0))
            info.filename = name  # as it is
            info.compress_type = method
            archive.writestr(info, raw)
    return held.getvalue()


def zipped_to_a_pipe(files: Files) -> bytes:
    """Sizes stand behind each file then."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    held = Pipe()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files:
            archive.writestr(name, raw)
    return held.getvalue()


def tarred(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for name, raw in files:
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return held.getvalue()


def tarred_gnu(files: Files) -> bytes:
    return tarred(files, tarfile.GNU_FORMAT)


def tarred_ustar(files: Files) -> bytes:
    return tarred(files, tarfile.USTAR_FORMAT)


PACKS: list[Pack] = [zipped, zipped_to_a_pipe, tarred, tarred_gnu, tarred_ustar]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.__name__)


def found(raw: bytes) -> list[Article | Skipped | Unreadable]:
    return list(read("-", stdin=io.BytesIO(raw)))


def told(raw: bytes) -> list[tuple[str, str]]:
    """Return where each thing was found, with an article's title or the reason of a loss."""
    return [
        (one.origin.removeprefix("-"), one.metadata.title if isinstance(one, Article) else one.reason)
        for one in found(raw)
    ]


def with_entry(raw: bytes, at: int, value: bytes) -> bytes:
    """Return a zip of one file with other bytes in the place of those of its list's entry."""
    begin = raw.rindex(b"PK\x01\x02") + at
    return raw[:begin] + value + raw[begin + len(value) :]


@each_pack
def test_files_are_read_in_their_order_and_those_of_other_kinds_counted(pack: Pack) -> None:
    files = [("b/2.jsonl", line("B") * 2), ("a.md", b"---\ntitle: A\n---\nText.\n"), ("x.jpg", b"\xff"), ("y.doc", b"")]
    assert told(pack(files)) == [
        ("/b/2.jsonl:1", "B"),
        ("/b/2.jsonl:2", "B"),
        ("/a.md", "A"),
        ("/y.doc", refusal("y.doc")),
        ("", "1 part of other kinds (1 .jpg) left out"),
    ]


@st.composite
def trees(draw: st.DrawFn, level: int = 0) -> tuple[str, bytes, list[str]]:
    """A file's name, its bytes, and the titles within, in order; archives may be in archives."""
    title = f"T{draw(st.integers(0, 9_999))}"
    if level == 0 or (draw(st.booleans()) and level < 3):
        inner = [draw(trees(level + 1)) for _ in range(draw(st.integers(1, 3)))]
        pack = draw(st.sampled_from(PACKS))
        raw = pack([(f"{at}/{name}", raw) for at, (name, raw, _) in enumerate(inner)])
        name, titles = ("a.zip" if raw.startswith(b"PK") else "a.tar"), [one for _, _, ones in inner for one in ones]
    else:
        name, raw, titles = "a.jsonl", line(title), [title]
    if draw(st.booleans()):
        squeeze = draw(st.sampled_from(CHAINED))
        name, raw = name + ".gz", squeeze(raw)
    return name, raw, titles


@examples(60)
@given(trees())
def test_any_packing_gives_the_same_articles_as_the_files_themselves(tree: tuple[str, bytes, list[str]]) -> None:
    _, raw, titles = tree
    ones = found(raw)
    assert [one.metadata.title for one in ones if isinstance(one, Article)] == titles
    assert len(ones) == len(titles)


@each_pack
def test_archives_four_within_each_other_are_refused(pack: Pack) -> None:
    raw = line("Deep")
    for level in range(4):
        raw = pack([("a.jsonl" if level == 0 else "a.zip" if raw.startswith(b"PK") else "a.tar", raw)])
        last = found(raw)[-1]
        assert isinstance(last, Article) == (level < 3)
    assert told(raw)[-1][1] == "more than 3 files within each other: unpack it first"


@each_pack
def test_a_name_leads_nowhere_and_can_be_printed(pack: Pack) -> None:
    names = ["../../etc/a.jsonl", "/abs/b.jsonl", "./c.jsonl", "C:\\x\\..\\d.jsonl", "e\x1b[31m\n.jsonl", "雪.jsonl"]
    assert [origin for origin, _ in told(pack((name, line("X")) for name in names))] == [
        "/etc/a.jsonl:1", "/abs/b.jsonl:1", "/c.jsonl:1", "/x/d.jsonl:1", "/e[31m .jsonl:1", "/雪.jsonl:1",
    ]  # fmt: skip


@each_pack
def test_hidden_files_are_left_out_as_in_a_folder(pack: Pack) -> None:
    names = [".a.jsonl", "b/.git/c.jsonl", "__MACOSX/._d.jsonl", "e.jsonl"]
    assert told(pack((name, line("E")) for name in names)) == [("/e.jsonl:1", "E")]


@each_pack
def test_an_archive_of_nothing_has_no_article(pack: Pack) -> None:
    ((origin, why),) = told(pack([]))
    assert (origin, why.partition(",")[0]) in (("", "no article in it"), ("", "binary"))  # a tar of nothing is zeros


def test_names_of_any_length_are_read_from_tar_and_cut_to_be_told() -> None:
    for pack in (tarred, tarred_gnu):
        for length in (99, 100, 101, 155, 256, 5_000):
            ((origin, title),) = told(pack([("n" * length + ".jsonl", line("Long"))]))
            assert title == "Long"
            assert origin == f"/{('n' * length + '.jsonl') if length < 200 else '…' + 'n' * 234 + '.jsonl'}:1"


def test_ids_of_an_archive_are_its_own(tmp_path: Path) -> None:
    record = b'{"id": 1, "title": "One", "body": "x"}\n'
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(zipped([("coast/1.jsonl", record), ("valley/1.jsonl", record)]))
    ids = [one.metadata.article_id for one in read(tmp_path) if isinstance(one, Article)]
    assert len(set(ids)) == len(ids) == 4
    assert len({one.metadata.article_id for one in read(tmp_path, source="Wire") if isinstance(one, Article)}) == 1


def test_what_is_no_file_is_counted() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE)
        for at, kind in enumerate(kinds):
            info = tarfile.TarInfo(f"{at}.jsonl")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.jsonl")
        info.size = len(line("A"))
        archive.addfile(info, io.BytesIO(line("A")))
    assert told(held.getvalue()) == [("/a.jsonl:1", "A"), ("", "left out: 2 links, 1 pipe, 1 device")]
    link = zipfile.ZipInfo("link.jsonl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as zip_archive:
        zip_archive.writestr(link, "/etc/passwd")
        zip_archive.mkdir("folder.jsonl")
    assert told(held.getvalue()) == [("", "left out: 1 link")]


def test_sparse_files_that_claim_a_size_are_left_out() -> None:
    raw = bytearray(tarred_gnu([("a.jsonl", line("A"))]))
    raw[156:157] = b"S"
    raw[483:495] = b"77777777777\0"
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    assert told(bytes(raw)) == [("", "left out: 1 sparse file")]


# Zip


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_usual_method_is_undone(method: int) -> None:
    assert told(zipped([("a.jsonl", line("A"))], method)) == [("/a.jsonl:1", "A")]


def test_a_large_zips_way_of_counting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    raw = zipped([("a.jsonl", line("A")), ("b.jsonl", line("B"))])
    monkeypatch.undo()
    assert b"PK\x06\x06" in raw
    assert told(raw) == [("/a.jsonl:1", "A"), ("/b.jsonl:1", "B")]


def test_an_encrypted_file_an_unknown_method_and_damage_are_the_members_own_loss() -> None:
    raw = zipped([("a.jsonl", line("A"))])
    flags = struct.pack("<H", 1)
    assert told(with_entry(raw, 8, flags)) == [("", "left out: 1 encrypted file. Unpack it with its password")]
    method = struct.pack("<H", 98)
    assert told(with_entry(raw, 10, method)) == [("/a.jsonl", "packed within the zip by method 98: unpack it first")]
    ((origin, why),) = told(with_entry(raw, 16, b"\0\0\0\0"))
    assert (origin, why[:35]) == ("/a.jsonl", "damaged within the zip (Bad CRC-32 ")
    for at, size in ((20, 2**31), (24, 2**31), (24, 3), (42, 2**31)):  # packed, unpacked, place of the file
        assert len(told(with_entry(raw, at, struct.pack("<I", size)))) == 1
    assert told(with_entry(raw, 28, b"\0\0\0\0\7\0")) == [
        ("", "1 part of other kinds (1 without an ending) left out")
    ]  # no name
    good = zipped([("a.jsonl", line("A")), ("b.jsonl", line("B"))])
    ones = told(good.replace(b"PK\x03\x04", b"PK\x03\x05", 1)[: len(good)])
    assert [title for _, title in ones if title == "B"] == ["B"] or len(ones) == 1


def test_of_two_files_of_one_name_each_is_read() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        raw = zipped([("a.jsonl", line("Old")), ("a.jsonl", line("New"))])
    assert [title for _, title in told(raw)] == ["Old", "New"]


def test_a_name_in_utf_8_that_does_not_say_so_is_read() -> None:
    raw = zipped([("雪.jsonl", line("Snow"))])
    for at, where in ((6, b"PK\x03\x04"), (8, b"PK\x01\x02")):
        begin = raw.index(where) + at
        raw = raw[:begin] + b"\0\0" + raw[begin + 2 :]
    assert told(raw) == [("/雪.jsonl:1", "Snow")]


def test_overlapping_files_end_where_they_outgrow_the_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semsearch.sources.compression.ALWAYS_BYTES", 2**20)
    raw = zipped([("a.jsonl", b" " * 2**19)])
    begin = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    listing = raw[begin:end] * 400
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 400, 400, len(listing), begin, 0)
    last = found(raw[:begin] + listing + tail)[-1]
    assert isinstance(last, Unreadable)
    assert "more than 200 times the size" in last.reason or "Overlapped" in last.reason


@pytest.mark.slow
def test_a_zip_of_very_many_files_is_read_in_a_bounded_time() -> None:
    raw = zipped(((f"{at}.jpg", b"") for at in range(20_000)), zipfile.ZIP_STORED)
    began = time.process_time()
    assert told(raw) == [("", "20,000 parts of other kinds (20,000 .jpg) left out")]
    assert time.process_time() - began < 10


def test_a_zip_on_disk_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped([("x.bin", noise(2**24)), ("a.jsonl", line("A"))], zipfile.ZIP_STORED))
    tracemalloc.start()
    counts: list[int] = []
    assert len(list(read(tmp_path / "a.zip", on_bytes=counts.append))) == 2
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()
    assert sum(counts) == measure(tmp_path)


def test_of_a_zip_on_disk_it_is_told_how_far_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(
        zipped((f"{at}.txt", b"Title\n\n" + noise(50_000).hex().encode()) for at in range(20))
    )
    counts: list[int] = []
    told_by_then = [sum(counts) for _ in read(tmp_path / "a.zip", on_bytes=counts.append)]
    assert told_by_then == sorted(told_by_then)
    assert len(set(told_by_then)) > 5
    assert sum(counts) == measure(tmp_path)


# Tar


def test_what_a_reader_leaves_of_a_file_is_passed_over() -> None:
    files = [("a.txt", b"word " * 4_000_000), ("b.jsonl", line("B"))]
    (origin, why), after = told(tarred(files))
    assert (origin, why[:30]) == ("/a.txt", "more than 16 MiB for one artic")
    assert after == ("/b.jsonl:1", "B")


def test_a_damaged_header_costs_its_file_and_says_where() -> None:
    raw = bytearray(tarred([("a.jsonl", line("A")), ("b.jsonl", line("B")), ("c.jsonl", line("C"))]))
    raw[1_024 + 3] ^= 1
    assert told(bytes(raw)) == [
        ("/a.jsonl:1", "A"),
        ("", "damaged at byte 1,024: lost 1,024 bytes, then went on"),
        ("/c.jsonl:1", "C"),
    ]
    raw = bytearray(tarred([("a.jsonl", line("A"))]))
    assert told(bytes(raw[:1_024] + b"\xff" * 1_024)) == [
        ("/a.jsonl:1", "A"),
        ("", "the tar is damaged at byte 1,024, and nothing follows; what came before was kept. Fetch it again"),
    ]


def test_attributes_of_an_enormous_size_are_passed_over() -> None:
    def extended(kind: bytes, said: bytes) -> bytes:
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, len(said)
        return info.tobuf(tarfile.USTAR_FORMAT) + said + bytes(-len(said) % 512)

    good = tarred([("a.jsonl", line("A"))])
    for kind in (b"x", b"g", b"L", b"K"):
        for said in (b"9" * 3_000_000, b"30 size=99999999999999999999999\n", b"0 =\n", b"5 path\n", b"\0"):
            ones = told(extended(kind, said) * 3 + good)
            assert ones
            assert ones[-1][1] in ("A", "1 part of other kinds (1 without an ending) left out") or len(ones) == 1
    began = time.process_time()
    told(extended(b"x", b"9" * 900_000) * 5 + good)
    told(extended(b"x", b"1 ") * 5_000 + good)
    assert time.process_time() - began < 5


@each_pack
@examples(40)
@given(data=st.data())
def test_any_damage_ends_in_articles_and_losses_of_ours(pack: Pack, data: st.DataObject) -> None:
    raw = bytearray(pack([("a.jsonl", line("A")), ("d/b.md", b"# B\n\nText.\n"), ("c.txt", b"C\n\n" + b"word " * 99)]))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(1, len(raw) - 1)) :]
    else:
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    ones = found(bytes(raw))
    assert ones
    assert all(isinstance(one, Article) or one.reason for one in ones)


@each_pack
def test_an_archive_cut_short_says_so_after_what_comes_before(pack: Pack) -> None:
    raw = pack([(f"{at}.jsonl", line(f"T{at}")) for at in range(5)])
    for length in range(512, len(raw) - 1, 301):
        ones = found(raw[:length])
        whole = [one for one in ones if isinstance(one, Article)]
        assert [one.metadata.title for one in whole] == [f"T{at}" for at in range(len(whole))]
        assert not isinstance(ones[-1], Article) or len(whole) == 5
