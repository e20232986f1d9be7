"""Options that several commands share, and what they make."""

import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from semsearch.rendering import Style
    from semsearch.types import Filters

FORMATS = ("text", "json", "jsonl", "csv", "md")

PRECISIONS = ("auto", "f32")

WIDEST_COLUMNS = 100
"""Longer lines are hard to read, however wide the terminal is."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _all(*options: Decorator) -> Decorator:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


reading_index = click.option(
    "-i", "--index", "location", metavar="DIR", help="The index; else $SEMSEARCH_INDEX, ./index or the shipped one."
)
writing_index = click.option("-i", "--index", "location", metavar="DIR", help="The index; else $SEMSEARCH_INDEX.")
model = click.option("--model", metavar="M", help="Encoder: a name or a folder; else $SEMSEARCH_MODEL.")
precision = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="auto",
    show_default=True,
    help="f32: the same vectors on every machine; auto: the fastest of this one.",
)


def _use_threads(_context: click.Context, _option: click.Parameter, count: int | None) -> None:
    if count is not None:
        from semsearch.threads import use_threads

        use_threads(count)


threads = click.option(
    "--threads",
    type=click.IntRange(1),
    callback=_use_threads,
    expose_value=False,
    help="How many to compute with; else $OMP_NUM_THREADS, else one a processor.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress, no summary.")
as_json = click.option("--json", "as_json", is_flag=True, help="JSON; errors too.")
output = _all(
    click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json; errors are JSON too."),
)
intake = _all(
    click.option("--source", "source_name", metavar="NAME", help="Whose articles these are, where they do not say."),
    click.option("--strict", is_flag=True, help="Exit with status 5 if any record could not be used."),
    quiet,
    click.option("-v", "--verbose", is_flag=True, help="Name every record that could not be used."),
)
filtering = _all(
    click.option("--since", metavar="D", help="Published then or later: 2024, 2024-05, 2024-05-17, 7d, last month."),
    click.option("--until", metavar="D", help="Published by the end of then."),
    click.option("--as-of", metavar="D", help="What relative dates count back from; else now."),
    click.option(
        "--publisher", multiple=True, metavar="NAME", help="An outlet or its domain. Repeat for any of several."
    ),
    click.option("--author", multiple=True, metavar="NAME", help="Repeat for any of several."),
    click.option("--language", multiple=True, metavar="TAG", help="Such as en. Repeat for any of several."),
    click.option("--section", multiple=True, metavar="NAME", help="Repeat for any of several."),
    click.option("--tag", multiple=True, metavar="K=V", help="Repeat a key for any of its values."),
    click.option(
        "--undated",
        type=click.Choice(["include", "exclude"]),
        help="Articles without a date; else excluded only where a date is asked for.",
    ),
)
_FILTERS = ("since", "until", "as_of", "publisher", "author", "language", "section", "tag", "undated")


def take_filters(given: dict[str, Any]) -> "Filters":
    """Take what `filtering` made out of a command's arguments, as filters with resolved dates."""
    from semsearch import bounds
    from semsearch.files import now_seconds
    from semsearch.types import Filters

    own = {name: given.pop(name) for name in _FILTERS}
    for pair in own["tag"]:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--tag")
    filters = Filters(
        publishers=frozenset(own["publisher"]),
        authors=frozenset(own["author"]),
        languages=frozenset(own["language"]),
        sections=frozenset(own["section"]),
        tags=frozenset((key, value) for key, _, value in (pair.partition("=") for pair in own["tag"])),
        since=own["since"],
        until=own["until"],
        undated=None if own["undated"] is None else own["undated"] == "include",
    )
    return bounds.resolve(filters, bounds.instant(own["as_of"]) if own["as_of"] else now_seconds())


def style(*, full: bool = False) -> "Style":
    """Say what standard output can show."""
    from semsearch.rendering import Style

    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = shutil.get_terminal_size().columns if terminal or "COLUMNS" in os.environ else 80
    return Style(width=min(columns, WIDEST_COLUMNS), colour=colour, full=full)
