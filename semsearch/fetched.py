"""What is remembered of what was fetched, so that a second run asks for nothing twice: a small file in the index."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from semsearch.files import canonical_json, open_plain, remove, replace
from semsearch.network.validators import UNKNOWN, Validators

NAME = "fetched.json"
"""Of the file, in the index's folder, so that it goes where the articles go. Without it everything is fetched again."""

_VERSION = 1
_MOST_BYTES = 1 << 26

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page as it was read for an entry of a feed."""

    entry: str  # a digest of what the feed said of it
    validators: Validators = UNKNOWN


@dataclass(frozen=True, slots=True)
class Record:
    """What lay at one address."""

    asked: str  # a digest of how it was read
    validators: Validators = UNKNOWN  # empty where something of it is still to be fetched
    pages: Mapping[str, PageRecord] = field(default_factory=dict)  # by address: those that it listed and that were read


class Memory:
    """The records of one index, by address. Nothing is written before `save`: what was read may not have been kept."""

    def __init__(self, index: Path | None = None) -> None:
        """Begin without records; without an index nothing is ever written."""
        self._path = index / NAME if index else None
        self._records: dict[str, Record] = {}
        self._changed = False

    @classmethod
    def of(cls, index: Path) -> Self:
        """Read what is remembered of an index; what cannot be read is nothing."""
        memory = cls(index)
        try:
            with open_plain(index / NAME) as stream:
                memory._records = _records(json.loads(stream.read(_MOST_BYTES)))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _logger.warning("%s cannot be read (%s): everything is fetched again", index / NAME, error)
        return memory

    def recall(self, address: str, asked: str) -> Record:
        """Return what is known of an address, nothing where it was read in another way."""
        known = self._records.get(address)
        return known if known and known.asked == asked else Record(asked)

    def keep(self, address: str, record: Record) -> None:
        """Remember what lay at an address."""
        self._records[address] = record
        self._changed = True

    def save(self) -> None:
        """Write what is remembered, once the index holds what was read; raises OSError."""
        if self._path and self._changed:
            replace(self._path, canonical_json({"version": _VERSION, "addresses": self._to_dict()}))

    def _to_dict(self) -> dict[str, object]:
        return {
            address: {
                "asked": record.asked,
                "seen": _written(record.validators),
                "pages": {page: [one.entry, *_written(one.validators)] for page, one in record.pages.items()},
            }
            for address, record in self._records.items()
        }


def forget(index: Path) -> None:
    """Remember nothing any more of an index that is about to lose articles which it had; raises OSError."""
    remove(index / NAME)


def _written(validators: Validators) -> list[str]:
    return [validators.etag, validators.modified]


def _records(stored: object) -> dict[str, Record]:
    """Return the records of a file; raises ValueError, TypeError, KeyError or AttributeError where it is none."""
    if not isinstance(stored, dict) or stored["version"] != _VERSION:
        raise ValueError("it is of another version")
    return {
        address: Record(
            str(record["asked"]),
            _read(record["seen"]),
            {page: PageRecord(str(one[0]), _read(one[1:])) for page, one in record["pages"].items()},
        )
        for address, record in stored["addresses"].items()
    }


def _read(written: object) -> Validators:
    if not isinstance(written, list) or len(written) != 2 or not all(isinstance(one, str) for one in written):
        raise ValueError("it is damaged")
    return Validators(*written)
