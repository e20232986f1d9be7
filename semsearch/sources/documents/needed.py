"""The error where a library that a kind of file needs is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from semsearch.errors import SourceError


@contextmanager
def needed(kind: str, extra: str) -> Iterator[None]:
    """Turn a failed import into a SourceError that says what to install to read files of a kind."""
    try:
        yield
    except ImportError as error:
        raise SourceError(f"{kind} files need another library: pip install 'semsearch[{extra}]'") from error
