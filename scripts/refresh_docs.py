"""Run the examples of README and docs and write down what they print; with --check, only compare.

    python scripts/refresh_docs.py [--check] [PAGE…]

A `console` block is a shell session: its lines that begin with `$ ` are run, and what follows each is what it prints on
either stream. A `python` block is run, too, and a `text` block right below it is what it prints. The blocks of a page
are run in their order, at 80 columns, in one folder that looks like a clone from inside: names that one block binds and
files that it writes are there for the next. Blocks of other languages are not run.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(
    r"^```console\n(?P<session>.*?)^```$"
    r"|^```python\n(?P<code>.*?)^```$(?P<between>\n+)?(?:(?<=\n)^```text\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)
_TIMING = re.compile(r" · [\d.]+ m?s\b")
_TOOK = re.compile(r'("took_ms": )[\d.]+')
"""Times, which differ from run to run."""
_SCORE = re.compile(r'("(?:score|dense)": \d\.\d{3})\d+')
"""Processors agree to about six digits."""
_FILE = "6cc8c1ebb12366aa2677d8386c8572e39bcf0f2f87ac55b2d16270cf4ac4a2eb"
_CONTENTS = "237fead8f37fe1816df1e3d84c60b709ce85cc92c022277014721d81418b5e51"
_EXAMPLES = (
    (re.compile(r"(?m)^(sha256 +)[0-9a-f]{64}$"), rf"\g<1>{_FILE}"),
    (re.compile(r"(?m)^(contents +)[0-9a-f]{64}$"), rf"\g<1>{_CONTENTS}"),
    (re.compile(r"\b(\d{6})-[0-9a-f]{12}\b"), r"\1-3f9a61c2b7d0"),
    (re.compile(r"\b\d+\.\d kB\b"), "116.1 kB"),
    (re.compile(r"(?m)^(per query +)\d.*$"), r"\g<1>3 ms (median)"),
)
"""Digests and sizes depend on the last digits of vectors, which differ between processors; times on the load."""

_INTERPRETER = """
import contextlib, io, json, sys
scope = {"__name__": "__main__"}
for line in sys.stdin:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(json.loads(line), "<example>", "exec"), scope)
    print(json.dumps(printed.getvalue()), flush=True)
"""


def pages() -> list[Path]:
    """Return the papers that have examples: the README, then the pages of docs."""
    papers = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [paper for paper in papers if _BLOCK.search(paper.read_text(encoding="utf-8"))]


@contextmanager
def clone() -> Iterator[Path]:
    """Make a folder that looks like a clone from inside."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("scripts", "index", "tests"):
            (Path(folder) / name).symlink_to(ROOT / name)
        yield Path(folder)


@cache
def prepare_model() -> None:
    """Prepare the model, so that the notices of its first use are not among the outputs."""
    subprocess.run(["semsearch", "model", "prepare", "-q"], env=environment(), check=True, stdout=subprocess.DEVNULL)


def environment() -> dict[str, str]:
    """Return environment variables under which output is the same everywhere."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if name == "SEMSEARCH_HOME" or not name.startswith(("SEMSEARCH_", "PYTEST_"))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
    return variables | {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1767225600"}


def steady(printed: str) -> str:
    """Return output without what differs from run to run and from machine to machine."""
    printed = _SCORE.sub(r"\1", _TIMING.sub("", printed.replace("\r\n", "\n")))
    for pattern, example in _EXAMPLES:
        printed = pattern.sub(example, printed)
    return _TOOK.sub(r"\g<1>3.1", printed)


def session(block: str, folder: Path) -> str:
    """Run a block's commands again and return the block as it would be written now."""
    outputs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            done = subprocess.run(
                ["bash", "-c", line[2:]],
                cwd=folder,
                env=environment(),
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            outputs.append(f"{line}\n{steady(done.stdout.decode())}")
    return "".join(outputs)


@contextmanager
def interpreter(folder: Path) -> Iterator[Callable[[str], str]]:
    """Start a Python that runs one block after another in the same folder, and yield the function that runs a block.

    It returns what the block prints, and raises RuntimeError if the block fails.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _INTERPRETER],
        cwd=folder,
        env=environment(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:

        def run(code: str) -> str:
            print(json.dumps(code), file=process.stdin, flush=True)
            printed = process.stdout.readline()
            if not printed:  # the traceback is on standard error
                raise RuntimeError(f"this example fails:\n{code}")
            return json.loads(printed)

        yield run


def refreshed(page: str) -> str:
    """Return a page with what its examples print now; raises RuntimeError where Python fails."""
    prepare_model()
    with ExitStack() as stack:
        folder = stack.enter_context(clone())
        run: Callable[[str], str] | None = None

        def again(block: re.Match[str]) -> str:
            nonlocal run
            if block["session"] is not None:
                return f"```console\n{session(block['session'], folder)}```"
            run = run or stack.enter_context(interpreter(folder))
            printed = steady(run(block["code"]))
            shown = "" if block["output"] is None else f"```text\n{printed}```"
            return f"```python\n{block['code']}```{block['between'] or ''}{shown}"

        return _BLOCK.sub(again, page)


def main(arguments: Sequence[str]) -> None:
    """Write the pages, or list those that are out of date."""
    check = "--check" in arguments
    named_pages = [Path(name).resolve() for name in arguments if not name.startswith("-")]
    stale = False
    for page in named_pages or pages():
        old = page.read_text(encoding="utf-8")
        new = refreshed(old)
        if old != new:
            stale = True
            print(page.relative_to(ROOT))
            if not check:
                page.write_text(new, encoding="utf-8")
    sys.exit(int(check and stale))


if __name__ == "__main__":
    main(sys.argv[1:])
