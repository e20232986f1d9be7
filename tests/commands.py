"""Commands run on a small index, for tests of what they print and how they end."""

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from semsearch.cli import main
from semsearch.encoders import load_encoder
from semsearch.index import Index
from tests.conftest import some_articles
from tests.making import article, day

WIRE = (
    "Dockers unload the first container ships at the second quay, which the harbour board had opened on Tuesday.\n\n"
    "A crane that fell in the winter storm was put up again in time. Its makers paid, as the board had asked.\n\n"
    "Fishermen were given a landing place on the north side, with a cold store and a road of their own."
)


class Run(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def titles(self) -> list[str]:
        return [hit["article"]["title"].removeprefix("About the ") for hit in self.json["hits"]]


Ask = Callable[..., Run]


def run(*arguments: object) -> Run:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([*map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return Run(ended.value.code, out.getvalue(), err.getvalue())


def wire_index(where: Path) -> Path:
    """Make an index of the twelve articles and of one wire report that three outlets carried."""
    carried = [
        article(f"quay{number}", WIRE, title="Dockers at the quay", published=day(500 + number), publisher=publisher)
        for number, publisher in enumerate(["Coast Courier", "Hill Herald", "Talbote"])
    ]
    Index.build([*some_articles(), *carried], where, encoder=load_encoder("hashing"), passage_tokens=24).close()
    return where


def asking(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Ask:
    """Return what runs a command on an index."""

    def run(*arguments: object, stdin: str = "") -> Run:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "-i", str(place)])
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capsys.readouterr())

    return run
