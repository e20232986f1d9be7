"""What a person sees who tries things out: an error says what to do, and a value is legible."""

import pickle
import shlex
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semsearch import Index
from semsearch.errors import IndexDamagedError, IndexMissingError, NotFoundError, SemsearchError, UsageError
from semsearch.types import Metadata, Query

STORY = {"id": "7", "title": "Harbour opens quay", "text": "Container ships moored there.", "date": "2024-05-03"}

AWKWARD_NAMES = ("plain", "two words", "it's", "$HOME", "a;b", "–x")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.build([STORY], tmp_path / "news.idx", encoder="hashing")


def test_a_traceback_shows_what_to_do() -> None:
    shown = "".join(traceback.format_exception(UsageError("what is wrong", "what to do")))
    assert shown.endswith("UsageError: what is wrong\nwhat to do\n")
    assert "".join(traceback.format_exception(UsageError("what is wrong"))).endswith("UsageError: what is wrong\n")


@pytest.mark.parametrize(
    "ask",
    [
        lambda index: index.search("harbour"),
        lambda index: list(index.search_each([Query("harbour")])),
        lambda index: index.similar(STORY["id"]),
        lambda index: index.facets("harbour", verdict="strong"),
        lambda index: index.vectors(STORY["id"]),
    ],
    ids=["search", "search_each", "similar", "facets", "vectors"],
)
def test_damage_that_is_met_after_opening_names_the_index(tmp_path: Path, ask: Callable[[Index], object]) -> None:
    place = tmp_path / "two words.idx"
    Index.build([STORY], place, encoder="hashing").close()
    for name in ("vectors.npy", "article_vectors.npy"):
        [file] = place.rglob(name)
        content = bytearray(file.read_bytes())
        content[128:132] = b"\xff" * 4  # the first number, behind the header: NaN
        file.write_bytes(content)
    with Index.open(place) as index, pytest.raises(IndexDamagedError, match="vectors are damaged") as damaged:
        ask(index)
    assert damaged.value.hint.endswith(f"semsearch doctor -i {shlex.quote(str(place))}")
    assert damaged.value.__notes__ == [damaged.value.hint]


def test_an_error_from_another_process_says_it_once() -> None:
    copy = pickle.loads(pickle.dumps(UsageError("what is wrong", "what to do")))  # noqa: S301
    assert (str(copy), copy.hint, copy.__notes__) == ("what is wrong", "what to do", ["what to do"])


def _nothing(place: Path) -> None:
    place.parent.mkdir(exist_ok=True)


def _an_empty_folder(place: Path) -> None:
    place.mkdir()


def _articles(place: Path) -> None:
    place.mkdir()
    (place / "story.md").write_text("# Harbour\n\nShips moored there.")


def _a_file(place: Path) -> None:
    place.write_text("Harbour\n\nShips moored there.")


def _without_manifest(place: Path) -> None:
    Index.build([STORY], place, encoder="hashing").close()
    (place / "manifest.json").unlink()


@pytest.mark.parametrize("name", AWKWARD_NAMES)
@pytest.mark.parametrize(
    ("make", "says", "commands"),
    [
        (_nothing, "there is no index at {}", ["semsearch build PATH… -i {}"]),
        (_an_empty_folder, "{} is not an index: it has no manifest.json", ["semsearch build PATH… -i {}"]),
        (_articles, "{} is not an index: it has no manifest.json", ["semsearch build {} -i DIR"]),
        (
            _a_file,
            "{} is a file, and an index is a folder",
            ["semsearch build {} -i DIR", "semsearch pull {} -i DIR"],
        ),
        (_without_manifest, "{} is not an index: it has no manifest.json", ["semsearch doctor -i {}"]),
    ],
)
def test_where_there_is_no_index_the_hint_suits_what_is_there(
    make: Callable[[Path], None], says: str, commands: list[str], name: str, tmp_path: Path
) -> None:
    place = tmp_path / name
    make(place)
    with pytest.raises(IndexMissingError) as refused:
        Index.open(place)
    assert str(refused.value) == says.format(place)
    for command in commands:
        assert command.format(shlex.quote(str(place))) in refused.value.hint
    assert refused.value.hint.count("semsearch ") == len(commands)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({"mode": "fuzzy"}, "mode is 'fuzzy'", "hybrid, dense, lexical"),
        ({"group_by": "x"}, "group_by is 'x'", "article, passage, copies, publisher"),
        ({"sort": "newest"}, "sort is 'newest'", "relevance, date"),
        ({"publisher": "Town Times"}, "there is no argument 'publisher'", "did you mean publishers?"),
        ({"filters": {"publisher": "Town Times"}}, "there is no condition 'publisher'", "did you mean publishers?"),
        ({"filters": {"xyz": "Town Times"}}, "there is no condition 'xyz'", "the conditions are publishers, authors"),
        ({"top": 5}, "there is no argument 'top'", "the arguments are k, filters, mode"),
    ],
)
def test_a_wrong_argument_is_named_with_what_it_may_be(
    arguments: dict[str, Any], message: str, hint: str, index: Index
) -> None:
    with pytest.raises(UsageError) as refused:
        index.search("harbour", **arguments)
    assert str(refused.value) == message
    assert hint in refused.value.hint


def test_a_wrong_precision_is_named_with_what_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="precision is 'f16'") as refused:
        Index.build([STORY], tmp_path / "new.idx", encoder="hashing", precision="f16")  # type: ignore[arg-type]
    assert refused.value.hint == "use one of auto, f32"


@pytest.mark.parametrize("location", ["news.idx", Path("news.idx")])
def test_an_index_that_is_called_like_a_function_says_how_to_open_it(location: Any) -> None:
    with pytest.raises(UsageError) as refused:
        Index(location)
    assert f"Index.open({location!r})" in refused.value.hint


def test_a_text_is_not_many_queries(index: Index) -> None:
    with pytest.raises(UsageError, match="one query"):
        index.search_many("harbour")
    assert len(index.search_many(["harbour"])) == 1


def test_the_beginning_of_an_id_that_is_too_short_is_told(index: Index) -> None:
    [article] = index.articles()
    assert isinstance(article, Metadata)
    assert index.get(article.article_id[:6]).metadata == article
    with pytest.raises(NotFoundError) as refused:
        index.get(article.article_id[:5])
    assert "at least 6 digits" in refused.value.hint
    assert "semsearch list -i " in refused.value.hint
    for name in ("quay", ""):
        with pytest.raises(NotFoundError) as refused:
            index.get(name)
        assert "digits" not in refused.value.hint


def test_every_kind_of_error_has_its_hint_in_the_traceback() -> None:
    kinds = [SemsearchError]
    for kind in kinds:
        kinds += [child for child in kind.__subclasses__() if child.__module__ == SemsearchError.__module__]
    for kind in kinds:
        error = kind("x") if kind.__name__ == "InternalError" else kind("x", "do this")
        assert getattr(error, "__notes__", []) == [error.hint]


def test_an_article_is_shown_in_a_line_however_long_it_is(index: Index) -> None:
    [article] = index.articles(texts=True)
    assert repr(article).startswith(f"<Article 'Harbour opens quay', 2024-05-03, {article.metadata.article_id}: 'Cont")
    index.add({"title": "Long " * 500, "text": "Ships moored there.\n\n" * 5_000, "publisher": "Town Times"})
    for one in index.articles(texts=True):
        assert len(repr(one)) < 300
        assert "\n" not in repr(one)
