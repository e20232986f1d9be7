"""The only module that knows pyarrow: the columns of a Parquet file -> its rows as plain values."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from semsearch.errors import SourceError
from semsearch.sources.records.window import MOST_RECORD_BYTES

_BATCH_BYTES = 8 * 2**20
"""That a batch should have; how long its rows are is what the file itself says of them, on average."""

_MOST_BATCH_BYTES = 4 * MOST_RECORD_BYTES
_MOST_ROWS = 256
_MOST_COLUMNS = 10_000
_MOST_GROUP_BYTES = 16 * 2**30
_MOST_RATIO = 2_000
"""Of a row group's bytes to the file's. What packs better is a trap."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAMAGED = (pa.ArrowException, OSError, ValueError, LookupError, OverflowError, MemoryError, NotImplementedError)


def records(file: BinaryIO) -> Iterator[dict[str, object] | str]:
    """Yield each row, or why it cannot be used.

    Raises:
        SourceError: the file, or its rest, is damaged.
    """
    try:
        # Strings as dictionaries take no more memory than they do in the file, however often one is repeated.
        opened = pq.ParquetFile(file, pre_buffer=False, buffer_size=2**20)
        texts = [
            name
            for name, kind in zip(opened.schema_arrow.names, opened.schema_arrow.types, strict=True)
            if _texts(kind)
        ]
        opened = pq.ParquetFile(
            file, metadata=opened.metadata, read_dictionary=texts, pre_buffer=False, buffer_size=2**20
        )
    except _DAMAGED as error:
        raise SourceError(f"a damaged Parquet file ({_first_line(error)}). Fetch it again") from error
    if len(opened.schema_arrow.names) > _MOST_COLUMNS:
        raise SourceError(f"a Parquet file of more than {_MOST_COLUMNS:,} columns: write those of the articles alone")
    size = file.seek(0, 2)
    for group in range(opened.num_row_groups):
        try:
            yield from _rows(opened, group, size)
        except _DAMAGED as error:
            raise SourceError(
                f"its row group {group + 1} of {opened.num_row_groups} is damaged ({_first_line(error)}); what came "
                "before was kept. Fetch it again"
            ) from error


def _texts(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _rows(opened: pq.ParquetFile, group: int, size: int) -> Iterator[dict[str, object] | str]:
    said = opened.metadata.row_group(group)
    claimed = max(0, said.total_byte_size)
    if claimed > _MOST_GROUP_BYTES or claimed > _MOST_RATIO * size:
        raise SourceError(
            f"its row group {group + 1} unpacks to {claimed:,} bytes, of a file of {size:,}. Write it with smaller ones"
        )
    batch_rows = max(1, min(_MOST_ROWS, _BATCH_BYTES // max(1, claimed // max(1, said.num_rows))))
    for batch in opened.iter_batches(batch_size=batch_rows, row_groups=[group], use_threads=False):
        if batch.nbytes > _MOST_BATCH_BYTES:
            raise SourceError(f"{batch.num_rows} of its rows have {batch.nbytes:,} bytes: leave out what is no text")
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
    """Return a value as JSON would have it; dates as ISO 8601, those in a zone with its offset."""
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
        return _decoded(value)
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


def _decoded(value: bytes) -> str | None:
    """Return binary that is text; a picture is none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
