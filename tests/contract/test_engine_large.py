"""Of a very large index only likely rows are looked at: what is given is right all the same, and little is missed."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines.local import candidates, cosines, recall, writer
from semsearch.engines.local.engine import LocalEngine, begin_build
from semsearch.engines.local.manifest import BUILDING
from semsearch.engines.local.segment import LEAST_PROPOSED
from semsearch.engines.local.thresholds import DEFAULTS
from semsearch.ports import Ask, Entry, Matrix, Mix
from semsearch.types import Filters
from tests.contract.histories import DIMENSIONS, HYBRID, LOCAL, RECIPE, asking, id_of, made, stored, unit
from tests.contract.ways import ways_not_taken
from tests.examples import slow_but

VERY_LARGE = replace(DEFAULTS, exact_rows=0, gathered_rows=300, proposed_rows=64, judged_rows=128)
ARTICLES = 1_500
PASSAGES = 3


def vectors_of(rows: int, seed: int) -> Matrix:
    """Vectors in some hundred crowds, as texts about some hundred things have."""
    draw = np.random.default_rng(seed)
    middles = draw.normal(size=(200, DIMENSIONS))
    vectors = middles[draw.integers(0, 200, rows)] + 0.3 * draw.normal(size=(rows, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def entries() -> list[Entry]:
    vectors = vectors_of(ARTICLES * PASSAGES, 1).reshape(ARTICLES, PASSAGES, DIMENSIONS)
    queries = vectors_of(ARTICLES, 2)
    return [
        replace(made(number, passages=PASSAGES), vectors=own, headline=query if number % 16 == 0 else None)
        for number, (own, query) in enumerate(zip(vectors, queries, strict=True))
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments, one with product codes; a few articles are deleted."""
    place = tmp_path_factory.mktemp("very large") / "index"
    LOCAL.make(place)
    every = entries()
    with LocalEngine(place, thresholds=VERY_LARGE).writer() as transaction:
        for one in every[: ARTICLES - 100]:
            transaction.add(one)
        transaction.commit()
        for one in every[ARTICLES - 100 :]:
            transaction.add(one)
        transaction.commit()
    whole = LocalEngine(place, thresholds=VERY_LARGE)
    for ask in asks()[::3]:
        assert len(walked(whole, ask, 30)) == len(walked(whole, replace(ask, exact=True), 30))
    with LocalEngine(place, thresholds=VERY_LARGE).writer() as transaction:
        for number in range(0, ARTICLES, 97):
            transaction.delete(id_of(number))
    assert (ARTICLES - 100) * PASSAGES >= LEAST_PROPOSED
    return place


def asks() -> list[Ask]:
    beat, desk = frozenset({("beat", "b3")}), frozenset({("desk", "d1")})
    return [
        replace(asking(text, vector, mix, **given), text=text)
        for seed, (text, mix, given) in enumerate(
            [
                ("old bridge", HYBRID, {}),
                ("the river the quay", HYBRID, {"passages": True}),
                ("alte Brücke river", Mix(1.0), {}),
                ("旧桥 pont", HYBRID, {"filters": Filters(tags=desk)}),
                ("old bridge", HYBRID, {"filters": Filters(tags=beat)}),
                ("sông", HYBRID, {"excluded": ("bridge",)}),
                ("wall", HYBRID, {"phrases": ("old bridge",)}),
                ("", Mix(1.0), {"filters": Filters(publishers=frozenset({"alpha"}))}),
                ("old bridge", HYBRID, {"without": id_of(5)}),
                ("1003", HYBRID, {"excluded": ("1003",)}),
            ]
        )
        for vector in vectors_of(3, 10 + seed)
    ]


def steady(ask: Ask) -> Ask:
    """The same, with no second look by what was found first: that may be other passages where not all are scored."""
    return replace(ask, mix=replace(ask.mix, feedback=0.0))


def walked(engine: LocalEngine, ask: Ask, limit: int | None = None) -> list[tuple[str, int, float]]:
    (found,) = engine.search([ask])
    return [(one.article_id, one.ordinal, one.score) for one in islice(found.ranked(), limit)]


def test_asked_to_be_exact_a_very_large_index_answers_as_a_small_one(place: Path) -> None:
    large, small = LocalEngine(place, thresholds=VERY_LARGE), LocalEngine(place)
    for ask in asks():
        assert walked(large, replace(ask, exact=True), 100) == walked(small, ask, 100)


def test_of_the_ten_best_hardly_one_is_missed_and_its_recall_is_told(place: Path) -> None:
    engine = LocalEngine(place, thresholds=VERY_LARGE)
    told = engine.stats().approximation
    assert told is not None
    assert told.recall is not None
    assert told.recall >= recall.ENOUGH
    assert told.queries > 20
    shares = []
    for ask in asks():
        best, wanted = ({one[0] for one in walked(engine, one, 10)} for one in (ask, replace(ask, exact=True)))
        assert len(best) == len(wanted)
        shares.append(len(best & wanted) / max(1, len(wanted)))
    assert np.mean(shares) >= 0.9  # of eight numbers product codes keep eight bits
    assert LocalEngine(place).stats().approximation is not None  # it is kept
    small = LOCAL.make(place.with_name("small"))
    assert small.stats().approximation is None


def test_recall_is_measured_anew_when_segments_are_merged(place: Path, tmp_path: Path) -> None:
    own = tmp_path / "index"
    shutil.copytree(place, own)
    engine = LocalEngine(own, thresholds=VERY_LARGE)
    before = engine.stats()
    assert before.approximation is not None
    assert before.approximation.passages < before.passages  # it was measured before the last were added
    with engine.writer() as transaction:
        transaction.compact()
    after = engine.stats()
    assert after.segments < before.segments
    assert after.approximation is not None
    assert after.approximation.passages == after.passages == before.passages
    with engine.writer() as transaction:
        transaction.compact()
    assert engine.stats().generation == after.generation  # nothing is left to be done


def test_an_interrupted_measurement_is_made_up_for(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "index"
    shutil.copytree(place, own)
    engine = LocalEngine(own, thresholds=VERY_LARGE)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writer, "measure_recall", interrupted)
        with pytest.raises(KeyboardInterrupt), engine.writer() as transaction:
            transaction.compact()
    left = LocalEngine(own, thresholds=VERY_LARGE)
    assert left.stats().segments == 1  # the merge was done
    with left.writer() as transaction:
        transaction.compact()
    told = left.stats()
    assert told.approximation is not None
    assert told.approximation.passages == told.passages


def test_recall_of_a_build_is_measured_once_when_it_is_compacted(tmp_path: Path) -> None:
    place = tmp_path / "index"
    begin_build(place, RECIPE, job="news", replacing=False).close()
    engine = LocalEngine(place, BUILDING, thresholds=VERY_LARGE)
    with engine.writer() as transaction:
        for one in entries():
            transaction.add(one)
        transaction.commit()
        assert engine.stats().approximation is None
        transaction.compact()
    engine.finish()
    told = LocalEngine(place, thresholds=VERY_LARGE).stats()
    assert told.approximation is not None
    assert told.approximation.passages == told.passages


@pytest.mark.parametrize("third", slow_but([0], range(3)))
def test_everything_that_is_allowed_comes_once_with_its_exact_score(place: Path, third: int) -> None:
    engine, small = LocalEngine(place, thresholds=VERY_LARGE), LocalEngine(place)
    for ask in map(steady, asks()[third::3]):
        assert sorted(walked(engine, ask)) == sorted(walked(small, ask))


@pytest.mark.parametrize("third", slow_but([0], range(3)))
def test_newest_first_nothing_is_missed(place: Path, third: int) -> None:
    engine, small = LocalEngine(place, thresholds=VERY_LARGE), LocalEngine(place)
    for ask in (replace(steady(one), least_confidence=0.25, newest_first=True) for one in asks()[third::3]):
        assert walked(engine, ask) == walked(small, ask)
        assert walked(engine, ask, 5) == walked(small, ask, 5)


@pytest.mark.parametrize("third", slow_but([0], range(3)))
def test_everything_that_is_sure_enough_comes_once(place: Path, third: int) -> None:
    engine, small = LocalEngine(place, thresholds=VERY_LARGE), LocalEngine(place)
    for ask in (replace(steady(one), least_confidence=0.3) for one in asks()[third::3]):
        assert sorted(walked(engine, ask)) == sorted(walked(small, ask))
        assert walked(engine, replace(ask, exact=True)) == walked(small, ask)


@pytest.mark.slow
def test_every_way_of_choosing_is_taken(place: Path, tmp_path: Path) -> None:
    whole = stored(LOCAL, tmp_path / "whole", [made(number) for number in range(200)])
    with ways_not_taken([candidates, cosines, recall]) as missing:
        few = replace(VERY_LARGE, gathered_rows=3, proposed_rows=2)
        for ask in asks()[::3]:
            walked(LocalEngine(whole._directory, thresholds=few), ask)
        engine = LocalEngine(place, thresholds=VERY_LARGE)
        for ask in [
            *asks()[::3],
            asking("old bridge"),
            asking("wall", phrases=("quay",)),
            asking("wall", filters=Filters(until=1)),
            asking("old bridge", without=id_of(1)),
            asking("", unit(1), Mix(1.0), without=id_of(1)),
            asking("1003", excluded=("1003",)),
        ]:
            walked(engine, ask, 30)
            walked(engine, replace(ask, newest_first=True, least_confidence=0.3), 30)
            walked(engine, replace(ask, least_confidence=0.3), 30)
            walked(engine, replace(ask, exact=True), 3)
        segments: Sequence = engine._snapshot.segments
        told = recall.measure_recall(segments, VERY_LARGE, None)
        assert recall.measure_recall(segments, VERY_LARGE, told) is told
        assert recall.is_measured(segments, told)
        assert recall.measure_recall(segments, replace(VERY_LARGE, proposed_rows=1), None).proposed > 1
        assert recall.measure_recall(segments[:0], VERY_LARGE, told) is None
        for segment in segments:
            segment.__dict__["headlines"] = {}
        assert recall.measure_recall(segments, VERY_LARGE, None).recall is None
    assert not missing, " ".join(missing)
