"""Filters and queries from the keyword arguments of Python calls; contradictions are refused."""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from semsearch import conditions
from semsearch.errors import UsageError
from semsearch.types import FILTER_NAMES, Filters, Query

DEFAULT_K = 10

_QUERY_NAMES = tuple(field.name for field in fields(Query) if field.name not in ("text", "k", "filters", "notices"))


def filters_of(filters: conditions.Given | None, arguments: Mapping[str, object]) -> Filters:
    """Return the filters that a call asks for.

    Args:
        filters: as a whole.
        arguments: one by one, by the names of `Filters`; None for no condition.

    Raises:
        UsageError: there is no such argument, or a condition is given twice.
    """
    _check_names(arguments, FILTER_NAMES)
    conditions_by_name = {name: value for name, value in arguments.items() if value is not None}
    given_filters = conditions.taken(filters)
    defaults = Filters()
    if twice := [name for name in conditions_by_name if getattr(given_filters, name) != getattr(defaults, name)]:
        raise UsageError(f"{twice[0]} is given twice: in filters and as an argument", "leave out one of the two")
    if not conditions_by_name:
        return given_filters
    return conditions.taken({name: getattr(given_filters, name) for name in FILTER_NAMES} | conditions_by_name)


def query_of(
    text: str | Query, k: int | None, filters: conditions.Given | None, arguments: Mapping[str, object]
) -> Query:
    """Return the query that a call asks for.

    Args:
        text: plain, or a Query, with which nothing else may be given.
        k: None for 10.
        arguments: by the names of `Query` and of `Filters`.

    Raises:
        UsageError: there is no such argument, something is given twice, or together with a Query.
    """
    _check_names(arguments, (*_QUERY_NAMES, *FILTER_NAMES), ("k", "filters"))
    if isinstance(text, Query):
        extra = [name for name, value in ({"k": k, "filters": filters} | dict(arguments)).items() if value is not None]
        if extra:
            raise UsageError(
                f"{', '.join(extra)} given beside a Query, which has its own",
                f"give plain text, or put it into the Query: dataclasses.replace(query, {extra[0]}=…)",
            )
        return text
    conditions_given = {name: value for name, value in arguments.items() if name in FILTER_NAMES}
    # None means the default, except for the timeout, where it means any time.
    settings: dict[str, Any] = {
        name: value
        for name, value in arguments.items()
        if name in _QUERY_NAMES and (value is not None or name == "timeout")
    }
    return Query(text, DEFAULT_K if k is None else k, filters_of(filters, conditions_given), **settings)


def _check_names(
    arguments: Mapping[str, object], names: tuple[str, ...], own_names: tuple[str, ...] = ("filters",)
) -> None:
    """Refuse an argument that has no such name; `own_names` are those that the call itself takes."""
    for name in arguments:
        if name not in names:
            suggestions = get_close_matches(name, names, 1)
            hint = (
                f"did you mean {suggestions[0]}?"
                if suggestions
                else f"the arguments are {', '.join((*own_names, *names))}"
            )
            raise UsageError(f"there is no argument {name!r}", hint)
