"""What a person calls an artifact -> an installed index: a path, an address, or a name that a registry knows."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from semsearch.artifact.fetching import AGAIN, is_address, open_remote
from semsearch.artifact.keys import parse_key
from semsearch.artifact.pulling import NOBODY, Observer, Trust, pull
from semsearch.artifact.registry import Listing, find
from semsearch.errors import ArtifactError, FetchError, UsageError
from semsearch.files import appending, make_directory, remove, seal_of
from semsearch.locations import home
from semsearch.settings import setting
from semsearch.types import Pulled

VARIABLE = "SEMSEARCH_REGISTRY"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def is_name(source: str) -> bool:
    """Tell a registry's name from a path or an address."""
    return bool(_NAME.fullmatch(source)) and not is_address(source) and not Path(source).exists()


def installed_at(name: str) -> Path:
    """Return where an index lies that was installed by its name alone."""
    return home() / "indexes" / name


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

    Raises:
        NotFoundError: the registry has no such name.
        FetchError, ArtifactError, IndexExistsError: as from `pulling.pull`.
    """
    if not is_name(source):
        return pull(source, directory, trust=trust, force=force, offline=offline, patience=patience, observer=observer)
    listing = find(registry_named(registry), source, offline=offline)
    if listing.key:  # who vouches for the registry vouches for it
        trust = replace(trust, keys=(*trust.keys, parse_key(listing.key, f"the key of {source}")), signed=True)
    failed = FetchError(f"{source} is nowhere to be had", AGAIN)
    for url in listing.urls:
        try:
            with _proved(url, listing, directory, offline=offline, patience=patience) as where:
                return pull(
                    where,
                    directory,
                    contents_sha256=listing.contents_sha256,
                    trust=trust,
                    force=force,
                    offline=offline,
                    patience=patience,
                    observer=observer,
                )
        except FetchError as error:
            failed = error
    raise failed


@contextmanager
def _proved(url: str, listing: Listing, directory: Path, *, offline: bool, patience: float) -> Iterator[str]:
    """Give a place whose table of contents is compared with the registry's digest.

    Where a registry knows only the digest of the whole file, all of it has to be fetched before any of it is believed.
    """
    if listing.contents_sha256:
        yield url
        return
    make_directory(directory.absolute().parent)
    whole = directory.absolute().with_name(f".{directory.name}.{listing.sha256}")
    have = whole.stat().st_size if whole.is_file() else 0
    remote = open_remote(url, offline=offline, patience=patience)
    try:
        with appending(whole) as stream:
            for piece in remote.read(have, listing.size_bytes - have):
                stream.write(piece)
    finally:
        remote.close()
    if seal_of(whole).sha256 != listing.sha256:
        remove(whole)
        raise ArtifactError(
            f"{url} is not what the registry says: it has another digest",
            "try again later; if it stays so, tell whoever keeps the registry",
        )
    yield str(whole)
    remove(whole)
