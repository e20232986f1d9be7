"""What is installed is replaced by a newer release of the same index, as well signed, and by nothing else unasked."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.artifact.about import About
from semsearch.artifact.pull import Trust, pull
from semsearch.artifact.signatures import make_key
from semsearch.artifact.succession import is_newer
from semsearch.engines.local.manifest import read_manifest, write_manifest
from semsearch.errors import IndexExistsError, LimitError, SemsearchError, SignatureError
from tests.packing import build, newer, packed, story, tree


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index and a later state of it, and two keys."""
    folder = tmp_path_factory.mktemp("house")
    index = build(folder / "councils", map(story, range(2)))
    newer(Path(shutil.copytree(index, folder / "later")))
    for name in ("ann", "bea"):
        make_key(folder / name)
    return folder


class Releases:
    """Packs one index under several names, and installs what it packed in one place."""

    def __init__(self, house: Path, folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.place = folder / "installed"

    def pull(self, release: str, *, name: str = "councils", later: bool = False, key: str = "", **how: Any) -> None:
        path = self.folder / "x.pack"
        index = self.house / ("later" if later else "councils")
        about = About(name=name, release=release)
        packed(index, path, about=about, key=self.house / key if key else None)
        keys = tuple(read_public(self.house / one) for one in how.pop("trusted", ()))
        pull(str(path), self.place, trust=Trust(keys), **how)

    def refused(self, release: str, kind: type[SemsearchError], why: str, **how: Any) -> None:
        before = tree(self.place)
        with pytest.raises(kind, match=why) as refused:
            self.pull(release, **how)
        assert "--force" in refused.value.hint
        assert "x.pack was not installed: " in str(refused.value)
        assert tree(self.place) == before
        self.pull(release, **how, force=True)


def read_public(path: Path) -> Any:
    from semsearch.artifact.keys import read_key

    return read_key(path.with_name(f"{path.name}.pub"))


@pytest.fixture
def releases(house: Path, tmp_path: Path) -> Releases:
    return Releases(house, tmp_path)


def test_a_newer_release_and_the_same_again_are_installed(releases: Releases) -> None:
    for release in ("2026-01", "2026-01", "2026-02", "2026-10", "2027.1"):
        releases.pull(release)


@pytest.mark.parametrize(
    ("release", "why"),
    [
        ("2026-01", "its release, 2026-01, is not newer than the one in .*, 2026-02"),
        ("2025-12", "is not newer"),
        ("spring", "is not newer"),
        ("2026-02 ", "is not newer"),
    ],
)
def test_an_older_release_asks_for_force(releases: Releases, release: str, why: str) -> None:
    releases.pull("2026-02")
    releases.refused(release, IndexExistsError, why)


def test_other_contents_of_the_same_release_ask_for_force(releases: Releases) -> None:
    releases.pull("2026-02")
    releases.refused("2026-02", IndexExistsError, "the same release as the index in .*, but other contents", later=True)


def test_another_index_asks_for_force_even_if_it_has_the_same_articles(releases: Releases) -> None:
    releases.pull("2026-02")
    releases.refused("2026-03", IndexExistsError, "it is mayors, and .* holds councils", name="mayors")


def test_another_signer_or_none_asks_for_force(releases: Releases) -> None:
    both = ("ann", "bea")
    releases.pull("1", trusted=both)
    releases.pull("2", key="ann", trusted=both)
    releases.pull("2", key="ann", trusted=both)
    releases.refused("3", SignatureError, "it is signed by no trusted key", trusted=both)
    releases.pull("4", key="ann", trusted=both)
    releases.refused("5", SignatureError, "it is signed by no trusted key", key="bea", trusted=("ann",))
    releases.pull("6", key="ann", trusted=both)
    ann, bea = (read_public(releases.house / name).fingerprint for name in both)
    releases.refused(
        "7", SignatureError, f"by the key {bea}, and .* was signed by the key {ann}", key="bea", trusted=both
    )
    assert read_manifest(releases.place).origin.signed_by == read_public(releases.house / "bea").text


def test_what_could_not_be_recorded_is_refused_before_it_is_fetched(releases: Releases) -> None:
    from dataclasses import replace

    from semsearch import limits

    releases.pull("1")
    manifest = read_manifest(releases.place)
    last = replace(manifest, generation=limits.GENERATION)
    write_manifest(releases.place, replace(last, origin=replace(last.origin, generation=limits.GENERATION)))
    seen: list[tuple[int, int]] = []
    before = tree(releases.place)
    with pytest.raises(LimitError, match="generation"):
        releases.pull("2", later=True, observer=lambda *counts: seen.append(counts))
    assert seen == []
    assert tree(releases.place) == before


numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)


@given(numbers, numbers, st.sampled_from(["{}", "v{}"]), st.sampled_from(".-"))
def test_releases_are_ordered_by_their_numbers(one: list[int], other: list[int], form: str, between: str) -> None:
    first, second = (form.format(between.join(map(str, parts))) for parts in (one, other))
    assert is_newer(first, second) == (one > other)


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_release_is_newer_than_one_that_is_newer_than_it(one: str, other: str) -> None:
    assert not (is_newer(one, other) and is_newer(other, one))
    assert not is_newer(one, one)


@pytest.mark.parametrize(
    ("release", "than", "is_later"),
    [
        ("2026-01-15T10:00Z", "2026-01-15T09:00Z", True),
        ("2026-W10", "2026-W9", True),
        ("1.10", "1.9", True),
        ("1.9.1", "1.9", True),
        ("10", "9", True),
        ("2026-01", "2026-1", False),
        ("May 2026", "2025", False),
        ("2", "1 (final)", False),
        ("9" * 5_000, "1", False),
    ],
)
def test_some_releases(release: str, than: str, is_later: bool) -> None:
    assert is_newer(release, than) == is_later
