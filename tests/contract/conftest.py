"""Engines are asked for what they promise to those who use them."""

from collections.abc import Iterator

import pytest

from semsearch.engines.local import cosines, ordering, search
from tests.contract.histories import KINDS, Kind


@pytest.fixture(scope="package", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Each engine that there is; the local one also as it searches what is large."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param.bounded:
            patch.setattr(search, "SCANNED_ROWS", 0)
            patch.setattr(cosines, "_GATHERED_ROWS", 3)
            patch.setattr(cosines, "_PROPOSED_ROWS", 3)
            patch.setattr(ordering, "_FEW_ROWS", 10)
        yield request.param
