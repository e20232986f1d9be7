"""Turns files, folders, standard input and a program's own records into articles, one at a time."""

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
from semsearch.sources.faults import UNEXPECTED as UNEXPECTED  # tells a bug from other losses
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
    """Read the articles of files and folders, of standard input for "-", and of addresses if `fetch` allows it.

    Only one record at a time is in memory. Dicts with the names that readers know, data frames of pandas, polars and
    pyarrow, and texts can be read, too. A record that cannot be used is yielded as a `Skipped`.

    Args:
        paths: a path, a list of them, or records: a dict, a data frame, a list or stream of dicts or texts.
        source: the publisher of records that name none, and the namespace of all ids that records have.
        names: the source's own names -> fields, such as {"Headline": "title"}, ahead of all known names. A name that no
            record has is a `Skipped` at the end.
        date_order: whether the day ("dmy") or the month ("mdy") comes first in dates such as 03/04/2024. With None, and
            if a file of records does not show the order itself, such dates are not read, only kept as written.
        stdin: what "-" reads; None for the standard input of the process.
        on_bytes: called with the number of further bytes read, as they are on disk; the sum is that of `measure`.
        fetch: True, or how: fetch addresses of feeds and pages. Otherwise nothing is fetched.
        memory: what an index remembers of earlier fetches, so that only new articles are read.
        on_addresses: called with the number of addresses requested, and of all: those given, and those that they list
            as far as these are known.

    Raises:
        NoSuchPathError: none of the paths exists. If only some do not, each of these is an `Unreadable`.
        UsageError: nothing is given, or something that holds no records, or an address without `fetch`.
    """
    if isinstance(paths, list | tuple) and not paths:
        raise UsageError("there is nothing to read", "name files, folders, or - for standard input")
    place = Place("", "", normalise_line(source or "") or None, names or {}, date_order)
    if not names_files(paths):
        return _with_names_unmet(memory_articles(paths, place, strict=False), place)
    path_list = _as_strings(cast(Paths, paths))
    if fetch is False and (address := next(filter(_is_remote, path_list), None)):
        raise UsageError(f"{address} is an address, and nothing is fetched unless asked", "allow it: fetch=True")
    if not any(path == STDIN or _is_remote(path) or os.path.lexists(path) for path in path_list):
        first_paths = ", ".join(path_list[:3]) + (", …" if len(path_list) > 3 else "")
        hint = "a text is given as {'text': '…'}" if any(" " in path for path in path_list) else ""
        raise NoSuchPathError(f"no such file or folder: {first_paths}", hint)
    readings = _read_all(
        path_list,
        place,
        stdin,
        on_bytes or (lambda _: None),
        _fetch_settings(fetch),
        memory or Memory(),
        on_addresses or (lambda _asked, _all: None),
    )
    return _with_names_unmet(readings, place)


def _with_names_unmet(
    readings: Iterator[Article | Skipped | Unreadable], place: Place
) -> Iterator[Article | Skipped | Unreadable]:
    """Yield the readings, then a note on each mapped name that no record has, since it is most likely misspelt."""
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
    """Fetch the sources that a settings file lists, and yield new and changed articles, as `read` does."""
    from semsearch.sources.remote.visits import Visits

    visits = Visits(fetch, memory, len(listed), on_addresses)
    for listing in listed:
        place = Place("", "", normalise_line(listing.name or "") or None, names or {}, date_order)
        yield from visits.read(listing.address, place, follow=listing.follow or fetch.follow)


def given(source: object, fetch: bool | Fetch, memory: Memory) -> Iterator[Article | Skipped | Unreadable]:
    """Read what is given to `Index.add`: like `read`, but a record that cannot be used raises UsageError.

    A function reads by itself, with the memory as its argument.

    Of a list or a data frame all records are read before the first is returned, so that nothing is done if one is
    wrong; of a stream each is read when it comes.
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
    """Return the bytes of the files that `read` would open; None if a pipe or an address is among them."""
    if count_addresses(paths):
        return None
    total = 0
    for file in walk(_as_strings(paths)):
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
    """Return a digest that changes when any file does (its name, size or time of change); None if a file has no state.

    Two builds of the same state read the same articles, except at addresses, where the second reads the new ones.
    """
    settings = (source, sorted((names or {}).items()), *([date_order] if date_order else []))
    digest = sha256(repr(settings).encode())
    path_list = _as_strings(paths)
    digest.update(repr(sorted(filter(_is_remote, path_list))).encode())
    resolved = cache(Path.resolve)  # it is the same for all files of a folder
    for file in walk([path for path in path_list if not _is_remote(path)]):
        if isinstance(file, Input):
            if file.path is None or file.size_bytes is None:
                return None
            try:
                modified_ns = file.path.stat().st_mtime_ns
            except OSError:
                return None  # it was just removed
            resolved_path = resolved(file.path.parent) / file.path.name
            digest.update(repr((os.fsencode(resolved_path), file.size_bytes, modified_ns)).encode())
    return digest.hexdigest()


def _as_strings(paths: Paths) -> list[str]:
    return [os.fspath(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]


def count_addresses(paths: Paths) -> int:
    """Return how many of the paths are addresses and not files."""
    return sum(map(_is_remote, _as_strings(paths)))


def _is_remote(path: str) -> bool:
    return is_address(path) and not os.path.lexists(path)


def _fetch_settings(fetch: bool | Fetch) -> Fetch:
    if not isinstance(fetch, bool | Fetch):
        raise UsageError(f"fetch is {fetch!r:.80}", "give True, or semsearch.Fetch(follow=True)")
    return fetch if isinstance(fetch, Fetch) else Fetch()


def _read_all(
    paths: list[str],
    base: Place,
    stdin: BinaryIO | None,
    on_bytes: Callable[[int], None],
    fetch: Fetch,
    memory: Memory,
    on_addresses: Callable[[int, int], None],
) -> Iterator[Article | Skipped | Unreadable]:
    visits = None
    for path in paths:
        if _is_remote(path):
            from semsearch.sources.remote.visits import Visits  # imports HTTP and TLS, which files do not need

            visits = visits or Visits(fetch, memory, count_addresses(paths), on_addresses)
            yield from visits.read(path, base, follow=fetch.follow)
            continue
        for file in walk([path]):
            if isinstance(file, Input):
                yield from _read_one(file, base, stdin, on_bytes)
            else:
                yield file


def _read_one(
    file: Input, base: Place, stdin: BinaryIO | None, on_bytes: Callable[[int], None]
) -> Iterator[Article | Skipped | Unreadable]:
    consumed = 0
    budget = UnpackingBudget(file.size_bytes or 0)

    def count(more: int) -> None:
        nonlocal consumed
        consumed += more
        budget.read(more)
        on_bytes(more)

    place = replace(base, origin=file.origin, namespace=_namespace(file.path), file=file.file, budget=budget)
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
    """Return the namespace of the ids in a file without a known publisher: its folder and name, compressed or not.

    With the name alone, two outlets' `articles.jsonl` would overwrite each other's article 1. Standard input has no
    namespace: a bare id in it proves nothing.
    """
    if path is None:
        return ""
    resolved = path.resolve()
    packing = next((suffix for suffix in COMPRESSIONS if resolved.name.endswith(suffix)), "")
    return printable(PurePath(resolved.parent.name, resolved.name.removesuffix(packing)).as_posix())
