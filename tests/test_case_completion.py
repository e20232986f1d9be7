"""A shell that asks gets click's script, and what may follow what was typed so far."""

import os
import shutil
import subprocess
import sys

import pytest

PROGRAM = [sys.executable, "-m", "semsearch"]


def asked(instruction: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = os.environ | {"_SEMSEARCH_COMPLETE": instruction} | environment
    return subprocess.run(PROGRAM, capture_output=True, text=True, check=False, env=given)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    done = asked(f"{shell}_source")
    assert done.returncode == 0, done.stderr
    assert f"_SEMSEARCH_COMPLETE={shell}_complete" in done.stdout
    assert "semsearch" in done.stdout


def completed(*words: str) -> list[str]:
    done = asked("bash_complete", COMP_WORDS=" ".join(words), COMP_CWORD=str(len(words) - 1))
    assert done.returncode == 0, done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_commands_and_options_and_choices_are_completed() -> None:
    assert completed("semsearch", "qu") == ["query"]
    assert set(completed("semsearch", "model", "")) >= {"prepare", "list"}
    assert "--publisher" in completed("semsearch", "query", "--pub")
    assert set(completed("semsearch", "query", "--mode", "")) == {"hybrid", "dense", "lexical"}
    assert completed("semsearch", "sea") == []  # hidden


def test_a_shell_that_is_not_known_is_an_error() -> None:
    assert asked("csh_source").returncode != 0
