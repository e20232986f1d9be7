"""Commands that ask an index: query, similar, get, list, stats."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from semsearch.cli import options, streams

if TYPE_CHECKING:
    from semsearch.rendering import Style
    from semsearch.types import Answer, Query


_LEAST = ("min_confidence", "min_score")
"""Names of one option, the newer first."""


class _Texted(click.Command):
    """A command whose text may begin as an option does."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Say of an option that is none how it could be a text."""
        try:
            return super().parse_args(context, arguments)
        except click.NoSuchOption as error:
            hint = f"a TEXT that begins with - goes after --: semsearch {self.name} -- '-strike harbour'"
            raise click.UsageError(f"{error.format_message()} ({hint})", context) from None


@click.command(cls=_Texted)
@click.argument("text", metavar="TEXT", type=streams.readable)
@options.reading_index
@options.how_many
@options.ranking
@click.option("--plain", is_flag=True, help="Take TEXT as plain words, without the query language.")
@options.filtering
@options.model
@options.threads
@options.timeout
@options.exact
@options.output
@options.showing
@options.quiet
def query(text: str, location: str | None, model: str | None, form: str, as_json: bool, **given: Any) -> int:
    """Find the closest passages. With - as TEXT, one query a line from standard input, answered as they come.

    TEXT may have "exact phrases", -word, publisher:, author:, section:, language:, tag:K=V, since: and until:, which
    replace the options of the same name. One that begins with - is written after -- .

    Of many queries, those that cannot be answered are told by their line, in JSON in their place. The
    status is then 0 if one of them found something, 2 if none could be answered, else 1.
    """
    from semsearch.index import Index

    form = "json" if as_json else form
    conditions = options.take_conditions(given)
    emphasise = form in ("text", "md")
    style = options.style(full=given["full"], everything=given["everything"], zone=conditions.zone)

    def asked(typed: str) -> "Query":
        streams.check_line(typed)
        return _asked(typed, conditions, given, emphasise=emphasise)

    if text == "-":
        from semsearch.cli.many import answer_lines

        index = Index.open(location, encoder=model)
        return answer_lines(streams.typed_lines(sys.stdin), index, asked, form, style=style, quiet=given["quiet"])
    wanted = asked(text)
    answer = Index.open(location, encoder=model).search(wanted)
    if not given["quiet"]:
        options.tell(answer, form)
    return _show(answer, form, style, quiet=given["quiet"])


def _asked(typed: str, conditions: options.Conditions, given: Mapping[str, Any], *, emphasise: bool) -> "Query":
    """Read what was typed; its dates are resolved."""
    from semsearch.types import GroupBy, Mode, Query, Sort

    manner = {
        "k": given["limit"] or given["k"],
        "filters": conditions.filters,
        "mode": Mode(given["mode"]),
        "group_by": GroupBy(given["group_by"]),
        "sort": Sort(given["sort"]),
        "as_of": conditions.as_of,
        "emphasise": emphasise,
        "min_confidence": next((given[name] for name in _LEAST if given[name] is not None), 0.0),
    } | {name: given[name] for name in ("offset", "recency", "context", "explain", "timeout", "exact")}
    read = Query(typed, **manner) if given["plain"] else Query.parse(typed, **manner)
    return replace(read, filters=conditions.resolved(read.filters))


def _show(answer: "Answer", form: str, style: "Style", *, quiet: bool) -> int:
    from semsearch.rendering import closing_text, renderer
    from semsearch.types import Verdict

    streams.show(renderer(form, style)(answer), form)
    if form == "text" and not quiet:
        click.echo(f"\n{closing_text(answer, everything=style.everything)}", nl=False, err=True)
    return int(answer.verdict is Verdict.NONE)


@click.command()
@click.argument("name", metavar="ID_OR_URL", type=streams.readable)
@options.reading_index
@options.how_many
@options.mode
@options.filtering
@options.timeout
@options.exact
@options.output
@options.everything
@click.option("--full", is_flag=True, help="Whole passages, all copies; nothing shortened.")
@options.quiet
def similar(name: str, location: str | None, form: str, as_json: bool, **given: Any) -> int:
    """Find the passages of other articles that are closest to an article."""
    from semsearch.index import Index
    from semsearch.types import Mode

    conditions = options.take_conditions(given)
    manner = {
        "filters": conditions.resolved(),
        "mode": Mode(given["mode"]),
        "timeout": given["timeout"],
        "exact": given["exact"],
    }
    found = Index.open(location).similar(name, given["limit"] or given["k"], **manner)
    style = options.style(full=given["full"], everything=given["everything"], zone=conditions.zone)
    return _show(found, "json" if as_json else form, style, quiet=given["quiet"])


@click.command()
@click.argument("name", metavar="ID_OR_URL", type=streams.readable)
@options.reading_index
@options.timezone
@options.as_json
def get(name: str, location: str | None, timezone: str | None, as_json: bool) -> int:
    """Print one article: metadata and text."""
    from semsearch.index import Index
    from semsearch.rendering import article_json, article_text

    style = options.style(full=True, zone=options.zone_of(timezone))
    article = Index.open(location).get(name)
    if as_json:
        streams.show(article_json(article), "json")
    else:
        streams.show(article_text(article, style))
    return 0


@click.command("list")
@options.reading_index
@click.option("-k", "--top-k", "k", type=options.Count(1), help="At most so many; else all.")
@click.option("-n", "--limit", type=options.Count(1), hidden=True)
@options.filtering
@options.output
@click.option("--full", is_flag=True, help="Nothing shortened.")
def list_(location: str | None, k: int | None, form: str, as_json: bool, full: bool, **given: Any) -> int:
    """List articles, newest first."""
    from semsearch.bounds import zone_of
    from semsearch.index import Index
    from semsearch.rendering import listing

    index = Index.open(location)
    filters = options.take_filters(given)
    found = islice(index.articles(filters), given["limit"] or k)
    first = next(found, None)
    articles = iter(()) if first is None else (article for part in ((first,), found) for article in part)
    form = "json" if as_json else form
    streams.show(listing(articles, form, options.style(full=full, zone=zone_of(filters))), form)
    if first is None and form != "json":
        conditions = filters.to_dict()
        click.echo(f"semsearch: {'no article meets the conditions' if conditions else 'the index is empty'}", err=True)
    return int(first is None)


@click.command()
@options.reading_index
@options.timezone
@options.as_json
def stats(location: str | None, timezone: str | None, as_json: bool) -> int:
    """Print counts, dates, sizes and the recipe on one screen."""
    from semsearch.index import Index
    from semsearch.rendering import json_text, stats_dict, stats_text

    style = options.style(zone=options.zone_of(timezone))
    index = Index.open(location)
    found = index.stats()
    if as_json:
        streams.tell_json(f"{json_text(stats_dict(found))}\n")
    else:
        streams.show(stats_text(found, style, str(index.location)))
    return 0


_search = _Texted("search", callback=query.callback, params=query.params, help=query.help, hidden=True)

COMMANDS = (query, _search, similar, get, list_, stats)
