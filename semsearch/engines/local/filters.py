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
    rows: Mask | None  # (rows,): the allowed rows of these articles; None: all of them
    relaxed: tuple[str, ...]  # phrases that no article has
    quoted: Mask  # (articles,): those that have a quoted phrase, or one of several


def allow(corpus: Corpus, ask: Ask, deadline: Deadline) -> Allowed:
    """Fold filters, exclusions and phrases into one mask."""
    articles = corpus.allowed(ask.filters)
    if ask.without is not None and (place := corpus.find(ask.without)) is not None:
        articles[place] = False
    for excluded in ask.excluded:
        articles[excluded_articles(corpus, excluded, articles, deadline)] = False
    rows_by_phrase = {phrase: phrase_rows(corpus, phrase, articles, deadline) for phrase in ask.phrases}
    relaxed = tuple(phrase for phrase, rows in rows_by_phrase.items() if not rows.any())
    row_masks = [rows for phrase, rows in rows_by_phrase.items() if phrase not in relaxed]
    if not row_masks:
        return Allowed(articles, None, relaxed, np.zeros_like(articles))
    article_masks = [_article_mask(corpus, rows) for rows in row_masks]
    has_all, quoted = np.logical_and.reduce(article_masks), np.logical_or.reduce(article_masks)
    if not has_all.any():  # each phrase stands somewhere, but no article has them all
        return Allowed(articles, None, ask.phrases, quoted)
    return Allowed(articles & has_all, np.logical_or.reduce(row_masks) & has_all[corpus.row_articles], relaxed, quoted)


def _article_mask(corpus: Corpus, rows: Mask) -> Mask:
    mask = np.zeros(corpus.articles, dtype=np.bool_)
    mask[corpus.row_articles[rows]] = True
    return mask
