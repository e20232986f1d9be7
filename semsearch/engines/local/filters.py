"""What may be shown for a query: filters, exclusions and phrases, as one mask of rows."""

from typing import NamedTuple

import numpy as np

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.phrases import excluded_articles, phrase_rows
from semsearch.ports import Ask


class Allowed(NamedTuple):
    """What a query may be answered with."""

    articles: Mask  # (articles,)
    rows: Mask | None  # (rows,): of these articles; None: all of them
    relaxed: tuple[str, ...]  # phrases that nothing has
    quoted: Mask  # (articles,): of these, whether each has a quoted phrase, be it one of several


def allow(corpus: Corpus, ask: Ask, deadline: Deadline) -> Allowed:
    """Fold filters, exclusions and phrases into one mask."""
    articles = corpus.allowed(ask.filters)
    if ask.without is not None and (at := corpus.find(ask.without)) is not None:
        articles[at] = False
    for excluded in ask.excluded:
        articles[excluded_articles(corpus, excluded, articles, deadline)] = False
    having = {phrase: phrase_rows(corpus, phrase, articles, deadline) for phrase in ask.phrases}
    relaxed = tuple(phrase for phrase, rows in having.items() if not rows.any())
    found = [rows for phrase, rows in having.items() if phrase not in relaxed]
    if not found:
        return Allowed(articles, None, relaxed, np.zeros_like(articles))
    own = [_articles_of(corpus, rows) for rows in found]
    together, quoted = np.logical_and.reduce(own), np.logical_or.reduce(own)
    if not together.any():  # each stands somewhere, and no article has them all
        return Allowed(articles, None, ask.phrases, quoted)
    return Allowed(articles & together, np.logical_or.reduce(found) & together[corpus.row_articles], relaxed, quoted)


def _articles_of(corpus: Corpus, rows: Mask) -> Mask:
    mask = np.zeros(corpus.articles, dtype=np.bool_)
    mask[corpus.row_articles[rows]] = True
    return mask
