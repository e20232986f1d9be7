"""Copies: equal texts always, damaged, cut and updated ones, never other news in the same pattern."""

import subprocess
import sys
import unicodedata
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import copies
from semsearch.copies import (
    BANDS,
    LEAST_BANDS,
    READ_CHARACTERS,
    Words,
    is_copy,
    is_same_text,
    letters,
    likeness,
    paragraph_hashes,
    sketch,
    worth_comparing,
)
from semsearch.copies.alignment import PieceKind, aligned
from tests.examples import examples, slow_but
from tests.families import CUTS, PATTERNS, Pattern, damaged, stories
from tests.stories import prose

STORY = """The harbour authority of Vellmar will close its northern lock for nine weeks from 3 May, because two of the \
four gates have rusted through below the water line.

Ships longer than 120 metres must use the sea lock meanwhile, said the harbour master, Ines Okafor. She expects \
waiting times of up to six hours at high tide and asked captains to announce themselves a day ahead.

The repair costs 14.6 million, of which the state pays two thirds. The rest comes out of the reserves of the port, \
which had been meant for a second crane on the grain quay.

Fishermen said that they had heard of the closure on the radio. Their cooperative wants the small boats to be let \
through at night, when the workers are not in the chamber. Okafor promised an answer within the week.

The lock was built in 1931 and last repaired in 1978, after a coaster had rammed it in fog."""

OTHER_STORY = """A school in the hills above Torrin has taught its pupils to keep weather records for forty years, and \
the national service has now asked for the books.

Every morning at seven a child reads the rain gauge, the thermometer and the height of the snow, and writes them down \
in ink. Mistakes may be struck out but not erased, as the founder of the station, a teacher of physics, had wished.

The service wants to know how often frost came late in spring. Its own station in the valley was moved twice, so that \
the numbers from before and after cannot be compared with each other."""

RATES = """The central bank lent commercial banks {a} million for {b} days at {c} percent, a spokesman said. Bids had \
come to {d} million. The bank said that it had wanted to keep money market rates steady before the end of the month, \
when firms pay tax. Overnight money was dealt at {e} percent after the tender, dealers said, against {f} percent \
before it. The bank will hold its next tender on day {g} of the month, and {h} million will then fall due."""

WEATHER_ZH = (
    "市气象台今天早上发布天气预报，预计今天白天多云转小雨，最高气温{a}度，东南风三到四级，夜间阴有阵雨，最低气温{b}度。"
    "明天白天阴转多云，最高气温{c}度，相对湿度百分之{d}。气象台提醒市民，早晚温差较大，出门注意增减衣物，并携带雨具，"
    "驾车时减速慢行。未来三天降水量预计在{e}毫米左右，山区局部可能超过{f}毫米，请有关部门做好防范工作。"
)

PINNED = [2396110893, 11514446636229345754]
"""First band of STORY, and one paragraph: they may change with VERSION only."""


def alike(one: str, other: str) -> bool:
    return is_copy(Words(one), Words(other))


def found(one: str, other: str) -> bool:
    """Say whether sketches propose the pair and the texts decide for it."""
    bands, length, other_length = (
        np.array([number]) for number in (shared_bands(one, other), len(Words(one)), len(Words(other)))
    )
    return bool(worth_comparing(bands, length, other_length).all()) and alike(one, other)


def shared_bands(one: str, other: str) -> int:
    return int((sketch(one) == sketch(other)).sum())


def filled(pattern: str, start: int) -> str:
    return pattern.format(**{key: start * 7 + at * 13 for at, key in enumerate("abcdefgh")})


words = st.lists(
    st.sampled_from(["ebb", "flood", "quay", "12", "3.5", "don't", "港口", "船", "été"]), max_size=120
).map(" ".join)


@given(words)
def test_a_text_with_words_is_its_own_copy_and_shares_every_band(text: str) -> None:
    assert alike(text, text) == bool(text.strip())
    assert shared_bands(text, text) == BANDS


@given(words, words)
def test_likeness_is_the_same_both_ways_and_within_bounds(one: str, other: str) -> None:
    like = likeness(Words(one), Words(other))
    assert like == likeness(Words(other), Words(one))
    assert 0 <= like.covered <= like.shorter <= like.longer
    assert 0 <= like.covered_longer <= like.longer
    assert 0 <= like.damage <= 1
    assert like.expected >= 0
    assert is_same_text(Words(one), Words(other)) == is_same_text(Words(other), Words(one))


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_are_compared_the_same_both_ways(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert alike(one, one) == bool(Words(one).words)
    assert sketch(one).shape == (BANDS,)


def test_case_space_quotes_width_and_punctuation_make_no_difference() -> None:
    plain = "The mayor's aide said: \"We don't know yet\", and left at 10:30 with 25 others, all of them silent. " * 3
    dressed = plain.upper().replace("'", "’").replace(" ", "  \n").replace('"', "”").replace("25", "２５")
    assert Words(plain).words == Words(dressed).words
    assert np.array_equal(sketch(plain), sketch(dressed))
    assert np.array_equal(paragraph_hashes(plain), paragraph_hashes(plain.replace("'", "’").title()))


def test_a_text_inside_another_is_covered_and_carried() -> None:
    longer = f"{OTHER_STORY}\n\n{STORY}\n\n{OTHER_STORY[:300]}"
    like = likeness(Words(STORY), Words(longer))
    assert like.covered >= 0.98 * like.shorter
    assert alike(STORY, longer)
    assert shared_bands(STORY, longer) >= LEAST_BANDS


def test_two_thirds_of_a_text_with_paragraphs_of_ones_own_are_a_copy() -> None:
    reused = "\n\n".join([OTHER_STORY.split("\n\n")[0], *STORY.split("\n\n")[:3], OTHER_STORY.split("\n\n")[1]])
    assert alike(STORY, reused)
    assert shared_bands(STORY, reused) >= LEAST_BANDS


@pytest.mark.parametrize("place", range(5))
def test_an_update_with_one_paragraph_written_anew_is_a_copy(place: int) -> None:
    paragraphs = STORY.split("\n\n")
    paragraphs[place] = (
        "Nobody was hurt, and the company said on Tuesday that it would look into what had happened there."
    )
    assert alike(STORY, "\n\n".join(paragraphs))


def test_a_corrected_figure_in_a_long_text_leaves_it_a_copy() -> None:
    assert alike(STORY, STORY.replace("14.6", "16.4"))


@pytest.mark.parametrize("pattern", [RATES, WEATHER_ZH])
def test_a_report_with_other_figures_in_the_same_words_is_another_report(pattern: str) -> None:
    reports = [filled(pattern, start) for start in range(1, 5)]
    for one, other in product(range(4), repeat=2):
        assert alike(reports[one], reports[other]) == (one == other)


def test_other_news_is_not_a_copy() -> None:
    assert not alike(STORY, OTHER_STORY)
    assert not found(STORY, OTHER_STORY)


def test_a_copy_of_a_copy_need_not_be_a_copy() -> None:
    second = f"{STORY}\n\n{OTHER_STORY}"
    assert alike(STORY, second)
    assert alike(second, OTHER_STORY)
    assert not alike(STORY, OTHER_STORY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Markets closed for the holiday", "Markets closed for the holidays"),
        ("Qtly div five cts, pay April 3", "Qtly div six cts, pay April 3"),
        ("本市今天休市一天", "本市今天休市两天"),
    ],
)
def test_of_very_short_texts_only_the_same_is_a_copy(one: str, other: str) -> None:
    assert alike(one, one.upper())
    assert not alike(one, other)
    assert not alike(one, f"{one}. {STORY}")


def test_one_word_over_and_over_is_like_itself() -> None:
    assert alike("blah " * 60, "BLAH, " * 60)
    assert not alike("blah " * 60, "bloh " * 60)


@pytest.mark.parametrize("text", ["", " \n\n ", "---", "…!?"])
def test_a_text_without_words_is_like_nothing(text: str) -> None:
    assert not Words(text).words
    assert not sketch(text).any()
    assert not alike(text, text)
    assert not alike(text, STORY)


@pytest.mark.parametrize(
    "sentence", ["港口管理局宣布，北部船闸将关闭九周，因为两扇闸门已经锈穿。", "ท่าเรือจะปิดประตูน้ำเหนือเป็นเวลาเก้าสัปดาห์"]
)
def test_scripts_without_spaces_are_compared_by_characters(sentence: str) -> None:
    text = sentence + "".join(chr(ord("一") + 37 * at) for at in range(60))
    assert alike(text, f"{text[:40]} {text[40:]}")
    assert alike(text, text[10:])


def test_paragraphs_are_hashed_in_order_one_each() -> None:
    text = f"{STORY}\n\n* * *\n\n{STORY.split(chr(10))[0].upper()}"
    found = paragraph_hashes(text)
    assert found.shape == (7,)
    assert found[0] == found[6]
    assert len(set(found[:6].tolist())) == 6
    assert paragraph_hashes("").shape == (0,)


def test_the_same_words_in_another_order_are_another_paragraph() -> None:
    assert paragraph_hashes("dog bites man")[0] != paragraph_hashes("man bites dog")[0]


def test_hashes_are_the_same_in_every_process() -> None:
    script = (
        "from semsearch.copies import *; print(int(sketch('one two ' * 40).sum()), int(paragraph_hashes('a b').sum()))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {f"{int(sketch('one two ' * 40).sum())} {int(paragraph_hashes('a b').sum())}\n"}


def test_the_hashes_that_an_index_stores_are_those_of_this_version() -> None:
    assert copies.VERSION == 2
    assert [int(sketch(STORY)[0]), int(paragraph_hashes("Harbour closed")[0])] == PINNED


def test_a_long_text_is_read_to_a_bound() -> None:
    bounded = "word " * (READ_CHARACTERS // 5)
    assert Words(bounded).words == Words(bounded + OTHER_STORY).words
    assert np.array_equal(sketch(bounded), sketch(bounded + OTHER_STORY))


def test_random_texts_share_bands_about_as_often_as_they_share_runs() -> None:
    rng = np.random.default_rng(5)
    shared = []
    for _ in range(60):
        drawn = "".join(map(chr, rng.integers(ord("a"), ord("z"), 900)))
        shared.append(shared_bands(drawn[:600], drawn[300:]) / BANDS)
    assert np.mean(shared) == pytest.approx(293 / 893, abs=0.03)


# Families of stories, damage and cuts

ZH = filled(WEATHER_ZH, 3)

families = st.sampled_from(PATTERNS)


@examples(60)
@given(families, st.integers(0, 10**6))
def test_stories_of_one_pattern_are_no_copies_of_each_other(pattern: Pattern, seed: int) -> None:
    for one, other in combinations(stories(pattern, 4, seed), 2):
        if different_values(one, other) > 2:  # texts that differ in one or two words may be versions of one story
            assert not alike(one, other)


def different_values(one: str, other: str) -> int:
    """Count the places in which two stories of one pattern differ, at most."""
    mine, others = Words(one).words, Words(other).words
    return max(len(mine), len(others)) - len(set(mine) & set(others)) - (len(mine) - len(set(mine)))


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_damage_of_any_kind_of_story_leaves_it_a_copy(rate: float) -> None:
    texts = [(pattern.name, text) for pattern in PATTERNS for text in stories(pattern, 6, 7)]
    missed = [name for at, (name, text) in enumerate(texts) if not alike(text, damaged(text, rate, at))]
    assert len(missed) <= 0.05 * len(texts)


@pytest.mark.parametrize("rate", slow_but([0.05], [0.01, 0.03, 0.05, 0.1]))
def test_damaged_reports_are_found(rate: float) -> None:
    texts = [prose(seed, 3 + seed % 10) for seed in range(60)]
    assert sum(found(text, damaged(text, rate, at)) for at, text in enumerate(texts)) >= 0.95 * len(texts)


@given(st.integers(0, 10**6), st.integers(4, 12), st.sampled_from(sorted(CUTS)))
def test_a_report_that_was_cut_is_found(seed: int, paragraphs: int, cut: str) -> None:
    text = prose(seed, paragraphs)
    assert found(text, CUTS[cut](text))


@given(st.integers(0, 10**6), st.sampled_from(["chinese", "english"]))
def test_any_cut_of_half_or_more_is_a_copy(seed: int, which: str) -> None:
    text = STORY if which == "english" else ZH
    start = seed % (len(text) // 2)
    assert found(text, text[start : start + len(text) // 2])


BYLINES = [
    "VELLMAR, May 3 (Coast News) - ",
    "Vellmar, 4 May -- ",
    "By Ines Okafor\n\n",
    "Friday, 3 May 2024\n\n",
    "The lock that rusted\n\n",
    "",
]


@pytest.mark.parametrize(("one", "other"), list(combinations(BYLINES, 2)))
def test_another_title_byline_or_date_line_makes_no_other_story(one: str, other: str) -> None:
    assert alike(one + STORY, other + STORY)


def test_a_chinese_date_line_makes_no_other_story() -> None:
    lines = (
        "海讯社临川5月3日电（记者 李青禾）",
        "海讯社白港5月4日电（记者 王思远 赵明川）",
        "本报讯（记者 陈立言）",
        "",
    )
    for one, other in combinations(lines, 2):
        assert alike(one + ZH, other + ZH)


GOLDEN = [
    ("{0} met {1} in the rain. " + STORY[:300], [("Kolmar", "Tarnholm"), ("Ashdell", "Veldhaven")], False),
    ("{0}队迎战{1}队，{2}" + ZH, [("临川", "白港", ""), ("青石", "云溪", "")], False),
    (STORY + " {0}", [("The mayor agreed.",), ("",)], True),
    (STORY.replace("Okafor", "{0}").replace("Ines", "{1}"), [("Okafor", "Ines"), ("Lindqvist", "Berta")], False),
    (
        STORY.replace("1931", "{0}").replace("1978", "{1}").replace("120", "{2}"),
        [(1931, 1978, 120), (1922, 1969, 90)],
        False,
    ),
    (STORY.replace("1931", "{0}"), [("1931",), ("1932",)], True),
]


@pytest.mark.parametrize(("pattern", "values", "are_copies"), GOLDEN)
def test_names_and_numbers_tell_stories_apart_and_one_correction_does_not(
    pattern: str, values: list[tuple[object, ...]], are_copies: bool
) -> None:
    one, other = (pattern.format(*own) for own in values)
    assert alike(one, other) == are_copies


RESULTS = (
    "Net loss {a} vs profit 1,204,500. Revenue 31,866,050 vs 29,114,300. Average shares 8,035,326 vs 7,619,863. "
    "Nine months net profit 4,585,000 vs 3,545,000. Revenue {b} vs 88,072,610."
)


def test_digits_and_letters_in_a_row_are_one_word() -> None:
    assert Words("8,035c26 or B1, 7-1/8 at 10.30pm; F-35").words == [
        "8,035c26",
        "or",
        "b1",
        "7-1/8",
        "at",
        "10.30pm",
        "f",
        "35",
    ]
    assert Words("“7ine” – 3km, 10pct").numbers == [False, True, True]
    assert Words("2月3日").words == ["2", "月", "3", "日"]


def test_numbers_that_letters_have_torn_are_those_numbers() -> None:
    text = RESULTS.format(a="367,000", b="97,640,115")
    torn = text.replace("1,204,500", "1,2m4,500").replace("31,866,050", "31,8660v50").replace("8,035,326", "8,035c26")
    torn = torn.replace("4,585,000 vs", "4,585,00 vs").replace("Nine months", "Nine5months")
    assert alike(text, torn)
    assert not alike(text, RESULTS.format(a="412,900", b="71,208,340"))


@pytest.mark.parametrize(
    ("pattern", "one", "other"),
    [
        (
            (
                "The bank said it had not operated in the money market during the morning session. Earlier the bank "
                "revised its forecast of liquidity to {} from its original estimate of a {}, dealers in the city said."
            ),
            ("flat", "surplus of 100 million"),
            ("a shortage of 150 million", "flat position"),
        ),
        (
            (
                "Monthly dividend 7.1 cents vs 7.1 cents prior. Pay March 31, record March 16. It is, says the note, "
                "of the Farrow {}Insured Tax Free Income Fund."
            ),
            ("",),
            ("High Yield ",),
        ),
    ],
)
def test_a_number_or_a_name_on_one_side_alone_tells_short_reports_apart(
    pattern: str, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert not alike(pattern.format(*one), pattern.format(*other))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_texts_are_laid_side_by_side_in_the_same_way_or_not_at_all_where_enough_has_to_be_the_same(
    pattern: Pattern,
) -> None:
    texts = [*stories(pattern, 4), damaged(stories(pattern, 1)[0], 0.1, 1)]
    for one, other in combinations(sorted(map(Words, texts), key=len), 2):
        everything = aligned(one, other)
        same = sum(piece.end - piece.begin for piece in everything if piece.kind in (PieceKind.SAME, PieceKind.NEAR))
        for least in (0.3 * len(one), 0.6 * len(one), 0.8 * len(one)):
            pieces = aligned(one, other, least)
            assert pieces == everything or not pieces
            assert pieces or same < least or len(one.figures) >= 4


@given(st.text(st.sampled_from("abE 19.-_éßﬁ中’‘“”–—…\u00a0\u0301"), max_size=40))
def test_the_letters_that_are_compared_are_those_of_a_text_without_marks_and_vowels(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    assert letters(text) == "".join(letter for letter in folded if letter.isalnum() and letter not in "aeiou")


DRAW = (
    "The draw for the {} round was made on {} evening in the hall of the union, in front of some {} members. The games "
    "cost {} crowns to stage and will be played at the end of {}, when King Charles {} opens the new stand of the club."
)
FEW = (
    ("third", "fifth"), ("Monday", "Sunday"), ("sixty", "sixteen"), ("3 million", "3 billion"), ("June", "July"),
    ("VII", "VIII"),
)  # fmt: skip


@pytest.mark.parametrize("place", range(len(FEW)))
def test_a_word_of_few_in_the_place_of_another_makes_another_story(place: int) -> None:
    stories = [DRAW.format(*(pair[at == place and number] for at, pair in enumerate(FEW))) for number in (0, 1)]
    assert not is_copy(*map(Words, stories))
    assert not is_copy(*(Words(f"{story} Karten gibt es nur an der Kasse des Vereins.") for story in stories))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Núñez and Zoë Łącka", "Jose Nunez and Zoe Łacka"),
        ("a crowd of ٣٤٥ men", "a crowd of 345 men"),
        ("a crowd of 345 men", "a crowd of ３４５ men"),
    ],
)
def test_lost_accents_and_other_digits_make_no_other_story(one: str, other: str) -> None:
    story = "{} came to see the ferry sail for the last time, before it is sold to a yard in the south of the country."
    assert is_copy(Words(story.format(one)), Words(story.format(other)))
