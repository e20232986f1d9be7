"""Tells whether one of two texts is a copy of the other.

A copy has most of the other text's words, in order. It differs by damage, which is scattered over its letters (scans,
conversions), by editing, which leaves out or rewrites whole stretches, and by a correction or two. Two stories of one
pattern, such as weather or market reports, may share as many words, but the names and numbers of one stand where those
of the other stood. So the texts are laid side by side (alignment.py), the rate of damage is estimated from all their
words, and they are not copies if more names and numbers were replaced than damage and corrections explain.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from semsearch.copies.alignment import SLOT_WORDS, UNSPACED_SLOT, Piece, PieceKind, aligned, joined
from semsearch.copies.words import Words

LEAST_WORDS = 12
"""Only a text with exactly the same words is a copy of one that has fewer than this."""

_LEAST_SHARE = 0.55
_SLACK = 10.0
_FLOOR = 0.61
_MOST_SHARE = 0.8
"""A copy has a share of _LEAST_SHARE + _SLACK / n of the n words of the shorter text: at least _FLOOR, but _MOST_SHARE
always suffices."""

_LESSER = 0.34
"""The weight of a replaced word, compared with that of a replaced name or number."""

_TORN_WORDS = 4
_SLIP = 2
"""Up to this many changed characters are no sign of damage all over a text."""

_DAMAGED_TOGETHER = 2
"""Up to this many characters in a row count as damage where there is nothing to compare them with."""

_DAMAGED_NUMBERS = 0.35
_DAMAGED_RUNS = 1.0
_DAMAGED_WORDS = 1.0
_CHANCE = 2.4
_REPLACED = 0.7
_WORDS_FOR_REPLACED = 60
"""How many names and numbers damage may seem to have replaced: the share _DAMAGED_NUMBERS of the numbers that it has
reached; _DAMAGED_RUNS (scripts without spaces) or _DAMAGED_WORDS (others) for each word times the square of its rate,
since it has to hit two neighbours; _CHANCE standard deviations more; and _REPLACED, less below _WORDS_FOR_REPLACED."""

_MOST_REPLACED = 0.4
"""Share of all names and numbers that damage may seem to have replaced: it leaves most as they were, or nearly."""

_UNSPACED_A_NAME = 20
"""In scripts that do not mark names, one name is assumed for each run of this many characters."""

_LEAST_FIGURES = 0.65
"""Share of the shorter text's different figures that the longer has to have, counting one more as shared, if it covers
less than _MOST_SHARE of the words, since uncovered words cannot be compared. Reports of one pattern share the pattern,
however long, but not the figures."""

_MOST_DAMAGE = 0.25
_HIT = 1.5
"""The rate up to which damage counts, and how many times the average share of figures it may have hit."""

_FEW_FIGURES = 8
_UNLIKELY_FIGURES = 0.3
"""A text with this many figures or more, of which the longer one has less than this share, is no damaged copy."""

_WORDS_A_CORRECTION = 150
_FACTS_A_CORRECTION = 8
"""One figure or name in this many words, or in this many figures and names, may be a later correction."""

_SAME_TEXT = 0.8
"""Share of the longer text that is covered if either text could be shown for the other."""

_CHANCE_GAP = 3.0
_CHANCE_SHARE = 0.67
_CHANCE_BESIDE = 0.12
"""What is the same between two passages that were written anew is the same by chance if it weighs no more than
_CHANCE_SHARE of the lesser, which weighs at least _CHANCE_GAP, or no more than _CHANCE_BESIDE of the greater."""

_LEAST_STRETCH = 6.0
_UNSPACED_WEIGHT = 0.6
_NEAR_WEIGHT = 0.7
_GAP_COST = 0.5
"""A stretch that two texts share ends where what differs weighs more than what follows, at these rates a word. One of
less than _LEAST_STRETCH is chance."""


@dataclass(slots=True)
class Likeness:
    """What two texts have in common, as far as they can be aligned."""

    shorter: int  # words of the text that has fewer
    longer: int
    covered: int = 0  # words of the shorter text that the other has, damaged or not
    covered_longer: int = 0  # words of the longer
    unspaced: int = 0  # covered words that are characters of scripts without spaces
    characters: int = 0  # of the covered words
    edits: int = 0  # characters that damage has changed
    numbers: int = 0  # in the shorter, with the same or other numbers in their place in the longer
    number_characters: int = 0
    facts: int = 0  # names and numbers that are the same in both; counted only if any were replaced
    figures: float = 1.0  # share of the shorter's figures that the longer has, as if one more were shared
    replaced: float = 0.0  # names and numbers with others in their place, and other words by their weight
    replaced_facts: int = 0  # those of them that are surely names or numbers

    @property
    def damage(self) -> float:
        """Share of the characters that damage has changed, at least; one slip does not count."""
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


def likeness(text: Words, other_text: Words) -> Likeness:
    """Return what two texts, in any order, have in common."""
    shorter, longer = _shorter_first(text, other_text)
    shared, pieces = _compare(shorter, longer)
    if shared.replaced >= 1:
        shared.facts = _facts(shorter, pieces)
    return shared


def _shorter_first(text: Words, other_text: Words) -> tuple[Words, Words]:
    return (other_text, text) if (len(text), text.words) > (len(other_text), other_text.words) else (text, other_text)


def _compare(shorter: Words, longer: Words) -> tuple[Likeness, Sequence[Piece]]:
    """Return what two texts have in common, with `facts` not counted yet, and the pieces that they share."""
    shared = Likeness(len(shorter), len(longer), figures=_shared_figures(shorter, longer))
    pieces = _without_chance(shorter, aligned(shorter, longer, _least_covered(len(shorter))))
    scores = [_score(shorter, piece) for piece in pieces]
    near: Counter[tuple[str, str]] = Counter()
    shared_pieces: list[Piece] = []
    for first, last in _stretches(scores):
        if sum(scores[first:last]) >= _LEAST_STRETCH:
            shared_pieces += _with_ends(shorter, longer, pieces, first, last)
    _tally(shorter, longer, shared_pieces, shared, near)
    shared.replaced += _consistent_replacements(near)
    return shared, shared_pieces


def _facts(text: Words, pieces: Sequence[Piece]) -> int:
    indexes = (index for piece in pieces if piece.kind is PieceKind.SAME for index in range(piece.begin, piece.end))
    return sum(_is_fact(text, index) for index in indexes)


class Agreement(NamedTuple):
    """The words of two texts that are copies, unless what both say is what many other articles say, too."""

    shorter: int  # words of the text that has fewer
    longer: int
    covered: int  # words of the shorter text that the other has, damaged or not

    def is_of_copies(self, common: Callable[[], float]) -> bool:
        """Tell whether enough is covered without what many other articles say, too.

        Args:
            common: returns how much of all that the two texts say is said by both and by many other articles, 0 to 1:
                a disclaimer, or the end of every report of an outlet. Called only if not everything is covered.
        """
        if self.covered == self.longer:
            return True
        common_words = common() * (self.shorter + self.longer - self.covered)
        own_words = self.shorter - common_words
        return common_words <= 0 or (own_words > 0 and self.covered - common_words >= _least_covered(own_words))


def agreement(text: Words, other_text: Words) -> Agreement | None:
    """Return how far one of two texts, in any order, carries the other, whole or in large part; None if it does not.

    Texts that cannot be told from two stories of one pattern do not agree.
    """
    if text.words == other_text.words:
        return Agreement(len(text), len(text), len(text)) if len(text) else None
    if min(len(text), len(other_text)) < LEAST_WORDS:
        return None
    shorter, longer = _shorter_first(text, other_text)
    if len(shorter.figures) >= _FEW_FIGURES and _shared_figures(shorter, longer) < _UNLIKELY_FIGURES:
        return None
    shared, shared_pieces = _compare(shorter, longer)
    if not _covers_enough(shared) or not _tells_nothing_else(shared, lambda: _facts(shorter, shared_pieces)):
        return None
    return Agreement(shared.shorter, shared.longer, shared.covered)


def is_copy(text: Words, other_text: Words, common: Callable[[], float] = lambda: 0.0) -> bool:
    """Tell whether one of two texts, in any order, is a copy of the other: they agree, not only in what is common.

    Args:
        common: as `Agreement.is_of_copies` takes it.
    """
    agreed = agreement(text, other_text)
    return agreed is not None and agreed.is_of_copies(common)


def is_same_text(text: Words, other_text: Words) -> bool:
    """Tell whether either of two copies, in any order, could be shown for the other."""
    if text.words == other_text.words:
        return True
    return likeness(text, other_text).covered_longer >= _SAME_TEXT * max(len(text), len(other_text))


def _shared_figures(shorter: Words, longer: Words) -> float:
    figures = shorter.figures
    return (len(figures & longer.figures) + 1) / (len(figures) + 1)


def _least_covered(words: float) -> float:
    """Return how many of the shorter text's words a copy has at least."""
    return min(_MOST_SHARE * words, max(_FLOOR * words, _LEAST_SHARE * words + _SLACK))


def _covers_enough(shared: Likeness) -> bool:
    if shared.covered < _least_covered(shared.shorter):
        return False
    return shared.covered >= _MOST_SHARE * shared.shorter or shared.figures + _HIT * shared.hit >= _LEAST_FIGURES


def _tells_nothing_else(shared: Likeness, facts: Callable[[], int]) -> bool:
    """Tell whether damage, or a correction, explains all names and numbers that have others in their place.

    Args:
        facts: counts the names and numbers that are the same, which takes the most time of all.
    """
    excess = shared.replaced - shared.expected
    tolerance = _REPLACED * min(1.0, shared.covered / _WORDS_FOR_REPLACED)
    is_damage = excess <= tolerance + _CHANCE * shared.expected**0.5
    if not is_damage and excess > shared.covered / _WORDS_A_CORRECTION:
        return False
    if shared.replaced >= 1:
        shared.facts = facts()
    all_facts = shared.replaced_facts + shared.facts + shared.unspaced // _UNSPACED_A_NAME
    if shared.replaced_facts > 1 and shared.replaced_facts > _MOST_REPLACED * all_facts:
        return False
    return is_damage or excess <= shared.facts / _FACTS_A_CORRECTION


def _score(shorter: Words, piece: Piece) -> float:
    length = piece.end - piece.begin
    if piece.kind is PieceKind.SAME:
        return length - (1 - _UNSPACED_WEIGHT) * sum(shorter.unspaced[piece.begin : piece.end])
    if piece.kind is PieceKind.NEAR:
        return _NEAR_WEIGHT * length
    return -_GAP_COST * max(length, piece.other_end - piece.other_begin)


def _without_chance(shorter: Words, pieces: Sequence[Piece]) -> list[Piece]:
    """Join what was written anew into one piece, even if a few words in it are the same by chance."""
    runs: list[tuple[bool, float, list[Piece]]] = []  # whether it is the same, its weight, its pieces
    for piece in pieces:
        is_same, weight = piece.kind in (PieceKind.SAME, PieceKind.NEAR), abs(_score(shorter, piece))
        if not is_same:
            weight /= _GAP_COST
        if runs and runs[-1][0] == is_same:
            runs[-1] = is_same, runs[-1][1] + weight, [*runs[-1][2], piece]
        else:
            runs.append((is_same, weight, [piece]))
        while len(runs) > 2 and not runs[-1][0]:
            (_, before, first), (_, between, middle), (_, after, last) = runs[-3:]
            least, most = sorted((before, after))
            by_chance = least >= _CHANCE_GAP and between <= _CHANCE_SHARE * least
            if not by_chance and between > _CHANCE_BESIDE * most:
                break
            runs[-3:] = [(False, before + between + after, [joined([*first, *middle, *last])])]
    return [piece for _, _, run_pieces in runs for piece in run_pieces]


def _stretches(scores: Sequence[float]) -> list[tuple[int, int]]:
    """Return all maximal scoring subsequences (Ruzzo, Tompa, 1999), as ranges [first, last) of positions."""
    stretches: list[tuple[int, int, float, float]] = []  # first, last, the sum before it, the sum to its end
    total = 0.0
    for position, score in enumerate(scores):
        first, last, before, total = position, position + 1, total, total + score
        if score <= 0:
            continue
        while True:
            index = len(stretches) - 1
            while index >= 0 and stretches[index][2] >= before:
                index -= 1
            if index < 0 or stretches[index][3] >= total:
                break
            first, before = stretches[index][0], stretches[index][2]
            del stretches[index:]
        stretches.append((first, last, before, total))
    return [(first, last) for first, last, _, _ in stretches]


def _with_ends(shorter: Words, longer: Words, pieces: Sequence[Piece], first: int, last: int) -> Sequence[Piece]:
    """Return a stretch with what comes before or after it in both texts, where words were mostly replaced by others."""
    before, behind = pieces[:first], pieces[last:]
    stretch = pieces[first:last]
    if before and _are_ends(shorter, longer, beginning := joined(before)):
        stretch = [beginning, *stretch]
    if behind and _are_ends(shorter, longer, end := joined(behind)):
        stretch = [*stretch, end]
    return stretch


def _are_ends(shorter: Words, longer: Words, piece: Piece) -> bool:
    """Tell whether a piece at an end is about as long in both texts, and neither was cut there."""
    length, other_length = piece.end - piece.begin, piece.other_end - piece.other_begin
    if piece.kind is not PieceKind.OTHER:
        return False
    index, other_index = (piece.begin, piece.other_begin) if piece.begin else (piece.end - 1, piece.other_end - 1)
    word, other_word = shorter.words[index], longer.words[other_index]
    if piece.begin:
        is_cut = word.startswith(other_word) or other_word.startswith(word)
    else:
        is_cut = word.endswith(other_word) or other_word.endswith(word)
    both_numbers = shorter.numbers[index] and longer.numbers[other_index]
    least, most = sorted((length, other_length))
    return not is_cut and (both_numbers or least > 1 or most <= 2)


def _tally(
    shorter: Words, longer: Words, pieces: Sequence[Piece], shared: Likeness, near: Counter[tuple[str, str]]
) -> None:
    """Add up in `shared` what pieces have in common, and count in `near` the pairs of damaged words."""
    for piece in pieces:
        kind, begin, end, other_begin, other_end, edits = piece
        if kind in (PieceKind.SAME, PieceKind.NEAR):
            shared.covered += end - begin
            shared.covered_longer += other_end - other_begin
            shared.characters += sum(map(len, shorter.words[begin:end]))
            shared.edits += edits
        if kind is PieceKind.SAME:
            shared.unspaced += sum(shorter.unspaced[begin:end])
            _tally_numbers(shorter, begin, end, shared)
        elif kind is PieceKind.NEAR:
            near["".join(shorter.words[begin:end]), "".join(longer.words[other_begin:other_end])] += 1
        elif kind is PieceKind.ONLY:
            lone = sum(map(len, shorter.words[begin:end] + longer.words[other_begin:other_end]))
            has_number = any(shorter.numbers[begin:end]) or any(longer.numbers[other_begin:other_end])
            shared.edits += lone if lone <= _DAMAGED_TOGETHER and not has_number else 0
            if end - begin <= SLOT_WORDS and any(shorter.numbers[begin:end]) and not shorter.is_framing(begin, end):
                shared.replaced += 1  # the shorter text has a number that the longer lacks
                _tally_numbers(shorter, begin, end, shared)
            elif len(shorter) < _WORDS_FOR_REPLACED and (
                _is_lone_name(shorter, begin, end) or _is_lone(longer, *piece[3:5])
            ):
                shared.replaced += _LESSER
        else:
            weight = _weight(shorter, longer, piece)
            shared.replaced += weight
            shared.replaced_facts += weight >= 1
            if not weight and (length := max(end - begin, other_end - other_begin)) <= _TORN_WORDS:
                shared.edits += length
                near["".join(shorter.words[begin:end]), "".join(longer.words[other_begin:other_end])] += 1
            _tally_numbers(shorter, begin, end, shared)


def _tally_numbers(text: Words, begin: int, end: int, shared: Likeness) -> None:
    numbers = text.numbers_in(begin, end)
    shared.numbers += len(numbers)
    shared.number_characters += sum(map(len, numbers))


def _is_fact(text: Words, index: int) -> bool:
    return text.numbers[index] or (not text.unspaced[index] and text.may_be_name(index))


def _weight(shorter: Words, longer: Words, piece: Piece) -> float:
    """Return how strongly replaced words show that it is another story, 0 to 1."""
    _, begin, end, other_begin, other_end, _ = piece
    indexes, other_indexes = range(begin, end), range(other_begin, other_end)
    least, most = sorted((len(indexes), len(other_indexes)))
    if shorter.is_framing(begin, end) or longer.is_framing(other_begin, other_end):
        return 0.0
    unspaced = shorter.unspaced[begin] and longer.unspaced[other_begin]
    if most > (UNSPACED_SLOT if unspaced else SLOT_WORDS):  # a passage that was written anew
        if least <= 2:  # more was said, after what may be other names and numbers
            return _weight(shorter, longer, _common_beginning(piece)) if end == len(shorter) else 0.0
        return 0.0 if shorter.are_lines(begin, end) or longer.are_lines(other_begin, other_end) else _LESSER
    numbers, other_numbers = shorter.numbers_in(begin, end), longer.numbers_in(other_begin, other_end)
    if numbers and other_numbers and numbers != other_numbers:
        return 1.0
    if most == 1 == least and (numbers or other_numbers):  # 15 and "six"
        return float(max(len(shorter.words[begin]), len(longer.words[other_begin])) > _DAMAGED_TOGETHER)
    if bool(numbers) != bool(other_numbers):  # "a surplus of 150", and "flat"
        return 1.0
    if unspaced:
        return 1.0 if least > 1 else 0.0
    is_short = len(shorter) < _WORDS_FOR_REPLACED
    if is_short and any(map(shorter.is_counted, indexes)) != any(map(longer.is_counted, other_indexes)):
        return 1.0  # "two billion of customer", and "overnight system"
    if most == 1 == least:
        if len(shorter.words[begin]) == len(longer.words[other_begin]) == 1:
            return 0.0
        if shorter.is_of_few(begin) and longer.is_of_few(other_begin):
            return 1.0
    may_be_names = any(map(shorter.may_be_name, indexes)) and any(map(longer.may_be_name, other_indexes))
    return 1.0 if may_be_names else _LESSER


def _is_lone(text: Words, begin: int, end: int) -> bool:
    """Tell whether words that only one text has, within a line, belong to a name or have a number."""
    if _is_lone_name(text, begin, end):
        return True
    return _are_within_line(text, begin, end) and any(text.numbers[begin:end])


def _is_lone_name(text: Words, begin: int, end: int) -> bool:
    """Tell whether words that only one text has, within a line, all belong to a name."""
    names = (text.may_be_name(index) and not text.numbers[index] for index in range(begin, end))
    return _are_within_line(text, begin, end) and all(names)


def _are_within_line(text: Words, begin: int, end: int) -> bool:
    if not 0 < end - begin <= SLOT_WORDS or text.is_framing(begin, end) or any(text.unspaced[begin:end]):
        return False
    return not text.are_lines(begin, end)


def _common_beginning(piece: Piece) -> Piece:
    """Return the beginning of a piece, as long in both texts as the piece is where it is shorter."""
    length = min(piece.end - piece.begin, piece.other_end - piece.other_begin)
    return piece._replace(end=piece.begin + length, other_end=piece.other_begin + length)


def _consistent_replacements(near: Counter[tuple[str, str]]) -> int:
    """Return how many words have the same near word in their place throughout: damage does not repeat itself."""
    repeats = [count for count in near.values() if count > 1]
    return len(repeats) if 2 * sum(repeats) >= near.total() else 0
