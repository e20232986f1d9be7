"""Measure what is taken for a copy: on families of invented stories, and on real articles, damaged and cut.

    python scripts/bench_copies.py CORPORA [--articles 400] [--sample 3000] [--seed 1]
    python scripts/bench_copies.py CORPORA --read 100 --corpus zh_news --seed 2

CORPORA holds `reuters21578` and `zh_news`. Families and articles are in two halves, one to choose thresholds on and one
to report. A pair counts as found where the sketches propose it and the texts decide, the likeliest first, as in a
query. F1 is printed twice: of all, and of what has *text of its own*, 12 letters in a row or more that no other article
has but copies of the one that was changed. Where a half has none, as an outlet's disclaimer or a notice that others
quote whole, nobody can say whose it is. `--read` prints folded pairs of a corpus, half of them from those that share
least, to be judged by a person, with the weight of each half.
"""

import argparse
import gzip
import json
import random
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semsearch.copies import BANDS, Words, is_copy, letters, likeness, shared_letters, sketch, worth_comparing
from semsearch.copies.alignment import PieceKind, aligned
from semsearch.engines.local.pairs import no_pairs
from semsearch.engines.local.sketches import Bands, Repeats, banded, common_share
from semsearch.ranking.families import copies_among, of_one_story
from semsearch.text import normalise_text

try:
    from tests.families import CUTS, PATTERNS, damaged, stories
except ImportError:  # run as a script
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.families import CUTS, PATTERNS, damaged, stories

CORPORA = {"reuters21578": "articles.jsonl", "zh_news": "articles.jsonl.gz"}
SHOWN = 40
"""Words of a stretch that are printed."""

RUN = 12
"""Letters in a row of a text of its own."""

COMMON = 20
"""A run that more articles have is not checked for being in copies of one article only."""

RATES = (0.05, 0.1)
STORIES = 15
CHANGED = -1
"""Stands for the place of a changed text, which is not in the corpus."""

NEAR = 0.9
"""Share of the longer text that is the same: folded pairs below it are the doubtful half of those to be read."""


class Corpus(NamedTuple):
    """Articles, with the data that an index would have of them."""

    ids: Sequence[str]
    texts: Sequence[str]
    joined: Sequence[str]  # the words of each text, joined without spaces
    lengths: np.ndarray  # (articles,), in words
    repeats: Repeats


class Tally(NamedTuple):
    """How many copies were found and missed, and how many other pairs were taken for copies."""

    found: int
    missed: int
    wrong: int

    @property
    def f1(self) -> float:
        """F1 of pairs."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.wrong)


def articles(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ids and normalised texts of articles with a body."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            record = json.loads(line)
            if text := normalise_text(record.get("body") or ""):
                yield str(record["id"]), text


def read_corpus(path: Path) -> Corpus:
    """Read all articles, and sketch them as an index does."""
    ids, texts = zip(*articles(path), strict=True)
    sketches = np.array([sketch(text) for text in texts], dtype=np.uint32)
    words = [Words(text) for text in texts]
    joined = ["".join(text_words.words) for text_words in words]
    return Corpus(ids, texts, joined, np.array([len(text_words) for text_words in words]), with_bands(sketches))


def with_bands(sketches: Bands) -> Repeats:
    """Return sketches as a segment has them, without paragraphs."""
    bands = banded(sketches).ravel()
    order = np.argsort(bands, kind="stable")
    nothing = np.zeros(0, dtype=np.uint64)
    places = np.zeros((0, 2), dtype=np.int32)
    articles = (order // BANDS).astype(np.int32)
    pairs = no_pairs(len(sketches))
    return Repeats(nothing, places, nothing, np.zeros(0, dtype=np.int32), sketches, bands[order], articles, pairs)


def proposed(corpus: Corpus, text: str) -> list[int]:
    """Return the articles that are worth comparing with a text, likeliest first."""
    _, candidates, bands = corpus.repeats.sharing(sketch(text)[np.newaxis])
    lengths = np.full(len(candidates), len(Words(text)))
    close = worth_comparing(bands, lengths, corpus.lengths[candidates])
    candidates, bands = candidates[close], bands[close]
    return candidates[np.lexsort((candidates, -bands))].tolist()  # type: ignore[no-any-return]


def in_first_half(name: str) -> bool:
    """Tell whether an article of this name is in the half that thresholds were chosen on."""
    return zlib.crc32(name.encode()) % 2 == 0


def common(corpus: Corpus, text_sketch: Bands, article: int) -> float:
    """Return the share of what a text of this sketch and an article say that many other articles say, too."""
    return common_share([corpus.repeats], text_sketch, corpus.repeats.sketches[article])


class Lookup(NamedTuple):
    """The result of looking up one changed article among all."""

    is_proposed: bool
    is_found: bool
    wrong: int  # other articles that were taken for it


def looked_up(corpus: Corpus, original: int, changed: str) -> Lookup:
    """Look up a changed article; another one counts as wrong only if it is not a copy of the original."""
    words, original_words = Words(changed), Words(corpus.texts[original])
    candidates, changed_sketch = proposed(corpus, changed), sketch(changed)

    def is_found(article: int) -> bool:
        return is_copy(words, Words(corpus.texts[article]), lambda: common(corpus, changed_sketch, article))

    def text_of(place: int) -> str:
        return changed if place == CHANGED else corpus.texts[place]

    def shared(place: int, places: Sequence[int]) -> list[float]:
        text_letters = letters(text_of(place))
        return [shared_letters(text_letters, letters(text_of(other_place))) for other_place in places]

    def are_copies(left: int, right: int) -> bool:
        common_text = partial(common, corpus, corpus.repeats.sketches[left], right)
        return is_copy(Words(corpus.texts[left]), Words(corpus.texts[right]), common_text)

    copies = list(copies_among(candidates, is_found, partial(shared, CHANGED)))
    result = set(
        of_one_story(CHANGED, copies, are_copies, shared, lambda place: len(text_of(place)), likely=len(candidates))
    )
    wrong = sum(not is_copy(original_words, Words(corpus.texts[article])) for article in result - {original})
    return Lookup(original in candidates, original in result, wrong)


def tallied(lookups: Sequence[Lookup]) -> Tally:
    """Count what was found, missed and wrong."""
    found_count = sum(lookup.is_found for lookup in lookups)
    return Tally(found_count, len(lookups) - found_count, sum(lookup.wrong for lookup in lookups))


def have_own_text(corpus: Corpus, places: Sequence[int], texts: Sequence[str]) -> list[bool]:
    """Tell which of some texts, made from the articles at these places, have text of their own."""
    runs = [runs_of("".join(Words(text).words)) for text in texts]
    wanted = frozenset().union(*runs)
    articles_by_run: defaultdict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(corpus.joined):
        for run in runs_of(text) & wanted:
            articles_by_run[run].append(number)

    def has_own_text(article: int, own_runs: frozenset[str]) -> bool:
        words = Words(corpus.texts[article])
        is_one_of_its_copies = cache(lambda place: place == article or is_copy(words, Words(corpus.texts[place])))
        rare = sorted((articles_by_run[run] for run in own_runs if len(articles_by_run[run]) <= COMMON), key=len)
        return any(all(map(is_one_of_its_copies, carriers)) for carriers in rare)

    return [has_own_text(article, own_runs) for article, own_runs in zip(places, runs, strict=True)]


def runs_of(text: str) -> frozenset[str]:
    """Return the runs of RUN letters of a text."""
    return frozenset(text[start : start + RUN] for start in range(len(text) - RUN + 1))


def changes() -> Mapping[str, Callable[[str, int], str]]:
    """Return the ways to change a text, by name."""
    result: dict[str, Callable[[str, int], str]] = {"unchanged": lambda text, _: text}
    for rate in RATES:
        result[f"{rate:.0%} damaged"] = lambda text, seed, rate=rate: damaged(text, rate, seed)  # type: ignore[misc]
    for name, cut in CUTS.items():
        result[name] = lambda text, _, cut=cut: cut(text)  # type: ignore[misc]
    return result


def measure_corpus(name: str, corpus: Corpus, count: int, sample: int, seed: int) -> None:
    """Print the figures of one corpus."""
    chance = random.Random(seed)  # noqa: S311  not a secret
    print(f"\n{name}: {len(corpus.ids):,} articles")
    print(
        f"{'':16}{'half':8}{'articles':>9}{'proposed':>10}{'recall':>8}{'wrong':>7}{'F1':>8}{'own text':>10}{'F1':>8}"
    )
    for half, is_first in (("chosen", True), ("report", False)):
        candidates = [article for article, name in enumerate(corpus.ids) if in_first_half(name) == is_first]
        chosen = chance.sample(candidates, count)
        changed = {name: [change(corpus.texts[place], place) for place in chosen] for name, change in changes().items()}
        own_text = have_own_text(corpus, chosen * len(changed), list(chain.from_iterable(changed.values())))
        for number, (change, texts) in enumerate(changed.items()):
            lookups = [looked_up(corpus, article, text) for article, text in zip(chosen, texts, strict=True)]
            have_own = own_text[number * count : (number + 1) * count]
            own_lookups = [lookup for lookup, has_own in zip(lookups, have_own, strict=True) if has_own]
            tally, shortlisted = tallied(lookups), sum(lookup.is_proposed for lookup in lookups)
            print(
                f"{change:16}{half:8}{count:>9}{shortlisted / count:>10.3f}{tally.found / count:>8.3f}{tally.wrong:>7}"
                f"{tally.f1:>8.3f}{len(own_lookups):>10}{tallied(own_lookups).f1:>8.3f}",
                flush=True,
            )
    same = [pair for group in grouped(corpus.texts).values() for pair in combinations(group, 2)]
    folded = sum(right in proposed(corpus, corpus.texts[left]) for left, right in same)
    print(f"exact duplicates, found: {folded:,} of {len(same):,}")
    started = time.process_time()
    pairs = folded_pairs(corpus, sample, seed)
    seconds = time.process_time() - started
    near = sum(is_near for *_, is_near in pairs)
    print(
        f"of {sample:,} articles against all: {len(pairs):,} pairs folded ({len(pairs) - near:,} share less than "
        f"{NEAR} of the longer); {1000 * seconds / sample:.2f} ms an article"
    )


def grouped(texts: Sequence[str]) -> Mapping[tuple[str, ...], list[int]]:
    """Return the places of texts that have the very same words."""
    articles_by_words: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for article, text in enumerate(texts):
        if words := tuple(Words(text).words):
            articles_by_words[words].append(article)
    return articles_by_words


def folded_pairs(corpus: Corpus, sample: int, seed: int) -> list[tuple[int, int, bool]]:
    """Compare some articles with all; return the folded pairs, and whether they share nearly everything."""
    is_near_by_pair: dict[tuple[int, int], bool] = {}
    for article in random.Random(f"pairs {seed}").sample(range(len(corpus.ids)), min(sample, len(corpus.ids))):  # noqa: S311
        article_words = Words(corpus.texts[article])
        for candidate in proposed(corpus, corpus.texts[article]):
            pair = min(article, candidate), max(article, candidate)
            if article == candidate or pair in is_near_by_pair:
                continue
            other_words = Words(corpus.texts[candidate])
            common_text = partial(common, corpus, corpus.repeats.sketches[article], candidate)
            if is_copy(article_words, other_words, common_text):
                overlap = likeness(article_words, other_words)
                is_near_by_pair[pair] = overlap.covered_longer >= NEAR * overlap.longer and not overlap.replaced
    return [(*pair, is_near) for pair, is_near in sorted(is_near_by_pair.items())]


def measure_families(seed: int) -> None:
    """Print the figures of the invented families."""
    print(f"\n{len(PATTERNS)} families of {STORIES} stories")
    header = "".join(f"{f'{rate:.0%} damaged':>13}" for rate in RATES)
    print(f"{'':28}{'half':8}{'pairs':>7}{'folded':>8}{header}")
    totals: dict[str, list[int]] = {"chosen": [0] * (2 + len(RATES)), "report": [0] * (2 + len(RATES))}
    for place, pattern in enumerate(PATTERNS):
        texts = stories(pattern, STORIES, seed)
        words = [Words(text) for text in texts]
        pairs = list(combinations(words, 2))
        counts = [len(pairs), sum(is_copy(*pair) for pair in pairs)]
        counts += [
            sum(is_copy(Words(damaged(text, rate, f"{seed} {text}")), Words(text)) for text in texts) for rate in RATES
        ]
        half = "report" if place % 2 else "chosen"
        totals[half] = [total + count for total, count in zip(totals[half], counts, strict=True)]
        shares = "".join(f"{count / STORIES:>13.3f}" for count in counts[2:])
        print(f"{pattern.name:28}{half:8}{counts[0]:>7}{counts[1]:>8}{shares}")
    for half, (all_pairs, wrong, *recalled) in totals.items():
        texts_of_half = all_pairs * 2 // (STORIES - 1)
        print(f"{half}: {wrong} of {all_pairs:,} pairs of different stories folded")
        for rate, found_count in zip(RATES, recalled, strict=True):
            tally = Tally(found_count, texts_of_half - found_count, wrong)
            print(f"  {rate:.0%} damaged: recall {found_count / texts_of_half:.3f}, F1 {tally.f1:.3f}")


def show(corpus: Corpus, count: int, sample: int, seed: int) -> None:
    """Print folded pairs to read, half of them from those that share least."""
    pairs = folded_pairs(corpus, sample, seed)
    chance = random.Random(f"read {seed}")  # noqa: S311
    for is_near in (False, True):
        pairs_of_half = [pair[:2] for pair in pairs if pair[2] == is_near]
        chosen = chance.sample(pairs_of_half, min(len(pairs_of_half), count // 2))
        print(f"=== {'near' if is_near else 'doubtful'}: {len(chosen)} of {len(pairs_of_half)} pairs")
        for first, second in chosen:
            overlap = likeness(Words(corpus.texts[first]), Words(corpus.texts[second]))
            print(f"--- {corpus.ids[first]} {corpus.ids[second]} {overlap}")
            print(difference(Words(corpus.texts[first]), Words(corpus.texts[second])))


def difference(left: Words, right: Words) -> str:
    """Write two texts as one: differences as {left|right}, and of long common stretches only the ends."""
    if (len(left), left.words) > (len(right), right.words):
        left, right = right, left
    parts = []
    for piece in aligned(left, right):
        left_words, right_words = left.words[piece.begin : piece.end], right.words[piece.other_begin : piece.other_end]
        if piece.kind is PieceKind.SAME and len(left_words) <= SHOWN:
            parts += left_words
        elif piece.kind is PieceKind.SAME:
            parts += [*left_words[: SHOWN // 2], f"…{len(left_words) - SHOWN}…", *left_words[-SHOWN // 2 :]]
        else:
            parts.append(f"{{{' '.join(left_words[:SHOWN])}|{' '.join(right_words[:SHOWN])}}}")
    return " ".join(parts)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, metavar="CORPORA")
    parser.add_argument("--articles", type=int, default=400, help="to damage and cut, of each half of a corpus")
    parser.add_argument("--sample", type=int, default=3000, help="articles to compare with all others")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", choices=sorted(CORPORA), help="measure this one alone")
    parser.add_argument("--read", type=int, metavar="N", help="print N folded pairs in the place of figures")
    arguments = parser.parse_args()
    if not arguments.read:
        measure_families(arguments.seed)
    for name, file in CORPORA.items():
        if arguments.corpus in (None, name):
            corpus = read_corpus(arguments.corpora / name / file)
            if arguments.read:
                show(corpus, arguments.read, arguments.sample, arguments.seed)
            else:
                measure_corpus(name, corpus, arguments.articles, arguments.sample, arguments.seed)


if __name__ == "__main__":
    main()
