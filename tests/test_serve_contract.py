"""The HTTP API keeps to its own description, whatever is asked of it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")
if find_spec("schemathesis") is None:
    pytest.skip("schemathesis is not installed", allow_module_level=True)  # importing it takes half a second

from semsearch.ports import Encoder
from tests.commands import wire_index
from tests.live import live

# Dates, zones, languages and tags that mean nothing cannot be told by a schema: they are refused with 400.
_CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "404", "410"]
"""


@pytest.mark.slow
def test_every_answer_is_as_described(tmp_path: Path, hashing: Encoder) -> None:
    place = wire_index(tmp_path / "index")
    (tmp_path / "schemathesis.toml").write_text(_CONFIG)
    with live(place, hashing) as address:
        command = [Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json"]
        limits = ["--max-examples", "5", "--generation-deterministic", "--no-color"]
        ended = subprocess.run([*command, *limits], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 0, "\n".join(line[:200] for line in ended.stdout.splitlines())
