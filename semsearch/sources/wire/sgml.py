"""Reads the SGML of the Reuters collections."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.types import Article, Skipped


def read_sgml(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    raise SourceError("not read yet")
