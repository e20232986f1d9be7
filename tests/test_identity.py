"""Which records are the same article: what merges, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.addresses import host, joined
from semsearch.engines.local.facets import facets_of
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


STORY = "https://coast.example/news/harbour-opens"

SAME = [
    "http://www.coast.example:80/news/harbour-opens/",
    "https://coast.example:443//news///harbour-opens",
    "HTTPS://Coast.Example./news/harbour-opens?#top",
    "https://coast.example/news/harbour%2Dopens#:~:text=The%20harbour,opened",
    "https://m.coast.example/news/harbour-opens",
    "https://mobile.coast.example/news/harbour-opens",
    "https://www.m.coast.example/news/harbour-opens",
    "https://touch.coast.example/news/harbour-opens?utm_campaign=app",
    "https://amp.coast.example/news/harbour-opens",
    "https://coast.example/news/harbour-opens/amp",
    "https://coast.example/news/harbour-opens/amp/?amp_js_v=0.1&usqp=mq331",
    "https://coast.example/news/harbour-opens/amp.html",
    "https://coast.example/news/harbour-opens.amp",
    "https://coast.example/amp/news/harbour-opens",
    "https://coast.example/news/amp/harbour-opens",
    "https://coast.example/news/harbour-opens?amp",
    "https://coast.example/news/harbour-opens?amp=1",
    "https://coast.example/news/harbour-opens?outputType=amp",
    "https://cdn.ampproject.org/c/s/coast.example/news/harbour-opens",
    "https://coast-example.cdn.ampproject.org/c/s/www.coast.example/news/harbour-opens/amp/",
    "https://coast-example.cdn.ampproject.org/v/coast.example/news/harbour-opens?amp_gsa=1&aoh=2",
    "https://www.google.com/amp/s/amp.coast.example/news/harbour-opens",
    "https://www.google.co.uk/amp/coast.example/news/harbour-opens?amp",
    "https://web.archive.org/web/20240503120000/http://www.coast.example/news/harbour-opens",
    "http://archive.org/web/2024id_/https://coast.example:443/news/harbour-opens/",
    "https://web.archive.org/web/2025/https://web.archive.org/web/2024/https://coast.example/news/harbour-opens",
    "https://web.archive.org/web/2024/https://www.google.com/amp/s/m.coast.example/news/harbour-opens/amp",
    "https://coast.example/news/harbour-opens/index.html",
    "https://coast.example/news/harbour-opens/Default.aspx?print=1",
    "https://coast.example/news/harbour-opens/print",
    "https://coast.example/news/harbour-opens?view=print&printable=yes",
    "https://coast.example/news/harbour-opens;jsessionid=1A2B.node3",
    "https://coast.example/news/harbour-opens?jsessionid=1&PHPSESSID=2",
    "https://coast.example/news/harbour-opens?utm_source=a&amp;utm_medium=b",
    "https://coast.example/news/harbour-opens?fbclid=1&gad_source=2&srsltid=3&mibextid=4&msclkid=5&wt.mc_id=6&WT.zmc=7",
    "https://coast.example/news/harbour-opens?ocid=1&cvid=2&_hsenc=3&mc_cid=4&at_medium=5&hsa_acc=6&mtm_source=7&igsh=8",
]
"""Addresses of one article."""

APART = [
    ("https://coast.example/a?id=1", "https://coast.example/a?id=2"),
    ("https://coast.example/a?p=1", "https://coast.example/a?p=2"),
    ("https://coast.example/a?page=1", "https://coast.example/a?page=2"),
    ("https://coast.example/a?v=1", "https://coast.example/a?v=2"),
    ("https://coast.example/a?q=1", "https://coast.example/a?q=2"),
    ("https://coast.example/a?story=1", "https://coast.example/a?story=2"),
    ("https://coast.example/a?article=1", "https://coast.example/a?article=2"),
    ("https://coast.example/a?cid=1", "https://coast.example/a?cid=2"),
    ("https://coast.example/a?clid=1", "https://coast.example/a?clid=2"),
    ("https://coast.example/a?tid=1&mod=read", "https://coast.example/a?tid=2&mod=read"),
    ("https://coast.example/a?print=7", "https://coast.example/a?print=8"),  # the number of a printed issue
    ("https://coast.example/a?view=7", "https://coast.example/a"),
    ("https://coast.example/a?amp=50w", "https://coast.example/a"),
    ("https://coast.example/Story", "https://coast.example/story"),
    ("https://coast.example/a?q=A", "https://coast.example/a?q=a"),
    ("https://coast.example/reviews/amp/7", "https://coast.example/reviews/7"),  # amplifiers
    ("https://coast.example/amp/7", "https://coast.example/7"),
    ("https://coast.example/a/guitar-amp", "https://coast.example/a/guitar"),
    ("https://coast.example/a/amps", "https://coast.example/a"),
    ("https://coast.example/a/blueprint", "https://coast.example/a"),
    ("https://coast.example/index-of-prices.html", "https://coast.example/index.html"),
    ("https://coast.example/index2.html", "https://coast.example/index.html"),
    ("https://coast.example/story;2", "https://coast.example/story;3"),
    ("https://coast.example/a.html", "https://coast.example/a"),
    ("https://coast.example:8080/a", "https://coast.example/a"),
    ("https://news.coast.example/a", "https://coast.example/a"),
    ("https://camp.example.org/a", "https://example.org/a"),
    ("https://m.com/a", "https://com/a"),
    ("https://m.co.uk/a", "https://amp.co.uk/a"),
    ("https://m.com.br/a", "https://mobile.com.br/a"),
    ("https://mobile.de/a", "https://m.de/a"),
    ("https://web.archive.org/web/2024*/coast.example", "https://coast.example"),  # a list of copies
    ("https://archive.org/details/harbour", "https://coast.example/details/harbour"),
    ("https://www.google.com/search?q=amp", "https://coast.example/search?q=amp"),
    ("https://coast.example/out/http://hill.example/a", "https://hill.example/a"),
    ("https://coast.example/news?ref=1234", "https://coast.example/news?ref=5678"),
    ("https://coast.example/news?pk_id=1", "https://coast.example/news?pk_id=2"),
    ("https://coast.example/#!/story/1", "https://coast.example/#!/story/2"),
]
"""Pairs of addresses of different articles."""


@pytest.mark.parametrize("url", SAME)
def test_every_form_of_an_article_is_the_same_article(url: str) -> None:
    assert canonical_url(url) == STORY


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    [
        "https://coast.example",
        "http://www.coast.example/?utm_source=x",
        "https://m.coast.example/index.html",
        "https://coast.example/index.php?amp=1#news",
        "https://web.archive.org/web/2024/http://coast.example/",
    ],
)
def test_a_home_page_is_no_article(url: str) -> None:
    assert canonical_url(url) == "https://coast.example"
    assert url_id(url) is None
    assert identify(url=url, text="one") != identify(url=url, text="other")


def test_an_article_named_after_the_anchor_has_an_id() -> None:
    ids = {url_id(f"https://coast.example/{rest}") for rest in ("#!/1", "#!2", "?id=3", "4")}
    assert len(ids - {None}) == 4


def test_what_has_no_end_is_no_address() -> None:
    assert canonical_url(f"https://coast.example/{'a' * 9_000}") is None
    assert canonical_url(f"{'https://web.archive.org/web/2024/' * 60}https://coast.example/a") is None


_steps = st.sampled_from([
    "amp", "AMP", "amp.html", "print", "index.html", "index.php", "a.amp", "a.amp.html", "a-b", "a;jsessionid=1",
    "7", "", "%2F", "%61mp", "web", "2024", "http:", "https:", "cdn.ampproject.org", "c", "s", "google.com",
    "web.archive.org", "m.coast.example", "user@amp.coast.example:443", "é", "%3F", "%25", ".amp", "%E4",
])  # fmt: skip
_hosts = st.sampled_from([
    "coast.example", "www.m.amp.coast.example", "m.co.uk", "www.com", "web.archive.org", "a:b@web.archive.org:80",
    "google.com", "x.cdn.ampproject.org", "amp.x.cdn.ampproject.org", "WWW.Google.co.uk.", "coast.example:8080",
])  # fmt: skip
_parameters = st.sampled_from(
    ["amp", "amp=1", "id=5", "utm_x=1", "amp;id=2", "print", "b=%26amp%3B", "q=%C4", "", "é=ü", "a=b=c"]
)


@given(
    st.sampled_from(["http", "https"]),
    _hosts,
    st.lists(_steps, max_size=8),
    st.lists(_parameters, max_size=4),
    st.sampled_from(["", "#top", "#!/a", "#/a:~:text=b", "#:~:text=b", "#!é%"]),
)
def test_what_is_canonical_stays(scheme: str, host: str, steps: list[str], parameters: list[str], anchor: str) -> None:
    canonical = canonical_url(f"{scheme}://{host}/{'/'.join(steps)}?{'&'.join(parameters)}{anchor}")
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical_url(canonical.replace("https://", "http://", 1)) == canonical


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


def test_an_address_of_marks_is_none_and_takes_no_time() -> None:
    """`urllib` normalises hosts; 100,000 marks would take it a minute, and each of these is tried."""
    marks = "\u0301\u0327" * 100_000
    for address in (f"https://a{marks}.org/x", f"https://a{marks[:8_000]}.org/x", f"https://news.example.org/{marks}"):
        assert canonical_url(address) is None
        assert url_id(address) is None
        assert host(address) is None
        assert facets_of(Metadata("0" * 20, "x", url=address))["domain"] == []
        with pytest.raises(ValueError, match="no address"):
            joined("https://news.example.org/", address)
    assert canonical_url("https://news.example.org/ste\u0301ne") is not None
