"""The only module that knows warcio: opens WARC, WET and ARC."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Member, Place
from semsearch.types import Skipped


def open_crawl(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    raise SourceError("not opened yet")
