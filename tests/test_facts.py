"""What is decided about an article whatever it was read from: title, language, dates."""

from datetime import UTC, datetime
from typing import Any

import pytest

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.facts.article import Facts, article
from semsearch.types import Article, Metadata

ENGLISH = "The council said on Tuesday that it would rebuild the bridge that was closed after the flood."
CHINESE = "市议会星期二决定重建去年洪水后一直关闭的那座大桥，预计工程将持续两年，市民对此表示欢迎。"
NOON = int(datetime(2024, 5, 3, 12, tzinfo=UTC).timestamp())


@pytest.fixture(autouse=True)
def _in_may_2024(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON))


def known(place: Place | None = None, **said: Any) -> Metadata:
    for name in ("published", "updated"):
        if name in said:
            said[name] = parse_date(said[name])
    found = article(Facts(**{"text": ENGLISH, **said}), place or Place("page.html", "page.html"), "page.html")
    assert isinstance(found, Article)
    return found.metadata


@pytest.mark.parametrize(
    "said",
    [
        {"publisher": "Coast Herald"},
        {"domain": "coastherald.example"},
        {"url": "https://www.coastherald.example/bridge"},
        {"place": Place("page.html", "page.html", source="Coast Herald")},
    ],
)
def test_a_title_is_the_headline_whoever_names_the_outlet(said: dict[str, Any]) -> None:
    assert known(title="Bridge opens | Coast Herald", **said).title == "Bridge opens"
    assert known(title="Bridge opens | Hill Courier", **said).title == "Bridge opens | Hill Courier"


def test_an_address_that_is_none_names_no_outlet() -> None:
    assert known(title="Bridge opens | Coast Herald", url="http://[coast").title == "Bridge opens | Coast Herald"


def test_with_and_without_its_outlet_a_title_is_the_same_article() -> None:
    names = {"publisher": "Coast Herald", "slug": "bridge"}
    one, other = known(title="Bridge opens", **names), known(title="Bridge opens - Coast Herald", **names)
    assert one == other


@pytest.mark.parametrize(
    ("said", "text", "language", "tags"),
    [
        ("en", ENGLISH, "en", {}),
        (None, ENGLISH, "en", {"language_from": ("text",)}),
        (None, CHINESE, "zh", {"language_from": ("text",)}),
        (None, "Ada Fox", None, {}),
        (None, f"{ENGLISH * 4}\n\n{CHINESE * 8}", None, {}),
        ("de", ENGLISH, "de", {}),  # the same letters: the source knows better
        ("en", CHINESE, "zh", {"language_from": ("text",), "declared_language": ("en",)}),
        ("zh", ENGLISH, "en", {"language_from": ("text",), "declared_language": ("zh",)}),
        ("zh", "Ada Fox, Ben Hill, Carla Dorn, Dimitri Lund", "zh", {}),  # other letters, and no language in them
        ("en", f"{ENGLISH}\n\n{CHINESE}", "en", {}),
    ],
)
def test_a_language_is_the_sources_unless_it_says_none_or_one_of_other_letters(
    said: str | None, text: str, language: str | None, tags: dict[str, tuple[str, ...]]
) -> None:
    metadata = known(text=text, language=said)
    assert (metadata.language, metadata.tags) == (language, tags)


def test_a_headline_alone_has_a_language() -> None:
    metadata = known(title=ENGLISH, text="")
    assert metadata.language == "en"
    assert metadata.tags == {"text_from": ("headline",), "language_from": ("text",)}


def test_a_date_of_the_future_is_kept_as_it_was_written() -> None:
    metadata = known(language="en", published="2024-06-01", written="1 June 2024")
    assert metadata.published is None
    assert metadata.tags == {"unparsed_date": ("1 June 2024",)}
    assert known(language="en", published="2024-06-01").tags == {"unparsed_date": ("2024-06-01",)}
    tomorrow = known(published="2024-05-04").published
    assert tomorrow
    assert tomorrow.text == "2024-05-04"


def test_an_update_of_the_future_is_kept_as_a_tag() -> None:
    metadata = known(language="en", published="2024-05-01", written="1 May", updated="2024-06-01")
    assert (metadata.to_dict()["published"], metadata.updated) == ("2024-05-01", None)
    assert metadata.tags == {"unparsed_date": ("2024-06-01",)}


def test_nothing_came_out_after_it_was_fetched_nor_at_that_second() -> None:
    fetched = Place("page.html", "page.html", fetched=NOON - 30 * 86_400)  # 2024-04-03T12:00:00Z
    assert known(fetched, published="2024-04-20").published is None
    assert known(fetched, published="2024-04-03T12:00:02Z").published is None
    assert known(fetched, published="2024-04-03").published
    assert known(fetched, published="2024-04-01", updated="2024-04-03T12:00:00Z").updated is None


@pytest.mark.parametrize(
    ("updated", "kept"),
    [
        ("2024-05-02", True),
        ("2024-05-01T10:00", True),
        ("2024-04-30T23:00-04:00", True),
        ("2024-04-30", True),  # a zone that nobody wrote
        ("2024-04-29", False),
        ("2024", True),
    ],
)
def test_nothing_is_updated_before_it_is_published(updated: str, kept: bool) -> None:
    metadata = known(language="en", published="2024-05-01", updated=updated)
    assert metadata.to_dict()["published"] == "2024-05-01"
    assert metadata.to_dict()["updated"] == (updated if kept else None)
    assert metadata.tags == ({} if kept else {"unparsed_date": (updated,)})


def test_what_a_source_wrote_of_a_date_is_no_longer_than_a_tag() -> None:
    (written,) = known(published="2987", written="x" * 5_000).tags["unparsed_date"]
    assert len(written) == 200
