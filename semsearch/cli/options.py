"""Options that several commands share, and how their values are read."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from semsearch import limits
from semsearch.cli import terminal
from semsearch.cli.streams import readable
from semsearch.types import NAME_FILTERS, UNDATED, Filters, GroupBy, Mode, Precision, Sort

if TYPE_CHECKING:
    from semsearch.rendering import Style
    from semsearch.types import Answer

MODES = tuple(mode.value for mode in Mode)

PRECISIONS = tuple(precision.value for precision in Precision)

_HALF_LIFE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(h|d|w|hours?|days?|weeks?)?", re.ASCII)
_DAYS = {"": 1.0, "h": 1 / 24, "d": 1.0, "w": 7.0}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class WholeNumber(click.IntRange):
    """A whole number within bounds, called that in messages."""

    name = "whole number"


class Number(click.FloatRange):
    """A number within bounds, called that in messages."""

    name = "number"


def together(*options: Decorator) -> Decorator:
    """Combine options into one decorator; help lists them in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


reading_index = click.option(
    "-i",
    "--index",
    "location",
    metavar="DIR",
    help="The index; else $SEMSEARCH_INDEX, ./index or the sample that comes with semsearch.",
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
    type=WholeNumber(1),
    metavar="N",
    callback=_use_threads,
    expose_value=False,
    help="Compute threads; else $OMP_NUM_THREADS, else one per CPU.",
)
wait = click.option(
    "--wait",
    type=Number(0),
    default=0.0,
    metavar="SECONDS",
    help="Wait this long for another process that writes to the index.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Print results and errors alone.")
as_json = click.option("--json", "as_json", is_flag=True, help="JSON; errors too.")


class _FormatName(click.Choice[str]):
    """The name of an output format; the formats are imported only when the names are needed."""

    def __init__(self) -> None:
        self.case_sensitive = True

    @property
    def choices(self) -> Sequence[str]:  # type: ignore[override]
        from semsearch.rendering.formats import FORMATS

        return tuple(FORMATS)


output = together(
    click.option(
        "--format",
        "form",
        type=_FormatName(),
        default="text",
        show_default=True,
        help="csv is for programs, excel for double clicks, md for drafts.",
    ),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json; errors are JSON too."),
)


def _parse_names(_context: click.Context, _option: click.Parameter, pairs: tuple[str, ...]) -> Mapping[str, str]:
    from semsearch.sources.facts.fields import parse_names

    return parse_names(pairs) if pairs else {}


intake = together(
    click.option(
        "--source", "source_name", type=readable, metavar="NAME", help="The publisher of articles that name none."
    ),
    click.option(
        "--map",
        "names",
        multiple=True,
        metavar="FIELD=COLUMN",
        callback=_parse_names,
        help="Which column or field holds what, where its name does not say: title=Headline, text=data.story. Repeat.",
    ),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy"]),
        help="Day or month first in dates such as 03/04/2024, where a file does not show it.",
    ),
    click.option("--follow", is_flag=True, help="Of a feed by address: read the articles on their own pages."),
    click.option("--allow-private", is_flag=True, help="Fetch from this machine and from private networks, too."),
    click.option(
        "--pause",
        type=Number(0, 3600),
        default=1.0,
        show_default=True,
        metavar="SECONDS",
        help="Between two requests to one host.",
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
    "--timezone", metavar="NAME", help="Time zone of days and clocks: Europe/Berlin, +02:00; else UTC."
)
filtering = together(
    click.option("--since", metavar="D", help="Published then or later: 2024, 2024-05, 2024-05-17, 7d, last month."),
    click.option("--until", metavar="D", help="Published by the end of then."),
    click.option("--new-since", metavar="D", help="Indexed then or later, whenever published."),
    click.option(
        "--republished",
        type=click.Choice(["include", "exclude"]),
        default="exclude",
        show_default=True,
        help="With --new-since: articles that only repeat a text that was indexed before.",
    ),
    click.option("--as-of", metavar="D", help="What relative dates count back from; else now."),
    timezone,
    *(
        click.option(
            f"--{by_name.singular}",
            by_name.field,
            multiple=True,
            metavar=by_name.metavar,
            help=f"{by_name.help} Repeat for any of several.",
        )
        for by_name in NAME_FILTERS
    ),
    click.option("--tag", multiple=True, metavar="KEY=VALUE", help="A tag. Repeat a key for any of its values."),
    click.option(
        "--undated",
        type=click.Choice(list(UNDATED)),
        help="Articles without a date; by default excluded only where a date is asked for.",
    ),
)


def _half_life(_context: click.Context, _option: click.Parameter, text: str | None) -> float | None:
    """Read `30d`, `6h`, `2w` or a number of days, as days."""
    if text is None:
        return None
    match = _HALF_LIFE.fullmatch(text.strip().lower())
    days = float(match[1]) * _DAYS[(match[2] or "")[:1]] if match else 0.0
    if not days:
        raise click.BadParameter(f"{text!r} is not a half-life: write 30d, 6h, 2w or a number of days")
    return days


timeout = click.option(
    "--timeout",
    type=Number(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Give up a query that takes longer.",
)


rerank = click.option(
    "--rerank",
    metavar="PATH",
    help="Put the first ten hits in the order of a cross-encoder, whose folder this is; it takes longer.",
)

exact = click.option(
    "--exact", is_flag=True, help="Score every passage of a very large index; slower, and nothing is missed."
)


class CountType(WholeNumber):
    """A whole number of things wanted; a number beyond any index means all."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Read a number, and cap it at the most that may be asked for."""
        return min(super().convert(value, param, context), limits.ASKED)


how_many = together(
    click.option(
        "-k", "--top-k", "k", type=CountType(1), default=10, metavar="N", show_default=True, help="How many hits."
    ),
    click.option("-n", "--limit", type=CountType(1), hidden=True),
)
mode = click.option(
    "--mode",
    type=click.Choice(MODES),
    default="hybrid",
    show_default=True,
    help="Search by meaning and words, by meaning, or by words.",
)
ranking = together(
    mode,
    click.option(
        "--group-by",
        type=click.Choice([group.value for group in GroupBy]),
        default="article",
        show_default=True,
        help="What a hit is: an article (copies of its text are listed under it), each passage, each of the copies by "
        "itself, or a publisher with its best article.",
    ),
    click.option(
        "--sort",
        type=click.Choice([sort.value for sort in Sort]),
        default="relevance",
        show_default=True,
        help="date: newest first.",
    ),
    click.option("--offset", type=CountType(0), default=0, metavar="N", help="Leave out the N best hits."),
    click.option(
        "--min-confidence",
        type=Number(0, 1),
        metavar="X",
        help="Only hits of this confidence or more: 0.15 leaves out what is no match, 0.5 weak matches, too.",
    ),
    click.option("--min-score", type=Number(0, 1), hidden=True),
    click.option(
        "--recency",
        metavar="HALFLIFE",
        callback=_half_life,
        help="Prefer recent articles: a score halves with this much age (30d, 6h, 2w).",
    ),
)
everything = click.option(
    "--all", "everything", is_flag=True, help="List hits that are no match below better ones, too (text and md)."
)
showing = together(
    everything,
    click.option("--count", is_flag=True, help="Also count the articles that match; text and md always do."),
    click.option(
        "--context", type=CountType(0), default=0, metavar="N", help="Show N passages before and after each, too."
    ),
    click.option("--explain", is_flag=True, help="Say why each hit is where it is, with its scores."),
    click.option("--full", is_flag=True, help="Whole passages, all copies; nothing shortened."),
)
_FILTERS = (
    *("since", "until", "new_since", "republished", "as_of", "timezone", "tag", "undated"),
    *(by_name.field for by_name in NAME_FILTERS),
)


class Conditions(NamedTuple):
    """The values of the `filtering` options as typed, and how to read their dates."""

    filters: Filters
    as_of: int  # UTC seconds that relative dates count back from
    zone: tzinfo  # of the days that are typed and shown

    def resolved(self, filters: Filters | None = None) -> Filters:
        """Return these filters, or the given ones, with their dates as an engine takes them."""
        from semsearch import conditions

        return conditions.resolved(filters or self.filters, self.as_of)


def take_conditions(arguments: dict[str, Any]) -> Conditions:
    """Take the `filtering` options out of a command's arguments, and check their dates."""
    from semsearch import bounds
    from semsearch.files import now_seconds

    values = {name: _readable(arguments.pop(name)) for name in _FILTERS}
    for pair in values["tag"]:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--tag")
    zone = zone_of(values["timezone"])
    filters = Filters(
        **{by_name.field: frozenset(values[by_name.field]) for by_name in NAME_FILTERS},
        tags=frozenset((key, value) for key, _, value in (pair.partition("=") for pair in values["tag"])),
        since=values["since"],
        until=values["until"],
        undated=UNDATED.get(values["undated"]),
        new_since=values["new_since"],
        timezone=zone,
        republished=values["republished"] == "include",
    )
    as_of = bounds.instant(values["as_of"], zone) if values["as_of"] else now_seconds()
    conditions = Conditions(filters, as_of, zone)
    conditions.resolved()
    return conditions


def _readable(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(readable, value))
    return value if value is None else readable(value)


def take_filters(arguments: dict[str, Any]) -> Filters:
    """Take the `filtering` options out of a command's arguments, as filters for an engine."""
    return take_conditions(arguments).resolved()


def zone_of(name: str | None) -> tzinfo:
    """Return the zone that `--timezone` names; UTC if it was not given."""
    from semsearch.bounds import zone_named

    return zone_named(name or "UTC")


def style(*, full: bool = False, everything: bool = False, zone: tzinfo = UTC) -> "Style":
    """Return the style that suits standard output, and the zone whose clock is shown."""
    from semsearch.rendering import Style

    return Style(width=terminal.width(), colour=terminal.shows_colour(), full=full, everything=everything, zone=zone)


def is_for_people(form: str) -> bool:
    """Tell whether a format is read by people, or by programs."""
    from semsearch.rendering.formats import FORMATS

    return FORMATS[form].for_people


def preface(answer: "Answer", form: str, index: str, *, everything: bool, line_prefix: str = "") -> str:
    """Return the lines to print before an answer; "" for JSON, which contains all of it.

    People see which index was searched, how much was found and how the query was understood; all formats get the
    notices about what could not be answered as asked.

    Args:
        index: as a user would name it.
        line_prefix: begins each line, such as "line 3: " for one query of many.
    """
    from semsearch.rendering import header_text, understood_text
    from semsearch.rendering.layout import listed

    if form == "json":
        return ""
    for_people = is_for_people(form)
    understood = understood_text(answer) if for_people else ""
    header = line_prefix + header_text(answer, index, everything=everything)
    if sys.stderr.isatty():
        header = "".join(f"{line}\n" for line in listed(header.split(" · "), terminal.width()))
    lines = [header] if for_people else []
    lines += [f"{line_prefix}Understood: {understood}\n"] if understood else []
    lines += [f"semsearch: {line_prefix}{notice}\n" for notice in answer.notices]
    return "".join([*lines, "\n" * for_people])
