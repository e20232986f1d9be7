from pathlib import Path

import pytest

from semsearch import Index
from semsearch.encoders import load_encoder
from semsearch.errors import UsageError
from semsearch.locations import reading_location, shipped_index, writing_location


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "semsearch").mkdir(parents=True)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_the_nearer_place_wins(folder: Path, monkeypatch: pytest.MonkeyPatch, index: Index) -> None:
    assert reading_location() == shipped_index()
    (folder / "home" / "semsearch" / "config.toml").write_text('index = "far.idx"\n')
    index.location.rename(folder / "work" / "index")
    assert reading_location() == folder / "home" / "semsearch" / "far.idx"
    Path("semsearch.toml").write_text('index = "near.idx"\nmodel = "hashing:32"\n')
    assert reading_location() == Path("near.idx")
    assert load_encoder().identity.dimensions == 32
    monkeypatch.setenv("SEMSEARCH_INDEX", "named.idx")
    assert reading_location() == Path("named.idx")
    assert reading_location("given.idx") == Path("given.idx")


def test_without_settings_the_working_folder_comes_before_the_shipped_index(folder: Path, index: Index) -> None:
    index.location.rename(folder / "work" / "index")
    assert reading_location() == Path("index")


def test_writing_asks_for_a_name(folder: Path) -> None:
    Path("semsearch.toml").write_text('index = "near.idx"\n')
    with pytest.raises(UsageError, match="no index was named"):
        writing_location()
    with pytest.raises(UsageError, match="installed package"):
        writing_location(Path(__file__).parent.parent / "semsearch" / "shipped")
    assert folder


@pytest.mark.parametrize("content", ["index = ", "index = 5", 'index = ""', "\xff"])
def test_settings_that_mean_nothing_are_refused_by_name(folder: Path, content: str) -> None:
    Path("semsearch.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=r"semsearch\.toml"):
        reading_location()
    assert folder
