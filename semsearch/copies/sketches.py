"""What an index stores to find copies by: a sketch of each article, and a hash of each paragraph."""

import hashlib
import re

import numpy as np
import numpy.typing as npt

from semsearch.copies.words import READ_CHARACTERS, UNSPACED
from semsearch.text import normalised, paragraph_spans

VERSION = 2
"""The version of what an index stores: sketches, paragraph hashes, and what comparing two texts shows. A change of any
raises it."""

LETTERS = 8
"""Letters and digits a shingle, without what is between words. About half of all shingles outlive damage to every tenth
character, which leaves hardly any run of five words intact."""

CHARACTERS = 5
"""Characters a shingle where a script puts no space between words."""

BANDS = 64
LEAST_BANDS = 4
"""Texts that share this many bands are worth comparing. Each band is one least hash, so that half of a text, or a short
text inside a long one, is found as well."""

LEAST_PARAGRAPH = 40
"""Characters from which on a repeated paragraph shows that an outlet repeats it. Shorter ones repeat by chance, as
subheadings, names and lines of tables do."""

_DAMAGED = 0.43
_DAMAGED_UNEVENLY = 1.2
_CUT = 0.6
"""Share of the shorter text's shingles that a copy has at least. If every tenth character of n words is damaged,
_DAMAGED are left, less two standard deviations, _DAMAGED_UNEVENLY / sqrt(n), but no less than half of _CUT. If one text
is half as long as the other, the longer has nearly all shingles of the shorter."""

_AS_LONG = 0.9
"""From this ratio of their lengths in words on, one text may be all of the other, damaged: damage joins words and cuts
them."""

_CHANCE = 1.75
"""By this many standard deviations copies may share fewer bands than expected."""

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_BETWEEN = re.compile(r"[\W_]+")
_BATCH = 1024
_POLYNOMIAL = np.uint64(0x9E3779B97F4A7C15)


def sketch(text: str) -> npt.NDArray[np.uint32]:
    """Return one hash a band, (BANDS,); texts that share LEAST_BANDS in the same places are worth comparing.

    Case, white space, punctuation and width are folded first. Zeros for a text without words.
    """
    letters = _BETWEEN.sub("", _folded(text))
    runs = _runs(letters)
    return _least(runs) if runs.size else np.zeros(BANDS, dtype=np.uint32)


def worth_comparing(bands: Ints, lengths: Ints, other_lengths: Ints) -> npt.NDArray[np.bool_]:
    """Mark the pairs of texts that may be copies, by the bands that they share.

    The probability that a band is shared is the Jaccard similarity of the texts (Broder, "On the resemblance and
    containment of documents", 1997).

    Args:
        bands: (n,), how many each pair shares.
        lengths: (n,), of one text of each pair, in words.
        other_lengths: (n,), of the other.
    """
    shorter, longer = np.minimum(lengths, other_lengths), np.maximum(lengths, other_lengths)
    damaged = np.maximum(_CUT / 2, _DAMAGED - _DAMAGED_UNEVENLY / np.sqrt(np.maximum(shorter, 1)))
    completeness = np.clip((shorter / np.maximum(longer, 1) - 0.5) / (_AS_LONG - 0.5), 0, 1)
    share = _CUT + completeness * (damaged - _CUT)
    common = share * shorter
    least = common / np.maximum(shorter + longer - common, 1)
    expected = BANDS * least
    marked: npt.NDArray[np.bool_] = bands >= np.maximum(
        LEAST_BANDS, expected - _CHANCE * np.sqrt(expected * (1 - least))
    )
    return marked


def paragraph_hashes(text: str) -> Hashes:
    """Return one hash a paragraph of a normalised text, in order; 0 for a paragraph without words.

    Case, white space, punctuation and width are folded first.
    """
    paragraphs = (_BETWEEN.sub(" ", _folded(text[start:end])).strip() for start, end in paragraph_spans(text))
    return np.array([_digest(paragraph) if paragraph else 0 for paragraph in paragraphs], dtype=np.uint64)


def _folded(text: str) -> str:
    text = text[:READ_CHARACTERS]
    return (text if text.isascii() else normalised("NFKC", text)).casefold()


def _digest(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "little")


def _runs(letters: str) -> Hashes:
    """Return the hashes of all runs of letters; the first character of a run decides how long it is."""
    values = np.frombuffer(letters.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    if not _UNSPACED_CHARACTER.search(letters):
        return np.unique(_rolled(values, LETTERS))
    unspaced = np.array([_UNSPACED_CHARACTER.match(letter) is not None for letter in letters])
    parts = []
    for length, begins in ((CHARACTERS, unspaced), (LETTERS, ~unspaced)):
        runs = _rolled(values, length)
        parts.append(runs[begins[: runs.size]])
    return np.unique(np.concatenate(parts))


def _rolled(values: Hashes, count: int) -> Hashes:
    """Return a hash of each `count` values in a row, or of all of them where there are fewer."""
    count = min(count, values.size)
    sums = np.zeros(values.size - count + 1 if values.size else 0, dtype=np.uint64)
    for offset in range(count):
        sums = sums * _POLYNOMIAL + values[offset : offset + sums.size]
    return _mixed(sums)


def _mixed(hashes: Hashes) -> Hashes:
    """Let every bit depend on every other (the finaliser of SplitMix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _least(runs: Hashes) -> npt.NDArray[np.uint32]:
    """Return the least hash under each of BANDS permutations, its upper half."""
    least = np.full(BANDS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, runs.size, _BATCH):
        permuted = _FACTORS * runs[start : start + _BATCH] + _SUMMANDS
        np.minimum(least, permuted.min(axis=1), out=least)
    return (_mixed(least) >> np.uint64(32)).astype(np.uint32)


_FACTORS = (_mixed(np.arange(1, BANDS + 1, dtype=np.uint64)) | np.uint64(1))[:, None]
_SUMMANDS = _mixed(np.arange(BANDS + 1, 2 * BANDS + 1, dtype=np.uint64))[:, None]
