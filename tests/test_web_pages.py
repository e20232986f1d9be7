"""What is known of a page's article: each fact from the surest place that has it, and nothing guessed."""

import json
from calendar import timegm
from dataclasses import replace

import pytest

from tests.pages import BODY, LONG_BODY, PLACE, SENTENCES, article, linked, meta, page, read, script

FETCHED = replace(PLACE, address="https://www.bay.example/news/late", fetched=timegm((2024, 6, 1, 12, 0, 0)))
NODE = {"@type": "NewsArticle", "headline": "Ferry runs late", "datePublished": "2024-05-03T09:15:00+02:00"}


@pytest.mark.parametrize(
    "kind", ["Article", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting", "schema:NewsArticle"]
)
@pytest.mark.parametrize("shape", ["alone", "list", "graph", "types", "page"])
def test_an_article_in_json_ld_is_found_in_any_arrangement(kind: str, shape: str) -> None:
    node = {**NODE, "@type": [kind, "Thing"] if shape == "types" else kind}
    whole = {
        "alone": node,
        "types": node,
        "list": [{"@type": "Organization", "name": "Bay Post"}, node],
        "graph": {"@graph": [{"@type": "WebSite", "name": "Bay Post"}, node]},
        "page": {"@type": "WebPage", "mainEntity": node},
    }[shape]
    found = article(page(head=script(json.dumps(whole)))).metadata
    assert found.published is not None
    assert found.published.text == "2024-05-03T09:15:00+02:00"
    assert found.title == "Ferry runs late"


@pytest.mark.parametrize(
    "broken",
    [
        "<!-- %s -->",
        "// <![CDATA[\n%s\n// ]]>",
        "/*<![CDATA[*/ %s /*]]>*/",
        "%s;",
        "\n\t%s\n%s",
        "[%s,]",
    ],
)
def test_broken_json_ld_is_understood_where_its_meaning_is_plain(broken: str) -> None:
    raw = json.dumps(NODE).replace("late", "la\tte", 1).replace("}", ",}")
    found = article(page(head=script(broken.replace("%s", raw.replace("\\t", "\t"))))).metadata
    assert found.published is not None


@pytest.mark.parametrize("held", ["liveBlogUpdate", "hasPart", "itemReviewed"])
def test_an_article_within_the_pages_own_is_not_the_pages_own(held: str) -> None:
    other = {**NODE, "headline": "Pier closed", "datePublished": "2020-01-01", "author": "B. Hill", "articleBody": "No"}
    found = article(page(head=script(json.dumps({"@graph": [{**NODE, "author": "Ada Fox", held: [other]}]})))).metadata
    assert found.published is not None
    assert (found.title, found.authors) == ("Ferry runs late", ("Ada Fox",))
    assert found.published.text == NODE["datePublished"]


def test_of_several_articles_the_one_that_the_page_shows_is_its_own() -> None:
    own = linked(headline="Ferry runs late again", datePublished="2024-05-03")
    other = linked(headline="Bridge closed", datePublished="2020-01-01", author="Ben Hill", articleBody="It is closed.")
    found = article(page(head=other + own + meta(og__title="Ferry runs late again")))
    assert found.metadata.title == "Ferry runs late again"
    assert found.metadata.published
    assert found.metadata.published.text == "2024-05-03"


def test_what_json_ld_names_by_id_is_looked_up() -> None:
    graph = [{"@type": "Person", "@id": "#a", "name": "Ada Fox"}, {**NODE, "author": [{"@id": "#a"}]}]
    assert article(page(head=script(json.dumps({"@graph": graph})))).metadata.authors == ("Ada Fox",)


def test_microdata_says_what_nothing_else_says() -> None:
    marked = '<time itemprop="datePublished" datetime="2024-05-03">3 May</time><span itemprop="author">Ben Hill</span>'
    found = article(page(f"<article><h1>Ferry runs late</h1>{marked}{BODY}</article>")).metadata
    assert found.authors == ("Ben Hill",)
    assert found.published is not None
    assert found.published.text == "2024-05-03"


def test_microdata_names_what_it_describes_in_elements_of_their_own() -> None:
    author = '<p itemprop="author" itemscope>Text: <a itemprop="name">Ada Fox</a>, who keeps goats</p>'
    outlet = '<div itemprop="publisher" itemscope><img itemprop="logo"><meta itemprop="name" content="Bay Post"></div>'
    found = article(page(f"<article><h1>Ferry runs late</h1>{author}{BODY}{outlet}</article>")).metadata
    assert (found.authors, found.publisher) == (("Ada Fox",), "Bay Post")


ENTRY = f"""<article class="h-entry"><h1 class="p-name">Ferry runs late</h1><div class="e-content">{BODY}</div>
<div class="u-comment h-cite"><a class="p-author h-card">Ben Hill</a> <time class="dt-published" datetime="2024-05-09">
9 May</time></div><footer><p>By <a href="https://bay.example/ada" class="p-author h-card u-url">Ada Fox</a> on
<a href="/x"><time class="dt-published" datetime="2024-05-03T09:15Z">May 3, 2024</time></a>,
<time class="dt-updated" datetime="2024-05-04">May 4</time></p>
<p><a href="https://bay.example/news/ferry" class="p-canonical">Canonical link</a></p></footer></article>"""


def test_microformats_say_what_nothing_else_says() -> None:
    found = article(page(ENTRY))
    assert found.metadata.authors == ("Ada Fox",)
    assert found.metadata.url == "https://bay.example/news/ferry"
    assert found.metadata.published
    assert found.metadata.updated
    assert (found.metadata.published.text, found.metadata.updated.text) == ("2024-05-03T09:15Z", "2024-05-04")
    assert found.text == "\n\n".join(SENTENCES)


def test_of_several_entries_none_is_known_to_be_the_pages() -> None:
    found = article(page(f"{ENTRY}<article class='h-entry'><p>Another.</p></article>")).metadata
    assert (found.authors, found.url) == ((), None)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("By Ada Fox and Ben Hill", ("Ada Fox", "Ben Hill")),
        ("Von Ada Fox und Ben Hill, dpa", ("Ada Fox", "Ben Hill", "dpa")),
        ("AFP", ("AFP",)),
        (["Ada Fox", "ada fox"], ("Ada Fox",)),
        ({"@type": "Person", "name": "Ada Fox", "url": "https://bay.example/ada"}, ("Ada Fox",)),
        ([{"name": "Ada Fox"}, {"name": "Bay Post"}], ("Ada Fox", "Bay Post")),
        ("https://www.facebook.com/baypost", ()),
        ("admin", ()),
        ("Diana Vonberg", ("Diana Vonberg",)),
        ("Von Miller", ("Von Miller",)),
        ("Di Zhang", ("Di Zhang",)),
        ("José Fennimore y Lindqvist", ("José Fennimore y Lindqvist",)),
        ("Par Ada Fox et Ben Hill", ("Ada Fox", "Ben Hill")),
    ],
)
def test_names_are_freed_from_what_stands_around_them(said: object, names: tuple[str, ...]) -> None:
    assert article(page(head=linked(author=said) + meta(og__site_name="Bay Post"))).metadata.authors == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ada Fox, Transport Correspondent", ("Ada Fox",)),
        ("By Ada Fox and Kim Jong-un", ("Ada Fox", "Kim Jong-un")),
        ("كتب: أحمد علي", ("أحمد علي",)),
        ("מאת: עדה פוקס", ("עדה פוקס",)),
        ("By Tuesday evening the lemons had reached the old town", ()),
        ("By Kolmar standards, Ada Fox said, it was cheap.", ()),
        ("Von Kolmar aus fuhr der Dampfer zu den Inseln, wo er am Abend ankam", ()),
    ],
)
def test_a_sentence_below_the_headline_names_no_author(line: str, names: tuple[str, ...]) -> None:
    raw = page(f"<article><h1>Ferry runs late</h1><p>{line}</p>{BODY}</article>", "<title>Ferry runs late</title>")
    assert article(raw).metadata.authors == names


def test_a_body_that_only_a_script_would_show_is_read_from_json_ld() -> None:
    head = script(json.dumps({**NODE, "articleBody": "\n\n".join(SENTENCES)}))
    assert article(page("<div id=root></div>", head)).text == "\n\n".join(SENTENCES)
    assert SENTENCES[0] in article(page(head=script(json.dumps({**NODE, "articleBody": "Other " * 60})))).text


def test_what_a_page_says_of_itself_in_one_object_is_read() -> None:
    said = {"pub_date": "2024-05-03T07:15:00Z", "authors": ["Ada Fox", "Ben Hill"], "section": "Local"}
    found = article(page(head=meta(**{"parsely-page": json.dumps(said).replace('"', "&quot;")}))).metadata
    assert (found.authors, found.section) == (("Ada Fox", "Ben Hill"), "Local")
    assert found.published and found.published.text == "2024-05-03T07:15:00Z"
    for odd in ("{", "[1]", '{"authors": 3, "pub_date": null}'):
        assert article(page(head=meta(**{"parsely-page": odd.replace('"', "&quot;")}))).metadata.published is None


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["Fox, Ada", "de la Cruz, José M."], ("Ada Fox", "José M. de la Cruz")),
        (["Ada Fox, Ben Hill"], ("Ada Fox", "Ben Hill")),
        (["Ada Fox"], ("Ada Fox",)),
    ],
)
def test_catalogues_write_the_name_of_a_family_first(written: list[str], names: tuple[str, ...]) -> None:
    for name in ("DC.creator", "citation_author"):
        assert article(page(head="".join(meta(**{name: each}) for each in written))).metadata.authors == names


def test_the_outlet_is_the_author_only_where_nobody_else_is() -> None:
    head = linked(author={"@type": "Organization", "name": "Bay Post"}) + meta(og__site_name="Bay Post")
    byline = f'<article><h1>Ferry runs late</h1><div class="byline">By Ada Fox</div>{BODY}</article>'
    assert article(page(head=head)).metadata.authors == ("Bay Post",)
    assert article(page(byline, head)).metadata.authors == ("Ada Fox",)


def test_what_the_surest_place_says_comes_first() -> None:
    head = linked(
        headline="Ferry runs late", author="Ada Fox", datePublished="2024-05-03T09:15:00+02:00", inLanguage="en-GB"
    ) + meta(author="Ben Hill", article__published_time="2024-05-04T00:00:00Z", og__locale="fr_FR")
    found = article(page(head=head)).metadata
    assert (found.authors, found.language) == (("Ada Fox",), "en")
    assert found.published is not None
    assert found.published.text.startswith("2024-05-03")


def test_a_date_takes_the_zone_that_is_written_elsewhere() -> None:
    head = linked(datePublished="2024-05-03T09:15:00") + meta(article__published_time="2024-05-03T09:15:00+02:00")
    found = article(page(head=head)).metadata.published
    assert found is not None
    assert found.text.endswith("+02:00")


def test_no_date_is_later_than_the_page_was_fetched() -> None:
    head = linked(datePublished="2026-01-01T00:00:00Z") + meta(article__published_time="2024-05-03")
    found = article(page(head=head), FETCHED).metadata.published
    assert found is not None
    assert found.text == "2024-05-03"


@pytest.mark.parametrize(
    "clock",
    [
        '<div id="clock">Saturday, 1 June 2024, 12:00</div>',
        "<footer>Copyright 2024</footer>",
        "<script>var today = '2024-06-01';</script>",
        '<aside><time datetime="2024-05-31">yesterday</time></aside>',
    ],
)
def test_no_date_is_guessed(clock: str) -> None:
    found = article(page(f"{clock}<article><h1>Ferry runs late</h1>{BODY}</article>{clock}")).metadata
    assert found.published is None
    assert "unparsed_date" not in found.tags


@pytest.mark.parametrize(
    ("shown", "date"),
    [
        ("Published on 3 May 2024 at 09:15", "2024-05-03"),
        ("03.05.2024, 9:15 Uhr", "2024-05-03"),
        ("2024年5月3日 09時15分", "2024-05-03"),
        ("3 May 2024 (first on 2 May 2024)", None),
        ("3 พ.ค. 2567 10:15 น.", "2024-05-03"),
        ("03 मई 2024, 10:15 AM IST", "2024-05-03"),
        ("입력 2024.05.03 오전 10:15", "2024-05-03"),
    ],
)
def test_a_day_that_stands_below_the_headline_is_taken_where_it_is_the_only_one(shown: str, date: str | None) -> None:
    found = article(
        page(f"<article><h1>Ferry runs late</h1><div>{shown}</div>{BODY}</article>", "<title>Ferry runs late</title>")
    )
    assert (found.metadata.published and found.metadata.published.text) == date


def dated(below: str, behind: str = "", within: str = "") -> tuple[str | None, str | None]:
    """Return when an article was published and updated, from markup below its headline, at its end or behind it."""
    raw = page(
        f"<main><article><h1>Ferry runs late</h1>{below}{BODY}{within}</article>{behind}</main>",
        "<title>Ferry runs late</title>",
    )
    found = article(raw).metadata
    return found.published and found.published.text, found.updated and found.updated.text


@pytest.mark.parametrize("time", ['<time datetime="2024-05-01">1 May 2024</time>'])
@pytest.mark.parametrize(
    "around",
    [
        "<p>The guild meets on {} in the town hall.</p>",
        '<section class="events"><h3>Next meetings</h3>{}</section>',
        "<section><h3>Next meetings</h3>{}</section>",
        '<article><h3><a href="/fish">Fish grow dearer</a></h3>{}</article>',
        '<div class="comment"><b>Ben Hill</b> {}<p>Lemons, always lemons.</p></div>',
        '<div class="related-articles">{}</div>',
    ],
)
def test_a_time_of_something_else_is_no_date_of_the_article(around: str, time: str) -> None:
    other = around.format(time)
    assert dated("", other) == dated("", "", other) == (None, None)
    own = '<time datetime="2024-05-03T09:15Z">3 May</time>'
    assert dated(own, other) == ("2024-05-03T09:15Z", None)
    assert dated("", other.replace("<time", "<time pubdate")) == (None, None)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("published", "updated"),
    [
        ("Published {}", "Updated {}"),
        ("<p>First published: {}</p>", "<p>Last updated: {}</p>"),
        ("<p>Posted on</p><p>{}</p>", "<p>Updated on</p><p>{}</p>"),
        ("Veröffentlicht am {}, ", "zuletzt aktualisiert am {}"),
        ('<span class="published">{}</span>', '<span class="updated">{}</span>'),
    ],
)
def test_published_and_updated_are_told_apart(published: str, updated: str, swapped: bool) -> None:
    for first, last in (
        (
            '<time datetime="2024-05-03T09:15Z">3 May 2024</time>',
            '<time datetime="2024-05-04T07:00Z">4 May 2024</time>',
        ),
        ("3 May 2024", "4 May 2024"),
    ):
        both = [published.format(first), updated.format(last)]
        marked = dated(" ".join(both[::-1] if swapped else both))
        if "<time" in first:
            assert marked == ("2024-05-03T09:15Z", "2024-05-04T07:00Z")
        elif "class=" not in published:
            assert marked == ("2024-05-03", "2024-05-04")


@pytest.mark.parametrize(
    ("below", "dates"),
    [
        ("<p>Updated 4 May 2024</p>", (None, "2024-05-04")),
        ("<div>Last updated</div><div>4 May 2024</div>", (None, "2024-05-04")),
        ('<p>Updated <time datetime="2024-05-04">4 May</time></p>', (None, "2024-05-04")),
        ('<time datetime="2024-05-04">Updated: 4 May</time>', (None, "2024-05-04")),
        ("<p>3 May 2024, updated 4 May 2024</p>", ("2024-05-03", "2024-05-04")),
        ("<p>更新日：2024年5月4日</p>", (None, "2024-05-04")),
        # Themes call the only time so.
        ('<time class="updated" datetime="2024-05-03">3 May 2024</time>', ("2024-05-03", None)),
        (
            '<a href="/x"><time class="entry-date published updated" pubdate datetime="2024-05-03">3 May</time></a>',
            ("2024-05-03", None),
        ),
    ],
)
def test_the_day_of_a_change_is_not_that_of_publication(below: str, dates: tuple[str | None, str | None]) -> None:
    assert dated(below) == dates


def test_the_same_time_without_its_zone_is_no_update() -> None:
    head = linked(datePublished="2024-05-03T09:15:00+02:00", dateModified="2024-05-03T09:15:00")
    assert article(page(head=head)).metadata.updated is None


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="/news/ferry">', "https://www.bay.example/news/ferry"),
        ('<link rel="canonical" href="https://www.bay.example/">', "https://www.bay.example/news/late"),
        ('<link rel="canonical" href="https://elsewhere.example/news/ferry">', "https://www.bay.example/news/late"),
        ('<link rel="canonical" href="https://m.bay.example/news/ferry">', "https://m.bay.example/news/ferry"),
        (meta(og__url="https://www.bay.example/news/ferry"), "https://www.bay.example/news/ferry"),
        (linked(mainEntityOfPage="https://www.bay.example/news/ferry"), "https://www.bay.example/news/ferry"),
        (linked(url="http://[::1"), "https://www.bay.example/news/late"),
        ("", "https://www.bay.example/news/late"),
    ],
)
def test_a_page_is_known_by_its_own_address(head: str, url: str) -> None:
    assert article(page(head=head), FETCHED).metadata.url == url


def test_a_page_without_an_address_is_known_by_its_file() -> None:
    one, other = (article(page(), replace(PLACE, namespace=name)) for name in ("a/page.html", "b/page.html"))
    assert one.metadata.url is None
    assert one.metadata.tags["file"] == ("a/page.html",)
    assert one.metadata.article_id != other.metadata.article_id


def test_outlet_domain_section_and_topics_are_told_apart() -> None:
    head = linked(
        articleSection=["Islands", "News"],
        keywords="ferries, lemons",
        publisher={"@type": "Organization", "name": "Bay Post"},
    ) + meta(og__url="https://www.bay.example/news/ferry")
    found = article(page(head=head)).metadata
    assert (found.publisher, found.section) == ("Bay Post", "Islands")
    assert (found.tags["domain"], found.tags["topics"]) == (("bay.example",), ("ferries", "lemons"))


@pytest.mark.parametrize(
    ("og_title", "title"),
    [
        ("Ferry runs late | Bay | 3 May", "Ferry runs late"),
        ("Ferry runs late", "Ferry runs late"),
        ("Why the lemons were late", "Why the lemons were late"),
        ("", "Ferry runs late"),
    ],
)
def test_a_title_has_nothing_beside_it(og_title: str, title: str) -> None:
    assert article(page(head=meta(og__title=og_title))).metadata.title == title


def test_a_title_that_is_cut_off_is_the_headline() -> None:
    headline = "Ferry runs late after a crate of &quot;lemons&quot; bursts"
    found = article(
        page(f"<article><h1>{headline}</h1>{BODY}</article>", meta(og__title="Ferry runs late after a crate of "))
    )
    assert found.metadata.title == 'Ferry runs late after a crate of "lemons" bursts'


def test_behind_a_wall_the_text_that_is_there_is_kept() -> None:
    head = linked(headline="Ferry runs late", isAccessibleForFree="False") + meta(
        og__description=" ".join(SENTENCES[:3])
    )
    stub = article(page(f"<article><h1>Ferry runs late</h1>{''.join(BODY.partition('</p>')[:2])}</article>", head))
    assert stub.metadata.tags["paywalled"] == ("true",)
    assert stub.metadata.tags["text_from"] == ("summary",)
    assert stub.text == " ".join(SENTENCES[:3])
    whole = article(page(f"<article><h1>Ferry runs late</h1>{LONG_BODY}</article>", head))
    assert "paywalled" not in whole.metadata.tags


LINKS = "".join(f'<h2><a href="/{n}">A headline that leads to story number {n}</a></h2>' for n in range(20))

MENU = "<ul>" + "".join(f'<li><a href="/{n}">Section {n} of the paper</a></li>' for n in range(60)) + "</ul>"
FRAMES = (
    '<html><head><title>Bay Post</title></head><frameset cols="20%,80%"><frame src="menu.html"><frame src="news.html">'
    "<noframes><body>Your browser shows no frames, and this is all.</body></noframes></frameset></html>"
)
TEASERS = "".join(f'<div><p>{sentence}</p></div><h4><a href="/x">More</a></h4>' for sentence in SENTENCES)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (page(LINKS, meta(og__url="https://bay.example/")), "front page"),
        (page(LONG_BODY, meta(og__type="website", og__url="https://bay.example/")), "front page"),
        (page(LINKS), "links to others"),
        (page(TEASERS + MENU), "links to others"),
        (page("<h1>A clip</h1><video></video>", script('{"@type": "VideoObject", "name": "A clip"}')), "video"),
        (page("<h1>Ten pictures</h1>", script('{"@type": "ImageGallery"}')), "gallery"),
        (page("<div><br></div>", "<title>Bay Post</title>"), "no text"),
        (FRAMES, "frames"),
    ],
)
def test_what_is_no_article_says_what_it_is(raw: str, reason: str) -> None:
    found = read(raw)
    assert reason in getattr(found, "reason", "")


@pytest.mark.parametrize("body", [LONG_BODY, BODY])
def test_a_site_that_calls_every_page_a_website_has_articles(body: str) -> None:
    assert SENTENCES[2] in article(page(f"<h2>Ferry runs late</h2>{body}", meta(og__type="website"))).text


def test_an_article_beside_many_links_is_one() -> None:
    assert SENTENCES[2] in article(page(f"<article><h1>Ferry runs late</h1>{LONG_BODY}</article>{LINKS}")).text


def test_a_short_article_beside_the_menus_of_a_site_is_one() -> None:
    text = " ".join(SENTENCES[:3])
    assert article(page(f"{MENU}<p>{text}</p>{MENU}")).text == text


def test_a_short_piece_that_says_that_it_is_news_is_an_article() -> None:
    assert SENTENCES[2] in article(page(TEASERS + MENU, meta(og__type="news"))).text


def test_a_page_whose_first_tag_is_closed_at_once_is_read() -> None:
    assert SENTENCES[2] in article(page(html='<html lang="en" />')).text
