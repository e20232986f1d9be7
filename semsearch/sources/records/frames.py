"""Data frames that were written as one object, column by column or with their names apart -> a record a row.

pandas writes them so: `orient="columns"` (its default), "split", "tight" and "table"; `to_dict("list")` has a list for
each column.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import count

from semsearch.errors import SourceError
from semsearch.sources.facts.fields import FIELDS, fold
from semsearch.sources.records.envelopes import LostRecords, labelled, tells
from semsearch.sources.records.window import MOST_RECORD_BYTES, Window

_SPLIT = frozenset(("columns", "data"))
_BESIDE = _SPLIT | {"index", "index_names", "column_names"}
_TABLE = frozenset(("schema", "data"))
_KNOWN = frozenset(name for names in FIELDS.values() for name in names) | {"rendered", "value", "raw", "plain", "main"}
"""Folded names under which an article's own objects have something: such an object is no column."""

_NAME = rb'"((?:[^"\\]|\\.){0,200})"\s*:\s*'
_COLUMNS_BEGIN = re.compile(rb"\{\s*" + _NAME + rb"\{\s*" + _NAME + rb"(?![\s{\[])")
_SPLIT_BEGINS = re.compile(rb'\{\s*"columns"\s*:\s*\[')

Row = dict[str, object] | LostRecords


def rows(record: Mapping[str, object], given: AbstractSet[str] = frozenset()) -> Iterator[Row] | None:
    """Return the rows of a data frame, each as a record; None where an object is none.

    Args:
        given: names of columns that somebody gave to an article's nouns (`--map`).
    """
    if _SPLIT <= record.keys() <= _BESIDE:
        names = record["columns"]
        known = isinstance(names, list) and _tells(dict.fromkeys(map(str, names), 1), given)
        return _split(record["columns"], record["data"], record.get("index")) if known else None
    if record.keys() == _TABLE:
        return _table(record["schema"], record["data"])
    if not _tells(record, given):
        return None
    columns = list(record.values())
    if all(isinstance(column, Mapping) for column in columns):
        return _by_label(record)
    if all(isinstance(column, list) for column in columns) and len({len(column) for column in columns}) == 1:  # type: ignore[arg-type]
        return _by_place(record)
    return None


def _tells(record: Mapping[str, object], given: AbstractSet[str]) -> bool:
    return tells(record) or not given.isdisjoint(record)


def refuse_large(window: Window) -> None:
    """Refuse a data frame that begins here and is too large for its rows to be put together.

    Raises:
        SourceError: it is one; the message names how it is arranged, and how to write it.
    """
    orient = _orient(window)
    if orient:
        raise SourceError(
            f'is a data frame that was written with orient="{orient}", of more than {MOST_RECORD_BYTES // 2**20} MiB: '
            'its rows are spread over all of it. Write it with orient="records", lines=True'
        )


def _orient(window: Window) -> str:
    if window.begins_with(_SPLIT_BEGINS):
        return "split"
    found = window.begins_with(_COLUMNS_BEGIN)
    if not found:
        return ""
    column, label = (fold(name.decode(errors="replace")) for name in found.groups())
    return "columns" if label not in _KNOWN and (column in _KNOWN or label.isdigit()) else ""


def _by_label(record: Mapping[str, object]) -> Iterator[Row] | None:
    columns = {name: column for name, column in record.items() if isinstance(column, Mapping)}
    labels = next(iter(columns.values())).keys()
    if not labels or any(column.keys() != labels for column in columns.values()):
        return None
    if any(fold(label) in _KNOWN for label in labels):
        return None
    return (
        labelled(label, {name: column[label] for name, column in columns.items()}, place)
        for place, label in enumerate(labels)
    )


def _by_place(record: Mapping[str, object]) -> Iterator[Row] | None:
    columns = {name: column for name, column in record.items() if isinstance(column, list)}
    if len(next(iter(columns.values()))) < 2:  # Solr has a list of one for each of an article's fields
        return None
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _split(names: object, data: object, labels: object) -> Iterator[Row] | None:
    if not isinstance(names, list) or not isinstance(data, list):
        return None
    if not all(isinstance(values, list) for values in data):
        return None
    known = labels if isinstance(labels, list) and len(labels) == len(data) else range(len(data))
    return _rows(list(map(str, names)), data, known)


def _rows(names: Sequence[str], data: Sequence[Sequence[object]], labels: Sequence[object]) -> Iterator[Row]:
    for place, values, label in zip(count(), data, labels, strict=False):
        if len(values) != len(names):
            yield LostRecords(f"a row of {len(values):,} values under {len(names):,} names")
        else:
            yield labelled(str(label), dict(zip(names, values, strict=True)), place)


def _table(schema: object, data: object) -> Iterator[Row] | None:
    if not isinstance(schema, Mapping) or not isinstance(schema.get("fields"), list) or not isinstance(data, list):
        return None
    return (_without_place(one, place) for place, one in enumerate(data))


def _without_place(one: object, place: int) -> Row:
    if not isinstance(one, dict):
        return LostRecords("a row that is no object")
    return {name: value for name, value in one.items() if (name, value) != ("index", place)}
