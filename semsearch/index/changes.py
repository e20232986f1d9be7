"""Changes of an existing index: adding and deleting articles."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from semsearch import arguments as given_arguments
from semsearch import conditions, identity, text
from semsearch.errors import RecipeMismatchError, UsageError, index_option
from semsearch.fetched import Memory
from semsearch.files import now_seconds
from semsearch.index.names import article_id_of, names_of
from semsearch.intake import Intake, Observer
from semsearch.locks import patiently
from semsearch.ports import Encoder, Engine, Writer
from semsearch.types import FilterArguments, Recipe, Summary, Tier


@contextmanager
def transaction(engine: Engine, wait: float) -> Iterator[Writer]:
    """Open the transaction for writing; wait up to `wait` seconds while another process holds it."""
    with ExitStack() as stack:
        yield patiently(lambda: stack.enter_context(engine.writer()), wait)


def check_takes_articles(recipe: Recipe, location: Path) -> None:
    """Refuse to add to an index without whole articles, or made with other rules for ids and texts.

    Raises:
        RecipeMismatchError: the index is such a one.
    """
    if recipe.tier is not Tier.FULL:
        raise RecipeMismatchError(
            f"{location} holds {recipe.tier.value} of its articles, which cannot be mixed with whole ones",
            "build an index of your own: semsearch build PATH… -i DIR",
        )
    if (recipe.identity_version, recipe.text_version) != (identity.VERSION, text.VERSION):
        raise RecipeMismatchError(
            f"{location} was made by a version with other rules for ids and texts",
            f"build it again from its sources: semsearch build PATH… {index_option(location)} --force",
        )


def add(
    readings: Iterable[Any],
    engine: Engine,
    encoder: Encoder,
    *,
    observer: Observer | None,
    commit_seconds: float | None,
    wait: float,
    memory: Memory,
) -> Summary:
    """Add articles that were read; the memory of what was fetched is saved with each commit.

    Args:
        observer, commit_seconds, wait: as `Index.add` takes them.
    """
    with transaction(engine, wait) as writer:
        tokens = engine.recipe.passage_tokens
        intake = Intake(writer, encoder, tokens, observer or _ignore, commit_seconds, memory.save)
        memory.between_addresses = intake.between_readings
        return intake.run(readings)


def ids_to_delete(
    ids_or_urls: str | Iterable[str], filters: conditions.Given | None, arguments: FilterArguments, engine: Engine
) -> list[str]:
    """Return the ids, each once, of the articles that are named or that filters allow; named ones need not exist.

    Raises:
        UsageError: there is neither a name nor a condition, or there are both; or a name is not a text.
        NotFoundError: several articles have the name.
    """
    names = names_of(ids_or_urls)
    resolved = conditions.resolved(given_arguments.filters_of(filters, arguments), now_seconds())
    if names and resolved.to_dict():
        raise UsageError("articles to delete are named by ids and by filters", "give either ids or filters")
    is_nothing = not names and filters is None and not arguments  # such as an empty list of ids
    if not (names or is_nothing or resolved.to_dict()):
        raise UsageError(
            "without a condition every article would be deleted", "Index.create(DIR, force=True) makes an empty one"
        )
    if names or is_nothing:
        return list(dict.fromkeys(article_id_of(name, engine) or name for name in names))
    return [article.article_id for article in engine.articles(resolved)]


def delete(ids: Iterable[str], engine: Engine, *, dry_run: bool, wait: float) -> list[str]:
    """Delete articles, and return the ids of those that existed; with `dry_run` only return them."""
    if dry_run:
        return [article_id for article_id in ids if engine.get(article_id)]
    with transaction(engine, wait) as writer:
        return [article_id for article_id in ids if writer.delete(article_id)]


def _ignore(_: object) -> None:
    pass
