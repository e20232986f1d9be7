import hashlib
from pathlib import Path

import pytest

from semsearch import files
from semsearch.errors import UsageError


def test_a_new_file_never_overwrites(tmp_path: Path) -> None:
    seal = files.write_new(tmp_path / "a", b"first")
    assert seal == files.Seal(5, hashlib.sha256(b"first").hexdigest()) == files.seal_of(tmp_path / "a")
    with pytest.raises(FileExistsError):
        files.write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


def test_replacing_leaves_one_file_and_forgives_the_rest_of_an_earlier_try(tmp_path: Path) -> None:
    (tmp_path / "a.new").write_bytes(b"half of")
    for content in (b"one", b"two"):
        files.replace(tmp_path / "a", content)
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
        assert (tmp_path / "a").read_bytes() == content


def test_builds_that_repeat_take_their_time_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert files.now_seconds() == 1_767_225_600
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "noon")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        files.now_seconds()
