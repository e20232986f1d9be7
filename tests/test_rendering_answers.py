"""What a person relies on: how good an answer is, who else carries it, why it is there, what was understood."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from semsearch import bounds
from semsearch.rendering import Style, header_text, renderer, understood_text
from semsearch.rendering.machine import ANSWER_COLUMNS
from semsearch.text import display_width
from semsearch.types import Answer, Excerpt, Explanation, Filters, Hit, Query, Sort, Verdict, Word
from tests.render_cases import COPIES, FAR, FERRIES, NEWS, NOTHING, REPLIES, STORM, WHY, WIRE, hit, many, whole
from tests.render_strategies import answer_of, rich_hits, text_of

FULL = Style(full=True, everything=True)
PLAIN = Style()


def shown(answer: Answer, form: str = "text", style: Style = FULL) -> str:
    return text_of(renderer(form, style)(answer))


def of_verdicts(*verdicts: Verdict) -> Answer:
    return answer_of(*(hit(rank, 0.5, STORM, whole(STORM), verdict=one) for rank, one in enumerate(verdicts, 1)))


# The verdict


@pytest.mark.parametrize("form", ["text", "md"])
def test_an_answer_without_a_match_says_so_before_its_hits(form: str) -> None:
    assert shown(FAR, form).startswith("No good match")
    assert shown(WIRE, form).startswith("Weak matches.\n\n")
    for sure in (Verdict.STRONG, Verdict.FAIR):
        assert shown(of_verdicts(sure), form).lstrip().startswith("1")


@pytest.mark.parametrize("form", ["text", "md"])
def test_matches_below_the_hits_that_were_asked_for_are_not_denied(form: str) -> None:
    none = of_verdicts(Verdict.NONE, Verdict.NONE)
    for k, matches, said in [
        (2, 1, "No good match in the first 2 hits; 1 further down matches: ask for more, -k.\n"),
        (2, 7, "No good match in the first 2 hits; 7 further down match: ask for more, -k.\n"),
        (3, 7, "No good match. The closest passages found:\n"),
        (2, 0, "No good match. The closest passages found:\n"),
        (2, None, "No good match. The closest passages found:\n"),
    ]:
        output = shown(replace(none, query=replace(none.query, k=k), matches=matches), form)
        assert output.startswith(said)


@pytest.mark.parametrize("form", ["text", "md"])
def test_each_hit_has_its_verdict_beside_it(form: str) -> None:
    output = shown(of_verdicts(*Verdict), form, Style(everything=True))
    said = [output.index(words) for words in ("strong match", "fair match", "weak match", "no match")]
    assert said == sorted(said)
    assert "score" not in output


@pytest.mark.parametrize("form", ["text", "md"])
def test_hits_of_no_match_are_not_listed_below_better_ones_unless_asked_for(form: str) -> None:
    mixed = of_verdicts(Verdict.NONE, Verdict.FAIR, Verdict.NONE, Verdict.WEAK)
    output = shown(mixed, form, Style(everything=False))
    assert (output.count("fair match"), output.count("weak match"), output.count("Ports along")) == (1, 1, 2)
    assert output.endswith("\n\n2 more hits are no match; list them with --all.\n")
    everything = shown(mixed, form, Style(everything=True))
    assert (everything.count("no match"), everything.count("Ports along"), "--all" in everything) == (2, 4, False)


@pytest.mark.parametrize("form", ["text", "md"])
def test_where_everything_is_no_match_the_closest_are_shown(form: str) -> None:
    output = shown(of_verdicts(Verdict.NONE, Verdict.NONE), form, Style(everything=False))
    assert output.startswith("No good match. The closest passages found:\n")
    assert (output.count("Ports along"), "--all" in output) == (2, False)


def test_a_page_of_no_match_after_a_good_one_says_so() -> None:
    page = replace(of_verdicts(Verdict.NONE), before=Verdict.STRONG)
    assert shown(page, style=PLAIN) == "1 hit is no match; list it with --all.\n"
    assert " · 0 shown · strong match · " in header_text(page)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_programs_get_every_hit_with_its_verdict(form: str) -> None:
    output = shown(of_verdicts(*Verdict), form, PLAIN)
    assert all(output.count(verdict) for verdict in Verdict)
    assert output.count("Ports along") == len(Verdict)


def test_the_header_names_the_index_what_was_searched_what_matches_and_what_is_shown() -> None:
    assert header_text(FAR) == "412 articles searched · 1 shown · no match · 2 ms\n"
    assert header_text(replace(FAR, matches=37), "news.idx") == (
        "news.idx · 412 articles searched · 37 match · 1 shown · no match · 2 ms\n"
    )
    assert header_text(NOTHING) == "0 articles meet the conditions · 0 shown · under 1 ms\n"


def test_an_answer_without_hits_says_why() -> None:
    def why(total: int, **asked: object) -> str:
        return shown(replace(NOTHING, query=Query("x", **asked), total=total))  # type: ignore[arg-type]

    assert "condition" in why(0, excluded=("strike",))
    assert "first 10 hits" in why(12, offset=10)
    assert "0.9" in why(12, min_confidence=0.9)
    assert why(12, sort=Sort.DATE) == "No good match among 12 articles.\n"


# Copies


def test_copies_are_named_on_one_line_and_none_is_lost() -> None:
    found = replace(WIRE.hits[0], explanation=None)
    for width in range(40, 120):
        lines = shown(answer_of(found), style=Style(width)).split("\n")
        [line] = [line.strip() for line in lines if line.startswith("    same text: ")]
        assert display_width(line) <= width - 4
        if not line.endswith("…"):
            names, more = re.fullmatch(r"same text: (.+?)(?:, and (\d+) more)?", line).groups()  # type: ignore[union-attr]
            counts = [int(times or 1) for times in re.findall(r"2024(?: ×(\d+))?", names)]
            assert sum(counts) + int(more or 0) == len(COPIES)


def test_all_copies_are_there_in_full_in_their_order_each_with_its_address() -> None:
    for form in ("text", "md"):
        output = shown(answer_of(replace(WIRE.hits[0], explanation=None)), form)
        places = [output.index(copy.url) for copy in COPIES if copy.url]
        assert places == sorted(places)
    ids = [copy.article_id for copy in COPIES]
    assert [one["article_id"] for one in json.loads(shown(WIRE, "json"))["hits"][0]["copies"]] == ids
    [first, _] = csv.DictReader(io.StringIO(shown(WIRE, "csv"), newline=""))
    assert first["copies"].split("; ") == ids


def test_new_columns_come_after_those_that_programs_know() -> None:
    known = [
        "rank",
        "score",
        "title",
        "publisher",
        "published",
        "url",
        "article_id",
        "passage_id",
        "start",
        "end",
        "text",
    ]
    assert list(ANSWER_COLUMNS[: len(known)]) == known
    header = text_of(many("csv")).split("\r\n")[0].split(",")
    assert header[: len(ANSWER_COLUMNS)] == list(ANSWER_COLUMNS)


# Neighbours


@pytest.mark.parametrize("form", ["text", "md"])
def test_neighbours_surround_the_passage_in_order(form: str) -> None:
    output = shown(WIRE, form)
    texts = ["Passengers will", "Two neighbouring", "The old machines", "A first version"]
    places = [output.index(text) for text in texts]
    assert places == sorted(places)


def test_a_neighbour_is_not_shown_again_as_another_passage() -> None:
    found = WIRE.hits[0]
    again = replace(found, more=tuple(Excerpt(passage, 0.1) for passage in found.context))
    assert shown(answer_of(again)) == shown(answer_of(found))


# Reasons


def figures(output: str, label: str) -> list[float]:
    """Return the figures in the row of that label, in order."""
    row = re.search(rf"^    {label} +(.+(?:\n {{16}}.+)*)", output, re.MULTILINE)
    assert row, label
    return [float(figure) for figure in re.findall(r"-?\d+\.\d{3}\b", row[1])]


def test_the_parts_add_up_to_the_score_and_the_words_to_the_cosine() -> None:
    for style in (Style(), FULL):
        output = shown(WIRE, style=style)
        score, *parts = figures(output, "score")
        assert score == pytest.approx(WIRE.hits[0].score, abs=0.0005)
        assert sum(parts) * 0.5 == pytest.approx(score, abs=0.001)
        assert sum(figures(output, "cosine")) == pytest.approx(WHY.signals["dense"], abs=0.004)
        assert sum(figures(output, "BM25")) == pytest.approx(WHY.signals["lexical"], abs=0.004)
    assert "× recency 0.5" in output


words = st.lists(st.builds(Word, st.text("abc", max_size=1), st.floats(-1, 1)), max_size=30)


@given(words=words, full=st.booleans())
def test_whatever_words_are_left_out_the_sum_stays(words: list[Word], full: bool) -> None:
    words = [Word("first", 0.5), *words]
    found = replace(WIRE.hits[0], explanation=replace(WHY, words=words, terms=()))
    output = shown(answer_of(found), style=Style(full=full))
    assert sum(figures(output, "cosine")) == pytest.approx(sum(word.value for word in words), abs=0.005)


def test_the_strongest_words_come_first_and_few_of_many_are_shown() -> None:
    many_words = tuple(Word(f"word{number}", number / 100) for number in range(40))
    found = replace(WIRE.hits[0], explanation=replace(WHY, words=many_words))
    output = shown(answer_of(found), style=Style())
    assert re.findall(r"word(\d+)", output)[:3] == ["39", "38", "37"]
    assert len(re.findall(r"word\d+", output)) < 10
    assert "word0 " in shown(answer_of(found))


def test_a_score_that_a_copy_earned_is_told_apart() -> None:
    assert "ranked by a copy's 0.200" in shown(WIRE)
    assert "ranked by" not in shown(answer_of(WIRE.hits[0]))


def test_nothing_is_explained_that_was_not_asked() -> None:
    assert "BM25" not in shown(NEWS)
    bare = Explanation({}, {}, None, (), None)
    assert "cosine" not in shown(answer_of(replace(NEWS.hits[0], explanation=bare)))


# What was understood


ZONES = [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]
NAMES = st.frozensets(
    st.sampled_from(["Coast Courier", "a-b", "-c", "x:y", "港口 日报", "St. Pauli (Hamburg)", "A, B", "b,"]), max_size=2
)
DATES = st.none() | st.sampled_from(["2024", "2024-05", "2024-05-03", "2024-05-03T09:30", "2024-05-03T09:30:17Z"])


@given(
    typed=st.sampled_from(["harbour", 'the "open source" code -strike', '"a" b "c d" -"e f" -gh', "港口 「开放」"]),
    filters=st.builds(Filters, publishers=NAMES, authors=NAMES, sections=NAMES, since=DATES, until=DATES),
    zone=st.sampled_from(ZONES),
)
def test_what_was_understood_means_the_same_when_it_is_typed(typed: str, filters: Filters, zone: tzinfo) -> None:
    as_of = 1_717_200_000
    filters = replace(filters, timezone=zone)
    try:
        resolved = bounds.resolve(filters, as_of)
    except bounds.UsageError:
        return  # until before since
    asked = Query.parse(typed, filters=resolved)
    understood = understood_text(Answer(asked, (), 0, 0.1))
    if not understood:
        assert asked == Query(typed, filters=Filters(timezone=zone))
        return
    again = Query.parse(understood, filters=Filters(timezone=zone))
    assert replace(again, filters=bounds.resolve(again.filters, as_of)) == asked


def test_conditions_that_the_language_has_no_word_for_are_written_as_options() -> None:
    filters = Filters(new_since=1_717_200_000, undated=True, tags=frozenset({("topic", "sea trade")}))
    understood = understood_text(Answer(Query("x", filters=filters), (), 0, 0.1))
    assert understood == 'x tag:"topic=sea trade" --undated include --new-since 2024-06-01'


def test_plain_words_need_no_echo() -> None:
    assert understood_text(NEWS) == ""


def test_bounds_at_the_ends_of_the_calendar_are_written() -> None:
    filters = bounds.resolve(Filters(since="0001", until="9999", timezone=ZONES[1]), 0)
    assert "9999" in understood_text(Answer(Query("x", filters=filters), (), 0, 0.1))


# Many queries


def test_every_line_has_its_place_in_what_programs_read() -> None:
    replies = [json.loads(line) for line in text_of(many("json")).splitlines()]
    assert [one["line"] for one in replies] == [reply.line for reply in REPLIES]
    failed = replies[1]
    assert set(failed) == {"line", "query", "error", "error_type", "hint"}
    assert replies[0]["hits"] == json.loads(shown(WIRE, "json"))["hits"]
    lines = [json.loads(line) for line in text_of(many("jsonl")).splitlines()]
    assert [(one["line"], one.get("rank")) for one in lines] == [(1, 1), (1, 2), (2, None), (4, 1)]


def test_many_answers_are_one_table() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(many("csv")), newline="")))
    assert [(row["line"], row["rank"], row["query"]) for row in rows] == [
        ("1", "1", WIRE.query.text),
        ("1", "2", WIRE.query.text),
        ("4", "1", "sourdough"),
    ]


# Markdown


@given(found=rich_hits())
def test_markdown_takes_no_markup_from_strangers(found: Hit) -> None:
    web = replace(FERRIES.metadata, url="https://example.org/a)b[c]")
    titled = replace(found, rank=min(found.rank, 999), article=replace(found.article, title="Title"))
    carried = replace(titled, copies=(*titled.copies, web))
    tokens = MarkdownIt("commonmark").parse(shown(answer_of(carried), "md"))
    blocks = {token.type for token in tokens if token.type.endswith("_open")}
    assert blocks <= {"ordered_list_open", "list_item_open", "paragraph_open", "blockquote_open"}
    children = [child for token in tokens for child in token.children or []]
    assert {child.type for child in children} <= {
        *("text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close", "link_open", "link_close")
    }
    links = [child.attrs["href"] for child in children if child.type == "link_open"]
    assert links == ["https://example.org/a%29b%5Bc%5D"]


def test_more_passages_than_are_shown_are_counted() -> None:
    others = tuple(Excerpt(NEWS.hits[0].passage, 0.1) for _ in range(5))
    assert "and 4 more passages" in shown(answer_of(replace(NEWS.hits[0], more=others)), style=Style())
