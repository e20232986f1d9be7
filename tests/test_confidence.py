"""How sure one can be that a hit is about what was asked: bounded, monotone, and honest about other things."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index, Query
from semsearch.ports import Background, Encoder, Evidence
from semsearch.ranking.confidence import LEAST, judge_of, verdict_of
from semsearch.types import Article, CosineScale, GroupBy, Mode, Sort, Verdict
from tests.conftest import some_articles
from tests.examples import slow_but
from tests.making import article, day
from tests.stories import ELSEWHERE, STORY, prose, whole

shares = st.floats(0, 1)
cosines = st.floats(-1, 1)
strengths = st.floats(0, 2.5)
modes = st.sampled_from(Mode)


@st.composite
def backgrounds(draw: st.DrawFn) -> Background:
    """Sums over headlines whose best cosines are above their means, and neither above 1."""
    headlines = draw(st.integers(0, 10_000))
    mean, growth = draw(st.floats(-0.2, 0.5)), draw(st.floats(0, 0.2))
    return Background(draw(st.integers(0, 10**8)), headlines, headlines * mean, headlines * growth)


def judged(
    mode: Mode, background: Background, cosine: float, strength: float, legibility: float, language: float = 1.0
) -> float:
    dense = None if mode is Mode.LEXICAL else np.array([cosine])
    unliteral = (*map(np.array, ([False], [0.0], [language], [0.0], [0.0])),)
    [found] = judge_of(mode, background, CosineScale())(
        Evidence(dense, np.array([strength]), np.array([legibility]), *unliteral)
    )
    return float(found)


@given(modes, backgrounds(), cosines, strengths, shares)
def test_a_confidence_is_a_probability(
    mode: Mode, background: Background, cosine: float, strength: float, legibility: float
) -> None:
    assert 0 <= judged(mode, background, cosine, strength, legibility) <= 1


@given(modes, backgrounds(), st.tuples(cosines, cosines), strengths, shares)
def test_nearer_in_meaning_is_never_less_sure(
    mode: Mode, background: Background, pair: tuple[float, float], strength: float, legibility: float
) -> None:
    low, high = (judged(mode, background, cosine, strength, legibility) for cosine in sorted(pair))
    assert low <= high


@given(modes, backgrounds(), cosines, st.tuples(strengths, strengths), shares)
def test_more_of_the_words_is_never_less_sure(
    mode: Mode, background: Background, cosine: float, pair: tuple[float, float], legibility: float
) -> None:
    low, high = (judged(mode, background, cosine, strength, legibility) for strength in sorted(pair))
    assert low <= high


@given(backgrounds(), cosines, cosines, strengths)
def test_what_an_encoder_cannot_read_is_judged_by_words_alone(
    background: Background, cosine: float, other: float, strength: float
) -> None:
    blind = judged(Mode.HYBRID, background, cosine, strength, 0.0)
    assert blind == judged(Mode.HYBRID, background, other, strength, 0.0)
    assert blind == judged(Mode.LEXICAL, background, cosine, strength, 1.0)


@given(modes, backgrounds(), st.lists(st.tuples(cosines, strengths, shares), max_size=5))
def test_each_is_judged_by_itself(
    mode: Mode, background: Background, signals: list[tuple[float, float, float]]
) -> None:
    columns = np.array(signals, dtype=np.float64).reshape(-1, 3).T
    dense = None if mode is Mode.LEXICAL else columns[0]
    nothing = np.zeros(len(signals))
    unliteral = np.zeros(len(signals), dtype=np.bool_), nothing, np.ones(len(signals)), nothing, nothing
    together = judge_of(mode, background, CosineScale())(Evidence(dense, columns[1], columns[2], *unliteral))
    assert together.tolist() == pytest.approx([judged(mode, background, *one) for one in signals], abs=1e-12)


@given(st.floats(0.2, 0.9), st.integers(100, 10**7), st.integers(2, 100))
def test_the_more_there_is_the_nearer_something_else_comes(cosine: float, passages: int, times: int) -> None:
    few, many = (judged(Mode.DENSE, Background(count), cosine, 0.0, 1.0) for count in (passages, times * passages))
    assert many <= few


def test_an_index_says_more_of_itself_the_more_headlines_it_has() -> None:
    """Where texts about nothing in common are as near as 0.6, a cosine of 0.5 means nothing."""

    def sure(headlines: int) -> float:
        near = Background(10_000, headlines, 0.4 * headlines, 0.2 / math.log(10_000) * headlines)
        return judged(Mode.DENSE, near, 0.5, 0.0, 1.0)

    told = [sure(headlines) for headlines in (0, 10, 100, 1_000)]
    assert told == sorted(told, reverse=True)
    assert verdict_of(told[0]) is not Verdict.NONE
    assert verdict_of(told[-1]) is Verdict.NONE


def test_a_doubt_about_cosines_ends_with_the_headlines_and_is_none_across_languages() -> None:
    def sure(headlines: int, language: float, doubt: float) -> float:
        background = Background(100, headlines, 0.08 * headlines, 0.062 * headlines)
        known = Evidence(*map(np.array, ([0.35], [0.0], [1.0], [False], [0.0], [language], [0.0], [0.0])))
        return float(judge_of(Mode.HYBRID, background, CosineScale(doubt=doubt))(known)[0])

    told = [sure(headlines, 1.0, 0.1) for headlines in (0, 10, 20, 40)]
    assert told[0] < told[1] < told[2] == pytest.approx(told[3])
    assert told[3] == pytest.approx(sure(40, 1.0, 0.0))
    assert sure(0, 0.0, 0.1) == sure(0, 0.0, 0.0)


@given(cosines, cosines, st.floats(-0.5, 0.5))
def test_texts_in_another_language_are_measured_by_their_own_mean(cosine: float, usual: float, shift: float) -> None:
    """All of a language may be nearer to a query, or farther, than what headlines showed: that alone is no evidence."""

    def sure(cosine: float, usual: float, language: float, texts: float) -> float:
        known = Evidence(*map(np.array, ([cosine], [0.0], [1.0], [False], [0.0], [language], [usual], [texts])))
        return float(judge_of(Mode.HYBRID, Background(10_000, 500, 40.0, 31.0), CosineScale())(known)[0])

    moved = sure(cosine + shift, usual + shift, 0.0, 1e9)
    assert sure(cosine, usual, 0.0, 1e9) == pytest.approx(moved, abs=1e-6)
    assert sure(cosine, usual, 1.0, 1e9) == sure(cosine, usual + shift, 1.0, 1e9)  # headlines say enough
    assert sure(cosine, usual, 0.0, 0.0) == sure(cosine, usual + shift, 0.0, 0.0)  # nothing is known of the language


def test_where_neither_index_nor_encoder_says_enough_a_querys_own_mean_does() -> None:
    def sure(headlines: int, usual: float) -> float:
        background = Background(10_000, headlines, 0.08 * headlines, 0.062 * headlines)
        known = Evidence(*map(np.array, ([0.6], [0.0], [1.0], [False], [0.0], [1.0], [usual], [1e9])))
        return float(judge_of(Mode.DENSE, background, CosineScale(doubt=0.1))(known)[0])

    assert verdict_of(sure(0, 0.1)) is not Verdict.NONE
    assert verdict_of(sure(0, 0.4)) is Verdict.NONE
    assert sure(0, 0.4) < sure(10, 0.4) < sure(20, 0.4) == sure(20, 0.1)


@given(modes, backgrounds(), cosines, strengths, shares, st.tuples(st.floats(0, 2), st.floats(0, 2)))
def test_what_has_every_word_is_never_no_match_and_surer_the_more_they_stand_out(
    mode: Mode, background: Background, cosine: float, strength: float, legibility: float, pair: tuple[float, float]
) -> None:
    def literal(prominence: float, *, has_all: bool = True) -> float:
        dense = None if mode is Mode.LEXICAL else np.array([cosine])
        known = Evidence(
            dense,
            np.array([strength]),
            np.array([legibility]),
            np.array([has_all]),
            np.array([prominence]),
            *map(np.array, ([1.0], [0.0], [0.0])),
        )
        return float(judge_of(mode, background, CosineScale())(known)[0])

    low, high = (literal(prominence) for prominence in sorted(pair))
    assert LEAST <= low <= high <= 1
    plain = judged(mode, background, cosine, strength, legibility)
    assert literal(pair[0], has_all=False) == plain <= low


@given(shares, shares)
def test_verdicts_are_in_the_order_of_confidences(one: float, other: float) -> None:
    order = [Verdict.NONE, Verdict.WEAK, Verdict.FAIR, Verdict.STRONG]
    low, high = sorted((one, other))
    assert order.index(verdict_of(low)) <= order.index(verdict_of(high))
    assert (verdict_of(one) is Verdict.NONE) == (one < LEAST)


# Of whole answers

Of = Callable[..., Index]


@pytest.fixture
def of(tmp_path: Path, hashing: Encoder) -> Of:
    """Make an index of articles."""
    return lambda articles: Index.build(articles, tmp_path / "index", encoder=hashing, passage_tokens=40)


OTHER_THINGS = ["zebra quantum", "tax on imported bicycles", "who discovered penicillin", "x", "the of and", "量子"]
ASKED = [
    ("open source strategy for public software", "About the software"),
    ("measles vaccine campaign in schools", "About the vaccine"),
    ("teacher won the marathon", "About the marathon"),
    ("drought farmers aid", "About the drought"),
]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", OTHER_THINGS)
def test_nothing_about_it_is_no_match(index: Index, text: str, mode: Mode) -> None:
    answer = index.search(Query(text, mode=mode))
    assert answer.verdict is Verdict.NONE
    assert {hit.verdict for hit in answer.hits} <= {Verdict.NONE}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("text", "title"), ASKED)
def test_the_same_words_with_the_same_meaning_are_a_match(index: Index, text: str, title: str, mode: Mode) -> None:
    answer = index.search(Query(text, mode=mode))
    assert answer.hits[0].article.title == title
    assert answer.verdict is not Verdict.NONE
    assert answer.verdict is answer.hits[0].verdict is verdict_of(answer.hits[0].confidence)


@pytest.mark.parametrize("mode", Mode)
def test_one_article_is_enough_of_an_index(of: Of, mode: Mode) -> None:
    index = of([article("only", whole(*STORY))])
    match = index.search(Query("cracks in the frames of the oldest ferry", mode=mode))
    assert match.verdict is not Verdict.NONE
    assert index.search(Query("zebra quantum", mode=mode)).verdict is Verdict.NONE
    assert 0 < match.hits[0].confidence < 1


def test_an_empty_index_has_no_match(tmp_path: Path, hashing: Encoder) -> None:
    index = Index.create(tmp_path / "empty", encoder=hashing)
    answer = index.search("anything")
    assert (answer.hits, answer.total, answer.verdict) == ((), 0, Verdict.NONE)


def test_the_least_confidence_may_be_given_by_its_old_name() -> None:
    with pytest.warns(DeprecationWarning, match="min_confidence"):
        old = Query("quay", min_score=0.5)  # type: ignore[call-arg]
    assert old == Query("quay", min_confidence=0.5)
    with pytest.warns(DeprecationWarning, match="min_confidence"):
        assert Query.parse("quay", min_score=0.5) == old
    assert replace(old, k=3).min_confidence == 0.5


def some_of_each() -> list[Article]:
    stories = [article(f"s{at}", whole(*STORY[at:], prose(at)), published=day(at)) for at in range(5)]
    bees = [article(f"b{at}", whole(prose(at + 10), *ELSEWHERE[at:])) for at in range(4)]
    return [*stories, *bees, *some_articles()]


@pytest.mark.parametrize("mode", slow_but([Mode.HYBRID], Mode))
def test_a_least_confidence_leaves_out_what_is_below_it_and_nothing_else(of: Of, mode: Mode) -> None:
    index = of(some_of_each())
    for text in ("committee of the county council", "zebra", "ferry and harbour"):
        passages = index.search(Query(text, 1_000, mode=mode, group_by=GroupBy.PASSAGE)).hits
        levels = sorted({hit.confidence for hit in passages})
        for least in [0.0, *levels[:: max(1, len(levels) // 2)], *levels[-1:], 1.0]:
            sure = {hit.passage.passage_id for hit in passages if hit.confidence >= least}
            kept = index.search(Query(text, 1_000, mode=mode, group_by=GroupBy.PASSAGE, min_confidence=least)).hits
            assert {hit.passage.passage_id for hit in kept} == sure
            articles = index.search(Query(text, 100, mode=mode, group_by=GroupBy.COPIES, min_confidence=least)).hits
            assert {hit.article.article_id for hit in articles} == {one.split("#")[0] for one in sure}
            folded = index.search(Query(text, 100, mode=mode, min_confidence=least)).hits
            assert all(hit.confidence >= least for hit in [*articles, *folded])
            somewhere = {one.article_id for hit in folded for one in (hit.article, *hit.copies)}
            assert {hit.article.article_id for hit in articles} <= somewhere


@pytest.mark.parametrize("mode", Mode)
def test_where_nothing_has_the_least_confidence_the_nearest_can_be_asked_for(of: Of, mode: Mode) -> None:
    index = of(some_of_each())
    for text in ("committee of the county council", "zebra quantum"):
        every = index.search(Query(text, 7, mode=mode)).hits
        best = max((hit.confidence for hit in every), default=0.0)
        assert index.search(Query(text, 7, mode=mode, min_confidence=best + 1e-6, nearest=True)).hits == every
        sure = index.search(Query(text, 7, mode=mode, min_confidence=best)).hits
        assert index.search(Query(text, 7, mode=mode, min_confidence=best, nearest=True)).hits == sure
        dated = Query(text, 7, mode=mode, min_confidence=best + 1e-6, nearest=True, sort=Sort.DATE)
        assert index.search(dated).hits == ()


@pytest.mark.parametrize("mode", Mode)
def test_newest_first_shows_matches_alone(of: Of, mode: Mode) -> None:
    index = of(some_of_each())
    hits = index.search(Query("committee of the county council", 100, mode=mode, sort=Sort.DATE)).hits
    assert hits
    assert all(hit.verdict is not Verdict.NONE for hit in hits)
    assert index.search(Query("zebra quantum", 100, mode=mode, sort=Sort.DATE)).hits == ()
