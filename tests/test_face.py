"""What `import semsearch` gives and costs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import semsearch

READERS = ("yaml", "markdown_it")
HEAVY = ("torch", "transformers", "sentence_transformers", "faiss", "sklearn", "scipy")


def loaded_by(code: str) -> set[str]:
    program = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_face_is_what_all_names() -> None:
    assert semsearch.__all__ == sorted(semsearch.__all__)
    for name in semsearch.__all__:
        assert getattr(semsearch, name) is not None
    assert set(semsearch.__all__) <= set(dir(semsearch))
    with pytest.raises(AttributeError, match="nothing"):
        _ = semsearch.nothing


@pytest.mark.parametrize(
    ("command", "absent"),
    [
        ([], (*HEAVY, "numpy", "click")),
        (["--help"], (*HEAVY, "numpy")),
        (["query", "--help"], (*HEAVY, "numpy")),
        (["stats", "-i", "{index}"], (*HEAVY, *READERS)),
        (["list", "-i", "{index}"], (*HEAVY, *READERS)),
        (["get", "https://news.example.org/opera", "-i", "{index}"], (*HEAVY, *READERS)),
        (["query", "opera", "-i", "{index}"], tuple(name for name in HEAVY if name != "faiss")),
    ],
)
def test_what_needs_no_model_loads_none(index: semsearch.Index, command: list[str], absent: tuple[str, ...]) -> None:
    arguments = [part.format(index=index.location) for part in command]
    run = f"from semsearch.cli import main\ntry:\n    main({arguments!r})\nexcept SystemExit: pass" if command else ""
    assert not loaded_by(f"import semsearch\n{run}") & set(absent)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(semsearch.__file__).parent / "py.typed").exists()
