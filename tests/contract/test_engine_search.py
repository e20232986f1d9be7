"""What an engine ranks is what brute force ranks, whatever is asked and however the index came to be."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import QueryTimeoutError
from semsearch.ports import Ask, Engine, Entry, Found, Mix
from semsearch.types import Filters
from tests.contract.histories import (
    DIMENSIONS,
    MEMORY,
    Kind,
    any_filters,
    asking,
    asks,
    filter_choices,
    holding,
    id_of,
    made,
    of_local_kinds,
    play,
    steps,
    stored,
    unit,
    with_vectors,
)
from tests.examples import examples
from tests.making import article, entry
from tests.oracle import assert_exact, is_allowed, of_articles, of_passages


class Filled:  # not a dataclass, or Hypothesis would spell out every article
    def __init__(self, kind: Kind, place: Path, engine: Engine, held: dict[str, Entry]) -> None:
        self.kind, self.place, self.engine, self.held = kind, place, engine, held


@pytest.fixture(scope="module")
def filled(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Forty articles in four segments, of which some were replaced and some deleted."""
    entries = [made(number, passages=1 + number % 4) for number in range(44)]
    later = [made(number, version=1, passages=2) for number in range(5, 44, 11)]
    place = tmp_path_factory.mktemp("filled") / "index"
    engine = stored(kind, place, entries[:20], entries[20:21], entries[21:], later)
    gone = [id_of(number) for number in (0, 7, 20, 35)]
    with engine.writer() as writer:
        for article_id in gone:
            writer.delete(article_id)
    assert engine.stats().segments > 2 or kind is MEMORY  # where nothing is in pieces
    return Filled(
        kind, place, engine, {key: one for key, one in holding([*entries, *later]).items() if key not in gone}
    )


def walked(found: Found, limit: int | None = None) -> list[tuple[str, int, float, bytes]]:
    return [(one.article_id, one.ordinal, one.score, one.vector.tobytes()) for one in islice(found.ranked(), limit)]


@examples(30)
@given(history=steps, asked=st.lists(asks, min_size=1, max_size=4), filters=any_filters)
def test_after_any_history_and_under_any_filter_the_answer_is_that_of_brute_force(
    kind: Kind, tmp_path_factory: pytest.TempPathFactory, history: Any, asked: list[Ask], filters: Filters
) -> None:
    engine, held = play(kind, tmp_path_factory.mktemp("engine") / "index", history)

    for ask, found in zip(asked, engine.search(asked), strict=True):
        assert_exact(found, held, ask, kind.thresholds)

    listed = [metadata.article_id for metadata in engine.articles(filters)]
    wanted = [one.article.metadata for one in held.values() if is_allowed(one, filters)]
    dated = sorted((m for m in wanted if m.published), key=lambda m: (-m.published.earliest, m.article_id))
    undated = sorted((m for m in wanted if not m.published), key=lambda m: m.article_id)
    assert listed == [metadata.article_id for metadata in (*dated, *undated)]

    for number in range(20):
        kept = held.get(id_of(number))
        assert engine.get(id_of(number)) == (kept and kept.article)
        assert engine.passages(id_of(number)) == (list(kept.passages) if kept else [])
        assert engine.find(id_of(number)[:12]) == ([id_of(number)] if kept else [])
        assert (engine.article_vector(id_of(number)) is None) == (kept is None)
    stats = engine.stats()
    assert stats.articles == len(held)
    assert stats.passages == sum(len(one.passages) for one in held.values())
    assert stats.undated == sum(one.article.metadata.published is None for one in held.values())


@examples(150)
@given(ask=asks)
def test_whatever_is_asked_the_answer_is_that_of_brute_force(filled: Filled, ask: Ask) -> None:
    (found,) = filled.engine.search([ask])
    assert_exact(found, filled.held, ask, filled.kind.thresholds)


@examples(40)
@given(text=st.sampled_from(["old bridge", "die alte Brücke", "旧桥", "the river the quay"]), filters=filter_choices)
def test_filters_change_no_score(filled: Filled, text: str, filters: Filters) -> None:
    engine, held, thresholds = filled.engine, filled.held, filled.kind.thresholds
    own, whole = of_passages(held, text, thresholds), of_articles(held, text, thresholds)
    (found,) = engine.search([asking(text, unit(1), filters=filters, newest_first=True)])
    for one in found.ranked():
        signals = found.passage(one.article_id, one.ordinal).signals
        assert signals.lexical == pytest.approx(own[one.article_id, one.ordinal].score, abs=1e-6)
        assert signals.article_lexical == pytest.approx(whole[one.article_id].score, abs=1e-6)
        assert signals.coverage == pytest.approx(whole[one.article_id].coverage, abs=1e-6)


@of_local_kinds
@examples(100)
@given(ask=asks, depth=st.sampled_from([1, 2, 7, 30]), limit=st.integers(1, 40))
def test_nothing_depends_on_how_deep_is_looked(filled: Filled, ask: Ask, depth: int, limit: int) -> None:
    whole = walked(next(filled.engine.search([ask])))
    engine = filled.kind.reopen(filled.place, thresholds=replace(filled.kind.thresholds, first_depth=depth, deeper=2))
    assert walked(next(engine.search([ask])), limit) == whole[:limit]
    assert walked(next(engine.search([ask]))) == whole


@of_local_kinds
@examples(50)
@given(asked=st.lists(asks, max_size=6))
def test_many_queries_at_once_are_answered_as_each_alone(filled: Filled, asked: list[Ask]) -> None:
    engine, held = filled.engine, filled.held
    together = list(engine.search(asked))
    assert len(together) == len(asked)
    for ask, found in zip(asked, together, strict=True):
        (alone,) = engine.search([ask])
        assert walked(found) == walked(alone)
        assert (found.total, found.relaxed) == (alone.total, alone.relaxed)
        for article_id in held:
            assert found.passages([article_id])[0] == alone.passages([article_id])[0]


@examples(60)
@given(text=st.sampled_from(["old bridge", "the river the quay", "旧桥 die Brücke"]), number=st.integers(0, 43))
def test_the_terms_of_a_passage_add_up_to_its_score(filled: Filled, text: str, number: int) -> None:
    engine = filled.engine
    (found,) = engine.search([asking(text, unit(2), Mix(1.0))])
    for one in found.passages([id_of(number)])[0]:
        terms = found.terms(one.article_id, one.ordinal)
        assert sum(value for _, value in terms) == pytest.approx(one.signals.lexical, abs=1e-9)
        assert [value for _, value in terms] == sorted((value for _, value in terms), reverse=True)


@examples(40)
@given(ask=asks, pick=st.integers(0, 200), beside=st.integers(0, 2))
def test_who_is_exactly_as_sure_as_is_asked_is_shown(filled: Filled, ask: Ask, pick: int, beside: int) -> None:
    engine, held = filled.engine, filled.held
    (every,) = engine.search([asking(ask.text, ask.vector)])
    rows = [one for article_id in sorted(held) for one in every.passages([article_id])[0]]
    if rows:
        least = rows[pick % len(rows)].confidence
        found, *_ = engine.search(
            [asking(ask.text, ask.vector, least_confidence=least), *[asking(vector=unit(3))] * beside]
        )
        shown = {(one.article_id, one.ordinal) for article_id in held for one in found.passages([article_id])[0]}
        assert shown == {(one.article_id, one.ordinal) for one in rows if one.confidence >= least}


@pytest.mark.parametrize("depth", [1, 2, 128])
@pytest.mark.parametrize("passages", [True, False])
def test_equal_scores_are_ordered_by_article_id_then_ordinal_across_segments(
    kind: Kind, tmp_path: Path, depth: int, passages: bool
) -> None:
    entries = [with_vectors(made(number, passages=2), unit(1), unit(1)) for number in range(30)]
    stored(kind, tmp_path / "index", entries[:1], entries[1:8], entries[8:])
    engine = kind.reopen(tmp_path / "index", thresholds=replace(kind.thresholds, first_depth=depth))
    (found,) = engine.search([asking("", unit(1), Mix(1.0), passages=passages)])
    ids = sorted(holding(entries))
    places = [(article_id, ordinal) for article_id in ids for ordinal in range(2)]
    assert [(one.article_id, one.ordinal) for one in found.ranked()] == places[:: 1 if passages else 2]


@of_local_kinds
def test_scores_that_differ_by_less_than_arithmetic_are_ordered_as_if_all_were_compared(
    kind: Kind, tmp_path: Path
) -> None:
    """The products that say what is worth a look are in float32, and err by more than these vectors differ."""
    near = unit(1) + np.random.default_rng(3).normal(size=(300, DIMENSIONS)) * 1e-5
    near = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    entries = [with_vectors(made(number, passages=100), *near[number::3]) for number in range(3)]
    stored(kind, tmp_path / "index", entries[:2], entries[2:])
    held = holding(entries)
    for depth, seeds in ((1, (0, 1)), (3, range(5)), (20, (2, 3))):
        engine = kind.reopen(tmp_path / "index", thresholds=replace(kind.thresholds, first_depth=depth, deeper=2))
        for seed in seeds:
            ask = asking("", unit(seed), Mix(1.0), passages=True)
            assert_exact(next(engine.search([ask])), held, ask, kind.thresholds)


@pytest.mark.parametrize("depth", [1, 128])
def test_one_article_of_many_near_passages_does_not_take_the_places_of_others(
    kind: Kind, tmp_path: Path, depth: int
) -> None:
    flood = with_vectors(made(0, passages=400), *[unit(1)] * 400)
    stored(kind, tmp_path / "index", [flood, *map(made, range(1, 20))])
    engine = kind.reopen(tmp_path / "index", thresholds=replace(kind.thresholds, first_depth=depth))
    (found,) = engine.search([asking("", unit(1), Mix(1.0))])
    assert len({one.article_id for one in islice(found.ranked(), 10)}) == 10


def test_an_undated_article_is_as_old_as_the_oldest_that_is_dated(kind: Kind, tmp_path: Path) -> None:
    undated, dated = made(4), made(8)
    engine = stored(kind, tmp_path / "index", [undated, dated])
    published = dated.article.metadata.published
    assert published
    assert undated.article.metadata.published is None
    for age, expected in ((0, 1.0), (-5, 1.0), (100, 0.5), (200, 0.25)):
        ask = asking(vector=unit(1), half_life=100.0, as_of=published.latest + age)
        (found,) = engine.search([ask])
        assert found.passages([id_of(8)])[0][0].recency == pytest.approx(expected)
        assert found.passages([id_of(4)])[0][0].recency == found.passages([id_of(8)])[0][0].recency


def test_an_empty_index_answers_with_nothing(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    for ask in (
        asking(vector=unit(1)),
        asking(),
        asking(phrases=("old bridge",), excluded=("river",), newest_first=True),
    ):
        (found,) = engine.search([ask])
        assert (found.total, list(found.ranked()), found.relaxed) == (0, [], ask.phrases)
        assert (list(found.passages([id_of(1)])[0]), found.alike([id_of(1)])[0]) == ([], [])
    assert list(engine.search([])) == []
    assert list(engine.articles(Filters(since=0, until=86_400))) == []
    assert engine.article_vector(id_of(1)) is None
    assert engine.stats().articles == 0


def test_a_query_whose_time_is_over_is_given_up_and_the_next_one_is_answered(kind: Kind, tmp_path: Path) -> None:
    engine = stored(kind, tmp_path / "index", [made(number) for number in range(6)])
    answers = engine.search([asking(vector=unit(1), timeout=1e-9), asking(vector=unit(1), timeout=600.0)])
    with pytest.raises(QueryTimeoutError, match="given up"):
        list(next(answers).ranked())
    (found,) = answers
    assert len(list(found.ranked())) == 6


def test_a_closed_engine_answers_as_an_empty_one(kind: Kind, tmp_path: Path) -> None:
    engine = stored(kind, tmp_path / "index", [made(1)])
    engine.close()
    (found,) = engine.search([asking(vector=unit(1))])
    assert (found.total, list(found.ranked())) == (0, [])


def test_the_vector_of_an_article_is_the_mean_of_its_passages(kind: Kind, tmp_path: Path) -> None:
    opposite = with_vectors(made(2, passages=2), unit(1), -unit(1))
    engine = stored(kind, tmp_path / "index", [made(1), opposite])
    mean = made(1).vectors.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(engine.article_vector(id_of(1)), mean / np.linalg.norm(mean), atol=1e-6)
    assert np.isfinite(engine.article_vector(id_of(2))).all()
    assert_exact(next(engine.search([asking(vector=unit(1))])), holding([made(1), opposite]), asking(vector=unit(1)))


def test_feedback_that_points_the_other_way_takes_nothing_apart(kind: Kind, tmp_path: Path) -> None:
    opposite = with_vectors(made(2, passages=1), -unit(1))
    engine = stored(kind, tmp_path / "index", [opposite])
    for feedback in (0.5, 1.0):
        mix = Mix(1.0, 0.4, dense_article=0.3, lexical_article=0.4, feedback=feedback)
        ask = asking("", unit(1), mix)
        assert_exact(next(engine.search([ask])), holding([opposite]), ask)


def test_many_articles_are_told_as_each_alone_in_the_order_asked(kind: Kind, tmp_path: Path) -> None:
    engine = stored(kind, tmp_path / "index", [made(number) for number in range(6)])
    (found,) = engine.search([asking(vector=unit(1), filters=Filters(publishers={"alpha", "beta"}))])
    asked = [id_of(number) for number in (3, 1, 2, 0, 17)]  # the third is not allowed, the last not there
    assert found.passages(asked) == [found.passages([one])[0] for one in asked]
    assert found.alike(asked) == [found.alike([one])[0] for one in asked]
    assert [len(own) for own in found.passages(asked)] == [3, 3, 0, 3, 0]
    assert found.passages([]) == found.alike([]) == []


def test_few_passages_in_two_languages_are_ranked_as_brute_force_ranks_them(kind: Kind, tmp_path: Path) -> None:
    """Fewer than correct a query: each is in its own language, however they are ordered."""
    texts = [
        ("en", "The old bridge over the river was closed by the council on Monday."),
        ("de", "Die alte Brücke über den Fluss wurde am Montag von der Stadt gesperrt."),
        ("en", "The quay wall near the river is old and the harbour is closed."),
        ("de", "Der alte Kai an dem Fluss ist nicht mehr für die Schiffe offen."),
        ("en", "The ferry was late and the river was high on the day of the race."),
    ]
    entries = [
        entry(article(f"few {number}", text, language=language), dimensions=DIMENSIONS)
        for number, (language, text) in enumerate(texts)
    ]
    for count in range(2, 6):
        engine = stored(kind, tmp_path / str(count), entries[:count])
        for number in range(4):
            ask = asking("the old river bridge", unit(number), passages=True)
            assert_exact(next(engine.search([ask])), holding(entries[:count]), ask)


def test_articles_in_another_language_are_ranked_as_brute_force_ranks_them(kind: Kind, tmp_path: Path) -> None:
    """Of the question's words only numbers count there."""
    texts = [
        f"Die Brücke über den Fluss river {number % 3} wurde {1850 + number % 4} von der Stadt für die Bürger gebaut."
        for number in range(40)
    ]
    entries = [
        entry(article(f"built {number}", text, language="de"), dimensions=DIMENSIONS)
        for number, text in enumerate(texts)
    ]
    engine = stored(kind, tmp_path / "index", entries[:25], entries[25:])
    ask = asking("when was the bridge over the river of the city built, in 1852 or in 1853", unit(1))
    found = next(engine.search([ask]))
    assert_exact(found, holding(entries), ask)
    told = found.passages([one.article.metadata.article_id for one in entries])
    by_words = [own[0].parts["lexical"] > 0 for own in told]
    assert by_words == [number % 4 in (2, 3) for number in range(40)]


@examples(40)
@given(ask=asks, least=st.sampled_from([0.2, 0.9, 1.0]))
def test_the_nearest_are_what_is_found_without_a_least_confidence(filled: Filled, ask: Ask, least: float) -> None:
    (sure,) = filled.engine.search([replace(ask, least_confidence=least, newest_first=False)])
    (every,) = filled.engine.search([replace(ask, least_confidence=0.0, newest_first=False)])
    before = [(one.article_id, one.ordinal) for one in sure.ranked()]
    nearest = sure.nearest()
    assert [(one.article_id, one.score) for one in nearest.ranked()] == [
        (one.article_id, one.score) for one in every.ranked()
    ]
    assert nearest.passages(sorted(filled.held)) == every.passages(sorted(filled.held))
    assert [(one.article_id, one.ordinal) for one in sure.ranked()] == before
