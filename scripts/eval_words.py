"""Verdicts of single words asked alone: of those that stand in a corpus, and of those that do not.

    python scripts/eval_words.py CORPORA [--sets digitalgov …] [--modes hybrid …] [--words 500] [--keep DIR]
                                 [--articles 5000] [--model M]

Words that are there are drawn over all bands of document frequency (1, 2 to 3, 4 to 7, …), the commonest of all
included, function words apart; those of `zh_news` are runs of two to four characters. Of the words that are not there
half are made up, and half are real ones of another corpus; none of them stands in any headline or text, not even as a
part of a word, nor any other form of them. Real ones of which another form is there ("interactions" where a text has
"interaction") have a row of their own. The table has the verdicts of the answers; every draw is seeded. Exits with 1
where a word that is there is no match, or where more than 5 % of those that are not are better than weak.

Of `reuters21578` and `zh_news` a seeded part is taken. With --keep, indexes are kept in a folder and used again.
"""

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from eval_sets import made

from semsearch.encoders import load_encoder
from semsearch.index import Index
from semsearch.sources import read
from semsearch.types import Article, Mode, Query, Verdict
from semsearch.words import telling_words, terms

Drawn = TypeVar("Drawn")

MOST_BETTER_THAN_WEAK = 0.05
BATCH = 50
OTHER_FORM = "other form"

_WORD = re.compile(r"(?<![\w'’])[^\W\d_]{2,}(?![\w'’])")
_RUN = re.compile(r"[\u4e00-\u9fff]+")


def digitalgov(corpora: Path, _articles: int) -> list[Article]:
    """All posts of a government's blog."""
    return [article for article in read(corpora / "digitalgov/articles.jsonl") if isinstance(article, Article)]


def reuters(corpora: Path, articles: int) -> list[Article]:
    """Newswire of 1987, a seeded part of it."""
    readings = read(corpora / "reuters21578/articles.jsonl")
    return _some([reading for reading in readings if isinstance(reading, Article)], articles)


def zh_news(corpora: Path, articles: int) -> list[Article]:
    """Chinese articles, which have no headlines, a seeded part of them."""
    with gzip.open(corpora / "zh_news/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = _some([json.loads(line) for line in lines], articles)
    return [made(f"zh_news {row['id']}", "", row["body"]) for row in rows]


def _some(everything: Sequence[Drawn], articles: int) -> list[Drawn]:
    return random.Random(1).sample(everything, min(articles, len(everything)))  # noqa: S311  the same in every run


SETS: Mapping[str, Callable[[Path, int], list[Article]]] = {
    "digitalgov": digitalgov, "reuters21578": reuters, "zh_news": zh_news,
}  # fmt: skip


def main() -> int:
    """Ask for the words of each set in each mode, print the verdicts, and say whether both limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--modes", nargs="+", type=Mode, default=[Mode.HYBRID, Mode.LEXICAL])
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--articles", type=int, default=5_000, help="so many of the larger sets")
    parser.add_argument("--model", help="an encoder other than the default one")
    parser.add_argument("--keep", type=Path, help="a folder for indexes, to use them again")
    parser.add_argument("--verbose", action="store_true", help="name the words on which a limit fails")
    arguments = parser.parse_args()
    print(f"{'set':12} {'mode':8} {'words':10} {'n':>4} {'none':>6} {'weak':>6} {'fair':>6} {'strong':>6}")
    limits_hold = True
    for name in arguments.sets:
        articles = SETS[name](arguments.corpora, arguments.articles)
        texts = [f"{article.metadata.title}\n{article.text}".casefold() for article in articles]
        present_words = present(texts, arguments.words)
        absent = _absent(name, arguments.corpora, texts, arguments.words)
        with tempfile.TemporaryDirectory() if arguments.keep is None else nullcontext(arguments.keep) as folder:
            place = Path(folder) / f"{name} {len(articles)} {arguments.model or ''}".strip()
            is_built = (place / "manifest.json").exists()
            encoder = load_encoder(arguments.model)
            index = Index.open(place, encoder=encoder) if is_built else Index.build(articles, place, encoder=encoder)
            with index:
                for mode in arguments.modes:
                    verdicts = _verdicts(index, mode, present_words)
                    limits_hold = limits_hold and Verdict.NONE not in verdicts
                    _print(name, mode, "there", present_words, verdicts, Verdict.NONE, verbose=arguments.verbose)
                    better = 0
                    for kind, words in absent.items():
                        verdicts = _verdicts(index, mode, words)
                        if kind != OTHER_FORM:
                            better += verdicts.count(Verdict.FAIR) + verdicts.count(Verdict.STRONG)
                        wrong = (Verdict.FAIR, Verdict.STRONG)
                        _print(name, mode, kind, words, verdicts, *wrong, verbose=arguments.verbose)
                    limits_hold = limits_hold and better <= MOST_BETTER_THAN_WEAK * arguments.words
    return int(not limits_hold)


def _verdicts(index: Index, mode: Mode, words: Sequence[str]) -> list[Verdict]:
    queries = [Query(word, mode=mode) for word in words]
    return [
        answer.verdict
        for first in range(0, len(queries), BATCH)
        for answer in index.search_many(queries[first : first + BATCH])
    ]


def _print(
    name: str, mode: Mode, kind: str, words: Sequence[str], verdicts: Sequence[Verdict], *wrong: Verdict, verbose: bool
) -> None:
    shares = " ".join(f"{verdicts.count(verdict) / len(verdicts):6.3f}" for verdict in reversed(Verdict))
    print(f"{name:12} {mode:8} {kind:10} {len(verdicts):4} {shares}")
    if verbose:
        print("   ", *(f"{word}={verdict}" for word, verdict in zip(words, verdicts, strict=True) if verdict in wrong))
    sys.stdout.flush()


def present(texts: Sequence[str], wanted: int) -> list[str]:
    """Draw words that occur in texts, evenly from all bands of document frequency as far as they have enough."""
    frequencies = _frequencies(texts)
    bands: dict[int, list[str]] = {}
    for word in sorted(frequencies):
        bands.setdefault(frequencies[word].bit_length(), []).append(word)
    draw = random.Random(2)  # noqa: S311
    for words in bands.values():
        draw.shuffle(words)
    words_drawn: list[str] = []
    while len(words_drawn) < wanted and any(bands.values()):
        words_drawn += [words.pop() for words in bands.values() if words]
    return words_drawn[:wanted]


def _frequencies(texts: Sequence[str]) -> Counter[str]:
    """Count the articles that have each word; of Chinese, each of some thousand drawn runs."""
    if not any(_RUN.search(text) for text in texts[:20]):
        counts = Counter(word for text in texts for word in set(_WORD.findall(text)))
        return Counter({word: count for word, count in counts.items() if telling_words(word, "en").words})
    return Counter({run: sum(run in text for text in texts) for run in set(_runs(texts, 3_000))})


def _runs(texts: Sequence[str], wanted: int) -> Iterator[str]:
    draw = random.Random(3)  # noqa: S311
    for _ in range(wanted):
        longer = [run for run in _RUN.findall(draw.choice(texts)) if len(run) > 4]
        if longer:
            run, length = draw.choice(longer), draw.randint(2, 4)
            start = draw.randrange(len(run) - length + 1)
            yield run[start : start + length]


def _absent(name: str, corpora: Path, texts: Sequence[str], wanted: int) -> dict[str, list[str]]:
    everything = "\n".join(texts)
    half = wanted // 2
    if name != "zh_news":
        elsewhere = SETS["reuters21578" if name == "digitalgov" else "digitalgov"](corpora, 3_000)
        real = sorted({word for article in elsewhere for word in _WORD.findall(article.text.casefold())})
        random.Random(4).shuffle(real)  # noqa: S311
        made_up = _made_up(sorted(set(_WORD.findall(everything))))
    else:
        contexts = [
            paragraph["context"]
            for document in json.loads((corpora / "xquad/xquad.zh.json").read_text())["data"]
            for paragraph in document["paragraphs"]
        ]
        real = list(dict.fromkeys(_runs(contexts, 20_000)))
        made_up = _made_up_runs(sorted(set(_RUN.findall(everything))))
    forms = {stem for word in set(_WORD.findall(everything)) for stem in _stems(word)}
    lacking = _lacking(everything, iter(real), 2 * wanted)
    other_forms = [word for word in lacking if name != "zh_news" and forms.issuperset(_stems(word))]
    return {
        "made up": _lacking(everything, made_up, half),
        "elsewhere": [word for word in lacking if word not in other_forms][: wanted - half],
    } | ({OTHER_FORM: other_forms[:half]} if other_forms else {})


def _stems(word: str) -> set[str]:
    """Return what all forms of an English word have in common: the heads of its terms."""
    return {term.partition(" ")[0] for term in terms(word, "en")}


def _lacking(everything: str, words: Iterator[str], wanted: int) -> list[str]:
    lacking: dict[str, None] = {}
    for word in words:
        if word not in everything:
            lacking[word] = None
        if len(lacking) == wanted:
            break
    return list(lacking)


def _made_up(vocabulary: Sequence[str]) -> Iterator[str]:
    """Yield words that begin as one word does and end as another."""
    draw = random.Random(5)  # noqa: S311
    long = [word for word in vocabulary if 5 <= len(word) <= 9]
    while True:
        first, last = draw.choice(long), draw.choice(long)
        yield first[: len(first) // 2 + 1] + last[len(last) // 2 :]


def _made_up_runs(runs: Sequence[str]) -> Iterator[str]:
    draw = random.Random(5)  # noqa: S311
    while True:
        yield "".join(draw.choice(draw.choice(runs)) for _ in range(draw.randint(2, 4)))


if __name__ == "__main__":
    sys.exit(main())
