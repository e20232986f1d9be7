"""Hits of every kind, for properties of rendering: many scripts, marks with a meaning, codes that must not pass."""

from collections.abc import Iterator

from hypothesis import strategies as st

from semsearch.rendering import Style
from semsearch.types import Answer, Date, Hit, Metadata, Passage, Query

WORDS = "harbour a ferry. “Really?” don't * _ # 1. [x](y) &amp; <b> ` \\ ~~ | + =1+1 https://example.org/a?b=c&d 🎉 🇸🇪"
SCRIPT_WORDS = "港口 开放。 「源」 かな 항구 العبّارات हिन्दी e\u0301 \u0301 👩🏽\u200d🔧"
SPACES = (" ", "  ", "- ", "\n", "\n\n", "\t", "\u00a0", "\u2028", "\r\n")
CONTROLS = "\x1b[31m \x1b]0;t\x07 \x9b2J \u202e \u2066 \ud800 \x00 \ufeff \u200d \ufe0f"
PIECES = st.sampled_from([*WORDS.split(), *SCRIPT_WORDS.split(), *SPACES, *CONTROLS.split(" "), "x" * 50])
TEXT = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)
STYLES = st.builds(Style, st.integers(1, 120), st.booleans(), st.booleans())


@st.composite
def hits(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Hit:
    """Any hit at all, as a foreign index may hold it; its address is not a web address."""
    written = draw(text)
    start = draw(st.integers(0, 50))
    sentence = draw(st.none() | st.tuples(st.integers(0, 300), st.integers(0, 300)))
    line = TEXT | st.none()
    published = draw(st.none() | st.builds(Date, TEXT, st.just(0), st.just(0)))
    known = Metadata(
        draw(TEXT),
        draw(TEXT),
        publisher=draw(line),
        section=draw(line),
        language=draw(line),
        published=published,
        authors=tuple(draw(st.lists(TEXT, max_size=2))),
        tags=draw(st.dictionaries(TEXT, st.tuples(TEXT), max_size=2)),
    )
    passage = Passage(known.article_id, 0, start, start + len(written), written)
    return Hit(draw(st.integers(1, 2000)), draw(st.floats(-1, 1)), {}, passage, known, (), sentence)


def text_of(pieces: Iterator[str]) -> str:
    return "".join(pieces)


def answer_of(*found: Hit) -> Answer:
    return Answer(Query("x"), found, 1, 0.1)


def squeezed(text: str) -> str:
    return "".join(text.split())
