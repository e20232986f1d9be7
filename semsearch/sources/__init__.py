"""Turns files, folders, standard input and what a program holds into articles, one at a time."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import replace
from functools import cache
from hashlib import sha256
from inspect import signature
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from semsearch.addresses import is_address
from semsearch.calendars import DateOrder
from semsearch.errors import NoSuchPathError, SourceError, UsageError
from semsearch.fetched import Memory
from semsearch.ports import Place
from semsearch.settings import Source
from semsearch.sources.compression import UnpackingBudget
from semsearch.sources.faults import UNEXPECTED as UNEXPECTED  # so that whoever counts losses knows a bug
from semsearch.sources.inputs import STDIN, Input, walk
from semsearch.sources.kinds import COMPRESSIONS
from semsearch.sources.nested import articles
from semsearch.sources.records.memory import articles as memory_articles
from semsearch.sources.records.memory import names_files
from semsearch.sources.streams import opened
from semsearch.sources.utf8 import printable
from semsearch.text import normalise_line
from semsearch.types import Article, Fetch, Skipped, Unreadable

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def read(
    paths: Paths | object,
    *,
    source: str | None = None,
    names: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    stdin: BinaryIO | None = None,
    on_bytes: Callable[[int], None] | None = None,
    fetch: bool | Fetch = False,
    memory: Memory | None = None,
    on_addresses: Callable[[int, int], None] | None = None,
) -> Iterator[Article | Skipped | Unreadable]:
    """Read the articles of files and folders, of standard input for "-", and of addresses where `fetch` allows it.

    One record at a time is in memory. Dicts with the names that readers know, data frames of pandas, polars and
    pyarrow, and texts are read, too. A record that cannot be used is a `Skipped`.

    Args:
        paths: a path, a list of them, or records: a dict, a data frame, a list or stream of dicts or texts.
        source: whose ids the records' own are, and their publisher where they name none.
        names: what a source calls things -> what they are: {"Headline": "title"}; before all names that are known.
            One that no record has is a `Skipped` at the end.
        date_order: whether the day ("dmy") or the month ("mdy") comes first in dates such as 03/04/2024; where it is
            None, and a file of records shows no order by itself, such dates are kept as they are written, and are none.
        stdin: what "-" reads; the process's own where it is None.
        on_bytes: is told how many more bytes were read, as they lie on disk; together they are what `measure` says.
        fetch: True, or how: fetch what is given as an address of a feed or a page. Nothing is fetched otherwise.
        memory: what an index remembers of what was fetched before, so that only what is new is read.
        on_addresses: is told how many addresses were asked for, and of how many: those given, and those that they list
            as far as these are known.

    Raises:
        NoSuchPathError: none of the paths exists. One that does not, among others, is an `Unreadable`.
        UsageError: nothing is given, or what holds no records, or an address without `fetch`.
    """
    if isinstance(paths, list | tuple) and not paths:
        raise UsageError("there is nothing to read", "name files, folders, or - for standard input")
    place = Place("", "", normalise_line(source or "") or None, names or {}, date_order)
    if not names_files(paths):
        return _with_names_unmet(memory_articles(paths, place, strict=False), place)
    named = _named(cast(Paths, paths))
    if fetch is False and (address := next(filter(_is_remote, named), None)):
        raise UsageError(f"{address} is an address, and nothing is fetched unless asked", "allow it: fetch=True")
    if not any(path == STDIN or _is_remote(path) or os.path.lexists(path) for path in named):
        listed = ", ".join(named[:3]) + (", …" if len(named) > 3 else "")
        hint = "a text is given as {'text': '…'}" if any(" " in path for path in named) else ""
        raise NoSuchPathError(f"no such file or folder: {listed}", hint)
    readings = _read_all(
        named,
        place,
        stdin,
        on_bytes or (lambda _: None),
        _allowed(fetch),
        memory or Memory(),
        on_addresses or (lambda _asked, _all: None),
    )
    return _with_names_unmet(readings, place)


def _with_names_unmet(
    readings: Iterator[Article | Skipped | Unreadable], place: Place
) -> Iterator[Article | Skipped | Unreadable]:
    """Yield what is read, then each name that was given and that no record had: most likely it is misspelt."""
    yield from readings
    for name, field in place.names.items():
        if name not in place.names_met:
            yield Skipped(f"{field}={name}", "no record has a field of this name")


def update(
    listed: Sequence[Source],
    *,
    names: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    fetch: Fetch,
    memory: Memory,
    on_addresses: Callable[[int, int], None],
) -> Iterator[Article | Skipped | Unreadable]:
    """Fetch what a settings file lists and yield the articles that are new there, or changed; as `read` does."""
    from semsearch.sources.remote.visits import Visits

    visits = Visits(fetch, memory, len(listed), on_addresses)
    for listing in listed:
        place = Place("", "", normalise_line(listing.name or "") or None, names or {}, date_order)
        yield from visits.read(listing.address, place, follow=listing.follow or fetch.follow)


def given(source: object, fetch: bool | Fetch, memory: Memory) -> Iterator[Article | Skipped | Unreadable]:
    """Read what is given to `Index.add`: as `read` does, but a record that cannot be used raises UsageError.

    A function reads by itself, and is given the memory.

    Of a list or a data frame all records are read before the first is returned, so that nothing is done where one is
    wrong; of a stream each as it comes.
    """
    if callable(source):
        try:
            signature(source).bind(memory=memory)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"the function that is to read takes no memory ({error})",
                "give functools.partial(semsearch.read, ADDRESS, fetch=True)",
            ) from error
        readings = source(memory=memory)
        if not isinstance(readings, Iterable):
            raise UsageError(
                f"the function that was to read returned {readings!r:.80}", "return what semsearch.read(…) yields"
            )
        return iter(readings)
    if names_files(source):
        return read(source, fetch=fetch, memory=memory)
    records = memory_articles(source, Place("", ""), strict=True)
    return iter(list(records)) if isinstance(source, Sized) else records


def measure(paths: Paths) -> int | None:
    """Return the bytes of the files that `read` would open, or None where a pipe or an address is among them."""
    if count_addresses(paths):
        return None
    total = 0
    for file in walk(_named(paths)):
        if isinstance(file, Input):
            if file.size_bytes is None:
                return None
            total += file.size_bytes
    return total


def state(
    paths: Paths,
    *,
    source: str | None = None,
    names: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
) -> str | None:
    """Return a digest that changes when any of the files does (name, size, time of change), or None for what has none.

    Two builds of the same state read the same articles, but for those at addresses, of which the second reads those
    that are new.
    """
    how = (source, sorted((names or {}).items()), *([date_order] if date_order else []))
    digest = sha256(repr(how).encode())
    named = _named(paths)
    digest.update(repr(sorted(filter(_is_remote, named))).encode())
    resolved = cache(Path.resolve)  # of a folder's files each has the same
    for file in walk([path for path in named if not _is_remote(path)]):
        if isinstance(file, Input):
            if file.path is None or file.size_bytes is None:
                return None
            try:
                changed = file.path.stat().st_mtime_ns
            except OSError:
                return None  # it went away just now
            place = resolved(file.path.parent) / file.path.name
            digest.update(repr((os.fsencode(place), file.size_bytes, changed)).encode())
    return digest.hexdigest()


def _named(paths: Paths) -> list[str]:
    return [os.fspath(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]


def count_addresses(paths: Paths) -> int:
    """Return how many of these are addresses, and no files."""
    return sum(map(_is_remote, _named(paths)))


def _is_remote(path: str) -> bool:
    return is_address(path) and not os.path.lexists(path)


def _allowed(fetch: bool | Fetch) -> Fetch:
    if not isinstance(fetch, bool | Fetch):
        raise UsageError(f"fetch is {fetch!r:.80}", "give True, or semsearch.Fetch(follow=True)")
    return fetch if isinstance(fetch, Fetch) else Fetch()


def _read_all(
    paths: list[str],
    given: Place,
    stdin: BinaryIO | None,
    on_bytes: Callable[[int], None],
    fetch: Fetch,
    memory: Memory,
    on_addresses: Callable[[int, int], None],
) -> Iterator[Article | Skipped | Unreadable]:
    visits = None
    for path in paths:
        if _is_remote(path):
            from semsearch.sources.remote.visits import Visits  # HTTP and TLS, which files do without

            visits = visits or Visits(fetch, memory, count_addresses(paths), on_addresses)
            yield from visits.read(path, given, follow=fetch.follow)
            continue
        for file in walk([path]):
            if isinstance(file, Input):
                yield from _read_one(file, given, stdin, on_bytes)
            else:
                yield file


def _read_one(
    file: Input, given: Place, stdin: BinaryIO | None, on_bytes: Callable[[int], None]
) -> Iterator[Article | Skipped | Unreadable]:
    consumed = 0
    budget = UnpackingBudget(file.size_bytes or 0)

    def count(more: int) -> None:
        nonlocal consumed
        consumed += more
        budget.read(more)
        on_bytes(more)

    place = replace(given, origin=file.origin, namespace=_namespace(file.path), file=file.file, budget=budget)
    try:
        with opened(file.path or stdin or sys.stdin.buffer, count, budget) as stream:
            yield from articles(stream, place, file.kind)
    except SourceError as error:
        yield Unreadable(file.origin, str(error))
    except OSError as error:
        yield Unreadable(file.origin, error.strerror or str(error))
    if file.size_bytes and consumed < file.size_bytes:
        on_bytes(file.size_bytes - consumed)  # so that the sum is what was announced


def _namespace(path: Path | None) -> str:
    """Return whose ids stand in a file where nobody says: its folder and name, compressed or not.

    The name alone would let two outlets' `articles.jsonl` overwrite each other's article 1. Of standard input nothing
    is known, and there a bare id proves nothing.
    """
    if path is None:
        return ""
    resolved = path.resolve()
    name = next(
        (stem for packed in COMPRESSIONS if (stem := resolved.name.removesuffix(packed)) != resolved.name),
        resolved.name,
    )
    return printable(PurePath(resolved.parent.name, name).as_posix())
