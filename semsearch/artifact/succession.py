"""Decides whether an artifact may replace the installed one: not if it is another, an older or a less trusted one.

The index's manifest remembers what was installed last. An attacker who can change a file on a server, or on the way,
can put an older artifact with a valid signature there: only this memory reveals it.
"""

import re
from pathlib import Path

from semsearch.artifact.keys import PublicKey
from semsearch.errors import IndexExistsError, SignatureError
from semsearch.text import normalise_line
from semsearch.types import Origin

_HINT = "keep both: name another folder with -i; or replace what is installed with --force"

_VERSION = re.compile(r"[vr]?\d{1,18}(?:[-._:/TZWQ]+\d{1,18})*Z?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d+", re.ASCII)


def check_succession(installed: Origin, offered: Origin, directory: Path) -> None:
    """Accept an artifact that is the same as the installed one, or a newer release of it with the same signer.

    Raises:
        IndexExistsError: it has another name, is no newer release, or is the same release with other contents.
        SignatureError: the installed one was signed by a trusted key, and this one is not, or by another key.
    """
    refused = f"{offered.where} was not installed"
    if offered.name != installed.name:
        raise IndexExistsError(
            f"{refused}: it is {offered.name}, and {directory} holds {normalise_line(installed.name)}", _HINT
        )
    if installed.signed_by and offered.signed_by != installed.signed_by:
        signer = f"by the key {_fingerprint(offered.signed_by)}" if offered.signed_by else "by no trusted key"
        raise SignatureError(
            f"{refused}: it is signed {signer}, and {directory} was signed by the key "
            f"{_fingerprint(installed.signed_by)}",
            "trust that key (--key FILE.pub, or semsearch key trust FILE.pub), or replace the index with --force",
        )
    if offered.contents_sha256 == installed.contents_sha256:
        return
    current = normalise_line(installed.release)
    if offered.release == installed.release:
        raise IndexExistsError(
            f"{refused}: it has the same release as the index in {directory}, {current}, but other contents", _HINT
        )
    if not is_newer(offered.release, installed.release):
        raise IndexExistsError(
            f"{refused}: its release, {offered.release}, is not newer than the one in {directory}, {current}", _HINT
        )


def is_newer(release: str, than: str) -> bool:
    """Tell whether a release comes after another by their numbers: 2026-02 after 2026-01, v1.10 after v1.9.

    A release that is no version or date, such as "spring", has no order and comes after none.
    """
    return is_ordered(release) and is_ordered(than) and _numbers(release) > _numbers(than)


def is_ordered(release: str) -> bool:
    """Tell whether a release is a version or a date."""
    return _VERSION.fullmatch(release) is not None


def _numbers(release: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(release)]


def _fingerprint(key: str) -> str:
    try:
        return PublicKey(key).fingerprint
    except ValueError:
        return "that cannot be read"
