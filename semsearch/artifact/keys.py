"""Reads public keys, and keeps those that are trusted on this machine. Nothing here computes with them."""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from semsearch.errors import NoSuchPathError, UsageError
from semsearch.files import make_directory, remove, replace, sync_directory
from semsearch.text import normalise_line

KEY_PREFIX = "semsearch-ed25519:"
PUBLIC_SUFFIX = ".pub"

MOST_BYTES = 4096
"""The size of a key's file, and of a signature; the longest written here has some 250."""

_KEY = re.compile(re.escape(KEY_PREFIX) + r"([A-Za-z0-9+/]{43}=)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies somebody's signatures; raises ValueError if the text is not a key."""

    text: str  # KEY_PREFIX and 32 bytes in base64; equal texts are equal keys
    name: str = ""  # of a trusted key: its name on this machine; else the name that its maker gave it, on one line

    def __post_init__(self) -> None:
        _ = self.raw

    @property
    def raw(self) -> bytes:
        """The 32 bytes."""
        match = _KEY.fullmatch(self.text)
        raw = from_base64(match[1]) if match else None
        if raw is None:
            raise ValueError("it does not have the form of one")
        return raw

    @property
    def fingerprint(self) -> str:
        """80 bits of a digest, for two people to compare; programs compare texts."""
        digits = hashlib.sha256(self.raw).hexdigest()
        return "-".join(digits[index : index + 4] for index in range(0, 20, 4))

    @property
    def line(self) -> str:
        """What a `.pub` file holds, without its newline."""
        return f"{self.text} {self.name}".rstrip()

    def to_dict(self) -> dict[str, str]:
        """Return one entry of `key list --json`."""
        return {"name": self.name, "key": self.text, "fingerprint": self.fingerprint}


def parse_key(text: str, source: str) -> PublicKey:
    """Read a public key from a line; a blank and a name may follow it.

    `source` is for messages, which never repeat the text itself: it may be a private key.

    Raises:
        UsageError: it is not one public key.
    """
    if "PRIVATE KEY" in text:
        raise UsageError(f"{source} is a private key, which only its owner should have", "give the FILE.pub beside it")
    hint = f"give a FILE.pub with one line: {KEY_PREFIX}… and a name"
    if len(text) > MOST_BYTES or len(text.strip().splitlines()) != 1:
        raise UsageError(f"{source} is not a public key: not one line", hint)
    key_text, *name = text.split(maxsplit=1)
    try:
        return PublicKey(key_text, normalise_line("".join(name)))
    except ValueError as error:
        raise UsageError(f"{source} is not a public key: {error}", hint) from error


def read_key(path: Path) -> PublicKey:
    """Read a `.pub` file.

    Raises:
        UsageError: it cannot be read, or is not a public key.
    """
    return parse_key(read_small(path).decode("utf-8-sig", errors="replace"), str(path))


def read_small(path: Path) -> bytes:
    """Read the file of a key, at most one byte beyond the limit.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NoSuchPathError(f"there is no file {path}", "check the path") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path and its permissions") from error


def known_keys() -> list[PublicKey]:
    """Return the keys that are trusted on this machine, by name.

    Raises:
        UsageError: a file among them is not a key. Without it, an error about a signature could become a mere notice.
    """
    folder = _folder()
    try:
        names = sorted(os.listdir(folder)) if folder else []  # noqa: PTH208  names
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        _trusted_key(Path(folder or "", name))
        for name in names
        if name.endswith(PUBLIC_SUFFIX) and not name.startswith(".")  # as some systems' own files do
    ]


def trust(key: PublicKey, name: str) -> Path:
    """Trust a key from now on, and return the file that says so.

    A key has one name only: under a second one it would stay trusted after the first is forgotten.

    Raises:
        UsageError: the name is not valid, another key has it, or the key has another name.
    """
    path = _key_path(name)
    for trusted in known_keys():
        if trusted.name == name and trusted.text != key.text:
            raise UsageError(
                f"another key is trusted under the name {name}",
                f"choose another name, or, if this key replaces it: semsearch key forget {name}",
            )
        if trusted.name != name and trusted.text == key.text:
            raise UsageError(
                f"this key is already trusted under the name {trusted.name}", f"semsearch key forget {trusted.name}"
            )
        if trusted.name == name:
            return path
    make_directory(path.parent)
    replace(path, f"{PublicKey(key.text, name).line}\n".encode())
    return path


def distrust(name: str) -> bool:
    """Stop trusting a key, whatever its file holds; return False if there is none with that name.

    Raises:
        UsageError: the name is not valid for a key.
    """
    path = _key_path(name)
    if not path.is_file() and not path.is_symlink():
        return False
    remove(path)
    sync_directory(path.parent)
    return True


def can_be_name(name: str) -> bool:
    """Tell whether a key may have this name, which has to be a file name on every system."""
    return _NAME.fullmatch(name) is not None


def to_base64(raw: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(raw).decode()


def from_base64(text: str) -> bytes | None:
    """Return the bytes of a text that `to_base64` wrote; None for every other text."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if to_base64(raw) == text else None


def _folder() -> Path | None:
    """Return the folder of trusted keys; None if there is no home, since it must not depend on the working folder."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  no error without a home
    folder = Path(home, "semsearch", "keys")
    return folder if folder.is_absolute() else None


def _key_path(name: str) -> Path:
    folder = _folder()
    if not folder:
        raise UsageError("there is no folder for trusted keys", "set XDG_CONFIG_HOME to an absolute path")
    if not can_be_name(name):
        raise UsageError(f"{name!r} cannot be a key's name", "use up to 64 letters a to z, digits and . _ -")
    return folder / f"{name}{PUBLIC_SUFFIX}"


def _trusted_key(path: Path) -> PublicKey:
    name = path.name.removesuffix(PUBLIC_SUFFIX)
    if not can_be_name(name):
        raise UsageError(
            f"{str(path)!r} is not a valid file name for a key", "rename it: letters a to z, digits and . _ -"
        )
    try:
        return PublicKey(read_key(path).text, name)
    except UsageError as error:
        raise UsageError(str(error), f"correct it, or: semsearch key forget {name}") from error
