"""What is read of real web pages, beside trafilatura alone: body, title, authors, date and pages a second.

    python scripts/eval_extract.py CORPORA [--gate] [--rounds 3] [--pages]

Both read the same bytes, trafilatura as `bare_extraction(html, with_metadata=True, include_comments=False,
favor_precision=True, url=…)`, the best for bodies of six settings that were tried; a page's address is known to both.
Body and authors are mean F1, title and date the share of pages where they are right (`page_truth.py`). Seconds are the
processor's, on one thread, of alternating rounds, the fastest of each. Rules were made looking at the countries of
"working" only. With --gate it exits with 1 where all pages together are not read better than by trafilatura in each
of the four, below the floors, or at less than 0.8 of its speed.
"""

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from page_truth import HELD_OUT, WORKING, Page, authors_f1, body_f1, date_right, pages, title_right
from trafilatura import bare_extraction

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.web.reading import read_web_page
from semsearch.types import Article, Date

FLOORS = {"body": 0.974, "title": 0.89, "authors": 0.93, "date": 0.97}
LEAST_SPEED = 0.8
HALVES = {"working": WORKING, "held out": HELD_OUT, "all": (*WORKING, *HELD_OUT)}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a program read of a page."""

    body: str
    title: str
    authors: Sequence[str]
    date: Date | None


Reader = Callable[[Page], Reading]


def by_trafilatura(page: Page) -> Reading:
    """Read a page as trafilatura does, all by itself."""
    found = bare_extraction(page.html, with_metadata=True, url=page.url, include_comments=False, favor_precision=True)
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


READERS: dict[str, Reader] = {"trafilatura": by_trafilatura, "semsearch": by_us}


def values(reading: Reading, page: Page) -> dict[str, float]:
    """Return how right a reading is."""
    return {
        "body": body_f1(reading.body, page),
        "title": float(title_right(reading.title, page)),
        "authors": authors_f1(reading.authors, page),
        "date": float(date_right(reading.date, page)),
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
    parser.add_argument("--gate", action="store_true", help="exit with 1 where a floor is not held")
    parser.add_argument("--rounds", type=int, default=3, help="of timing; 0 for none")
    parser.add_argument("--pages", action="store_true", help="print each page of the working countries, too")
    parser.add_argument("--working", action="store_true", help="read the working countries only")
    given = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    every = pages(given.corpora, WORKING) if given.working else pages(given.corpora)
    read = {name: {page.name: values(reader(page), page) for page in every} for name, reader in READERS.items()}
    seconds = speeds(every, given.rounds) if given.rounds else None
    if given.pages:
        _print_pages([page for page in every if page.country in WORKING], read)
    print(f"{'pages':16} {'':12} {'body F1':>8} {'title':>7} {'authors':>8} {'date':>7} {'pages/s':>8}")
    means: dict[str, dict[str, float]] = {}
    for half, countries in HALVES.items():
        names = [page.name for page in every if page.country in countries]
        for reader in READERS if names else ():
            means[reader] = {key: sum(read[reader][name][key] for name in names) / len(names) for key in FLOORS}
            means[reader]["speed"] = len(names) / sum(seconds[reader][name] for name in names) if seconds else 0.0
            own = means[reader]
            print(
                f"{half:9} {len(names):6} {reader:12} {own['body']:8.4f} {own['title']:7.3f} {own['authors']:8.3f} "
                f"{own['date']:7.3f} {own['speed']:8.1f}"
            )
    return _judged(means, timed=seconds is not None) if given.gate else 0


def _print_pages(every: Sequence[Page], read: dict[str, dict[str, dict[str, float]]]) -> None:
    for page in every:
        cells = "   ".join(" ".join(f"{read[name][page.name][key]:.3f}" for key in FLOORS) for name in READERS)
        print(f"{page.name:40} {cells}")


def _judged(means: dict[str, dict[str, float]], *, timed: bool) -> int:
    """Return 1 where all pages together are not read as well as they have to be, and say which."""
    ours, theirs = means["semsearch"], means["trafilatura"]
    failed = [f"{key} is not better than trafilatura's" for key in FLOORS if ours[key] <= theirs[key]]
    failed += [f"{key} is below {floor}" for key, floor in FLOORS.items() if ours[key] < floor]
    if timed and ours["speed"] < LEAST_SPEED * theirs["speed"]:
        failed.append(f"speed is below {LEAST_SPEED} of trafilatura's")
    for line in failed:
        print(f"NOT HELD: {line}")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
