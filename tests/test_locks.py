import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from semsearch import locks
from semsearch.errors import IndexLockedError


def test_a_lock_is_held_once_and_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), locks.write_lock(tmp_path):
        with (
            pytest.raises(IndexLockedError, match=rf"by process {os.getpid()} \(.+\) since 20.*Z"),
            locks.write_lock(tmp_path),
        ):
            pass
        raise RuntimeError
    with locks.write_lock(tmp_path):
        pass


def test_whether_it_is_held_can_be_asked_without_leaving_anything(tmp_path: Path) -> None:
    assert not locks.is_locked(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with locks.write_lock(tmp_path):
        assert locks.is_locked(tmp_path)
    assert not locks.is_locked(tmp_path)
    (tmp_path / locks.LOCK).chmod(0o444)  # somebody else's index
    assert not locks.is_locked(tmp_path)


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"process": "me"}', b"[" * 9_000, b"\xff"])
def test_who_holds_a_lock_may_be_unknown(tmp_path: Path, said: bytes) -> None:
    with locks.write_lock(tmp_path):
        (tmp_path / locks.HOLDER).write_bytes(said)
        with pytest.raises(IndexLockedError, match="another process"), locks.write_lock(tmp_path):
            pass


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from pathlib import Path
        from semsearch.locks import write_lock
        with write_lock(Path(sys.argv[1])):
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program), tmp_path], check=False)
    assert killed.returncode < 0
    assert json.loads((tmp_path / locks.HOLDER).read_text())["process"] != os.getpid()
    assert not locks.is_locked(tmp_path)
    with locks.write_lock(tmp_path):
        assert (said := locks.holder(tmp_path))
        assert said.process == os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes nothing that somebody has open")
def test_what_somebody_holds_is_nobodys_to_remove_until_the_last_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_text("x")
    holds = [locks.Hold(path), locks.Hold(path)]
    while holds:
        with locks.nobody_holds(path) as free:
            assert not free
        holds.pop()
    with locks.nobody_holds(path) as free:
        assert free
    with locks.nobody_holds(path), pytest.raises(FileNotFoundError, match="being removed"):
        locks.Hold(path)
    locks.Hold(path)


@pytest.mark.parametrize("what", ["nothing", "folder", "link", "pipe"])
def test_what_is_no_plain_file_is_held_by_nobody(tmp_path: Path, what: str) -> None:
    path = tmp_path / "it"
    (tmp_path / "file").write_text("x")
    match what:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(tmp_path / "file")
        case "pipe":
            os.mkfifo(path)
    with pytest.raises((FileNotFoundError, ValueError)):
        locks.Hold(path)
    with locks.nobody_holds(path) as free:
        assert free
