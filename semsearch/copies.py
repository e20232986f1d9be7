"""Which articles carry the same text? Shingles to decide by, a small sketch to find candidates by."""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.text import normalised, paragraph_spans

VERSION = 1
"""Of shingles, sketches and paragraph hashes, which an index stores: a change of any raises it."""

WORDS = 5
"""Words a shingle. A number is part of its words, so another figure is another shingle."""

CHARACTERS = 8
"""Characters a shingle where a script puts no space between words, which is as much text as five words."""

LEAST_SHINGLES = 20
"""Different ones. A text of fewer is compared as a whole: nothing but the same text carries it."""

LONG = 4
"""Runs end to end that make a long run: 20 words, or 32 characters."""

LEAST_SHARE = 0.53
SLACK = 17
OTHER_NUMBERS = 0.6
"""A text of n shingles is carried by another that has LEAST_SHARE + SLACK / n + OTHER_NUMBERS * d of them, where d is
the share of numbers that are not the same: short notices written to one pattern share much of it."""

LEAST_NUMBERS = 0.65
"""Reports written to one pattern share the pattern, however long, and have other numbers."""

FIGURES_ONLY = 0.9
LEAST_WITH_OTHER_FIGURES = 0.9
"""Where this share of what differs has a number in it, it is the next day's table unless nearly nothing differs."""

REUSED_SHINGLES = 100
REUSED_SHARE = 0.6
REUSED_LONG = 0.5
REUSED_NUMBERS = 0.65
REUSED_FIGURES = 0.3
"""Who leaves out a third of a text leaves out its numbers too, but what is left stands in long runs, and what differs
is not made of numbers."""

BANDS = 32
ROWS_PER_BAND = 1
LEAST_BANDS = 2
"""Texts that share so many bands are worth comparing. Two of 32 single rows find more of the short text inside a long
one than one band of two rows does, and propose fewer that only share an outlet's last paragraph than one of 32."""

_CHANCE = 2.0
"""Standard deviations by which texts that are copies may share fewer bands than they should."""

LEAST_PARAGRAPH = 40
"""Characters of a paragraph from which on its repetition says that an outlet repeats it. Shorter ones repeat by chance,
as subheadings, names and lines of tables do."""

READ_CHARACTERS = 1_000_000
"""Of a text, from its beginning; a longer one is an archive and not an article."""

Shingles = npt.NDArray[np.uint64]
"""Sorted and different hashes: of runs of words, of long runs (bit 62), of numbers (bit 63)."""

Ints = npt.NDArray[np.int64]

Words = npt.NDArray[np.uint64]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(  # a character of an unspaced script; a number with what is inside it; letters with their marks
    rf"[{_UNSPACED}]|\d++(?:[.,:/-]\d++)*+|(?:[^\W\d_{_UNSPACED}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])++"
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
_APOSTROPHES = re.compile("['’‘ʼ`]")

_LOWEST_BIT = np.uint64(1)
_UNSPACED_BIT = np.uint64(1)
_NUMBER_BIT = np.uint64(2)
_HIGHEST_BIT = np.uint64(1 << 63)
_LONG_BIT = np.uint64(1 << 62)
_RUN_BITS = np.uint64((1 << 62) - 2)
_POLYNOMIAL = np.uint64(0x9E3779B97F4A7C15)
_BATCH = 1024


class Likeness(NamedTuple):
    """How much two texts have in common; shares between 0 and 1."""

    fewer: int
    """Runs of words in the text that has fewer."""

    containment: float
    """Share of these that the other has."""

    long: float
    """Share of the long runs of the text that has fewer of them which the other has."""

    numbers: float
    """Share of the different numbers of the text that has fewer which the other has, as if one more were shared."""

    figures: float
    """Share with a number among the runs that only one text has; the lesser of both texts' shares."""


def shingles(text: str) -> Shingles:
    """Return the hashes of a text's runs of words and of its numbers, the same on every machine.

    Case, white space, punctuation and width are folded first. Empty for a text without words.
    """
    words = _hashed(text)
    if not words.size:
        return words
    runs = _different(_runs(words))
    if np.searchsorted(runs, _LONG_BIT) < LEAST_SHINGLES:
        return _whole(words)
    numbers = _mixed(words[(words & _NUMBER_BIT) != 0]) | _HIGHEST_BIT
    return np.concatenate([runs, _different(numbers)])


def sketch(text: str) -> npt.NDArray[np.uint64]:
    """Return one hash a band, shape (BANDS,); texts that share LEAST_BANDS in the same places are worth comparing.

    Zeros for a text without words.
    """
    runs = _parted(shingles(text))[0]
    return _least(runs) if runs.size else np.zeros(BANDS, dtype=np.uint64)


def worth_comparing(bands: Ints, lengths: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    """Mark the pairs of texts that may be copies, by the bands that they share.

    Each band is shared with the probability of the texts' Jaccard similarity (Broder, "On the resemblance and
    containment of documents", 1997), and a copy has as much of the shorter text as `is_copy` asks for.

    Args:
        bands: (n,), how many each pair shares.
        lengths: (n,), of one text of each, in words.
        others: (n,), of the other.
    """
    shorter, longer = np.minimum(lengths, others), np.maximum(lengths, others)
    least_share = np.minimum(
        LEAST_SHARE + SLACK / np.maximum(shorter, 1), np.where(shorter < REUSED_SHINGLES, 1, REUSED_SHARE)
    )
    common = least_share * shorter
    least = common / np.maximum(shorter + longer - common, 1)
    expected = BANDS * least
    marked: npt.NDArray[np.bool_] = bands >= np.maximum(
        LEAST_BANDS, expected - _CHANCE * np.sqrt(expected * (1 - least))
    )
    return marked


def paragraph_hashes(text: str) -> npt.NDArray[np.uint64]:
    """Return one hash a paragraph of a normalised text, in order, folded as shingles are."""
    hashes = [_whole(_hashed(text[start:end])) for start, end in paragraph_spans(text)]
    return np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])


def containment(one: Shingles, other: Shingles) -> float:
    """Return the share of the smaller text's runs of words that the larger one has."""
    return likeness(one, other).containment


def likeness(one: Shingles, other: Shingles) -> Likeness:
    """Compare the shingles of two texts; in any order."""
    (runs, long, numbers), (other_runs, other_long, other_numbers) = _parted(one), _parted(other)
    shared = _common(runs, other_runs)
    fewer = min(runs.size, other_runs.size)
    return Likeness(
        fewer=fewer,
        containment=shared.size / fewer if fewer else 0.0,
        long=_common(long, other_long).size / max(1, min(long.size, other_long.size)),
        numbers=(_common(numbers, other_numbers).size + 1) / (min(numbers.size, other_numbers.size) + 1),
        figures=min(_with_number(runs, shared), _with_number(other_runs, shared)),
    )


def carries(one: Shingles, other: Shingles) -> bool:
    """Tell whether one of two texts carries the other, whole or in large part; in any order."""
    return is_copy(likeness(one, other))


def is_copy(found: Likeness) -> bool:
    """Decide on what two texts have in common."""
    return found.fewer > 0 and (_is_version(found) or _is_reused(found))


def _is_version(found: Likeness) -> bool:
    if found.figures >= FIGURES_ONLY and found.containment < LEAST_WITH_OTHER_FIGURES:
        return False
    least = LEAST_SHARE + SLACK / found.fewer + OTHER_NUMBERS * (1 - found.numbers)
    return found.containment >= min(1.0, least) and found.numbers >= LEAST_NUMBERS


def _is_reused(found: Likeness) -> bool:
    return (
        found.fewer >= REUSED_SHINGLES
        and found.containment >= REUSED_SHARE
        and found.long >= REUSED_LONG
        and found.numbers >= REUSED_NUMBERS
        and found.figures < REUSED_FIGURES
    )


def _hashed(text: str) -> npt.NDArray[np.uint64]:
    folded = text[:READ_CHARACTERS]
    if not folded.isascii():
        folded = normalised("NFKC", folded)
    words = _WORD.findall(_APOSTROPHES.sub("", folded.casefold()))
    return np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
    unspaced = _UNSPACED_CHARACTER.match(word) is not None
    return digest & ~3 | unspaced | word[0].isdecimal() << 1


def _runs(words: Words) -> Words:
    """Return hashes of the runs and of the long runs; which length they have is said by the word that begins them.

    The lowest bit of a run is set where it has a number.
    """
    unspaced = (words & _UNSPACED_BIT) != 0
    numbers = np.cumsum(np.append(np.uint64(0), words & _NUMBER_BIT), dtype=np.uint64)
    found = []
    for length, begins in ((CHARACTERS, unspaced), (WORDS, ~unspaced)):
        runs = _mixed(_rolled(words, length, 1))
        long = _mixed(_rolled(runs, LONG, length))
        has_number = numbers[length:] != numbers[: max(0, numbers.size - length)]
        found.append((runs & _RUN_BITS | has_number)[begins[: runs.size]])
        found.append((long & _RUN_BITS | _LONG_BIT)[begins[: long.size]])
    return np.concatenate(found)


def _rolled(values: Words, count: int, step: int) -> Words:
    """Return one sum for each `count` values that are `step` apart, which differs with their order."""
    size = max(0, values.size - (count - 1) * step)
    sums = np.zeros(size, dtype=np.uint64)
    for at in range(0, count * step, step):
        sums = sums * _POLYNOMIAL + values[at : at + size]
    return sums


def _whole(words: Words) -> Words:
    powers = np.cumprod(np.full(words.size, _POLYNOMIAL), dtype=np.uint64)
    return _mixed((words * powers).sum(dtype=np.uint64, keepdims=True)) & _RUN_BITS


def _mixed(hashes: Words) -> Words:
    """Let every bit depend on every other (the finaliser of SplitMix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _different(hashes: Words) -> Shingles:
    """Return them sorted and each once (several times as fast as `np.unique` for some hundred)."""
    ordered: Shingles = np.sort(hashes)
    first = np.ones(ordered.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _parted(found: Shingles) -> tuple[Shingles, Shingles, Shingles]:
    long, numbers = np.searchsorted(found, np.array([_LONG_BIT, _HIGHEST_BIT]))
    return found[:long], found[long:numbers], found[numbers:]


def _common(one: Shingles, other: Shingles) -> Shingles:
    return np.intersect1d(one, other, assume_unique=True)


def _with_number(runs: Shingles, shared: Shingles) -> float:
    own = runs.size - shared.size
    return (_numbered(runs) - _numbered(shared)) / own if own else 0.0


def _numbered(runs: Shingles) -> int:
    return int((runs & _LOWEST_BIT).sum())


def _least(runs: Words) -> Words:
    """Return the least hash under each of BANDS permutations."""
    least = np.full(BANDS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, runs.size, _BATCH):
        permuted = _FACTORS * runs[start : start + _BATCH] + _SUMMANDS
        np.minimum(least, permuted.min(axis=1), out=least)
    return least


_FACTORS = (_mixed(np.arange(1, BANDS + 1, dtype=np.uint64)) | np.uint64(1))[:, None]
_SUMMANDS = _mixed(np.arange(BANDS + 1, 2 * BANDS + 1, dtype=np.uint64))[:, None]
