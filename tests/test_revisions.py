"""What a new version of an article takes over from the one that it replaces."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.dates import parse_date
from semsearch.identity import seal
from semsearch.revisions import EARLIER_VERSIONS, continued
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
        stored = continued(article, stored.metadata)
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


def test_the_same_text_is_no_new_version() -> None:
    assert after(FIRST, FIRST) == FIRST
    renamed = version("Closed.", "2024-05-04", title="The bridge")
    assert after(FIRST, renamed) == renamed  # a source may mend what it said of the same text


def test_the_version_that_was_read_last_is_the_article_even_where_it_is_the_older_one() -> None:
    assert after(FIRST, SECOND, SECOND) == after(FIRST, SECOND)
    again = after(FIRST, SECOND, SECOND, FIRST)
    assert again.text == "Closed."
    assert dates(again) == ("2024-05-03", None, ("2024-05-03", "2024-05-05"))
    assert after(FIRST, SECOND, FIRST, FIRST) == again


def test_reading_everything_again_and_again_comes_to_rest() -> None:
    twice = after(FIRST, SECOND, FIRST, SECOND)
    assert after(twice, FIRST, SECOND) == twice


@pytest.mark.parametrize(
    ("first", "second", "published", "updated"),
    [
        (None, None, None, None),
        (None, "2024-05-05", "2024-05-05", None),
        ("2024-05-03", None, "2024-05-03", None),
        ("2024-05-05", "2024-05-03", "2024-05-03", None),
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


_dates = st.none() | st.sampled_from(["2023", "2024-05", "2024-05-03", "2024-05-03T10:15Z", "2024-05-05", "2024-05-08"])
_versions = st.builds(version, st.sampled_from(["A.", "B.", "C."]), _dates, _dates, day=st.integers(1, 9))


@given(st.lists(_versions, min_size=1, max_size=8))
def test_reading_the_last_version_again_changes_nothing(read: list[Article]) -> None:
    stored = after(*read)
    assert after(stored, read[-1]) == stored
    assert stored.text == read[-1].text


@given(st.lists(_versions, min_size=1, max_size=8))
def test_nothing_but_dates_is_taken_over(read: list[Article]) -> None:
    stored, last = after(*read).metadata, read[-1].metadata
    kept = {name: values for name, values in stored.tags.items() if name != EARLIER_VERSIONS}
    assert replace(stored, published=last.published, updated=last.updated, tags=kept) == last
