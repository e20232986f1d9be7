"""Lists of sitemaps: followed within the limits, from one run to the next, whatever they hold."""

import datetime as dt
import gzip

import pytest

from semsearch import Fetch
from semsearch.fetched import Memory
from semsearch.sources import read
from semsearch.sources.remote import visits
from semsearch.types import Article, Skipped, Unreadable
from tests.sites import HTML, Answer, Site, item, page, reasons, rss, titles

FOLLOWING = Fetch(allow_private=True, pause=0, timeout=0.5, follow=True)
TODAY = dt.datetime.now(dt.UTC).date().isoformat()


def sitemap(site: Site, *names: str) -> Answer:
    pages = "".join(f"<url><loc>{site.url}/{name}.html</loc></url>" for name in names)
    for name in names:
        site.answers.setdefault(f"/{name}.html", page(name, f"the {name}"))
    return Answer(f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{pages}</urlset>".encode())


def listing(site: Site, **modified: str) -> Answer:
    """A list of sitemaps, by name, with when each was modified."""
    entries = "".join(
        f"<sitemap><loc>{site.url}/{name}.xml</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>"
        for name, day in modified.items()
    )
    return Answer(f"<?xml version='1.0'?><sitemapindex xmlns='x'>{entries}</sitemapindex>".encode())


def follow(site: Site, memory: Memory | None = None) -> list[Article | Skipped | Unreadable]:
    site.log.clear()
    return list(read(f"{site.url}/all.xml", fetch=FOLLOWING, memory=memory))


@pytest.mark.parametrize("packed", [False, True])
def test_the_sitemaps_of_a_list_are_followed_the_last_modified_first(site: Site, packed: bool) -> None:
    answers = {
        "/all.xml": listing(site, old="2023-01-01", new="2024-01-01", undated=""),
        "/old.xml": sitemap(site, "quay", "crane"),
        "/new.xml": sitemap(site, "ferry"),
        "/undated.xml": sitemap(site, "quay", "dock"),
    }
    site.answers |= {path: Answer(gzip.compress(a.body)) if packed else a for path, a in answers.items()}
    assert titles(follow(site)) == ["ferry", "quay", "crane", "dock"]
    assert len(site.paths()) == len(set(site.paths()))  # a page that two list is fetched once
    assert "with --follow" in reasons(read(f"{site.url}/all.xml", fetch=Fetch(allow_private=True, pause=0)))[0]


def test_a_second_run_asks_for_what_may_have_changed(site: Site) -> None:
    site.answers |= {
        "/all.xml": listing(site, old="2023-01-01", today=TODAY, undated=""),
        "/old.xml": sitemap(site, "quay"),
        "/today.xml": sitemap(site, "ferry"),
        "/undated.xml": sitemap(site, "dock"),
    }
    memory = Memory()
    assert len(titles(follow(site, memory))) == 3
    assert follow(site, memory) == []
    assert site.paths() == ["/all.xml", "/today.xml", "/undated.xml"]
    assert all("if-none-match" in asked for path, asked in site.log if path in ("/today.xml", "/undated.xml"))
    site.answers["/today.xml"] = sitemap(site, "ferry", "liner")  # the list says of it what it said before
    site.answers["/all.xml"] = listing(site, old="2023-01-02", today=TODAY, undated="")
    site.answers["/old.xml"] = sitemap(site, "quay", "crane")
    assert titles(follow(site, memory)) == ["liner", "crane"]


def test_a_list_of_which_all_is_settled_is_asked_for_alone(site: Site) -> None:
    site.answers |= {"/all.xml": listing(site, old="2023-01-01"), "/old.xml": sitemap(site, "quay")}
    memory = Memory()
    follow(site, memory)
    assert follow(site, memory) == []
    assert site.paths() == ["/all.xml"]
    assert "if-none-match" in site.log[-1][1]


def test_what_failed_is_asked_for_again_and_the_rest_is_read(site: Site) -> None:
    site.answers |= {
        "/all.xml": listing(site, broken="2024-01-01", old="2023-01-01", odd="", gone="", page=""),
        "/broken.xml": [Answer(status=500), Answer(status=500), sitemap(site, "ferry")],
        "/old.xml": sitemap(site, "quay"),
        "/odd.xml": Answer(b"Nothing but a text."),
        "/page.xml": page("Our sitemaps", "the site"),
    }
    memory = Memory()
    readings = follow(site, memory)
    assert titles(readings) == ["quay"]
    broken, odd, gone, front = reasons(readings)
    assert f"{site.url}/broken.xml: the server answered 500" in broken
    assert "no XML" in odd
    assert "neither a sitemap nor a feed" in front
    assert f"{site.url}/gone.xml: the server answered 404" in gone
    assert not any(isinstance(reading, Unreadable) for reading in readings)
    assert titles(follow(site, memory)) == ["ferry"]
    assert "/quay.html" not in site.paths()


def test_a_list_may_name_feeds_other_lists_and_itself(site: Site) -> None:
    site.answers |= {
        "/all.xml": listing(site, feed="", all="", inner=""),
        "/feed.xml": rss(item(site, "quay")),
        "/quay.html": page("Quay", "the quay"),
        "/inner.xml": listing(site, pages="", inner="", all=""),
        "/pages.xml": sitemap(site, "crane"),
    }
    assert titles(follow(site)) == ["Quay", "crane"]


def test_lists_within_lists_come_to_an_end(site: Site) -> None:
    for depth in range(6):
        site.answers[f"/{'all' if not depth else f'l{depth}'}.xml"] = listing(site, **{f"l{depth + 1}": ""})
    [reason] = reasons(follow(site))
    assert "too many lists of sitemaps within each other" in reason


def test_the_limits_hold_for_a_list_as_a_whole_and_the_next_run_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "MOST_PAGES", 3)
    names = {name: [f"{name}{number}" for number in range(2)] for name in ("a", "b", "c")}
    site.answers["/all.xml"] = listing(site, **dict.fromkeys(names, ""))
    site.answers |= {f"/{name}.xml": sitemap(site, *pages) for name, pages in names.items()}
    memory = Memory()
    first = follow(site, memory)
    assert titles(first) == ["a0", "a1", "b0"]
    assert [reason.partition(": ")[2].partition(":")[0] for reason in reasons(first)] == [
        "1 of its pages are still to be fetched",
        "1 of its sitemaps are still to be fetched",
    ]
    assert titles(follow(site, memory)) == ["b1", "c0", "c1"]
    assert follow(site, memory) == []
    monkeypatch.setattr(visits, "MOST_SITEMAPS", 1)
    memory = Memory()
    assert [titles(follow(site, memory)) for _ in range(4)] == [names["a"], names["b"], names["c"], []]


def addresses(site: Site, *names: str) -> Answer:
    """A sitemap in plain text."""
    sitemap(site, *names)
    lines = "".join(f"{site.url}/{name}.html\r\n" for name in names)
    return Answer(f"\ufeff{lines}\r\n".encode(), {"Content-Type": "text/plain"})


@pytest.mark.parametrize("packed", [False, True])
def test_a_sitemap_may_be_a_text_with_an_address_in_each_line(site: Site, packed: bool) -> None:
    names = [f"n{number}-{'and-so-on-' * 9}" for number in range(80)]  # more than a reader looks at to see what it is
    plain = addresses(site, *names)
    site.answers["/all.xml"] = Answer(gzip.compress(plain.body)) if packed else plain
    assert titles(follow(site)) == names
    assert "with --follow" in reasons(read(f"{site.url}/all.xml", fetch=Fetch(allow_private=True, pause=0)))[0]
    site.answers |= {"/plain.xml": addresses(site, "quay"), "/all.xml": listing(site, plain="")}
    assert titles(follow(site)) == ["quay"]


@pytest.mark.parametrize("text", ["See\nhttps://a.example/b\n", "https://a.example/b is down.\n", "\n\n"])
def test_a_text_with_addresses_is_no_sitemap(site: Site, text: str) -> None:
    site.answers["/all.xml"] = Answer(text.encode(), {"Content-Type": "text/plain"})
    follow(site)
    assert site.paths() == ["/all.xml"]


def test_the_sitemaps_that_a_robots_txt_names_are_followed(site: Site) -> None:
    site.answers |= {
        "/robots.txt": Answer(
            f"User-agent: *\nDisallow: /b\nSitemap: {site.url}/plain.txt\nsitemap: /relative\n"
            f"Sitemap: {site.url}/news.xml\n".encode()
        ),
        "/plain.txt": addresses(site, "quay", "berth"),
        "/news.xml": sitemap(site, "crane", "quay"),
        "/": Answer(b"<html><body><a href='/a'>Quay</a></body></html>", HTML),
    }
    readings = list(read(f"{site.url}/robots.txt", fetch=FOLLOWING))
    assert titles(readings) == ["quay", "crane"]
    assert "does not allow robots" in reasons(readings)[0]
    [front] = reasons(read(f"{site.url}/", fetch=FOLLOWING))
    assert front.endswith(f"with --follow, the address of a sitemap: {site.url}/plain.txt, {site.url}/news.xml")
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow:\n")
    assert "names no sitemaps" in reasons(read(f"{site.url}/robots.txt", fetch=FOLLOWING))[0]


def test_a_list_may_say_anything(site: Site) -> None:
    odd = f"<sitemap><loc>http://[</loc></sitemap><sitemap/><x/><sitemap><loc>{'x' * 9_000}</loc></sitemap>"
    late = f"<sitemap><loc>{site.url}/a.xml</loc><lastmod>{'9' * 1_000_000}</lastmod></sitemap>"
    site.answers["/all.xml"] = Answer(f"<sitemapindex>{odd}{late}<sitemap><loc>ftp://x/y".encode())
    site.answers["/a.xml"] = sitemap(site, "quay")
    readings = follow(site)
    assert titles(readings) == ["quay"]
    assert len(reasons(readings)) == 2
