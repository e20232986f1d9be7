"""Fetches the folder of a sentence-transformers model from a hub, only when the user asks for it.

A hub has two addresses for a model: one lists the files of a revision with their sizes and digests, and one returns a
file. Only plain text and safetensors are fetched, into a folder beside the cache's other models, and every file is
checked against the hub's list. huggingface_hub speaks this protocol, too; the client that fetches artifacts is used
instead because it ends a transfer that a server drags out, and sends nothing but the request.
"""

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from semsearch.artifact.ranges import DeniedError
from semsearch.artifact.remote import AGAIN, Remote, open_remote, read_whole
from semsearch.encoders.model_files import MODULES, module_folders, read_folder
from semsearch.encoders.models import fetched_folder, hub_name
from semsearch.errors import EncoderError, FetchError
from semsearch.files import appending, canonical_json, free_bytes, make_directory, open_plain, remove, rename, replace
from semsearch.limits import MODEL_BYTES, MODEL_FILES
from semsearch.locations import HOME
from semsearch.network.transfers import NETWORK, Network
from semsearch.types import FetchedModel

ENDPOINT = "HF_ENDPOINT"
"""Variable that names another hub than Hugging Face's, as for its own library."""

_HUGGING_FACE = "https://huggingface.co"
_ORIGIN = "origin.json"
_LISTING_BYTES = 1 << 24
_SETTINGS_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 20
_SPARE_BYTES = 1 << 24
"""Space for the file system's own data."""

_ROOM = f"make room, or set {HOME} to a folder of yours"

_REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART_OF_PATH = re.compile(r"\w[\w.-]*", re.ASCII)
_SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
_WEIGHTS = "model.safetensors"
_CARD = "README.md"

Observer = Callable[[int, int], None]
"""Called with the number of bytes fetched so far, and of all bytes to fetch."""


@dataclass(frozen=True, slots=True)
class _HubFile:
    """One file of a revision, as the hub lists it."""

    size_bytes: int | None
    sha256: str | None  # of a file that is stored outside of the git repository
    blob: str | None  # of any other file: git's name for it, SHA-1 of a header and the content


@dataclass(frozen=True, slots=True)
class _ModelListing:
    """One revision of a model, as the hub describes it."""

    name: str
    revision: str  # the commit
    licence: str | None
    files: Mapping[str, _HubFile]  # by path in the model's folder


def fetch_model(
    name: str,
    revision: str = "main",
    *,
    network: Network = NETWORK,
    observer: Observer = lambda _done, _total: None,
) -> FetchedModel:
    """Fetch a model into the cache, where it is found by its name from then on.

    An interrupted download continues where it stopped. An existing folder is replaced only by a complete one.

    Args:
        name: ORGANISATION/MODEL; a name without an organisation is one of sentence-transformers' own.
        revision: a branch, a tag or a commit.

    Raises:
        FetchError: it could not be fetched, or is not what the hub lists; the bytes fetched so far are kept.
        EncoderError: it cannot be loaded without running code from its folder, or there is not enough space.
    """
    from filelock import FileLock

    name = hub_name(name)
    endpoint = os.environ.get(ENDPOINT) or _HUGGING_FACE
    listing = _read_listing(endpoint, name, revision, network)
    folder = fetched_folder(name)
    try:
        make_directory(folder.parent)
        with FileLock(f"{folder}.lock"):
            part = folder.with_name(f"{folder.name}.{listing.revision}.part")
            for abandoned in folder.parent.glob(f"{folder.name}.*.part"):
                if abandoned != part:
                    remove(abandoned)
            download = _ModelDownload(endpoint, listing, part, network, observer)
            sizes = _fetched_sizes(folder, listing)
            if sizes is None:
                sizes = download.run()
                _install(part, folder, listing, endpoint, sizes)
    except OSError as error:
        raise EncoderError(f"{name} cannot be kept in {folder.parent}: {error.strerror or error}", _ROOM) from error
    total = sum(sizes.values())
    return FetchedModel(name, listing.revision, str(folder), listing.licence, len(sizes), total, download.fetched_bytes)


class _ModelDownload:
    """Downloads the files of a model that a folder lacks."""

    def __init__(self, endpoint: str, listing: _ModelListing, part: Path, network: Network, observer: Observer) -> None:
        self._endpoint, self._listing, self._part = endpoint, listing, part
        self._network, self._observer = network, observer
        self._done = self._total = 0
        self.fetched_bytes = 0

    def run(self) -> dict[str, int]:
        """Fetch all files that make the model, and return their sizes."""
        listing, part = self._listing, self._part
        if MODULES not in listing.files:
            raise EncoderError(
                f"{listing.name} is not a sentence-transformers model: it has no {MODULES}",
                "choose a model of the library sentence-transformers",
            )
        modules_size = self._size(MODULES)
        if modules_size > _SETTINGS_BYTES:
            raise EncoderError(f"{MODULES} of {listing.name} has {modules_size:,} bytes", "choose another model")
        make_directory(part)
        self._fetch(MODULES, modules_size)
        try:
            sizes = {path: self._size(path) for path in _files_of(listing, module_folders(part))}
            _check_sizes(listing.name, sizes, part)
        except EncoderError:
            remove(part)
            raise
        self._done, self._total = 0, sum(sizes.values())
        for path, size in sizes.items():
            self._fetch(path, size)
        return sizes

    def _file_address(self, path: str) -> str:
        return f"{self._endpoint.rstrip('/')}/{self._listing.name}/resolve/{self._listing.revision}/{quote(path)}"

    def _size(self, path: str) -> int:
        """Return a file's size as the hub lists it, or else as the server states it."""
        listed_size = self._listing.files[path].size_bytes
        if listed_size is not None:
            return listed_size
        with _opened(self._listing.name, self._file_address(path), self._network) as remote:
            deque(remote.read(0, 1), maxlen=0)
            if remote.size is None:
                raise FetchError(
                    f"{remote.location} does not say how large it is", f"is ${ENDPOINT} the address of a hub?"
                )
            return remote.size

    def _fetch(self, path: str, size: int) -> None:
        """Fetch the missing bytes of a file, and compare it with the hub's list."""
        target = self._part / path
        make_directory(target.parent)
        with appending(target, size) as (stream, have):
            self._observer(self._done + have, self._total)
            with _opened(self._listing.name, self._file_address(path), self._network) as remote:
                for piece in remote.read(have, size - have):
                    stream.write(piece)
                    have += len(piece)
                    self.fetched_bytes += len(piece)
                    self._observer(self._done + have, self._total)
        if not _is_as_listed(target, size, self._listing.files[path]):
            remove(target)
            raise FetchError(f"{self._file_address(path)} is not what the hub lists: it has another digest", AGAIN)
        self._done += size


@contextmanager
def _opened(name: str, address: str, network: Network) -> Iterator[Remote]:
    """Open an address; if the server denies access, explain what that may mean for a model."""
    with closing(open_remote(address, network)) as remote:
        try:
            yield remote
        except DeniedError as error:
            raise FetchError(
                f"{name} does not exist, is private, or is given only to those who accept its terms: {error}",
                "check the name; a model that you may have is found once it is in the Hugging Face cache: hf auth "
                f"login, then hf download {name}",
            ) from error


def _read_listing(endpoint: str, name: str, revision: str, network: Network) -> _ModelListing:
    """Fetch a hub's list of the files of a revision."""
    address = f"{endpoint.rstrip('/')}/api/models/{name}/revision/{quote(revision, safe='')}?blobs=true"
    with _opened(name, address, network) as remote:
        content = read_whole(remote, _LISTING_BYTES)
    if content is None:
        raise FetchError(f"{endpoint} has no model {name}, or no revision {revision} of it", "check the name")
    try:
        return _parse_listing(name, json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FetchError(
            f"{address} is not a hub's list of files: {error}", f"is ${ENDPOINT} the address of a hub?"
        ) from error


def _parse_listing(name: str, answer: Any) -> _ModelListing:
    """Read a list of files; raises one of several errors if it is something else."""
    if not _REVISION.fullmatch(answer["sha"]):
        raise ValueError("it names no commit")
    if len(answer["siblings"]) > MODEL_FILES:
        raise ValueError(f"it has more than {MODEL_FILES:,} files")
    files = {entry["rfilename"]: _parse_entry(entry) for entry in answer["siblings"] if _is_path(entry["rfilename"])}
    licence = (answer.get("cardData") or {}).get("license")
    return _ModelListing(name, answer["sha"], licence if isinstance(licence, str) else None, files)


def _is_path(path: str) -> bool:
    """Tell whether a path is allowed in a model's folder: plain names, none of them hidden or leading out of it."""
    return all(_PART_OF_PATH.fullmatch(part) for part in path.split("/"))


def _parse_entry(entry: Mapping[str, Any]) -> _HubFile:
    stored = entry.get("lfs") or {}
    size, sha256, blob = stored.get("size", entry.get("size")), stored.get("sha256"), entry.get("blobId")
    if size is not None and (not isinstance(size, int) or size < 0):
        raise ValueError("a size is not a number of bytes")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise ValueError("a digest is no SHA-256")
    if blob is not None and not _REVISION.fullmatch(blob):
        raise ValueError("a name of git's is no SHA-1")
    return _HubFile(size, sha256, None if stored else blob)


def _files_of(listing: _ModelListing, folders: Sequence[str]) -> list[str]:
    """Return the files that make the model: settings, vocabulary, tensors, and the card."""
    files = {_CARD: None} if _CARD in listing.files else {}
    for folder in folders:
        prefix = "" if folder == "." else f"{folder}/"
        names = [path.removeprefix(prefix) for path in listing.files if path.startswith(prefix)]
        shards = [] if _WEIGHTS in names else [name for name in names if _SHARD.fullmatch(name)]
        settings = [name for name in names if name.endswith(".json") and "/" not in name]
        weights = [name for name in names if name == _WEIGHTS]
        files |= dict.fromkeys(f"{prefix}{name}" for name in (*settings, *weights, *shards))
    if not any(path.endswith(".safetensors") for path in files):
        raise EncoderError(
            f"{listing.name} has no weights as safetensors; others are not fetched, because a pickle can run code",
            "choose a model, or a revision, with a model.safetensors",
        )
    return list(files)


def _check_sizes(name: str, sizes: Mapping[str, int], part: Path) -> None:
    """Raise EncoderError if a model exceeds the limit or the free space."""
    total = sum(sizes.values())
    if total > MODEL_BYTES:
        raise EncoderError(f"{name} has {total:,} bytes; the limit is {MODEL_BYTES:,}", "choose a smaller model")
    fetched = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
    if (missing := total - fetched) > (free := free_bytes(part) - _SPARE_BYTES):
        raise EncoderError(
            f"{part.parent} has room for {max(free, 0):,} bytes, and {missing:,} are needed for {name}", _ROOM
        )


def _is_as_listed(path: Path, size: int, file: _HubFile) -> bool:
    """Tell whether a file is as the hub lists it, by its digest, or only by its size if no digest is listed."""
    if path.stat().st_size != size:
        return False
    if file.sha256 is not None:
        return _digest(path, hashlib.sha256()) == file.sha256
    header = b"blob %d\0" % size
    return file.blob is None or _digest(path, hashlib.sha1(header, usedforsecurity=False)) == file.blob


def _digest(path: Path, digest: "hashlib._Hash") -> str:
    with open_plain(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _install(part: Path, folder: Path, listing: _ModelListing, endpoint: str, sizes: Mapping[str, int]) -> None:
    """Put a complete model in its place; one that may not be loaded is removed."""
    try:
        read_folder(part, listing.name)
    except EncoderError:
        remove(part)
        raise
    origin = {"name": listing.name, "revision": listing.revision, "hub": endpoint, "licence": listing.licence}
    replace(part / _ORIGIN, canonical_json({**origin, "files": sizes}))
    remove(folder)
    rename(part, folder)


def _fetched_sizes(folder: Path, listing: _ModelListing) -> dict[str, int] | None:
    """Return the sizes of the files of a model fetched before; None if it is of another revision or not complete."""
    try:
        origin = json.loads((folder / _ORIGIN).read_bytes())
        sizes: dict[str, int] = origin["files"]
        is_whole = origin["revision"] == listing.revision and all(
            _is_as_listed(folder / path, size, listing.files[path]) for path, size in sizes.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return sizes if is_whole else None
