"""RSS, Atom and JSON Feed: what a feed says is read to the letter, whatever its XML is like, and nothing is fetched."""

import codecs
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources import read
from semsearch.sources.records.lines import read_records
from semsearch.sources.wire.scan import MOST_CHARACTERS, Scan
from semsearch.sources.wire.xml import read_xml
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped
from tests.examples import PARTS
from tests.fuzzing import MOST_SECONDS, survive

RSS = '<rss version="2.0"><channel><title>The Bank</title><link>https://bank.example/</link>{}</channel></rss>'
ITEM = "<item><title>A {0}</title><link>https://bank.example/{0}</link><description>Text {0}.</description></item>"


def of(raw: str | bytes, **known: str) -> list[Article | Skipped]:
    place = Place("feed.xml", "feed.xml", **known)
    return list(read_xml(io.BytesIO(raw.encode() if isinstance(raw, str) else raw), place))


def articles(raw: str | bytes, **known: str) -> list[Article]:
    return [one for one in of(raw, **known) if isinstance(one, Article)]


def only(item: str) -> Article:
    [found] = articles(RSS.format(f"<item>{item}</item>"))
    return found


WORDS = st.lists(
    st.text(alphabet="abc déß漢&<>\"';#x", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4
)
RECORDS = st.lists(
    st.tuples(WORDS.map(" ".join), WORDS, st.datetimes(datetime(1900, 1, 1)).map(lambda at: at.replace(microsecond=0))),
    min_size=1,
    max_size=5,
)  # fmt: skip


def as_html(paragraphs: list[str]) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in paragraphs)


def as_rss(records: list[tuple[str, list[str], datetime]], *, cdata: bool) -> str:
    """Write a feed as a sender would: HTML once more escaped, or in a CDATA section."""
    items = ""
    for number, (title, paragraphs, at) in enumerate(records):
        body = as_html(paragraphs)
        body = f"<![CDATA[{body.replace(']]>', ']]&gt;')}]]>" if cdata else escape(body)
        items += (
            f"<item><title>{escape(escape(title))}</title><link>https://bank.example/{number}</link>"
            f"<dc:date>{at:%Y-%m-%dT%H:%M:%S}Z</dc:date><content:encoded>{body}</content:encoded></item>"
        )
    return RSS.format(items)


def as_atom(records: list[tuple[str, list[str], datetime]]) -> str:
    entries = "".join(
        f'<entry><title type="html">{escape(escape(title))}</title><link href="https://bank.example/{number}"/>'
        f"<published>{at:%Y-%m-%dT%H:%M:%S}Z</published>"
        f'<content type="xhtml"><div>{as_html(paragraphs)}</div></content></entry>'
        for number, (title, paragraphs, at) in enumerate(records)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>The Bank</title>{entries}</feed>'


@pytest.mark.parametrize("form", ["escaped", "cdata", "atom", "json"])
@given(records=RECORDS)
def test_what_is_written_into_a_feed_is_read_from_it(form: str, records: list[tuple[str, list[str], datetime]]) -> None:
    if form == "json":
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "The Bank",
            "items": [
                {"url": f"https://bank.example/{number}", "title": escape(title), "content_html": as_html(paragraphs),
                 "date_published": f"{at:%Y-%m-%dT%H:%M:%S}Z"}
                for number, (title, paragraphs, at) in enumerate(records)
            ],
        }  # fmt: skip
        found = list(read_records(io.BytesIO(json.dumps(feed).encode()), Place("f", "f")))
    else:
        found = of(as_atom(records) if form == "atom" else as_rss(records, cdata=form == "cdata"))
    assert [type(one) for one in found] == [Article] * len(records)
    for number, (one, (title, paragraphs, at)) in enumerate(zip(found, records, strict=True)):
        assert isinstance(one, Article)
        assert one.metadata.title == normalise_line(title)
        assert one.text.split() == normalise_text("\n\n".join(paragraphs)).split()
        assert one.metadata.url == f"https://bank.example/{number}"
        assert one.metadata.publisher == "The Bank"
        assert one.metadata.published is None or one.metadata.published.text == f"{at:%Y-%m-%dT%H:%M:%S}Z"


@given(st.integers(0, len(RSS.format("".join(ITEM.format(number) for number in range(9))))))
def test_a_cut_feed_keeps_every_whole_entry_and_says_where_it_is_cut(length: int) -> None:
    whole = RSS.format("".join(ITEM.format(number) for number in range(9)))
    cut = whole[:length]
    try:
        found = of(cut)
    except SourceError as error:
        assert str(error)
        assert "<item" not in cut
        return
    kept = [one for one in found if isinstance(one, Article)]
    assert [one.metadata.title for one in kept] == [f"A {number}" for number in range(cut.count("</item>"))]
    if length < len(whole):
        assert isinstance(found[-1], Skipped)
        within = cut.count("<item>") > len(kept)
        assert found[-1].reason.startswith("broken XML in line 1: the file ends" if within else "cut behind its last")


def test_one_broken_entry_is_only_its_own_loss() -> None:
    found = of(
        RSS.format(f"{ITEM.format(1)}\n<item><title>B</title><x></y></item>\n<item><title>C</title>{ITEM.format(2)}")
    )
    assert [one.metadata.title for one in found if isinstance(one, Article)] == ["A 1", "B", "C", "A 2"]
    assert [one.reason[:24] for one in found if isinstance(one, Skipped)] == [
        "broken XML in line 2: Op",
        "broken XML in line 3: it",
    ]
    assert [one.origin for one in found] == [f"feed.xml#{number}" for number in (1, 2, 2, 3, 3, 4)]


BOMB = "<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 12))


@pytest.mark.parametrize(
    "declared",
    [
        BOMB,
        '<!ENTITY a11 SYSTEM "file:///etc/hostname">',
        '<!ENTITY % p SYSTEM "http://localhost:9/p.dtd"> %p; <!ENTITY a11 "]>">',
    ],
)
def test_no_entity_is_expanded_and_none_is_fetched(declared: str) -> None:
    tracemalloc.start()
    [found] = articles(f"<!DOCTYPE rss [{declared}]>" + RSS.format("<item><title>Bang &a11; over</title></item>"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.metadata.title == "Bang &a11; over"
    assert peak < 20 * 2**20


ENDLESS = [
    (b"<rss>", b"<item>", 20_000, b""),
    (b"<rss><item>", b"<b>", 200_000, b""),
    (b"<rss><item><title>x", b"<![CDATA[", 20_000, b""),
    (b"<rss>", b"<item><title>x<!--", 5_000, b""),
    (b"<rss>", b"<", 500_000, b""),
    (b"<rss><", b"a", 500_000, b""),
    (b"<rss><item><", b"b", 200_000, b"</item>"),
    (b"<!DOCTYPE rss [", b"]", 500_000, b"<rss>"),
    (b"<rss><item><title>", b"&a", 300_000, b"</title></item>"),
    (b"<rss><item><a></b>", b"<description>", 50_000, b"</item>"),
    (b"<rss><item><content:encoded>", b"&lt;figcaption>", 50_000, b"</content:encoded></item>"),
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("before", "sign", "times", "behind"), ENDLESS)
def test_endless_signs_come_to_an_end(before: bytes, sign: bytes, times: int, behind: bytes, part: int) -> None:
    # `survive` fails after `MOST_SECONDS`; where time grows with the square of the length, this takes minutes.
    assert MOST_SECONDS < 60
    survive(".rss", before + sign * (times // part) + behind)


def test_an_entry_that_is_too_long_is_left_out_and_the_next_is_read() -> None:
    long = "<item><title>Long</title>" + f"<p>{'word ' * 2_000}</p>" * (MOST_CHARACTERS // 10_000) + "</item>"
    [lost, kept] = of(RSS.format(long + ITEM.format(1)))
    assert isinstance(lost, Skipped)
    assert lost.reason == "broken XML in line 1: a record of more than 16 MiB"
    assert isinstance(kept, Article)
    assert kept.metadata.title == "A 1"


@pytest.mark.slow
def test_a_long_feed_is_held_entry_by_entry() -> None:
    def pieces(count: int) -> Iterator[str]:
        yield "<rss><channel>"
        for number in range(count):
            yield ITEM.format(number).replace("Text", "Text " * 2_000)

    def peak(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in Scan(pieces(count)).parts({"item"})) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(2_000) < 1.5 * peak(400) < 30 * 2**20


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        ("\N{GREEK SMALL LETTER ALPHA}é".encode(), {}),
        ("\N{GREEK SMALL LETTER ALPHA}é".encode(), {"charset": "iso-8859-1"}),
        ("Кот".encode("cp1251"), {"charset": "windows-1251"}),
        ("’é—".encode("cp1252"), {}),
        ("’é—".encode("cp1252"), {"charset": "iso-8859-1"}),
        ("猫在屋顶上".encode("gb18030"), {"charset": "gb2312"}),
        ("猫".encode("iso2022_jp"), {"charset": "iso-2022-jp"}),
        ("é".encode(), {"charset": "base64"}),
    ],
)
def test_characters_are_read_as_they_are_or_as_declared(raw: bytes, known: dict[str, str]) -> None:
    bodies = [b"<rss><item><title>x" + raw + b"y</title></item></rss>"]
    if name := known.get("charset"):
        bodies.append(f'<?xml version="1.0" encoding="{name}"?>'.encode() + bodies[0])
    expected = next(
        text for charset in ("utf-8", "cp1251", "cp1252", "gb18030", "iso2022_jp") if (text := _as(raw, charset)) in
        ("\N{GREEK SMALL LETTER ALPHA}é", "Кот", "’é—", "猫在屋顶上", "猫", "é")
    )  # fmt: skip
    for body, said in zip(bodies, (known, {}), strict=False):
        assert [one.metadata.title for one in articles(body, **said)] == [f"x{expected}y"]


def _as(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except UnicodeDecodeError:
        return ""


def test_a_feed_in_utf_16_is_read_although_it_declares_that(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    text = '<?xml version="1.0" encoding="UTF-16"?>' + RSS.format("<item><title>Zwölf</title></item>")
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    assert [one.metadata.title for one in read(path) if isinstance(one, Article)] == ["Zwölf"]


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("Caf&eacute;&nbsp;&hellip;", "Café …"),
        ("AT&T &amp; Co", "AT&T & Co"),
        ("1 &lt; 2 &#38; 3", "1 < 2 & 3"),
        ("&#146;tis &#x1F; &#0;so", "’tis so"),
        ("<![CDATA[R&D &eacute; <b>bold</b>]]>", "R&D é bold"),
        ("what &is; this", "what &is; this"),
        ("a\x00b\x0bc", "abc"),
    ],
)
def test_what_html_has_and_xml_has_not_is_read_all_the_same(title: str, read_as: str) -> None:
    assert only(f"<title>{title}</title>").metadata.title == read_as


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link>https://bank.example/a?x=1&y=2</link>", "https://bank.example/a?x=1&y=2"),
        ("<link>/a</link>", "https://bank.example/a"),
        ("<link/><guid>https://bank.example/g</guid>", "https://bank.example/g"),
        ('<guid isPermaLink="false">https://bank.example/g</guid>', None),
        ("<link>https://f.example/1</link><feedburner:origLink>https://bank.example/o</feedburner:origLink>",
         "https://bank.example/o"),
        ('<atom:link rel="self" href="https://bank.example/feed"/><link>https://bank.example/l</link>',
         "https://bank.example/l"),
        ("<link>https://bank.example/</link>", None),
        ("<link>javascript:x</link>", None),
        ("<link>http://[::1</link>", None),
    ],
)  # fmt: skip
def test_an_entry_has_the_address_of_its_article(item: str, url: str | None) -> None:
    assert only(f"<title>x</title>{item}").metadata.url == url


@pytest.mark.parametrize(
    ("item", "date"),
    [
        ("<pubDate>Fri, 03 May 2024 10:15:00 +0200</pubDate>", "2024-05-03T10:15:00+02:00"),
        ("<pubDate>Fri, 03 May 24 10:15:00 EST</pubDate>", "2024-05-03T10:15:00-05:00"),
        ("<pubDate>03 May 99 10:15 GMT</pubDate>", "1999-05-03T10:15Z"),
        ("<dc:date>2024-05</dc:date>", "2024-05"),
        ("<pubDate>Fri, 03 May 2024 08:15:00 CEST</pubDate>", "2024-05-03T08:15:00+02:00"),
        ("<pubDate>Fri, 03 May 2024 08:15:00 BST</pubDate>", "2024-05-03"),
        (
            "<pubDate>Fri, 03 May 2024 08:15:00 BST</pubDate><dc:date>2024-05-03T07:15:00Z</dc:date>",
            "2024-05-03T07:15:00Z",
        ),
        ("<pubDate>never</pubDate><dc:date>2024-05-03</dc:date>", "2024-05-03"),
        ("<atom:updated>2024-05-03T10:15:00Z</atom:updated>", "2024-05-03T10:15:00Z"),
    ],
)
def test_a_date_keeps_its_zone_and_its_precision(item: str, date: str) -> None:
    published = only(f"<title>x</title>{item}").metadata.published
    assert published
    assert published.text == date


def test_a_summary_is_called_one_and_a_body_is_not() -> None:
    assert only("<title>x</title><description>Short.</description>").metadata.tags["text_from"] == ("summary",)
    both = only("<title>x</title><description>Short.</description><content:encoded>A longer text.</content:encoded>")
    assert both.text == "A longer text."
    assert "text_from" not in both.metadata.tags


def test_names_of_media_and_podcasts_are_not_the_articles_own() -> None:
    one = only(
        "<media:content><media:title>Photo</media:title><media:description>A long caption of it.</media:description>"
        "</media:content><itunes:title>Other</itunes:title><title>Own</title><description>Words.</description>"
    )
    assert (one.metadata.title, one.text) == ("Own", "Words.")


@pytest.mark.parametrize("content", ['medium="image"', 'type="image/jpeg"', 'url="https://bank.example/quay.jpg?w=9"'])
def test_the_caption_of_a_picture_is_no_text(content: str) -> None:
    caption = "<media:description>The quay at night.</media:description>"
    for item in (f"<media:content {content}>{caption}</media:content>", f"<media:content {content}/>{caption}"):
        assert only(f"<title>Quay</title>{item}").text == "Quay"
        assert only(f"<title>Quay</title>{item}".replace(content, 'medium="video"')).text == "The quay at night."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p><a href='x'>Continue reading...</a>", "One."),
        ('<p>One. <a href="x">Continue reading <span>Quay</span> &rarr;</a></p>', "One."),
        ("<p>One. <a class=more href=x>Read more</a></p><p>The post <a>Q</a> appeared first on <a>B</a>.</p>", "One."),
        ("<p>Eins. <a href=x>Weiterlesen</a></p>", "Eins."),
        ("<p>Then <a href=x>read more about it</a>.</p>", "Then read more about it."),
        ("<p><a href=x>Read more</a> books, she said.</p>", "Read more books, she said."),
        ("<p>People should read more</p><a href=x>Harbour</a>", "People should read more\n\nHarbour"),
        ("<p>They keep <a href=x>reading</a></p>", "They keep reading"),
    ],
)
def test_a_link_to_the_rest_of_an_article_is_no_text(html: str, text: str) -> None:
    assert only(f"<title>x</title><description><![CDATA[{html}]]></description>").text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '<a href="https://news.google.com/a/CB" target="_blank">Quay</a>&nbsp;&nbsp;<font color="#6f6f6f">A</font>',
            "Quay",
        ),
        ('<ol><li><a href="https://news.google.com/x">Quay</a> <font>A Daily</font></li></ol>', "Quay"),
        ('<p>As <a href="https://news.google.com/x">others</a> wrote.</p>', "As others wrote."),
    ],
)
def test_headlines_that_google_lists_are_no_text(html: str, text: str) -> None:
    assert only(f"<title>Quay</title><description><![CDATA[{html}]]></description>").text == text


WXR = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>The Bank</title><wp:author><wp:author_login>ada'
    "</wp:author_login><wp:author_display_name>Ada Fox</wp:author_display_name></wp:author><item><title>x</title>"
    "<content:encoded>Words.</content:encoded><dc:creator>ada</dc:creator>{}</item></channel></rss>"
)


def test_an_export_of_wordpress_says_who_wrote_a_post_where_it_stands_and_when_it_was_changed() -> None:
    [one] = articles(
        WXR.format(
            "<pubDate>Fri, 03 May 2024 06:15:00 +0000</pubDate><wp:post_modified_gmt>2024-05-04 07:00:00"
            '</wp:post_modified_gmt><category domain="post_tag">quay</category><category domain="category" '
            'nicename="uncategorized">Diverse</category><category domain="category">Local</category>'
            '<category domain="category">Coast</category><category domain="post_format">Aside</category>'
            "<wp:post_password></wp:post_password>"
        )
    )
    known = one.metadata
    assert (known.authors, known.section) == (("Ada Fox",), "Local")
    assert known.tags["topics"] == ("quay", "Diverse", "Coast")
    assert known.updated
    assert known.updated.text == "2024-05-04T07:00:00"
    [other] = articles(WXR.format("<category>Local</category>").replace("<dc:creator>ada", "<dc:creator>bo"))
    assert (other.metadata.authors, other.metadata.section, other.metadata.tags["topics"]) == (
        ("bo",),
        None,
        ("Local",),
    )


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("<wp:post_password>quay7</wp:post_password>", "not published by its source"),
        ("<wp:post_type>wpcf7_contact_form</wp:post_type>", "a record of a plugin"),
        ("<wp:post_type>attachment</wp:post_type>", "a file"),
        ("<wp:status>draft</wp:status>", "not published by its source"),
    ],
)
def test_what_wordpress_keeps_beside_its_articles_is_skipped(item: str, reason: str) -> None:
    [one] = of(WXR.format(item))
    assert isinstance(one, Skipped)
    assert one.reason.startswith(reason)


@pytest.mark.parametrize("kind", ["post", "page", "news", "press_release"])
def test_other_types_of_wordpress_are_articles(kind: str) -> None:
    assert len(articles(WXR.format(f"<wp:post_type>{kind}</wp:post_type>"))) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("<blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status>", ""),
        ("<blogger:type>PAGE</blogger:type>", ""),
        ("<blogger:type>POST</blogger:type><blogger:status>DRAFT</blogger:status>", "not published by its source"),
        ("<blogger:status>SOFT_TRASHED</blogger:status>", "not published by its source"),
        ("<blogger:type>COMMENT</blogger:type><blogger:status>LIVE</blogger:status>", "of Blogger's kind"),
    ],
)
def test_a_blog_that_was_taken_out_of_blogger_has_its_posts_and_pages(entry: str, reason: str) -> None:
    [one] = of(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:blogger="http://schemas.google.com/blogger/2018">'
        f"<title>B</title><entry><title>Quay</title>{entry}</entry></feed>"
    )
    assert isinstance(one, Skipped if reason else Article)
    assert not isinstance(one, Skipped) or one.reason.startswith(reason)


def test_authors_are_people_and_not_mailboxes() -> None:
    assert only("<title>x</title><author>a@b.example (Ada Fox)</author>").metadata.authors == ("Ada Fox",)
    assert only("<title>x</title><author>a@b.example</author>").metadata.authors == ()


@pytest.mark.parametrize(
    ("raw", "advice"),
    [
        ("<urlset><url><loc>https://bank.example/1</loc></url></urlset>", "give its own address with --follow"),
        ("<sitemapindex/>", "give its own address with --follow"),
        ("<opml/>", "give the addresses of the feeds"),
        ("<?xml version='1.0'?><html><body/></html>", "name it .html"),
        ("<svg/>", "root <svg>"),
        ("<!-- nothing -->", "no element"),
        ("<rss><channel><title>x", "fetch it again"),
    ],
)
def test_what_holds_no_articles_is_refused_with_what_to_do(raw: str, advice: str) -> None:
    with pytest.raises(SourceError, match=advice):
        of(raw)


def test_the_entry_of_a_json_feed_is_not_the_page_elsewhere_that_it_points_at() -> None:
    item = {"id": "7", "external_url": "https://other.example/story", "content_text": "Worth reading."}
    feed = {"version": "https://jsonfeed.org/version/1", "title": "Notes", "items": [item]}
    [one] = read_records(io.BytesIO(json.dumps(feed).encode()), Place("f", "f"))
    assert isinstance(one, Article)
    assert one.metadata.url is None
    assert one.metadata.tags["external_url"] == ("https://other.example/story",)


def test_no_parser_is_loaded_before_a_feed_is_read() -> None:
    code = "import semsearch.sources, sys; sys.exit(any(name in sys.modules for name in ('lxml', 'feedparser')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
