"""The commands that fix an index, ready to be pasted."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from semsearch.types import Origin

_PACKAGE = Path(__file__).resolve().parent.parent

REINSTALL = "pip install --force-reinstall --no-deps semsearch"


@dataclass(frozen=True, slots=True)
class Remedies:
    """The commands to type for one index."""

    directory: Path  # as the user named it

    @property
    def is_shipped(self) -> bool:
        """Whether the index is part of the installed package, which only an installation may change."""
        return self.directory.resolve().is_relative_to(_PACKAGE)

    def reading(self, *words: str) -> str:
        """Return a command that changes nothing; words in capitals are for the reader to fill in."""
        return " ".join(["semsearch", *words, "-i", shlex.quote(str(self.directory))])

    def writing(self, *words: str) -> str:
        """Return a command that changes the index."""
        return REINSTALL if self.is_shipped else self.reading(*words)

    @property
    def repair(self) -> str:
        """Return the command that makes all safe repairs."""
        return self.writing("doctor", "--repair")

    @property
    def rebuild(self) -> str:
        """Return the command that rebuilds the index."""
        return self.writing("build", "PATH…", "--force")

    def pull(self, origin: Origin | None) -> str:
        """Return the command that fetches damaged files again from the index's origin."""
        if origin is None:
            return self.writing("pull", "SOURCE", "--force")
        return self.writing("pull", shlex.quote(origin.where))
