"""`Index` asks any engine as it asks the local one, and gets the same answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from semsearch import Index, Query, identity, text
from semsearch.encoders import load_encoder
from semsearch.engines import begin_build
from semsearch.errors import NotFoundError
from semsearch.evaluation import evaluate, parse_measure
from semsearch.types import Answer, Article, GroupBy, Mode, Precision, Recipe, Sort
from tests.conftest import some_articles
from tests.making import article, day
from tests.memory_engine import Shelf

ENCODER = load_encoder("hashing:64")
RECIPE = Recipe(ENCODER.identity, 64, identity.VERSION, text.VERSION, cosines=ENCODER.cosines)
REPORT = (
    "The harbour board opened a second quay for container ships on Monday, and expects forty more of them each month. "
    "Neighbours had asked for a wall against the noise, which the board said would be built before the winter."
)
QUERIES = [
    Query("harbour quay", explain=True, context=1),
    Query("harbour quay", mode=Mode.LEXICAL),
    Query("a wall against the noise", mode=Mode.DENSE, group_by=GroupBy.PASSAGE),
    Query("harbour", group_by=GroupBy.PUBLISHER, sort=Sort.DATE),
    Query("talk of the town", group_by=GroupBy.COPIES, k=20, recency=90.0, as_of="2021"),
    Query("harbuor", excluded=("strike",)),
    Query("wheat prices", phrases=("record harvest",), emphasise=True, count=True),
]


def read_articles() -> list[Article]:
    """Twelve articles, and two of the same text."""
    carried = [
        article(f"carried {number}", REPORT, published=day(number), publisher=name, language="en")
        for number, name in enumerate(("Coast Courier", "Town Times"))
    ]
    return [*some_articles(), *carried]


@pytest.fixture(params=["local", "in memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An empty index; the engine in memory knows nothing of its folder, which does not exist."""
    place = tmp_path / "index"
    if request.param == "local":
        begin_build(place, RECIPE, replacing=False).finish()
        opened = Index.open(place, encoder=ENCODER)
    else:
        opened = Index(Shelf(RECIPE).make(place), place, ENCODER)
    with opened:
        yield opened


@pytest.fixture
def local(tmp_path: Path) -> Index:
    """What the others are compared with."""
    return Index.build(read_articles(), tmp_path / "compared", encoder=ENCODER, precision=Precision.F32)


def told(index: Index, queries: Sequence[Query]) -> list[Any]:
    """What is answered to each query."""
    return [comparable(answer) for answer in index.search_many(queries)]


def comparable(answer: Answer) -> Any:
    """What an answer says, but for the time that it took and when its articles were indexed; numbers to five digits."""

    def reduced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reduced(own) for key, own in value.items() if key not in ("indexed", "took_ms")}
        if isinstance(value, list | tuple):
            return [reduced(own) for own in value]
        return round(value, 5) if isinstance(value, float) else value

    return reduced(answer.to_dict())


def test_an_index_over_any_engine_is_built_asked_and_changed(index: Index, local: Index) -> None:
    summary = index.add(read_articles())
    assert (summary.added, len(index)) == (14, 14)
    assert index.add(read_articles()).unchanged == 14
    assert told(index, QUERIES) == told(local, QUERIES)
    assert [known.article_id for known in index.articles()] == [known.article_id for known in local.articles()]

    first = next(index.articles()).article_id
    assert index.get(first[:8]).metadata == index.get(index.get(first).metadata.url or "").metadata
    assert comparable(index.similar(first)) == comparable(local.similar(first))
    assert index.facets("harbour").to_dict() == local.facets("harbour").to_dict()
    assert index.facets(copies="once").to_dict() == local.facets(copies="once").to_dict()
    assert index.timeline().to_dict() == local.timeline().to_dict()
    assert index.coverage().to_dict() == local.coverage().to_dict()
    assert [one.article_id for one in index.sample(3)] == [one.article_id for one in local.sample(3)]
    assert index.vectors([first]) == pytest.approx(local.vectors([first]), abs=1e-6)
    assert index.unmet(publishers="Coast Curier") == local.unmet(publishers="Coast Curier")
    assert not index.verify().damages

    assert set(index.delete(publishers="Town Times")) == set(local.delete(publishers="Town Times"))
    index.compact()
    assert told(index, QUERIES) == told(local, QUERIES)
    with pytest.raises(NotFoundError):
        index.get("https://news.example.org/strike")


def test_two_indexes_share_an_engine_s_articles(tmp_path: Path) -> None:
    shelf, place = Shelf(RECIPE), tmp_path / "nowhere"
    writing, reading = Index(shelf.make(place), place, ENCODER), Index(shelf.reopen(place), place, ENCODER)
    writing.add(read_articles()[:3])
    assert (len(writing), len(reading)) == (3, 0)
    assert reading.refresh()
    assert not reading.refresh()
    assert len(reading) == 3
    assert not place.exists()


def test_rankings_over_any_engine_are_measured_alike(index: Index, local: Index) -> None:
    index.add(read_articles())
    topics = {known.article_id: known.title for known in local.articles()}
    runs = {
        name: {
            topic: [(hit.article.article_id, hit.score) for hit in answer.hits]
            for topic, answer in zip(topics, one.search_many(list(topics.values())), strict=True)
        }
        for name, one in (("any", index), ("local", local))
    }
    found = evaluate([parse_measure("nDCG@10")], {topic: {topic: 1} for topic in topics}, runs)
    first, second = (system.means[0].mean for system in found.systems)
    assert first == pytest.approx(second, abs=1e-6)
    assert first > 0.9
