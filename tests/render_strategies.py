"""Hits of every kind, for properties of rendering: many scripts, marks with a meaning, codes that must not pass."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from semsearch.rendering import Style
from semsearch.types import Answer, Date, Excerpt, Explanation, Hit, Metadata, Passage, Query, Verdict, Word

WORDS = "harbour a ferry. “Really?” don't * _ # 1. [x](y) &amp; <b> ` \\ ~~ | + =1+1 https://example.org/a?b=c&d 🎉 🇸🇪"
SCRIPT_WORDS = "港口 开放。 「源」 かな 항구 العبّارات हिन्दी e\u0301 \u0301 👩🏽\u200d🔧"
SPACES = (" ", "  ", "- ", "\n", "\n\n", "\t", "\u00a0", "\u2028", "\r\n")
CONTROLS = "\x1b[31m \x1b]0;t\x07 \x9b2J \u202e \u2066 \ud800 \x00 \ufeff \u200d \ufe0f"
PIECES = st.sampled_from([*WORDS.split(), *SCRIPT_WORDS.split(), *SPACES, *CONTROLS.split(" "), "x" * 50])
TEXT = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)
SHORT = st.lists(PIECES, max_size=5).map("".join)
STYLES = st.builds(Style, st.integers(1, 120), st.booleans(), st.booleans())


FINITE = st.floats(-1e6, 1e6)


@st.composite
def articles(draw: st.DrawFn) -> Metadata:
    """Any article at all, as a foreign index may hold it; its address is not a web address."""
    line = TEXT | st.none()
    return Metadata(
        draw(TEXT),
        draw(TEXT),
        publisher=draw(line),
        section=draw(line),
        language=draw(line),
        published=draw(st.none() | st.builds(Date, TEXT, st.just(0), st.just(0))),
        authors=tuple(draw(st.lists(TEXT, max_size=2))),
        tags=draw(st.dictionaries(TEXT, st.tuples(TEXT), max_size=2)),
    )


@st.composite
def hits(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Hit:
    """Any sure hit, with nothing but its passage."""
    written = draw(text)
    start = draw(st.integers(0, 50))
    sentence = draw(st.none() | st.tuples(st.integers(0, 300), st.integers(0, 300)))
    known = draw(articles())
    passage = Passage(known.article_id, 2, start, start + len(written), written)
    rank, score = draw(st.integers(1, 2000)), draw(st.floats(-1, 1))
    return Hit(rank, score, 0.9, Verdict.STRONG, {}, passage, known, (), (), sentence)


WORD_LISTS = st.lists(st.builds(Word, SHORT, FINITE), max_size=9)
EXPLANATIONS = st.builds(
    Explanation,
    signals=st.dictionaries(st.sampled_from(["dense", "lexical", "article_dense", "coverage"]), FINITE),
    parts=st.dictionaries(st.sampled_from(["dense", "dense_article", "lexical", "lexical_article"]), FINITE),
    words=st.none() | WORD_LISTS,
    terms=WORD_LISTS,
    recency=st.none() | st.floats(0, 1),
)


COPIES = st.builds(
    Metadata,
    SHORT,
    SHORT,
    url=st.none() | SHORT,
    publisher=st.none() | SHORT,
    published=st.none() | st.builds(Date, SHORT, st.just(0), st.just(0)),
)


@st.composite
def rich_hits(draw: st.DrawFn) -> Hit:
    """Any hit at all, with neighbours, copies and reasons."""
    neighbours = ((ordinal, draw(SHORT)) for ordinal in draw(st.lists(st.sampled_from([0, 1, 3, 4]), unique=True)))
    return replace(
        draw(hits()),
        verdict=draw(st.sampled_from(Verdict)),
        more=tuple(Excerpt(Passage("", 9, 0, 0, text), 0.1) for text in draw(st.lists(SHORT, max_size=5))),
        copies=tuple(draw(st.lists(COPIES, max_size=4))),
        context=tuple(Passage("", ordinal, 0, 0, text) for ordinal, text in sorted(neighbours)),
        explanation=draw(st.none() | EXPLANATIONS),
    )


def text_of(pieces: Iterator[str]) -> str:
    return "".join(pieces)


def answer_of(*found: Hit) -> Answer:
    return Answer(Query("x"), found, 1, 0.1)


def squeezed(text: str) -> str:
    return "".join(text.split())
