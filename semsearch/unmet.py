"""Conditions that no article meets, and the names that may have been meant."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from semsearch.ports import Engine
from semsearch.text import name_key
from semsearch.types import NAME_FILTERS, Filters, Metadata, NameFilter

_LANGUAGES = 8
"""Of an index that has not the one that was asked for."""

_READ = 20_000
"""Newest articles in which a name is looked for that may have been meant."""

_SUGGESTED = 3
_LEAST_ALIKE = 70.0
"""Of 100, by rapidfuzz: a slip of the pen, an abbreviation, or a part of the name."""


def unmet(filters: Filters, engine: Engine, check: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Say which conditions no article meets, even alone, and which names come close.

    Args:
        filters: resolved.
        check: is called now and then; raises where there is no time left.
    """
    for by_name in NAME_FILTERS:
        for value in sorted(getattr(filters, by_name.field)):
            check()
            if not _any(engine, {by_name.field: frozenset([value])}):
                yield f"no article has the {by_name.singular} “{value}”{_instead(engine, by_name, value)}"
    for key, value in sorted(filters.tags):
        check()
        if not _any(engine, {"tags": frozenset([(key, value)])}):
            yield f"no article has the tag “{key}={value}”"


def _any(engine: Engine, condition: dict[str, Any]) -> bool:
    return next(engine.articles(Filters(**condition)), None) is not None


def _instead(engine: Engine, by_name: NameFilter, value: str) -> str:
    if by_name.field == "languages":
        return f"; there are {_languages(engine)}"
    near = _nearest(value, by_name, islice(engine.articles(Filters()), _READ))
    named = [f"“{name}”" for name in near]
    return f"; did you mean {' or '.join(named)}?" if named else ""


def _languages(engine: Engine) -> str:
    """Name the languages of an index, the most frequent first."""
    named = [language for language in engine.stats().languages if language]
    more = f" and {len(named) - _LANGUAGES:,} more" if len(named) > _LANGUAGES else ""
    return ", ".join(named[:_LANGUAGES]) + more if named else "none stated"


def _nearest(value: str, by_name: NameFilter, articles: Iterator[Metadata]) -> list[str]:
    from rapidfuzz import fuzz, process  # takes longer to load than most queries to answer

    names = dict.fromkeys(name for article in articles for name in by_name.names_of(article) if name)
    found = process.extract(
        value, list(names), scorer=fuzz.WRatio, processor=name_key, limit=_SUGGESTED, score_cutoff=_LEAST_ALIKE
    )
    return [name for name, _, _ in found]
