"""What the papers say is so: examples are run, links lead somewhere, commands and options exist."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from semsearch import Index
from semsearch.cli.entry import commands

ROOT = Path(__file__).resolve().parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "scripts/sample_corpus/README.md"])


def script(name: str) -> ModuleType:
    scripts = str(ROOT / "scripts")
    if scripts not in sys.path:
        sys.path.append(scripts)  # scripts import each other
    return importlib.import_module(name)


def pages() -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in script("refresh_docs").pages()]


def named(paper: Path) -> str:
    return paper.relative_to(ROOT).as_posix()


@pytest.mark.model
def test_the_prebuilt_index_follows_this_version() -> None:
    with Index.open(ROOT / "index") as index:
        assert index.search("the first image of a black hole", mode="lexical").hits


@pytest.mark.slow
@pytest.mark.parametrize("page", pages())
def test_a_page_shows_what_its_examples_print(page: str) -> None:
    written = (ROOT / page).read_text(encoding="utf-8")
    assert script("refresh_docs").refreshed(written) == written, f"run scripts/refresh_docs.py {page}, read the change"


@pytest.mark.model
@pytest.mark.slow
def test_the_picture_shows_what_its_command_prints() -> None:
    drawing = script("draw_terminal")
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.drawn(), "run scripts/draw_terminal.py"


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_links_between_files_lead_somewhere(paper: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)", paper.read_text(encoding="utf-8")):
        there = paper.parent / target if target else paper
        assert there.exists(), target
        if anchor:
            assert anchor[1:] in anchors(there), f"{target}{anchor}"


def anchors(paper: Path) -> set[str]:
    """Return what headings are linked by, on GitHub and on the site."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


_SHOWN = re.compile(r"^```(?:sh|text|r)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[\s(/])semsearch ([^.].*)$", re.MULTILINE)
_END = re.compile(r"\s(?:[|<>]|\|\||&&|2>|#)|[;)]")


def shell_lines() -> Iterator[tuple[str, str]]:
    """Yield every command line of ours that a block shows without running it."""
    for paper in PAPERS:
        for block in _SHOWN.findall(paper.read_text(encoding="utf-8")):
            for line in _COMMAND.findall(block):
                yield named(paper), _END.split(line)[0]


@pytest.mark.parametrize(("paper", "line"), sorted(set(shell_lines())))
def test_a_command_line_that_is_shown_is_one(paper: str, line: str) -> None:
    words = shlex.split(line.split("'")[0] if line.count("'") % 2 else line)
    if words[0].startswith("-"):
        return
    group: click.Command = commands
    context = click.Context(commands)
    while isinstance(group, click.Group):
        found = group.get_command(context, words.pop(0))
        assert found, f"{paper}: {line}"
        group = found
    group.make_context("semsearch", words, resilient_parsing=True)


def test_every_option_has_help() -> None:
    for command in commands.commands.values():
        assert command.help
        for parameter in command.params:
            if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
                assert getattr(parameter, "help", None) or parameter.name in ("form", "port"), parameter.name


@pytest.mark.parametrize("paper", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_modules_that_are_named_exist(paper: str) -> None:
    files = [path.as_posix() for top in ("semsearch", "scripts", "tests") for path in (ROOT / top).rglob("*.py")]
    for name in re.findall(r"`([\w/]+\.py)`", (ROOT / paper).read_text(encoding="utf-8")):
        assert any(path.endswith(f"/{name}") for path in files), name


@pytest.mark.parametrize(("paper", "most"), [("README.md", 1200), ("ARCHITECTURE.md", 2500)])
def test_what_is_read_first_is_short(paper: str, most: int) -> None:
    assert len((ROOT / paper).read_text(encoding="utf-8").split()) <= most


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    if not importlib.util.find_spec("mkdocs") or not importlib.util.find_spec("mkdocstrings"):
        pytest.skip("the extra `docs` is not installed")
    settings = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "semsearch timeline" in (tmp_path / "site/reference/commands/index.html").read_text(encoding="utf-8")


def test_messages_that_troubleshooting_quotes_are_those_that_are_printed() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "semsearch").rglob("*.py"))
    quoted = [
        message for cell in re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE) for message in cell.strip("`").split("…")
    ]
    assert len(quoted) > 4
    for piece in filter(None, map(str.strip, quoted)):
        assert piece in code, piece
