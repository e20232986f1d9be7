"""Is one of two texts a copy of the other? Damage is scattered; stories of one pattern differ in names and numbers."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from semsearch.copies.alignment import SLOT_WORDS, UNSPACED_SLOT, Piece, PieceKind, aligned, joined
from semsearch.copies.words import Words

LEAST_WORDS = 12
"""Of a text; nothing but the same words is a copy of a shorter one."""

_LEAST_SHARE = 0.55
_SLACK = 10.0
_FLOOR = 0.61
_MOST_SHARE = 0.8
"""Of the n words of the shorter text a copy has _LEAST_SHARE + _SLACK / n, at least _FLOOR, and never needs more than
_MOST_SHARE."""

_LESSER = 0.34
"""How much of another name or number some other word in the place of a word counts."""

_TORN_WORDS = 4
_SLIP = 2
"""Characters that are no sign of damage all over a text."""

_DAMAGED_TOGETHER = 2
"""Characters in a row that are counted as damage, where they cannot be compared with what they were."""

_DAMAGED_NUMBERS = 0.35
_DAMAGED_RUNS = 1.0
_DAMAGED_WORDS = 1.0
_CHANCE = 2.4
_OTHERS = 0.7
_WORDS_FOR_OTHERS = 60
"""How many names and numbers damage may seem to have replaced: of the numbers that it has reached _DAMAGED_NUMBERS; of
the places where it hit two neighbours, which are as many as words times the square of its rate, these shares; and as
many standard deviations more."""

_MOST_OTHERS = 0.4
"""Of all names and numbers: damage leaves more of them as they were, or nearly."""

_UNSPACED_A_NAME = 20
"""Where a script does not tell names, so many characters are taken to have one."""

_LEAST_FIGURES = 0.65
"""Of the different figures of the shorter text the other has so many, as if one more were shared, where it covers less
than _MOST_SHARE of the words: what is not covered is in no place where it could be compared. Reports written to one
pattern share the pattern, however long, and have other figures."""

_MOST_DAMAGE = 0.25
_HIT = 1.5
"""Damage counts up to this rate, and more figures than on average may be hit."""

_FEW_FIGURES = 8
_UNLIKELY_FIGURES = 0.3
"""Texts of more figures that share fewer of them are not looked at any further, however damaged."""

_WORDS_A_CORRECTION = 150
_FACTS_A_CORRECTION = 8
"""One figure or name of so many words and of so many figures and names may have been corrected since."""

_SAME_TEXT = 0.8
"""Of the longer text: from here on either could be shown for the other."""

_CHANCE_GAP = 3.0
_CHANCE_SHARE = 0.67
_CHANCE_BESIDE = 0.12
"""What is the same between two passages of so much weight at least, and weighs no more than this share of the lesser,
is the same by chance, and what weighs no more than _CHANCE_BESIDE of the greater: they were written anew."""

_LEAST_STRETCH = 6.0
_UNSPACED_WEIGHT = 0.6
_NEAR_WEIGHT = 0.7
_GAP_COST = 0.5
"""A stretch that two texts share ends where what differs weighs more than what comes after it, at these rates a word;
a shorter one is chance."""


@dataclass(slots=True)
class Likeness:
    """What two texts have in common, where they can be laid side by side."""

    shorter: int  # words of the text that has fewer
    longer: int
    covered: int = 0  # words of the shorter text that the other has, damaged or not
    covered_longer: int = 0  # words of the longer
    unspaced: int = 0  # of the covered ones, characters of scripts without spaces
    characters: int = 0  # of the covered ones
    edits: int = 0  # characters that damage has changed
    numbers: int = 0  # in the shorter, the same or other ones in the longer
    number_characters: int = 0
    facts: int = 0  # names and numbers that are the same in both; counted where any others are
    figures: float = 1.0  # share of its figures that the longer has, as if one more were shared
    others: float = 0.0  # names and numbers in the place of others, and other words by what they tell
    other_facts: int = 0  # of these, what is surely a name or a number

    @property
    def damage(self) -> float:
        """Share of the characters that damage has changed, at least; one slip of the pen is no damage."""
        return max(0, self.edits - _SLIP) / self.characters if self.characters else 0.0

    @property
    def hit(self) -> float:
        """Share of the numbers that damage has reached, on average."""
        length = self.number_characters / self.numbers if self.numbers else 0.0
        return float(1 - (1 - min(_MOST_DAMAGE, self.damage)) ** length)

    @property
    def expected(self) -> float:
        """How many names and numbers damage may seem to have replaced, on average."""
        rate = min(_MOST_DAMAGE, self.damage)
        runs = _DAMAGED_RUNS * self.unspaced + _DAMAGED_WORDS * (self.covered - self.unspaced)
        return _DAMAGED_NUMBERS * self.numbers * self.hit + runs * rate * rate


def likeness(one: Words, other: Words) -> Likeness:
    """Lay two texts side by side; in any order."""
    one, other = _shorter_first(one, other)
    found, within = _laid(one, other)
    if found.others >= 1:
        found.facts = _facts(one, within)
    return found


def _shorter_first(one: Words, other: Words) -> tuple[Words, Words]:
    return (other, one) if (len(one), one.words) > (len(other), other.words) else (one, other)


def _laid(one: Words, other: Words) -> tuple[Likeness, Sequence[Piece]]:
    """Return what a shorter and a longer text have in common, its names and numbers not counted yet, and where."""
    found = Likeness(len(one), len(other), figures=_shared_figures(one, other))
    pieces = _without_chance(one, aligned(one, other, _least(len(one))))
    scores = [_score(one, piece) for piece in pieces]
    near: Counter[tuple[str, str]] = Counter()
    within: list[Piece] = []
    for first, last in _stretches(scores):
        if sum(scores[first:last]) >= _LEAST_STRETCH:
            within += _with_ends(one, other, pieces, first, last)
    _count(one, other, within, found, near)
    found.others += _repeated(near)
    return found, within


def _facts(words: Words, pieces: Sequence[Piece]) -> int:
    same = (at for piece in pieces if piece.kind is PieceKind.SAME for at in range(piece.begin, piece.end))
    return sum(_is_fact(words, at) for at in same)


def is_copy(one: Words, other: Words, common: Callable[[], float] = lambda: 0.0) -> bool:
    """Tell whether one of two texts carries the other, whole or in large part; in any order.

    Texts that cannot be told from two stories written to one pattern are no copies.

    Args:
        common: returns how much of all that the two texts say, 0 to 1, both say and many other articles, too: a
            disclaimer, or the end of every report of an outlet. Asked only where they seem to be copies.
    """
    if one.words == other.words:
        return len(one) > 0
    if min(len(one), len(other)) < LEAST_WORDS:
        return False
    shorter, longer = _shorter_first(one, other)
    if len(shorter.figures) >= _FEW_FIGURES and _shared_figures(shorter, longer) < _UNLIKELY_FIGURES:
        return False
    found, within = _laid(shorter, longer)
    if not _covers_enough(found) or not _tells_nothing_else(found, lambda: _facts(shorter, within)):
        return False
    return _covers_enough_of_its_own(found, common() * (found.shorter + found.longer - found.covered))


def is_same_text(one: Words, other: Words) -> bool:
    """Tell of two copies whether either could be shown for the other; in any order."""
    return one.words == other.words or likeness(one, other).covered_longer >= _SAME_TEXT * max(len(one), len(other))


def _shared_figures(shorter: Words, longer: Words) -> float:
    figures = shorter.figures
    return (len(figures & longer.figures) + 1) / (len(figures) + 1)


def _least(words: float) -> float:
    """Return how many of the shorter text's words a copy has."""
    return min(_MOST_SHARE * words, max(_FLOOR * words, _LEAST_SHARE * words + _SLACK))


def _covers_enough(found: Likeness) -> bool:
    if found.covered < _least(found.shorter):
        return False
    return found.covered >= _MOST_SHARE * found.shorter or found.figures + _HIT * found.hit >= _LEAST_FIGURES


def _covers_enough_of_its_own(found: Likeness, common: float) -> bool:
    """Tell whether enough is covered without so many words that many other articles have, too."""
    own = found.shorter - common
    return common <= 0 or (own > 0 and found.covered - common >= _least(own))


def _tells_nothing_else(found: Likeness, facts: Callable[[], int]) -> bool:
    """Tell whether no more names and numbers are others than damage, or a correction, explains.

    Args:
        facts: counts the names and numbers that are the same, which takes the most time of all.
    """
    above = found.others - found.expected
    passed = _OTHERS * min(1.0, found.covered / _WORDS_FOR_OTHERS)
    is_damage = above <= passed + _CHANCE * found.expected**0.5
    if not is_damage and above > found.covered / _WORDS_A_CORRECTION:
        return False
    if found.others >= 1:
        found.facts = facts()
    known = found.other_facts + found.facts + found.unspaced // _UNSPACED_A_NAME
    if found.other_facts > 1 and found.other_facts > _MOST_OTHERS * known:
        return False
    return is_damage or above <= found.facts / _FACTS_A_CORRECTION


def _score(one: Words, piece: Piece) -> float:
    length = piece.end - piece.begin
    if piece.kind is PieceKind.SAME:
        return length - (1 - _UNSPACED_WEIGHT) * sum(one.unspaced[piece.begin : piece.end])
    if piece.kind is PieceKind.NEAR:
        return _NEAR_WEIGHT * length
    return -_GAP_COST * max(length, piece.other_end - piece.other_begin)


def _without_chance(one: Words, pieces: Sequence[Piece]) -> list[Piece]:
    """Let what was written anew be one piece, though a few words in it are the same by chance."""
    found: list[tuple[bool, float, list[Piece]]] = []  # is it the same, its weight, its pieces
    for piece in pieces:
        is_same, weight = piece.kind in (PieceKind.SAME, PieceKind.NEAR), abs(_score(one, piece))
        if not is_same:
            weight /= _GAP_COST
        if found and found[-1][0] == is_same:
            found[-1] = is_same, found[-1][1] + weight, [*found[-1][2], piece]
        else:
            found.append((is_same, weight, [piece]))
        while len(found) > 2 and not found[-1][0]:
            (_, before, first), (_, between, middle), (_, after, last) = found[-3:]
            least, most = sorted((before, after))
            by_chance = least >= _CHANCE_GAP and between <= _CHANCE_SHARE * least
            if not by_chance and between > _CHANCE_BESIDE * most:
                break
            found[-3:] = [(False, before + between + after, [joined([*first, *middle, *last])])]
    return [piece for _, _, own in found for piece in own]


def _stretches(scores: Sequence[float]) -> list[tuple[int, int]]:
    """Return all maximal scoring subsequences (Ruzzo, Tompa, 1999), as places [first, last)."""
    found: list[tuple[int, int, float, float]] = []  # first, last, sum of what is before, sum to the end
    total = 0.0
    for place, score in enumerate(scores):
        first, last, before, total = place, place + 1, total, total + score
        if score <= 0:
            continue
        while True:
            at = len(found) - 1
            while at >= 0 and found[at][2] >= before:
                at -= 1
            if at < 0 or found[at][3] >= total:
                break
            first, before = found[at][0], found[at][2]
            del found[at:]
        found.append((first, last, before, total))
    return [(first, last) for first, last, _, _ in found]


def _with_ends(one: Words, other: Words, pieces: Sequence[Piece], first: int, last: int) -> Sequence[Piece]:
    """Return a stretch with what begins or ends both texts, where that is mostly other words in each other's place."""
    before, behind = pieces[:first], pieces[last:]
    own = pieces[first:last]
    if before and _are_ends(one, other, beginning := joined(before)):
        own = [beginning, *own]
    if behind and _are_ends(one, other, end := joined(behind)):
        own = [*own, end]
    return own


def _are_ends(one: Words, other: Words, piece: Piece) -> bool:
    """Tell whether a piece is about as long in both texts, and not where one was cut."""
    length, other_length = piece.end - piece.begin, piece.other_end - piece.other_begin
    if piece.kind is not PieceKind.OTHER:
        return False
    at, other_at = (piece.begin, piece.other_begin) if piece.begin else (piece.end - 1, piece.other_end - 1)
    mine, others = one.words[at], other.words[other_at]
    if piece.begin:
        is_cut = mine.startswith(others) or others.startswith(mine)
    else:
        is_cut = mine.endswith(others) or others.endswith(mine)
    both_numbers = one.numbers[at] and other.numbers[other_at]
    least, most = sorted((length, other_length))
    return not is_cut and (both_numbers or least > 1 or most <= 2)


def _count(one: Words, other: Words, pieces: Sequence[Piece], found: Likeness, near: Counter[tuple[str, str]]) -> None:
    """Add up what a stretch has."""
    for piece in pieces:
        kind, begin, end, other_begin, other_end, edits = piece
        if kind in (PieceKind.SAME, PieceKind.NEAR):
            found.covered += end - begin
            found.covered_longer += other_end - other_begin
            found.characters += sum(map(len, one.words[begin:end]))
            found.edits += edits
        if kind is PieceKind.SAME:
            found.unspaced += sum(one.unspaced[begin:end])
            _count_numbers(one, begin, end, found)
        elif kind is PieceKind.NEAR:
            near["".join(one.words[begin:end]), "".join(other.words[other_begin:other_end])] += 1
        elif kind is PieceKind.ONLY:
            lone = sum(map(len, one.words[begin:end] + other.words[other_begin:other_end]))
            has_number = any(one.numbers[begin:end]) or any(other.numbers[other_begin:other_end])
            found.edits += lone if lone <= _DAMAGED_TOGETHER and not has_number else 0
            if end - begin <= SLOT_WORDS and any(one.numbers[begin:end]) and not one.is_framing(begin, end):
                found.others += 1  # the text that says less has a number that the other lacks
                _count_numbers(one, begin, end, found)
            elif len(one) < _WORDS_FOR_OTHERS and (_is_lone_name(one, begin, end) or _is_lone(other, *piece[3:5])):
                found.others += _LESSER
        else:
            weight = _weight(one, other, piece)
            found.others += weight
            found.other_facts += weight >= 1
            if not weight and (length := max(end - begin, other_end - other_begin)) <= _TORN_WORDS:
                found.edits += length
                near["".join(one.words[begin:end]), "".join(other.words[other_begin:other_end])] += 1
            _count_numbers(one, begin, end, found)


def _count_numbers(words: Words, begin: int, end: int, found: Likeness) -> None:
    numbers = [words.words[at] for at in range(begin, end) if words.numbers[at]]
    found.numbers += len(numbers)
    found.number_characters += sum(map(len, numbers))


def _is_fact(words: Words, at: int) -> bool:
    return words.numbers[at] or (not words.unspaced[at] and words.may_be_name(at))


def _weight(one: Words, other: Words, piece: Piece) -> float:
    """Return how much other words in the place of some tell that it is another story: 0 to 1."""
    _, begin, end, other_begin, other_end, _ = piece
    mine, others = range(begin, end), range(other_begin, other_end)
    if one.is_framing(begin, end) or other.is_framing(other_begin, other_end):
        return 0.0
    unspaced = one.unspaced[begin] and other.unspaced[other_begin]
    if max(len(mine), len(others)) > (UNSPACED_SLOT if unspaced else SLOT_WORDS):  # a passage that was written anew
        if min(len(mine), len(others)) <= 2:  # more was said, after what may be other names and numbers
            return _weight(one, other, _beginning(piece)) if end == len(one) else 0.0
        return 0.0 if one.are_lines(begin, end) or other.are_lines(other_begin, other_end) else _LESSER
    numbers, other_numbers = (
        [words.words[at] for at in own if words.numbers[at]] for words, own in ((one, mine), (other, others))
    )
    if numbers and other_numbers and numbers != other_numbers:
        return 1.0
    if len(mine) == len(others) == 1 and (numbers or other_numbers):  # 15 and "six"
        return float(max(len(one.words[begin]), len(other.words[other_begin])) > _DAMAGED_TOGETHER)
    if bool(numbers) != bool(other_numbers):  # "a surplus of 150", and "flat"
        return 1.0
    if unspaced:
        return 1.0 if min(len(mine), len(others)) > 1 else 0.0
    if len(one) < _WORDS_FOR_OTHERS and any(map(one.is_counted, mine)) != any(map(other.is_counted, others)):
        return 1.0  # "two billion of customer", and "overnight system"
    if len(mine) == len(others) == len(one.words[begin]) == len(other.words[other_begin]) == 1:
        return 0.0
    if len(mine) == len(others) == 1 and one.is_of_few(begin) and other.is_of_few(other_begin):
        return 1.0
    named = any(map(one.may_be_name, mine)) and any(map(other.may_be_name, others))
    return 1.0 if named else _LESSER


def _is_lone(words: Words, begin: int, end: int) -> bool:
    """Tell whether words that one text has more than the other, within a line, are some of a name, or have a number."""
    if _is_lone_name(words, begin, end):
        return True
    return _are_within_line(words, begin, end) and any(words.numbers[begin:end])


def _is_lone_name(words: Words, begin: int, end: int) -> bool:
    """Tell whether words that one text has more than the other, within a line, are some of a name."""
    names = (words.may_be_name(at) and not words.numbers[at] for at in range(begin, end))
    return _are_within_line(words, begin, end) and all(names)


def _are_within_line(words: Words, begin: int, end: int) -> bool:
    if not 0 < end - begin <= SLOT_WORDS or words.is_framing(begin, end) or any(words.unspaced[begin:end]):
        return False
    return not words.are_lines(begin, end)


def _beginning(piece: Piece) -> Piece:
    """Return as much of the beginning of a piece in both texts as the one has that has less."""
    length = min(piece.end - piece.begin, piece.other_end - piece.other_begin)
    return piece._replace(end=piece.begin + length, other_end=piece.other_begin + length)


def _repeated(near: Counter[tuple[str, str]]) -> int:
    """Return how many words another stands for throughout, however near: damage does not hit twice alike."""
    often = [count for count in near.values() if count > 1]
    return len(often) if 2 * sum(often) >= near.total() else 0
