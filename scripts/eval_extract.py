"""Measures what is read of real web pages, beside trafilatura alone: body, title, authors, date, pages a second.

    python scripts/eval_extract.py CORPORA [--gate] [--rounds 3] [--pages]

There are two sets of pages by different people, and of each a part to choose on and a part that is only reported
(`page_truth.py`, which also says how their ideas of a body are reconciled). Both programs read the same bytes and know
a page's address where anybody does; trafilatura is `bare_extraction(html, with_metadata=True, include_comments=False,
url=…)` at its defaults and with `favor_precision=True`. Body and authors are mean F1, title and date the share of pages
where they are right; a reader mode seldom says a date, so there only pages count for which it does. Seconds are the
processor's, on one thread, of alternating rounds, the fastest of each. With --gate it exits with 1 where the reported
part of a set is not read better than by trafilatura at its best, by the margins in MARGINS, or below FLOORS, or at less
than LEAST_SPEED of its speed.
"""

import argparse
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from page_truth import Page, authors_f1, body_f1, date_right, pages, reader_pages, title_right
from trafilatura import bare_extraction

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.web.reader import read_web_page
from semsearch.types import Article, Date

ASKED = ("body", "title", "authors", "date")
MARGINS = {"fundus": 0.008, "readability": -0.003}
"""Body F1 above the best of trafilatura's settings, on the reported part of a set."""

FLOORS = {"body": 0.978, "title": 0.89, "authors": 0.93, "date": 0.97}
"""Of all pages of fundus together."""

LEAST_SPEED = 0.8


@dataclass(frozen=True, slots=True)
class Reading:
    """What a program has read from a page."""

    body: str
    title: str
    authors: Sequence[str]
    date: Date | None


Reader = Callable[[Page], Reading]
Values = Mapping[str, float | None]


def by_trafilatura(page: Page, *, strict: bool) -> Reading:
    """Read a page with trafilatura alone."""
    settings = {"with_metadata": True, "include_comments": False, "favor_precision": strict}
    document = bare_extraction(page.html, url=page.url, **settings)
    if document is None:
        return Reading("", "", (), None)
    names = [name for part in (document.author or "").split(";") if (name := part.strip())]
    date = parse_date(document.date) if document.date else None
    return Reading(document.text or "", document.title or "", names, date)


def by_us(page: Page) -> Reading:
    """Read a page as it is read from a crawl."""
    (article,) = read_web_page(BytesIO(page.html), Place(page.name, "", address=page.url))
    if not isinstance(article, Article):
        return Reading("", "", (), None)
    metadata = article.metadata
    return Reading(article.text, metadata.title, metadata.authors, metadata.published)


OURS = "semsearch"
READERS: dict[str, Reader] = {
    "trafilatura": partial(by_trafilatura, strict=False),
    "…, precision": partial(by_trafilatura, strict=True),
    OURS: by_us,
}


def values(reading: Reading, page: Page) -> Values:
    """Return the scores of a reading; None where the truth is unknown."""
    dated = page.set_name == "fundus" or page.published is not None
    return {
        "body": body_f1(reading.body, page),
        "title": float(title_right(reading.title, page)),
        "authors": authors_f1(reading.authors, page),
        "date": float(date_right(reading.date, page)) if dated else None,
    }


def speeds(timed_pages: Sequence[Page], rounds: int) -> dict[str, dict[str, float]]:
    """Return each reader's fastest time for each page, in seconds, of rounds that alternate."""
    least = {name: {page.name: float("inf") for page in timed_pages} for name in READERS}
    for _ in range(rounds):
        for name, reader in READERS.items():
            for page in timed_pages:
                started = time.process_time()
                reader(page)
                least[name][page.name] = min(least[name][page.name], time.process_time() - started)
    return least


def main() -> int:
    """Print the table, and say whether everything that is asked of it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--gate", action="store_true", help="exit with 1 where a margin or a floor is not held")
    parser.add_argument("--rounds", type=int, default=3, help="of timing; 0 for none")
    parser.add_argument("--pages", action="store_true", help="print each page to choose on, too")
    parser.add_argument("--working", action="store_true", help="read the pages to choose on only")
    arguments = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    all_pages = [*pages(arguments.corpora), *reader_pages(arguments.corpora)]
    all_pages = [page for page in all_pages if page.is_working or not arguments.working]
    read = {name: {page.name: values(reader(page), page) for page in all_pages} for name, reader in READERS.items()}
    seconds = speeds(all_pages, arguments.rounds) if arguments.rounds else None
    if arguments.pages:
        _print_pages([page for page in all_pages if page.is_working], read)
    parts = {
        "fundus, chosen on": [page for page in all_pages if page.set_name == "fundus" and page.is_working],
        "readability, chosen on": [page for page in all_pages if page.set_name == "readability" and page.is_working],
        "fundus, reported": [page for page in all_pages if page.set_name == "fundus" and not page.is_working],
        "readability, reported": [page for page in all_pages if page.set_name == "readability" and not page.is_working],
        "fundus": [page for page in all_pages if page.set_name == "fundus"],
        "readability": [page for page in all_pages if page.set_name == "readability"],
    }
    parts = {part: part_pages for part, part_pages in parts.items() if part_pages}
    means = {part: {name: _means(parts[part], read[name]) for name in READERS} for part in parts}
    print(f"{'pages':28} {'':12} {'body F1':>8} {'title':>7} {'authors':>8} {'date':>7} {'pages/s':>8}")
    for part, by_reader in means.items():
        for name, mean in by_reader.items():
            speed = len(parts[part]) / sum(seconds[name][page.name] for page in parts[part]) if seconds else 0.0
            print(
                f"{part:23} {len(parts[part]):4} {name:12} {mean['body']:8.4f} {mean['title']:7.3f} "
                f"{mean['authors']:8.3f} {mean['date']:7.3f} {speed:8.1f}"
            )
    totals = {name: sum(by_page.values()) for name, by_page in seconds.items()} if seconds else {}
    return _judged(means, totals) if arguments.gate else 0


def _means(pages_of_part: Sequence[Page], read: Mapping[str, Values]) -> dict[str, float]:
    means = {}
    for key in ASKED:
        known_values = [value for page in pages_of_part if (value := read[page.name][key]) is not None]
        means[key] = sum(known_values) / len(known_values) if known_values else 0.0
    return means


def _print_pages(shown_pages: Sequence[Page], read: Mapping[str, Mapping[str, Values]]) -> None:
    for page in shown_pages:
        cells = "   ".join(
            " ".join("    -" if (value := read[name][page.name][key]) is None else f"{value:.3f}" for key in ASKED)
            for name in READERS
        )
        print(f"{page.name:44} {cells}")


def _judged(means: Mapping[str, Mapping[str, Mapping[str, float]]], seconds: Mapping[str, float]) -> int:
    """Return 1 if a margin or a floor is not held, and say which."""
    failed = []
    for name, margin in MARGINS.items():
        bodies = {reader: mean["body"] for reader, mean in means[f"{name}, reported"].items()}
        ours = bodies.pop(OURS)
        if ours < max(bodies.values()) + margin:
            failed.append(f"bodies of {name} are {ours - max(bodies.values()):+.4f} to trafilatura at its best")
    failed += [f"{key} is below {floor}" for key, floor in FLOORS.items() if means["fundus"][OURS][key] < floor]
    if seconds and LEAST_SPEED * seconds[OURS] > seconds["trafilatura"]:
        failed.append(f"speed is below {LEAST_SPEED} of trafilatura's")
    for line in failed:
        print(f"NOT HELD: {line}")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
