"""Whatever the thresholds of a search are, and whichever way it takes, its answer is that of brute force."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local import bm25, boilerplate, duplicates, filters, scoring, search, term_statistics
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.manifest import MANIFEST
from semsearch.engines.local.snapshot import open_snapshot
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.ports import Ask, Mix
from semsearch.types import Filters
from tests.contract.histories import (
    DIMENSIONS,
    HYBRID,
    LARGE,
    LOCAL,
    asking,
    asks,
    holding,
    id_of,
    made,
    stored,
    unit,
    with_vectors,
)
from tests.contract.test_engine_repeats import LETTER, body, outlets_own
from tests.contract.ways import ways_not_taken
from tests.examples import examples, slow_but
from tests.making import article, day, entry
from tests.oracle import Held, assert_exact

any_thresholds = st.builds(
    Thresholds,
    known_rows=st.sampled_from([0, 5, 60, DEFAULTS.known_rows]),
    word_rows=st.sampled_from([1, 2, 20, 60, DEFAULTS.word_rows]),
    first_depth=st.sampled_from([1, 2, 7, 30, DEFAULTS.first_depth]),
    deeper=st.sampled_from([2, 3, DEFAULTS.deeper]),
    block=st.sampled_from([1, 2, 5, 16, DEFAULTS.block]),
    batch=st.sampled_from([1, 7, 50, DEFAULTS.batch]),
    common_from=st.sampled_from([1, 40, DEFAULTS.common_from]),
    common_share=st.sampled_from([0.05, DEFAULTS.common_share]),
    most_terms=st.sampled_from([2, DEFAULTS.most_terms]),
    most_terms_beside_vectors=st.sampled_from([2, DEFAULTS.most_terms_beside_vectors]),
    repeated_articles=st.sampled_from([3, DEFAULTS.repeated_articles]),
    counted_paragraphs=st.sampled_from([0, 20, DEFAULTS.counted_paragraphs]),
    merged_paragraphs=st.sampled_from([30, DEFAULTS.merged_paragraphs]),
    added_up=st.sampled_from([0, DEFAULTS.added_up]),
    looked_up=st.sampled_from([0, 20, DEFAULTS.looked_up]),
    tried=st.sampled_from([1, 3]),
    summed_block=st.sampled_from([1, 40, DEFAULTS.summed_block]),
    remembered_articles=st.sampled_from([0, 3, DEFAULTS.remembered_articles]),
)


class Large:
    """Some hundred passages in four segments, of which some were replaced and some deleted."""

    def __init__(self, place: Path) -> None:
        entries = [made(number, passages=1 + number % 5) for number in range(60)]
        # Of an outlet that has a word in its name, so that postings alone do not tell whether its texts have it.
        entries += [
            entry(article(f"p{number}", f"A wall and a quay {number}.", publisher="The Bridge"), DIMENSIONS)
            for number in range(3)
        ]
        later = [made(number, version=1, passages=2) for number in range(5, 60, 11)]
        engine = stored(LOCAL, place, entries[:30], entries[30:33], entries[33:], later)
        gone = [id_of(number) for number in (0, 7, 20, 35, 57)]
        with engine.writer() as writer:
            for article_id in gone:
                writer.delete(article_id)
        assert engine.stats().segments > 2
        self.snapshot = open_snapshot(place, MANIFEST)
        self.held: Held = {key: one for key, one in holding([*entries, *later]).items() if key not in gone}

    def assert_exact(self, ask: Ask, thresholds: Thresholds, beside: int = 0) -> None:
        """Compare with brute force, asked alone or with others."""
        snapshot = replace(self.snapshot, thresholds=thresholds)
        for found in search.search(snapshot.corpus, snapshot.duplicates, snapshot.texts, [ask] * (1 + beside)):
            assert_exact(found, self.held, ask, thresholds)
            if ask.least_confidence and not ask.newest_first:
                assert_exact(found.nearest(), self.held, replace(ask, least_confidence=0.0), thresholds)
            assert all(one.nearest != one.word for one in found.meant)
            ranked = list(found.ranked())
            columns = found.columns()
            if not ask.newest_first:  # of what is no match nothing is ranked then
                assert {one.article_id.encode() for one in ranked} == set(columns.ids[columns.matching].tolist())
            for one in ranked[:3]:
                found.alike([one.article_id])
                found.earlier([one.article_id])
                found.terms(one.article_id, one.ordinal)
                found.article(one.article_id)
                found.article_passages(one.article_id)

    def walk(self, ask: Ask, thresholds: Thresholds) -> None:
        """Take everything, from larger and larger choices of rows."""
        snapshot = replace(self.snapshot, thresholds=thresholds)
        (found,) = search.search(snapshot.corpus, snapshot.duplicates, snapshot.texts, [ask])
        given = [(one.article_id, one.ordinal) for one in found.ranked()]
        assert len(set(given)) == len(given)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Large:
    return Large(tmp_path_factory.mktemp("large") / "index")


@pytest.mark.parametrize("passages", [True, False])
@pytest.mark.parametrize("mix", [Mix(1.0), Mix(0.0), HYBRID], ids=["dense", "lexical", "hybrid"])
@pytest.mark.parametrize("beat", slow_but([0, 10], range(0, 17, 5)))
def test_what_a_filter_leaves_out_is_never_found_where_fewer_blocks_than_the_depth_have_an_allowed_row(
    large: Large, beat: int, mix: Mix, passages: bool
) -> None:
    thresholds = Thresholds(first_depth=3, block=4)
    narrow = Filters(tags=frozenset({("beat", f"b{beat}")}))
    large.assert_exact(asking("old bridge", unit(beat), mix, filters=narrow, passages=passages), thresholds)


@examples(60)
@given(ask=asks, thresholds=any_thresholds, beside=st.sampled_from([0, 0, 1]))
def test_whatever_the_thresholds_are_the_answer_is_that_of_brute_force(
    large: Large, ask: Ask, thresholds: Thresholds, beside: int
) -> None:
    large.assert_exact(ask, thresholds, beside)


SMALL = replace(
    LARGE,
    known_rows=9,
    word_rows=9,
    first_depth=2,
    block=3,
    batch=9,
    common_from=40,
    most_terms=4,
    most_terms_beside_vectors=3,
    added_up=0,
    looked_up=9,
    tried=1,
    summed_block=40,
    remembered_articles=3,
)


CONDITIONS: list[dict[str, Any]] = [
    {},
    {"passages": True, "half_life": 5 * 86_400.0, "as_of": day(9).latest},
    {"newest_first": True, "without": id_of(3)},
    {"filters": Filters(tags=frozenset({("beat", "b3")})), "phrases": ("the river",)},
    {"filters": Filters(publishers=frozenset({"alpha"})), "excluded": ("bridge", "the old")},
    {"phrases": ("old bridge", "no such words"), "excluded": ("bridges",)},
    {"phrases": ("Headline 3", "Headline 4"), "without": "0" * 20},  # no article has both
    {"least_confidence": 0.05},
]
MIXES = (Mix(1.0), Mix(0.0), HYBRID)
DIFFERENT = (SMALL, replace(SMALL, word_rows=1, known_rows=0), DEFAULTS)


@pytest.mark.slow
def test_every_way_that_a_search_can_go_is_taken_where_the_thresholds_are_small_and_leads_to_the_answer_of_brute_force(
    large: Large, tmp_path: Path
) -> None:
    """No line and no branch of what searches is left out, but for what refuses damage."""
    combinations = product(range(len(CONDITIONS)), range(len(MIXES)), range(len(DIFFERENT)))
    with ways_not_taken([scoring, search, filters, bm25, term_statistics, duplicates, boilerplate]) as missing:
        for conditions, mix, thresholds in combinations:
            vector = unit(4) if MIXES[mix].dense else None
            ask = asking("the river old bridge", vector, MIXES[mix], **CONDITIONS[conditions])
            large.assert_exact(ask, DIFFERENT[thresholds])
            large.walk(ask, replace(SMALL, exact_rows=0, gathered_rows=3, proposed_rows=2))
        large.assert_exact(asking("old bridge", unit(4)), SMALL, beside=1)
        large.assert_exact(asking("die alte Brücke", unit(4)), SMALL)  # in a language that the encoder reads
        large.assert_exact(asking("the river-bank and its briidge", unit(4), phrases=("—",)), SMALL)
        large.assert_exact(asking("bridge", unit(4), filters=Filters(new_since=day(9).earliest)), SMALL)
        as_sure_as_asked(large, range(1, 5))
        best_by_words(large)
        repeated_by_an_outlet(tmp_path)
        of_one_analyser(tmp_path)
        with_numbers(tmp_path)
        nothing_there(tmp_path)
        within_other_words(tmp_path)
    assert not missing, " ".join(missing)


def best_by_words(large: Large) -> None:
    """Passages and articles that are best by words alone, with few postings and with many."""
    for thresholds in (SMALL, replace(SMALL, summed_block=10_000), DEFAULTS):
        corpus = replace(large.snapshot, thresholds=thresholds).corpus
        for statistics in (corpus.passage_statistics, corpus.article_statistics):
            everything = np.arange(statistics.units)
            for allowed in (None, everything % 2 == 0, everything == 4):
                sought = bm25.QueryTerms(statistics, "old bridge nowhere", thresholds.most_terms)
                shares = np.where(True if allowed is None else allowed, sought.shares(everything), 0)
                top = sought.top(3, allowed)
                assert top.units.tolist() == np.flatnonzero((shares > 0) & (shares >= top.bar)).tolist()
                assert sought.matching_units(allowed).tolist() == np.flatnonzero(shares).tolist()
                assert len(top.units) >= min(3, np.count_nonzero(shares))


def as_sure_as_asked(large: Large, numbers: Iterable[int]) -> None:
    """The least confidence is that of a passage of these articles, which rough cosines cannot settle."""
    (found,) = search.search(
        large.snapshot.corpus, large.snapshot.duplicates, large.snapshot.texts, [asking(vector=unit(1))]
    )
    for number in numbers:
        for one in found.passages([id_of(number)])[0]:
            least = one.confidence - 1e-9  # by which the arithmetic of brute force may differ
            large.assert_exact(asking(vector=unit(1), least_confidence=least), SMALL)


def of_one_analyser(place: Path) -> None:
    """Feedback points the other way; all texts are of one language; and nothing is folded among many common words."""
    opposite = with_vectors(made(0, passages=1), -unit(1))
    engine = stored(LOCAL, place / "opposite", [opposite])
    mix = Mix(1.0, 0.4, dense_article=0.3, lexical_article=0.4, feedback=1.0)
    ask = asking("river", unit(1), mix, least_confidence=0.001)
    assert_exact(next(engine.search([ask])), holding([opposite]), ask)


def with_numbers(place: Path) -> None:
    """Numbers of a question in another language, with few postings and with many."""
    texts = [f"Die Brücke über den Fluss wurde {1850 + at % 4} von der Stadt für die Bürger gebaut." for at in range(9)]
    entries = [entry(article(f"built {at}", text, language="de"), DIMENSIONS) for at, text in enumerate(texts)]
    stored(LOCAL, place / "numbers", entries)
    for thresholds in DIFFERENT:
        ask = asking("when was the bridge over the river of the city built, in 1852", unit(1))
        engine = LocalEngine(place / "numbers", thresholds=thresholds)
        assert_exact(next(engine.search([ask])), holding(entries), ask, thresholds)


def within_other_words(place: Path) -> None:
    """The letters of a phrase stand within other words, and the phrase itself elsewhere."""
    texts = ["Cold bridge and old bridge.", "A cold quay by an old bridge.", "A quay, cold, by an old bridge."]
    entries = [entry(article(f"within {at}", text), DIMENSIONS) for at, text in enumerate(texts)]
    ask = asking("bridge", unit(1), phrases=("old bridge",), excluded=("cold quay",))
    assert_exact(next(stored(LOCAL, place / "within", entries).search([ask])), holding(entries), ask)


def nothing_there(place: Path) -> None:
    """An empty index, and articles that are not there."""
    engine = LOCAL.make(place / "empty")
    (found,) = engine.search([asking(vector=unit(1), phrases=("—",), excluded=("—",))])
    assert list(found.ranked()) == []
    assert found.article(id_of(1)) is None
    assert found.article_passages(id_of(1)) == found.alike([id_of(1)])[0] == []


def repeated_by_an_outlet(place: Path) -> None:
    """What one outlet repeats is not found, unless its article is nothing else; some of these are copies."""
    bodies = [0, 1, 2, 3, 3]
    entries = [outlets_own(f"n{number}", [body(text), LETTER]) for number, text in enumerate(bodies)]
    entries += [outlets_own("only", [LETTER]), outlets_own("other", [body(9), LETTER], "Beta")]
    entries += [outlets_own(f"long {at}", [body(at), body(at + 1), body(at + 2), LETTER], "Beta") for at in (10, 20)]
    stored(LOCAL, place / "repeats", entries[:2], entries[2:])
    every = {(one.article_id, one.ordinal) for entry in entries for one in entry.passages}
    letters = {(one.article.metadata.article_id, 1) for one in entries[:5]}
    for least, hidden in ((4, letters), (6, set())):
        thresholds = replace(DEFAULTS, repeated_articles=least, remembered_articles=3)
        engine = LocalEngine(place / "repeats", thresholds=thresholds)
        (found,) = engine.search([asking("", unit(1), Mix(1.0), passages=True)])
        assert {(one.article_id, one.ordinal) for one in found.ranked()} == every - hidden
        alike = {one.article.metadata.article_id: found.alike([one.article.metadata.article_id])[0] for one in entries}
        copies = [one.article.metadata.article_id for one in entries[3:5]]
        assert copies[1] in alike[copies[0]]
        assert engine._snapshot.duplicates.common(3, 4) == 0  # too few other articles say anything of it
