"""Where vectors are only so exact they are stored so, and everything goes by what is stored."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines import begin_build
from semsearch.engines.folders import inspect, verify
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.manifest import SEGMENTS
from semsearch.ports import Entry
from semsearch.types import Precision
from tests.contract.histories import HYBRID, RECIPE, asking, holding, made, unit
from tests.oracle import assert_exact


def keyed(number: int) -> Entry:
    one = made(number)
    return replace(one, keys=[bytes([number + 1, ordinal] * 8) for ordinal in range(len(one.passages))])


def stored(place: Path, precision: Precision, *commits: list[Entry]) -> LocalEngine:
    begin_build(place, replace(RECIPE, precision=precision), replacing=False).finish()
    engine = LocalEngine(place)
    with engine.writer() as writer:
        for entries in commits:
            for one in entries:
                writer.add(one)
            writer.commit()
        writer.compact()
    return engine


def rounded(one: Entry) -> Entry:
    return replace(one, vectors=one.vectors.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("mix_text", ["old bridge", "旧桥 pont"])
def test_answers_are_those_of_the_vectors_that_are_stored(tmp_path: Path, mix_text: str) -> None:
    entries = [keyed(number) for number in range(20)]
    engine = stored(tmp_path / "index", Precision.AUTO, entries[:9], entries[9:])
    ask = asking(mix_text, unit(3), HYBRID)
    held = holding([rounded(one) for one in entries])
    for found in engine.search([ask, replace(ask, passages=True)]):
        walked = list(found.ranked())
        exact = next(stored(tmp_path / str(len(walked)), Precision.F32, list(held.values())).search([ask]))
        told = {(one.article_id, one.ordinal): one for name in held for one in exact.passages([name])[0]}
        for one in walked:
            assert abs(one.score - told[one.article_id, one.ordinal].score) < 2e-4  # articles' vectors are rounded, too
            np.testing.assert_array_equal(one.vector, held[one.article_id].vectors[one.ordinal])
    assert not verify(tmp_path / "index").damages
    assert not inspect(tmp_path / "index").unsound


def test_what_is_merged_is_what_would_be_written_at_once_in_half_the_bytes(tmp_path: Path) -> None:
    entries = [keyed(number) for number in range(20)]
    sizes = {}
    for name, commits in (("merged", [entries[:9], entries[9:]]), ("at once", [entries])):
        stored(tmp_path / name, Precision.AUTO, *commits)
        (folder,) = (path for path in (tmp_path / name / SEGMENTS).iterdir() if path.is_dir())
        sizes[name] = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sizes["merged"] == sizes["at once"]
    vectors = np.load(next((tmp_path / "merged" / SEGMENTS).glob("*/vectors.npy")))
    assert vectors.dtype == np.float16


def test_vectors_that_are_taken_again_are_those_that_are_stored(tmp_path: Path) -> None:
    entries = [keyed(number) for number in range(5)]
    engine = stored(tmp_path / "index", Precision.AUTO, entries)
    with engine.writer() as writer:
        found = writer.vectors_of([key for one in entries for key in one.keys])
    assert len(found) == sum(len(one.passages) for one in entries)
    for one in map(rounded, entries):
        for key, vector in zip(one.keys, one.vectors, strict=True):
            np.testing.assert_array_equal(found[key], vector)


def test_where_vectors_are_exact_they_are_stored_whole(tmp_path: Path) -> None:
    entries = [keyed(number) for number in range(20)]
    engine = stored(tmp_path / "index", Precision.F32, entries)
    ask = asking("old bridge", unit(3))
    assert_exact(next(engine.search([ask])), holding(entries), ask)
