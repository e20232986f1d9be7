"""Learns how the article of a dumped page is told from the rest, and writes `semsearch/sources/dumps/weights.json`.

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
"""The share of names that each copy of a lesson is learnt without, and how many copies: no sign is relied upon alone.

Sutton, Sindelar and McCallum, "Reducing weight undertraining in structured discriminative learning", NAACL 2006.
"""
GOLDEN_WEIGHT, INVENTED_WEIGHT, RECOMBINED_WEIGHT = 5.0, 0.25, 0.34
RECOMBINED, RECOMBINED_EACH = 200, 1.5
LEAST_PAGES = 3
"""A value that fewer pages have has no weight: it would be one outlet's habit."""

Sign = tuple[str, int, str]  # name, reach and value


@dataclass(frozen=True, slots=True)
class Lesson:
    """One dump, and what is known of its lines."""

    truth: Page
    page: cutting.PageDump
    own: Sequence[int]  # places of the article's lines
    told: cutting.PageDump  # without separators
    parts: Sequence[LineRole]  # of what is told
    values: Values
    weight: float


def lesson(truth: Page, dump: str, weight: float, *, exact: bool = False) -> Lesson:
    """Cut a dump, and align its lines with the truth; `exact` where each paragraph is a line as it stands."""
    lines = cutting.cut_lines(dump)
    own = frozenset(truth.paragraphs)
    places = (
        [at for at, line in enumerate(lines) if line.text in own] if exact else article_lines(lines, truth.paragraphs)
    )
    return lesson_of(truth, lines, places, weight)


def lesson_of(truth: Page, lines: Sequence[cutting.DumpLine], own: Sequence[int], weight: float) -> Lesson:
    """Return the lesson of lines of which some are the article's."""
    page = cutting.read_page(lines)
    places = telling(page)
    told = part_of(page, places)
    true = frozenset(own)
    parts = parts_of(told.lines, [number for number, at in enumerate(places) if at in true])
    return Lesson(truth, page, own, told, parts, shapes(told), weight)


def lessons(corpora: Path) -> list[Lesson]:
    """Return all dumps to learn from, a page's styles together weighing one."""
    real = [
        lesson(truth, dump(decoded(truth.html)), 1 / len(LEARNT))
        for truth in pages(corpora, WORKING)
        for dump in LEARNT.values()
    ]
    return real + invented()


def augmented(given: Sequence[Lesson]) -> list[Lesson]:
    """Return pages that are put together of those given, of one script and one program each."""
    groups: dict[tuple[bool, bool], list[Source]] = {}
    for one in given:
        if one.truth.html and one.own and any(line.look is Look.PROSE for line in one.page.lines):
            wide = one.truth.country == "jp"
            marked = any(line.level for line in one.page.lines)
            groups.setdefault((wide, marked), []).append(Source(one.truth, one.page.lines, one.own))
    found = []
    for kind, sources in sorted(groups.items()):
        for number in range(min(RECOMBINED, round(RECOMBINED_EACH * len(sources)))):
            made = recombined(sources, f"{kind} {number}")
            found.append(lesson_of(made.truth, made.lines, made.own, RECOMBINED_WEIGHT))
    return found


def invented() -> list[Lesson]:
    """Return the pages of the tests, and those that nobody wrote."""
    found = []
    for page in invented_pages():
        truth = Page(page.name, b"", "", page.title, (), None, page.paragraphs)
        found.append(lesson(truth, page.dump, INVENTED_WEIGHT, exact=True))
    for path in sorted(INVENTED.glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        truth = Page(path.stem, b"", "", said["title"], (), None, tuple(said["paragraphs"]))
        found.append(lesson(truth, path.with_suffix(".txt").read_text(encoding="utf-8"), GOLDEN_WEIGHT))
    return found


def signs_of(one: Lesson) -> list[list[Sign]]:
    """Return for each line the values of itself and of its neighbours."""
    count = len(one.told.lines)
    found: list[list[Sign]] = [[] for _ in range(count)]
    for name, said in one.values.items():
        for reach in REACHES.get(name, (0,)):
            for at in range(max(0, -reach), count - max(0, reach)):
                if (value := said[at + reach]) not in NEUTRAL.get(name, ()):
                    found[at].append((name, reach, value))
    return found


def thinned(one: Lesson, signs: Sequence[Sequence[Sign]]) -> Iterator[list[list[Sign]]]:
    """Yield copies of a lesson's signs, each without some names."""
    names = sorted({(name, reach) for line in signs for name, reach, _ in line})
    for copy in range(COPIES):
        dice = random.Random(f"{one.truth.name} {len(signs)} {copy}")  # noqa: S311 - no secret
        kept = {name for name in names if dice.random() >= DROPPED}
        yield [[sign for sign in line if sign[:2] in kept] for line in signs]


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs that are learnt, in columns, and which of them are steps to which."""

    known: dict[Sign, int]
    steps: scipy.sparse.csr_matrix  # (signs, signs): one where a column's value is a row's, or a lesser one of its name

    def matrix(self, rows: Sequence[Sequence[Sign]]) -> scipy.sparse.csr_matrix:
        """Return ones for each row's signs and all steps to them; signs that are not known are left out."""
        numbers = [[self.known[sign] for sign in row if sign in self.known] for row in rows]
        starts = np.cumsum([0, *map(len, numbers)])
        columns = np.fromiter(chain.from_iterable(numbers), np.int64, starts[-1])
        ones = scipy.sparse.csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(rows), len(self.known)))
        return (ones @ self.steps).tocsr()

    def whole(self, learnt: np.ndarray) -> np.ndarray:
        """Return the weights of signs of those of steps."""
        return np.asarray(self.steps @ learnt)


def known_signs(
    signs_by_lesson: Sequence[Sequence[Sequence[Sign]]], given: Sequence[Lesson], *, stepped: bool
) -> Signs:
    """Give a number to each sign that enough pages have.

    Where `stepped`, what is learnt of a number is how it differs from the next smaller one, so that neighbours weigh
    alike where little is known of them.
    """
    names: dict[Sign, set[str]] = {}
    for signs, one in zip(signs_by_lesson, given, strict=True):
        for sign in set(chain.from_iterable(signs)):
            names.setdefault(sign, set()).add(one.truth.name)
    known = {
        sign: number
        for number, sign in enumerate(sorted(sign for sign, where in names.items() if len(where) >= LEAST_PAGES))
    }
    ladders: dict[tuple[str, int, str], list[tuple[float, int]]] = {}
    for sign, number in known.items():
        ladder, height = _step(sign) if stepped else (sign, 0.0)
        ladders.setdefault(ladder, []).append((height, number))
    pairs = [
        (above[1], below[1]) for ladder in ladders.values() for above in ladder for below in ladder if below <= above
    ]
    rows, columns = zip(*pairs, strict=True)
    return Signs(known, scipy.sparse.csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(known),) * 2))


def _step(sign: Sign) -> tuple[tuple[str, int, str], float]:
    """Return which ladder a sign is on, and how high; a sign without a number is one of its own."""
    name, reach, value = sign
    kind, _, number = value.rpartition(" ")
    try:
        return (name, reach, kind), float(number)
    except ValueError:
        return (name, reach, value), 0.0


def learn_lines(given: Sequence[Lesson], prior: float = PRIOR, rounds: int = ROUNDS) -> dict:
    """Return the weights of lines and moves as JSON has them."""
    copies = [one for one in given for _ in range(COPIES)]
    signs = [copy for one in given for copy in thinned(one, signs_of(one))]
    learnt = known_signs(signs, copies, stepped=False)
    sequences = Sequences(
        learnt.matrix(list(chain.from_iterable(signs))),
        np.cumsum([0, *(len(one.parts) for one in copies)]),
        np.array([PARTS.index(part) for one in copies for part in one.parts]),
        np.array([one.weight / COPIES for one in copies]),
    )
    weights, moves = fit_chain(sequences, prior, rounds)
    weights = (1 - DROPPED) * learnt.whole(weights)  # all names speak at once where the model is used
    columns = [PARTS.index(part) for part in WEIGHED]
    lines: dict[str, dict[str, list[float]]] = {}
    for (name, reach, value), row in learnt.known.items():
        own = [round(float(weights[row, column]), 2) + 0.0 for column in columns]
        if any(own):
            lines.setdefault(f"{name} {reach}", {})[value] = own
    moved = {f"{a} > {b}": round(float(moves[PARTS.index(a), PARTS.index(b)]), 2) + 0.0 for a, b in MOVES}
    return {"lines": lines, "moves": {move: weight for move, weight in moved.items() if weight}}


def title_lessons(given: Sequence[Lesson]) -> list[tuple[Lesson, list[TitleCandidate], list[bool]]]:
    """Return the candidates for each page's title, and which are right."""
    found = []
    for one in given:
        if one.own:
            listed = list(candidates(one.page, main_stretch(one.page.lines, one.own)))
            found.append((one, listed, [title_right(one.page.lines[at].text, one.truth) for at, _ in listed]))
    return found


def learn_title(given: Sequence[Lesson], prior: float = TITLE_PRIOR) -> dict[str, float]:
    """Return the weights of a title's signs."""
    found = [lesson for lesson in title_lessons(given) if any(lesson[2])]
    signs = [[[("", 0, sign) for sign in candidate.signs] for candidate in listed] for _, listed, _ in found]
    known = known_signs(signs, [one for one, _, _ in found], stepped=True)
    weights = fit_choice(
        known.matrix(list(chain.from_iterable(signs))),
        np.cumsum([0, *map(len, signs)]),
        np.array(list(chain.from_iterable(right for _, _, right in found))),
        prior,
    )
    whole = known.whole(weights)
    return {sign: round(float(whole[number]), 2) + 0.0 for (_, _, sign), number in known.known.items()}


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    taught = lessons(given.corpora)
    said = {**learn_lines(taught + augmented(taught)), "title": learn_title(taught)}
    given.out.write_text(written(said), encoding="utf-8")
    print(f"{len(taught)} dumps, {given.out.stat().st_size:,} bytes")


def written(said: dict) -> str:
    """Return weights as JSON, a value a line."""
    parts = ['"lines": {']
    for name, values in said["lines"].items():
        rows = ",\n".join(
            f"  {json.dumps(value, ensure_ascii=False)}: {json.dumps(own)}" for value, own in values.items()
        )
        parts.append(f"{json.dumps(name)}: {{\n{rows}\n}},")
    parts[-1] = parts[-1].removesuffix(",") + "\n},"
    for name in ("moves", "title"):
        rows = ",\n".join(f"  {json.dumps(key, ensure_ascii=False)}: {weight}" for key, weight in said[name].items())
        parts.append(f"{json.dumps(name)}: {{\n{rows}\n}}" + ("," if name == "moves" else ""))
    return "{\n" + "\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
