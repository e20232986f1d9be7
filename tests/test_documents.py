"""PDF, office files, books, mail and lists of references."""

import base64
import random
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from semsearch.errors import SourceError
from semsearch.sources import read
from semsearch.types import Article, Skipped, Unreadable
from tests.exports import documents, nexis, nexis_uni
from tests.papers import Word, book, column, open_document, pdf, rtf, word, zipped
from tests.reading_cases import records

CRANE = (
    "The last steam crane of the inner harbour is back on its rails, and it will lift again before the summer, said "
    "the engineer who has looked after it since it was taken from the shed behind the ropeworks."
)
LIBRARY = (
    "The town council has voted by nineteen to six for a new library next to the fish market. Building is to begin "
    "next spring, and the doors are to open two years later, if nobody changes their mind."
)
SHED = "For forty years the crane stood in a shed, where nobody looked after it and the rain came through the roof."

ENCRYPTED = (
    "c-oCqJ!=#}7%oJM0R<Hl3w4?+b$7mJ;Ru+!oCzv9a+(NgF|#{+*>KrCb~hoh_7B);u#JV-2wK?*Hn9+~($X|`VqqJc-Mz~#tcCjl"
    "Gtc|HAJ04QwEErNHFTYT){n!_Ujc$HO!Nk5w}EqacWj{3QMno=L*Vq)&}0x>!U~w1111g%B5pX8JmB1lf($-@q~OCx!09AgaSl<<"
    "mHgASNR%2&tui@xOc1I0WXHyG?aMp{CB;?5IJd+M(u%oavScguZIMO9p0!pB1lhD`=l-(ZFn(oNLXb}l)i)`O)(X3A;$glHDKG3<"
    "o*K0YzMVUB@FMxJH(WeQt~}k@`@R46%Sra|&(Z$NgJ18SpM8Jv@WlC7;<9{m>e;7m5q07?iO(9si(-K@*wT5qEkFdEd6k(`hO=l!"
    "+a`~E1)PQ0Pl6~OLT4?CZ^T(N1!@9#Bf&&>EyvPk+3d9_u<|6ZDWc(eUaUIFC`kun<y%(QY)8JinW|k|PLyYTlXjBLaS|6NWVyX)"
    "l$+EF7^&QJjjhBS_YC1$&%VFDN<LnCvUqy+!p~+$#H`?%3RzRJ3b8$4NNT}t_CBQ8qaGL7!?Rijxrzgo2EbW{Z9ynDN=YO!q8Nun"
    "XvByT#6y?}MUXIpNl#<qOX<6=)Smr?8&Kv48fiN-_h8%OE)TSJm5@aFVHhe;QbvuTSZi*xOC3_f3@w5wia2#$yXOVdMXsz**G_6e"
    ";6e|$#}DL;5e7qej3GNCr6rzWoHj74p@Ct+8yFF|fl=-?FixAkoQoNjrz#qmv^<kR^w?M#&PtNli(TEpr8rEWn5?_@&bE!KmG80u"
    "Yb25OiS|XvsPt5z1d@u){SW0)Irr)A*bd$F%4WGr^Rk&zV$f<WEcd`)E)-TR"
)


def only(name: str, raw: bytes) -> Article:
    (article,) = records(Path(name), raw)
    assert isinstance(article, Article)
    return article


# PDF


def two_columns(first: str, second: str, *, title: str = "", number: int = 1, header: str = "") -> list[Word]:
    words = [*column(second, 310, 690, 230), *column(first, 50, 690, 230)]  # the order in which they are drawn is none
    words += [Word(title, 50, 740, 20)] if title else []
    return [*words, Word(str(number), 290, 30, 8)] + ([Word(f"{header} {number}", 50, 815, 8)] if header else [])


def test_columns_are_read_one_after_the_other_below_the_headline_over_both() -> None:
    article = only("a.pdf", pdf([two_columns(CRANE, LIBRARY, title="Harbour crane returns")]))
    assert article.metadata.title == "Harbour crane returns"
    assert article.text == f"{CRANE}\n\n{LIBRARY}"
    assert article.metadata.pages == (0,)


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_lines_are_drawn_they_are_read_in_theirs(seed: int) -> None:
    words = two_columns(CRANE, LIBRARY, title="Harbour crane returns")
    random.Random(seed).shuffle(words)  # noqa: S311
    assert only("a.pdf", pdf([words])).text == f"{CRANE}\n\n{LIBRARY}"


def test_headers_footers_and_page_numbers_are_no_text() -> None:
    pages = [two_columns(CRANE, LIBRARY, number=number, header="Quay Courier") for number in range(1, 5)]
    text = only("a.pdf", pdf(pages)).text
    assert "Quay Courier" not in text
    assert text == "\n\n".join([CRANE, LIBRARY] * 4)


def test_a_passage_knows_its_page() -> None:
    pages = [column(text, 60, 700, 400) for text in (CRANE, LIBRARY, SHED)]
    article = only("report.pdf", pdf([*pages[:2], [], pages[2]]))
    known = article.metadata
    assert known.origin == "report.pdf"
    assert known.place is None
    for number, text in ((1, CRANE), (2, LIBRARY), (4, SHED)):
        start = article.text.index(text)
        assert known.place_of(start, start + len(text)) == f"page {number}"
    assert known.place_of(0, len(article.text)) == "pages 1 to 4"


def test_a_hyphen_at_the_end_of_a_line_is_undone_and_a_compound_keeps_its_own() -> None:
    lines = [
        "The rope-",
        "works are a well-",
        "known place, and well-known to all who live on the quay today.",
        "And so on.",
    ]
    words = [Word(line, 60, 700 - 12 * at) for at, line in enumerate(lines)]
    text = only("a.pdf", pdf([words])).text
    assert text.startswith("The ropeworks are a well-known place, and well-known to all")


def test_a_sentence_goes_on_over_columns_and_pages() -> None:
    first, second = CRANE.split(" before ")
    pages = [[*column(first, 60, 400, 230), Word("1", 290, 30, 8)], column(f"before {second}", 60, 700, 230)]
    assert only("a.pdf", pdf(pages)).text == CRANE


def test_a_scan_is_said_to_be_one() -> None:
    (lost,) = records(Path("a.pdf"), pdf([[], []], picture=[1, 2]))
    assert isinstance(lost, Skipped)
    assert "scan" in lost.reason
    assert "ocrmypdf" in lost.reason
    article, lost = records(Path("a.pdf"), pdf([column(CRANE, 60, 700, 400), []], picture=[2]))
    assert isinstance(article, Article)
    assert isinstance(lost, Skipped)
    assert lost.reason.endswith("page 2")


def test_an_encrypted_pdf_is_said_to_be_one() -> None:
    with pytest.raises(SourceError, match="encrypted"):
        records(Path("a.pdf"), zlib.decompress(base64.b85decode(ENCRYPTED)))


def test_a_pdf_without_a_library_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([column(CRANE, 60, 700, 400)]))
    code = "import sys; sys.modules['pypdfium2'] = None\nfrom semsearch.sources import read\nprint(*read(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.pdf")], capture_output=True, text=True, check=True
    )
    assert "pip install 'semsearch[documents]'" in done.stdout


def test_no_library_is_imported_before_the_first_file_of_its_kind() -> None:
    code = "import sys, semsearch.sources; print({'pypdfium2', 'striprtf', 'lxml', 'email'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Office files and books


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.docx", word([CRANE, LIBRARY], "Harbour crane returns", "Ada Fennimore")),
        ("a.odt", open_document([CRANE, LIBRARY], "Harbour crane returns")),
        ("a.rtf", rtf(["Harbour crane returns", CRANE, LIBRARY])),
        ("unnamed", rtf(["Harbour crane returns", CRANE, LIBRARY])),
    ],
)
def test_an_office_file_is_an_article(name: str, raw: bytes) -> None:
    article = only(name, raw)
    assert article.metadata.title == "Harbour crane returns"
    assert article.text == f"{CRANE}\n\n{LIBRARY}"


def test_each_chapter_of_a_book_is_an_article() -> None:
    raw = book({"The crane": [CRANE, SHED], "The library": [LIBRARY, SHED]}, "A town", "Ada Fennimore")
    found = [one for one in records(Path("town.epub"), raw) if isinstance(one, Article)]
    assert [one.metadata.title for one in found] == ["The crane", "The library"]
    assert [one.metadata.place for one in found] == ["chapter 2", "chapter 3"]
    assert {(one.metadata.authors, one.metadata.tags["book"]) for one in found} == {(("Ada Fennimore",), ("A town",))}
    assert found[0].text == f"{CRANE}\n\n{SHED}"


@pytest.mark.parametrize("table", ["nav", "ncx"])
def test_chapters_that_share_a_part_are_told_apart_by_the_table_of_contents(table: str) -> None:
    texts = {"The crane": CRANE, "The library": LIBRARY, "": SHED}
    stories = "".join(
        f"<section id='s{at}'>{f'<h2>{title}</h2>' if title else ''}<p>{text}</p>"
        f"<h3 id='x{at}'>More</h3><p>{text}</p></section>"
        for at, (title, text) in enumerate(texts.items())
    )
    html = '<html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'
    listed = "".join(
        f"<li><a href='a%20b.xhtml#s{at}'>{title or 'The shed'}</a>"
        f"<ol><li><a href='a%20b.xhtml#x{at}'>More</a></li></ol></li>"
        if table == "nav"
        else f"<navPoint><navLabel><text>{title or 'The shed'}</text></navLabel><content src='a%20b.xhtml#s{at}'/>"
        f"<navPoint><navLabel><text>More</text></navLabel><content src='a%20b.xhtml#x{at}'/></navPoint></navPoint>"
        for at, title in enumerate(texts)
    )
    kind, properties = (
        ("application/xhtml+xml", "properties='nav'") if table == "nav" else ("application/x-dtbncx+xml", "")
    )
    raw = zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container><rootfiles><rootfile full-path='o/c.opf'/></rootfiles></container>",
            "o/c.opf": "<package><metadata><title>Town</title></metadata><manifest>"
            f"<item id='t' href='toc' media-type='{kind}' {properties}/>"
            "<item id='a' href='a%20b.xhtml' media-type='application/xhtml+xml'/></manifest>"
            "<spine><itemref idref='a'/></spine></package>",
            "o/toc": html.format(f"<nav><ol>{listed}</ol></nav>")
            if table == "nav"
            else f"<ncx><navMap>{listed}</navMap></ncx>",
            "o/a b.xhtml": html.format(f"<h1>Town</h1>{stories}"),
        }
    )
    found = [one for one in records(Path("a.epub"), raw) if isinstance(one, Article)]
    assert [one.metadata.title for one in found] == ["The crane", "The library", "The shed"]
    assert [one.metadata.place for one in found] == ["chapter 1.1", "chapter 1.2", "chapter 1.3"]
    assert [one.text for one in found] == [f"{text}\n\nMore\n\n{text}" for text in texts.values()]


def test_what_was_deleted_in_word_is_not_read_and_a_row_of_a_table_is_a_line() -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    body = (
        "<w:p><w:r><w:t>Kept </w:t></w:r><w:del><w:r><w:delText>gone </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>text.</w:t></w:r></w:ins><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        f"<w:tbl><w:tr>{cell.format('one')}{cell.format('two')}</w:tr></w:tbl>"
    )
    raw = zipped({"word/document.xml": f'<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>'})
    assert only("a.docx", raw).text == "Kept text.\n\none | two"


def test_what_a_document_hides_is_not_read() -> None:
    hidden = "<w:r><w:rPr><w:vanish{}/></w:rPr><w:t>{}</w:t></w:r>"
    with zipfile.ZipFile(BytesIO(word(["MARK"]))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    runs = hidden.format("", "gone ") + hidden.format(" w:val='0'", f"{CRANE} ") + "<w:r>"
    parts["word/document.xml"] = parts["word/document.xml"].replace("<w:r>", runs, 1).replace("MARK", SHED)
    assert only("a.docx", zipped(parts)).text == f"{CRANE} {SHED}"
    with zipfile.ZipFile(BytesIO(open_document(["MARK", CRANE]))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    gone = "<text:hidden-text text:is-hidden='true'>gone </text:hidden-text>"
    kept = "<text:hidden-text text:is-hidden='false'>Seen. </text:hidden-text>"
    section = "<text:section text:display='none'><text:p>gone</text:p></text:section><text:p>"
    parts["content.xml"] = parts["content.xml"].replace("MARK", gone + kept).replace("<text:p>", section, 1)
    assert only("a.odt", zipped(parts)).text == f"Seen.\n\n{CRANE}"
    written = rtf(["BEGIN", CRANE]).replace(
        b"BEGIN", rb"Seen{\v gone \'e9\u233?{\b gone}} and\v gone\v0  heard{\deleted gone}."
    )
    assert only("a.rtf", written).text == f"Seen and heard.\n\n{CRANE}"


def test_entities_of_a_document_are_not_expanded() -> None:
    entities = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"
    bomb = f"{entities}<document><body><p><r><t>x&b;y</t></r></p></body></document>"
    for one in records(Path("a.docx"), zipped({"word/document.xml": bomb})):
        assert not isinstance(one, Article) or "haha" not in one.text


@pytest.mark.parametrize("number", ["99999999", "-70000", "1114112", "9" * 400])
def test_a_character_that_there_is_not_costs_nothing_else(number: str) -> None:
    written = rtf([CRANE.replace(" ", " MARK ", 1)]).replace(b"MARK", f"\\u{number}?".encode())
    assert only("a.rtf", written).text == CRANE.replace(" ", " \ufffd ", 1)


@pytest.mark.parametrize("form", ["docx", "odt", "rtf", "pdf"])
@pytest.mark.parametrize("write", [nexis_uni, nexis])
def test_an_export_in_whatever_file_is_its_documents(form: str, write: object) -> None:
    expected = documents(random.Random(form), 12)  # noqa: S311
    text = nexis_uni(expected) if write is nexis_uni else nexis(expected, cover=False)
    paragraphs = [" ".join(part.split()) for part in text.split("\n" if write is nexis_uni else "\n\n") if part.strip()]
    if form == "pdf":
        paragraphs = [line for part in paragraphs for line in (part, "")]
        pages: list[list[Word]] = [[]]
        top = 780.0
        for part in paragraphs:
            placed = column(part, 60, top, 470) if part else []
            if placed and placed[-1].y < 60:
                pages.append([])
                top = 780.0
                placed = column(part, 60, top, 470)
            pages[-1] += placed
            top = (placed[-1].y if placed else top) - (12 if placed else 8)
        raw = pdf(pages)
    else:
        raw = {"docx": word, "odt": open_document, "rtf": rtf}[form](paragraphs)
    found = [one for one in records(Path(f"export.{form}"), raw) if isinstance(one, Article)]
    assert [one.metadata.title for one in found] == [one.title for one in expected]
    days = [one.metadata.published.text if one.metadata.published else None for one in found]
    assert days == [one.day.isoformat() if one.day else None for one in expected]
    assert all(one.text.endswith(wanted.paragraphs[-1]) for one, wanted in zip(found, expected, strict=True))


# Mail


LETTER = (
    "From: =?utf-8?q?Ada_Fennim=C3=B6re?= <ada@quaycourier.example>\nSubject: {}\n"
    "Date: Mon, 20 May 2024 10:15:00 +0200\nMessage-ID: <{}@x>\n\n{}\n"
)


def test_a_mailbox_is_read_message_by_message() -> None:
    text = f"{CRANE}\n\nFrom then on it was dry."
    letters = [
        LETTER.format(f"Letter {number}", number, text.replace("\nFrom ", "\n>From ")) for number in range(1, 30)
    ]
    raw = "".join(f"From ada@x Mon May 20 10:15:00 2024\n{letter}\n" for letter in letters).encode()
    found = [one for one in records(Path("letters.mbox"), raw) if isinstance(one, Article)]
    assert [one.metadata.title for one in found] == [f"Letter {number}" for number in range(1, 30)]
    assert [one.metadata.place for one in found] == [f"message {number}" for number in range(1, 30)]
    assert {one.text for one in found} == {text}
    assert {(one.metadata.authors, one.metadata.published and one.metadata.published.text) for one in found} == {
        (("Ada Fennimöre",), "2024-05-20T10:15:00+02:00")
    }


def test_an_attachment_is_read_and_knows_its_message() -> None:
    report = base64.encodebytes(pdf([column(LIBRARY, 60, 700, 400)])).decode()
    letter = (
        "From: a@x.org\nSubject: Report\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        f"{SHED}\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=report.pdf\n"
        f"Content-Transfer-Encoding: base64\n\n{report}\n--b--\n"
    )
    raw = f"From a@x.org Mon May 20 10:15:00 2024\n{letter}".encode()
    message, attached = records(Path("letters.mbox"), raw)
    assert isinstance(message, Article)
    assert isinstance(attached, Article)
    assert message.text == SHED
    assert attached.text == LIBRARY
    assert (attached.metadata.origin, attached.metadata.place) == ("letters.mbox", "message 1, attachment report.pdf")
    assert attached.metadata.place_of(0, 10) == "message 1, attachment report.pdf, page 1"


@pytest.mark.parametrize("begin", ["", "From ada@x Mon May 20 10:15:00 2024\n"])
def test_mail_is_known_without_the_ending_of_a_name(begin: str) -> None:
    article = only("Inbox", (begin + LETTER.format("Crane", 1, CRANE)).encode())
    assert (article.metadata.title, article.text) == ("Crane", CRANE)


def test_headers_that_cannot_be_read_cost_nothing_else() -> None:
    raw = (
        b"From: =?x-none?q?a?= <a@x>, \xff\nSubject: =?utf-8?b?////?=\nDate: Mon, 99 Foo 2024\nMessage-ID:\n"
        b"Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\nIt rained.\n"
    )
    for hostile in (raw, b"From: a@b " + b"(" * 5_000 + b"\nSubject: x\n\nIt rained.\n"):
        for one in records(Path("a.eml"), hostile):
            assert isinstance(one, Article | Skipped)


def test_lines_that_were_broken_to_be_sent_are_put_together() -> None:
    head = "From: a@x.org\nSubject: Crane\nContent-Type: text/plain; charset=utf-8; format=flowed"
    flowed = "The crane moved \nalong the quay.\n\n > no quote\n> The board \n> said so.\nThe end \n-- \nAda"
    article = only("a.eml", f"{head}\n\n{flowed}\n".encode())
    joined = "The crane moved along the quay.\n\n> no quote\n> The board said so.\nThe end\n--\nAda"
    assert article.text == only("b.txt", joined.encode()).text
    parted = "港のクレ \nーンが移動した。\n"
    assert only("a.eml", f"{head}; delsp=yes\n\n{parted}".encode()).text == "港のクレーンが移動した。"


def test_a_header_may_have_bytes_beyond_ascii() -> None:
    kind = "Content-Type: text/plain; charset=iso-8859-1"
    for charset in ("utf-8", "cp1252"):
        raw = f"From: Zoé Müller <a@x.org>\nSubject: Café fermé, déjà\n{kind}\n\nIt rained.\n".encode(charset)
        known = only("a.eml", raw).metadata
        assert (known.title, known.authors) == ("Café fermé, déjà", ("Zoé Müller",))


def test_the_messages_of_a_digest_are_articles_and_its_cover_is_none() -> None:
    letters = "".join(
        f"--b\nContent-Type: message/rfc822\n\n{LETTER.format(f'Letter {n}', n, CRANE)}\n" for n in range(1, 4)
    )
    raw = f"From: list@x.org\nSubject: Digest\nContent-Type: multipart/digest; boundary=b\n\n{letters}--b--\n".encode()
    found = [one for one in records(Path("a.eml"), raw) if isinstance(one, Article)]
    assert [one.metadata.title for one in found] == ["Letter 1", "Letter 2", "Letter 3"]
    assert len({one.metadata.place for one in found}) == 3


def test_attachments_of_one_name_do_not_replace_each_other() -> None:
    table = "id,title,text\n1,Crane {0},It moved for the {0} time.\n"
    parts = "".join(
        f"--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n{table.format(name)}"
        for name in ("first", "second")
    )
    raw = f"From: a@x.org\nSubject: Tables\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n".encode()
    _, *rows = records(Path("a.eml"), raw)
    assert len({one.metadata.article_id for one in rows if isinstance(one, Article)}) == 2


@pytest.mark.parametrize("kind", ["multipart/related; boundary=b", "text/html; charset=windows-1252"])
def test_a_page_that_another_browser_saved_is_a_page(kind: str) -> None:
    body = f"<html><head><title>Crane</title></head><body><article><h1>Crane</h1><p>{CRANE}</p><p>{SHED}</p></article>"
    head = "Content-Type: text/html; charset=windows-1252\nContent-Location: http://quay.example/crane\n"
    part = f"--b\n{head}\n{body}\n--b--\n" if kind.startswith("multipart") else body
    location = "" if kind.startswith("multipart") else "Content-Location: http://quay.example/crane\n"
    raw = f'From: "Saved by Internet Explorer 11"\nSubject: x\n{location}Content-Type: {kind}\n\n{part}\n'
    article = only("a.mht", raw.encode("cp1252"))
    assert article.metadata.publisher == "quay.example"
    assert article.text == f"{CRANE}\n\n{SHED}"


# What is not read


@pytest.mark.parametrize("name", ["a.doc", "a.msg", "a.mobi", "a.pptx", "a.xlsx", "a.wacz", "a.tif"])
def test_a_kind_that_is_not_read_is_named_with_what_helps(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (lost,) = read(tmp_path / name)
    assert isinstance(lost, Unreadable)
    assert lost.reason.partition(": ")[2]


def test_references_say_what_they_lack() -> None:
    raw = b"TY  - NEWS\nTI  - Crane returns\nAB  - It is back.\nER  - \n"
    article, lacking = records(Path("a.ris"), raw)
    assert isinstance(article, Article)
    assert article.metadata.tags["text_from"] == ("summary",)
    assert isinstance(lacking, Skipped)
    assert "1 with an abstract and none with a text" in lacking.reason


def test_abbreviations_letters_and_names_of_bibtex_are_read() -> None:
    raw = rb"""@string{qc = "The Quay Courier"} @STRING(both = qc # { and } # "Herald")
    @article{a, journal = both, title={Stra{\ss}e to {\O}resund \& \L{}\'od\'z}, date={2024-05-20/2024-05-22},
      author={Lindqvist, Jr., Bo and {\L}ukasz Nowak and others}, howpublished={\url{https://quay.example/crane}}}
    @article{b, journal = {qc}, title = {C\# and #5}, year = 2024}"""
    first, second, _ = records(Path("a.bib"), raw)
    assert isinstance(first, Article) and isinstance(second, Article)
    known = first.metadata
    assert (known.title, known.publisher) == ("Straße to Øresund & Łódź", "The Quay Courier and Herald")
    assert known.authors == ("Bo Lindqvist Jr.", "Łukasz Nowak")
    assert (known.published and known.published.text, known.url) == ("2024-05-20", "https://quay.example/crane")
    assert (second.metadata.title, second.metadata.publisher) == ("C# and #5", "qc")


def test_abbreviations_that_grow_without_end_come_to_one() -> None:
    grown = "".join(f"@string{{a{n} = a{n - 1} # a{n - 1} # a{n - 1}}}\n" for n in range(1, 300))
    raw = f"@string{{a0 = {{crane}}}}\n{grown}@misc{{k, title = a5 # a299 # a299}}".encode()
    article, _ = records(Path("a.bib"), raw)
    assert isinstance(article, Article)
    assert len(article.metadata.title) < 20_000


def test_a_reference_may_say_a_season_and_a_suffix() -> None:
    raw = b"TY  - NEWS\nTI  - Crane\nAU  - Lindqvist, Bo, Jr.\nY1  - 2023///Spring\nER  - \n"
    article, _ = records(Path("a.ris"), raw)
    assert isinstance(article, Article)
    assert article.metadata.authors == ("Bo Lindqvist Jr.",)
    assert article.metadata.published and article.metadata.published.text == "2023"


def test_a_table_of_references_from_zotero_is_read() -> None:
    raw = (
        b'"Key","Item Type","Publication Year","Author","Title","Publication Title","Url","Abstract Note","Date"\n'
        b'"A1","newspaperArticle","2024","Fennimore, Ada; Lindqvist, Bo","Harbour board agrees on wall",'
        b'"The Quay Courier","https://www.quaycourier.example/wall","The board met on Tuesday.","2024-05-20"\n'
    )
    article = only("zotero.csv", raw)
    known = article.metadata
    assert known.authors == ("Ada Fennimore", "Bo Lindqvist")
    assert (known.publisher, known.published and known.published.text) == ("The Quay Courier", "2024-05-20")
    assert article.text == "The board met on Tuesday."


def test_a_table_of_references_from_proquest_is_read() -> None:
    raw = (
        b"Title,Abstract,StoreId,ArticleType,Authors,entryDate,language,pages,pubdate,pubtitle,DocumentURL,startPage\n"
        b'"Harbour board agrees on wall","The board met on Tuesday.",305,Newspapers,"Fennimore, Ada; Lindqvist, Bo",'
        b'2024-05-23,English,A.1,"May 20, 2024",The Quay Courier,https://www.proquest.example/docview/305,A.1\n'
    )
    known = only("proquest.csv", raw).metadata
    assert known.authors == ("Ada Fennimore", "Bo Lindqvist")
    assert (known.publisher, known.published and known.published.text) == ("The Quay Courier", "2024-05-20")
    assert (known.url, known.tags["page"]) == ("https://www.proquest.example/docview/305", ("A.1",))


def bent(raw: bytes, chance: random.Random) -> bytes:
    """Cut, repeat or flip some of a text's bytes."""
    begin, end = sorted(chance.choices(range(len(raw) + 1), k=2))
    end = min(end, begin + 60)
    middle = chance.choice([b"", raw[begin:end] * 3, chance.randbytes(end - begin), b"<" * 50, b"<a>" * 400])
    return raw[:begin] + middle + raw[end:]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.docx", word([CRANE, LIBRARY], "Harbour crane returns", "Ada Fennimore")),
        ("a.odt", open_document([CRANE, LIBRARY], "Harbour crane returns")),
        ("a.epub", book({"The crane": [CRANE, SHED], "The library": [LIBRARY, SHED]}, "A town", "Ada Fennimore")),
    ],
)
def test_bent_parts_of_a_document_end_no_run(name: str, raw: bytes) -> None:
    chance = random.Random(name)  # noqa: S311
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    for _ in range(60):
        entry = chance.choice([part for part in parts if parts[part].startswith(b"<")])
        file = BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, bent(content, chance) if part == entry else content)
        try:
            found = records(Path(name), file.getvalue())
        except SourceError as error:
            assert str(error)
        else:
            assert all(isinstance(one, Article | Skipped) for one in found)
