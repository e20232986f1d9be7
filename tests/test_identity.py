import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.identity import article_id, canonical_url, fingerprint, seal, url_id
from semsearch.types import Metadata


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.Example.com:80/News/Story/?utm_source=x&b=2&a=1#top", "https://example.com/News/Story?a=1&b=2"),
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("HTTPS://user:secret@example.com:8443//a//b", "https://example.com:8443/a/b"),
        ("https://example.com/%7Eann/caf%c3%a9", "https://example.com/~ann/caf%C3%A9"),
        ("https://example.com/café", "https://example.com/caf%C3%A9"),
        ("https://例え.jp/新闻?q=你", "https://xn--r8jz45g.jp/%E6%96%B0%E9%97%BB?q=%E4%BD%A0"),
        ("https://example.com/a?id=5&fbclid=123", "https://example.com/a?id=5"),
        ("https://example.com/a?empty=", "https://example.com/a?empty="),
        (" https://example.com/a ", "https://example.com/a"),
        ("https://example.com/a#!/story/1", "https://example.com/a#!/story/1"),
        ("https://example.com/#/story/1", "https://example.com#/story/1"),
    ],
)
def test_one_article_has_one_address(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "no address", "ftp://example.com/a", "https://", "http://[::1", "mailto:a@b.c", "https://localhost/a", "12"],
)
def test_what_is_no_web_address_has_no_canonical_form(text: str) -> None:
    assert canonical_url(text) is None


def test_a_broken_character_in_an_address_does_no_harm() -> None:
    assert canonical_url("https://example.com/\ud800?q=\udfff#!\ud800")


def test_addresses_in_old_encodings_stay_apart() -> None:
    assert canonical_url("https://example.com/%C4%E3?q=%C4%E3") != canonical_url("https://example.com/%BA%C3?q=%BA%C3")


@given(st.text(max_size=60), st.text(max_size=40))
def test_canonical_addresses_are_fixed_points(path: str, query: str) -> None:
    canonical = canonical_url(f"https://example.com/{path}?{query}")
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical.isascii()


def identify(**given_parts: str | None) -> str:
    parts: dict[str, str | None] = {
        "url": None,
        "namespace": "",
        "source_id": None,
        "title": "T",
        "date": "D",
        "text": "X",
    }
    return article_id(**(parts | given_parts))  # type: ignore[arg-type]


def test_the_own_address_decides_then_the_source_id_then_the_content() -> None:
    by_url = identify(url="https://example.com/a", namespace="n", source_id="1")
    assert by_url == url_id("http://www.example.com/a/?utm_medium=mail")
    by_source = identify(namespace="Outlet", source_id="1", text="first")
    assert by_source == identify(namespace="outlet", source_id="1", text="second")
    by_content = identify(source_id="1")
    assert by_content == identify(source_id="2")
    assert len({by_url, by_source, by_content}) == 3


def test_two_outlets_article_number_one_are_two_articles() -> None:
    assert identify(namespace="Alpha", source_id="1") != identify(namespace="Beta", source_id="1")


def test_parts_cannot_run_into_each_other() -> None:
    assert identify(title="ab", text="c") != identify(title="a", text="bc")


@given(st.text(), st.text(), st.text())
def test_ids_are_twenty_hexadecimal_digits(title: str, date: str, text: str) -> None:
    found = identify(title=title, date=date, text=text)
    assert len(found) == 20
    assert set(found) <= set("0123456789abcdef")


def test_a_fingerprint_changes_with_everything_but_the_time_of_indexing() -> None:
    base = Metadata("0" * 20, "Title", tags={"a": ("1",)})
    same = Metadata("0" * 20, "Title", tags={"a": ("1",)}, indexed="2026-01-01T00:00:00Z")
    assert fingerprint(seal(base, "text")) == fingerprint(seal(same, "text", origin="elsewhere"))
    others = [
        seal(base, "other text"),
        seal(Metadata("0" * 20, "Other", tags={"a": ("1",)}), "text"),
        seal(Metadata("0" * 20, "Title", tags={"a": ("2",)}), "text"),
        seal(Metadata("0" * 20, "Title", language="en", tags={"a": ("1",)}), "text"),
    ]
    assert len({fingerprint(article) for article in [seal(base, "text"), *others]}) == 5
