"""Whole answers are those of brute force, at ordinary sizes, too, whatever is asked and however little is allowed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest

from semsearch import Filters, GroupBy, Index, Query
from semsearch.answering import checked
from semsearch.encoders.hashing import HashingEncoder
from semsearch.engines import begin_build
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.ports import Ask, Entry
from semsearch.ranking.confidence import LEAST, judge_of
from semsearch.ranking.mix import mix_of
from semsearch.types import CosineScale, Mode, Recipe, Sort
from tests.answers_oracle import assert_right, expected
from tests.contract.histories import LARGE
from tests.examples import slow_but
from tests.making import DAY, article, day, passages
from tests.oracle import Row, Told, told, with_quotations, with_recency

ENCODER = HashingEncoder(32)
NOW = day(800).latest
LETTER = "Write to our readers' desk by the end of the month and win a place on the boat."
COMMON = ["harbour", "council", "bridge", "ferry", "market", "school"]
QUERIES = ["the harbour council", "bridge quvora", "ferry market nalidu school", "tosemi"]
SHARES = {"Half": 0.5, "Twentieth": 0.05, "Few": 0.005, "Fewer": 0.0005, "Fewest": 0.00005}
"""Publishers, by how many of the articles are theirs."""


def vocabulary() -> list[str]:
    syllables = ["qu", "vo", "ra", "na", "li", "du", "to", "se", "mi", "ka", "pe", "zo", "fi", "gu"]
    return ["".join(one) for one in product(syllables, repeat=3)]


class Corpus:
    """Articles of three passages, or four, in several segments; some are copies, were replaced, or deleted."""

    def __init__(self, place: Path, size: int, thresholds: Thresholds) -> None:
        self.place, self.thresholds = place, thresholds
        self._draw = Random(size)  # noqa: S311  the same in every run
        self._words = vocabulary()
        self.held: dict[str, Entry] = {}
        self.hidden: set[Row] = set()
        publishers = [name for name, share in SHARES.items() for _ in range(max(1, round(share * size)))]
        publishers += ["Rest"] * (size - len(publishers))
        self._draw.shuffle(publishers)
        recipe = Recipe(ENCODER.identity, 64, 1, 1)
        begin_build(place, recipe, replacing=False).finish()
        engine = LocalEngine(place, thresholds=thresholds)
        texts: list[str] = []
        with engine.writer() as writer:
            for number, publisher in enumerate(publishers):
                is_copy = texts and number % 23 == 0
                texts.append(self._draw.choice(texts[-500:]) if is_copy else self._text())
                one = self._entry(number, texts[-1], publisher)
                self.held[one.article.metadata.article_id] = one
                writer.add(one)
                if number in (size // 2, size // 2 + 40, size * 9 // 10):
                    writer.commit()
            for number in range(3, size, 41):  # a later version, in another segment
                one = self._entry(number, self._text(), publishers[number])
                self.held[one.article.metadata.article_id] = one
                writer.add(one)
            writer.commit()
            for article_id in sorted(self.held)[::29]:
                if self.held[article_id].article.metadata.publisher not in ("Fewer", "Fewest"):
                    writer.delete(article_id)
                    del self.held[article_id]
        engine.close()
        for article_id, one in self.held.items():
            if one.article.metadata.publisher == "Twentieth":
                self.hidden.add((article_id, len(one.passages) - 1))
        self.index = Index(LocalEngine(place, thresholds=thresholds), place, ENCODER)

    def _text(self) -> str:
        """Paragraphs of some frequent and many rare words; no two share five words one after the other."""
        draw = self._draw
        return "\n\n".join(
            " ".join(
                draw.choice(COMMON) if draw.random() < 0.2 else self._words[int(len(self._words) * draw.random() ** 2)]
                for _ in range(draw.randint(9, 14))
            ).capitalize()
            + "."
            for _ in range(3 + (draw.random() < 0.2))
        )

    def _entry(self, number: int, text: str, publisher: str) -> Entry:
        one = article(
            f"a{number}",
            f"{text}\n\n{LETTER}" if publisher == "Twentieth" else text,
            title=f"{COMMON[number % 6]} {self._words[number % len(self._words)]}",
            published=None if number % 10 == 9 else day(number * 7 % 700),
            publisher=publisher,
            authors=("Ann Ash",) if number % 3 else (),
            language="de" if number % 11 == 5 else "en",
            section=f"section {number % 4}",
            tags={"desk": (f"d{number % 3}",)},
            indexed=f"2021-03-{number % 28 + 1:02}T12:00:00Z",
        )
        cut = passages(one)
        vectors = ENCODER.encode_passages([passage.text for passage in cut])
        return Entry(one, cut, vectors, truncated=0, keys=[bytes(16)] * len(cut), legibility=1.0)

    def ask(self, query: Query) -> Ask:
        """The question as an engine takes it."""
        vector = None if query.mode is Mode.LEXICAL else ENCODER.encode_queries([query.text])[0]
        by_date = query.sort is Sort.DATE
        return Ask(
            *(
                query.text,
                vector,
                mix_of(query.mode),
                judge_of(query.mode, self.index._engine.background(), CosineScale()),
            ),
            filters=query.filters,
            phrases=query.phrases,
            excluded=query.excluded,
            newest_first=by_date,
            least_confidence=max(query.min_confidence, LEAST) if by_date else query.min_confidence,
            half_life=None if query.recency is None else query.recency * DAY,
            as_of=NOW,
        )

    @cache  # noqa: B019  one corpus is made, and kept to the end
    def told(self, text: str, mode: Mode) -> Mapping[Row, Told]:
        """The scores of all rows, whatever is allowed and however old."""
        return told(self.held, self.ask(Query(text, mode=mode)), self.thresholds, self.hidden)

    def assert_right(self, query: Query) -> int:
        """Ask, compare with brute force, and return how many articles were allowed."""
        known = checked(replace(query, k=query.k + query.offset, offset=0))
        answer = self.index.search(known)
        asked = self.ask(known)
        scores = with_recency(self.held, asked, self.told(query.text, query.mode))
        scores = with_quotations(self.held, asked, scores)
        found = expected(self.held, known, asked, scores, self.hidden, _body)
        assert_right(answer, known, found, self.held)
        if query.offset:
            page = self.index.search(query)
            assert [replace(hit, rank=0) for hit in page.hits] == [
                replace(hit, rank=0) for hit in answer.hits[query.offset :]
            ]
        return answer.total


def _body(one: Entry) -> str:
    return one.article.text.removesuffix(f"\n\n{LETTER}")


def conditions(corpus: Corpus, publisher: str | None, draw: Random) -> Iterator[Query]:
    """Queries of every mode, grouping and order, each with some of the other conditions."""
    own = [one for one in corpus.held.values() if publisher in (None, one.article.metadata.publisher)]
    some = sorted(own, key=lambda one: one.article.metadata.article_id)
    for mode, group_by, sort in product(Mode, GroupBy, Sort):
        spoken = draw.choice(some).article.text.lower().replace(".", "").split()
        at = draw.randrange(len(spoken) - 1)
        phrases = draw.choice([(), (), (f"{spoken[at]} {spoken[at + 1]}",), ("harbour council", "no such words")])
        since, until = draw.choice(
            [(None, None), (None, None), ("2020-06", None), ("2020-03", "2021-05"), (None, "2021")]
        )
        yield Query(
            draw.choice(QUERIES),
            draw.choice([1, 10, 40]),
            Filters(
                publishers=frozenset([publisher] if publisher else []),
                since=since,
                until=until,
                undated=draw.choice([None, None, True, False]),
                new_since=draw.choice([None, None, "2021-03-09"]),
                authors=draw.choice([frozenset(), frozenset(), frozenset({"ann ash"})]),
            ),
            mode,
            group_by,
            offset=draw.choice([0, 0, 3, 15]),
            phrases=phrases,
            excluded=draw.choice([(), (), ("ferries",), ("market", "school bridge")]),
            sort=sort,
            min_confidence=draw.choice([0.0, 0.0, 0.0, 0.3]),
            recency=draw.choice([None, 90.0]),
            as_of=NOW,
        )


@pytest.mark.parametrize("publisher", slow_but(["Few"], [None, *SHARES]))
def test_answers_are_those_of_brute_force_where_thresholds_are_small(small: Corpus, publisher: str | None) -> None:
    draw = Random(f"small {publisher}")  # noqa: S311
    for query in conditions(small, publisher, draw):
        small.assert_right(query)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus(tmp_path_factory.mktemp("small") / "index", 150, LARGE)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    found = Corpus(tmp_path_factory.mktemp("large") / "index", 20_500, DEFAULTS)
    held = found.index.stats()
    assert held.passages >= 60_000
    assert held.segments > 2
    return found


@pytest.mark.slow
@pytest.mark.parametrize("publisher", [None, *SHARES])
def test_answers_are_those_of_brute_force_at_sixty_thousand_passages(large: Corpus, publisher: str | None) -> None:
    draw = Random(f"large {publisher}")  # noqa: S311
    allowed = [large.assert_right(query) for query in conditions(large, publisher, draw)]
    if publisher:
        share = max(allowed) / len(large.held)
        np.testing.assert_allclose(share, SHARES[publisher], rtol=0.35)
