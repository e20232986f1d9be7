"""What a person calls an artifact -> an installed index: a path, an address, or a name that a registry knows."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from semsearch.artifact.fetching import AGAIN, open_remote
from semsearch.artifact.keys import parse_key
from semsearch.artifact.pulling import NOBODY, Observer, Trust, pull
from semsearch.artifact.registry import Listing, find
from semsearch.engines.folders import MANIFEST
from semsearch.errors import ArtifactError, FetchError, UsageError
from semsearch.files import appending, free_bytes, make_directory, remove, seal_of
from semsearch.locations import home
from semsearch.settings import setting
from semsearch.types import Pulled

VARIABLE = "SEMSEARCH_REGISTRY"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def is_name(source: str) -> bool:
    """Tell a registry's name from a file or an address; what is both is the file."""
    return bool(_NAME.fullmatch(source)) and not Path(source).is_file()


def installed_at(name: str) -> Path:
    """Return where an index lies that was installed by its name alone; raises UsageError where that is no name."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r:.100} is no name of a registry", "use small letters a to z, digits and . _ -")
    return home() / "indexes" / name


def prebuilt(name: str, *, registry: str | None = None, offline: bool = False) -> Path:
    """Return where the index of a registry's name lies, once it is there; whatever the working folder holds.

    Raises:
        NotFoundError, FetchError, ArtifactError: as from `install`.
    """
    where = installed_at(name)
    if not (where / MANIFEST).exists():
        install(name, where, named=True, registry=registry, offline=offline)
    return where


def registry_named(given: str | None = None) -> str:
    """Return the registry: the given one, else $SEMSEARCH_REGISTRY, else that of a settings file."""
    if found := given or os.environ.get(VARIABLE) or setting("registry"):
        return found
    raise UsageError(
        "no registry is known that could say where an index of that name is",
        f"name one: --registry JSON, ${VARIABLE}, or registry = … in semsearch.toml; or give the file's own place",
    )


def install(
    source: str,
    directory: Path,
    *,
    named: bool = False,
    registry: str | None = None,
    trust: Trust = NOBODY,
    force: bool = False,
    offline: bool = False,
    patience: float = 30.0,
    observer: Observer = lambda _done, _total: None,
) -> Pulled:
    """Install an artifact, or what is new in it.

    Args:
        source: a path, an address, or a name, of which the registry says where it is.
        named: it is a name, even if a file is called so.

    Raises:
        NotFoundError: the registry has no such name.
        FetchError, ArtifactError, IndexExistsError: as from `pulling.pull`.
    """
    settled = partial(pull, directory=directory, force=force, offline=offline, patience=patience, observer=observer)
    if not named and not is_name(source):
        return settled(source, trust=trust)
    listing = find(registry_named(registry), source, offline=offline)
    if listing.key:  # who vouches for the registry vouches for it
        trust = replace(trust, keys=(*trust.keys, parse_key(listing.key, f"the key of {source}")), signed=True)
    failed: ArtifactError = FetchError(f"{source} is nowhere to be had", AGAIN)
    for url in listing.urls:
        try:
            with _proved(url, listing, directory, offline=offline, patience=patience) as fetched:
                return settled(url, fetched=fetched, contents_sha256=listing.contents_sha256, trust=trust)
        except ArtifactError as error:  # all that one place has is proved, so that another may be asked
            failed = error
            if url != listing.urls[-1]:
                logging.getLogger("semsearch").warning("%s; asking the next place", error)
    raise failed


@contextmanager
def _proved(url: str, listing: Listing, directory: Path, *, offline: bool, patience: float) -> Iterator[str | None]:
    """Give a file that is what the registry says, or None where it says what the table of contents is.

    Where a registry knows only the digest of the whole file, all of it has to be fetched before any of it is believed.
    """
    if listing.contents_sha256:
        yield None
        return
    whole = directory.absolute().with_name(f".{directory.name}.{listing.sha256}")
    _fetch_whole(url, whole, listing, offline=offline, patience=patience)
    try:
        yield str(whole)
    except FetchError:  # of its signature, which may be had the next time
        raise
    except ArtifactError:
        remove(whole)
        raise
    remove(whole)


def _fetch_whole(url: str, whole: Path, listing: Listing, *, offline: bool, patience: float) -> None:
    """Fetch what is lacking of a file, and compare it with its digest; what came is kept until it is wrong."""
    have = whole.stat().st_size if whole.is_file() else 0
    free = free_bytes(directory := whole.parent)
    if listing.size_bytes - have > free:
        raise ArtifactError(
            f"{directory} has room for {free:,} bytes, and {listing.size_bytes - have:,} are needed",
            "make room, or name a folder on another disk with -i",
        )
    make_directory(directory)
    with closing(open_remote(url, offline=offline, patience=patience)) as remote, appending(whole) as stream:
        for piece in remote.read(have, listing.size_bytes - have):
            stream.write(piece)
    if seal_of(whole).sha256 != listing.sha256:
        remove(whole)
        raise ArtifactError(
            f"{url} is not what the registry says: it has another digest",
            "try again later; if it stays so, tell whoever keeps the registry",
        )
