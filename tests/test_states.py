"""What a record says of itself is believed: whether it was published, by whom it was taken back, what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from semsearch.ports import Place
from semsearch.sources import read
from semsearch.sources.facts.assembly import article_from
from semsearch.sources.facts.standing import is_failure, is_placeholder
from semsearch.types import Article, Skipped

PLACE = Place("a.json", "a.json")
TEXT = "The harbour board has agreed to the building of a new quay wall."


def made(**said: Any) -> Article | Skipped:
    return article_from({"title": "Port wall agreed", "text": TEXT, **said}, PLACE, "a.json:1")


@pytest.mark.parametrize(
    "said",
    [
        {"status": "draft"}, {"status": "Auto-Draft"}, {"post_status": "trash"}, {"pubStatus": "stat:canceled"},
        {"state": "killed"}, {"workflow_state": "in progress"}, {"visibility": "private"},
        {"moderation_state": "draft"},
        {"draft": True}, {"isDraft": "true"}, {"published": False}, {"is_published": "no"}, {"deleted": True},
        {"post_type": "attachment"}, {"type": "revision"}, {"wp:post_type": "nav_menu_item"}, {"status": "retracted"},
        {"embargo": "2999-01-01T00:00:00Z"}, {"embargoed_until": "2999-01-01"}, {"embargoed": True},
        {"deleted_at": "2024-05-20T10:00:00Z"}, {"deletedAt": 1716199200}, {"unpublished_on": "2024-05-20"},
        {"signal": "sig:kill"}, {"signal": ["sig:kill"]}, {"signal": [{"name": "kill"}]}, {"article_state": "KILLED"},
        {"draft": 1}, {"is_draft": "1"}, {"deleted": 1.0}, {"is_deleted": "t"}, {"published": 0}, {"published": "N"},
        {"is_published": "0"}, {"is_published": "f"}, {"removed": True}, {"hidden": "yes"}, {"visible": False},
        {"retraction": "Y"}, {"status": False}, {"status": [{"value": False}]}, {"published": [{"value": 0}]},
        {"status": {"name": "Draft", "id": 1}}, {"workflow": {"state": "draft"}}, {"workflow": "in review"},
        {"publish_at": "2999-01-01T00:00:00Z"}, {"scheduled_for": "2999-01-01"}, {"_id": "drafts.5f0c"},
        {"status": "Entwurf"}, {"status": "brouillon"}, {"state": "BORRADOR"}, {"status": "Черновик"},
        {"_source": {"status": "draft"}}, {"metadata": {"draft": True}},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_not_published_or_was_taken_back_is_no_article(said: dict[str, Any]) -> None:
    found = made(**said)
    assert isinstance(found, Skipped)
    assert found.reason.startswith(
        ("not published by its source", "withdrawn by its source", "under embargo", "a ", "an ")
    )


@pytest.mark.parametrize(
    "said",
    [
        {"status": "publish"}, {"status": "published"}, {"status": "usable"}, {"status": "archived"},
        {"state": "Texas"},
        {"draft": False}, {"published": True}, {"published": "2024-05-20"}, {"deleted": 0}, {"type": "story"},
        {"embargo": "2024-05-20T10:00:00Z"}, {"embargo": None}, {"embargoed": False}, {"type": "event"},
        {"deleted_at": None}, {"deleted_at": ""}, {"deleted_at": "0000-00-00 00:00:00"}, {"deleted_at": 0},
        {"unpublished_at": "2999-01-01"}, {"signal": "sig:update"}, {"signal": ["sig:update", "sig:correction"]},
        {"published": 1}, {"published": 1714737600}, {"published": "1"}, {"draft": 0}, {"is_deleted": "f"},
        {"status": 0}, {"status": 1}, {"status": True}, {"status": "false"}, {"status": [{"value": True}]},
        {"killed": 1}, {"removed": 1}, {"live": 0}, {"hidden": 3}, {"state": {"name": "California"}},
        {"visible": ["web", "app"]}, {"workflow": {"state": "published", "steps": 3}}, {"workflow": ["draft", "live"]},
        {"publish_at": "2024-05-20"}, {"scheduled_for": ""}, {"_id": "draft"}, {"id": "drafts.5f0c"},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_published_is_an_article(said: dict[str, Any]) -> None:
    assert isinstance(made(**said), Article)


@pytest.mark.parametrize(
    "text",
    [
        "ONLY AVAILABLE IN PAID PLANS", "Only available in Professional and Corporate plans.", "[Removed]", "[deleted]",
        "N/A", "null", "None", "No content available", "undefined", "[object Object]",
        "Upgrade your plan to see the full content", "[No content]",
        "404 Not Found", "Error 403 - Forbidden", "Just a moment...",
        "Please enable JavaScript and cookies to continue.",
        "You need to enable JavaScript to run this app.", "Verify you are human by completing the action below.",
        "Subscribe to continue reading.", "Access denied",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_text(text: str) -> None:
    found = made(text=text, description="In short: a wall.")
    assert isinstance(found, Article)
    assert found.text == "In short: a wall."
    alone = made(text=text)
    assert isinstance(alone, Article)
    assert (alone.text, alone.metadata.tags["text_from"]) == ("Port wall agreed", ("headline",))


@pytest.mark.parametrize(
    "text",
    [
        "Access denied: the reporters were turned away at the gate.", "He got 404 votes and was not found wanting.",
        "Enable the pump first, the captain said.",
        TEXT, "None of the above, said the mayor.", "Only available in blue, the car sold badly.", "Null and void",
        "Upgrade your phone now, the minister told the press, or lose the network in a year or two at the latest." * 2,
    ],
)  # fmt: skip
def test_a_sentence_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)
    assert not is_failure(text)


def test_what_a_site_shows_in_the_place_of_a_text_may_be_a_headline() -> None:
    found = made(title="Access denied")
    assert isinstance(found, Article)
    assert (found.metadata.title, found.text) == ("Access denied", TEXT)


def test_a_file_shows_the_order_of_day_and_month_or_is_told(tmp_path: Path) -> None:
    rows = [("03/04/2024", "Crane back"), ("25/12/2024", "Ferry late")]
    (tmp_path / "a.csv").write_text("title,date,text\n" + "".join(f"{t},{d},{TEXT}\n" for d, t in rows))
    (tmp_path / "b.jsonl").write_text(
        "".join(json.dumps({"title": t, "date": d, "text": TEXT}) + "\n" for d, t in rows)
    )
    (tmp_path / "c.csv").write_text(f"title,date,text\nCrane back,03/04/2024,{TEXT}\n")
    (tmp_path / "d.csv").write_text(f"title,date,text\nA,25/12/2024,{TEXT}\nB,12/25/2024,{TEXT}\nC,03/04/2024,{TEXT}\n")

    def dates(name: str, **how: Any) -> list[str | None]:
        found = [one for one in read(tmp_path / name, **how) if isinstance(one, Article)]
        return [one.metadata.published and one.metadata.published.text for one in found]

    assert dates("a.csv") == dates("b.jsonl") == ["2024-04-03", "2024-12-25"]
    assert dates("c.csv") == [None]
    assert (dates("c.csv", date_order="dmy"), dates("c.csv", date_order="mdy")) == (["2024-04-03"], ["2024-03-04"])
    assert dates("d.csv") == ["2024-12-25", "2024-12-25", None]
