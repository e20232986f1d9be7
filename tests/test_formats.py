"""A tiny index of each format that there was, written by the version that had it, is opened by every version to come.

`scripts/make_format.py` wrote them. They are never written again.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from semsearch import Index, read
from semsearch.artifact.pull import pull
from semsearch.engines.local.manifest import FORMAT, MANIFEST, read_manifest, sealed_content, to_body
from semsearch.engines.local.segment import DERIVED
from semsearch.errors import IndexExistsError, RecipeMismatchError

FORMATS = Path(__file__).parent / "formats"
KEPT = sorted((folder for folder in FORMATS.iterdir() if folder.is_dir()), key=lambda folder: int(folder.name))


def expected(folder: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return written


@pytest.fixture(params=KEPT, ids=lambda folder: f"format {folder.name}")
def kept(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def place(kept: Path, tmp_path: Path) -> Path:
    """A copy, since what is kept is never written to."""
    return Path(shutil.copytree(kept / "index", tmp_path / "index"))


def test_one_of_each_format_that_is_read_is_kept() -> None:
    assert [folder.name for folder in KEPT] == [str(FORMAT)]


def test_it_is_whole_and_says_what_it_said(kept: Path, place: Path) -> None:
    with Index.open(place) as index:
        assert not index.verify().damages
        assert [article.to_dict() for article in index.articles()] == expected(kept)["articles"]


def test_it_answers_as_it_did_and_is_renewed_before_where_it_was_derived_by_other_rules(
    kept: Path, place: Path
) -> None:
    with Index.open(place) as index:
        if any(segment.derived != DERIVED for segment in read_manifest(place).segments):
            with pytest.raises(RecipeMismatchError, match="earlier version") as refused:
                index.search("ferry")
            assert "semsearch compact" in (refused.value.hint or "")
            index.compact()
        for answer in expected(kept)["answers"]:
            found = index.search(answer["query"], k=3)
            assert found.hits[0].article.to_dict() == answer["hits"][0]["article"]
            assert found.hits[0].text == answer["hits"][0]["text"]
            assert found.total == answer["total"]


def test_it_is_added_to_without_encoding_again_compacted_and_packed(kept: Path, place: Path, tmp_path: Path) -> None:
    with Index.open(place) as index:
        assert index.add(read(kept / "second.jsonl")).moved == 0
        index.delete(["https://news.example.org/ferry"])
        summary = index.add(read(kept / "first.jsonl"))
        assert (summary.added, summary.replaced) == (2, 1)
        assert summary.reused > 0
        index.compact()
        assert not index.verify().damages
        assert index.stats().deleted == 0
        index.pack(tmp_path / "packed.semsearch")
    assert read_manifest(place).origin is None
    assert json.loads((place / MANIFEST).read_bytes())["manifest"]["format"] == FORMAT


PACKED = [folder for folder in KEPT if (folder / "packed.semsearch").exists()]


@pytest.mark.parametrize("kept", PACKED, ids=lambda folder: f"format {folder.name}")
def test_its_artifact_is_installed_and_says_what_it_said(kept: Path, tmp_path: Path) -> None:
    pull(str(kept / "packed.semsearch"), tmp_path / "index")
    with Index.open(tmp_path / "index") as index:
        assert not index.verify().damages
        assert [article.to_dict() for article in index.articles()] == expected(kept)["articles"]


@pytest.mark.parametrize("kept", PACKED, ids=lambda folder: f"format {folder.name}")
def test_compaction_is_no_change_that_the_next_pull_would_undo(kept: Path, tmp_path: Path) -> None:
    pull(str(kept / "packed.semsearch"), tmp_path / "index")
    with Index.open(tmp_path / "index") as index:
        index.compact()
        assert index.stats().segments == 1
    pull(str(kept / "packed.semsearch"), tmp_path / "index")
    with Index.open(tmp_path / "index") as index:
        assert not index.verify().damages
        index.delete(["https://news.example.org/ferry"])
    with pytest.raises(IndexExistsError, match="changes of its own"):
        pull(str(kept / "packed.semsearch"), tmp_path / "index")


@pytest.mark.parametrize(
    ("number", "hint"), [(FORMAT + 1, "update semsearch"), (2, "build the index again from its articles")]
)
def test_another_format_is_refused_and_left_alone(place: Path, number: int, hint: str) -> None:
    body = to_body(read_manifest(place)) | {"format": number, "something": {"new": True}}
    (place / MANIFEST).write_bytes(sealed_content(body))
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with pytest.raises(RecipeMismatchError, match=f"format {number}") as refused:
        Index.open(place)
    assert refused.value.hint == hint
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
