"""How many examples a property is tried on, and how long an input is: less in the default run than with slow tests."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

T = TypeVar("T")

USUAL = 100
"""Examples of a property that names no number of its own, where all are tried."""

_LEAST = 5

PARTS = [pytest.param(8, id="an eighth"), pytest.param(1, id="whole", marks=pytest.mark.slow)]
"""By what the length of an input is divided that would take minutes, or hours, if time grew faster than length."""


def slow_but(quick: Collection[T], values: Iterable[T]) -> list[ParameterSet]:
    """Return the values of a parameter, all but the quick ones for the slow tests: they share most of their way."""
    return [pytest.param(value, marks=() if value in quick else pytest.mark.slow) for value in values]


def examples(number: int, deadline: timedelta | None = None) -> settings:
    """Decorate a property that is tried on so many examples where `USUAL` ones are; on a share of them elsewhere."""
    return settings(max_examples=max(_LEAST, number * settings.default.max_examples // USUAL), deadline=deadline)
