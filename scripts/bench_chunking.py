"""Choose the budget of a passage by measurement: evidence within reach, and the article that a headline belongs to.

    python scripts/bench_chunking.py CORPORA [--budgets 48 64 96 …] [--articles 900]

CORPORA holds `chunking/` (questions with the character ranges that answer them), `digitalgov/` and `fundus/` (articles
whose headline should find their body; the headline is not embedded with the passages here, it would give the answer
away). Every set is split by a digest of its questions into a half to choose on and a half to report.
"""

import argparse
import csv
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semsearch.chunking import prepare
from semsearch.encoders import load_encoder
from semsearch.identity import seal
from semsearch.ports import Encoder, Matrix
from semsearch.sources import read
from semsearch.text import normalise_text
from semsearch.types import Article, Metadata

READ_CHARACTERS = 2_000
"""What a person or a language model reads of an answer: budgets are compared at equal reading, not at equal k."""

DEPTH = 10


@dataclass(frozen=True)
class Cell:
    """One measure of one budget on one set: the half to choose on, the half to report."""

    chosen_on: float
    reported: float


def is_reported(question: str) -> bool:
    """Put a question into one half, whatever the order or the set."""
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


def halves(questions: Sequence[str], values: Sequence[float]) -> Cell:
    """Average each half."""
    marks = np.array([is_reported(question) for question in questions])
    scores = np.array(values)
    return Cell(float(scores[~marks].mean()), float(scores[marks].mean()))


def bare(text: str, name: str) -> Article:
    """Make an article without a headline."""
    return seal(Metadata(hashlib.sha256(name.encode()).hexdigest()[:20], ""), text)


def embed(articles: Iterable[Article], encoder: Encoder, budget: int) -> tuple[list[tuple[int, int, int]], Matrix]:
    """Return every passage as (article, start, end), and its vector."""
    rows, texts = [], []
    for number, article in enumerate(articles):
        for prepared in prepare(article, encoder, budget):
            rows.append((number, prepared.passage.start, prepared.passage.end))
            texts.append(prepared.embedding_text)
    return rows, encoder.encode_passages(texts)


def evidence(folder: Path, encoder: Encoder, budget: int) -> Iterator[tuple[str, Cell]]:
    """Measure how much of the answering text is among the first READ_CHARACTERS that are read, and how dense it is."""
    csv.field_size_limit(sys.maxsize)
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as stream:
        questions = list(csv.DictReader(stream))
    found: dict[str, tuple[float, float]] = {}
    for name in sorted({question["corpus_id"] for question in questions}):
        text = (folder / "corpora" / f"{name}.md").read_text(encoding="utf-8")
        rows, vectors = embed([bare(text, name)], encoder, budget)
        own = [question for question in questions if question["corpus_id"] == name]
        scores = encoder.encode_queries([question["question"] for question in own]) @ vectors.T
        for question, ranking in zip(own, np.argsort(-scores, axis=1), strict=True):
            wanted = np.zeros(len(text), dtype=bool)
            for reference in json.loads(question["references"]):
                wanted[reference["start_index"] : reference["end_index"]] = True
            read_now = np.zeros(len(text), dtype=bool)
            for row in ranking:
                _, start, end = rows[row]
                room = READ_CHARACTERS - int(read_now.sum())
                read_now[start : min(end, start + room)] = True
                if room <= end - start:
                    break
            both = int((wanted & read_now).sum())
            found[f"{name}: {question['question']}"] = (both / wanted.sum(), both / (wanted | read_now).sum())
    yield "evidence recall", halves(list(found), [recall for recall, _ in found.values()])
    yield "evidence IoU", halves(list(found), [overlap for _, overlap in found.values()])


def headline_to_body(articles: Sequence[Article], encoder: Encoder, budget: int) -> Cell:
    """Measure nDCG@10 of each headline for its own article, which ranks by its best passage."""
    rows, vectors = embed([bare(article.text, article.metadata.article_id) for article in articles], encoder, budget)
    owners = np.array([number for number, _, _ in rows])
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    titles = [article.metadata.title for article in articles]
    scores = encoder.encode_queries(titles) @ vectors.T
    best = np.maximum.reduceat(scores, starts, axis=1)
    ranks = (best > np.diagonal(best)[:, np.newaxis]).sum(axis=1)
    return halves(titles, [1 / np.log2(rank + 2) if rank < DEPTH else 0.0 for rank in ranks])


def digitalgov(folder: Path, limit: int) -> list[Article]:
    """Read articles with a body of their own, spread over the years."""
    articles = [
        article
        for article in read(folder / "articles.jsonl")
        if isinstance(article, Article) and article.metadata.title and "text_from" not in article.metadata.tags
    ]
    articles.sort(key=lambda article: article.metadata.article_id)
    return articles[:limit]


def fundus(folder: Path) -> list[Article]:
    """Read the pages' true titles and paragraphs, in every language."""
    found = []
    for path in sorted(folder.glob("*/*.json")):
        for version, page in json.loads(path.read_text(encoding="utf-8")).items():
            sections = page["body"]["sections"] if page.get("body") else []
            text = normalise_text("\n\n".join(line for section in sections for line in section["paragraphs"]))
            if text and page.get("title"):
                digest = hashlib.sha256(f"{path} {version}".encode()).hexdigest()[:20]
                found.append(seal(Metadata(digest, page["title"]), text))
    return found


def main() -> None:
    """Print one row a budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--budgets", type=int, nargs="+", default=[48, 64, 96, 128, 160, 200])
    parser.add_argument("--articles", type=int, default=900, help="of digitalgov")
    parser.add_argument("--model")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model)
    posts = digitalgov(arguments.corpora / "digitalgov", arguments.articles)
    pages = fundus(arguments.corpora / "fundus")
    print(f"{len(posts)} articles of digitalgov, {len(pages)} of fundus; each cell: chosen on / reported")
    for budget in arguments.budgets:
        started = time.perf_counter()
        cells = dict(evidence(arguments.corpora / "chunking", encoder, budget))
        cells["digitalgov nDCG@10"] = headline_to_body(posts, encoder, budget)
        cells["fundus nDCG@10"] = headline_to_body(pages, encoder, budget)
        row = " · ".join(f"{name} {cell.chosen_on:.3f} / {cell.reported:.3f}" for name, cell in cells.items())
        compared = [cell for name, cell in cells.items() if name != "evidence IoU"]
        chosen_on = float(np.mean([cell.chosen_on for cell in compared]))
        reported = float(np.mean([cell.reported for cell in compared]))
        seconds = time.perf_counter() - started
        print(f"{budget:>4} tokens: {row} · mean {chosen_on:.4f} / {reported:.4f} ({seconds:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
