"""The manifest, which names and seals all other files of an index: read it, write it, sweep what it does not name."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from semsearch import limits
from semsearch.checks import count, formed, text
from semsearch.errors import (
    IndexDamagedError,
    IndexMissingError,
    LimitError,
    NotPermittedError,
    RecipeMismatchError,
    index_option,
    see_doctor,
)
from semsearch.files import Seal, canonical_json, new_name, open_plain, remove, replace
from semsearch.locks import nobody_holds
from semsearch.types import Approximation, CosineScale, EncoderIdentity, Origin, Precision, Recipe, Tier

FORMAT = 3
"""The version of everything in an index's folder. Formats 1 and 2 were never released, and cannot be read."""

MANIFEST = "manifest.json"
BUILDING = "building.json"
"""The manifest of an unfinished build, which no reader looks at."""

SEGMENTS = "segments"

PULLING = "pulling"
"""The folder for files of an artifact that is not installed yet."""

HELD = "articles.jsonl"
"""The file that readers of a segment hold, so that the segment is not swept."""

VECTORS = "vectors.npy"

SEGMENT_NAME = re.compile(r"[0-9]{6,18}-[0-9a-f]{12}", re.ASCII)
FILE_NAME = re.compile(r"[a-z][a-z_]{0,60}\.(?:npy|arrays|jsonl)", re.ASCII)
"""The only forms of names in a manifest, since these become paths."""

_ALWAYS = frozenset((HELD, VECTORS))
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeletedArticles:
    """Articles of a segment that are deleted as of some generation."""

    file: str  # beside the segment's folder
    seal: Seal
    articles: int


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as the manifest describes it."""

    name: str  # of its folder in SEGMENTS
    articles: int
    passages: int
    truncated: int
    files: Mapping[str, Seal]
    derived: str  # the version of the rules for derived files (segment.DERIVED)
    deleted: DeletedArticles | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of an index."""

    generation: int  # rises by one with every commit
    recipe: Recipe
    segments: tuple[SegmentEntry, ...] = ()
    job: str | None = None  # of an unfinished build: what it is to read, so that only the same command continues it
    origin: Origin | None = None
    approximation: Approximation | None = None  # of a very large index

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
        linked = (directory / SEGMENTS).is_symlink()  # segments would be written outside of the index's folder
        with open_plain(path) as stream:
            content = stream.read(limits.MANIFEST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(directory) from None
    except PermissionError as error:
        raise NotPermittedError(f"{path} cannot be read: {error.strerror}", "ask whoever owns it for leave") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a plain file"
        raise IndexDamagedError(
            f"{path} cannot be read: {reason}", "check the folder's name and permissions"
        ) from error
    if linked:
        raise IndexDamagedError(f"{directory / SEGMENTS} is a link", "put the folder itself in its place, or remove it")
    return parse_manifest(content, path)


def _missing(directory: Path) -> IndexMissingError:
    option = index_option(directory)
    if (directory / BUILDING).exists():
        return IndexMissingError(
            f"the index {directory} is not finished: its build is still running, or was interrupted",
            f"wait for it, or run the same `semsearch build … {option}`, or `add …`, again: it goes on where it "
            "stopped; where files were added or changed since, `build` begins anew",
        )
    if (directory / PULLING).is_dir():
        return IndexMissingError(
            f"the index {directory} is not installed yet: its `pull` is still running, or was interrupted",
            f"wait for it, or run the same `semsearch pull … {option}` again; it goes on where it stopped",
        )
    if directory.is_dir():
        return IndexMissingError(f"{directory} is not an index: it has no {MANIFEST}", _instead_of(directory))
    if directory.exists():
        path = shlex.quote(str(directory))
        return IndexMissingError(
            f"{directory} is a file, and an index is a folder",
            f"make an index of its articles: semsearch build {path} -i DIR; or install an artifact: semsearch pull "
            f"{path} -i DIR",
        )
    return IndexMissingError(f"there is no index at {directory}", f"make one: semsearch build PATH… {option}")


def _instead_of(directory: Path) -> str:
    """Say what to do with a folder that is no index: it may be a damaged one, or a folder of articles."""
    with suppress(OSError):
        if any((directory / SEGMENTS).glob("*")):
            return see_doctor(directory)
        if any(not path.name.startswith(".") for path in directory.iterdir()):
            path = shlex.quote(str(directory))
            return f"if these are your articles, make an index of them: semsearch build {path} -i DIR"
    return f"make one: semsearch build PATH… {index_option(directory)}"


def parse_manifest(content: bytes, path: Path) -> Manifest:
    """Turn bytes into a manifest. They may come from anybody: the checksum is checked first, then each value."""
    damaged = IndexDamagedError(f"{path} is damaged", see_doctor(path.parent))
    try:
        sealed: Any = json.loads(content)
        body = sealed["manifest"]
        if hashlib.sha256(canonical_json(body)).hexdigest() != sealed["sha256"]:
            raise damaged
        if count(body["format"]) != FORMAT:
            raise RecipeMismatchError(
                f"{path} has format {body['format']}, and this version reads format {FORMAT} alone",
                "update semsearch" if body["format"] > FORMAT else "build the index again from its articles",
            )
        return from_body(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged from error


def from_body(body: Mapping[str, Any]) -> Manifest:
    """Turn the parsed JSON of a manifest into one; raises ValueError, KeyError, TypeError or AttributeError."""
    segments = tuple(map(_segment, body["segments"]))
    if len({segment.name for segment in segments}) < len(segments):
        raise ValueError("two segments have one name")
    if len(segments) > limits.SEGMENTS:
        raise ValueError(f"it has {len(segments):,} segments, and {limits.SEGMENTS:,} is the most")
    origin = body["origin"]
    if count(body["generation"]) > limits.GENERATION:
        raise ValueError(f"generation {body['generation']:,} is beyond the last, {limits.GENERATION:,}")
    return Manifest(
        body["generation"],
        _recipe(body["recipe"]),
        segments,
        None if body["job"] is None else text(body["job"]),
        None if origin is None else _origin(origin),
        None if body["approximation"] is None else _approximation(body["approximation"]),
    )


def _recipe(raw: Mapping[str, Any]) -> Recipe:
    encoder = dict(raw["encoder"])
    for name, value in encoder.items():
        (count if name == "dimensions" else _short_text)(value)
    if not 1 <= encoder["dimensions"] <= limits.DIMENSIONS:
        raise ValueError(f"no vector has {encoder['dimensions']} dimensions")
    if encoder["name"].startswith(("//", "\\\\")):  # looking there would speak to another machine
        raise ValueError("an encoder is on this machine")
    if not limits.LEAST_PASSAGE_TOKENS <= count(raw["passage_tokens"]) <= limits.PASSAGE_TOKENS:
        raise ValueError(f"no passage has {raw['passage_tokens']} tokens")
    return Recipe(
        EncoderIdentity(**encoder),
        count(raw["passage_tokens"]),
        count(raw["identity_version"]),
        count(raw["text_version"]),
        layout=_short_text(raw["layout"]),
        precision=Precision(raw["precision"]),
        tier=Tier(raw["tier"]),
        cosines=_cosines(raw.get("cosines", {})),
    )


def _cosines(raw: Mapping[str, Any]) -> CosineScale:
    cosines = CosineScale(**raw)  # missing values are the default model's
    if not all(isinstance(value, int | float) and 0 <= abs(value) <= 1 for value in asdict(cosines).values()):
        raise ValueError("a cosine is from -1 to 1")
    if cosines.trust < 0 or cosines.doubt < 0 or cosines.growth <= 0:
        raise ValueError("no encoder has such cosines")
    return cosines


def _short_text(value: object) -> str:
    """Return a text that is not too long to be shown."""
    return text(value, limits.SAID_CHARACTERS)


def _segment(raw: Mapping[str, Any]) -> SegmentEntry:
    name = formed(raw["name"], SEGMENT_NAME)
    if not raw["files"].keys() >= _ALWAYS:
        raise ValueError(f"segment {name} has neither articles nor vectors")
    if not 1 <= count(raw["articles"]) <= limits.SEGMENT_ARTICLES or not raw["articles"] <= count(raw["passages"]):
        raise ValueError(f"segment {name} has no such number of articles")
    if raw["passages"] > limits.SEGMENT_PASSAGES:
        raise ValueError(f"segment {name} has more passages than any")
    return SegmentEntry(
        name,
        count(raw["articles"]),
        count(raw["passages"]),
        count(raw["truncated"]),
        {formed(file, FILE_NAME): _seal(seal) for file, seal in raw["files"].items()},
        _short_text(raw["derived"]),
        None if raw["deleted"] is None else _deleted(raw["deleted"], name),
    )


def _deleted(raw: Mapping[str, Any], segment: str) -> DeletedArticles:
    form = re.compile(rf"{segment}\.deleted-[0-9]{{1,18}}\.npy", re.ASCII)
    return DeletedArticles(formed(raw["file"], form), _seal(raw["seal"]), count(raw["articles"]))


def _origin(raw: Mapping[str, Any]) -> Origin:
    return Origin(
        _short_text(raw["where"]),
        _short_text(raw["name"]),
        _short_text(raw["release"]),
        _short_text(raw["contents_sha256"]),
        None if raw["signed_by"] is None else _short_text(raw["signed_by"]),
        count(raw["generation"]),
    )


def _approximation(raw: Mapping[str, Any]) -> Approximation:
    recall = raw["recall"]
    if recall is not None and (type(recall) not in (int, float) or not 0 <= recall <= 1):
        raise ValueError("a recall is not a share")
    if not 1 <= count(raw["proposed"]) <= limits.SEGMENT_PASSAGES:
        raise ValueError(f"no query proposes {raw['proposed']} rows")
    segments = count(raw.get("segments", 0))  # 0.1.0 did not write it
    return Approximation(count(raw["passages"]), raw["proposed"], count(raw["queries"]), recall, segments)


def _seal(raw: Mapping[str, Any]) -> Seal:
    return Seal(count(raw["size_bytes"]), formed(raw["sha256"], _SHA256))


def write_manifest(directory: Path, manifest: Manifest, name: str = MANIFEST) -> None:
    """Make this generation the index; this is the only commit point.

    Raises:
        LimitError: it could not be read again; the index stays as it was.
    """
    replace(directory / name, readable(manifest, directory))


def readable(manifest: Manifest, directory: Path) -> bytes:
    """Return the bytes to write for a manifest; raises LimitError where they could not be read again."""
    try:
        content = sealed_content(to_body(manifest))
        _check_readable(content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LimitError(
            f"{directory} would be an index that cannot be read: {error}",
            "nothing was changed; give other numbers or names, or build an index in another folder",
        ) from error
    return content


def _check_readable(content: bytes) -> None:
    if len(content) > limits.MANIFEST_BYTES:
        raise ValueError(f"its manifest has {len(content):,} bytes, and {limits.MANIFEST_BYTES:,} is the most")
    from_body(json.loads(content)["manifest"])


def to_body(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as the JSON values that are written; `from_body` reads them."""
    body = {"format": FORMAT} | {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    body["recipe"] = asdict(manifest.recipe)
    if manifest.recipe.cosines == CosineScale():  # as in indexes from before there were cosines
        del body["recipe"]["cosines"]
    body["origin"] = manifest.origin and asdict(manifest.origin)
    body["approximation"] = manifest.approximation and asdict(manifest.approximation)
    body["segments"] = [asdict(segment) for segment in manifest.segments]
    return body


def sealed_content(body: Mapping[str, Any]) -> bytes:
    """Return the one form in which these values are written, with their checksum."""
    digest = hashlib.sha256(canonical_json(body)).hexdigest()
    content = json.dumps({"sha256": digest, "manifest": body}, ensure_ascii=False, indent=1)
    return f"{content}\n".encode()


def begun(directory: Path) -> Manifest | None:
    """Return the manifest of an unfinished build, or None where there is none that could be continued.

    Raises:
        IndexDamagedError: it cannot be read just now, though the build may be sound.
    """
    try:
        return read_manifest(directory, BUILDING)
    except (IndexMissingError, RecipeMismatchError):
        return None
    except IndexDamagedError as error:
        if isinstance(error.__cause__, OSError):
            raise
        return None


def orphans(directory: Path, manifests: Iterable[Manifest]) -> Iterator[Path]:
    """Yield what killed writers left behind, and what readers of earlier generations keep from being swept."""
    named = set()
    for manifest in manifests:
        for segment in manifest.segments:
            named.add(segment.name)
            if segment.deleted:
                named.add(segment.deleted.file)
    folder = directory / SEGMENTS
    for path in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        if path.name not in named:
            yield path
    for name in (MANIFEST, BUILDING):
        if (path := new_name(directory / name)).is_file():
            yield path


def sweep(directory: Path, manifests: Iterable[Manifest]) -> None:
    """Remove what none of these manifests names. Only the holder of the write lock may do this.

    What is being read is left to the next writer, as is what cannot be removed, since nothing depends on it.
    """
    for path in orphans(directory, manifests):
        with suppress(OSError, IndexDamagedError), nobody_holds(path / HELD) as free:
            if free:
                remove(path)
