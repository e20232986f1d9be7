"""Markdown files say what they are in front matter of three forms, and in names as Jekyll wants them."""

from io import BytesIO

import pytest

from semsearch.ports import Place
from semsearch.sources.texts.frontmatter import read_post
from semsearch.types import Article

TEXT = "The harbour board voted on Tuesday to rebuild the eastern quay."
YAML = f"---\ntitle: Quay to be rebuilt\ndate: 2024-05-03\n---\n{TEXT}\n"
TOML = f'+++\ntitle = "Quay to be rebuilt"\ndate = 2024-05-03\n+++\n{TEXT}\n'
JSON = f'{{\n  "title": "Quay to be rebuilt",\n  "date": "2024-05-03"\n}}\n\n{TEXT}\n'


def read(text: str, name: str = "quay.md") -> Article:
    [one] = read_post(BytesIO(text.encode()), Place(name, name))
    assert isinstance(one, Article)
    return one


def date_of(one: Article) -> str:
    return one.metadata.published.text if one.metadata.published else ""


@pytest.mark.parametrize("text", [YAML, TOML, JSON])
def test_every_form_says_the_same(text: str) -> None:
    one = read(text)
    assert (one.metadata.title, date_of(one), one.text) == ("Quay to be rebuilt", "2024-05-03", TEXT)


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '{"title": "x"} stands here in prose.\n\nAnd more.', '{\n "title": \n\n' + TEXT, "{" * 5_000]
)
def test_what_only_begins_like_json_is_text(text: str) -> None:
    assert "{" in read(text).text


def test_the_name_of_a_post_has_its_date_unless_the_post_says_another() -> None:
    name = "_posts/2024-05-03-quay-to-be-rebuilt.md"
    assert date_of(read(f"---\ntitle: Quay\npublished: true\n---\n{TEXT}", name)) == "2024-05-03"
    assert date_of(read(f"---\ntitle: Quay\ndate: 2024-06-01\n---\n{TEXT}", name)) == "2024-06-01"
    assert date_of(read(f"---\ntitle: Quay\n---\n{TEXT}", "2024-05-03.md")) == ""
    assert date_of(read(f"---\ntitle: Quay\n---\n{TEXT}", "2024-13-33-quay.md")) == ""
