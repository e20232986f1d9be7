"""Which words of a query carry meaning, in the languages that have a list and in those that have none."""

import pytest

from semsearch import words
from semsearch.words.function_word_lists import FUNCTION_WORDS
from semsearch.words.function_words import shows_language, telling_words


@pytest.mark.parametrize(
    ("text", "analyser", "needed"),
    [
        ("what is the government", "en", ["govern"]),
        ("the of and", "en", []),
        ("May", "en", ["may"]),  # a month, where nothing else is asked for
        ("WHO", "en", ["who"]),
        ("May election", "en", ["elect"]),
        ("l'eau de la ville", "fr", ["eau", "vill"]),
        ("der Fluss und die Brücke", "de", ["fluss", "bruck"]),
        ("der Fluss", "en", ["der", "fluss"]),  # of another language than the article
        ("的", "", []),
        ("现在", "", ["现在"]),
        ("中国的经济", "", ["中国", "经济"]),
        ("東京の天気は", "", ["东京", "天气"]),
        ("qua zorblax", "", ["qua", "zorblax"]),
    ],
)
def test_what_a_text_needs_to_have_every_word(text: str, analyser: str, needed: list[str]) -> None:
    told = telling_words(text, analyser)
    terms = [term for word in told.needed for spelling in word.spellings for term in spelling]
    assert [term.removesuffix(" *").replace(" ", "") for term in terms] == needed


@pytest.mark.parametrize("analyser", FUNCTION_WORDS)
def test_a_list_is_of_an_analyser_that_there_is_and_none_of_its_words_carries_meaning(analyser: str) -> None:
    listed = FUNCTION_WORDS[analyser].split()
    assert len(listed) > 20
    assert telling_words(" ".join(listed), analyser) == ([], [])
    assert words.analyser_of(analyser, "") == analyser


def test_a_word_that_is_sometimes_a_name_shows_in_which_language_a_question_is() -> None:
    assert list(shows_language("Who sang the anthem?", "de")) == ["who *", "the *"]
