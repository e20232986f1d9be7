"""Commands that count: facets, timeline."""

from typing import TYPE_CHECKING, Any

import click

from semsearch.cli import options, streams

if TYPE_CHECKING:
    from semsearch.index import Index
    from semsearch.types import Query

FORMATS = ("text", "json", "csv")
VERDICTS = ("strong", "fair", "weak", "none")
INTERVALS = ("day", "week", "month", "year")

_output = (
    click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json; errors are JSON too."),
    options.quiet,
)
_counting = options.together(
    click.argument("text", metavar="[TEXT]", required=False, type=streams.readable),
    options.reading_index,
    click.option(
        "--verdict",
        type=click.Choice(VERDICTS),
        default="weak",
        show_default=True,
        help="Count articles that match at this verdict or better.",
    ),
    click.option(
        "--copies",
        type=click.Choice(["all", "once"]),
        default="all",
        show_default=True,
        help="once: of articles with the same text, count the one that a search shows; a query's totals count each.",
    ),
    options.mode,
    click.option("--plain", is_flag=True, help="Take TEXT as plain words, without the query language."),
    options.filtering,
    options.model,
    options.timeout,
    *_output,
)


@click.command()
@_counting
@click.option(
    "--by",
    multiple=True,
    metavar="FIELD",
    default=("publisher", "section", "language"),
    show_default=True,
    help="publisher, domain, author, language, section, origin (files), tag (keys), tag:KEY (values); repeatable.",
)
@click.option(
    "-k",
    "--top-k",
    "limit",
    type=options.CountType(1),
    metavar="N",
    default=20,
    show_default=True,
    help="Values of each field.",
)
def facets(location: str | None, by: tuple[str, ...], limit: int, **arguments: Any) -> int:
    """Count the articles that match TEXT by publisher, section, language or tag, beside the number of all articles.

    Without TEXT every article that the filters allow is counted. TEXT may have the query language of `query`.
    """
    from semsearch.rendering.distributions import FACETS

    index, query, conditions = _open_index(location, arguments)
    facets = index.facets(query, by=by, limit=limit, **_selection(conditions, arguments))
    style = options.style(zone=conditions.zone)
    streams.show(FACETS[arguments["form"]](facets, style), arguments["form"])
    return _finish(facets.selection.notices, facets.selection.count.matching, arguments)


@click.command()
@_counting
@click.option("--interval", type=click.Choice(INTERVALS), help="Length of a bar; by default what makes few enough.")
def timeline(location: str | None, interval: str | None, **arguments: Any) -> int:
    """Count the articles that match TEXT by day, week, month or year, beside the number of all articles.

    Without TEXT every article that the filters allow is counted. TEXT may have the query language of `query`.
    """
    from semsearch.rendering.distributions import TIMELINES
    from semsearch.types import Interval

    index, query, conditions = _open_index(location, arguments)
    length = Interval(interval) if interval else None
    timeline = index.timeline(query, interval=length, **_selection(conditions, arguments))
    style = options.style(zone=conditions.zone)
    streams.show(TIMELINES[arguments["form"]](timeline, style), arguments["form"])
    return _finish(timeline.selection.notices, timeline.selection.count.matching, arguments)


def _open_index(location: str | None, arguments: dict[str, Any]) -> "tuple[Index, Query | None, options.Conditions]":
    """Return the index, the query (None without TEXT) and the conditions that the arguments name."""
    from semsearch.index import Index
    from semsearch.types import Mode, Query

    arguments["form"] = "json" if arguments["as_json"] else arguments["form"]
    conditions = options.take_conditions(arguments)
    text = arguments["text"]
    query = None
    if text is not None:
        settings: dict[str, Any] = {
            "filters": conditions.filters,
            "mode": Mode(arguments["mode"]),
            "as_of": conditions.as_of,
            "timeout": arguments["timeout"],
        }
        query = Query(text, **settings) if arguments["plain"] else Query.parse(text, **settings)
    return Index.open(location, encoder=arguments["model"]), query, conditions


def _selection(conditions: options.Conditions, arguments: dict[str, Any]) -> dict[str, Any]:
    from semsearch.types import Copies, Verdict

    return {
        "filters": conditions.resolved(),
        "verdict": Verdict(arguments["verdict"]),
        "copies": Copies(arguments["copies"]),
    }


def _finish(notices: tuple[str, ...], matching: int, arguments: dict[str, Any]) -> int:
    """Print the notices, and return the exit status."""
    if arguments["form"] != "json" and not arguments["quiet"]:
        for notice in notices:
            click.echo(f"semsearch: {notice}", err=True)
    return int(not matching)


COMMANDS = (facets, timeline)
