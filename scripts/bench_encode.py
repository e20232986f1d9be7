"""Measure how fast passages are encoded, whether the vectors agree, and how much of it a whole build keeps.

    python scripts/bench_encode.py ARTICLES [--articles 500] [--rounds 3] [--queries 200] [--sweep]
    python scripts/bench_encode.py ARTICLES [--articles 500] [--rounds 3] --models multilingual …

ARTICLES is anything that `semsearch read` takes. The ways to encode take turns within each round, so that a machine
that slows down slows all of them; each figure is the median of the rounds and the ratio is the median of the rounds'
ratios. Tokens are the model's own, special ones included, padding not. With --models the default model is compared with
others instead, which take turns in the same way, by the time of all processors: other work on the machine counts less.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from semsearch.chunking import PASSAGE_TOKENS, prepare
from semsearch.encoders import compiled, load_encoder
from semsearch.encoders.models import DEFAULT_MODEL, open_model
from semsearch.encoders.transformer import TransformerEncoder
from semsearch.index import Index
from semsearch.ports import Encoder, Matrix
from semsearch.sources import read
from semsearch.threads import threads
from semsearch.types import Article, Precision

LIBRARY = "SentenceTransformer.encode, defaults"
TOP = 10

Encode = Callable[[Sequence[str]], Matrix]


def library() -> Encode:
    """Return the function that most programs call."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(open_model(DEFAULT_MODEL).path), device="cpu", local_files_only=True)
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def ways() -> dict[str, Encode]:
    """Return every way to encode; ratios are taken to the first one."""
    return {
        LIBRARY: library(),
        "torch, sorted by length, batches by tokens": TransformerEncoder(open_model(DEFAULT_MODEL)).encode_passages,
        "compiled, f32": load_encoder(precision=Precision.F32).encode_passages,
        "compiled, auto": load_encoder().encode_passages,
    }


def timed(task: Callable[[], object]) -> float:
    """Return wall seconds."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def rounds(tasks: Mapping[str, Callable[[], object]], count: int) -> dict[str, list[float]]:
    """Let the tasks take turns, and return each one's seconds by round."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(count):
        for name, task in tasks.items():
            seconds[name].append(timed(task))
    return seconds


def ratio(denominators: Sequence[float], numerators: Sequence[float]) -> float:
    """Return the median of the rounds' ratios of `numerators` to `denominators`."""
    return statistics.median(b / a for a, b in zip(denominators, numerators, strict=True))


def agreement(ours: Matrix, theirs: Matrix, questions: Matrix, other_questions: Matrix) -> str:
    """Compare vectors of the same texts, and the best ten passages of the same questions."""
    cosines = (ours.astype(np.float64) * theirs).sum(axis=1)
    best = [
        np.argsort(-(of @ vectors.T), axis=1)[:, :TOP] for of, vectors in ((questions, ours), (other_questions, theirs))
    ]
    shared = np.mean([len(set(a) & set(b)) / TOP for a, b in zip(*best, strict=True)])
    return f"cosine {cosines.mean():.6f} mean, {cosines.min():.6f} least; top-{TOP} overlap {shared:.4f}"


def compare_speed(texts: Sequence[str], tokens: int, count: int) -> None:
    """Print the table of encoders."""
    print(f"{len(texts):,} passages, {tokens:,} tokens, {threads()} threads, {count} rounds")
    seconds = rounds({name: lambda encode=encode: encode(texts) for name, encode in ways().items()}, count)
    print(f"\n{'':44}{'tokens/s':>10}{'ratio':>8}")
    for name, times in seconds.items():
        print(f"{name:44}{tokens / statistics.median(times):>10,.0f}{ratio(times, seconds[LIBRARY]):>8.2f}")


def compare_models(texts: Sequence[str], names: Sequence[str], count: int) -> None:
    """Print how many of its own tokens each model reads in a second of processor time, and how many passages."""
    encoders = {name: load_encoder(name) for name in (DEFAULT_MODEL, *names)}
    tokens = {
        name: sum(encoder.count_tokens(texts)) + encoder.overhead_tokens * len(texts)
        for name, encoder in encoders.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(count):
        for name, encoder in encoders.items():
            started = time.process_time()
            encoder.encode_passages(texts)
            seconds[name].append(time.process_time() - started)
    print(f"{len(texts):,} passages, {threads()} threads, {count} rounds; per second of processor time\n")
    print(f"{'':44}{'tokens':>10}{'ratio':>8}{'passages':>10}{'ratio':>8}")
    for name, encoder_seconds in seconds.items():
        took, times = statistics.median(encoder_seconds), ratio(encoder_seconds, seconds[DEFAULT_MODEL])
        more = tokens[name] / tokens[DEFAULT_MODEL]
        print(f"{name:44}{tokens[name] / took:>10,.0f}{times * more:>8.2f}{len(texts) / took:>10,.1f}{times:>8.2f}")


def compare_vectors(texts: Sequence[str], questions: Sequence[str]) -> None:
    """Print how near the compiled vectors are to the library's."""
    encode = library()
    theirs, theirs_asked = encode(texts), encode(questions)
    for precision in (Precision.F32, Precision.AUTO):
        encoder = load_encoder(precision=precision)
        comparison = agreement(encoder.encode_passages(texts), theirs, encoder.encode_queries(questions), theirs_asked)
        print(f"{f'compiled, {precision}':44}{comparison}")


def compare_build(articles: Sequence[Article], texts: Sequence[str], tokens: int, count: int) -> None:
    """Print how much of the encoder's own rate a whole build keeps, reading left out."""
    encoder = load_encoder()

    def build() -> None:
        with tempfile.TemporaryDirectory() as folder:
            Index.build(articles, Path(folder) / "index", encoder=encoder).close()

    seconds = rounds({"encoder": lambda: encoder.encode_passages(texts), "build": build}, count)
    share = ratio(seconds["build"], seconds["encoder"])
    print(f"\n{'':44}{'tokens/s':>10}{'passages/s':>12}")
    for name, times in seconds.items():
        print(f"{name:44}{tokens / statistics.median(times):>10,.0f}{len(texts) / statistics.median(times):>12,.0f}")
    print(f"a build runs at {share:.0%} of the encoder's own rate")


def sweep(encoder: Encoder, texts: Sequence[str], tokens: int, count: int) -> None:
    """Print the speed by the size of a batch."""

    def sized(batch: int) -> Callable[[], object]:
        def encode() -> object:
            compiled.BATCH_TOKENS = batch
            return encoder.encode_passages(texts)

        return encode

    usual = compiled.BATCH_TOKENS
    seconds = rounds({str(batch): sized(batch) for batch in (256, 512, 1024, 2048, 4096)}, count)
    compiled.BATCH_TOKENS = usual
    print(f"\n{'tokens a batch':44}{'tokens/s':>10}{'ratio':>8}")
    for name, times in seconds.items():
        print(f"{name:44}{tokens / statistics.median(times):>10,.0f}{ratio(times, seconds[str(usual)]):>8.2f}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--models", nargs="+", metavar="M")
    arguments = parser.parse_args()
    readings = (reading for reading in read(arguments.path) if isinstance(reading, Article))
    articles = list(islice(readings, arguments.articles))
    encoder = load_encoder()
    texts = [piece.embedding_text for article in articles for piece in prepare(article, encoder, PASSAGE_TOKENS)]
    texts = list(dict.fromkeys(texts))
    if arguments.models:
        compare_models(texts, arguments.models, arguments.rounds)
        return
    tokens = sum(encoder.count_tokens(texts)) + encoder.overhead_tokens * len(texts)
    compare_speed(texts, tokens, arguments.rounds)
    print()
    titles = [article.metadata.title for article in articles if article.metadata.title]
    compare_vectors(texts, titles[: arguments.queries])
    compare_build(articles, texts, tokens, arguments.rounds)
    if arguments.sweep:
        sweep(encoder, texts, tokens, arguments.rounds)


if __name__ == "__main__":
    main()
