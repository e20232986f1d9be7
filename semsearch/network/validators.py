"""The validators by which a server tells one version of a file from another."""

import re
from dataclasses import dataclass

_STRONG = re.compile(r'"[!\x23-\x7e]*"')
_PRINTABLE = re.compile(r"[ -\x7e]+")


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server sends to tell one version of a file from another; "" for a header that it does not send."""

    etag: str = ""
    modified: str = ""

    def if_range(self) -> dict[str, str]:
        """Return the header that requests a range of this version, or all of any other version."""
        if _STRONG.fullmatch(self.etag):
            return {"If-Range": self.etag}
        return {"If-Range": self.modified} if _PRINTABLE.fullmatch(self.modified) else {}

    def if_changed(self) -> dict[str, str]:
        """Return the headers that request the file unless it is still this version."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if _PRINTABLE.fullmatch(value)}

    def contradict(self, other: "Validators") -> bool:
        """Tell whether two responses are of different versions; a missing value contradicts nothing."""
        if self.etag and other.etag:
            return self.etag != other.etag
        return bool(self.modified and other.modified) and self.modified != other.modified


UNKNOWN = Validators()
"""The validators of an unknown version, or of one that its server does not tell from others."""
