"""Hooks of MkDocs: make pages of the papers beside `docs/`, and the reference of commands from the commands.

README is the site's first page. Links are written for readers of the repository; here they are rewritten to lead within
the site, and links to source files become plain names.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from semsearch.cli.entry import commands

ROOT = Path(__file__).resolve().parent.parent
PAPERS = {
    "index.md": "README.md",
    **{name: name for name in ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")},
}
"""Page of the site -> paper of the repository."""

COMMANDS = "<!-- every command -->"
_COLUMNS = 80
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the papers that are not in `docs/`."""
    for page, paper in PAPERS.items():
        files.append(File.generated(config, page, content=(ROOT / paper).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Rewrite links, and put in the reference of commands."""
    if COMMANDS in markdown:
        markdown = markdown.replace(COMMANDS, command_reference())
    source = page.file.src_uri
    paper = PAPERS.get(source, f"docs/{source}")

    def turned(link: re.Match[str]) -> str:
        image, text, target, anchor = link.groups()
        target_path = normpath(str(PurePosixPath(paper).parent / target))
        of_paper = {value: key for key, value in PAPERS.items()}
        in_docs = target_path.removeprefix("docs/") if target_path.startswith("docs/") else None
        on_site = of_paper.get(target_path, in_docs)
        if on_site is None or files.get_file_from_path(on_site) is None:
            return text if (ROOT / target_path).exists() else link[0]  # what is missing is for MkDocs to report
        return f"{image}[{text}]({relpath(on_site, str(PurePosixPath(source).parent))}{anchor or ''})"

    return _LINK.sub(turned, markdown)


def command_reference() -> str:
    """Return the help of every command as Markdown."""
    return "\n".join(_helps(commands, "semsearch", 2))


def _helps(command: click.Command, name: str, level: int) -> list[str]:
    context = click.Context(command, info_name=name, terminal_width=_COLUMNS, help_option_names=["-h", "--help"])
    lines = [f"{'#' * level} {name}", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            if not subcommand.hidden:
                lines += _helps(subcommand, f"{name} {subcommand.name}", min(level + 1, 4))
    return lines
