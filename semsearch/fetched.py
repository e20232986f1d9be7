"""Remembers what was fetched, in a file in the index's folder, so that later runs fetch only what is new."""

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
"""The file in the index's folder, so that it goes where the articles go. Without it everything is fetched again."""

BUILDING = "building-fetched.json"
"""The file of an unfinished build, which may be going to replace a finished index."""

_UNFINISHED = "building.json"
"""The file in the index's folder that shows that a build is not finished."""

_VERSION = 2
_MOST_BYTES = 1 << 29

_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
"""How JSON writes half of a surrogate pair: it could be read, but not written again."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page of a feed or sitemap, or one sitemap of a list, that was read."""

    entry: str  # a digest of its entry in the list; "" if an unchanged entry proves nothing
    validators: Validators = UNKNOWN
    read: bool = True  # False: it has no article, and the feed's own article counts


@dataclass(frozen=True, slots=True)
class FetchedRecord:
    """What was fetched from one address."""

    settings_digest: str  # of how it was read
    followed: bool = False  # the pages that it lists were fetched, too
    validators: Validators = UNKNOWN  # unknown if some of its pages are still to be fetched
    pages: Mapping[str, PageRecord] = field(default_factory=dict)  # by address: listed pages that were read


class Memory:
    """The records of one index, by address.

    They are written by `save`, and only once the index holds what was read.

    Attributes:
        between_addresses: called before each address is fetched, when all earlier readings were handed on, so that
            these can be committed even if new ones are rare.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin without records; without a path nothing is ever written."""
        self._path = path
        self._records: dict[str, FetchedRecord] = {}
        self._changed = False
        self.between_addresses: Callable[[], None] = lambda: None

    @classmethod
    def of(cls, index: Path) -> Self:
        """Read the memory of an index; raises OSError if that of a finished build cannot take its place."""
        if (index / BUILDING).exists() and not _is_building(index):
            if (index / NAME).exists():
                remove(index / BUILDING)
            finish_build(index)  # a build that was killed at its very end did not get to it
        memory = cls(index / NAME)
        memory.load()
        return memory

    def load(self) -> None:
        """Read the file, if there is one; a file that cannot be read counts as empty."""
        if self._path is None:
            return
        try:
            with open_plain(self._path) as stream:
                self._records = _records(stream.read(_MOST_BYTES))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            _logger.warning("%s cannot be read (%s): everything is fetched again", self._path, error)

    def recall(self, address: str, settings_digest: str, *, follow: bool) -> FetchedRecord:
        """Return what is remembered of an address; nothing if it was read with other settings.

        To `follow` an address whose pages were not fetched, its validators are left out: it must be read again even if
        it is unchanged.
        """
        record = self._records.get(address)
        if record is None or record.settings_digest != settings_digest:
            return FetchedRecord(settings_digest)
        return replace(record, validators=UNKNOWN) if follow and not record.followed else record

    def keep(self, address: str, record: FetchedRecord) -> None:
        """Remember what was fetched from an address."""
        self._records[address] = record
        self._changed = True

    def save(self) -> None:
        """Write the records, once the index holds what was read; raises OSError."""
        if self._path and self._changed:
            files.replace(self._path, canonical_json({"version": _VERSION, "addresses": self._to_dict()}))
            self._changed = False

    def _to_dict(self) -> dict[str, object]:
        return {
            address: {
                "asked": record.settings_digest,
                "followed": record.followed,
                "seen": _to_list(record.validators),
                "pages": {
                    page: [page_record.entry, page_record.read, *_to_list(page_record.validators)]
                    for page, page_record in record.pages.items()
                },
            }
            for address, record in self._records.items()
        }


def forget(index: Path) -> None:
    """Forget what was fetched for an index that is about to lose articles; raises OSError."""
    remove(index / NAME)
    if not _is_building(index):
        remove(index / BUILDING)


def forget_build(index: Path) -> None:
    """Forget what was fetched for a build that begins, or is given up; raises OSError.

    Call this before the build itself is removed: otherwise its memory would be taken for that of the index.
    """
    remove(index / BUILDING)


def finish_build(index: Path) -> None:
    """Make the memory of a finished build that of the index; raises OSError."""
    with suppress(FileNotFoundError):
        rename(index / BUILDING, index / NAME)


def _is_building(index: Path) -> bool:
    return (index / _UNFINISHED).exists()


def _to_list(validators: Validators) -> list[str]:
    return [validators.etag, validators.modified]


def _records(content: bytes) -> dict[str, FetchedRecord]:
    """Return the records in a file; raises ValueError, TypeError, KeyError or AttributeError if it is damaged."""
    if _HALF_A_CHARACTER.search(content):
        raise ValueError("it has what is no character")
    stored = json.loads(content)
    if not isinstance(stored, dict) or stored["version"] != _VERSION:
        raise ValueError("it is of another version")
    return {
        address: FetchedRecord(
            str(record["asked"]),
            record["followed"] is True,
            _to_validators(record["seen"]),
            {
                page: PageRecord(str(entry), _to_validators(validators), read is True)
                for page, (entry, read, *validators) in record["pages"].items()
            },
        )
        for address, record in stored["addresses"].items()
    }


def _to_validators(stored: object) -> Validators:
    if not isinstance(stored, list) or len(stored) != 2 or not all(isinstance(value, str) for value in stored):
        raise ValueError("it is damaged")
    return Validators(*stored)
