"""Articles that carry the same text become one family: the one that is shown, and its copies."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple, TypeVar

from semsearch.deadlines import Deadline
from semsearch.ports import Candidate, Comparisons
from semsearch.types import Article, Metadata

_UNDATED = 1 << 62

_ASKED_TOGETHER = 32
"""Articles whose possible copies are looked up at once: cheaper than one by one, and the clock is seen in between."""


_MOST_MISSES = 12
"""Texts in a row that are no copies, of those that may be, the likeliest first: hundreds of bulletins have one pattern,
and every two of them would be compared."""

_READ_FIRST = 24
"""Where more than _MOST_MISSES texts may be copies, so many of the likeliest are read first, and compared in the order
of the letters that they share."""

_MOST_READ = 512
"""Texts of one query that are read in all: more than the first of an article only where most of these are much like it,
or a copy is among them."""

_WHOLE = 0.99
"""Share of a text's letters from which on another text is taken to have all of them."""

_LACKING = 0.01
"""A text that has so much less of them than that one lacks a part."""

_LONGER = 1.25
_SEVERAL = 3
"""A text is a copy of none of the stories that contain it where so many of them, each more than so many times as long,
contain it as well as the likeliest does and are no copies of that one."""

Name = TypeVar("Name")


def copies_among(
    likely: Sequence[Name],
    is_copy_of_it: Callable[[Name], bool],
    shared_letters: Callable[[Sequence[Name]], Sequence[float]],
    most_read: int = _MOST_READ,
) -> Iterator[Name]:
    """Yield the articles that are copies of one, until many in a row are none.

    Args:
        likely: the likeliest first, as far as that is known without reading them.
        shared_letters: reads some and returns how likely each is (`copies.shared_letters`).
        most_read: how many may be read; those that are read first, and what follows copies, are read in any case.
    """
    if len(likely) <= _MOST_MISSES:
        yield from filter(is_copy_of_it, likely)
        return
    begin, size = 0, _READ_FIRST
    while begin < len(likely) and size:
        read = likely[begin : begin + size]
        shares = shared_letters(read)
        like = [one for one, share in zip(_in_order(read, shares), sorted(shares, reverse=True), strict=True) if share]
        copies = list(_until_many_are_none(like, is_copy_of_it))
        yield from copies
        if not copies and 2 * len(like) < len(read):  # no pattern, in which the copy could be anywhere
            return
        begin, most_read = begin + size, most_read - size
        size = max(most_read, _READ_FIRST if copies else 0)


def _in_order(names: Sequence[Name], shares: Sequence[float]) -> list[Name]:
    return [names[place] for place in sorted(range(len(names)), key=lambda place: -shares[place])]


def _until_many_are_none(likely: Iterable[Name], is_copy_of_it: Callable[[Name], bool]) -> Iterator[Name]:
    misses = 0
    for one in likely:
        if is_copy_of_it(one):
            misses = 0
            yield one
        elif (misses := misses + 1) == _MOST_MISSES:
            return


def of_one_story(
    text: Name,
    copies: Sequence[Name],
    are_copies: Callable[[Name, Name], bool],
    shared_letters: Callable[[Name, Sequence[Name]], Sequence[float]],
    length: Callable[[Name], int],
    *,
    likely: int,
) -> list[Name]:
    """Return the copies of a text without those that carry another story than the likeliest of them.

    What is no copy of the likeliest is another story in two cases. The likeliest has all of the text and the other one
    lacks some: the text was cut from the former, and the latter only shares a passage, or the end of every report of an
    outlet. Or there are many of one pattern, and the other one is more like the likeliest than like the text; two
    damaged copies of the text are less like each other.

    A text that several longer stories contain equally well is a disclaimer, or a notice that they quote: it is a copy
    of none of them.

    Args:
        length: returns the characters of a text.
        likely: how many texts may have been copies; many have one pattern.
    """
    if len(copies) < 2:
        return list(copies)
    shares = shared_letters(text, copies)
    likeliest, most = max(zip(copies, shares, strict=True), key=lambda each: (each[1], length(each[0])))
    was_cut = most >= _WHOLE and length(likeliest) >= length(text)  # or the likeliest was cut from the text
    whole = most - _LACKING if was_cut else 0.0
    longer = [one for one in copies if length(one) > _LONGER * length(text)]
    as_likely = {one for one, share in zip(copies, shares, strict=True) if share >= most - _LACKING}
    others = (one for one in longer if one in as_likely and one != likeliest and not are_copies(likeliest, one))
    if len(list(islice(others, _SEVERAL))) == _SEVERAL:
        return [one for one in copies if one not in longer]
    beside = shared_letters(likeliest, copies) if likely > _MOST_MISSES else [0.0] * len(copies)
    return [
        one
        for one, share, other_share in zip(copies, shares, beside, strict=True)
        if one == likeliest or (share >= whole and other_share <= share) or are_copies(likeliest, one)
    ]


class Family(NamedTuple):
    """An article that is shown, and all others that carry its text."""

    article_id: str
    ordinal: int | None  # of the passage that ranked it; None where another of the family ranked higher
    score: float  # of the best of them
    copies: tuple[Metadata, ...]  # first published first
    ranked_by: str  # the article among them that ranked it


class Folding:
    """One query's walk down its candidates.

    What is a copy is decided on two texts, one of them always what is shown: that A is like B and B like C does not
    make A like C.
    """

    def __init__(
        self,
        ranked: Iterator[Candidate],
        alike: Callable[[Sequence[str]], Sequence[Sequence[str]]],
        comparisons: Comparisons,
        read: Callable[[str], Article | None],
        is_found: Callable[[str], bool],
        expected: int,
        deadline: Deadline,
    ) -> None:
        """Begin at the best candidate.

        Args:
            alike: names for each article the allowed ones that may be copies of it.
            comparisons: tells which of them are.
            read: returns an article, None where there is none.
            is_found: tells whether an allowed article has a passage to show; words or confidence may be missing.
            expected: how many families are wanted; more can be taken.
            deadline: is looked at before each comparison of two texts.
        """
        self._deadline = deadline
        self._ranked = ranked
        self._coming: deque[Candidate] = deque()
        self._alike = alike
        self._expected = expected
        self._alike_of: dict[str, Sequence[str]] = {}
        self._comparisons = comparisons
        self._read = read
        self._is_found = is_found
        self._most_read = _MOST_READ
        self._placed: set[str] = set()  # shown, or a copy of what is shown

    def families(self) -> Iterator[Family]:
        """Yield families in the order of the best of each."""
        while (best := self._next()) is not None:
            if best.article_id in self._placed:
                continue
            shown = best.article_id
            copies = self._copies(best, shown)
            first = self._first(shown, copies)
            if first != shown:
                copies = [one for one in {*self._copies(best, first), shown} if one != first]
                shown = first
            self._placed |= {shown, *copies}
            told = tuple(self._metadata(one) for one in sorted(copies, key=self._age))
            yield Family(shown, best.ordinal if shown == best.article_id else None, best.score, told, best.article_id)

    def newest_first(self) -> Iterator[Family]:
        """Yield families by the dates of what is shown, given candidates that come newest first."""
        waiting: list[tuple[int, float, str, Family]] = []
        for family in self.families():
            while waiting and waiting[0][0] < self._newness(family.ranked_by):  # nothing newer can come
                yield heappop(waiting)[-1]
            heappush(waiting, (self._newness(family.article_id), -family.score, family.article_id, family))
        while waiting:
            yield heappop(waiting)[-1]

    def _first(self, ranked: str, copies: Sequence[str]) -> str:
        """Return the first published of those that could be shown for the one that ranked: nearly all is the same."""
        for one in sorted([ranked, *copies], key=self._age) if copies else ():
            if one == ranked or (self._comparisons.is_same_text(one, ranked) and self._is_found(one)):
                return one
        return ranked

    def _next(self) -> Candidate | None:
        return self._coming.popleft() if self._coming else next(self._ranked, None)

    def _copies(self, best: Candidate, shown: str) -> list[str]:
        """Return the articles that carry the same text as the one shown and that have no place yet."""
        likely = dict.fromkeys((best.article_id, *self._proposed(shown)))
        others = [one for one in likely if one != shown and one not in self._placed]
        shared_letters = self._comparisons.shared_letters

        def reading(names: Sequence[str]) -> Sequence[float]:
            self._most_read -= len(names)
            return shared_letters(shown, names)

        copies = list(copies_among(others, partial(self._is_copy, shown), reading, self._most_read))
        return of_one_story(shown, copies, self._is_copy, shared_letters, self._length, likely=len(others))

    def _is_copy(self, one: str, other: str) -> bool:
        self._deadline.check()
        return self._comparisons.is_copy(one, other)

    def _proposed(self, shown: str) -> Sequence[str]:
        """Ask for one article, and for those that come next at the same time."""
        if shown not in self._alike_of:
            ahead = min(self._expected, _ASKED_TOGETHER)
            self._coming.extend(islice(self._ranked, max(0, ahead - len(self._coming))))
            coming = (one.article_id for one in self._coming)
            asked = [one for one in dict.fromkeys([shown, *coming]) if one not in self._alike_of]
            self._alike_of |= zip(asked, self._alike(asked), strict=True)
        return self._alike_of[shown]

    def _metadata(self, article_id: str) -> Metadata:
        article = self._read(article_id)
        return article.metadata if article else Metadata(article_id, "")

    def _length(self, article_id: str) -> int:
        article = self._read(article_id)
        return len(article.text) if article else 0

    def _age(self, article_id: str) -> tuple[int, str]:
        published = self._metadata(article_id).published
        return (published.earliest if published else _UNDATED, article_id)

    def _newness(self, article_id: str) -> int:
        published = self._metadata(article_id).published
        return -published.earliest if published else _UNDATED
