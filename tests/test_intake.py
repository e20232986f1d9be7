"""Articles go in whole and in order, each text is encoded once, and an interruption loses little."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch import Index, intake
from semsearch.encoders import load_encoder
from semsearch.encoders.hashing import HashingEncoder
from semsearch.errors import EncoderError
from semsearch.ports import Encoder, Matrix
from semsearch.types import Article, Summary
from tests.making import article

WORDS = ("harbour", "wheat", "glacier", "opera", "strike", "library")


class Recording(HashingEncoder):
    """The hashing encoder, which remembers what it was asked and by whom."""

    def __init__(self, pause: float = 0) -> None:
        super().__init__(64)
        self.asked: list[str] = []
        self.threads: set[str] = set()
        self.pause = pause

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        self.threads.add(threading.current_thread().name)
        time.sleep(self.pause)
        return super().encode_passages(texts)


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


def contents(index: Index) -> dict[str, tuple[str, bytes]]:
    """What is stored, by id: the text, and the vector by which a search finds it."""
    found = {}
    for metadata in index.articles():
        stored = index.get(metadata.article_id)
        hits = index.search(stored.text, k=1).hits
        found[metadata.article_id] = (stored.text, np.float32(hits[0].score).tobytes())
    return found


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


@settings(max_examples=60)
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


@pytest.mark.parametrize("at", [0, 1, 5, 9, 17, 33])
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
