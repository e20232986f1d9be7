"""An index that an earlier version wrote can be read and is renewed by compaction, without encoding anything again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines import open_engine
from semsearch.engines.local.manifest import SEGMENTS, read_manifest, write_manifest
from semsearch.errors import RecipeMismatchError
from semsearch.ports import Entry
from semsearch.types import Filters
from tests.contract.histories import asking, holding, id_of, local, made, unit
from tests.oracle import assert_exact

KEPT = {"articles.jsonl", "vectors.npy", "article_vectors.npy", "columns.arrays", "facets.arrays", "tags.arrays"}
KEPT |= {"keys.arrays", "background.arrays"}
"""What is read of a segment that other rules derived."""


def as_an_earlier_version_wrote_it(place: Path, *, segments: slice = slice(None)) -> None:
    """Let segments be derived by other rules, and take away what those wrote otherwise."""
    manifest = read_manifest(place)
    for entry in manifest.segments[segments]:
        for path in (place / SEGMENTS / entry.name).iterdir():
            if path.name not in KEPT:
                path.unlink()
    older = {
        entry.name: replace(
            entry, derived="4.1.1", files={name: seal for name, seal in entry.files.items() if name in KEPT}
        )
        for entry in manifest.segments[segments]
    }
    write_manifest(place, replace(manifest, segments=tuple(older.get(one.name, one) for one in manifest.segments)))


@pytest.fixture(params=[1, 3], ids=["one segment", "three segments"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Entry]:
    """What is in the index at `tmp_path`; of three segments, one has a deleted article."""
    # Nobody asked then how far the encoder can read an article.
    entries = [replace(made(number), legibility=1.0) for number in range(12)]
    engine = local(tmp_path)
    with engine.writer() as writer:
        for number, one in enumerate(entries):
            writer.add(one)
            if number % 5 == 4 and request.param > 1:
                writer.commit()
    gone = 3 if request.param > 1 else None
    with engine.writer() as writer:
        writer.delete(id_of(gone) if gone else "0" * 20)
    assert engine.stats().segments == request.param
    return holding([one for number, one in enumerate(entries) if number != gone])


def assert_readable(place: Path, held: dict[str, Entry]) -> None:
    engine = open_engine(place)
    assert {one.article_id for one in engine.articles(Filters())} == held.keys()
    assert engine.stats().articles == len(held)
    for article_id, one in held.items():
        assert engine.get(article_id) == one.article
        assert engine.passages(article_id) == list(one.passages)
        assert engine.find(article_id[:12]) == [article_id]


def test_an_index_of_an_earlier_version_is_read_and_says_how_it_can_be_searched(
    held: dict[str, Entry], tmp_path: Path
) -> None:
    as_an_earlier_version_wrote_it(tmp_path)
    assert_readable(tmp_path, held)
    with pytest.raises(RecipeMismatchError, match="earlier version") as refused:
        open_engine(tmp_path).search([asking(vector=unit(1))])
    assert "semsearch compact" in refused.value.hint


@pytest.mark.parametrize("segments", [slice(None), slice(1)], ids=["all", "the first"])
def test_compaction_renews_it_without_encoding_anything_again(
    held: dict[str, Entry], tmp_path: Path, segments: slice
) -> None:
    as_an_earlier_version_wrote_it(tmp_path, segments=segments)
    engine = open_engine(tmp_path)
    with engine.writer() as writer:
        writer.compact()
    for renewed in (engine, open_engine(tmp_path)):
        for ask in (
            asking("the old river", unit(1)),
            asking("Brücke 旧桥", phrases=("die",)),
            asking(vector=unit(2), passages=True),
        ):
            (found,) = renewed.search([ask])
            assert_exact(found, held, ask)  # vectors included, bit for bit
    assert_readable(tmp_path, held)
    generation = engine.stats().generation
    with engine.writer() as writer:
        writer.compact()
    assert engine.stats().generation == generation


def test_keys_outlive_the_renewal(held: dict[str, Entry], tmp_path: Path) -> None:
    as_an_earlier_version_wrote_it(tmp_path)
    engine = open_engine(tmp_path)
    with engine.writer() as writer:
        writer.compact()
    with engine.writer() as writer:
        for one in held.values():
            found = writer.vectors_of(one.keys)
            for key, vector in zip(one.keys, one.vectors, strict=True):
                np.testing.assert_array_equal(found[key], vector)


def test_articles_are_added_and_deleted_before_it_is_renewed(held: dict[str, Entry], tmp_path: Path) -> None:
    as_an_earlier_version_wrote_it(tmp_path)
    engine = open_engine(tmp_path)
    with engine.writer() as writer:
        writer.add(made(20))
        writer.delete(id_of(2))
    held = {key: one for key, one in held.items() if key != id_of(2)} | holding([made(20)])
    assert_readable(tmp_path, held)
    with pytest.raises(RecipeMismatchError):
        engine.search([asking(vector=unit(1))])
    with engine.writer() as writer:
        writer.compact()
    assert_exact(next(engine.search([asking(vector=unit(1))])), held, asking(vector=unit(1)))
