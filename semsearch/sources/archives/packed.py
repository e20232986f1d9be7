"""Opens zip and tar, member by member, in memory."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Member, Place
from semsearch.types import Skipped


def open_zip(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    raise SourceError("not opened yet")


def open_tar(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    raise SourceError("not opened yet")
