"""Options that several commands share, and what they make."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from semsearch import limits
from semsearch.cli.streams import readable

if TYPE_CHECKING:
    from semsearch.rendering import Style
    from semsearch.types import Answer, Filters

FORMATS = ("text", "json", "jsonl", "csv", "md")

MODES = ("hybrid", "dense", "lexical")

PRECISIONS = ("auto", "f32")

_HALF_LIFE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(h|d|w|hours?|days?|weeks?)?", re.ASCII)
_DAYS = {"": 1.0, "h": 1 / 24, "d": 1.0, "w": 7.0}

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


def _parse_names(_context: click.Context, _option: click.Parameter, pairs: tuple[str, ...]) -> Mapping[str, str]:
    from semsearch.sources.facts.fields import parse_names

    return parse_names(pairs) if pairs else {}


intake = _all(
    click.option(
        "--source", "source_name", type=readable, metavar="NAME", help="Whose articles, where they do not say."
    ),
    click.option(
        "--map",
        "names",
        multiple=True,
        metavar="NOUN=NAME",
        callback=_parse_names,
        help="What a column or field is, where its name does not say: title=Headline, text=data.story. Repeat.",
    ),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy"]),
        help="Day or month first in dates such as 03/04/2024, where a file does not show it.",
    ),
    click.option("--strict", is_flag=True, help="Stop, with status 5, at the first record that cannot be used."),
    click.option(
        "--report",
        "report_path",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Write every record that cannot be used to a file, as JSON Lines.",
    ),
    quiet,
    click.option("-v", "--verbose", is_flag=True, help="Name every record that could not be used."),
)
timezone = click.option(
    "--timezone", metavar="NAME", help="Whose days are meant and shown: Europe/Berlin, +02:00; else UTC's."
)
filtering = _all(
    click.option("--since", metavar="D", help="Published then or later: 2024, 2024-05, 2024-05-17, 7d, last month."),
    click.option("--until", metavar="D", help="Published by the end of then."),
    click.option("--new-since", metavar="D", help="Indexed then or later, whenever published."),
    click.option(
        "--republished",
        type=click.Choice(["include", "exclude"]),
        default="exclude",
        show_default=True,
        help="With --new-since: what only carries a text again that was indexed before.",
    ),
    click.option("--as-of", metavar="D", help="What relative dates count back from; else now."),
    timezone,
    click.option(
        "--publisher", multiple=True, metavar="NAME", help="An outlet or its domain. Repeat for any of several."
    ),
    click.option("--author", multiple=True, metavar="NAME", help="Repeat for any of several."),
    click.option("--language", multiple=True, metavar="TAG", help="en, en-GB, English. Repeat for any of several."),
    click.option("--section", multiple=True, metavar="NAME", help="Repeat for any of several."),
    click.option("--tag", multiple=True, metavar="K=V", help="Repeat a key for any of its values."),
    click.option(
        "--undated",
        type=click.Choice(["include", "exclude"]),
        help="Articles without a date; else excluded only where a date is asked for.",
    ),
)


def _half_life(_context: click.Context, _option: click.Parameter, written: str | None) -> float | None:
    """Read `30d`, `6h`, `2w` or a number of days, as days."""
    if written is None:
        return None
    match = _HALF_LIFE.fullmatch(written.strip().lower())
    days = float(match[1]) * _DAYS[(match[2] or "")[:1]] if match else 0.0
    if not days:
        raise click.BadParameter(f"{written!r} is not a half-life: write 30d, 6h, 2w or a number of days")
    return days


timeout = click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Give a query up that takes longer.",
)


class Count(click.IntRange):
    """A whole number of what is wanted. More than anybody has means all that there is."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Read a number, and lower it to the most that may be asked for."""
        return min(super().convert(value, param, context), limits.ASKED)


how_many = _all(
    click.option("-k", "--top-k", "k", type=Count(1), default=10, show_default=True, help="How many articles."),
    click.option("-n", "--limit", type=Count(1), hidden=True),
)
mode = click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True, help="What ranks.")
ranking = _all(
    mode,
    click.option(
        "--group-by",
        type=click.Choice(["article", "passage", "copies"]),
        default="article",
        show_default=True,
        help="What -k counts: articles, copies folded; passages; or articles, each copy by itself.",
    ),
    click.option(
        "--sort",
        type=click.Choice(["relevance", "date"]),
        default="relevance",
        show_default=True,
        help="date: newest first.",
    ),
    click.option("--offset", type=Count(0), default=0, metavar="N", help="Leave out the N best."),
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        metavar="X",
        help="Only hits of at least this confidence: 0.15 leaves out what is no match, 0.5 weak matches, too.",
    ),
    click.option("--min-score", type=click.FloatRange(0, 1), hidden=True),
    click.option(
        "--recency", metavar="HALFLIFE", callback=_half_life, help="Halve a score with so much age: 30d, 6h, 2w, 10."
    ),
)
everything = click.option(
    "--all", "everything", is_flag=True, help="List hits that are no match below better ones, too (text and md)."
)
showing = _all(
    everything,
    click.option("--context", type=Count(0), default=0, metavar="N", help="N neighbouring passages, too."),
    click.option("--explain", is_flag=True, help="Say why each hit is where it is."),
    click.option("--full", is_flag=True, help="Whole passages, all copies; nothing shortened."),
)
_FILTERS = (
    *("since", "until", "new_since", "republished", "as_of", "timezone"),
    *("publisher", "author", "language", "section", "tag", "undated"),
)


class Conditions(NamedTuple):
    """What `filtering` took, as it was written, and how its dates are to be read."""

    filters: "Filters"
    as_of: int  # UTC seconds that relative dates count back from
    zone: tzinfo  # whose days are meant, and shown

    def resolved(self, filters: "Filters | None" = None) -> "Filters":
        """Return these filters, or others in their place, as an engine takes them."""
        from semsearch import conditions

        return conditions.resolved(filters or self.filters, self.as_of)


def take_conditions(given: dict[str, Any]) -> Conditions:
    """Take what `filtering` made out of a command's arguments; a date that is none is refused."""
    from semsearch import bounds
    from semsearch.files import now_seconds
    from semsearch.types import Filters

    own = {name: _readable(given.pop(name)) for name in _FILTERS}
    for pair in own["tag"]:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--tag")
    zone = zone_of(own["timezone"])
    filters = Filters(
        publishers=frozenset(own["publisher"]),
        authors=frozenset(own["author"]),
        languages=frozenset(own["language"]),
        sections=frozenset(own["section"]),
        tags=frozenset((key, value) for key, _, value in (pair.partition("=") for pair in own["tag"])),
        since=own["since"],
        until=own["until"],
        undated=None if own["undated"] is None else own["undated"] == "include",
        new_since=own["new_since"],
        timezone=zone,
        republished=own["republished"] == "include",
    )
    as_of = bounds.instant(own["as_of"], zone) if own["as_of"] else now_seconds()
    conditions = Conditions(filters, as_of, zone)
    conditions.resolved()
    return conditions


def _readable(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(readable, value))
    return value if value is None else readable(value)


def take_filters(given: dict[str, Any]) -> "Filters":
    """Take what `filtering` made out of a command's arguments, as filters that an engine takes."""
    return take_conditions(given).resolved()


def zone_of(written: str | None) -> tzinfo:
    """Return the zone that `timezone` took."""
    from semsearch.bounds import zone_named

    return zone_named(written or "UTC")


def style(*, full: bool = False, everything: bool = False, zone: tzinfo = UTC) -> "Style":
    """Say what standard output can show, and by whose clock."""
    from semsearch.rendering import Style

    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = shutil.get_terminal_size().columns if terminal or "COLUMNS" in os.environ else 80
    return Style(width=min(columns, WIDEST_COLUMNS), colour=colour, full=full, everything=everything, zone=zone)


def tell(answer: "Answer", form: str, where: str = "") -> None:
    """Say on standard error what was understood of a query, and what was not answered as asked; JSON has both."""
    from semsearch.rendering import understood_text

    if form == "json":
        return
    to_a_person = form in ("text", "md")
    understood = understood_text(answer) if to_a_person else ""
    if understood:
        click.echo(f"{where}Understood: {understood}", err=True)
    for notice in answer.notices:
        click.echo(f"semsearch: {where}{notice}", err=True)
    if to_a_person and (understood or answer.notices):
        click.echo(err=True)
