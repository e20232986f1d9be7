import json
import re
import sys
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import semsearch
from semsearch import Query
from semsearch.checks import told
from semsearch.rendering import json_text
from semsearch.rendering.layout import printable
from semsearch.text import (
    MOST_MARKS,
    Form,
    display_width,
    halves,
    normalise_line,
    normalise_text,
    normalised,
    paragraph_spans,
    sentence_spans,
)
from semsearch.types.grammar import parse
from semsearch.words.normal_form import fold
from tests.examples import examples

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
        ("यह पहला वाक्य है। यह दूसरा है॥ और तीसरा।", ["यह पहला वाक्य है।", "यह दूसरा है॥", "और तीसरा।"]),
        ("ရန်ကုန်မြို့။မိုးရွာသည်။", ["ရန်ကုန်မြို့။", "မိုးရွာသည်။"]),
        ("ይህ የመጀመሪያው ነው። ይህ ሁለተኛው ነው።", ["ይህ የመጀመሪያው ነው።", "ይህ ሁለተኛው ነው።"]),
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


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("the parliamentary commit-", "tee voted", "commit-tee"),
        ("die neue Hafenver-", "waltung", "Hafenver-waltung"),
        ("a plan for the long\u2010", "term", "long\u2010term"),
        ("in the pre-", "and post-war years", "pre- and"),
        ("die Ein-", "und Ausfuhr", "Ein- und"),
        ("the Anglo-", "Saxon kings", "Anglo- Saxon"),
        ("from 1990-", "ten years", "1990- ten"),
        ("the mayor -", "a sailor", "mayor - a"),
    ],
)
def test_a_word_that_is_divided_between_lines_becomes_one_again(above: str, below: str, joined: str) -> None:
    line = "so many words stand here that the line is as long as others"
    assert joined in normalise_text(f"{line}\n{line[: -len(above)]} {above}\n{below} {line[: -len(below)]}\n{line}")


def test_long_lines_are_paragraphs_and_short_ones_stay_a_list() -> None:
    long_line = "word " * 30
    assert normalise_text(f"{long_line}\n{long_line}\nend").count("\n\n") == 2
    assert normalise_text("* milk\n* bread\n* salt") == "* milk\n* bread\n* salt"


def test_lines_that_each_end_a_sentence_are_paragraphs() -> None:
    lines = [
        "The harbour board said on Friday that the new quay would open.",
        "“Nobody expected the storms of the winter to last so long.”",
        "The price of steel has risen by a third in the same time!",
    ]
    assert normalise_text("\n".join(lines)) == "\n\n".join(lines)
    assert normalise_text("\n".join(lines[:2])) == " ".join(lines[:2])


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


@pytest.mark.parametrize("mark", ["，", "、", "；”"])
def test_halves_of_a_long_chinese_sentence_end_behind_a_mark(mark: str) -> None:
    words = "他们在会上讨论了新的计划"
    whole = f"{words * 2}{mark}{words * 3}"
    (_, middle), (other, _) = halves(whole, 0, len(whole))
    assert whole[:middle].endswith(mark)
    assert middle == other


MARKS = "\u0301\u0327\u0345\u0344\u0f73\u0f75\u0f81\u0f71\u0f72\u3099\uff9e\uff9f\u064b\u0bcd\U0001d165"
bases = st.sampled_from(["", "a", "が", "ܐ", " ", "\u200b", "\n", "한", "ᄒ"])
many_marks = st.lists(st.tuples(bases, st.text(MARKS, max_size=70)), max_size=6).map(
    lambda pairs: "".join(base + marks for base, marks in pairs)
)
forms: tuple[Form, ...] = ("NFC", "NFKC", "NFKD")


@examples(300)
@given(many_marks)
def test_many_marks_in_a_row_are_cut_once_and_for_all(raw: str) -> None:
    for form in forms:
        once = normalised(form, raw)
        assert normalised(form, once) == once
        assert unicodedata.is_normalized(form, once)
        assert longest_run(once) <= MOST_MARKS
    for normalise in (normalise_text, normalise_line):
        once = normalise(raw)
        assert normalise(once) == once
        assert longest_run(once) <= MOST_MARKS


@given(raw_text)
def test_of_what_has_few_marks_in_a_row_nothing_is_lost(raw: str) -> None:
    if longest_run(unicodedata.normalize("NFKD", raw)) <= MOST_MARKS:
        assert [normalised(form, raw) for form in forms] == [unicodedata.normalize(form, raw) for form in forms]


def longest_run(text: str) -> int:
    """The most characters in a row that sorting marks would have to compare."""
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) else 0
        longest = max(longest, run)
    return longest


def test_every_mark_of_this_unicode_counts_as_one() -> None:
    for code in (code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000):
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0]):
            assert longest_run(normalised("NFKD", f"a{chr(code) * 70}")) <= MOST_MARKS, hex(code)


def test_what_is_normalised_has_no_long_run_whatever_it_is_made_of() -> None:
    """`unicodedata.normalize` sorts marks by insertion: it is shown no run that is longer than the bound."""
    attack = "a" + "\u0301\u0327" * 500_000
    assert len(normalise_text(attack)) <= MOST_MARKS + 1
    assert len(normalise_line(f"{attack}\u200b{attack}")) <= 2 * MOST_MARKS + 2
    parted = "\u200b".join(["\u0301\u0327"] * 100_000)  # marks that something invisible keeps apart
    assert len(normalise_text(f"a{parted}")) <= MOST_MARKS + 1


def test_no_other_module_normalises() -> None:
    package = Path(semsearch.__file__).parent
    calling = [path.name for path in package.rglob("*.py") if re.search(r"unicodedata\.normalize\(", path.read_text())]
    assert calling == ["text.py"]


@pytest.mark.slow
def test_time_is_linear_in_the_marks() -> None:
    def seconds(count: int) -> float:
        attack = "a" + "\u0301\u0327" * count
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            normalise_text(attack)
            Query.parse(attack)
            times.append(time.perf_counter() - begun)
        return min(times)

    assert seconds(800_000) < 40 * seconds(100_000)  # linear is 8, quadratic 64


FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


UNSEEN = (0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x202E, 0x2060, 0x2066, 0x206A, 0xFEFF, 0xE0001, 0xE0061)


@pytest.mark.parametrize("code", UNSEEN, ids=hex)
def test_what_nobody_sees_is_in_no_text_no_query_and_no_output(code: int) -> None:
    hidden = f"har{chr(code)}bour"
    assert normalise_text(hidden) == normalise_line(hidden) == "harbour"
    assert parse(f'"{hidden}"').phrases == ("harbour",)
    assert fold(hidden) == "harbour"
    assert printable(hidden) == "harbour"
    if unicodedata.bidirectional(chr(code)) != "BN" or code >= 0xE0000:
        assert chr(code) not in json_text(hidden)
        assert json.loads(json_text(hidden)) == hidden
        assert told(hidden) == "har bour"


def test_flags_that_are_spelled_in_tags_stay_and_messages_that_are_do_not() -> None:
    assert normalise_text(f"{FLAG} won") == normalise_line(f"{FLAG} won") == f"{FLAG} won"
    message = "".join(chr(0xE0000 + ord(char)) for char in "ignore all that was said")
    assert normalise_text(f"\U0001f3f4{message}\U000e007f won {FLAG}{message}") == f"\U0001f3f4 won {FLAG}"
