"""Findings about encoders: whether the index's own is on this machine, and which prepared ones can be used."""

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
"""Of a digest, enough to compare."""


def findings(recipe: Recipe, stats: Stats | None, commands: Remedies) -> Iterator[Finding]:
    """Say whether questions can be encoded here as the index's passages were."""
    wanted = recipe.encoder
    other = os.environ.get(VARIABLE)
    try:
        found = seen(other or wanted.name)
    except EncoderError as error:
        yield Finding("encoder", State.PROBLEM, str(error), f"unset {VARIABLE}" if other else error.hint)
        return
    if found.digest == wanted.digest:
        yield Finding("encoder", State.WELL, f"{wanted.name} is here, and its files are those that made the index")
        yield from _languages(found, stats, commands)
        return
    said = (
        f"{other or wanted.name} is not the model that made the index: digest {found.digest[:_DIGITS]}, not "
        f"{wanted.digest[:_DIGITS]} ({wanted.name}); ask with its own (--model FOLDER), or make the index with this one"
    )
    again = commands.writing("build", "PATH…", "--force", "--model", shlex.quote(other or wanted.name))
    yield Finding("encoder", State.PROBLEM, said, f"unset {VARIABLE}" if other else again)


def _languages(found: Seen, stats: Stats | None, commands: Remedies) -> Iterator[Finding]:
    if found.languages is None or stats is None:
        return
    foreign = {name: count for name, count in stats.languages.items() if name and name not in found.languages}
    if not foreign:
        yield Finding("languages", State.WELL, "the encoder was trained on all of them")
        return
    named = ", ".join(f"{name} {count:,}" for name, count in list(foreign.items())[:3])
    articles = counted(sum(foreign.values()), "article")
    said = f"{articles} in languages that the encoder was not trained on ({named}): found by words alone"
    again = commands.writing("build", "PATH…", "--force", "--model", "multilingual")
    yield Finding("languages", State.NOTICE, said, again)


def kept_findings() -> Iterator[Finding]:
    """Say which encoders were prepared on this machine, and which of them are of no use."""
    by_condition: dict[Condition, list[Kept]] = {}
    for encoder in kept():
        by_condition.setdefault(encoder.condition, []).append(encoder)
    whole = by_condition.pop(Condition.WHOLE, [])
    said = _counted(whole) if whole else "none"
    yield Finding("ready encoders", State.WELL, f"{said}; others are made ready at first use")
    said_of = {
        Condition.DAMAGED: "damaged, or made by an earlier version; made again when one is needed",
        Condition.OUTDATED: "made for another version of OpenVINO or of semsearch, and never used again",
        Condition.LEFT: "begun by a process that was killed, or that is still at work",
    }
    for condition, useless in by_condition.items():
        said = f"{_counted(useless)}: {said_of[condition]}"
        yield Finding("ready encoders", State.NOTICE, said, _removal(useless))


def _counted(encoders: Sequence[Kept]) -> str:
    return f"{counted(len(encoders), 'encoder')}, {size(sum(encoder.size_bytes for encoder in encoders))}"


def _removal(useless: Sequence[Kept]) -> str:
    names = {encoder.name for encoder in useless}
    if len(names) == 1 and all(encoder.name and encoder.condition is Condition.DAMAGED for encoder in useless):
        return f"semsearch model prepare {shlex.quote(names.pop())}"
    return f"rm -r {shlex.join(str(encoder.path) for encoder in useless)}"
