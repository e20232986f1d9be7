"""Bytes of a page become the text that was meant, and what cannot be read is counted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources.web.charset import decode_page
from tests.pages import BODY, PLACE, article, page

GERMAN = "Übergroße Äpfel für die Möwen am Kai, süß und mürbe"
RUSSIAN = "Паром опоздал из-за лимонов, и капитан был этим очень недоволен весь день"
JAPANESE = "渡し船はレモンのせいで遅れ、船長は一日中とても不機嫌だった。"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (GERMAN, "iso-8859-1"),
        (GERMAN, "windows-1252"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso-2022-jp"),
        ("渡船因柠檬而晚点，船长一整天都不高兴。", "gb2312"),
        (GERMAN, "utf-8"),
    ],
)
@pytest.mark.parametrize("said", ["http", "meta", "http-equiv"])
def test_what_is_declared_is_read(text: str, charset: str, said: str) -> None:
    heads = {
        "http": "",
        "meta": f"<meta charset='{charset}'>",
        "http-equiv": f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">',
    }
    raw = page(f"<p>{text}</p>", heads[said]).encode(charset)
    found = decode_page(raw, charset if said == "http" else None)
    assert text in found.text
    assert found.replaced == 0


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_comes_before_what_is_declared(charset: str) -> None:
    assert GERMAN in decode_page(page(f"<p>{GERMAN}</p>", "<meta charset=koi8-r>").encode(charset), "shift_jis").text


def test_valid_utf_8_is_utf_8_whatever_is_declared() -> None:
    assert RUSSIAN in decode_page(page(f"<p>{RUSSIAN}</p>", "<meta charset=iso-8859-1>").encode(), "windows-1252").text


@pytest.mark.parametrize("declared", [None, "x-none", "base64", "unicode_escape", "utf-7", "\0", "idna"])
def test_where_nothing_that_is_known_is_declared_it_is_detected(declared: str | None) -> None:
    assert RUSSIAN in decode_page(page(f"<p>{RUSSIAN * 5}</p>").encode("windows-1251"), declared).text


def test_what_is_no_character_is_counted() -> None:
    raw = page(f"<article><h1>Möwen</h1>{BODY}<p>{GERMAN}</p></article>", "<meta charset=utf-8>").encode()
    broken = raw.replace("süß".encode(), b"s\xff\xfe")
    assert article(broken).metadata.tags["replaced_characters"] == ("2",)
    assert "replaced_characters" not in article(raw).metadata.tags
    assert "replaced_characters" not in article(raw.replace("süß".encode(), "\ufffd".encode())).metadata.tags


def test_whoever_sent_the_page_is_asked_first() -> None:
    raw = page(f"<article><h1>Паром</h1>{BODY}<p>{RUSSIAN}</p></article>", "<meta charset=koi8-r>").encode(
        "windows-1251"
    )
    assert RUSSIAN in article(raw, replace(PLACE, charset="windows-1251")).text


@given(st.binary(max_size=300), st.text(max_size=20) | st.none())
def test_any_bytes_are_text_and_always_the_same(raw: bytes, declared: str | None) -> None:
    assert decode_page(raw, declared) == decode_page(raw, declared)


@given(st.text(max_size=200))
def test_text_in_utf_8_is_read_as_written(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    assert decode_page(b"\xef\xbb\xbf" + raw).text == raw.decode()
