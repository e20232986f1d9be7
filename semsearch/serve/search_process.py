"""A process that answers searches for the server: `python -m semsearch.serve.search_process FOLDER [MODEL]`.

Questions come on standard input, answers go to standard output, and whatever else is written goes to standard error. It
ends when its input does, so that it never outlives the server.
"""

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from queue import SimpleQueue
from typing import IO, Any

from semsearch.deadlines import unless
from semsearch.errors import SemsearchError
from semsearch.index import Index
from semsearch.serve.generations import Generations
from semsearch.serve.log import log_to_stderr
from semsearch.serve.messages import Message, read_message, write_message
from semsearch.serve.problems import Problem, problem_of
from semsearch.serve.questions import Question

_log = logging.getLogger("semsearch.serve")


class SearchProcess:
    """Answers one question after the other."""

    def __init__(self, generations: Generations, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._generations = generations
        self._input, self._output = questions, answers
        self._writing = threading.Lock()
        self._asked: SimpleQueue[Message | None] = SimpleQueue()
        self._given_up: dict[int, threading.Event] = {}  # by the number of a question that is not answered yet

    def run(self) -> None:
        """Answer until the input ends."""
        threading.Thread(target=self._receive, daemon=True).start()
        self._tell_versions()
        while (message := self._asked.get()) is not None:
            number = message.fields["number"]
            answer = self._answer(message.fields)
            del self._given_up[number]
            self._send(Message({"number": number, **answer.fields}, answer.body))

    def _receive(self) -> None:
        while (message := read_message(self._input)) is not None:
            match message.fields:
                case {"question": _, "number": number}:
                    self._given_up[number] = threading.Event()
                    self._asked.put(message)
                case {"give_up": number}:
                    if event := self._given_up.get(number):
                        event.set()
                case {"renew": _}:
                    threading.Thread(target=self._renew, daemon=True).start()
        for event in list(self._given_up.values()):
            event.set()
        self._asked.put(None)

    def _renew(self) -> None:
        self._generations.renew()
        self._tell_versions()

    def _tell_versions(self) -> None:
        self._send(Message({"versions": self._generations.versions}))

    def _send(self, message: Message) -> None:
        with self._writing, suppress(OSError):  # the server has ended, and so will the input
            write_message(self._output, message)

    def _answer(self, fields: Any) -> Message:
        try:
            generation = self._generations.find(fields["version"])
            if generation is None:
                return Message({"lacking": fields["version"]})
            with unless(self._given_up[fields["number"]]):
                reply = Question.from_dict(fields["question"]).reply(generation)
            return Message({"form": reply.form, "headers": dict(reply.headers)}, reply.body)
        except Problem as problem:
            return Message({"problem": problem.to_dict()})
        except SemsearchError as error:
            return Message({"problem": problem_of(error).to_dict()})
        except Exception:  # noqa: BLE001  the server says no more, as of its own
            _log.exception("a search failed")
            detail = "the server failed to answer; its log says why"
            return Message({"problem": Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail).to_dict()})


def main(arguments: list[str]) -> None:
    """Serve the index in a folder, with its model or another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, too, which then closes the input
    location, model = arguments[0], arguments[1] if len(arguments) > 1 else None
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that nothing else is taken for an answer
    log_to_stderr()
    try:
        generations = Generations(Index.open(location, encoder=model))
    except SemsearchError as error:
        _log.error("a search process cannot open the index: %s", error)
        sys.exit(1)
    SearchProcess(generations, sys.stdin.buffer, answers).run()


if __name__ == "__main__":
    main(sys.argv[1:])
