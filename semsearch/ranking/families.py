"""Families of articles that carry the same text: the one that is shown, and its copies."""

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

_LOOKED_UP_TOGETHER = 32
"""Articles whose possible copies are looked up at once: cheaper than one by one, and the deadline is still checked."""

_MOST_MISSES = 12
"""The search for copies, the likeliest first, ends after this many texts in a row that are none: hundreds of bulletins
may have one pattern, and every two of them would be compared."""

_READ_FIRST = 24
"""Where more than _MOST_MISSES texts may be copies, this many of the likeliest are read first and compared in the order
of the letters that they share."""

_MOST_READ = 512
"""Texts that are read for one query in all. After the first ones of an article, more are read only if most of those are
much like it, or a copy is among them."""

_WHOLE = 0.99
"""A text that has this share of another one's letters is taken to have all of them."""

_LACKING = 0.01
"""A text whose share is lower by this much than another one's lacks a part."""

_LONGER = 1.25
_SEVERAL = 3
"""A text is a copy of none of the stories that contain it where at least _SEVERAL of them, each more than _LONGER times
as long, contain it as well as the likeliest does and are not copies of the likeliest."""

Name = TypeVar("Name")


def copies_among(
    likely: Sequence[Name],
    is_copy_of_it: Callable[[Name], bool],
    shared_letters: Callable[[Sequence[Name]], Sequence[float]],
    most_read: int = _MOST_READ,
) -> Iterator[Name]:
    """Yield the articles that are copies of one article, until many in a row are none.

    Args:
        likely: the likeliest first, as far as that is known without reading them.
        shared_letters: reads some and returns how likely each is (`copies.shared_letters`).
        most_read: how many may be read; the first _READ_FIRST, and as many after each copy, are read in any case.
    """
    if len(likely) <= _MOST_MISSES:
        yield from filter(is_copy_of_it, likely)
        return
    begin, size = 0, _READ_FIRST
    while begin < len(likely) and size:
        read = likely[begin : begin + size]
        shares = shared_letters(read)
        order = sorted(range(len(read)), key=lambda index: -shares[index])
        like = [read[index] for index in order if shares[index]]
        copies = list(_until_many_are_none(like, is_copy_of_it))
        yield from copies
        if not copies and 2 * len(like) < len(read):  # no pattern, in which the copy could be anywhere
            return
        begin, most_read = begin + size, most_read - size
        size = max(most_read, _READ_FIRST if copies else 0)


def _until_many_are_none(likely: Iterable[Name], is_copy_of_it: Callable[[Name], bool]) -> Iterator[Name]:
    misses = 0
    for name in likely:
        if is_copy_of_it(name):
            misses = 0
            yield name
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
    """Return the copies of a text without those that carry another story than the likeliest copy.

    A text that is no copy of the likeliest is another story in two cases. Either the likeliest has all of the text and
    the other one lacks some: the text was cut from the likeliest, and shares with the other only a passage, or the
    lines that end every report of an outlet. Or many texts have one pattern, and the other one is more like the
    likeliest than like the text; two damaged copies of the text are less like each other.

    A text that several longer stories contain equally well is a disclaimer, or a notice that they quote: it is a copy
    of none of them.

    Args:
        length: returns the characters of a text.
        likely: how many texts may have been copies; many have one pattern.
    """
    if len(copies) < 2:
        return list(copies)
    shares = dict(zip(copies, shared_letters(text, copies), strict=True))
    likeliest = max(copies, key=lambda name: (shares[name], length(name)))
    enough = shares[likeliest] - _LACKING
    longer = [name for name in copies if length(name) > _LONGER * length(text)]
    candidates = (name for name in longer if name != likeliest and shares[name] >= enough)
    rivals = (name for name in candidates if not are_copies(likeliest, name))
    if len(list(islice(rivals, _SEVERAL))) == _SEVERAL:
        return [name for name in copies if name not in longer]
    likenesses = shared_letters(likeliest, copies) if likely > _MOST_MISSES else [0.0] * len(copies)
    was_cut = shares[likeliest] >= _WHOLE and length(likeliest) >= length(text)  # else the likeliest was cut
    least = enough if was_cut else 0.0
    return [
        name
        for name, likeness in zip(copies, likenesses, strict=True)
        if name == likeliest or (shares[name] >= least and likeness <= shares[name]) or are_copies(likeliest, name)
    ]


class Family(NamedTuple):
    """An article that is shown, and all other articles that carry its text."""

    article_id: str
    ordinal: int | None  # of the passage that ranked it; None where another article of the family ranked higher
    score: float  # the best of the family
    copies: tuple[Metadata, ...]  # first published first
    ranked_by: str  # the article of the family that ranked it


class Folding:
    """One query's walk down its candidates.

    A copy is always compared with the text that is shown: that A is like B and B like C does not make A like C.
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
            alike: returns, for each article, the allowed ones that may be copies of it.
            comparisons: tells which of them are.
            read: returns an article, None if there is none.
            is_found: tells whether an allowed article has a passage to show; words or confidence may be missing.
            expected: how many families are wanted; more can be taken.
            deadline: is checked before each comparison of two texts.
        """
        self._deadline = deadline
        self._ranked = ranked
        self._upcoming: deque[Candidate] = deque()
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
            first_id = self._first_published(shown, copies)
            if first_id != shown:
                copies = [copy_id for copy_id in {*self._copies(best, first_id), shown} if copy_id != first_id]
                shown = first_id
            self._placed |= {shown, *copies}
            ordinal = best.ordinal if shown == best.article_id else None
            by_age = tuple(map(self._metadata, sorted(copies, key=self._age)))
            yield Family(shown, ordinal, best.score, by_age, best.article_id)

    def newest_first(self) -> Iterator[Family]:
        """Yield families by the date of the article that is shown; the candidates have to come newest first."""
        waiting: list[tuple[int, float, str, Family]] = []
        for family in self.families():
            while waiting and waiting[0][0] < self._newness(family.ranked_by):  # nothing newer can come
                yield heappop(waiting)[-1]
            heappush(waiting, (self._newness(family.article_id), -family.score, family.article_id, family))
        while waiting:
            yield heappop(waiting)[-1]

    def _first_published(self, ranked: str, copies: Sequence[str]) -> str:
        """Return the first published of the articles that can be shown for one: those with nearly the same text."""
        for article_id in sorted([ranked, *copies], key=self._age) if copies else ():
            if article_id == ranked or (
                self._comparisons.is_same_text(article_id, ranked) and self._is_found(article_id)
            ):
                return article_id
        return ranked

    def _next(self) -> Candidate | None:
        return self._upcoming.popleft() if self._upcoming else next(self._ranked, None)

    def _copies(self, best: Candidate, shown: str) -> list[str]:
        """Return the articles that carry the same text as the one shown and that are in no family yet."""
        likely = dict.fromkeys((best.article_id, *self._possible_copies(shown)))
        unplaced = [article_id for article_id in likely if article_id != shown and article_id not in self._placed]
        shared_letters = self._comparisons.shared_letters

        def reading(names: Sequence[str]) -> Sequence[float]:
            self._most_read -= len(names)
            return shared_letters(shown, names)

        copies = list(copies_among(unplaced, partial(self._is_copy, shown), reading, self._most_read))
        return of_one_story(shown, copies, self._is_copy, shared_letters, self._length, likely=len(unplaced))

    def _is_copy(self, shown: str, article_id: str) -> bool:
        self._deadline.check()
        return self._comparisons.is_copy(shown, article_id)

    def _possible_copies(self, shown: str) -> Sequence[str]:
        """Return the possible copies of an article, looked up together with those of the next candidates."""
        if shown not in self._alike_of:
            ahead = min(self._expected, _LOOKED_UP_TOGETHER)
            self._upcoming.extend(islice(self._ranked, max(0, ahead - len(self._upcoming))))
            needed = dict.fromkeys([shown, *(candidate.article_id for candidate in self._upcoming)])
            article_ids = [article_id for article_id in needed if article_id not in self._alike_of]
            self._alike_of |= zip(article_ids, self._alike(article_ids), strict=True)
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
