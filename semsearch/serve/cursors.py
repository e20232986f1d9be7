"""Cursors: where in which answer of which generation to go on."""

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
    query: str  # digest of what was asked
    offset: int  # hits before it
    as_of: int  # UTC second that relative dates counted back from

    def written(self) -> str:
        """Return it as a text that an address can have."""
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode().rstrip("=")


def read_cursor(written: str) -> Cursor:
    """Read what `written` returned; raises ParameterError where it is something else."""
    try:
        padded = written.encode("ascii") + b"=" * (-len(written) % 4)
        value = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        value = None
    if not isinstance(value, list) or [type(one) for one in value] != [str, str, int, int] or min(value[2:]) < 0:
        raise ParameterError("cursor", "this is no cursor", "send back what Next-Cursor said")
    version, query, offset, as_of = value
    return Cursor(version, query, offset, as_of)


def digest_of(values: Values) -> str:
    """Return what tells one question from another: everything but where in its answer to begin."""
    asked = {name: value for name, value in values.items() if name not in ("cursor", "offset")}
    return hashlib.sha256(json_text(asked, pretty=False).encode()).hexdigest()[:16]
