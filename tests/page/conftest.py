"""A browser, and a server of an index with all that is awkward to show: once for all tests of the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from semsearch.ports import Encoder
from tests.browsing import Window, chromium, index


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index(tmp_path_factory.mktemp("page") / "index")


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def address(place: Path, hashing: Encoder) -> Iterator[str]:
    server = pytest.importorskip("tests.live", reason="the extra `serve` is not installed", exc_type=ImportError)
    with server.live(place, hashing) as served:
        yield f"{served}/"


@pytest.fixture
def window(browser: Any, address: str) -> Iterator[Window]:
    opened = Window(browser, address)
    yield opened
    opened.context.close()
    assert opened.wrong == []
    assert {url.startswith((address, "data:", f"blob:{address}")) for url in opened.asked} <= {True}
