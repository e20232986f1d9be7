"""Faults of an index, and how to fix them."""

from dataclasses import asdict, dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of an index that is not what the manifest says."""

    path: str  # within the index's folder
    what: str  # "is missing", "is cut off: 3 of 10 bytes", …
    segment: str | None = None  # that the file belongs to

    def __str__(self) -> str:
        return f"{self.path} {self.what}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of comparing an index with its checksums."""

    generation: int | None  # None if the manifest cannot be read
    files: int  # that the manifest names, including itself
    size_bytes: int  # of these files according to the manifest
    damages: tuple[Damage, ...]
    notices: tuple[str, ...]  # about other files in the folder that do no harm

    def to_dict(self) -> dict[str, object]:
        """Return the object of `verify --json`."""
        return {"whole": not self.damages} | asdict(self)


class State(StrEnum):
    """The result of one check."""

    WELL = "well"
    NOTICE = "notice"  # worth knowing; nothing is wrong
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of an index or of this machine has found."""

    check: str  # a short name: "checksums", "encoder", …
    state: State
    said: str
    mend: str = ""  # the command that fixes it

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `doctor --json`."""
        return asdict(self)
