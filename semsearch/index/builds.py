"""Begins, finishes and abandons builds: indexes that no reader sees before they are finished."""

from functools import partial
from pathlib import Path

from semsearch import engines, identity, limits, text
from semsearch.checks import shown
from semsearch.conditions import member
from semsearch.encoders import load_encoder
from semsearch.errors import UsageError
from semsearch.fetched import finish_build, forget, forget_build
from semsearch.locks import patiently
from semsearch.ports import Encoder, Engine
from semsearch.types import Precision, Recipe


def begin(
    location: Path,
    *,
    encoder: Encoder | str | None,
    precision: Precision | None,
    passage_tokens: int | None,
    replacing: bool,
    job: str | None,
    wait: float,
) -> tuple[Engine, Encoder]:
    """Begin a build, or continue an interrupted one of the same job.

    Args:
        encoder, precision, passage_tokens, job, wait: as `Index.build` takes them.
        replacing: whether to replace an index that exists.

    Raises:
        IndexExistsError: an index exists, and is not to be replaced.
        IndexLockedError: another process writes there.
        UsageError: `passage_tokens` is out of range, or there is no such precision.
    """
    minimum, maximum = limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS
    is_valid = type(passage_tokens) is int and minimum <= passage_tokens <= maximum
    if passage_tokens is not None and not is_valid:
        raise UsageError(
            f"passage_tokens is {shown(passage_tokens)}", f"give a whole number from {minimum} to {maximum:,}"
        )
    chosen_precision = member(Precision, precision, "precision") if precision else Precision.AUTO
    loaded = load_encoder(encoder, chosen_precision) if encoder is None or isinstance(encoder, str) else encoder
    recipe = Recipe(
        loaded.identity,
        loaded.passage_tokens if passage_tokens is None else passage_tokens,
        identity.VERSION,
        text.VERSION,
        precision=chosen_precision,
        cosines=loaded.cosines,
    )
    engine = patiently(partial(engines.begin_build, location, recipe, job=job, replacing=replacing), wait)
    if not engine.stats().articles:  # it continues no earlier build
        forget_build(location)
    return engine, loaded


def finish(engine: Engine, location: Path) -> None:
    """Make a finished build the index."""
    forget(location)  # what was fetched for an index that is replaced
    engine.finish()
    finish_build(location)


def abandon(engine: Engine, location: Path) -> None:
    """Give up a build."""
    forget_build(location)
    engine.abandon()
