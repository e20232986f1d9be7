"""What the index is: the one file that names and seals all others. Read it, write it, sweep what it does not name."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from semsearch.errors import IndexDamagedError, IndexMissingError, RecipeMismatchError
from semsearch.files import Seal, canonical_json, replace
from semsearch.types import EncoderIdentity, Precision, Recipe

FORMAT = 1
"""Of everything in an index's folder."""

MANIFEST = "manifest.json"
BUILDING = "building.json"
"""The manifest of a build that is not finished, which no reader looks at."""

SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class DeletedArticles:
    """Articles of a segment that are hidden as of some generation."""

    file: str  # beside the segment's folder
    seal: Seal
    articles: int


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as the manifest knows it."""

    name: str  # of its folder under SEGMENTS
    articles: int
    passages: int
    truncated: int
    files: Mapping[str, Seal]
    derived: str = ""  # by which rules (segment.DERIVED); "" before there was a word for them
    deleted: DeletedArticles | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of an index."""

    generation: int  # rises by one with every commit
    recipe: Recipe
    segments: tuple[SegmentEntry, ...] = ()
    job: str | None = None  # of an unfinished build: what it was asked to read, so that only the same continues it

    def seals(self) -> Iterable[tuple[str, Seal]]:
        """Yield every file that this generation consists of, as a path within the index, with its seal."""
        for segment in self.segments:
            for file, seal in segment.files.items():
                yield f"{SEGMENTS}/{segment.name}/{file}", seal
            if segment.deleted:
                yield f"{SEGMENTS}/{segment.deleted.file}", segment.deleted.seal


def read_manifest(directory: Path, name: str = MANIFEST) -> Manifest:
    """Read and check a manifest.

    Raises:
        IndexMissingError: there is none.
        IndexDamagedError: it is not what was written.
        RecipeMismatchError: a newer version wrote it.
    """
    path = directory / name
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(directory) from None
    except OSError as error:
        raise IndexDamagedError(f"{path} cannot be read: {error.strerror}", "check the folder's permissions") from error
    return parse_manifest(content, str(path))


def _missing(directory: Path) -> IndexMissingError:
    if (directory / BUILDING).exists():
        return IndexMissingError(
            f"the index {directory} is not finished: its build is still running, or was interrupted",
            f"wait for it, or run the same `semsearch build … -i {directory}` again; it goes on where it stopped",
        )
    if directory.is_dir():
        return IndexMissingError(
            f"{directory} is not an index: it has no {MANIFEST}", f"make one: semsearch build PATH… -i {directory}"
        )
    return IndexMissingError(f"there is no index at {directory}", f"make one: semsearch build PATH… -i {directory}")


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Turn a manifest's bytes into one, checking its own checksum first."""
    damaged = IndexDamagedError(f"{where} is damaged", "restore the index from a copy, or build it again")
    try:
        sealed: Any = json.loads(content)
        body = sealed["manifest"]
        if hashlib.sha256(canonical_json(body)).hexdigest() != sealed["sha256"]:
            raise damaged
        if body["format"] != FORMAT:
            raise RecipeMismatchError(
                f"{where} has format {body['format']}, and this version reads format {FORMAT}", "update semsearch"
            )
        recipe = body["recipe"] | {"encoder": EncoderIdentity(**body["recipe"]["encoder"])}
        recipe["precision"] = Precision(recipe.get("precision", Precision.F32))  # before there was a choice
        return Manifest(body["generation"], Recipe(**recipe), tuple(map(_segment, body["segments"])), body["job"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged from error


def _segment(raw: dict[str, Any]) -> SegmentEntry:
    deleted = raw["deleted"]
    return SegmentEntry(
        **{name: raw[name] for name in ("name", "articles", "passages", "truncated")},
        files={name: Seal(**seal) for name, seal in raw["files"].items()},
        derived=raw.get("derived", ""),
        deleted=deleted and DeletedArticles(deleted["file"], Seal(**deleted["seal"]), deleted["articles"]),
    )


def write_manifest(directory: Path, manifest: Manifest, name: str = MANIFEST) -> None:
    """Make this generation the index: the one commit point."""
    body = {"format": FORMAT} | {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    body["recipe"] = asdict(manifest.recipe)
    body["segments"] = [asdict(segment) for segment in manifest.segments]
    digest = hashlib.sha256(canonical_json(body)).hexdigest()
    content = json.dumps({"sha256": digest, "manifest": body}, ensure_ascii=False, indent=1)
    replace(directory / name, f"{content}\n".encode())


def sweep(directory: Path, kept: Iterable[Manifest]) -> None:
    """Remove from the segments' folder what none of these manifests names. For the holder of the write lock only."""
    named = set()
    for manifest in kept:
        for segment in manifest.segments:
            named.add(segment.name)
            if segment.deleted:
                named.add(segment.deleted.file)
    folder = directory / SEGMENTS
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name in named:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)  # a file in use on Windows goes with the next sweep
        else:
            path.unlink(missing_ok=True)
