"""What may be shown for a query: filters, exclusions and phrases, as one mask of rows.

For phrases and exclusions postings propose, and the texts decide.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from semsearch import words
from semsearch.deadlines import Deadline
from semsearch.engines.local.columns import Mask
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.engines.local.lexical import term_key
from semsearch.ports import Ask
from semsearch.words.stretches import is_run


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
    wanted = words.phrase(phrase)
    mask = np.zeros(corpus.rows, dtype=np.bool_)
    for at in _articles_with_terms(corpus, phrase, allowed, within=True).tolist():
        deadline.check()
        segment, article = corpus.of_article(at)
        read = segment.read(article)
        first, last = corpus.article_rows[[at, at + 1]].tolist()
        if words.contains(read.metadata.title, wanted):
            mask[first:last] = True
        elif starts := _occurrences(read.text, wanted):
            begins = segment.spans[slice(*segment.first_rows[[article, article + 1]]), 0]
            mask[first + np.searchsorted(begins, starts, side="right") - 1] = True
    return mask


def _occurrences(text: str, wanted: tuple[str, ...]) -> list[int]:
    """Return where in a text these folded words begin to stand one after the other."""
    found = words.words(text)
    ends = np.cumsum([len(word) + 1 for word, _ in found], dtype=np.int64)
    joined = "".join(f"{word} " for word, _ in found)
    sought = "".join(f"{word} " for word in wanted)
    starts = []
    at = joined.find(sought)
    while at >= 0:
        number = int(np.searchsorted(ends, at, side="right"))
        if at == (ends[number - 1] if number else 0):
            starts.append(found[number][1][0])
        at = joined.find(sought, at + 1)
    return starts


def excluded_articles(corpus: Corpus, excluded: str, allowed: Mask, deadline: Deadline) -> Ints:
    """Return the articles that have a word, in any of its forms, or a phrase word for word."""
    wanted = words.phrase(excluded)
    found = _articles_with_terms(corpus, excluded, allowed, within=len(wanted) > 1)
    if len(wanted) == 1 and len(words.terms(excluded, "")) == 1:
        doubtful = _published_by(corpus, excluded)[found]  # whose postings say nothing of their texts
        sure, rest = found[~doubtful], found[doubtful]
        return np.concatenate([sure, _those(rest, lambda at: _has_term(corpus, at, excluded), deadline)])
    return _those(found, lambda at: _has(corpus, at, wanted), deadline)


def _those(articles: Ints, has: Callable[[int], bool], deadline: Deadline) -> Ints:
    """Return those of the articles of which something is so that only their texts can tell."""
    found = []
    for at in articles.tolist():
        deadline.check()
        if has(at):
            found.append(at)
    return np.array(found, dtype=np.int64)


def _published_by(corpus: Corpus, word: str) -> Mask:
    """Mark the articles whose publisher's name has a word in any of its forms."""
    names, _ = corpus.analysers
    wanted = {analyser: set(words.terms(word, analyser)) for analyser in names}
    mask = np.zeros(corpus.articles, dtype=np.bool_)
    for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
        for name, start, end in segment.facets.values.get("publisher", ()):
            if any(not own.isdisjoint(words.terms(name, analyser)) for analyser, own in wanted.items()):
                mask[base + segment.facets.articles[start:end]] = True
    return mask


def _has_term(corpus: Corpus, at: int, word: str) -> bool:
    segment, article = corpus.of_article(at)
    read = segment.read(article)
    names, codes = corpus.analysers
    analyser = names[codes[at]]
    return not set(words.terms(word, analyser)).isdisjoint(words.terms(f"{read.metadata.title}\n{read.text}", analyser))


def _has(corpus: Corpus, at: int, wanted: tuple[str, ...]) -> bool:
    segment, article = corpus.of_article(at)
    read = segment.read(article)
    return words.contains(read.metadata.title, wanted) or words.contains(read.text, wanted)


def _articles_with_terms(corpus: Corpus, text: str, allowed: Mask, *, within: bool = False) -> Ints:
    """Return the allowed articles that have every term of a text; none where it has no term.

    Args:
        within: the text may stand within another, where a character that is a run by itself may be part of a run.
    """
    having = np.zeros(corpus.articles, dtype=np.bool_)
    statistics = corpus.article_statistics
    for analyser in statistics.analysers:
        terms = set(words.terms(text, analyser))
        if within:
            terms = {term for term in terms if not is_run(term) or len(words.phrase(term)) > 1} or terms
        keys = np.array(sorted(term_key(analyser, term) for term in terms), dtype=np.uint64)
        _, places, _ = statistics.postings(keys)
        having |= bool(keys.size) & (np.bincount(places, minlength=corpus.articles) == keys.size)
    return np.flatnonzero(having & allowed)
