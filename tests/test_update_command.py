"""`semsearch update`, and what `add` and `read` do with an address."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch import Index
from semsearch.cli import main
from semsearch.errors import UsageError
from semsearch.settings import Source, sources
from tests.sites import Answer, Site

Command = Callable[..., tuple[int, str, str]]
FEED = (
    "<rss version='2.0'><channel>{}<item><title>Quay</title><link>{}/quay.html</link>"
    "<description>Open again.</description></item></channel></rss>"
)


@pytest.fixture
def site(site: Site) -> Site:
    """One that has a feed and its page."""
    site.answers["/feed"] = Answer(FEED.format("", site.url).encode())
    site.answers["/quay.html"] = Answer(b"<title>The quay</title><p>" + b"The quay opened again on Monday. " * 20)
    return site


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    (tmp_path / "work").mkdir()
    (tmp_path / "home" / "semsearch").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEMSEARCH_MODEL", "hashing")

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return run


def test_an_update_adds_what_is_new(site: Site, command: Command, tmp_path: Path) -> None:
    listed = f'sources = ["{site.url}/feed"]\n'
    (tmp_path / "home" / "semsearch" / "config.toml").write_text(listed)
    options = ("--allow-private", "--pause", "0", "-i", "news.idx")
    status, _, said = command("update", *options)
    assert (status, "1 article added" in said) == (0, True)
    status, _, said = command("update", *options)
    assert (status, f"{site.url}/feed: nothing new" in said) == (0, True)
    status, _, said = command("add", f"{site.url}/feed", "--follow", *options)
    assert (status, "1 replaced" in said) == (0, True)
    [article] = Index.open("news.idx").articles()
    assert article.url == article.origin == f"{site.url}/quay.html"


def test_what_a_file_of_the_working_folder_lists_is_fetched_only_where_it_is_named(
    site: Site, command: Command
) -> None:
    Path("semsearch.toml").write_text(f'[[sources]]\nurl = "{site.url}/feed"\nname = "Town Times"\nfollow = true\n')
    status, _, said = command("update", "-i", "news.idx")
    assert status == 2
    assert "may be anybody's" in said
    assert "--sources semsearch.toml" in said
    assert site.log == []
    options = ("--allow-private", "--pause", "0", "-i", "news.idx")
    assert command("update", "--sources", "semsearch.toml", *options)[0] == 0
    [article] = Index.open("news.idx").articles()
    assert article.title == "The quay"
    assert command("stats", "-i", "news.idx")[2] == ""  # `sources` is no unknown setting


def test_an_address_that_cannot_be_fetched_is_named_and_ends_with_its_status(site: Site, command: Command) -> None:
    status, out, said = command("read", f"{site.url}/feed", "--json")
    assert (status, out) == (5, "")
    assert f"unreadable: {site.url}/feed: 127.0.0.1 is on this machine or a private network" in said
    status, out, said = command(
        "read", f"{site.url}/none", f"{site.url}/feed", "--json", "--allow-private", "--pause", "0"
    )
    assert status == 5
    assert json.loads(out)["article"]["title"] == "Quay"
    assert "404 Not Found" in said


def test_a_terminal_sees_how_many_addresses_were_asked_for(
    site: Site, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/map"] = Answer(f"<urlset><url><loc>{site.url}/quay.html</loc></url></urlset>".encode())
    options = ("--follow", "--allow-private", "--pause", "0")
    assert "Fetching" not in command("add", f"{site.url}/map", *options, "-i", "a.idx")[2]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for given in (("add", f"{site.url}/feed", f"{site.url}/map"), ("build", f"{site.url}/feed", f"{site.url}/map")):
        said = command(*given, *options, "-i", f"{given[0]}.idx")[2]
        assert re.findall(r"[0-9]+/[0-9]+", said)[0] == "0/2"
        assert re.findall(r"Fetching .* ([0-9]+/[0-9]+)", said)[-1] == "3/3"  # the page that both list is fetched once
        assert re.search(r"\[#+-+\] +2/3", said)  # it goes on once it is known what is listed
    assert "Fetching" not in command("add", f"{site.url}/feed", *options, "-q", "-i", "b.idx")[2]
    assert "Fetching" not in command("read", f"{site.url}/feed", *options)[2]


def test_an_addition_that_was_interrupted_while_it_made_the_index_goes_on(
    site: Site, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--follow", "--allow-private", "--pause", "0", "-i", "new.idx")
    with monkeypatch.context() as patched:
        patched.setattr("semsearch.index.Index._finish", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        assert command("add", f"{site.url}/feed", *options)[0] == 130
    assert command("add", f"{site.url}/map", *options)[0] == 3  # another command is not to lose what it did
    site.log.clear()
    assert command("add", f"{site.url}/feed", *options)[0] == 0
    assert len(Index.open("new.idx")) == 1
    assert "/quay.html" not in site.paths()


def test_sources_are_texts_or_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('sources = ["https://a.org/feed", {url = "https://b.org/feed", name = "B", follow = true}]')
    assert sources(path) == [Source("https://a.org/feed"), Source("https://b.org/feed", "B", True)]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sources = []",
        'sources = "https://a.org/feed"',
        "sources = [5]",
        'sources = ["articles/"]',
        'sources = [{name = "A"}]',
        'sources = [{url = "https://a.org", folow = true}]',
        'sources = [{url = "https://a.org", follow = "yes"}]',
        'sources = [{url = "https://a.org", name = 5}]',
        "sources = [",
    ],
)
def test_sources_that_are_none_are_refused_by_the_name_of_their_file(tmp_path: Path, written: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(written)
    with pytest.raises(UsageError, match=r"a\.toml") as refused:
        sources(path)
    assert refused.value.hint
    with pytest.raises(UsageError, match=r"none\.toml"):
        sources(tmp_path / "none.toml")
