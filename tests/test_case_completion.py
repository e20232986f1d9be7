"""A shell that asks gets click's script, and what may follow what was typed so far."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from semsearch.cli import main

Completed = Callable[..., list[str]]
Script = Callable[[str], tuple[object, str]]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Script:
    """What a shell gets that says what it wants: the exit status, and what is printed."""

    def ask(instruction: str) -> tuple[object, str]:
        monkeypatch.setenv("_SEMSEARCH_COMPLETE", instruction)
        with pytest.raises(SystemExit) as ended:
            main([])
        return ended.value.code, capsys.readouterr().out

    return ask


@pytest.fixture
def completed(script: Script, monkeypatch: pytest.MonkeyPatch) -> Completed:
    """What may stand in the place of the last word."""

    def complete(*words: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", " ".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        status, out = script("bash_complete")
        assert not status
        return [line.partition(",")[2] for line in out.splitlines() if line]

    return complete


def test_the_program_gives_a_shell_its_script() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "semsearch"],
        capture_output=True, text=True, check=False, env=os.environ | {"_SEMSEARCH_COMPLETE": "zsh_source"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "_SEMSEARCH_COMPLETE=zsh_complete" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(script: Script, shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    status, out = script(f"{shell}_source")
    assert not status
    assert f"_SEMSEARCH_COMPLETE={shell}_complete" in out
    assert "semsearch" in out


def test_commands_and_options_and_choices_are_completed(completed: Completed) -> None:
    assert completed("semsearch", "qu") == ["query"]
    assert set(completed("semsearch", "model", "")) >= {"prepare", "list"}
    assert "--publisher" in completed("semsearch", "query", "--pub")
    assert set(completed("semsearch", "query", "--mode", "")) == {"hybrid", "dense", "lexical"}
    assert completed("semsearch", "sea") == []  # hidden


def test_a_shell_that_is_not_known_is_an_error(script: Script) -> None:
    assert script("csh_source")[0] != 0
