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
"""Articles that have a run: so many are not read to see whether they are copies of one."""

RATES = (0.05, 0.1)
STORIES = 15
CHANGED = -1
"""The place of a text that was changed, which is none of the corpus."""

NEAR = 0.9
"""Share of the longer text that is the same: folded pairs below it are the doubtful half of those that are read."""


class Corpus(NamedTuple):
    """Articles with what an index would know of them."""

    ids: Sequence[str]
    texts: Sequence[str]
    joined: Sequence[str]  # the words of each text, without what is between them
    lengths: np.ndarray  # (articles,), in words
    repeats: Repeats


class Tally(NamedTuple):
    """What became of pairs that are copies, and of pairs that are not."""

    found: int
    missed: int
    wrong: int

    @property
    def f1(self) -> float:
        """Of pairs."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.wrong)


def articles(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ids and normalised texts of those that have a body."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            record = json.loads(line)
            if text := normalise_text(record.get("body") or ""):
                yield str(record["id"]), text


def read_corpus(path: Path) -> Corpus:
    """Read all articles, and sketch them as an index does."""
    ids, texts = zip(*articles(path), strict=True)
    sketches = np.array([sketch(text) for text in texts], dtype=np.uint32)
    joined, lengths = zip(*(("".join(own.words), len(own)) for own in map(Words, texts)), strict=True)
    return Corpus(ids, texts, joined, np.array(lengths), with_bands(sketches))


def with_bands(sketches: Bands) -> Repeats:
    """Return sketches as a segment has them, without paragraphs."""
    bands = banded(sketches).ravel()
    order = np.argsort(bands, kind="stable")
    nothing = np.zeros(0, dtype=np.uint64)
    places = np.zeros((0, 2), dtype=np.int32)
    articles = (order // BANDS).astype(np.int32)
    return Repeats(nothing, places, nothing, np.zeros(0, dtype=np.int32), sketches, bands[order], articles)


def proposed(corpus: Corpus, text: str) -> list[int]:
    """Return the articles that are worth comparing with a text, the likeliest first."""
    _, others, bands = corpus.repeats.sharing(sketch(text)[np.newaxis])
    lengths = np.full(len(others), len(Words(text)))
    close = worth_comparing(bands, lengths, corpus.lengths[others])
    others, bands = others[close], bands[close]
    return others[np.lexsort((others, -bands))].tolist()  # type: ignore[no-any-return]


def in_first_half(name: str) -> bool:
    """Tell whether thresholds were chosen on what has this name."""
    return zlib.crc32(name.encode()) % 2 == 0


def common(corpus: Corpus, own: Bands, other: int) -> float:
    """Return how much of all that a text of this sketch and an article say many others say, too."""
    return common_share([corpus.repeats], own, corpus.repeats.sketches[other])


class Lookup(NamedTuple):
    """What became of one article that was changed and looked up among all."""

    is_proposed: bool
    is_found: bool
    wrong: int  # other articles that were taken for it


def looked_up(corpus: Corpus, at: int, changed: str) -> Lookup:
    """Look up a changed article; another one counts as wrong only where it is no copy of the one that was changed."""
    words, own = Words(changed), Words(corpus.texts[at])
    others, own_sketch = proposed(corpus, changed), sketch(changed)

    def is_found(other: int) -> bool:
        return is_copy(words, Words(corpus.texts[other]), lambda: common(corpus, own_sketch, other))

    def text_of(place: int) -> str:
        return changed if place == CHANGED else corpus.texts[place]

    def shared(one: int, some: Sequence[int]) -> list[float]:
        mine = letters(text_of(one))
        return [shared_letters(mine, letters(text_of(other))) for other in some]

    def are_copies(one: int, other: int) -> bool:
        common_text = partial(common, corpus, corpus.repeats.sketches[one], other)
        return is_copy(Words(corpus.texts[one]), Words(corpus.texts[other]), common_text)

    copies = list(copies_among(others, is_found, partial(shared, CHANGED)))
    found = set(
        of_one_story(CHANGED, copies, are_copies, shared, lambda place: len(text_of(place)), likely=len(others))
    )
    wrong = sum(not is_copy(own, Words(corpus.texts[other])) for other in found - {at})
    return Lookup(at in others, at in found, wrong)


def tallied(lookups: Sequence[Lookup]) -> Tally:
    """Add up."""
    found = sum(one.is_found for one in lookups)
    return Tally(found, len(lookups) - found, sum(one.wrong for one in lookups))


def have_own_text(corpus: Corpus, places: Sequence[int], texts: Sequence[str]) -> list[bool]:
    """Tell of texts made from the articles at these places which have text of their own."""
    runs = [runs_of("".join(Words(text).words)) for text in texts]
    wanted = frozenset().union(*runs)
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(corpus.joined):
        for run in runs_of(text) & wanted:
            having[run].append(number)

    def has_own_text(at: int, own_runs: frozenset[str]) -> bool:
        words = Words(corpus.texts[at])
        is_one_of_its_copies = cache(lambda other: other == at or is_copy(words, Words(corpus.texts[other])))
        rare = sorted((having[run] for run in own_runs if len(having[run]) <= COMMON), key=len)
        return any(all(map(is_one_of_its_copies, others)) for others in rare)

    return [has_own_text(at, own_runs) for at, own_runs in zip(places, runs, strict=True)]


def runs_of(text: str) -> frozenset[str]:
    """Return the runs of RUN letters of a text."""
    return frozenset(text[start : start + RUN] for start in range(len(text) - RUN + 1))


def changes() -> Mapping[str, Callable[[str, int], str]]:
    """Name what is done to texts."""
    found: dict[str, Callable[[str, int], str]] = {"unchanged": lambda text, _: text}
    for rate in RATES:
        found[f"{rate:.0%} damaged"] = lambda text, seed, rate=rate: damaged(text, rate, seed)  # type: ignore[misc]
    for name, cut in CUTS.items():
        found[name] = lambda text, _, cut=cut: cut(text)  # type: ignore[misc]
    return found


def measure_corpus(name: str, corpus: Corpus, count: int, sample: int, seed: int) -> None:
    """Print the figures of one corpus."""
    chance = random.Random(seed)  # noqa: S311  not a secret
    print(f"\n{name}: {len(corpus.ids):,} articles")
    print(
        f"{'':16}{'half':8}{'articles':>9}{'proposed':>10}{'recall':>8}{'wrong':>7}{'F1':>8}{'own text':>10}{'F1':>8}"
    )
    for half, is_first in (("chosen", True), ("report", False)):
        chosen = chance.sample([at for at, one in enumerate(corpus.ids) if in_first_half(one) == is_first], count)
        changed = {name: [change(corpus.texts[at], at) for at in chosen] for name, change in changes().items()}
        own_text = have_own_text(corpus, chosen * len(changed), list(chain.from_iterable(changed.values())))
        for number, (change, texts) in enumerate(changed.items()):
            lookups = [looked_up(corpus, at, text) for at, text in zip(chosen, texts, strict=True)]
            own = [one for one, is_own in zip(lookups, own_text[number * count :], strict=False) if is_own]
            tally, seen = tallied(lookups), sum(one.is_proposed for one in lookups)
            print(
                f"{change:16}{half:8}{count:>9}{seen / count:>10.3f}{tally.found / count:>8.3f}{tally.wrong:>7}"
                f"{tally.f1:>8.3f}{len(own):>10}{tallied(own).f1:>8.3f}",
                flush=True,
            )
    same = [pair for group in grouped(corpus.texts).values() for pair in combinations(group, 2)]
    folded = sum(two in proposed(corpus, corpus.texts[one]) for one, two in same)
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
    where: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        if words := tuple(Words(text).words):
            where[words].append(at)
    return where


def folded_pairs(corpus: Corpus, sample: int, seed: int) -> list[tuple[int, int, bool]]:
    """Compare some articles with all; return pairs that are folded, and whether they share nearly everything."""
    found: dict[tuple[int, int], bool] = {}
    for at in random.Random(f"pairs {seed}").sample(range(len(corpus.ids)), min(sample, len(corpus.ids))):  # noqa: S311
        own = Words(corpus.texts[at])
        for other in proposed(corpus, corpus.texts[at]):
            pair = min(at, other), max(at, other)
            if at == other or pair in found:
                continue
            other_words = Words(corpus.texts[other])
            if is_copy(own, other_words, partial(common, corpus, corpus.repeats.sketches[at], other)):
                like = likeness(own, other_words)
                found[pair] = like.covered_longer >= NEAR * like.longer and not like.replaced
    return [(one, other, is_near) for (one, other), is_near in sorted(found.items())]


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
        for rate, found in zip(RATES, recalled, strict=True):
            tally = Tally(found, texts_of_half - found, wrong)
            print(f"  {rate:.0%} damaged: recall {found / texts_of_half:.3f}, F1 {tally.f1:.3f}")


def show(corpus: Corpus, count: int, sample: int, seed: int) -> None:
    """Print folded pairs to read: half of them that share least."""
    pairs = folded_pairs(corpus, sample, seed)
    chance = random.Random(f"read {seed}")  # noqa: S311
    for is_near in (False, True):
        own = [pair[:2] for pair in pairs if pair[2] == is_near]
        chosen = chance.sample(own, min(len(own), count // 2))
        print(f"=== {'near' if is_near else 'doubtful'}: {len(chosen)} of {len(own)} pairs")
        for one, other in chosen:
            like = likeness(Words(corpus.texts[one]), Words(corpus.texts[other]))
            print(f"--- {corpus.ids[one]} {corpus.ids[other]} {like}")
            print(difference(Words(corpus.texts[one]), Words(corpus.texts[other])))


def difference(one: Words, other: Words) -> str:
    """Write two texts as one: what differs as {one|other}, long stretches that are the same as their ends."""
    if (len(one), one.words) > (len(other), other.words):
        one, other = other, one
    written = []
    for piece in aligned(one, other):
        mine, others = one.words[piece.begin : piece.end], other.words[piece.other_begin : piece.other_end]
        if piece.kind is PieceKind.SAME:
            written += (
                mine if len(mine) <= SHOWN else [*mine[: SHOWN // 2], f"…{len(mine) - SHOWN}…", *mine[-SHOWN // 2 :]]
            )
        else:
            written.append(f"{{{' '.join(mine[:SHOWN])}|{' '.join(others[:SHOWN])}}}")
    return " ".join(written)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, metavar="CORPORA")
    parser.add_argument("--articles", type=int, default=400, help="to damage and cut, of each half of a corpus")
    parser.add_argument("--sample", type=int, default=3000, help="articles to compare with all others")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", choices=sorted(CORPORA), help="measure this one alone")
    parser.add_argument("--read", type=int, metavar="N", help="print N folded pairs in the place of figures")
    given = parser.parse_args()
    if not given.read:
        measure_families(given.seed)
    for name, file in CORPORA.items():
        if given.corpus in (None, name):
            corpus = read_corpus(given.corpora / name / file)
            if given.read:
                show(corpus, given.read, given.sample, given.seed)
            else:
                measure_corpus(name, corpus, given.articles, given.sample, given.seed)


if __name__ == "__main__":
    main()
