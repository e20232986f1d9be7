"""What an answer promises, looked at once more: what is about to be shown, against what was asked.

The engine decides by masks and postings, for all articles at once. Here the few that are shown are read, so that a
fault there is told as a bug and never shown as a hit.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from semsearch import words
from semsearch.addresses import host
from semsearch.bounds import span
from semsearch.errors import InternalError
from semsearch.language_names import language_key
from semsearch.origins import OriginPatterns
from semsearch.ports import Ask, Scored
from semsearch.text import name_key
from semsearch.types import Article, Filters, Metadata
from semsearch.words.stretches import is_run

_DAY_SECONDS = 86_400

_ROUNDING = 1e-9
"""By which a confidence may differ when it is computed with other ones."""


class Promises:
    """The conditions of one query."""

    def __init__(self, ask: Ask, relaxed: Sequence[str]) -> None:
        """Take the conditions of a query as it is answered.

        Args:
            relaxed: phrases that nothing has, which are no condition.
        """
        self._ask = ask
        self._phrases = [phrase for phrase in ask.phrases if phrase not in relaxed]

    def keep(self, article: Article | None, article_id: str) -> Article:
        """Return an article that is about to be shown, itself or as a copy.

        Raises:
            InternalError: there is none, or it does not meet the conditions.
        """
        if article is None or article.metadata.article_id != article_id:
            raise InternalError(f"article {article_id} was found and is not there")
        for broken in self._broken(article):
            raise InternalError(f"article {article_id} was found although {broken}")
        return article

    def keep_passages(self, article: Article, passages: Sequence[Scored]) -> None:
        """Look at the passages of an article that are about to be shown; raises InternalError where one must not be."""
        article_id = article.metadata.article_id
        if not passages:
            raise InternalError(f"article {article_id} was found and has no passage to show")
        for one in passages:
            # An index without texts knows all the same where each passage was.
            is_there = 0 <= one.start < one.end and (one.end <= len(article.text) or not article.text)
            if one.article_id != article_id or not is_there:
                raise InternalError(f"passage {one.ordinal} was found and is none of article {article_id}")
            if one.confidence < self._ask.least_confidence - _ROUNDING:
                raise InternalError(
                    f"passage {one.ordinal} of article {article_id} was found although its confidence, "
                    f"{one.confidence:.4f}, is less than was asked for, {self._ask.least_confidence:.4f}"
                )
            if self._phrases and not any(_begins(article, one, phrase) for phrase in self._phrases):
                raise InternalError(
                    f"passage {one.ordinal} of article {article_id} was found although none of the phrases begins there"
                )

    def _broken(self, article: Article) -> Iterator[str]:
        known = article.metadata
        if known.article_id == self._ask.without:
            yield "it is the one that others are compared with"
        yield from _unmet(self._ask.filters, known)
        for phrase in self._phrases:
            if not _has(article, phrase):
                yield f"it does not have the phrase “{phrase}”"
        for excluded in self._ask.excluded:
            if _has_excluded(article, excluded):
                yield f"it has “{excluded}”, which is excluded"


def _unmet(filters: Filters, known: Metadata) -> Iterator[str]:
    """Say which filters an article does not meet."""
    domain = (host(known.url) or "").removeprefix("www.")
    conditions: list[tuple[str, AbstractSet[str], Iterable[str | None]]] = [
        ("publisher", filters.publishers, [known.publisher, *known.tags.get("domain", ()), domain]),
        ("author", filters.authors, known.authors),
        ("language", filters.languages, [known.language]),
        ("section", filters.sections, [known.section]),
    ]
    if filters.origins and not OriginPatterns(filters.origins).match(known.origin):
        yield "its origin is another"
    for key in sorted({key for key, _ in filters.tags}):
        values = {value for name, value in filters.tags if name == key}
        conditions.append((f"tag “{key}”", values, known.tags.get(key, ())))
    for name, wanted, own in conditions:
        fold = language_key if name == "language" else name_key
        if wanted and {fold(value) for value in wanted}.isdisjoint(fold(value) for value in own if value):
            yield f"its {name} is another"
    yield from _untimely(filters, known)


def _untimely(filters: Filters, known: Metadata) -> Iterator[str]:
    published, new_since = known.published, filters.new_since
    days = published is not None and published.earliest % _DAY_SECONDS == 0 == (published.latest + 1) % _DAY_SECONDS
    since, until = span(filters, whole_days=days)
    if published is None:
        if filters.undated is False or (filters.undated is None and (since is not None or until is not None)):
            yield "it has no date"
    elif filters.undated == "only":
        yield f"it has a date, {published.text}"
    elif (since is not None and published.latest < since) or (until is not None and published.earliest >= until):
        yield f"it was published on {published.text}"
    if isinstance(new_since, int) and (
        known.indexed is None or datetime.fromisoformat(known.indexed).timestamp() < new_since
    ):
        yield f"it was indexed on {known.indexed}"


def _has(article: Article, phrase: str) -> bool:
    analyser, title = _analyser(article), article.metadata.title
    return words.contains(title, phrase, analyser) or words.contains(article.text, phrase, analyser)


def _begins(article: Article, passage: Scored, phrase: str) -> bool:
    """Say whether a phrase begins in a passage, or stands in the headline, which is that of every passage."""
    analyser = _analyser(article)
    if words.contains(article.metadata.title, phrase, analyser):
        return True
    return any(passage.start <= at < passage.end for at in words.occurrences(article.text, phrase, analyser))


def _analyser(article: Article) -> words.Analyser:
    return words.analyser_of(article.metadata.language, article.text)


def _has_excluded(article: Article, excluded: str) -> bool:
    """Say whether an article has one word in any of its forms, or several as they stand.

    Of a script without spaces only the headline is looked at: where passages part is where its words part.
    """
    title, text = article.metadata.title, article.text
    analyser = _analyser(article)
    asked = words.query_words(excluded, analyser)
    if len(asked) != 1:
        return bool(asked) and _has(article, excluded)
    parts = [title] if is_run(excluded) else [title, *text.split("\n\n")]
    if any(asked[0].has_form_in(part, analyser) for part in parts):
        return True
    return any(len(form) > 1 for form in asked[0].forms) and not is_run(excluded) and _has(article, excluded)
