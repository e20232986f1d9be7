"""Choose how much the words of a query must stand out in an article that has them all, for it to be about them.

    python scripts/fit_prominence.py CORPORA

Single words, pairs, threes and fives are drawn from headlines of digitalgov and reuters21578 (a seeded part). Of every
article that has all of them, by its passage that is best for them, it is asked whether the headline has them all, too.
Prints a logistic fit on one half of the queries, by a digest of their text, and for the other half the share of
headlines by prominence. Each query counts the same, and so does each corpus and number of words.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from eval_sets import LEAST_CHARACTERS, is_reported
from eval_words import digitalgov, reuters

from semsearch import words
from semsearch.encoders import load_encoder
from semsearch.engines import open_engine
from semsearch.index import Index
from semsearch.ports import Ask, Engine, Evidence, Floats, Mix
from semsearch.types import Article

ARTICLES = 3_000
NUMBERS = (1, 2, 3, 5)
QUERIES = 600
"""Of each corpus and number of words."""

EDGES = (0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.6)


class Case(NamedTuple):
    """One article that has all words of one query."""

    prominence: float
    about: bool  # the headline has them all, too
    weight: float
    reported: bool


def main() -> int:
    """Draw, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    arguments = parser.parse_args()
    cases: list[Case] = []
    for name, read in (("digitalgov", digitalgov), ("reuters21578", reuters)):
        articles = [
            article
            for article in read(arguments.corpora, ARTICLES)
            if len(article.text) > LEAST_CHARACTERS and article.metadata.title
        ]
        with tempfile.TemporaryDirectory() as folder:
            Index.build(articles, Path(folder) / "index", encoder=load_encoder("hashing")).close()
            cases_of_set = list(_cases(open_engine(Path(folder) / "index"), articles))
        cases += cases_of_set
        print(f"{name}: {len(cases_of_set):,} cases")
    slope, bar = _fitted([case for case in cases if not case.reported])
    print(f"logistic({slope:.1f} prominence - {bar:.1f})")
    print("prominence  share of headlines, other half")
    for low, high in pairwise(EDGES):
        in_band = [case for case in cases if case.reported and low <= case.prominence < high]
        share = sum(case.weight for case in in_band if case.about) / (sum(case.weight for case in in_band) or 1.0)
        print(f"{low:.1f} to {high:.1f}  {share:.3f}")
    return 0


def _cases(engine: Engine, articles: Sequence[Article]) -> Iterator[Case]:
    draw = random.Random(7)  # noqa: S311  the same in every run
    titles = {match.metadata.article_id: match.metadata.title for match in articles}
    has = {article_id: set(words.terms(title, "en")) for article_id, title in titles.items()}
    telling = [[word.written for word in words.telling_words(title, "en").words] for title in titles.values()]
    for number in NUMBERS:
        queries = [" ".join(draw.sample(title_words, number)) for title_words in telling if len(title_words) >= number]
        draw.shuffle(queries)
        for query in queries[:QUERIES]:
            (results,) = engine.search([Ask(query, None, Mix(0.0), _has_all_words, least_confidence=1.0)])
            matches = list(results.ranked())
            for match in matches:
                about = set(words.terms(query, "en")) <= has[match.article_id]
                share = 1 / len(matches) / min(QUERIES, len(queries))
                prominence = results.passage(match.article_id, match.ordinal).signals.prominence
                yield Case(prominence, about, share, is_reported(query))


def _has_all_words(evidence: Evidence) -> Floats:
    """Be sure of articles that have every word, and of no others."""
    return evidence.literal.astype(np.float64)


def _fitted(cases: Sequence[Case]) -> tuple[float, float]:
    """Return slope and bar of the likeliest logistic function, by Newton's method."""
    features: Floats = np.array([[case.prominence, -1.0] for case in cases])
    about, weights = np.array([[case.about, case.weight] for case in cases], dtype=np.float64).T
    parameters = np.zeros(2)
    for _ in range(30):
        sure = 1 / (1 + np.exp(-features @ parameters))
        slope = features.T @ (weights * (about - sure))
        curvature = (features * (weights * sure * (1 - sure))[:, None]).T @ features
        parameters = parameters + np.linalg.solve(curvature, slope)
    return float(parameters[0]), float(parameters[1])


if __name__ == "__main__":
    sys.exit(main())
