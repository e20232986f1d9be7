"""From what a person calls an artifact to an installed index: a path, an address, or a name in a registry."""

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
    """Tell a registry's name from a file or an address; what is both is the file."""
    return bool(_NAME.fullmatch(source)) and not Path(source).is_file()


def installed_at(name: str) -> Path:
    """Return where an index lies that was installed by its name alone; raises UsageError if it cannot be a name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r:.100} cannot be a name in a registry", "use lower-case letters a to z, digits and . _ -"
        )
    return home() / "indexes" / name


def prebuilt(name: str, *, registry: str | None = None, network: Network = NETWORK) -> Path:
    """Return where the index with this name in a registry lies, after installing it if it is not there yet.

    Raises:
        NotFoundError, FetchError, ArtifactError: as from `install`.
    """
    where = installed_at(name)
    if not (where / MANIFEST).exists():
        install(name, where, named=True, registry=registry, network=network)
    return where


class Registry(NamedTuple):
    """Which registry says where names are."""

    where: str  # a path or an address
    trusted: bool = True  # a person named it, so that the keys in it are trusted; not a file of the working folder


def registry_named(given: str | None = None) -> Registry:
    """Return the registry: the given one, else $SEMSEARCH_REGISTRY, else that of a settings file."""
    if where := given or os.environ.get(VARIABLE):
        return Registry(where)
    if found := find_setting("registry"):
        return Registry(found.value, found.personal)
    raise UsageError(
        "no registry was named that could say where an index of that name is",
        f"name one: --registry JSON, ${VARIABLE}, or registry = … in semsearch.toml; or give the file or its address",
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
    """Install an artifact, or what is new in it.

    Args:
        source: a path, an address, or a name in the registry.
        named: it is a name, even if there is a file of that name.

    Raises:
        NotFoundError: the registry has no such name.
        FetchError, ArtifactError, IndexExistsError: as from `pulling.pull`.
    """
    settled = partial(pull, directory=directory, force=force, observer=observer)
    if not named and not is_name(source):
        return settled(source, trust=trust, network=network)
    which = registry_named(registry)
    listing = find(which.where, source, network)
    named_by_nobody = listing.public or not (which.trusted or is_address(which.where))
    network = replace(network, public_only=network.public_only or named_by_nobody)
    if not which.trusted:
        _log.warning(
            "the registry %s was named by semsearch.toml in the working folder: its keys are not trusted. If you trust "
            "it, name it with --registry, $%s or your own settings file",
            which.where,
            VARIABLE,
        )
    elif listing.key:  # whoever trusts the registry trusts its keys
        trust = replace(trust, keys=(*trust.keys, parse_key(listing.key, f"the key of {source}")), signed=True)
    failed: ArtifactError = FetchError(f"{source} could not be fetched from anywhere", AGAIN)
    for url in listing.urls:
        try:
            with _proved(url, listing, directory, network) as fetched:
                return settled(
                    url, fetched=fetched, contents_sha256=listing.contents_sha256, trust=trust, network=network
                )
        except ArtifactError as error:  # all that one place has is proved, so that another may be asked
            failed = error
            if url != listing.urls[-1]:
                _log.warning("%s; trying the next place", error)
    raise failed


@contextmanager
def _proved(url: str, listing: Listing, directory: Path, network: Network) -> Iterator[str | None]:
    """Give a file that is what the registry says, or None if it says what the table of contents is.

    If a registry has only the digest of the whole file, all of it is fetched before any of it is read.
    """
    if listing.contents_sha256:
        yield None
        return
    whole = directory.absolute().with_name(f".{directory.name}.{listing.sha256}")
    _fetch_whole(url, whole, listing, network)
    try:
        yield str(whole)
    except (FetchError, IndexLockedError):  # its signature, or the lock, may be had the next time
        raise
    except StoredIndexError:
        remove(whole)
        raise
    remove(whole)


def _fetch_whole(url: str, whole: Path, listing: Listing, network: Network) -> None:
    """Fetch what is missing of a file, and compare it with its digest; what came is kept until it is wrong."""
    with closing(open_remote(url, network)) as remote:
        make_directory(whole.parent)
        with appending(whole, listing.size_bytes) as (stream, have):
            missing = listing.size_bytes - have
            if missing > (free := free_bytes(whole.parent)):
                raise ArtifactError(
                    f"{whole.parent} has room for {free:,} bytes, and {missing:,} are needed",
                    "make room, or name a folder on another disk with -i",
                )
            for piece in remote.read(have, missing):
                stream.write(piece)
    if seal_of(whole).sha256 != listing.sha256:
        remove(whole)
        raise ArtifactError(
            f"{url} is not what the registry says: it has another digest",
            "try again later; if that does not help, tell whoever keeps the registry",
        )
