"""Findings about encoders: whether the index's encoder is on this machine, and which prepared ones can be used."""

import os
import shlex
from collections.abc import Iterator, Sequence

from semsearch.doctor.commands import Remedies
from semsearch.encoders import VARIABLE
from semsearch.encoders.inventory import Condition, Kept, Seen, kept, seen
from semsearch.errors import EncoderError
from semsearch.rendering.phrases import size
from semsearch.text import counted
from semsearch.types import Finding, Recipe, State, Stats

CHECKS = frozenset(("encoder", "ready encoders"))

_DIGITS = 12
"""Digits of a digest in a message, enough to compare."""


def findings(recipe: Recipe, stats: Stats | None, commands: Remedies) -> Iterator[Finding]:
    """Yield findings whether questions can be encoded here as the index's passages were."""
    wanted = recipe.encoder
    override = os.environ.get(VARIABLE)
    try:
        encoder = seen(override or wanted.name)
    except EncoderError as error:
        yield Finding("encoder", State.PROBLEM, str(error), f"unset {VARIABLE}" if override else error.hint)
        return
    if encoder.digest == wanted.digest:
        yield Finding("encoder", State.WELL, f"{wanted.name} is here, and its files are those that made the index")
        yield from _languages(encoder, stats, commands)
        return
    message = (
        f"{override or wanted.name} is not the model that made the index: digest {encoder.digest[:_DIGITS]}, not "
        f"{wanted.digest[:_DIGITS]} ({wanted.name}); ask with its own (--model FOLDER), or make the index with this one"
    )
    rebuild_command = commands.writing("build", "PATH…", "--force", "--model", shlex.quote(override or wanted.name))
    yield Finding("encoder", State.PROBLEM, message, f"unset {VARIABLE}" if override else rebuild_command)


def _languages(encoder: Seen, stats: Stats | None, commands: Remedies) -> Iterator[Finding]:
    if encoder.languages is None or stats is None:
        return
    foreign = {name: count for name, count in stats.languages.items() if name and name not in encoder.languages}
    if not foreign:
        yield Finding("languages", State.WELL, "the encoder was trained on all of them")
        return
    counts = ", ".join(f"{name} {count:,}" for name, count in list(foreign.items())[:3])
    articles = counted(sum(foreign.values()), "article")
    message = (
        f"{articles} in languages that the encoder was not trained on ({counts}): found by words, hardly by meaning"
    )
    rebuild_command = commands.writing("build", "PATH…", "--force", "--model", "multilingual")
    yield Finding("languages", State.NOTICE, message, rebuild_command)


def kept_findings() -> Iterator[Finding]:
    """Yield findings which encoders were prepared on this machine, and which of them cannot be used."""
    by_condition: dict[Condition, list[Kept]] = {}
    for encoder in kept():
        by_condition.setdefault(encoder.condition, []).append(encoder)
    usable = by_condition.pop(Condition.WHOLE, [])
    message = _counted(usable) if usable else "none"
    yield Finding("ready encoders", State.WELL, f"{message}; others are made ready at first use")
    explanations = {
        Condition.DAMAGED: "damaged, or made by an earlier version; made again when one is needed",
        Condition.OUTDATED: "made for another version of OpenVINO or of semsearch, and never used again",
        Condition.LEFT: "begun by a process that was killed, or that is still at work",
    }
    for condition, useless in by_condition.items():
        message = f"{_counted(useless)}: {explanations[condition]}"
        yield Finding("ready encoders", State.NOTICE, message, _removal(useless))


def _counted(encoders: Sequence[Kept]) -> str:
    return f"{counted(len(encoders), 'encoder')}, {size(sum(encoder.size_bytes for encoder in encoders))}"


def _removal(useless: Sequence[Kept]) -> str:
    names = {encoder.name for encoder in useless}
    if len(names) == 1 and all(encoder.name and encoder.condition is Condition.DAMAGED for encoder in useless):
        return f"semsearch model prepare {shlex.quote(names.pop())}"
    return f"rm -r {shlex.join(str(encoder.path) for encoder in useless)}"
