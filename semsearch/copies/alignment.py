"""Two texts side by side: where they have the same words, damaged words, and others."""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from itertools import groupby
from math import ceil
from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq, Levenshtein, MatchingBlock

from semsearch.copies.words import Words
from semsearch.text import normalised

COMPARED_WORDS = 20_000
"""Of each text, from its beginning: the time grows with the product of both lengths."""

SLOT_WORDS, UNSPACED_SLOT = 8, 20
"""Other words in the place of so many, or so many characters without spaces, may fill one slot of a pattern."""

_LEAST_SAME = 0.33
"""Share of the shorter text's words that the other has in the same order. Of two reports about other things it is less,
and of a text with every tenth character damaged more."""

_FEW_NUMBERS = 4
"""Other numbers in the place of some: fewer are looked at more closely."""

_NEAR = 0.4
_NEAR_IN_PART = 0.6
_NEAR_WORD = 0.34
_NEAR_MIXED = 0.5
"""Share of characters that damage may have changed: of a passage, of one in which some words may be others, of one
word, of a word of letters that has digits in the other text, which shows damage."""

_LETTERS_A_LETTER = 6
"""Of words that damage has joined, or cut, one in so many letters may be missing in one of the texts."""

_ACCENTS = re.compile("[\u0300-\u036f]")

_LONG_NUMBER = 4
"""Digits of a number that may have lost one."""

_WEIGHTS = {"other": 1.0, "only": 0.6, "near": 0.2}
"""What a step costs where words are paired."""

_TOGETHER = ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3))
"""How many words of each text may be the same: damage joins words, and cuts them."""


class PieceKind(Enum):
    """How a piece of one text is related to that in its place in the other."""

    SAME = auto()
    NEAR = auto()  # damaged
    OTHER = auto()
    ONLY = auto()  # in one text alone


class Piece(NamedTuple):
    """Words [begin:end] of the one text, in whose place the other has its words [other_begin:other_end]."""

    kind: PieceKind
    begin: int
    end: int
    other_begin: int
    other_end: int
    edits: int = 0  # characters that differ, of what is near


def aligned(one: Words, other: Words, least: float = 0.0) -> list[Piece]:
    """Return both texts as pieces, in order; none where hardly anything is the same.

    Args:
        one: the shorter text.
        least: words of it that have to be the same or damaged, else there is no piece either.
    """
    mine, others = one.words[:COMPARED_WORDS], other.words[:COMPARED_WORDS]
    if LCSseq.similarity(mine, others, score_cutoff=ceil(_LEAST_SAME * len(mine))) < _LEAST_SAME * len(mine):
        return []
    rough = _blocks_and_gaps(Levenshtein.editops(mine, others).as_matching_blocks())
    most = sum(piece.end - piece.begin for piece in rough if piece.kind is not PieceKind.ONLY)
    for place, gap in enumerate(rough):
        if gap.kind is PieceKind.OTHER:
            if most < least:  # however damaged the other gaps are
                return []
            rough[place] = compared = _compared(one, other, gap)
            most -= gap.end - gap.begin if compared.kind is PieceKind.OTHER else 0
    if most < least or (least and _are_other_numbers(one, other, rough)):
        return []
    pieces: list[Piece] = []
    for piece in rough:
        pieces += _resolved(one, other, piece) if piece.kind is PieceKind.NEAR else [piece]
    return pieces


def _blocks_and_gaps(blocks: Sequence[MatchingBlock]) -> list[Piece]:
    """Return blocks that are the same, the last of which is empty and ends both texts, and what is between them."""
    pieces: list[Piece] = []
    end = other_end = 0
    for begin, other_begin, size in blocks:
        if begin > end or other_begin > other_end:
            kind = PieceKind.ONLY if begin == end or other_begin == other_end else PieceKind.OTHER
            pieces.append(Piece(kind, end, begin, other_end, other_begin))
        end, other_end = begin + size, other_begin + size
        if size:
            pieces.append(Piece(PieceKind.SAME, begin, end, other_begin, other_end))
    return pieces


def _compared(one: Words, other: Words, gap: Piece) -> Piece:
    """Mark a gap as damaged if some of it may be: enough of its letters are the same."""
    if gap.kind is PieceKind.ONLY:
        return gap
    is_long = max(gap.end - gap.begin, gap.other_end - gap.other_begin) > SLOT_WORDS
    edits = _edits(*_letters(one, other, gap), _NEAR if is_long else _NEAR_IN_PART)
    return gap if edits is None else gap._replace(kind=PieceKind.NEAR, edits=edits)


def _letters(one: Words, other: Words, piece: Piece) -> tuple[str, str]:
    mine, others = one.words[piece.begin : piece.end], other.words[piece.other_begin : piece.other_end]
    return "".join(mine), "".join(others)


def _are_other_numbers(one: Words, other: Words, pieces: Sequence[Piece]) -> bool:
    """Tell whether most numbers stand where the other text has numbers that no damage makes of them."""
    alike = others = 0
    for piece in pieces:
        mine = _numbers(one, piece.begin, piece.end)
        if piece.kind is PieceKind.SAME:
            alike += len(mine)
        elif mine and (theirs := _numbers(other, piece.other_begin, piece.other_end)):
            if _edits("".join(mine), "".join(theirs), _NEAR) is None:
                others += min(len(mine), len(theirs))
            else:
                alike += min(len(mine), len(theirs))
    return others >= _FEW_NUMBERS and others > alike


def _numbers(words: Words, begin: int, end: int) -> list[str]:
    return [words.words[at] for at in range(begin, end) if words.numbers[at]]


def joined(pieces: Sequence[Piece]) -> Piece:
    """Return pieces that follow each other as one in which nothing is the same."""
    first, last = pieces[0], pieces[-1]
    alone = first.begin == last.end or first.other_begin == last.other_end
    kind = PieceKind.ONLY if alone else PieceKind.OTHER
    return Piece(kind, first.begin, last.end, first.other_begin, last.other_end)


def _resolved(one: Words, other: Words, gap: Piece) -> Iterable[Piece]:
    """Split what may be damaged into what is, and what is other words."""
    length, other_length = gap.end - gap.begin, gap.other_end - gap.other_begin
    if max(length, other_length) > SLOT_WORDS:
        return [gap._replace(kind=PieceKind.OTHER, edits=0)] if _are_other_figures(one, other, gap) else [gap]
    if length == other_length == 1:
        return [_pair(one, other, gap._replace(kind=PieceKind.OTHER, edits=0))]
    if length != other_length:
        letters = _letters(one, other, gap)
        if all(text[0].isdecimal() for text in letters) and gap.edits <= _NEAR * max(map(len, letters)):
            return [gap._replace(edits=max(1, gap.edits))]  # a number in pieces
    pieces: list[Piece] = []
    for is_near, group in groupby(_paired(one, other, gap), lambda step: step.kind is PieceKind.NEAR):
        run = list(group)
        pieces += run if is_near else [joined(run)]
    return pieces


def _are_other_figures(one: Words, other: Words, gap: Piece) -> bool:
    """Tell whether most words of a gap have digits, and others in the other text: "Q1" and "Q2", one by one."""
    mine, others = one.words[gap.begin : gap.end], other.words[gap.other_begin : gap.other_end]
    if len(mine) != len(others):
        return False
    pairs = [pair for pair in zip(mine, others, strict=True) if all(map(_digits, pair))]
    return 2 * sum(not _is_damaged_number(*pair) for pair in pairs) > len(mine)


def _paired(one: Words, other: Words, gap: Piece) -> list[Piece]:
    """Pair the words of a short gap as cheaply as possible."""
    rows, columns = gap.end - gap.begin, gap.other_end - gap.other_begin
    best: dict[tuple[int, int], tuple[float, Piece | None]] = {(0, 0): (0.0, None)}
    for row in range(rows + 1):
        for column in range(columns + 1):
            at, other_at = gap.begin + row, gap.other_begin + column
            options = []
            if row:
                options.append((Piece(PieceKind.ONLY, at - 1, at, other_at, other_at), _WEIGHTS["only"]))
            if column:
                options.append((Piece(PieceKind.ONLY, at, at, other_at - 1, other_at), _WEIGHTS["only"]))
            for count, other_count in _TOGETHER:
                if count <= row and other_count <= column:
                    step = _pair(one, other, Piece(PieceKind.OTHER, at - count, at, other_at - other_count, other_at))
                    if step.kind is PieceKind.NEAR:
                        length = sum(map(len, one.words[step.begin : step.end]))
                        options.append((step, _WEIGHTS["near"] + 0.3 * step.edits / length))
                    elif count == other_count:
                        options.append((step, _WEIGHTS["other"]))
            costs = [
                (best[step.begin - gap.begin, step.other_begin - gap.other_begin][0] + cost, number, step)
                for number, (step, cost) in enumerate(options)
            ]
            if costs:
                cost, _, step = min(costs)
                best[row, column] = cost, step
    steps = []
    place: tuple[int, int] = rows, columns
    while (step := best[place][1]) is not None:  # type: ignore[assignment]
        steps.append(step)
        place = step.begin - gap.begin, step.other_begin - gap.other_begin
    return steps[::-1]


def _pair(one: Words, other: Words, words: Piece) -> Piece:
    """Say whether some words are others, damaged."""
    mine, others = _letters(one, other, words)
    least, most = sorted((len(mine), len(others)))
    if words.end - words.begin == words.other_end - words.other_begin:
        if most == 1:
            return words
        digits = _digits(mine), _digits(others)
        if all(digits) or (one.is_of_few(words.begin) and other.is_of_few(words.other_begin)):
            return words._replace(kind=PieceKind.NEAR, edits=1) if _is_damaged_number(mine, others) else words
        if _without_accents(mine) == _without_accents(others):  # as a wire without them has it
            return words._replace(kind=PieceKind.NEAR, edits=1)
        if most <= 2 * least and Indel.distance(mine, others) == most - least:  # it has lost letters and got no others
            return words._replace(kind=PieceKind.NEAR, edits=most - least)
        share = _NEAR_MIXED if any(digits) else _NEAR_WORD
    elif least < 3 or most - least > max(1, most // _LETTERS_A_LETTER):
        return words  # a short word more is no damage
    else:
        share = _NEAR_WORD
    edits = _edits(mine, others, share)
    return words if edits is None else words._replace(kind=PieceKind.NEAR, edits=edits)


def _without_accents(word: str) -> str:
    return word if word.isascii() else _ACCENTS.sub("", normalised("NFKD", word))


def _digits(word: str) -> str:
    return "".join(filter(str.isdecimal, word))


def _is_damaged_number(one: str, other: str) -> bool:
    """Tell whether one of two numbers is the other with letters in the place of digits, or without one of many digits.

    With another digit in a place it is another number.
    """
    digits = _digits(one), _digits(other)
    if not all(digits):  # in letters: "six"
        return False
    letters = [sum(map(str.isalpha, number)) for number in (one, other)]
    lost = abs(len(digits[0]) - len(digits[1]))
    may_lose = abs(letters[0] - letters[1]) + (max(map(len, digits)) >= _LONG_NUMBER)
    return lost <= may_lose and Indel.distance(*digits) == lost


def _edits(one: str, other: str, share: float) -> int | None:
    """Return by how many characters two strings differ; None where that is more than a share, and than one."""
    most = max(1, int(share * max(len(one), len(other))))
    edits = Levenshtein.distance(one, other, score_cutoff=most)
    return edits if edits <= most else None
