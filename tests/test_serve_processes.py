"""A server whose searches are answered in other processes: the same answers, whatever becomes of these processes."""

import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from semsearch import Index
from semsearch.deadlines import unless
from semsearch.encoders import load_encoder
from semsearch.errors import QueryTimeoutError
from semsearch.serve.api import application
from semsearch.serve.generations import Generation, Generations
from semsearch.serve.messages import Message, read_message, write_message
from semsearch.serve.problems import Problem
from semsearch.serve.processes import Processes
from semsearch.serve.questions import Question
from semsearch.serve.settings import Settings
from tests.commands import wire_index
from tests.examples import examples
from tests.making import article, day

HERE = "http://127.0.0.1"
JSON = {"Content-Type": "application/json"}
SETTINGS = Settings(model="hashing", processes=1, renewal_seconds=0.05)
SECONDS = 30.0
AS_OF = day(9).earliest


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("processes") / "index")


@pytest.fixture(scope="module")
def clients(place: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """A server that searches itself, and one whose process has opened the index."""
    with serving(place, replace(SETTINGS, processes=0)) as alone, serving(place, SETTINGS) as helped:
        wait_until(lambda: ready(helped) == 1)
        yield alone, helped


@pytest.fixture(scope="module")
def generations(place: Path) -> Generations:
    return Generations(Index.open(place, encoder=load_encoder("hashing")))


@pytest.fixture(scope="module")
def processes(place: Path) -> Iterator[Processes]:
    with started(place) as processes:
        yield processes


@contextmanager
def started(place: Path, model: str = "hashing") -> Iterator[Processes]:
    processes = Processes(1, str(place), model)
    processes.start()
    try:
        wait_until(lambda: processes.ready == 1)
        yield processes
    finally:
        processes.close()


def serving(place: Path, settings: Settings) -> TestClient:
    opened = Generations(Index.open(place, encoder=load_encoder("hashing")))
    return TestClient(application(opened, settings), HERE, raise_server_exceptions=False)


def ready(client: TestClient) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return next(family.samples[0].value for family in families if family.name == "semsearch_search_processes")


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def elsewhere(generation: Generation) -> Generation:
    """The generation as a process knows it: this one cannot search it."""
    return replace(generation, index=None)  # type: ignore[arg-type]


def question(**values: Any) -> Question:
    return Question(values, "json", AS_OF, SECONDS)


def process_ids(processes: Processes) -> list[int]:
    return [process._popen.pid for process in processes._processes]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/search", {"q": "harbour board"}),
        ("/search", {"q": '"second quay" -ice since:2019', "syntax": "query", "k": 2, "explain": True}),
        ("/search", {"q": "quay", "publisher": ["Coast Courier", "Talbote"], "timezone": "Europe/Berlin"}),
        ("/search", {"q": "dockers", "sort": "date", "emphasise": True, "min_confidence": 0.1, "since": "2y"}),
        ("/search", {"q": "quay", "format": "csv"}),
        ("/search", {"q": "quay \ud800 \u202e x", "format": "ris"}),
        ("/search", {"q": "-ice", "syntax": "query"}),
        ("/search", {"q": "quay", "timezone": "Nowhere/Town"}),
        ("/similar/nothing", {"k": 3}),
    ],
)
def test_answers_and_errors_are_the_same_bytes(
    clients: tuple[TestClient, TestClient], path: str, values: dict[str, Any]
) -> None:
    method = "GET" if path != "/search" else "POST"
    values = {**values, "as_of": "2021-01-01"}
    sent = {"params": values} if method == "GET" else {"content": json.dumps(values), "headers": JSON}
    own, other = (client.request(method, path, **sent) for client in clients)
    assert (own.status_code, own.content) == (other.status_code, other.content)
    names = ("Content-Type", "ETag", "Next-Cursor", "Link", "Content-Disposition")
    assert [own.headers.get(name) for name in names] == [other.headers.get(name) for name in names]


def test_similar_articles_and_the_next_page_are_the_same(clients: tuple[TestClient, TestClient]) -> None:
    known = clients[0].get("/search", params={"q": "harbour", "k": 1}).json()["hits"][0]["article"]["article_id"]
    own, other = (client.get(f"/similar/{known}", params={"language": "en", "k": 2}) for client in clients)
    assert own.json()["hits"]
    assert own.content == other.content
    pages = []
    for client in clients:
        first = client.get("/search", params={"q": "harbour", "k": 1, "as_of": "2021"})
        pages.append(client.get(first.links["next"]["url"]).content)
    assert pages[0] == pages[1]


def test_a_process_answers_from_the_generation_that_is_named(processes: Processes, generations: Generations) -> None:
    newest = generations.newest
    reply = processes.reply(elsewhere(newest), question(q="harbour board"))
    assert reply == replace(question(q="harbour board").reply(newest), headers=reply.headers)
    with pytest.raises(Problem, match="no article"):
        processes.reply(elsewhere(newest), replace(question(), article="nothing"))
    unknown = replace(newest, version="another")
    assert processes.reply(unknown, question(q="harbour board")).body == reply.body  # from this process


def test_what_is_added_is_found_by_processes_too(tmp_path: Path) -> None:
    place = wire_index(tmp_path / "index")
    generations = Generations(Index.open(place, encoder=load_encoder("hashing")))
    with started(place) as processes:
        with Index.open(place, encoder=load_encoder("hashing")) as index:
            index.add([article("new", "A walrus in the harbour.")])
        assert generations.renew()
        newest, earlier = generations._open

        def is_open() -> bool:
            processes.tend(newest)
            return newest.version in processes._processes[0].versions

        wait_until(is_open)
        assert b"walrus" in processes.reply(elsewhere(newest), question(q="walrus")).body
        assert b"A walrus" not in processes.reply(elsewhere(earlier), question(q="walrus")).body


def test_one_that_is_killed_is_replaced_and_nobody_notices(place: Path, generations: Generations) -> None:
    with started(place) as processes:
        [killed] = process_ids(processes)
        os.kill(killed, signal.SIGSTOP)
        [process] = processes._processes
        with unless(Event()):
            os.kill(killed, signal.SIGKILL)
            assert processes.reply(generations.newest, question(q="harbour board")).body
        wait_until(lambda: process.has_ended)
        assert processes.ready == 0
        assert process.reply(generations.newest.version, question(q="harbour board")) is None
        processes.tend(generations.newest)
        wait_until(lambda: processes.ready == 1)
        assert process_ids(processes) != [killed]
        assert processes.reply(elsewhere(generations.newest), question(q="harbour board")).body


def test_a_question_is_given_up_when_nobody_waits_and_the_next_is_answered(
    processes: Processes, generations: Generations
) -> None:
    newest, gone = elsewhere(generations.newest), Event()
    [process_id] = process_ids(processes)
    os.kill(process_id, signal.SIGSTOP)
    gone.set()
    with unless(gone), pytest.raises(QueryTimeoutError):
        processes.reply(newest, question(q="harbour board"))
    os.kill(process_id, signal.SIGCONT)
    assert b"hits" in processes.reply(newest, question(q="dockers")).body


def test_those_that_cannot_open_the_index_are_not_started_for_ever(
    tmp_path: Path, generations: Generations, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    processes = Processes(1, str(tmp_path / "nothing"), "hashing")
    processes.start()
    seen = set()

    def has_given_up() -> bool:
        seen.update(process_ids(processes))
        processes.tend(generations.newest)
        return any(record.levelname == "ERROR" for record in caplog.records)

    wait_until(has_given_up)
    processes.tend(generations.newest)
    seen.update(process_ids(processes))
    assert len(seen) == 3
    assert processes.reply(generations.newest, question(q="harbour board")).body
    processes.close()
    assert "Traceback" not in capfd.readouterr().err


def test_processes_end_with_the_server(place: Path) -> None:
    with serving(place, SETTINGS) as client:
        wait_until(lambda: ready(client) == 1)
        [process_id] = [child for child in _children(os.getpid()) if _is_searching(child)][-1:]
    wait_until(lambda: not Path(f"/proc/{process_id}").exists() or not _is_searching(process_id))


def _children(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return sorted(int(child) for task in tasks for child in task.read_text().split())


def _is_searching(process_id: int) -> bool:
    return b"search_process" in Path(f"/proc/{process_id}/cmdline").read_bytes()


@examples(100)
@given(
    fields=st.dictionaries(st.text(max_size=5).filter(lambda name: name != "bytes"), st.text() | st.integers()),
    body=st.binary(max_size=50),
    cut=st.integers(1, 60),
)
def test_a_message_arrives_as_it_was_sent_or_not_at_all(fields: dict[str, Any], body: bytes, cut: int) -> None:
    stream = io.BytesIO()
    write_message(stream, Message(fields, body))
    written = stream.getvalue()
    assert read_message(io.BytesIO(written * 2)) == Message(fields, body)
    assert read_message(io.BytesIO(written[:-cut])) is None
