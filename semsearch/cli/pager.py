"""Long output on a terminal goes through a pager, as `git` does it; never in a pipe."""

import os
import sys

import click

from semsearch.cli import terminal


def show(text: str) -> None:
    """Write text to standard output: through `$PAGER`, else less, where a person would lose its beginning."""
    if not pages() or text.count("\n") < terminal.height():
        click.echo(text, nl=False)
        return
    os.environ.setdefault("LESS", "FRX")  # leave what fits, keep colours, and leave the text on the screen
    click.echo_via_pager(text, color=terminal.shows_colour())


def pages() -> bool:
    """Say whether there is a person at a terminal who could turn pages, and did not say that they do not want to."""
    wanted = os.environ.get("PAGER", "less") not in ("", "cat") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdin.isatty() and sys.stdout.isatty()
