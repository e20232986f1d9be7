"""Articles, queries and histories of an index, for the contract of engines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from hypothesis import strategies as st

from semsearch.engines import begin_build
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.identity import fingerprint
from semsearch.ports import Ask, Engine, Entry, Evidence, Floats, Mix, Vector
from semsearch.types import EncoderIdentity, Filters, Recipe
from tests.making import article, day, entry, vector_of
from tests.memory_engine import Shelf

DIMENSIONS = 8
RECIPE = Recipe(EncoderIdentity("test", "0" * 64, DIMENSIONS, "mean"), 64, 1, 1)
HYBRID = Mix(dense=0.9, lexical=0.4, dense_article=0.3, foreign_article=0.2, lexical_article=0.4, feedback=0.7)


LARGE = Thresholds(known_rows=5, word_rows=5, first_depth=3, deeper=2, block=4, batch=7, counted_paragraphs=0)
"""As an engine searches what is large: no row is known but by what FAISS says of it."""


@dataclass(frozen=True)
class Kind:
    """One engine that there is."""

    name: str
    begin: Callable[[Path], Engine]  # an unfinished build, in the place of an index that may be there
    make: Callable[[Path], Engine]  # an empty, finished index
    reopen: Callable[..., Engine]  # takes other `thresholds` where some are given
    thresholds: Thresholds = DEFAULTS


def local(directory: Path, thresholds: Thresholds = DEFAULTS) -> Engine:
    """An empty, finished local index."""
    begin_build(directory, RECIPE, replacing=False).finish()
    return LocalEngine(directory, thresholds=thresholds)


_begin_local = partial(begin_build, recipe=RECIPE, replacing=True)


_SHELF = Shelf(RECIPE)
LOCAL = Kind("local", _begin_local, local, LocalEngine)
MEMORY = Kind("in memory", _SHELF.begin, _SHELF.make, _SHELF.reopen)
AS_IF_LARGE = Kind(
    "local, as if large",
    _begin_local,
    partial(local, thresholds=LARGE),
    partial(LocalEngine, thresholds=LARGE),
    LARGE,
)
KINDS = [LOCAL, AS_IF_LARGE, MEMORY]


def each_kind(*kinds: Kind | ParameterSet) -> Any:
    """Return the fixture `kind`: each of these, one after the other."""

    @pytest.fixture(scope="package", params=kinds, ids=lambda kind: kind.name)
    def kind(request: pytest.FixtureRequest) -> Any:
        return request.param

    return kind


of_any_size = each_kind(LOCAL, pytest.param(AS_IF_LARGE, marks=pytest.mark.slow), MEMORY)
"""The kinds for a module in which nothing is ranked: how much is looked at before makes no difference there."""

of_local_kinds = pytest.mark.parametrize("kind", [LOCAL, AS_IF_LARGE], ids=lambda kind: kind.name, indirect=True)
"""Decorates what is about the ways that the local engine searches, or its files."""

_WORDS = {
    "en": ("river", "rivers", "old", "bridge", "the", "quay", "wall", "Wi Fi", "wifi"),
    "de": ("Fluss", "Flüsse", "alte", "Brücke", "die", "river", "Kai"),
    "fr": ("rivière", "rivières", "vieux", "pont", "le", "quai", "mur", "Wi-Fi"),
    "zh": ("河上", "旧桥", "码头", "的", "墙"),
    "vi": ("sông", "cầu", "cũ", "bridge", "bến"),
}
_LANGUAGES = ("en", "de", "zh", "en", "fr", "vi", None)


def sentence(number: int, language: str | None) -> str:
    """One of few sentences of a language, so that many passages are equal; too short to be taken for boilerplate."""
    draw = Random(f"{number % 5} {language}")  # noqa: S311 - the same words in every run
    chosen = draw.choices(_WORDS[language or "en"], k=draw.randint(1, 5))
    return ("" if language == "zh" else " ").join(chosen) + ("。" if language == "zh" else ".")


def made(number: int, version: int = 0, passages: int = 3) -> Entry:
    """Article `number` in some version; equal numbers have equal ids."""
    language = _LANGUAGES[number % 7]
    one = entry(
        article(
            f"a{number}",
            "\n\n".join(sentence(number * 3 + version * part + part, language) for part in range(passages)),
            title=f"Headline {number}: {sentence(number + version, language)}",
            published=None if number % 5 == 4 else day(number),
            publisher=("Alpha", "Beta", "Gamma")[number % 3],
            authors=("Ann Ash", "Bo Birch")[: number % 3],
            language=language,
            section=None if number % 4 == 0 else f"section {number % 4}",
            tags={"topics": ("rivers", f"t{number % 2}"), "desk": (f"d{number % 3}",), "beat": (f"b{number % 17}",)},
            indexed=None if number % 6 == 5 else f"2021-03-{number % 9 + 1:02}T12:00:00Z",
        ),
        dimensions=DIMENSIONS,
    )
    # What is German is read by the encoder throughout; of other languages only some is.
    return replace(one, legibility=1.0 if language == "de" else (1.0, 0.75, 0.0)[(number + version) % 3])


def id_of(number: int) -> str:
    """The id of article `number`."""
    return made(number).article.metadata.article_id


def holding(entries: Sequence[Entry]) -> dict[str, Entry]:
    """These entries by their articles' ids."""
    return {one.article.metadata.article_id: one for one in entries}


def unit(seed: int) -> Vector:
    """A unit vector that follows from a number."""
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def judge(known: Evidence) -> Floats:
    """A confidence that needs all signals."""
    said = np.clip(known.strength / 2, 0, 1)
    if known.cosines is not None:
        said = 0.5 * said + 0.5 * known.legibility * np.clip(known.cosines, 0, 1)
    return np.maximum(said, np.where(known.literal, 0.12 + 0.4 * np.clip(known.prominence, 0, 1), 0))


def asking(text: str = "old bridge", vector: Vector | None = None, mix: Mix = HYBRID, **given: Any) -> Ask:
    """A query, by words alone where there is no vector."""
    return Ask(text, vector, mix, judge, **given)


_conditions = st.one_of(
    st.tuples(st.just("publishers"), st.sampled_from([{"alpha"}, {"BETA", "Nobody"}, {"Nobody"}])),
    st.tuples(st.just("authors"), st.sampled_from([{"ann ash"}, {"Bo Birch", "X"}])),
    st.tuples(st.just("languages"), st.sampled_from([{"en"}, {"en", "de"}])),
    st.tuples(st.just("sections"), st.sampled_from([{"section 1"}, {"section 1", "section 3"}])),
    st.tuples(
        st.just("tags"), st.sampled_from([{("topics", "t1")}, {("topics", "t0"), ("desk", "d2")}, {("beat", "b7")}])
    ),
    st.tuples(st.just("since"), st.sampled_from([day(3).earliest, day(7).earliest + 10])),
    st.tuples(st.just("until"), st.sampled_from([day(12).earliest, day(5).earliest])),
    st.tuples(st.just("undated"), st.sampled_from([True, False, "only"])),
    st.tuples(st.just("new_since"), st.just(1_614_945_600)),  # 2021-03-05T12:00:00Z, when some were indexed
)
filter_choices = st.lists(_conditions, min_size=1, max_size=3).map(lambda chosen: Filters(**dict(chosen)))
any_filters = st.one_of(st.just(Filters()), filter_choices)
few = {"max_size": 2, "unique": True}
asks = st.builds(
    Ask,
    text=st.sampled_from(
        [
            "old bridge",
            "the river the quay",
            "alte Brücke river",
            "die alte Brücke",
            "the river the quay 8",
            "旧桥 pont",
            "sông",
            "zeppelin",
            "old wifi",
            "",
        ]
    ),
    vector=st.one_of(
        st.none(),
        st.builds(unit, st.integers(0, 9)),
        st.builds(lambda n: vector_of(sentence(n, "en")), st.integers(0, 4)),
    ),
    mix=st.sampled_from([Mix(1.0), Mix(0.0), Mix(0.0, lexical_article=0.4), Mix(0.8, 0.5), HYBRID]),
    judge=st.just(judge),
    legibility=st.sampled_from([1.0, 1.0, 0.5]),
    filters=any_filters,
    phrases=st.lists(
        st.sampled_from(
            ["river", "old bridge", "Headline 3", "上旧桥", "die river", "no such words", "wifi", "the wi fi"]
        ),
        **few,
    ).map(tuple),
    excluded=st.lists(st.sampled_from(["river", "bridges", "the old", "码头", "zeppelin", "wifi"]), **few).map(tuple),
    passages=st.booleans(),
    newest_first=st.booleans(),
    least_confidence=st.sampled_from([0.0, 0.0, 0.11, 0.43]),
    half_life=st.sampled_from([None, None, 5 * 86_400.0]),
    as_of=st.just(day(9).latest),
    without=st.sampled_from([None, None, id_of(1), "0" * 20]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 19), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("delete"), st.integers(0, 19)),
        st.tuples(st.sampled_from(["commit", "compact", "reopen"])),
    ),
    min_size=1,
    max_size=25,
)


def play(kind: Kind, place: Path, history: Sequence[Any]) -> tuple[Engine, dict[str, Entry]]:
    """Let a history happen to a new index; returns it and what it must hold now."""
    engine = kind.make(place)
    held: dict[str, Entry] = {}
    pending = list(history)
    while pending:
        with engine.writer() as writer:
            while pending and pending[0][0] != "reopen":
                name, *arguments = pending.pop(0)
                if name == "add":
                    one = made(*arguments)
                    writer.add(one)
                    held |= holding([one])
                    assert writer.fingerprint(one.article.metadata.article_id) == fingerprint(one.article)
                elif name == "delete":
                    assert writer.delete(id_of(*arguments)) == (held.pop(id_of(*arguments), None) is not None)
                    assert writer.fingerprint(id_of(*arguments)) is None
                elif name == "commit":
                    writer.commit()
                else:
                    writer.compact()
        if pending:
            pending.pop(0)
            engine = kind.reopen(place)
    return engine, held


def stored(kind: Kind, place: Path, *commits: Sequence[Entry]) -> Engine:
    """A new index of these articles, with a segment for each commit."""
    engine = kind.make(place)
    with engine.writer() as writer:
        for entries in commits:
            for one in entries:
                writer.add(one)
            writer.commit()
    return engine


def with_vectors(one: Entry, *vectors: Vector) -> Entry:
    """The same article with other vectors."""
    return replace(one, vectors=np.stack(vectors))
