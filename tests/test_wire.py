"""ninjs, NewsML-G2, NewsML 1 and NITF: the text with what its agency says of it, and what is none says what it is."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.ports import Place
from semsearch.sources import read
from semsearch.sources.records.lines import read_records
from semsearch.sources.wire.objects import unfold
from semsearch.sources.wire.xml import read_xml
from semsearch.types import Article, Skipped

G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1"><itemMeta>{meta}</itemMeta>'
    "<contentMeta><headline>Head</headline>{about}</contentMeta><contentSet>{content}</contentSet></newsItem>"
)
NITF = '<inlineXML><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body>{}</body></nitf></inlineXML>'
PLACE = Place("wire", "wire")


def g2(meta: str = "", about: str = "", content: str = "<inlineData>Words.</inlineData>") -> Article | Skipped:
    [found] = read_xml(io.BytesIO(G2.format(meta=meta, about=about, content=content).encode()), PLACE)
    return found


def ninjs(**entries: object) -> Article | Skipped:
    item = {"uri": "http://x.example/1", "type": "text", "versioncreated": "2024-05-03T09:00:00Z", **entries}
    return next(iter(unfold(item, PLACE, "wire") or ()))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (NITF.format("<body.content><p>One</p><hl2>Two</hl2><p>three <org>Four</org></p></body.content>"),
         "One\n\nTwo\n\nthree Four"),
        (NITF.format("<body.content><media><media-caption>No</media-caption></media><p>Yes</p></body.content>"), "Yes"),
        (NITF.format("<body.head><abstract><p>Above</p></abstract></body.head><body.content><p>Below</p></body.content>"),
         "Above\n\nBelow"),
        ("<inlineXML><html><head><title>No</title></head><body><p>Yes</p></body></html></inlineXML>", "Yes"),
        ("<inlineXML><html><body><p>Yes</p><figcaption>No</figcaption></body></html></inlineXML>", "Yes"),
        ('<inlineXML><h:html xmlns:h="urn:any"><h:body><h:p>Yes</h:p></h:body></h:html></inlineXML>', "Yes"),
        ("<inlineXML><x:story><P>Out <x:tag>and in</x:tag></P><p>two</p></x:story></inlineXML>", "Out and in\n\ntwo"),
        ("<inlineXML><p>Bare</p><p>words</p></inlineXML>", "Bare\n\nwords"),
        ('<inlineData contenttype="text/html">&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</inlineData>', "One\n\ntwo"),
        ('<inlineData encoding="base64">bm8=</inlineData><inlineData>Plain</inlineData>', "Plain"),
    ],
)  # fmt: skip
def test_the_text_of_an_item_is_its_paragraphs(content: str, text: str) -> None:
    found = g2(content=content)
    assert isinstance(found, Article)
    assert found.text == text


@pytest.mark.parametrize(
    ("meta", "content", "reason"),
    [
        ('<pubStatus qcode="stat:canceled"/>', "<inlineData>x</inlineData>", "withdrawn by its source (canceled)"),
        ('<pubStatus uri="http://x.example/status/withheld"/>', "", "withdrawn by its source (withheld)"),
        ("<embargoed/>", "<inlineData>x</inlineData>", "under embargo until further notice"),
        ('<itemClass qcode="ninat:video"/>', "<remoteContent/>", "a video without a text: its content is elsewhere"),
        ('<itemClass qcode="ninat:text"/>', "<remoteContent/>", "an item without a text: its content is elsewhere"),
        ('<itemClass qcode="ninat:composite"/>', "<inlineXML><events/></inlineXML>",
         "a package of other items without a text: its content is <events>"),
    ],
)  # fmt: skip
def test_an_item_that_is_no_article_says_what_it_is(meta: str, content: str, reason: str) -> None:
    assert g2(meta, content=content) == Skipped("wire", reason)


def test_an_item_keeps_what_its_agency_says_of_it() -> None:
    found = g2(
        '<versionCreated>2024-05-03T09:30:00+02:00</versionCreated><firstCreated>2024-05-03T09:00:00+02:00</firstCreated>'
        '<embargoed>2024-05-03T08:00:00Z</embargoed><provider qcode="nprov:EXW"/>',
        '<by>Von Ada Fox</by><language tag="de-CH"/><subject><name>rivers</name></subject>'
        '<subject type="cpnat:person"><name>Hugo Pear</name></subject><dateline>OLD TOWN</dateline>',
    )  # fmt: skip
    assert isinstance(found, Article)
    said = found.metadata
    assert said.published
    assert said.updated
    assert (said.published.text, said.updated.text) == ("2024-05-03T09:00:00+02:00", "2024-05-03T09:30:00+02:00")
    assert (said.publisher, said.authors, said.language) == ("EXW", ("Ada Fox",), "de")
    assert said.tags["source_id"] == ("urn:x:1",)
    assert said.tags["topics"] == ("rivers", "Hugo Pear")
    assert said.tags["person"] == ("Hugo Pear",)
    assert said.tags["dateline"] == ("OLD TOWN",)
    assert said.tags["embargoed"] == ("2024-05-03T08:00:00Z",)


def test_where_a_text_in_nitf_was_printed_is_known() -> None:
    raw = (
        "<nitf><head><pubdata name='Bay Post' position.section='Local' date.publication='20240503'/></head>"
        "<body><body.head><hedline><hl1>Ferry</hl1></hedline></body.head><body.content><p>It is late.</p>"
        "</body.content></body></nitf>"
    )
    [found] = read_xml(io.BytesIO(raw.encode()), PLACE)
    assert isinstance(found, Article)
    said = found.metadata
    assert (said.publisher, said.section, said.published and said.published.text) == ("Bay Post", "Local", "2024-05-03")


@pytest.mark.parametrize("order", [("short", "main"), ("main", "sub"), ("sub", "")])
def test_the_main_headline_is_the_title_wherever_it_stands(order: tuple[str, str]) -> None:
    lines = "".join(f'<headline role="hlrole:{role}">{role}</headline>' for role in order if role)
    lines += "" if "main" in order else "<headline>main</headline>"
    raw = f"<newsItem guid='u'><contentMeta>{lines}</contentMeta></newsItem>"
    [found] = read_xml(io.BytesIO(raw.encode()), PLACE)
    assert isinstance(found, Article)
    assert found.metadata.title == "main"


def test_what_an_item_says_of_all_its_stories_holds_where_a_story_says_nothing_else() -> None:
    story = "<NewsComponent><NewsLines><HeadLine>{0}</HeadLine>{1}</NewsLines></NewsComponent>"
    stories = story.format("One", "<DateLine>Rome</DateLine>") + story.format("Two", "<DateLine> </DateLine>")
    raw = f"<NewsML><NewsItem><Genre FormalName='Feature'/>{stories}</NewsItem></NewsML>"
    one, two = read_xml(io.BytesIO(raw.encode()), PLACE)
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert one.metadata.tags["dateline"] == ("Rome",)
    assert one.metadata.tags["genre"] == two.metadata.tags["genre"] == ("Feature",)


def test_a_revision_has_the_identity_of_what_it_revises() -> None:
    item = (
        "<NewsML><NewsItem><Identification><NewsIdentifier><RevisionId>{0}</RevisionId><PublicIdentifier>urn:x:9:{0}"
        "</PublicIdentifier></NewsIdentifier></Identification><NewsComponent><NewsLines><HeadLine>{1}</HeadLine>"
        "</NewsLines></NewsComponent></NewsItem></NewsML>"
    )
    [first] = read_xml(io.BytesIO(item.format(1, "Before").encode()), PLACE)
    [later] = read_xml(io.BytesIO(item.format(2, "After").encode()), PLACE)
    assert isinstance(first, Article)
    assert isinstance(later, Article)
    assert first.metadata.article_id == later.metadata.article_id


def test_an_item_in_two_languages_is_two_articles() -> None:
    story = (
        "<NewsComponent><NewsLines><HeadLine>{0}</HeadLine></NewsLines><DescriptiveMetadata>"
        '<Language FormalName="{1}"/></DescriptiveMetadata>'
        "<ContentItem><DataContent><p>{0} text.</p></DataContent></ContentItem></NewsComponent>"
    )
    stories = story.format("One", "en") + story.format("Eins", "de")
    raw = f"<NewsML><NewsItem><NewsComponent>{stories}</NewsComponent></NewsItem></NewsML>"
    found = [one for one in read_xml(io.BytesIO(raw.encode()), PLACE) if isinstance(one, Article)]
    assert [(one.metadata.title, one.metadata.language, one.origin) for one in found] == [
        ("One", "en", "wire#1"),
        ("Eins", "de", "wire#1.2"),
    ]
    assert [one.text for one in found] == ["One text.", "Eins text."]


def test_an_item_of_endless_stories_comes_to_an_end() -> None:
    story = "<NewsComponent><NewsLines><HeadLine>x</HeadLine></NewsLines></NewsComponent>"
    raw = f"<NewsML><NewsItem><NewsComponent>{story * 5_000}</NewsComponent></NewsItem></NewsML>"
    *articles, last = read_xml(io.BytesIO(raw.encode()), PLACE)
    assert len(articles) == 50
    assert last == Skipped("wire#1", "more than 50 stories in one item; the others are left out")


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ({"body_xhtml": "<p>One</p><p>two</p>", "body_text": "Other"}, "One\n\ntwo"),
        ({"body_text": "One\n\ntwo"}, "One\n\ntwo"),
        ({"bodies": [{"contenttype": "text/plain", "value": "Other"}, {"role": "html", "value": "<p>Yes</p>"}]}, "Yes"),
        ({"bodies": [{"role": "nitf", "value": "<nitf><body.content><p>Yes</p></body.content></nitf>"}]}, "Yes"),
        ({"headline": "Same", "body_text": "Same\nThe rest."}, "The rest."),
        ({"headline": "Head", "description_text": "In short."}, "In short."),
        ({"type": "picture", "headline": "Head", "body_text": "A story of it."}, "A story of it."),
    ],
)  # fmt: skip
def test_the_best_body_of_an_item_is_its_text(entries: Mapping[str, object], text: str) -> None:
    found = ninjs(**entries)
    assert isinstance(found, Article)
    assert found.text == text


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"type": "video", "headline": "x"}, "a video, and no text of its own"),
        ({"type": "picture", "description_text": "A cat.", "body_text": "A cat."}, "a picture, and no text of its own"),
        ({"pubstatus": "canceled", "body_text": "x"}, "withdrawn by its source (canceled)"),
        ({"pubStatus": "withheld", "body_text": "x"}, "withdrawn by its source (withheld)"),
        ({"type": None, "eventDetails": {"dates": {}}, "title": "x"}, "an event, and no text of its own"),
    ],
)
def test_an_object_that_is_no_article_says_what_it_is(entries: Mapping[str, object], reason: str) -> None:
    assert ninjs(**entries) == Skipped("wire", reason)


def test_a_collection_gives_the_texts_in_it() -> None:
    inner = {"uri": "http://x.example/2", "type": "text", "versioncreated": "2024-05-03", "body_text": "Inside."}
    outer = {
        "uri": "http://x.example/1", "type": "composite", "versioncreated": "2024-05-03", "language": "en",
        "associations": [{"uri": "http://x.example/p", "type": "picture"}, inner],
    }  # fmt: skip
    found = list(unfold(outer, PLACE, "wire") or ())
    assert found[0] == Skipped("wire", "a package of other items, and no text of its own; the texts in it are read")
    [article] = [one for one in found if isinstance(one, Article)]
    assert (article.text, article.origin, article.metadata.language) == ("Inside.", "wire#2", "en")


@pytest.mark.parametrize(
    "record",
    [
        {"uri": "x", "title": "A title", "text": "A text"},
        {"version": "https://jsonfeed.org/version/1", "text": "no items"},
        {"version": 1, "items": []},
        {"headline": "x", "versioncreated": "2024"},
    ],
)
def test_other_objects_are_left_to_others(record: Mapping[str, object]) -> None:
    assert unfold(record, PLACE, "x") is None


INNER = ("name", "value", "role", "uri", "type", "body_text", "rel", "href")
OUTER = (
    "type", "pubstatus", "headline", "headlines", "bodies", "body_text", "body_xhtml", "byline", "by", "language",
    "subject", "subjects", "place", "person", "associations", "items", "links", "standard", "version", "embargoed",
    "firstcreated", "copyrightholder", "infosources", "descriptions", "title", "eventDetails",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(INNER), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(OUTER),
        VALUES,
    )
)  # fmt: skip
def test_values_of_any_shape_are_read_or_refused(entries: dict[str, object]) -> None:
    for one in unfold({"uri": "u", "versioncreated": "x", **entries}, PLACE, "wire") or ():
        assert one.text if isinstance(one, Article) else one.reason
    feed = {"version": "https://jsonfeed.org/version/1", "items": [entries, *entries.values()], **entries}
    feed["version"] = "https://jsonfeed.org/version/1"
    for one in unfold(feed, PLACE, "wire") or ():
        assert one.text if isinstance(one, Article) else one.reason


def test_a_list_of_items_is_read_one_by_one() -> None:
    items = [{"uri": f"u{number}", "versioncreated": "2024", "body_text": f"T{number}"} for number in range(3)]
    found = read_records(io.BytesIO(json.dumps(items, indent=1).encode()), PLACE)
    assert [one.text for one in found if isinstance(one, Article)] == ["T0", "T1", "T2"]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("folder", "pattern", "count", "untitled"),
    [
        ("ninjs/examples/1.4", "*.json", 9, 0),
        ("ninjs/examples/2.1", "*.json", 7, 0),
        ("ninjs/examples/3.0", "**/*.json", 10, 0),
        ("ninjs/examples/NewsML", "*.xml", 4, 0),
        ("newsmlg2/examples", "*.xml", 6, 1),
    ],
)
def test_the_examples_of_the_standards_are_read(
    corpora: Path, folder: str, pattern: str, count: int, untitled: int
) -> None:
    found = [one for path in sorted((corpora / folder).glob(pattern)) for one in read(path)]
    articles = [one for one in found if isinstance(one, Article)]
    assert len(articles) == count
    assert sum(not one.metadata.title for one in articles) == untitled
    assert all(one.reason for one in found if not isinstance(one, Article))
