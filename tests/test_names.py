"""A filter finds a name as it reads, however it is encoded and typed."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index
from semsearch.origins import OriginPatterns
from semsearch.ports import Encoder
from semsearch.text import name_key
from semsearch.types import GroupBy, Query
from tests.making import article

NAMES = {
    "L'Écho du Port": ["l’écho  du port", unicodedata.normalize("NFD", "L'Écho du Port"), "L`ÉCHO\u00a0DU PORT"],
    "ＫＯＬＭＡＲ Ｐｏｓｔ": ["Kolmar Post", "KOLMAR POST"],
    'Smith, Jones & Co. "Daily"': ["smith, jones & co. “Daily”", "Smith, Jones & Co. „Daily“"],
    "Nord–Süd Straße": ["Nord-Süd STRASSE", "nord‑süd straße"],
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Index:
    articles = [
        article(f"{number}", f"A crane was lifted onto quay {number}.", publisher=name, authors=[name], section=name)
        for number, name in enumerate(NAMES)
    ]
    return Index.build(articles, tmp_path_factory.mktemp("names") / "index", encoder=hashing)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_however_it_is_typed(index: Index, name: str) -> None:
    for typed in (name, *NAMES[name]):
        for condition in ("publishers", "authors", "sections"):
            answer = index.search("crane", **{condition: typed})  # type: ignore[arg-type]
            assert [hit.article.publisher for hit in answer.hits] == [name]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Dr. Ann Ash", "Ann Ash"),
        ("Ash, Ann", "Ann Ash"),
        ("Ash, Dr. Ann", "ANN ASH"),
        ("Ann Ash", "dr ann ash"),
        ("Prof. Dr. Ann Ash", "Professor Ann Ash"),
        ("Sir Bo Birch", "Bo Birch"),
        ("MS ANN ASH", "Mrs. Ann Ash"),
    ],
)
def test_an_author_is_found_with_and_without_a_title(
    tmp_path: Path, hashing: Encoder, written: str, typed: str
) -> None:
    articles = [article("a", "A crane was lifted.", authors=[written]), article("b", "A crane.", authors=["Cy Cole"])]
    with Index.build(articles, tmp_path / "index", encoder=hashing) as index:
        [hit] = index.search(Query.parse(f'crane author:"{typed}"')).hits
        assert hit.article.authors == (written,)
        index.add([article("c", "A crane fell.", authors=[typed])])
        assert sorted(count.total for count in index.facets(by="author").by["author"].values.values()) == [1, 2]


@pytest.mark.parametrize(
    ("written", "typed"), [("Dr. Ash", "Ash"), ("Drew Ash", "Ash"), ("Sir", "Dame"), ("Ms Cole", "Mr Cole")]
)
def test_half_a_name_keeps_its_title(tmp_path: Path, hashing: Encoder, written: str, typed: str) -> None:
    with Index.build([article("a", "A crane.", authors=[written])], tmp_path / "index", encoder=hashing) as index:
        assert not index.search("crane", authors=typed).hits


def test_an_accent_makes_another_name_which_is_suggested(index: Index) -> None:
    answer = index.search("crane", publishers="l'echo du port")
    assert not answer.hits
    assert "did you mean “L'Écho du Port”?" in answer.notices[0]


def test_one_publisher_in_two_spellings_is_one_group(tmp_path: Path, hashing: Encoder) -> None:
    articles = [article(name, f"A crane, {name}.", publisher=name) for name in ("L’Écho", "L'écho", "Post")]
    with Index.build(articles, tmp_path / "index", encoder=hashing) as index:
        answer = index.search(Query("crane", group_by=GroupBy.PUBLISHER))
    assert sorted(name_key(hit.article.publisher or "") for hit in answer.hits) == ["l'écho", "post"]


@given(st.text(max_size=20))
def test_a_key_is_that_of_itself_in_capitals_and_in_every_form(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    assert {name_key(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")} == {key}  # type: ignore[arg-type]
    assert name_key(f" {name}\t") == key


def test_a_file_is_named_in_either_composition() -> None:
    composed, apart = (unicodedata.normalize(form, "Presse/Économie 2024.txt") for form in ("NFC", "NFD"))  # type: ignore[arg-type]
    assert OriginPatterns([composed]).match(apart)
    assert OriginPatterns([unicodedata.normalize("NFD", "économie*")]).match(composed)
