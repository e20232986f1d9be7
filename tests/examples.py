"""How many examples a property is tried on, and how long an input is: less in the default run than with slow tests."""

from datetime import timedelta

import pytest
from hypothesis import settings

USUAL = 100
"""Examples of a property that names no number of its own, where all are tried."""

_LEAST = 5

PARTS = [pytest.param(4, id="a quarter"), pytest.param(1, id="whole", marks=pytest.mark.slow)]
"""By what the length of an input is divided that would take minutes, or hours, if time grew faster than length."""


def examples(number: int, deadline: timedelta | None = None) -> settings:
    """Decorate a property that is tried on so many examples where `USUAL` ones are; on a share of them elsewhere."""
    return settings(max_examples=max(_LEAST, number * settings.default.max_examples // USUAL), deadline=deadline)
