"""What every reader promises: exact articles from good bytes, named losses from bad ones, and no exception but ours."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.errors import SemsearchError, SourceError
from semsearch.ports import Place
from semsearch.sources import read
from semsearch.sources.kinds import KINDS, Kind, kind_of
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped, Unreadable
from tests.reading_cases import DAMAGED, INPUTS, golden, records

PATHS = sorted(INPUTS.iterdir())
GOLDEN = dict(golden())
PLACE = Place("x", "folder/x")

LOSSES = {
    "records.jsonl": {
        2: "broken JSON: Unterminated string starting at character 32",
        3: "JSON that is no object: a list",
        5: "JSON that is no object: nothing",
    },
    "latin1.jsonl": {1: "not UTF-8: byte 0xe9 at offset 14"},
    "list.json": {0: "one JSON list. Write it as one object a line: jq -c '.[]' OLD > NEW"},
    "spread.json": {0: "begins as one object over many lines, and is not: broken JSON"},
    "front-matter.md": {0: "broken front matter in line 2: "},
    "front-matter-open.md": {0: "front matter that no --- closes"},
    "bomb.md": {0: "broken front matter: more than 20 aliases"},
    "latin1.md": {0: "not UTF-8: byte 0xe9 at offset 9. Convert it from the encoding it has"},
    "latin1.txt": {0: "not UTF-8: byte 0xe9 at offset 7"},
    "binary.txt": {0: "binary, or text in UTF-16 without its mark"},
    "cut.jsonl.gz": {0: "the gzip file ends before its end; what came before was kept. Fetch it again"},
    "flipped.jsonl.gz": {39: "broken JSON: ", 40: "broken JSON: ", 0: "the gzip file is damaged ("},
}
"""Damaged file -> line, 0 for the file itself -> how the reason begins."""

READ = {"records.jsonl": [1, 4, 6], "cut.jsonl.gz": [*range(1, 27)]}
"""Damaged file -> lines whose articles are read all the same."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_golden_and_a_damaged_file(kind: Kind) -> None:
    assert kind in [kind_of(path.name) for path in PATHS]
    assert kind in [kind_of(name) for name in LOSSES]
    assert sorted(LOSSES) == sorted(path.name for path in DAMAGED.iterdir() if kind_of(path.name))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_golden_file_is_read_as_written_down(path: Path) -> None:
    expected = json.loads((INPUTS.parent / f"{path.name}.json").read_text())
    assert json.loads(GOLDEN[f"{path.name}.json"]) == expected


@pytest.mark.parametrize("name", LOSSES)
def test_a_damaged_file_loses_what_is_broken_and_says_why(name: str) -> None:
    found = list(read(DAMAGED / name))
    losses = {_line(one, name): one.reason for one in found if not isinstance(one, Article)}
    assert {line: reason[: len(LOSSES[name].get(line, ""))] for line, reason in losses.items()} == LOSSES[name]
    if name in READ:
        assert [_line(one, name) for one in found if isinstance(one, Article)] == READ[name]


def _line(one: Article | Skipped | Unreadable, name: str) -> int:
    assert one.origin.startswith(str(DAMAGED / name))
    return int(one.origin.removeprefix(str(DAMAGED / name)).removeprefix(":") or 0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("raw", [b"", b"\n", b" \t\n\r\n  "])
def test_nothing_is_read_from_nothing(kind: Kind, raw: bytes) -> None:
    assert list(kind.reader(BytesIO(raw), PLACE)) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_every_beginning_of_a_file_is_read_or_refused(path: Path) -> None:
    raw = path.read_bytes()
    whole = {one.origin: one for one in records(path)}
    for length in range(0, len(raw), 1 + len(raw) // 400):
        try:
            for one in records(path, raw[:length]):
                assert_normal(one)
                assert one.origin in whole
        except SourceError as error:
            assert str(error)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_articles_are_in_normal_form_and_their_ids_stay(path: Path) -> None:
    first = records(path)
    for one in first:
        assert_normal(one)
    assert records(path) == first
    assert records(path, path.read_bytes().replace(b"\n", b"\r\n")) == first


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(max_examples=150)
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
    try:
        found = list(kind.reader(BytesIO(raw), PLACE))
    except SemsearchError as error:
        assert str(error)
    else:
        for one in found:
            assert_normal(one)
        assert found == list(kind.reader(BytesIO(raw), PLACE))


def assert_normal(one: Article | Skipped) -> None:
    if isinstance(one, Skipped):
        assert one.reason
        return
    assert len(one.metadata.article_id) == 20
    assert one.text
    assert normalise_text(one.text) == one.text
    assert normalise_line(one.metadata.title) == one.metadata.title
