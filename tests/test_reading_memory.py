"""However many articles a file has, reading it holds one at a time."""

import csv
import gzip
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from tests.peaks import needs_peaks, peak_memory

pytestmark = [pytest.mark.slow, needs_peaks]

TEXT = "The harbour board opened the second quay on Tuesday, and the first container ship came in before noon. " * 36
FEW, MANY = 500, 2_000


def record(number: int) -> dict[str, str]:
    return {"id": f"a{number}", "title": f"Quay {number}", "date": "2024-05-03", "text": f"{number} {TEXT}"}


def page(number: int) -> bytes:
    one = record(number)
    head = f"<title>{one['title']}</title><meta property='article:published_time' content='2024-05-03'>"
    return f"<!DOCTYPE html><html><head>{head}</head><body><p>{escape(one['text'])}</p></body></html>".encode()


def array(path: Path, count: int) -> None:
    path.write_text(json.dumps([record(number) for number in range(count)], indent=1))


def one_line(path: Path, count: int) -> None:
    path.write_text(json.dumps([record(number) for number in range(count)]))


def table(path: Path, count: int) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["id", "title", "date", "text"])
        writer.writeheader()
        writer.writerows(map(record, range(count)))


def parquet(path: Path, count: int) -> None:
    import pyarrow as pa
    from pyarrow import parquet as columns

    columns.write_table(pa.Table.from_pylist([record(number) for number in range(count)]), path)


def sgml(path: Path, count: int) -> None:
    with path.open("w") as stream:
        stream.write('<!DOCTYPE lewis SYSTEM "lewis.dtd">\n')
        for one in map(record, range(count)):
            text = f"<TEXT><TITLE>{one['title']}</TITLE><BODY>{escape(one['text'])}</BODY></TEXT>"
            stream.write(f'<REUTERS NEWID="{one["id"]}"><DATE>3-MAY-1987 10:00:00.00</DATE>{text}</REUTERS>\n')


def feed(path: Path, count: int) -> None:
    with path.open("w") as stream:
        stream.write('<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour News</title>')
        for one in map(record, range(count)):
            text = f"<description>{escape(one['text'])}</description><pubDate>Fri, 03 May 2024 10:00:00 GMT</pubDate>"
            stream.write(f"<item><title>{one['title']}</title><guid>{one['id']}</guid>{text}</item>\n")
        stream.write("</channel></rss>")


def crawl(path: Path, count: int) -> None:
    with path.open("wb") as stream:
        for number in range(count):
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(number)
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{number}.html\r\n"
                f"WARC-Date: 2024-05-04T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            stream.write(gzip.compress(head.encode() + body + b"\r\n\r\n", 1))


def packed_zip(path: Path, count: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        for number in range(count):
            pack.writestr(f"{number}.json", json.dumps(record(number)))


def packed_tar(path: Path, count: int) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as pack:
        for number in range(count):
            raw = json.dumps(record(number)).encode()
            entry = tarfile.TarInfo(f"{number}.json")
            entry.size = len(raw)
            pack.addfile(entry, io.BytesIO(raw))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("array.json", array), ("line.json", one_line), ("table.csv", table), ("columns.parquet", parquet),
        ("reuters.sgm", sgml), ("feed.rss", feed), ("crawl.warc.gz", crawl), ("pack.zip", packed_zip),
        ("pack.tar.gz", packed_tar),
    ],
)  # fmt: skip
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str, write: Callable[[Path, int], None]) -> None:
    peaks = []
    for count in (FEW, MANY):
        write(tmp_path / name, count)
        peak, lines = reading(tmp_path / name)
        assert lines == count
        peaks.append(peak)
    assert peaks[1] < 1.15 * peaks[0]


MANY_PARTS = 2_000_000
"""Bytes of one record."""


def repeated(part: str) -> str:
    return part * (MANY_PARTS // len(part))


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("lists.jsonl", '{"text": "The quay.", "x": [' + repeated("[],") + "[]]}"),
        ("objects.jsonl", '{"text": "The quay.", "x": [' + repeated('{"a": 1},') + "{}]}"),
        ("page.html", f"<html><body><p>{TEXT}</p>" + repeated("<p>a ")),
        (
            "feed.rss",
            "<rss><channel><item><description>" + repeated("<b>a</b>") + "</description></item></channel></rss>",
        ),
        ("list.md", f"# Quay\n\n{TEXT}\n\n" + repeated("- a\n")),
        ("emphasis.md", f"# Quay\n\n{TEXT}\n\n" + repeated("*a* ")),
        ("wide.txt", "Quay \U0001f6a2\n\n" + repeated("The quay is old. ")),
    ],
)
def test_one_record_takes_no_more_memory_than_its_limits_allow(tmp_path: Path, name: str, record: str) -> None:
    (tmp_path / "small.jsonl").write_text(json.dumps({"title": "Quay", "text": TEXT}))
    (tmp_path / name).write_text(record)
    small, _ = reading(tmp_path / "small.jsonl")
    peak, _ = reading(tmp_path / name)
    assert peak - small < 200 * MANY_PARTS


def reading(path: Path) -> tuple[int, int]:
    """Read a file in a process of its own; return its peak of memory, in bytes, and how many articles it has."""
    out = path.with_name("out")
    peak = peak_memory([sys.executable, "-m", "semsearch", "read", path, "--json"], out)
    return peak, out.read_bytes().count(b"\n")
