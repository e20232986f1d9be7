"""Processes that search beside the server, which then answers as many searches at once as there are processors."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from typing import IO, cast

from semsearch.deadlines import Deadline
from semsearch.errors import QueryTimeoutError
from semsearch.serve.generations import Generation
from semsearch.serve.messages import Message, read_message, write_message
from semsearch.serve.problems import Problem
from semsearch.serve.questions import HttpReply, Question

_log = logging.getLogger("semsearch.serve")

_LOOK_SECONDS = 0.1
"""Between two looks whether the client still waits for an answer."""

_END_SECONDS = 5.0
"""That a process may take to end when it is told to."""

_SETTLED_SECONDS = 60.0
"""A process that ended sooner after its start may do so again."""

_MOST_FAILURES = 3
"""Processes that ended so soon, beyond which no other is started."""


class Processes:
    """Answers questions in other processes, and in this one where none of them can. Safe to share between threads.

    A process answers only from a generation that it has open; it may learn of a newer one a little sooner, or later,
    than this process.
    """

    def __init__(self, number: int, location: str, model: str | None) -> None:
        """Take what `start` needs.

        Args:
            number: of processes; with 0 every question is answered in this one.
            location: of the index.
            model: another than the index's own.
        """
        self._number = number
        self._command = [sys.executable, "-P", "-m", "semsearch.serve.search_process", location]
        self._command += [model] if model else []
        self._lock = threading.Lock()
        self._processes: list[_Process] = []
        self._busy: set[_Process] = set()
        self._failures = 0

    def start(self) -> None:
        """Start the processes; until they have opened the index, questions are answered in this one."""
        self._processes = [_Process(self._command) for _ in range(self._number)]

    @property
    def ready(self) -> int:
        """How many processes have opened the index."""
        return sum(bool(process.versions) for process in self._processes)

    def reply(self, generation: Generation, question: Question) -> HttpReply:
        """Answer a question from a generation.

        Raises:
            SemsearchError, Problem: as `Question.reply` does.
        """
        process = self._taken(generation.version)
        if process is None:
            return question.reply(generation)
        try:
            reply = process.reply(generation.version, question)
        finally:
            with self._lock:
                self._busy.discard(process)
        return question.reply(generation) if reply is None else reply

    def _taken(self, version: str) -> "_Process | None":
        with self._lock:
            able = (process for process in self._processes if process not in self._busy and version in process.versions)
            process = next(able, None)
            if process is not None:
                self._busy.add(process)
            return process

    def tend(self, newest: Generation) -> None:
        """Let processes that lack a generation look for it, and start one in the place of each that has ended."""
        for index, process in enumerate(self._processes):
            if process.has_ended:
                self._replace(index)
            elif process.versions and newest.version not in process.versions:
                process.renew()

    def _replace(self, index: int) -> None:
        if self._failures == _MOST_FAILURES:
            return
        seconds = time.monotonic() - self._processes[index].started
        self._failures = self._failures + 1 if seconds < _SETTLED_SECONDS else 1
        if self._failures < _MOST_FAILURES:
            _log.warning("a search process ended after %.0f s, another one is started", seconds)
            self._processes[index] = _Process(self._command)
        else:
            _log.error("search processes end again and again: no other is started, this process searches, too")

    def close(self) -> None:
        """End every process."""
        for process in self._processes:
            process.close()
        for process in self._processes:
            process.wait()


class _Process:
    """One process, from its start to its end, and what it was asked."""

    def __init__(self, command: Sequence[str]) -> None:
        self.started = time.monotonic()
        self.versions: frozenset[str] = frozenset()  # of the generations that it has open
        self.has_ended = False
        self._numbers = count()
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._answers: dict[int, Future[Message | None]] = {}  # that are waited for, by the numbers of their questions
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  our own
        self._input, self._output = cast("IO[bytes]", self._popen.stdin), cast("IO[bytes]", self._popen.stdout)
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self) -> None:
        with self._output, suppress(OSError, ValueError):  # what it sent last was cut short
            while (message := read_message(self._output)) is not None:
                if "versions" in message.fields:
                    self.versions = frozenset(message.fields["versions"])
                else:
                    self._answers.pop(message.fields["number"]).set_result(message)
        self._popen.wait()
        self.close()
        with self._lock:
            self.has_ended, self.versions = True, frozenset()
        for answer in self._answers.values():
            answer.set_result(None)

    def reply(self, version: str, question: Question) -> HttpReply | None:
        """Return the answer; None where the process has ended, or has not this generation any more."""
        number, answer = next(self._numbers), Future[Message | None]()
        with self._lock:
            if self.has_ended:
                return None
            self._answers[number] = answer
        self._send(Message({"number": number, "version": version, "question": question.to_dict()}))
        message = self._waited(number, answer)
        if message is None or "lacking" in message.fields:
            return None
        if "problem" in message.fields:
            raise Problem.from_dict(message.fields["problem"])
        return HttpReply(message.body, message.fields["form"], message.fields["headers"])

    def _waited(self, number: int, answer: "Future[Message | None]") -> Message | None:
        """Wait for an answer; raises QueryTimeoutError where nobody else waits for it any more."""
        deadline = Deadline(None)
        while True:
            with suppress(TimeoutError):
                return answer.result(_LOOK_SECONDS)
            try:
                deadline.check()
            except QueryTimeoutError:
                self._send(Message({"give_up": number}))
                raise

    def renew(self) -> None:
        """Let the process look for a newer generation."""
        self._send(Message({"renew": True}))

    def _send(self, message: Message) -> None:
        with self._writing, suppress(OSError, ValueError):  # it has ended, which `_receive` notices, too
            write_message(self._input, message)

    def close(self) -> None:
        """Tell the process to end."""
        with self._writing, suppress(OSError):
            self._input.close()

    def wait(self) -> None:
        """Wait until the process has ended, and stop it if it does not."""
        try:
            self._popen.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
