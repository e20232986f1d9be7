"""How many examples a property is tried on: few in the default run, all of them with the slow tests."""

from datetime import timedelta

from hypothesis import settings

USUAL = 100
"""Examples of a property that names no number of its own, where all are tried."""

_LEAST = 5


def examples(number: int, deadline: timedelta | None = None) -> settings:
    """Decorate a property that is tried on so many examples where `USUAL` ones are; on a share of them elsewhere."""
    return settings(max_examples=max(_LEAST, number * settings.default.max_examples // USUAL), deadline=deadline)
