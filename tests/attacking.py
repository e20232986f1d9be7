"""Texts that make a regular expression as slow as it can be, made of the expression itself."""

import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

_MANY = 8
"""Times that something may be repeated, from which on it counts as unbounded."""

_PRINTABLE = [chr(code) for code in (*range(32, 127), 10, 9, 0xE9, 0x3042, 0x4E00)]


def attacks(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Yield texts of about `size` characters: each repeated part many times, after what leads to it, with no end."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    for before, body in _repeated(tree, ""):
        for unit in dict.fromkeys((_sample(body, least=1), _sample(body, least=0), _sample(body, least=1) + before)):
            if unit:
                for end in ("\x01", "", " \x01"):
                    yield before + unit * (size // len(unit)) + end
        if before:
            yield before * (size // len(before)) + "\x01"


def _repeated(items: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Yield what is repeated without bound, with a text that leads to it."""
    for code, argument in items:
        for inner in _inner(code, argument):
            yield from _repeated(inner, before)
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT) and argument[1] > _MANY:
            yield before, argument[2]
        before += _sample([(code, argument)], least=1)


def _inner(code: Any, argument: Any) -> list[Any]:
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [argument[2]]
    if code is codes.ATOMIC_GROUP:
        return [argument]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [argument[1]]
    return []


def _sample(items: Any, least: int) -> str:
    """Return a text that fits a part of an expression; `least` times what may be repeated."""
    pieces: list[str] = []
    for code, argument in items:
        if code is codes.LITERAL:
            pieces.append(chr(argument))
        elif code is codes.NOT_LITERAL:
            pieces.append("x" if argument != ord("x") else "y")
        elif code is codes.ANY:
            pieces.append("x")
        elif code is codes.IN:
            pieces.append(_member(argument))
        elif code is codes.BRANCH:
            pieces.append(_sample(argument[1][0], least))
        elif code is codes.SUBPATTERN:
            pieces.append(_sample(argument[3], least))
        elif code is codes.ATOMIC_GROUP:
            pieces.append(_sample(argument, least))
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            count = max(argument[0], min(least, argument[1]))
            pieces.append(_sample(argument[2], least) * min(count, 50))
    return "".join(pieces)


def _member(items: Any) -> str:
    """Return a character of a class, a letter rather than a mark."""
    body = [item for item in items if item[0] is not codes.NEGATE]
    negated = len(body) < len(items)
    if not negated:
        for code, argument in body:
            if code is codes.LITERAL:
                return chr(argument)
            if code is codes.RANGE:
                return chr(argument[0])
    tried = re.compile(f"[{'^' if negated else ''}{''.join(map(_written, body))}]")
    return next((char for char in ("x", " ", *_PRINTABLE) if tried.match(char)), "x")


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _written(item: Any) -> str:
    code, argument = item
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    if code is codes.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    return _CATEGORIES.get(argument, "")
