import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.text import (
    display_width,
    halves,
    normalise_line,
    normalise_text,
    paragraph_spans,
    sentence_spans,
)

raw_text = st.text(
    st.characters(exclude_categories=()) | st.sampled_from(" \n\t\r.!?。\u200b\u00a0\ud800e\u0301"), max_size=300
)


@given(raw_text)
def test_normalising_twice_changes_nothing(raw: str) -> None:
    once = normalise_text(raw)
    assert normalise_text(once) == once
    line = normalise_line(raw)
    assert normalise_line(line) == line


@given(raw_text)
def test_normal_text_is_nfc_and_has_no_control_characters_surrogates_or_loose_space(raw: str) -> None:
    text = normalise_text(raw)
    assert unicodedata.is_normalized("NFC", text)
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cs") for char in text)
    assert "\n\n\n" not in text
    assert text == text.strip()
    assert all(line == line.strip() and "  " not in line for line in text.split("\n"))
    assert "\n" not in normalise_line(raw)
    text.encode()


@given(raw_text)
def test_normalising_keeps_every_visible_character_in_order(raw: str) -> None:
    def visible(text: str) -> str:
        kept = "".join(
            char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        )
        return unicodedata.normalize("NFD", kept)

    assert visible(normalise_text(raw)) == visible(raw)


@given(raw_text)
def test_paragraphs_and_the_gaps_between_them_are_the_whole_text(raw: str) -> None:
    text = normalise_text(raw)
    spans = paragraph_spans(text)
    assert "\n\n".join(text[start:end] for start, end in spans) == text
    assert all(text[start:end].strip() for start, end in spans)


@given(raw_text)
def test_sentences_leave_out_nothing_but_space(raw: str) -> None:
    text = normalise_text(raw)
    spans = sentence_spans(text)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    outside = text
    for start, end in reversed(spans):
        outside = outside[:start] + outside[end:]
    assert not outside.strip()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Brown met Dr. Green on Jan. 5. They spoke.", ["Mr. Brown met Dr. Green on Jan. 5.", "They spoke."]),
        ("It cost $3.5 million. Shares rose 1.8%.", ["It cost $3.5 million.", "Shares rose 1.8%."]),
        ("“Really?” she said. “No.” He left.", ["“Really?” she said.", "“No.”", "He left."]),
        ("The U.S. economy grew. J. R. Smith said so.", ["The U.S. economy grew.", "J. R. Smith said so."]),
        (
            "河水上涨。居民撤离！谁来负责？“快走。”他说。",
            ["河水上涨。", "居民撤离！", "谁来负责？", "“快走。”", "他说。"],
        ),
        ("雨が降った。川が増水した。", ["雨が降った。", "川が増水した。"]),
        ("ماذا حدث؟ لا شيء.", ["ماذا حدث؟", "لا شيء."]),
        ("no stop at all", ["no stop at all"]),
        ("", []),
    ],
)
def test_sentences_are_those_that_a_reader_sees(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_long_runs_of_stops_take_no_time() -> None:
    assert len(sentence_spans("." * 200_000 + "x end. " + '."' * 50_000)) >= 1


def test_hard_wrapped_lines_are_joined_and_indented_ones_begin_a_paragraph() -> None:
    wire = (
        "The harbour board said on Friday that the new quay would open\nin March, two months later than planned.\n"
        "    A spokesman blamed the storms of the winter and the price of\nsteel for the delay.\n"
        "    Net 12 mln\n    Gross 15 mln\n"
    )
    assert normalise_text(wire).split("\n\n") == [
        "The harbour board said on Friday that the new quay would open in March, two months later than planned.",
        "A spokesman blamed the storms of the winter and the price of steel for the delay.",
        "Net 12 mln",
        "Gross 15 mln",
    ]


def test_long_lines_are_paragraphs_and_short_ones_stay_a_list() -> None:
    long_line = "word " * 30
    assert normalise_text(f"{long_line}\n{long_line}\nend").count("\n\n") == 2
    assert normalise_text("* milk\n* bread\n* salt") == "* milk\n* bread\n* salt"


def test_wrapped_chinese_is_joined_without_spaces() -> None:
    line = "这是一个用来测试换行的句子它没有任何标点符号也没有空格一直写下去"
    assert normalise_text(f"{line}\n{line}\n完。") == f"{line}{line}完。"


def test_width_counts_wide_characters_twice_and_marks_not_at_all() -> None:
    assert display_width("abc") == 3
    assert display_width("新闻") == 4
    assert display_width("e\u0301") == 1


@given(st.text(min_size=2, max_size=80), st.integers(0, 5))
def test_halves_are_shorter_and_leave_out_at_most_one_space(text: str, before: int) -> None:
    whole = "x" * before + text
    (start, middle), (other, end) = halves(whole, before, len(whole))
    assert (start, end) == (before, len(whole))
    assert start < middle <= other < end
    assert whole[middle:other] in ("", " ")
