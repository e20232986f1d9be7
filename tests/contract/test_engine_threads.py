"""Threads share an engine: each answer belongs to one generation, whatever the writer does meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from semsearch.types import Filters
from tests.contract.histories import (
    AS_IF_LARGE,
    LOCAL,
    MEMORY,
    Kind,
    asking,
    each_kind,
    holding,
    id_of,
    made,
    stored,
    unit,
)
from tests.oracle import assert_exact

GENERATIONS = 6

kind = each_kind(pytest.param(LOCAL, marks=pytest.mark.slow), AS_IF_LARGE, MEMORY)  # the second keeps more of an answer


def test_each_answer_belongs_to_one_generation_while_a_writer_commits(kind: Kind, tmp_path: Path) -> None:
    """Generation g holds every article in version g; so what is found tells which one answered."""
    numbers = range(12)
    held = [holding([made(number, version) for number in numbers]) for version in range(GENERATIONS)]
    ask = asking(
        "the old river 旧桥 die Brücke", unit(1), filters=Filters(tags={("topics", "rivers")}), excluded=("quay wall",)
    )
    engine = stored(kind, tmp_path / "index", list(held[0].values()))
    finished = Event()

    def search() -> list[int]:
        seen = []
        while not finished.is_set() or not seen:
            (found,) = engine.search([ask])
            texts = {
                hit.article_id: {one.score for one in found.passages([hit.article_id])[0]} for hit in found.ranked()
            }
            seen.append(next(version for version, known in enumerate(expected) if known == texts))
        return seen

    expected = []
    for entries in held:
        other = stored(kind, tmp_path / f"alone{len(expected)}", list(entries.values()))
        (found,) = other.search([ask])
        assert_exact(found, entries, ask)
        expected.append(
            {hit.article_id: {one.score for one in found.passages([hit.article_id])[0]} for hit in found.ranked()}
        )
    assert all(one != other for at, one in enumerate(expected) for other in expected[:at])

    with ThreadPoolExecutor(3) as threads:
        answers = [threads.submit(search) for _ in range(3)]
        try:
            for version, entries in enumerate(held):
                with engine.writer() as writer:
                    for one in entries.values():
                        writer.add(one)
                    if version % 3 == 2:
                        writer.compact()
        finally:
            finished.set()
        for answer in answers:
            seen = answer.result(timeout=30)
            assert seen == sorted(seen)  # nobody goes back
    assert_exact(next(engine.search([ask])), held[-1], ask)


def test_threads_read_one_answer_together(kind: Kind, tmp_path: Path) -> None:
    held = holding([made(number) for number in range(30)])
    entries = list(held.values())
    engine = stored(kind, tmp_path / "index", *(entries[at : at + 3] for at in range(0, len(entries), 3)))
    asks = [asking(text, unit(seed)) for seed, text in enumerate(("old bridge", "Brücke", "旧桥", "the river", "pont"))]
    founds = list(engine.search(asks))
    with ThreadPoolExecutor(4) as threads:
        walks = list(threads.map(lambda found: [hit.score for hit in found.ranked()], [*founds] * 4))
    assert walks == [[hit.score for hit in found.ranked()] for found in founds] * 4
    assert id_of(1) in {hit.article_id for hit in founds[0].ranked()}
