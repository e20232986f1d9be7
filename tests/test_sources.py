"""Reading: which files are meant, how their bytes are opened, and what is said about those that cannot be read."""

import gzip
import json
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from semsearch.errors import NoSuchPathError, UsageError
from semsearch.sources import measure, read
from semsearch.sources.records.lines import MOST_LINE_BYTES
from semsearch.sources.texts.plain import split_title
from semsearch.sources.utf8 import MOST_BYTES
from semsearch.types import Article, Skipped, Unreadable

STORY = {"title": "Harbour opens", "text": "The harbour opened on Friday."}
LINE = json.dumps(STORY).encode() + b"\n"
POST = b"---\ntitle: Harbour opens\n---\nThe harbour opened on Friday.\n"
NOTE = b"Harbour opens\n\nThe harbour opened on Friday.\n"


def only(found: Iterator[Article | Skipped | Unreadable]) -> Article | Skipped | Unreadable:
    (one,) = found
    return one


def texts(found: Iterator[Article | Skipped | Unreadable]) -> list[str]:
    return [one.metadata.title if isinstance(one, Article) else type(one).__name__ for one in found]


def reason(found: Iterator[Article | Skipped | Unreadable]) -> str:
    one = only(found)
    assert not isinstance(one, Article)
    return one.reason


# Which files


def test_a_folder_is_read_in_the_order_of_names_at_every_level(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/10.txt", "a.md", "c.jsonl", "b/.hidden.txt", ".git/x.md", "B.TXT"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes({".md": POST, ".jsonl": LINE}.get(path.suffix.lower(), NOTE))
    names = [one.origin.removeprefix(f"{tmp_path}/") for one in read(tmp_path)]
    assert names == ["B.TXT", "a.md", "b/10.txt", "b/2.txt", "c.jsonl:1"]
    assert names == [one.origin.removeprefix(f"{tmp_path}/") for one in read(str(tmp_path) + "/")]


def test_files_of_other_kinds_are_counted_once_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.jpg", "deep/b.jpg", "c.webp", "README"):
        (tmp_path / name).write_bytes(b"\0")
    left_out = "4 files of other kinds (2 .jpg, 1 .webp, 1 without an ending)"
    assert Counter(left_out) == Counter(reason(read(tmp_path)).removeprefix("no file in it can be read: "))
    assert isinstance(only(read(tmp_path)), Unreadable)
    (tmp_path / "story.jsonl").write_bytes(LINE)
    article, skipped = read(tmp_path)
    assert isinstance(article, Article)
    assert isinstance(skipped, Skipped)
    assert skipped.reason.endswith("left out")


def test_an_empty_folder_and_an_empty_file_are_skipped(tmp_path: Path) -> None:
    assert only(read(tmp_path)) == Skipped(str(tmp_path), "empty folder")
    packed = gzip.compress(b"")
    for name, raw in (("a.jsonl", b""), ("b.txt", b" \n"), ("c.md", b""), ("d", b""), ("e.jsonl.gz", packed)):
        path = tmp_path / name
        path.write_bytes(raw)
        assert only(read(path)) == Skipped(str(path), "empty file")


@pytest.mark.parametrize(("name", "raw"), [("a.json", b"[]\n"), ("b.csv", b"title,text\n"), ("c.jsonl", b" []")])
def test_a_file_that_has_something_but_no_article_is_not_called_empty(name: str, raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert only(read(path)) == Skipped(str(path), "no article in it")


@pytest.mark.parametrize("after", [b"<p>Harbour opens</p>", b"Harbour opens", b"<!-- "])
def test_many_comments_before_what_is_no_page_take_no_time(after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"<!-- a -->\n" * 5_000 + after)
    began = time.process_time()
    list(read(path))
    assert time.process_time() - began < 2


def test_links_in_a_circle_end_and_links_to_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_bytes(NOTE)
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "lost.txt").symlink_to(tmp_path / "nowhere")
    assert texts(read(tmp_path)) == ["Harbour opens", "Unreadable"]


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reason(read(tmp_path)) == "neither a file nor a folder"


def test_a_pipe_that_is_named_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(LINE * 3,))
    writer.start()
    assert texts(read(pipe)) == ["Harbour opens"] * 3
    writer.join()
    assert measure(pipe) is None


def test_only_where_no_path_exists_at_all_is_it_an_error(tmp_path: Path) -> None:
    missing = tmp_path / "missing.jsonl"
    for path in (missing, [missing, tmp_path / "too.txt"], "\0"):
        with pytest.raises(NoSuchPathError, match="no such file or folder: "):
            read(path)
    with pytest.raises(UsageError):
        read([])
    (tmp_path / "there.txt").write_bytes(NOTE)
    found = list(read([missing, tmp_path / "there.txt"]))
    assert found[0] == Unreadable(str(missing), "no such file or folder")
    assert texts(iter(found[1:])) == ["Harbour opens"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("page.wacz", "web archives of this form are not read (.wacz): save the page as HTML, or as WARC"),
        ("table.XLSX", "spreadsheets are not read (.xlsx): save it as CSV"),
        ("paper.doc.gz", "text documents of this form are not read (.doc): save it as .docx"),
        ("all.7z", "archives of this form are not opened (.7z): unpack it"),
        ("news.jsonl.lz4", "this compression is not undone (.lz4): unpack it first"),
        ("pages.zip", "the zip is damaged or cut short"),
        ("pages.tar.gz", "the tar is damaged at byte 0"),
        ("crawl.warc.gz", "damaged at byte 0 of the uncompressed crawl"),
    ],
)
def test_a_kind_that_is_not_read_is_refused_with_what_to_do(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).write_bytes(LINE)
    one = only(read(tmp_path / name))
    assert isinstance(one, Unreadable)
    assert one.reason.startswith(advice)


@pytest.mark.parametrize(
    ("raw", "advice"),
    [
        (b"PK\x03\x04rest", "the zip is damaged or cut short"),
        (b"\xd0\xcf\x11\xe0\xa1", "text documents"),
        (b"WARC/1.0\r\n", "damaged at byte 0 of the uncompressed crawl"),
        (gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "packed twice, with gzip over gzip: unpack it once"),
        (b"text\0text", "binary, or text in UTF-16 without its mark"),
        (b"\xff\xfe\x00", "begins as UTF-16 and then is none"),
    ],
)
def test_content_without_a_name_is_refused_by_what_it_is(raw: bytes, advice: str) -> None:
    one = only(read("-", stdin=BytesIO(raw)))
    assert isinstance(one, Unreadable)
    assert one.origin == "-"
    assert one.reason.startswith(advice)


# Bytes


@pytest.mark.parametrize("raw", [LINE, POST, NOTE], ids=["JSON Lines", "Markdown", "text"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_same_article_comes_from_every_packing_and_every_unicode_encoding(
    tmp_path: Path, raw: bytes, pack: type[bytes], encoding: str
) -> None:
    path = tmp_path / "unnamed"
    path.write_bytes(pack(raw.decode().encode(encoding)))
    for one in (only(read(path)), only(read("-", stdin=BytesIO(path.read_bytes())))):
        assert isinstance(one, Article)
        assert (one.metadata.title, one.text) == (STORY["title"], STORY["text"])


def test_the_bytes_told_add_up_to_the_bytes_announced(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"".join(LINE for _ in range(900))))
    (tmp_path / "b.txt").write_bytes(NOTE)
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(os.urandom(200_000))[:-50_000])
    (tmp_path / "binary.md").write_bytes(b"\0" * 200_000)
    (tmp_path / "c.jpg").write_bytes(b"not counted")
    told: list[int] = []
    titles = texts(read(tmp_path, on_bytes=told.append))
    assert titles.count("Harbour opens") == 901
    sizes = [path.stat().st_size for path in tmp_path.iterdir() if path.suffix != ".jpg"]
    assert sum(told) == measure(tmp_path) == sum(sizes)
    assert measure(["-", tmp_path]) is None


def test_gzip_members_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINE) + gzip.compress(LINE))
    assert texts(read(tmp_path / "a.jsonl.gz")) == ["Harbour opens"] * 2


@pytest.mark.slow
def test_a_line_too_long_is_skipped_without_being_held_and_the_next_is_read() -> None:
    class Endless(BytesIO):
        """A line of four times the limit, then an article, made as it is asked for."""

        left = 4 * MOST_LINE_BYTES

        def read(self, size: int | None = -1) -> bytes:
            assert size
            if not self.left:
                return super().read(size)
            given = min(self.left, size)
            self.left -= given
            return b"{" * given

    tracemalloc.start()
    found = list(read("-", stdin=Endless(b"\n" + LINE)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found[0] == Skipped("-:1", "a line of more than 64 MiB")
    assert texts(iter(found[1:])) == ["Harbour opens"]
    assert peak < 2.5 * MOST_LINE_BYTES


def test_a_file_too_long_for_one_article_is_refused(tmp_path: Path) -> None:
    for name in ("a.txt", "a.md"):
        (tmp_path / name).write_bytes(b"word " * (MOST_BYTES // 5 + 1))
        assert reason(read(tmp_path / name)).startswith("more than 16 MiB for one article. Split it")


def test_records_are_read_one_at_a_time() -> None:
    asked = 0

    class Counted(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal asked
            asked += 1
            return super().read(min(size or 0, 65_536))

    found = read("-", stdin=Counted(LINE * 100_000))
    for _ in range(10):
        next(found)
    assert asked < 4


@pytest.mark.parametrize("line", [
    '{"title": "Deep", "body": ' + "[" * 20_000 + "]" * 20_000 + "}",
    '{"title": "Deep", "x": ' + '{"a": ' * 20_000 + "1" + "}" * 20_001,
])  # fmt: skip
def test_json_nested_too_deeply_is_a_lines_loss(line: str) -> None:
    found = list(read("-", stdin=BytesIO(line.encode() + b"\n" + LINE)))
    assert found[0] == Skipped("-:1", "JSON that is nested too deeply")
    assert len(found) == 2


def test_odd_json_is_read_as_far_as_it_means_something() -> None:
    lines = [
        b'{"title": "Twice", "title": "The last one counts", "body": "x"}',
        b'{"title": "No number", "body": "x", "score": NaN, "other": -Infinity}',
        b'{"title": "Digits", "body": "x", "n": ' + b"9" * 5_000 + b"}",
        b'{"title": "Surrogate \\ud800.", "body": "a\\u0000b"}',
        b'{"title": "Huge", "body": "x", "n": 1e999, "date": 1e999}',
    ]
    found = list(read("-", stdin=BytesIO(b"\n".join(lines))))
    assert texts(iter(found)) == ["The last one counts", "No number", "Skipped", "Surrogate .", "Huge"]
    assert found[2] == Skipped("-:3", "JSON with a number of too many digits")


# Identity


def test_the_same_file_is_the_same_articles_wherever_it_is_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    (folder / "articles.jsonl").write_bytes(b'{"id": 1, "title": "One", "body": "x"}\n')
    (folder / "post.md").write_bytes(POST)
    ids = [one.metadata.article_id for one in read(folder) if isinstance(one, Article)]
    monkeypatch.chdir(folder)
    for paths in (".", ["articles.jsonl", "./post.md"], ["../wire"]):
        assert [one.metadata.article_id for one in read(paths) if isinstance(one, Article)] == ids
    with gzip.open("articles.jsonl.gz", "wb") as packed:
        packed.write(Path("articles.jsonl").read_bytes())
    packed_article = only(read("articles.jsonl.gz"))
    assert isinstance(packed_article, Article)
    assert packed_article.metadata.article_id == ids[0]


def test_two_outlets_article_number_1_are_two(tmp_path: Path) -> None:
    for outlet in ("coast", "valley"):
        (tmp_path / outlet).mkdir()
        (tmp_path / outlet / "articles.jsonl").write_bytes(b'{"id": 1, "title": "One", "body": "x"}\n')
    ids = {one.metadata.article_id for one in read(tmp_path) if isinstance(one, Article)}
    assert len(ids) == 2
    assert len({one.metadata.article_id for one in read(tmp_path, source="Wire") if isinstance(one, Article)}) == 1


def test_a_name_that_is_no_unicode_can_be_printed(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "wb") as file:  # noqa: PTH123  the name is bytes
        file.write(NOTE)
    one = only(read(tmp_path))
    assert isinstance(one, Article)
    assert one.origin.endswith("/caf�.txt")
    json.dumps(one.metadata.to_dict(), ensure_ascii=False).encode()


# Real text


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "articles", "losses", "counts"),
    [
        ("digitalgov/articles.jsonl", 2_077, 0, {"text_from summary": 270}),
        ("reuters21578/articles.jsonl", 20_841, 737, {"text_from headline": 1_798, "undated": 2, "unparsed_date": 2}),
    ],
)
def test_a_corpus_is_read_whole(corpora: Path, name: str, articles: int, losses: int, counts: dict[str, int]) -> None:
    found = list(read(corpora / name))
    metadata = [one.metadata for one in found if isinstance(one, Article)]
    assert len({one.article_id for one in metadata}) == len(metadata) == articles
    assert {one.reason for one in found if not isinstance(one, Article)} <= {"neither headline nor text"}
    assert len(found) - articles == losses
    seen = Counter(f"text_from {one.tags['text_from'][0]}" for one in metadata if "text_from" in one.tags)
    seen += Counter("undated" for one in metadata if one.published is None)
    seen += Counter("unparsed_date" for one in metadata if "unparsed_date" in one.tags)
    assert seen == counts


# Text files


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Snow closes the pass\n\nPloughs are on their way.", "Snow closes the pass"),
        ("\n\n  Snow closes the pass \n\nPloughs are on their way.", "Snow closes the pass"),
        ("Will it snow?\n\nNobody knows.", "Will it snow?"),
        ("Snow closes the pass\n" + "Ploughs are on their way, and more will come. " * 3, "Snow closes the pass"),
        ("Ploughs are on their way, and drivers should take the\ntunnel until Tuesday evening.", ""),
        ("Ploughs are on their way.\n\nTake the tunnel.", ""),
        ("Snow closes the pass", ""),
        ("雪でふさがる峠。\n\n除雪車が向かう。", ""),
        ("雪でふさがる峠\n\n除雪車が向かう。", "雪でふさがる峠"),
        ("word " * 40 + "\n\nmore", ""),
    ],
)
def test_a_first_line_is_a_title_where_it_stands_apart_and_is_no_sentence(text: str, title: str) -> None:
    assert split_title(text)[0] == title


def test_the_list_of_a_sites_section_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "_index.md").write_bytes(b"---\ntitle: Blog\n---\n")
    assert reason(read(tmp_path)) == "the list of a site's section, not an article"


def test_lines_between_rules_are_text_where_they_are_no_entries(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"---\nOnly a sentence between rules.\n---\nAnd another.\n")
    one = only(read(path))
    assert isinstance(one, Article)
    assert "Only a sentence between rules." in one.text
    assert "And another." in one.text
