"""Pages that were made to take for ever: each ends in time, and says something."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from semsearch.errors import SourceError
from semsearch.sources.web.reader import MOST_BYTES
from semsearch.sources.web.tree import parse
from semsearch.types import Article
from tests.examples import PARTS, examples
from tests.pages import BODY, SENTENCES, article, page, read, script

MOST_SECONDS = 20.0


def hostile(part: int) -> dict[str, str]:
    """Pages that take very long, or very deep a stack, to whoever is careless."""
    return {
        "nested": "<div>" * (100_000 // part) + BODY,
        "nested formatting": "<span>" * (100_000 // part) + BODY,
        "nested lists": "<ul><li>" * (50_000 // part) + BODY,
        "unclosed": "<p><b>" * (50_000 // part) + BODY,
        "tiny tags": "<i>a</i>" * (200_000 // part) + BODY,
        "attributes": "<p " + " ".join(f"a{n}=1" for n in range(60_000 // part)) + ">" + BODY,
        "attributes after a quoted mark": '<p a="<" ' + " ".join(f"a{n}" for n in range(60_000 // part)) + ">" + BODY,
        "one attribute": f'<p class="{"a " * (500_000 // part)}">' + BODY,
        "scripts that do not end": BODY + "<script>" * (100_000 // part),
        "comments that do not end": BODY + "<!--" * (200_000 // part),
        "opening brackets": BODY + "<" * (1_000_000 // part),
        "links": '<p><a href="/x">somewhere else there is a story</a></p>' * (9_000 // part) + BODY,
        "one paragraph": BODY + f"<p>{'word ' * (400_000 // part)}</p>",
        "ends of lines": "<br>\n" * (200_000 // part) + BODY,
        "white space": BODY + " " * (2_000_000 // part),
        "bylines": '<span class="author">x</span>' * (20_000 // part) + BODY,
        "pictures in one block": f"<div>{'<img>' * (400_000 // part)}</div>" + BODY,
        "pictures in blocks of their own": "<div><img>a" * (50_000 // part) + BODY,
        "hidden blocks": "<p hidden><b hidden>a</b></p>" * (20_000 // part) + BODY,
        "times": "<article>" + '<article><time datetime="2024-05-03">a</time>' * (20_000 // part) + BODY,
        "times in one line": "<article>" + '<time datetime="2024-05-03">a</time> b ' * (40_000 // part) + BODY,
        "struck words": "<div>a<s>b</s>" * (40_000 // part) + "<p>" + "a <s>b</s>" * (40_000 // part) + BODY,
        "entries": '<div class="h-entry"><b class="p-name u-url">a</b>' * (20_000 // part) + BODY,
        "nested names": '<b itemprop="author" itemscope>a' * (20_000 // part) + BODY,
        "meta tags": '<meta name="author" content="By A and B">' * (50_000 // part) + BODY,
        "deep JSON-LD": script('{"@graph":[' * (100_000 // part)) + BODY,
        "much JSON-LD": script('{"@type": "NewsArticle"}') * (20_000 // part) + BODY,
        "a list in JSON-LD": script("[" + '{"@type": "NewsArticle"},' * (60_000 // part) + "{}]") + BODY,
        "commas in JSON-LD": script("[" + ", " * (500_000 // part) + "]") + BODY,
        "white space in JSON-LD": script('{"@type": "NewsArticle"}' + " " * (500_000 // part) + "x") + BODY,
        "a long number in JSON-LD": script("9" * (100_000 // part)) + BODY,
        "separators": f"<title>{'x | ' * (200_000 // part)}</title>" + BODY,
    }


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", hostile(1_000))
def test_a_hostile_page_ends_in_time(name: str, part: int) -> None:
    content = page(hostile(part)[name])
    started = time.process_time()
    found = read(content)
    assert time.process_time() - started < MOST_SECONDS / part
    assert isinstance(found, Article) or found.reason


@pytest.mark.parametrize("name", ["nested", "nested formatting", "nested lists", "attributes", "deep JSON-LD"])
def test_the_text_within_a_hostile_page_is_found(name: str) -> None:
    text = article(page(hostile(1)[name])).text
    assert all(sentence in text for sentence in SENTENCES)


def test_no_page_is_larger_than_one_can_be() -> None:
    with pytest.raises(SourceError, match="64 MiB"):
        read(b" " * (MOST_BYTES + 1))


def test_a_large_page_is_read_from_its_beginning() -> None:
    scripts = "<script>var state = 'nothing that is text';</script>" * 100_000
    assert article(page(scripts + f"<article><h1>Ferry runs late</h1>{BODY}</article>")).text == "\n\n".join(SENTENCES)


@pytest.mark.slow
def test_what_is_cut_off_a_page_is_counted() -> None:
    long = "".join(f"<p>{SENTENCES[0]} So it was in year {n}.</p>" for n in range(40_000))
    found = article(page(f"<article><h1>Ferry runs late</h1>{long}</article>"))
    assert int(found.metadata.tags["cut_characters"][0]) > 500_000
    assert SENTENCES[0] in found.text


TAGS = """
    <p> </p> <div> <li> <a href='/x'> </a> <h1> <h2> <br> <table> <td> <script> </script> <article> <time datetime=2024>
    <meta name=author content=x> <html> <body> <head> <title> <!-- --> <![CDATA[ & &amp; <p <div= a='
"""


@examples(150)
@given(st.lists(st.sampled_from(TAGS.split()) | st.text(max_size=12) | st.sampled_from(SENTENCES), max_size=40))
def test_any_tags_are_a_tree_or_none(pieces: list[str]) -> None:
    root = parse("".join(pieces))
    assert root is None or isinstance(root, etree.ElementBase)
    found = read("x" + "".join(pieces))
    assert isinstance(found, Article) or found.reason
