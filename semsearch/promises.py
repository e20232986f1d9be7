"""Checks what an answer promises: that everything about to be shown meets the conditions of the query.

The engine decides by masks and postings, for all articles at once. Here the few articles that are shown are read, so
that a fault of the engine is reported as a bug and never shown as a hit.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from semsearch import words
from semsearch.addresses import host
from semsearch.bounds import span
from semsearch.errors import InternalError
from semsearch.facets import key_of
from semsearch.origins import OriginPatterns
from semsearch.ports import Ask, Scored
from semsearch.types import Article, Filters, Metadata
from semsearch.words.stretches import is_run

_DAY_SECONDS = 86_400

_ROUNDING = 1e-9
"""How much a confidence may differ when it is computed together with others."""


class Promises:
    """The conditions of one query, which hits are checked against."""

    def __init__(self, ask: Ask, relaxed: Sequence[str]) -> None:
        """Take the conditions from a query.

        Args:
            relaxed: phrases that no article has; they are no condition.
        """
        self._ask = ask
        self._phrases = [phrase for phrase in ask.phrases if phrase not in relaxed]

    def keep(self, article: Article | None, article_id: str) -> Article:
        """Return an article that is about to be shown, as a hit or a copy.

        Raises:
            InternalError: it does not exist, or does not meet the conditions.
        """
        if article is None or article.metadata.article_id != article_id:
            raise InternalError(f"article {article_id} was found and is not there")
        for broken in self._broken_conditions(article):
            raise InternalError(f"article {article_id} was found although {broken}")
        return article

    def keep_passages(self, article: Article, passages: Sequence[Scored]) -> None:
        """Check the passages of an article that are about to be shown; raises InternalError if one must not be."""
        article_id = article.metadata.article_id
        if not passages:
            raise InternalError(f"article {article_id} was found and has no passage to show")
        for passage in passages:
            # An index without texts still knows where each passage was.
            is_there = 0 <= passage.start < passage.end and (passage.end <= len(article.text) or not article.text)
            if passage.article_id != article_id or not is_there:
                raise InternalError(f"passage {passage.ordinal} was found and is none of article {article_id}")
            if passage.confidence < self._ask.least_confidence - _ROUNDING:
                raise InternalError(
                    f"passage {passage.ordinal} of article {article_id} was found although its confidence, "
                    f"{passage.confidence:.4f}, is less than was asked for, {self._ask.least_confidence:.4f}"
                )
            if self._phrases and not any(_phrase_begins(article, passage, phrase) for phrase in self._phrases):
                raise InternalError(
                    f"passage {passage.ordinal} of article {article_id} was found "
                    "although none of the phrases begins there"
                )

    def _broken_conditions(self, article: Article) -> Iterator[str]:
        metadata = article.metadata
        if metadata.article_id == self._ask.without:
            yield "it is the one that others are compared with"
        yield from _unmet_filters(self._ask.filters, metadata)
        for phrase in self._phrases:
            if not _has_phrase(article, phrase):
                yield f"it does not have the phrase “{phrase}”"
        for excluded in self._ask.excluded:
            if _has_excluded(article, excluded):
                yield f"it has “{excluded}”, which is excluded"


def _unmet_filters(filters: Filters, metadata: Metadata) -> Iterator[str]:
    """Yield which filters an article does not meet, as parts of a message."""
    domain = (host(metadata.url) or "").removeprefix("www.")
    conditions: list[tuple[str, AbstractSet[str], Iterable[str | None]]] = [
        ("publisher", filters.publishers, [metadata.publisher, *metadata.tags.get("domain", ()), domain]),
        ("author", filters.authors, metadata.authors),
        ("language", filters.languages, [metadata.language]),
        ("section", filters.sections, [metadata.section]),
    ]
    if filters.origins and not OriginPatterns(filters.origins).match(metadata.origin):
        yield "its origin is another"
    for key in sorted({key for key, _ in filters.tags}):
        wanted_values = {value for name, value in filters.tags if name == key}
        conditions.append((f"tag “{key}”", wanted_values, metadata.tags.get(key, ())))
    for name, wanted, values in conditions:
        fold = key_of(name)
        if wanted and {fold(value) for value in wanted}.isdisjoint(fold(value) for value in values if value):
            yield f"its {name} is another"
    yield from _unmet_dates(filters, metadata)


def _unmet_dates(filters: Filters, metadata: Metadata) -> Iterator[str]:
    published, new_since = metadata.published, filters.new_since
    ends = (published.earliest, published.latest + 1) if published else ()
    since, until = span(filters, whole_days=bool(ends) and not any(end % _DAY_SECONDS for end in ends))
    if published is None:
        if filters.undated is False or (filters.undated is None and (since is not None or until is not None)):
            yield "it has no date"
    elif filters.undated == "only":
        yield f"it has a date, {published.text}"
    elif (since is not None and published.latest < since) or (until is not None and published.earliest >= until):
        yield f"it was published on {published.text}"
    if isinstance(new_since, int) and (
        metadata.indexed is None or datetime.fromisoformat(metadata.indexed).timestamp() < new_since
    ):
        yield f"it was indexed on {metadata.indexed}"


def _has_phrase(article: Article, phrase: str) -> bool:
    analyser, title = _analyser(article), article.metadata.title
    return words.contains(title, phrase, analyser) or words.contains(article.text, phrase, analyser)


def _phrase_begins(article: Article, passage: Scored, phrase: str) -> bool:
    """Tell whether a phrase begins in a passage, or is in the headline, which belongs to every passage."""
    analyser = _analyser(article)
    if words.contains(article.metadata.title, phrase, analyser):
        return True
    return any(passage.start <= offset < passage.end for offset in words.occurrences(article.text, phrase, analyser))


def _analyser(article: Article) -> words.Analyser:
    return words.analyser_of(article.metadata.language, article.text)


def _has_excluded(article: Article, excluded: str) -> bool:
    """Tell whether an article has one word in any of its forms, or several words as they are written.

    For a script without spaces only the headline is read: passages may end within its words.
    """
    title, text = article.metadata.title, article.text
    analyser = _analyser(article)
    excluded_words = words.query_words(excluded, analyser)
    if len(excluded_words) != 1:
        return bool(excluded_words) and _has_phrase(article, excluded)
    parts = [title] if is_run(excluded) else [title, *text.split("\n\n")]
    if any(excluded_words[0].has_form_in(part, analyser) for part in parts):
        return True
    is_several_terms = any(len(form) > 1 for form in excluded_words[0].forms)
    return is_several_terms and not is_run(excluded) and _has_phrase(article, excluded)
