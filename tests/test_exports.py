"""Whole exports of press archives: which documents come out, and what is said of each."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from semsearch.sources.exports.documents import split_page
from semsearch.sources.exports.pages import page_lines
from semsearch.types import Article, Skipped
from tests.examples import slow_but
from tests.exports import (
    HARDER,
    SHAPES,
    UNDATED,
    Expected,
    as_html,
    documents,
    europresse,
    europresse_old,
    factiva,
    factiva_html,
    nexis,
    nexis_uni,
    proquest,
)
from tests.reading_cases import records

WITHOUT_BYLINES = frozenset(name for name in SHAPES if name.startswith("japanese") or name == "russian-numbered")
WITHOUT_OUTLETS = frozenset(
    f"japanese-{name}" for name in ("numbered", "fronted", "regional", "newspaper-first", "table", "rows")
)
WITH_PAGES = ("nexis", "uni", "factiva", "proquest", "europresse")


def invented(seed: str, count: int) -> list[Expected]:
    return documents(random.Random(seed), count)  # noqa: S311  the same documents in every run


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("count", [3, 12, pytest.param(40, marks=pytest.mark.slow)])
def test_every_document_of_an_export_is_an_article(name: str, count: int) -> None:
    expected = invented(f"{name} {count}", count)
    ending, write = SHAPES[name]
    raw = write(expected).encode()
    found = records(Path(f"export{ending}"), raw.replace(b"\n", b"\r\n") if count == 3 else raw)
    assert [one.metadata.title if isinstance(one, Article) else one for one in found] == [one.title for one in expected]
    articles = [one for one in found if isinstance(one, Article)]
    for number, (article, one) in enumerate(zip(articles, expected, strict=True), 1):
        known = article.metadata
        numbered = number if name != "nexis-twice" or number < 3 else number - 2
        assert (known.origin, known.place) == (f"export{ending}", f"document {numbered}")
        if one.day or name not in UNDATED:
            assert (known.published and known.published.text) == (one.day and one.day.isoformat())
        if name not in WITHOUT_OUTLETS:
            assert (known.publisher or "").replace(" ", "") == one.outlet.replace(" ", "")
        if name not in WITHOUT_BYLINES:
            assert known.authors == ((one.byline,) if one.byline else ())
        if name.startswith(WITH_PAGES):
            page = f"{one.page}, 41" if name == "nexis-pages" else one.page
            assert (known.section, known.tags["page"]) == (one.section, (page,))
        if name.startswith("japanese"):
            assert known.tags["page"] == (one.page,)
            assert known.publisher in (None, one.outlet.replace(" ", ""), one.outlet, "港新聞")
        text = " ".join(article.text.split())
        assert all(paragraph in text for paragraph in one.paragraphs)
        assert text.endswith(one.paragraphs[-1])
        assert not any(other.paragraphs[-1] in text for other in expected if other is not one)
    assert len({article.metadata.article_id for article in articles}) == count


@pytest.mark.parametrize("name", slow_but([*SHAPES][::3], SHAPES))
def test_marks_that_stand_alone_within_a_text_change_neither_count_nor_titles_nor_dates(name: str) -> None:
    expected = documents(random.Random(name), 20, HARDER)  # noqa: S311
    ending, write = SHAPES[name]
    found = records(Path(f"export{ending}"), write(expected).encode())
    assert [one.metadata.title if isinstance(one, Article) else one for one in found] == [one.title for one in expected]
    if name not in UNDATED:
        days = [one.metadata.published and one.metadata.published.text for one in found if isinstance(one, Article)]
        assert days == [one.day and one.day.isoformat() for one in expected]


@pytest.mark.parametrize(
    "issue", ["Spring 2024", "May/June 2024", "Q2 2024", "Winter 2023-24", "Frühjahr 2024", "May 20-26, 2024"]
)
@pytest.mark.parametrize("write", [nexis, nexis_uni])
def test_an_issue_that_is_no_date_is_kept_as_it_is_written(write: Callable[..., str], issue: str) -> None:
    expected = replace(invented("issue", 2)[0], day=date(2024, 5, 20), section="News")
    (found,) = records(
        Path("export.txt"), write([expected], cover=False).replace("May 20, 2024 Monday", issue).encode()
    )
    assert isinstance(found, Article)
    known = found.metadata
    assert (known.title, known.publisher, known.published) == (expected.title, expected.outlet, None)
    assert known.tags["unparsed_date"] == (issue,)


@pytest.mark.parametrize("ending", [".txt", ".html"])
@pytest.mark.parametrize("end", ["End of Document", "Document QUAYCO0020240520ek5k0000{}"])
def test_documents_whose_heads_were_lost_are_never_one_article(ending: str, end: str) -> None:
    text = "\n\n".join(
        f"Crane day {day} Quay Courier May {day}, 2024 Body\n\n{PARAGRAPH}\n\n{end.format(day)}" for day in (1, 2)
    )
    (lost,) = records(Path(f"export{ending}"), (as_html(text) if ending == ".html" else text).encode())
    assert isinstance(lost, Skipped)
    assert "2 documents end in it" in lost.reason


MARKS = (
    *("1 of 3 DOCUMENTS that nobody wanted", "LENGTH: a history", "May 20, 2019: the day it fell", "Body", "300 words"),
    *(
        "Copyright 2012: who owns the crane",
        "Section: a new one",
        "End of Document? Not yet",
        "12 May 2020 in pictures",
    ),
)


@pytest.mark.parametrize("write", [nexis, nexis_uni, factiva, proquest, europresse])
def test_a_headline_may_look_like_a_mark(write: Callable[..., str]) -> None:
    expected = [replace(one, title=title) for one, title in zip(invented("marks", len(MARKS)), MARKS, strict=True)]
    ending = ".html" if write is europresse else ".txt"
    found = [
        one.metadata for one in records(Path(f"export{ending}"), write(expected).encode()) if isinstance(one, Article)
    ]
    assert [(one.title, one.publisher) for one in found] == [(one.title, one.outlet) for one in expected]
    assert [one.published and one.published.text for one in found] == [
        one.day and one.day.isoformat() for one in expected
    ]


@pytest.mark.parametrize("write", [nexis, nexis_uni, factiva, proquest])
def test_an_outlet_may_be_named_like_its_site(write: Callable[..., str]) -> None:
    expected = [replace(one, outlet="Quay.example.com") for one in invented("site", 3)]
    found = records(Path("export.txt"), write(expected).encode())
    assert [one.metadata.publisher for one in found if isinstance(one, Article)] == ["Quay.example.com"] * 3


@pytest.mark.parametrize(
    ("written", "section", "page"),
    [
        ("Section A; Page 1, Column 4; National Desk", "Section A; National Desk", "1"),
        ("WISSENSCHAFT; KREBS; S. 114 Ausg. 9", "WISSENSCHAFT; KREBS", "114"),
        ("Voorpagina; Blz. 1", "Voorpagina", "1"),
        ("Pg. 7", "", "7"),
        ("Column 3", "", ""),
    ],
)
def test_a_page_stands_apart_from_its_section(written: str, section: str, page: str) -> None:
    assert split_page(written) == (section, page)


def test_numbers_before_headlines_are_the_numbers_of_the_documents() -> None:
    expected = invented("counted", 4)
    numbered = [replace(one, title=f"{at}) {one.title}") for at, one in enumerate(expected, 97)]
    found = [one.metadata for one in records(Path("x.txt"), factiva(numbered).encode()) if isinstance(one, Article)]
    assert [(one.title, one.place) for one in found] == [
        (one.title, f"document {at}") for at, one in enumerate(expected, 97)
    ]


def test_a_transcript_has_labels_that_are_not_known() -> None:
    expected = [replace(one, byline="Ada Fennimore") for one in invented("show", 4)]
    text = nexis(expected).replace("BYLINE:", "ANCHORS: Bo Lindqvist, Ada Fennimore\n\nBYLINE:")
    for one in expected:
        text = text.replace(
            f"{one.outlet:^76}".rstrip() + "\n\n", f"{one.outlet:^76}\n\nSHOW: QUAY MORNING 10:00 AM EST\n\n"
        )
    found = [one.metadata for one in records(Path("export.txt"), text.encode()) if isinstance(one, Article)]
    assert [(one.title, one.publisher) for one in found] == [(one.title, one.outlet) for one in expected]
    assert all((one.authors, one.tags["length"]) == (("Ada Fennimore",), ("61 words",)) for one in found)


@pytest.mark.parametrize("first", [nexis, nexis_uni, factiva, proquest])
@pytest.mark.parametrize("second", [nexis, nexis_uni, factiva, proquest])
def test_exports_of_two_archives_in_one_file_are_said_to_be_there(
    first: Callable[..., str], second: Callable[..., str]
) -> None:
    texts = [write([replace(one, day=one.day or date(2024, 5, 20)) for one in invented(seed, count)])
             for write, seed, count in ((first, "one", 7), (second, "two", 5))]  # fmt: skip
    found = records(Path("export.txt"), "\n\n".join(texts).encode())
    if first is second:
        assert [type(one) for one in found] == [Article] * 12
    else:
        assert isinstance(found[-1], Skipped)
        assert "5 documents in the form of another archive" in found[-1].reason


@pytest.mark.parametrize("write", [europresse, europresse_old, factiva_html])
def test_pages_that_were_put_into_one_file_are_read_all(write: Callable[..., str]) -> None:
    first, second = invented("pages one", 5), invented("pages two", 4)
    found = records(Path("export.html"), "\n".join(map(write, (first, second))).encode())
    assert [one.metadata.title for one in found if isinstance(one, Article)] == [one.title for one in [*first, *second]]


@pytest.mark.parametrize("mark", ['<td class="topic-list">Topics</td>', "LENGTH: 120 min", "<p>End of documents</p>"])
def test_a_page_with_a_list_is_no_export(mark: str) -> None:
    items = "".join(
        f"<h2>Concert {day}</h2><p>Date: {day} May 2024</p><p>Title: Crane {day}</p>" for day in range(1, 9)
    )
    page = f"<html><body><article><h1>Concerts</h1><p>{PARAGRAPH}</p>{mark}{items}</article></body></html>"
    (article,) = records(Path("page.html"), page.encode())
    assert isinstance(article, Article)
    assert article.metadata.place is None


@pytest.mark.parametrize("nothing", ["Not available.", "Nicht verfügbar.", "Non disponible."])
def test_an_abstract_stands_for_a_text_that_is_not_there(nothing: str) -> None:
    expected = [replace(one, paragraphs=(nothing,)) for one in invented("abstract", 3)]
    found = records(Path("export.txt"), proquest(expected).encode())
    assert [one.text for one in found if isinstance(one, Article)] == ["What it is about."] * 3


def test_an_export_that_ends_early_keeps_its_form() -> None:
    expected = invented("early", 9)
    text = proquest(expected, numbered=True)
    cut = text[: text.index(expected[-1].paragraphs[-1])]
    found = [one.metadata for one in records(Path("export.txt"), cut.encode()) if isinstance(one, Article)]
    assert [(one.title, one.publisher) for one in found] == [(one.title, one.outlet) for one in expected[:-1]]


def test_a_document_that_the_archive_could_not_write_is_skipped() -> None:
    text = nexis_uni(invented("error", 3), cover=False)
    error = "\n\nWe are sorry but there is an error in this document and it is not possible to display it.\n\n"
    found = records(Path("export.txt"), (text + error + "\nEnd of Document\n").encode())
    assert [type(one) for one in found] == [Article] * 3 + [Skipped]
    assert not any(isinstance(one, Article) and "We are sorry" in one.text for one in found)


@pytest.mark.parametrize("body", ["", "Text\n"])
def test_the_text_begins_below_the_last_label_of_the_head(body: str) -> None:
    expected = [replace(one, byline="Ada Fennimore") for one in invented("head", 4)]
    found = records(Path("export.txt"), nexis_uni(expected, cover=False).replace("\nBody\n", f"\n{body}").encode())
    articles = [one for one in found if isinstance(one, Article)]
    assert [one.metadata.authors for one in articles] == [("Ada Fennimore",)] * 4
    assert all(article.text.startswith(one.paragraphs[0][:9]) for article, one in zip(articles, expected, strict=True))


def test_the_head_of_a_page_over_a_title_is_not_part_of_it() -> None:
    expected = invented("head", 2)
    text = nexis_uni(expected, cover=False)
    for one in expected:
        text = text.replace(f"{one.title}\n{one.outlet}\n", f"Page 1 of 3\n{one.title}\n\n{one.title}\n{one.outlet}\n")
    found = records(Path("export.txt"), text.encode())
    assert [one.metadata.title for one in found if isinstance(one, Article)] == [one.title for one in expected]


def test_a_rule_is_no_headline() -> None:
    (found,) = records(Path("a.txt"), f"{'=' * 30}\n\nCrane returns\n\n{PARAGRAPH}".encode())
    assert isinstance(found, Article)
    assert (found.metadata.title, found.text) == ("Crane returns", PARAGRAPH.strip())


def test_an_issue_of_a_month_is_dated_by_it() -> None:
    expected = [replace(one, day=date(2024, 5, 20)) for one in invented("month", 2)]
    found = records(Path("export.html"), europresse(expected).replace("lundi 20 mai 2024", "mai 2024").encode())
    assert [one.metadata.published and one.metadata.published.text for one in found if isinstance(one, Article)] == [
        "2024-05",
        "2024-05",
    ]


@pytest.mark.parametrize("write", [nexis_uni, factiva, proquest])
def test_blank_lines_may_have_been_lost(write: Callable[..., str]) -> None:
    expected = invented("blank", 6)
    text = "\n".join(line for line in write(expected).split("\n") if line.strip())
    found = [one for one in records(Path("export.txt"), text.encode()) if isinstance(one, Article)]
    assert [(one.metadata.title, one.metadata.publisher) for one in found] == [
        (one.title, one.outlet) for one in expected
    ]
    assert all(" ".join(one.text.split()).endswith(it.paragraphs[-1]) for one, it in zip(found, expected, strict=True))


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("language", ["en", "de", "pt"])
def test_documents_that_are_not_numbered_end_in_their_labels(language: str, count: int) -> None:
    expected = invented(f"unnumbered {language}", count)
    lines = nexis(expected, language, cover=False).split("\n")
    text = "\n".join(line for line in lines if not line.strip().endswith((f" {count}", " DOCUMENTS", " DOCUMENTOS")))
    found = [one for one in records(Path("export.txt"), text.encode()) if isinstance(one, Article)]
    assert [(one.metadata.title, one.metadata.publisher) for one in found] == [
        (one.title, one.outlet) for one in expected
    ]
    assert all(" ".join(one.text.split()).endswith(it.paragraphs[-1]) for one, it in zip(found, expected, strict=True))


@pytest.mark.parametrize("clock", ["10:15", "04:05 PM", "10:15 GMT", "6:30 a.m. EDT", "10h15", "10.15 Uhr"])
def test_the_time_below_a_date_is_no_outlet(clock: str) -> None:
    expected = [replace(one, day=date(2024, 5, 20)) for one in invented("clock", 2)]
    found = records(Path("export.txt"), factiva(expected).replace("\n10:15\n", f"\n{clock}\n").encode())
    assert [one.metadata.publisher for one in found if isinstance(one, Article)] == [one.outlet for one in expected]


def test_a_range_of_a_larger_export_keeps_its_numbers() -> None:
    expected = invented("range", 30)
    text = nexis(expected, cover=False)
    cut = text[text.index("11 of 30 DOCUMENTS") :]
    found = records(Path("export.txt"), cut.encode())
    assert [one.metadata.place for one in found if isinstance(one, Article)] == [f"document {n}" for n in range(11, 31)]


@pytest.mark.parametrize("name", slow_but([*SHAPES][1::3], SHAPES))
def test_an_export_that_is_cut_or_bent_ends_no_run(name: str) -> None:
    chance = random.Random(name)  # noqa: S311
    ending, write = SHAPES[name]
    raw = write(invented(name, 5)).encode()
    for _ in range(4):
        begin, end = sorted(chance.choices(range(len(raw)), k=2))
        bent = bytearray(raw[begin:end] if chance.random() < 0.5 else raw[:begin] + raw[end:])
        bent = bytearray(bytes(bent).decode("utf-8", "ignore").encode())
        for one in records(Path(f"x{ending}"), bytes(bent)):
            assert isinstance(one, Article | Skipped)


PARAGRAPH = (
    "The council met on the quay and talked about the crane until the lamps were lit, and then it went home. " * 2
)
DIARY = "\n\n".join(f"{'-' * 30}\n\nEntry {day}\n{day} May 2024\n\n{PARAGRAPH}" for day in range(1, 6))
CLIPPINGS = "\n\n".join(
    f"Crane day {day}\n\nMay {day}, 2024\nQuay Courier, The (ST)\nAuthor: Ada Fennimore\nSection: Local\nPage: B{day}"
    f"\n\n{PARAGRAPH}\n\nRecord: 1234{day}"
    for day in range(1, 6)
)
LISTED = "\n\n".join(
    f"{day}. Crane day {day}\nQuay Courier, May {day}, 2024 Tuesday, NEWS; Pg. 3\n\n{PARAGRAPH}" for day in range(1, 6)
)
WIRED = "\n\n###\n\n".join(f"QUAY — May {day}, 2024\n\n{PARAGRAPH}" for day in range(1, 6))
CARDS = "\n\n".join(f"Source: Hill Herald\nTitle: Day {day}\n\n{PARAGRAPH}" for day in range(1, 6))

FACTS = (
    "Hill Herald, {day} May 2024, p. {day}",
    "Hill Herald | 0{day}.05.2024 | Side {day} | 523 ord | artikel-id: e{day}",
    "May {day}, 2024 | Hill Herald, The (ST)\nAuthor: Bo Lindqvist | Section: News\n61 Words",
    "A{day} | News | 2024-05-0{day}",
    "Hill Herald - {day} mai 2024 - 312 mots",
)
HEADED = ["\n\n".join(f"Crane day {d}\n{facts.format(day=d)}\n\n{PARAGRAPH}" for d in range(1, 6)) for facts in FACTS]


@pytest.mark.parametrize("text", [DIARY, CARDS, CLIPPINGS, LISTED, WIRED, *HEADED])
def test_a_text_of_several_articles_in_no_known_form_is_said_to_be_one(text: str) -> None:
    (lost,) = records(Path("many.txt"), text.encode())
    assert isinstance(lost, Skipped)
    assert "several articles" in lost.reason
    assert "JSON Lines" in lost.reason


SINGLE = [
    f"Crane returns\n\nBy Ada Fennimore\n\n{PARAGRAPH}\n\n* * *\n\n{PARAGRAPH}",
    f"Page 1 of 2\n\n{PARAGRAPH}\n\n2 of 3 councillors agreed.\n\n{PARAGRAPH}",
    f"Title: Crane returns\nDate: 20 May 2024\nAuthor: Ada Fennimore\n\n{PARAGRAPH}",
    f"Timeline\n\n{PARAGRAPH}\n\n" + "\n".join(f"{n}. May {n}, 2024: the crane moved." for n in range(1, 9)),
    "Ten cranes\n\n" + "\n\n".join(f"{n}. Crane {n}\n\n{PARAGRAPH}" for n in range(1, 9)),
    f"Crane returns\n\n{PARAGRAPH}\n\n***\n\n{PARAGRAPH}\n\n***\n\n{PARAGRAPH}",
    "Books\n\n" + "\n\n".join(f"Author: Ada Fennimore\nPages: {n}\n\n{PARAGRAPH}" for n in range(200, 204)),
    f"Chronicle\n\n1 May 2024\n\n{PARAGRAPH}\n\n2 May 2024\n\n{PARAGRAPH}\n\n3 May 2024\n\n{PARAGRAPH}",
    "Ferries\n\n"
    + "\n\n".join(f"LENGTH: {n} m\n\n{PARAGRAPH}\n\nCOUNTRY: Norway\n\nTYPE: Ferry" for n in range(12, 17)),
    f"港の橋\n\n{'港の橋の記事である。' * 20}\n\n"
    + "\n".join(f"{n} | 2024年5月{n}日 | 朝刊 | 社会 | 12" for n in range(1, 9)),
    f"Ferry for sale\n\nLENGTH: 120 m\n\n{PARAGRAPH}\n\nCOUNTRY: Norway\n\nTYPE: Ferry\n\n{PARAGRAPH}",
    "Contract\n\n" + "\n\n".join(f"Page {n} of 9\n\nSection: {n}\n\nDate: ______\n\n{PARAGRAPH}" for n in range(1, 10)),
    "Minutes\n\n"
    + "\n\n".join(f"{n}. Item {n}\n\nProposal: paint\nAdopted on May {n}, 2024\n\n{PARAGRAPH}" for n in range(1, 9)),
    "Papers\n\n" + "\n\n".join(f"2024年5月{n}日 朝刊 社会面\n\n{'港の橋の記事である。' * 12}" for n in range(1, 8)),
    "".join(f"{PARAGRAPH}\n\nThe cranes of Hill\nHill Herald | 20 May 2024 | Page {n}\n\n" for n in range(1, 9)),
    f"Cranes\n\n{PARAGRAPH}\n\nSources\n\n" + "\n".join(f"Hill Herald, {n} May 2024, p. {n}" for n in range(1, 9)),
    "Cranes\n\n" + "\n\n".join(f"{PARAGRAPH}\n{n} Hill Herald, {n} May 2024, p. {n}" for n in range(1, 9)),
    "Live: cranes\n\n" + "\n\n".join(f"The lamps\n{n} May 2024 | 14:3{n}\n\n{PARAGRAPH}" for n in range(1, 9)),
    f"Crane returns\n\n{PARAGRAPH}\n\n--------\n\nAbout us\n\n{PARAGRAPH}\n\n--------\n\n{PARAGRAPH}",
]


@pytest.mark.parametrize("text", SINGLE)
def test_a_text_of_one_article_stays_one(text: str) -> None:
    (article,) = records(Path("one.txt"), text.encode())
    assert isinstance(article, Article)
    assert article.metadata.place is None


@pytest.mark.parametrize(
    "line",
    slow_but(
        ["1 of 2 DOCUMENTS", "朝刊", "HD  x", "\n" * 20],
        ["1 of 2 DOCUMENTS", "Document 3 de 5", "Date: 3 May 2024", "End of Document", "Full text: x", "No.1",
         "朝刊", "Document QUAYCO0020240520ek5k00001", "-" * 30, "【発行日】2024年5月3日", "HD  x", "61 words",
         "LANGUAGE: ENGLISH", "LENGTH: 61 words", " " * 60, "\t", "\n" * 20, f"Full text: x\n\n{'_' * 60}"],
    ),
)  # fmt: skip
def test_time_grows_with_the_length_of_a_text_and_no_faster(line: str) -> None:
    def seconds(times: int) -> float:
        raw = f"{line}\n\nIt rained.\n".encode() * times
        started = time.process_time()
        records(Path("x.txt"), raw)
        return time.process_time() - started

    seconds(10)
    few, many = (min(seconds(times) for _ in range(2)) for times in (125, 1_000))  # in one memory may be tidied up
    assert many < 20 * max(few, 0.02)


@pytest.mark.parametrize("unit", ["<pre>a\nb", "<pre></pre>", "<hr", "<span class='author'>", "<table><tr><td>"])
def test_time_grows_with_the_length_of_a_page_and_no_faster(unit: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        page_lines(unit * times)
        return time.process_time() - started

    seconds(10)
    few, many = (min(seconds(times) for _ in range(2)) for times in (1_000, 8_000))
    assert many < 20 * max(few, 0.02)
