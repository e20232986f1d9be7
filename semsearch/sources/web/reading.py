"""Reads web pages: one article a page."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.types import Article, Skipped


def read_web_page(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    raise SourceError("not read yet")
