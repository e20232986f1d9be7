"""Reads a stream of JSON of any length through a window: finds where a value ends, and where the next begins."""

import re
from typing import BinaryIO

from semsearch.errors import SourceError

MOST_RECORD_BYTES = 64 * 2**20
"""The size of a record. A longer one is not an article, and is never held in memory."""

_MOST_WASTED = 128 * 2**20
"""Bytes searched in vain for the end of a value, and read again. A file that costs more is broken throughout."""

_DEEPEST = 200
"""Levels of nested brackets. No article has so many; a list whose records each lack a bracket soon does."""

_BLOCK_BYTES = 2**20
_GAP = re.compile(rb"[\s\x1e]*")
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|"|[{\[]+|[}\]]+')
_WITHIN_STRING = re.compile(rb'(?:[^"\\\n]|\\.)*+')
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]{1,400}')
_BEGIN = re.compile(rb'\{\s{0,200}"(?:[^"\\\n]|\\.){1,200}"\s{0,20}:')
_TAIL = 2_048
"""The most bytes that the beginning of a record has, with what stands before it."""


class Broken(Exception):  # noqa: N818 - a signal within this package, not an error that leaves it
    """What was expected is missing; the message says why."""


class Window:
    """The bytes of a stream that are held; `position` is where the next value is looked for."""

    def __init__(self, stream: BinaryIO, held: bytes, line: int) -> None:
        """Begin with the bytes that were read already, which begin on line `line`, from 1."""
        self.position = 0
        self._stream = stream
        self._held = held
        self._line, self._counted = line, 0
        self._record_begin = b""  # how the last record began, to find the next after a broken one
        self._wasted = 0

    def line(self) -> int:
        """Return the number of the line at `position`, from 1."""
        self._line += self._held.count(b"\n", self._counted, self.position)
        self._counted = self.position
        return self._line

    def peek(self) -> bytes:
        """Step over space and return the next byte, b"" at the end."""
        while True:
            gap = _GAP.match(self._held, self.position)
            self.position = gap.end() if gap else self.position
            if self.position < len(self._held) or not self._read_on():
                return self._held[self.position : self.position + 1]

    def step(self) -> None:
        """Step over one byte."""
        self.position += 1

    def begins_with_object(self) -> bool:
        """Tell whether the list that begins here starts with an object, without stepping."""
        if len(self._held) - self.position < _TAIL:
            self._read_on()
        return re.compile(rb"\[\s*\{").match(self._held, self.position) is not None

    def begins_with(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Match a pattern with what is held from here on, without stepping."""
        return pattern.match(self._held, self.position)

    def value(self) -> bytes:
        """Return the value that begins here, without stepping over it; raises `Broken`."""
        first_byte = self.peek()
        if first_byte == b"{" and (begin := _BEGIN.match(self._held, self.position)):
            self._record_begin = begin[0]
        if first_byte in (b"{", b"[", b'"'):
            end = self._end()
            return self._held[self.position : end]
        scalar = _SCALAR.match(self._held, self.position)
        if scalar and scalar.end() == len(self._held) and self._read_on():
            scalar = _SCALAR.match(self._held, self.position)
        if not scalar:
            raise Broken("broken JSON: Expecting value")
        return scalar[0]

    def leave(self, broken: bytes) -> None:
        """Step behind a broken value, or to the next record if it begins inside (a bracket is missing)."""
        match = re.search(_next_record(self._record_begin), broken[1:]) if self._record_begin else None
        self.position += 1 + match.start(1) if match else len(broken)

    def recover(self, *, lines: bool = False) -> bool:
        """Step to the next record that begins like the last one, or on a new line (`lines`); False if none does."""
        pattern = re.compile(_next_record(self._record_begin) + (rb"|\n\x1e?(\{)" if lines else b""))
        begin = self.position + 1
        while True:
            if match := pattern.search(self._held, begin):
                self.position = match.start(1) if match.start(1) >= 0 else match.start(2)
                return True
            self.position = max(begin, len(self._held) - _TAIL)
            if not self._read_on():
                self.position = len(self._held)
                return False
            begin = 0

    def _end(self) -> int:
        """Return where the object, list or string that begins here ends."""
        passed = depth = 0
        while True:
            for token in _TOKEN.finditer(self._held, self.position + passed):
                begin, passed = token.start(), token.end() - self.position
                byte = self._held[begin]
                if byte in b"{[":
                    depth += token.end() - begin
                elif byte in b"}]":
                    if depth <= token.end() - begin:
                        return begin + depth
                    depth -= token.end() - begin
                elif passed == begin - self.position + 1:
                    passed -= 1
                    self._check_string(begin)
                    break
                if not depth:
                    return token.end()
                if depth > _DEEPEST and len(self._held) - self.position <= MOST_RECORD_BYTES:
                    self._waste(passed)
                    raise Broken("JSON that is nested too deeply, or lacks a bracket")
            else:
                passed = len(self._held) - self.position
            if len(self._held) - self.position > MOST_RECORD_BYTES:
                self._waste(passed)
                raise Broken(f"of more than {MOST_RECORD_BYTES // 2**20} MiB")
            if not self._read_on():
                self._waste(passed)
                raise Broken("broken JSON: it is cut, or a bracket or a quotation mark is missing")

    def _check_string(self, begin: int) -> None:
        string = _WITHIN_STRING.match(self._held, begin + 1)
        stop = string.end() if string else begin + 1
        if stop < len(self._held) - 1 or self._held[stop : stop + 1] == b"\n":
            raise Broken("broken JSON: a string goes on in the next line")

    def _waste(self, count: int) -> None:
        self._wasted += count
        if self._wasted > _MOST_WASTED:
            raise SourceError("too many of its records are broken; what came before was kept. Write it again")

    def _read_on(self) -> bool:
        """Read another block and forget what is behind the position; return False at the end."""
        self.line()
        rest = self._held[self.position :]
        block = self._stream.read(max(_BLOCK_BYTES, len(rest)))
        self._held = rest + block
        self.position = self._counted = 0
        return bool(block)


def _next_record(begin: bytes) -> bytes:
    """Return the pattern of a record that follows another; one that never matches if no beginning is known."""
    return rb"[,\[}\]]\s*(" + (re.escape(begin) if begin else b"(?!)") + rb")"
