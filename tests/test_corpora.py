"""The main job on real text. Nothing of that text is written down here: facts about it are."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from semsearch import Article, Filters, Index, read

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.corpora, pytest.mark.slow, pytest.mark.model]


@pytest.fixture(scope="module")
def digitalgov(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index.build(corpora / "digitalgov" / "articles.jsonl", tmp_path_factory.mktemp("digitalgov") / "index")


def test_a_person_would_pick_the_first_passage(digitalgov: Index) -> None:
    answer = digitalgov.search("open source strategy", k=5)
    assert "open source" in answer.hits[0].text.lower()
    assert "strategy" in answer.hits[0].text.lower()


def test_every_article_is_there_and_nothing_is_cut_off(digitalgov: Index, corpora: Path) -> None:
    with (corpora / "digitalgov" / "articles.jsonl").open(encoding="utf-8") as lines:
        days = sorted(json.loads(line)["date"][:10] for line in lines)
    stats = digitalgov.stats()
    assert stats.articles == len(days)
    assert stats.truncated == 0
    assert stats.undated == 0
    assert ((stats.first or "")[:10], (stats.last or "")[:10]) == (days[0], days[-1])


def test_the_passages_of_real_articles_quote_them(digitalgov: Index) -> None:
    for query in ("accessibility", "open data", "mobile applications", "plain language"):
        for hit in digitalgov.search(query, k=20, filters=Filters(since="2015", until="2020")).hits:
            article = digitalgov.get(hit.article.article_id)
            assert article.text[hit.passage.start : hit.passage.end] == hit.text
            assert hashlib.sha256(article.text.encode()).hexdigest() == hit.article.sha256
            assert hit.article.published
            assert "2015" <= hit.article.published.text[:4] <= "2020"


def test_the_article_is_found_in_a_page_dump(corpora: Path, tmp_path: Path) -> None:
    index = Index.build(corpora / "pages", tmp_path / "index")
    [metadata] = index.articles()
    assert metadata.published is None
    hit = index.search("open source strategy").hits[0]
    assert "open-source" in hit.text
    assert 0 in {hit.passage.ordinal, *(excerpt.passage.ordinal for excerpt in hit.more)}, "the lead says it best"
    article = index.get(metadata.article_id)
    assert not any("\u4e00" <= char <= "\u9fff" for char in article.text)


@pytest.mark.parametrize(
    ("folder", "articles", "undated"),
    [
        ("digitalgov/articles.jsonl", 2_070, 0),
        ("digitalgov/markdown", 2_070, 0),
        ("reuters21578/articles.jsonl", 20_800, 2),
    ],
)
def test_readers_read_whole_corpora(corpora: Path, folder: str, articles: int, undated: int) -> None:
    found = [reading for reading in read(corpora / folder) if isinstance(reading, Article)]
    assert len({article.metadata.article_id for article in found}) >= articles
    assert sum(article.metadata.published is None for article in found) == undated


@pytest.mark.parametrize("script", ["eval_extract.py", "eval_dumps.py"])
def test_articles_are_found_in_real_pages_as_well_as_was_measured(corpora: Path, script: str) -> None:
    if script == "eval_dumps.py":
        for program in ("html2text", "inscriptis"):
            pytest.importorskip(program, reason=f"{program} dumps the pages: pip install 'semsearch[eval]'")
    command = [sys.executable, ROOT / "scripts" / script, corpora, "--gate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
