"""Words step back where an article is in another language than the query."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index
from semsearch.encoders.batches import unit
from semsearch.encoders.hashing import HashingEncoder
from semsearch.ports import Matrix
from semsearch.ranking.languages import language_offsets, same_language
from semsearch.types import Mode
from tests.making import article

SUBJECTS = {
    "harbour": ("harbour", "quay", "Hafen", "Kai"),
    "bridge": ("bridge", "span", "Brücke"),
    "wheat": ("wheat", "harvest", "Weizen", "Ernte"),
    "theatre": ("theatre", "stage", "Theater", "Bühne"),
}
GERMAN = {
    "harbour": "Der Hafen hat einen neuen Kai für die großen Schiffe, und die Stadt ist stolz auf ihn.",
    "bridge": "Die Brücke über den Fluss wird nach dem Hochwasser von der Firma North Star neu gebaut.",
    "wheat": "Die Ernte war gut, und der Preis für den Weizen ist im Herbst auf dem Markt gefallen.",
    "theatre": "Das Theater ist wieder offen, und die neue Bühne hat zwei Jahre und 40 Millionen gekostet.",
}
ENGLISH = {
    "harbour": "The harbour has a new quay for the large ships, and the city is proud of it.",
    "wheat": "The harvest was good, and the price of wheat fell on the market in autumn.",
}


class Polyglot(HashingEncoder):
    """Knows a few words of two languages."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        rows = [[sum(name in text for name in names) for names in SUBJECTS.values()] for text in texts]
        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        vectors[:, : len(SUBJECTS)] = np.reshape(rows, (len(texts), len(SUBJECTS)))
        vectors[:, -1] = 0.5
        return unit(vectors)

    encode_queries = encode_passages


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    german = [article(f"de-{name}", text, language="de") for name, text in GERMAN.items()]
    english = [article(f"en-{name}", text, language="en") for name, text in ENGLISH.items()]
    place = tmp_path_factory.mktemp("languages") / "index"
    return Index.build([*german, *english], place, encoder=Polyglot())


def first(index: Index, query: str, mode: Mode = Mode.HYBRID) -> str:
    return index.search(query, mode=mode).hits[0].text


def test_a_question_finds_its_answer_in_another_language_whatever_words_match_by_accident(index: Index) -> None:
    question = "Did the North Star company pay for the stage of the theatre?"
    assert first(index, question, Mode.LEXICAL) == GERMAN["bridge"]
    assert first(index, question) == GERMAN["theatre"]


def test_a_name_is_found_in_whichever_language_it_stands(index: Index) -> None:
    assert first(index, "North Star") == GERMAN["bridge"]
    assert first(index, '"North Star"') == GERMAN["bridge"]


def test_words_count_as_ever_in_their_own_language(index: Index) -> None:
    assert first(index, "what is the price of it on the market") == ENGLISH["wheat"]
    assert first(index, "Was hat die neue Bühne gekostet?") == GERMAN["theatre"]


class Partial(Polyglot):
    """Gives all texts of a language a direction in common, too, as models do."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        vectors = super().encode_passages(texts)
        vectors[:, -2] = [1.5 if {"the", "The"} & set(text.split()) else -1.5 for text in texts]
        return unit(vectors)

    encode_queries = encode_passages


def test_texts_of_a_language_are_not_nearer_for_their_language_alone(tmp_path: Path) -> None:
    """One article in German is about a bridge, and none in English."""
    german = [(f"de-{name}", text, "de") for name, text in GERMAN.items() if name != "bridge"] * 12
    english = [(f"en-{name}", text, "en") for name, text in ENGLISH.items()] * 18
    others = [
        article(f"{name}-{number}", f"{text * 4} {number}", language=language)
        for number, (name, text, language) in enumerate((*german, *english))
    ]
    bridge = article("de-bridge", GERMAN["bridge"] * 4, language="de")
    with Index.build([bridge, *others], tmp_path / "index", encoder=Partial(), passage_tokens=64) as index:
        question = "Did somebody pay for the bridge and the road to it?"
        assert first(index, question, Mode.DENSE).startswith(tuple(ENGLISH.values()))
        assert first(index, question).startswith(GERMAN["bridge"])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-1, 1), st.integers(0, 10_000)), min_size=1, max_size=5))
def test_what_is_made_up_for_is_never_more_than_the_difference(groups: list[tuple[float, float, int]]) -> None:
    same, cosines, texts = np.array(groups, dtype=np.float64).T
    texts[0] += 1
    offsets = language_offsets(same, cosines, texts)
    assert (np.abs(offsets) <= np.ptp(cosines) + 1e-12).all()
    assert offsets[np.flatnonzero(texts == 0)].tolist() == [0] * int((texts == 0).sum())


def test_texts_that_have_none_of_its_words_are_in_another_language_than_a_query() -> None:
    """A query without function words that are known, of which one of two groups has words."""
    nothing, having, texts = np.zeros(2), np.array([3.0, 0.0]), np.array([100.0, 100.0])
    both, second = np.array([True, True]), np.array([False, True])
    assert same_language(nothing, nothing, having, texts, both).tolist() == [1, 0]
    assert same_language(nothing, nothing, nothing, texts, both).tolist() == [1, 1]
    assert same_language(nothing, nothing, nothing, texts, second).tolist() == [0, 1]  # by its letters
    assert same_language(nothing, nothing, having, texts, second).tolist() == [1, 0]  # words say more than letters


@given(st.integers(0, 40), st.floats(0, 1), st.floats(0, 1))
def test_the_more_familiar_the_more_at_home(count: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    counts, texts = np.array([count, count], dtype=np.float64), np.array([10_000.0, 10_000.0])
    found = same_language(count * np.array([low, high]), counts, counts, texts, texts > 0)
    assert 0 <= found[0] <= found[1] <= 1
    if count == 0:
        assert found.tolist() == [1, 1]


def test_few_texts_prove_little() -> None:
    nothing, five = np.zeros(1), np.array([5.0])
    assert same_language(nothing, five, five, np.array([2.0]), five > 0).tolist() == [1]
    assert same_language(nothing, five, five, np.array([10_000.0]), five > 0).tolist() == [0]
