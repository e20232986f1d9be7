"""Nothing that a reader, or a library below it, raises ends a run: it costs a record, which is named."""

import gzip
import io
import json
import signal
import threading
import time
import zipfile
from pathlib import Path

import pytest

from semsearch.cli import main
from semsearch.errors import SourceError
from semsearch.sources import faults, read
from semsearch.sources.faults import UNEXPECTED, attempt, reason_of, until_fault
from semsearch.types import Article, Skipped, Unreadable

GOOD = {"title": "Crane back", "text": "The crane is back on its rails."}


def lost(found: list[Article | Skipped | Unreadable]) -> list[str]:
    return [one.reason for one in found if not isinstance(one, Article)]


@pytest.mark.parametrize(
    "date", ["9" * 400, "-" + "9" * 400, "1e400", "-1e400", "0.1e-400", "99999999999999999999", "true", "[[[]]]", "{}"]
)
def test_a_number_of_any_size_costs_nothing_but_its_date(date: str, tmp_path: Path) -> None:
    line = json.dumps({**GOOD, "date": "X"}).replace('"X"', date)
    (tmp_path / "a.jsonl").write_text(f"{line}\n{json.dumps(GOOD)}\n")
    found = list(read(tmp_path / "a.jsonl"))
    assert len(found) == 2
    assert isinstance(found[-1], Article)


@pytest.mark.parametrize(
    "front",
    [
        "a" + ".a" * 2_000 + " = 1", "a" + ".a" * 30_000 + " = 1", "a = " + "9" * 5_000, "a = 0x" + "f" * 5_000,
        "a = " + "[" * 3_000 + "]" * 3_000, "a = {b = " * 500 + "1" + "}" * 500,
    ],
    ids=lambda front: front[:8],
)  # fmt: skip
def test_front_matter_of_any_shape_costs_its_file(front: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"+++\n{front}\n+++\n# Crane\n\nIt is back.\n")
    (tmp_path / "b.md").write_text("# Ferry\n\nIt is late.\n")
    began = time.process_time()
    found = list(read(tmp_path))
    assert time.process_time() - began < 10
    assert len(found) == 2
    assert isinstance(found[1], Article)


def test_a_table_of_a_million_cells_is_read_in_time_and_memory(tmp_path: Path) -> None:
    row = "|" + "a|" * 300
    (tmp_path / "a.md").write_text("# Table\n\n" + "\n".join([row, "|" + "-|" * 300, *[row] * 300]))
    began = time.process_time()
    assert any(isinstance(one, Article) for one in read(tmp_path / "a.md"))
    assert time.process_time() - began < 10


def test_files_packed_in_a_file_spend_one_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semsearch.sources.compression.ALWAYS_BYTES", 2**20)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.jsonl", json.dumps(GOOD))
        for number in range(10):
            archive.writestr(f"b{number}.txt.gz", gzip.compress(b"a " * 2**18))
    (tmp_path / "bomb.zip").write_bytes(held.getvalue())
    reasons = lost(list(read(tmp_path / "bomb.zip")))
    assert sum("more than 200 times the size of the file that was named" in reason for reason in reasons) >= 7


def test_any_error_of_a_record_becomes_a_reason() -> None:
    def fails() -> Article:
        raise ZeroDivisionError("by nought\n")

    assert attempt(fails, "a.json:7") == Skipped("a.json:7", f"{UNEXPECTED} (ZeroDivisionError: by nought)")
    assert reason_of(SourceError("broken")) == "broken"
    assert reason_of(RecursionError("maximum")) == "nested too deeply"
    assert reason_of(MemoryError()) == "needs more memory than there is"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_stops_a_program_stops_it(error: type[BaseException]) -> None:
    def stops() -> Article:
        raise error

    with pytest.raises(error):
        attempt(stops, "a")


def test_what_a_reader_raises_ends_its_stream_and_keeps_what_came_before() -> None:
    def found() -> object:
        yield 1
        raise KeyError("x")

    reading = until_fault(found())  # type: ignore[arg-type]
    assert next(reading) == 1
    with pytest.raises(SourceError, match=r"unexpected error \(KeyError: 'x'\); what came before was kept"):
        next(reading)


def test_a_bug_is_reported_at_the_end_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("semsearch.sources.facts.assembly.refusal", fails)
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n")
    with pytest.raises(SystemExit):
        main(["read", str(tmp_path / "a.jsonl")])
    said = capsys.readouterr().err
    assert "a.jsonl:2: unexpected error (ZeroDivisionError)" in said
    assert "2 records were lost to an unexpected error" in said
    assert "please report it" in said


def endless() -> None:
    while True:
        try:
            sum(range(1_000))
        except Exception:  # noqa: S112, BLE001  as libraries do
            continue


def test_a_record_that_takes_too_long_is_skipped_and_the_next_one_has_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faults, "RECORD_SECONDS", 0.1)
    for _ in range(2):
        lost = attempt(endless, "a.jsonl:1")
        assert isinstance(lost, Skipped)
        assert "seconds to read" in lost.reason
    assert attempt(lambda: attempt(lambda: 5, "inner"), "outer") == 5
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_waiting_is_no_work_and_an_alarm_of_the_program_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "RECORD_SECONDS", 0.05)
    assert attempt(lambda: time.sleep(0.2) or 5, "a") == 5
    called: list[int] = []
    signal.signal(signal.SIGALRM, lambda *_: called.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert attempt(lambda: time.sleep(0.2) or 5, "a") == 5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert called == [1]


def test_a_thread_reads_without_a_limit() -> None:
    read_there: list[object] = []
    thread = threading.Thread(target=lambda: read_there.append(attempt(lambda: 5, "a")))
    thread.start()
    thread.join()
    assert read_there == [5]


@pytest.mark.parametrize("font", ["{\\f1000 A;}", "{\\f1" + "0" * 20, "{\\f1 "])
def test_a_table_of_many_fonts_takes_no_time(font: str, tmp_path: Path) -> None:
    pytest.importorskip("striprtf")
    (tmp_path / "a.rtf").write_text("{\\rtf1{\\fonttbl" + font * 8_000 + "}}The crane is back.}")
    began = time.process_time()
    assert len(list(read(tmp_path))) == 1
    assert time.process_time() - began < 5
