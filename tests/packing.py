"""Small indexes to pack, and what reads an artifact without us: tar, zstd and SHA-256 alone."""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import zstandard

from semsearch import Answer, Index, Mode, Query, words
from semsearch.artifact.pack import FOLDER, pack
from semsearch.encoders import load_encoder
from semsearch.engines.local.terms import term_key
from semsearch.network.transfers import Network
from semsearch.types import Article, Packed, Tier
from tests.array_files import arrays_in
from tests.making import article, day
from tests.serving import ALWAYS, Fault, Server

ENCODER = load_encoder("hashing:16")
IMPATIENT = Network(patience=0.2)

PARTS = ("one", "two", "three")
"""Paragraphs of a story; each is a passage, and too long for a snippet."""

HOUSES = ("Coast Courier", "Hill Herald", None)
HOME = "/home/ann/secret"

_WORDS = (
    *("river", "quay", "boat", "council", "bridge", "wheat", "rain", "school", "opera", "strike", "harbour", "mayor"),
    *("valley", "glacier", "summer", "teacher", "driver", "vaccine", "campaign", "satellite", "orbit", "signal"),
    *("theatre", "library", "garden", "seed", "drought", "farmer", "price", "record", "flood", "street", "market"),
    *("engine", "railway", "station", "forest", "mountain", "village", "doctor", "nurse", "court", "judge", "lawyer"),
)


QUERIES = ("the glacier and the harbour", "zq7twoearly", "who spoke of the bridge", "zq20threelate")
"""Words that many have, a word at the beginning of a paragraph, a question, a word that no snippet has."""


def early(number: int, part: str) -> str:
    """A word at the beginning of one paragraph, and nowhere else."""
    return f"zq{number}{part}early"


def late(number: int, part: str) -> str:
    """A word at the end of one paragraph, which no snippet reaches."""
    return f"zq{number}{part}late"


def story(number: int, version: int = 0) -> Article:
    """Article `number` in some version: three paragraphs of some 300 characters, read somewhere on Ann's machine."""
    paragraphs = []
    for part in PARTS:
        draw = Random(f"{number} {part} {version}")  # noqa: S311 - text, not secrets
        begin, end = (" ".join(draw.choices(_WORDS, k=count)) for count in (8, 34))
        paragraphs.append(f"The {begin} of {early(number, part)} was {end} and {late(number, part)}.")
    made = article(
        f"s{number}",
        "\n\n".join(paragraphs),
        title=f"Story {number}",
        published=day(10 * number) if number % 5 else None,
        publisher=HOUSES[number % 3],
        language="en",
        tags={"rights": ("all rights reserved",), "domain": ("news.example.org",)} if number % 2 else {},
    )
    return replace(made, origin=f"{HOME}/s{number}.jsonl:3" if number % 4 == 0 else made.origin)


def build(place: Path, stories: Iterable[Article]) -> Path:
    """Make an index of one segment."""
    Index.build(stories, place, encoder=ENCODER, passage_tokens=64).close()
    return place


def add(place: Path, stories: Iterable[Article]) -> Path:
    """Add a segment."""
    with Index.open(place, encoder=ENCODER) as index:
        index.add(stories)
    return place


def three_segments(place: Path) -> Path:
    """Make an index of 24 articles in three segments."""
    build(place, map(story, range(12)))
    add(place, map(story, range(12, 18)))
    return add(place, map(story, range(18, 24)))


def newer(place: Path) -> Path:
    """Add what makes of three segments four."""
    return add(place, map(story, range(24, 28)))


def packed(index: Path, path: Path, **how: Any) -> Packed:
    """Pack an index."""
    return pack(index, path, **how)


@dataclass(frozen=True)
class Artifact:
    """What tar and zstd see."""

    said: bytes  # of artifact.json
    begin: int  # where its members begin
    frames: Mapping[str, tuple[int, bytes]]  # by path within an index: where it lies in the file, and what lies there
    files: Mapping[str, bytes]  # by path within an index, unpacked

    @property
    def json(self) -> Any:
        """What artifact.json says."""
        return json.loads(self.said)

    @property
    def segments(self) -> dict[str, Any]:
        """What its manifest says of each segment."""
        return {entry["name"]: entry for entry in self.json["manifest"]["segments"]}

    def of(self, name: str) -> list[bytes]:
        """The content of a file of every segment."""
        return [content for path, content in self.files.items() if path.endswith(f"/{name}")]

    def everything(self) -> bytes:
        """Every byte that anybody could get out of it."""
        return b"\n".join([self.said, *(path.encode() for path in self.files), *self.files.values()])


def opened(path: Path) -> Artifact:
    """Read an artifact as anybody can: each file's name, size and digest are compared."""
    with tarfile.open(path, "r:") as tar:
        first, *others = tar.getmembers()
        assert all(
            one.isreg() and (one.uid, one.gid, one.mtime, one.uname) == (0, 0, 0, "") for one in (first, *others)
        )
        assert first.name == f"{FOLDER}/artifact.json"
        said = _content(tar, first)
        found = [(one.name, one.offset_data, _content(tar, one)) for one in others]
    frames = {_inner(name): (offset, frame) for name, offset, frame in found}
    assert len(frames) == len(found)
    files = {name: zstandard.ZstdDecompressor().decompress(frame) for name, (_, frame) in frames.items()}
    seals = {
        f"segments/{entry['name']}/{name}": seal
        for entry in json.loads(said)["manifest"]["segments"]
        for name, seal in entry["files"].items()
    }
    assert seals == {
        name: {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    return Artifact(said, first.offset_data + len(said) + -len(said) % 512, frames, files)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    assert stream
    return stream.read()


def _inner(name: str) -> str:
    assert name.startswith(f"{FOLDER}/")
    assert name.endswith(".zst")
    return name.removeprefix(f"{FOLDER}/").removesuffix(".zst")


GONE = Fault(status=503, times=ALWAYS)


class Ending(Server):
    """Serves no byte of a file from `until` on, if that is a number."""

    until: int | None = None

    def fault(self, path: str) -> Fault:
        if self.until is None:
            return super().fault(path)
        asked = self.log[-1].range
        start = asked[0] if asked else 0
        return Fault(cut=self.until - start) if start < self.until else GONE


def keys_of(text: str) -> list[int]:
    """What the terms of a text are filed under in a full index."""
    analyser = words.analyser_of("en", text)
    own, further = words.analyse(text, analyser)
    return [term_key(analyser, term) for term in (*own, *further)]


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file of an index, locks apart: where it lies on the disk, and the digest of what is in it."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock") and "pulling" not in path.parts
    }


def in_every_tier(index: Path) -> dict[Tier, Artifact]:
    """Pack an index in every tier, beside it, and open what that gives."""
    for tier in Tier:
        pack(index, index.parent / f"{tier}.pack", tier=tier)
    return {tier: opened(index.parent / f"{tier}.pack") for tier in Tier}


def arrays(artifact: Artifact, file: str, name: str) -> np.ndarray:
    """An array of all segments."""
    return np.concatenate([arrays_in(file, content)[name] for content in artifact.of(file)])


def stored_articles(artifact: Artifact) -> dict[str, Any]:
    """What is stored of every article, by the name that it was made with."""
    lines = [json.loads(line) for content in artifact.of("articles.jsonl") for line in content.splitlines()]
    return {line["article"]["url"].rpartition("/")[2]: line for line in lines}


def asked(index: Index, mode: Mode = Mode.HYBRID) -> list[Answer]:
    """Everything that a few answers say, the time that they took aside."""
    return [
        replace(answer, took_ms=0.0)
        for answer in index.search_many([Query(text, 30, mode=mode, as_of=0) for text in QUERIES])
    ]
