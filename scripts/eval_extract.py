"""What is read of real web pages, beside trafilatura alone: body, title, authors, date and pages a second.

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
    """What a program read of a page."""

    body: str
    title: str
    authors: Sequence[str]
    date: Date | None


Reader = Callable[[Page], Reading]
Values = Mapping[str, float | None]


def by_trafilatura(page: Page, *, strict: bool) -> Reading:
    """Read a page as trafilatura does, all by itself."""
    found = bare_extraction(page.html, with_metadata=True, url=page.url, include_comments=False, favor_precision=strict)
    if found is None:
        return Reading("", "", (), None)
    names = [name for part in (found.author or "").split(";") if (name := part.strip())]
    return Reading(found.text or "", found.title or "", names, parse_date(found.date) if found.date else None)


def by_us(page: Page) -> Reading:
    """Read a page as it is read from a crawl."""
    (found,) = read_web_page(BytesIO(page.html), Place(page.name, "", address=page.url))
    if not isinstance(found, Article):
        return Reading("", "", (), None)
    known = found.metadata
    return Reading(found.text, known.title, known.authors, known.published)


OURS = "semsearch"
READERS: dict[str, Reader] = {
    "trafilatura": partial(by_trafilatura, strict=False),
    "…, precision": partial(by_trafilatura, strict=True),
    OURS: by_us,
}


def values(reading: Reading, page: Page) -> Values:
    """Return how right a reading is; None where the truth says nothing."""
    dated = page.set_name == "fundus" or page.published is not None
    return {
        "body": body_f1(reading.body, page),
        "title": float(title_right(reading.title, page)),
        "authors": authors_f1(reading.authors, page),
        "date": float(date_right(reading.date, page)) if dated else None,
    }


def speeds(every: Sequence[Page], rounds: int) -> dict[str, dict[str, float]]:
    """Return for each reader the least seconds that it took for each page, in rounds that alternate."""
    least = {name: {page.name: float("inf") for page in every} for name in READERS}
    for _ in range(rounds):
        for name, reader in READERS.items():
            for page in every:
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
    given = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    every = [*pages(given.corpora), *reader_pages(given.corpora)]
    every = [page for page in every if page.is_working or not given.working]
    read = {name: {page.name: values(reader(page), page) for page in every} for name, reader in READERS.items()}
    seconds = speeds(every, given.rounds) if given.rounds else None
    if given.pages:
        _print_pages([page for page in every if page.is_working], read)
    parts = {
        "fundus, chosen on": [page for page in every if page.set_name == "fundus" and page.is_working],
        "readability, chosen on": [page for page in every if page.set_name == "readability" and page.is_working],
        "fundus, reported": [page for page in every if page.set_name == "fundus" and not page.is_working],
        "readability, reported": [page for page in every if page.set_name == "readability" and not page.is_working],
        "fundus": [page for page in every if page.set_name == "fundus"],
        "readability": [page for page in every if page.set_name == "readability"],
    }
    means = {part: {name: _means(found, read[name]) for name in READERS} for part, found in parts.items() if found}
    print(f"{'pages':28} {'':12} {'body F1':>8} {'title':>7} {'authors':>8} {'date':>7} {'pages/s':>8}")
    for part, by_reader in means.items():
        for name, mean in by_reader.items():
            speed = len(parts[part]) / sum(seconds[name][page.name] for page in parts[part]) if seconds else 0.0
            print(
                f"{part:23} {len(parts[part]):4} {name:12} {mean['body']:8.4f} {mean['title']:7.3f} "
                f"{mean['authors']:8.3f} {mean['date']:7.3f} {speed:8.1f}"
            )
    totals = {name: sum(found.values()) for name, found in seconds.items()} if seconds else {}
    return _judged(means, totals) if given.gate else 0


def _means(every: Sequence[Page], read: Mapping[str, Values]) -> dict[str, float]:
    means = {}
    for key in ASKED:
        known = [value for page in every if (value := read[page.name][key]) is not None]
        means[key] = sum(known) / len(known) if known else 0.0
    return means


def _print_pages(every: Sequence[Page], read: Mapping[str, Mapping[str, Values]]) -> None:
    for page in every:
        cells = "   ".join(
            " ".join("    -" if (value := read[name][page.name][key]) is None else f"{value:.3f}" for key in ASKED)
            for name in READERS
        )
        print(f"{page.name:44} {cells}")


def _judged(means: Mapping[str, Mapping[str, Mapping[str, float]]], seconds: Mapping[str, float]) -> int:
    """Return 1 where the pages are not read as well as they have to be, and say what is not held."""
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
