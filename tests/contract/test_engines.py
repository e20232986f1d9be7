"""Every engine keeps the whole promise of ports.Engine; the oracle is brute force over a dictionary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.engines import begin_build, open_engine
from semsearch.engines.local import nearest
from semsearch.errors import IndexDamagedError, IndexExistsError, IndexLockedError, IndexMissingError
from semsearch.identity import fingerprint
from semsearch.ports import Engine, Entry, Found, Writer
from semsearch.types import EncoderIdentity, Filters, GroupBy, Recipe
from tests.making import DAY, article, day, entry, key_of, vector_of

DIMENSIONS = 8
RECIPE = Recipe(EncoderIdentity("test", "0" * 64, DIMENSIONS, "mean"), 64, 1, 1)

Maker = Callable[[Path], Any]


def local(directory: Path) -> Any:
    """An empty, finished local index."""
    begin_build(directory, RECIPE, replacing=False).finish()
    return open_engine(directory)


ENGINES: list[tuple[str, Maker, Callable[[Path], Engine]]] = [
    ("local", local, open_engine),
    ("local by FAISS", local, open_engine),
]


@pytest.fixture(scope="module", params=ENGINES, ids=[name for name, _, _ in ENGINES])
def kind(request: pytest.FixtureRequest) -> Iterator[tuple[str, Maker, Callable[[Path], Engine]]]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param[0].endswith("FAISS"):
            patch.setattr(nearest, "SCANNED_ROWS", 0)  # or no segment of a test would be large enough
        yield request.param


def made(number: int, version: int = 0, passages: int = 3) -> Entry:
    """Article `number` in some version; equal numbers have equal ids."""
    text = "\n\n".join(f"Paragraph {part} of article {number}, version {version}." for part in range(passages))
    return entry(
        article(
            f"a{number}",
            text,
            published=None if number % 5 == 4 else day(number),
            publisher=("Alpha", "Beta", "Gamma")[number % 3],
            authors=("Ann Ash", "Bo Birch")[: number % 3],
            language=("en", "de")[number % 2],
            section=None if number % 4 == 0 else f"section {number % 4}",
            tags={"topics": ("rivers", f"t{number % 2}"), "desk": (f"d{number % 3}",)},
        ),
        dimensions=DIMENSIONS,
    )


def allowed_by_hand(one: Entry, filters: Filters) -> bool:
    metadata = one.article.metadata
    if filters.publishers and (metadata.publisher or "").lower() not in {name.lower() for name in filters.publishers}:
        return False
    if filters.authors and not {name.lower() for name in filters.authors} & {name.lower() for name in metadata.authors}:
        return False
    if filters.languages and metadata.language not in filters.languages:
        return False
    if filters.sections and metadata.section not in filters.sections:
        return False
    for key in {key for key, _ in filters.tags}:
        if not {value for name, value in filters.tags if name == key} & set(metadata.tags.get(key, ())):
            return False
    asked = filters.since is not None or filters.until is not None
    if metadata.published is None:
        return not asked if filters.undated is None else filters.undated
    if filters.since is not None and metadata.published.latest < filters.since:
        return False
    return filters.until is None or metadata.published.earliest < filters.until


def nearest_by_hand(
    held: dict[str, Entry], vector: np.ndarray, filters: Filters, limit: int, group_by: GroupBy
) -> tuple[list[tuple[str, int, float]], int]:
    rows = []
    allowed = [one for one in held.values() if allowed_by_hand(one, filters)]
    for one in allowed:
        for passage, own in zip(one.passages, one.vectors, strict=True):
            rows.append(
                (passage.article_id, passage.ordinal, round(float(own.astype(float) @ vector.astype(float)), 6))
            )
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    if group_by is GroupBy.PASSAGE:
        return rows[:limit], len(allowed)
    best = list(dict.fromkeys(row[0] for row in rows))[:limit]
    return [row for row in rows if row[0] in best], len(allowed)


def as_rows(found: Found) -> list[tuple[str, int, float]]:
    return [(scored.article_id, scored.ordinal, scored.score) for scored in found.passages]


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


filter_choices = st.builds(
    Filters,
    publishers=st.frozensets(st.sampled_from(["alpha", "BETA", "Nobody"]), max_size=2),
    authors=st.sampled_from([frozenset(), frozenset({"ann ash"}), frozenset({"Bo Birch", "X"})]),
    languages=st.sampled_from([frozenset(), frozenset({"en"}), frozenset({"en", "de"})]),
    sections=st.sampled_from([frozenset(), frozenset({"section 1"}), frozenset({"section 1", "section 3"})]),
    tags=st.sampled_from([frozenset(), frozenset({("topics", "t1")}), frozenset({("topics", "t0"), ("desk", "d2")})]),
    since=st.sampled_from([None, day(3).earliest, day(7).earliest + 10]),
    until=st.sampled_from([None, day(12).earliest, day(5).earliest]),
    undated=st.sampled_from([None, True, False]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 19), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("delete"), st.integers(0, 19)),
        st.tuples(st.sampled_from(["commit", "compact", "reopen"])),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(steps=steps, filters=filter_choices, seed=st.integers(0, 99), limit=st.integers(1, 12))
def test_after_any_history_and_under_any_filter_the_answer_is_that_of_brute_force(
    kind: Any, tmp_path_factory: pytest.TempPathFactory, steps: Any, filters: Filters, seed: int, limit: int
) -> None:
    _, make, reopen = kind
    place = tmp_path_factory.mktemp("engine") / "index"
    engine = make(place)
    held: dict[str, Entry] = {}
    pending = list(steps)
    while pending:
        with engine.writer() as writer:
            while pending and pending[0][0] != "reopen":
                name, *arguments = pending.pop(0)
                if name == "add":
                    one = made(*arguments)
                    writer.add(one)
                    held[one.article.metadata.article_id] = one
                    assert writer.fingerprint(one.article.metadata.article_id) == fingerprint(one.article)
                elif name == "delete":
                    article_id = made(arguments[0]).article.metadata.article_id
                    assert writer.delete(article_id) == (held.pop(article_id, None) is not None)
                    assert writer.fingerprint(article_id) is None
                else:
                    writer.commit()
                    if name == "compact":
                        writer.compact()
        if pending:
            pending.pop(0)
            engine = reopen(place)

    for group_by in GroupBy:
        found = engine.nearest(unit(seed), filters, limit, group_by)
        rows, total = nearest_by_hand(held, unit(seed), filters, limit, group_by)
        assert as_rows(found) == rows
        assert found.total == total
        for scored in found.passages:
            passage = held[scored.article_id].passages[scored.ordinal]
            assert (scored.start, scored.end) == (passage.start, passage.end)

    listed = [metadata.article_id for metadata in engine.articles(filters)]
    wanted = [one.article.metadata for one in held.values() if allowed_by_hand(one, filters)]
    dated = sorted((m for m in wanted if m.published), key=lambda m: (-m.published.earliest, m.article_id))
    undated = sorted((m for m in wanted if not m.published), key=lambda m: m.article_id)
    assert listed == [metadata.article_id for metadata in (*dated, *undated)]

    for number in range(20):
        article_id = made(number).article.metadata.article_id
        kept = held.get(article_id)
        assert engine.get(article_id) == (kept and kept.article)
        assert engine.find(article_id[:12]) == ([article_id] if kept else [])
    stats = engine.stats()
    assert stats.articles == len(held)
    assert stats.passages == sum(len(one.passages) for one in held.values())
    assert stats.undated == sum(one.article.metadata.published is None for one in held.values())


SENTENCES = [f"Sentence {number}, which many articles have." for number in range(7)]
STRANGE = [b"", bytes(16), b"short", key_of("what nobody wrote")]
sharing_steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.integers(0, 5),
            st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5),
            st.booleans(),
        ),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["commit", "compact", "reopen"])),
    ),
    min_size=1,
    max_size=25,
)


def sharing(number: int, sentences: Sequence[str], known: bool = True) -> Entry:
    """An article of these sentences, a passage each; where it is not `known` nobody says what the encoder read."""
    whole = entry(article(f"s{number}", "\n\n".join(sentences)), dimensions=DIMENSIONS)
    return whole if known else replace(whole, keys=[STRANGE[number % 2]] * len(sentences))


def assert_reuse(writer: Writer, held: Iterable[Entry], once: AbstractSet[bytes]) -> None:
    """Every key of the articles that are there has its vector; any other key that was there once may have it."""
    found = writer.vectors_of([*map(key_of, SENTENCES), *STRANGE])
    assert {one for entry in held for one in entry.keys} - set(STRANGE) <= found.keys() <= once
    for sentence in SENTENCES:
        if key_of(sentence) in found:
            np.testing.assert_array_equal(found[key_of(sentence)], vector_of(sentence, DIMENSIONS))


@settings(max_examples=100, deadline=None)
@given(steps=sharing_steps)
def test_after_any_history_vectors_are_found_by_what_they_were_made_from(
    kind: Any, tmp_path_factory: pytest.TempPathFactory, steps: Any
) -> None:
    _, make, reopen = kind
    place = tmp_path_factory.mktemp("engine") / "index"
    engine = make(place)
    held: dict[int, Entry] = {}
    once: set[bytes] = set()
    pending = list(steps)
    while pending:
        with engine.writer() as writer:
            while pending and pending[0][0] != "reopen":
                name, *arguments = pending.pop(0)
                if name == "add":
                    held[arguments[0]] = one = sharing(*arguments)
                    once |= set(one.keys) - set(STRANGE)
                    writer.add(one)
                elif name == "delete":
                    writer.delete(sharing(arguments[0], "x").article.metadata.article_id)
                    held.pop(arguments[0], None)
                else:
                    writer.commit() if name == "commit" else writer.compact()
                assert_reuse(writer, held.values(), once)
        if pending:
            pending.pop(0)
            engine = reopen(place)
    with engine.writer() as writer:
        assert_reuse(writer, held.values(), once)


def test_a_vector_is_found_from_its_addition_until_it_is_stored_no_more(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    first, second = sharing(1, SENTENCES[:3]), sharing(1, SENTENCES[2:5])
    keys = list(map(key_of, SENTENCES))

    def found(writer: Writer) -> set[str]:
        return {sentence for sentence in SENTENCES if key_of(sentence) in writer.vectors_of(keys)}

    with engine.writer() as writer:
        assert found(writer) == set()
        writer.add(first)
        assert found(writer) == set(SENTENCES[:3])
        writer.add(sharing(2, SENTENCES[:1]))
        writer.delete(first.article.metadata.article_id)
        assert found(writer) == set(SENTENCES[:1])
        writer.add(first)
        writer.commit()
        assert found(writer) == set(SENTENCES[:3])
        writer.add(second)
        assert found(writer) == set(SENTENCES[:5])
        writer.delete(second.article.metadata.article_id)
        assert found(writer) >= set(SENTENCES[:3])  # hidden, not yet gone
        writer.add(second)
    with engine.writer() as writer:
        assert found(writer) >= {SENTENCES[0], *SENTENCES[2:5]}
        writer.compact()
        assert found(writer) == {SENTENCES[0], *SENTENCES[2:5]}


def test_what_vectors_were_made_from_outlives_merges(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    texts = [f"Only article {number} says this." for number in range(40)]
    for number, text in enumerate(texts):
        with engine.writer() as writer:
            writer.add(sharing(number, [text, SENTENCES[0]]))
    with engine.writer() as writer:
        found = writer.vectors_of([key_of(text) for text in texts])
    assert found.keys() == {key_of(text) for text in texts}
    for text in texts:
        np.testing.assert_array_equal(found[key_of(text)], vector_of(text, DIMENSIONS))


def test_equal_scores_are_ordered_by_article_id_then_ordinal_across_segments(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    same = np.tile(unit(1), (2, 1))
    with engine.writer() as writer:
        for number in range(30):
            writer.add(replace(made(number, passages=2), vectors=same))
            if number % 7 == 0:
                writer.commit()
    ids = sorted(made(number).article.metadata.article_id for number in range(30))
    for group_by, per_article in ((GroupBy.ARTICLE, 2), (GroupBy.PASSAGE, 2)):
        limit = 5 if group_by is GroupBy.ARTICLE else 10
        found = engine.nearest(unit(1), Filters(), limit, group_by)
        expected = [(article_id, ordinal) for article_id in ids[:5] for ordinal in range(per_article)]
        assert [(scored.article_id, scored.ordinal) for scored in found.passages] == expected


def test_one_article_of_many_near_passages_does_not_take_the_places_of_others(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    flood = made(0, passages=400)
    near = np.tile(unit(1), (400, 1))
    with engine.writer() as writer:
        writer.add(replace(flood, vectors=near))
        for number in range(1, 20):
            writer.add(made(number))
    found = engine.nearest(unit(1), Filters(), 10, GroupBy.ARTICLE)
    assert len({scored.article_id for scored in found.passages}) == 10


def test_a_failed_transaction_leaves_everything_as_it_was(kind: Any, tmp_path: Path) -> None:
    _, make, reopen = kind
    engine = make(tmp_path / "index")
    with engine.writer() as writer:
        writer.add(made(1))
    before = engine.stats()
    with pytest.raises(RuntimeError, match="half way"), engine.writer() as writer:
        writer.add(made(1, version=2))
        writer.add(made(2))
        raise RuntimeError("half way")
    for seen in (engine, reopen(tmp_path / "index")):
        assert seen.stats() == before
        assert seen.get(made(2).article.metadata.article_id) is None
        assert seen.get(made(1).article.metadata.article_id) == made(1).article


def test_a_transaction_that_changes_nothing_writes_nothing(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    with engine.writer() as writer:
        writer.add(made(1))
    before = engine.stats()
    with engine.writer() as writer:
        writer.delete("0" * 20)
    assert engine.stats() == before


def test_a_reader_keeps_its_generation_while_a_writer_commits_and_compacts(kind: Any, tmp_path: Path) -> None:
    _, make, reopen = kind
    writing = make(tmp_path / "index")
    with writing.writer() as writer:
        for number in range(10):
            writer.add(made(number))
    reading = reopen(tmp_path / "index")
    before = reading.nearest(unit(3), Filters(), 5, GroupBy.ARTICLE)
    unsearched = reopen(tmp_path / "index")
    with writing.writer() as writer:
        for number in range(10):
            writer.delete(made(number).article.metadata.article_id)
        writer.add(made(11))
        writer.commit()
        writer.compact()
    assert reading.nearest(unit(3), Filters(), 5, GroupBy.ARTICLE) == before
    assert unsearched.nearest(unit(3), Filters(), 5, GroupBy.ARTICLE) == before
    assert reading.get(made(4).article.metadata.article_id) == made(4).article
    assert reopen(tmp_path / "index").stats().articles == 1


def test_a_second_writer_is_refused_at_once(kind: Any, tmp_path: Path) -> None:
    _, make, reopen = kind
    engine = make(tmp_path / "index")
    with engine.writer(), pytest.raises(IndexLockedError, match="another process"), reopen(tmp_path / "index").writer():
        pass


def test_many_small_transactions_do_not_pile_up(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    for number in range(40):
        with engine.writer() as writer:
            writer.add(made(number))
    assert engine.stats().segments <= 16
    assert engine.stats().articles == 40
    held = {made(number).article.metadata.article_id: made(number) for number in range(40)}
    found = engine.nearest(unit(5), Filters(), 7, GroupBy.ARTICLE)
    assert as_rows(found) == nearest_by_hand(held, unit(5), Filters(), 7, GroupBy.ARTICLE)[0]


def test_an_empty_index_answers_with_nothing(kind: Any, tmp_path: Path) -> None:
    engine = kind[1](tmp_path / "index")
    assert engine.nearest(unit(1), Filters(), 10, GroupBy.ARTICLE) == Found([], 0)
    assert list(engine.articles(Filters(since=0, until=DAY))) == []
    assert engine.stats().articles == 0


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
    assert engine.get(made(1).article.metadata.article_id) == made(1).article
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
    assert open_engine(place).get(made(1).article.metadata.article_id) == made(1).article
    replacing.finish()
    assert [metadata.title for metadata in open_engine(place).articles(Filters())] == ["Headline of a2"]
    assert {path.name for path in place.iterdir()} <= {"manifest.json", "segments", ".lock"}


def damage(content: bytes, how: str) -> bytes:
    half = len(content) // 2
    return {
        "cut": content[:20],
        "empty": b"",
        "header": content.replace(b"{'", b"(('", 1),
        "zeros": bytes(len(content)),
        "ones": b"\xff" * len(content),
        "flipped": content[:half] + bytes([content[half] ^ 0xFF]) + content[half + 1 :],
    }[how]


@pytest.mark.parametrize("how", ["cut", "empty", "header", "zeros", "ones", "flipped"])
def test_a_damaged_file_is_an_error_with_a_name_or_harmless_but_never_a_crash(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "SCANNED_ROWS", 0)  # so that FAISS's file is read too
    engine = local(tmp_path / "index")
    with engine.writer() as writer:
        for number in range(6):
            writer.add(made(number))
    with engine.writer() as writer:
        writer.delete(made(5).article.metadata.article_id)
    files = [path for path in (tmp_path / "index").rglob("*") if path.is_file() and path.name != ".lock"]
    named = 0
    for path in files:
        content = path.read_bytes()
        path.write_bytes(damage(content, how))
        try:
            opened = open_engine(tmp_path / "index")
            opened.nearest(unit(1), Filters(tags={("topics", "t1")}, publishers={"alpha"}), 5, GroupBy.ARTICLE)
            opened.get(made(1).article.metadata.article_id)
            list(opened.articles(Filters()))
            opened.stats()
        except IndexDamagedError as error:
            assert "damaged" in str(error)
            named += 1
        path.write_bytes(content)
    assert named >= (6 if how in ("cut", "empty") else 1)  # a file that none of these calls reads is not missed


def test_compaction_does_not_seal_damage_as_truth(tmp_path: Path) -> None:
    engine = local(tmp_path / "index")
    for number in range(2):
        with engine.writer() as writer:
            writer.add(made(number))
    path = min((tmp_path / "index").rglob("articles.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"Paragraph", b"Paragraqh", 1))
    with pytest.raises(IndexDamagedError, match="damaged"), open_engine(tmp_path / "index").writer() as writer:
        writer.compact()


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
