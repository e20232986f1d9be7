"""The table of contents of an artifact: `artifact.json`, its first member, which seals all others.

    {"semsearch_artifact": 1, "name": …, "release": …, "description": …, "licence": …, "made_by": …,
     "articles": …, "passages": …, "sources": [{"publisher": …, "articles": …, …}],
     "manifest": {…}, "members": {"segments/…/articles.jsonl": [offset, packed size], …}}

`manifest` is that of the index (engines.local.manifest): format, recipe, and each segment's files with their sizes and
SHA-256. Offsets count from the end of this member; sizes are bytes.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from semsearch import limits
from semsearch.checks import count, formed, texts, told, told_or_none
from semsearch.engines.folders import FORMAT, LEFT_OUT, SEGMENTS, Manifest, from_body, to_body
from semsearch.errors import ArtifactError, LimitError
from semsearch.files import canonical_json
from semsearch.types import SourceNote

VERSION = 1

MOST_BYTES = 1 << 26
"""The size of `artifact.json`."""

_MOST_FILE_BYTES = 1 << 34
_MOST_RATIO = 100
_ALWAYS_BYTES = 1 << 28
"""An artifact that unpacks to more than _ALWAYS_BYTES and _MOST_RATIO times its size is a bomb, not an index."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class PackedFile(NamedTuple):
    """The place of a file's zstd frame."""

    offset: int  # from the end of the table of contents
    size_bytes: int  # packed


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an artifact."""

    name: str
    release: str
    description: str
    licence: str
    made_by: str
    articles: int
    passages: int
    manifest: Manifest
    members: Mapping[str, PackedFile]
    sources: tuple[SourceNote, ...] = field(default=())

    @property
    def unpacked_bytes(self) -> int:
        """The size of all files once they are unpacked."""
        return sum(seal.size_bytes for _, seal in self.manifest.seals())


def encoded(contents: Contents) -> bytes:
    """Return the canonical form in which contents are written."""
    plain_fields = {name: getattr(contents, name) for name in _PLAIN_FIELDS}
    return canonical_json(
        {
            "semsearch_artifact": VERSION,
            **plain_fields,
            "sources": [asdict(source) for source in contents.sources],
            "manifest": to_body(contents.manifest),
            "members": contents.members,
        }
    )


def encoded_readably(contents: Contents, location: str) -> bytes:
    """Return contents as they are written; raises LimitError if `parse` would refuse them."""
    content = encoded(contents)
    try:
        parse(content, location)
    except ArtifactError as error:
        raise LimitError(
            f"{error}", "nothing was written; build the index again in another folder, or say less"
        ) from error
    return content


_PLAIN_FIELDS = ("name", "release", "description", "licence", "made_by", "articles", "passages")


def digest(content: bytes) -> str:
    """Return the digest that tells an artifact from every other."""
    return hashlib.sha256(content).hexdigest()


def parse(content: bytes, location: str) -> Contents:
    """Read a table of contents; each value is checked, since its author is unknown.

    Raises:
        ArtifactError: it is not a table of contents, exceeds the limits of an index, or is of another version.
    """
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"its table of contents is larger than the {MOST_BYTES:,}-byte limit")  # noqa: TRY301
        raw: Any = json.loads(content)
        version = raw["semsearch_artifact"]
        index_format = raw["manifest"]["format"]
        if type(version) is not int or version > VERSION or type(index_format) is not int or index_format > FORMAT:
            raise ArtifactError(
                f"{location} was packed by a newer version of semsearch ({told(raw.get('made_by'))})",
                "update semsearch",
            )
        if (version, index_format) != (VERSION, FORMAT):
            raise ArtifactError(
                f"{location} was packed by an older version of semsearch ({told(raw.get('made_by'))})",
                "have it packed again by a current version",
            )
        contents = Contents(
            formed(raw["name"], _NAME),
            told(raw["release"]),
            told(raw["description"]),
            told(raw["licence"]),
            told(raw["made_by"]),
            articles=count(raw["articles"]),
            passages=count(raw["passages"]),
            manifest=from_body(raw["manifest"]),
            members={str(path): PackedFile(*map(count, frame)) for path, frame in raw["members"].items()},
            sources=tuple(map(_source, raw["sources"])),
        )
        _check(contents)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"{location} is not an artifact, or is damaged: {error}", "fetch it again") from error
    return contents


def _check(contents: Contents) -> None:
    manifest = contents.manifest
    if any(len(text) > limits.SAID_CHARACTERS for text in (contents.release, contents.description, contents.licence)):
        raise ValueError(f"its release, description or licence has more than {limits.SAID_CHARACTERS:,} characters")
    files = dict(manifest.seals())
    if set(files) != set(contents.members):
        raise ValueError("its members are not the files of its manifest")
    if any(entry.deleted or not entry.articles or entry.passages < entry.articles for entry in manifest.segments):
        raise ValueError("a segment has no articles, or has deleted ones")
    if manifest.generation > limits.PACKED_GENERATION or manifest.job or manifest.origin:
        raise ValueError("its manifest is not that of an artifact")
    counts = (sum(entry.articles for entry in manifest.segments), sum(entry.passages for entry in manifest.segments))
    if counts != (contents.articles, contents.passages):
        raise ValueError("its counts are not those of its segments")
    if len({frozenset(entry.files.items()) for entry in manifest.segments}) < len(manifest.segments):
        raise ValueError("two segments are the same")
    if any(path.rpartition("/")[2] in LEFT_OUT for path in files):
        raise ValueError("it contains files that are derived where it is installed")
    if any(seal.size_bytes > _MOST_FILE_BYTES for seal in files.values()):
        raise ValueError(f"a file is larger than the {_MOST_FILE_BYTES:,}-byte limit")
    packed = sum(member.size_bytes for member in contents.members.values())
    if contents.unpacked_bytes > _ALWAYS_BYTES + _MOST_RATIO * packed:
        raise ValueError(
            f"it would unpack to {contents.unpacked_bytes:,} bytes, more than {_MOST_RATIO} times its size"
        )
    end = 0
    for member in sorted(contents.members.values()):
        if member.offset < end:
            raise ValueError("its members overlap")
        end = member.offset + member.size_bytes
    if any(not path.startswith(f"{SEGMENTS}/") for path in files):
        raise ValueError("a member is not a file of a segment")


def _source(raw: Mapping[str, Any]) -> SourceNote:
    return SourceNote(
        told_or_none(raw["publisher"]),
        count(raw["articles"]),
        told_or_none(raw["first"]),
        told_or_none(raw["last"]),
        told_or_none(raw["licence"]),
        told_or_none(raw["url"]),
        tuple(map(told, texts(raw["rights"]))),
    )


def artifact_name(value: str) -> str:
    """Return a text as a valid name of an artifact: its other characters become hyphens."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", value, flags=re.ASCII).strip("-._")[:64]
    return name or "index"
