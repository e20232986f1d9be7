"""Whichever words are there, those within reach are found, and no other."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from semsearch import Index, words
from semsearch.engines.local.vocabulary import SegmentVocabulary, total_counts, words_of, write_vocabulary
from semsearch.errors import IndexDamagedError
from semsearch.ports import Encoder
from tests.array_files import arrays_of, change
from tests.making import article

letters = st.text("abcé한नа", min_size=4, max_size=11)


@given(st.dictionaries(letters, st.integers(1, 9), max_size=30), letters)
def test_what_is_within_reach_is_found_among_the_words_of_a_segment(
    tmp_path_factory: pytest.TempPathFactory, known: dict[str, int], word: str
) -> None:
    place = tmp_path_factory.mktemp("words")
    write_vocabulary(place, known)
    vocabulary = SegmentVocabulary(place)
    assert vocabulary.counts() == known
    edits = words.reach(word)
    if not edits:
        return
    found = vocabulary.containing(words.intact_parts(word), len(word) - edits, len(word) + edits)
    assert found.items() <= known.items()
    expected = {one: distance for one in known if (distance := OSA.distance(word, one)) <= edits}
    assert words.near(word, list(found)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ministry's 25 ministries, e-mail and covid19.", {"ministry", "ministries", "mail"}),
        ("Größe und Straße, l’été", {"größe", "straße"}),
        ("Городской совет", {"городской", "совет"}),
        ("किसानों की ज़मीन", {"किसानों", "ज़मीन"}),
        ("猫の島 쌀값이", set()),
        ("x" * 40 + " http://example.org/a_b", {"http", "example"}),
        ("", set()),
    ],
)
def test_words_are_kept_as_they_are_written(text: str, expected: set[str]) -> None:
    assert words.written(text) - {"with"} == expected - {"with"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverment’s", "government"),
        ("GOVERMENT'S", "government"),
        ("l'humnité", "humanité"),
        ("l’émisison", "émission"),
    ],
)
def test_what_an_apostrophe_ties_to_a_word_is_left_aside(
    tmp_path: Path, hashing: Encoder, typed: str, meant: str
) -> None:
    text = "The government speaks. Une émission sur l’humanité."
    with Index.build([article("a", text)], tmp_path / "index", encoder=hashing) as index:
        [notice] = index.search(typed, mode="lexical").notices
    assert f"did you mean “{meant}”?" in notice


def test_counts_are_of_articles() -> None:
    one = article("a", "A bridge, a bridge.", title="Bridge")
    other = article("b", "The bridge and the quay.", title="x")
    assert words_of([one, other]) == total_counts([words_of([one]), words_of([other])])
    assert words_of([one, other])["bridge"] == 2


@pytest.mark.parametrize("name", ["words", "counts", "lengths"])
def test_a_vocabulary_of_other_sizes_is_refused(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    write_vocabulary(tmp_path / "a", {"bridge": 1, "harbour": 2})
    write_vocabulary(tmp_path / "b", {"quay": 1})
    other = arrays_of(tmp_path / "b" / "vocabulary.arrays")[name]
    change(tmp_path / "a" / "vocabulary.arrays", name, lambda _: other)
    with pytest.raises(ValueError, match="other words"):
        SegmentVocabulary(tmp_path / "a")


def test_lines_that_are_no_words_are_damage(tmp_path: Path) -> None:
    write_vocabulary(tmp_path, {"bridge": 1, "harbor": 2})
    path = tmp_path / "vocabulary.arrays"
    path.write_bytes(path.read_bytes().replace(b"bridge\n", b"bri\nge\n"))
    with pytest.raises(IndexDamagedError):
        SegmentVocabulary(tmp_path).containing(["ha"], 6, 6)
