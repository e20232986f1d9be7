"""Commands that ask an index: query, similar, get, list, stats."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from semsearch.cli import options, pager, streams
from semsearch.cli.commands import TextCommand

if TYPE_CHECKING:
    from semsearch.index import Index
    from semsearch.rendering import Style
    from semsearch.reranking import Search
    from semsearch.types import Answer, Metadata, Query


_LEAST_CONFIDENCE = ("min_confidence", "min_score")
"""Both names of one option, the newer first."""

_QUERY_OPTIONS = (
    "mode",
    "group_by",
    "sort",
    "offset",
    "recency",
    "context",
    "explain",
    "timeout",
    "count",
    "exact",
)
"""Options that a `Query` takes as they are, under the same names."""


@click.command(cls=TextCommand)
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
@options.rerank
@options.output
@options.showing
@options.quiet
def query(text: str, location: str | None, model: str | None, form: str, as_json: bool, **arguments: Any) -> int:
    """Find the closest passages. With - as TEXT, one query a line from standard input, answered as they come.

    TEXT may have "exact phrases", -word, publisher:, author:, section:, language:, tag:K=V, since: and until:, which
    replace the options of the same name. One that begins with - is written after -- .

    Of many queries, those that cannot be answered are reported with their line, in JSON in their place. The
    status is then 0 if one of them found something, 2 if none could be answered, else 1.
    """
    from semsearch.index import Index
    from semsearch.types import Answer

    form = "json" if as_json else form
    conditions = options.take_conditions(arguments)
    style = options.style(full=arguments["full"], everything=arguments["everything"], zone=conditions.zone)

    def read_query(line: str) -> "Query":
        streams.check_line(line)
        return _read_query(line, conditions, _query_settings(arguments, conditions, form), plain=arguments["plain"])

    if text == "-":
        from semsearch.cli.many import answer_lines

        search = _search_function(Index.open(location, encoder=model), arguments["rerank"])
        if sys.stdin.isatty() and not arguments["quiet"]:
            click.echo("One query a line; Ctrl-D (Windows: Ctrl-Z) ends.", err=True)
        return answer_lines(
            streams.typed_lines(sys.stdin), search, read_query, form, style=style, quiet=arguments["quiet"]
        )
    wanted_query = read_query(text)
    index = Index.open(location, encoder=model)
    click.get_current_context().ensure_object(list).append(index)  # freeing its model would take a while (entry.run)
    [outcome] = _search_function(index, arguments["rerank"])([wanted_query])
    if not isinstance(outcome, Answer):
        raise outcome
    return _show_answer(outcome, index, form, style, quiet=arguments["quiet"])


def _search_function(index: "Index", reranker: str | None) -> "Search":
    """Return the function that answers queries: the index's own or, where a cross-encoder is named, with reranking."""
    if reranker is None:
        return index.search_each
    from semsearch.encoders import load_reranker
    from semsearch.reranking import reranking

    return reranking(index.search_each, load_reranker(reranker))


def _query_settings(arguments: Mapping[str, Any], conditions: options.Conditions, form: str) -> dict[str, Any]:
    """Return the keyword arguments for a `Query`, all but its filters."""
    settings = {name: arguments[name] for name in _QUERY_OPTIONS}
    return settings | {
        "k": arguments["limit"] or arguments["k"],
        "as_of": conditions.as_of,
        "emphasise": options.is_for_people(form),
        "count": arguments["count"] or options.is_for_people(form),
        "min_confidence": next((arguments[name] for name in _LEAST_CONFIDENCE if arguments[name] is not None), 0.0),
    }


def _read_query(text: str, conditions: options.Conditions, settings: dict[str, Any], *, plain: bool) -> "Query":
    """Read a typed query, and resolve the dates in it."""
    from semsearch.types import Query

    settings = settings | {"filters": conditions.filters}
    query = Query(text, **settings) if plain else Query.parse(text, **settings)
    return replace(query, filters=conditions.resolved(query.filters))


def _show_answer(answer: "Answer", index: "Index", form: str, style: "Style", *, quiet: bool) -> int:
    from semsearch.locations import spoken
    from semsearch.rendering import renderer
    from semsearch.types import Verdict

    preface = options.preface(answer, form, spoken(index.location), everything=style.everything)
    preface = "" if quiet else preface
    pieces = renderer(form, style)(answer)
    if form == "text" and pager.pages():
        pager.show(preface + "".join(pieces))
    else:
        click.echo(preface, nl=False, err=True)
        streams.show(pieces, form)
    return int(answer.verdict is Verdict.NONE)


@click.command()
@click.argument("name", metavar="ID_OR_URL", type=streams.readable)
@options.reading_index
@options.how_many
@options.ranking
@options.filtering
@options.timeout
@options.exact
@options.output
@options.showing
@options.quiet
def similar(name: str, location: str | None, form: str, as_json: bool, **arguments: Any) -> int:
    """Find the passages of other articles that are closest to an article.

    It is named as for get: by its id or the beginning of its id, by its address, or by its source's own id.
    """
    from semsearch.index import Index

    form = "json" if as_json else form
    conditions = options.take_conditions(arguments)
    settings = _query_settings(arguments, conditions, form) | {"emphasise": False}
    style = options.style(full=arguments["full"], everything=arguments["everything"], zone=conditions.zone)
    index = Index.open(location)
    answer = index.similar(name, filters=conditions.resolved(), **settings)
    return _show_answer(answer, index, form, style, quiet=arguments["quiet"])


@click.command()
@click.argument("name", metavar="ID_OR_URL", type=streams.readable)
@options.reading_index
@options.timezone
@options.as_json
def get(name: str, location: str | None, timezone: str | None, as_json: bool) -> int:
    """Print one article: metadata and text.

    It is named by its id or the beginning of its id, six digits or more, by its address, or by its source's own id.
    """
    from semsearch.index import Index
    from semsearch.rendering import article_json, article_text

    style = options.style(full=True, zone=options.zone_of(timezone))
    article = Index.open(location).get(name)
    if as_json:
        streams.show(article_json(article), "json")
    else:
        pager.show("".join(article_text(article, style)))
    return 0


@click.command("list")
@options.reading_index
@click.option("-k", "--top-k", "k", type=options.CountType(1), metavar="N", help="List this many; else all.")
@click.option("-n", "--limit", type=options.CountType(1), hidden=True)
@options.filtering
@options.output
@click.option("--full", is_flag=True, help="Shorten nothing.")
@options.quiet
def list_(
    location: str | None, k: int | None, form: str, as_json: bool, full: bool, quiet: bool, **arguments: Any
) -> int:
    """List articles, newest first."""
    from semsearch.bounds import zone_of
    from semsearch.index import Index
    from semsearch.locations import spoken
    from semsearch.rendering import listing
    from semsearch.text import counted

    index = Index.open(location)
    filters = options.take_filters(arguments)
    remaining = iter(index.articles(filters))
    first_article = list(islice(remaining, 1))
    shown_count = 0

    def articles() -> "Iterator[Metadata]":
        nonlocal shown_count
        for article in islice(chain(first_article, remaining), arguments["limit"] or k):
            shown_count += 1
            yield article

    form = "json" if as_json else form
    pieces = listing(articles(), form, options.style(full=full, zone=zone_of(filters)))
    if form == "text" and pager.pages():
        pager.show("".join(pieces))
    else:
        streams.show(pieces, form)
    if not first_article and form != "json":
        conditions = filters.to_dict()
        reasons = index.unmet(filters) or [
            "no article meets the conditions" if conditions else f"{spoken(index.location)} is empty"
        ]
        click.echo("".join(f"semsearch: {reason}\n" for reason in reasons), nl=False, err=True)
    elif form == "text" and sys.stderr.isatty() and not quiet:
        more = "; there are more" if next(remaining, None) else ""
        click.echo(f"{spoken(index.location)} · {counted(shown_count, 'article')}{more}", err=True)
    return int(not first_article)


@click.command()
@options.reading_index
@options.timezone
@options.as_json
def stats(location: str | None, timezone: str | None, as_json: bool) -> int:
    """Print what an index holds: counts, dates, sizes and the settings it was made with."""
    from semsearch.index import Index
    from semsearch.locations import spoken
    from semsearch.rendering import json_text, stats_dict, stats_text

    style = options.style(zone=options.zone_of(timezone))
    index = Index.open(location)
    counts = index.stats()
    if as_json:
        streams.tell_json(f"{json_text(stats_dict(counts))}\n")
    else:
        streams.show(stats_text(counts, style, spoken(index.location)))
    return 0


_search = TextCommand("search", callback=query.callback, params=query.params, help=query.help, hidden=True)

COMMANDS = (query, _search, similar, get, list_, stats)
