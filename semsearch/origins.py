"""Which files a pattern names, of those that articles were read from."""

import re
from collections.abc import Iterable
from fnmatch import translate

from semsearch.text import normalised


class OriginPatterns:
    """Patterns as a shell has them: `*`, `?` and `[abc]`, which a slash stops from nothing; case does not count.

    A pattern names a file by its whole path, by its last part, or by a folder that it lies in.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._named = [re.compile(translate(_folded(pattern).strip("/"))) for pattern in patterns]

    def match(self, origin: str | None) -> bool:
        """Tell whether a pattern names a file."""
        if origin is None:
            return False
        path = _folded(origin)
        parts = path.split("/")
        names = {path, parts[-1], *("/".join(parts[:end]) for end in range(1, len(parts)))}
        return any(pattern.fullmatch(name) for pattern in self._named for name in names)


def _folded(path: str) -> str:
    """Return a path without regard to case, and to how its accents are encoded: macOS takes them apart."""
    return normalised("NFC", path.casefold())
