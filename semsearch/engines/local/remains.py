"""What can still be proved of a segment whose truth is damaged: its articles, and the names of those that are lost."""

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
"""A file that is longer than it was written has no more of ours than this."""

_NAMED = 1_000
"""Articles of which nothing is known but that there were so many; whoever wrote the number is unknown, too."""

_NAMED_ID = re.compile(rb'"article_id":"([0-9a-f]{%d})"' % ID_DIGITS)
_NAMED_TITLE = re.compile(rb'"title":("(?:[^"\\]|\\.){0,1000}")')
_DELETED = re.compile(rf"({SEGMENT_NAME.pattern})\.deleted-([0-9]{{1,18}})\.npy", re.ASCII)
_UNSEALED = Seal(0, "")


@dataclass(frozen=True, slots=True)
class Rescue:
    """What is left of a segment."""

    articles: tuple[Article, ...]  # proved; deleted ones are left out as far as is known which they are
    lost: tuple[str, ...]  # of each article that is not: its id and title, as far as they are known
    doubtful: bool  # some were deleted, and it is not known which


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands where an article stood."""

    place: int | None  # in the segment, where that can be told
    line: bytes

    def article_id(self, ids: Sequence[str] = ()) -> str:
        """Return the id, by its place among these where that can be told; "" where there is none."""
        if self.place is not None and self.place < len(ids):
            return ids[self.place]
        named = _NAMED_ID.search(self.line)
        return named[1].decode() if named else ""

    def title(self) -> str:
        """Return the title, if there is still one."""
        with suppress(ValueError):
            if found := _NAMED_TITLE.search(self.line):
                return str(json.loads(found[1].decode(errors="replace")))
        return ""


class _Remains:
    """The files of one segment, each believed as far as it is whole."""

    def __init__(self, folder: Path, entry: SegmentEntry, damaged: AbstractSet[str]) -> None:
        self._folder = folder
        self._entry = entry
        self._whole = entry.files.keys() - damaged
        self.proved = HELD in self._whole
        columns = self._columns()
        self.ids = [bytes(each).decode("ascii", "replace") for each in columns["ids"].tolist()] if columns else None
        self.fingerprints = {bytes(each) for each in columns["fingerprints"]} if columns else None
        self._offsets = columns["offsets"] if columns else None
        self.hidden = self._hidden(damaged)

    def _columns(self) -> dict[str, npt.NDArray[Any]] | None:
        if COLUMNS not in self._whole:
            return None
        try:
            return read_columns(self._folder / self._entry.name, self._entry.articles, None)
        except (OSError, ValueError):
            return None

    def _hidden(self, damaged: AbstractSet[str]) -> frozenset[int] | None:
        """Return the places of deleted articles, None where they are not known."""
        deleted = self._entry.deleted
        if deleted is None:
            return frozenset()
        try:
            places = None if deleted.file in damaged else read_array(self._folder / deleted.file, "i4", None)
        except (OSError, ValueError):
            return None
        return None if places is None else frozenset(places.tolist())

    def pieces(self) -> list[_Piece]:
        """Return what stands in the file of articles, cut where each begins, at ends of lines where it was shifted."""
        content = self._content()
        offsets = self._offsets
        if offsets is not None and offsets[-1] == len(content):
            bounds = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
            return [_Piece(place, content[start:end]) for place, (start, end) in enumerate(bounds)]
        lines = content.split(b"\n")
        lines = lines if lines[-1] else lines[:-1]
        known = len(lines) == self._entry.articles
        return [_Piece(place if known else None, line) for place, line in enumerate(lines)]

    def _content(self) -> bytes:
        seal = self._entry.files.get(HELD, _UNSEALED)
        try:
            with open_plain(self._folder / self._entry.name / HELD) as stream:
                return stream.read(seal.size_bytes + _SPARE_BYTES) if seal.size_bytes else stream.read()
        except (OSError, ValueError):
            return b""

    def is_proved(self, article: Article) -> bool:
        """Say whether an article is what was written: by its fingerprint, else by its text's digest alone."""
        if self.proved:
            return True
        known = self.fingerprints is None or fingerprint(article) in self.fingerprints
        return known and text_digest(article.text) == article.metadata.sha256


def rescued(folder: Path, entry: SegmentEntry, damaged: AbstractSet[str]) -> Rescue:
    """Read what can be proved of a segment.

    Args:
        folder: where segments and lists of deletions lie.
        damaged: names of files of this segment that are not what was written.
    """
    remains = _Remains(folder, entry, damaged)
    pieces = remains.pieces()
    articles: dict[str, Article] = {}
    gone: list[_Piece] = []
    places: dict[str, int | None] = {}
    for piece in pieces:
        try:
            article = read_record(piece.line).article
        except ValueError:
            gone.append(piece)
            continue
        if remains.is_proved(article):
            articles[article.metadata.article_id] = article
            places[article.metadata.article_id] = piece.place
        else:
            gone.append(piece)
    hidden = _hidden_ids(remains, places)
    lost = tuple(_lost(entry, remains, articles.keys(), gone, len(pieces)))
    kept = tuple(article for name, article in articles.items() if hidden is None or name not in hidden)
    return Rescue(kept, lost, doubtful=hidden is None)


def _hidden_ids(remains: _Remains, places: Mapping[str, int | None]) -> AbstractSet[str] | None:
    """Return the ids of deleted articles, None where it is not known which they are."""
    hidden, ids = remains.hidden, remains.ids
    if hidden is None:
        return None
    if ids is not None:
        return {ids[place] for place in hidden if 0 <= place < len(ids)}
    if hidden and None in places.values():
        return None
    return {name for name, place in places.items() if place in hidden}


def _lost(
    entry: SegmentEntry, remains: _Remains, found: AbstractSet[str], gone: list[_Piece], pieces: int
) -> Iterator[str]:
    """Name the articles that are lost, deleted ones left out as far as they are known."""
    hidden = remains.hidden or frozenset()
    ids = remains.ids
    if ids is not None:
        titles = {piece.article_id(ids): piece.title() for piece in gone}
        yield from (
            f"{name} {titles.get(name, '')}".rstrip()
            for place, name in enumerate(ids)
            if name not in found and place not in hidden
        )
        return
    for number, piece in enumerate(gone, 1):
        if piece.place not in hidden:
            yield f"{piece.article_id() or f'({entry.name}, {number})'} {piece.title()}".rstrip()
    named = min(entry.articles, pieces + _NAMED)
    for number in range(pieces + 1, named + 1):
        yield f"({entry.name}, {number})"
    if named < entry.articles:
        yield f"({entry.name}, {named + 1} to {entry.articles})"


def found_segments(folder: Path) -> list[SegmentEntry]:
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
    # Nobody says that its columns are whole, but an article that agrees with them is.
    return SegmentEntry(name, articles, 0, 0, {COLUMNS: _UNSEALED}, "", deleted)
