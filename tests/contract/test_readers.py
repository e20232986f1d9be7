"""What every reader promises: exact articles from good bytes, named losses from bad ones, and no exception but ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SemsearchError, SourceError
from semsearch.sources import read
from semsearch.sources.kinds import KINDS, Kind, kind_of
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped, Unreadable
from tests.examples import examples
from tests.reading_cases import DAMAGED, INPUTS, as_golden, records

PATHS = sorted(INPUTS.iterdir())
BROKEN = sorted(path for path in DAMAGED.iterdir() if path.is_file())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_golden_and_a_damaged_file(kind: Kind) -> None:
    assert kind in [kind_of(path.name) for path in PATHS]
    assert kind in [kind_of(path.name) for path in BROKEN]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_golden_file_is_read_as_written_down(path: Path) -> None:
    expected = json.loads((INPUTS.parent / f"{path.name}.json").read_text())
    assert json.loads(as_golden(path)) == expected


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_a_damaged_file_loses_what_is_broken_and_says_why(path: Path) -> None:
    expected = json.loads((DAMAGED / "expected" / f"{path.name}.json").read_text())
    found = list(read(path))
    losses = {_within(one, path): one.reason for one in found if not isinstance(one, Article)}
    cut = {place: reason[: len(expected["lost"].get(place, ""))] for place, reason in losses.items()}
    assert cut == expected["lost"]
    if expected["read"] is not None:
        assert [_within(one, path) for one in found if isinstance(one, Article)] == expected["read"]


def _within(one: Article | Skipped | Unreadable, path: Path) -> str:
    """Return where in its file something stands: ":12", "/page.html", or "" for the file itself."""
    assert one.origin.startswith(str(path))
    return one.origin.removeprefix(str(path))


@pytest.mark.parametrize("name", [kind.endings[0] for kind in KINDS])
@pytest.mark.parametrize("raw", [b"", b"\n", b" \t\n\r\n  "])
def test_nothing_is_read_from_nothing(name: str, raw: bytes) -> None:
    try:
        assert not [one for one in records(Path(f"x{name}"), raw) if isinstance(one, Article)]
    except SourceError as error:
        assert str(error)


@pytest.mark.parametrize("parts", [12, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_every_beginning_of_a_file_is_read_or_refused(path: Path, parts: int) -> None:
    raw = path.read_bytes()
    for length in range(0, len(raw), 1 + len(raw) // parts):
        try:
            for one in records(path, raw[:length]):
                assert_normal(one)
        except SourceError as error:
            assert str(error)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_articles_are_in_normal_form_and_their_ids_stay(path: Path) -> None:
    first = records(path)
    for one in first:
        assert_normal(one)
    assert records(path) == first


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if path.suffix in (".jsonl", ".md", ".markdown", ".txt")],
    ids=lambda path: path.name,
)
def test_line_ends_of_windows_change_nothing(path: Path) -> None:
    assert records(path, path.read_bytes().replace(b"\n", b"\r\n")) == records(path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@examples(60)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(kind: Kind, data: st.DataObject) -> None:
    seeds = [path.read_bytes() for path in PATHS if kind_of(path.name) == kind]
    pieces = st.lists(
        st.binary(max_size=40)
        | st.text(max_size=20).map(str.encode)
        | st.sampled_from(seeds).flatmap(
            lambda seed: st.integers(0, len(seed)).flatmap(
                lambda begin: st.integers(begin, min(len(seed), begin + 200)).map(lambda end: seed[begin:end])
            )
        ),
        max_size=6,
    )
    raw = b"".join(data.draw(pieces))
    name = Path(f"x{kind.endings[0]}")
    try:
        found = records(name, raw)
    except SemsearchError as error:
        assert str(error)
    else:
        for one in found:
            assert_normal(one)
        assert found == records(name, raw)


def assert_normal(one: Article | Skipped | Unreadable) -> None:
    if not isinstance(one, Article):
        assert one.reason
        return
    assert len(one.metadata.article_id) == 20
    assert one.text
    assert normalise_text(one.text) == one.text
    assert normalise_line(one.metadata.title) == one.metadata.title
