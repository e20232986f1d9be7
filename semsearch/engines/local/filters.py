"""What may be shown for a query: filters, exclusions and phrases, as one mask of rows.

For phrases and exclusions postings propose, and the texts decide.
"""

from typing import NamedTuple

import numpy as np

from semsearch import words
from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus, Ints
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


def phrase_rows(corpus: Corpus, phrase: str, allowed: Mask, deadline: Deadline) -> Mask:
    """Mark (rows,) the passages in which a phrase begins; all of an article whose headline has it.

    Args:
        allowed: (articles,), the others are not read.
    """
    mask = np.zeros(corpus.rows, dtype=np.bool_)
    for at in np.flatnonzero(_having(corpus, phrase) & allowed).tolist():
        deadline.check()
        segment, article = corpus.of_article(at)
        read = segment.read(article)
        first, last = corpus.article_rows[[at, at + 1]].tolist()
        if words.contains(read.metadata.title, phrase):
            mask[first:last] = True
        elif starts := words.occurrences(read.text, phrase):
            begins = segment.spans[slice(*segment.first_rows[[article, article + 1]]), 0]
            mask[first + np.searchsorted(begins, starts, side="right") - 1] = True
    return mask


def _having(corpus: Corpus, phrase: str) -> Mask:
    """Mark (articles,) those that have every word of a phrase; none where it has no word."""
    having = np.zeros(corpus.articles, dtype=np.bool_)
    for analyser in corpus.article_statistics.analysers:
        if asked := words.query_words(phrase, analyser):
            own = [corpus.having(analyser, word.spellings) for word in asked]
            having |= np.logical_and.reduce(own)
    return having


def excluded_articles(corpus: Corpus, excluded: str, allowed: Mask, deadline: Deadline) -> Ints:
    """Return the articles that have a word, in any of its forms, or a phrase word for word."""
    names, codes = corpus.analysers
    found, maybe = np.zeros(corpus.articles, dtype=np.bool_), np.zeros(corpus.articles, dtype=np.bool_)
    for code, analyser in enumerate(names):
        asked = words.query_words(excluded, analyser)
        if len(asked) != 1:
            maybe |= np.logical_and.reduce([corpus.having(analyser, word.spellings) for word in asked] or [maybe])
            continue
        (word,) = asked
        having = corpus.having(analyser, [form for form in word.forms if len(form) == 1]) & allowed
        doubtful = having & _published_by(corpus, word, analyser)  # whose postings say nothing of their texts
        for at in np.flatnonzero(doubtful & (codes == code)).tolist():
            deadline.check()
            having[at] = _has_form(corpus, at, word, analyser)
        found |= having
        maybe |= corpus.having(analyser, [form for form in word.forms if len(form) > 1])
    for at in np.flatnonzero(maybe & ~found & allowed).tolist():
        deadline.check()
        found[at] = _has(corpus, at, excluded)
    return np.flatnonzero(found)


def _published_by(corpus: Corpus, word: words.QueryWord, analyser: words.Analyser) -> Mask:
    """Mark the articles whose publisher's name has a word."""
    mask = np.zeros(corpus.articles, dtype=np.bool_)
    for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
        for name, start, end in segment.facets.values.get("publisher", ()):
            if word.has_form_in(name, analyser):
                mask[base + segment.facets.articles[start:end]] = True
    return mask


def _has_form(corpus: Corpus, at: int, word: words.QueryWord, analyser: words.Analyser) -> bool:
    segment, article = corpus.of_article(at)
    read = segment.read(article)
    return word.has_form_in(f"{read.metadata.title}\n{read.text}", analyser)


def _has(corpus: Corpus, at: int, phrase: str) -> bool:
    segment, article = corpus.of_article(at)
    read = segment.read(article)
    return words.contains(read.metadata.title, phrase) or words.contains(read.text, phrase)
