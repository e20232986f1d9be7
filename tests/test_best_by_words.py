"""The best passages and articles by words are those that scoring everything would name, whatever is looked at."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local.bm25 import QueryTerms
from semsearch.engines.local.manifest import MANIFEST
from semsearch.engines.local.snapshot import open_snapshot
from semsearch.engines.local.term_statistics import Statistics
from semsearch.engines.local.thresholds import DEFAULTS
from semsearch.ports import Entry
from tests.contract.histories import DIMENSIONS, LOCAL, stored
from tests.examples import examples
from tests.making import article, entry

VOCABULARY = [f"w{number}" for number in range(40)]
COMMON = 2.0 ** -np.arange(40)


def made(number: int) -> Entry:
    """Return an article of words of which few are common and most are rare."""
    draw = np.random.default_rng(number)

    def drawn(count: int) -> str:
        return " ".join(draw.choice(VOCABULARY, count, p=COMMON / COMMON.sum()).tolist())

    text = "\n\n".join(drawn(int(draw.integers(1, 40))) for _ in range(int(draw.integers(1, 5))))
    language = str(draw.choice(["en", "en", "en", "de", "zh"]))
    return entry(article(f"n{number}", text, title=drawn(4), language=language), DIMENSIONS)


@pytest.fixture(scope="module")
def statistics(tmp_path_factory: pytest.TempPathFactory) -> list[Statistics]:
    place = tmp_path_factory.mktemp("best") / "index"
    entries = [made(number) for number in range(400)]
    engine = stored(LOCAL, place, entries[:150], entries[150:])
    with engine.writer() as writer:
        for one in entries[::9]:
            writer.delete(one.article.metadata.article_id)
    corpus = open_snapshot(
        place, MANIFEST, replace(DEFAULTS, added_up=0, looked_up=0, tried=1, summed_block=300)
    ).corpus
    return [corpus.passage_statistics, corpus.article_statistics]


@examples(150)
@given(
    asked=st.lists(st.sampled_from([*VOCABULARY, "nowhere"]), min_size=1, max_size=12).map(" ".join),
    n=st.sampled_from([1, 2, 10, 50, 2_000]),
    articles=st.booleans(),
    looked_up=st.sampled_from([0, 60]),
    added_up=st.sampled_from([0, 1 << 17]),
    share=st.sampled_from([None, 0.01, 0.3, 0.9]),
    seed=st.integers(0, 5),
)
def test_the_best_are_those_of_scoring_everything(
    statistics: list[Statistics],
    asked: str,
    n: int,
    articles: bool,
    looked_up: int,
    added_up: int,
    share: float | None,
    seed: int,
) -> None:
    own = statistics[articles]
    own.thresholds = replace(own.thresholds, added_up=(1 << 17) - added_up)
    otherwise = QueryTerms(own, asked, own.thresholds.most_terms).shares(np.arange(own.units))
    own.thresholds = replace(own.thresholds, looked_up=looked_up, added_up=added_up)
    sought = QueryTerms(own, asked, own.thresholds.most_terms)
    everything = sought.shares(np.arange(own.units))
    assert (everything == otherwise).all()  # to the last bit
    assert (sought.coverage(np.arange(own.units))[everything == 0] == 0).all()
    allowed = None if share is None else np.random.default_rng(seed).random(own.units) < share
    top = sought.top(n, allowed)
    counting = everything.copy()
    if allowed is not None:
        counting[~allowed] = 0
    having = np.flatnonzero(counting)
    if len(having) < n:
        assert top.units.tolist() == having.tolist()
        assert top.bar == 0
    else:
        assert top.bar == np.sort(counting)[-n]
        assert top.units.tolist() == np.flatnonzero(counting >= top.bar).tolist()
    assert sought.matching_units(allowed).tolist() == having.tolist()
    assert (top.shares == everything[top.units]).all()
    drawn = np.random.default_rng(seed).integers(0, own.units, 30)  # in any order, some more than once
    assert (sought.shares(drawn) == everything[drawn]).all()
