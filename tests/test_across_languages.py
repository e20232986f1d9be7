"""Words step back where an article is in another language than the query."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index
from semsearch.encoders.batching import unit
from semsearch.encoders.hashing import HashingEncoder
from semsearch.ports import Matrix
from semsearch.ranking.languages import same_language
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


@given(st.integers(0, 40), st.floats(0, 1), st.floats(0, 1))
def test_the_more_familiar_the_more_at_home(count: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    counts, texts = np.array([count, count], dtype=np.float64), np.array([10_000.0, 10_000.0])
    found = same_language(count * np.array([low, high]), counts, counts, texts)
    assert 0 <= found[0] <= found[1] <= 1
    if count == 0:
        assert found.tolist() == [1, 1]


def test_few_texts_prove_little() -> None:
    nothing, five = np.zeros(1), np.array([5.0])
    assert same_language(nothing, five, five, np.array([2.0])).tolist() == [1]
    assert same_language(nothing, five, five, np.array([10_000.0])).tolist() == [0]
