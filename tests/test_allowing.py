"""Phrases stand where the words stand, exclusions leave out whom they name, and a phrase that nobody has is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local.segment import Segment
from semsearch.ports import Entry
from semsearch.types import Article, Filters
from tests.contract.histories import DIMENSIONS, LOCAL, asking, holding, stored, unit
from tests.examples import examples
from tests.making import article, entry
from tests.oracle import assert_exact, with_phrase


def told(text: str, title: str = "Notice", language: str | None = "en", name: str = "a") -> Entry:
    return entry(article(name, text, title=title, language=language), dimensions=DIMENSIONS)


def having(place: Path, entries: list[Entry], *phrases: str, excluded: tuple[str, ...] = ()) -> set[tuple[str, int]]:
    """The passages that are shown, by their article's name; as brute force would have it."""
    engine = stored(LOCAL, place / "index", entries)
    ask = asking("", unit(1), phrases=phrases, excluded=excluded, passages=True)
    (found,) = engine.search([ask])
    assert_exact(found, holding(entries), ask)
    names = {one.article.metadata.article_id: str(one.article.metadata.url).rsplit("/", 1)[1] for one in entries}
    return {(names[one.article_id], one.ordinal) for one in found.ranked()}


@pytest.mark.parametrize(
    ("text", "title", "phrase", "ordinals"),
    [
        ("The old bridge fell.\n\nA new bridge stands.", "", "old bridge", {0}),
        ("The old bridge fell.\n\nAn OLD-bridge stood.", "", "Old Bridge", {0, 1}),
        ("They saw the old\n\nbridge fall at last.", "", "old bridge", {0}),  # begins in the first
        ("They saw it.\n\nIt fell.", "The old bridge", "old bridge", {0, 1}),
        ("They saw the old bridge.\n\nIt fell.", "The old bridge", "old bridge", {0, 1}),
        ("The mayor’s “old bridge” fell.\n\nYes.", "", "mayor's old bridge", {0}),
        ("Résumé of a café.\n\nYes.", "", "resume of a cafe", {0}),
        ("Row row row your boat.\n\nRow on, row.", "", "row row", {0}),
        ("The Old.\n\nBridge old bridge.", "", "old bridge old", {0}),
        ("Prices rose by 1,200.50 dollars.\n\nYes.", "", "1200.50 dollars", {0}),
        ("Bridges.\n\nA bridge.", "", "bridge", {1}),
        ("Shr 15 cts net.\n\nA ctsnet rose.\n\nNet 15 cts.", "", "cts net", {0, 1}),  # may be one word
        ("It rose.\n\nIt was 15 cts net.", "Of cts net", "cts net", {0, 1}),
    ],
)
def test_a_phrase_stands_word_for_word_in_a_passage_or_the_headline(
    tmp_path: Path, text: str, title: str, phrase: str, ordinals: set[int]
) -> None:
    entries = [told(text, title or "Notice"), told("Something else.", name="other")]
    assert having(tmp_path, entries, phrase) == {("a", ordinal) for ordinal in ordinals}


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("旧桥在河上。", "zh", "旧桥"),
        ("東京の3月の天気。", "ja", "3月"),  # a character by itself in the phrase, within a run in the text
        ("東京の3月の天気。", "ja", "京の3"),
        ("한국의 강과 다리.", "ko", "강과 다리"),
        ("แม่น้ำ 3 ที่สวย", "th", "แม่น้ำ 3"),
        ("Die alte Brücke über den Fluss.", "de", "alte Brucke"),
        ("Старый мост через реку.", "ru", "старый мост"),
        ("Les écoles du village.", "fr", "ecoles du"),
    ],
)
def test_phrases_are_found_in_every_script(tmp_path: Path, text: str, language: str, phrase: str) -> None:
    one = told(text, language=language)
    assert with_phrase(one, phrase)
    assert having(tmp_path, [one, told("Else.", name="b")], phrase) == {("a", 0)}


def test_no_text_is_read_for_a_phrase_where_its_words_stand(tmp_path: Path) -> None:
    """Neighbours that may be one word as well are no reason to read all articles that have them."""
    entries = [told(f"Shr {number} cts.\n\nIt was {number} cts net.", name=f"n{number}") for number in range(30)]
    entries.append(told("A ctsnet.", name="joined"))
    engine = stored(LOCAL, tmp_path / "index", entries)
    read: list[int] = []

    def noted(segment: Segment, at: int) -> Article:
        read.append(at)
        return whole(segment, at)

    whole = Segment.read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segment, "read", noted)
        (found,) = engine.search([asking("", unit(1), phrases=("cts net",))])
    assert found.total == 31
    assert not read


def test_all_phrases_stand_in_one_article_and_each_passage_has_one(tmp_path: Path) -> None:
    entries = [
        told("The old bridge.\n\nA stone quay.\n\nNothing.", name="both"),
        told("The old bridge.\n\nNothing.", name="one"),
    ]
    assert having(tmp_path, entries, "old bridge", "stone quay") == {("both", 0), ("both", 1)}


@pytest.mark.parametrize(
    ("phrases", "relaxed"),
    [
        (("no such words",), ("no such words",)),
        (("old bridge", "no such words"), ("no such words",)),
        (("old bridge", "stone quay"), ("old bridge", "stone quay")),  # nobody has both
        (("old bridge",), ()),
        (("bridge old",), ("bridge old",)),
        (("—",), ("—",)),
    ],
)
def test_phrases_that_nothing_has_are_told_and_left_out(
    tmp_path: Path, phrases: tuple[str, ...], relaxed: tuple[str, ...]
) -> None:
    entries = [told("The old bridge.", name="a"), told("A stone quay.", name="b")]
    engine = stored(LOCAL, tmp_path / "index", entries[:1], entries[1:])
    (found,) = engine.search([asking("", unit(1), phrases=phrases)])
    assert found.relaxed == relaxed
    assert found.total == (1 if "old bridge" in set(phrases) - set(relaxed) else 2)


def test_a_phrase_that_only_others_have_is_one_that_nothing_has(tmp_path: Path) -> None:
    entries = [told("The old bridge.", name="a"), told("Die alte Brücke.", name="b", language="de")]
    engine = stored(LOCAL, tmp_path / "index", entries)
    for ask in (
        asking("", unit(1), phrases=("old bridge",), filters=Filters(languages=frozenset({"de"}))),
        asking("", unit(1), phrases=("old bridge",), without=entries[0].article.metadata.article_id),
        asking("", unit(1), phrases=("old bridge",), excluded=("bridges",)),
    ):
        (found,) = engine.search([ask])
        assert (found.relaxed, found.total) == (("old bridge",), 1)
    with engine.writer() as writer:
        writer.delete(entries[0].article.metadata.article_id)
    (found,) = engine.search([asking("", unit(1), phrases=("old bridge",))])
    assert (found.relaxed, found.total) == (("old bridge",), 1)


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        (("bridge",), {"c", "d"}),  # in any form
        (("BRIDGED",), {"c", "d"}),
        (("old bridge",), {"b", "c", "d"}),  # word for word
        (("bridge old",), {"a", "b", "c", "d"}),
        (("quay", "stone"), {"a", "b", "d"}),
        (("stone quay",), {"a", "b", "d"}),
        (("notice",), set()),  # in the headline
        (("旧桥",), {"a", "b", "c"}),
        (("zeppelin",), {"a", "b", "c", "d"}),
        (("—",), {"a", "b", "c", "d"}),
    ],
)
def test_an_excluded_word_in_any_form_or_a_phrase_as_it_stands_leaves_whole_articles_out(
    tmp_path: Path, excluded: tuple[str, ...], left: set[str]
) -> None:
    entries = [
        told("The old bridge.\n\nYes.", name="a"),
        told("Bridges are old.\n\nYes.", name="b"),
        told("A stone quay.", name="c"),
        told("旧桥在河上。", name="d", language="zh"),
    ]
    assert {name for name, _ in having(tmp_path, entries, excluded=excluded)} == left


words_of = st.lists(
    st.sampled_from(["row", "the", "Boat", "boats", "3月", "東京", "の", "l'eau"]), min_size=1, max_size=9
)


@examples(15)
@given(
    texts=st.lists(st.lists(words_of.map(" ".join), min_size=1, max_size=3), min_size=1, max_size=4),
    phrases=st.lists(
        st.lists(st.sampled_from(["row", "the", "boat", "月", "京", "の"]), min_size=1, max_size=3), max_size=2
    ),
    excluded=st.lists(st.sampled_from(["row the", "boat", "京 の", "eau"]), max_size=1),
)
def test_whatever_stands_where_the_answer_is_that_of_reading_everything(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], phrases: list[list[str]], excluded: list[str]
) -> None:
    entries = [
        told("\n\n".join(paragraphs), title=paragraphs[-1][:9], name=f"a{number}", language=("en", "ja")[number % 2])
        for number, paragraphs in enumerate(texts)
    ]
    typed = [" ".join(phrase) for phrase in phrases if len(phrase) > 1]
    having(tmp_path_factory.mktemp("allowing"), entries, *dict.fromkeys(typed), excluded=tuple(excluded))


joined = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "e-mail",
                "email",
                "e mail",
                "E. mail",
                "wi-fi",
                "wifi",
                "Wi Fi",
                "MH 370",
                "MH370",
                "1 500",
                "1500",
                "address",
                "the",
                "desk",
                "e",
                "mail",
                "fi",
                "Bürö-Fi",
                "U. N.",
                "un",
                "co-op",
                "e-ma-il",
            ]
        ),
        st.sampled_from([" ", " ", " ", ", ", ". ", "-", "\n\n"]),
    ).map("".join),
    min_size=1,
    max_size=12,
).map("".join)


@examples(40)
@given(
    texts=st.lists(st.tuples(joined, joined), min_size=1, max_size=4),
    phrase=st.lists(
        st.sampled_from(
            ["email", "wifi", "mh370", "1500", "un", "address", "the", "desk", "e", "mail", "370", "buroefi"]
        ),
        min_size=1,
        max_size=3,
    ),
    excluded=st.lists(st.sampled_from(["email address", "the wifi", "wifi", "mh370 desk"]), max_size=1),
)
def test_a_word_in_several_parts_is_that_word_in_a_phrase(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], phrase: list[str], excluded: list[str]
) -> None:
    entries = [told(text, title=title[:40], name=f"a{number}") for number, (text, title) in enumerate(texts)]
    having(tmp_path_factory.mktemp("joined"), entries, " ".join(phrase), excluded=tuple(excluded))


spelled = st.lists(
    st.tuples(
        st.sampled_from(
            ["תל", "בתל", "אביב", "ראש", "לראש", "הממשלה", "ממשלה", "ב", "Müller", "Mueller", "muller", "Öl"]
        ),
        st.sampled_from([" ", " ", "-", ".\n\n"]),
    ),
    min_size=1,
    max_size=8,
).map(lambda parts: "".join(f"{word}{between}" for word, between in parts))


@examples(40)
@given(
    texts=st.lists(st.tuples(spelled, spelled), min_size=1, max_size=4),
    phrase=spelled,
    excluded=st.lists(spelled, max_size=1),
)
def test_each_word_of_a_phrase_may_stand_in_another_spelling(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], phrase: str, excluded: list[str]
) -> None:
    entries = [
        told(text, title=title.replace("\n", " ")[:40], language="he", name=f"a{number}")
        for number, (text, title) in enumerate(texts)
    ]
    having(tmp_path_factory.mktemp("spelled"), entries, phrase, excluded=tuple(excluded))
