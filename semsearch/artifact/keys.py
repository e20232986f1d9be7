"""Public keys: what one is, and which are trusted on this machine. Nothing here computes with them."""

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
"""Of a key's file and of a signature; the longest that is written here has some 250."""

_KEY = re.compile(re.escape(KEY_PREFIX) + r"([A-Za-z0-9+/]{43}=)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies somebody's signatures; raises ValueError if the text is not a key."""

    text: str  # KEY_PREFIX and 32 bytes in base64; equal texts are equal keys
    name: str = ""  # of a trusted key, by which it is known here; else what its maker calls it, on one line

    def __post_init__(self) -> None:
        _ = self.raw

    @property
    def raw(self) -> bytes:
        """The 32 bytes."""
        found = _KEY.fullmatch(self.text)
        raw = from_base64(found[1]) if found else None
        if raw is None:
            raise ValueError("it does not have the form of one")
        return raw

    @property
    def fingerprint(self) -> str:
        """80 bits of a digest, for two people to compare; programs compare texts."""
        digits = hashlib.sha256(self.raw).hexdigest()
        return "-".join(digits[at : at + 4] for at in range(0, 20, 4))

    @property
    def line(self) -> str:
        """What a `.pub` file holds, without its newline."""
        return f"{self.text} {self.name}".rstrip()

    def to_dict(self) -> dict[str, str]:
        """Return one entry of `key list --json`."""
        return {"name": self.name, "key": self.text, "fingerprint": self.fingerprint}


def parse_key(text: str, where: str) -> PublicKey:
    """Read a public key from a line, with a name after a blank or without.

    `where` is for messages, which never repeat what was read: it may be a private key.

    Raises:
        UsageError: it is not one public key.
    """
    if "PRIVATE KEY" in text:
        raise UsageError(f"{where} is a private key, which only its owner should have", "give the FILE.pub beside it")
    hint = f"give a FILE.pub with one line: {KEY_PREFIX}… and a name"
    if len(text) > MOST_BYTES or len(text.strip().splitlines()) != 1:
        raise UsageError(f"{where} is not a public key: not one line", hint)
    written, *name = text.split(maxsplit=1)
    try:
        return PublicKey(written, normalise_line("".join(name)))
    except ValueError as error:
        raise UsageError(f"{where} is not a public key: {error}", hint) from error


def read_key(path: Path) -> PublicKey:
    """Read a `.pub` file.

    Raises:
        UsageError: it cannot be read, or is not one.
    """
    return parse_key(read_small(path).decode("utf-8-sig", errors="replace"), str(path))


def read_small(path: Path) -> bytes:
    """Read the file of a key, not more than one byte too many.

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
        UsageError: a file among them is not a key. To go on without it could turn an error into a mere notice.
    """
    folder = _folder()
    try:
        names = sorted(os.listdir(folder)) if folder else []  # noqa: PTH208  names
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        _known(Path(folder or "", name))
        for name in names
        if name.endswith(PUBLIC_SUFFIX) and not name.startswith(".")  # as some systems' own files do
    ]


def trust(key: PublicKey, name: str) -> Path:
    """Trust a key from now on; returns the file that says so.

    A key has one name, or else forgetting it would leave it trusted.

    Raises:
        UsageError: it cannot be a name, another key has it, or the key has another name.
    """
    path = _place(name)
    for one in known_keys():
        if one.name == name and one.text != key.text:
            raise UsageError(
                f"another key is trusted under the name {name}",
                f"choose another name, or, if this key replaces it: semsearch key forget {name}",
            )
        if one.name != name and one.text == key.text:
            raise UsageError(
                f"this key is already trusted under the name {one.name}", f"semsearch key forget {one.name}"
            )
        if one.name == name:
            return path
    make_directory(path.parent)
    replace(path, f"{PublicKey(key.text, name).line}\n".encode())
    return path


def distrust(name: str) -> bool:
    """Stop trusting a key, whatever its file holds; False if there is none of that name.

    Raises:
        UsageError: it cannot be the name of a key.
    """
    path = _place(name)
    if not path.is_file() and not path.is_symlink():
        return False
    remove(path)
    sync_directory(path.parent)
    return True


def can_be_name(name: str) -> bool:
    """Tell whether a key may have this name, which has to be a file name on every system."""
    return _NAME.fullmatch(name) is not None


def to_base64(raw: bytes) -> str:
    """Write bytes as text."""
    return base64.b64encode(raw).decode()


def from_base64(written: str) -> bytes | None:
    """Read bytes from the one text that `to_base64` writes of them; None for every other."""
    try:
        raw = base64.b64decode(written, validate=True)
    except ValueError:
        return None
    return raw if to_base64(raw) == written else None


def _folder() -> Path | None:
    """Return the folder of trusted keys, or None without a home: never one that depends on the working folder."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  no error without a home
    folder = Path(home, "semsearch", "keys")
    return folder if folder.is_absolute() else None


def _place(name: str) -> Path:
    folder = _folder()
    if not folder:
        raise UsageError("there is no folder for trusted keys", "set XDG_CONFIG_HOME to an absolute path")
    if not can_be_name(name):
        raise UsageError(f"{name!r} cannot be a key's name", "use up to 64 letters a to z, digits and . _ -")
    return folder / f"{name}{PUBLIC_SUFFIX}"


def _known(path: Path) -> PublicKey:
    name = path.name.removesuffix(PUBLIC_SUFFIX)
    if not can_be_name(name):
        raise UsageError(
            f"{str(path)!r} is not a valid file name for a key", "rename it: letters a to z, digits and . _ -"
        )
    try:
        return PublicKey(read_key(path).text, name)
    except UsageError as error:
        raise UsageError(str(error), f"correct it, or: semsearch key forget {name}") from error
