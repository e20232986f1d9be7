"""Cursors, which clients send back to get the next hits of an answer, from the same generation."""

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass

from semsearch.rendering import json_text
from semsearch.serve.parameters import ParameterError, Values


@dataclass(frozen=True)
class Cursor:
    """A place in an answer."""

    version: str  # of the generation
    query: str  # digest of the request's parameters
    offset: int  # number of hits before it
    as_of: int  # UTC second that relative dates counted back from

    def written(self) -> str:
        """Return the cursor as a text that may be part of an address."""
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Read what `written` returned; raises ParameterError for any other text."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        value = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        value = None
    if not isinstance(value, list) or [type(item) for item in value] != [str, str, int, int] or min(value[2:]) < 0:
        raise ParameterError("cursor", "this is no cursor", "send back what Next-Cursor said")
    version, query, offset, as_of = value
    return Cursor(version, query, offset, as_of)


def digest_of(values: Values) -> str:
    """Return a digest of a request's parameters, without those that say where in the answer to begin."""
    question = {name: value for name, value in values.items() if name not in ("cursor", "offset")}
    return hashlib.sha256(json_text(question, pretty=False).encode()).hexdigest()[:16]
