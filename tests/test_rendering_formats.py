import csv
import io
import json
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from semsearch.rendering import (
    FORMATS,
    article_json,
    article_jsonl,
    listing,
    renderer,
)
from semsearch.rendering.layout import printable
from semsearch.text import normalise_text, sentence_spans
from semsearch.types import Article, Hit, Metadata, Passage, Verdict
from tests.render_cases import FERRIES, NEWS, NOTHING
from tests.render_strategies import TEXT, answer_of, hits, rich_hits, text_of

# For programs


@given(found=st.lists(rich_hits(), max_size=3))
def test_json_has_the_answer_to_the_letter(found: list[Hit]) -> None:
    answer = answer_of(*found)
    assert json.loads(text_of(renderer("json")(answer))) == answer.to_dict()
    lines = text_of(renderer("jsonl")(answer)).splitlines()
    assert [json.loads(line) for line in lines] == [one.to_dict() for one in found]

    articles = [one.article for one in found]
    expected = [article.to_dict() for article in articles]
    assert json.loads(text_of(listing(articles, "json"))) == expected
    assert [json.loads(line) for line in text_of(listing(articles, "jsonl")).splitlines()] == expected
    for one in found:
        article = Article(one.article, one.text, "here:1")
        assert json.loads(text_of(article_json(article))) == {"article": one.article.to_dict(), "text": one.text}
        line = {"origin": "here:1", "article": one.article.to_dict(), "text": one.text}
        assert [json.loads(line) for line in text_of(article_jsonl(article)).splitlines()] == [line]


@given(found=st.lists(hits(TEXT.map(normalise_text)), max_size=3))
def test_csv_has_every_value_but_no_formula(found: list[Hit]) -> None:
    output = text_of(renderer("csv")(answer_of(*found)))
    header, *rows = csv.reader(io.StringIO(output, newline=""), strict=True)
    assert len(rows) == len(found)
    for one, row in zip(found, rows, strict=True):
        cells = dict(zip(header, row, strict=True))
        assert (int(cells["rank"]), float(cells["score"])) == (one.rank, round(one.score, 6))
        assert (int(cells["start"]), int(cells["end"])) == (one.passage.start, one.passage.end)
        for name, value in (("text", one.text), ("title", one.article.title)):
            assert "\n" not in cells[name]
            assert cells[name].removeprefix("'").split() == printable(value).removeprefix("'").split()
        for name in ("title", "publisher", "published", "url", "article_id", "passage_id", "text"):
            assert not cells[name].strip().startswith(("=", "+", "-", "@"))


def test_csv_has_the_words_as_they_are_where_nothing_looks_like_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(renderer("csv")(NEWS)), newline="")))
    assert [row["text"].split() for row in rows] == [one.text.split() for one in NEWS.hits]
    listed = csv.DictReader(io.StringIO(text_of(listing([FERRIES.metadata], "csv")), newline=""))
    assert [row["authors"] for row in listed] == ["Ida Lund; Tomás Reyes"]


def test_every_row_of_csv_ends_as_rfc_4180_says() -> None:
    assert text_of(renderer("csv")(NOTHING)).count("\r\n") == 1
    assert all(piece.endswith("\r\n") for piece in renderer("csv")(NEWS))


@pytest.mark.parametrize("form", FORMATS)
def test_a_list_is_written_while_it_is_read(form: str) -> None:
    endless = (replace(FERRIES.metadata, article_id=f"{number:020x}") for number in count())
    pieces = listing(endless, form)
    assert f"{1:020x}"[:10] in "".join(next(pieces) for _ in range(3)) or form == "md"


def test_an_empty_list_is_still_an_array() -> None:
    assert json.loads(text_of(listing([], "json"))) == []


# Markdown


def inline(tokens: list[Token]) -> tuple[str, str]:
    """Return the text that a reader of Markdown shows, and the part of it in bold; breaks as line ends."""
    shown, bold, depth = "", "", 0
    for token in tokens:
        depth += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
        shown += text
        bold += text if depth else ""
        assert token.type in ("text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close"), token
    return shown, bold


@given(found=hits())
def test_markdown_shows_exactly_the_passage(found: Hit) -> None:
    titled = replace(found, rank=min(found.rank, 999), article=replace(found.article, title="Title"))
    tokens = MarkdownIt("commonmark").parse(text_of(renderer("md")(answer_of(titled))))
    citation, *quoted = [inline(token.children or []) for token in tokens if token.type == "inline"]
    assert citation[0].startswith("Title")
    lines = [line for shown, _ in quoted for line in shown.split("\n")]
    assert lines == [line for line in printable(found.text).split("\n") if line]
    assert [token.type for token in tokens if token.type.endswith("_open")] == [
        "ordered_list_open",
        "list_item_open",
        "paragraph_open",
        "blockquote_open",
        *["paragraph_open"] * len(quoted),
    ]


@given(text=TEXT.map(normalise_text).filter(bool), data=st.data())
def test_markdown_has_the_letters_of_the_best_sentence_in_bold(text: str, data: st.DataObject) -> None:
    span = data.draw(st.sampled_from(sentence_spans(text)))
    passage = Passage("a" * 20, 0, 0, len(text), text)
    found = Hit(1, 0.5, 0.9, Verdict.STRONG, {}, passage, Metadata("a" * 20, "Title"), sentence=span)
    tokens = MarkdownIt("commonmark").parse(text_of(renderer("md")(answer_of(found))))
    bold = "".join(inline(token.children or [])[1] for token in tokens if token.type == "inline")
    sentence = "" if span == (0, len(text)) else text[span[0] : span[1]]
    assert letters(bold) == letters(sentence)


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org/a_(b)?c=[d]&copy;=*e*", "https://example.org/a_%28b%29?c=%5Bd%5D&copy;=*e*"),
        ("https://example.org/渡轮", "https://example.org/%E6%B8%A1%E8%BD%AE"),
        ("https://example.org/a b\n<c>\\", "https://example.org/a%20b%20%3Cc%3E%5C"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        (None, None),
    ],
)
def test_markdown_links_the_title_to_a_web_address(url: str | None, target: str | None) -> None:
    known = replace(FERRIES.metadata, url=url, title="[A] *title*](x)")
    tokens = MarkdownIt("commonmark").parse(text_of(listing([known], "md")))
    children = [child for token in tokens if token.type == "inline" for child in token.children or []]
    links = [child.attrs["href"] for child in children if child.type == "link_open"]
    assert links == ([target] if target else [])
    assert "".join(child.content for child in children).startswith("[A] *title*](x) — Ida Lund, Tomás Reyes, Harbour")
