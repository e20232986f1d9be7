"""Every regular expression of the package takes time that is linear in the text, whatever the text."""

import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import semsearch
from tests.attacking import attacks

ROOT = Path(semsearch.__file__).parent
SIZE = 4_000
GROWTH = 8
LEAST_SECONDS = 0.02
"""Of the larger text: what takes less is no attack, whatever its growth."""

BOUNDED = {
    **dict.fromkeys(("semsearch.calendars.", "semsearch.dates."), 100),
    "semsearch.sources.dumps.heads.": 300,
    "semsearch.sources.exports.factiva._FURNITURE": 200,
    "semsearch.sources.exports.labelled._NUMBER": 60,
    "semsearch.sources.exports.labels._IDENTIFIER": 100,
    "semsearch.sources.facts.bylines.": 500,
    "semsearch.sources.web.authors.": 500,
}
"""Modules that only ever show their expressions texts of at most so many characters: there each has to be quick."""

ELSEWHERE = (
    "semsearch.copies.", "semsearch.encoders.", "semsearch.evaluation.", "semsearch.language_names.",
    "semsearch.types.grammar.", "semsearch.words.",
)  # fmt: skip
"""Modules of which some expressions are known not to be linear, in texts that are bounded or have single spaces."""


def patterns() -> dict[str, re.Pattern[Any]]:
    """Return the compiled expressions of all modules that can be imported, by module and name, but for `ELSEWHERE`."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages([str(ROOT)], "semsearch."):
        if module.name.endswith("__main__") or f"{module.name}.".startswith(ELSEWHERE):
            continue
        try:
            loaded = importlib.import_module(module.name)
        except ImportError:  # of an extra that is not installed
            continue
        for name, value in vars(loaded).items():
            found |= {f"{module.name}.{path}": pattern for path, pattern in within(name, value)}
    distinct = {(pattern.pattern, pattern.flags): name for name, pattern in sorted(found.items(), reverse=True)}
    return {name: found[name] for name in sorted(distinct.values())}


def within(name: str, value: object, depth: int = 0) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict) and depth < 2:
        for key, inner in value.items():
            yield from within(f"{name}[{key!r}]", inner, depth + 1)
    elif isinstance(value, list | tuple) and depth < 2:
        for at, inner in enumerate(value):
            yield from within(f"{name}[{at}]", inner, depth + 1)


def is_searched(name: str) -> bool:
    """Tell whether its module looks for an expression anywhere in a text, and not only at a place."""
    module, _, bare = name.partition("[")[0].rpartition(".")
    code = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")
    named = rf"\b{re.escape(bare)}(?:\[[^\]]*\])?"
    return bool(re.search(rf"{named}\.(?:search|sub|subn|finditer|findall|split)\b|[(,]\s*{named}\s*[,)]", code))


def seconds(pattern: re.Pattern[Any], text: str, *, searched: bool) -> float:
    shown: Any = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    if searched:
        for _ in pattern.finditer(shown):
            pass
    else:
        pattern.match(shown)
        pattern.fullmatch(shown)
    return time.process_time() - began


ALL = patterns()


def test_there_are_expressions_to_try() -> None:
    assert len(ALL) > 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_an_expression_takes_linear_time(name: str) -> None:
    pattern = ALL[name]
    searched = is_searched(name)
    if bound := next((size for module, size in BOUNDED.items() if name.startswith(module)), 0):
        slowest = max((seconds(pattern, text, searched=searched) for text in attacks(pattern, bound)), default=0.0)
        assert slowest < 0.05
        return
    for small, large in zip(attacks(pattern, SIZE), attacks(pattern, SIZE * GROWTH), strict=True):
        took = seconds(pattern, large, searched=searched)
        if took > LEAST_SECONDS:
            before = min(seconds(pattern, small, searched=searched) for _ in range(3))
            assert took < 3 * GROWTH * max(before, 1e-5), f"{large[:80]!r}…: {before:.4f} s, then {took:.4f} s"


def test_a_quadratic_expression_would_be_found() -> None:
    pattern = re.compile(r"\s*;")
    took = [max(seconds(pattern, text, searched=True) for text in attacks(pattern, size)) for size in (500, 4_000)]
    assert took[1] > 20 * took[0]
