"""Measure how time, memory and disk grow with the number of passages, on texts and vectors that are like real ones.

    python scripts/bench_scale.py CORPORA WORK [--sizes 10000 100000] [--queries 200] [--plot FILE.svg]

CORPORA is the folder with digitalgov/, reuters21578/ and multihoprag/. WORK keeps what is expensive: the vectors of the
real passages (encoded once, some 100 s) and an index for each size; both are used again when they are there.

An article is made of real sentences. It walks from one real passage to one of its 16 nearest neighbours, and so on.
From each passage on its way it takes half of the sentences, and the others from neighbours of that passage, with other
digits and other names in them: so two articles may report about the same thing, but hardly ever in the same words. One
article in 20 carries the text of another one, as a second outlet would. The vector is a point between the vectors of
the passage and of a neighbour, moved by half the difference of another pair of neighbours. So no vector is an encoded
one, but every direction in which one differs from another is a direction in which real passages differ. The script
prints the cosine with the nearest and the tenth-nearest other passage, of real and of made ones among as many. The same
numbers give the same bytes.

Queries are runs of 1 to 30 words of passages that no article is made from. The encoder's time is included.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice, pairwise
from math import log10
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch import identity, text
from semsearch.answering import checked, ranking
from semsearch.chunking import PASSAGE_TOKENS, prepare
from semsearch.encoders import load_encoder
from semsearch.engines import begin_build, open_engine
from semsearch.index import Index
from semsearch.ports import Encoder, Entry, Matrix
from semsearch.sources import read
from semsearch.types import Article, Date, Filters, Metadata, Mode, Passage, Precision, Query, Recipe, Sort

CORPORA = ("digitalgov/articles.jsonl", "reuters21578/articles.jsonl", "multihoprag/docs_summary.jsonl")
REAL_PASSAGES = 24_000
HELD_OUT = 12
"""One in this many real articles is used for queries only."""

NEIGHBOURS = 16
PASSAGES = (3, 12)  # of an article: from, below
MOST_SENTENCES = 12  # of a passage
REPUBLISHED = 20
"""One in so many articles carries the text of another one."""

NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
LONGEST_QUERY = 30
PUBLISHERS = [f"Outlet {number}" for number in range(40)]
SHARES = {"50%": 1000, "5%": 100, "0.5%": 10, "0.05%": 1}  # section -> articles of 2,000
FIRST_DAY = 1_420_070_400  # 2015-01-01
DAYS = 4_000
DAY = 86_400
BATCH = 2_000
WARMING = 10


@dataclass(frozen=True)
class Real:
    """The real passages that articles are made from."""

    titles: Sequence[str]  # of the article of each passage
    sentences: Sequence[Sequence[str]]  # of each passage
    vectors: Matrix
    names: Sequence[str]  # words in their sentences that are written as names, as often as they occur
    neighbours: npt.NDArray[np.int64]  # (passages, NEIGHBOURS), the nearest first, none of the same article
    queries: Sequence[str]  # passages of other articles


def real_passages(corpora: Path, work: Path, encoder: Encoder) -> Real:
    """Read, cut and encode real articles, or load the results of an earlier run."""
    file = work / "real.json"
    if not file.exists():
        articles = [piece for name in CORPORA for piece in read(str(corpora / name)) if isinstance(piece, Article)]
        order = np.random.default_rng(1).permutation(len(articles)).tolist()
        prepared = [(number, piece) for number in order for piece in prepare(articles[number], encoder, PASSAGE_TOKENS)]
        used = [(number, piece) for number, piece in prepared if number % HELD_OUT][:REAL_PASSAGES]
        held_out = [piece.passage.text for number, piece in prepared if not number % HELD_OUT][:REAL_PASSAGES]
        started = time.perf_counter()
        vectors = encoder.encode_passages([piece.embedding_text for _, piece in used])
        print(f"{len(used):,} real passages encoded in {time.perf_counter() - started:.0f} s")
        np.save(work / "real.npy", vectors)
        content = {
            "articles": [number for number, _ in used],
            "titles": [articles[number].metadata.title for number, _ in used],
            "sentences": [sentences_of(piece.passage.text) for _, piece in used],
            "queries": held_out,
        }
        file.write_text(json.dumps(content), encoding="utf-8")
    content = json.loads(file.read_text(encoding="utf-8"))
    vectors = np.load(work / "real.npy")
    neighbours = nearest(vectors, np.array(content["articles"]))
    names = [name for sentences in content["sentences"] for sentence in sentences for name in NAME.findall(sentence)]
    return Real(content["titles"], content["sentences"], vectors, names, neighbours, content["queries"])


def sentences_of(passage: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    return [" ".join(passage[start:end].split()) for start, end in text.sentence_spans(passage)]


def nearest(vectors: Matrix, articles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return (passages, NEIGHBOURS): the nearest passages of other articles to each, the nearest first."""
    neighbours = np.empty((len(vectors), NEIGHBOURS), dtype=np.int64)
    for begin in range(0, len(vectors), 2_000):
        cosines = vectors[begin : begin + 2_000] @ vectors.T
        cosines[articles[begin : begin + 2_000, np.newaxis] == articles] = -1
        best = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1)
        neighbours[begin : begin + 2_000] = np.take_along_axis(best, order, axis=1)
    return neighbours


def unit(vectors: npt.NDArray[Any]) -> Matrix:
    """Return rows at unit length."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def made_articles(real: Real, passages: int) -> Iterator[Entry]:
    """Yield articles until they have this many passages in all."""
    number = total = 0
    while total < passages:
        draw = np.random.default_rng([2, number])
        counts = draw.integers(*PASSAGES, BATCH)
        size = int(counts.sum())
        bases, partners, pair = walked(real, counts, draw)
        between = draw.random((size, 1)) * 0.5
        moved = real.vectors[pair[:, 0]] - real.vectors[pair[:, 1]]
        vectors = unit((1 - between) * real.vectors[bases] + between * real.vectors[partners] + 0.5 * moved)
        texts = list(retold_passages(real, bases, draw))
        sampled = draw.integers(0, 2_000, BATCH).tolist()
        days = draw.integers(0, DAYS, BATCH).tolist()
        end = 0
        told: tuple[str, list[str], Matrix] | None = None
        for offset, (count, place, day) in enumerate(zip(counts.tolist(), sampled, days, strict=True)):
            begin, end = end, end + count
            if told is None or offset % REPUBLISHED:
                told = real.titles[bases[begin]], texts[begin:end], vectors[begin:end]
            title, paragraphs, own_vectors = told
            yield made_article(number + offset, title, paragraphs, own_vectors, section_of(place), day)
            total += len(paragraphs)
            if total >= passages:
                return
        number += BATCH


def walked(real: Real, counts: npt.NDArray[np.int64], draw: np.random.Generator) -> tuple[npt.NDArray[np.int64], ...]:
    """Return for each passage of articles the real one that it is made from, a neighbour of it, and two more (n, 2)."""
    steps = draw.integers(0, NEIGHBOURS, (int(counts.sum()), 4))
    bases = np.empty(len(steps), dtype=np.int64)
    firsts = np.cumsum(counts) - counts
    positions = draw.integers(0, len(real.vectors), len(counts))
    for turn in range(PASSAGES[1]):
        going = counts > turn
        if turn:
            positions[going] = real.neighbours[positions[going], steps[firsts[going] + turn, 0]]
        bases[firsts[going] + turn] = positions[going]
    partners = real.neighbours[bases, steps[:, 1]]
    pair_start = real.neighbours[bases, steps[:, 2]]
    return bases, partners, np.stack([pair_start, real.neighbours[pair_start, steps[:, 3]]], axis=1)


def retold_passages(real: Real, bases: npt.NDArray[np.int64], draw: np.random.Generator) -> Iterator[str]:
    """Yield a paragraph for each real passage: some of its sentences and some of its neighbours', with other details.

    Details are names and the digits of numbers.
    """
    tellers = draw.integers(0, 2 * NEIGHBOURS, (len(bases), MOST_SENTENCES))  # a neighbour, or the passage itself
    places = draw.integers(0, 1 << 16, tellers.shape)
    digits = draw.integers(0, 10, (len(bases), 8)).astype("U1").tolist()
    names = draw.integers(0, len(real.names), (len(bases), 8))
    for passage, base in enumerate(bases.tolist()):
        sentences = list(real.sentences[base][:MOST_SENTENCES])
        for index, (teller, place) in enumerate(zip(tellers[passage].tolist(), places[passage].tolist(), strict=True)):
            if index < len(sentences) and teller < NEIGHBOURS:
                others = real.sentences[real.neighbours[base, teller]]
                sentences[index] = others[place % len(others)] if others else sentences[index]
        coming_digits, coming_names = cycle(digits[passage]), cycle(names[passage].tolist())
        paragraph = NAME.sub(lambda _, coming=coming_names: real.names[next(coming)], " ".join(sentences))
        yield re.sub(r"\d", lambda _, coming=coming_digits: next(coming), paragraph)


def section_of(place: int) -> str:
    """Return the section of an article, by a number below 2,000."""
    for section, size in SHARES.items():
        if place < size:
            return section
        place -= size
    return "rest"


def made_article(number: int, title: str, paragraphs: Sequence[str], vectors: Matrix, section: str, day: int) -> Entry:
    """Return an article of these passages, a paragraph each."""
    url = f"https://news.example.org/{number}"
    start = FIRST_DAY + day * DAY
    metadata = Metadata(
        identity.url_id(url) or "",
        title or f"Report {number}",
        url=url,
        publisher=PUBLISHERS[number % len(PUBLISHERS)],
        published=Date(str(np.datetime64(start, "s").astype("datetime64[D]")), start, start + DAY - 1),
        indexed="2026-01-05T08:12:44Z",
        language="en",
        section=section,
    )
    article = identity.seal(metadata, "\n\n".join(paragraphs))
    ends = np.cumsum([len(paragraph) + 2 for paragraph in paragraphs]).tolist()
    spans = [(end - 2 - len(paragraph), end - 2) for paragraph, end in zip(paragraphs, ends, strict=True)]
    passages = [
        Passage(metadata.article_id, ordinal, start, end, article.text[start:end])
        for ordinal, (start, end) in enumerate(spans)
    ]
    keys = [number.to_bytes(8, "big") + ordinal.to_bytes(8, "big") for ordinal in range(len(passages))]
    headline = vectors[0] if metadata.article_id[0] == "0" else None
    return Entry(article, passages, vectors, 0, keys, headline=headline)


def build(real: Real, folder: Path, passages: int, encoder: Encoder, precision: Precision) -> dict[str, float]:
    """Build an index of so many passages through the writer; return the seconds that it took."""
    if (folder / "manifest.json").exists():
        return {}
    shutil.rmtree(folder, ignore_errors=True)
    recipe = Recipe(encoder.identity, PASSAGE_TOKENS, identity.VERSION, text.VERSION, precision=precision)
    engine = begin_build(folder, recipe, replacing=False)
    seconds = {"adding": 0.0}
    started = time.perf_counter()
    entries = made_articles(real, passages)
    with engine.writer() as writer:
        while batch := list(islice(entries, BATCH)):
            before = time.perf_counter()
            for entry in batch:
                writer.add(entry)
            seconds["adding"] += time.perf_counter() - before
        before = time.perf_counter()
        writer.compact()
    engine.finish()
    engine.close()
    return seconds | {"compacting": time.perf_counter() - before, "in all": time.perf_counter() - started}


def made_queries(real: Real, count: int) -> list[str]:
    """Return queries of 1 to 30 words, as many of each length as of another."""
    draw = np.random.default_rng(3)
    queries = []
    for number in range(count):
        length = number % LONGEST_QUERY + 1
        words: list[str] = []
        while len(words) < length:
            words = re.findall(r"\w[\w'-]*", real.queries[int(draw.integers(len(real.queries)))])
        begin = int(draw.integers(len(words) - length + 1))
        queries.append(" ".join(words[begin : begin + length]))
    return queries


def common_words(real: Real, count: int) -> tuple[list[str], list[str]]:
    """Return the commonest words of five letters or more, and the commonest pairs of words."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for sentences in real.sentences[:: max(1, len(real.sentences) // 4_000)]:
        for sentence in sentences:
            sentence_words = re.findall(r"[a-z]+", sentence.lower())
            words.update(word for word in set(sentence_words) if len(word) >= 5)
            pairs.update(set(pairwise(sentence_words)))
    return [word for word, _ in words.most_common(count)], [" ".join(pair) for pair, _ in pairs.most_common(count)]


def operations(index: Index, real: Real, queries: Sequence[str]) -> dict[str, Callable[[int], object]]:
    """Return the operations to measure, by name; each takes the number of its turn."""
    words, pairs = common_words(real, 20)
    rare = [pair for pair in (" ".join(query.split()[:2]) for query in queries) if " " in pair]
    ids = [article.article_id for article in islice(index.articles(), 200)]

    def asks(**settings: Any) -> Callable[[int], object]:
        return lambda turn: index.search(replace(Query(queries[turn % len(queries)], timeout=None), **settings))

    def with_filter(section: str) -> Callable[[int], object]:
        return asks(filters=Filters(sections=frozenset({section})))

    return {
        "hybrid": asks(),
        "dense": asks(mode=Mode.DENSE),
        "lexical": asks(mode=Mode.LEXICAL),
        "k = 100": asks(k=100),
        "phrase": lambda turn: asks(phrases=(rare[turn % len(rare)],))(turn),
        "phrase, common": lambda turn: asks(phrases=(pairs[turn % len(pairs)],))(turn),
        "excluded": lambda turn: asks(excluded=(words[turn % len(words)],))(turn),
        **{f"filter {section}": with_filter(section) for section in SHARES},
        "newest first": asks(sort=Sort.DATE),
        "similar": lambda turn: index.similar(ids[turn % len(ids)], timeout=None),
        "list, first 20": lambda _: list(islice(index.articles(), 20)),
    }


def measure(folder: Path, real: Real, arguments: argparse.Namespace) -> dict[str, Any]:
    """Open an index, run all operations and return the times. To be run in a process of its own."""
    started = time.perf_counter()
    index = Index.open(folder)
    opening = time.perf_counter() - started
    queries = made_queries(real, arguments.queries)
    started = time.perf_counter()
    index.search(Query(queries[0], timeout=None))
    first = time.perf_counter() - started
    took: dict[str, Mapping[str, float]] = {}
    for name, ask in operations(index, real, queries).items():
        if arguments.only and not any(name.startswith(only) for only in arguments.only):
            continue
        took[name] = timed(ask, arguments.queries, arguments.seconds)
    stats = index.stats()
    ids = [article.article_id for article in islice(index.articles(), 200)]
    _, found = ranking(checked(Query(queries[0], timeout=None)), open_engine(folder), lambda: load_encoder(None))
    result = {
        "possible_copies": float(np.mean(list(map(len, found.alike(ids))))),
        "passages": stats.passages,
        "articles": stats.articles,
        "segments": stats.segments,
        "opening_ms": 1000 * opening,
        "first_query_ms": 1000 * first,
        "resident_mb": resident_megabytes(),
        "bytes_a_passage": stats.size_bytes / stats.passages,
        "took": took,
    }
    if arguments.recall:
        result["recall"] = recall(index, queries)
    return result


def timed(ask: Callable[[int], object], turns: int, seconds: float) -> Mapping[str, float]:
    """Ask `turns` times, or as often as `seconds` allow; return percentiles and the processor's time, in ms."""
    ended = time.perf_counter() + seconds
    for turn in range(min(WARMING, turns)):
        ask(turn)
    wall, processor = [], []
    for turn in range(turns):
        started, computed = time.perf_counter(), time.process_time()
        ask(turn)
        wall.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - computed))
        if time.perf_counter() > ended:
            break
    p50, p95, p99 = np.percentile(wall, [50, 95, 99]).tolist()
    return {"p50": p50, "p95": p95, "p99": p99, "processor": float(np.median(processor)), "turns": len(wall)}


def recall(index: Index, queries: Sequence[str]) -> float:
    """Return the share of the ten best articles of exact answers that usual answers have."""
    exact: dict[str, Any] = {"exact": True}
    shares = []
    for query in queries:
        wanted = {hit.article.article_id for hit in index.search(replace(Query(query, timeout=None), **exact)).hits}
        got = {hit.article.article_id for hit in index.search(Query(query, timeout=None)).hits}
        shares.append(len(wanted & got) / max(1, len(wanted)))
    return float(np.mean(shares))


def resident_megabytes() -> float:
    """Return the memory of this process, including pages of mapped files; on Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def compare_geometry(real: Real) -> None:
    """Print how near the nearest passages are, of real ones and of as many made ones."""
    count = len(real.vectors)
    made_vectors = np.concatenate([entry.vectors for entry in made_articles(real, count)])[:count]
    print(f"cosines with other passages, {count:,} of each: nearest and tenth-nearest, median (5 % to 95 %)")
    for name, vectors in (("real", real.vectors), ("made", made_vectors)):
        cosines = vectors[::20] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(0, len(vectors), 20)] = -1
        best = -np.partition(-cosines, 10, axis=1)[:, :10]
        kinds = {"nearest": best.max(axis=1), "tenth": best.min(axis=1), "any": cosines.ravel()[::97]}
        for rank, values in kinds.items():
            low, middle, high = np.percentile(values, [5, 50, 95])
            print(f"  {name} {rank:8} {middle:.3f} ({low:.3f} to {high:.3f})")


def show(result: Mapping[str, Any], built: Mapping[str, float], folder: Path) -> None:
    """Print the results for one size."""
    print(
        f"\n{result['passages']:,} passages of {result['articles']:,} articles, {result['segments']} segments; "
        f"opening {result['opening_ms']:.0f} ms, first query {result['first_query_ms']:.0f} ms, resident "
        f"{result['resident_mb']:,.0f} MB, {result['bytes_a_passage']:,.0f} bytes a passage; an article has "
        f"{result['possible_copies']:.1f} possible copies on average"
    )
    if built:
        print("built in", ", ".join(f"{seconds:.0f} s {name}" for name, seconds in built.items()))
    if "recall" in result:
        print(f"recall@10 against exact answers {result['recall']:.4f}")
    print(f"{'':18}{'p50 ms':>9}{'p95':>9}{'p99':>9}{'processor':>11}{'turns':>7}")
    for name, took in result["took"].items():
        times = "".join(f"{took[percentile]:>9.2f}" for percentile in ("p50", "p95", "p99"))
        print(f"{name:18}{times}{took['processor']:>11.2f}{took['turns']:>7.0f}")
    sizes = Counter[str]()
    for path in folder.rglob("*"):
        if path.is_file():
            sizes[path.name if path.parent.name != "segments" else "deleted"] += path.stat().st_size
    largest = ", ".join(f"{name} {size / result['passages']:.0f}" for name, size in sizes.most_common(12))
    print(f"bytes a passage: {largest}")


def plot(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw medians by size, both axes logarithmic, as SVG."""
    colours = {"hybrid": "#0b6", "dense": "#06c", "lexical": "#c60", "phrase": "#a0a", "filter 0.5%": "#888"}
    width, height, left, top = 640, 400, 60, 20
    sizes = [result["passages"] for result in results]
    times = [result["took"][name]["p50"] for result in results for name in colours if name in result["took"]]
    low, high = np.floor(log10(min(times))), np.ceil(log10(max(times)))
    first, last = log10(min(sizes)), max(log10(max(sizes)), log10(min(sizes)) + 0.1)

    def x(size: float) -> float:
        return left + (log10(size) - first) / (last - first) * (width - left - 120)

    def y(milliseconds: float) -> float:
        return top + (high - log10(milliseconds)) / max(1, high - low) * (height - top - 40)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="14">median time of a query, ms, by number of passages</text>',
    ]
    for power in range(int(low), int(high) + 1):
        line_y = y(10.0**power)
        parts.append(f'<path d="M{left} {line_y:.1f}H{width - 120}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{line_y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    parts += [f'<text x="{x(size):.1f}" y="{height - 12}" text-anchor="middle">{size:,}</text>' for size in sizes]
    for name, colour in colours.items():
        measured = [result for result in results if name in result["took"]]
        points = [(x(result["passages"]), y(result["took"][name]["p50"])) for result in measured]
        if points:
            line = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            across, down = points[-1]
            parts.append(f'<text x="{across + 6:.1f}" y="{down + 4:.1f}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def main() -> None:
    """Build missing indexes, measure each size in a process of its own, print and plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="passages")
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    parser.add_argument("--seconds", type=float, default=10.0, help="that each kind may take")
    parser.add_argument("--only", nargs="+", help="kinds whose names begin so")
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    parser.add_argument("--recall", action="store_true", help="also compare with exact answers")
    parser.add_argument("--geometry", action="store_true", help="compare made vectors with real ones")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder(None, arguments.precision)
    real = real_passages(arguments.corpora, arguments.work, encoder)
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, real, arguments)))
        return
    if arguments.geometry:
        compare_geometry(real)
    results = []
    for size in arguments.sizes:
        folder = arguments.work / f"index-{size}"
        built = build(real, folder, size, encoder, arguments.precision)
        process = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--measure", str(folder)], check=True, capture_output=True
        )
        results.append(json.loads(process.stdout.splitlines()[-1]))
        show(results[-1], built, folder)
    if arguments.plot:
        plot(results, arguments.plot)


if __name__ == "__main__":
    main()
