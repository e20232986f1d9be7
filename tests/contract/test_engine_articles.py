"""A writer knows each article as its transaction would leave it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.contract.histories import Kind, id_of, made, of_any_size, play, steps
from tests.examples import examples

kind = of_any_size


def test_an_article_is_what_was_added_last(kind: Kind, tmp_path: Path) -> None:
    engine = kind.make(tmp_path / "index")
    with engine.writer() as writer:
        assert writer.article(id_of(1)) is None
        for settle in (lambda: None, writer.commit, writer.compact):
            for version in (0, 1):
                one = made(1, version).article
                writer.add(made(1, version))
                settle()
                assert writer.article(id_of(1)) == one
            writer.delete(id_of(1))
            assert writer.article(id_of(1)) is None
            settle()
            assert writer.article(id_of(1)) is None


@examples(15)
@given(history=steps, draw=st.data())
def test_an_article_of_any_history(kind: Kind, history: Sequence[Any], draw: Any, tmp_path_factory: Any) -> None:
    engine, held = play(kind, tmp_path_factory.mktemp("any") / "index", history)
    with engine.writer() as writer:
        gone = draw.draw(st.integers(0, 19))
        writer.delete(id_of(gone))
        for number in range(20):
            expected = None if number == gone else held.get(id_of(number))
            assert writer.article(id_of(number)) == (expected and expected.article)
