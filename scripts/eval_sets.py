"""Reads the sets that ranking is measured on: articles, topics, and the right answers to each.

They are read from a folder of real text; no text is part of the project. `eval_gate.py` measures with them.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from semsearch.identity import seal
from semsearch.sources import read
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Metadata

LEAST_CHARACTERS = 200
"""Of a text that a headline should find: shorter ones are links to somebody else's article."""

Gains = Mapping[str, float]  # by article id
Ranges = tuple[str, Sequence[tuple[int, int]]]  # an article id, and the places of the answer in its text


@dataclass(frozen=True)
class EvalSet:
    """One set; either articles are right for a topic, or ranges of characters."""

    name: str
    articles: Sequence[Article]
    topics: Sequence[str]
    right: Sequence[Gains | Ranges]
    judged: frozenset[str] | None = None  # the judged articles, if not all were judged
    unanswerable: Sequence[str] = ()  # topics that no article answers


def is_reported(topic: str) -> bool:
    """Put a topic into the half that is reported, or the one to choose on, whatever the order."""
    return hashlib.sha256(topic.encode()).digest()[0] % 2 == 1


def sets(corpora: Path) -> dict[str, Callable[[], EvalSet]]:
    """Return the function that reads each set of a folder, by the set's name."""
    languages = ("en", "de", "es", "zh", "ru", "ar")
    return {
        **{f"xquad {language}": lambda language=language: xquad(corpora, language) for language in languages},
        "multihoprag": lambda: multihoprag(corpora),
        "chunking": lambda: chunking(corpora),
        "lee": lambda: lee(corpora),
        "fundus": lambda: fundus(corpora),
        "digitalgov": lambda: digitalgov(corpora),
    }


def made(name: str, title: str, text: str) -> Article:
    """Make an article whose id follows from a name."""
    article_id = hashlib.sha256(name.encode()).hexdigest()[:20]
    return seal(Metadata(article_id, normalise_line(title)), normalise_text(text))


def xquad(corpora: Path, language: str) -> EvalSet:
    """Questions and the paragraphs that answer them, each an article without a headline."""
    articles: list[Article] = []
    topics: list[str] = []
    right: list[Gains] = []
    for document in json.loads((corpora / f"xquad/xquad.{language}.json").read_text())["data"]:
        for paragraph in document["paragraphs"]:
            articles.append(made(f"xquad {len(articles)}", "", paragraph["context"]))
            for question in paragraph["qas"]:
                topics.append(question["question"])
                right.append({articles[-1].metadata.article_id: 1.0})
    return EvalSet(f"xquad {language}", articles, topics, right)


def multihoprag(corpora: Path) -> EvalSet:
    """News articles as headline and summary, without their publishers: the set names these for right articles alone."""
    folder = corpora / "multihoprag"
    articles = {
        row["doc_id"]: made(f"multihoprag {row['doc_id']}", row["title"], row["llm_summary"])
        for row in _lines(folder / "docs_summary.jsonl")
    }
    rows = list(_lines(folder / "queries_with_gold.jsonl"))
    answered = [row for row in rows if row["gold_doc_ids"]]
    right = [{articles[number].metadata.article_id: 1.0 for number in row["gold_doc_ids"]} for row in answered]
    return EvalSet(
        "multihoprag",
        list(articles.values()),
        [row["query"] for row in answered],
        right,
        unanswerable=[row["query"] for row in rows if not row["gold_doc_ids"]],
    )


def chunking(corpora: Path) -> EvalSet:
    """Five long texts and questions with the exact ranges that answer them. Texts stay as they are, for the ranges."""
    folder = corpora / "chunking"
    articles = {}
    for path in sorted((folder / "corpora").glob("*.md")):
        article_id = hashlib.sha256(path.stem.encode()).hexdigest()[:20]
        articles[path.stem] = seal(Metadata(article_id, ""), path.read_text(encoding="utf-8"))
    topics, right = [], []
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            topics.append(row["question"])
            ranges = [(reference["start_index"], reference["end_index"]) for reference in json.loads(row["references"])]
            right.append((articles[row["corpus_id"]].metadata.article_id, ranges))
    return EvalSet("chunking", list(articles.values()), topics, right)


def lee(corpora: Path) -> EvalSet:
    """Fifty short news texts, each a topic for the others, with people's judgements of their similarity."""
    folder = corpora / "lee"
    texts = (folder / "lee.cor").read_text(encoding="latin-1").strip().split("\n")
    background = (folder / "lee_background.cor").read_text(encoding="latin-1").strip().split("\n")
    articles = [made(f"lee {number}", "", text) for number, text in enumerate([*texts, *filter(str.strip, background)])]
    ids = [article.metadata.article_id for article in articles[: len(texts)]]
    rows = (folder / "similarities0-1.txt").read_text().strip().split("\n")
    table = [[float(value) for value in row.split()] for row in rows]
    count = len(ids)
    right = [
        {ids[y]: 2 ** (4 * max(table[x][y], table[y][x])) - 1 for y in range(count) if y != x} for x in range(count)
    ]
    return EvalSet("lee", articles, texts, right, frozenset(ids))


def fundus(corpora: Path) -> EvalSet:
    """News pages of six countries: each headline is a topic, its article without the headline the right answer."""
    by_headline: dict[str, Article] = {}
    for pair in json.loads((corpora / "fundus/pairs.json").read_text()):
        page = json.loads((corpora / "fundus" / pair["json"]).read_text())[pair["version"]]
        sections = (
            part for section in page["body"]["sections"] for part in (*section["headline"], *section["paragraphs"])
        )
        text = "\n\n".join([*page["body"]["summary"], *sections])
        headline = normalise_line(page["title"] or "")
        if headline and text.strip():
            by_headline.setdefault(headline, made(f"fundus {headline}", "", text))
    articles = list(by_headline.values())
    return EvalSet("fundus", articles, list(by_headline), list(map(_only, articles)))


def digitalgov(corpora: Path, topics: int = 600) -> EvalSet:
    """Take headlines of a government's blog as topics for its articles, indexed without them."""
    by_title: dict[str, list[Article]] = {}
    articles = []
    for article in read(corpora / "digitalgov/articles.jsonl"):
        if isinstance(article, Article):
            articles.append(made(article.metadata.article_id, "", article.text))
            by_title.setdefault(article.metadata.title, []).append(articles[-1])
    single = {title: articles[0] for title, articles in by_title.items() if title and len(articles) == 1}
    clear = [title for title, article in single.items() if len(article.text) > LEAST_CHARACTERS]
    chosen = sorted(clear, key=lambda title: hashlib.sha256(title.encode()).digest())[:topics]
    return EvalSet("digitalgov", articles, chosen, [_only(single[title]) for title in chosen])


def _only(article: Article) -> Gains:
    return {article.metadata.article_id: 1.0}


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
