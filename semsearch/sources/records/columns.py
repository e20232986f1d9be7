"""Turns the columns of a Parquet file into rows of plain values; the only module that imports pyarrow."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from semsearch.errors import SourceError
from semsearch.sources.records.window import MOST_RECORD_BYTES

_BATCH_BYTES = 8 * 2**20
"""The size a batch aims at; the length of its rows is the average that the file itself states."""

_MOST_BATCH_BYTES = 4 * MOST_RECORD_BYTES
_MOST_ROWS = 256
_MOST_COLUMNS = 10_000
_MOST_GROUP_BYTES = 16 * 2**30
_MOST_RATIO = 2_000
"""A row group's unpacked bytes to the file's. Whatever packs better is a trap."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAMAGED = (pa.ArrowException, OSError, ValueError, LookupError, OverflowError, MemoryError, NotImplementedError)


def records(file: BinaryIO) -> Iterator[dict[str, object] | str]:
    """Yield each row, or the reason why it cannot be used.

    Raises:
        SourceError: the file, or its rest, is damaged.
    """
    try:
        # Read as dictionaries, strings take no more memory than in the file, however often one is repeated.
        parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=2**20)
        text_columns = [
            name
            for name, kind in zip(parquet.schema_arrow.names, parquet.schema_arrow.types, strict=True)
            if _is_text(kind)
        ]
        parquet = pq.ParquetFile(
            file, metadata=parquet.metadata, read_dictionary=text_columns, pre_buffer=False, buffer_size=2**20
        )
    except _DAMAGED as error:
        raise SourceError(f"a damaged Parquet file ({_first_line(error)}). Fetch it again") from error
    if len(parquet.schema_arrow.names) > _MOST_COLUMNS:
        raise SourceError(f"a Parquet file of more than {_MOST_COLUMNS:,} columns: write those of the articles alone")
    size = file.seek(0, 2)
    for group in range(parquet.num_row_groups):
        try:
            yield from _rows(parquet, group, size)
        except _DAMAGED as error:
            raise SourceError(
                f"its row group {group + 1} of {parquet.num_row_groups} is damaged ({_first_line(error)}); what came "
                "before was kept. Fetch it again"
            ) from error


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _rows(parquet: pq.ParquetFile, group: int, size: int) -> Iterator[dict[str, object] | str]:
    group_metadata = parquet.metadata.row_group(group)
    claimed = max(0, group_metadata.total_byte_size)
    if claimed > _MOST_GROUP_BYTES or claimed > _MOST_RATIO * size:
        raise SourceError(
            f"its row group {group + 1} unpacks to {claimed:,} bytes, of a file of {size:,}. Write it with smaller ones"
        )
    batch_rows = max(1, min(_MOST_ROWS, _BATCH_BYTES // max(1, claimed // max(1, group_metadata.num_rows))))
    for batch in parquet.iter_batches(batch_size=batch_rows, row_groups=[group], use_threads=False):
        if batch.nbytes > _MOST_BATCH_BYTES:
            raise SourceError(f"{batch.num_rows} of its rows have {batch.nbytes:,} bytes: leave out what is not text")
        names, columns = batch.schema.names, batch.columns
        for row in range(batch.num_rows):
            yield _record(names, columns, row)


def _record(names: list[str], columns: list[Any], row: int) -> dict[str, object] | str:
    record: dict[str, object] = {}
    for name, column in zip(names, columns, strict=True):
        try:
            value = _plain(column[row])
        except _DAMAGED as error:
            return f"a value of column {name} cannot be read: {_first_line(error)}"
        if record.get(name) is None:
            record[name] = value
    return record


def _plain(scalar: Any) -> object:
    """Return a value as JSON would hold it: dates as ISO 8601, with an offset where they have a zone."""
    kind = scalar.type
    if not scalar.is_valid:
        return None
    if pa.types.is_dictionary(kind):
        return _plain(scalar.dictionary[scalar.index.as_py()])
    if pa.types.is_timestamp(kind):
        return _instant(scalar.value, kind.unit, kind.tz)
    if pa.types.is_struct(kind):
        return {field.name: _plain(value) for field, value in zip(kind, scalar.values(), strict=True)}
    if pa.types.is_map(kind):
        return {str(_plain(entry["key"])): _plain(entry["value"]) for entry in scalar.values or ()}
    if pa.types.is_nested(kind):
        # A long list of numbers is a vector, which says nothing here.
        return None if pa.types.is_primitive(kind.value_type) else [_plain(value) for value in scalar.values or ()]
    value = scalar.as_py()
    if isinstance(value, bytes):
        return _decoded_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str | bool | int | float) else str(value)


def _instant(value: int, unit: str, zone: str | None) -> str:
    seconds, fraction = divmod(value, _UNITS[unit])
    instant = _EPOCH + timedelta(seconds=seconds, microseconds=fraction * 1_000_000 // _UNITS[unit])
    if zone is None:
        return instant.replace(tzinfo=None).isoformat()
    try:
        return instant.astimezone(ZoneInfo(zone)).isoformat()
    except (ValueError, OSError, OverflowError, KeyError):  # such as "+02:00"
        return instant.isoformat()


def _decoded_text(value: bytes) -> str | None:
    """Return bytes as text; None if they are not text, such as a picture."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
