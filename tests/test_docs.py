"""What the papers say is so."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from semsearch.cli.entry import commands

ROOT = Path(__file__).resolve().parent.parent
PAPERS = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", "scripts/sample_corpus/README.md")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.model
def test_the_readme_shows_what_its_commands_print() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script("refresh_readme").refreshed(readme) == readme, "run scripts/refresh_readme.py and read the difference"


@pytest.mark.model
def test_the_readmes_python_runs() -> None:
    outputs = script("refresh_readme").python_output((ROOT / "README.md").read_text(encoding="utf-8"))
    assert any("Kernkraftwerk" in output for output in outputs)


@pytest.mark.parametrize("paper", PAPERS)
def test_links_between_files_live(paper: str) -> None:
    path = ROOT / paper
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_command_is_in_the_readme_and_every_option_has_help() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in commands.commands.items():
        if not command.hidden:
            assert re.search(rf"`{name}`|semsearch {name}\b", readme), name
        assert command.help
        for parameter in command.params:
            if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
                assert getattr(parameter, "help", None) or parameter.name == "form", (name, parameter.name)


def test_modules_named_in_the_architecture_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(\w+\.py)`", text):
        assert list((ROOT / "semsearch").rglob(name)), name
