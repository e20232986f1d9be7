"""Installs an index from an artifact that is given as a path, an address, or a name in a registry."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from semsearch.addresses import is_address
from semsearch.artifact.keys import parse_key
from semsearch.artifact.pull import NOBODY, Observer, Trust, pull
from semsearch.artifact.registry import Listing, find
from semsearch.artifact.remote import AGAIN, open_remote
from semsearch.engines.folders import MANIFEST
from semsearch.errors import ArtifactError, FetchError, IndexLockedError, StoredIndexError, UsageError
from semsearch.files import appending, free_bytes, make_directory, remove, seal_of
from semsearch.locations import home
from semsearch.network.transfers import NETWORK, Network
from semsearch.settings import find_setting
from semsearch.types import Pulled

VARIABLE = "SEMSEARCH_REGISTRY"

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def is_name(source: str) -> bool:
    """Tell whether a source is a name in a registry, and not a file or an address; if both fit, it is the file."""
    return bool(_NAME.fullmatch(source)) and not Path(source).is_file()


def installed_at(name: str) -> Path:
    """Return the folder of an index that is installed by name alone; raises UsageError if the name is not valid."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r:.100} cannot be a name in a registry", "use lower-case letters a to z, digits and . _ -"
        )
    return home() / "indexes" / name


def prebuilt(name: str, *, registry: str | None = None, network: Network = NETWORK) -> Path:
    """Return the folder of the index with this name in a registry, after installing it if it is not there yet.

    Raises:
        NotFoundError, FetchError, ArtifactError: as from `install`.
    """
    directory = installed_at(name)
    if not (directory / MANIFEST).exists():
        install(name, directory, named=True, registry=registry, network=network)
    return directory


class Registry(NamedTuple):
    """The registry in which names are looked up."""

    location: str  # a path or an address
    trusted: bool = True  # the user named it, so that its keys are trusted; False for one named in the working folder


def registry_named(chosen: str | None = None, wanted: str = "") -> Registry:
    """Return the chosen registry, else that in $SEMSEARCH_REGISTRY, else that of a settings file.

    Args:
        wanted: the name of the index to look up, for messages.
    """
    if location := chosen or os.environ.get(VARIABLE):
        return Registry(location)
    if setting := find_setting("registry"):
        return Registry(setting.value, setting.personal)
    raise UsageError(
        f"no registry was named that could say where the index {wanted or 'of that name'} is",
        f"name one: --registry JSON, ${VARIABLE}, or registry = … in semsearch.toml; if it is a file or an "
        "address, check it",
    )


def install(
    source: str,
    directory: Path,
    *,
    named: bool = False,
    registry: str | None = None,
    trust: Trust = NOBODY,
    force: bool = False,
    network: Network = NETWORK,
    observer: Observer = lambda _done, _total: None,
) -> Pulled:
    """Install an artifact, or the segments of it that are new.

    Args:
        source: a path, an address, or a name in the registry.
        named: the source is a name, even if there is a file with that name.

    Raises:
        NotFoundError: the registry has no such name.
        FetchError, ArtifactError, IndexExistsError: as from `pull`.
    """
    pull_here = partial(pull, directory=directory, force=force, observer=observer)
    if not named and not is_name(source):
        return pull_here(source, trust=trust, network=network)
    listing, trust, network = _look_up(source, registry, trust, network)
    last_error: ArtifactError = FetchError(f"{source} could not be fetched from anywhere", AGAIN)
    for url in listing.urls:
        try:
            with _verified_file(url, listing, directory, network) as fetched:
                return pull_here(
                    url, fetched=fetched, contents_sha256=listing.contents_sha256, trust=trust, network=network
                )
        except ArtifactError as error:  # each place is checked by itself, so that another may be tried
            last_error = error
            if url != listing.urls[-1]:
                _log.warning("%s; trying the next place", error)
    raise last_error


def _look_up(name: str, registry: str | None, trust: Trust, network: Network) -> tuple[Listing, Trust, Network]:
    """Return a name's listing, with the keys to trust and the network to use for it."""
    chosen = registry_named(registry, name)
    listing = find(chosen.location, name, network)
    if listing.public or not (chosen.trusted or is_address(chosen.location)):  # the user did not name its places
        network = replace(network, public_only=True)
    if not chosen.trusted:
        _log.warning(
            "the registry %s was named by semsearch.toml in the working folder: its keys are not trusted. If you trust "
            "it, name it with --registry, $%s or your own settings file",
            chosen.location,
            VARIABLE,
        )
    elif listing.key:  # to trust the registry is to trust its keys
        trust = replace(trust, keys=(*trust.keys, parse_key(listing.key, f"the key of {name}")), signed=True)
    return listing, trust, network


@contextmanager
def _verified_file(url: str, listing: Listing, directory: Path, network: Network) -> Iterator[str | None]:
    """Yield a file that matches the registry's digest, or None if the registry has the digest of the table of contents.

    If a registry has only the digest of the full file, all of it is fetched before any of it is read.
    """
    if listing.contents_sha256:
        yield None
        return
    file = directory.absolute().with_name(f".{directory.name}.{listing.sha256}")
    _fetch_file(url, file, listing, network)
    try:
        yield str(file)
    except (FetchError, IndexLockedError):  # the signature, or the lock, may be available the next time
        raise
    except StoredIndexError:
        remove(file)
        raise
    remove(file)


def _fetch_file(url: str, file: Path, listing: Listing, network: Network) -> None:
    """Fetch the missing bytes of a file, and check its digest; all that was fetched is kept unless that is wrong."""
    with closing(open_remote(url, network)) as remote:
        make_directory(file.parent)
        with appending(file, listing.size_bytes) as (stream, have):
            missing = listing.size_bytes - have
            if missing > (free := free_bytes(file.parent)):
                raise ArtifactError(
                    f"{file.parent} has room for {free:,} bytes, and {missing:,} are needed",
                    "make room, or name a folder on another disk with -i",
                )
            for piece in remote.read(have, missing):
                stream.write(piece)
    if seal_of(file).sha256 != listing.sha256:
        remove(file)
        raise ArtifactError(
            f"{url} is not what the registry says: it has another digest",
            "try again later; if that does not help, tell whoever keeps the registry",
        )
