"""Articles that carry the same text are one hit, whatever ranks, and nobody is lost on the way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Answer, Filters, GroupBy, Index, Query
from semsearch.copies import Words, is_copy, letters, shared_letters
from semsearch.ports import Encoder
from semsearch.types import Article, Hit, Mode, Sort
from tests.examples import examples
from tests.families import PATTERNS, damaged, stories
from tests.making import article, day
from tests.stories import ANEW, ELSEWHERE, STORY, prose, tender, whole

OUTLETS = ("Coast Courier", "Hill Herald", "Town Times")

Build = Callable[..., Index]


@pytest.fixture
def build(tmp_path: Path, hashing: Encoder) -> Build:
    """Make an index of articles."""

    def make(*articles: Article) -> Index:
        return Index.build(articles, tmp_path / "index", encoder=hashing, passage_tokens=40)

    return make


def named(one: Article) -> str:
    return one.metadata.article_id


def shown(answer: Answer) -> list[str]:
    return [hit.article.article_id for hit in answer.hits]


def copies(hit: Hit) -> list[str]:
    return [one.article_id for one in hit.copies]


def somewhere(answer: Answer) -> list[str]:
    """Return everything that is shown or named as a copy."""
    return sorted([*shown(answer), *(one for hit in answer.hits for one in copies(hit))])


def of_wire() -> list[Article]:
    """One report that four outlets carry; the last does not say when."""
    dates = (day(9), day(3), day(6), None)
    return [
        article(f"wire{number}", whole(*STORY), published=date, publisher=f"Outlet {number}")
        for number, date in enumerate(dates)
    ]


# The same text


def test_exact_copies_are_one_hit_that_shows_the_first_published(build: Build) -> None:
    late, first, second, undated = wire = of_wire()
    index = build(*wire, article("bees", whole(*ELSEWHERE), published=day(1)))
    answer = index.search("cracks in the frames of the ferry")
    assert shown(answer)[0] == named(first)
    assert copies(answer.hits[0]) == [named(second), named(late), named(undated)]
    assert (len(answer.hits), answer.total) == (2, 5)


def test_a_headline_that_matches_lifts_the_family_and_does_not_choose_who_is_shown(build: Build) -> None:
    first = article("a", whole(*STORY), title="On the water", published=day(1))
    asked = article("b", whole(*STORY), title="Hostel in the inner harbour", published=day(2))
    others = [article(f"o{at}", prose(at), published=day(3)) for at in range(4)]
    query = "hostel in the inner harbour"
    index = build(first, asked, *others)
    alone = index.search(Query(query, group_by=GroupBy.COPIES)).hits
    assert [hit.article.article_id for hit in alone[:2]] == [named(asked), named(first)]
    [hit, *_] = index.search(query).hits
    assert (hit.article.article_id, copies(hit)) == (named(first), [named(asked)])
    assert hit.score == alone[0].score > alone[1].score
    assert (hit.scores, hit.passage) == (alone[1].scores, alone[1].passage)
    assert hit.confidence == max(one.confidence for one in alone[:2])


@pytest.mark.parametrize("query", [Query("zeppelin", mode=Mode.LEXICAL), Query("zeppelin", min_confidence=0.3)])
def test_only_what_was_found_is_shown(build: Build, query: Query) -> None:
    """The first published has not one word of the query, and is told among the copies."""
    first = article("a", whole(*STORY), title="On the water", published=day(1))
    asked = article("b", whole(*STORY), title="Zeppelin", published=day(2))
    [hit] = build(first, asked, *(article(f"o{at}", prose(at)) for at in range(20))).search(query).hits
    assert (hit.article.article_id, copies(hit)) == (named(asked), [named(first)])


def test_a_filter_that_excludes_the_first_published_shows_the_next(build: Build) -> None:
    late, _, second, _ = wire = of_wire()
    [hit] = build(*wire).search("ferry", filters=Filters(since="2020-01-05")).hits
    assert (hit.article.article_id, copies(hit)) == (named(second), [named(late)])


def test_deleted_copies_vanish(build: Build) -> None:
    late, first, second, undated = wire = of_wire()
    index = build(*wire)
    index.delete([named(first), named(late)])
    for _ in range(2):
        [hit] = index.search("ferry").hits
        assert (hit.article.article_id, copies(hit)) == (named(second), [named(undated)])
        index.compact()


def test_copies_are_found_whenever_they_were_added(build: Build) -> None:
    late, first, second, undated = of_wire()
    index = build(late)
    for one in (undated, first, second):
        index.add([one])
    [hit] = index.search("ferry").hits
    assert (hit.article.article_id, copies(hit)) == (named(first), [named(second), named(late), named(undated)])


def test_newest_first_goes_by_what_is_shown(build: Build) -> None:
    """A report that was carried once more yesterday is as old as when it was first published."""
    again = [article(f"again{at}", whole(*STORY), published=day(at)) for at in (1, 9, 7)]
    others = [article(f"other{at}", f"{STORY[0]}\n\n{prose(at, 6)}", published=day(at)) for at in (8, 5, 0, 1)]
    undated = article("undated", f"{STORY[0]}\n\n{prose('undated', 6)}")
    index = build(*again, *others, undated, *(article(f"far{at}", prose(f"far{at}")) for at in range(20)))
    query = Query("the ferry company of Lorn will take its oldest ship out of service", 20, sort=Sort.DATE)
    hits = index.search(query).hits
    assert [hit.article.published for hit in hits] == [*map(day, (8, 5, 1, 1, 0)), None]
    [family] = [hit for hit in hits if hit.copies]
    assert (family.article.article_id, copies(family)) == (named(again[0]), [named(again[2]), named(again[1])])
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("grouped", [GroupBy.COPIES, GroupBy.PASSAGE])
def test_other_groups_show_every_copy(build: Build, grouped: GroupBy) -> None:
    wire = of_wire()
    answer = build(*wire).search(Query("ferry", 100, group_by=grouped))
    assert set(shown(answer)) == {named(one) for one in wire}
    assert not any(hit.copies for hit in answer.hits)


# Nearly the same text


@pytest.mark.parametrize("place", range(len(STORY)))
def test_an_update_with_one_paragraph_written_anew_is_folded(build: Build, place: int) -> None:
    early = article("early", whole(*STORY), published=day(1))
    update = article("update", whole(*STORY[:place], ANEW, *STORY[place + 1 :]), published=day(2))
    [hit] = build(early, update).search("ferry").hits
    assert {hit.article.article_id, *copies(hit)} == {named(early), named(update)}


def test_a_text_inside_another_is_folded(build: Build) -> None:
    wire = article("wire", whole(*STORY), published=day(1))
    reused = article("reused", whole(ELSEWHERE[0], *STORY[:4], ELSEWHERE[1]), published=day(2))
    index = build(wire, reused)
    for query in ("cracks in the frames of the ferry", "hives and heather"):
        answer = index.search(query)
        assert len(answer.hits) == 1
        assert somewhere(answer) == sorted([named(wire), named(reused)])


def test_reports_in_one_pattern_with_other_figures_are_different_hits(build: Build) -> None:
    days = [article(f"day{at}", tender(at), title="Money market", published=day(at)) for at in range(5)]
    answer = build(*days).search("savings bank tender")
    assert sorted(shown(answer)) == sorted(map(named, days))


def test_other_reports_are_not_folded_however_alike_their_vectors_are(build: Build) -> None:
    words = prose("same", paragraphs=1, words=60).rstrip(".").lower().split()
    one, other = article("one", " ".join(words)), article("other", " ".join(words[::-1]))
    assert len(build(one, other).search(" ".join(words[:8])).hits) == 2


@pytest.mark.parametrize("query", ["hives and heather", "cracks in the frames of the ferry", "both"])
def test_likeness_makes_no_chains_and_loses_nobody(build: Build, query: str) -> None:
    ferry, bees = (
        article("ferry", whole(*STORY), published=day(3)),
        article("bees", whole(*ELSEWHERE), published=day(2)),
    )
    both = article("both", whole(*STORY, *ELSEWHERE), published=day(1))
    answer = build(ferry, both, bees).search(query)
    assert somewhere(answer) == sorted(map(named, (ferry, both, bees)))
    for hit in answer.hits:
        assert not copies(hit) or named(both) in {hit.article.article_id, *copies(hit)}


# Any corpus

reports = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(OUTLETS), st.none() | st.integers(0, 9), st.booleans()),
    min_size=1,
    max_size=10,
)
"""What it carries, where, when, and whether it is deleted again."""

filters = st.builds(
    Filters,
    publishers=st.frozensets(st.sampled_from(OUTLETS), max_size=2),
    since=st.none() | st.just("2020-01-05"),
    undated=st.sampled_from([None, True, False]),
)


def made(given: Sequence[tuple[int, str, int | None, bool]]) -> list[tuple[Article, bool]]:
    return [
        (article(f"r{at}", prose(text), publisher=outlet, published=None if date is None else day(date)), deleted)
        for at, (text, outlet, date, deleted) in enumerate(given)
    ]


def families(index: Index, filters: Filters) -> set[tuple[str, ...]]:
    """Return the ids of all allowed articles that have the same text: first published first."""
    found: dict[str, list[tuple[float, str]]] = {}
    for one in index.articles(filters):
        date = one.published.earliest if one.published else float("inf")
        found.setdefault(index.get(one.article_id).text, []).append((date, one.article_id))
    return {tuple(article_id for _, article_id in sorted(own)) for own in found.values()}


@examples(40)
@given(given_reports=reports, filters=filters, k=st.integers(1, 6), mode=st.sampled_from([Mode.HYBRID, Mode.DENSE]))
def test_k_articles_are_shown_whenever_there_are_k_with_all_their_copies(
    tmp_path_factory: pytest.TempPathFactory,
    hashing: Encoder,
    given_reports: Sequence[tuple[int, str, int | None, bool]],
    filters: Filters,
    k: int,
    mode: Mode,
) -> None:
    articles = made(given_reports)
    place = tmp_path_factory.mktemp("index") / "index"
    with Index.build([one for one, _ in articles], place, encoder=hashing, passage_tokens=16) as index:
        index.delete([named(one) for one, deleted in articles if deleted])
        expected = families(index, filters)
        query = Query("amber lantern and a ferry", k, filters, mode)
        answer = index.search(query)
        found = [(hit.article.article_id, *copies(hit)) for hit in answer.hits]
        assert len(found) == min(k, len(expected))
        assert set(found) <= expected
        assert answer.total == sum(map(len, expected))
        assert [hit.rank for hit in answer.hits] == list(range(1, len(found) + 1))
        assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)
        each = index.search(Query(query.text, k, filters, mode, GroupBy.COPIES))
        assert len(each.hits) == min(k, answer.total)


@examples(25)
@given(given_reports=reports, sort=st.sampled_from(Sort), size=st.integers(1, 4), grouped=st.sampled_from(GroupBy))
def test_pages_join_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    hashing: Encoder,
    given_reports: Sequence[tuple[int, str, int | None, bool]],
    sort: Sort,
    size: int,
    grouped: GroupBy,
) -> None:
    place = tmp_path_factory.mktemp("index") / "index"
    with Index.build([one for one, _ in made(given_reports)], place, encoder=hashing, passage_tokens=16) as index:
        text = prose(0)[:40]
        everything = index.search(Query(text, 100, sort=sort, group_by=grouped)).hits
        pages = [
            index.search(Query(text, size, offset=offset, sort=sort, group_by=grouped)).hits
            for offset in range(0, len(everything) + size, size)
        ]
        assert [hit for page in pages for hit in page] == list(everything)
        dates = [hit.article.published.earliest if hit.article.published else -1 for hit in everything]
        assert sort is Sort.RELEVANCE or dates == sorted(dates, reverse=True)


texts_of_pieces = st.lists(
    st.lists(st.sampled_from([*STORY, *ELSEWHERE]), min_size=1, max_size=6, unique=True), min_size=1, max_size=7
)


@examples(25)
@given(texts=texts_of_pieces, mode=st.sampled_from([Mode.HYBRID, Mode.DENSE]))
def test_everything_is_shown_once_or_told_once_beside_what_carries_it(
    tmp_path_factory: pytest.TempPathFactory, hashing: Encoder, texts: list[list[str]], mode: Mode
) -> None:
    articles = [article(f"p{at}", whole(*own), published=day(at)) for at, own in enumerate(texts)]
    place = tmp_path_factory.mktemp("index") / "index"
    with Index.build(articles, place, encoder=hashing, passage_tokens=40) as index:
        answer = index.search(Query("the ship and the hives", 100, mode=mode))
    assert somewhere(answer) == sorted(map(named, articles))
    text_of = {named(one): Words(one.text) for one in articles}
    shown_before: list[str] = []
    for hit in answer.hits:
        own = hit.article.article_id
        assert all(is_copy(text_of[own], text_of[other]) for other in copies(hit))
        assert all(
            not is_copy(text_of[own], text_of[other])
            or cut_from_another(own, other, articles)
            or cut_from_another(other, own, articles)
            for other in shown_before
        )
        shown_before.append(own)


def cut_from_another(one: str, other: str, articles: list[Article]) -> bool:
    """Say whether a third text has all of one, and the other is no copy of that: another story that shares a part."""
    texts = {named(article): article.text for article in articles}
    return any(
        shared_letters(letters(texts[one]), letters(text)) >= 0.98
        and len(text) >= len(texts[one])
        and not is_copy(Words(text), Words(texts[other]))
        for name, text in texts.items()
        if name not in (one, other)
    )


def test_what_is_remembered_of_earlier_queries_changes_no_answer(tmp_path: Path, hashing: Encoder) -> None:
    texts = [text for pattern in PATTERNS[:6] for text in stories(pattern, 5)]
    texts += [damaged(text, 0.05, text) for text in texts[::3]]
    place = tmp_path / "index"
    articles = [article(f"s{at}", text, published=day(at % 9)) for at, text in enumerate(texts)]
    queries = [Query(text[:60], 8) for text in texts[::4]]
    with Index.build(articles, place, encoder=hashing) as index:
        remembering = [index.search(query).hits for query in (*queries, *queries)]
    for query, *answers in zip(queries, remembering[: len(queries)], remembering[len(queries) :], strict=True):
        with Index.open(place) as fresh:
            assert answers == [fresh.search(query).hits] * 2


def with_background(name: object) -> str:
    """Write a short story that ends as every story of its outlet does, in the same paragraph."""
    return f"{prose(name, 1, 30)} {prose('background', 1, 75)}"


def test_what_many_other_articles_say_too_makes_no_copies(build: Build) -> None:
    """Of one outlet's short stories most words are the same."""
    reports = [article(f"r{at}", with_background(at), published=day(at)) for at in range(60)]
    index = build(*reports, article("again", f"{with_background(7)} It was carried again.", published=day(99)))
    assert is_copy(Words(with_background(7)), Words(with_background(8)))  # as far as two texts alone can tell
    found = {named(one): index.search(Query(prose(at, 1, 30), 3)).hits[0] for at, one in enumerate(reports[:9])}
    assert [hit.article.article_id for hit in found.values()] == list(found)
    assert [len(hit.copies) for hit in found.values()] == [0] * 7 + [1, 0]


def test_what_many_copies_of_one_text_say_makes_copies(build: Build) -> None:
    """An excerpt says nothing that the others do not, but these are all one story."""
    text = prose("wire", 1, 120)
    carried = [article(f"c{at}", f"{text} {prose(at, 1, 9)}", published=day(at)) for at in range(40)]
    excerpt = article("excerpt", " ".join(text.split()[:80]), published=day(50))
    answer = build(*carried, excerpt).search(Query(text[:80], 3))
    assert len(answer.hits) == 1
    assert somewhere(answer) == sorted(map(named, (*carried, excerpt)))


def test_a_text_that_was_cut_from_one_of_two_stories_with_one_end_is_a_copy_of_that_one(build: Build) -> None:
    """Most of the cut text is in both; a sentence is in one alone."""
    notice = (
        "以上内容由本站根据公开信息整理，由程序生成，力求但不保证全部或者部分内容的准确性、完整性和及时性，如有问题请与编辑部联系。"
        "资金流向指通过价格变化反推资金的进出，价格上升时成交额被看作流入，价格下降时成交额被看作流出，两者之差就是当天剩下的推动力量。"
    )
    dredger = (
        "渡口船厂今天交付了第三艘挖泥船，船长说新船吃水浅，可以在河口的泥滩上工作，船员在冬天以前要学会使用新的水泵。"
    )
    weaver = "山谷里的织布合作社卖出了全部羊毛毯子，买主多数来自南方的旅馆，织工们打算春天再添两台织机并请一位染匠。"
    first_end, other_end = "该基金任期内调仓一百次。", "该基金任期内从未调仓。"
    own_text = f"{dredger * 3}{first_end}{notice}"
    other_text = f"{weaver * 3}{other_end}{notice}"
    cut = f"{first_end}{notice}"
    assert is_copy(Words(cut), Words(own_text))
    assert is_copy(Words(cut), Words(other_text))  # as far as two texts alone can tell
    assert not is_copy(Words(own_text), Words(other_text))
    cut_out, own, other = (
        article(f"s{at}", text, published=day(at)) for at, text in enumerate((cut, own_text, other_text))
    )
    found = build(cut_out, own, other).search("资金流向").hits
    assert sorted(map(family_of, found), key=len) == [[named(other)], sorted(map(named, (cut_out, own)))]


def family_of(hit: Hit) -> list[str]:
    """Return what is shown and named as a copy of it."""
    return sorted([hit.article.article_id, *copies(hit)])


def test_a_disclaimer_that_several_stories_end_with_is_a_copy_of_none_of_them(build: Build) -> None:
    disclaimer = prose("what an outlet says of itself", paragraphs=1, words=60)
    stories = [article(f"s{number}", f"{prose(number)}\n\n{disclaimer}") for number in range(5)]
    index = build(*stories, article("alone", disclaimer))
    hits = index.search(disclaimer[:80], k=10).hits
    assert len(hits) == 6
    assert not any(hit.copies for hit in hits)


def test_a_text_that_was_cut_from_a_story_that_several_outlets_carry_is_its_copy(build: Build) -> None:
    story, end = prose("a story", paragraphs=3), prose("its end", paragraphs=2)
    carried = [article(f"c{number}", f"{story}\n\n{end}", publisher=f"Outlet {number}") for number in range(5)]
    [hit] = build(*carried, article("cut", end)).search(end[:80], k=10).hits
    assert len(hit.copies) == 5
