"""Conditions that no article meets, and the names that may be meant."""

from collections.abc import Callable, Iterator
from typing import Any

from semsearch.ports import ArticleColumns, Engine
from semsearch.text import counted, name_key
from semsearch.types import NAME_FILTERS, Filters, NameFilter

_LANGUAGES = 8
"""Languages of the index that are listed if it does not have the one that was asked for."""

_SUGGESTED = 3
_LEAST_ALIKE = 70.0
"""Least likeness of 100, by rapidfuzz: a typing error, an abbreviation, or a part of the name."""


def unmet(filters: Filters, engine: Engine, check: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Yield messages about conditions that no article meets, even if they were the only ones, with similar names.

    Args:
        filters: resolved.
        check: is called now and then; raises if there is no time left.
    """
    for by_name in NAME_FILTERS:
        for value in sorted(getattr(filters, by_name.field)):
            check()
            if not _has_any(engine, {by_name.field: frozenset([value])}):
                yield f"no article has the {by_name.singular} “{value}”{_suggestion(engine, by_name, value)}"
    for key, value in sorted(filters.tags):
        check()
        if not _has_any(engine, {"tags": frozenset([(key, value)])}):
            yield f"no article has the tag “{key}={value}”"
    dates = {name: getattr(filters, name) for name in ("since", "until") if getattr(filters, name) is not None}
    if dates and filters.undated is not True and not _has_any(engine, dates):
        yield f"no article was published in that time; {_dates(engine)}"


def _dates(engine: Engine) -> str:
    """Return the time that an index covers, and how many articles no condition on dates can find."""
    stats = engine.stats()
    if not stats.first:
        return "none has a date"
    undated = f", and {counted(stats.undated, 'article has', 'articles have')} none" if stats.undated else ""
    return f"the dates go from {stats.first} to {stats.last}{undated}"


def _has_any(engine: Engine, condition: dict[str, Any]) -> bool:
    return next(engine.articles(Filters(**condition)), None) is not None


def _suggestion(engine: Engine, by_name: NameFilter, value: str) -> str:
    if by_name.field == "languages":
        return f"; there are {_languages(engine)}"
    names = _nearest_names(value, by_name, engine.columns(Filters()))
    quoted = [f"“{name}”" for name in names]
    return f"; did you mean {' or '.join(quoted)}?" if quoted else ""


def _languages(engine: Engine) -> str:
    """Return the languages of an index as a text, the most frequent first."""
    languages = [language for language in engine.stats().languages if language]
    more = f" and {len(languages) - _LANGUAGES:,} more" if len(languages) > _LANGUAGES else ""
    return ", ".join(languages[:_LANGUAGES]) + more if languages else "none stated"


def _nearest_names(value: str, by_name: NameFilter, columns: ArticleColumns) -> list[str]:
    from rapidfuzz import fuzz, process  # takes longer to load than most queries to answer

    names = dict.fromkeys(
        name
        for column in by_name.columns
        for name, articles in columns.values(column).items()
        if columns.living[articles].any()
    )
    matches = process.extract(
        value, list(names), scorer=fuzz.WRatio, processor=name_key, limit=_SUGGESTED, score_cutoff=_LEAST_ALIKE
    )
    return [name for name, _, _ in matches]
