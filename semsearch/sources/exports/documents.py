"""A document of an export, and how it becomes an article."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from semsearch.dates import parse_date
from semsearch.identity import text_digest
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.text import normalise_line
from semsearch.types import Article, Skipped

_PAGE = re.compile(
    r"(?<!\s)[,.]?\s*\b(?:pg|page|pages|p|seite|s|pág|página|pag|blz|bladzijde|pagina|стр)\b\.?\s*(?P<page>[A-Z]{0,3}[.-]?[0-9]{1,4}(?:\s?[-–,]\s?[0-9]+)*)\s*$",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"\b(?:column|col\.|spalte|colonne|columna|ausg\.|nr\.)\s*[0-9]+$", re.IGNORECASE)
"""A column, or an issue, which may also follow a page."""

_BY = re.compile(r"\A(?:by|von|par|por|di|da|door|av|af|от)\s+(?=\S)|\Aавтор:?\s+", re.IGNORECASE)


@dataclass(slots=True)
class Document:
    """What an export says about one article, as it is written there; "" where it says nothing."""

    number: int  # in the export, from 1
    title: str = ""
    text: str = ""  # paragraphs a blank line apart
    outlet: str = ""
    date: str = ""  # in a form that `parse_date` reads
    byline: str = ""
    section: str = ""
    page: str = ""  # of the newspaper
    language: str = ""
    source_id: str = ""
    url: str = ""
    topics: Sequence[str] = ()
    tags: dict[str, str] = field(default_factory=dict)  # whatever else: edition, length


def articles_of(documents: Iterable[Document], place: Place) -> Iterator[Article | Skipped]:
    """Yield the article of each document, with its number as its place."""
    documents = list(documents)
    _drop_shared_addresses(documents)
    for document in documents:
        yield article(_facts(document), place, f"{place.origin}, document {document.number}")


def _drop_shared_addresses(documents: Sequence[Document]) -> None:
    """Forget an address that documents with different titles have: it is of the archive, and would make them one."""
    titles: dict[str, str] = {}
    shared_urls: set[str] = set()
    for document in documents:
        if titles.setdefault(document.url, document.title) != document.title:
            shared_urls.add(document.url)
    for document in documents:
        if document.url in shared_urls:
            document.url = ""


def split_page(section: str) -> tuple[str, str]:
    """Return a section without its page and column, and the page: "LOCAL; Pg. 12, Column 3" is LOCAL and 12."""
    page = ""
    sections = []
    for piece in section.split(";"):
        piece = _COLUMN.sub("", piece.rstrip()).rstrip(" ,")
        match = _PAGE.search(piece)
        page = page or (match["page"] if match else "")
        if name := (piece[: match.start()] if match else piece).strip(" ,"):
            sections.append(name)
    return "; ".join(sections), page


def given_name_first(name: str) -> str:
    """Return "Ada Fennimore" for "Fennimore, Ada"."""
    family_name, _, given_name = name.partition(",")
    return f"{given_name.strip()} {family_name.strip()}".strip()


def paragraphs(lines: Iterable[str]) -> list[list[str]]:
    """Return the runs of lines that are not blank; a page break is blank."""
    runs: list[list[str]] = []
    blank = True
    for line in lines:
        if not line.strip():
            blank = True
        else:
            if blank:
                runs.append([])
            runs[-1].append(line)
            blank = False
    return runs


def join_lines(lines: Iterable[str]) -> str:
    """Return wrapped lines as one line."""
    return normalise_line(" ".join(lines))


def _facts(document: Document) -> Facts:
    section, page = split_page(normalise_line(document.section))
    page = page or document.page
    published = parse_date(document.date) if document.date else None
    title = normalise_line(document.title)
    return Facts(
        title=title,
        text=document.text,
        url=values.address(document.url),
        source_id=document.source_id or None,
        # Outlets carry each other's articles, and a column has the same title every week.
        slug=f"{title} {text_digest(document.text)}",
        publisher=values.outlet(document.outlet) or _site(document.outlet),
        authors=tuple(values.people(_BY.sub("", document.byline.strip(), count=1))),
        published=published,
        written=document.date,
        language=values.language(document.language),
        section=section or None,
        topics=tuple(document.topics),
        tags=_tags({"page": page, **document.tags}),
    )


def _site(outlet: str) -> str | None:
    """Return the name of an outlet that archives list by its domain, as in Example.com."""
    return normalise_line(outlet) if values.domain(outlet) and "://" not in outlet else None


def _tags(tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    strings_by_name = {name: tuple(values.tag_values(value)) for name, value in tags.items()}
    return {name: strings for name, strings in strings_by_name.items() if strings}
