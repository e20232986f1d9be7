"""What a new version of an article takes over from the one that it replaces."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.dates import parse_date
from semsearch.identity import seal
from semsearch.revisions import EARLIER_VERSIONS, PUBLISHED_FROM, UPDATED_FROM, is_older, merge_versions
from semsearch.types import Article, Date, Metadata


def date(text: str | None) -> Date | None:
    return parse_date(text) if text else None


def version(
    text: str, published: str | None = None, updated: str | None = None, *, title: str = "Bridge", day: int = 1
) -> Article:
    indexed = f"2024-06-{day:02}T00:00:00Z"
    tags = {"topics": ("bridges",)}
    return seal(
        Metadata("0" * 20, title, published=date(published), updated=date(updated), indexed=indexed, tags=tags), text
    )


def after(*read: Article) -> Article:
    """What is stored when these were read in this order."""
    stored = read[0]
    for article in read[1:]:
        stored = merge_versions(article, stored)
    return stored


def dates(article: Article) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Publication, update and earlier versions."""
    said = article.metadata.to_dict()
    return said["published"], said["updated"], article.metadata.tags.get(EARLIER_VERSIONS, ())  # type: ignore[return-value]


FIRST = version("Closed.", "2024-05-03")
SECOND = version("Open.", "2024-05-05", day=2)
THIRD = version("Open, mostly.", "2024-05-03", "2024-05-08", day=3)


def test_a_new_text_keeps_the_first_date_and_remembers_what_it_replaced() -> None:
    assert dates(after(FIRST, SECOND)) == ("2024-05-03", "2024-05-05", ("2024-05-03",))
    assert dates(after(FIRST, SECOND, THIRD)) == ("2024-05-03", "2024-05-08", ("2024-05-03", "2024-05-05"))
    stored = after(FIRST, SECOND)
    assert (stored.text, stored.metadata.sha256, stored.metadata.indexed) == (
        "Open.", SECOND.metadata.sha256, "2024-06-02T00:00:00Z"
    )  # fmt: skip
    assert stored.metadata.tags["topics"] == ("bridges",)


def part(article: Article, source: str) -> Article:
    """A version that has no more than its feed has of it."""
    said = article.metadata
    return replace(article, metadata=replace(said, tags={**said.tags, "text_from": (source,)}))


def test_what_has_more_of_an_article_stays_whatever_the_dates_are() -> None:
    for whole in (FIRST, THIRD):
        for less in (part(SECOND, "summary"), part(THIRD, "headline"), part(FIRST, "summary")):
            assert after(whole, less) == after(less, whole) == whole
    summary, headline = part(FIRST, "summary"), part(SECOND, "headline")
    assert after(summary, headline) == after(headline, summary) == summary
    assert after(summary, part(SECOND, "summary")).text == SECOND.text  # of two summaries the later one


def test_the_same_text_is_no_new_version() -> None:
    assert after(FIRST, FIRST) == FIRST
    renamed = version("Closed.", "2024-05-04", title="The bridge")
    assert after(FIRST, renamed) == renamed  # a source may mend what it said of the same text


def test_a_version_that_says_that_it_is_older_does_not_replace_a_later_one() -> None:
    in_order = after(FIRST, SECOND)
    assert after(FIRST, SECOND, SECOND) == in_order
    assert after(FIRST, SECOND, FIRST) == in_order
    assert after(SECOND, FIRST) == after(SECOND, FIRST, SECOND, FIRST) == in_order
    assert is_older(FIRST.metadata, SECOND.metadata)
    assert not is_older(SECOND.metadata, FIRST.metadata)


def test_where_only_one_says_when_it_was_updated_the_one_read_last_stays() -> None:
    assert after(FIRST, THIRD).text == THIRD.text
    back = after(THIRD, FIRST)
    assert back.text == FIRST.text
    assert dates(back) == ("2024-05-03", None, ())  # 8 May is no earlier version than that of 3 May
    assert not is_older(FIRST.metadata, THIRD.metadata)
    assert not is_older(THIRD.metadata, FIRST.metadata)


def test_what_a_version_took_over_is_not_taken_for_its_own() -> None:
    """A date of publication that became an update is still one of publication, and an inherited one says nothing."""
    stored = after(SECOND, FIRST)
    assert stored.metadata.tags[UPDATED_FROM] == ("published",)
    assert after(stored, version("Half open.", "2024-05-04")).text == SECOND.text
    assert after(stored, version("Half open.", "2024-05-06")).text == "Half open."
    undated = after(SECOND, version("Half open."))
    assert undated.metadata.tags[PUBLISHED_FROM] == ("earlier_version",)
    assert after(undated, FIRST).text == FIRST.text


def test_reading_everything_again_and_again_comes_to_rest() -> None:
    twice = after(FIRST, SECOND, FIRST, SECOND)
    assert after(twice, FIRST, SECOND) == twice


@pytest.mark.parametrize(
    ("first", "second", "published", "updated"),
    [
        (None, None, None, None),
        (None, "2024-05-05", "2024-05-05", None),
        ("2024-05-03", None, "2024-05-03", None),
        ("2024-05-05", "2024-05-03", "2024-05-03", "2024-05-05"),
        ("2024-05-03", "2024-05-03T10:15", "2024-05-03T10:15", None),  # the same day, told more exactly
        ("2024-05-03T10:15", "2024-05-03", "2024-05-03", None),
        ("2024-05", "2024-05-03", "2024-05-03", None),
    ],
)
def test_a_date_is_kept_where_it_is_surely_earlier(
    first: str | None, second: str | None, published: str | None, updated: str | None
) -> None:
    stored = after(version("Closed.", first), version("Open.", second))
    assert dates(stored)[:2] == (published, updated)


def test_an_undated_version_is_remembered_by_when_it_was_indexed() -> None:
    undated = [version(f"Text {day}.", day=day) for day in range(1, 5)]
    assert dates(after(*undated)) == (None, None, tuple(f"2024-06-{day:02}T00:00:00Z" for day in range(1, 4)))
    assert dates(after(FIRST, version("Open.", day=2), version("Shut.", day=3))) == (
        "2024-05-03", None, ("2024-05-03", "2024-06-02T00:00:00Z")
    )  # fmt: skip


def test_twenty_versions_are_remembered() -> None:
    versions = [version(f"Text {day}.", f"2024-05-{day:02}") for day in range(1, 29)]
    assert dates(after(*versions))[2] == tuple(f"2024-05-{day:02}" for day in range(8, 28))


_FROM = (PUBLISHED_FROM, UPDATED_FROM)
_WRITTEN = ["2023", "2024-05", "2024-05-03", "2024-05-03T10:15Z", "2024-05-05", "2024-05-08"]
_dates = st.none() | st.sampled_from(_WRITTEN)
_whole = st.builds(version, st.sampled_from(["A.", "B.", "C."]), _dates, _dates, day=st.integers(1, 9))
_versions = _whole | st.builds(part, _whole, st.sampled_from(["summary", "headline"]))


@given(st.lists(_versions, min_size=1, max_size=8))
def test_reading_the_last_version_again_changes_nothing(read: list[Article]) -> None:
    stored = after(*read)
    assert after(stored, read[-1]) == stored


@given(st.lists(_versions, min_size=1, max_size=8))
def test_what_is_stored_is_as_whole_as_the_most_that_was_read(read: list[Article]) -> None:
    sources = [one.metadata.tags.get("text_from", ("text",))[0] for one in (*read, after(*read))]
    *of_read, of_stored = map(["headline", "summary", "text"].index, sources)
    assert of_stored == max(of_read)


@given(st.lists(_versions, min_size=1, max_size=8))
def test_nothing_but_dates_is_taken_over(read: list[Article]) -> None:
    stored = after(*read).metadata
    kept = {name: values for name, values in stored.tags.items() if name not in (EARLIER_VERSIONS, *_FROM)}
    bare = replace(stored, published=None, updated=None, tags=kept)
    assert bare in [replace(one.metadata, published=None, updated=None) for one in read]


@given(st.lists(_versions, min_size=1, max_size=8))
def test_no_earlier_version_is_later_than_the_one_that_stays(read: list[Article]) -> None:
    stored = after(*read).metadata
    own = None if stored.tags.get(PUBLISHED_FROM) and not stored.updated else stored.updated or stored.published
    for written in stored.tags.get(EARLIER_VERSIONS, ()):
        earlier = date(written)
        assert own is None or (earlier and earlier.earliest <= own.latest)


_days = st.integers(1, 28)


@st.composite
def _stated_versions(draw: st.DrawFn) -> list[Article]:
    """Versions with texts of their own that all say when they were updated, or all only when they were published."""
    moments = draw(st.lists(_days, min_size=1, max_size=5, unique=True))
    if draw(st.booleans()):
        return [version(f"{day}.", f"2024-05-{day:02}T09:{day:02}:00Z", day=day) for day in moments]
    published = draw(st.lists(st.none() | _days, min_size=len(moments), max_size=len(moments)))
    return [
        version(f"{day}.", first and f"2024-04-{first:02}", f"2024-05-{day:02}", day=day)
        for day, first in zip(moments, published, strict=True)
    ]


@given(_stated_versions(), st.randoms())
def test_the_same_versions_give_the_same_article_in_every_order(versions: list[Article], chance: Random) -> None:
    expected = after(*sorted(versions, key=lambda one: one.metadata.indexed or ""))
    again = [*versions, *chance.choices(versions, k=3)]
    chance.shuffle(again)
    assert after(*again) == expected
    assert expected.text == max(versions, key=lambda one: one.metadata.indexed or "").text
