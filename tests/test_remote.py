"""Feeds and pages by address: what is read, what is asked for again, and what a server may do without harm."""

import gzip
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from semsearch import Fetch, Index
from semsearch.errors import UsageError
from semsearch.fetched import NAME, Memory
from semsearch.ports import Encoder
from semsearch.sources import read
from semsearch.sources.remote import client, visits
from semsearch.sources.remote.robots import Robots
from semsearch.types import Article, Skipped, Unreadable
from tests.sites import HTML, RSS, Answer, Site, item, moved, page, reasons, rss, titles

Reading = Article | Skipped | Unreadable
HASTY = Fetch(allow_private=True, pause=0, timeout=0.5)
FOLLOWING = Fetch(allow_private=True, pause=0, timeout=0.5, follow=True)


def fetched(*addresses: str, fetch: Fetch = HASTY, memory: Memory | None = None) -> list[Reading]:
    return list(read(list(addresses), fetch=fetch, memory=memory))


# What is read

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Town Times</title><entry><title>Quay</title>
<link href="/quay.html"/><id>tag:1</id><published>2024-05-03T09:15:00Z</published><content>Open again.</content>
</entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Town Times</title></channel><item><title>Quay</title>
<link>{url}/quay.html</link><dc:date>2024-05-03T09:15:00Z</dc:date><description>Open again.</description></item>
</rdf:RDF>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Town Times", "items": [{"id": "1",
"title": "Quay", "url": "{url}/quay.html", "content_text": "Open again.", "date_published": "2024-05-03T09:15:00Z"}]}"""


@pytest.mark.parametrize(
    ("feed", "kind"),
    [
        (ATOM, "application/atom+xml"),
        (RDF, "text/xml"),
        (JSON_FEED, "application/feed+json"),
        (ATOM, "text/html"),
        (RDF, "text/plain"),
    ],
)
def test_feeds_of_every_form_are_read_from_their_address(site: Site, feed: str, kind: str) -> None:
    site.answers["/feed"] = Answer(feed.replace("{url}", site.url).encode(), {"Content-Type": kind})
    [one] = fetched(f"{site.url}/feed")
    assert isinstance(one, Article)
    assert (one.metadata.title, one.metadata.publisher, one.text) == ("Quay", "Town Times", "Open again.")
    assert one.metadata.url == f"{site.url}/quay.html"
    assert one.metadata.origin == f"{site.url}/feed"
    site.answers["/quay.html"] = page("The quay", "the quay")
    [whole] = fetched(f"{site.url}/feed", fetch=FOLLOWING)
    assert isinstance(whole, Article)
    assert whole.text.startswith("The quay was what the harbour board")
    assert whole.metadata.article_id == one.metadata.article_id


def test_a_page_keeps_its_address_and_the_feed_says_what_the_page_does_not(site: Site) -> None:
    site.answers |= {
        "/feed": rss(item(site, "quay"), item(site, "crane")),
        "/quay.html": page("Quay opens", "the quay"),
    }
    site.answers["/crane.html"] = page(
        "Crane", "the crane", '<meta property="article:published_time" content="2024-06-01T08:00:00Z">'
    )
    quay, crane = fetched(f"{site.url}/feed", fetch=FOLLOWING)
    assert isinstance(quay, Article) and isinstance(crane, Article)
    assert quay.metadata.url == quay.metadata.origin == f"{site.url}/quay.html"
    assert (quay.metadata.title, quay.metadata.publisher) == ("Quay opens", "Town Times")
    assert str(quay.metadata.published and quay.metadata.published.text).startswith("2024-05-03T09:15")
    assert quay.metadata.tags["date_from"] == ("feed",)
    assert str(crane.metadata.published and crane.metadata.published.text).startswith("2024-06-01")
    assert "date_from" not in crane.metadata.tags


def test_what_the_feed_has_stands_where_the_page_cannot_be_had(site: Site) -> None:
    site.answers |= {"/feed": rss(item(site, "gone"), item(site, "quay")), "/quay.html": page("Quay", "the quay")}
    readings = fetched(f"{site.url}/feed", fetch=FOLLOWING)
    assert titles(readings) == ["gone", "Quay"]
    assert reasons(readings) == [
        f"{site.url}/gone.html: the server answered 404 Not Found: check the address, and that it is public"
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_the_pages_of_a_sitemap_are_followed(site: Site, packed: bool) -> None:
    sitemap = f"""<?xml version="1.0"?><!-- by a machine --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{site.url}/quay.html</loc><news:news><news:publication>
    <news:name>Town Times</news:name></news:publication><news:publication_date>2024-05-03</news:publication_date>
    <news:title>Quay</news:title></news:news></url><url><nothing/></url></urlset>""".encode()
    site.answers["/map"] = Answer(gzip.compress(sitemap) if packed else sitemap)
    site.answers["/quay.html"] = page("The quay", "the quay")
    [one] = fetched(f"{site.url}/map", fetch=FOLLOWING)
    assert isinstance(one, Article)
    assert one.metadata.published and one.metadata.published.text == "2024-05-03"
    assert one.metadata.publisher == "Town Times"
    assert "with --follow" in reasons(fetched(f"{site.url}/map"))[0]


def test_a_sitemap_may_say_anything(site: Site) -> None:
    news = "<publication_date>{0}</publication_date><title>{0}</title><name>{0}</name>".format("9" * 1_100_000)
    pages = f"<url><loc>{site.url}/{'x' * 9_000}</loc></url><url><loc>{site.url}/quay</loc>{news}</url><url/><x/>"
    site.answers["/map"] = Answer(f"<urlset>{pages}<url><loc>http://[</loc></url>".encode())
    site.answers["/quay"] = page("", "the quay")
    readings = fetched(f"{site.url}/map", fetch=FOLLOWING)
    assert len(titles(readings)[0]) == 1_000
    assert len(reasons(readings)) == 1


def test_a_page_a_packed_table_and_a_file_are_read_in_one_run(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Notes\n\nThe first ship came in before noon.")
    table = gzip.compress(b"title,text\nCrane,The crane fell in the storm.\n")
    site.answers |= {"/quay": page("Quay", "the quay"), "/t.csv": Answer(table, {"Content-Encoding": "gzip"})}
    readings = fetched(f"{site.url}/quay", str(tmp_path / "a.txt"), f"{site.url}/t.csv")
    assert titles(readings) == ["Quay", "Notes", "Crane"]


def test_a_text_at_an_address_is_a_text_and_no_dump_of_a_page(site: Site) -> None:
    text = "Second quay opens\n\nThe first ship came in before noon."
    site.answers["/a.txt"] = Answer(text.encode(), {"Content-Type": "text/plain"})
    [one] = fetched(f"{site.url}/a.txt")
    assert isinstance(one, Article)
    assert (one.metadata.title, one.text) == ("Second quay opens", "The first ship came in before noon.")


def test_a_front_page_is_no_article_and_names_its_feeds(site: Site) -> None:
    feeds = '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel=alternate type=text/css href=x>'
    site.answers["/"] = Answer(f"<html><head>{feeds}</head><body><a href=/a>Quay</a></body></html>".encode(), HTML)
    [lost] = fetched(f"{site.url}/")
    assert isinstance(lost, Skipped)
    assert lost.reason.endswith(f"give the address of its feed: {site.url}/feed")


# What is asked for, and how


def test_a_second_run_reads_what_is_new_or_changed(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in ("quay", "crane", "ferry")}
    site.answers["/feed"] = rss(item(site, "quay"), item(site, "crane"))
    address = f"{site.url}/feed"
    index = Index.build(address, tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    assert len(index) == 2
    site.log.clear()
    assert index.add(address, fetch=FOLLOWING).articles == 0
    assert site.paths() == ["/feed"]
    site.log.clear()
    site.answers["/feed"] = rss(item(site, "quay"), item(site, "crane", "Crane, corrected"), item(site, "ferry"))
    site.answers["/crane.html"] = page("crane", "the mended crane")
    summary = index.add(address, fetch=FOLLOWING)
    assert (summary.added, summary.replaced) == (1, 1)
    assert site.paths() == ["/feed", "/crane.html", "/ferry.html"]
    assert all("if-none-match" in asked for path, asked in site.log if path in ("/feed", "/crane.html"))
    assert all(asked["user-agent"].startswith("semsearch/") for _, asked in site.log)
    assert not {"cookie", "authorization"} & {name for _, asked in site.log for name in asked}


def test_what_failed_is_fetched_by_the_next_run_and_nothing_else(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers["/feed"] = rss(item(site, "quay"), item(site, "crane"))
    site.answers |= {"/quay.html": Answer(status=500), "/crane.html": page("Crane", "the crane")}
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    quay = next(one.article_id for one in index.articles() if one.title == "quay")
    site.answers["/quay.html"] = page("Quay", "the quay")
    site.log.clear()
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).replaced == 1
    assert site.paths() == ["/feed", "/quay.html"]
    assert index.get(quay).metadata.title == "Quay"
    site.log.clear()
    index.add(f"{site.url}/feed", fetch=FOLLOWING)
    assert site.paths() == ["/feed"]


def test_an_index_that_is_made_anew_remembers_nothing(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers["/feed"] = rss(item(site, "quay"))
    Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=HASTY).close()
    with Index.create(tmp_path / "x", encoder=hashing, force=True) as index:
        assert index.add(f"{site.url}/feed", fetch=HASTY).added == 1
        assert index.add(f"{site.url}/feed", fetch=FOLLOWING).unchanged == 1  # asked otherwise, so read again


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version":1}', b'{"version":2}', b'{"version":2,"addresses":{"x":{}}}', b"[" * 99_999],
)
def test_a_memory_that_is_damaged_costs_nothing_but_a_fetch(
    site: Site, tmp_path: Path, hashing: Encoder, content: bytes
) -> None:
    site.answers["/feed"] = rss(item(site, "quay"))
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=HASTY)
    (tmp_path / "x" / NAME).write_bytes(content)
    assert index.add(f"{site.url}/feed", fetch=HASTY).unchanged == 1
    assert json.loads((tmp_path / "x" / NAME).read_bytes())["version"] == 2


def test_nothing_is_remembered_of_a_run_that_failed(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers["/feed"] = rss(item(site, "quay"))
    index = Index.create(tmp_path / "x", encoder=hashing)
    memory = Memory.of(index.location)
    readings = read(f"{site.url}/feed", fetch=HASTY, memory=memory)
    next(readings)
    readings.close()  # type: ignore[attr-defined]
    memory.save()
    assert not (tmp_path / "x" / NAME).exists()


def test_a_page_that_two_feeds_list_is_fetched_once(site: Site) -> None:
    site.answers |= {
        "/a": rss(item(site, "quay")),
        "/b": rss(item(site, "quay")),
        "/quay.html": page("Quay", "the quay"),
    }
    assert titles(fetched(f"{site.url}/a", f"{site.url}/b", fetch=FOLLOWING)) == ["Quay"]
    assert site.paths() == ["/a", "/quay.html", "/b"]


def test_the_limit_of_pages_leaves_the_rest_to_the_next_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MOST_PAGES", 2)
    names = ["quay", "crane", "ferry"]
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in names}
    site.answers["/feed"] = rss(*(item(site, name) for name in names))
    memory = Memory()
    first = fetched(f"{site.url}/feed", fetch=FOLLOWING, memory=memory)
    assert titles(first) == ["quay", "crane"]
    assert "1 of its pages are still to be fetched" in reasons(first)[0]
    assert titles(fetched(f"{site.url}/feed", fetch=FOLLOWING, memory=memory)) == ["ferry"]


def test_requests_to_one_host_wait_for_each_other(site: Site) -> None:
    site.answers["/feed"] = rss(item(site, "quay"))
    begun = time.monotonic()
    fetched(f"{site.url}/feed", fetch=Fetch(allow_private=True, pause=0.1))
    assert time.monotonic() - begun >= 0.1


# robots.txt


def test_what_a_site_forbids_is_not_fetched(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /*.html$\n")
    site.answers |= {
        "/feed": rss(item(site, "quay")),
        "/quay.html": page("Quay", "the quay"),
        "/x": moved("/quay.html"),
    }
    readings = fetched(f"{site.url}/feed", f"{site.url}/x", fetch=FOLLOWING)
    assert titles(readings) == ["quay"]
    assert [("robots.txt" in reason) for reason in reasons(readings)] == [True, True]
    assert "/quay.html" not in site.paths()


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(raw=b"")])
def test_a_site_whose_rules_cannot_be_read_is_left_alone(site: Site, answer: Answer) -> None:
    site.answers |= {"/robots.txt": answer, "/feed": rss(item(site, "quay"))}
    readings = fetched(f"{site.url}/feed")
    assert "robots.txt of its site could not be read" in reasons(readings)[0]
    assert site.paths() == []


def test_rules_for_us_come_before_rules_for_all() -> None:
    rules = Robots(
        "User-agent: *\nDisallow: /\n\n"
        "User-agent: Semsearch\nUser-agent: Otherbot\nCrawl-delay: 5\nAllow: /\nDisallow: /a*b"
    )
    assert rules.allows("https://a.org/x") and not rules.allows("https://a.org/a/cb")
    assert rules.delay == 5
    assert Robots("User-agent: Otherbot\nDisallow: /").allows("https://a.org/x")
    assert Robots("User-agent: *\nCrawl-delay: 1e9").delay == 60
    assert Robots().allows("https://a.org/x")


def test_rules_that_multiply_take_no_time() -> None:
    begun = time.process_time()
    agents = "".join(f"User-agent: a{number}\n" for number in range(15_000))
    many = Robots(f"{agents}User-agent: *\nDisallow: /\n" + "Allow: /b\n" * 20_000)
    assert not many.allows("https://a.org/x")
    assert Robots("User-agent: *\nDisallow: /" + "*a" * 5_000 + "b").allows("https://a.org/" + "a" * 8_000)
    assert time.process_time() - begun < 5


# Whom nobody named


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "0"])
def test_private_machines_are_not_asked(site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    [one] = fetched(f"http://{host}:{port}/feed", fetch=Fetch(pause=0))
    assert isinstance(one, Unreadable)
    assert "on this machine or a private network" in one.reason
    assert "--allow-private" in one.reason
    assert site.log == []


@pytest.fixture
def far(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """The site under a name of the internet."""
    resolve, connect = socket.getaddrinfo, socket.create_connection

    def resolved(host: str, port: int, *arguments: Any, **named: Any) -> Any:
        return resolve("93.184.216.34" if host.endswith(".example.org") else host, port, *arguments, **named)

    def connected(place: tuple[str, int], *arguments: Any) -> socket.socket:
        return connect(("127.0.0.1" if place[0] == "93.184.216.34" else place[0], place[1]), *arguments)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connected)
    return site.url.replace("127.0.0.1", "news.example.org")


def test_neither_a_redirect_nor_a_feed_leads_to_a_private_machine(site: Site, far: str) -> None:
    site.answers |= {
        "/old": moved(f"{site.url}/secret"),
        "/feed": rss(item(site, "secret")),
        "/robots.txt": Answer(status=404),
    }
    readings = fetched(f"{far}/old", f"{far}/feed", fetch=Fetch(pause=0, follow=True))
    assert [("private network" in reason) for reason in reasons(readings)] == [True, True]
    assert titles(readings) == ["secret"]  # what the feed itself has
    assert site.paths() == ["/old", "/feed"]


def test_a_name_that_leads_elsewhere_at_the_second_look_leads_nowhere(
    site: Site, far: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, looks = socket.getaddrinfo, []

    def rebound(host: str, port: int, *arguments: Any, **named: Any) -> Any:
        looks.append(host)
        return resolve(host if len(looks) == 1 else "127.0.0.1", port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    site.answers["/feed"] = rss(item(site, "quay"))
    [one] = fetched(f"{far}/feed", fetch=Fetch(pause=0))
    assert "news.example.org is on this machine or a private network (127.0.0.1)" in reasons([one])[0]
    assert site.paths() == []


def test_a_proxy_is_not_asked_for_private_machines(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "")
    for host in ("10.0.0.1", "printer.local", "0x7f.1"):
        assert "private network" in reasons(fetched(f"http://{host}/x", fetch=Fetch(pause=0)))[0]
    assert site.log == []


# What a server may do

BOMB = gzip.compress(bytes(client.MOST_BYTES + 1))
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MISBEHAVIOUR = {
    "missing": (Answer(status=404), "404 Not Found"),
    "forbidden": (Answer(status=403), "403 Forbidden"),
    "an error": (Answer(status=500), "500 Internal Server Error"),
    "leave me alone": (Answer(status=429, headers={"Retry-After": "3600"}), "left alone for 3,600 seconds"),
    "later": (Answer(status=503, headers={"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}), "left alone for"),
    "not modified": (Answer(status=304), "304 Not Modified"),
    "choices": (Answer(status=300), "300 Multiple Choices"),
    "round": (moved("/x"), "redirects more than 5 times"),
    "to a file": (moved("file:///etc/passwd"), "which cannot be fetched"),
    "to nowhere": (moved("http://[x"), "which cannot be fetched"),
    "to a terminal": (moved("ftp://\x1b[31mred"), "which cannot be fetched"),
    "another packing": (Answer(b"abc", {"Content-Encoding": "br"}), "'br', which was not asked for"),
    "damaged packing": (Answer(b"\x1f\x8b\x08\0abcabcabcabcabc", {"Content-Encoding": "gzip"}), "damaged"),
    "cut packing": (Answer(gzip.compress(b"title" * 99)[:-9], {"Content-Encoding": "gzip"}), "the connection was cut"),
    "a bomb": (Answer(BOMB, {"Content-Encoding": "gzip"}), "larger than 32 MiB"),
    "too long, it says": (Answer(b"x", length=1 << 40), "larger than 32 MiB"),
    "cut": (Answer(b"<rss>", length=500), "the connection was cut, 495 bytes before the end"),
    "cut chunks": (Answer(raw=CHUNKED + b"5\r\n<rss"), "run the same command again later"),
    "silence": (Answer(raw=b"", endless=b"", every=0), "run the same command again later"),
    "no HTTP": (Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), "run the same command again later"),
    "a bad status": (Answer(raw=b"HTTP/1.1 \xff\xfe\r\n\r\n"), "run the same command again later"),
    "many headers": (Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200), "run the same command again later"),
    "a long header": (Answer(raw=b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000), "run the same command again later"),
    "slowly": (Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x", every=0.02), "run the same command again later"),
    "for ever": (Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 100_000), "larger than 32 MiB"),
    "interim for ever": (
        Answer(raw=b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n", every=0.001),
        "run the same command again later",
    ),
    "nothing": (Answer(b""), "empty file"),
    "a picture": (
        Answer(b"\x89PNG\r\n\x1a\n" + bytes(99), {"Content-Type": "image/png"}),
        "no form in which news is read",
    ),
    "a cut feed": (Answer(b"<rss><channel>", RSS), "cut before its first record"),
    "no feed": (Answer(b"<opml/>", RSS), "a list of feeds holds no articles"),
}


@pytest.mark.parametrize(("answer", "reason"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_what_a_server_does_wrong_is_a_line_and_nothing_else(site: Site, answer: Answer, reason: str) -> None:
    site.answers |= {
        "/x": answer,
        "/feed": rss(item(site, "quay"), f"<item><title>X</title><link>{site.url}/x</link></item>"),
    }
    begun = time.monotonic()
    direct, *others = reasons(fetched(f"{site.url}/x"))
    assert direct.startswith(f"{site.url}/x: ") and reason in direct
    assert not any(character in direct for character in "\x1b\n\r")
    readings = fetched(f"{site.url}/feed", fetch=FOLLOWING)
    assert titles(readings) == ["quay", "X"] or not others
    assert time.monotonic() - begun < 10


def test_a_host_that_fails_again_and_again_is_left_alone(site: Site) -> None:
    names = [f"n{number}" for number in range(6)]
    site.answers |= {f"/{name}.html": Answer(status=500) for name in names}
    site.answers["/feed"] = rss(*(item(site, name) for name in names))
    readings = fetched(f"{site.url}/feed", fetch=FOLLOWING)
    assert titles(readings) == names
    assert sum("left out after 3 failures in a row" in reason for reason in reasons(readings)) == 3
    assert len(site.paths()) == 1 + 3 * 2


def test_a_request_that_failed_once_is_repeated_as_the_server_asks(site: Site) -> None:
    site.answers["/feed"] = [Answer(status=503, headers={"Retry-After": "0"}), rss(item(site, "quay"))]
    assert titles(fetched(f"{site.url}/feed")) == ["quay"]


def test_a_wrong_charset_is_noticed_as_in_a_file(site: Site) -> None:
    html = (
        "<html><head><title>Café</title></head><body><p>"
        + "Le café du port a rouvert lundi matin. " * 9
        + "</p></body></html>"
    )
    site.answers["/x"] = Answer(html.encode("latin-1"), {"Content-Type": "text/html; charset=iso-8859-1"})
    assert titles(fetched(f"{site.url}/x")) == ["Café"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://news.example.org/x", "only http and https addresses can"),
        ("https://ada:secret@news.example.org/x", "contains a user name, which is never sent"),
        ("http://[x/", "not a valid address"),
        ("http://" + "a\u0301\u0327" * 3_000, "not a valid address"),
        ("https:///x", "only http and https"),
    ],
)
def test_an_address_that_cannot_be_asked_is_a_line(address: str, reason: str) -> None:
    [one] = fetched(address)
    assert isinstance(one, Unreadable)
    assert reason in one.reason
    assert "secret" not in one.reason


# Only where it is asked for


def test_nothing_is_fetched_unless_asked(
    site: Site, tmp_path: Path, hashing: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Index.create(tmp_path / "x", encoder=hashing)
    for ask in (read, index.add, lambda source: Index.build(source, tmp_path / "y")):
        with pytest.raises(UsageError, match="nothing is fetched unless asked") as refused:
            ask(f"{site.url}/feed")
        assert "fetch=True" in refused.value.hint
    with pytest.raises(UsageError, match="fetch is 1"):
        index.add(f"{site.url}/feed", fetch=1)  # type: ignore[arg-type]
    monkeypatch.setenv("SEMSEARCH_OFFLINE", "1")
    assert "SEMSEARCH_OFFLINE is set" in reasons(fetched(f"{site.url}/feed"))[0]
    assert site.log == []


@pytest.mark.parametrize(
    "wrong", [{"pause": -1}, {"pause": float("nan")}, {"timeout": 0}, {"timeout": 1e9}, {"pause": "1"}]
)
def test_seconds_have_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^(pause|timeout) is "):
        Fetch(**wrong)
