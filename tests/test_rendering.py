import json
import re
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import index_option
from semsearch.rendering import (
    FORMATS,
    Style,
    article_text,
    header_text,
    json_text,
    listing,
    renderer,
    stats_dict,
    stats_text,
    summary_text,
)
from semsearch.rendering.layout import atoms, excerpt, joined, painted, printable, shorten, wrap
from semsearch.rendering.machine import BYTE_ORDER_MARK
from semsearch.rendering.phrases import day, duration, moment, size
from semsearch.text import counted, display_width, normalise_line, normalise_text, sentence_spans
from semsearch.types import Answer, Article, Date, GroupBy, Hit, Metadata, Passage, Query, Summary, Verdict
from tests.render_cases import ARTICLES, EMPTY, FERRIES, HOSTILE, NEWS, NOTHING, SCRIPTS, STATS, golden, hit, whole
from tests.render_strategies import STYLES, TEXT, answer_of, rich_hits, squeezed, text_of

GOLDEN = Path(__file__).parent / "golden" / "render"
WRITERS = dict(golden())
EVERYTHING = Style(everything=True)

SGR = re.compile(r"\x1b\[[0-9;]*m")
LINK = re.compile(r"\x1b\]8;;([!-~]*)\x1b\\")

# Golden outputs


@pytest.mark.parametrize("name", WRITERS)
def test_output_is_as_reviewed(name: str) -> None:
    assert text_of(WRITERS[name]()).encode().decode() == (GOLDEN / name).read_bytes().decode()


def test_every_golden_file_has_a_writer() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(WRITERS)


# What reaches a terminal


@given(found=rich_hits(), style=STYLES)
def test_no_line_is_wider_than_the_terminal(found: Hit, style: Style) -> None:
    shown = [
        *renderer("text", style)(answer_of(found)),
        *listing([found.article], "text", replace(style, full=False)),
        # A value that is a web address stays whole.
        *(line for line in article_text(Article(found.article, found.text), style) if "  https://" not in line),
        *(line for line in stats_text(STATS, style, found.article.title) if "  https://" not in line),
    ]
    addresses = {normalise_line(one.url) for one in (found.article, *found.copies) if one.url}
    for line in SGR.sub("", text_of(iter(shown))).split("\n"):
        # A broken address can be neither clicked nor copied.
        assert display_width(line) <= max(style.width, 20) or line.strip() in addresses


@given(found=rich_hits(), style=STYLES)
def test_a_stranger_cannot_send_control_codes(found: Hit, style: Style) -> None:
    written = [
        text_of(renderer(form, style)(answer_of(found))) + text_of(listing([found.article], form, style))
        for form in FORMATS
    ]
    written += [text_of(article_text(Article(found.article, found.text), style))]
    for output in written:
        output.encode()  # no lone surrogates
        plain = (SGR.sub("", output) if style.colour else output).replace("\r\n", "\n")
        if plain.startswith(BYTE_ORDER_MARK):
            plain = plain.replace("\t", ",")  # for Excel, whose cells tabs part
        assert not [char for char in plain if unicodedata.category(char) in ("Cc", "Zl", "Zp") and char != "\n"]
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", plain)


@given(found=rich_hits(), style=STYLES)
def test_all_of_a_passage_is_shown_in_full(found: Hit, style: Style) -> None:
    titled = replace(found, article=replace(found.article, title="t" * 5))
    lines = SGR.sub("", text_of(renderer("text", replace(style, full=True))(answer_of(titled)))).split("\n")
    shown = squeezed("".join(line.removeprefix("  > ") for line in lines))
    assert squeezed(printable(found.text)) in shown or printable(found.text) == "ttttt"


@given(found=rich_hits(), width=st.integers(1, 120))
def test_colour_and_links_change_no_word(found: Hit, width: int) -> None:
    linked = replace(found, article=replace(found.article, url="https://example.org/a b\x1b]8;;x"))
    full = Style(width, full=True)
    bare = text_of(renderer("text", full)(answer_of(replace(linked, sentence=None))))
    rich = text_of(renderer("text", replace(full, colour=True, links=True))(answer_of(linked)))
    assert squeezed(LINK.sub("", SGR.sub("", rich))) == squeezed(bare)
    others = {copy.url for copy in (*found.copies, found.republishes) if copy and copy.url}
    assert (
        {"https://example.org/a%20b]8;;x", ""}
        <= set(LINK.findall(rich))
        <= {"https://example.org/a%20b]8;;x", "", *others}
    )


def test_only_web_addresses_become_links() -> None:
    output = text_of(renderer("text", Style(links=True))(answer_of(hit(1, 0.5, HOSTILE, whole(HOSTILE)))))
    assert "javascript:" in output
    assert "\x1b" not in output


def test_a_web_address_is_never_broken() -> None:
    for pieces in (renderer("text", Style(20))(NEWS), article_text(FERRIES, Style(20))):
        assert any(line.endswith(str(FERRIES.metadata.url)) for line in text_of(pieces).split("\n"))


def test_the_id_that_is_shown_begins_the_id() -> None:
    shown = re.findall(r"id (\w+)$", text_of(renderer("text", EVERYTHING)(NEWS)), re.MULTILINE)
    assert len(shown) == len(NEWS.hits)
    for found, beginning in zip(NEWS.hits, shown, strict=True):
        assert found.article.article_id.startswith(beginning)
        assert len(beginning) >= 6


# The best sentence


@given(text=TEXT.map(normalise_text).filter(bool), data=st.data())
def test_exactly_the_best_sentence_is_emphasised(text: str, data: st.DataObject) -> None:
    start, end = data.draw(st.sampled_from(sentence_spans(text)))
    offset = data.draw(st.integers(0, 9))
    passage = Passage("a" * 20, 0, offset, offset + len(text), text)
    known = Metadata("a" * 20, "t" * 70)
    found = Hit(1, 0.5, 0.9, Verdict.STRONG, {}, passage, known, sentence=(start + offset, end + offset))
    expected = "" if text == text[start:end] else squeezed(text[start:end])

    coloured = text_of(renderer("text", Style(60, colour=True, full=True))(answer_of(found)))
    assert squeezed("".join(re.findall(r"\x1b\[1m(.*?)\x1b\[0m", coloured))) == expected

    plain = text_of(renderer("text", Style(60, full=True))(answer_of(found))).split("\n")
    assert squeezed("".join(line[4:] for line in plain if line.startswith("  > "))) == expected


@given(text=TEXT.map(normalise_text), data=st.data(), columns=st.integers(8, 80), limit=st.integers(1, 8))
def test_an_excerpt_is_a_part_of_the_text_around_the_sentence(
    text: str, data: st.DataObject, columns: int, limit: int
) -> None:
    spans = sentence_spans(text) or [(0, 0)]
    start, end = data.draw(st.sampled_from(spans))
    pieces = list(atoms(text, (start, end)))
    lines = excerpt(pieces, columns, limit)
    assert len(lines) <= limit
    assert all(display_width(joined(line)) <= columns for line in lines)

    shown = [atom for line in lines for atom in line]
    kept = shown[shown[0].text == "…" != text[:1] : len(shown) - (shown[-1].text == "…" != text[-1:])] if shown else []
    assert squeezed("".join(atom.text for atom in kept)) in squeezed(text)

    strong_lines = sum(any(atom.strong for atom in line) for line in wrap(pieces, columns))
    if strong_lines <= limit - 2:
        assert squeezed(text[start:end]) in squeezed("".join(atom.text for atom in shown))
    elif strong_lines:
        assert any(atom.strong for atom in kept)


@given(text=TEXT, columns=st.integers(4, 80))
def test_shortened_text_is_a_beginning(text: str, columns: int) -> None:
    short = shorten(text, columns)
    whole_text = squeezed(printable(text))
    assert display_width(short) <= columns
    assert squeezed(short) == whole_text or whole_text.startswith(squeezed(short).removesuffix("…"))


@given(text=TEXT, columns=st.integers(2, 80))
def test_lines_are_filled_as_far_as_they_go(text: str, columns: int) -> None:
    lines = list(wrap(atoms(text), columns))
    for line, following in pairwise(lines):
        first = following[0]
        if first.before != "\n" and display_width(first.text) < columns:
            assert display_width(joined([*line, first])) > columns


def test_closing_marks_do_not_begin_a_line() -> None:
    for columns in range(16, 40):
        for line in wrap(atoms(SCRIPTS.hits[0].text), columns):
            assert joined(line)[0] not in "。，、”："
            assert joined(line)[-1] != "“"


def test_an_emoji_of_several_characters_is_not_broken() -> None:
    worker = "👩🏽\u200d🔧"
    for line in wrap(atoms(worker * 30), 16):
        assert joined(line).replace(worker, "") == ""


def test_bold_ends_on_the_line_where_it_begins() -> None:
    style = Style(colour=True)
    for line in wrap(atoms("one two three four five six", (4, 23)), 9):
        assert painted(line, style).count("\x1b[1m") == painted(line, style).count("\x1b[0m") <= 1


# Hits in words


def test_a_headline_that_is_all_there_is_is_shown_once() -> None:
    article = Article(Metadata("a" * 20, "Bridge reopens"), "Bridge reopens")
    assert text_of(renderer("text")(answer_of(hit(1, 0.5, article, whole(article))))).count("Bridge") == 1


def test_an_untitled_article_is_headed_by_the_first_words_of_its_passage() -> None:
    assert text_of(renderer("text", EVERYTHING)(NEWS)).split("\n 3  ")[1].startswith("A reader writes that the library")


def test_an_empty_answer_says_why() -> None:
    assert "condition" in text_of(renderer("text")(NOTHING))
    assert "412 articles" in text_of(renderer("text")(replace(NOTHING, total=412)))
    assert "empty" in text_of(renderer("text")(Answer(Query("x"), (), 0, 0.1)))


@pytest.mark.parametrize(
    ("written", "to_the_day", "to_the_minute"),
    [
        ("2024", "2024", "2024"),
        ("2024-05", "May 2024", "May 2024"),
        ("2024-05-03", "3 May 2024", "3 May 2024"),
        ("2024-05-03T09:15", "3 May 2024", "3 May 2024, 09:15"),
        ("2024-05-03T09:15:59.123Z", "3 May 2024", "3 May 2024, 09:15 UTC"),
        ("2024-05-03T09:15+00:00", "3 May 2024", "3 May 2024, 09:15 UTC"),
        ("2024-05-03T09:15-04:00", "3 May 2024", "3 May 2024, 13:15 UTC (09:15 UTC-04:00)"),
        ("2024-12-31T23:00-04:00", "1 Jan 2025", "1 Jan 2025, 03:00 UTC (31 Dec 2024, 23:00 UTC-04:00)"),
        ("2024-13", "2024-13", "2024-13"),
        ("last\nweek", "last week", "last week"),
        ("", "", ""),
    ],
)
def test_dates_are_as_precise_as_they_are_known(written: str, to_the_day: str, to_the_minute: str) -> None:
    assert day(Date(written, 0, 0)) == day(written) == to_the_day
    assert moment(Date(written, 0, 0)) == moment(written) == to_the_minute


def test_an_instant_is_shown_by_the_clock_of_a_zone() -> None:
    new_york = ZoneInfo("America/New_York")
    assert day("2025-01-01T03:00Z", new_york) == "31 Dec 2024"
    assert moment("2025-01-01T03:00Z", new_york) == "31 Dec 2024, 22:00 UTC-05:00 (1 Jan 2025, 03:00 UTC)"
    assert moment("2024-12-31T22:00-05:00", new_york) == "31 Dec 2024, 22:00 UTC-05:00"
    assert (day("2024-12-31", new_york), day("2024-12", new_york)) == ("31 Dec 2024", "Dec 2024")


def test_there_may_be_no_date() -> None:
    assert day(None) == moment(None) == ""


@pytest.mark.parametrize(
    ("size_bytes", "written"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (12_431_882, "12.4 MB"),
        (5 * 10**12, "5.0 TB"),
        (2 * 10**15, "2000.0 TB"),
    ],
)
def test_sizes_have_a_unit(size_bytes: int, written: str) -> None:
    assert size(size_bytes) == written


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(number, "article") for number in (0, 1, 2077)] == ["0 articles", "1 article", "2,077 articles"]
    assert [duration(ms) for ms in (0.2, 3.4, 999.7, 61_000)] == ["under 1 ms", "3 ms", "1.0 s", "61.0 s"]


# Counts


def test_statistics_have_what_scripts_rely_on() -> None:
    value = json.loads(json_text(stats_dict(STATS)))
    promised = {"articles", "passages", "truncated", "undated", "first", "last", "size_bytes", "encoder", "generation"}
    assert promised <= set(value)
    assert value["encoder"]["digest"] == STATS.recipe.encoder.digest


def test_statistics_fit_on_one_screen() -> None:
    many = replace(STATS, languages={f"l{number}": number for number in range(300)})
    assert text_of(stats_text(many, Style(80), "news.idx")).count("\n") < 24
    assert "truncated" in text_of(stats_text(EMPTY))
    assert "3 truncated" in text_of(stats_text(replace(STATS, truncated=3)))


def test_a_summary_leaves_out_what_did_not_happen() -> None:
    assert list(summary_text(Summary(added=3, passages=4))) == ["3 articles added; 4 passages encoded.\n"]
    everything = Summary(11, 12, 13, 14, 21, 15, 16, 17, 18, 19, (("zh", 20), ("ar", 1)), 22)
    numbers = [int(number) for number in re.findall(r"\d+", text_of(summary_text(everything)))]
    assert numbers == [11, 12, 13, 22, 14, 21, 15, 16, 17, 19, 18, 21, 92, 20, 1]


def test_passages_are_not_called_articles() -> None:
    by_passage = replace(NEWS, query=replace(NEWS.query, group_by=GroupBy.PASSAGE))
    assert header_text(NEWS, everything=True) == "412 articles searched · 3 shown · strong match · 3 ms\n"
    assert header_text(by_passage, everything=True) == (
        "412 articles searched · 3 passages shown · strong match · 3 ms\n"
    )


def test_every_article_of_the_cases_can_be_listed() -> None:
    known = [article.metadata for article in ARTICLES]
    assert text_of(listing(known, "text")).count("\n") == len(known)


def test_the_command_that_a_summary_advises_names_the_index() -> None:
    summary = Summary(added=3, unsupported_languages=(("de", 2),))
    assert "semsearch build PATH… -i 'two words' --force" in text_of(summary_text(summary, index_option("two words")))
