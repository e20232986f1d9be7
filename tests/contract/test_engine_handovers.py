"""What one engine hands over another takes, and says the same of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.ports import COLUMNS, Ask, Engine, Entry
from semsearch.types import Filters
from tests.contract.histories import (
    DIMENSIONS,
    LOCAL,
    MEMORY,
    Kind,
    asking,
    asks,
    holding,
    id_of,
    made,
    of_any_size,
    of_local_kinds,
    play,
    steps,
    stored,
    unit,
)
from tests.contract.test_engine_repeats import body
from tests.examples import examples
from tests.making import article, entry
from tests.oracle import assert_exact

kind = of_any_size


def described(number: int) -> Entry:
    """An article with everything that may be kept beside one."""
    one = made(number)
    keys = [bytes([number + 1, ordinal] * 8) for ordinal in range(len(one.passages))]
    return replace(one, keys=keys, truncated=number % 2, headline=unit(number) if number % 3 else None)


@pytest.mark.parametrize(("giving", "other"), [(LOCAL, LOCAL), (LOCAL, MEMORY), (MEMORY, LOCAL)])
def test_what_an_engine_hands_over_another_takes_and_answers_as_it_does(
    giving: Kind, other: Kind, tmp_path: Path
) -> None:
    entries = [described(number) for number in range(60)]
    engine = stored(giving, tmp_path / "one", entries[:20], entries[20:])
    with engine.writer() as writer:
        writer.delete(id_of(7))
        writer.compact()
    held = {key: one for key, one in holding(entries).items() if key != id_of(7)}
    taking = stored(other, tmp_path / "other", list(engine.entries()))
    for one in taking.entries():
        given = held[one.article.metadata.article_id]
        assert (one.article, tuple(one.passages), one.truncated) == (given.article, given.passages, given.truncated)
        assert (list(one.keys), one.legibility) == (list(given.keys), given.legibility)
        np.testing.assert_array_equal(one.vectors, given.vectors)
        np.testing.assert_array_equal(one.headline, given.headline)  # None is None
    assert len(list(taking.entries())) == len(held)
    ask = asking("the old bridge", unit(3))
    assert_exact(next(taking.search([ask])), held, ask)
    ours, theirs = engine.background(), taking.background()
    assert ours.passages == theirs.passages == 59 * 3
    assert ours.headlines == pytest.approx(theirs.headlines) and 1 < ours.headlines < 39  # some are alike
    assert ours.sum_of_means == pytest.approx(theirs.sum_of_means, abs=1e-5)
    assert ours.sum_of_growths == pytest.approx(theirs.sum_of_growths, abs=1e-5)


def counted(engine: Engine) -> dict[str, Any]:
    """What an engine counts, without what depends on how it stores."""
    known = engine.stats()
    of_storage = {"size_bytes", "generation", "segments", "deleted", "approximation", "recipe"}
    return {name: getattr(known, name) for name in known.__slots__ if name not in of_storage}


def said(engine: Engine, ask: Ask) -> dict[str, Any]:
    """What an engine says that no score depends on."""
    (found,) = engine.search([ask])
    first = next(found.ranked(), None)
    columns = engine.columns(ask.filters)
    ids = [id_of(number) for number in range(20)]
    return {
        "meant": list(found.meant),
        "terms": first and [term for term, _ in found.terms(first.article_id, first.ordinal)],
        "article": first and found.article(first.article_id),
        "passages": first and found.article_passages(first.article_id),
        "alike": [set(own) for own in found.alike(ids)],
        "earlier": [set(own) for own in found.earlier(ids)],
        "earlier, by the engine": [set(own) for own in engine.earlier(ids, 1_614_945_600)],
        "copies": [found.comparisons.is_copy(ids[0], other) for other in ids],
        "same texts": [engine.comparisons().is_same_text(ids[0], other) for other in ids],
        "values": {
            name: {value: set(columns.ids[own[columns.living[own]]].tolist()) for value, own in values.items()}
            for name in COLUMNS
            for values in [columns.values(name)]
        },
        "counts": counted(engine),
        "damages": engine.verify().damages,
    }


def without_nobody(values: dict[str, dict[str, set[bytes]]]) -> dict[str, dict[str, set[bytes]]]:
    """The values that a living article has."""
    return {name: {value: ids for value, ids in own.items() if ids} for name, own in values.items()}


@of_local_kinds
@examples(25)
@given(history=steps, ask=asks, text=st.sampled_from(["", "brigde", "bridg quay rivver", "Brücken zepelin"]))
def test_of_any_history_every_engine_says_what_the_one_in_memory_says(
    kind: Kind, history: Sequence[Any], ask: Ask, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("engines")
    ask = replace(ask, text=text or ask.text)
    local, memory = (said(play(one, place / one.name, history)[0], ask) for one in (kind, MEMORY))
    local["values"] = without_nobody(local["values"])
    assert local == memory


def test_who_carried_a_text_before_is_known(kind: Kind, tmp_path: Path) -> None:
    texts = [body(1), body(1), body(2), body(1)]
    entries = [
        entry(article(f"t{number}", text, indexed=f"2021-03-0{number + 1}T12:00:00Z"), DIMENSIONS)
        for number, text in enumerate(texts)
    ]
    engine = stored(kind, tmp_path / "index", entries[:2], entries[2:])
    ids = [one.article.metadata.article_id for one in entries]
    third_day = 1_614_772_800  # 2021-03-03T12:00:00Z
    (found,) = engine.search([asking(vector=unit(1), filters=Filters(new_since=third_day))])
    expected = [{ids[1]}, {ids[0]}, set(), {ids[0], ids[1]}]
    assert [set(own) for own in found.earlier(ids)] == expected
    assert [set(own) for own in engine.earlier(ids, third_day)] == expected
    (found,) = engine.search([asking(vector=unit(1))])
    assert found.earlier(ids) == [[], [], [], []]
    for comparisons in (found.comparisons, engine.comparisons()):
        assert [comparisons.is_copy(ids[0], other) for other in ids[1:]] == [True, False, True]
        assert comparisons.is_same_text(ids[0], ids[1])
        assert not comparisons.is_copy(ids[0], "0" * 20)
        assert not comparisons.is_same_text("0" * 20, ids[0])


def test_an_article_is_found_by_what_its_source_calls_it(kind: Kind, tmp_path: Path) -> None:
    named = [
        entry(article(name, tags={"source_id": own}), DIMENSIONS)
        for name, own in (("a", ("17",)), ("b", ("17", "x")), ("c", ("1",)))
    ]
    engine = stored(kind, tmp_path / "index", named[:1], named[1:])
    ids = [one.article.metadata.article_id for one in named]
    assert set(engine.find_source_id("17")) == {ids[0], ids[1]}
    assert engine.find_source_id("x") == [ids[1]]
    assert engine.find_source_id("7") == []
