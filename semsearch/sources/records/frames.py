"""Turns a data frame that was written as one JSON object, not as a list of rows, into a record for each row.

pandas writes such objects with `orient="columns"` (its default), "split", "tight" and "table"; `to_dict("list")` has
a list for each column.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import count

from semsearch.errors import SourceError
from semsearch.sources.facts.fields import FIELDS, fold
from semsearch.sources.records.envelopes import LostRecords, labelled, looks_like_article
from semsearch.sources.records.window import MOST_RECORD_BYTES, Window

_SPLIT = frozenset(("columns", "data"))
_BESIDE = _SPLIT | {"index", "index_names", "column_names"}
_TABLE = frozenset(("schema", "data"))
_KNOWN = frozenset(name for names in FIELDS.values() for name in names) | {"rendered", "value", "raw", "plain", "main"}
"""Folded names that occur in an article's own objects; an object with one of them is not a column."""

_NAME = rb'"((?:[^"\\]|\\.){0,200})"\s*:\s*'
_COLUMNS_BEGIN = re.compile(rb"\{\s*" + _NAME + rb"\{\s*" + _NAME + rb"(?![\s{\[])")
_SPLIT_BEGINS = re.compile(rb'\{\s*"columns"\s*:\s*\[')

Row = dict[str, object] | LostRecords


def rows(record: Mapping[str, object], mapped_names: AbstractSet[str] = frozenset()) -> Iterator[Row] | None:
    """Return the rows of a data frame, each as a record; None if the object is not a data frame.

    Args:
        mapped_names: names of columns that the user mapped to fields of an article (`--map`).
    """
    if _SPLIT <= record.keys() <= _BESIDE:
        names = record["columns"]
        names_fields = isinstance(names, list) and _names_fields(dict.fromkeys(map(str, names), 1), mapped_names)
        return _split_rows(record["columns"], record["data"], record.get("index")) if names_fields else None
    if record.keys() == _TABLE:
        return _table_rows(record["schema"], record["data"])
    if not _names_fields(record, mapped_names):
        return None
    columns = list(record.values())
    if all(isinstance(column, Mapping) for column in columns):
        return _rows_by_label(record)
    if all(isinstance(column, list) for column in columns) and len({len(column) for column in columns}) == 1:  # type: ignore[arg-type]
        return _rows_by_position(record)
    return None


def _names_fields(record: Mapping[str, object], mapped_names: AbstractSet[str]) -> bool:
    return looks_like_article(record) or not mapped_names.isdisjoint(record)


def refuse_large(window: Window) -> None:
    """Refuse a data frame that begins here and is too large for its rows to be put together.

    Raises:
        SourceError: such a frame begins here; the message names its layout, and says how to write it instead.
    """
    orient = _orient_of(window)
    if orient:
        raise SourceError(
            f'is a data frame that was written with orient="{orient}", of more than {MOST_RECORD_BYTES // 2**20} MiB: '
            'its rows are spread over all of it. Write it with orient="records", lines=True'
        )


def _orient_of(window: Window) -> str:
    """Return the pandas `orient` of the data frame that begins here; "" if none does."""
    if window.begins_with(_SPLIT_BEGINS):
        return "split"
    match = window.begins_with(_COLUMNS_BEGIN)
    if not match:
        return ""
    column, label = (fold(name.decode(errors="replace")) for name in match.groups())
    return "columns" if label not in _KNOWN and (column in _KNOWN or label.isdigit()) else ""


def _rows_by_label(record: Mapping[str, object]) -> Iterator[Row] | None:
    columns = {name: column for name, column in record.items() if isinstance(column, Mapping)}
    labels = next(iter(columns.values())).keys()
    if not labels or any(column.keys() != labels for column in columns.values()):
        return None
    if any(fold(label) in _KNOWN for label in labels):
        return None
    return (
        labelled(label, {name: column[label] for name, column in columns.items()}, position)
        for position, label in enumerate(labels)
    )


def _rows_by_position(record: Mapping[str, object]) -> Iterator[Row] | None:
    columns = {name: column for name, column in record.items() if isinstance(column, list)}
    if len(next(iter(columns.values()))) < 2:  # Solr has a list of one value for each field of an article
        return None
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _split_rows(names: object, data: object, labels: object) -> Iterator[Row] | None:
    if not isinstance(names, list) or not isinstance(data, list):
        return None
    if not all(isinstance(values, list) for values in data):
        return None
    row_labels = labels if isinstance(labels, list) and len(labels) == len(data) else range(len(data))
    return _labelled_rows(list(map(str, names)), data, row_labels)


def _labelled_rows(names: Sequence[str], data: Sequence[Sequence[object]], labels: Sequence[object]) -> Iterator[Row]:
    for position, values, label in zip(count(), data, labels, strict=False):
        if len(values) != len(names):
            yield LostRecords(f"a row of {len(values):,} values under {len(names):,} names")
        else:
            yield labelled(str(label), dict(zip(names, values, strict=True)), position)


def _table_rows(schema: object, data: object) -> Iterator[Row] | None:
    if not isinstance(schema, Mapping) or not isinstance(schema.get("fields"), list) or not isinstance(data, list):
        return None
    return (_without_position(row, position) for position, row in enumerate(data))


def _without_position(row: object, position: int) -> Row:
    if not isinstance(row, dict):
        return LostRecords("a row that is no object")
    return {name: value for name, value in row.items() if (name, value) != ("index", position)}
