"""Real web pages with the truth about their articles, and how near an extraction comes to it.

There are two sets in CORPORA, made by different people:

- `fundus/`: pages of six countries, each with the title, authors, date and paragraphs that a parser written for its
  outlet found. Rules and models may be made looking at the countries in WORKING; HELD_OUT is only reported.
- `readability/`: saved pages, most of them articles, with what a reader mode should show. Rules may be made looking at
  the pages that `is_working` names; the others are only reported.

Their ideas of a body differ in two points that matter. A reader mode shows figures with their captions, the parsers of
fundus leave them out: an article's text has no captions here, so they are taken out of the truth of both. The parsers
of fundus count the standfirst to the body, a reader mode has it in some pages and only in its metadata in others: there
it counts for nobody and against nobody. Some pages of `readability/` were invented to try one detail of a program, with
filler text or next to none; they are no pages that anybody reads, and are left out (`is_invented`).
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from lxml import etree, html

from semsearch.text import normalise_line, normalise_text
from semsearch.types import Date

WORKING = ("us", "de", "jp")
HELD_OUT = ("ca", "cn", "za")

_LOOKED_AT = frozenset((
    "001", "clean-links", "hidden-nodes", "keep-tabular-data", "lwn-1", "v8-blog", "visibility-hidden", "webmd-1",
))  # fmt: skip
"""Pages of `readability/` that are named in reports about other programs: they belong to those to choose on."""

_BLOCK_NAMES = """
    address article aside blockquote body br dd details div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li
    main nav ol p pre section summary table td th tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_WORKING_BELOW = 96
"""First bytes of a name's digest that are working besides the even ones: some 60 of 95 pages are to choose on."""

_FILLER = "lorem ipsum"
_LEAST_WORDS = 50
_CAPTIONS = ("figcaption", "caption", "script", "style", "noscript")


@dataclass(frozen=True, slots=True)
class Page:
    """One page and the truth about it."""

    name: str  # "de/BR_2024_04_22", "readability/aclu"
    html: bytes
    url: str | None  # where it was fetched, if anybody says
    title: str
    authors: tuple[str, ...]
    published: datetime | None  # with a zone
    paragraphs: tuple[str, ...]  # standfirst, headings and paragraphs, in order
    standfirst: str = ""  # if the truth lacks it, so that it counts neither for nor against an extraction

    @property
    def set_name(self) -> str:
        """The folder of CORPORA that the page is from."""
        return "readability" if self.country == "readability" else "fundus"

    @property
    def country(self) -> str:
        """Two letters; "readability" for a page of that set."""
        return self.name.partition("/")[0]

    @property
    def is_working(self) -> bool:
        """Whether rules may be made with this page in view."""
        country, _, name = self.name.partition("/")
        if country == "readability":
            first = sha256(name.encode()).digest()[0]
            return name in _LOOKED_AT or first % 2 == 0 or first < _WORKING_BELOW
        return country in WORKING


def pages(corpora: Path, countries: Sequence[str] = (*WORKING, *HELD_OUT)) -> list[Page]:
    """Return the pages of some countries."""
    result = []
    for pair in json.loads((corpora / "fundus/pairs.json").read_text()):
        if pair["html"][:2] not in countries:
            continue
        truth = json.loads((corpora / "fundus" / pair["json"]).read_text())[pair["version"]]
        date_text = truth.get("publishing_date")
        result.append(
            Page(
                pair["html"].removesuffix(".html.gz"),
                gzip.decompress((corpora / "fundus" / pair["html"]).read_bytes()),
                pair["url"],
                normalise_line(truth.get("title") or ""),
                tuple(truth.get("authors") or ()),
                datetime.fromisoformat(date_text).astimezone() if date_text else None,
                tuple(_paragraphs(truth["body"])),
            )
        )
    return result


def reader_pages(corpora: Path) -> list[Page]:
    """Return the pages of the set `readability/`."""
    result = []
    for folder in sorted(path for path in (corpora / "readability").iterdir() if path.is_dir()):
        metadata = json.loads((folder / "expected-metadata.json").read_text())
        reader_html = gzip.decompress((folder / "expected.html.gz").read_bytes())
        date_text = metadata.get("publishedTime")
        paragraphs = tuple(_shown_blocks(reader_html))
        excerpt = normalise_line(metadata.get("excerpt") or "")
        if is_invented(paragraphs):
            continue
        result.append(
            Page(
                f"readability/{folder.name}",
                gzip.decompress((folder / "source.html.gz").read_bytes()),
                None,
                normalise_line(metadata.get("title") or ""),
                (normalise_line(metadata["byline"]),) if metadata.get("byline") else (),
                _moment(date_text) if date_text else None,
                paragraphs,
                "" if " ".join(words(excerpt)) in " ".join(words(" ".join(paragraphs))) else excerpt,
            )
        )
    return result


def is_invented(paragraphs: Sequence[str]) -> bool:
    """Tell whether a page was invented to try a program: it has filler text, or fewer words than a short notice."""
    text = " ".join(paragraphs)
    return _FILLER in text.casefold() or len(words(text)) < _LEAST_WORDS


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None


def _shown_blocks(raw: bytes) -> Iterator[str]:
    """Yield the blocks that a reader mode shows, without captions."""
    root = html.document_fromstring(raw.decode())
    etree.strip_elements(root, *_CAPTIONS, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in _BLOCKS:
            pieces.append("\n")
        pieces.append((element.text if event == "start" else element.tail) or "")
    for line in "".join(pieces).split("\n"):
        if text := normalise_line(line):
            yield text


def _paragraphs(body: dict[str, list]) -> list[str]:
    sections = [part for section in body["sections"] for part in (*section["headline"], *section["paragraphs"])]
    return [text for part in (*body["summary"], *sections) if (text := normalise_text(part))]


def words(text: str) -> list[str]:
    """Return letters and digits in runs, folded; each Chinese, Japanese or Korean character by itself."""
    runs: list[str] = []
    run = ""
    for char in text.casefold():
        wide = "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
        if char.isalnum() and not wide:
            run += char
            continue
        runs += [run] if run else []
        runs += [char] if wide else []
        run = ""
    return [*runs, run] if run else runs


def body_f1(extracted: str, page: Page) -> float:
    """Return the harmonic mean of precision and recall of words, each counted as often as it occurs."""
    standfirst = words(page.standfirst)
    lines = (words(line) for line in extracted.split("\n"))
    extracted_words = Counter(word for line in lines if not standfirst or line != standfirst for word in line)
    return _f1(extracted_words, Counter(words("\n".join(page.paragraphs))))


def title_right(extracted: str, page: Page) -> bool:
    """Tell whether a title has the words of the true one, with an F1 of 0.8 or more."""
    return _f1(Counter(words(extracted)), Counter(words(page.title))) >= 0.8


def authors_f1(extracted: Sequence[str], page: Page) -> float:
    """Return the harmonic mean of precision and recall of names; 1 if there are none and none were found."""
    return _f1(
        Counter(" ".join(words(name)) for name in extracted),
        Counter(" ".join(words(author)) for author in page.authors),
    )


def date_right(extracted: Date | None, page: Page) -> bool:
    """Tell whether a date is the true one: to the hour if it has one, else to the day as written."""
    if extracted is None or page.published is None:
        return (extracted is None) == (page.published is None)
    truth = page.published.timestamp()
    return extracted.earliest - 3600 <= truth <= extracted.latest + 3600


def _f1(extracted: Counter[str], truth: Counter[str]) -> float:
    if not extracted or not truth:
        return float(not extracted and not truth)
    shared = (extracted & truth).total()
    return 2 * shared / (extracted.total() + truth.total())
