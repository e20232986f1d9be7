"""Findings about encoders: whether the index's own is on this machine, and whether what was made ready is of use."""

import os
import shlex
from collections.abc import Iterator, Sequence

from semsearch.doctor.commands import Commands
from semsearch.encoders import VARIABLE
from semsearch.encoders.looking import Condition, Kept, Seen, kept, seen
from semsearch.errors import EncoderError
from semsearch.rendering.phrases import counted, size
from semsearch.types import Finding, Recipe, State, Stats

CHECKS = frozenset(("encoder", "ready encoders"))

_DIGITS = 12
"""Of a digest, enough to compare."""


def findings(recipe: Recipe, stats: Stats | None, commands: Commands) -> Iterator[Finding]:
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


def _languages(found: Seen, stats: Stats | None, commands: Commands) -> Iterator[Finding]:
    if found.languages is None or stats is None:
        return
    foreign = {name: count for name, count in stats.languages.items() if name and name not in found.languages}
    if not foreign:
        yield Finding("languages", State.WELL, "the encoder was trained to read all that are stated")
        return
    named = ", ".join(f"{name} {count:,}" for name, count in list(foreign.items())[:3])
    articles = counted(sum(foreign.values()), "article")
    said = f"{articles} in languages that the encoder was not trained to read ({named}): found by words, not by meaning"
    again = commands.writing("build", "PATH…", "--force", "--model", "multilingual")
    yield Finding("languages", State.NOTICE, said, again)


def kept_findings() -> Iterator[Finding]:
    """Say what was made ready on this machine, and what of it is of no use."""
    found = kept()
    of: dict[Condition, list[Kept]] = {}
    for one in found:
        of.setdefault(one.condition, []).append(one)
    whole = of.pop(Condition.WHOLE, [])
    said = f"{counted(len(whole), 'encoder')}, {size(sum(one.size_bytes for one in whole))}" if whole else "none"
    yield Finding("ready encoders", State.WELL, f"{said}; what is missing is made at first use")
    said_of = {
        Condition.DAMAGED: "damaged, or made by an earlier version; made again when one is needed",
        Condition.OUTDATED: "made for another version of OpenVINO or of semsearch, and never used again",
        Condition.LEFT: "begun by a process that was killed, or that is making it now",
    }
    for condition, some in of.items():
        total = size(sum(one.size_bytes for one in some))
        said = f"{counted(len(some), 'encoder')}, {total}: {said_of[condition]}"
        yield Finding("ready encoders", State.NOTICE, said, _removal(some))


def _removal(some: Sequence[Kept]) -> str:
    names = {one.name for one in some}
    if len(names) == 1 and all(one.name and one.condition is Condition.DAMAGED for one in some):
        return f"semsearch model prepare {shlex.quote(names.pop())}"
    return f"rm -r {shlex.join(str(one.path) for one in some)}"
