"""What every test shares: no network, no settings of the person who runs them, an encoder without a model."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# Threads of torch and FAISS that wait do so asleep: several processes of the tests share the processor's cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from semsearch.encoders import load_encoder
from semsearch.ports import Encoder
from semsearch.types import Article
from tests.examples import USUAL
from tests.making import article, day

if TYPE_CHECKING:
    from semsearch.index import Index
    from tests.sites import Site

sys.dont_write_bytecode = False  # or each process of each run would compile all tests anew, for seconds


# The same examples in every run, few of them by default; `make slow` tries all (`--hypothesis-profile=thorough`), and
# `--hypothesis-profile=explore` looks for what nobody has seen yet.
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=USUAL)
settings.register_profile("explore", deadline=None, max_examples=5 * USUAL)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=USUAL // 20)
settings.load_profile("quick")


LOADING_TORCH = (
    "test_bert", "test_encoders", "test_geometry", "test_hub", "test_model_commands", "test_models",
    "test_multilingual", "test_processes", "test_ready_models", "test_reranking", "test_which_encoder_serves",
)  # fmt: skip


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there
_ROOM_BYTES = 4 * 2**30
"""A run without the slow tests needs less than one gigabyte."""


def pytest_configure(config: pytest.Config) -> None:
    """Let temporary folders lie in memory where it has room: a disk takes milliseconds to remove one small file."""
    is_small = config.option.markexpr == "not slow"
    is_named = config.option.basetemp or "PYTEST_DEBUG_TEMPROOT" in os.environ
    if is_small and not is_named and os.access(IN_MEMORY, os.W_OK):
        system = os.statvfs(IN_MEMORY)
        runs_programs = not system.f_flag & os.ST_NOEXEC  # as some tests write
        if runs_programs and system.f_bavail * system.f_frsize > _ROOM_BYTES:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = str(IN_MEMORY)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Leave nothing in memory but the folders of a run that failed."""
    if exitstatus == pytest.ExitCode.OK and not session.config.option.basetemp:  # which workers are given
        base: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        if base.is_relative_to(IN_MEMORY):
            shutil.rmtree(base, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that load torch or the default model come first, so that of several processes only one does.

    That takes seconds.
    """
    items.sort(key=lambda item: item.path.stem not in LOADING_TORCH and item.get_closest_marker("model") is None)


def pytest_collection_finish() -> None:
    """Let Python's collector pass over thousands of tests, which stay to the end, each time it looks for garbage."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Nobody pulls the plug on a test, and three quarters of the time that a small commit takes is the disk's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where encoders that were made ready once are kept for the whole run, for all of its processes."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "home"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    ours = ("INDEX", "MODEL", "OFFLINE", "REGISTRY")
    others = ("SOURCE_DATE_EPOCH", "NO_COLOR", "COLUMNS", "OMP_NUM_THREADS", "HF_HUB_OFFLINE")
    slowing = ("PYTHONDONTWRITEBYTECODE",)  # every command that is started would compile the whole program anew
    for name in (*(f"SEMSEARCH_{name}" for name in ours), *others, *slowing):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEMSEARCH_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", os.devnull)  # nobody's settings file is under it


@pytest.fixture(scope="session")
def hashing() -> Encoder:
    """The deterministic encoder: texts that share words are near."""
    return load_encoder("hashing")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real text; a test that takes it is skipped where there is none."""
    named = os.environ.get("SEMSEARCH_CORPORA")
    if not named:
        pytest.skip("SEMSEARCH_CORPORA names no folder of real text")
    return Path(named)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a transformer and an average of words, which is ready sooner."""
    from tests.tiny_models import tiny_model, tiny_word_average  # torch is needed only here

    folder = tmp_path_factory.mktemp("models")
    tiny_model(folder / "mean")
    tiny_word_average(folder / "words")
    return folder


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on this machine, empty at first."""
    from tests.sites import Site

    monkeypatch.setenv("no_proxy", "*")  # whatever proxy the person who runs this has
    with Site() as opened:
        yield opened


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is ready."""
    monkeypatch.setenv("SEMSEARCH_HOME", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def notices(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Returns what a user was told since it was last called."""
    caplog.set_level(logging.INFO, "semsearch")

    def take() -> list[str]:
        said = [record.getMessage() for record in caplog.records if record.name.startswith("semsearch")]
        caplog.clear()
        return said

    return take


@pytest.fixture
def no_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OpenVINO seem not to be installed."""
    importlib.import_module("semsearch.encoders.compiled")
    monkeypatch.setitem(sys.modules, "openvino", None)
    for name in ("runtime", "compiled"):
        monkeypatch.delitem(sys.modules, f"semsearch.encoders.{name}")
        monkeypatch.delattr(f"semsearch.encoders.{name}")


def some_articles() -> list[Article]:
    """Twelve short articles on different subjects."""
    subjects = [
        ("harbour", "The harbour board opened a second quay for container ships.", "Coast Courier", "en", "economy"),
        ("wheat", "Wheat prices fell after a record harvest in the northern plains.", "Coast Courier", "en", "economy"),
        (
            "glacier",
            "The glacier above the valley lost a tenth of its ice in one summer.",
            "Hill Herald",
            "en",
            "climate",
        ),
        (
            "vaccine",
            "Health workers began a vaccine campaign against measles in schools.",
            "Hill Herald",
            "en",
            "health",
        ),
        ("marathon", "A teacher won the city marathon in heavy rain.", "Town Times", "en", "sport"),
        ("opera", "The opera house reopened with a new production after the fire.", "Town Times", "en", "culture"),
        (
            "satellite",
            "A satellite built by students reached its orbit and sent a signal.",
            "Town Times",
            "en",
            "science",
        ),
        (
            "software",
            "The ministry published its open source strategy for public software.",
            "Coast Courier",
            "en",
            "technology",
        ),
        ("bridge", "Die Brücke über den Fluss wird nach dem Hochwasser neu gebaut.", "Talbote", "de", "politik"),
        ("strike", "Bus drivers ended their strike after the council raised wages.", "Town Times", "en", "politics"),
        ("drought", "Farmers asked for aid as the drought entered its third year.", "Hill Herald", "en", "climate"),
        ("library", "The library lends seeds to gardeners in spring.", None, "en", None),
    ]
    return [
        article(
            name,
            f"{text}\n\nIt was the talk of the town on {name} day.",
            title=f"About the {name}",
            published=None if number == 11 else day(30 * number),
            publisher=publisher,
            authors=("Ann Ash",) if number % 2 else (),
            language=language,
            section=section,
            tags={"topics": (name,)},
        )
        for number, (name, text, publisher, language, section) in enumerate(subjects)
    ]


@pytest.fixture(scope="session")
def _twelve(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Path:
    from semsearch.index import Index

    place = tmp_path_factory.mktemp("twelve") / "index"
    Index.build(some_articles(), place, encoder=hashing).close()
    return place


@pytest.fixture
def index(_twelve: Path, tmp_path: Path, hashing: Encoder) -> Iterator[Index]:
    """An index of the twelve articles, made with the hashing encoder: a copy for each test."""
    from semsearch.index import Index

    with Index.open(shutil.copytree(_twelve, tmp_path / "index"), encoder=hashing) as opened:
        yield opened
