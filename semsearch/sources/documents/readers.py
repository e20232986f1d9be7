"""The readers and openers of documents; each imports its module and libraries only when it is first used."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.ports import Member, Place
from semsearch.types import Article, Skipped


def read_pdf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Return the articles of a PDF."""
    from semsearch.sources.documents.pdf import read_pdf

    return read_pdf(stream, place)


def read_word(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Return the articles of a DOCX."""
    from semsearch.sources.documents.office import read_word

    return read_word(stream, place)


def read_open_document(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Return the articles of an ODT."""
    from semsearch.sources.documents.office import read_open_document

    return read_open_document(stream, place)


def read_rtf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Return the articles of an RTF."""
    from semsearch.sources.documents.rtf import read_rtf

    return read_rtf(stream, place)


def read_book(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Return the articles of an EPUB."""
    from semsearch.sources.documents.books import read_book

    return read_book(stream, place)


def open_message(stream: BinaryIO, place: Place) -> Iterator[Member | Article | Skipped]:
    """Return the contents of a message."""
    from semsearch.sources.documents.mail import open_message

    return open_message(stream, place)


def open_mailbox(stream: BinaryIO, place: Place) -> Iterator[Member | Article | Skipped]:
    """Return the contents of an mbox."""
    from semsearch.sources.documents.mail import open_mailbox

    return open_mailbox(stream, place)
