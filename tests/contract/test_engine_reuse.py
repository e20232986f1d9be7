"""Vectors that are stored already are found again by what they were made from, after any history."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.ports import Entry, Writer
from tests.contract.histories import DIMENSIONS, Kind, of_any_size
from tests.examples import examples
from tests.making import article, entry, key_of, vector_of

kind = of_any_size

SENTENCES = [f"Sentence {number}, which many articles have." for number in range(7)]
STRANGE = [b"", bytes(16), b"short", key_of("what nobody wrote")]
sharing_steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.integers(0, 5),
            st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5),
            st.booleans(),
        ),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["commit", "compact", "reopen"])),
    ),
    min_size=1,
    max_size=25,
)


def sharing(number: int, sentences: Sequence[str], known: bool = True) -> Entry:
    """An article of these sentences, a passage each; where it is not `known` nobody says what the encoder read."""
    whole = entry(article(f"s{number}", "\n\n".join(sentences)), dimensions=DIMENSIONS)
    return whole if known else replace(whole, keys=[STRANGE[number % 2]] * len(sentences))


def assert_reuse(writer: Writer, held: Iterable[Entry], once: AbstractSet[bytes]) -> None:
    """Every key of the articles that are there has its vector; any other key that was there once may have it."""
    found = writer.vectors_of([*map(key_of, SENTENCES), *STRANGE])
    assert {one for entry in held for one in entry.keys} - set(STRANGE) <= found.keys() <= once
    for sentence in SENTENCES:
        if key_of(sentence) in found:
            np.testing.assert_array_equal(found[key_of(sentence)], vector_of(sentence, DIMENSIONS))


@examples(25)
@given(steps=sharing_steps)
def test_after_any_history_vectors_are_found_by_what_they_were_made_from(
    kind: Kind, tmp_path_factory: pytest.TempPathFactory, steps: Any
) -> None:
    place = tmp_path_factory.mktemp("engine") / "index"
    engine = kind.make(place)
    held: dict[int, Entry] = {}
    once: set[bytes] = set()
    pending = list(steps)
    while pending:
        with engine.writer() as writer:
            while pending and pending[0][0] != "reopen":
                name, *arguments = pending.pop(0)
                if name == "add":
                    held[arguments[0]] = one = sharing(*arguments)
                    once |= set(one.keys) - set(STRANGE)
                    writer.add(one)
                elif name == "delete":
                    writer.delete(sharing(arguments[0], "x").article.metadata.article_id)
                    held.pop(arguments[0], None)
                else:
                    writer.commit() if name == "commit" else writer.compact()
                assert_reuse(writer, held.values(), once)
        if pending:
            pending.pop(0)
            engine = kind.reopen(place)
    with engine.writer() as writer:
        assert_reuse(writer, held.values(), once)


def test_a_vector_is_found_from_its_addition_until_it_is_stored_no_more(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    first, second = sharing(1, SENTENCES[:3]), sharing(1, SENTENCES[2:5])
    keys = list(map(key_of, SENTENCES))

    def found(writer: Writer) -> set[str]:
        return {sentence for sentence in SENTENCES if key_of(sentence) in writer.vectors_of(keys)}

    with engine.writer() as writer:
        assert found(writer) == set()
        writer.add(first)
        assert found(writer) == set(SENTENCES[:3])
        writer.add(sharing(2, SENTENCES[:1]))
        writer.delete(first.article.metadata.article_id)
        assert found(writer) == set(SENTENCES[:1])
        writer.add(first)
        writer.commit()
        assert found(writer) == set(SENTENCES[:3])
        writer.add(second)
        assert found(writer) == set(SENTENCES[:5])
        writer.delete(second.article.metadata.article_id)
        assert found(writer) >= set(SENTENCES[:3])  # hidden, not yet gone
        writer.add(second)
    with engine.writer() as writer:
        assert found(writer) >= {SENTENCES[0], *SENTENCES[2:5]}
        writer.compact()
        assert found(writer) == {SENTENCES[0], *SENTENCES[2:5]}


def test_what_vectors_were_made_from_outlives_merges(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    texts = [f"Only article {number} says this." for number in range(20)]
    for number, text in enumerate(texts):
        with engine.writer() as writer:
            writer.add(sharing(number, [text, SENTENCES[0]]))
    with engine.writer() as writer:
        found = writer.vectors_of([key_of(text) for text in texts])
    assert found.keys() == {key_of(text) for text in texts}
    for text in texts:
        np.testing.assert_array_equal(found[key_of(text)], vector_of(text, DIMENSIONS))
