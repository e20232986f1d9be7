"""A pager for long output on a terminal, as in `git`; never in a pipe."""

import os
import sys

import click

from semsearch.cli import terminal


def show(text: str) -> None:
    """Write text to standard output; through `$PAGER`, else less, if it is longer than the screen."""
    if not pages() or text.count("\n") < terminal.height():
        click.echo(text, nl=False)
        return
    os.environ.setdefault("LESS", "FRX")  # leave what fits, keep colours, and leave the text on the screen
    click.echo_via_pager(text, color=terminal.shows_colour())


def pages() -> bool:
    """Tell whether a pager may be used: there is a terminal, and $PAGER does not turn it off."""
    is_wanted = os.environ.get("PAGER", "less") not in ("", "cat") and os.environ.get("TERM") != "dumb"
    return is_wanted and sys.stdin.isatty() and sys.stdout.isatty()
