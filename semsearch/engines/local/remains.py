"""What can still be proved of a damaged segment: its articles, and the names of those that are lost."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from semsearch.engines.local.arrays import read_array
from semsearch.engines.local.manifest import HELD, SEGMENT_NAME, DeletedArticles, SegmentEntry
from semsearch.engines.local.records import read_record
from semsearch.engines.local.segment import COLUMNS, read_columns
from semsearch.files import Seal, open_plain
from semsearch.identity import ID_DIGITS, fingerprint, text_digest
from semsearch.types import Article

_SPARE_BYTES = 1 << 20
"""No more than this is read of a file beyond the length that it was written with."""

_NAMED = 1_000
"""Unknown articles that are listed one by one at most, since the number of articles may come from anybody."""

_NAMED_ID = re.compile(rb'"article_id":"([0-9a-f]{%d})"' % ID_DIGITS)
_NAMED_TITLE = re.compile(rb'"title":("(?:[^"\\]|\\.){0,1000}")')
_DELETED = re.compile(rf"({SEGMENT_NAME.pattern})\.deleted-([0-9]{{1,18}})\.npy", re.ASCII)
_UNSEALED = Seal(0, "")


@dataclass(frozen=True, slots=True)
class Rescue:
    """What is left of a segment."""

    articles: tuple[Article, ...]  # the proved ones, without deleted ones as far as these are known
    lost: tuple[str, ...]  # the ids and titles of all others, as far as they are known
    doubtful: bool  # whether some were deleted, and it is not known which


@dataclass(frozen=True, slots=True)
class _ArticleRemains:
    """What is left of the line of an article."""

    place: int | None  # in the segment, if that can be told
    line: bytes

    def article_id(self, ids: Sequence[str] = ()) -> str:
        """Return the id, by its place among `ids` if that can be told, else from the line; "" where it has none."""
        if self.place is not None and self.place < len(ids):
            return ids[self.place]
        match = _NAMED_ID.search(self.line)
        return match[1].decode() if match else ""

    def title(self) -> str:
        """Return the title, or "" if the line has none."""
        with suppress(ValueError):
            if match := _NAMED_TITLE.search(self.line):
                return str(json.loads(match[1].decode(errors="replace")))
        return ""


class _SegmentRemains:
    """The files of one segment, each trusted only if it is intact."""

    def __init__(self, folder: Path, entry: SegmentEntry, damaged: AbstractSet[str]) -> None:
        self._folder = folder
        self._entry = entry
        self._intact = entry.files.keys() - damaged
        self.proved = HELD in self._intact
        columns = self._columns()
        self.ids = [bytes(value).decode("ascii", "replace") for value in columns["ids"].tolist()] if columns else None
        self.fingerprints = {bytes(value) for value in columns["fingerprints"]} if columns else None
        self._offsets = columns["offsets"] if columns else None
        self.hidden = self._hidden(damaged)

    def _columns(self) -> dict[str, npt.NDArray[Any]] | None:
        if COLUMNS not in self._intact:
            return None
        try:
            return read_columns(self._folder / self._entry.name, self._entry.articles, None)
        except (OSError, ValueError):
            return None

    def _hidden(self, damaged: AbstractSet[str]) -> frozenset[int] | None:
        """Return the places of deleted articles, or None where they are not known."""
        deleted = self._entry.deleted
        if deleted is None:
            return frozenset()
        try:
            places = None if deleted.file in damaged else read_array(self._folder / deleted.file, "i4", None)
        except (OSError, ValueError):
            return None
        return None if places is None else frozenset(places.tolist())

    def article_remains(self) -> list[_ArticleRemains]:
        """Return the file of articles, cut where each begins, or at the ends of lines if its length has changed."""
        content = self._content()
        offsets = self._offsets
        if offsets is not None and offsets[-1] == len(content):
            bounds = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
            return [_ArticleRemains(place, content[start:end]) for place, (start, end) in enumerate(bounds)]
        lines = content.split(b"\n")
        lines = lines if lines[-1] else lines[:-1]
        has_all_lines = len(lines) == self._entry.articles
        return [_ArticleRemains(place if has_all_lines else None, line) for place, line in enumerate(lines)]

    def _content(self) -> bytes:
        seal = self._entry.files.get(HELD, _UNSEALED)
        try:
            with open_plain(self._folder / self._entry.name / HELD) as stream:
                return stream.read(seal.size_bytes + _SPARE_BYTES) if seal.size_bytes else stream.read()
        except (OSError, ValueError):
            return b""

    def is_proved(self, article: Article) -> bool:
        """Tell whether an article is what was written: by the digest of its text, and by its fingerprint if known."""
        if self.proved:
            return True
        is_known = self.fingerprints is None or fingerprint(article) in self.fingerprints
        return is_known and text_digest(article.text) == article.metadata.sha256


def rescue(folder: Path, entry: SegmentEntry, damaged: AbstractSet[str]) -> Rescue:
    """Read what can be proved of a segment.

    Args:
        folder: of all segments and lists of deletions.
        damaged: names of this segment's files that are not what was written.
    """
    remains = _SegmentRemains(folder, entry, damaged)
    remnants = remains.article_remains()
    articles: dict[str, Article] = {}
    gone: list[_ArticleRemains] = []
    places: dict[str, int | None] = {}
    for remnant in remnants:
        try:
            article = read_record(remnant.line).article
        except ValueError:
            gone.append(remnant)
            continue
        if remains.is_proved(article):
            articles[article.metadata.article_id] = article
            places[article.metadata.article_id] = remnant.place
        else:
            gone.append(remnant)
    hidden = _hidden_ids(remains, places)
    lost = tuple(_lost(entry, remains, articles.keys(), gone, len(remnants)))
    living = tuple(article for name, article in articles.items() if hidden is None or name not in hidden)
    return Rescue(living, lost, doubtful=hidden is None)


def _hidden_ids(remains: _SegmentRemains, places: Mapping[str, int | None]) -> AbstractSet[str] | None:
    """Return the ids of deleted articles, or None where they are not known."""
    hidden, ids = remains.hidden, remains.ids
    if hidden is None:
        return None
    if ids is not None:
        return {ids[place] for place in hidden if 0 <= place < len(ids)}
    if hidden and None in places.values():
        return None
    return {name for name, place in places.items() if place in hidden}


def _lost(
    entry: SegmentEntry,
    remains: _SegmentRemains,
    rescued_ids: AbstractSet[str],
    gone: list[_ArticleRemains],
    remnants: int,
) -> Iterator[str]:
    """Yield the names of lost articles, without deleted ones as far as these are known."""
    hidden = remains.hidden or frozenset()
    ids = remains.ids
    if ids is not None:
        titles = {remnant.article_id(ids): remnant.title() for remnant in gone}
        yield from (
            f"{name} {titles.get(name, '')}".rstrip()
            for place, name in enumerate(ids)
            if name not in rescued_ids and place not in hidden
        )
        return
    for number, remnant in enumerate(gone, 1):
        if remnant.place not in hidden:
            yield f"{remnant.article_id() or f'({entry.name}, {number})'} {remnant.title()}".rstrip()
    last_named = min(entry.articles, remnants + _NAMED)
    for number in range(remnants + 1, last_named + 1):
        yield f"({entry.name}, {number})"
    if last_named < entry.articles:
        yield f"({entry.name}, {last_named + 1} to {entry.articles})"


def find_segments(folder: Path) -> list[SegmentEntry]:
    """Return the segments of an index whose manifest is gone, the newest first; none of their files is proved."""
    deletions: dict[str, tuple[int, str]] = {}
    names = []
    for path in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        if match := _DELETED.fullmatch(path.name):
            deletions[match[1]] = max(deletions.get(match[1], (0, "")), (int(match[2]), path.name))
        elif SEGMENT_NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            names.append(path.name)
    return [_unproved(folder, name, deletions.get(name)) for name in reversed(names)]


def _unproved(folder: Path, name: str, deletion: tuple[int, str] | None) -> SegmentEntry:
    deleted = DeletedArticles(deletion[1], _UNSEALED, 0) if deletion else None
    try:
        articles = read_columns(folder / name, None, None)["ids"].size
    except (OSError, ValueError):
        return SegmentEntry(name, 0, 0, 0, {}, "", deleted)
    # Nothing proves its columns, but an article that agrees with them is proved.
    return SegmentEntry(name, articles, 0, 0, {COLUMNS: _UNSEALED}, "", deleted)
