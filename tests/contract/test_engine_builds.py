"""A build is invisible until it is finished, is continued where it was interrupted, and replaces in one step."""

from pathlib import Path

import pytest

from semsearch.engines import begin_build, open_engine
from semsearch.errors import IndexExistsError, IndexLockedError, IndexMissingError
from semsearch.types import Filters
from tests.contract.histories import RECIPE, Kind, id_of, local, made


def test_a_build_takes_the_place_of_an_index_when_it_is_finished(kind: Kind, tmp_path: Path) -> None:
    place = tmp_path / "index"
    engine = kind.make(place)
    with engine.writer() as writer:
        writer.add(made(1))
    build = kind.begin(place)
    with build.writer() as writer:
        writer.add(made(2))
        writer.commit()
        assert not engine.refresh()
    assert build.get(id_of(2)) == made(2).article
    assert [one.stats().articles for one in (engine, kind.reopen(place))] == [1, 1]
    build.finish()
    build.finish()  # which does nothing
    assert engine.get(id_of(2)) is None
    assert engine.refresh()
    for one in (engine, build, kind.reopen(place)):
        assert [known.article_id for known in one.articles(Filters())] == [id_of(2)]
    with build.writer() as writer:  # it is an index like others now
        writer.add(made(3))
    assert kind.reopen(place).stats().articles == 2


def test_an_abandoned_build_leaves_the_index_as_it_was(kind: Kind, tmp_path: Path) -> None:
    place = tmp_path / "index"
    engine = kind.make(place)
    with engine.writer() as writer:
        writer.add(made(1))
    build = kind.begin(place)
    with build.writer() as writer:
        writer.add(made(2))
    build.abandon()
    assert not engine.refresh()
    assert [known.article_id for known in kind.reopen(place).articles(Filters())] == [id_of(1)]


def test_what_is_no_index_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="no index") as missing:
        open_engine(tmp_path / "nowhere")
    assert "semsearch build" in missing.value.hint
    with pytest.raises(IndexMissingError, match="is not an index"):
        open_engine(tmp_path)


def test_an_unfinished_build_is_invisible_and_is_continued(tmp_path: Path) -> None:
    place = tmp_path / "index"
    interrupted = begin_build(place, RECIPE, job="day.jsonl", replacing=False)
    with interrupted.writer() as writer:
        writer.add(made(1))
    interrupted.close()
    with pytest.raises(IndexMissingError, match="is not finished"):
        open_engine(place)
    engine = begin_build(place, RECIPE, job="day.jsonl", replacing=False)
    assert engine.get(id_of(1)) == made(1).article
    engine.finish()
    assert open_engine(place).stats().articles == 1


def test_an_unfinished_build_of_something_else_is_begun_anew(tmp_path: Path) -> None:
    place = tmp_path / "index"
    interrupted = begin_build(place, RECIPE, job="day.jsonl", replacing=False)
    with interrupted.writer() as writer:
        writer.add(made(1))
    interrupted.close()
    assert begin_build(place, RECIPE, job="night.jsonl", replacing=False).stats().articles == 0


def test_an_abandoned_build_leaves_nothing(tmp_path: Path) -> None:
    engine = begin_build(tmp_path / "index", RECIPE, replacing=False)
    with engine.writer() as writer:
        writer.add(made(1))
    engine.abandon()
    assert list(tmp_path.iterdir()) == []


def test_replacing_a_finished_index_shows_the_old_one_until_the_end(tmp_path: Path) -> None:
    place = tmp_path / "index"
    engine = local(place)
    with engine.writer() as writer:
        writer.add(made(1))
    with pytest.raises(IndexExistsError, match="finished index"):
        begin_build(place, RECIPE, replacing=False)
    replacing = begin_build(place, RECIPE, replacing=True)
    with replacing.writer() as writer:
        writer.add(made(2))
    assert open_engine(place).get(id_of(1)) == made(1).article
    replacing.finish()
    assert [metadata.title for metadata in open_engine(place).articles(Filters())] == [made(2).article.metadata.title]
    assert {path.name for path in place.iterdir()} <= {"manifest.json", "segments", ".lock"}


def test_nobody_takes_the_place_of_a_running_build(tmp_path: Path) -> None:
    running = begin_build(tmp_path / "index", RECIPE, job="a", replacing=False)
    for job in ("a", "b"):
        with pytest.raises(IndexLockedError):
            begin_build(tmp_path / "index", RECIPE, job=job, replacing=True)
    running.close()
    begin_build(tmp_path / "index", RECIPE, job="b", replacing=False).close()


def test_replacing_by_the_same_content_works_and_raises_the_generation(tmp_path: Path) -> None:
    generations = []
    for _ in range(3):
        engine = begin_build(tmp_path / "index", RECIPE, replacing=True)
        with engine.writer() as writer:
            writer.add(made(1))
        engine.finish()
        generations.append(open_engine(tmp_path / "index").stats().generation)
    assert generations == [1, 2, 3]


def test_a_damaged_rest_of_a_build_does_not_stop_a_sound_index(tmp_path: Path) -> None:
    engine = local(tmp_path / "index")
    (tmp_path / "index" / "building.json").write_text("junk")
    with engine.writer() as writer:
        writer.add(made(1))
    assert open_engine(tmp_path / "index").stats().articles == 1


def test_a_build_may_replace_an_empty_index(tmp_path: Path) -> None:
    for _ in range(2):
        engine = begin_build(tmp_path / "index", RECIPE, replacing=True)
        with engine.writer():
            pass
        engine.finish()
    engine = begin_build(tmp_path / "index", RECIPE, replacing=True)
    with engine.writer() as writer:
        writer.add(made(1))
    engine.finish()
    assert open_engine(tmp_path / "index").stats().articles == 1
