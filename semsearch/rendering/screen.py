"""What a person reads in a terminal: an answer, an article, a list of articles."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from semsearch.rendering.layout import PLAIN, Style, atoms, excerpt, fields, painted, shorten, wrap, wrapped
from semsearch.rendering.phrases import (
    SHORT_ID_DIGITS,
    UNTITLED,
    counted,
    day,
    duration,
    heading,
    moment,
    quotation,
    short_id,
)
from semsearch.text import display_width, normalise_line, paragraph_spans
from semsearch.types import Answer, Article, GroupBy, Hit, Metadata

PASSAGE_LINES = 6
"""Of a passage, unless all of it is asked for: ten hits then fill two or three screens."""

MORE_PASSAGES = 3
"""Of an article, listed under its best one unless all of it is asked for."""

UNDATED = "no date"

_INDENT = " " * 4
_BAR = "  > "
_NO_BREAK = "\u00a0"
_PUBLISHER_COLUMNS = 18
_DAY_COLUMNS = 10  # 2024-05-03
_ROOM_FOR_DAY = 40  # columns; in a narrower terminal the title needs them more
_ROOM_FOR_PUBLISHER = 64


def answer_text(answer: Answer, style: Style = PLAIN) -> Iterator[str]:
    """Yield each hit: title, facts, the passage with its best sentence emphasised, other passages, address."""
    if not answer.hits:
        yield f"{nothing_found(answer)}\n"
    several_languages = len({hit.article.language for hit in answer.hits}) > 1
    for number, hit in enumerate(answer.hits):
        lines = _hit(hit, style, several_languages)
        yield "\n" * bool(number) + "".join(f"{line}\n" for line in lines)


def nothing_found(answer: Answer) -> str:
    """Say that there are no hits, and why."""
    if answer.total:
        return f"Nothing found among {counted(answer.total, 'article')}."
    if answer.query.filters.to_dict():
        return "Nothing found: no article meets the conditions."
    return "Nothing found: the index is empty."


def closing_text(answer: Answer) -> str:
    """Say how much was shown, of how much, how fast: "10 of 412 articles · 3 ms"."""
    shown = f"{len(answer.hits):,}"
    if answer.query.group_by is GroupBy.PASSAGE:
        shown = counted(len(answer.hits), "passage")
    return f"{shown} of {counted(answer.total, 'article')} · {duration(answer.took_ms)}\n"


def article_text(article: Article, style: Style = PLAIN) -> Iterator[str]:
    """Yield everything known about an article, then its text, a paragraph at a time."""
    known = article.metadata
    for line in wrapped(known.title, style.columns):
        yield f"{style.heading(line)}\n"
    yield from fields(_facts(known), style)
    for start, end in paragraph_spans(article.text):
        yield "\n" + "".join(f"{line}\n" for line in wrapped(article.text[start:end], style.columns))


def listing_text(articles: Iterable[Metadata], style: Style = PLAIN) -> Iterator[str]:
    """Yield an article a line: short id, day and publisher where there is room for them, title."""
    with_day, with_publisher = (style.full or style.columns >= room for room in (_ROOM_FOR_DAY, _ROOM_FOR_PUBLISHER))
    taken = SHORT_ID_DIGITS + 2 + (_DAY_COLUMNS + 2) * with_day + (_PUBLISHER_COLUMNS + 2) * with_publisher
    for article in articles:
        cells = [style.dim(_cell(short_id(article), SHORT_ID_DIGITS))]
        if with_day:
            cells.append(_cell(article.published.text[:_DAY_COLUMNS] if article.published else UNDATED, _DAY_COLUMNS))
        if with_publisher:
            cells.append(_cell(article.publisher or "", _PUBLISHER_COLUMNS))
        title = normalise_line(article.title) or UNTITLED
        cells.append(title if style.full else shorten(title, style.columns - taken))
        yield "  ".join(cells) + "\n"


def _hit(hit: Hit, style: Style, several_languages: bool) -> Iterator[str]:
    columns = style.columns - len(_INDENT)
    rank = f"{hit.rank:>2}  "
    for number, line in enumerate(wrapped(heading(hit), style.columns - max(len(rank), len(_INDENT)))):
        yield (_INDENT if number else style.dim(rank)) + style.heading(line)
    yield from _facts_line(hit, several_languages, style)
    if normalise_line(hit.text) != heading(hit):
        yield from _passage(hit, style)
    shown = len(hit.more) if style.full else MORE_PASSAGES
    for other in hit.more[:shown]:
        yield _INDENT + style.dim("also: ") + shorten(other.passage.text, columns - len("also: "))
    if left_out := hit.more[shown:]:
        yield from _dimmed(f"and {counted(len(left_out), 'more passage')}", style)
    if url := normalise_line(hit.article.url or ""):
        # A broken address can be neither clicked nor copied: it is left whole where no link carries it.
        text = shorten(url, columns) if style.links and not style.full else url
        yield _INDENT + style.link(style.dim(text), url)


def _facts_line(hit: Hit, several_languages: bool, style: Style) -> Iterator[str]:
    known = hit.article
    facts = [
        known.publisher or "",
        day(known.published) or UNDATED,
        known.section or "",
        (known.language or "") if several_languages else "",
        f"score {round(hit.score, 2) + 0.0:.2f}",
        f"id {short_id(known)}",
    ]
    parts = [f"{normalise_line(fact)} ·" for fact in facts if fact]
    # A no-break space keeps each fact, and the point after it, on one line where it fits on one.
    fits = style.columns - len(_INDENT)
    together = (part.replace(" ", _NO_BREAK) if display_width(part) <= fits else part for part in parts)
    return _dimmed(" ".join(together).removesuffix("·").rstrip(), style)


def _passage(hit: Hit, style: Style) -> Iterator[str]:
    pieces = list(atoms(*quotation(hit)))
    if not style.colour:
        # A bar marks whole lines, so the sentence that it marks gets lines of its own.
        turned = (
            after._replace(before="\n" if after.strong != one.strong else after.before)
            for one, after in pairwise(pieces)
        )
        pieces = [*pieces[:1], *turned]
    columns = style.columns - len(_INDENT)
    for line in wrap(pieces, columns) if style.full else excerpt(pieces, columns, PASSAGE_LINES):
        marked = line[0].strong and not style.colour
        yield (_BAR if marked else _INDENT) + painted(line, style)


def _dimmed(text: str, style: Style) -> Iterator[str]:
    return (_INDENT + style.dim(line) for line in wrapped(text, style.columns - len(_INDENT)))


def _cell(text: str, columns: int) -> str:
    short = shorten(normalise_line(text), columns)
    return short + " " * (columns - display_width(short))


def _facts(known: Metadata) -> Iterator[tuple[str, str]]:
    yield "publisher", known.publisher or ""
    yield "authors", ", ".join(known.authors)
    yield "published", moment(known.published) or UNDATED
    yield "updated", moment(known.updated)
    yield "section", known.section or ""
    yield "language", known.language or ""
    for key, values in sorted(known.tags.items()):
        yield normalise_line(key), ", ".join(values)
    yield "url", known.url or ""
    yield "indexed", moment(known.indexed)
    yield "id", known.article_id
