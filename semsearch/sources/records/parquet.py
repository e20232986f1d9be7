"""Reads Parquet: one article a row."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.records.day_parts import with_day
from semsearch.sources.records.pages import article_from
from semsearch.types import Article, Skipped


def read_parquet(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the rows of a Parquet file; their origins count from 1.

    Raises:
        SourceError: the file, or its rest, is damaged, or pyarrow is missing.
    """
    from semsearch.sources.streams import random_access

    try:
        from semsearch.sources.records.columns import records
    except ImportError as error:
        raise SourceError("Parquet is read with pyarrow, which is missing: pip install 'semsearch[parquet]'") from error
    for number, record in enumerate(records(random_access(stream)), 1):
        origin = f"{place.origin}#{number}"
        if isinstance(record, str):
            yield Skipped(origin, record)
        else:
            yield article_from(with_day(record), place, origin)
