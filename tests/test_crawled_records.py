"""Records of crawlers hold whole pages: they are read as pages, and what the record says of them counts, too."""

import json
from io import BytesIO
from typing import Any

import pytest

from semsearch.ports import Place
from semsearch.sources.records.lines import read_records
from semsearch.types import Article, Skipped

ADDRESS = "https://coast.example/news/quay"
PARAGRAPHS = [
    "The harbour board voted on Tuesday to rebuild the eastern quay after two years of delay and several protests.",
    "Work begins in spring and will cost 40 million crowns, the chairman said after a meeting of more than six hours.",
]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Harbour board votes | Coast Herald</title>"
    "<meta property='og:type' content='article'><meta property='og:site_name' content='Coast Herald'>"
    "<meta property='article:published_time' content='2024-05-03T08:15:00Z'></head><body>"
    "<nav><a href='/'>Home</a><a href='/sport'>Sport</a></nav>"
    f"<article><h1>Harbour board votes</h1>{BODY}</article><footer>© Coast Herald</footer></body></html>"
)


def read(record: dict[str, Any]) -> Article | Skipped:
    [one] = read_records(BytesIO(json.dumps(record).encode() + b"\n"), Place("crawl.jsonl", "crawl.jsonl"))
    return one


@pytest.mark.parametrize("name", ["html", "content", "body", "raw_html", "response"])
def test_a_whole_page_is_read_as_a_page(name: str) -> None:
    one = read({"url": ADDRESS, name: PAGE, "crawler": "deep"})
    assert isinstance(one, Article)
    assert one.text == "\n\n".join(PARAGRAPHS)
    assert (one.metadata.title, one.metadata.publisher, one.metadata.url) == (
        "Harbour board votes",
        "Coast Herald",
        ADDRESS,
    )
    assert one.metadata.published is not None
    assert one.metadata.published.text.startswith("2024-05-03T08:15")
    assert one.metadata.tags["crawler"] == ("deep",)
    assert "left_out" not in one.metadata.tags


def test_what_the_record_says_counts_more() -> None:
    one = read({"url": ADDRESS, "html": PAGE, "title": "Quay to be rebuilt", "date": "2024-05-04"})
    assert isinstance(one, Article)
    assert one.metadata.title == "Quay to be rebuilt"
    assert one.text == "\n\n".join(PARAGRAPHS)


def test_a_text_beside_the_page_is_the_text() -> None:
    one = read({"url": ADDRESS, "html": PAGE, "title": "Quay", "text": "Only this was extracted from the page."})
    assert isinstance(one, Article)
    assert one.text == "Only this was extracted from the page."


def test_a_page_without_an_article_is_named_and_one_with_a_summary_is_not_lost() -> None:
    page = "<html><body><nav><a href='/'>Home</a></nav></body></html>"
    skipped = read({"url": ADDRESS, "html": page})
    assert isinstance(skipped, Skipped)
    assert skipped.origin == "crawl.jsonl:1"
    one = read({"url": ADDRESS, "html": page, "title": "Quay", "summary": "The quay will be rebuilt next year."})
    assert isinstance(one, Article)
    assert one.text == "The quay will be rebuilt next year."


def test_a_draft_is_left_out_whatever_its_page_says() -> None:
    assert isinstance(read({"url": ADDRESS, "html": PAGE, "status": "draft"}), Skipped)
