"""What is remembered of what was fetched, so that a second run asks for nothing twice: a file in the index's folder."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from semsearch import files
from semsearch.files import canonical_json, open_plain, remove, rename
from semsearch.network.validators import UNKNOWN, Validators

NAME = "fetched.json"
"""Of the file, in the index's folder, so that it goes where the articles go. Without it everything is fetched again."""

BUILDING = "building-fetched.json"
"""Of the file of an unfinished build, which may be to replace a finished index."""

_UNFINISHED = "building.json"
"""What the index's folder holds besides as long as a build is not finished."""

_VERSION = 2
_MOST_BYTES = 1 << 29

_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
"""As JSON writes what no text has: it could be read, and not written again."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page, or one sitemap of a list, as it was read for what lists it."""

    entry: str  # a digest of what was said of it; "" where that proves nothing
    validators: Validators = UNKNOWN
    read: bool = True  # else it has no article, and what the feed has of it stands


@dataclass(frozen=True, slots=True)
class FetchedRecord:
    """What lay at one address."""

    asked: str  # a digest of how it was read
    followed: bool = False  # whether the pages that it lists were fetched, too
    validators: Validators = UNKNOWN  # empty where something of it is still to be fetched
    pages: Mapping[str, PageRecord] = field(default_factory=dict)  # by address: those that it listed and that were read


class Memory:
    """The records of one index, by address.

    What is remembered is written by `save`, and only once the index holds what was read.

    Attributes:
        between_addresses: is called before each address is asked for, when all that was read before was handed on, so
            that it can be committed however seldom there is something new.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin without records; without the path of a file nothing is ever written."""
        self._path = path
        self._records: dict[str, FetchedRecord] = {}
        self._changed = False
        self.between_addresses: Callable[[], None] = lambda: None

    @classmethod
    def of(cls, index: Path) -> Self:
        """Read what is remembered of an index; raises OSError where the memory of its build cannot be made its own."""
        if (index / BUILDING).exists() and not _is_building(index):
            if (index / NAME).exists():
                remove(index / BUILDING)
            finish_build(index)  # which a build that was killed right after its end did not come to
        memory = cls(index / NAME)
        memory.load()
        return memory

    def load(self) -> None:
        """Read the file, if there is one; what cannot be read is nothing."""
        if self._path is None:
            return
        try:
            with open_plain(self._path) as stream:
                self._records = _records(stream.read(_MOST_BYTES))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            _logger.warning("%s cannot be read (%s): everything is fetched again", self._path, error)

    def recall(self, address: str, asked: str, *, follow: bool) -> FetchedRecord:
        """Return what is known of an address: nothing where it was read in another way.

        Whether it is unchanged says nothing where its pages are wanted, and were not fetched when it was read.
        """
        known = self._records.get(address)
        if known is None or known.asked != asked:
            return FetchedRecord(asked)
        return replace(known, validators=UNKNOWN) if follow and not known.followed else known

    def keep(self, address: str, record: FetchedRecord) -> None:
        """Remember what lay at an address."""
        self._records[address] = record
        self._changed = True

    def save(self) -> None:
        """Write what is remembered, once the index holds what was read; raises OSError."""
        if self._path and self._changed:
            files.replace(self._path, canonical_json({"version": _VERSION, "addresses": self._to_dict()}))
            self._changed = False

    def _to_dict(self) -> dict[str, object]:
        return {
            address: {
                "asked": record.asked,
                "followed": record.followed,
                "seen": _written(record.validators),
                "pages": {
                    page: [each.entry, each.read, *_written(each.validators)] for page, each in record.pages.items()
                },
            }
            for address, record in self._records.items()
        }


def forget(index: Path) -> None:
    """Remember nothing any more of an index that is about to lose articles which it had; raises OSError."""
    remove(index / NAME)
    if not _is_building(index):
        remove(index / BUILDING)


def forget_build(index: Path) -> None:
    """Remember nothing any more of a build that begins, or is given up; raises OSError.

    This comes before what there is of the build is removed: else its memory would pass for that of the index.
    """
    remove(index / BUILDING)


def finish_build(index: Path) -> None:
    """Let what is remembered of a build that is finished be of the index; raises OSError."""
    with suppress(FileNotFoundError):
        rename(index / BUILDING, index / NAME)


def _is_building(index: Path) -> bool:
    return (index / _UNFINISHED).exists()


def _written(validators: Validators) -> list[str]:
    return [validators.etag, validators.modified]


def _records(written: bytes) -> dict[str, FetchedRecord]:
    """Return the records of a file; raises ValueError, TypeError, KeyError or AttributeError where it is none."""
    if _HALF_A_CHARACTER.search(written):
        raise ValueError("it has what is no character")
    stored = json.loads(written)
    if not isinstance(stored, dict) or stored["version"] != _VERSION:
        raise ValueError("it is of another version")
    return {
        address: FetchedRecord(
            str(record["asked"]),
            record["followed"] is True,
            _read(record["seen"]),
            {
                page: PageRecord(str(entry), _read(validators), read is True)
                for page, (entry, read, *validators) in record["pages"].items()
            },
        )
        for address, record in stored["addresses"].items()
    }


def _read(written: object) -> Validators:
    if not isinstance(written, list) or len(written) != 2 or not all(isinstance(one, str) for one in written):
        raise ValueError("it is damaged")
    return Validators(*written)
