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
        help="once: of articles with the same text, count the one that a search shows.",
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
    help="publisher, domain, author, language, section, tag (keys), tag:KEY (values). Repeat for several.",
)
@click.option(
    "-k", "--top-k", "limit", type=options.CountType(1), default=20, show_default=True, help="Values a field."
)
def facets(location: str | None, by: tuple[str, ...], limit: int, **given: Any) -> int:
    """Count the articles that match TEXT by publisher, section, language or tag, beside all that are there.

    Without TEXT every article that the filters allow is counted. TEXT may have the query language of `query`.
    """
    from semsearch.rendering.distributions import FACETS

    index, asked, conditions = _asked(location, given)
    facets = index.facets(asked, by=by, limit=limit, **_manner(conditions, given))
    style = options.style(zone=conditions.zone)
    streams.show(FACETS[given["form"]](facets, style), given["form"])
    return _told(facets.selection.notices, facets.selection.count.matching, given)


@click.command()
@_counting
@click.option("--interval", type=click.Choice(INTERVALS), help="The length of a bar; else what makes few enough.")
def timeline(location: str | None, interval: str | None, **given: Any) -> int:
    """Count the articles that match TEXT by day, week, month or year, beside all that are there.

    Without TEXT every article that the filters allow is counted. TEXT may have the query language of `query`.
    """
    from semsearch.rendering.distributions import TIMELINES
    from semsearch.types import Interval

    index, asked, conditions = _asked(location, given)
    chosen = Interval(interval) if interval else None
    timeline = index.timeline(asked, interval=chosen, **_manner(conditions, given))
    style = options.style(zone=conditions.zone)
    streams.show(TIMELINES[given["form"]](timeline, style), given["form"])
    return _told(timeline.selection.notices, timeline.selection.count.matching, given)


def _asked(location: str | None, given: dict[str, Any]) -> "tuple[Index, Query | None, options.Conditions]":
    from semsearch.index import Index
    from semsearch.types import Mode, Query

    given["form"] = "json" if given["as_json"] else given["form"]
    conditions = options.take_conditions(given)
    typed = given["text"]
    asked = None
    if typed is not None:
        manner: dict[str, Any] = {
            "filters": conditions.filters,
            "mode": Mode(given["mode"]),
            "as_of": conditions.as_of,
            "timeout": given["timeout"],
        }
        asked = Query(typed, **manner) if given["plain"] else Query.parse(typed, **manner)
    return Index.open(location, encoder=given["model"]), asked, conditions


def _manner(conditions: options.Conditions, given: dict[str, Any]) -> dict[str, Any]:
    from semsearch.types import Copies, Verdict

    return {
        "filters": conditions.resolved(),
        "verdict": Verdict(given["verdict"]),
        "copies": Copies(given["copies"]),
    }


def _told(notices: tuple[str, ...], matching: int, given: dict[str, Any]) -> int:
    if given["form"] != "json" and not given["quiet"]:
        for notice in notices:
            click.echo(f"semsearch: {notice}", err=True)
    return int(not matching)


COMMANDS = (facets, timeline)
