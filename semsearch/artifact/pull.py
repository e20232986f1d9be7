"""Installs an index from a path or an address: it is fetched, checked, examined, and only then put in its place."""

import tarfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from semsearch.artifact import contents as table
from semsearch.artifact.contents import Contents, PackedFile
from semsearch.artifact.frames import unpack
from semsearch.artifact.keys import PublicKey, known_keys
from semsearch.artifact.pack import FIRST
from semsearch.artifact.remote import Remote, fetch_whole, open_remote, with_suffix
from semsearch.artifact.signatures import SIGNATURE_SUFFIX, signer
from semsearch.artifact.succession import check_succession
from semsearch.engines.folders import SEGMENTS, Installation, SegmentEntry, installation, needed_bytes
from semsearch.errors import ArtifactError, SignatureError
from semsearch.fetched import forget
from semsearch.files import Seal, appending, free_bytes, remove, seal_of
from semsearch.network.transfers import NETWORK, Network
from semsearch.types import Origin, Pulled

_BLOCK = tarfile.BLOCKSIZE
_MOST_SIGNATURE_BYTES = 4_096
_SPARE_BYTES = 1 << 24
"""Space for the file system's own data."""

_PART = ".part"

Observer = Callable[[int, int], None]
"""Called with the number of bytes fetched so far, and of all bytes to fetch."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count."""

    keys: Sequence[PublicKey] = ()  # in addition to those that are trusted on this machine
    signed: bool = False  # reject an artifact that is not signed by a trusted key


NOBODY = Trust()


def pull(
    location: str,
    directory: Path,
    *,
    fetched: str | None = None,
    contents_sha256: str | None = None,
    trust: Trust = NOBODY,
    force: bool = False,
    network: Network = NETWORK,
    observer: Observer = lambda _done, _total: None,
) -> Pulled:
    """Install an artifact, or update an index from it: only segments that are not there yet are fetched.

    An interrupted pull continues where it stopped. The new index is examined before it replaces the old one, which
    happens with one replaced file, or not at all.

    Args:
        location: a path or an address.
        fetched: a file that has the full content already, and is read instead.
        contents_sha256: the digest of the table of contents, according to a registry.
        force: replace an index with changes of its own, another one, a newer release, or one that was signed.

    Raises:
        FetchError: it could not be fetched; the bytes fetched so far are kept.
        ArtifactError: it is damaged, refused, or larger than the free space.
        IndexExistsError: the index in the folder may not be replaced by this one without `force`.
        SignatureError: a signature is false, or is missing although one is demanded, or was there before.
        LimitError: it exceeds the limits of an index.
    """
    with closing(open_remote(fetched or location, network)) as remote:
        content, begin = _read_contents(remote, location)
        digest = table.digest(content)
        if contents_sha256 not in (None, digest):
            raise ArtifactError(
                f"{location} is not what the registry says: its contents have another digest",
                "try again later; if that does not help, tell whoever keeps the registry",
            )
        contents = table.parse(content, location)
        signed_by = _signing_key(content, location, trust, network)
        with installation(directory, contents.manifest, digest, force=force) as installing:
            recorded = location.encode("utf-8", "backslashreplace").decode()  # a file's name may be any bytes
            origin = Origin(recorded, contents.name, contents.release, digest, signed_by, installing.generation)
            if installing.before and not force:
                check_succession(installing.before, origin, directory)
            installing.check(origin)
            download = _SegmentDownload(remote, begin, contents, installing, observer)
            download.run()
            forget(directory)  # the fetched pages of the articles that are replaced
            installing.finish(origin)
    return Pulled(
        directory,
        origin,
        contents.licence,
        contents.manifest.recipe.tier,
        contents.articles,
        contents.passages,
        download.fetched_bytes,
        len(installing.lacking),
        len(installing.here),
    )


def _read_contents(remote: Remote, location: str) -> tuple[bytes, int]:
    """Return the table of contents, and the offset at which the members begin."""
    head = b"".join(remote.read(0, _BLOCK))
    try:
        member = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeError, ValueError) as error:
        raise ArtifactError(
            f"{location} is not an artifact: {error}", "name a file that `semsearch pack` wrote"
        ) from error
    if member.name != FIRST or not member.isreg() or not 0 < member.size <= table.MOST_BYTES:
        raise ArtifactError(f"{location} is not an artifact", "name a file that `semsearch pack` wrote")
    content = b"".join(remote.read(_BLOCK, member.size))
    return content, _BLOCK + member.size + -member.size % _BLOCK


def _signing_key(content: bytes, location: str, trust: Trust, network: Network) -> str | None:
    """Return the trusted key that signed the contents, or None; raises SignatureError if a signature is false."""
    keys = [*trust.keys, *known_keys()]
    signature = None
    if keys or trust.signed:
        signature = fetch_whole(with_suffix(location, SIGNATURE_SUFFIX), _MOST_SIGNATURE_BYTES, network)
    key = signer(content, signature, keys) if signature is not None else None
    if key is None and trust.signed:
        why = "it has no signature" if signature is None else "it is not signed by a trusted key"
        raise SignatureError(
            f"{location} was not installed: {why}",
            "trust its key (--key FILE.pub, or semsearch key trust FILE.pub), or leave out --signed",
        )
    return key.text if key else None


class _SegmentDownload:
    """Downloads the segments that are lacking."""

    def __init__(
        self, remote: Remote, begin: int, contents: Contents, installing: Installation, observer: Observer
    ) -> None:
        self.fetched_bytes = 0
        self._remote = remote
        self._begin = begin
        self._contents = contents
        self._installing = installing
        self._observer = observer
        self._members = [
            (entry, name, contents.members[f"{SEGMENTS}/{entry.name}/{name}"])
            for entry in installing.lacking
            for name in entry.files
        ]
        self._total = sum(member.size_bytes for _, _, member in self._members)
        self._done = 0

    def run(self) -> None:
        """Fetch every file of the segments that are lacking; files that are complete already are not fetched again."""
        self._check_room()
        for entry, name, member in sorted(self._members, key=lambda item: item[2].offset):
            self._observer(self._done, self._total)
            folder = self._installing.folder_of(entry)
            if not _is_there(folder / name, entry.files[name]):
                self._fetch(folder / name, entry, member)
            self._done += member.size_bytes
        self._observer(self._done, self._total)

    def _check_room(self) -> None:
        dimensions = self._contents.manifest.recipe.encoder.dimensions
        largest = max((member.size_bytes for _, _, member in self._members), default=0)
        bytes_here = sum(path.stat().st_size for path in self._installing.workplace.rglob("*") if path.is_file())
        needed = needed_bytes(self._installing.lacking, dimensions) + largest + _SPARE_BYTES - bytes_here
        free = free_bytes(self._installing.directory)
        if needed > free:
            raise ArtifactError(
                f"{self._installing.directory} has room for {free:,} bytes, and {needed:,} are needed",
                "make room, or name a folder on another disk with -i",
            )

    def _fetch(self, path: Path, entry: SegmentEntry, member: PackedFile) -> None:
        """Fetch one file, and once more from its beginning if it is not what was packed."""
        part = path.with_name(path.name + _PART)
        for last in (False, True):
            self._fetch_rest(part, member)
            remove(path)
            try:
                unpack(part, path, entry.files[path.name])
            except ValueError as error:
                remove(path)
                if last:
                    raise ArtifactError(
                        f"{self._remote.location}: {entry.name}/{path.name} is damaged, and was again when it was "
                        f"fetched a second time: {error}",
                        "nothing was installed; tell whoever keeps the file",
                    ) from error
            finally:
                remove(part)
            if path.exists():
                return

    def _fetch_rest(self, part: Path, member: PackedFile) -> None:
        with appending(part, member.size_bytes) as (stream, received):
            for piece in self._remote.read(self._begin + member.offset + received, member.size_bytes - received):
                stream.write(piece)
                received += len(piece)
                self.fetched_bytes += len(piece)
                self._observer(self._done + received, self._total)


def _is_there(path: Path, seal: Seal) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size == seal.size_bytes and seal_of(path) == seal
