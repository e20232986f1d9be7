import re
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from semsearch import Answer, Filters, GroupBy, Index, Query, intake
from semsearch.chunking import prepare
from semsearch.encoders import load_encoder
from semsearch.errors import (
    EncoderMismatchError,
    IndexExistsError,
    IndexMissingError,
    NotFoundError,
    RecipeMismatchError,
    SourceError,
    UsageError,
)
from semsearch.identity import seal
from semsearch.ports import Encoder
from semsearch.types import Article, Mode, Skipped, Summary, Unreadable
from tests.conftest import some_articles
from tests.making import article


def named(name: str) -> Article:
    return next(one for one in some_articles() if one.metadata.title == f"About the {name}")


def test_the_closest_passage_comes_first_with_its_articles_metadata(index: Index) -> None:
    answer = index.search("open source strategy for software", k=3)
    best = answer.hits[0]
    assert best.article.title == "About the software"
    assert best.article.publisher == "Coast Courier"
    assert best.article.indexed is not None
    assert "open source strategy" in best.text
    assert best.text == index.get(best.article.article_id).text[best.passage.start : best.passage.end]
    assert (best.rank, len(answer.hits), answer.total) == (1, 3, 12)
    assert best.scores.keys() == {"dense", "lexical"}


def test_by_meaning_alone_scores_are_the_cosines_of_brute_force(index: Index, hashing: Encoder) -> None:
    query = "rain in the valley"
    [vector] = hashing.encode_queries([query])
    expected = []
    for one in some_articles():
        prepared = prepare(one, hashing, index.stats().recipe.passage_tokens)
        vectors = hashing.encode_passages([each.embedding_text for each in prepared])
        vectors = vectors.astype(np.float16).astype(np.float32)  # as they are stored
        expected.append((float((vectors @ vector).max()), one.metadata.article_id))
    expected.sort(key=lambda pair: (-round(pair[0], 6), pair[1]))
    hits = index.search(Query(query, 12, mode=Mode.DENSE)).hits
    assert [hit.article.article_id for hit in hits] == [article_id for _, article_id in expected]
    np.testing.assert_allclose([hit.score for hit in hits], [score for score, _ in expected], atol=2e-6)
    np.testing.assert_allclose([hit.scores["dense"] for hit in hits], [score for score, _ in expected], atol=2e-6)


def test_k_counts_articles_and_other_good_passages_are_under_more(hashing: Encoder, tmp_path: Path) -> None:
    paragraph = "The quay in the harbour was opened by the harbour board. " * 8
    flood = article("flood", "\n\n".join([paragraph] * 20), title="Quay")
    index = Index.build([flood, *some_articles()], tmp_path / "index", encoder=hashing)
    hits = index.search("harbour quay", k=5).hits
    assert len({hit.article.article_id for hit in hits}) == 5
    assert hits[0].article.article_id == flood.metadata.article_id
    assert 0 < len(hits[0].more) <= 3
    assert hits[0].passage.passage_id not in {excerpt.passage.passage_id for excerpt in hits[0].more}
    assert all(excerpt.score <= hits[0].score for excerpt in hits[0].more)
    by_passage = index.search(Query("harbour quay", 5, group_by=GroupBy.PASSAGE)).hits
    assert {hit.article.article_id for hit in by_passage} == {flood.metadata.article_id}


def test_offset_goes_on_where_the_first_answer_ended(index: Index) -> None:
    whole = index.search("the town", k=9).hits
    parts = [index.search(Query("the town", 3, offset=offset)).hits for offset in (0, 3, 6)]
    assert [hit for part in parts for hit in part] == list(whole)


def test_filters_hold_for_queries_and_for_lists(index: Index) -> None:
    filters = Filters(publishers={"hill herald"}, since="2020-03", until="2020-12")
    answer = index.search("ice", k=10, filters=filters)
    titles = {hit.article.title for hit in answer.hits}
    assert (
        titles
        == {"About the glacier", "About the vaccine", "About the drought"}
        == {metadata.title for metadata in index.articles(filters)}
    )
    assert answer.total == 3
    assert index.search("ice", filters=Filters(publishers={"news.example.org"})).total == 12
    assert index.search("ice", filters=Filters(undated=True, until="2020-01-05")).total == 2
    assert index.search("ice", filters=Filters(tags={("topics", "opera")})).hits[0].article.title == "About the opera"


def test_the_list_is_newest_first_and_undated_last(index: Index) -> None:
    published = [metadata.published for metadata in index.articles()]
    assert published[-1] is None
    earliest = [date.earliest for date in published[:-1] if date]
    assert earliest == sorted(earliest, reverse=True)
    undated = list(index.articles(Filters(undated="only")))
    assert [metadata.published for metadata in undated] == [None] * published.count(None)


def test_an_article_is_got_by_id_by_its_beginning_and_by_any_spelling_of_its_address(index: Index) -> None:
    whole = named("opera").metadata.article_id
    for name in (whole, whole[:8], whole[:8].upper(), "http://www.news.example.org/opera/?utm_source=mail"):
        assert index.get(name).metadata.article_id == whole
    for name in ("0" * 20, "https://news.example.org/nothing", whole[:3], "", "opera"):
        with pytest.raises(NotFoundError, match="no article"):
            index.get(name)


def test_adding_the_same_again_writes_nothing(index: Index) -> None:
    before = index.stats()
    summary = index.add(some_articles())
    assert (summary.added, summary.replaced, summary.unchanged, summary.passages) == (0, 0, 12, 0)
    assert index.stats() == before


def test_a_changed_article_replaces_the_old_one(index: Index) -> None:
    old = named("opera")
    new = seal(old.metadata, "The opera house stays closed until autumn because of asbestos.")
    summary = index.add([new])
    assert (summary.added, summary.replaced, summary.unchanged) == (0, 1, 0)
    assert index.get(old.metadata.article_id).text == new.text
    assert index.search("asbestos", k=1).hits[0].article.article_id == old.metadata.article_id
    assert all("new production" not in hit.text for hit in index.search("new production after the fire", k=12).hits)
    assert index.stats().articles == 12


def test_the_last_of_several_versions_in_one_run_stays(hashing: Encoder, tmp_path: Path) -> None:
    versions = [article("a", f"Version {number}.") for number in range(3)]
    index = Index.build([versions[0], versions[0], *versions], tmp_path / "index", encoder=hashing)
    assert index.summary
    assert (index.summary.added, index.summary.replaced, index.summary.unchanged) == (1, 2, 2)
    assert index.get(versions[0].metadata.article_id).text == "Version 2."


def test_deleting_is_by_id_or_address_and_says_what_was_there(index: Index) -> None:
    opera = named("opera").metadata.article_id
    assert index.delete(["https://news.example.org/opera", opera, "0" * 20]) == [opera]
    assert index.delete([opera]) == []
    assert index.stats().articles == 11
    assert all(hit.article.article_id != opera for hit in index.search("opera house", k=12).hits)
    index.compact()
    assert (index.stats().articles, index.stats().deleted, index.stats().segments) == (11, 0, 1)


def test_what_cannot_be_used_is_counted_and_told(hashing: Encoder, tmp_path: Path) -> None:
    told: list[Skipped | Unreadable | Summary] = []
    readings = [Skipped("a.jsonl:2", "no text"), named("opera"), Unreadable("b.gz", "cut off"), named("bridge")]
    index = Index.build(readings, tmp_path / "index", encoder=hashing, observer=told.append)
    assert index.summary
    assert (index.summary.added, index.summary.skipped, index.summary.unreadable) == (2, 1, 1)
    assert readings[0] in told
    assert readings[2] in told


def test_a_build_that_finds_nothing_leaves_nothing(hashing: Encoder, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no article"):
        Index.build([Skipped("a", "no text")], tmp_path / "index", encoder=hashing)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_index_is_replaced_only_by_force(index: Index, hashing: Encoder) -> None:
    with pytest.raises(IndexExistsError, match="finished index"):
        Index.build([named("opera")], index.location, encoder=hashing)
    assert Index.build([named("opera")], index.location, encoder=hashing, force=True).stats().articles == 1
    with pytest.raises(SourceError):
        Index.build([Skipped("a", "no text")], index.location, encoder=hashing, force=True)
    assert Index.open(index.location).stats().articles == 1


class Interrupting:
    """Gives articles, then behaves as if somebody pressed Ctrl-C."""

    def __iter__(self):
        yield from some_articles()[:7]
        raise KeyboardInterrupt


def test_an_interrupted_build_is_continued_without_encoding_again(hashing: Encoder, tmp_path: Path) -> None:
    place = tmp_path / "index"
    for _ in range(2):  # what was waiting to be encoded when the interruption came is not yet kept
        with pytest.raises(KeyboardInterrupt):
            Index.build(Interrupting(), place, encoder=hashing, job="same")
        with pytest.raises(IndexMissingError, match="is not finished"):
            Index.open(place)
    index = Index.build(some_articles(), place, encoder=hashing, job="same")
    assert index.summary
    assert index.summary.articles == 12
    fresh = Index.build(some_articles(), tmp_path / "fresh", encoder=hashing)
    assert [metadata.article_id for metadata in index.articles()] == [m.article_id for m in fresh.articles()]


def test_an_interrupted_addition_keeps_what_was_encoded(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "WINDOW_PASSAGES", window := 16)

    class Long:
        def __iter__(self):
            for number in range(3 * window - 1):
                yield article(f"more{number}", f"Text number {number}.")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.add(Long())
    assert Index.open(index.location).stats().articles >= 12 + window


def test_another_encoder_is_refused_with_the_command_that_mends_it(index: Index) -> None:
    for other in ("hashing:64", load_encoder("hashing:64")):
        with pytest.raises(EncoderMismatchError, match="was made with the encoder hashing") as refused:
            Index.open(index.location, encoder=other).search("ice")
        assert "--model hashing" in refused.value.hint
        assert "--force" in refused.value.hint
        with pytest.raises(EncoderMismatchError):
            Index.open(index.location, encoder=other).add(some_articles())


def test_an_index_made_with_other_rules_is_not_added_to(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semsearch.identity.VERSION", 99)
    with pytest.raises(RecipeMismatchError, match="other rules") as refused:
        index.add(some_articles())
    assert "build" in refused.value.hint
    assert index.search("ice").hits


@pytest.mark.parametrize("query", ["", " \t ", "\u200b", "\x00"])
def test_an_empty_query_is_refused(index: Index, query: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        index.search(query)


@pytest.mark.parametrize(
    "query", ["x" * 20_000, "\x1b[31mred", "\ud800 lone", "'; DROP", '"open', "-only -minus", "？"]
)
def test_a_strange_query_gets_an_answer(index: Index, query: str) -> None:
    assert len(index.search(query, k=12).hits) == 12


def test_impossible_numbers_are_refused(index: Index) -> None:
    for query in (Query("ice", 0), Query("ice", 3, offset=-1), Query("x" * 20_001)):
        with pytest.raises(UsageError):
            index.search(query)
    assert len(index.search("ice", k=10_000).hits) == 12


def test_many_queries_are_answered_as_each_alone(index: Index) -> None:
    queries = [Query(text, as_of="2024-05-03") for text in ("ice in summer", "container ships", "music")]
    together = index.search_many(queries)
    for query, answer in zip(queries, together, strict=True):
        assert replace(answer, took_ms=0) == replace(index.search(query), took_ms=0)
    assert index.search_many([]) == []


def test_the_best_sentence_is_inside_the_passage_and_quotes_the_article(index: Index) -> None:
    for hit in index.search(Query("heavy rain", 12, emphasise=True)).hits:
        if hit.sentence:
            start, end = hit.sentence
            assert hit.passage.start <= start < end <= hit.passage.end
    best = index.search(Query("the city marathon", 1, emphasise=True)).hits[0]
    assert best.sentence
    assert named("marathon").text[slice(*best.sentence)] == "A teacher won the city marathon in heavy rain."


def test_of_each_hit_the_nearest_sentence_is_the_best(tmp_path: Path, hashing: Encoder) -> None:
    """However many hits there are: their sentences are encoded some at a time."""
    places = ["quay", "bridge", "market", "school", "theatre"]
    texts = [
        f"The {first} was closed on day {number}. Nobody knew why the {second} stayed open! It rained."
        for number, (first, second) in enumerate(zip(places * 5, sorted(places * 5), strict=True))
    ]
    articles = [article(f"day {number}", text) for number, text in enumerate(texts)]
    [query] = hashing.encode_queries(["the bridge stayed open"])
    with Index.build(articles, tmp_path / "index", encoder=hashing) as index:
        hits = index.search(Query("the bridge stayed open", 25, emphasise=True)).hits
    assert len(hits) == 25
    for hit in hits:
        sentences = re.findall(r"[A-Z][^.!]*[.!]", hit.text)
        start, end = hit.sentence or (0, 0)
        marked = hit.text[start - hit.passage.start : end - hit.passage.start]
        assert marked in sentences
        scores = dict(zip(sentences, hashing.encode_passages(sentences) @ query, strict=True))
        assert scores[marked] == pytest.approx(max(scores.values()))


def test_threads_may_share_an_index_for_reading(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # an answer says of when it is
    expected = replace(index.search("ice and rain", k=5), took_ms=0)
    answers: list[Answer] = []
    threads = [Thread(target=lambda: answers.append(index.search("ice and rain", k=5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [replace(answer, took_ms=0) for answer in answers] == [expected] * 8


def test_the_json_of_an_answer_is_that_of_the_interface(index: Index) -> None:
    found = index.search("open source strategy", k=2, filters=Filters(languages={"en"}, since="2020")).to_dict()
    assert list(found) == [
        "query", "mode", "understood", "filters", "verdict", "notices", "took_ms", "total", "matches", "hits",
    ]  # fmt: skip
    assert found["filters"] == {"languages": ["en"], "since": "2020-01-01T00:00:00Z"}
    hit = found["hits"][0]  # type: ignore[index]
    assert set(hit) >= {
        "rank", "score", "confidence", "scores", "verdict", "passage_id", "ordinal", "start", "end", "text", "article",
        "more", "copies",
    }  # fmt: skip
    assert set(hit["article"]) == {
        "article_id", "title", "url", "publisher", "authors", "published", "updated", "indexed", "sha256", "language",
        "section", "tags", "origin", "place",
    }  # fmt: skip


def test_the_same_articles_give_the_same_bytes(
    hashing: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")

    def content(place: Path, articles: list[Article]) -> dict[str, bytes]:
        Index.build(articles, place, encoder=hashing, commit_seconds=None).close()
        return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}

    first = content(tmp_path / "first", some_articles())
    assert content(tmp_path / "second", some_articles()[::-1]) == first
