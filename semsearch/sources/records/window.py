"""A stream of JSON of any length, looked at through a window: where a value ends, and where the next begins."""

import re
from typing import BinaryIO

from semsearch.errors import SourceError

MOST_RECORD_BYTES = 64 * 2**20
"""Of a record. One that is longer is no article, and is never held in memory."""

_MOST_WASTED = 128 * 2**20
"""Bytes read for the ends of values that have none, and read again. A file that costs more is broken throughout."""

_DEEPEST = 200
"""Brackets within each other. No article has so many; a list of which each record lacks one has them soon."""

_BLOCK_BYTES = 2**20
_GAP = re.compile(rb"[\s\x1e]*")
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|"|[{\[]+|[}\]]+')
_WITHIN_STRING = re.compile(rb'(?:[^"\\\n]|\\.)*+')
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]{1,400}')
_BEGIN = re.compile(rb'\{\s{0,200}"(?:[^"\\\n]|\\.){1,200}"\s{0,20}:')
_TAIL = 2_048
"""Bytes that the beginning of a record, with what is before it, may have."""


class Broken(Exception):  # noqa: N818 - a turn that is taken within these rooms, not an error that leaves them
    """What was expected is not there; the message says why."""


class Window:
    """The bytes of a stream that are held; `at` is where the next value is looked for."""

    def __init__(self, stream: BinaryIO, held: bytes, line: int) -> None:
        """Begin with what was read already, which begins on a line, from 1."""
        self.at = 0
        self._stream = stream
        self._held = held
        self._line, self._counted = line, 0
        self._begin = b""  # of the records here, to find the next after one that is broken
        self._wasted = 0

    def line(self) -> int:
        """Return the line, from 1, on which the window stands."""
        self._line += self._held.count(b"\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def peek(self) -> bytes:
        """Step over space and return the next byte, b"" at the end."""
        while True:
            gap = _GAP.match(self._held, self.at)
            self.at = gap.end() if gap else self.at
            if self.at < len(self._held) or not self._more():
                return self._held[self.at : self.at + 1]

    def step(self) -> None:
        """Step over one byte."""
        self.at += 1

    def begins_with_object(self) -> bool:
        """Tell whether the list that begins here has an object first; nothing is stepped over."""
        if len(self._held) - self.at < _TAIL:
            self._more()
        return re.compile(rb"\[\s*\{").match(self._held, self.at) is not None

    def begins_with(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Match what is held from here on; nothing is stepped over."""
        return pattern.match(self._held, self.at)

    def value(self) -> bytes:
        """Return the value that begins here, without stepping over it; raises `Broken`."""
        first = self.peek()
        if first == b"{" and (begin := _BEGIN.match(self._held, self.at)):
            self._begin = begin[0]
        if first in (b"{", b"[", b'"'):
            end = self._end()
            return self._held[self.at : end]
        scalar = _SCALAR.match(self._held, self.at)
        if scalar and scalar.end() == len(self._held) and self._more():
            scalar = _SCALAR.match(self._held, self.at)
        if not scalar:
            raise Broken("broken JSON: Expecting value")
        return scalar[0]

    def leave(self, broken: bytes) -> None:
        """Step behind a value that is none, or to the next record where that begins within it: a bracket is missing."""
        found = re.search(_behind(self._begin), broken[1:]) if self._begin else None
        self.at += 1 + found.start(1) if found else len(broken)

    def recover(self, *, lines: bool = False) -> bool:
        """Step to the next record behind this place that begins as the last one did, or with a line; False: none."""
        pattern = re.compile(_behind(self._begin) + (rb"|\n\x1e?(\{)" if lines else b""))
        begin = self.at + 1
        while True:
            if found := pattern.search(self._held, begin):
                self.at = found.start(1) if found.start(1) >= 0 else found.start(2)
                return True
            self.at = max(begin, len(self._held) - _TAIL)
            if not self._more():
                self.at = len(self._held)
                return False
            begin = 0

    def _end(self) -> int:
        """Return where the object, list or string that begins here ends."""
        passed = depth = 0
        while True:
            for token in _TOKEN.finditer(self._held, self.at + passed):
                begin, passed = token.start(), token.end() - self.at
                mark = self._held[begin]
                if mark in b"{[":
                    depth += token.end() - begin
                elif mark in b"}]":
                    if depth <= token.end() - begin:
                        return begin + depth
                    depth -= token.end() - begin
                elif passed == begin - self.at + 1:
                    passed -= 1
                    self._check_string(begin)
                    break
                if not depth:
                    return token.end()
                if depth > _DEEPEST and len(self._held) - self.at <= MOST_RECORD_BYTES:
                    self._waste(passed)
                    raise Broken("JSON that is nested too deeply, or lacks a bracket")
            else:
                passed = len(self._held) - self.at
            if len(self._held) - self.at > MOST_RECORD_BYTES:
                self._waste(passed)
                raise Broken(f"of more than {MOST_RECORD_BYTES // 2**20} MiB")
            if not self._more():
                self._waste(passed)
                raise Broken("broken JSON: it is cut, or a bracket or a quotation mark is missing")

    def _check_string(self, begin: int) -> None:
        within = _WITHIN_STRING.match(self._held, begin + 1)
        stop = within.end() if within else begin + 1
        if stop < len(self._held) - 1 or self._held[stop : stop + 1] == b"\n":
            raise Broken("broken JSON: a string goes on in the next line")

    def _waste(self, count: int) -> None:
        self._wasted += count
        if self._wasted > _MOST_WASTED:
            raise SourceError("too many of its records are broken; what came before was kept. Write it again")

    def _more(self) -> bool:
        """Read on, and let go of what is behind; False at the end."""
        self.line()
        rest = self._held[self.at :]
        block = self._stream.read(max(_BLOCK_BYTES, len(rest)))
        self._held = rest + block
        self.at = self._counted = 0
        return bool(block)


def _behind(begin: bytes) -> bytes:
    """Return the pattern of where a record begins behind another; one that never fits where no beginning is known."""
    return rb"[,\[}\]]\s*(" + (re.escape(begin) if begin else b"(?!)") + rb")"
