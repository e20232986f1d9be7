"""What goes out and comes in: for programs UTF-8, whatever the console's encoding is; nothing unreadable in silence.

What people read may lose a character that their console cannot show; what programs read loses nothing.
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
    """Write JSON: where the stream has another encoding than UTF-8, in ASCII, which is the same in all of them."""
    stream = sys.stderr if err else sys.stdout
    _write(text if _is_utf8(stream) else _NOT_ASCII.sub(_escaped, text), stream)


def _write(text: str, stream: TextIO, encoding: str = "utf-8") -> None:
    """Write what a program reads; newlines stay as they are."""
    if hasattr(stream, "buffer"):
        click.echo(text.encode(encoding, "backslashreplace"), file=stream, nl=False)
    else:  # a stream of characters has no encoding
        click.echo(text, file=stream, nl=False)


def _is_utf8(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"
    except (AttributeError, LookupError):
        return True


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def readable(text: str) -> str:
    """Return an argument that is no file's name; bytes that the locale could not decode are taken for UTF-8.

    Raises:
        UsageError: they are not that.
    """
    if not _undecoded(text):
        return text
    try:
        return text.encode(sys.getfilesystemencoding(), "surrogateescape").decode()
    except UnicodeError:
        raise _unreadable(text) from None


def typed_lines(stream: TextIO) -> Iterator[str]:
    """Yield the lines of a stream: of UTF-8, else of the encoding that the stream was opened with.

    What is neither comes with its bytes escaped, for `check_line` to refuse.
    """
    declared = stream.encoding or "utf-8"
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    for line in stream:
        if not _undecoded(line):
            yield line
            continue
        try:
            yield line.encode("utf-8", "surrogateescape").decode(declared)
        except (UnicodeError, LookupError):
            yield line


def check_line(line: str) -> None:
    """Refuse a line that could not be decoded, or was decoded from what is no text.

    Raises:
        UsageError: it says how the line begins.
    """
    if _undecoded(line) or "\0" in line:
        raise _unreadable(line)


def _undecoded(text: str) -> bool:
    return any(ord(char) in _SURROGATES for char in text)


def _unreadable(text: str) -> UsageError:
    shown = text.encode("ascii", "backslashreplace").decode().replace("\0", "\\0").replace("\\udc", "\\x")
    return UsageError(
        f"this is not UTF-8: {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}",
        "write it in UTF-8: iconv -f LATIN1 -t UTF-8 FILE changes a file, LC_ALL=C.UTF-8 what a terminal sends",
    )


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what draws a bar from counts of bytes: on a terminal only."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=hidden) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show
