"""The words of a segment that is being written: all that follows from what stands at each place (`lexicon`)."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Mask, write_arrays
from semsearch.engines.local.lexicon import FILE, RARE, SHAPES, TOGETHER
from semsearch.engines.local.postings import CLASS_BITS, CLASSES, CODE_BITS, MANY, Packed
from semsearch.engines.local.runs import Ints, distinct, first_of_each, spread
from semsearch.engines.local.terms import Dictionary, Keys, SegmentTerms, Tokens
from semsearch.files import Seal

_COMMON = 16
"""A word that stands at more places than there are so many passages each is common. Pairs of common words are listed:
they stand in too many passages to look through them all."""


def write_terms(folder: Path, terms: SegmentTerms) -> Mapping[str, Seal]:
    """Write the words of a segment: the same texts give the same bytes, however their tokens were numbered."""
    dictionary, renumbered = _in_order(terms)
    places, about = renumbered[terms.places], renumbered[terms.about]
    row_others, about_others = (
        _sorted_others(np.stack([own[:, 0], renumbered[own[:, 1]], own[:, 2]], axis=1))
        for own in (terms.row_others, terms.about_others)
    )
    group_keys, group_tokens = np.unique(dictionary.groups, return_index=True)  # which are ascending
    group_of = np.repeat(np.arange(len(group_keys)), np.diff(np.append(group_tokens, len(dictionary.keys))))
    size, passages = len(dictionary.keys), len(terms.row_counts)
    often = [np.bincount(own, minlength=size) for own in (places, about, row_others[:, 1], about_others[:, 1])]
    usual = _usual(dictionary, group_tokens, np.sum(often, axis=0))
    is_unusual = dictionary.keys != dictionary.keys[usual][group_of]
    lengths = terms.lengths[:passages], terms.lengths[passages:]
    classes = [length_classes(own) for own in lengths]
    of_rows, of_articles = (_Gathering(len(group_keys), *both) for both in zip(lengths, classes, strict=True))
    word_numbers, common_words = _common(dictionary.words[:, 0], often[0], passages)
    pairs = [np.zeros(0, dtype=np.int64)]
    for part in _parts(terms, places, about, row_others, about_others):
        groups, marks = group_of[part.tokens], is_unusual[part.tokens]
        of_rows.add(*part.with_rows(groups))
        of_articles.add(groups, part.articles, marks)
        pairs.append(_as_one(part.pairs(word_numbers), len(common_words), passages))
    usual_tokens, ranks = _by_frequency(often[0] + often[1])
    found_pairs = _pairs(pairs, common_words, passages)
    rows, articles = of_rows.lists(), of_articles.lists()
    names = sorted(set(terms.analysers))
    arrays: dict[str, npt.NDArray[Any]] = {
        "token_keys": dictionary.keys,
        "token_words": dictionary.words,
        "group_keys": group_keys,
        "group_tokens": np.append(group_tokens, size).astype(np.uint32),
        "group_rows": rows.spans.astype(np.uint32),
        "group_articles": articles.spans.astype(np.uint32),
        "group_usual": usual.astype(np.uint32),
        "group_bounds": np.stack([rows.bounds, articles.bounds], axis=1),
        "row_postings": rows.packed,
        "row_many": rows.large_counts,
        "article_postings": articles.packed,
        "article_many": articles.large_counts,
        "article_unusual": np.packbits(articles.marked),
        "usual_tokens": usual_tokens.astype(np.uint32),
        "places": ranks[places],
        "place_rare": _rare(places, ranks),
        "row_places": np.cumsum(np.append(0, terms.row_counts)).astype(np.uint32),
        "about": ranks[about],
        "about_rare": _rare(about, ranks),
        "about_places": _about_places(terms.about_counts),
        "pair_keys": found_pairs.keys,
        "pair_spans": found_pairs.spans,
        "pair_rows": found_pairs.rows,
        "row_others": _with_marks(row_others),
        "about_others": _with_marks(about_others),
        "irregular": terms.irregular.astype(np.int32),
        "sizes": np.array([len(row_others), len(about_others), len(terms.irregular)]),  # which nothing else tells
        "lengths": terms.lengths.astype(np.int32),  # of passages, then of articles
        "length_classes": np.stack(classes).astype(np.int32),
        "analysers": np.asarray([names.index(name) for name in terms.analysers], dtype=np.uint8),
        "analyser_names": np.asarray(names or [""], dtype="S8"),
    }
    return {FILE: write_arrays(folder / FILE, {name: arrays[name] for name in SHAPES})}


class _Part(NamedTuple):
    """The tokens of some articles that follow each other, those of passages first, then those of headlines."""

    tokens: Ints  # (n,)
    articles: Ints  # (n,): of each
    rows: Ints  # (of_passages,): of the first of them; the others are in all passages of their articles
    first_rows: Ints  # (n,): of the article of each
    passages: Ints  # (n,): the same
    placed: int  # so many of the first stand at places, one after the other
    titles: Ints  # of those that stand in headlines, one after the other

    def with_rows(self, groups: Ints) -> tuple[Ints, Ints]:
        """Return the groups of tokens with their passages, each pair as often as it is there."""
        of_passages = len(self.rows)
        counts = self.passages[of_passages:]
        return (
            np.concatenate([groups[:of_passages], np.repeat(groups[of_passages:], counts)]),
            np.concatenate([self.rows, spread(self.first_rows[of_passages:], counts)]),
        )

    def pairs(self, words_of: Ints) -> Ints:
        """Return (n, 3): two common words that stand one after the other, and the passage in which they begin.

        Where a headline has them all passages of its article count.

        Args:
            words_of: (tokens,), a number for the word of each that is common; -1 for others.
        """
        own = words_of[self.tokens]
        at = _following(own[: self.placed] >= 0, self.articles[: self.placed])
        in_titles = self.titles[_following(own[self.titles] >= 0, self.articles[self.titles])]
        counts = self.passages[in_titles]
        of_titles = np.stack([own[in_titles], own[in_titles + 1]], axis=1)
        return np.concatenate(
            [
                np.stack([own[at], own[at + 1], self.rows[at]], axis=1),
                np.column_stack([np.repeat(of_titles, counts, axis=0), spread(self.first_rows[in_titles], counts)]),
            ]
        )


def _parts(terms: SegmentTerms, places: Tokens, about: Tokens, row_others: Ints, about_others: Ints) -> Iterator[_Part]:
    """Yield the tokens of all articles, in pieces of about so many that take little memory.

    Args:
        places: as in `Terms`, renumbered; the same for the others.
    """
    first_rows = np.cumsum(np.append(0, terms.passages))
    row_begins = np.cumsum(np.append(0, terms.row_counts))
    about_begins = np.cumsum(np.append(0, terms.about_counts[:, 1]))
    taken = row_begins[first_rows[1:]] + np.cumsum(terms.about_counts[:, 1] * terms.passages)
    pieces = max(1, -(-int(taken[-1]) // TOGETHER)) if len(taken) else 0
    bounds = np.searchsorted(taken, [TOGETHER * piece for piece in range(1, pieces)], side="right")
    for begin, end in pairwise(np.unique([0, *bounds, len(taken)]).tolist()):
        rows = np.arange(first_rows[begin], first_rows[end])
        articles = np.arange(begin, end)
        of_rows, of_articles = (
            own[slice(*np.searchsorted(own[:, 0], ends))]
            for own, ends in ((row_others, first_rows[[begin, end]]), (about_others, [begin, end]))
        )
        row_articles = np.repeat(articles, terms.passages[begin:end])
        placed = np.repeat(rows, terms.row_counts[rows])
        named = np.repeat(articles, terms.about_counts[begin:end, 1])
        in_passages = np.concatenate([placed, of_rows[:, 0]])
        owners = np.concatenate([row_articles[in_passages - first_rows[begin]], named, of_articles[:, 0]])
        within = np.arange(len(named)) - np.repeat(
            about_begins[begin:end] - about_begins[begin], terms.about_counts[begin:end, 1]
        )
        is_title = within < terms.about_counts[named, 0]
        yield _Part(
            np.concatenate(
                [
                    places[row_begins[first_rows[begin]] : row_begins[first_rows[end]]],
                    of_rows[:, 1],
                    about[about_begins[begin] : about_begins[end]],
                    of_articles[:, 1],
                ]
            ),
            owners,
            in_passages,
            first_rows[owners],
            terms.passages[owners],
            len(placed),
            len(in_passages) + np.flatnonzero(is_title),
        )


def _by_frequency(often: Ints) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return the tokens that stand most often, most often first, and for each of all its number among these or RARE.

    Args:
        often: (tokens,), how often each stands at a place.
    """
    usual = np.argsort(-often, kind="stable")[:RARE]
    ranks = np.full(len(often), RARE, dtype=np.uint16)
    ranks[usual] = np.arange(len(usual))
    return usual, ranks


def _rare(places: Tokens, ranks: npt.NDArray[np.uint16]) -> Packed:
    """Return (n, 2): where rare tokens stand, and which."""
    at = np.flatnonzero(ranks[places] == RARE)
    return np.stack([at, places[at]], axis=1).astype(np.uint32)


def _in_order(terms: SegmentTerms) -> tuple[Dictionary, Tokens]:
    """Return the tokens that occur, in order of group, key and words, and for each old number the new one."""
    keys, groups, spellings = terms.dictionary
    used = np.zeros(len(keys), dtype=np.bool_)
    for numbers in (terms.places, terms.about, terms.row_others[:, 1], terms.about_others[:, 1]):
        used[numbers] = True
    order = np.lexsort((spellings[:, 1], spellings[:, 0], keys, groups))
    order = order[used[order]]
    columns = np.stack([groups, keys, spellings[:, 0], spellings[:, 1]], axis=1)[order]
    different = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(order)]
    renumbered = np.zeros(len(keys), dtype=np.int32)
    renumbered[order] = np.cumsum(different) - 1
    kept = order[different]
    if max(len(kept), len(terms.row_counts)) > 1 << 24:
        raise ValueError("more different words or passages than a segment can hold")
    return Dictionary(keys[kept], groups[kept], spellings[kept]), renumbered


def _sorted_others(others: Ints) -> Ints:
    return others[np.lexsort((others[:, 2], others[:, 1], others[:, 0]))]


def _with_marks(others: Ints) -> Packed:
    return np.stack([others[:, 0], others[:, 1] | others[:, 2]], axis=1).astype(np.uint32)


def _about_places(counts: Ints) -> Packed:
    """Return (articles + 1, 2): where the places of each begin, and where those of its headline end."""
    begins = np.cumsum(np.append(0, counts[:, 1]))
    return np.stack([begins, begins + np.append(counts[:, 0], 0)], axis=1).astype(np.uint32)


class _Lists(NamedTuple):
    packed: Packed
    large_counts: Packed  # (n, 2): a position in `packed`, and how often, where that is MANY or more
    spans: Ints  # (groups + 1,)
    bounds: npt.NDArray[np.uint8]  # (groups,): the code of the highest count of each, and the least class
    marked: Mask  # of the length of `packed`


def length_classes(lengths: Ints) -> Ints:
    """Return (16,): the least length of each class, of which all have about as many units."""
    if not len(lengths):
        return np.zeros(CLASSES, dtype=np.int64)
    return np.asarray(np.sort(lengths)[np.arange(CLASSES) * len(lengths) // CLASSES])


def _class_of(lengths: Ints, classes: Ints) -> Ints:
    return np.asarray(np.searchsorted(classes, lengths, side="right") - 1)


def _usual(dictionary: Dictionary, group_tokens: Ints, often: Ints) -> Ints:
    """Return (groups,): a token of the term of each group that stands most often; the first of several.

    Args:
        often: (tokens,), how often each stands.
    """
    _, terms = np.unique(dictionary.keys, return_inverse=True)
    totals = np.bincount(terms, often).astype(np.int64)[terms]
    sizes = np.diff(np.append(group_tokens, len(totals)))
    most = np.repeat(np.maximum.reduceat(totals, group_tokens) if len(totals) else totals, sizes)
    at = np.flatnonzero(totals == most)
    return np.asarray(at[np.searchsorted(at, group_tokens)])


class _Gathering:
    """The postings of passages, or articles, that come in order: counted at once, and put in order of groups later."""

    def __init__(self, groups: int, lengths: Ints, classes: Ints) -> None:
        """Begin with nothing.

        Args:
            groups: how many there are.
            lengths: (units,), of each.
            classes: (16,), the least length of each class.
        """
        self._groups = groups
        self._class_of = np.searchsorted(classes, lengths, side="right") - 1
        self._most = np.zeros(groups, dtype=np.int64)  # how often any unit has each group, MANY at most
        self._least = np.full(groups, CLASSES - 1)  # of the length of any unit that has it, the class
        self._sizes = np.zeros(groups, dtype=np.int64)
        self._added: list[tuple[Ints, Packed, Packed, Mask]] = []

    def add(self, groups: Ints, units: Ints, marks: Mask | None = None) -> None:
        """Count how often each unit has each group, of units that are all behind those of earlier calls.

        Args:
            groups: (n,), of each occurrence.
            units: (n,), the same.
            marks: (n,); a posting is marked if any of its occurrences is.
        """
        first, span = int(units.min(initial=0)), int(units.max(initial=0)) + 1
        span -= first
        pairs, marked = np.divmod(np.sort((groups * span + (units - first)) * 2 + (0 if marks is None else marks)), 2)
        begins = first_of_each(pairs)
        lasts = np.append(begins, len(pairs))[1:] - 1
        counts = np.diff(np.append(begins, len(pairs)))
        groups, units = np.divmod(pairs[begins], span)
        units += first
        few, classes = np.minimum(counts, MANY), self._class_of[units]
        firsts = first_of_each(groups)
        own, sizes = groups[firsts], np.diff(np.append(firsts, len(groups)))
        if len(firsts):
            self._most[own] = np.maximum(self._most[own], np.maximum.reduceat(few, firsts))
            self._least[own] = np.minimum(self._least[own], np.minimum.reduceat(classes, firsts))
        self._sizes[own] += sizes
        at = np.flatnonzero(counts >= MANY)
        packed = (units << CODE_BITS | few << CLASS_BITS | classes).astype(np.uint32)
        many = np.stack([at, counts[at]], axis=1).astype(np.uint32)
        self._added.append((np.stack([own, sizes]), packed, many, marked[lasts] > 0))

    def lists(self) -> _Lists:
        """Return all that was added; to be called once."""
        spans = np.append(0, np.cumsum(self._sizes))
        packed, marked = np.zeros(spans[-1], dtype=np.uint32), np.zeros(spans[-1], dtype=np.bool_)
        many = [np.zeros((0, 2), dtype=np.uint32)]
        free = spans[:-1].copy()
        while self._added:
            (groups, sizes), own, counts, marks = self._added.pop(0)
            places = spread(free[groups], sizes)
            free[groups] += sizes
            packed[places], marked[places] = own, marks
            counts[:, 0] = places[counts[:, 0]]
            many.append(counts)
        counted = np.concatenate(many)
        bounds = (self._most << CLASS_BITS | self._least).astype(np.uint8)
        return _Lists(packed, counted[np.argsort(counted[:, 0])], spans, bounds, marked)


class _Pairs(NamedTuple):
    keys: Keys  # (pairs,): of the one word and of the other (`word_key`)
    spans: Packed  # (pairs + 1,)
    rows: Packed


def _common(own: Packed, often: Ints, passages: int) -> tuple[Ints, Packed]:
    """Return (tokens,) for each of a common word its number, -1 for others; and these words, ascending.

    Args:
        own: (tokens,), the word of each.
        often: (tokens,), how often it stands in passages.
    """
    different, numbers = np.unique(own, return_inverse=True)
    is_common = np.bincount(numbers, often, minlength=len(different)) * _COMMON > passages
    places = np.where(is_common, np.cumsum(is_common) - 1, -1)
    return places[numbers], different[is_common]


def _as_one(found: Ints, common: int, passages: int) -> Ints:
    """Return the numbers of two words and of a passage, (n, 3), as one number, each once: a third of the memory."""
    return distinct((found[:, 0] * common + found[:, 1]) * passages + found[:, 2])


def _pairs(parts: list[Ints], common_words: Packed, passages: int) -> _Pairs:
    """Put pairs of common words in order.

    Args:
        parts: pairs and passages as `_as_one` returns them; emptied, to need little memory.
        common_words: of all numbers.
    """
    found = np.concatenate(parts)
    parts.clear()
    found.sort()
    found = found[first_of_each(found)]
    having = (found % max(1, passages)).astype(np.uint32)
    found //= max(1, passages)
    begins = first_of_each(found)
    size = max(1, len(common_words))
    before, behind = np.divmod(found[begins], size)
    keys = common_words[before].astype(np.uint64) << np.uint64(32) | common_words[behind].astype(np.uint64)
    return _Pairs(keys, np.append(begins, len(found)).astype(np.uint32), having)


def _following(wanted: Mask, owners: Ints) -> Ints:
    """Return the places that are wanted, and of which the next is, too, and has the same owner."""
    return np.flatnonzero(wanted[:-1] & wanted[1:] & (owners[:-1] == owners[1:]))
