"""The words of a segment that is being written: all that follows from the tokens at each place (`lexicon`)."""

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
"""A word is common if it stands at more than one place for every `_COMMON` passages. Pairs of common words are listed,
since they stand in too many passages to look through."""


def write_terms(folder: Path, terms: SegmentTerms) -> Mapping[str, Seal]:
    """Write the words of a segment: the same texts give the same bytes, however their tokens were numbered."""
    dictionary, renumbered = _in_order(terms)
    places, about = renumbered[terms.places], renumbered[terms.about]
    row_spellings = _sorted_spellings(terms.row_spellings, renumbered)
    about_spellings = _sorted_spellings(terms.about_spellings, renumbered)
    group_keys, group_tokens = np.unique(dictionary.groups, return_index=True)  # the groups are ascending
    group_of = np.repeat(np.arange(len(group_keys)), np.diff(np.append(group_tokens, len(dictionary.keys))))
    size, passages = len(dictionary.keys), len(terms.row_counts)
    token_columns = (places, about, row_spellings[:, 1], about_spellings[:, 1])
    frequencies = [np.bincount(tokens, minlength=size) for tokens in token_columns]
    usual = _usual_tokens(dictionary, group_tokens, np.sum(frequencies, axis=0))
    is_unusual = dictionary.keys != dictionary.keys[usual][group_of]
    lengths = terms.lengths[:passages], terms.lengths[passages:]
    classes = list(map(length_classes, lengths))
    of_rows, of_articles = (_PostingsBuilder(len(group_keys), *pair) for pair in zip(lengths, classes, strict=True))
    word_numbers, common_words = _common_words(dictionary.words[:, 0], frequencies[0], passages)
    pairs = [np.zeros(0, dtype=np.int64)]
    for batch in _token_batches(terms, places, about, row_spellings, about_spellings):
        groups, marks = group_of[batch.tokens], is_unusual[batch.tokens]
        of_rows.add(*batch.with_rows(groups))
        of_articles.add(groups, batch.articles, marks)
        pairs.append(_encoded_pairs(batch.pairs(word_numbers), len(common_words), passages))
    usual_tokens, ranks = _by_frequency(frequencies[0] + frequencies[1])
    ordered_pairs = _ordered_pairs(pairs, common_words, passages)
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
        "row_large_counts": rows.large_counts,
        "article_postings": articles.packed,
        "article_large_counts": articles.large_counts,
        "article_unusual": np.packbits(articles.marked),
        "usual_tokens": usual_tokens.astype(np.uint32),
        "places": ranks[places],
        "place_rare": _rare_places(places, ranks),
        "row_places": np.cumsum(np.append(0, terms.row_counts)).astype(np.uint32),
        "about": ranks[about],
        "about_rare": _rare_places(about, ranks),
        "about_places": _about_places(terms.about_counts),
        "pair_keys": ordered_pairs.keys,
        "pair_spans": ordered_pairs.spans,
        "pair_rows": ordered_pairs.rows,
        "row_spellings": _with_marks(row_spellings),
        "about_spellings": _with_marks(about_spellings),
        "irregular": terms.irregular.astype(np.int32),
        "sizes": np.array([len(row_spellings), len(about_spellings), len(terms.irregular)]),  # nothing else tells these
        "lengths": terms.lengths.astype(np.int32),  # of passages, then of articles
        "length_classes": np.stack(classes).astype(np.int32),
        "analysers": np.asarray([names.index(name) for name in terms.analysers], dtype=np.uint8),
        "analyser_names": np.asarray(names or [""], dtype="S8"),
    }
    return {FILE: write_arrays(folder / FILE, {name: arrays[name] for name in SHAPES})}


class _TokenBatch(NamedTuple):
    """The tokens of consecutive articles: those of passages first, then those of headlines and publishers."""

    tokens: Ints  # (n,)
    articles: Ints  # (n,): the article of each
    rows: Ints  # (of_passages,): the rows of those of passages; the others are in all passages of their articles
    first_rows: Ints  # (n,): the first row of the article of each
    passages: Ints  # (n,): how many passages the article of each has
    placed: int  # how many of the first ones stand at places, one after the other
    titles: Ints  # the indexes of those that stand in headlines, one after the other

    def with_rows(self, groups: Ints) -> tuple[Ints, Ints]:
        """Return the groups of tokens with their passages, each pair as often as it occurs."""
        of_passages = len(self.rows)
        counts = self.passages[of_passages:]
        return (
            np.concatenate([groups[:of_passages], np.repeat(groups[of_passages:], counts)]),
            np.concatenate([self.rows, spread(self.first_rows[of_passages:], counts)]),
        )

    def pairs(self, words_of: Ints) -> Ints:
        """Return (n, 3): two common words that stand one after the other, and the passage in which they begin.

        If a headline has them, all passages of its article count.

        Args:
            words_of: (tokens,), the number of each token's word if it is common, else -1.
        """
        word_numbers = words_of[self.tokens]
        pair_begins = _followed_places(word_numbers[: self.placed] >= 0, self.articles[: self.placed])
        in_titles = self.titles[_followed_places(word_numbers[self.titles] >= 0, self.articles[self.titles])]
        counts = self.passages[in_titles]
        of_titles = np.stack([word_numbers[in_titles], word_numbers[in_titles + 1]], axis=1)
        return np.concatenate(
            [
                np.stack([word_numbers[pair_begins], word_numbers[pair_begins + 1], self.rows[pair_begins]], axis=1),
                np.column_stack([np.repeat(of_titles, counts, axis=0), spread(self.first_rows[in_titles], counts)]),
            ]
        )


def _token_batches(
    terms: SegmentTerms, places: Tokens, about: Tokens, row_spellings: Ints, about_spellings: Ints
) -> Iterator[_TokenBatch]:
    """Yield the tokens of all articles, in batches of about TOGETHER that take little memory.

    Args:
        places: as in `SegmentTerms`, renumbered, as the others are.
    """
    first_rows = np.cumsum(np.append(0, terms.passages))
    row_begins = np.cumsum(np.append(0, terms.row_counts))
    about_begins = np.cumsum(np.append(0, terms.about_counts[:, 1]))
    sizes = row_begins[first_rows[1:]] + np.cumsum(terms.about_counts[:, 1] * terms.passages)
    pieces = max(1, -(-int(sizes[-1]) // TOGETHER)) if len(sizes) else 0
    bounds = np.searchsorted(sizes, [TOGETHER * piece for piece in range(1, pieces)], side="right")
    for begin, end in pairwise(np.unique([0, *bounds, len(sizes)]).tolist()):
        rows = np.arange(first_rows[begin], first_rows[end])
        articles = np.arange(begin, end)
        of_rows = row_spellings[slice(*np.searchsorted(row_spellings[:, 0], first_rows[[begin, end]]))]
        of_articles = about_spellings[slice(*np.searchsorted(about_spellings[:, 0], [begin, end]))]
        row_articles = np.repeat(articles, terms.passages[begin:end])
        placed = np.repeat(rows, terms.row_counts[rows])
        about_articles = np.repeat(articles, terms.about_counts[begin:end, 1])
        in_passages = np.concatenate([placed, of_rows[:, 0]])
        owners = np.concatenate([row_articles[in_passages - first_rows[begin]], about_articles, of_articles[:, 0]])
        within = np.arange(len(about_articles)) - np.repeat(
            about_begins[begin:end] - about_begins[begin], terms.about_counts[begin:end, 1]
        )
        is_title = within < terms.about_counts[about_articles, 0]
        yield _TokenBatch(
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


def _by_frequency(frequencies: Ints) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return the most frequent tokens, in this order, and for each token its number among these, or RARE.

    Args:
        frequencies: (tokens,), at how many places each stands.
    """
    usual = np.argsort(-frequencies, kind="stable")[:RARE]
    ranks = np.full(len(frequencies), RARE, dtype=np.uint16)
    ranks[usual] = np.arange(len(usual))
    return usual, ranks


def _rare_places(places: Tokens, ranks: npt.NDArray[np.uint16]) -> Packed:
    """Return (n, 2): the places of rare tokens, and the tokens."""
    rare_places = np.flatnonzero(ranks[places] == RARE)
    return np.stack([rare_places, places[rare_places]], axis=1).astype(np.uint32)


def _in_order(terms: SegmentTerms) -> tuple[Dictionary, Tokens]:
    """Return the tokens that occur, in order of group, key and words, and the new number for each old one."""
    keys, groups, spellings = terms.dictionary
    used = np.zeros(len(keys), dtype=np.bool_)
    for numbers in (terms.places, terms.about, terms.row_spellings[:, 1], terms.about_spellings[:, 1]):
        used[numbers] = True
    order = np.lexsort((spellings[:, 1], spellings[:, 0], keys, groups))
    order = order[used[order]]
    columns = np.stack([groups, keys, spellings[:, 0], spellings[:, 1]], axis=1)[order]
    different = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(order)]
    renumbered = np.zeros(len(keys), dtype=np.int32)
    renumbered[order] = np.cumsum(different) - 1
    distinct_tokens = order[different]
    if max(len(distinct_tokens), len(terms.row_counts)) > 1 << 24:
        raise ValueError("more different words or passages than a segment can hold")
    return Dictionary(keys[distinct_tokens], groups[distinct_tokens], spellings[distinct_tokens]), renumbered


def _sorted_spellings(spellings: Ints, renumbered: Tokens) -> Ints:
    """Return other spellings, (n, 3), with new numbers for their tokens, in order."""
    spellings = np.stack([spellings[:, 0], renumbered[spellings[:, 1]], spellings[:, 2]], axis=1)
    return spellings[np.lexsort((spellings[:, 2], spellings[:, 1], spellings[:, 0]))]


def _with_marks(spellings: Ints) -> Packed:
    return np.stack([spellings[:, 0], spellings[:, 1] | spellings[:, 2]], axis=1).astype(np.uint32)


def _about_places(counts: Ints) -> Packed:
    """Return (articles + 1, 2): where the places of each begin, and where those of its headline end."""
    begins = np.cumsum(np.append(0, counts[:, 1]))
    return np.stack([begins, begins + np.append(counts[:, 0], 0)], axis=1).astype(np.uint32)


class _PostingLists(NamedTuple):
    packed: Packed
    large_counts: Packed  # (n, 2): a position in `packed`, and the count there, if that is MANY or more
    spans: Ints  # (groups + 1,): the postings of group i are [i] to [i + 1]
    bounds: npt.NDArray[np.uint8]  # (groups,): the code of the highest count and the least class of each
    marked: Mask  # of the length of `packed`


def length_classes(lengths: Ints) -> Ints:
    """Return (16,): the least length of each class; all classes have about as many units."""
    if not len(lengths):
        return np.zeros(CLASSES, dtype=np.int64)
    return np.asarray(np.sort(lengths)[np.arange(CLASSES) * len(lengths) // CLASSES])


def _usual_tokens(dictionary: Dictionary, group_tokens: Ints, frequencies: Ints) -> Ints:
    """Return (groups,): the first token of the most frequent term of each group.

    Args:
        frequencies: (tokens,), how often each occurs.
    """
    _, terms = np.unique(dictionary.keys, return_inverse=True)
    totals = np.bincount(terms, frequencies).astype(np.int64)[terms]
    sizes = np.diff(np.append(group_tokens, len(totals)))
    most = np.repeat(np.maximum.reduceat(totals, group_tokens) if len(totals) else totals, sizes)
    usual_tokens = np.flatnonzero(totals == most)
    return np.asarray(usual_tokens[np.searchsorted(usual_tokens, group_tokens)])


class _PostingsBuilder:
    """Builds postings from units that come in order: counts them at once, and orders them by group at the end."""

    def __init__(self, groups: int, lengths: Ints, classes: Ints) -> None:
        """Begin without postings.

        Args:
            groups: how many there are.
            lengths: (units,), the length of each passage, or article.
            classes: (16,), the least length of each class.
        """
        self._groups = groups
        self._class_of = np.searchsorted(classes, lengths, side="right") - 1
        self._most = np.zeros(groups, dtype=np.int64)  # the highest count of each group, MANY at most
        self._least = np.full(groups, CLASSES - 1)  # the least length class of the units that have each group
        self._sizes = np.zeros(groups, dtype=np.int64)
        self._added: list[tuple[Ints, Packed, Packed, Mask]] = []

    def add(self, groups: Ints, units: Ints, marks: Mask | None = None) -> None:
        """Count how often each unit has each group; all units are behind those of earlier calls.

        Args:
            groups: (n,), of each occurrence.
            units: (n,), of each occurrence.
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
        capped, classes = np.minimum(counts, MANY), self._class_of[units]
        firsts = first_of_each(groups)
        present, sizes = groups[firsts], np.diff(np.append(firsts, len(groups)))
        if len(firsts):
            self._most[present] = np.maximum(self._most[present], np.maximum.reduceat(capped, firsts))
            self._least[present] = np.minimum(self._least[present], np.minimum.reduceat(classes, firsts))
        self._sizes[present] += sizes
        large = np.flatnonzero(counts >= MANY)
        packed = (units << CODE_BITS | capped << CLASS_BITS | classes).astype(np.uint32)
        large_counts = np.stack([large, counts[large]], axis=1).astype(np.uint32)
        self._added.append((np.stack([present, sizes]), packed, large_counts, marked[lasts] > 0))

    def lists(self) -> _PostingLists:
        """Return the postings of all that was added; to be called once."""
        spans = np.append(0, np.cumsum(self._sizes))
        packed, marked = np.zeros(spans[-1], dtype=np.uint32), np.zeros(spans[-1], dtype=np.bool_)
        large_counts = [np.zeros((0, 2), dtype=np.uint32)]
        free = spans[:-1].copy()
        while self._added:
            (groups, sizes), part, counts, marks = self._added.pop(0)
            positions = spread(free[groups], sizes)
            free[groups] += sizes
            packed[positions], marked[positions] = part, marks
            counts[:, 0] = positions[counts[:, 0]]
            large_counts.append(counts)
        joined_counts = np.concatenate(large_counts)
        bounds = (self._most << CLASS_BITS | self._least).astype(np.uint8)
        return _PostingLists(packed, joined_counts[np.argsort(joined_counts[:, 0])], spans, bounds, marked)


class _Pairs(NamedTuple):
    keys: Keys  # (pairs,): the keys of both words (`word_key`)
    spans: Packed  # (pairs + 1,): the rows of pair i are [i] to [i + 1]
    rows: Packed


def _common_words(words: Packed, frequencies: Ints, passages: int) -> tuple[Ints, Packed]:
    """Return, (tokens,), the number of each token's word if it is common, else -1; and the common words, ascending.

    Args:
        words: (tokens,), the word of each.
        frequencies: (tokens,), how often each stands in passages.
    """
    different, numbers = np.unique(words, return_inverse=True)
    is_common = np.bincount(numbers, frequencies, minlength=len(different)) * _COMMON > passages
    common_numbers = np.where(is_common, np.cumsum(is_common) - 1, -1)
    return common_numbers[numbers], different[is_common]


def _encoded_pairs(pairs: Ints, common: int, passages: int) -> Ints:
    """Return (n, 3) numbers of two words and a passage as one number each, without repeats: a third of the memory."""
    return distinct((pairs[:, 0] * common + pairs[:, 1]) * passages + pairs[:, 2])


def _ordered_pairs(parts: list[Ints], common_words: Packed, passages: int) -> _Pairs:
    """Put pairs of common words in order.

    Args:
        parts: pairs and passages as `_encoded_pairs` returns them; emptied, to need little memory.
        common_words: in order of their numbers.
    """
    numbers = np.concatenate(parts)
    parts.clear()
    numbers.sort()
    numbers = numbers[first_of_each(numbers)]
    rows = (numbers % max(1, passages)).astype(np.uint32)
    numbers //= max(1, passages)
    begins = first_of_each(numbers)
    size = max(1, len(common_words))
    first_words, second_words = np.divmod(numbers[begins], size)
    keys = common_words[first_words].astype(np.uint64) << np.uint64(32) | common_words[second_words].astype(np.uint64)
    return _Pairs(keys, np.append(begins, len(numbers)).astype(np.uint32), rows)


def _followed_places(wanted: Mask, owners: Ints) -> Ints:
    """Return the wanted places whose next place is wanted, too, and has the same owner."""
    return np.flatnonzero(wanted[:-1] & wanted[1:] & (owners[:-1] == owners[1:]))
