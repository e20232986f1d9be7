"""An index that is being made: no reader sees it before it is finished."""

from functools import partial
from pathlib import Path

from semsearch import engines, identity, limits, text
from semsearch.checks import shown
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
    """Begin a build, or continue that of the same job.

    Args:
        encoder, precision, passage_tokens, job, wait: as `Index.build` takes them.
        replacing: a finished index that is there is to be replaced.

    Raises:
        IndexExistsError: there is one, and it is not to be replaced.
        IndexLockedError: another process writes there.
        UsageError: `passage_tokens` is out of range.
    """
    least, most = limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS
    is_budget = type(passage_tokens) is int and least <= passage_tokens <= most
    if passage_tokens is not None and not is_budget:
        raise UsageError(f"passage_tokens is {shown(passage_tokens)}", f"give a whole number from {least} to {most:,}")
    wanted = Precision(precision) if precision else Precision.AUTO
    loaded = load_encoder(encoder, wanted) if encoder is None or isinstance(encoder, str) else encoder
    recipe = Recipe(
        loaded.identity,
        loaded.passage_tokens if passage_tokens is None else passage_tokens,
        identity.VERSION,
        text.VERSION,
        precision=wanted,
        cosines=loaded.cosines,
    )
    engine = patiently(partial(engines.begin_build, location, recipe, job=job, replacing=replacing), wait)
    if not engine.stats().articles:  # it continues nothing
        forget_build(location)
    return engine, loaded


def finish(engine: Engine, location: Path) -> None:
    """Make a build the index."""
    forget(location)  # of one that is replaced
    engine.finish()
    finish_build(location)


def abandon(engine: Engine, location: Path) -> None:
    """Give a build up."""
    forget_build(location)
    engine.abandon()
