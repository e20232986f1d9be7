"""What a query's answer promises: reasons that add up, ages, neighbours, notices, and the same whoever asks how."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from semsearch import Answer, Filters, GroupBy, Index, Query
from semsearch.chunking import fitted_title, with_title
from semsearch.encoders.hashing import HashingEncoder
from semsearch.errors import EncoderError, NotFoundError, UsageError
from semsearch.ports import Encoder, Matrix
from semsearch.types import Article, Hit, Mode, Sort, Verdict
from tests.conftest import some_articles
from tests.examples import slow_but
from tests.making import DAY, article, day
from tests.stories import ELSEWHERE, STORY, prose, whole

QUERIES = ["cracks in the frames of the ferry", "honey and heather", "the harbour board", "lantern", "zebra quantum"]
NOW = day(100).latest


def corpus() -> list[Article]:
    """Stories of several passages, some undated, and the twelve short articles."""
    return [
        article("ferry", whole(*STORY), title="Old ship laid up", published=day(95)),
        article("bees", whole(*ELSEWHERE), published=day(40)),
        article("prose", prose("p", 6), title="Lantern and saddle"),
        article("ahead", prose("a", 3), published=day(340)),
        *some_articles(),
    ]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Iterator[Index]:
    place = tmp_path_factory.mktemp("answering") / "index"
    with Index.build(corpus(), place, encoder=hashing, passage_tokens=40) as index:
        yield index


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.article.article_id for hit in hits]


def timeless(answer: Answer) -> Answer:
    return replace(answer, took_ms=0)


def by_passage(index: Index, query: Query) -> dict[str, Hit]:
    """Return all passages that a query finds."""
    hits = index.search(replace(query, k=1_000, group_by=GroupBy.PASSAGE)).hits
    return {hit.passage.passage_id: hit for hit in hits}


# Reasons


@pytest.mark.parametrize("grouped", [GroupBy.COPIES, GroupBy.PASSAGE])
@pytest.mark.parametrize("recency", [None, 30.0])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", slow_but(QUERIES[:2], QUERIES))
def test_parts_times_recency_are_the_score(
    news: Index, text: str, mode: Mode, recency: float | None, grouped: GroupBy
) -> None:
    query = Query(text, 100, mode=mode, group_by=grouped, explain=True, recency=recency, as_of=NOW)
    for hit in news.search(query).hits:
        assert hit.explanation
        assert (hit.explanation.recency is None) == (recency is None)
        times = 1.0 if hit.explanation.recency is None else hit.explanation.recency
        assert sum(hit.explanation.parts.values()) * times == pytest.approx(hit.score, abs=1e-6)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", QUERIES)
def test_terms_are_the_score_of_the_words_and_words_are_the_cosine(
    news: Index, hashing: Encoder, text: str, mode: Mode
) -> None:
    [vector] = hashing.encode_queries([text])
    for hit in news.search(Query(text, 100, mode=mode, group_by=GroupBy.PASSAGE, explain=True)).hits:
        told = hit.explanation
        assert told
        assert sum(term.value for term in told.terms) == pytest.approx(hit.scores["lexical"], abs=1e-6)
        assert told.signals["lexical"] == hit.scores["lexical"]
        if mode is Mode.LEXICAL:
            assert told.words is None
            assert "dense" not in hit.scores
            continue
        assert told.words
        *words, rest = told.words
        assert sum(word.value for word in told.words) == pytest.approx(hit.scores["dense"], abs=1e-6)
        assert rest.text == ""
        assert abs(rest.value) < 1e-4  # nothing but words makes its vectors, and they are stored as float16
        read = with_title(fitted_title(hit.article.title, hashing), hit.text)
        assert " ".join(read.split()).startswith(words[0].text)
        expected = [(read[one.start : one.end], one.value) for one in hashing.contributions(read, vector) or ()][:-1]
        assert [(word.text, word.value) for word in words] == expected


@pytest.mark.parametrize("text", QUERIES)
def test_raw_scores_are_changed_by_nothing(news: Index, text: str) -> None:
    hybrid = by_passage(news, Query(text, as_of=NOW))
    assert len(hybrid) == news.stats().passages
    aged = by_passage(news, Query(text, as_of=NOW, recency=7))
    dense, lexical = by_passage(news, Query(text, mode=Mode.DENSE)), by_passage(news, Query(text, mode=Mode.LEXICAL))
    for name, hit in hybrid.items():
        assert aged[name].scores == hit.scores
        assert aged[name].confidence == hit.confidence
        assert dense[name].scores["dense"] == hit.scores["dense"]
        assert dense[name].score == pytest.approx(hit.scores["dense"], abs=1e-6)
    for name, hit in lexical.items():
        assert hit.scores["lexical"] == hybrid[name].scores["lexical"]
    assert all(hybrid[name].scores["lexical"] == 0 for name in hybrid.keys() - lexical.keys())


def test_reasons_are_given_where_asked_and_change_nothing(news: Index) -> None:
    plain, explained = (news.search(Query(QUERIES[0], 20, explain=explain)) for explain in (False, True))
    assert [replace(hit, explanation=None) for hit in explained.hits] == list(plain.hits)
    assert not any(hit.explanation for hit in plain.hits)


class Silent(HashingEncoder):
    """Must not be asked."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        raise EncoderError(f"asked to read {len(texts)} texts", "leave it alone")

    encode_queries = encode_passages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        raise EncoderError(f"asked to count {len(texts)} texts", "leave it alone")


@pytest.mark.parametrize("encoder", [Silent(), "no/such/model"])
def test_words_alone_and_similarity_ask_no_encoder(news: Index, encoder: Encoder | str) -> None:
    with Index.open(news.location, encoder=encoder) as index:
        query = Query(QUERIES[0], 20, mode=Mode.LEXICAL, explain=True, emphasise=True, recency=30, as_of=NOW)
        assert timeless(index.search(query)) == timeless(news.search(query))
        assert index.similar("https://news.example.org/ferry").hits
        with pytest.raises(EncoderError):
            index.search(QUERIES[0])


# Similar articles


@pytest.mark.parametrize("mode", slow_but([Mode.HYBRID], Mode))
def test_similar_is_everything_but_the_article_itself(news: Index, mode: Mode) -> None:
    for known in news.articles():
        hits = news.similar(known.article_id, 100, mode=mode).hits
        assert known.article_id not in ids(hits)
        assert mode is Mode.LEXICAL or len(hits) == news.stats().articles - 1


def test_similar_finds_the_same_report_first(tmp_path: Path, hashing: Encoder) -> None:
    wire = [article(f"wire{at}", whole(*STORY), published=day(at)) for at in range(3)]
    index = Index.build([*wire, *some_articles()], tmp_path / "index", encoder=hashing)
    best = index.similar(wire[0].metadata.article_id).hits[0]
    assert (best.article.article_id, [one.article_id for one in best.copies]) == (
        wire[1].metadata.article_id,
        [wire[2].metadata.article_id],
    )
    assert best.verdict is Verdict.STRONG
    filtered = index.similar(wire[0].metadata.article_id, filters=Filters(languages={"de"})).hits
    assert [hit.article.title for hit in filtered] == ["About the bridge"]
    with pytest.raises(NotFoundError):
        index.similar("https://news.example.org/nothing")


# Neighbours and texts


@pytest.mark.parametrize("context", slow_but([0, 1, 50], [0, 1, 2, 50]))
def test_neighbours_are_the_passages_around_in_their_order(news: Index, context: int) -> None:
    found = 0
    ordinals: dict[str, list[int]] = {}
    for hit in by_passage(news, Query("x")).values():
        ordinals.setdefault(hit.article.article_id, []).append(hit.passage.ordinal)
    for hit in news.search(Query(QUERIES[0], 20, context=context)).hits:
        around = [one.ordinal for one in hit.context]
        own = hit.passage.ordinal
        last = max(ordinals[hit.article.article_id])
        expected = range(max(0, own - context), min(last, own + context) + 1)
        assert around == [ordinal for ordinal in expected if ordinal != own]
        found += len(around)
    assert (found > 0) == (context > 0)


def test_every_text_is_the_articles_own(news: Index) -> None:
    several = 0
    for text in QUERIES:
        for hit in news.search(Query(text, 20, context=1)).hits:
            whole_text = news.get(hit.article.article_id).text
            for passage in (hit.passage, *hit.context, *(one.passage for one in hit.more)):
                assert passage.text == whole_text[passage.start : passage.end]
                assert passage.article_id == hit.article.article_id
            several += len(hit.more)
            assert len({hit.passage.ordinal, *(one.passage.ordinal for one in hit.more)}) == 1 + len(hit.more)
            assert [one.score for one in hit.more] == sorted((one.score for one in hit.more), reverse=True)
    assert several


# Ages


def recencies(index: Index, half_life: float, as_of: int) -> dict[str, float]:
    """Return what each article's score is multiplied by."""
    hits = index.search(Query("the", 100, group_by=GroupBy.COPIES, recency=half_life, as_of=as_of, explain=True)).hits
    assert len(hits) == index.stats().articles
    return {hit.article.title: hit.explanation.recency or 0.0 for hit in hits if hit.explanation}


def test_a_score_halves_with_each_half_life(tmp_path: Path, hashing: Encoder) -> None:
    ages = {0: 1.0, 10: 0.5, 20: 0.25, 30: 0.125, 5: 0.5**0.5}
    articles = [article(f"{age}", prose(age), title=f"{age}", published=day(100 - age)) for age in ages]
    undated, future = article("u", prose("u"), title="undated"), article("f", prose("f"), title="f", published=day(200))
    index = Index.build([*articles, undated, future], tmp_path / "index", encoder=hashing)
    expected = {str(age): recency for age, recency in ages.items()} | {"undated": 0.125, "f": 1.0}
    assert recencies(index, 10, NOW) == pytest.approx(expected)
    later = {title: recency / 2 for title, recency in expected.items()} | {"f": 1.0}
    assert recencies(index, 10, NOW + 10 * DAY) == pytest.approx(later)
    assert set(recencies(index, 10, day(0).earliest).values()) == {1.0}  # to come, all of them


def test_equal_texts_are_in_the_order_of_their_dates_where_age_counts(tmp_path: Path, hashing: Encoder) -> None:
    wire = [article(f"wire{at}", whole(*STORY), title="Ferry", published=day(at)) for at in (50, 90, 10)]
    index = Index.build(wire, tmp_path / "index", encoder=hashing)
    hits = index.search(Query("ferry", group_by=GroupBy.COPIES, recency=30, as_of=NOW)).hits
    assert [hit.article.published for hit in hits] == [day(90), day(50), day(10)]
    [hit] = index.search(Query("ferry", recency=30, as_of=NOW)).hits
    assert (hit.article.published, hit.score) == (day(10), hits[0].score)


@pytest.mark.parametrize("half_life", [0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_half_life_is_refused(news: Index, half_life: float) -> None:
    with pytest.raises(UsageError, match="half-life"):
        news.search(Query("x", recency=half_life))


ODD = ("5", b"5", "", [], {}, object(), 1 + 2j, float("nan"), 10**400, -(10**400), True, Decimal("0.5"), Fraction(1, 2))


@pytest.mark.parametrize("name", ["k", "offset", "context", "min_confidence", "recency", "timeout"])
def test_a_number_is_one_or_is_refused(news: Index, name: str) -> None:
    for odd in ODD:
        try:
            answer = news.search("ferry", **{name: odd})  # type: ignore[arg-type]
        except UsageError as error:
            assert name in str(error) or "half-life" in str(error) or "time for an answer" in str(error)
        else:
            assert answer.total


def test_phrases_and_exclusions_are_texts_or_are_refused(news: Index) -> None:
    assert (
        news.search(Query("ferry", phrases="sea lock")).query.phrases
        == news.search(  # type: ignore[arg-type]
            Query("ferry", phrases=("sea lock",))
        ).query.phrases
    )
    for odd in (5, b"5", [5], object()):
        with pytest.raises(UsageError, match="the exclusions are"):
            news.search(Query("ferry", excluded=odd))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="an id is 17"):
        news.get(17)  # type: ignore[arg-type]


def test_a_phrase_without_a_word_is_reported_and_not_looked_for(news: Index) -> None:
    for typed in ('ferry "½"', 'ferry -"½"'):
        answer = news.search(Query.parse(typed))
        assert answer.total == news.search("ferry").total
        assert answer.notices == ("“½” has no word, so it was not looked for",)


# Many queries


def test_queries_of_all_kinds_at_once_are_answered_as_each_alone(news: Index) -> None:
    queries = [
        Query(
            text, k, filters, mode, grouped, recency=recency, as_of=NOW, sort=sort, min_confidence=least, explain=True
        )
        for text, k, filters, mode, grouped, recency, sort, least in [
            (QUERIES[0], 3, Filters(), Mode.HYBRID, GroupBy.ARTICLE, None, Sort.RELEVANCE, 0.0),
            (QUERIES[1], 9, Filters(publishers={"Hill Herald"}), Mode.DENSE, GroupBy.PASSAGE, 3.0, Sort.RELEVANCE, 0.0),
            (QUERIES[2], 5, Filters(undated=True), Mode.LEXICAL, GroupBy.ARTICLE, None, Sort.DATE, 0.0),
            (QUERIES[3], 100, Filters(languages={"de"}), Mode.HYBRID, GroupBy.COPIES, 30.0, Sort.DATE, 0.0),
            (QUERIES[0], 20, Filters(since="2020-02"), Mode.HYBRID, GroupBy.ARTICLE, 9.0, Sort.RELEVANCE, 0.4),
            (QUERIES[2], 1, Filters(publishers={"nobody"}), Mode.LEXICAL, GroupBy.PASSAGE, None, Sort.RELEVANCE, 0.0),
        ]
    ]
    queries += [Query.parse('quay -strike "harbour board"', emphasise=True, as_of=NOW)]
    queries += [Query.parse("ice publisher:talbote", as_of=NOW)]
    together = news.search_many(queries)
    for query, answer in zip(queries, together, strict=True):
        assert timeless(answer) == timeless(news.search(query))
    assert [timeless(one) for one in news.search_many(queries[::-1])] == [timeless(one) for one in together[::-1]]
    assert news.search_many([]) == []


# What was typed


def typed(index: Index, text: str) -> Answer:
    return index.search(Query.parse(text, k=100))


def titles(answer: Answer) -> set[str]:
    return {hit.article.title.removeprefix("About the ") for hit in answer.hits}


def test_typed_conditions_narrow(news: Index) -> None:
    everything = titles(typed(news, "town"))
    assert len(everything) == news.stats().articles
    assert titles(typed(news, 'town publisher:"hill herald"')) == {"glacier", "vaccine", "drought"}
    assert titles(typed(news, "town author:ash publisher:talbote")) == set()
    assert titles(typed(news, 'town author:"ann ash" section:sport')) == set()
    assert titles(typed(news, "town lang:de")) == {"bridge"}
    assert titles(typed(news, "town tag:topics=opera")) == {"opera"}
    assert titles(typed(news, "town since:2020-09 until:2020-10")) == {"strike", "drought"}
    assert titles(typed(news, "town -strike")) == everything - {"strike"}
    assert titles(typed(news, 'town -"city marathon"')) == everything - {"marathon"}
    assert titles(typed(news, '"talk of the town" since:2020-10')) == {"drought"}


def test_phrases_are_kept_word_for_word(news: Index) -> None:
    answer = typed(news, 'who built a "second quay for container ships"')
    assert titles(answer) == {"harbour"}
    assert (answer.total, answer.notices) == (1, ())
    assert answer.query.phrases == ("second quay for container ships",)
    assert titles(typed(news, '"city marathon" "heavy rain"')) == {"marathon"}


def test_a_phrase_that_nothing_has_is_searched_as_words_and_told(news: Index) -> None:
    answer = typed(news, '"container ships for a second quay"')
    assert answer.hits[0].article.title == "About the harbour"
    assert answer.total == news.stats().articles
    assert [notice for notice in answer.notices if "container ships for a second quay" in notice]
    assert answer.query.phrases == ()
    both = typed(news, '"city marathon" "container ships for a second quay"')
    assert titles(both) == {"marathon"}
    assert both.query.phrases == ("city marathon",)
    assert len(both.notices) == 1


def test_phrases_that_no_article_has_together_are_words(news: Index) -> None:
    answer = typed(news, '"city marathon" "container ships"')
    assert {"marathon", "harbour"} <= titles(answer)
    [notice] = answer.notices
    assert "“city marathon” and “container ships” together" in notice
    [alone] = typed(news, '"city marathon" "container ships" publisher:talbote').notices
    assert "that the conditions allow" in alone


def test_what_was_not_taken_as_it_was_typed_is_told_with_the_answer(news: Index) -> None:
    query = Query.parse('quay "harbour')
    assert query.notices
    assert news.search(query).notices == query.notices


@pytest.mark.parametrize("text", ["-strike", '-"city marathon" -opera'])
def test_only_exclusions_are_no_query(news: Index, text: str) -> None:
    with pytest.raises(UsageError, match="only excludes") as refused:
        typed(news, text)
    assert "semsearch query" in refused.value.hint


@pytest.mark.parametrize("text", ["", "  ", "publisher:talbote", '""', "since:2020"])
def test_no_words_are_no_query(news: Index, text: str) -> None:
    with pytest.raises(UsageError, match="empty") as refused:
        typed(news, text)
    assert "semsearch list" in refused.value.hint


def test_a_score_says_nothing_of_filters(news: Index) -> None:
    every = {hit.article.article_id: hit for hit in news.search(Query("the town", 100)).hits}
    for filters in (Filters(publishers={"Hill Herald"}), Filters(since="2020-06"), Filters(languages={"de"})):
        for hit in news.search(Query("the town", 100, filters)).hits:
            assert replace(hit, rank=0) == replace(every[hit.article.article_id], rank=0)


def test_the_verdict_is_the_query_s_on_every_page(index: Index) -> None:
    whole = index.search(Query("container ships in the harbour", 5))
    assert [index.search(Query("container ships in the harbour", 2, offset=at)).verdict for at in (0, 2, 4)] == [
        whole.verdict
    ] * 3


@pytest.mark.parametrize("given", [{"mode": "sideways"}, {"group_by": "day"}, {"sort": "size"}])
def test_a_kind_that_there_is_not_is_refused(index: Index, given: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        index.search(Query("harbour", **given))  # type: ignore[arg-type]


def test_kinds_may_be_given_by_their_names_and_sets_may_not_be_texts(index: Index) -> None:
    named = index.search(Query("harbour", 3, mode="lexical", group_by="passage", sort="date"))  # type: ignore[arg-type]
    meant = index.search(Query("harbour", 3, mode=Mode.LEXICAL, group_by=GroupBy.PASSAGE, sort=Sort.DATE))
    assert [hit.to_dict() for hit in named.hits] == [hit.to_dict() for hit in meant.hits]
    with pytest.raises(UsageError, match="publishers"):
        index.search("harbour", filters=Filters(publishers="Town Times"))  # type: ignore[arg-type]


def test_a_word_that_is_there_is_never_suggested(tmp_path: Path, hashing: Encoder) -> None:
    english = [article(f"e{at}", f"The models have a head, and model {at} heads the list.") for at in range(3)]
    spanish = article("s", "El puerto tiene un muelle nuevo.", language="es")
    index = Index.build([*english, spanish], tmp_path / "index", encoder=hashing)
    for query in ("model models", "heads head", "models of the head"):
        assert not index.search(query).notices
    assert index.search("puexto").notices == ("no article has the word “puexto”; did you mean “puerto”?",)
    assert not index.similar(english[0].metadata.article_id).notices
