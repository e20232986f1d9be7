"""What a writer accepts a reader accepts: at each limit an index can be read again, beyond it nothing is written."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index, doctor, limits
from semsearch.artifact.pack import pack
from semsearch.artifact.pull import pull
from semsearch.checks import shown
from semsearch.engines.local.manifest import (
    HELD,
    SEGMENTS,
    DeletedArticles,
    Manifest,
    SegmentEntry,
    parse_manifest,
    read_manifest,
    readable,
    write_manifest,
)
from semsearch.engines.local.records import read_record, record_line
from semsearch.errors import LimitError, SemsearchError, UsageError
from semsearch.files import Seal
from semsearch.identity import text_digest
from semsearch.ports import Encoder, Entry
from semsearch.storable import check_passages, why_not
from semsearch.types import Article, EncoderIdentity, Metadata, Origin, Passage, Precision, Recipe, State
from tests.array_files import change
from tests.conftest import some_articles
from tests.examples import examples, slow_but
from tests.hostility import reseal
from tests.making import article, day

LINE = "word " * (limits.LINE_CHARACTERS // 5) + "x" * (limits.LINE_CHARACTERS % 5)
QUAY = article("quay", "The harbour board opened a second quay.", published=day(3))


def with_metadata(changes: Mapping[str, object]) -> Article:
    return replace(QUAY, metadata=replace(QUAY.metadata, **changes))  # type: ignore[arg-type]


def numbered(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


AT = {
    "title": {"title": LINE},
    "url": {"url": LINE},
    "publisher": {"publisher": LINE},
    "language": {"language": LINE},
    "section": {"section": LINE},
    "author": {"authors": (LINE,)},
    "authors": {"authors": numbered(limits.VALUES)},
    "tag": {"tags": {LINE: ("x",)}},
    "value": {"tags": {"topics": (LINE,)}},
    "values": {"tags": {"topics": numbered(limits.VALUES)}},
    "tags": {"tags": dict.fromkeys(numbered(limits.TAGS), ("x",))},
}
BEYOND = {
    "title": {"title": LINE + "x"},
    "url": {"url": LINE + "x"},
    "publisher": {"publisher": LINE + "x"},
    "language": {"language": LINE + "x"},
    "section": {"section": LINE + "x"},
    "author": {"authors": ("Ada Fox", LINE + "x")},
    "authors": {"authors": numbered(limits.VALUES + 1)},
    "tag": {"tags": {LINE + "x": ("x",)}},
    "value": {"tags": {"topics": ("x", LINE + "x")}},
    "values": {"tags": {"topics": numbered(limits.VALUES + 1)}},
    "tags": {"tags": dict.fromkeys(numbered(limits.TAGS + 1), ("x",))},
}


@pytest.mark.parametrize("what", slow_but(["title", "author", "value"], AT))
def test_an_article_at_a_limit_is_read_again_and_one_beyond_it_changes_nothing(what: str, index: Index) -> None:
    before = index.stats()
    with pytest.raises(UsageError, match="the most"):
        index.add([*some_articles(), with_metadata(BEYOND[what])])
    assert index.stats() == before
    kept = with_metadata(AT[what])
    assert index.add([kept]).added == 1
    with Index.open(index.location) as opened:
        found = opened.get(QUAY.metadata.article_id)
        assert replace(found.metadata, indexed=None) == kept.metadata
        assert not opened.verify().damages


@pytest.mark.slow
def test_a_text_at_the_limit_is_read_again() -> None:
    longest = Article(replace(QUAY.metadata, sha256=text_digest("")), "x" * limits.TEXT_CHARACTERS)
    assert why_not(longest) == ""
    passage = Passage(QUAY.metadata.article_id, 0, 0, limits.TEXT_CHARACTERS, longest.text)
    entry = Entry(longest, (passage,), np.ones((1, 1), dtype=np.float32), 0, ())
    assert read_record(record_line(entry)).article == longest
    assert "the most" in why_not(replace(longest, text=longest.text + "x"))


def test_an_article_has_no_more_passages_than_a_segment() -> None:
    check_passages(QUAY, limits.SEGMENT_PASSAGES)
    with pytest.raises(LimitError, match="the most of one article"):
        check_passages(QUAY, limits.SEGMENT_PASSAGES + 1)


@pytest.mark.parametrize("tokens", [limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS])
def test_budgets_of_passages_within_the_limits_make_an_index(tokens: int, hashing: Encoder, tmp_path: Path) -> None:
    Index.build([QUAY], tmp_path / "index", encoder=hashing, passage_tokens=tokens).close()
    with Index.open(tmp_path / "index") as index:
        assert index.search("quay").hits
        assert index.stats().recipe.passage_tokens == tokens


@pytest.mark.parametrize(
    "tokens",
    [
        *(-1, 0, limits.LEAST_PASSAGE_TOKENS - 1, limits.PASSAGE_TOKENS + 1, 10**20, 10**400, 10**5_000),
        *(True, 64.0, "64"),
    ],
    ids=shown,
)
def test_budgets_of_passages_beyond_them_leave_nothing(tokens: object, hashing: Encoder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="passage_tokens is"):
        Index.build([QUAY], tmp_path / "index", encoder=hashing, passage_tokens=tokens)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


class Named:
    """An encoder under another name, or of other dimensions."""

    def __init__(self, encoder: Encoder, **changes: object) -> None:
        self._encoder = encoder
        self.identity = replace(encoder.identity, **changes)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "//elsewhere/model"},
        {"name": "x" * (limits.SAID_CHARACTERS + 1)},
        {"name": "\ud800"},
        {"dimensions": limits.DIMENSIONS + 1},
        {"dimensions": 0},
        {"pooling": None},
    ],
)
def test_a_recipe_that_nobody_could_read_is_refused_before_anything_is_encoded(
    changes: dict[str, object], hashing: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(LimitError, match="cannot be read"):
        Index.build([QUAY], tmp_path / "index", encoder=Named(hashing, **changes))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def at_generation(index: Index, generation: int) -> Index:
    index.close()
    write_manifest(index.location, replace(read_manifest(index.location), generation=generation))
    return Index.open(index.location)


def test_the_last_generation_is_written_and_none_after_it(index: Index) -> None:
    index = at_generation(index, limits.GENERATION - 1)
    assert index.add([QUAY]).added == 1
    last = index.stats()
    assert last.generation == limits.GENERATION
    for call in (lambda: index.add([article("new")]), lambda: index.delete([QUAY.metadata.article_id]), index.compact):
        with pytest.raises(LimitError, match="last generation") as refused:
            call()
        assert "pack" in refused.value.hint
    with Index.open(index.location) as opened:
        assert opened.stats() == last
        assert opened.search("quay").hits
        assert not opened.verify().damages


def test_a_compaction_that_needs_more_generations_than_are_left_loses_nothing(index: Index) -> None:
    index.add([QUAY])
    index = at_generation(index, limits.GENERATION - 1)
    with suppress(LimitError):
        index.compact()
    with Index.open(index.location) as opened:
        assert opened.stats().articles == 13
        assert opened.get(QUAY.metadata.article_id).text == QUAY.text


@pytest.mark.parametrize(
    "generation", [limits.PACKED_GENERATION, limits.PACKED_GENERATION + 1, limits.GENERATION], ids=str
)
def test_whatever_can_be_written_can_be_packed_and_installed_and_added_to(
    generation: int, index: Index, tmp_path: Path, hashing: Encoder
) -> None:
    index = at_generation(index, generation)
    pack(index.location, tmp_path / "x.pack")
    pull(str(tmp_path / "x.pack"), tmp_path / "there")
    with Index.open(tmp_path / "there", encoder=hashing) as installed:
        assert installed.stats().generation == limits.PACKED_GENERATION
        assert installed.add([article("new")]).added == 1
        assert installed.stats().articles == 13


near = st.sampled_from([0, 1, limits.COUNT, limits.COUNT + 1, -1]) | st.integers(0, 10)


def counts(limit: int) -> st.SearchStrategy[int]:
    return near | st.sampled_from([limit - 1, limit, limit + 1])


texts = st.sampled_from(
    ["", "name", "//there", "x" * limits.SAID_CHARACTERS, "x" * (limits.SAID_CHARACTERS + 1), "\ud800"]
)
seals = st.builds(Seal, near, st.sampled_from(["0" * 64, "0" * 63]))
names = st.sampled_from(["000001-0123456789ab", f"{limits.GENERATION}-0123456789ab", "../../x", "000002-0123456789ab"])
files = st.fixed_dictionaries({HELD: seals, "vectors.npy": seals})
entries = st.builds(
    SegmentEntry,
    names,
    counts(limits.SEGMENT_ARTICLES),
    counts(limits.SEGMENT_PASSAGES),
    near,
    files,
    texts,
    st.none() | st.builds(DeletedArticles, st.just("000001-0123456789ab.deleted-7.npy"), seals, near),
)
recipes = st.builds(
    Recipe,
    st.builds(EncoderIdentity, texts, texts, counts(limits.DIMENSIONS), texts, texts, texts),
    counts(limits.PASSAGE_TOKENS) | st.sampled_from([15, 16]),
    near,
    near,
    layout=texts,
    precision=st.sampled_from(Precision),
)
origins = st.none() | st.builds(Origin, texts, texts, texts, texts, st.none() | texts, counts(limits.GENERATION))
manifests = st.builds(
    Manifest, counts(limits.GENERATION), recipes, st.lists(entries, max_size=2).map(tuple), st.none() | texts, origins
)


@examples(300)
@given(manifests)
def test_every_manifest_is_refused_or_read_again(manifest: Manifest) -> None:
    with suppress(LimitError):
        assert parse_manifest(readable(manifest, Path("index")), Path("index")) == manifest


@pytest.mark.slow
def test_a_manifest_is_as_large_as_its_reader_takes_and_no_larger() -> None:
    recipe = Recipe(EncoderIdentity("hashing", "0" * 64, 8, "mean"), 64, 1, 1)
    seal = Seal(1, "0" * 64)

    def segment(number: int, files: int) -> SegmentEntry:
        names = [HELD, "vectors.npy", *(f"{'x' * 40}{ascii_lowercase[at]}.npy" for at in range(files))]
        return SegmentEntry(f"{number:06}-0123456789ab", 1, 1, 0, dict.fromkeys(names, seal), "3")

    most = Manifest(1, recipe, tuple(segment(number, 0) for number in range(limits.SEGMENTS)))
    assert parse_manifest(readable(most, Path("index")), Path("index")) == most
    with pytest.raises(LimitError, match="segments"):
        readable(replace(most, segments=(*most.segments, segment(limits.SEGMENTS, 0))), Path("index"))
    with pytest.raises(LimitError, match="bytes"):
        readable(replace(most, segments=tuple(segment(number, 26) for number in range(limits.SEGMENTS))), Path("index"))


def renamed(where: Path, before: str, after: str) -> None:
    """Give an article another id in its line, and seal that, as an earlier version let anybody do."""
    for segment in (where / SEGMENTS).glob("*/"):
        content = (segment / HELD).read_bytes()
        (segment / HELD).write_bytes(content.replace(before.encode(), after.encode()))
        if content != (segment / HELD).read_bytes():
            lines = np.cumsum([0, *map(len, (segment / HELD).read_bytes().splitlines(keepends=True))], dtype=np.int64)
            change(segment / "columns.arrays", "offsets", lambda _, lines=lines: lines)
    reseal(where)
    write_manifest(where, read_manifest(where))  # in the bytes of a writer


@pytest.mark.parametrize("name", ["2", "6f9619ff-8b86-d011-b42d-00c04fc964ff"])
def test_an_index_that_cannot_be_read_is_damaged_to_whoever_asks(name: str, index: Index) -> None:
    before = index.get("https://news.example.org/opera").metadata.article_id
    index.close()
    renamed(index.location, before, name)
    with Index.open(index.location) as opened:
        (damage,) = opened.verify().damages
        with pytest.raises(SemsearchError):
            list(opened.articles())
    assert damage.path.endswith(HELD)
    assert f"'{name}' is not in the right form" in damage.what
    problems = [finding for finding in doctor.diagnose(index.location) if finding.state is State.PROBLEM]
    assert [finding.check for finding in problems] == ["checksums"]
    repaired = doctor.repair(index.location)
    assert repaired.rescued == 11
    assert len(repaired.lost) == 1
    assert repaired.rescued_to
    assert len(Path(repaired.rescued_to).read_text().splitlines()) == 11
    assert json.loads(Path(repaired.rescued_to).read_text().splitlines()[0])["article"]["article_id"] != name
    with Index.open(index.location) as opened:
        assert not opened.verify().damages
        assert opened.add(repaired.rescued_to).added == 11


def test_the_hints_of_limits_say_what_to_do(hashing: Encoder, tmp_path: Path) -> None:
    metadata = Metadata("0" * 20, LINE + "x")
    with pytest.raises(UsageError) as refused:
        Index.build([Article(metadata, "x")], tmp_path / "index", encoder=hashing)
    assert refused.value.hint
    assert len(str(refused.value)) < 500
