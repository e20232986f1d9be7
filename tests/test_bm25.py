"""BM25 is what its formula says over all that is alive, however the index is cut into segments."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import words
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.new_lexicon import write_terms
from semsearch.engines.local.postings import unit_keys
from semsearch.engines.local.terms import Collector, term_keys
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Engine, Entry, Mix, Signals
from semsearch.ranking.constants import ARTICLE, PASSAGE
from tests.contract.histories import DIMENSIONS, LOCAL, asking, holding, id_of, made, stored, unit
from tests.examples import examples
from tests.making import article, entry
from tests.oracle import assert_exact, own_of

QUERIES = ["old bridge", "the river the quay wall", "alte Brücke", "旧桥", "headline alpha", "zeppelin", ""]


def signals(engine: Engine, entries: list[Entry], query: str) -> dict[tuple[str, int], Signals]:
    (found,) = engine.search([asking(query, unit(1), Mix(1.0))])
    return {
        (article_id, one.ordinal): one.signals
        for article_id in holding(entries)
        for one in found.passages([article_id])[0]
    }


def test_three_passages_by_hand(tmp_path: Path) -> None:
    texts = ("River bridge.\n\nRiver river quay wall.", "Stone.")  # 2 + 1, 4 + 1 and 1 + 1 terms, headlines included
    entries = [
        entry(article(f"n{number}", text, title="News", language="en"), DIMENSIONS) for number, text in enumerate(texts)
    ]
    engine = stored(LOCAL, tmp_path / "index", entries)
    found = signals(engine, entries, "rivers")
    first, second = (one.article.metadata.article_id for one in entries)

    weight = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # two of three passages have it
    average, (k1, b) = (3 + 5 + 2) / 3, PASSAGE
    assert found[first, 0].lexical == pytest.approx(weight * (k1 + 1) / (1 + k1 * (1 - b + b * 3 / average)))
    assert found[first, 1].lexical == pytest.approx(weight * (k1 + 1) * 2 / (2 + k1 * (1 - b + b * 5 / average)))
    assert found[second, 0].lexical == 0

    weight = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))  # one of two articles
    average, (k1, b) = (7 + 2) / 2, ARTICLE
    expected = weight * (k1 + 1) * 3 / (3 + k1 * (1 - b + b * 7 / average))
    assert found[first, 0].article_lexical == found[first, 1].article_lexical == pytest.approx(expected)
    assert (found[first, 0].coverage, found[second, 0].coverage) == (1, 0)


@examples(10)
@given(cuts=st.sets(st.integers(1, 13), max_size=4), gone=st.sets(st.integers(0, 13), max_size=5))
def test_however_an_index_is_cut_and_whatever_was_deleted_the_scores_are_the_same_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, cuts: set[int], gone: set[int]
) -> None:
    place = tmp_path_factory.mktemp("bm25")
    entries = [made(number) for number in range(14)]
    left = [one for number, one in enumerate(entries) if number not in gone]
    whole = stored(LOCAL, place / "whole", left)
    bounds = [0, *sorted(cuts), len(entries)]
    cut = stored(LOCAL, place / "cut", *(entries[start:end] for start, end in pairwise(bounds)))
    with cut.writer() as writer:
        for number in gone:
            writer.delete(id_of(number))
    for query in QUERIES:
        assert signals(cut, left, query) == signals(whole, left, query)
    with cut.writer() as writer:
        writer.compact()
    for query in QUERIES:
        assert signals(cut, left, query) == signals(whole, left, query)


@pytest.mark.parametrize("least", [1, 5, 12])
def test_among_many_passages_common_terms_are_left_out_beside_rarer_ones(tmp_path: Path, least: int) -> None:
    thresholds = Thresholds(common_from=least)
    entries = [made(number) for number in range(20)]
    stored(LOCAL, tmp_path / "index", entries[:6], entries[6:])
    engine = LocalEngine(tmp_path / "index", thresholds=thresholds)
    for query in QUERIES:
        for ask in (asking(query, unit(1)), asking(query)):
            (found,) = engine.search([ask])
            assert_exact(found, holding(entries), ask, thresholds)


def test_no_share_is_above_one(tmp_path: Path) -> None:
    entries = [
        entry(article("much", " ".join(["river"] * 70_000), language="en"), DIMENSIONS),
        entry(article("little", "A quay.", language="en"), DIMENSIONS),
    ]
    engine = stored(LOCAL, tmp_path / "index", entries)
    (found,) = engine.search([asking("river", unit(1), Mix(0.0))])
    (one,) = found.passages([entries[0].article.metadata.article_id])[0]
    assert 0.99 < one.score <= 1
    assert one.parts["lexical"] == pytest.approx(one.score, abs=1e-6)


@examples(25)
@given(
    articles=st.lists(
        st.tuples(
            st.sampled_from(["en", "de", "zh", None]),
            st.sampled_from(["", "River news"]),
            st.lists(
                st.sampled_from(["", "river", "the river bridge", "旧桥河上", "Brücke river", "—"]),
                min_size=1,
                max_size=4,
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_postings_are_what_a_reading_of_all_texts_gives(
    tmp_path_factory: pytest.TempPathFactory, articles: list[tuple[str | None, str, list[str]]]
) -> None:
    place = tmp_path_factory.mktemp("postings")
    collector, read = Collector(), []
    for number, (language, title, texts) in enumerate(articles):
        known = article(f"n{number}", title=title or "x", language=language, publisher="Alpha").metadata
        text = "\n\n".join(texts)
        ends = np.cumsum([len(own) + 2 for own in texts]).tolist()
        collector.add(known, text, [(end - 2 - len(own), end - 2) for own, end in zip(texts, ends, strict=True)])
        analyser = words.analyser_of(language, text)
        about = [words.analyse(own, analyser) for own in (known.title, "Alpha")]
        read.append((analyser, about, [words.analyse(own, analyser) for own in texts]))
    write_terms(place, collector.terms())
    rows = [(analyser, own_of(*about, own)) for analyser, about, passages in read for own in passages]
    wholes = [(analyser, own_of(*about, *passages)) for analyser, about, passages in read]
    lexicon = Lexicon(place, len(wholes), len(rows))
    assert [lexicon.analysers[code] for code in lexicon.codes] == [analyser for analyser, _ in wholes]
    assert lexicon.passage_lengths.tolist() == [own.length for _, own in rows]
    assert lexicon.article_lengths.tolist() == [own.length for _, own in wholes]
    for analyser in ("en", "de", ""):
        asked = sorted(
            {
                *(
                    f"{term.split(' ')[0]} *"
                    for term in words.terms("river bridge alpha news Brücke zeppelin", analyser)
                ),
                *words.terms("旧桥", analyser),
                *("旧 *", "桥 *", "news *"),
            }
        )
        for units, is_article in ((rows, False), (wholes, True)):
            for term in asked:
                postings = lexicon.postings(*term_keys(analyser, term), articles=is_article)
                counts = {at: one.count((term,)) for at, (other, one) in enumerate(units) if other == analyser}
                expected = {at: count for at, count in counts.items() if count}
                assert dict(zip(postings.units.tolist(), postings.counts().tolist(), strict=True)) == expected
                for some in (np.arange(len(units)), np.arange(0, len(units), 3), np.arange(len(units) - 1, len(units))):
                    having, often = postings.look_up(unit_keys(some))
                    assert dict(zip(some[having].tolist(), often.tolist(), strict=True)) == {
                        at: expected[at] for at in some.tolist() if at in expected
                    }
