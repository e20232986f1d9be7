"""What is remembered of what was fetched: as a run goes on, between ways of reading, and when a run is killed."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from semsearch import Fetch, Index, files
from semsearch.doctor import repair
from semsearch.engines.local.manifest import BUILDING as UNFINISHED
from semsearch.errors import UsageError
from semsearch.fetched import BUILDING, NAME, Memory
from semsearch.index import builds
from semsearch.ports import Encoder
from semsearch.sources import read
from tests.sites import RSS, Answer, Site, item, page, reasons, rss

PLAIN = Fetch(allow_private=True, pause=0, timeout=0.5)
FOLLOWING = Fetch(allow_private=True, pause=0, timeout=0.5, follow=True)


def texts(index: Index) -> dict[str, str]:
    """The beginnings of the articles' texts, by title."""
    return {said.title: index.get(said.article_id).text[:8] for said in index.articles()}


# With and without --follow


SHORT = {
    "a summary": lambda site, title: item(site, "quay", title),
    "the whole text, it says": lambda site, title: (
        f"<item xmlns:c='http://purl.org/rss/1.0/modules/content/'><title>{title}</title>"
        f"<link>{site.url}/quay.html</link><c:encoded>In short: {title}.</c:encoded></item>"
    ),
}


@pytest.mark.parametrize("entry", SHORT.values(), ids=SHORT)
def test_a_text_that_was_read_on_its_page_is_not_replaced_by_what_the_feed_has_of_it(
    site: Site, tmp_path: Path, hashing: Encoder, entry: object
) -> None:
    site.answers |= {"/feed": rss(entry(site, "Quay")), "/quay.html": page("Quay", "the quay")}  # type: ignore[operator]
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    whole = {"Quay": "The quay"}
    assert texts(index) == whole
    index.add(f"{site.url}/feed", fetch=PLAIN)
    assert texts(index) == whole
    site.answers["/feed"] = rss(entry(site, "Quay"), item(site, "crane", "Crane"))  # type: ignore[operator]
    site.answers["/crane.html"] = page("Crane", "the crane")
    assert index.add(f"{site.url}/feed", fetch=PLAIN).added == 1
    assert texts(index) == whole | {"Crane": "In short"}
    site.log.clear()
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).replaced == 1
    assert texts(index) == whole | {"Crane": "The cran"}
    assert site.paths() == ["/feed", "/crane.html"]  # and not the page that was read before


def test_what_a_feed_corrects_of_a_page_that_was_read_is_told(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers |= {"/feed": rss(item(site, "quay")), "/quay.html": page("Quay", "the quay")}
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    site.answers["/feed"] = rss(item(site, "quay", "Quay, corrected"))
    told: list[object] = []
    assert index.add(f"{site.url}/feed", fetch=PLAIN, observer=told.append).skipped == 1
    assert "read it again with --follow" in reasons(one for one in told if hasattr(one, "reason"))[0]  # type: ignore[misc]
    assert texts(index) == {"Quay": "The quay"}
    site.answers["/quay.html"] = page("Quay, corrected", "the new quay")
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).replaced == 1
    assert texts(index) == {"Quay, corrected": "The new "}


def test_a_page_replaces_what_its_feed_had_of_it_whatever_their_dates_are(
    site: Site, tmp_path: Path, hashing: Encoder
) -> None:
    earlier = '<meta property="article:published_time" content="2024-05-03T08:00:00Z">'
    site.answers |= {"/feed": rss(item(site, "quay")), "/quay.html": page("Quay", "the quay", earlier)}
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=PLAIN)
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).replaced == 1
    assert texts(index) == {"Quay": "The quay"}
    [article] = index.articles()
    assert "earlier_versions" not in article.tags  # a summary is none
    for feed in (f"{site.url}/feed", f"{site.url}/other"):  # nor does another feed's summary come in its place
        site.answers["/other"] = rss(item(site, "quay", date="Fri, 10 May 2024 09:15:00 GMT"))
        (tmp_path / "x" / NAME).unlink(missing_ok=True)
        assert index.add(feed, fetch=PLAIN).unchanged == 1
        assert texts(index) == {"Quay": "The quay"}


def test_what_a_feed_has_is_kept_up_to_date_where_there_is_no_page(
    site: Site, tmp_path: Path, hashing: Encoder
) -> None:
    site.answers["/feed"] = rss(item(site, "gone", "Gone"))
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    site.answers["/feed"] = rss(item(site, "gone", "Gone, corrected"))
    assert index.add(f"{site.url}/feed", fetch=PLAIN).replaced == 1
    site.answers["/feed"] = rss(item(site, "gone", "Gone for good"))
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).replaced == 1


def test_a_sitemap_that_is_asked_for_without_its_pages_forgets_none(site: Site) -> None:
    site.answers["/map"] = Answer(f"<urlset><url><loc>{site.url}/quay.html</loc></url></urlset>".encode())
    site.answers["/quay.html"] = page("Quay", "the quay")
    memory = Memory()
    for fetch in (FOLLOWING, PLAIN, FOLLOWING):
        list(read(f"{site.url}/map", fetch=fetch, memory=memory))
    assert site.paths().count("/quay.html") == 1


def test_a_function_that_reads_is_given_what_is_remembered(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers |= {"/feed": rss(item(site, "quay")), "/quay.html": page("Quay", "the quay")}
    reading = partial(read, f"{site.url}/feed", fetch=FOLLOWING, source="Coast Courier")
    with Index.build(reading, tmp_path / "x", encoder=hashing) as index:
        assert index.add(reading).articles == 0
        assert site.paths() == ["/feed", "/quay.html", "/feed"]
        with pytest.raises(UsageError, match="returned 3"):
            index.add(lambda memory: 3)  # noqa: ARG005


# As a run goes on


def test_what_was_fetched_is_remembered_with_each_commit(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    names = ("quay", "crane", "ferry")
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in names}
    site.answers["/feed"] = rss(*(item(site, name) for name in names))
    index = Index.create(tmp_path / "x", encoder=hashing)

    def until_the_last(memory: Memory) -> Iterator[object]:
        for number, reading in enumerate(read(f"{site.url}/feed", fetch=FOLLOWING, memory=memory)):
            if number == 2:
                raise SystemExit  # as if killed: nothing is saved after this
            yield reading

    with pytest.raises(SystemExit):
        index.add(until_the_last, commit_seconds=1e-9)
    with Index.open(tmp_path / "x", encoder=hashing) as kept:
        assert len(kept) == 2
        site.log.clear()
        assert kept.add(f"{site.url}/feed", fetch=FOLLOWING).added == 1
    assert site.paths() == ["/feed", "/ferry.html"]


def corrected(site: Site, tmp_path: Path, hashing: Encoder, names: tuple[str, ...]) -> Index:
    """An index of pages that did not change since, of which their feed says something else now."""
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in names}
    site.answers["/feed"] = rss(*(item(site, name) for name in names))
    index = Index.build(f"{site.url}/feed", tmp_path / "x", encoder=hashing, fetch=FOLLOWING)
    site.answers["/feed"] = rss(*(item(site, name, f"{name}, corrected") for name in names))
    site.log.clear()
    return index


def test_pages_that_did_not_change_are_remembered_though_no_article_comes(
    site: Site, tmp_path: Path, hashing: Encoder
) -> None:
    index = corrected(site, tmp_path, hashing, ("quay", "crane", "ferry"))

    def killed_behind_the_second_page(asked: int, _: int) -> None:
        if asked == 3:
            raise SystemExit

    with pytest.raises(SystemExit):
        index.add(
            partial(read, f"{site.url}/feed", fetch=FOLLOWING, on_addresses=killed_behind_the_second_page),
            commit_seconds=1e-9,
        )
    site.log.clear()
    assert index.add(f"{site.url}/feed", fetch=FOLLOWING).articles == 0
    assert site.paths() == ["/feed", "/crane.html", "/ferry.html"]


def test_a_commit_that_fails_between_two_pages_ends_the_run_and_is_no_fault_of_a_page(
    site: Site, tmp_path: Path, hashing: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = corrected(site, tmp_path, hashing, ("quay", "crane", "ferry"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        index.add(f"{site.url}/feed", fetch=FOLLOWING, commit_seconds=1e-9)
    assert site.paths() == ["/feed", "/quay.html"]


RUN = """
import sys
from functools import partial
from semsearch import Fetch, Index, read
reading = partial(read, sys.argv[1], fetch=Fetch(follow=True, allow_private=True, pause=0.02))
kind = Index.build if sys.argv[3] == "build" else lambda reading, place, **how: Index.open(place).add(reading, **{
    name: value for name, value in how.items() if name == "commit_seconds"})
kind(reading, sys.argv[2], encoder="hashing", commit_seconds=0.1, job="the same")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["add", "build"])
def test_a_run_that_is_killed_fetches_again_only_little(
    site: Site, tmp_path: Path, hashing: Encoder, kind: str
) -> None:
    names = [f"n{number}" for number in range(400)]
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in names}
    site.answers["/feed"] = rss(*(item(site, name) for name in names))
    place = tmp_path / "x"
    if kind == "add":
        Index.create(place, encoder=hashing).close()
    command = [sys.executable, "-c", RUN, f"{site.url}/feed", str(place), kind]
    running = subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    memory = place / (BUILDING if kind == "build" else NAME)
    deadline = time.monotonic() + 60
    while (not memory.exists() or len(site.paths()) < 40) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.kill()
    running.wait()
    first = set(site.paths())
    assert 40 <= len(first) < 400
    site.log.clear()
    site.answers["/feed"] = rss(*(item(site, name) for name in names[:100]))
    reading = partial(read, f"{site.url}/feed", fetch=FOLLOWING)
    if kind == "build":
        with Index.build(reading, place, encoder=hashing, commit_seconds=None, job="the same") as index:
            assert not memory.exists()
    else:
        with Index.open(place, encoder=hashing) as index:
            index.add(reading)
    again = set(site.paths()) & first
    assert len(again) <= 25  # of some half a second
    with Index.open(place, encoder=hashing) as index:
        assert {said.title for said in index.articles()} >= set(names[:100])


def test_a_build_that_is_given_up_leaves_the_index_that_is_there_its_memory(
    site: Site, tmp_path: Path, hashing: Encoder
) -> None:
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in ("quay", "crane")}
    site.answers["/feed"] = rss(item(site, "quay"), item(site, "crane"))
    place = tmp_path / "x"
    Index.build(f"{site.url}/feed", place, encoder=hashing, fetch=FOLLOWING).close()
    before = (place / NAME).read_bytes()

    def interrupted(memory: Memory) -> Iterator[object]:
        yield from read(f"{site.url}/feed", fetch=FOLLOWING, memory=memory)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index.build(interrupted, place, encoder=hashing, force=True, commit_seconds=1e-9, job="the same")
    assert (place / NAME).read_bytes() == before
    assert (place / BUILDING).exists()
    with Index.build([{"title": "Crane", "text": "The crane fell."}], place, encoder=hashing, force=True) as index:
        assert len(index) == 1
    assert not (place / BUILDING).exists()
    assert not (place / NAME).exists()


def test_what_a_build_remembers_is_not_lost_where_it_is_killed_right_after_its_end(
    site: Site, tmp_path: Path, hashing: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers |= {"/feed": rss(item(site, "quay")), "/quay.html": page("Quay", "the quay")}
    place = tmp_path / "x"

    def killed(_: Path) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(builds, "finish_build", killed)
        Index.build(f"{site.url}/feed", place, encoder=hashing, fetch=FOLLOWING)
    site.log.clear()
    with Index.open(place, encoder=hashing) as index:
        assert index.add(f"{site.url}/feed", fetch=FOLLOWING).articles == 0
    assert site.paths() == ["/feed"]
    assert (place / NAME).exists() and not (place / BUILDING).exists()


def test_what_a_build_remembers_goes_with_the_build(site: Site, tmp_path: Path, hashing: Encoder) -> None:
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in ("quay", "crane")}
    site.answers["/feed"] = rss(item(site, "quay"), item(site, "crane"))
    place = tmp_path / "x"
    Index.create(place, encoder=hashing).close()

    def interrupted(memory: Memory) -> Iterator[object]:
        yield from read(f"{site.url}/feed", fetch=FOLLOWING, memory=memory)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index.build(interrupted, place, encoder=hashing, force=True, commit_seconds=1e-9, job="the same")
    assert (place / BUILDING).exists()
    (place / UNFINISHED).write_text("{")
    repair(place)
    assert not (place / BUILDING).exists()
    with Index.open(place, encoder=hashing) as index:  # which never had what the build read
        assert index.add(f"{site.url}/feed", fetch=FOLLOWING).added == 2


def test_what_comes_again_and_again_in_a_feed_that_is_cut_is_fetched_once(site: Site) -> None:
    items = item(site, "quay") + item(site, "crane")
    whole = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    cut = whole[: whole.index(b"crane")]
    site.answers["/feed"] = [Answer(body, RSS, forgetful=True) for body in (whole, cut, whole)]
    site.answers |= {f"/{name}.html": page(name, f"the {name}") for name in ("quay", "crane")}
    memory = Memory()
    for _ in range(3):
        list(read(f"{site.url}/feed", fetch=FOLLOWING, memory=memory))
    assert sorted(site.paths()) == ["/crane.html", "/feed", "/feed", "/feed", "/quay.html"]
