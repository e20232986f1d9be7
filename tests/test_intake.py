"""Articles go in whole and in order, each text is encoded once, and an interruption loses little."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import GroupBy, Index, Query, intake
from semsearch.encoders import load_encoder
from semsearch.encoders.hashing import HashingEncoder
from semsearch.engines import open_engine
from semsearch.errors import EncoderError
from semsearch.ports import Background, Encoder, Matrix
from semsearch.types import Article, Summary
from tests.examples import examples, slow_but
from tests.making import article, day
from tests.stories import prose

WORDS = ("harbour", "wheat", "glacier", "opera", "strike", "library")


class Recording(HashingEncoder):
    """The hashing encoder, which remembers what it was asked and by whom."""

    def __init__(self, pause: float = 0) -> None:
        super().__init__(64)
        self.asked: list[str] = []
        self.headlines: list[str] = []
        self.threads: set[str] = set()
        self.pause = pause

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        self.threads.add(threading.current_thread().name)
        time.sleep(self.pause)
        return super().encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        self.headlines += texts
        return HashingEncoder(64).encode_queries(texts)


class Failing(HashingEncoder):
    """The hashing encoder, which gives up after some windows."""

    def __init__(self, windows: int) -> None:
        super().__init__(64)
        self.left = windows

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.left -= 1
        if self.left < 0:
            raise EncoderError("out of order", "mend it")
        return super().encode_passages(texts)


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "WINDOW_PASSAGES", 4)


def one(name: str, *paragraphs: str, title: str = "From the wire") -> Article:
    """An article with a passage a paragraph: each is as long as a passage may be."""
    return article(name, "\n\n".join(f"{paragraph} " * 20 for paragraph in paragraphs), title=title)


def contents(index: Index) -> dict[str, tuple[str, float]]:
    """What is stored, by passage: its text, and the score that its vector, its words and its legibility give it."""
    hits = index.search(Query(" ".join(WORDS), 1_000, group_by=GroupBy.PASSAGE)).hits
    assert len(hits) == index.stats().passages
    return {hit.passage.passage_id: (hit.text, hit.score) for hit in hits}


def built(articles: Sequence[Article], place: Path, encoder: Encoder) -> Index:
    return Index.build(articles, place, encoder=encoder, passage_tokens=20)


def test_a_text_is_encoded_once_in_a_run_however_far_apart(tmp_path: Path) -> None:
    encoder = Recording()
    articles = [one(f"a{number}", WORDS[number % 3], f"own{number}") for number in range(30)]
    index = built(articles, tmp_path / "index", encoder)
    assert len(encoder.asked) == len(set(encoder.asked)) == 3 + 30
    assert index.summary is not None
    assert (index.summary.passages, index.summary.reused) == (33, 27)
    for found in index.articles():
        text = index.get(found.article_id).text
        assert index.search(text.split("\n\n")[1], k=1).hits[0].article.article_id == found.article_id


def test_a_changed_article_is_encoded_where_it_changed(tmp_path: Path) -> None:
    built([one("a", *WORDS)], tmp_path / "index", HashingEncoder(64)).close()
    encoder = Recording()
    index = Index.open(tmp_path / "index", encoder=encoder)
    summary = index.add([one("a", *WORDS[:3], "something", *WORDS[3:])])
    assert [text.split()[-1] for text in encoder.asked] == ["something"]
    assert (summary.replaced, summary.passages, summary.reused) == (1, 1, 6)


def test_a_new_headline_is_a_new_text(tmp_path: Path) -> None:
    """The headline is read with each passage, so its vectors are others."""
    built([one("a", *WORDS, title="Before")], tmp_path / "index", HashingEncoder(64)).close()
    encoder = Recording()
    assert Index.open(tmp_path / "index", encoder=encoder).add([one("a", *WORDS, title="After")]).reused == 0


def test_the_encoder_works_beside_the_reader(tmp_path: Path) -> None:
    """The first window is held back until the reader has come further: one after the other, that would never be."""
    further = threading.Event()

    class Waiting(Recording):
        def encode_passages(self, texts: Sequence[str]) -> Matrix:
            assert further.wait(10)
            return super().encode_passages(texts)

    def reading() -> Iterator[Article]:
        for number in range(24):
            if number == 2 * intake.WINDOW_PASSAGES - 1:
                further.set()
            yield one(f"a{number}", f"text{number}")

    encoder = Waiting()
    Index.build(reading(), tmp_path / "index", encoder=encoder, passage_tokens=20)
    assert threading.main_thread().name not in encoder.threads


articles_of_a_run = st.lists(
    st.tuples(st.integers(0, 5), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)), max_size=30
)


@examples(40)
@given(runs=st.lists(articles_of_a_run, min_size=1, max_size=3))
def test_any_history_leaves_what_adding_one_by_one_would(
    runs: list[list[tuple[int, list[str]]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("index")
    encoder = load_encoder("hashing:64")
    index = Index.create(place / "index", encoder=encoder)
    latest: dict[str, Article] = {}
    for run in runs:
        articles = [one(f"a{number}", *paragraphs) for number, paragraphs in run]
        summary = index.add(articles)
        assert summary.articles == len(articles)
        latest |= {each.metadata.article_id: each for each in articles}
    fresh = Index.create(place / "fresh", encoder=encoder)
    for each in latest.values():
        fresh.add([each])
    assert contents(index) == contents(fresh)
    assert index.stats().passages == fresh.stats().passages
    index.close()
    fresh.close()


@pytest.mark.parametrize("windows", [0, 1, 3])
def test_an_encoder_that_fails_stops_the_run_with_its_own_error(tmp_path: Path, windows: int) -> None:
    before = threading.active_count()
    with pytest.raises(EncoderError, match="out of order"):
        built([one(f"a{number}", f"text{number}") for number in range(40)], tmp_path / "index", Failing(windows))
    assert threading.active_count() == before


@pytest.mark.parametrize("at", slow_but([0, 9, 33], [0, 1, 5, 9, 17, 33]))
def test_an_interrupted_build_keeps_what_was_encoded_and_goes_on(tmp_path: Path, at: int) -> None:
    articles = [one(f"a{number}", f"text{number}", f"more{number}") for number in range(34)]

    def stopping() -> Iterator[Article]:
        yield from articles[:at]
        raise KeyboardInterrupt

    def build(source: Iterator[Article], encoder: Encoder) -> Index:
        return Index.build(source, tmp_path / "index", encoder=encoder, passage_tokens=20, job="the same")

    with pytest.raises(KeyboardInterrupt):
        build(stopping(), HashingEncoder(64))
    encoder = Recording()
    index = build(iter(articles), encoder)
    assert index.stats().articles == 34
    lost = 2 * intake._AHEAD + 2  # articles: those of two windows and of the one that was being filled
    assert index.summary.unchanged >= at - lost
    assert len(encoder.asked) == 2 * (34 - index.summary.unchanged)
    assert contents(index) == contents(built(articles, tmp_path / "fresh", HashingEncoder(64)))


def test_sums_are_told_after_each_window(tmp_path: Path) -> None:
    told: list[Summary] = []

    def observe(event: object) -> None:
        if isinstance(event, Summary):
            told.append(event)

    articles = [one(f"a{number}", f"text{number}") for number in range(12)]
    Index.build(articles, tmp_path / "index", encoder=HashingEncoder(64), passage_tokens=20, observer=observe)
    assert [summary.passages for summary in told if summary.passages] == [4, 8, 12]


def test_memory_holds_a_few_windows(tmp_path: Path) -> None:
    """The reader is never far ahead of what is written."""
    behind = []
    encoder = Recording(pause=0.005)
    written = 0

    def observe(event: object) -> None:
        nonlocal written
        if isinstance(event, Summary):
            written = event.passages + event.reused

    def watched() -> Iterator[Article]:
        for number in range(80):
            behind.append(number - written)
            yield one(f"a{number}", f"text{number}")

    Index.build(watched(), tmp_path / "index", encoder=encoder, passage_tokens=20, observer=observe)
    assert max(behind) <= (intake._AHEAD + 2) * intake.WINDOW_PASSAGES


# Versions of one article


def version(text: str, ordinal: int) -> Article:
    """Another text at the same address, published so many days after 2020-01-01."""
    return article("story", f"{text} " * 20, title="From the wire", published=day(ordinal))


def told(index: Index) -> tuple[str, str | None, str | None, tuple[str, ...]]:
    """The one story: its first word, when it was published and updated, and the dates of its earlier versions."""
    (metadata,) = (one for one in index.articles() if one.url == "https://news.example.org/story")
    said = metadata.to_dict()
    text = index.get(metadata.article_id).text.split()[0]
    return text, said["published"], said["updated"], metadata.tags.get("earlier_versions", ())  # type: ignore[return-value]


@pytest.mark.parametrize("between", [0, 1, 3, 30], ids="{} windows later".format)
def test_a_new_text_replaces_the_old_one_and_keeps_its_date(tmp_path: Path, between: int) -> None:
    """Wherever the earlier version is by then: in the same window, with the encoder, or written."""

    def crawl() -> Iterator[Article]:
        others = iter(range(1_000))
        for one_version in (version("closed", 3), version("open", 5), version("open", 5), version("closed", 3)):
            yield one_version
            for _ in range(between * intake.WINDOW_PASSAGES):
                yield one(f"other{next(others)}", "something")

    index = Index.build(crawl(), tmp_path / "index", encoder=HashingEncoder(64), passage_tokens=20)
    assert index.summary
    assert (index.summary.replaced, index.summary.unchanged, index.summary.older) == (1, 1, 1)
    # What an old crawl says does not come back.
    assert told(index) == ("open", "2020-01-04", "2020-01-06", ("2020-01-04",))


@pytest.mark.parametrize("between", [0, 1, 3, 30], ids="{} windows later".format)
def test_an_older_version_that_comes_later_is_remembered_and_nothing_else(tmp_path: Path, between: int) -> None:
    def feed() -> Iterator[Article]:
        others = iter(range(1_000))
        for one_version in (version("open", 5), version("closed", 3), version("planned", 1), version("closed", 3)):
            yield one_version
            for _ in range(between * intake.WINDOW_PASSAGES):
                yield one(f"other{next(others)}", "something")

    index = Index.build(feed(), tmp_path / "index", encoder=HashingEncoder(64), passage_tokens=20)
    assert index.summary
    assert (index.summary.replaced, index.summary.unchanged, index.summary.older) == (0, 0, 3)
    assert told(index) == ("open", "2020-01-02", "2020-01-06", ("2020-01-02", "2020-01-04"))
    before = index.stats().generation
    assert index.add([version("planned", 1), version("open", 5), version("closed", 3)]).older == 2
    assert index.stats().generation == before


def test_an_update_in_a_later_run_is_unchanged_when_it_is_read_again(tmp_path: Path) -> None:
    index = built([version("closed", 3)], tmp_path / "index", HashingEncoder(64))
    assert index.add([version("open", 5)]).replaced == 1
    expected = ("open", "2020-01-04", "2020-01-06", ("2020-01-04",))
    assert told(index) == expected
    for settle in (lambda: None, index.compact):
        settle()
        summary = index.add([version("open", 5)])
        assert (summary.replaced, summary.unchanged) == (0, 1)
        assert told(index) == expected


def test_what_was_deleted_is_no_earlier_version(tmp_path: Path) -> None:
    index = built([version("closed", 3)], tmp_path / "index", HashingEncoder(64))
    index.delete([version("closed", 3).metadata.article_id])
    assert index.add([version("open", 5)]).added == 1
    assert told(index) == ("open", "2020-01-06", None, ())


# What an index remembers of its articles beside their texts


def of_prose(number: int) -> Article:
    """An article of four passages, with a headline of its own words."""
    return article(f"p{number}", prose(number, 4), title=prose(f"headline {number}", 1, 6))


def in_pieces(place: Path, articles: Sequence[Article], pieces: int) -> Index:
    """Make an index in so many additions."""
    index = Index.create(place, encoder=HashingEncoder(64))
    for at in range(pieces):
        index.add(articles[at::pieces])
    return index


def background(index: Index) -> Background:
    return open_engine(index.location).background()


def assert_alike(one: Background, other: Background) -> None:
    assert (one.passages, one.headlines) == (other.passages, other.headlines)
    assert one.sum_of_means == pytest.approx(other.sum_of_means, abs=1e-6)
    assert one.sum_of_growths == pytest.approx(other.sum_of_growths, abs=1e-6)


def test_one_headline_in_sixteen_is_read_as_a_query_whatever_comes_first(tmp_path: Path) -> None:
    articles = [of_prose(number) for number in range(100)]
    expected = {one.metadata.title for one in articles if one.metadata.article_id.startswith("0")}
    assert 2 < len(expected) < 12
    for at, order in enumerate((articles, articles[::-1])):
        encoder = Recording()
        built(order, tmp_path / f"{at}", encoder)
        assert set(encoder.headlines) == expected


def test_an_article_without_a_headline_gives_its_first_sentence(tmp_path: Path) -> None:
    encoder = Recording()
    names = [f"n{number}" for number in range(60)]
    articles = [article(name, f"This is {name}. It says nothing else.") for name in names]
    untitled = [replace(one, metadata=replace(one.metadata, title="")) for one in articles]
    built(untitled, tmp_path / "index", encoder)
    assert encoder.headlines
    assert set(encoder.headlines) <= {f"This is {name}." for name in names}


def test_headlines_are_kept_through_compaction_and_merging(tmp_path: Path) -> None:
    articles = [of_prose(number) for number in range(90)]
    whole = background(Index.build(articles, tmp_path / "whole", encoder=HashingEncoder(64)))
    assert whole.headlines > 2
    assert whole.sum_of_growths > 0
    for pieces in (2, 9):
        index = in_pieces(tmp_path / f"{pieces}", articles, pieces)
        index.compact()
        assert index.stats().segments == 1
        assert_alike(background(index), whole)


def test_deleted_articles_are_no_background_once_they_are_left_out(tmp_path: Path) -> None:
    articles = [of_prose(number) for number in range(120)]
    index = built(articles, tmp_path / "index", HashingEncoder(64))
    index.delete(one.metadata.article_id for one in articles[1::2])
    index.compact()
    assert_alike(background(index), background(built(articles[::2], tmp_path / "fresh", HashingEncoder(64))))


def test_too_little_to_compare_with_is_no_background(tmp_path: Path) -> None:
    articles = [article(f"p{number}", prose(number, 1)) for number in range(60)]
    encoder = Recording()
    index = Index.build(articles, tmp_path / "index", encoder=encoder)
    assert encoder.headlines
    assert background(index) == Background(passages=60)


class HalfBlind(HashingEncoder):
    """Has a token for each letter that is not ASCII, as a model has that was trained on other scripts."""

    def __init__(self) -> None:
        super().__init__(64)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        known = super().count_tokens(texts)
        return [count + sum(not letter.isascii() for letter in text) for count, text in zip(known, texts, strict=True)]


def dense_shares(index: Index) -> dict[str, float]:
    """Return by headline how much of a score the vectors decide."""
    hits = index.search(Query("harbour гавань", 100, group_by=GroupBy.COPIES, explain=True)).hits
    shares = {}
    for hit in hits:
        assert hit.explanation
        parts, signals = hit.explanation.parts, hit.explanation.signals
        shares[hit.article.title] = parts["dense"] / signals["dense"]
    return shares


def test_how_far_an_article_can_be_read_is_kept_through_compaction_and_merging(tmp_path: Path) -> None:
    articles = [
        article("en", "The harbour was closed on Monday because of a storm from the west.", title="english"),
        article("ru", "В понедельник гавань закрыли из-за сильного шторма с запада.", title="русский"),
    ]
    index = Index.create(tmp_path / "index", encoder=HalfBlind())
    for one in articles:
        index.add([one])
    before = dense_shares(index)
    assert 0 < before["русский"] < 0.5 * before["english"]
    index.compact()
    assert index.stats().segments == 1
    assert dense_shares(index) == pytest.approx(before)
    fresh = Index.build(articles, tmp_path / "fresh", encoder=HalfBlind())
    assert dense_shares(fresh) == pytest.approx(before)
