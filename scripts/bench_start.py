"""Measure how long a query takes in a new process, and where the time goes.

    python scripts/bench_start.py [--rounds 7] [--query "open source strategy"] [--model multilingual]

Whole processes take turns: the command as it is, the same where no model is ready yet, and the same search with the
model run by sentence-transformers; with --model also the same over the sample articles encoded by that model. Modules
come from bytecode, as those of an installed package do. Wall time, processor time and peak memory are what the system
says of the finished process; medians.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

OURS = "semsearch query"
FIRST = "semsearch query, nothing ready yet"
THEIRS = "the same through sentence-transformers"

_BY_LIBRARY = """
import sys
from semsearch.encoders.models import DEFAULT_MODEL, open_model
from semsearch.encoders.transformer import TransformerEncoder
from semsearch.index import Index
from semsearch.rendering import FORMATS, Style
from semsearch.types import Query
answer = Index.open(encoder=TransformerEncoder(open_model(DEFAULT_MODEL))).search(Query(sys.argv[1], emphasise=True))
print("".join(FORMATS["text"].answer(answer, Style())))
"""
_SAMPLE = Path(__file__).parent / "sample_corpus"
_PACKAGES = ("numpy", "click", "openvino", "tokenizers", "faiss", "torch", "transformers", "sentence_transformers")
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s*(\S+)")


class Run(NamedTuple):
    """What a process took."""

    seconds: float  # wall
    processor: float  # seconds
    peak: float  # MB


def run(command: Sequence[str], home: str | None = None) -> Run:
    """Run a command to its end, with the models that are ready in `home`."""
    places = os.environ | ({"SEMSEARCH_HOME": home} if home else {})
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=places)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def import_split(command: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds of imports by package: the sum of its modules' own times."""
    traced = [sys.executable, "-X", "importtime", *command]
    trace = subprocess.run(traced, capture_output=True, text=True, check=True).stderr
    split: dict[str, float] = {}
    for microseconds, _, name in _IMPORT.findall(trace):
        package = name.partition(".")[0]
        group = package if package in (*_PACKAGES, "semsearch") else "Python's own and others"
        split[group] = split.get(group, 0) + int(microseconds) / 1000
    return split


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--query", default="open source strategy")
    parser.add_argument("--model", metavar="M", help="measure this model, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = (
            folder  # else without write access to the sources each run would compile them
        )
        measure(arguments, Path(folder))


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    """Let the commands take turns; first make what they need in a folder."""
    ours = ["-m", "semsearch", "query", arguments.query]
    commands = {
        OURS: [sys.executable, *ours],
        FIRST: [sys.executable, *ours],
        THEIRS: [sys.executable, "-c", _BY_LIBRARY, arguments.query],
        "semsearch stats": [sys.executable, "-m", "semsearch", "stats"],
        "semsearch --help": [sys.executable, "-m", "semsearch", "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    subprocess.run([sys.executable, "-m", "semsearch", "model", "prepare", "-q"], check=True)
    if arguments.model:
        index = str(folder / "index")
        build = ["build", str(_SAMPLE), "-i", index, "--model", arguments.model, "-q"]
        subprocess.run([sys.executable, "-m", "semsearch", *build], check=True)
        commands |= {f"semsearch query, {arguments.model}": [*commands[OURS], "-i", index]}
    for command in commands.values():
        run(command)  # which leaves bytecode
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            with tempfile.TemporaryDirectory() as empty:
                runs[name].append(run(command, empty if name == FIRST else None))
    print(f"{'':42}{'wall s':>8}{'least':>8}{'most':>8}{'cpu s':>8}{'MB':>8}")
    for name, column in runs.items():
        seconds, processor, peaks = ([process[part] for process in column] for part in range(3))
        middle = [f"{statistics.median(values):>8.2f}" for values in (seconds, processor)]
        peak = f"{statistics.median(peaks):>8.0f}"
        print(f"{name:42}{middle[0]}{min(seconds):>8.2f}{max(seconds):>8.2f}{middle[1]}{peak}")
    ratio = statistics.median(b.seconds / a.seconds for a, b in zip(runs[OURS], runs[THEIRS], strict=True))
    print(f"\n{OURS} is {ratio:.1f} times faster (median of the rounds' ratios)\n")
    print("imports of the query, ms of each package's own (tracing makes them about a third slower):")
    for name, spent in sorted(import_split(ours).items(), key=lambda pair: -pair[1]):
        print(f"  {name:40}{spent:>8.0f}")


if __name__ == "__main__":
    main()
