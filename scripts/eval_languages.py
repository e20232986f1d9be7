"""Questions in one language, answers in another: nDCG@10 on XQuAD, whose paragraphs say the same in six languages.

    python scripts/eval_languages.py CORPORA [--model multilingual] [--pairs en-en en-zh …] [--no-together] [--verdicts]

A pair is the language of the questions and that of the paragraphs. Constants of the ranking were chosen on the half
of the questions that `chosen` shows, by a digest of their text; `reported` is the other half.
Then all paragraphs lie in one index, each in one of the six languages, drawn by chance, and English and Chinese
questions are asked of it: of all, and of each language by a filter (`narrowed`).
With --verdicts it says instead, of an index that has every second page of XQuAD's (five paragraphs each), what the best
hit is called where the answer is there and on top, and where its page was left out; questions of the half reported.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from eval_gate import BATCH, DEPTH, ndcg, roc_area
from eval_sets import EvalSet, is_reported, xquad

from semsearch.encoders import load_encoder
from semsearch.identity import seal
from semsearch.index import Index
from semsearch.ports import Encoder, Floats
from semsearch.types import Article, Filters, GroupBy, Hit, Mode, Query, Verdict

LANGUAGES = ("en", "zh", "de", "es", "ru", "ar")
SEED = 17
PAGE = 5
ASKED_OF_ALL = ("en", "zh")
PAIRS = (
    *((language, language) for language in LANGUAGES),
    *(("en", language) for language in LANGUAGES[1:]),
    *(("zh", "en"), ("es", "en")),
)


def main() -> int:
    """Measure the pairs, then all languages together, and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--model", default="multilingual")
    parser.add_argument("--pairs", nargs="+", default=["-".join(pair) for pair in PAIRS])
    parser.add_argument("--no-together", action="store_true", help="only measure pairs")
    parser.add_argument("--verdicts", action="store_true", help="measure confidence, and no ranking")
    arguments = parser.parse_args()
    encoder, pairs = load_encoder(arguments.model), [pair.split("-") for pair in arguments.pairs]
    if arguments.verdicts:
        measure_verdicts(arguments.corpora, encoder, pairs)
    else:
        measure(arguments.corpora, encoder, pairs, not arguments.no_together)
    return 0


def measure(corpora: Path, encoder: Encoder, pairs: Sequence[Sequence[str]], together: bool) -> None:
    """Print both tables."""
    sets = {language: xquad(corpora, language) for language in LANGUAGES}
    print(f"{'asked > written':16} {'dense':>7} {'hybrid':>7} {'chosen':>7} {'reported':>8}")
    for written in dict.fromkeys(written for _, written in pairs):
        with built(sets[written].articles, encoder) as index:
            for asking in (asking for asking, answering in pairs if answering == written):
                dense, hybrid = (values(index, sets[asking], mode) for mode in (Mode.DENSE, Mode.HYBRID))
                halves = np.array([is_reported(topic) for topic in sets[asking].topics])
                cells = (dense.mean(), hybrid.mean(), hybrid[~halves].mean())
                print(
                    f"{asking} > {written:11} {' '.join(f'{cell:7.4f}' for cell in cells)} {hybrid[halves].mean():8.4f}"
                )
                sys.stdout.flush()
    if together:
        measure_together(sets, encoder)


def measure_verdicts(corpora: Path, encoder: Encoder, pairs: Sequence[Sequence[str]]) -> None:
    """Print the verdicts of the best hits, and how well confidence tells hits that answer from those that cannot."""
    sets = {language: xquad(corpora, language) for language in LANGUAGES}
    print(f"{'asked > written':16} {'':22} {'n':>5} {'none':>6} {'weak':>6} {'fair':>6} {'strong':>6} {'AUC':>6}")
    for written in dict.fromkeys(written for _, written in pairs):
        articles = [article for number, article in enumerate(sets[written].articles) if number // PAGE % 2 == 0]
        indexed_ids = {article.metadata.article_id for article in articles}
        with built(articles, encoder) as index:
            for asking in (asking for asking, answering in pairs if answering == written):
                topics = zip(sets[asking].topics, sets[written].right, strict=True)
                answers = [(right, index.search(topic, k=1)) for topic, right in topics if is_reported(topic)]
                top = [(right, answer.hits[0]) for right, answer in answers if answer.hits]
                right_hits = [hit for right, hit in top if hit.article.article_id in right]
                other_hits = [hit for right, hit in top if not indexed_ids & set(right)]
                area = roc_area(*(np.array([hit.confidence for hit in hits]) for hits in (right_hits, other_hits)))
                _print_verdicts(f"{asking} > {written}", "answered on top", right_hits, "")
                _print_verdicts("", "page left out", other_hits, f"{area:6.3f}")


def _print_verdicts(pair: str, kind: str, hits: Sequence[Hit], area: str) -> None:
    verdicts = [hit.verdict for hit in hits]
    shares = " ".join(f"{verdicts.count(verdict) / len(hits):6.3f}" for verdict in reversed(Verdict))
    print(f"{pair:16} {kind:22} {len(hits):5} {shares} {area}", flush=True)


def measure_together(sets: Mapping[str, EvalSet], encoder: Encoder) -> None:
    """Print how well questions in two languages find paragraphs that are each in one of six languages."""
    count = len(sets["en"].articles)
    languages = [LANGUAGES[number % len(LANGUAGES)] for number in range(count)]
    random.Random(SEED).shuffle(languages)  # noqa: S311  the same languages in every run
    articles = [tagged(sets[language].articles[place], language) for place, language in enumerate(languages)]
    places = {article.metadata.article_id: place for place, article in enumerate(sets["en"].articles)}
    places_of_topics = [places[next(iter(right))] for right in sets["en"].right]
    right = [{articles[place].metadata.article_id: 1.0} for place in places_of_topics]
    topic_languages = np.array([languages[place] for place in places_of_topics])
    with built(articles, encoder) as index:
        for asking in ASKED_OF_ALL:
            measure_mixed(index, replace(sets[asking], right=right), asking, topic_languages)


def measure_mixed(index: Index, eval_set: EvalSet, asking: str, topic_languages: npt.NDArray[np.str_]) -> None:
    """Print how well questions find their paragraphs, by the language that these are in."""
    print(f"\n{f'{asking} > six in one':16} {'dense':>7} {'hybrid':>7} {'chosen':>7} {'reported':>8} {'narrowed':>8}")
    dense, hybrid = (values(index, eval_set, mode) for mode in (Mode.DENSE, Mode.HYBRID))
    halves = np.array([is_reported(topic) for topic in eval_set.topics])
    narrowed = np.zeros(len(hybrid))
    for language in LANGUAGES:
        of_language = np.flatnonzero(topic_languages == language)
        topics, right = ([column[number] for number in of_language] for column in (eval_set.topics, eval_set.right))
        narrowed[of_language] = values(index, replace(eval_set, topics=topics, right=right), Mode.HYBRID, language)
    for language in (*LANGUAGES, "all"):
        of_language = (topic_languages == language) | (language == "all")
        masks = (of_language, of_language & ~halves, of_language & halves)
        cells = (dense[of_language], *(hybrid[mask] for mask in masks), narrowed[of_language])
        print(f"{language:16} " + " ".join(f"{cell.mean():7.4f}" for cell in cells))
    sys.stdout.flush()


def tagged(article: Article, language: str) -> Article:
    """Return an article that says in which language it is."""
    return seal(replace(article.metadata, language=language), article.text)


@contextmanager
def built(articles: Sequence[Article], encoder: Encoder) -> Iterator[Index]:
    """Yield an index of articles, which is removed afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Index.build(articles, Path(folder) / "index", encoder=encoder) as index,
    ):
        yield index


def values(index: Index, eval_set: EvalSet, mode: Mode, language: str | None = None) -> Floats:
    """Return nDCG@10 of every question, (topics,)."""
    ranked = rankings(index, eval_set, mode, language)
    return np.array([ndcg(ranking, right) for ranking, right in zip(ranked, eval_set.right, strict=True)])


def rankings(index: Index, eval_set: EvalSet, mode: Mode, language: str | None) -> Iterator[list[str]]:
    """Yield the best articles for each question."""
    filters = Filters() if language is None else Filters(languages=frozenset({language}))
    for first in range(0, len(eval_set.topics), BATCH):
        batch = eval_set.topics[first : first + BATCH]
        queries = [Query(topic, DEPTH, mode=mode, group_by=GroupBy.COPIES, filters=filters) for topic in batch]
        for answer in index.search_many(queries):
            yield [hit.article.article_id for hit in answer.hits]


if __name__ == "__main__":
    sys.exit(main())
