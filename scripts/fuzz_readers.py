"""Try readers with bad input: `python scripts/fuzz_readers.py [KIND…] [--seconds 600] [--seed 1]`.

Prints a line a reader. At a failure the input is written to `fuzz-failure-SEED.ENDING`, and the exit status is 1; a
hang of two minutes ends in a traceback.
"""

import argparse
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzzing import NAMES, UnsurvivedError, bound_memory, campaign


def main() -> int:
    """Run the campaigns, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=NAMES, metavar="KIND", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=float, default=600, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bound_memory()
    print("| reader | inputs | articles | refused | slowest s | memory grew by MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in arguments.kinds:
        try:
            done = campaign(name, arguments.seconds, arguments.seed)
        except UnsurvivedError as failure:
            failure_path = Path(f"fuzz-failure-{arguments.seed}{str(failure).partition(':')[0]}")
            failure_path.write_bytes(failure.raw)
            traceback.print_exc()
            print(f"the input is {failure_path}", file=sys.stderr)
            return 1
        print(
            f"| {name} | {done.inputs:,} | {done.articles:,} | {done.refused:,} | {done.slowest:.2f} |"
            f" {done.memory / 2**20:.0f} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
