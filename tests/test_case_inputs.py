"""Inputs after public reports about other tools: what must hold of the articles that are read of each.

`expected.json` says only what must hold: `count` articles, and of each, in order, its title, dates, authors, what its
text `contains` or `lacks`, has so many `times`, or in which `order`. With several inputs in a folder it is keyed by
their names.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from semsearch.sources import read
from semsearch.types import Article

CASES = Path(__file__).parent / "cases" / "inputs"
NOTES = {"source.txt", "expected.json"}
INPUTS = sorted(path for path in CASES.glob("*/*") if path.name not in NOTES)


def expected_of(path: Path) -> Any:
    expected = json.loads((path.parent / "expected.json").read_text())
    return expected if "count" in expected else expected[path.name]


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_must_hold_of_an_input_does(path: Path) -> None:
    expected = expected_of(path)
    articles = [reading for reading in read(path) if isinstance(reading, Article)]
    assert len(articles) == expected["count"]
    for wanted, article in zip(expected.get("articles", []), articles, strict=False):
        assert list(faults(wanted, article)) == []


def faults(wanted: Any, article: Article) -> Iterator[str]:
    found, text = article.metadata.to_dict(), article.text
    for name in ("title", "published", "updated", "authors", "publisher"):
        if name in wanted and found[name] != wanted[name]:
            yield f"{name} is {found[name]!r}, not {wanted[name]!r}"
    if "published_in" in wanted and found["published"] not in wanted["published_in"]:
        yield f"published is {found['published']!r}"
    yield from (f"text lacks {one!r}" for one in wanted.get("contains", []) if one not in text)
    yield from (f"text has {one!r}" for one in wanted.get("lacks", []) if one in text)
    yield from (f"{one!r} is not there {n} times" for one, n in wanted.get("times", {}).items() if text.count(one) != n)
    places = [text.find(one) for one in wanted.get("order", [])]
    if places != sorted(places):
        yield f"order is {places}"
