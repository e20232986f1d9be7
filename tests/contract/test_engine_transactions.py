"""A transaction is whole or nothing, there is one at a time, and readers keep the generation that they opened."""

import os
from pathlib import Path

import pytest

from semsearch.errors import IndexLockedError
from semsearch.types import Filters
from tests.contract.histories import Kind, asking, holding, id_of, made, of_any_size, of_local_kinds, stored, unit
from tests.oracle import assert_exact, is_allowed

kind = of_any_size


def test_a_failed_transaction_leaves_everything_as_it_was(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    with engine.writer() as writer:
        writer.add(made(1))
    before = engine.stats()
    with pytest.raises(RuntimeError, match="half way"), engine.writer() as writer:
        writer.add(made(1, version=2))
        writer.add(made(2))
        raise RuntimeError("half way")
    for seen in (engine, kind.reopen(tmp_path / "index")):
        assert seen.stats() == before
        assert seen.get(id_of(2)) is None
        assert seen.get(id_of(1)) == made(1).article


def test_a_transaction_that_changes_nothing_writes_nothing(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    with engine.writer() as writer:
        writer.add(made(1))
    before = engine.stats()
    with engine.writer() as writer:
        writer.delete("0" * 20)
    assert engine.stats() == before


@pytest.mark.parametrize("filters", [Filters(), Filters(tags={("topics", "t1")}), Filters(new_since=0)], ids=repr)
def test_a_reader_keeps_its_generation_while_a_writer_commits_and_compacts(
    kind: Kind, tmp_path: Path, filters: Filters
) -> None:
    held = holding([made(number) for number in range(10)])
    writing = stored(kind, tmp_path / "index", list(held.values()))
    ask = asking(vector=unit(3), filters=filters, phrases=("old bridge",), excluded=("quay wall",))
    reading, unsearched = kind.reopen(tmp_path / "index"), kind.reopen(tmp_path / "index")
    assert_exact(next(reading.search([ask])), held, ask)
    with writing.writer() as writer:
        for number in range(10):
            writer.delete(id_of(number))
        writer.add(made(11))
        writer.commit()
        writer.compact()
    for engine in (reading, unsearched):
        assert_exact(next(engine.search([ask])), held, ask)
        assert {one.article_id for one in engine.articles(filters)} == {
            article_id for article_id, one in held.items() if is_allowed(one, filters)
        }
        assert engine.get(id_of(4)) == made(4).article
    assert kind.reopen(tmp_path / "index").stats().articles == 1


def test_an_answer_is_read_to_its_end_in_the_generation_that_it_was_asked_of(kind: Kind, tmp_path: Path) -> None:
    held = holding([made(number) for number in range(10)])
    engine = stored(kind, tmp_path / "index", list(held.values()))
    ask = asking(vector=unit(3))
    (found,) = engine.search([ask])
    walk = found.ranked()
    first = next(walk)
    with engine.writer() as writer:
        for number in range(10):
            writer.delete(id_of(number))
        writer.add(made(11))
        writer.commit()
        writer.compact()
    assert {first.article_id, *(one.article_id for one in walk)} == held.keys()
    assert_exact(found, held, ask)


def test_a_second_writer_is_refused_at_once(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    with engine.writer(), pytest.raises(IndexLockedError), kind.reopen(tmp_path / "index").writer():
        pass
    with kind.reopen(tmp_path / "index").writer() as writer:
        writer.add(made(1))


@of_local_kinds
def test_a_second_writer_is_told_who_the_first_one_is(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    with (
        engine.writer(),
        pytest.raises(IndexLockedError, match=rf"process {os.getpid()} \(.+\) since 20"),
        kind.reopen(tmp_path / "index").writer(),
    ):
        pass


def test_many_small_transactions_do_not_pile_up(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    for number in range(20):
        with engine.writer() as writer:
            writer.add(made(number))
    assert engine.stats().segments < 8
    assert engine.stats().articles == 20
    held = holding([made(number) for number in range(20)])
    assert_exact(next(engine.search([asking(vector=unit(5))])), held, asking(vector=unit(5)))
