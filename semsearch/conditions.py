"""What a user's conditions mean: turns filters and other choices as they were given into those that an engine takes."""

import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from enum import Enum
from typing import Any, TypeVar

from semsearch import bounds
from semsearch.checks import shown
from semsearch.errors import UsageError
from semsearch.language_names import nearest, primary_tag
from semsearch.types import FILTER_NAMES, NAME_FILTERS, UNDATED, Filters

Given = Filters | Mapping[str, object]
"""Filters, or a mapping of the same by their names, as in `Filters` or in an answer's JSON."""

_SETS = tuple(by_name.field for by_name in NAME_FILTERS)

_Member = TypeVar("_Member", bound=Enum)


def member(kind: type[_Member], value: object, name: str) -> _Member:
    """Return a member of an enumeration, given as itself or by its value.

    Args:
        name: of the argument.

    Raises:
        UsageError: there is no such member.
    """
    try:
        return kind(value)
    except ValueError as error:
        members = ", ".join(str(valid_member.value) for valid_member in kind)
        raise UsageError(f"{name} is {shown(value)}", f"use one of {members}") from error


def whole_number(name: str, number: object) -> int:
    """Return a whole number of any type, 2.0, too, as an int; raises UsageError if it is none."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    if not isinstance(number, bool) and hasattr(number, "__index__"):
        return operator.index(number)
    raise UsageError(f"{name} is {number!r:.40} ({type(number).__name__})", "write a whole number")


def taken(filters: Given | None) -> Filters:
    """Return filters, whether given as such or as a mapping.

    Raises:
        UsageError: it is neither, or names something that is not a condition.
    """
    if filters is None:
        return Filters()
    if isinstance(filters, Filters):
        return filters
    if not isinstance(filters, Mapping):
        raise UsageError(
            f"filters is {type(filters).__name__}, neither Filters nor a dict",
            'write Filters(publishers={"…"}) or {"publishers": ["…"]}',
        )
    if unknown := [str(name) for name in filters if name not in FILTER_NAMES]:
        near = get_close_matches(unknown[0], FILTER_NAMES, 1)
        hint = f"did you mean {near[0]}?" if near else f"the conditions are {', '.join(FILTER_NAMES)}"
        raise UsageError(f"there is no condition {unknown[0]!r}", hint)
    conditions: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    for name in (*_SETS, "tags"):
        if isinstance(conditions.get(name), str):
            conditions[name] = [conditions[name]]
    if isinstance(pairs := conditions.get("tags"), Mapping):
        conditions["tags"] = [(key, value) for key, values in pairs.items() for value in _one_or_more(values)]
    elif isinstance(pairs, Iterable):
        conditions["tags"] = [tuple(tag.split("=", 1)) if isinstance(tag, str) and "=" in tag else tag for tag in pairs]
    if isinstance(undated := conditions.get("undated"), str):
        conditions["undated"] = UNDATED.get(undated, undated)
    return Filters(**conditions)


def _one_or_more(values: object) -> Iterable[object]:
    return values if isinstance(values, Iterable) and not isinstance(values, str) else [values]


def resolved(filters: Filters, as_of: int) -> Filters:
    """Return filters with bounds in UTC seconds and languages by their primary tags.

    Args:
        as_of: UTC seconds that relative dates count back from.

    Raises:
        UsageError: a condition is invalid; the message says which, and what to write.
    """
    sets: dict[str, Any] = {name: _texts(name, getattr(filters, name)) for name in _SETS}
    sets["languages"] = frozenset(map(_language, sets["languages"]))
    tags = frozenset(map(_tag, _members("tags", filters.tags)))
    undated = filters.undated if isinstance(filters.undated, bool | str) else None
    if undated is not filters.undated or undated not in (None, *UNDATED.values()):
        raise UsageError(f"undated is {filters.undated!r:.40}", 'it is True, False, "only" or None')
    if filters.undated == "only" and (filters.since is not None or filters.until is not None):
        raise UsageError("an article without a date is in no range of dates", "leave out since and until, or undated")
    return bounds.resolve(replace(filters, **sets, tags=tags), as_of)


def _members(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, str):
        raise UsageError(f"{name} is a text, not a set of them", f'write {name}={{"…"}}')
    if not isinstance(value, Iterable):
        raise UsageError(f"{name} is {type(value).__name__}, not a set", f'write {name}={{"…"}}')
    return list(value)


def _texts(name: str, value: object) -> frozenset[str]:
    members = _members(name, value)
    if wrong := [member for member in members if not isinstance(member, str)]:
        raise UsageError(f"{name} has {wrong[0]!r:.40} ({type(wrong[0]).__name__}), not a text", "write texts alone")
    return frozenset(str(member) for member in members)


def _tag(pair: object) -> tuple[str, str]:
    if isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(part, str) for part in pair):
        return pair[0], pair[1]
    raise UsageError(f"the tag {pair!r:.80} is not a key and a value", 'write tags={("KEY", "VALUE")}')


def _language(name: str) -> str:
    """Return the primary tag of a language, by the rules for articles."""
    if tag := primary_tag(name):
        return tag
    close = nearest(name)
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    raise UsageError(f"{name!r:.80} names no language", f"{meant}write a code or a name: en, en-GB, English")
