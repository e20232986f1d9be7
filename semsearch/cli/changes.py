"""Commands that read articles or change an index: build, add, update, delete, compact, read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from semsearch import limits
from semsearch.cli import options, streams

if TYPE_CHECKING:
    from semsearch.engines.folders import Manifest
    from semsearch.settings import Source

_TOKENS = options.WholeNumber(limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS)
_paths = click.argument("paths", nargs=-1, required=True, metavar="PATH…")


@click.command()
@_paths
@options.writing_index
@options.model
@options.precision
@options.threads
@click.option(
    "--passage-tokens",
    type=_TOKENS,
    metavar="N",
    help="Longest passage, in the model's tokens (default: 96, or as many as hold as much text).",
)
@click.option("--force", is_flag=True, help="Replace a finished index, in one step at the end.")
@options.intake
@options.wait
def build(
    paths: tuple[str, ...],
    location: str | None,
    model: str | None,
    precision: str,
    passage_tokens: int | None,
    force: bool,
    wait: float,
    **reading: Any,
) -> int:
    """Make an index from files, folders, addresses or - (standard input).

    Nothing is visible before the end. The same command continues an interrupted build.
    """
    from semsearch.cli.report import Report
    from semsearch.index import Index
    from semsearch.locations import writing_location
    from semsearch.types import Precision

    folder = writing_location(location)
    with Report(paths, **reading) as report:
        index = Index.build(
            report.readings,
            folder,
            encoder=model,
            precision=Precision(precision),
            passage_tokens=passage_tokens,
            force=force,
            observer=report.observe,
            job=_job(paths, reading),
            wait=wait,
        )
    return report.close(index.summary, index.location)


@click.command()
@_paths
@options.writing_index
@options.model
@options.threads
@options.intake
@options.wait
def add(paths: tuple[str, ...], location: str | None, model: str | None, wait: float, **reading: Any) -> int:
    """Add articles, or replace those with the same id; makes the index if there is none.

    An unchanged article writes nothing. A feed by its address is fetched again only where it changed.
    """
    return _add(location, model, wait, paths, reading)


@click.command()
@click.option(
    "--sources",
    "sources_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="TOML",
    help="The settings file that lists them; else your own, ~/.config/semsearch/config.toml.",
)
@options.writing_index
@options.model
@options.threads
@options.intake
@options.wait
def update(sources_path: Path | None, location: str | None, model: str | None, wait: float, **reading: Any) -> int:
    """Fetch the feeds and pages that a settings file lists, and add what is new or changed.

    They are listed as sources = ["https://…"], or as tables [[sources]] with url, name and follow.
    """
    from semsearch.settings import sources

    return _add(location, model, wait, sources(sources_path), reading)


def _add(
    location: str | None,
    model: str | None,
    wait: float,
    sources: Sequence["str | Source"],
    reading: Mapping[str, Any],
) -> int:
    from semsearch.cli.report import Report
    from semsearch.index import Index
    from semsearch.locations import writing_location

    folder = writing_location(location)
    building = _building(folder)
    job = _job(sources, reading) if building or _is_empty(folder) else None
    with Report(sources, **reading) as report:
        if _is_empty(folder) or (building and building.job is not None and building.job == job):
            index = Index.build(report.readings, folder, encoder=model, observer=report.observe, job=job, wait=wait)
        else:
            index = Index.open(folder, encoder=model)
            index.add(report.readings, observer=report.observe, wait=wait)
    return report.close(index.summary, index.location)


def _is_empty(folder: Path) -> bool:
    return not folder.is_dir() or all(path.name.startswith(".") for path in folder.iterdir())


def _building(folder: Path) -> "Manifest | None":
    """Return the state of an interrupted command that was making the index; None if there is none."""
    from semsearch.engines.folders import MANIFEST, begun

    return None if (folder / MANIFEST).exists() else begun(folder)


def _job(sources: Sequence["str | Source"], reading: Mapping[str, Any]) -> str | None:
    """Return a digest that is the same for an interrupted build and the command that continues it."""
    from semsearch.sources import state

    paths = [source if isinstance(source, str) else source.address for source in sources]
    return state(paths, source=reading["source_name"], names=reading["names"], date_order=reading["date_order"])


@click.command()
@click.argument("names", nargs=-1, metavar="[ID_OR_URL]…", type=streams.readable)
@options.writing_index
@options.filtering
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and delete nothing.")
@options.wait
@options.quiet
def delete(
    names: tuple[str, ...], location: str | None, dry_run: bool, wait: float, quiet: bool, **arguments: Any
) -> int:
    """Delete articles by id or URL, or all that the options select.

    Articles without a date are kept where --since or --until is given, unless --undated include says otherwise.
    """
    from semsearch.errors import NotFoundError
    from semsearch.index import Index
    from semsearch.locations import writing_location
    from semsearch.rendering import listing

    filters = options.take_filters(arguments)
    if not names and not filters.to_dict():
        raise click.UsageError("Name articles by ID_OR_URL, or select them: --until 2020-01-01, --publisher NAME.")
    index = Index.open(writing_location(location))
    missing: list[NotFoundError] = []
    for name in names:
        if index.resolve(name) is None:  # of a name that several articles have, it raises
            try:
                index.get(name)
            except NotFoundError as error:
                missing.append(error)
    selected = filters if filters.to_dict() else None
    deleted = index.delete(names, filters=selected, dry_run=dry_run, wait=wait)
    for absence in missing:
        click.echo(f"semsearch: {absence}\n  {absence.hint}", err=True)
    for reason in [] if deleted else index.unmet(filters):
        click.echo(f"semsearch: {reason}", err=True)
    if dry_run:
        streams.show(listing((index.get(article_id).metadata for article_id in deleted), "text", options.style()))
    if not quiet:
        click.echo(f"{len(deleted):,} {'would be ' * dry_run}deleted", err=True)
    return 0 if deleted else 1


@click.command()
@options.writing_index
@options.wait
@options.quiet
def compact(location: str | None, wait: float, quiet: bool) -> int:
    """Make room: drop deleted articles and merge small segments; nothing is encoded again."""
    from semsearch.index import Index
    from semsearch.locations import writing_location

    index = Index.open(writing_location(location))
    before = index.stats()
    index.compact(wait=wait)
    after = index.stats()
    if not quiet:
        click.echo(f"segments: {before.segments:,} → {after.segments:,}", err=True)
        click.echo(f"bytes: {before.size_bytes:,} → {after.size_bytes:,}", err=True)
    return 0


@click.command()
@_paths
@options.as_json
@options.intake
def read(paths: tuple[str, ...], as_json: bool, **reading: Any) -> int:
    """Print the articles that the readers see, without indexing; with --json one a line."""
    from semsearch.cli.report import Report
    from semsearch.rendering import article_jsonl, article_text
    from semsearch.types import Article

    count = 0
    with Report(paths, progress=False, **reading) as report:
        for article in report.readings():
            if not isinstance(article, Article):
                report.observe(article)
            elif as_json:
                streams.show(article_jsonl(article), "jsonl")
                count += 1
            else:
                click.echo("\n" * bool(count) + "".join(article_text(article, options.style())), nl=False)
                count += 1
    return report.close(None) or int(not count)


COMMANDS = (build, add, update, delete, compact, read)
