"""Try the engine with hostile indexes: `python scripts/fuzz_index.py [MUTATION…] [--seconds 60] [--seed 1]`.

Each input is an index in which something was changed and sealed anew, asked everything in a process of its own, with
bounds of time and memory. Prints a line a mutation. A failure is told with its mutation and seed, which make the input
again, and the exit status is 1.
"""

import argparse
import os
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = (
    "1"  # a process with threads cannot be forked safely
)
os.environ["XDG_CONFIG_HOME"] = os.devnull  # nobody's settings

from tests.hostility import MUTATIONS, make, try_one


def main() -> int:
    """Try the mutations, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutations", nargs="*", default=[*MUTATIONS], metavar="MUTATION", help=", ".join(MUTATIONS))
    parser.add_argument("--seconds", type=float, default=60, help="for each mutation")
    parser.add_argument("--inputs", type=int, default=10**9, help="of each mutation, at most")
    parser.add_argument("--seed", type=int, default=1, help="of the first input")
    arguments = parser.parse_args()
    failed = False
    print("| mutation | inputs | refused | answered | slowest s | memory grew by MiB | failures |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEMSEARCH_HOME"] = str(Path(folder, "home"))
        base = Path(folder, "base")
        _make_base(base)
        for name in arguments.mutations:
            failed |= _campaign(base, name, arguments)
    return failed


def _campaign(base: Path, name: str, arguments: argparse.Namespace) -> bool:
    end = time.monotonic() + arguments.seconds
    trials = []
    for seed in count(arguments.seed):
        if time.monotonic() >= end or len(trials) >= arguments.inputs:
            break
        trials.append(try_one(base, name, seed))
        for failure in trials[-1].failures:
            print(f"{trials[-1].said}: {failure}", file=sys.stderr, flush=True)
    refused = sum(trial.refused for trial in trials)
    failures = sum(bool(trial.failures) for trial in trials)
    slowest, memory = max(trial.seconds for trial in trials), max(trial.memory for trial in trials)
    print(
        f"| {name} | {len(trials):,} | {refused:,} | {len(trials) - refused:,} | {slowest:.1f} | {memory / 2**20:.0f} |"
        f" {failures} |",
        flush=True,
    )
    return failures > 0


def _make_base(base: Path) -> None:
    """Make the index in another process, so that this one has no threads."""
    child = os.fork()
    if not child:
        make(base)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the index could not be made")


if __name__ == "__main__":
    sys.exit(main())
