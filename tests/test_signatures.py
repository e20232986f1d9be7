"""Signatures of artifacts and the keys that are trusted here, against the test vectors of RFC 8032."""

import base64
import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.artifact.keys import MOST_BYTES
from semsearch.artifact.signatures import (
    PublicKey,
    distrust,
    known_keys,
    make_key,
    parse_key,
    read_key,
    sign,
    signer,
    trust,
)
from semsearch.cli.keys import COMMANDS
from semsearch.errors import MissingExtraError, NoSuchPathError, SemsearchError, SignatureError, UsageError
from semsearch.files import canonical_json
from tests.examples import examples

CONTENTS = b'{"articles":12,"format":1}\n'
SEED = bytes(range(32))
DOMAIN = b"semsearch artifact 1\n"

# RFC 8032, 7.1, tests 1 to 3: secret, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
            "24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
            "eeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
            "8dc027beceea1ec40a"
        ),
    ),
]

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the curve's group."""


def signed(seed: bytes, message: bytes) -> tuple[bytes, bytes]:
    """Return a public key and its signature of a message."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return private.public_key().public_bytes_raw(), private.sign(message)


def text_of(public: bytes) -> str:
    return "semsearch-ed25519:" + base64.b64encode(public).decode()


def signature_file(public: bytes, signature: bytes) -> bytes:
    said = {"algorithm": "ed25519", "key": text_of(public), "signature": base64.b64encode(signature).decode()}
    return canonical_json({"semsearch_signature": 1} | said) + b"\n"


def write_private(
    path: Path,
    key: Ed25519PrivateKey | X25519PrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    path.chmod(0o600)
    return path


def flipped(content: bytes, bit: int) -> bytes:
    at = bit % (8 * len(content))
    return content[: at // 8] + bytes([content[at // 8] ^ 1 << at % 8]) + content[at // 8 + 1 :]


PUBLIC, SIGNATURE = signed(SEED, DOMAIN + CONTENTS)
KEY = PublicKey(text_of(PUBLIC), "ann")
STRANGER = PublicKey(text_of(signed(bytes(32), b"")[0]), "bea")
SIGNED = signature_file(PUBLIC, SIGNATURE)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of known keys, which is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "semsearch" / "keys"


@pytest.fixture
def without_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)


# ---- signing and verifying


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_a_signature_without_the_prefix_is_of_something_else(
    tmp_path: Path, seed: str, public: str, message: str, signature: str
) -> None:
    key, contents = PublicKey(text_of(bytes.fromhex(public))), bytes.fromhex(message)
    assert signed(bytes.fromhex(seed), contents) == (bytes.fromhex(public), bytes.fromhex(signature))
    with pytest.raises(SignatureError, match=f"claims to be by {key.fingerprint}"):
        signer(contents, signature_file(bytes.fromhex(public), bytes.fromhex(signature)), [key])
    private = write_private(tmp_path / "key", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))
    assert signer(contents, sign(contents, private), [key]) == key


@examples(30)
@given(seed=st.binary(min_size=32, max_size=32), contents=st.binary(max_size=200))
def test_what_is_signed_is_what_the_standard_says(
    tmp_path_factory: pytest.TempPathFactory, seed: bytes, contents: bytes
) -> None:
    private = write_private(tmp_path_factory.getbasetemp() / "any.key", Ed25519PrivateKey.from_private_bytes(seed))
    public, signature = signed(seed, DOMAIN + contents)
    assert sign(contents, private) == signature_file(public, signature)
    key = PublicKey(text_of(public), "any")
    found = signer(contents, signature_file(public, signature), [STRANGER, key])
    assert found
    assert found.text == key.text


def test_a_signature_file_is_one_line_of_json() -> None:
    assert SIGNED.endswith(b"\n")
    assert json.loads(SIGNED) == {
        "semsearch_signature": 1,
        "algorithm": "ed25519",
        "key": KEY.text,
        "signature": base64.b64encode(SIGNATURE).decode(),
    }


def test_no_flipped_bit_of_a_signature_file_is_accepted() -> None:
    assert signer(CONTENTS, SIGNED, [KEY]) is KEY
    for bit in range(8 * len(SIGNED)):
        try:
            assert signer(CONTENTS, flipped(SIGNED, bit), [KEY, STRANGER]) is None
        except SignatureError:
            continue


def test_no_flipped_bit_of_the_contents_is_accepted() -> None:
    for bit in range(8 * len(CONTENTS)):
        with pytest.raises(SignatureError, match="by ann"):
            signer(flipped(CONTENTS, bit), SIGNED, [KEY])


def test_no_flipped_bit_of_a_known_key_is_accepted() -> None:
    for bit in range(8 * len(KEY.text)):
        try:
            known = parse_key(flipped(KEY.text.encode(), bit).decode("latin-1"), "here")
        except UsageError:
            continue
        assert known.text != KEY.text
        assert signer(CONTENTS, SIGNED, [known]) is None
        with pytest.raises(SignatureError):  # nor is the true signature one of the other key
            signer(CONTENTS, SIGNED.replace(KEY.text.encode(), known.text.encode()), [known])


@given(contents=st.binary(max_size=60), signature=st.binary(max_size=300))
def test_nothing_that_is_no_signature_is_accepted(contents: bytes, signature: bytes) -> None:
    with pytest.raises(SignatureError):
        signer(contents, signature, [KEY])


@given(contents=st.binary(max_size=60), raw=st.binary(min_size=64, max_size=64))
def test_no_invented_signature_is_accepted(contents: bytes, raw: bytes) -> None:
    with pytest.raises(SignatureError, match="by ann"):
        signer(contents, signature_file(PUBLIC, raw), [STRANGER, KEY])


@pytest.mark.usefixtures("without_cryptography")
def test_a_key_that_nobody_knows_signs_nothing() -> None:
    """Nor does it matter whether its signature holds, so that the library is not needed."""
    assert signer(CONTENTS, SIGNED, []) is None
    assert signer(CONTENTS, SIGNED, [STRANGER]) is None
    assert signer(b"something else", SIGNED, [STRANGER]) is None


def test_a_signature_in_a_known_name_by_another_key_is_refused() -> None:
    """The key in the file only chooses."""
    other = signed(bytes(32), DOMAIN + CONTENTS)[1]
    with pytest.raises(SignatureError, match="by ann"):
        signer(CONTENTS, signature_file(PUBLIC, other), [STRANGER, KEY])


def test_a_signature_with_a_number_beyond_the_order_is_refused() -> None:
    """Else everybody could make a second one of each."""
    number = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    with pytest.raises(SignatureError, match="by ann"):
        signer(CONTENTS, signature_file(PUBLIC, SIGNATURE[:32] + number.to_bytes(32, "little")), [KEY])


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{}\n",
        b"[" * 4000,
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b"\n", b"\r\n"),
        json.dumps(json.loads(SIGNED)).encode(),
        canonical_json(json.loads(SIGNED) | {"comment": ""}) + b"\n",
        SIGNED.replace(b":1,", b":true,"),
        SIGNED.replace(b":1,", b":0,"),
        SIGNED.replace(b'"ed25519"', b'"none"'),
        SIGNED.replace(b"==", b""),
        signature_file(PUBLIC, SIGNATURE[:63]),
        signature_file(PUBLIC, SIGNATURE + b"\0"),
        signature_file(PUBLIC[:31], SIGNATURE),
        SIGNED + b" " * MOST_BYTES,
    ],
)
def test_a_signature_is_read_in_one_form_only(written: bytes) -> None:
    with pytest.raises(SignatureError, match="is not a signature") as refused:
        signer(CONTENTS, written, [KEY])
    assert refused.value.exit_status == 3
    assert ".sig" in refused.value.hint


def test_a_long_file_is_refused_for_its_length() -> None:
    with pytest.raises(SignatureError, match="larger than the 4,096-byte limit"):
        signer(CONTENTS, b'"semsearch_signature":2' + b" " * MOST_BYTES, [])


def test_a_newer_form_is_refused_by_name() -> None:
    with pytest.raises(SignatureError, match="newer"):
        signer(CONTENTS, SIGNED.replace(b":1,", b":2,"), [KEY])


# ---- keys


@given(public=st.binary(min_size=32, max_size=32), name=st.text(max_size=40))
@example(public=PUBLIC, name="Ann Ash\x1b[2J")
def test_a_key_is_read_from_the_line_that_it_writes(public: bytes, name: str) -> None:
    line = f"{text_of(public)} {' '.join(name.split())}"
    try:
        key = parse_key(f"{line}\n", "here")
    except UsageError:
        assert len(line.strip().splitlines()) != 1
        return
    assert key.raw == public
    assert key.text == text_of(public)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in key.name)
    assert parse_key(key.line, "there") == key


@pytest.mark.parametrize(
    "written",
    [
        "",
        "\n",
        "semsearch-ed25519:",
        KEY.text[:-1],
        KEY.text.replace("semsearch", "ssh"),
        KEY.text.replace("=", ""),
        KEY.text + "=",
        f"ann {KEY.text}",
        f"{KEY.text}\n{STRANGER.text}",
        f"{KEY.text} {'a' * MOST_BYTES}",
        text_of(PUBLIC[:31]),
        text_of(PUBLIC + b"\0"),
        text_of(b"\xff" * 32).replace("/", "_"),
        text_of(PUBLIC)[:-2] + chr(ord(text_of(PUBLIC)[-2]) + 1) + "=",  # the same bytes, written otherwise
    ],
)
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="the mail is not a public key"):
        parse_key(written, "the mail")


def test_a_private_key_is_never_repeated(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key")
    content = (tmp_path / "a.key").read_text()
    for take in (lambda: read_key(tmp_path / "a.key"), lambda: parse_key(content, "it")):
        with pytest.raises(UsageError, match="is a private key") as refused:
            take()
        assert content.splitlines()[1] not in f"{refused.value} {refused.value.hint}"


def test_a_fingerprint_is_short_and_of_the_key_alone() -> None:
    assert KEY.fingerprint == PublicKey(KEY.text, "another").fingerprint != STRANGER.fingerprint
    digest = hashlib.sha256(PUBLIC).hexdigest()
    assert KEY.fingerprint.replace("-", "") == digest[:20]


# ---- pairs of keys


def test_a_made_pair_signs_and_verifies(tmp_path: Path, notices: Callable[[], list[str]]) -> None:
    key = make_key(tmp_path / "harbour.key")
    assert names(tmp_path) == ["harbour.key", "harbour.key.pub"]
    assert read_key(tmp_path / "harbour.key.pub") == key
    assert key.name == "harbour"
    assert signer(CONTENTS, sign(CONTENTS, tmp_path / "harbour.key"), [STRANGER, key]) is key
    assert make_key(tmp_path / "other.key").text != key.text
    assert not notices()


@pytest.mark.skipif(os.name != "posix", reason="who may read a file is up to its folder")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_a_private_key(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        make_key(tmp_path / "a.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="who may read a file is up to its folder")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_private_key_that_others_may_read_signs_with_a_warning(
    tmp_path: Path, mode: int, notices: Callable[[], list[str]]
) -> None:
    key = make_key(tmp_path / "a.key")
    (tmp_path / "a.key").chmod(mode)
    assert signer(CONTENTS, sign(CONTENTS, tmp_path / "a.key"), [key]) is key
    assert [f"chmod 600 {tmp_path / 'a.key'}" in notice for notice in notices()] == [True]


@pytest.mark.parametrize("taken", ["a.key", "a.key.pub"])
def test_no_key_is_written_over(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("dear")
    with pytest.raises(UsageError, match=f"{taken} already exists"):
        make_key(tmp_path / "a.key")
    assert names(tmp_path) == [taken]
    assert (tmp_path / taken).read_text() == "dear"


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege")
def test_no_key_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="already exists"):
        make_key(tmp_path / "a.key")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("failing", [1, 2])
def test_a_full_disk_leaves_no_half_a_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    calls = iter(range(1, 9))
    write = os.write

    def fail(descriptor: int, content: bytes) -> int:
        if next(calls) == failing:
            raise OSError(28, "no space left on device")
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OSError, match="no space"):
        make_key(tmp_path / "a.key")
    assert not names(tmp_path)


def test_what_is_no_private_key_signs_nothing(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key")
    locked = BestAvailableEncryption(b"sesame")
    write_private(tmp_path / "locked", Ed25519PrivateKey.generate(), locked)
    write_private(tmp_path / "other", X25519PrivateKey.generate())
    (tmp_path / "cut").write_bytes((tmp_path / "a.key").read_bytes()[:60])
    (tmp_path / "long").write_bytes(b" " * 10_000 + (tmp_path / "a.key").read_bytes())
    cases = {"locked": "password", "other": "not an Ed25519 key"} | dict.fromkeys(
        ("cut", "long", "a.key.pub"), "not a private key"
    )
    for name, said in cases.items():
        with pytest.raises(UsageError, match=said):
            sign(CONTENTS, tmp_path / name)
    with pytest.raises(NoSuchPathError, match="nowhere"):
        sign(CONTENTS, tmp_path / "nowhere")
    with pytest.raises(UsageError, match="cannot be read"):
        sign(CONTENTS, tmp_path)


@pytest.mark.usefixtures("without_cryptography")
def test_without_the_library_each_use_says_what_to_install(tmp_path: Path) -> None:
    for use in (
        lambda: make_key(tmp_path / "a.key"),
        lambda: sign(CONTENTS, tmp_path / "a.key"),
        lambda: signer(CONTENTS, SIGNED, [KEY]),
    ):
        with pytest.raises(MissingExtraError, match="needs the package cryptography") as missing:
            use()
        assert missing.value.hint == "pip install 'semsearch[sign]'"
    assert not names(tmp_path)


def test_the_library_is_loaded_by_nothing_but_its_use() -> None:
    """So that everything else works without it, and starts no later with it."""
    asked = "import sys, semsearch.artifact.signatures, semsearch.cli.keys; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


# ---- known keys


def test_where_no_folder_can_be_nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", os.devnull)
    assert known_keys() == []
    assert not distrust("ann")


@pytest.mark.usefixtures("without_cryptography")
def test_trusted_keys_are_known_until_they_are_forgotten(folder: Path) -> None:
    assert known_keys() == []
    assert trust(STRANGER, "bea") == folder / "bea.pub"
    assert trust(PublicKey(KEY.text, "a comment"), "ann") == folder / "ann.pub"
    assert trust(KEY, "ann") == folder / "ann.pub"  # once more
    assert known_keys() == [KEY, STRANGER]
    assert distrust("bea")
    assert not distrust("bea")
    assert known_keys() == [KEY]
    assert names(folder) == ["ann.pub"]


def test_a_key_that_was_laid_there_is_known_by_the_name_of_its_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "ann.pub").write_text(f"{KEY.text} Ann Ash, Harbour Herald\n")
    assert known_keys() == [KEY]
    trust(KEY, "ann")
    assert "Herald" in (folder / "ann.pub").read_text()  # known already, so that nothing is written


def test_a_name_is_one_key_and_a_key_one_name(folder: Path) -> None:
    trust(KEY, "ann")
    with pytest.raises(UsageError, match="another key is trusted under the name ann"):
        trust(STRANGER, "ann")
    with pytest.raises(UsageError, match="already trusted under the name ann"):
        trust(KEY, "anna")
    assert known_keys() == [KEY]
    assert folder


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../ann", "a/b", "a\\b", ".ann", "ann\n", "ann ash", "ä", "a" * 65, "-a"]
)
def test_a_name_never_leads_elsewhere(folder: Path, name: str) -> None:
    (folder.parent / "ann.pub").parent.mkdir(parents=True)
    (folder.parent / "ann.pub").write_text("dear")
    for use in (lambda: trust(KEY, name), lambda: distrust(name)):
        with pytest.raises(UsageError, match="cannot be a key's name"):
            use()
    assert names(folder.parent) == ["ann.pub"]


def test_a_file_among_known_keys_that_is_none_is_an_error_until_it_is_forgotten(folder: Path) -> None:
    """Without its key, a signature that does not hold would only be one that nobody knows."""
    trust(KEY, "ann")
    (folder / "bea.pub").write_text("")
    (folder / "cut.pub.new").write_text("of a run that was killed")
    (folder / "notes.txt").write_text("read")
    (folder / ".hidden.pub").write_text("of a system")
    for use in (known_keys, lambda: trust(STRANGER, "bea")):
        with pytest.raises(UsageError, match="not a public key") as refused:
            use()
        assert "key forget bea" in refused.value.hint
    assert distrust("bea")
    assert known_keys() == [KEY]
    (folder / "Ann \x1b[2J.pub").write_text(KEY.line)
    with pytest.raises(UsageError, match="not a valid file name for a key") as refused:
        known_keys()
    assert "\x1b" not in str(refused.value)


def test_a_folder_is_never_forgotten(folder: Path) -> None:
    (folder / "ann.pub").mkdir(parents=True)
    assert not distrust("ann")
    assert (folder / "ann.pub").is_dir()


def test_no_key_is_known_by_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    (tmp_path / "here" / "semsearch" / "keys").mkdir(parents=True)
    (tmp_path / "here" / "semsearch" / "keys" / "ann.pub").write_text(KEY.line)
    assert known_keys() == []
    with pytest.raises(UsageError, match="no folder for trusted keys"):
        trust(KEY, "ann")


def test_without_a_setting_keys_are_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert trust(KEY, "ann") == tmp_path / ".config" / "semsearch" / "keys" / "ann.pub"


# ---- commands


def run(*arguments: object) -> Result:
    group = click.Group(commands=list(COMMANDS))
    return CliRunner().invoke(group, ["key", *map(str, arguments)], standalone_mode=False)


def error_of(ended: Result) -> SemsearchError:
    assert isinstance(ended.exception, SemsearchError)
    return ended.exception


def test_a_key_is_made_trusted_listed_and_forgotten(tmp_path: Path, folder: Path) -> None:
    made = run("make", tmp_path / "ann.key")
    key = read_key(tmp_path / "ann.key.pub")
    assert (made.return_value, made.stdout) == (0, f"{key.text} ann\n")
    assert key.fingerprint in made.stderr
    assert run("trust", tmp_path / "ann.key.pub").stdout == f"ann  {key.fingerprint}\n"
    assert run("trust", STRANGER.text, "--name", "beatrice").stdout == f"beatrice  {STRANGER.fingerprint}\n"
    listed = run("list")
    assert (listed.return_value, listed.stderr) == (0, "")
    assert [line.split() for line in listed.stdout.splitlines()] == [
        ["ann", key.fingerprint, key.text],
        ["beatrice", STRANGER.fingerprint, STRANGER.text],
    ]
    as_json = json.loads(run("list", "--json").stdout)
    assert [one["key"] for one in as_json] == [key.text, STRANGER.text]
    assert as_json[0] == {"name": "ann", "key": key.text, "fingerprint": key.fingerprint}
    assert (run("forget", "ann").return_value, known_keys()[0].name) == (0, "beatrice")
    again = run("forget", "ann")
    assert (again.return_value, again.stdout) == (1, "")
    assert "no key is trusted under the name ann" in again.stderr
    assert folder


def test_an_empty_list_is_status_one(folder: Path) -> None:
    listed, as_json = run("list"), run("list", "--json")
    assert (listed.return_value, listed.stdout) == (1, "")
    assert "key trust" in listed.stderr
    assert (as_json.return_value, as_json.stdout, as_json.stderr) == (1, "[]\n", "")
    assert folder


def test_a_key_is_called_as_asked_or_as_it_says_or_as_its_file(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file.pub").write_text(f"\ufeff{KEY.text}\r\n", encoding="utf-8")
    run("trust", tmp_path / "file.pub")
    (tmp_path / "file.pub").write_text(f"{STRANGER.text}\tsays\n")
    run("trust", tmp_path / "file.pub")
    assert names(folder) == ["file.pub", "says.pub"]
    run("forget", "says")
    run("trust", tmp_path / "file.pub", "--name", "asked")
    assert names(folder) == ["asked.pub", "file.pub"]
    nameless = error_of(run("trust", KEY.text))
    assert (nameless.exit_status, nameless.hint) == (2, "give it a name: --name ann")


def test_what_cannot_be_trusted_is_refused_with_status_two(tmp_path: Path, folder: Path) -> None:
    run("make", tmp_path / "a.key")
    for what in (tmp_path / "a.key", tmp_path / "nowhere.pub", tmp_path, "semsearch-ed25519:AAAA"):
        assert error_of(run("trust", what, "--name", "a")).exit_status == 2
    assert error_of(run("make", tmp_path / "a.key")).exit_status == 2
    assert error_of(run("forget", "../a")).exit_status == 2
    assert not folder.exists()
