"""Learns to tell the article of a dumped page from the rest, and writes `semsearch/sources/dumps/weights.json`.

    python scripts/train_page_model.py CORPORA [--out FILE]

Learns from the pages of the WORKING countries, dumped in the styles that are learnt (`page_dumps.py`), and from
invented pages (`invented_pages.py`, `tests/golden/pages`). No word becomes a weight: only the shapes and lists of
`shapes.py`, `looks.py` and `titles.py`. The same pages give the same bytes.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import scipy.sparse
from chain import Sequences, fit_chain, fit_choice
from invented_pages import invented_pages
from page_dumps import LEARNT, decoded
from page_labels import article_lines, parts_of
from page_truth import WORKING, Page, pages, title_right
from recombined_pages import Source, recombined

from semsearch.sources.dumps import lines as cutting
from semsearch.sources.dumps.looks import Look
from semsearch.sources.dumps.model import MOVES, PARTS, REACHES, WEIGHED, LineRole
from semsearch.sources.dumps.separators import part_of, telling
from semsearch.sources.dumps.shapes import NEUTRAL, Values, shapes
from semsearch.sources.dumps.titles import TitleCandidate, candidates, main_stretch

ROOT = Path(__file__).parent.parent
WEIGHTS = ROOT / "semsearch/sources/dumps/weights.json"
INVENTED = ROOT / "tests/golden/pages"

PRIOR, ROUNDS = 7.0, 60  # chosen by leaving out outlets, and countries, of WORKING
TITLE_PRIOR = 3.0
DROPPED, COPIES = 0.2, 2
"""The share of names that each copy of a lesson lacks, and the number of copies, so that no sign is relied upon alone.

Sutton, Sindelar and McCallum, "Reducing weight undertraining in structured discriminative learning", NAACL 2006.
"""
GOLDEN_WEIGHT, INVENTED_WEIGHT, RECOMBINED_WEIGHT = 5.0, 0.25, 0.34
RECOMBINED, RECOMBINED_EACH = 200, 1.5
LEAST_PAGES = 3
"""A value of fewer pages gets no weight: it may be one outlet's habit."""

Sign = tuple[str, int, str]  # name, reach and value


@dataclass(frozen=True, slots=True)
class Lesson:
    """One dump, and the truth about its lines."""

    truth: Page
    page: cutting.PageDump
    article_places: Sequence[int]  # of the article's lines
    cleaned: cutting.PageDump  # without separators
    parts: Sequence[LineRole]  # of the lines of `cleaned`
    values: Values
    weight: float


def lesson(truth: Page, dump: str, weight: float, *, exact: bool = False) -> Lesson:
    """Cut a dump, and align its lines with the truth; `exact` where each paragraph is a line as it stands."""
    lines = cutting.cut_lines(dump)
    truth_texts = frozenset(truth.paragraphs)
    exact_places = [place for place, line in enumerate(lines) if line.text in truth_texts]
    places = exact_places if exact else article_lines(lines, truth.paragraphs)
    return lesson_of(truth, lines, places, weight)


def lesson_of(truth: Page, lines: Sequence[cutting.DumpLine], article_places: Sequence[int], weight: float) -> Lesson:
    """Return the lesson of lines of which some are the article's."""
    page = cutting.read_page(lines)
    places = telling(page)
    cleaned = part_of(page, places)
    is_article = frozenset(article_places)
    parts = parts_of(cleaned.lines, [number for number, place in enumerate(places) if place in is_article])
    return Lesson(truth, page, article_places, cleaned, parts, shapes(cleaned), weight)


def lessons(corpora: Path) -> list[Lesson]:
    """Return all dumps to learn from; the dumps of a page together have the weight 1."""
    real = [
        lesson(truth, dump(decoded(truth.html)), 1 / len(LEARNT))
        for truth in pages(corpora, WORKING)
        for dump in LEARNT.values()
    ]
    return real + invented()


def augmented(originals: Sequence[Lesson]) -> list[Lesson]:
    """Return pages that are put together from the given ones, each from pages of one script and one kind of dump."""
    groups: dict[tuple[bool, bool], list[Source]] = {}
    for original in originals:
        source = Source(original.truth, original.page.lines, original.article_places)
        if source.truth.html and source.article_places and any(line.look is Look.PROSE for line in source.lines):
            wide = source.truth.country == "jp"
            marked = any(line.level for line in source.lines)
            groups.setdefault((wide, marked), []).append(source)
    additions = []
    for kind, sources in sorted(groups.items()):
        for number in range(min(RECOMBINED, round(RECOMBINED_EACH * len(sources)))):
            page = recombined(sources, f"{kind} {number}")
            additions.append(lesson_of(page.truth, page.lines, page.article_places, RECOMBINED_WEIGHT))
    return additions


def invented() -> list[Lesson]:
    """Return the pages of the tests, and the invented pages."""
    result = []
    for page in invented_pages():
        truth = Page(page.name, b"", "", page.title, (), None, page.paragraphs)
        result.append(lesson(truth, page.dump, INVENTED_WEIGHT, exact=True))
    for path in sorted(INVENTED.glob("*.json")):
        truth_fields = json.loads(path.read_text(encoding="utf-8"))
        truth = Page(path.stem, b"", "", truth_fields["title"], (), None, tuple(truth_fields["paragraphs"]))
        result.append(lesson(truth, path.with_suffix(".txt").read_text(encoding="utf-8"), GOLDEN_WEIGHT))
    return result


def signs_of(lesson: Lesson) -> list[list[Sign]]:
    """Return for each line the values of itself and of its neighbours."""
    count = len(lesson.cleaned.lines)
    signs: list[list[Sign]] = [[] for _ in range(count)]
    for name, line_values in lesson.values.items():
        for reach in REACHES.get(name, (0,)):
            for number in range(max(0, -reach), count - max(0, reach)):
                if (value := line_values[number + reach]) not in NEUTRAL.get(name, ()):
                    signs[number].append((name, reach, value))
    return signs


def thinned(lesson: Lesson, signs: Sequence[Sequence[Sign]]) -> Iterator[list[list[Sign]]]:
    """Yield copies of a lesson's signs, each without some names."""
    names = sorted({(name, reach) for line in signs for name, reach, _ in line})
    for copy in range(COPIES):
        dice = random.Random(f"{lesson.truth.name} {len(signs)} {copy}")  # noqa: S311 - no secret
        kept_names = {name for name in names if dice.random() >= DROPPED}
        yield [[sign for sign in line if sign[:2] in kept_names] for line in signs]


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs that are learnt, as columns of a matrix, and which of them are steps to which."""

    known: dict[Sign, int]  # sign -> its column
    steps: scipy.sparse.csr_matrix  # (signs, signs): one where a column's value is a row's, or a lesser one of its name

    def matrix(self, rows: Sequence[Sequence[Sign]]) -> scipy.sparse.csr_matrix:
        """Return ones for each row's signs and all steps to them; signs that are not known are left out."""
        numbers = [[self.known[sign] for sign in row if sign in self.known] for row in rows]
        starts = np.cumsum([0, *map(len, numbers)])
        columns = np.fromiter(chain.from_iterable(numbers), np.int64, starts[-1])
        ones = scipy.sparse.csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(rows), len(self.known)))
        return (ones @ self.steps).tocsr()

    def summed(self, learnt: np.ndarray) -> np.ndarray:
        """Return the weights of signs, from those of steps."""
        return np.asarray(self.steps @ learnt)


def known_signs(
    signs_by_lesson: Sequence[Sequence[Sequence[Sign]]], taught: Sequence[Lesson], *, stepped: bool
) -> Signs:
    """Give a number to each sign that enough pages have.

    If `stepped`, what is learnt of a value that is a number is its difference from the next smaller one, so that
    neighbours have similar weights if there is little to learn from.
    """
    names: dict[Sign, set[str]] = {}
    for signs, lesson in zip(signs_by_lesson, taught, strict=True):
        for sign in set(chain.from_iterable(signs)):
            names.setdefault(sign, set()).add(lesson.truth.name)
    frequent = sorted(sign for sign, page_names in names.items() if len(page_names) >= LEAST_PAGES)
    numbers = {sign: number for number, sign in enumerate(frequent)}
    ladders: dict[tuple[str, int, str], list[tuple[float, int]]] = {}
    for sign, number in numbers.items():
        ladder, height = _step(sign) if stepped else (sign, 0.0)
        ladders.setdefault(ladder, []).append((height, number))
    pairs = [
        (above[1], below[1]) for ladder in ladders.values() for above in ladder for below in ladder if below <= above
    ]
    rows, columns = zip(*pairs, strict=True)
    return Signs(numbers, scipy.sparse.csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(numbers),) * 2))


def _step(sign: Sign) -> tuple[tuple[str, int, str], float]:
    """Return the ladder that a sign is on, and its height there; a sign without a number is a ladder of its own."""
    name, reach, value = sign
    kind, _, number = value.rpartition(" ")
    try:
        return (name, reach, kind), float(number)
    except ValueError:
        return (name, reach, value), 0.0


def learn_lines(taught: Sequence[Lesson], prior: float = PRIOR, rounds: int = ROUNDS) -> dict:
    """Return the weights of lines and moves as JSON has them."""
    copies = [lesson for lesson in taught for _ in range(COPIES)]
    signs = [copy for lesson in taught for copy in thinned(lesson, signs_of(lesson))]
    learnt = known_signs(signs, copies, stepped=False)
    sequences = Sequences(
        learnt.matrix(list(chain.from_iterable(signs))),
        np.cumsum([0, *(len(lesson.parts) for lesson in copies)]),
        np.array([PARTS.index(part) for lesson in copies for part in lesson.parts]),
        np.array([lesson.weight / COPIES for lesson in copies]),
    )
    weights, moves = fit_chain(sequences, prior, rounds)
    weights = (1 - DROPPED) * learnt.summed(weights)  # all names speak at once where the model is used
    columns = [PARTS.index(part) for part in WEIGHED]
    lines: dict[str, dict[str, list[float]]] = {}
    for (name, reach, value), row in learnt.known.items():
        rounded = [round(float(weights[row, column]), 2) + 0.0 for column in columns]
        if any(rounded):
            lines.setdefault(f"{name} {reach}", {})[value] = rounded
    moved = {f"{a} > {b}": round(float(moves[PARTS.index(a), PARTS.index(b)]), 2) + 0.0 for a, b in MOVES}
    return {"lines": lines, "moves": {move: weight for move, weight in moved.items() if weight}}


def title_lessons(taught: Sequence[Lesson]) -> list[tuple[Lesson, list[TitleCandidate], list[bool]]]:
    """Return the candidates for each page's title, and which are right."""
    result = []
    for lesson in taught:
        if lesson.article_places:
            options = list(candidates(lesson.page, main_stretch(lesson.page.lines, lesson.article_places)))
            are_right = [title_right(lesson.page.lines[place].text, lesson.truth) for place, _ in options]
            result.append((lesson, options, are_right))
    return result


def learn_title(taught: Sequence[Lesson], prior: float = TITLE_PRIOR) -> dict[str, float]:
    """Return the weights of a title's signs."""
    titled = [lesson for lesson in title_lessons(taught) if any(lesson[2])]
    signs = [[[("", 0, sign) for sign in candidate.signs] for candidate in options] for _, options, _ in titled]
    learnt = known_signs(signs, [taught_page for taught_page, _, _ in titled], stepped=True)
    weights = fit_choice(
        learnt.matrix(list(chain.from_iterable(signs))),
        np.cumsum([0, *map(len, signs)]),
        np.array(list(chain.from_iterable(right for _, _, right in titled))),
        prior,
    )
    summed = learnt.summed(weights)
    return {sign: round(float(summed[number]), 2) + 0.0 for (_, _, sign), number in learnt.known.items()}


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    taught = lessons(arguments.corpora)
    weights = {**learn_lines(taught + augmented(taught)), "title": learn_title(taught)}
    arguments.out.write_text(written(weights), encoding="utf-8")
    print(f"{len(taught)} dumps, {arguments.out.stat().st_size:,} bytes")


def written(weights: dict) -> str:
    """Return weights as JSON, a value a line."""
    parts = ['"lines": {']
    for name, values in weights["lines"].items():
        rows = ",\n".join(
            f"  {json.dumps(value, ensure_ascii=False)}: {json.dumps(row)}" for value, row in values.items()
        )
        parts.append(f"{json.dumps(name)}: {{\n{rows}\n}},")
    parts[-1] = parts[-1].removesuffix(",") + "\n},"
    for name in ("moves", "title"):
        rows = ",\n".join(f"  {json.dumps(key, ensure_ascii=False)}: {weight}" for key, weight in weights[name].items())
        parts.append(f"{json.dumps(name)}: {{\n{rows}\n}}" + ("," if name == "moves" else ""))
    return "{\n" + "\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
