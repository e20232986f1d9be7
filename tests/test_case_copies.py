"""The cases about stories of one pattern, and republications: through an index, as people meet them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Answer, Filters, GroupBy, Index, Query
from semsearch.copies import Words, is_copy
from semsearch.ports import Encoder
from semsearch.rendering import renderer
from semsearch.types import Article
from tests.examples import examples
from tests.families import PATTERNS, damaged, stories
from tests.making import article, day
from tests.stories import STORY, prose, whole

CASES = Path(__file__).parent / "cases"
MATCHES = CASES / "05-stories-of-one-pattern" / "matches.jsonl"
BULLETINS = CASES / "32-pages" / "tpl.jsonl"
SINCE = "2024-06-01"
MAY, JUNE = 1_716_192_000, 1_717_315_200  # UTC seconds: 20 May and 2 June 2024

Build = Callable[..., Index]


@pytest.fixture
def build(tmp_path: Path, hashing: Encoder) -> Build:
    """Make an index of articles."""

    def make(*articles: Article) -> Index:
        return Index.build(articles, tmp_path / "index", encoder=hashing, passage_tokens=40)

    return make


def records(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def shown(answer: Answer) -> list[str]:
    return [hit.article.article_id for hit in answer.hits]


# Stories of one pattern


def test_each_match_is_its_own_hit_and_a_headline_finds_its_match(tmp_path: Path, hashing: Encoder) -> None:
    index = Index.build(MATCHES, tmp_path / "index", encoder=hashing)
    answer = index.search(Query("result of the match", 20))
    assert (len(answer.hits), answer.total) == (15, 15)
    assert not any(hit.copies for hit in answer.hits)
    for record in records(MATCHES):
        [best, *_] = index.search(record["title"]).hits
        assert best.article.title == record["title"]


@pytest.mark.parametrize("path", [MATCHES, BULLETINS], ids=["matches", "bulletins"])
def test_no_two_stories_of_a_case_are_copies(path: Path) -> None:
    texts = [Words(record["text"]) for record in records(path)]
    assert not any(is_copy(one, other) for one, other in combinations(texts, 2))


@pytest.mark.parametrize("pattern", PATTERNS[::4], ids=lambda pattern: pattern.name)
def test_stories_of_a_family_are_hits_and_a_damaged_one_is_no_hit(build: Build, pattern: object) -> None:
    texts = stories(pattern, 8, 3)  # type: ignore[arg-type]
    articles = [article(f"s{at}", text, title="", published=day(at)) for at, text in enumerate(texts)]
    again = article("again", damaged(texts[2], 0.04, 1), published=day(20))
    answer = build(*articles, again).search(Query(texts[2][:60], 20))
    assert len(answer.hits) == 8
    [family] = [hit for hit in answer.hits if hit.copies]
    assert {family.article.article_id, *(one.article_id for one in family.copies)} == {
        articles[2].metadata.article_id,
        again.metadata.article_id,
    }


@pytest.mark.slow
def test_a_damaged_copy_is_found_among_hundreds_of_stories_of_its_pattern(build: Build) -> None:
    [pattern] = [one for one in PATTERNS if one.name == "company results, en"]
    texts = stories(pattern, 200, 5)
    articles = [article(f"s{at}", text, title="Results", published=day(at)) for at, text in enumerate(texts)]
    chosen = range(0, len(texts), 10)
    again = [
        article(f"again{at}", damaged(texts[at], 0.1, at), title=f"Reprint {at}", published=day(300)) for at in chosen
    ]
    index = build(*articles, *again)
    right = 0
    for at in chosen:
        best = index.search(Query(f"reprint {at}", 1)).hits[0]
        right += best.article.article_id == articles[at].metadata.article_id
    assert right >= len(chosen) - 2  # damage may hit every figure of a short report


# What is new


def twice(where: Path, encoder: Encoder, old: Sequence[Article], new: Sequence[Article]) -> Index:
    """Index some articles in May, and others in June."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(MAY))
        index = Index.create(where / "index", encoder=encoder)
        if old:
            index.add(old)
        patch.setenv("SOURCE_DATE_EPOCH", str(JUNE))
        index.add(new)
    return index


def test_a_republication_of_an_older_text_is_left_out_of_what_is_new(tmp_path: Path, hashing: Encoder) -> None:
    old = article("old", whole(*STORY), publisher="Hill Herald", published=day(1))
    again = article("again", whole(*STORY), publisher="Town Times", published=day(9))
    new = article("new", f"{STORY[0]}\n\n{prose(3, 6)}", published=day(9))
    index = twice(tmp_path, hashing, [old], [again, new])
    query = Query("ferry company of Lorn", filters=Filters(new_since=SINCE))
    answer = index.search(query)
    assert shown(answer) == [new.metadata.article_id]
    assert any("--republished include" in notice for notice in answer.notices)
    assert [one.article_id for one in index.articles(query.filters)] == [new.metadata.article_id]

    everything = replace(query, filters=replace(query.filters, republished=True))
    answer = index.search(everything)
    marks = {hit.article.article_id: hit.marks for hit in answer.hits}
    assert marks == {new.metadata.article_id: (), again.metadata.article_id: ("republished",)}
    [hit] = [hit for hit in answer.hits if hit.republishes]
    assert hit.republishes is not None
    assert hit.republishes.article_id == old.metadata.article_id
    assert len(list(index.articles(everything.filters))) == 2
    assert "republished from Hill Herald" in "".join(renderer("text")(answer))
    assert "republished from Hill Herald" in "".join(renderer("md")(answer))
    assert "republished" in "".join(renderer("csv")(answer))
    assert '"republishes": {' in "".join(renderer("json")(answer))


def test_what_was_there_before_counts_whatever_else_is_asked(tmp_path: Path, hashing: Encoder) -> None:
    old = article("old", whole(*STORY), publisher="Hill Herald", language="en")
    again = article("again", whole(*STORY), publisher="Town Times", language="en")
    index = twice(tmp_path, hashing, [old], [again])
    filters = Filters(new_since=SINCE, publishers={"Town Times"})
    assert not index.search("ferry", filters=filters).hits
    index.delete([old.metadata.article_id])
    assert shown(index.search("ferry", filters=filters)) == [again.metadata.article_id]


@examples(15)
@given(
    texts=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=16),
    k=st.integers(1, 8),
    grouped=st.sampled_from(GroupBy),
)
def test_k_new_articles_are_shown_whenever_there_are_k(
    tmp_path_factory: pytest.TempPathFactory,
    hashing: Encoder,
    texts: list[tuple[int, bool]],
    k: int,
    grouped: GroupBy,
) -> None:
    made = [(article(f"n{at}", prose(text, 1)), is_new) for at, (text, is_new) in enumerate(texts)]
    old, fresh = ([one for one, is_new in made if is_new == wanted] for wanted in (False, True))
    before = {text for text, is_new in texts if not is_new}
    new = [text for text, is_new in texts if is_new and text not in before]
    with twice(tmp_path_factory.mktemp("index"), hashing, old, fresh) as index:
        filters = Filters(new_since=SINCE)
        answer = index.search(Query("amber lantern", k, filters, group_by=grouped))
        listed = list(index.articles(filters))
    assert len(answer.hits) == min(k, len(set(new)) if grouped is GroupBy.ARTICLE else len(new))
    assert len(listed) == len(new)


def test_an_updated_article_says_so(build: Build) -> None:
    first = article("story", whole(*STORY), published=day(1))
    later = article("story", whole(*STORY[:3], prose(1)), published=day(1))
    index = build(first)
    index.add([later])
    answer = index.search("ferry company of Lorn")
    assert [hit.marks for hit in answer.hits] == [("updated",)]
    assert answer.to_dict()["hits"][0]["marks"] == ["updated"]  # type: ignore[index]
    assert ", updated" in "".join(renderer("md")(answer))
    assert "updated" in "".join(renderer("text")(answer))
    assert "updated" in "".join(renderer("csv")(answer)).splitlines()[1]
