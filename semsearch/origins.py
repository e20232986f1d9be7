"""Which files a pattern names, of those that articles were read from."""

import re
from collections.abc import Iterable
from fnmatch import translate


class OriginPatterns:
    """Patterns as a shell has them: `*`, `?` and `[abc]`, which a slash stops from nothing; case does not count.

    A pattern names a file by its whole path, by its last part, or by a folder that it lies in.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        named = [re.compile(translate(pattern.casefold().strip("/"))) for pattern in patterns]
        self._named = named

    def match(self, origin: str | None) -> bool:
        """Tell whether a pattern names a file."""
        if origin is None:
            return False
        path = origin.casefold()
        parts = path.split("/")
        names = {path, parts[-1], *("/".join(parts[:end]) for end in range(1, len(parts)))}
        return any(pattern.fullmatch(name) for pattern in self._named for name in names)
