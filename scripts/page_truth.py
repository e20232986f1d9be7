"""Real web pages with what is in them, and how near to it an extraction comes.

The set is `fundus/` of CORPORA: pages of six countries, each with the title, authors, date and paragraphs that a parser
written for its outlet found. Rules and models may be made looking at WORKING; HELD_OUT is only reported.
"""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from semsearch.text import normalise_line, normalise_text
from semsearch.types import Date

WORKING = ("us", "de", "jp")
HELD_OUT = ("ca", "cn", "za")


@dataclass(frozen=True, slots=True)
class Page:
    """One page and the truth about it."""

    name: str  # "de/BR_2024_04_22"
    html: bytes
    url: str
    title: str
    authors: tuple[str, ...]
    published: datetime | None  # with a zone
    paragraphs: tuple[str, ...]  # standfirst, headings and paragraphs, in order

    @property
    def country(self) -> str:
        """Two letters."""
        return self.name[:2]


def pages(corpora: Path, countries: Sequence[str] = (*WORKING, *HELD_OUT)) -> list[Page]:
    """Return the pages of some countries."""
    found = []
    for pair in json.loads((corpora / "fundus/pairs.json").read_text()):
        if pair["html"][:2] not in countries:
            continue
        truth = json.loads((corpora / "fundus" / pair["json"]).read_text())[pair["version"]]
        written = truth.get("publishing_date")
        found.append(
            Page(
                pair["html"].removesuffix(".html.gz"),
                gzip.decompress((corpora / "fundus" / pair["html"]).read_bytes()),
                pair["url"],
                normalise_line(truth.get("title") or ""),
                tuple(truth.get("authors") or ()),
                datetime.fromisoformat(written).astimezone() if written else None,
                tuple(_paragraphs(truth["body"])),
            )
        )
    return found


def _paragraphs(body: dict[str, list]) -> list[str]:
    sections = [part for section in body["sections"] for part in (*section["headline"], *section["paragraphs"])]
    return [text for part in (*body["summary"], *sections) if (text := normalise_text(part))]


def words(text: str) -> list[str]:
    """Return letters and digits in runs, folded; each Chinese, Japanese or Korean character by itself."""
    found: list[str] = []
    run = ""
    for char in text.casefold():
        wide = "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
        if char.isalnum() and not wide:
            run += char
            continue
        found += [run] if run else []
        found += [char] if wide else []
        run = ""
    return [*found, run] if run else found


def body_f1(found: str, page: Page) -> float:
    """Return the harmonic mean of precision and recall of words, each as often as it stands there."""
    return _f1(Counter(words(found)), Counter(words("\n".join(page.paragraphs))))


def title_right(found: str, page: Page) -> bool:
    """Tell whether a title has the words of the true one, up to a fifth of them."""
    return _f1(Counter(words(found)), Counter(words(page.title))) >= 0.8


def authors_f1(found: Sequence[str], page: Page) -> float:
    """Return the harmonic mean of precision and recall of names; 1 where there are none and none were found."""
    return _f1(Counter(" ".join(words(name)) for name in found), Counter(" ".join(words(one)) for one in page.authors))


def date_right(found: Date | None, page: Page) -> bool:
    """Tell whether a date is the true one, to the hour where it has one and else to the day as written."""
    if found is None or page.published is None:
        return (found is None) == (page.published is None)
    truth = page.published.timestamp()
    return found.earliest - 3600 <= truth <= found.latest + 3600


def _f1(found: Counter[str], truth: Counter[str]) -> float:
    if not found or not truth:
        return float(not found and not truth)
    shared = (found & truth).total()
    return 2 * shared / (found.total() + truth.total())
