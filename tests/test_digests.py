"""A large file's digest is remembered while it is the same file, and never longer."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from semsearch.encoders import digests
from semsearch.encoders.digests import digest_of


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is large for this test, and old enough to be remembered."""
    monkeypatch.setattr(digests, "_LARGE_BYTES", 10)
    monkeypatch.setattr(digests, "_SETTLED_NS", 0)
    monkeypatch.setenv("SEMSEARCH_HOME", str(tmp_path / "home"))
    path = tmp_path / "weights"
    path.write_bytes(b"as they were trained")
    time.sleep(0.02)
    return path


def truth(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_remembered_is_the_digest(large: Path, tmp_path: Path) -> None:
    assert digest_of(large) == truth(large)
    assert str(large) in (tmp_path / "home" / "digests.json").read_text()
    assert digest_of(large) == truth(large)


def test_memory_is_used_or_hashing_would_be_for_nothing(large: Path, tmp_path: Path) -> None:
    digest_of(large)
    memory = tmp_path / "home" / "digests.json"
    memory.write_text(memory.read_text().replace(truth(large), "0" * 64))
    assert digest_of(large) == "0" * 64


@pytest.mark.parametrize("stealthy", [False, True], ids=["plainly", "with its old time"])
def test_a_changed_file_is_hashed_again(large: Path, stealthy: bool) -> None:
    before = large.stat()
    digest_of(large)
    large.write_bytes(b"as they were changed")
    if stealthy:
        os.utime(large, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert large.stat().st_size == before.st_size
    assert digest_of(large) == truth(large)


def test_another_file_in_its_place_is_hashed(large: Path, tmp_path: Path) -> None:
    digest_of(large)
    other = tmp_path / "other"
    other.write_bytes(b"as others were, once")
    other.replace(large)
    assert digest_of(large) == truth(large)


def test_a_file_that_was_just_written_is_not_remembered(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_SETTLED_NS", 10**12)
    assert digest_of(large) == truth(large)
    assert not (tmp_path / "home" / "digests.json").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"x": 3}', b"\xff", b'{"x": []}'])
def test_a_damaged_memory_is_no_memory(large: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "digests.json").write_bytes(content)
    assert digest_of(large) == truth(large)
    assert digest_of(large) == truth(large)


def test_nothing_can_be_remembered_where_nothing_can_be_written(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMSEARCH_HOME", str(large / "below a file"))
    assert digest_of(large) == truth(large)


def test_files_that_are_gone_are_forgotten(large: Path, tmp_path: Path) -> None:
    digest_of(large)
    second = tmp_path / "second"
    second.write_bytes(b"another set of weights")
    time.sleep(0.02)
    large.unlink()
    digest_of(second)
    assert str(large) not in (tmp_path / "home" / "digests.json").read_text()
