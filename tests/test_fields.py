"""The field map: the spellings of every tool that is known, and what becomes of the rest."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import UsageError
from semsearch.identity import article_id, url_id
from semsearch.language_names import primary_tag
from semsearch.ports import Place
from semsearch.sources.facts.assembly import article_from
from semsearch.sources.facts.fields import FIELDS, fold, parse_names
from semsearch.sources.facts.values import MOST_CHARACTERS, MOST_VALUES, people
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped

PLACE = Place("day.jsonl", "news/day.jsonl")
URL = "https://coast.example/harbour"
STORY = {"title": "Harbour opens", "text": "The harbour opened on Friday."}


def article(record: dict[str, Any], place: Place = PLACE, **options: Any) -> Article:
    found = article_from(record, place, "day.jsonl:1", **options)
    assert isinstance(found, Article), found
    return found


def tags(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return dict(article({**STORY, "language": "en", **record}).metadata.tags)


@pytest.mark.parametrize(
    "name", ["published_at", "publishedAt", "Published-At", "PUBLISHED AT", "og:published_at", "dc.published_at"]
)
def test_case_separators_and_prefixes_of_a_name_do_not_count(name: str) -> None:
    published = article({**STORY, name: "2024-05-03"}).metadata.published
    assert published
    assert published.text == "2024-05-03"


@pytest.mark.parametrize(
    "name", ["pub_dt", "Erschienen am", "Erscheinungsdatum", "Fecha de publicación", "Publié le", "data_pubblicazione"]
)
def test_a_date_of_publication_is_known_by_its_names_in_tables(name: str) -> None:
    published = article({**STORY, name: "2024-05-03"}).metadata.published
    assert published
    assert published.text == "2024-05-03"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"year": 2024, "month": 5, "day": 3}, "2024-05-03"),
        ({"year": 2024, "month": 5}, "2024-05"),
        ({"_seconds": 1714737600, "_nanoseconds": 0}, "2024-05-03T12:00:00Z"),
        ({"seconds": 1714737600, "nanos": 5}, "2024-05-03T12:00:00Z"),
        ({"year": 2024, "day": 3}, None),
        ({"year": 2024, "month": 13, "day": 3}, None),
        ({"month": 5, "day": 3}, None),
    ],
)
def test_a_date_may_be_an_object_of_its_parts(written: dict[str, int], text: str | None) -> None:
    published = article({**STORY, "date": written}).metadata.published
    assert (published and published.text) == text


def test_of_translations_the_one_in_the_records_language_is_read_else_the_first() -> None:
    record = {"title": {"fr": "Le port", "en": "Harbour opens"}, "text": {"fr": "Il pleut.", "en-GB": "It rains."}}
    for language, read in ((None, ("Le port", "Il pleut.")), ("en", ("Harbour opens", "It rains."))):
        found = article({**record, "language": language, "date": "2024-05-03"})
        assert (found.metadata.title, found.text) == read


@pytest.mark.parametrize("name", ["timestamp", "crawled", "indexed_date"])
def test_when_somebody_saw_an_article_is_not_when_it_was_published(name: str) -> None:
    assert article({**STORY, name: "2024-05-03"}).metadata.published is None


TOOLS: dict[str, dict[str, Any]] = {
    "fundus": {
        "title": "Harbour opens", "authors": ["Ada Fox"], "publishing_date": "2024-05-03 12:00:00+00:00", "lang": "en",
        "publisher": "Coast Herald", "topics": ["sea"], "canonical_link": URL, "section": "Local", "free_access": True,
        "body": {"summary": [], "sections": [{"headline": [], "paragraphs": ["The harbour opened on Friday."]}]},
    },
    "news-please": {
        "title": "Harbour opens", "authors": ["Ada Fox"], "date_publish": "2024-05-03 12:00:00", "language": "en",
        "source_domain": "coast.example", "maintext": "The harbour opened on Friday.", "text": None, "url": URL,
        "publisher": "Coast Herald", "keywords": ["sea"], "section": "Local",
    },
    "trafilatura": {
        "title": "Harbour opens", "author": "Ada Fox", "hostname": "coast.example", "date": "2024-05-03T12:00:00",
        "source": URL, "source-hostname": "Coast Herald", "categories": "Local", "tags": "sea",
        "language": "en", "text": "The harbour opened on Friday.", "raw_text": "The harbour opened", "id": None,
    },
    "NewsAPI": {
        "source": {"id": "coast", "name": "Coast Herald"}, "author": "Ada Fox", "title": "Harbour opens", "url": URL,
        "publishedAt": "2024-05-03T12:00:00Z", "content": "The harbour opened on Friday.", "language": "en",
        "category": "Local", "topic": "sea",
    },
    "schema.org": {
        "@type": "NewsArticle", "headline": "Harbour opens", "articleBody": "The harbour opened on Friday.",
        "datePublished": "2024-05-03T12:00:00Z", "author": {"@type": "Person", "name": "Ada Fox"},
        "publisher": {"@type": "Organization", "name": "Coast Herald"}, "mainEntityOfPage": {"@id": URL},
        "inLanguage": "en-GB", "articleSection": "Local", "keywords": ["sea"],
    },
    "WordPress": {
        "id": 7, "date_gmt": "2024-05-03T12:00:00", "date": "2024-05-03T14:00:00", "link": URL, "author": 12,
        "title": {"rendered": "Harbour opens"}, "content": {"rendered": "<p>The harbour opened on Friday.</p>\n"},
        "byline": "Ada Fox", "site_name": "Coast Herald", "language": "English", "section_name": "Local", "tag": "sea",
    },
    "Elasticsearch": {
        "_index": "news", "_id": "7", "_source": {
            "title": "Harbour opens", "body": ["The harbour opened on Friday."], "published": "2024-05-03T12:00:00Z",
            "outlet": "Coast Herald", "byline": "By Ada Fox", "permalink": URL, "lang": "eng", "desk": "Local",
            "subjects": [{"name": "sea"}],
        },
    },
    "Dolma": {
        "id": "7", "text": "The harbour opened on Friday.", "metadata": {
            "title": "Harbour opens", "url": URL, "date": "2024-05-03T12:00:00Z", "author": "Ada Fox",
            "sitename": "Coast Herald", "language": "en", "category": "Local", "tags": ["sea"],
        },
    },
    "the Guardian": {
        "id": "local/harbour", "webTitle": "Harbour opens", "webUrl": URL, "webPublicationDate": "2024-05-03T12:00:00Z",
        "sectionName": "Local", "fields": {"bodyText": "The harbour opened on Friday.", "byline": "Ada Fox"},
        "publication": "Coast Herald", "language": "en", "keywords": "sea",
    },
    "WordPress.com": {
        "ID": 7, "date": "2024-05-03T12:00:00+00:00", "title": "Harbour opens", "URL": URL, "status": "publish",
        "content": "<p>The harbour opened on Friday.</p>", "author": {"ID": 12, "login": "ada", "name": "Ada Fox"},
        "tags": {"sea": {"ID": 31, "name": "sea"}}, "categories": {"Local": {"ID": 5, "name": "Local"}}, "lang": "en",
        "site_name": "Coast Herald",
    },
    "a table of WordPress": {
        "ID": "7", "post_title": "Harbour opens", "post_content": "<p>The harbour opened on Friday.</p>",
        "post_excerpt": "", "post_date": "2024-05-03 12:00:00", "post_modified": "2024-05-04 12:00:00",
        "permalink": URL, "post_status": "publish", "post_type": "post", "author": "Ada Fox", "lang": "en",
        "Quelle": "Coast Herald", "category_name": "Local", "tags": "sea",
    },
    "Strapi": {
        "id": 7, "attributes": {
            "title": "Harbour opens", "content": "The harbour opened on Friday.", "url": URL, "locale": "en",
            "publishedAt": "2024-05-03T12:00:00.000Z", "author": {"data": {"id": 1, "attributes": {"name": "Ada Fox"}}},
            "tags": {"data": [{"id": 1, "attributes": {"name": "sea"}}]}, "source": "Coast Herald",
            "category": {"data": {"id": 2, "attributes": {"name": "Local"}}},
        },
    },
    "Wagtail": {
        "id": 7, "meta": {"type": "news.Page", "html_url": URL, "first_published_at": "2024-05-03T12:00:00Z"},
        "title": "Harbour opens", "body": [{"type": "paragraph", "value": "<p>The harbour opened on Friday.</p>"}],
        "author": "Ada Fox", "section": "Local", "tags": ["sea"], "locale": "en", "site_name": "Coast Herald",
    },
    "Arc": {
        "_id": "7", "type": "story", "headlines": {"basic": "Harbour opens"}, "canonical_url": URL, "language": "en",
        "content_elements": [{"type": "text", "content": "The harbour opened on Friday."}],
        "credits": {"by": [{"type": "author", "name": "Ada Fox"}]}, "display_date": "2024-05-03T12:00:00Z",
        "publish_date": "2024-05-05T12:00:00Z", "source": {"name": "Coast Herald"},
        "taxonomy": {"primary_section": {"name": "Local"}, "tags": [{"text": "sea"}]},
    },
    "Feedly": {
        "id": "x=", "title": "Harbour opens", "author": "Ada Fox", "published": 1714737600000, "language": "en",
        "content": {"content": "<p>The harbour opened on Friday.</p>", "direction": "ltr"},
        "origin": {"title": "Coast Herald", "streamId": "feed/x", "htmlUrl": "https://coast.example"},
        "alternate": [{"href": URL, "type": "text/html"}], "keywords": ["sea"],
        "categories": ["user/-/state/com.google/reading-list", "Local"],
    },
    "Aylien": {
        "id": 7, "title": "Harbour opens", "body": "The harbour opened on Friday.", "author": {"name": "Ada Fox"},
        "links": {"permalink": URL, "related_stories": "/related?id=7"}, "published_at": "2024-05-03T12:00:00Z",
        "source": {"name": "Coast Herald"}, "language": "en", "categories": [{"id": "L1", "label": "Local"}],
        "keywords": ["sea"],
    },
    "Alpha Vantage": {
        "title": "Harbour opens", "url": URL, "time_published": "20240503T120000", "authors": ["Ada Fox"],
        "summary": "The harbour opened on Friday.", "source": "Coast Herald", "topics": [{"topic": "sea"}],
        "language": "en", "section": "Local",
    },
    "Yahoo": {
        "id": "7", "content": {
            "title": "Harbour opens", "summary": "The harbour opened on Friday.", "pubDate": "2024-05-03T12:00:00Z",
            "provider": {"displayName": "Coast Herald", "url": "https://coast.example/"}, "byline": "Ada Fox",
            "canonicalUrl": {"url": URL, "lang": "en-US"}, "lang": "en", "section": "Local", "tags": ["sea"],
        },
    },
    "Yahoo, until 2024": {
        "uuid": "7", "title": "Harbour opens", "publisher": "Coast Herald", "link": URL, "lang": "en",
        "providerPublishTime": 1714737600, "text": "The harbour opened on Friday.", "author": "Ada Fox",
        "section": "Local", "topics": ["sea"],
    },
    "Firecrawl": {
        "success": True, "data": {"markdown": "The **harbour** opened on Friday.", "metadata": {
            "title": "Harbour opens", "sourceURL": URL, "publishedTime": "2024-05-03T12:00:00Z", "language": "en",
            "ogSiteName": "Coast Herald", "author": "Ada Fox", "section": "Local", "keywords": "sea",
        }},
    },
    "Readability": {
        "title": "Harbour opens", "byline": "Ada Fox", "content": "<div><p>The harbour opened on Friday.</p></div>",
        "textContent": "Read aloud The harbour opened on Friday.", "siteName": "Coast Herald", "lang": "en", "url": URL,
        "publishedTime": "2024-05-03T12:00:00Z", "section": "Local", "tags": ["sea"],
    },
    "Goose": {
        "title": "Harbour opens", "cleaned_text": "The harbour opened on Friday.", "authors": ["Ada Fox"],
        "meta": {"lang": "en", "canonical": URL, "description": "In short."}, "publish_date": "2024-05-03T12:00:00",
        "site_name": "Coast Herald", "tags": ["sea"], "links": ["https://coast.example/other"], "section": "Local",
    },
    "Meltwater": {
        "Date": "2024-05-03T12:00:00", "Headline": "Harbour opens", "URL": URL, "Language": "English",
        "Opening Text": "The harbour opened on Friday.", "Source": "Coast Herald", "Author": "Ada Fox",
        "Section": "Local", "Keywords": "sea",
    },
    "semsearch": {
        "origin": "a.jsonl:1", "text": "The harbour opened on Friday.", "article": {
            "article_id": "0" * 20, "title": "Harbour opens", "url": URL, "publisher": "Coast Herald",
            "authors": ["Ada Fox"], "published": "2024-05-03T12:00:00Z", "language": "en", "section": "Local",
            "tags": {"topics": ["sea"], "desk": ["night"]},
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_a_record_of_a_known_tool_is_the_same_article(tool: str) -> None:
    found = article(TOOLS[tool])
    metadata = found.metadata
    assert metadata.published
    assert metadata.published.text.startswith("2024-05-03T12:00:00")
    assert (found.text, metadata.title, metadata.url) == ("The harbour opened on Friday.", "Harbour opens", URL)
    assert (metadata.publisher, metadata.authors) == ("Coast Herald", ("Ada Fox",))
    assert (metadata.language, metadata.section, metadata.tags["topics"]) == ("en", "Local", ("sea",))
    assert metadata.article_id == url_id(URL)


def test_no_name_belongs_to_two_nouns() -> None:
    names = [name for folded in FIELDS.values() for name in folded]
    assert sorted(names) == sorted(set(names))


@given(st.sampled_from(sorted(FIELDS)).flatmap(lambda noun: st.sampled_from(FIELDS[noun])))
def test_a_folded_name_is_folded(name: str) -> None:
    assert fold(name) == name


# Text


def test_without_a_body_the_standfirst_is_the_text_then_the_summary_then_the_headline() -> None:
    nouns = {"title": "Harbour opens", "deck": "After three days.", "description": "Ferries sail again."}
    for gone, text, text_from in (
        (None, "After three days.", "summary"),
        ("deck", "Ferries sail again.", "summary"),
        ("description", "Harbour opens", "headline"),
    ):
        nouns.pop(gone or "", None)
        found = article(nouns)
        assert (found.text, found.metadata.tags["text_from"]) == (text, (text_from,))
    assert article_from({"author": "Ada Fox", "title": " "}, PLACE, "day.jsonl:1") == Skipped(
        "day.jsonl:1", "neither headline nor text"
    )


def test_a_standfirst_comes_before_a_body_that_does_not_hold_it() -> None:
    assert article({**STORY, "deck": "After three days."}).text == f"After three days.\n\n{STORY['text']}"
    assert article({**STORY, "deck": "the  harbour opened…"}).text == STORY["text"]


def test_a_plain_body_keeps_its_angles_and_an_html_body_loses_its_tags() -> None:
    assert article({"text": "Shares of Brandt <B> and IBM <IBM> rose, 3 < 4."}).text.count("<") == 3
    assert article({"text": "<div>One &amp; <IBM></div><div>two<br/>three</div>"}).text == "One & <IBM>\n\ntwo\nthree"


def test_entities_are_decoded_where_they_are_whole() -> None:
    found = article({"title": "R&amp;D &#8211; &ldquo;more&rdquo;", "text": "AT&T &copy 2024 &copy; ?a=1&lt=2"})
    assert found.metadata.title == "R&D – “more”"
    assert found.text == "AT&T &copy 2024 © ?a=1&lt=2"


SECTIONS = [{"heading": "A turn", "text": "One."}, {"title": "No turn", "text": "Two."}]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"paragraphs": ["One.", "Two."]}, "One.\n\nTwo."),
        ({"body": {"p1": "One.", "p2": "Two."}}, "One.\n\nTwo."),
        ({"body": {"0": "<p>One.</p>", "1": "Two."}}, "One.\n\nTwo."),
        ({"sections": SECTIONS}, "A turn\n\nOne.\n\nNo turn\n\nTwo."),
        ({"sections": SECTIONS, "text": "All of it."}, "All of it."),
        ({"body": [*SECTIONS[:1], {"heading": "Read also", "links": ["/fog"]}]}, "A turn\n\nOne."),
        ({"content": "All of …", "textContent": "All of it."}, "All of it."),
        ({"text": "All of it.", "paragraphs": 2}, "All of it."),
        ({"text": "All of it.", "cleaned_text": "all"}, "All of it."),
        ({"sections": [{"id": 3, "name": "Local"}, {"id": 4, "title": "Sea", "text": ""}]}, "Harbour opens"),
        ({"sections": ["Local", "Sea"]}, "Harbour opens"),
        ({"sections": [{"id": 3, "text": "Local"}]}, "Harbour opens"),
        ({"body": {"alt": "The crane", "src": "crane.jpg"}}, "Harbour opens"),
    ],
    ids=str,
)
def test_a_body_may_be_a_list_of_paragraphs_or_of_sections(body: dict[str, Any], text: str) -> None:
    assert article({"title": "Harbour opens", **body}).text == text


# Identity


def test_links_that_are_not_the_articles_own_are_no_address() -> None:
    for record in ({"links": ["https://coast.example/other"]}, {"links": {"self": "https://api.example/7"}}):
        assert article({**STORY, **record}).metadata.url is None
    for record in ({"alternate": [{"href": f"{URL}/fr", "hreflang": "fr"}]}, {"metadata": {"sourceURL": URL}}):
        assert article({**STORY, **record}).metadata.url is None


def test_a_link_to_somebody_elses_article_is_a_tag_and_no_identity() -> None:
    found = article({**STORY, "source_url": URL, "path": "a.md"})
    assert found.metadata.url is None
    assert found.metadata.tags["source_url"] == (URL,)
    assert found.metadata.article_id != url_id(URL)


def test_an_id_that_is_an_address_serves_as_the_address_where_there_is_none() -> None:
    assert article({**STORY, "guid": URL}).metadata.url == URL
    assert article({**STORY, "guid": URL, "link": f"{URL}/2"}).metadata.url == f"{URL}/2"


@pytest.mark.parametrize("url", ["https://coast.example/", "https://coast.example", "/news/harbour", "ftp://a.b/c"])
def test_what_is_no_article_address_is_no_identity(url: str) -> None:
    found = article({**STORY, "url": url})
    assert found.metadata.url is None
    assert found.metadata.tags["url"] == (url,)


def test_an_id_counts_within_the_source_then_the_publisher_then_the_file() -> None:
    record = {**STORY, "id": 1}
    content: dict[str, Any] = {**STORY, "date": "", "url": None, "source_id": "1"}
    for named, publisher, namespace in (
        ("Wire", "Herald", "Wire"),
        (None, "Herald", "Herald"),
        (None, None, "news/day.jsonl"),
    ):
        found = article({**record, "publisher": publisher}, Place("day.jsonl", "news/day.jsonl", named))
        assert found.metadata.article_id == article_id(namespace=namespace, **content)
        assert found.metadata.tags["source_id"] == ("1",)
    from_stdin = article(record, Place("-", ""))
    assert from_stdin.metadata.article_id == article_id(namespace="", **content)


def test_a_named_source_is_the_publisher_only_where_the_record_names_none() -> None:
    place = Place("day.jsonl", "news/day.jsonl", "Wire")
    assert article(STORY, place).metadata.publisher == "Wire"
    assert article({**STORY, "outlet": "Herald"}, place).metadata.publisher == "Herald"
    assert article({**STORY, "source_domain": "herald.example"}, place).metadata.publisher == "herald.example"


def test_a_slug_tells_articles_apart_only_together_with_the_date() -> None:
    ids = {
        article({"slug": "week", "title": title, "text": text, "date": date}).metadata.article_id
        for date, title, text in (
            ("2024-05-03", "The week", "A."),
            ("2024-05-03", "The week, mended", "B."),
            ("2024-05-10", "The week", "A."),
        )
    }
    assert len(ids) == 2


def test_of_files_the_name_the_title_and_the_date_make_the_identity() -> None:
    def file(namespace: str, title: str, text: str) -> str:
        record = {"title": title, "text": text}
        return article(record, Place(namespace, namespace), whole_file=True).metadata.article_id

    assert file("05/index.md", "Kites", "A.") == file("05/index.md", "Kites", "B.")
    assert file("05/index.md", "Kites", "A.") != file("05/index.md", "Boats", "A.")
    assert file("05/index.md", "Kites", "A.") != file("06/index.md", "Kites", "A.")
    assert file("05/001.txt", "", "A.") != file("05/001.txt", "", "B.")


# Publisher, people, language


@pytest.mark.parametrize(
    ("record", "publisher", "domain"),
    [
        ({"source": "Coast Herald"}, "Coast Herald", None),
        ({"source": "apnews.example"}, "apnews.example", "apnews.example"),
        ({"source": "www.USA.example"}, "USA.example", "usa.example"),
        ({"source": "https://coast.example/"}, "coast.example", "coast.example"),
        ({"source_domain": "coast.example", "media_name": "Coast Herald"}, "Coast Herald", "coast.example"),
        ({"source_domain": "coast.example"}, "coast.example", "coast.example"),
        ({"source": {"id": None, "name": "Coast Herald"}}, "Coast Herald", None),
        ({"source": 5}, None, None),
    ],
)
def test_a_publisher_is_a_name_and_a_domain_only_stands_in(
    record: dict[str, Any], publisher: str | None, domain: str | None
) -> None:
    metadata = article({**STORY, **record}).metadata
    assert metadata.publisher == publisher
    assert metadata.tags.get("domain") == (domain and (domain,))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Ada Fox", ["Ada Fox"]),
        ("BY ADA FOX, REUTERS", ["ADA FOX"]),
        ("Ada Fox and Ben Hill, Reuters", ["Ada Fox", "Ben Hill"]),
        ("Ada Fox, Ben Hill & Cara O'Neil", ["Ada Fox", "Ben Hill", "Cara O'Neil"]),
        ("Ada Fox; Hill, Ben", ["Ada Fox", "Hill, Ben"]),
        ("Hill, Ben", ["Hill, Ben"]),
        ("Department of Health and Human Services", ["Department of Health and Human Services"]),
        ("Associated Press", ["Associated Press"]),
        ("desk@coast.example (Ada Fox)", ["Ada Fox"]),
        (["Ada Fox", {"name": "Ben Hill"}, "Ada Fox"], ["Ada Fox", "Ben Hill"]),
        ("张三", ["张三"]),
        ("王小明、李華", ["王小明", "李華"]),
        ("记者 王小明", ["王小明"]),
        ("文/王小明", ["王小明"]),
        ("Von Ada Fox und Ben Hill", ["Ada Fox", "Ben Hill"]),
        ("Par Ada Fox et Ben Hill", ["Ada Fox", "Ben Hill"]),
        ("Por Ada Fox y José Ortega y Gasset", ["Ada Fox", "José Ortega y Gasset"]),
        ("Ada Fox e Ben Hill", ["Ada Fox", "Ben Hill"]),
        ("Ada Fox / Ben Hill", ["Ada Fox", "Ben Hill"]),
        ("Ada Fox e molti altri", ["Ada Fox e molti altri"]),
        ("von der Leyen, Ursula", ["von der Leyen, Ursula"]),
        ("Von Miller", ["Von Miller"]),
        ("Di Maio, Luigi", ["Di Maio, Luigi"]),
        ("Amt für Umwelt und Neue Energien", ["Amt für Umwelt und Neue Energien"]),
        ("Ada Fox\nBen Hill", ["Ada Fox", "Ben Hill"]),
        ("Ada Fox\nReuters", ["Ada Fox"]),
        ("Ada\nFox", ["Ada Fox"]),
        ("Ada Fox <ada@coast.example>, Ben Hill <ben@coast.example>", ["Ada Fox", "Ben Hill"]),
        ("Ada Fox (ada@coast.example)", ["Ada Fox"]),
        ("ada@coast.example", []),
        (["Ada Fox", "https://coast.example/people/ada"], ["Ada Fox"]),
        (12, []),
        ("Byron Fox", ["Byron Fox"]),
    ],
)
def test_a_byline_is_split_only_into_what_are_surely_names(written: object, names: list[str]) -> None:
    assert people(written) == names


@pytest.mark.parametrize(
    ("name", "tag"),
    [("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("eng", "en"), ("English", "en"), ("Deutsch", "de"),
     ("zh-Hans", "zh"), ("chi", "zh"), ("中文", "zh"), ("haw", "haw"), ("und", None), ("nan", None), ("unknown", None),
     ("", None), ("utf-8", None), ("nb-NO", "no")],
)  # fmt: skip
def test_a_language_is_its_primary_tag(name: str, tag: str | None) -> None:
    assert primary_tag(name) == tag


# Tags


def test_what_no_noun_takes_becomes_a_tag() -> None:
    assert tags({"split": "TRAIN", "places": ["usa", "uk"], "paid": False, "editor": {"name": "Ada"}}) == {
        "split": ("TRAIN",), "places": ("usa", "uk"), "paid": ("false",), "editor": ("Ada",),
    }  # fmt: skip


def test_nothing_long_and_nothing_empty_becomes_a_tag() -> None:
    assert tags({"a": None, "b": " ", "c": [], "d": {}}) == {}
    long = {"a": "x" * (MOST_CHARACTERS + 1), "b": list(range(MOST_VALUES + 1))}
    assert tags(long) == {"left_out": ("a", "b")}  # so that nothing is lost without a word


def test_an_object_without_a_name_becomes_tags_of_its_entries() -> None:
    assert tags({"geo": {"lat": 51.5, "place": {"city": "Kolmar", "zip": None}}}) == {
        "geo.lat": ("51.5",), "geo.place.city": ("Kolmar",),
    }  # fmt: skip


def test_topics_of_every_name_are_one_tag_and_sections_of_many_are_none() -> None:
    found = article({**STORY, "topics": ["sea"], "keywords": "sea, ships; storms", "categories": ["Local", "Sea"]})
    assert found.metadata.tags["topics"] == ("sea", "ships", "storms")
    assert found.metadata.section is None
    assert found.metadata.tags["categories"] == ("Local", "Sea")


def test_a_date_that_cannot_be_read_is_a_tag_unless_another_can() -> None:
    assert tags({"date": "03/04/2024"})["unparsed_date"] == ("03/04/2024",)
    assert tags({"published": True}) == {"published": ("true",)}
    found = article({**STORY, "language": "en", "published_at": "yesterday", "date": "2024-05-03"}).metadata
    assert found.published
    assert found.published.text == "2024-05-03"
    assert found.tags == {"published_at": ("yesterday",)}


# Wrong guesses that are not made


def test_an_address_as_source_is_the_articles_own_only_on_its_domain() -> None:
    assert article({**STORY, "source": URL, "hostname": "coast.example"}).metadata.url == URL
    for record in ({"source": URL}, {"source": URL, "hostname": "other.example"}):
        metadata = article({**STORY, **record}).metadata
        assert metadata.url is None
        assert metadata.tags["source"] == (URL,)
        assert metadata.publisher in (None, "other.example")


def test_an_empty_body_leaves_the_word_to_the_description() -> None:
    found = article(
        {"title": "Harbour opens", "body": " ", "text": [], "content": "<p></p>", "description": "In short."}
    )
    assert (found.text, found.metadata.tags["text_from"]) == ("In short.", ("summary",))


@pytest.mark.parametrize("moment", [1714731300, 1714731300000, "1714731300000", 1714731300000.0])
def test_unix_time_is_read_in_seconds_and_milliseconds(moment: object) -> None:
    published = article({**STORY, "date": moment}).metadata.published
    assert published
    assert published.text == "2024-05-03T10:15:00Z"


@pytest.mark.parametrize("name", ["seendate", "date_download", "indexed_date", "crawled", "crawl_date"])
def test_when_an_article_was_seen_is_not_when_it_was_published(name: str) -> None:
    found = article({**STORY, name: "20240503T101500Z"}).metadata
    assert found.published is None
    assert found.tags[name] == ("20240503T101500Z",)


@pytest.mark.parametrize(
    ("written", "topics"),
    [
        ("sea, ships", ("sea", "ships")),
        ("['sea', 'ships, old']", ("sea", "ships, old")),
        ('["sea", "caf\\u00e9"]', ("sea", "café")),
        ("[]", ()),
        ("Arts &amp; Crafts, Caf&eacute;s;Sea", ("Arts & Crafts", "Cafés", "Sea")),
        ("#sea #ships", ("sea", "ships")),
        ("the #1 ship", ("the #1 ship",)),
        ("sea\nold ships", ("sea", "old ships")),
        ("sea, old\nships", ("sea", "old ships")),
        ("البحر، السفن", ("البحر", "السفن")),
        ('{sea,"ships, old"}', ("sea", "ships, old")),
        ("['sea' 'old ships']", ("sea", "old ships")),
        (["sea, ships"], ("sea", "ships")),
        (["Kolmar, port of", "sea"], ("Kolmar, port of", "sea")),
        ([{"tag": "sea"}, {"topic": "ships", "score": 0.9}, {"id": 3, "slug": "storms"}], ("sea", "ships", "storms")),
        ({"data": [{"id": 1, "attributes": {"name": "sea"}}]}, ("sea",)),
        ({"sea": {"ID": 31, "name": "sea"}, "ships": {"ID": 32, "name": "ships"}}, ("sea", "ships")),
        ([31, 44], ()),
        ("31,44", ()),
        (["2024", "sea"], ("2024", "sea")),
        ([{"name": "subject", "value": "Sea"}, {"webTitle": "Ships"}], ("Sea", "Ships")),
    ],
)
def test_topics_are_read_in_every_form_of_a_list(written: object, topics: tuple[str, ...]) -> None:
    assert tags({"keywords": written}).get("topics", ()) == topics


@pytest.mark.parametrize(
    "written",
    [
        "['Ada Fox', \"Ben O'Hill\"]",
        "['Ada Fox'\n \"Ben O'Hill\"]",
        '{"Ada Fox",Ben O\'Hill,NULL}',
        '["Ada Fox", "Ben O\'Hill"]',
        '[{"name": "Ada Fox"}, {"name": "Ben O\'Hill", "id": 4}]',
        "[{'name': 'Ada Fox', 'mail': None}, {'name': \"Ben O'Hill\"}]",
        {"0": "Ada Fox", "1": "Ben O'Hill"},
        {"data": [{"id": 1, "attributes": {"name": "Ada Fox"}}, {"id": 2, "attributes": {"name": "Ben O'Hill"}}]},
    ],
    ids=str,
)
def test_authors_are_read_in_every_form_of_a_list(written: object) -> None:
    assert people(written) == ["Ada Fox", "Ben O'Hill"]


@pytest.mark.parametrize("cell", ["[Ada Fox", "{'name': Ada}", "[" * 3_000 + "]" * 3_000, "{Ada: Fox}"])
def test_what_is_no_list_is_not_taken_apart(cell: str) -> None:
    assert people(cell) in ([cell], [])


@pytest.mark.parametrize(
    "person",
    [
        {"first_name": "Ada", "last_name": "Fox"},
        {"firstName": "Ada", "lastName": "Fox", "title": "Reporter"},
        {"given": "Ada", "family": "Fox"},
        {"id": 5, "username": "ada", "full_name": "Ada Fox"},
        {"name": "Ada Fox", "first_name": "A.", "last_name": "F."},
        {"first_name": "", "last_name": "Ada Fox"},
    ],
)
def test_a_persons_name_may_be_in_parts(person: dict[str, Any]) -> None:
    assert people([person]) == ["Ada Fox"]


def test_an_author_without_a_name_is_none_and_kept_as_a_tag() -> None:
    found = article({**STORY, "author": "ada@coast.example"}).metadata
    assert (found.authors, found.tags["author"]) == ((), ("ada@coast.example",))


def test_sections_with_a_semicolon_between_them_are_many() -> None:
    found = article({**STORY, "categories": "Local;Sea"}).metadata
    assert (found.section, found.tags["categories"]) == (None, ("Local", "Sea"))


@pytest.mark.parametrize(
    ("written", "section"),
    [
        ("Arts &amp; Crafts", "Arts & Crafts"),
        ("Health &#038; Science", "Health & Science"),
        ("Caf&eacute;", "Café"),
        ("['Local']", "Local"),
        ({"id": 7, "slug": "local"}, "local"),
        ({"data": {"id": 7, "attributes": {"name": "Local"}}}, "Local"),
        (["Local", "Sea"], None),
        (7, None),
        ("7", None),
    ],
)
def test_a_section_is_one_name_in_whatever_form(written: object, section: str | None) -> None:
    assert article({**STORY, "section": written}).metadata.section == section


def test_the_id_of_a_section_leaves_the_word_to_its_name_and_is_a_tag() -> None:
    found = article({**STORY, "category": 7, "category_name": "Local"}).metadata
    assert (found.section, found.tags["category"]) == ("Local", ("7",))


def test_wordpress_says_names_beside_ids_if_asked_for_them() -> None:
    terms = [[{"taxonomy": "category", "name": "Local"}], [{"taxonomy": "post_tag", "name": "sea"}]]
    post = {"id": 7, "title": {"rendered": "Harbour opens"}, "author": 12, "categories": [5], "tags": [31]}
    bare = article(post).metadata
    assert (bare.authors, bare.section, bare.tags.get("topics")) == ((), None, None)
    told = article({**post, "_embedded": {"author": [{"id": 12, "name": "Ada Fox"}], "wp:term": terms}}).metadata
    assert (told.authors, told.section, told.tags["topics"]) == (("Ada Fox",), "Local", ("sea",))
    unknown = article({**post, "_embedded": {"author": [{"code": "rest_user_invalid_id"}], "wp:term": [[]]}}).metadata
    assert (unknown.authors, unknown.section) == ((), None)


def test_a_form_that_asks_for_a_password_is_no_text() -> None:
    form = {"rendered": "<p>Enter your password to view it.</p><form><input></form>", "protected": True}
    found = article({"title": "Harbour opens", "content": form})
    assert (found.text, found.metadata.tags["text_from"]) == ("Harbour opens", ("headline",))
    opened = {"rendered": "<p>The harbour opened.</p>", "protected": True}
    assert article({"title": "Harbour opens", "content": opened}).text == "The harbour opened."


def test_a_summary_comes_before_the_sections_in_whatever_order_they_are_written() -> None:
    body = {"sections": [{"paragraphs": ["One."], "headline": ["A turn"]}], "summary": ["In short."]}
    assert article({"title": "x", "body": body}).text == "In short.\n\nA turn\n\nOne."


# Names that a user gives


def mapped(record: dict[str, Any], *pairs: str) -> Article:
    return article(record, Place("day.jsonl", "news/day.jsonl", names=parse_names(pairs)))


def test_a_name_that_is_given_comes_before_all_others() -> None:
    record = {**STORY, "Schlagzeile": "Hafen offen", "Inhalt": "Der Hafen ist offen.", "body_markdown": "# No"}
    found = mapped(record, "title=schlagzeile", "text=Inhalt")
    assert (found.metadata.title, found.text) == ("Hafen offen", "Der Hafen ist offen.")
    assert found.metadata.tags.keys() & {"Schlagzeile", "Inhalt"} == set()


def test_a_name_that_is_given_comes_before_what_is_known_of_its_program() -> None:
    record = {"title": "Harbour opens", "content": "<p>In HTML.</p>", "textContent": "Plain."}
    assert (article(record).text, mapped(record, "text=textContent").text) == ("In HTML.", "Plain.")
    entry = {**STORY, "origin": {"streamId": "feed/x", "title": "Coast Herald"}, "alternate": [{"href": URL}]}
    assert mapped(entry, "url=alternate", "section=origin.title").metadata.section == "Coast Herald"
    assert mapped(entry, "url=alternate").metadata.url == URL


def test_a_name_that_is_given_to_one_noun_is_no_other_nouns() -> None:
    found = mapped({**STORY, "source": "Local"}, "section=source").metadata
    assert (found.publisher, found.section) == (None, "Local")


def test_a_dotted_name_reaches_into_objects() -> None:
    record = {**STORY, "Thread": {"Site": "Coast Herald", "n": 1}, "box": {"in": [{"no": 1}], "by": "Ada Fox"}}
    found = mapped(record, "publisher=thread.site", "authors=box.by", "section=box.in.no", "url=box.nowhere").metadata
    assert (found.publisher, found.authors, found.section) == ("Coast Herald", ("Ada Fox",), None)
    assert mapped({**STORY, "a.b": "Local"}, "section=a.b").metadata.section == "Local"


@given(st.sampled_from(sorted(FIELDS)), st.text(min_size=1).filter(lambda name: name.strip()))
def test_a_name_that_no_record_has_changes_nothing(noun: str, name: str) -> None:
    assert mapped(STORY, f"{noun}=x{name}x") == article(STORY)


@pytest.mark.parametrize("pair", ["title", "title=", "=x", "headline=x", "", "Title=x"])
def test_an_unknown_field_is_refused_with_the_fields(pair: str) -> None:
    with pytest.raises(UsageError, match="source_id, standfirst"):
        parse_names(["title=x", pair])
    assert parse_names(["title = a=b ", "text=c"]) == {"a=b": "title", "c": "text"}


@pytest.mark.parametrize(
    ("pair", "hint"),
    [
        ("Headline=title", "did you mean --map title=Headline?"),
        ("headline=Kopf", "did you mean --map title=Kopf?"),
        ("date=Wann", "did you mean --map published=Wann?"),
        ("colour=Farbe", "write the field first"),
        ("titel=title", "did you mean --map title=titel?"),
        ("sectoin=topics", "did you mean --map section=topics?"),
        ("publishd=date", "did you mean --map published=date?"),
        ("titel=", "write the field first"),
    ],
)
def test_a_field_that_is_a_column_or_has_another_name_is_told(pair: str, hint: str) -> None:
    with pytest.raises(UsageError, match="the fields are") as refused:
        parse_names([pair])
    assert hint in refused.value.hint


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "value", "text", "@id", "paragraphs", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(sorted(name for folded in FIELDS.values() for name in folded)) | st.text(max_size=12)
records = st.dictionaries(names | st.sampled_from(["_source", "metadata", "tags", "article"]), values, max_size=10)


@given(records, st.booleans())
def test_any_record_is_an_article_in_normal_form_or_skipped(record: dict[str, Any], whole_file: bool) -> None:
    found = article_from(record, PLACE, "day.jsonl:1", whole_file=whole_file)
    assert found == article_from(record, PLACE, "day.jsonl:1", whole_file=whole_file)
    if isinstance(found, Article):
        metadata = found.metadata
        assert found.text
        assert normalise_text(found.text) == found.text
        lines = [metadata.title, metadata.publisher or "", metadata.section or "", *metadata.authors]
        lines += [line for key, kept in metadata.tags.items() for line in (key, *kept)]
        assert [normalise_line(line) for line in lines] == lines


@pytest.mark.parametrize("mark", ["[+1200 chars]", "[1200 chars]"])
def test_a_cut_text_is_a_summary(mark: str) -> None:
    cut = article({**STORY, "text": None, "content": f"The ship came in before noon… {mark}"})
    assert cut.text == "The ship came in before noon…"
    assert cut.metadata.tags["text_from"] == ("summary",)


def test_what_news_api_removed_is_said() -> None:
    removed = article_from({"title": "[Removed]", "content": "[Removed]"}, PLACE, "a:1")
    assert removed == Skipped("a:1", "removed by its source")
