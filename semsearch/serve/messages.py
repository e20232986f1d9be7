"""Messages between the server and its search processes: a line of JSON, and as many bytes as the line says."""

import json
from collections.abc import Mapping
from typing import IO, Any, NamedTuple


class Message(NamedTuple):
    """One message."""

    fields: Mapping[str, Any]
    body: bytes = b""


def write_message(stream: IO[bytes], message: Message) -> None:
    """Write a message; raises OSError where nobody reads any more."""
    line = json.dumps({**message.fields, "bytes": len(message.body)}).encode("ascii")
    stream.write(line + b"\n" + message.body)
    stream.flush()


def read_message(stream: IO[bytes]) -> Message | None:
    """Return the next message, or None where the other side has ended."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    fields = json.loads(line)
    size = fields.pop("bytes")
    body = stream.read(size)
    return Message(fields, body) if len(body) == size else None
