"""Ways in which a disk, or somebody, damages a file, made by tests for tests."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from semsearch.engines.local.manifest import SEGMENTS, read_manifest
from semsearch.index import Index
from semsearch.types import Article, Filters
from tests.conftest import some_articles
from tests.making import article, day


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Lose the second half of a file."""
    os.truncate(path, path.stat().st_size // 2)


def lengthen(path: Path) -> None:
    """Append to a file."""
    with path.open("ab") as stream:
        stream.write(b"more\n")


def turn_into_link(path: Path) -> None:
    """Put a link in the place of a file, to a file with the same bytes."""
    elsewhere = path.parents[3] / "elsewhere"
    elsewhere.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(elsewhere)


def turn_into_folder(path: Path) -> None:
    """Put a folder in the place of a file."""
    path.unlink()
    path.mkdir()


WAYS: Mapping[str, Callable[[Path], None]] = {
    "flip": flip,
    "cut": cut,
    "lengthen": lengthen,
    "remove": Path.unlink,
    "link": turn_into_link,
    "folder": turn_into_folder,
}


def two_segments(where: Path) -> None:
    """Make an index of two segments, with a deleted article in the first and a replaced one."""
    again = article("opera", "The opera house closed again, for the roof leaks.", title="About the opera")
    with Index.build(some_articles(), where, encoder="hashing:16") as index:
        index.add([again, article("ferry", "A ferry goes to the island twice a day.", published=day(700))])
        index.delete(["https://news.example.org/wheat"])
        assert index.stats().segments == 2


def files_of(where: Path, number: int) -> list[str]:
    """Return the files of a segment, and that of its deletions, as paths within the index."""
    entry = read_manifest(where).segments[number]
    deleted = [f"{SEGMENTS}/{entry.deleted.file}"] if entry.deleted else []
    return [*(f"{SEGMENTS}/{entry.name}/{name}" for name in entry.files), *deleted]


def articles_of(where: Path) -> dict[str, Article]:
    """Return every living article by its id, without what a later reading changes."""
    with Index.open(where) as index:
        found = (index.get(one.article_id) for one in index.articles(Filters()))
        return {one.metadata.article_id: without_time(one) for one in found}


def without_time(one: Article) -> Article:
    return replace(one, metadata=replace(one.metadata, indexed=None))
