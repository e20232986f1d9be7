"""Which of the files that articles were read from a pattern names."""

import re
from collections.abc import Iterable
from fnmatch import translate

from semsearch.text import normalised


class OriginPatterns:
    """Patterns as in a shell: `*`, `?` and `[abc]`, which match slashes, too; case does not matter.

    A pattern names a file by its whole path, by the last part of it, or by a folder that holds the file.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(translate(_folded_path(pattern).strip("/"))) for pattern in patterns]

    def match(self, origin: str | None) -> bool:
        """Tell whether a pattern names a file."""
        if origin is None:
            return False
        path = _folded_path(origin)
        parts = path.split("/")
        names = {path, parts[-1], *("/".join(parts[:end]) for end in range(1, len(parts)))}
        return any(pattern.fullmatch(name) for pattern in self._patterns for name in names)


def _folded_path(path: str) -> str:
    """Return a path in one case and one encoding of accents, which macOS decomposes."""
    return normalised("NFC", path.casefold())
