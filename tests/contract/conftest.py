"""Engines are asked for what they promise to those who use them; nobody pulls the plug here."""

import os
from collections.abc import Iterator

import pytest

from tests.contract.histories import KINDS, Kind


@pytest.fixture(scope="package", autouse=True)
def _without_waiting_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)  # three quarters of the time that a small commit takes
        yield


@pytest.fixture(scope="package", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each engine that there is."""
    engine: Kind = request.param
    return engine
