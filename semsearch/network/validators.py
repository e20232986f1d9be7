"""How a server tells one version of a file from another."""

import re
from dataclasses import dataclass

_STRONG = re.compile(r'"[!\x23-\x7e]*"')
_PRINTABLE = re.compile(r"[ -\x7e]+")


@dataclass(frozen=True, slots=True)
class Validators:
    """How a server tells one version of a file from another; "" for what it does not send."""

    etag: str = ""
    modified: str = ""

    def if_range(self) -> dict[str, str]:
        """Return the header that asks for a range of this version, or for all of any other version."""
        if _STRONG.fullmatch(self.etag):
            return {"If-Range": self.etag}
        return {"If-Range": self.modified} if _PRINTABLE.fullmatch(self.modified) else {}

    def if_changed(self) -> dict[str, str]:
        """Return the headers that ask for the file unless it is still this version."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if _PRINTABLE.fullmatch(value)}

    def contradict(self, others: "Validators") -> bool:
        """Tell whether two responses are of different versions; a missing value contradicts nothing."""
        if self.etag and others.etag:
            return self.etag != others.etag
        return bool(self.modified and others.modified) and self.modified != others.modified


UNKNOWN = Validators()
"""Of a version that is not known, or that its server does not tell from others."""
