"""The SGML of news collections: Reuters-21578 and the newspapers of TREC."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.wire import sgml
from semsearch.sources.wire.sgml import read_sgml
from semsearch.types import Article, Skipped

STORY = (
    b'<REUTERS TOPICS="YES" NEWID="%d">\n<DATE>26-FEB-1987 15:01:01.79</DATE><TOPICS><D>tide</D></TOPICS>'
    b"<TEXT>&#2;<TITLE>TIDE %d</TITLE><BODY>It rises.\n Reuter\n&#3;</BODY></TEXT></REUTERS>\n"
)


def read(raw: bytes) -> list[Article | Skipped]:
    return list(read_sgml(io.BytesIO(raw), Place("a.sgm", "news/a.sgm")))


def one(raw: bytes) -> Article:
    (found,) = read(raw)
    assert isinstance(found, Article)
    return found


@given(st.integers(1, 5), st.integers(0, 900))
def test_what_is_whole_before_a_cut_is_read(count: int, cut: int) -> None:
    stories = [STORY % (number, number) for number in range(count)]
    raw = b"".join(stories)[: max(cut, 40)]
    whole = sum(raw.startswith(b"".join(stories[: number + 1])[:-1]) for number in range(count))
    found = read(raw)
    assert [one.metadata.tags["source_id"] for one in found[:whole] if isinstance(one, Article)] == [
        (str(number),) for number in range(whole)
    ]
    assert all(isinstance(one, Skipped) for one in found[whole:])


def test_the_agency_is_named_by_its_element_and_its_sign_off_is_no_text() -> None:
    found = one(STORY % (3, 3))
    assert (found.metadata.publisher, found.text, found.metadata.title) == ("Reuters", "It rises.", "TIDE 3")
    assert found.metadata.tags["topics"] == ("tide",)


def test_bytes_above_ascii_are_read_as_what_they_can_be() -> None:
    for written in ("café".encode(), b"caf\xe9", b"caf\xe9\x81"):
        assert one(b"<DOC><TEXT>" + written + b"</TEXT></DOC>").text == "café"


def test_only_entities_of_characters_are_known_and_none_is_defined() -> None:
    head = b'<!DOCTYPE x [<!ENTITY a "AAAA"><!ENTITY b SYSTEM "file:///etc/hosts">]>'
    assert one(head + b"<DOC><TEXT>&a; &b; &lt;B> &amp;lt; 1&hyph;2</TEXT></DOC>").text == "&a; &b; <B> &lt; 1-2"


@pytest.mark.parametrize(
    ("record", "title", "text"),
    [
        (b"<HL>Tides</HL><LP>In short.</LP><TEXT>It rises.</TEXT>", "Tides", "In short.\n\nIt rises."),
        (
            b"<HEADLINE><P>Tides</P></HEADLINE><TEXT><P>It rises.</P><P>It falls.</P></TEXT>",
            "Tides",
            "It rises.\n\nIt falls.",
        ),
        (b"<headline>Tides<text>It rises.", "Tides", "It rises."),
        (b"<TI>Tides</TI>", "Tides", "Tides"),
    ],
)
def test_the_elements_of_each_newspaper_are_known(record: bytes, title: str, text: str) -> None:
    found = one(b"<DOC>\n<DOCNO> X-1 </DOCNO>" + record + b"</DOC>")
    assert (found.metadata.title, found.text, found.metadata.tags["source_id"]) == (title, text, ("X-1",))


def test_a_record_too_long_is_its_own_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sgml, "MOST_RECORD_BYTES", 2**20)
    found = read(b"<DOC><TEXT>" + b"x" * 3 * 2**20 + b"</TEXT></DOC>" + STORY % (1, 1))
    assert [type(one) for one in found] == [Skipped, Article]


def test_sgml_of_other_kinds_is_refused() -> None:
    with pytest.raises(SourceError, match="without a record"):
        read(b"<BOOK>" * 100_000)


@given(st.binary(max_size=80) | st.text('<>/DOCREUTS &#;P\n"=', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    read(b"<DOC>" + raw)
    read(STORY % (1, 1) + raw + STORY % (2, 2))


@pytest.mark.parametrize("end", ["b", ""])
@pytest.mark.parametrize("padding", [" ", " \n", "\x03 ", "reuter ", "\xa0"])
def test_endless_padding_behind_a_story_takes_no_time(padding: str, end: str) -> None:
    raw = f"<REUTERS NEWID='1'><TEXT><TITLE>X</TITLE><BODY>a{padding * 200_000}{end}</BODY></TEXT></REUTERS>".encode()
    started = time.process_time()
    assert read(raw)
    assert time.process_time() - started < 5
