from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines import open_engine
from semsearch.engines.local import writer as local_writer
from semsearch.engines.local.arrays import Stored
from semsearch.engines.local.manifest import read_manifest
from semsearch.engines.local.vector_keys import KEYS, digests_of, halves_of, is_known, read_keys, write_keys
from semsearch.errors import IndexDamagedError
from semsearch.ports import Entry
from semsearch.types import Filters
from tests.array_files import pieces_in
from tests.contract.histories import asking, local, made, unit
from tests.contract.test_engine_damage import DAMAGES
from tests.contract.test_engine_reuse import SENTENCES, assert_reuse, sharing, sharing_steps
from tests.examples import examples, slow_but
from tests.making import key_of

# Keys that share their first half, their last half, or both, as digests do not.
halves = st.sampled_from([bytes(8), bytes(7) + b"\x01", b"\x01" + bytes(7), b"\x7f" * 8, b"\x80" * 8, b"\xff" * 8])
close_keys = st.builds(lambda first, last: first + last, halves, halves)


def _write(folder: Path, keys: Sequence[bytes], vectors: Stored) -> None:
    write_keys(folder, halves_of(keys), digests_of(keys, vectors))


@examples(200)
@given(keys=st.lists(close_keys | st.binary(min_size=16, max_size=16), max_size=60), wanted=st.sets(close_keys))
def test_a_row_is_found_for_every_key_that_has_one_and_for_no_other(
    tmp_path_factory: pytest.TempPathFactory, keys: list[bytes], wanted: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    _write(folder, keys, np.zeros((len(keys), 2), dtype=np.float32))
    stored = read_keys(folder, len(keys))
    assert stored.by_row(len(keys)) == keys
    asked = sorted({*wanted, *keys})
    rows = stored.rows_of(halves_of(asked))
    assert [row >= 0 for row in rows] == [one in keys for one in asked]
    assert all(keys[row] == one for row, one in zip(rows, asked, strict=True) if row >= 0)


def test_a_look_up_copies_nothing_of_what_is_stored(tmp_path: Path) -> None:
    _write(tmp_path, [key_of(text) for text in SENTENCES], np.zeros((len(SENTENCES), 2), dtype=np.float32))
    stored = read_keys(tmp_path, len(SENTENCES))
    for searched in stored.halves:
        assert searched.flags.c_contiguous
        assert searched.flags.aligned
        assert not searched.flags.owndata
        assert searched.dtype.isnative


def test_a_key_that_is_neither_whole_nor_empty_is_refused() -> None:
    assert halves_of([b"", bytes(16)]).tolist() == [[0, 0], [0, 0]]
    assert [is_known(one) for one in (b"", bytes(16), b"short", key_of("text"))] == [False, False, False, True]
    with pytest.raises(ValueError, match="16 bytes"):
        halves_of([b"x" * 15, b"x" * 17])


@examples(100)
@given(steps=sharing_steps)
def test_vectors_are_found_in_segments_that_no_manifest_names_yet(
    tmp_path_factory: pytest.TempPathFactory, steps: Any
) -> None:
    engine = local(tmp_path_factory.mktemp("engine") / "index")
    held: dict[int, Entry] = {}
    once: set[bytes] = set()
    with pytest.MonkeyPatch.context() as patch, engine.writer() as writer:
        patch.setattr(local_writer, "SEGMENT_PASSAGES", 4)
        for name, *arguments in steps:
            if name == "add":
                held[arguments[0]] = one = sharing(*arguments)
                once |= {each for each in one.keys if is_known(each)}
                writer.add(one)
            elif name == "delete":
                writer.delete(sharing(arguments[0], "x").article.metadata.article_id)
                held.pop(arguments[0], None)
            else:
                writer.compact() if name == "compact" else writer.commit()
            assert_reuse(writer, held.values(), once)
    assert engine.stats().articles == len(held)
    assert engine.stats().passages == sum(len(one.passages) for one in held.values())


def test_one_transaction_may_fill_the_same_segment_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_writer, "SEGMENT_PASSAGES", 3)
    engine = local(tmp_path / "index")
    with engine.writer() as writer:
        for version in (0, 1, 0, 1, 0):
            writer.add(made(1, version))
    assert engine.get(made(1).article.metadata.article_id) == made(1).article
    assert engine.stats().articles == 1


def filled(place: Path, entries: Iterable[Entry]) -> Path:
    """An index of these entries; returns its one segment."""
    with local(place).writer() as writer:
        for one in entries:
            writer.add(one)
    [segment] = (place / "segments").iterdir()
    return segment


def test_the_same_articles_give_the_same_keys_in_whatever_order_they_come(tmp_path: Path) -> None:
    entries = [sharing(number, SENTENCES[number : number + 4], known=number != 2) for number in range(5)]
    first, second = filled(tmp_path / "1", entries), filled(tmp_path / "2", entries[::-1])
    assert first.name == second.name
    assert (first / KEYS).read_bytes() == (second / KEYS).read_bytes()


def test_keys_are_sealed_like_every_other_file(tmp_path: Path) -> None:
    segment = filled(tmp_path / "index", [made(1)])
    [named] = read_manifest(tmp_path / "index").segments
    assert named.files.keys() == {path.name for path in segment.iterdir()} >= {KEYS}


def test_reading_needs_no_keys(tmp_path: Path) -> None:
    segment = filled(tmp_path / "index", [made(number) for number in range(6)])
    (segment / KEYS).unlink()
    engine = open_engine(tmp_path / "index")
    assert next(engine.search([asking(vector=unit(1))])).total == 6
    assert engine.get(made(1).article.metadata.article_id) == made(1).article
    assert len(list(engine.articles(Filters()))) == engine.stats().articles == 6


_HEADER_BYTES = 128


def damaged_look_up(place: Path, texts: Sequence[str]) -> dict[bytes, np.ndarray]:
    with open_engine(place).writer() as writer:
        return writer.vectors_of([key_of(text) for text in texts])


def test_damaged_keys_are_an_error_that_names_the_segment(tmp_path: Path) -> None:
    segment = filled(tmp_path / "index", [sharing(0, SENTENCES)])
    path = segment / KEYS
    content = path.read_bytes()
    for how in ("cut", "empty", "header", "zeros", "ones"):
        path.write_bytes(DAMAGES[how](content))
        with pytest.raises(IndexDamagedError, match=segment.name):
            damaged_look_up(tmp_path / "index", SENTENCES[:1])
    path.unlink()
    with pytest.raises(IndexDamagedError, match=segment.name):
        damaged_look_up(tmp_path / "index", SENTENCES[:1])


def numbers(name: str, content: bytes) -> Iterator[tuple[int, str]]:
    """Yield where each byte of an array's numbers is in a file, with the array's name."""
    end = 0
    for array, piece in pieces_in(name, content).items():
        begin = content.index(piece, end)
        end = begin + len(piece)
        yield from ((at, array) for at in range(begin + _HEADER_BYTES, end))


@pytest.mark.parametrize("name", slow_but([KEYS], [KEYS, "vectors.npy"]))
def test_a_damaged_byte_never_gives_a_wrong_vector_and_never_gets_into_a_new_segment(tmp_path: Path, name: str) -> None:
    segment = filled(tmp_path / "index", [sharing(0, SENTENCES)])
    right = damaged_look_up(tmp_path / "index", SENTENCES)
    assert len(right) == len(SENTENCES)
    path = segment / name
    content = path.read_bytes()
    for at, array in numbers(name, content):  # headers have their own test
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        try:
            found = damaged_look_up(tmp_path / "index", SENTENCES)
            # The row whose key it was is looked for in vain, and is encoded again.
            assert len(found) < len(SENTENCES) or array == "rows"
            assert all((vector == right[key]).all() for key, vector in found.items())
        except IndexDamagedError as error:
            assert segment.name in str(error)
    with pytest.raises(IndexDamagedError, match=segment.name), open_engine(tmp_path / "index").writer() as writer:
        writer.add(sharing(1, SENTENCES[:1]))
        writer.compact()
