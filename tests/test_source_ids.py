"""An id of one's own: kept as the source's, and found again by it; an `article_id` of another form is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from semsearch import Index
from semsearch.errors import NotFoundError, UsageError
from semsearch.ports import Encoder
from semsearch.sources import read
from semsearch.types import Article, Date, Metadata
from tests.commands import Ask, asking
from tests.conftest import some_articles
from tests.making import article

IDS = {
    "number": "2",
    "UUID": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "address": "https://cms.example.org/node/2",
    "address of a site": "https://cms.example.org/",
    "urn": "urn:newsml:example.org:20240503:2",
    "mail": "<20240503.2@mail.example.org>",
    "foreign": "記事-二",
    "accents": "Beiträge/Größe 2",
    "six digits": "abcdef",
    "our form": "0123456789abcdef0123",
    "long": "https://cms.example.org/node/" + "x" * 3_000,
    "very long": "id " * 20_000 + "end",
    "quotation": """it's "2" \\ %""",
}


def records(source_id: object) -> str:
    found = [
        {"id": "other", "title": "Wheat", "text": "Wheat prices fell after a record harvest."},
        {"id": source_id, "title": "Quay", "text": "The harbour board opened a second quay."},
        {"id": "another", "title": "Opera", "text": "The opera house reopened after the fire."},
    ]
    return "".join(json.dumps(one) + "\n" for one in found)


@pytest.mark.parametrize("source_id", IDS.values(), ids=IDS)
def test_an_id_of_a_record_is_kept_and_finds_its_article(
    source_id: str,
    hashing: Encoder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "posts.jsonl").write_text(records(source_id))
    with Index.build(tmp_path / "posts.jsonl", tmp_path / "index", encoder=hashing) as index:
        assert not index.verify().damages
        found = index.get(source_id)
        assert found.metadata.title == "Quay"
        assert found.metadata.tags["source_id"] == (source_id,)
        assert index.resolve(f" {source_id}\n") == found.metadata.article_id
        assert index.similar(source_id).hits[0].article.title != "Quay"
    ask: Ask = asking(capsys, monkeypatch, tmp_path / "index")
    named = ["--", source_id]  # what begins with - or < is no option
    assert ask("get", "--json", "-i", tmp_path / "index", *named[1:]).json["article"]["title"] == "Quay"
    assert ask("delete", source_id).status == 0
    assert ask("get", source_id).status == 1
    assert ask("stats", "--json").json["articles"] == 2


@pytest.mark.parametrize("source_id", [2, 2**80, "2"])
def test_a_number_is_an_id_too(source_id: object, hashing: Encoder, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(records(source_id))
    with Index.build(tmp_path / "posts.jsonl", tmp_path / "index", encoder=hashing) as index:
        assert index.get(str(source_id)).metadata.title == "Quay"


def test_an_id_of_several_articles_names_none_and_they_are_listed(hashing: Encoder, tmp_path: Path) -> None:
    for outlet in ("coast", "hill"):
        (tmp_path / f"{outlet}.jsonl").write_text(records("17"))
    with Index.build(read([tmp_path / "coast.jsonl"], source="Coast"), tmp_path / "index", encoder=hashing) as index:
        first = index.get("17").metadata.article_id
        index.add(read([tmp_path / "hill.jsonl"], source="Hill"))
        calls = (index.get, index.resolve, index.similar, lambda name: index.delete([first, name]))
        for call in calls:
            with pytest.raises(NotFoundError, match="names at least 2 articles") as refused:
                call("17")
            assert first in str(refused.value)
            assert "Quay" in str(refused.value)
            assert "article_id" in refused.value.hint
        assert index.stats().articles == 6
        index.delete([first])
        assert index.get("17").metadata.article_id != first  # what was deleted has no name any more
        index.compact()
        assert index.get("17").metadata.title == "Quay"


def test_the_beginning_of_an_id_that_is_anothers_own_names_neither(hashing: Encoder, tmp_path: Path) -> None:
    quay = article("quay", "The harbour board opened a second quay.")
    beginning = quay.metadata.article_id[:8]
    wheat = article("wheat", "Wheat prices fell.", tags={"source_id": (beginning,)})
    whole = article("opera", "The opera house reopened.", tags={"source_id": (quay.metadata.article_id,)})
    with Index.build([quay, wheat, whole], tmp_path / "index", encoder=hashing) as index:
        with pytest.raises(NotFoundError, match="names at least 2 articles"):
            index.get(beginning)
        assert index.get(quay.metadata.article_id).metadata == index.get("https://news.example.org/quay").metadata


def with_metadata(**changes: object) -> Article:
    one = article("quay", "The harbour board opened a second quay.")
    return replace(one, metadata=replace(one.metadata, **changes))  # type: ignore[arg-type]


WRONG = {
    "a number": (with_metadata(article_id="2"), "'2' is not 20 hexadecimal digits"),
    "a UUID": (with_metadata(article_id=IDS["UUID"]), "is not 20 hexadecimal digits"),
    "nothing": (with_metadata(article_id=""), "is not 20 hexadecimal digits"),
    "no text": (with_metadata(article_id=17), "17 is not 20 hexadecimal digits"),
    "capitals": (with_metadata(article_id="0123456789ABCDEF0123"), "in lower case"),
    "other digits": (with_metadata(article_id="٠" * 20), "is not 20 hexadecimal digits"),
    "a line end": (with_metadata(article_id="0" * 20 + "\n"), "is not 20 hexadecimal digits"),
    "a title": (with_metadata(title=None), "None is no text"),
    "a surrogate": (with_metadata(title="\ud800"), "surrogates not allowed"),
    "authors": (with_metadata(authors="Ada Fox"), "'Ada Fox', not a tuple"),
    "tags": (with_metadata(tags={"topics": "wheat"}), "'wheat', not a tuple"),
    "numbers as tags": (with_metadata(tags={"topics": (5,)}), "5 is no text"),
    "a date": (with_metadata(published="2024-05-03"), "'2024-05-03', which is no Date"),
    "seconds": (with_metadata(published=Date("2024", 1 << 70, 1 << 70)), "is no second"),
    "no seconds": (with_metadata(updated=Date("2024", 1.5, 2)), "1.5 is no second"),  # type: ignore[arg-type]
    "a body": (Article(with_metadata().metadata, b"text"), "is no text"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("as_stream", [False, True], ids=["list", "stream"])
@pytest.mark.parametrize("case", WRONG)
def test_an_article_that_could_not_be_read_again_is_refused_before_anything_is_written(
    case: str, as_stream: bool, index: Index, hashing: Encoder, tmp_path: Path
) -> None:
    wrong, reason = WRONG[case]
    given = [*some_articles()[:3], replace(wrong, origin="mine.json:4")]
    before = index.stats()
    for call in (index.add, lambda source: Index.build(source, tmp_path / "new", encoder=hashing)):
        with pytest.raises(UsageError, match=reason) as refused:
            call(iter(given) if as_stream else given)
        assert str(refused.value).startswith("mine.json:4: ")
        assert refused.value.hint
    assert index.stats() == before
    assert Index.open(index.location).stats() == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("given", [{"author": "Ann Ash"}, "a text", 5, None])
def test_what_is_no_article_is_refused_with_what_to_do(given: object, index: Index) -> None:
    with pytest.raises(UsageError) as refused:
        index.add([given])
    assert "text" in refused.value.hint
    assert index.stats().articles == 12


def test_an_id_of_ones_own_is_a_tag(hashing: Encoder, tmp_path: Path) -> None:
    metadata = Metadata("0" * 20, "Quay", tags={"source_id": ("2",)})
    with Index.build([Article(metadata, "It opened.")], tmp_path / "index", encoder=hashing) as index:
        assert index.get("2").metadata.title == "Quay"
