"""Two texts side by side: where they have the same words, damaged words, and different words."""

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
"""How many words of each text are compared, from its beginning: the time grows with the product of both lengths."""

SLOT_WORDS, UNSPACED_SLOT = 8, 20
"""How many words, or characters of a script without spaces, may stand in one slot of a pattern, and differ."""

_LEAST_SAME = 0.33
"""Share of the shorter text's words that the longer has in the same order. Two reports about different things share
less, and a text with every tenth character damaged shares more."""

_FEW_NUMBERS = 4
"""Where fewer numbers were replaced by others, the texts are looked at more closely."""

_NEAR = 0.4
_NEAR_IN_PART = 0.6
_NEAR_WORD = 0.34
_NEAR_MIXED = 0.5
"""Share of characters that damage may have changed: of a passage, of one in which some words may have been replaced, of
one word, of a word of letters that has digits in the other text, which shows damage."""

_LETTERS_A_LETTER = 6
"""Of words that damage has joined or cut, one in this many letters may be missing from one of the texts."""

_ACCENTS = re.compile("[\u0300-\u036f]")

_LONG_NUMBER = 4
"""Digits of a number that may have lost one."""

_WEIGHTS = {"other": 1.0, "only": 0.6, "near": 0.2}
"""What each kind of step costs where words are paired."""

_TOGETHER = ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3))
"""How many words of each text may be paired with each other: damage joins words, and cuts them."""


class PieceKind(Enum):
    """How a piece of one text is related to what stands in its place in the other."""

    SAME = auto()
    NEAR = auto()  # damaged
    OTHER = auto()
    ONLY = auto()  # in one text alone


class Piece(NamedTuple):
    """Words [begin:end] of the shorter text, in whose place the longer has its words [other_begin:other_end]."""

    kind: PieceKind
    begin: int
    end: int
    other_begin: int
    other_end: int
    edits: int = 0  # characters that differ, of a NEAR piece


def aligned(shorter: Words, longer: Words, least: float = 0.0) -> list[Piece]:
    """Return both texts as pieces, in order; none where hardly anything is the same.

    Args:
        least: where fewer words of the shorter text are the same or damaged, there are no pieces either.
    """
    words, other_words = shorter.words[:COMPARED_WORDS], longer.words[:COMPARED_WORDS]
    if LCSseq.similarity(words, other_words, score_cutoff=ceil(_LEAST_SAME * len(words))) < _LEAST_SAME * len(words):
        return []
    rough = _blocks_and_gaps(Levenshtein.editops(words, other_words).as_matching_blocks())
    most = sum(piece.end - piece.begin for piece in rough if piece.kind is not PieceKind.ONLY)
    for place, gap in enumerate(rough):
        if gap.kind is PieceKind.OTHER:
            if most < least:  # however damaged the other gaps are
                return []
            rough[place] = _compare_gap(shorter, longer, gap)
            if rough[place].kind is PieceKind.OTHER:
                most -= gap.end - gap.begin
    if most < least or (least and _are_other_numbers(shorter, longer, rough)):
        return []
    pieces: list[Piece] = []
    for piece in rough:
        pieces += _resolve(shorter, longer, piece) if piece.kind is PieceKind.NEAR else [piece]
    return pieces


def _blocks_and_gaps(blocks: Sequence[MatchingBlock]) -> list[Piece]:
    """Return the blocks that are the same, with the gaps between them; the last block is empty and ends both texts."""
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


def _compare_gap(shorter: Words, longer: Words, gap: Piece) -> Piece:
    """Mark a gap as NEAR if some of it may be damaged, as enough of its letters are the same."""
    if gap.kind is PieceKind.ONLY:
        return gap
    is_long = max(gap.end - gap.begin, gap.other_end - gap.other_begin) > SLOT_WORDS
    edits = _edits(*_joined_words(shorter, longer, gap), _NEAR if is_long else _NEAR_IN_PART)
    return gap if edits is None else gap._replace(kind=PieceKind.NEAR, edits=edits)


def _joined_words(shorter: Words, longer: Words, piece: Piece) -> tuple[str, str]:
    words, other_words = shorter.words[piece.begin : piece.end], longer.words[piece.other_begin : piece.other_end]
    return "".join(words), "".join(other_words)


def _are_other_numbers(shorter: Words, longer: Words, pieces: Sequence[Piece]) -> bool:
    """Tell whether, in the place of most numbers, the longer text has numbers that damage cannot explain."""
    same_count = different_count = 0
    for piece in pieces:
        numbers = shorter.numbers_in(piece.begin, piece.end)
        if piece.kind is PieceKind.SAME:
            same_count += len(numbers)
        elif numbers and (other_numbers := longer.numbers_in(piece.other_begin, piece.other_end)):
            if _edits("".join(numbers), "".join(other_numbers), _NEAR) is None:
                different_count += min(len(numbers), len(other_numbers))
            else:
                same_count += min(len(numbers), len(other_numbers))
    return different_count >= _FEW_NUMBERS and different_count > same_count


def joined(pieces: Sequence[Piece]) -> Piece:
    """Return consecutive pieces as one in which nothing is the same."""
    first, last = pieces[0], pieces[-1]
    alone = first.begin == last.end or first.other_begin == last.other_end
    kind = PieceKind.ONLY if alone else PieceKind.OTHER
    return Piece(kind, first.begin, last.end, first.other_begin, last.other_end)


def _resolve(shorter: Words, longer: Words, gap: Piece) -> Iterable[Piece]:
    """Split a gap that may be damaged into what is damaged and what was replaced by other words."""
    length, other_length = gap.end - gap.begin, gap.other_end - gap.other_begin
    if max(length, other_length) > SLOT_WORDS:
        return [gap._replace(kind=PieceKind.OTHER, edits=0)] if _are_other_figures(shorter, longer, gap) else [gap]
    if length == other_length == 1:
        return [_pair(shorter, longer, gap._replace(kind=PieceKind.OTHER, edits=0))]
    if length != other_length:
        letters = _joined_words(shorter, longer, gap)
        if all(text[0].isdecimal() for text in letters) and gap.edits <= _NEAR * max(map(len, letters)):
            return [gap._replace(edits=max(1, gap.edits))]  # a number in pieces
    pieces: list[Piece] = []
    for is_near, group in groupby(_pair_words(shorter, longer, gap), lambda step: step.kind is PieceKind.NEAR):
        run = list(group)
        pieces += run if is_near else [joined(run)]
    return pieces


def _are_other_figures(shorter: Words, longer: Words, gap: Piece) -> bool:
    """Tell whether most words of a gap have digits, and other digits in the longer text, as "Q1" and "Q2" do."""
    words, other_words = shorter.words[gap.begin : gap.end], longer.words[gap.other_begin : gap.other_end]
    if len(words) != len(other_words):
        return False
    pairs = [pair for pair in zip(words, other_words, strict=True) if all(map(_digits, pair))]
    return 2 * sum(not _is_damaged_number(*pair) for pair in pairs) > len(words)


def _pair_words(shorter: Words, longer: Words, gap: Piece) -> list[Piece]:
    """Pair the words of a short gap as cheaply as possible."""
    rows, columns = gap.end - gap.begin, gap.other_end - gap.other_begin
    best: dict[tuple[int, int], tuple[float, Piece | None]] = {(0, 0): (0.0, None)}
    for row in range(rows + 1):
        for column in range(columns + 1):
            index, other_index = gap.begin + row, gap.other_begin + column
            options = []
            if row:
                options.append((Piece(PieceKind.ONLY, index - 1, index, other_index, other_index), _WEIGHTS["only"]))
            if column:
                options.append((Piece(PieceKind.ONLY, index, index, other_index - 1, other_index), _WEIGHTS["only"]))
            for count, other_count in _TOGETHER:
                if count <= row and other_count <= column:
                    piece = Piece(PieceKind.OTHER, index - count, index, other_index - other_count, other_index)
                    step = _pair(shorter, longer, piece)
                    if step.kind is PieceKind.NEAR:
                        length = sum(map(len, shorter.words[step.begin : step.end]))
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


def _pair(shorter: Words, longer: Words, piece: Piece) -> Piece:
    """Mark some words as NEAR if those in their place may be the same, damaged."""
    letters, other_letters = _joined_words(shorter, longer, piece)
    least, most = sorted((len(letters), len(other_letters)))
    if piece.end - piece.begin == piece.other_end - piece.other_begin:
        if most == 1:
            return piece
        digits = _digits(letters), _digits(other_letters)
        if all(digits) or (shorter.is_of_few(piece.begin) and longer.is_of_few(piece.other_begin)):
            return piece._replace(kind=PieceKind.NEAR, edits=1) if _is_damaged_number(letters, other_letters) else piece
        if _without_accents(letters) == _without_accents(other_letters):  # a wire may drop them
            return piece._replace(kind=PieceKind.NEAR, edits=1)
        lost = most - least
        if lost <= least and Indel.distance(letters, other_letters) == lost:  # letters were lost, and none added
            return piece._replace(kind=PieceKind.NEAR, edits=lost)
        share = _NEAR_MIXED if any(digits) else _NEAR_WORD
    elif least < 3 or most - least > max(1, most // _LETTERS_A_LETTER):
        return piece  # one more short word is no damage
    else:
        share = _NEAR_WORD
    edits = _edits(letters, other_letters, share)
    return piece if edits is None else piece._replace(kind=PieceKind.NEAR, edits=edits)


def _without_accents(word: str) -> str:
    return word if word.isascii() else _ACCENTS.sub("", normalised("NFKD", word))


def _digits(word: str) -> str:
    return "".join(filter(str.isdecimal, word))


def _is_damaged_number(left: str, right: str) -> bool:
    """Tell whether one of two numbers is the other, with letters in the place of digits or one of many digits lost.

    A number with a different digit is a different number.
    """
    digits = _digits(left), _digits(right)
    if not all(digits):  # one is in letters, as "six" is
        return False
    letters = [sum(map(str.isalpha, number)) for number in (left, right)]
    lost = abs(len(digits[0]) - len(digits[1]))
    may_lose = abs(letters[0] - letters[1]) + (max(map(len, digits)) >= _LONG_NUMBER)
    return lost <= may_lose and Indel.distance(*digits) == lost


def _edits(left: str, right: str, share: float) -> int | None:
    """Return by how many characters two strings differ; None where they are more than one and more than a share."""
    most = max(1, int(share * max(len(left), len(right))))
    edits = Levenshtein.distance(left, right, score_cutoff=most)
    return edits if edits <= most else None
