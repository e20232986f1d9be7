"""Five seconds of bad input a reader; `scripts/fuzz_readers.py` gives it longer."""

import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzzing import NAMES, inputs, survive

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", NAMES)
def test_a_few_inputs_of_every_kind_are_survived(name: str) -> None:
    chance = random.Random(7)  # noqa: S311  so that a failure comes again
    for suffix, raw in islice(inputs(name, chance), 6):
        survive(suffix, raw)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_reader_survives_five_seconds_of_bad_input(name: str) -> None:
    command = [sys.executable, ROOT / "scripts/fuzz_readers.py", name, "--seconds", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
