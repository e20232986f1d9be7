"""Run the README's examples and write down what they print; with --check, only compare.

    python scripts/refresh_readme.py [--check]

Every `console` block is a shell session: lines that begin with `$ ` are run in one empty folder beside the sample
corpus, at 80 columns, and what follows them is what they print on either stream.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
_TIMING = re.compile(r" · [\d.]+ m?s\b")
_TOOK = re.compile(r'("took_ms": )[\d.]+')
"""Both differ from run to run."""
_SCORE = re.compile(r'("(?:score|dense)": \d\.\d{3})\d+')
"""Processors agree to about six digits."""
_FILE = "6cc8c1ebb12366aa2677d8386c8572e39bcf0f2f87ac55b2d16270cf4ac4a2eb"
_CONTENTS = "237fead8f37fe1816df1e3d84c60b709ce85cc92c022277014721d81418b5e51"
_EXAMPLES = (
    (re.compile(r"(?m)^(sha256 +)[0-9a-f]{64}$"), rf"\g<1>{_FILE}"),
    (re.compile(r"(?m)^(contents +)[0-9a-f]{64}$"), rf"\g<1>{_CONTENTS}"),
    (re.compile(r"\b(\d{6})-[0-9a-f]{12}\b"), r"\1-3f9a61c2b7d0"),
    (re.compile(r"\b\d+\.\d kB\b"), "116.1 kB"),
)
"""Digests and sizes follow the last digits of vectors, which are not those of another processor."""


@contextmanager
def place() -> Iterator[Path]:
    """Make a folder that looks like a clone from inside."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("scripts", "index", "tests"):
            (Path(folder) / name).symlink_to(ROOT / name)
        printed("semsearch model prepare", Path(folder))  # what the first use says is said once
        yield Path(folder)


def environment() -> dict[str, str]:
    """Return settings under which output is the same everywhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "SEMSEARCH_HOME" or not name.startswith(("SEMSEARCH_", "PYTEST_"))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return kept | {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1767225600"}


def printed(command: str, folder: Path) -> str:
    """Run one command and return what it prints."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment(), check=False, **streams)
    steady = _SCORE.sub(r"\1", _TIMING.sub("", done.stdout.decode()))
    for pattern, example in _EXAMPLES:
        steady = pattern.sub(example, steady)
    return _TOOK.sub(r"\g<1>3.1", steady)


def session(block: str, folder: Path) -> str:
    """Run a block's commands again and return the block as it would be written now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{printed(command[2:], folder)}" for command in commands)


def refreshed(readme: str) -> str:
    """Return the README with what its commands print now."""
    with place() as folder:
        return _CONSOLE.sub(lambda block: f"```console\n{session(block[1], folder)}```", readme)


def python_output(readme: str) -> list[str]:
    """Run every Python block and return what each prints; raises where one fails."""
    with place() as folder:
        return [
            subprocess.run(
                [sys.executable, "-c", block], cwd=folder, env=environment(), capture_output=True, text=True, check=True
            ).stdout
            for block in _PYTHON.findall(readme)
        ]


def main() -> None:
    """Write the README, or say that it is not true any more."""
    old = README.read_text(encoding="utf-8")
    new = refreshed(old)
    if "--check" in sys.argv:
        sys.exit(int(old != new))
    README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
