"""What outlets repeat is no hit, and what carries the same text is named; the order of additions matters to neither."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.copies import LEAST_PARAGRAPH, sketch, worth_comparing
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Engine, Entry, Mix
from semsearch.types import Filters
from tests.contract.histories import DIMENSIONS, Kind, asking, holding, of_any_size, stored, unit
from tests.examples import examples, slow_but
from tests.making import article, entry
from tests.oracle import article_length, is_allowed

kind = of_any_size

REPEATED_ARTICLES = Thresholds().repeated_articles
LETTER = "Sign up for our morning letter and read all of this before breakfast."
RIGHTS = "No part of this page may be copied without a written word from its editors."


def body(number: int, words: int = 60) -> str:
    """A paragraph that has nothing in common with that of another number."""
    draw = Random(number)  # noqa: S311 - the same words in every run
    return " ".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(words)) + "."


def outlets_own(name: str, paragraphs: Sequence[str], publisher: str | None = "Alpha") -> Entry:
    return entry(article(name, "\n\n".join(paragraphs), publisher=publisher), dimensions=DIMENSIONS)


def are_close(one: Entry, other: Entry) -> bool:
    """Say whether two sketches share enough for articles of so many terms."""
    bands = (sketch(one.article.text) == sketch(other.article.text)).sum(keepdims=True)
    length, others = map(article_length, (one, other))
    return bool(worth_comparing(bands, length, np.array([others])).all())


def alike(engine: Engine, article_id: str, **given: Any) -> list[str]:
    (found,) = engine.search([asking(vector=unit(1), **given)])
    return found.alike([article_id])[0]


def shown(engine: Engine, one: Entry) -> set[str]:
    """The paragraphs of an article that are hits, told alike by a walk and by the article's own list."""
    article_id = one.article.metadata.article_id
    (found,) = engine.search([asking("", unit(1), Mix(1.0), passages=True)])
    walked = {hit.ordinal for hit in found.ranked() if hit.article_id == article_id}
    assert walked == {hit.ordinal for hit in found.passages([article_id])[0]}
    (grouped,) = engine.search([asking("", unit(1), Mix(1.0))])
    best = [hit.ordinal for hit in grouped.ranked() if hit.article_id == article_id]
    assert best == [found.passages([article_id])[0][0].ordinal]
    return {one.passages[ordinal].text for ordinal in walked}


printed = st.tuples(st.sampled_from(["Alpha", "Beta"]), st.sampled_from([(), (LETTER,), (RIGHTS,), (LETTER, RIGHTS)]))


@examples(20)
@given(
    outlets=st.lists(printed, min_size=11, max_size=11),
    of_eight=st.booleans(),
    bodies=st.lists(st.integers(0, 10), min_size=8, max_size=16),
    deleted=st.sets(st.integers(0, 15), max_size=3),
    commits=st.sets(st.integers(0, 15), max_size=4),
)
def test_a_paragraph_that_an_outlet_has_in_eight_articles_is_no_hit_in_any_order_of_additions(
    kind: Kind,
    tmp_path_factory: pytest.TempPathFactory,
    outlets: list[tuple[str, tuple[str, ...]]],
    of_eight: bool,
    bodies: list[int],
    deleted: set[int],
    commits: set[int],
) -> None:
    if of_eight:  # or few examples would have one outlet repeat anything
        outlets[:9] = [("Alpha", (LETTER, *printed[1:])) for _, printed in outlets[:9]]
        bodies = [*range(9), *bodies[:4]]
    entries = [
        outlets_own(f"n{number}", [body(text), *outlets[text][1]], outlets[text][0])  # equal bodies: copies
        for number, text in enumerate(bodies)
    ]
    cuts = [0, *sorted(cut for cut in commits if 0 < cut < len(entries)), len(entries)]
    parts = [entries[start:end] for start, end in pairwise(cuts)]
    engine = stored(kind, tmp_path_factory.mktemp("engine") / "index", *parts)
    with engine.writer() as writer:
        for number in deleted & set(range(len(entries))):
            writer.delete(entries[number].article.metadata.article_id)
    left = {number: one for number, one in enumerate(entries) if number not in deleted}
    for number, one in left.items():
        outlet, paragraphs = outlets[bodies[number]]
        having = {
            paragraph: {
                bodies[other]
                for other in left
                if outlets[bodies[other]][0] == outlet and paragraph in outlets[bodies[other]][1]
            }
            for paragraph in paragraphs
        }
        repeated = {paragraph for paragraph, texts in having.items() if len(texts) >= REPEATED_ARTICLES}
        assert shown(engine, one) == {body(bodies[number]), *paragraphs} - repeated


@pytest.mark.parametrize("words", slow_but([3, 30, 200], [3, 8, 15, 30, 60, 200]))
def test_boilerplate_is_known_however_long_the_articles_are(kind: Kind, tmp_path: Path, words: int) -> None:
    entries = [outlets_own(f"n{number}", [body(number, words), LETTER]) for number in range(REPEATED_ARTICLES)]
    other = outlets_own("other", [body(100, words), LETTER], "Beta")
    engine = stored(kind, tmp_path / "index", entries[:5], [*entries[5:], other])
    for one in entries:
        assert LETTER not in shown(engine, one)
    assert LETTER in shown(engine, other)


def test_deleted_articles_do_not_count(kind: Kind, tmp_path: Path) -> None:
    entries = [outlets_own(f"n{number}", [body(number), LETTER]) for number in range(REPEATED_ARTICLES)]
    engine = stored(kind, tmp_path / "index", entries[:3], entries[3:])
    assert LETTER not in shown(engine, entries[0])
    with engine.writer() as writer:
        writer.delete(entries[7].article.metadata.article_id)
    assert LETTER in shown(engine, entries[0])
    with engine.writer() as writer:
        writer.add(outlets_own("once more", [body(50), LETTER]))
    assert LETTER not in shown(engine, entries[0])


def test_copies_of_one_article_do_not_make_its_paragraphs_boilerplate(kind: Kind, tmp_path: Path) -> None:
    updates = [outlets_own(f"n{number}", [body(1), body(2), body(50 + number, 12)]) for number in range(12)]
    engine = stored(kind, tmp_path / "index", updates)
    for one in updates:
        assert shown(engine, one) == {passage.text for passage in one.passages}


def test_what_is_short_is_no_boilerplate(kind: Kind, tmp_path: Path) -> None:
    short, long = "x" * (LEAST_PARAGRAPH - 2) + ".", "x" * (LEAST_PARAGRAPH - 1) + "."
    entries = [outlets_own(f"n{number}", [body(number), short, long]) for number in range(REPEATED_ARTICLES)]
    engine = stored(kind, tmp_path / "index", entries)
    for number, one in enumerate(entries):
        assert shown(engine, one) == {body(number), short}


def test_an_article_that_is_nothing_but_boilerplate_is_still_found(kind: Kind, tmp_path: Path) -> None:
    entries = [outlets_own(f"n{number}", [body(number), LETTER, RIGHTS]) for number in range(REPEATED_ARTICLES)]
    only = outlets_own("only", [RIGHTS, LETTER])
    engine = stored(kind, tmp_path / "index", entries, [only])
    assert shown(engine, only) == {LETTER, RIGHTS}
    assert shown(engine, entries[0]) == {body(0)}


def test_a_passage_that_has_anything_else_is_no_boilerplate(kind: Kind, tmp_path: Path) -> None:
    entries = [outlets_own(f"n{number}", [body(number), LETTER, RIGHTS]) for number in range(REPEATED_ARTICLES)]
    wide = outlets_own("wide", [body(50), LETTER, RIGHTS])
    first, second, third = wide.passages
    joined = (
        type(first)(first.article_id, 0, first.start, second.end, wide.article.text[first.start : second.end]),
        type(first)(first.article_id, 1, third.start, third.end, third.text),
    )
    wide = Entry(wide.article, joined, wide.vectors[:2], 0, wide.keys[:2])
    engine = stored(kind, tmp_path / "index", entries, [wide])
    assert shown(engine, wide) == {joined[0].text}


def has_half(one: set[str], other: set[str]) -> bool:
    return 2 * len(one & other) >= min(len(one), len(other))


PARAGRAPHS = [body(200 + number, 14) for number in range(8)]


@examples(20)
@given(
    texts=st.lists(st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=4), min_size=2, max_size=7),
    deleted=st.sets(st.integers(0, 6), max_size=2),
    cut=st.integers(0, 7),
    filters=st.sampled_from([Filters(), Filters(publishers={"alpha"})]),
)
def test_alike_is_who_shares_half_of_the_paragraphs_of_one_or_is_close_by_its_sketch(
    kind: Kind,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str]],
    deleted: set[int],
    cut: int,
    filters: Filters,
) -> None:
    entries = [
        outlets_own(f"n{number}", [body(number, 30), *paragraphs], ("Alpha", "Beta")[number % 2])
        for number, paragraphs in enumerate(texts)
    ]
    engine = stored(kind, tmp_path_factory.mktemp("engine") / "index", entries[:cut], entries[cut:])
    left = holding([one for number, one in enumerate(entries) if number not in deleted])
    with engine.writer() as writer:
        for article_id in holding(entries).keys() - left.keys():
            writer.delete(article_id)
    for article_id, one in left.items():
        own = {passage.text for passage in one.passages}
        expected = {
            other_id
            for other_id, other in left.items()
            if is_allowed(other, filters)
            and other_id != article_id
            and (has_half(own, {passage.text for passage in other.passages}) or are_close(one, other))
        }
        assert sorted(alike(engine, article_id, filters=filters)) == sorted(expected)  # each once, in any order
    for article_id in holding(entries).keys() - left.keys():
        assert alike(engine, article_id, filters=filters) == []


def test_what_an_outlet_repeats_makes_nobody_alike_and_whom_one_names_names_it_too(kind: Kind, tmp_path: Path) -> None:
    entries = [outlets_own(f"n{number}", [body(number, 200), LETTER]) for number in range(REPEATED_ARTICLES)]
    others = [outlets_own(f"o{number}", [body(50 + number, 200), LETTER], "Beta") for number in range(2)]
    everyone = holding([*entries, *others])
    engine = stored(kind, tmp_path / "index", entries, others)
    named = {article_id: alike(engine, article_id) for article_id in everyone}
    for article_id, found in named.items():
        assert all(article_id in named[other] for other in found)
    close = {
        (one_id, other_id)
        for one_id, one in everyone.items()
        for other_id, other in everyone.items()
        if one_id != other_id and are_close(one, other)
    }
    first, second = (one.article.metadata.article_id for one in others)
    pairs = {(one, other) for one, found in named.items() for other in found}
    assert pairs == close | {(first, second), (second, first)}
