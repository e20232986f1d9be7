"""Every renderer shows the same hits in the same order, and nothing of a stranger's reaches a terminal as a code."""

import re
from dataclasses import replace

import pytest

from semsearch.identity import seal
from semsearch.rendering import FORMATS, Style, renderer
from semsearch.types import Answer, Hit, Metadata, Passage, Query, Verdict
from tests.making import article, day


def hit(rank: int, text: str, title: str = "") -> Hit:
    made = seal(replace(article(f"a{rank}").metadata, title=title or f"Title {rank}", published=day(rank)), text)
    passage = Passage(made.metadata.article_id, 0, 0, len(text), text)
    score = 1 - rank / 10
    return Hit(rank, score, score, Verdict.STRONG, {"dense": score}, passage, made.metadata)


PLAIN = Style()
HITS = (
    hit(1, "The first passage, in two sentences. This is the second."),
    hit(2, "第二段文字。它有两个句子。"),
    hit(3, "مقطع ثالث من النص."),
)
ANSWER = Answer(Query("anything"), HITS, total=3, took_ms=1.0)


@pytest.fixture(params=FORMATS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def rendered(form: str, answer: Answer, style: Style = PLAIN) -> str:
    return "".join(renderer(form, style)(answer))


def test_every_hit_is_there_in_order_with_its_title_and_text(form: str) -> None:
    shown = rendered(form, ANSWER, Style(full=True))
    places = []
    for found in HITS:
        assert found.article.title in shown
        first_words = found.text[:8]
        places.append(shown.index(first_words))
    assert places == sorted(places)


def test_rendering_is_a_function_of_the_answer(form: str) -> None:
    assert rendered(form, ANSWER) == rendered(form, ANSWER)


def test_an_answer_without_hits_is_rendered(form: str) -> None:
    rendered(form, replace(ANSWER, hits=(), total=0))


def test_no_control_code_of_a_stranger_comes_through(form: str) -> None:
    hostile = hit(
        1, "before \x1b[31mred\x1b]8;;http://evil.example\x07 \u202eafter \x9b2J", title="\x1b]0;owned\x07Title"
    )
    shown = rendered(form, replace(ANSWER, hits=(hostile,)))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", shown)


def test_other_articles_with_the_same_text_are_named(form: str) -> None:
    copy = Metadata("c" * 20, "Title", "https://copy.example.org/1", "Copying Courier")
    shown = rendered(form, replace(ANSWER, hits=(replace(HITS[0], copies=(copy,)),)), Style(full=True))
    assert "Copying Courier" in shown or "c" * 20 in shown


def test_hits_that_are_no_match_are_marked_as_such(form: str) -> None:
    none = replace(ANSWER, hits=(replace(HITS[0], confidence=0.01, verdict=Verdict.NONE),))
    assert re.search(r"No good match|\bnone\b", rendered(form, none))
    assert not re.search(r"No good match|\bnone\b", rendered(form, ANSWER))


def test_output_ends_with_a_line_end(form: str) -> None:
    assert rendered(form, ANSWER).endswith("\n")
