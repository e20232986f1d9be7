"""Pages dumped as text, measured and held: the article that is found, against the truth of its page.

    python scripts/eval_dumps.py CORPORA [--countries us de …] [--gate]

Body F1 of words and the share of right titles, for each program that dumps and for both halves: the model was made of
WORKING, and HELD_OUT was only measured. "in it" is the share of pages whose dump has a line that is the true title, so
that anyone could find it; "seen" the share that are told from plain articles. With --gate it exits with 1 where a floor
is not held.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from page_dumps import LEARNT, STYLES, decoded
from page_truth import HELD_OUT, WORKING, Page, body_f1, pages, title_right

from semsearch.ports import Place
from semsearch.sources.dumps.lines import cut_lines
from semsearch.sources.dumps.page import looks_like_page, page_article
from semsearch.types import Article

FLOORS = {
    ("WORKING", "body"): 0.95,
    ("WORKING", "title"): 0.75,
    ("HELD_OUT", "body"): 0.89,
    ("HELD_OUT", "title"): 0.55,
}
"""For every style that is learnt; one that is not is only shown."""


@dataclass(frozen=True, slots=True)
class Score:
    """The scores of one dump."""

    country: str
    body: float
    title: bool
    within: bool
    seen: bool
    seconds: float


def score(page: Page, dump: str) -> Score:
    """Read a dump and compare."""
    began = time.perf_counter()
    reading = page_article(dump, Place("page.txt", "page.txt"))
    seconds = time.perf_counter() - began
    text, title = (reading.text, reading.metadata.title) if isinstance(reading, Article) else ("", "")
    within = any(title_right(line.text, page) for line in cut_lines(dump))
    return Score(page.country, body_f1(text, page), title_right(title, page), within, looks_like_page(dump), seconds)


def row(name: str, scores: Sequence[Score]) -> str:
    """Return a line of the table."""
    figures = ("body", "title", "within", "seen")
    means = " ".join(f"{fmean(getattr(result, figure) for result in scores):6.3f}" for figure in figures)
    return f"{name:34} {len(scores):5} {means} {1000 * fmean(result.seconds for result in scores):6.1f}"


def main() -> int:
    """Print the table, and say whether the floors are held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--countries", nargs="+", choices=(*WORKING, *HELD_OUT), default=[*WORKING, *HELD_OUT])
    parser.add_argument("--gate", action="store_true", help="exit with 1 where a floor is not held")
    arguments = parser.parse_args()
    truth = pages(arguments.corpora, arguments.countries)
    print(f"{'half, style':34} {'pages':>5} {'body':>6} {'title':>6} {'in it':>6} {'seen':>6} {'ms':>6}")
    failed = []
    for half, countries in (("WORKING", WORKING), ("HELD_OUT", HELD_OUT)):
        pages_of_half = [page for page in truth if page.country in countries]
        for style, dump in STYLES.items() if pages_of_half else ():
            scores = [score(page, dump(decoded(page.html))) for page in pages_of_half]
            print(row(f"{half}, {style}", scores), flush=True)
            for country in countries:
                if of_country := [item for item in scores if item.country == country]:
                    print(row(f"    {country}", of_country))
            failed += [
                f"{half}, {style}: {figure} {mean:.3f} < {FLOORS[half, figure]:.3f}"
                for figure, mean in (
                    ("body", fmean(item.body for item in scores)),
                    ("title", fmean(item.title for item in scores)),
                )
                if mean < FLOORS[half, figure] and style in LEARNT
            ]
    print(*failed, sep="\n")
    return int(bool(failed) and arguments.gate)


if __name__ == "__main__":
    raise SystemExit(main())
