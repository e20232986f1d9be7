"""Signs artifacts, and verifies who signed one; the only module that imports `cryptography`.

A signature stands beside its artifact, as `FILE.sig`. It is Ed25519 over a prefix and the bytes of artifact.json, which
seals everything else. It counts only if it is by a key that is trusted on this machine: the key that a signature names
selects a trusted key, and the bytes of that one verify it. So there are three cases:

- it names a trusted key and is valid: that key is the signer
- it names a trusted key and is not valid: an error, since the artifact or the signature is not what that signer made
- it names any other key: the same as no signature, and not even checked, since anybody who can change an artifact can
  also sign it with a key of their own, or remove the signature
"""

import logging
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from semsearch.artifact.keys import (
    KEY_PREFIX,
    MOST_BYTES,
    PUBLIC_SUFFIX,
    PublicKey,
    can_be_name,
    distrust,
    from_base64,
    known_keys,
    parse_key,
    read_key,
    read_small,
    to_base64,
    trust,
)
from semsearch.errors import MissingExtraError, SignatureError, UsageError
from semsearch.files import Writing, canonical_json, remove, sync_directory

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "SIGNATURE_SUFFIX",
    "PublicKey",
    "distrust",
    "known_keys",
    "make_key",
    "parse_key",
    "read_key",
    "sign",
    "signer",
    "trust",
]

SIGNATURE_SUFFIX = ".sig"

_DOMAIN = b"semsearch artifact 1\n"
"""Prefix of all that is signed, so that the key's signature of anything else never counts as that of an artifact."""

# A signature is read only in the form in which it is written, so that no parser meets a stranger's JSON.
_SIGNATURE = re.compile(
    rb'\{"algorithm":"ed25519","key":"(semsearch-ed25519:[A-Za-z0-9+/]{43}=)",'
    rb'"semsearch_signature":1,"signature":"([A-Za-z0-9+/]{86}==)"\}\n'
)
_VERSION = re.compile(rb'"semsearch_signature"\s*:\s*([0-9]{1,9})')

_PRIVATE_MODE = 0o600
_OF_OTHERS = 0o077
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def make_key(path: Path) -> PublicKey:
    """Make a pair of keys: the private one in a file that only its owner may read, the public one in `path`.pub.

    On Windows, the folder decides who may read a file.

    Raises:
        UsageError: one of the files is there already; none is ever overwritten.
        MissingExtraError: cryptography is not installed.
    """
    content, text = _new_pair()
    key = PublicKey(text, path.stem if can_be_name(path.stem) else "")
    try:
        _write(path, content, _PRIVATE_MODE)
        try:
            _write(path.parent / f"{path.name}{PUBLIC_SUFFIX}", f"{key.line}\n".encode(), 0o666)
        except BaseException:
            remove(path)  # its public key was never published
            raise
    except FileExistsError as error:
        raise UsageError(f"{error.filename} already exists", "name another file: a key is never overwritten") from error
    sync_directory(path.parent)
    return key


def sign(contents: bytes, private: Path) -> bytes:
    """Return the content of the `.sig` file for the bytes of an artifact.json.

    A private key that others may read still signs, with a warning: if secrets are mounted into a container, or on a
    file system without owners, users cannot change that, and a refusal would only make them copy the key.

    Raises:
        UsageError: there is no Ed25519 key in the file, or it has a password.
        MissingExtraError: cryptography is not installed.
    """
    key = _private_key(private)
    if os.name == "posix" and stat.S_IMODE(private.stat().st_mode) & _OF_OTHERS:
        logging.getLogger("semsearch").warning(
            "%s is a private key that others on this machine can read: chmod 600 %s", private, private
        )
    signed = {
        "semsearch_signature": 1,
        "algorithm": "ed25519",
        "key": _public_text(key),
        "signature": to_base64(key.sign(_DOMAIN + contents)),
    }
    return canonical_json(signed) + b"\n"


def signer(contents: bytes, signature: bytes, keys: Sequence[PublicKey]) -> PublicKey | None:
    """Return the one of these keys that signed the bytes of an artifact.json, or None if none of them did.

    With None the artifact is trusted no more than an unsigned one. Nothing is computed, and cryptography is not needed,
    unless the signature names one of the keys.

    Args:
        contents: the bytes of artifact.json as they are in the artifact.
        signature: the content of `FILE.sig`.
        keys: `known_keys()`, or those of them that count for this artifact.

    Raises:
        SignatureError: it is not a signature, or it names one of the keys and is not valid.
        MissingExtraError: it names one of the keys, and cryptography is not installed.
    """
    key_text, signature_bytes = _parse(signature)
    key = next((candidate for candidate in keys if candidate.text == key_text), None)
    if key and not _is_valid(key, _DOMAIN + contents, signature_bytes):
        raise SignatureError(
            f"the signature claims to be by {key.name or key.fingerprint}, but is not valid for this artifact",
            "get the artifact and its .sig file again; if that does not help, ask whoever made them",
        )
    return key


def _parse(signature: bytes) -> tuple[str, bytes]:
    """Return the text of the key that a signature names, and the 64 bytes of the signature."""
    hint = f"get the {SIGNATURE_SUFFIX} file again"
    if len(signature) > MOST_BYTES:
        raise SignatureError(f"that is not a signature: it is larger than the {MOST_BYTES:,}-byte limit", hint)
    version = _VERSION.search(signature)
    if version and int(version[1]) > 1:
        raise SignatureError("the signature has a newer format than this version supports", "pip install -U semsearch")
    match = _SIGNATURE.fullmatch(signature)
    signature_bytes = from_base64(match[2].decode()) if match else None
    if not match or signature_bytes is None:
        raise SignatureError("the signature is damaged, or is not a signature", hint)
    return match[1].decode(), signature_bytes


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that must not exist yet, with these permissions from the first moment."""
    descriptor = os.open(path, _NEW, mode)
    try:
        Writing(descriptor).write(content)
        os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        remove(path)
        raise
    os.close(descriptor)


def _new_pair() -> tuple[bytes, str]:
    """Return a private key as PKCS#8 in PEM, without a password, and the text of its public key."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    except ImportError as error:
        raise _missing("making a key") from error
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), _public_text(key)


def _private_key(path: Path) -> "Ed25519PrivateKey":
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise _missing("signing") from error
    hint = "make one: semsearch key make FILE"
    try:
        key = load_pem_private_key(read_small(path), password=None)
    except TypeError as error:
        raise UsageError(f"{path} is protected by a password, which is not supported", hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path} is not a private key", hint) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is a private key, but not an Ed25519 key", hint)
    return key


def _is_valid(key: PublicKey, signed: bytes, signature_bytes: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise _missing(f"checking {key.name or key.fingerprint}'s signature") from error
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature_bytes, signed)
    except InvalidSignature:
        return False
    return True


def _public_text(key: "Ed25519PrivateKey") -> str:
    return KEY_PREFIX + to_base64(key.public_key().public_bytes_raw())


def _missing(purpose: str) -> MissingExtraError:
    return MissingExtraError(f"{purpose} needs the package cryptography", "pip install 'semsearch[sign]'")
