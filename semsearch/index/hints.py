"""Names the index in the hints of errors that are raised where its folder is not known: inside its arrays."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from semsearch.errors import StoredIndexError

Element = TypeVar("Element")


@contextmanager
def naming(location: Path) -> Iterator[None]:
    """Let errors about an index name it in their hint."""
    try:
        yield
    except StoredIndexError as error:
        error.name_index(location)
        raise


def naming_each(elements: Iterable[Element], location: Path) -> Iterator[Element]:
    """Yield the elements; errors on the way name the index in their hint."""
    with naming(location):
        yield from elements
