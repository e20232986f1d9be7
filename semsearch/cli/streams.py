"""Input and output in the right encoding; text that cannot be decoded is refused, never dropped in silence.

Output for people may lose a character that their console cannot show. Output for programs is UTF-8, whatever the
console's encoding, and loses nothing.
"""

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO

import click

from semsearch.errors import UsageError

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATES = range(0xD800, 0xE000)
_SHOWN = 40


def show(pieces: Iterable[str], form: str = "text") -> None:
    """Write pieces of output to standard output, in the format of that name."""
    from semsearch.rendering.formats import FORMATS

    encoding = FORMATS[form].encoding
    for piece in pieces:
        if encoding == "terminal":
            click.echo(piece, nl=False)
        elif encoding == "json":
            tell_json(piece)
        else:
            _write(piece, sys.stdout, encoding)


def tell_json(text: str, *, err: bool = False) -> None:
    """Write JSON; in pure ASCII if the stream's encoding is not UTF-8."""
    stream = sys.stderr if err else sys.stdout
    _write(text if _is_utf8(stream) else _NOT_ASCII.sub(_json_escapes, text), stream)


def _write(text: str, stream: TextIO, encoding: str = "utf-8") -> None:
    """Write output for a program; newlines stay as they are."""
    if hasattr(stream, "buffer"):
        click.echo(text.encode(encoding, "backslashreplace"), file=stream, nl=False)
    else:  # a stream of text in memory has no encoding
        click.echo(text, file=stream, nl=False)


def _is_utf8(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    except (AttributeError, LookupError):
        return True


def _json_escapes(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def readable(text: str) -> str:
    """Return an argument that is not a file name; bytes that the locale could not decode are read as UTF-8.

    Raises:
        UsageError: they are not UTF-8.
    """
    if not _has_undecoded(text):
        return text
    try:
        return text.encode(sys.getfilesystemencoding(), "surrogateescape").decode()
    except UnicodeError:
        raise _encoding_error(text) from None


def typed_lines(stream: TextIO) -> Iterator[str]:
    """Yield the lines of a stream, decoded as UTF-8, else in the encoding that the stream was opened with.

    A line in neither encoding has its bytes escaped, and `check_line` refuses it.
    """
    declared = stream.encoding or "utf-8"
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    for line in stream:
        if not _has_undecoded(line):
            yield line
            continue
        try:
            yield line.encode("utf-8", "surrogateescape").decode(declared)
        except (UnicodeError, LookupError):
            yield line


def check_line(line: str) -> None:
    """Refuse a line that could not be decoded, or that has NUL characters and so is not text.

    Raises:
        UsageError: the message quotes the beginning of the line.
    """
    if _has_undecoded(line) or "\0" in line:
        raise _encoding_error(line)


def _has_undecoded(text: str) -> bool:
    return any(ord(char) in _SURROGATES for char in text)


def _encoding_error(text: str) -> UsageError:
    escaped = text.encode("ascii", "backslashreplace").decode().replace("\0", "\\0").replace("\\udc", "\\x")
    return UsageError(
        f"this is not UTF-8: {escaped[:_SHOWN]}{'…' if len(escaped) > _SHOWN else ''}",
        "write it in UTF-8: iconv -f LATIN1 -t UTF-8 FILE changes a file, LC_ALL=C.UTF-8 what a terminal sends",
    )


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Draw a progress bar on a terminal; the yielded function takes the bytes done and the total."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=hidden) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show
