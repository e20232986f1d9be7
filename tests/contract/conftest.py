"""Engines are asked for what they promise to those who use them."""

import pytest

from tests.contract.histories import KINDS, Kind


@pytest.fixture(scope="package", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each engine that there is; the local one also as it searches what is large."""
    found: Kind = request.param
    return found
