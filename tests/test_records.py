"""JSON in every form: one object a line, lists, objects that hold lists, one object after the other."""

import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.records.envelopes import listed_records
from semsearch.sources.records.lines import read_records
from semsearch.sources.records.window import Window
from semsearch.types import Article, Skipped

PLACE = Place("day.json", "news/day.json")
ONE = {"title": "One", "text": 'A [bracket, a {brace and a "quotation" mark.\n\nAnd \\', "authors": [{"name": "Ada"}]}
TWO = {"title": "Two", "text": "Ends with a backslash \\", "url": "https://coast.example/two"}
words = st.text('ab{}[]",:\\ \n\té中😀', min_size=1, max_size=12)
records = st.dictionaries(st.sampled_from(["title", "text", "section", "x"]), words, min_size=1, max_size=4)


def read(raw: str | bytes) -> list[Article | Skipped]:
    return list(read_records(BytesIO(raw.encode() if isinstance(raw, str) else raw), PLACE))


def kept(raw: str | bytes) -> tuple[list[Article], str]:
    """Return the articles, and why the rest cannot be read."""
    found: list[Article] = []
    try:
        for one in read_records(BytesIO(raw.encode() if isinstance(raw, str) else raw), PLACE):
            found += [one] if isinstance(one, Article) else []
    except SourceError as error:
        return found, str(error)
    return found, ""


def lines(some: list[dict[str, Any]]) -> list[Article]:
    return [one for one in read("\n".join(map(json.dumps, some))) if isinstance(one, Article)]


def forms(some: list[dict[str, Any]], indent: int | None) -> Iterator[str]:
    def written(value: object) -> str:
        return json.dumps(value, indent=indent, ensure_ascii=False)

    yield written(some)
    for holder in (
        {"articles": some}, {"status": "ok", "total": 2, "results": some}, {"data": some, "next": None},
        {"response": {"status": "ok", "docs": some}}, {"articles": {"results": some, "count": 1}},
        {"took": 3, "hits": {"total": {"value": 2}, "hits": [{"_id": "1", "_source": one} for one in some]}},
        {"title": "All the news", "items": some}, {f"V{number}": one for number, one in enumerate(some)},
    ):  # fmt: skip
        yield written(holder)
    for between in ("", " ", "\n", ",\n", "\x1e"):
        yield between.join(written(one) for one in some)


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("number", range(14))
def test_every_form_holds_the_same_articles(number: int, indent: int | None) -> None:
    raw = list(forms([ONE, TWO], indent))[number]
    found = read(raw)
    assert [(one.metadata.title, one.text, one.metadata.url) for one in found if isinstance(one, Article)] == [
        (one.metadata.title, one.text, one.metadata.url) for one in lines([ONE, TWO])
    ]
    assert len(found) == 2


@given(st.lists(records, min_size=1, max_size=5), st.sampled_from([None, 0, 2]), st.booleans())
def test_a_list_reads_as_the_same_records_a_line_each(
    some: list[dict[str, Any]], indent: int | None, raw: bool
) -> None:
    def bare(found: list[Article | Skipped]) -> list[object]:
        return [one if isinstance(one, Article) else one.reason for one in found]

    one_a_line = bare(read("\n".join(json.dumps(one) for one in some)))
    assert bare(read(json.dumps(some, indent=indent, ensure_ascii=raw))) == one_a_line
    assert bare(read("".join(json.dumps(one, indent=indent) for one in some))) == one_a_line


@given(st.lists(records, min_size=1, max_size=4), st.sampled_from([None, 1]), st.data())
def test_a_cut_list_keeps_what_is_whole(some: list[dict[str, Any]], indent: int | None, data: st.DataObject) -> None:
    raw = json.dumps(some, indent=indent).encode()
    cut = data.draw(st.integers(1, len(raw) - 1))
    whole = []
    for number in range(len(some), 0, -1):
        if raw.startswith(json.dumps(some[:number], indent=indent).encode().removesuffix(b"]").rstrip()[:cut]):
            beginning = json.dumps(some[:number], indent=indent).encode().removesuffix(b"]").rstrip()
            if len(beginning) <= cut:
                whole = lines(some[:number])
                break
    found, why = kept(raw[:cut])
    assert found == whole
    assert why


@pytest.mark.parametrize("form", range(1, 9))
def test_a_cut_object_keeps_what_it_holds(form: int) -> None:
    for indent in (None, 1):
        raw = list(forms([ONE, TWO], indent))[form]
        found, why = kept(raw[: raw.index('"Two"') + 3])
        assert [one.metadata.title for one in found] == ["One"]
        assert why


@pytest.mark.parametrize(
    "broken",
    [
        '{"title": "x" "text": "y"}', '{"title": "x", "text": "y"', '{"title": "x", "text: "y"}', '{"title": }',
        '{"title": "x", "text": "y}', '{"title": "x"]', '{"title": "x\ny"}', '{"title": "x"}}', "nul", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("between", [", ", ",\n"])
def test_a_broken_record_of_a_list_is_its_own_loss(broken: str, between: str) -> None:
    raw = "[" + between.join([json.dumps(ONE), broken, json.dumps(TWO), json.dumps(ONE)]) + "]"
    found, why = kept(raw)
    assert [one.metadata.title for one in found][-2:] == ["Two", "One"]
    assert found[0].metadata.title == "One"
    assert why == ""


def test_a_record_over_many_lines_that_is_broken_leaves_the_next() -> None:
    whole = json.dumps(TWO, indent=1)
    found, why = kept(json.dumps(ONE, indent=1).replace('"text":', '"text"') + "\n" + whole)
    assert ([one.metadata.title for one in found], why) == (["Two"], "")


@pytest.mark.slow
def test_a_list_of_which_every_record_lacks_a_bracket_takes_no_longer_than_others() -> None:
    record = '{"title": "x", "n": {"a": 1},'
    found, why = kept("[" + record * 2_000 + json.dumps(ONE) + "]")
    assert ([one.metadata.title for one in found], why) == (["One"], "")


def test_an_article_keeps_the_lists_of_its_own() -> None:
    related = [{"title": "Elsewhere", "text": "Another."}]
    for name in ("stories", "items", "results"):
        assert [one.metadata.title for one in read(json.dumps({**ONE, name: related})) if isinstance(one, Article)] == [
            "One"
        ]


def test_an_object_of_objects_says_each_ones_address() -> None:
    found = read(
        json.dumps({"https://coast.example/a": {"title": "A", "text": "x"}, "n7": {"title": "B", "text": "y"}})
    )
    assert [one.metadata.url for one in found if isinstance(one, Article)] == ["https://coast.example/a", None]
    assert isinstance(found[1], Article)
    assert found[1].metadata.tags["key"] == ("n7",)


def told(raw: object) -> list[str]:
    """Return the title or the text of each article, and why the rest was skipped, in brackets."""
    return [
        one.metadata.title or one.text if isinstance(one, Article) else f"[{one.reason}]"
        for one in read(json.dumps(raw))
    ]


TELEGRAM = {"id": 2, "type": "message", "date": "2024-05-03T10:15:00", "from": "Coast News", "text_entities": []}
DISCORD = {"id": "3", "type": "Default", "timestamp": "2024-05-03T08:15:00+00:00", "timestampEdited": None}
NOTE = {"id": "https://m.example/1", "type": "Note", "content": "<p>The ferry is late.</p>"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"db": [{"meta": {"version": "5"}, "data": {"posts": [ONE, {**TWO, "status": "draft"}],
                                                     "tags": [{"name": "quay", "description": "All."}]}}]},
         ["One", "[not published by its source (draft)]"]),
        ([{"type": "header", "version": "5", "comment": "Export"}, {"type": "database", "name": "cms"},
          {"type": "table", "name": "pages", "database": "cms", "data": [ONE, TWO]},
          {"type": "table", "name": "users", "database": "cms", "data": [{"id": "1", "name": "Ada Fox"}]},
          {"type": "table", "name": "wp_comments", "database": "cms", "data": [{"id": "1", "text": "Nice."}]}],
         ["[neither headline nor text]", "[the name of a database (cms)]", "One", "Two",
          "[a table without headlines and texts (users)]", "[a table of comments (wp_comments)]"]),
        ({"name": "Coast News", "type": "public_channel", "messages": [
            {**TELEGRAM, "type": "service", "title": "Coast News", "text": ""},
            {**TELEGRAM, "text": [{"type": "bold", "text": "Quay"}, "\n\nThe board", {"text": " met"}]}]},
         ["[a note about the chat itself (service), no article]", "Quay\n\nThe board met"]),
        ({"guild": {"id": "1"}, "channel": {"name": "news"}, "messages": [
            {**DISCORD, "content": "The board met.", "author": {"id": "9", "name": "ada"}},
            {**DISCORD, "type": "GuildMemberJoin", "content": "Joined the server.", "author": {"name": "bo"}}]},
         ["The board met.", "[a note about the chat itself (GuildMemberJoin), no article]"]),
        ({"messages": [{"role": "user", "content": "Write a story."}, {"role": "assistant", "content": "Once."}]},
         ["[what was said in a conversation (user), no article]",
          "[what was said in a conversation (assistant), no article]"]),
        ({"type": "OrderedCollection", "totalItems": 2, "orderedItems": [
            {"type": "Create", "actor": "https://m.example/ada", "object": NOTE},
            {"type": "Announce", "object": "https://m.example/bo/7"}]},
         ["The ferry is late.", "[neither headline nor text]"]),
        ({"response": {"status": "ok", "content": {"id": "x", "webTitle": "Vote", "blocks": {
            "body": [{"bodyHtml": "<p>It ends.</p>", "bodyTextSummary": "It ends."}]}}}}, ["Vote"]),
        ({"data": {"items": [{"meta": {"license": 1}, "item": {"type": "text", "uri": "u", "headline": "Ports"}}]}},
         ["Ports"]),
        ([{"id": "i1", "content": {"title": "Quay", "summary": "The board met."}}], ["Quay"]),
        ([{"id": 1, "content": {"rendered": "<p>The board met.</p>", "protected": False}}], ["The board met."]),
        ([{"title": "Own", "item": {"title": "Elsewhere", "text": "x"}, "object": NOTE}], ["Own"]),
        ({"users": [{"id": 1}], "page": {"threads": [{"id": 2}]}},
         ["[neither headline nor text, and no known name of a list of articles: its lists are users, page.threads]"]),
        ([{"id": 1, "item": {"name": "Pump"}}], ["[neither headline nor text]"]),
    ],
)  # fmt: skip
def test_articles_are_found_in_what_other_programs_export(held: object, expected: list[str]) -> None:
    assert told(held) == expected


def test_a_message_keeps_its_time_and_its_author() -> None:
    messages = [
        {**TELEGRAM, "text": "The board met.", "edited": "2024-05-03T11:00:00"},
        {**DISCORD, "content": "It met.", "author": {"name": "ada", "id": "9"}},
        {**TELEGRAM, "type": "service", "text": "", "title": "Coast News"},
    ]
    telegram, discord, note = read(json.dumps({"messages": messages}))
    assert [telegram, discord] == lines(messages)[:2]
    assert isinstance(note, Skipped)
    assert isinstance(telegram, Article)
    assert isinstance(discord, Article)
    one, other = telegram.metadata, discord.metadata
    assert one.published
    assert one.updated
    assert other.published
    assert (one.published.text, one.updated.text, one.authors) == (
        "2024-05-03T10:15:00", "2024-05-03T11:00:00", ("Coast News",),
    )  # fmt: skip
    assert (other.published.text, other.authors) == ("2024-05-03T08:15:00+00:00", ("ada",))


def test_what_is_said_about_an_article_beside_it_is_kept() -> None:
    [one] = read(json.dumps([{"url": "https://coast.example/q", "date": "2024-05-03", "post": {"title": "Quay"}}]))
    assert isinstance(one, Article)
    known = one.metadata
    assert known.published
    assert (known.title, known.url, known.published.text) == ("Quay", "https://coast.example/q", "2024-05-03")


@pytest.mark.parametrize(
    ("envelope", "publisher", "day"),
    [
        ({"publisher": "Coast Herald", "issue": "5", "date": "2024-05-03"}, "Coast Herald", "2024-05-03"),
        ({"newspaper": "Coast Herald", "date": "2024-05-03"}, "Coast Herald", None),
        ({"source": "an-api", "provider": "An API", "date": "2024-05-03"}, None, None),
        ({"publisher": {"name": "Coast Herald"}, "issue": {"n": 5}, "date": 7}, None, None),
    ],
)
def test_what_is_said_of_all_articles_holds_for_each_that_says_nothing_else(
    envelope: dict[str, object], publisher: str | None, day: str | None
) -> None:
    own = {**ONE, "source": "Bay Post", "published_at": "2024-05-01"}
    for held in ({**envelope, "articles": [ONE, own]}, {"articles": [ONE, own], **envelope}):
        first, second = read(json.dumps(held))
        assert isinstance(first, Article)
        assert isinstance(second, Article)
        assert first.metadata.publisher == publisher
        assert (first.metadata.published and first.metadata.published.text) == day
        assert second.metadata.publisher == "Bay Post"
        assert second.metadata.published
        assert second.metadata.published.text == "2024-05-01"


def test_names_that_a_user_maps_make_an_object_the_article() -> None:
    raw = json.dumps([{"Kop": "Kaai", "item": {"title": "Elsewhere"}}]).encode()
    place = Place("day.json", "day.json", names={"Kop": "title"})
    assert [one.metadata.title for one in read_records(BytesIO(raw), place) if isinstance(one, Article)] == ["Kaai"]
    assert told([{"Sleutel": "Kaai", "item": {"title": "Elsewhere"}}]) == ["Elsewhere"]


@pytest.mark.parametrize("kind", [[{"target_id": "article"}], {"name": "article"}, ["article"], None, 7])
def test_a_type_of_any_shape_leaves_an_article(kind: object) -> None:
    record = {"type": kind, "title": [{"value": "Tide"}], "body": [{"value": "<p>It rises.</p>", "format": "html"}]}
    [found] = read(json.dumps(record))
    assert isinstance(found, Article)
    assert (found.metadata.title, found.text) == ("Tide", "It rises.")


def test_odd_json_is_read_as_far_as_it_means_something() -> None:
    digits = "9" * 5_000
    found = read(
        '[{"title": "first", "title": "last", "text": "x"}, {"title": "\\ud800 half", "score": NaN, "text": "x"},'
        f'{{"title": "digits", "n": {digits}}}, {{"title": "deep", "n": {"[" * 5_000}{"]" * 5_000}}},'
        f'{{"title": "deeper", "n": {"[" * 50_000}{"]" * 50_000}}}, {{"title": "end"}}]'
    )
    assert [one.metadata.title if isinstance(one, Article) else one.reason.split(",")[0] for one in found] == [
        "last", "half", "JSON with a number of too many digits", "JSON that is nested too deeply",
        "JSON that is nested too deeply", "end",
    ]  # fmt: skip


class Endless(BytesIO):
    """A list of as many megabytes as are wanted, made as it is asked for."""

    def __init__(self, megabytes: int) -> None:
        record = json.dumps({"title": "Tide", "text": "It rises. " * 100}).encode()
        self._piece = (record + b",") * (2**20 // len(record) + 1)
        self._left = megabytes
        super().__init__(b'{"title": "Ebb"}]')

    def read(self, size: int | None = -1) -> bytes:
        if self._left:
            self._left -= 1
            return self._piece
        return super().read(size)


@pytest.mark.slow
def test_a_list_of_any_length_is_read_a_record_at_a_time() -> None:
    tracemalloc.start()
    window = Window(Endless(24), b"[", 1)
    count = sum(1 for _ in listed_records(window))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 20_000
    assert peak < 8 * 2**20


@given(st.binary(max_size=60) | st.text('{}[]",:\\ \n1ant"', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    kept(raw)
    kept(b"[" + raw)
    kept(b'{"articles": [' + raw)
