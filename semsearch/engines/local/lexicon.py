"""The words of one segment, read from its file: what stands at each place of its texts, and where each word stands.

For each *group* of tokens that are looked up together, as all that share a head are, it has the passages and the
articles that have one of them, and how often. The words of headline and publisher count as words of every passage.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import Mask, Shape, checked, damaged, read_arrays
from semsearch.engines.local.postings import Packed, Postings, united
from semsearch.engines.local.runs import Ints, distinct, spread
from semsearch.engines.local.terms import COMPOUND, HEADS, NUMBER, PUBLISHER, Dictionary, Keys, SegmentTerms, Tokens

FILE = "terms.arrays"

SHAPES: Mapping[str, Shape] = {
    "token_keys": ("u8", None),
    "token_words": ("u4", None, 2),
    "group_keys": ("u8", None),
    "group_tokens": ("u4", None),
    "group_rows": ("u4", None),
    "group_articles": ("u4", None),
    "group_bounds": ("u1", None, 2),
    "group_usual": ("u4", None),
    "row_postings": ("u4", None),
    "row_large_counts": ("u4", None, 2),
    "article_postings": ("u4", None),
    "article_large_counts": ("u4", None, 2),
    "article_unusual": ("u1", None),
    "usual_tokens": ("u4", None),
    "places": ("u2", None),
    "place_rare": ("u4", None, 2),
    "row_places": ("u4", None),
    "about": ("u2", None),
    "about_rare": ("u4", None, 2),
    "about_places": ("u4", None, 2),
    "pair_keys": ("u8", None),
    "pair_spans": ("u4", None),
    "pair_rows": ("u4", None),
    "row_spellings": ("u4", None, 2),
    "about_spellings": ("u4", None, 2),
    "irregular": ("i4", None),
    "sizes": ("i8", 3),
    "lengths": ("i4", None),
    "length_classes": ("i4", 2, 16),
    "analysers": ("u1", None),
    "analyser_names": ("S8", None),
}

RARE = 65_535
"""This many of the most frequent tokens have numbers of 16 bits. This number stands at the places of all others, which
are listed by themselves."""

_FEW_TOKENS = 8
"""Up to this many tokens are compared one by one with all spellings; for more, each spelling is looked up in a table.
"""

_SHORT = 8
"""The passages that have fewer than this many places, or fewer still, are remembered."""

TOGETHER = 1 << 18
"""Places that postings are made of at once, so that a large segment takes little more memory than its words do."""


class Lexicon:
    """The words of one segment, mapped into memory."""

    def __init__(self, folder: Path, articles: int, passages: int) -> None:
        """Open what `write_terms` wrote; raises ValueError where the file is not what was written."""
        arrays = read_arrays(folder / FILE, SHAPES)
        self._arrays = arrays
        self.keys: Keys = arrays["token_keys"]
        self.words: Packed = arrays["token_words"]
        self._groups: Keys = arrays["group_keys"]
        self._group_tokens: Packed = arrays["group_tokens"]
        self._lengths: npt.NDArray[np.int32] = arrays["lengths"]
        self.row_places: Packed = arrays["row_places"]
        self.about_places: Packed = arrays["about_places"]
        self.codes: npt.NDArray[np.uint8] = arrays["analysers"]
        self.analysers = [bytes(name).decode() for name in arrays["analyser_names"]]
        for name in self.analysers:
            words.terms("", name)  # raises ValueError where there is no such analyser
        self._articles, self._passages = articles, passages
        self._short: dict[int, Ints] = {}
        places, abouts, groups = arrays["places"], arrays["about"], len(self._groups)
        is_consistent = (
            self.analysers == sorted(set(self.analysers))
            and len(self.words) == len(self.keys) == int(self._group_tokens[-1])
            and int(self._group_tokens[0]) == 0
            and (self._group_tokens[1:] >= self._group_tokens[:-1]).all()
            and len(self._group_tokens) == len(arrays["group_rows"]) == len(arrays["group_articles"]) == groups + 1
            and len(arrays["group_bounds"]) == len(arrays["group_usual"]) == groups
            and len(arrays["row_postings"]) == int(arrays["group_rows"][-1])
            and len(arrays["article_postings"]) == int(arrays["group_articles"][-1])
            and len(arrays["article_unusual"]) == (len(arrays["article_postings"]) + 7) // 8
            and len(arrays["pair_spans"]) == len(arrays["pair_keys"]) + 1
            and len(arrays["pair_rows"]) == int(arrays["pair_spans"][-1])
            and len(arrays["usual_tokens"]) == min(len(self.keys), RARE)
            and len(places) == int(self.row_places[-1])
            and len(abouts) == int(self.about_places[-1, 0])
            and len(self.row_places) == passages + 1
            and len(self.about_places) == articles + 1
            and arrays["sizes"].tolist()
            == [len(arrays[name]) for name in ("row_spellings", "about_spellings", "irregular")]
            and len(self._lengths) == passages + articles
            and self._lengths.min(initial=0) >= 0
            and len(self.codes) == articles
            and (not articles or self.codes.max() < len(self.analysers))
        )
        if not is_consistent:
            raise ValueError(f"{folder} has other words than passages")

    @property
    def passage_lengths(self) -> npt.NDArray[np.int32]:
        """(passages,): how many terms each has."""
        return self._lengths[: self._passages]

    @property
    def article_lengths(self) -> npt.NDArray[np.int32]:
        """(articles,): how many terms each has."""
        return self._lengths[self._passages :]

    @cached_property
    def _usual_tokens(self) -> Ints:
        """(65536,): the token of each number that stands at places; any token for RARE and for unused numbers."""
        tokens = np.zeros(RARE + 1, dtype=np.int64)
        stored = self._arrays["usual_tokens"]
        tokens[: len(stored)] = stored
        return tokens

    def short_rows(self, places: int) -> Ints:
        """Return the passages that have fewer places than this."""
        rows = self._short.get(places)
        if rows is None:
            rows = np.flatnonzero(self.row_places[1:] - self.row_places[:-1] < places)
            if places <= _SHORT:
                self._short[places] = rows
        return rows

    @cached_property
    def irregular(self) -> Ints:
        """Articles with words that stand in no passage, or in two, or are cut in two."""
        return checked(self._arrays["irregular"].astype(np.int64), self._articles)

    def groups_of(self, keys: Keys) -> tuple[Ints, Ints]:
        """Return for ranges of keys, (n, 2), first and last, the groups within each, as begin and end."""
        begins = np.searchsorted(self._groups, keys[:, 0], side="left")
        return begins, np.maximum(begins, np.searchsorted(self._groups, keys[:, 1], side="right"))

    def group(self, group: int, *, articles: bool) -> Postings:
        """Return the passages, or articles, that have a token of a group."""
        spans_name, postings_name, counts_name = (
            ("group_articles", "article_postings", "article_large_counts")
            if articles
            else ("group_rows", "row_postings", "row_large_counts")
        )
        begin, end = self._arrays[spans_name][group : group + 2].tolist()
        postings: Packed = self._arrays[postings_name]
        if not begin <= end <= len(postings):
            raise damaged("postings")
        return Postings(postings[begin:end], begin, self._arrays[counts_name])

    def usual(self, group: int) -> int:
        """Return a token of the most frequent term of a group."""
        return int(checked(self._arrays["group_usual"][[group]].astype(np.int64), len(self.keys))[0])

    def unusual(self, group: int) -> Mask:
        """Return for the articles that have a group whether each has a term of it other than the usual one."""
        begin, end = self._arrays["group_articles"][group : group + 2].tolist()
        bits = np.unpackbits(self._arrays["article_unusual"][begin // 8 : (end + 7) // 8])
        return np.asarray(bits[begin % 8 : begin % 8 + end - begin], dtype=np.bool_)

    def bound(self, group: int, *, articles: bool) -> int:
        """Return a code with the highest count and the shortest length of any posting of a group."""
        return int(self._arrays["group_bounds"][group, int(articles)])

    def length_classes(self, *, articles: bool) -> Ints:
        """Return (16,): the least length of each class."""
        return np.asarray(self._arrays["length_classes"][int(articles)].astype(np.int64))

    def postings(self, first: int, last: int, *, articles: bool) -> Postings:
        """Return the passages, or articles, that have a term of these keys, in headline, publisher or text."""
        begin, end = (int(bound[0]) for bound in self.groups_of(np.array([[first, last]], dtype=np.uint64)))
        return united([self.group(group, articles=articles) for group in range(begin, end)], np.add)

    def tokens_of(self, first: int, last: int) -> Ints:
        """Return the tokens whose terms have keys in this range."""
        keys = np.array([[first & int(HEADS), last]], dtype=np.uint64)  # a word is in the group of its head
        begin, end = (int(bound[0]) for bound in self.groups_of(keys))
        numbers = np.arange(int(self._group_tokens[begin]), int(self._group_tokens[end]))
        token_keys = self.keys[numbers]
        return numbers[(token_keys >= np.uint64(first)) & (token_keys <= np.uint64(last))]

    def tokens_reading(self, word: int) -> Ints:
        """Return the tokens that stand for a word (`word_key`), as they are written or in their other spelling."""
        return np.flatnonzero((self.words[:, 0] == word) | (self.words[:, 1] == word))

    def groups_with(self, tokens: Ints) -> Ints:
        """Return the groups of tokens, ascending, each once."""
        return distinct(np.searchsorted(self._group_tokens, tokens, side="right") - 1)

    def is_whole(self, group: int, tokens: Ints) -> bool:
        """Tell whether all tokens of a group are among these, ascending."""
        begin, end = self._group_tokens[group : group + 2].tolist()
        return len(range(*np.searchsorted(tokens, [begin, end]).tolist())) == len(range(begin, end))

    def pair(self, first: int, second: int) -> Ints | None:
        """Return the passages, ascending, in which a pair of common words begins; None if these are no such pair.

        All passages of an article count whose headline has the pair.
        """
        wanted = np.uint64(first << 32 | second)
        keys: Keys = self._arrays["pair_keys"]
        position = int(np.searchsorted(keys, wanted))
        if position == len(keys) or keys[position] != wanted:
            return None
        begin, end = self._arrays["pair_spans"][position : position + 2].tolist()
        return checked(self._arrays["pair_rows"][begin:end].astype(np.int64), self._passages)

    def groups_at(self, tokens: Ints) -> Keys:
        """Return the keys of the groups of tokens, each once."""
        return self._groups[self.groups_with(tokens)]

    def tails(self, tokens: Ints) -> Keys:
        """Return the tail of each token's group: a digest of the second of two characters, or 0."""
        groups = self._groups[np.searchsorted(self._group_tokens, tokens, side="right") - 1]
        return np.asarray(groups & ~HEADS)

    def places(self, begins: Ints, counts: Ints) -> Ints:
        """Return the tokens at `counts[i]` places of passages from `begins[i]` on, one after the other."""
        return self._tokens_at("places", "place_rare", begins, counts)

    def about(self, begins: Ints, counts: Ints) -> Ints:
        """Return the same for places of headlines and publishers."""
        return self._tokens_at("about", "about_rare", begins, counts)

    def _tokens_at(self, name: str, rare_name: str, begins: Ints, counts: Ints) -> Ints:
        numbers, rare = self._arrays[name], self._arrays[rare_name]
        ends = begins + counts
        if begins.size and not (begins.min() >= 0 and counts.min() >= 0 and ends.max() <= len(numbers)):
            raise damaged("words")
        places = spread(begins, counts)
        stored = numbers[places]
        rare_indexes = np.flatnonzero(stored == RARE)
        tokens = self._usual_tokens[stored]
        if rare_indexes.size:
            entries = np.searchsorted(rare[:, 0], places[rare_indexes].astype(np.uint32))
            if int(entries.max()) >= len(rare):
                raise damaged("words")
            tokens[rare_indexes] = rare[entries, 1]
        return checked(tokens, len(self.keys))

    def other_spellings(self, table: Mask, *, compounds: bool, about: bool) -> Ints:
        """Return the passages, or articles by their headlines, that have other spellings which a table marks.

        Args:
            table: (tokens,), the marked ones.
            compounds: take only spellings that stand for several words.
        """
        spellings: Packed = self._arrays["about_spellings" if about else "row_spellings"]
        marked = _marked(table, self._about_spelled if about else self._row_spelled)
        units, details = spellings[marked].T
        is_wanted = (details & PUBLISHER) == 0
        if compounds:
            is_wanted &= (details & COMPOUND) != 0
        return distinct(checked(units[is_wanted].astype(np.int64), self._articles if about else self._passages))

    @cached_property
    def _row_spelled(self) -> Tokens:
        return self._spelled("row_spellings")

    @cached_property
    def _about_spelled(self) -> Tokens:
        return self._spelled("about_spellings")

    def _spelled(self, name: str) -> Tokens:
        """Return the token of each other spelling as one contiguous array, which is faster to read."""
        return checked((self._arrays[name][:, 1] & NUMBER).astype(np.int32), len(self.keys))

    def terms(self, articles: Ints, first_rows: Ints) -> SegmentTerms:
        """Return the terms that were written of some articles, in this order.

        Args:
            first_rows: (articles + 1,): article i has rows [i] to [i + 1].
        """
        passages = first_rows[articles + 1] - first_rows[articles]
        rows = spread(first_rows[articles], passages)
        row_begins: Ints = self.row_places.astype(np.int64)
        row_counts = row_begins[1:] - row_begins[:-1]
        begins, titles = self.about_places.astype(np.int64).T
        about_counts = np.stack([titles[:-1] - begins[:-1], begins[1:] - begins[:-1]], axis=1)
        if (row_counts < 0).any() or (about_counts < 0).any():
            raise damaged("words")
        article_positions = np.full(self._articles, -1, dtype=np.int64)
        article_positions[articles] = np.arange(len(articles))
        row_positions = np.full(self._passages, -1, dtype=np.int64)
        row_positions[rows] = np.arange(len(rows))
        irregular = article_positions[self.irregular]
        groups = np.repeat(self._groups, np.diff(self._group_tokens))
        return SegmentTerms(
            Dictionary(self.keys, groups, self.words),
            self._tokens("places", "place_rare", row_begins[rows], row_counts[rows]),
            row_counts[rows],
            self._tokens("about", "about_rare", begins[articles], about_counts[articles, 1]),
            about_counts[articles],
            self._moved("row_spellings", row_positions),
            self._moved("about_spellings", article_positions),
            np.sort(irregular[irregular >= 0]),
            passages,
            np.concatenate([self.passage_lengths[rows], self.article_lengths[articles]]).astype(np.int64),
            [self.analysers[code] for code in self.codes[articles].tolist()],
        )

    def _tokens(self, name: str, rare_name: str, begins: Ints, counts: Ints) -> Tokens:
        """Return the tokens at places, as `places` does, computed in pieces to take little memory."""
        ends = np.cumsum(counts)
        bounds = np.searchsorted(ends, np.arange(0, int(ends[-1]) if ends.size else 0, TOGETHER)[1:])
        return np.concatenate(
            [
                np.zeros(0, dtype=np.int32),
                *(
                    self._tokens_at(name, rare_name, begins[begin:end], counts[begin:end]).astype(np.int32)
                    for begin, end in pairwise([0, *bounds.tolist(), len(counts)])
                ),
            ]
        )

    def _moved(self, name: str, new_positions: Ints) -> Ints:
        """Return other spellings, (n, 3), with their units at new positions; -1 leaves a unit out."""
        spellings = self._arrays[name].astype(np.int64)
        moved = new_positions[checked(spellings[:, 0], len(new_positions))]
        tokens = checked(spellings[:, 1] & NUMBER, len(self.keys))
        return np.stack([moved, tokens, spellings[:, 1] & ~NUMBER], axis=1)[moved >= 0]


def _marked(table: Mask, tokens: Tokens) -> Ints:
    """Return the indexes of the tokens that a table marks."""
    wanted = np.flatnonzero(table)
    if len(wanted) > _FEW_TOKENS:
        return np.flatnonzero(table[tokens])
    mask = np.zeros(len(tokens), dtype=np.bool_)
    for token in wanted.tolist():
        mask |= tokens == np.int32(token)
    return np.flatnonzero(mask)
