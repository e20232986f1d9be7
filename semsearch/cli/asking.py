"""Commands that ask an index: query, get, list, stats."""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from semsearch.cli import options

if TYPE_CHECKING:
    from semsearch.types import Answer


@click.command()
@click.argument("text", metavar="TEXT")
@options.reading_index
@click.option("-k", "--top-k", "k", type=click.IntRange(1), default=10, show_default=True, help="How many articles.")
@click.option("-n", "--limit", type=click.IntRange(1), hidden=True)
@click.option("--mode", type=click.Choice(["dense"]), default="dense", show_default=True, help="What ranks.")
@click.option("--group-by", type=click.Choice(["article", "passage"]), default="article", help="What -k counts.")
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Leave out the N best.")
@options.filtering
@options.model
@options.threads
@options.output
@click.option("--full", is_flag=True, help="Whole passages, nothing shortened.")
@options.quiet
def query(text: str, location: str | None, model: str | None, form: str, as_json: bool, **given: Any) -> int:
    """Find the closest passages. With - as TEXT, one query a line from standard input."""
    from semsearch.index import Index
    from semsearch.types import GroupBy, Mode, Query

    many = text == "-"
    form = "json" if as_json else form
    texts = [line.strip() for line in sys.stdin if line.strip()] if many else [text]
    filters = options.take_filters(given)
    queries = [
        Query(
            one,
            given["limit"] or given["k"],
            filters,
            Mode(given["mode"]),
            GroupBy(given["group_by"]),
            given["offset"],
            emphasise=form in ("text", "md"),
        )
        for one in texts
    ]
    answers = Index.open(location, encoder=model).search_many(queries)
    for answer in answers:
        for piece in _rendered(
            answer, "json" if as_json else form, many=many, full=given["full"], quiet=given["quiet"]
        ):
            click.echo(piece, nl=False)
    return 0 if any(answer.hits for answer in answers) else 1


def _rendered(answer: "Answer", form: str, *, many: bool, full: bool, quiet: bool) -> Iterator[str]:
    from semsearch.rendering import closing_text, renderer

    if many and form == "json":
        yield f"{json.dumps(answer.to_dict(), ensure_ascii=False)}\n"  # an answer a line, so that lines match
        return
    if many and form in ("text", "md"):
        yield f"# {answer.query.text}\n\n"
    yield from renderer(form, options.style(full=full))(answer)
    if form == "text" and not quiet:
        click.echo(f"\n{closing_text(answer)}", nl=False, err=True)


@click.command()
@click.argument("name", metavar="ID_OR_URL")
@options.reading_index
@options.as_json
def get(name: str, location: str | None, as_json: bool) -> int:
    """Print one article: metadata and text."""
    from semsearch.index import Index
    from semsearch.rendering import article_json, article_text

    article = Index.open(location).get(name)
    for piece in article_json(article) if as_json else article_text(article, options.style(full=True)):
        click.echo(piece, nl=False)
    return 0


@click.command("list")
@options.reading_index
@click.option("-k", "--top-k", "k", type=click.IntRange(1), help="At most so many; else all.")
@click.option("-n", "--limit", type=click.IntRange(1), hidden=True)
@options.filtering
@options.output
@click.option("--full", is_flag=True, help="Nothing shortened.")
def list_(location: str | None, k: int | None, form: str, as_json: bool, full: bool, **given: Any) -> int:
    """List articles, newest first."""
    from semsearch.index import Index
    from semsearch.rendering import listing

    index = Index.open(location)
    filters = options.take_filters(given)
    found = islice(index.articles(filters), given["limit"] or k)
    first = next(found, None)
    articles = iter(()) if first is None else (article for part in ((first,), found) for article in part)
    for piece in listing(articles, "json" if as_json else form, options.style(full=full)):
        click.echo(piece, nl=False)
    return int(first is None)


@click.command()
@options.reading_index
@options.as_json
def stats(location: str | None, as_json: bool) -> int:
    """Print counts, dates, sizes and the recipe on one screen."""
    from semsearch.index import Index
    from semsearch.rendering import json_text, stats_dict, stats_text

    index = Index.open(location)
    found = index.stats()
    pieces = [json_text(stats_dict(found))] if as_json else stats_text(found, options.style(), str(index.location))
    for piece in pieces:
        click.echo(piece, nl=False)
    return 0


_search = click.Command("search", callback=query.callback, params=query.params, help=query.help, hidden=True)

COMMANDS = (query, _search, get, list_, stats)
