"""Reads a registry: a small JSON file that lists artifacts by name, describes them, and says where to fetch them."""

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import PurePosixPath, PureWindowsPath
from typing import NoReturn

from semsearch.addresses import is_address, parts
from semsearch.artifact.ranges import MissingError
from semsearch.artifact.remote import beside, open_remote, read_whole
from semsearch.errors import ArtifactError, FetchError, NotFoundError
from semsearch.network.transfers import Network
from semsearch.text import normalise_line

VERSION = 1
"""The version of a registry that this module reads."""

_MOST_BYTES = 1 << 22
_MOST_PLACES = 16
"""Places of one artifact. Each of them may take as long as a slow server may."""

_MOST_COUNT = 1 << 53
"""Exclusive. A larger number may change in a reader that keeps numbers as doubles."""

_SHOWN = 100
"""Characters of a faulty value in a message."""

_MEND = "tell whoever wrote the registry"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REQUIRED = ("description", "licence", "size_bytes", "sha256", "urls")


@dataclass(frozen=True, slots=True)
class Listing:
    """One artifact as a registry describes it, unverified. Texts are one line, fit for a terminal."""

    name: str
    description: str
    licence: str
    size_bytes: int  # of the artifact
    sha256: str  # of the full artifact, lower-case hexadecimal
    urls: tuple[str, ...]  # at least one; addresses, or paths if the registry is a file
    contents_sha256: str | None = None  # of its artifact.json
    articles: int | None = None
    passages: int | None = None
    encoder: str | None = None
    release: str | None = None
    key: str | None = None  # the public key of its signer
    public: bool = False  # the registry is on the internet, and may not name private machines


def find(location: str, name: str, network: Network) -> Listing:
    """Read a registry from a path or an address, and return one of its listings.

    Raises:
        NotFoundError: it has no such name.
        FetchError: it is not there, or could not be read.
        ArtifactError: something in it is not valid.
    """
    try:
        with closing(open_remote(location, network)) as remote:
            content = read_whole(remote, _MOST_BYTES)
            public = bool(remote.public)
    except MissingError:
        content = None
    if content is None:
        raise FetchError(f"there is no registry at {location}", "check the path or the address")
    listings = parse_registry(content, location)
    if name not in listings:
        alike = get_close_matches(normalise_line(name).lower(), listings, n=5)
        hint = f"did you mean {' or '.join(alike)}?" if alike else "check the name"
        raise NotFoundError(f"{location} has no index named {name!r} among its {len(listings)}", hint)
    return replace(listings[name], public=public)


def parse_registry(content: bytes, location: str) -> dict[str, Listing]:
    """Turn a registry's bytes into its listings by name; unknown keys are ignored.

    Relative places are relative to `location`. A registry at an address names addresses only; one in a file may also
    name files in its own folder and below.

    Raises:
        ArtifactError: something is not valid; the message names the entry and the field.
    """
    try:
        registry = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{location} is not JSON: {normalise_line(str(error))}", "check the path or the address"
        ) from error
    version = registry.get("semsearch_registry") if isinstance(registry, dict) else None
    if type(version) is not int or version < 1:
        raise ArtifactError(
            f"{location} is not a registry: it has no semsearch_registry with a number", "check the path or the address"
        )
    if version > VERSION:
        raise ArtifactError(
            f"{location} is a registry of version {version}, and this version of semsearch reads {VERSION}",
            "update semsearch",
        )
    indexes = registry.get("indexes")
    if not isinstance(indexes, dict):
        raise ArtifactError(f"{location}: indexes is not an object", _MEND)
    return {name: _Entry(location, name, entry).listing() for name, entry in indexes.items()}


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a key is there twice")
    return entries


class _Entry:
    """One entry of a registry, before and while it is checked."""

    def __init__(self, location: str, name: str, entry: object) -> None:
        self._location = location
        self._name = name
        if not _NAME.fullmatch(name):
            self._refuse("the name", "is not of 1 to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or digit")
        if not isinstance(entry, dict):
            self._refuse("the entry", "is not an object")
        self._fields: Mapping[str, object] = entry
        for field in _REQUIRED:
            if entry.get(field) is None:
                self._refuse(field, "is missing")

    def listing(self) -> Listing:
        return Listing(
            name=self._name,
            description=self._text("description") or "",
            licence=self._text("licence") or "",
            size_bytes=self._count("size_bytes") or 0,
            sha256=self._digest("sha256") or "",
            urls=self._places(),
            contents_sha256=self._digest("contents_sha256"),
            articles=self._count("articles"),
            passages=self._count("passages"),
            encoder=self._text("encoder"),
            release=self._text("release"),
            key=self._key(),
        )

    def _refuse(self, field: str, fault: str) -> NoReturn:
        raise ArtifactError(f"{self._location}: entry {self._name[:_SHOWN]!r}: {field} {fault}", _MEND)

    def _text(self, field: str) -> str | None:
        value = self._fields.get(field)
        if value is not None and not isinstance(value, str):
            self._refuse(field, "is not a text")
        return None if value is None else normalise_line(value)

    def _count(self, field: str) -> int | None:
        value = self._fields.get(field)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value < _MOST_COUNT:  # True is an int
            self._refuse(field, "is not a whole number from 0 to 2^53 - 1")
        return value

    def _digest(self, field: str) -> str | None:
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            self._refuse(field, "is not a SHA-256 of 64 lower-case hexadecimal digits")
        return value

    def _key(self) -> str | None:
        value = self._fields.get("key")
        if value is not None and (not isinstance(value, str) or not value.isprintable()):
            self._refuse("key", "is not a text of one line")
        return value

    def _places(self) -> tuple[str, ...]:
        value = self._fields["urls"]
        if not isinstance(value, list) or not value:
            self._refuse("urls", "is not a list of one or more")
        if len(value) > _MOST_PLACES:
            self._refuse("urls", f"has more than {_MOST_PLACES} places")
        return tuple(self._place(f"urls[{number}]", place) for number, place in enumerate(value))

    def _place(self, field: str, place: object) -> str:
        if not isinstance(place, str) or not place or not place.isprintable() or place != place.strip():
            self._refuse(field, "is not a text of one line")
        try:
            scheme = parts(place).scheme
            resolved = beside(self._location, place)
            host = parts(resolved).hostname if is_address(resolved) else None
        except ValueError:
            self._refuse(field, f"is not an address: {place[:_SHOWN]!r}")
        if is_address(self._location):
            if scheme not in {"http", "https", ""} or not host:
                self._refuse(field, f"is neither http, https nor relative: {place[:_SHOWN]!r}")
        elif is_address(place):
            if scheme not in {"http", "https"} or not host:
                self._refuse(field, f"is neither http, https nor a path: {place[:_SHOWN]!r}")
        elif _is_absolute(place) or ".." in PureWindowsPath(place).parts:
            self._refuse(field, f"is outside the registry's own folder: {place[:_SHOWN]!r}")
        return resolved


def _is_absolute(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).anchor)
