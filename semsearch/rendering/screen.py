"""Renders answers, articles and lists of articles for people at a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from semsearch.rendering.layout import PLAIN, Style, atoms, excerpt, fields, listed, painted, shorten, wrap, wrapped
from semsearch.rendering.phrases import (
    SHORT_ID_DIGITS,
    UNTITLED,
    bearer,
    day,
    heading,
    iso_day,
    marks,
    moment,
    quotation,
    short_id,
    whereabouts,
)
from semsearch.rendering.reasons import reason_lines
from semsearch.rendering.remarks import WORDS, left_out, listed_hits, opening
from semsearch.text import counted, display_width, normalise_line, paragraph_spans
from semsearch.types import Answer, Article, Hit, Metadata, Passage

PASSAGE_LINES = 3
"""Lines of a passage, unless all of it is wanted: a screen of 24 lines then shows the three or four best hits."""

MORE_PASSAGES = 1
"""Passages of an article that are listed under its best one, unless all are wanted."""

UNDATED = "no date"

_INDENT = " " * 4
_BAR = "  > "
_SAME = "same text:"
_PUBLISHER_COLUMNS = 18
_DAY_COLUMNS = 10  # 2024-05-03
_LEAST_TITLE = 20
_ROOM_FOR_DAY = 40  # columns; in a narrower terminal the title needs them more
_ROOM_FOR_PUBLISHER = 64


def answer_text(answer: Answer, style: Style = PLAIN) -> Iterator[str]:
    """Yield each hit: title, facts, the passage with its best sentence emphasised, other passages, copies, address."""
    opening_lines = "".join(f"{style.bold(line)}\n" for line in wrapped(opening(answer), style.columns))
    if opening_lines:
        yield opening_lines
    hits = listed_hits(answer, everything=style.everything)
    several_languages = len({hit.article.language for hit in hits}) > 1
    for number, hit in enumerate(hits):
        lines = _hit(hit, style, several_languages)
        yield "\n" * bool(number or opening_lines) + "".join(f"{line}\n" for line in lines)
    closing_lines = "".join(f"{style.dim(line)}\n" for line in wrapped(left_out(answer, hits), style.columns))
    if closing_lines:
        yield "\n" * bool(hits or opening_lines) + closing_lines


def article_text(article: Article, style: Style = PLAIN) -> Iterator[str]:
    """Yield everything known about an article, then its text, a paragraph at a time."""
    metadata = article.metadata
    for line in wrapped(metadata.title, style.columns):
        yield f"{style.heading(line)}\n"
    yield from fields(_article_facts(metadata, style), style)
    for start, end in paragraph_spans(article.text):
        yield "\n" + "".join(f"{line}\n" for line in wrapped(article.text[start:end], style.columns))


def listing_text(articles: Iterable[Metadata], style: Style = PLAIN) -> Iterator[str]:
    """Yield an article a line: short id, then day and publisher if there is room for them, and title."""
    with_day, with_publisher = (style.full or style.columns >= room for room in (_ROOM_FOR_DAY, _ROOM_FOR_PUBLISHER))
    used_columns = SHORT_ID_DIGITS + 2 + (_DAY_COLUMNS + 2) * with_day + (_PUBLISHER_COLUMNS + 2) * with_publisher
    for article in articles:
        cells = [style.dim(_padded_cell(short_id(article), SHORT_ID_DIGITS))]
        if with_day:
            cells.append(_padded_cell(iso_day(article.published, style.zone) or UNDATED, _DAY_COLUMNS))
        if with_publisher:
            cells.append(_padded_cell(article.publisher or "", _PUBLISHER_COLUMNS))
        title = normalise_line(article.title) or UNTITLED
        # Without an address, readers need the file's path; it is never cut, for half a path leads nowhere.
        file = whereabouts(article, article.place) if style.full or not article.url else ""
        room = style.columns - used_columns - (display_width(file) + 2 if file else 0)
        if room < _LEAST_TITLE and not style.full:
            file, room = "", style.columns - used_columns
        cells.append(title if style.full else shorten(title, room))
        cells += [style.dim(file)] if file else []
        yield "  ".join(cells) + "\n"


def _hit(hit: Hit, style: Style, several_languages: bool) -> Iterator[str]:
    columns = style.columns - len(_INDENT)
    rank = f"{hit.rank:>2}  "
    for number, line in enumerate(wrapped(heading(hit), style.columns - max(len(rank), len(_INDENT)))):
        yield (_INDENT if number else style.dim(rank)) + style.heading(line)
    yield from _dimmed(listed(_hit_facts(hit, style, several_languages), columns), style)
    before = [passage for passage in hit.context if passage.ordinal < hit.passage.ordinal]
    after = [passage for passage in hit.context if passage.ordinal >= hit.passage.ordinal]
    yield from _context("before: ", before, style)
    if not hit.text:
        yield from _dimmed(wrapped(_place(hit.passage), columns), style)
    elif before or after or normalise_line(hit.text) != heading(hit):
        yield from _passage(hit, style)
    yield from _context("after: ", after, style)
    other_passages = [scored.passage for scored in hit.more if scored.passage not in hit.context]
    shown_count = len(other_passages) if style.full else MORE_PASSAGES
    for passage in other_passages[:shown_count]:
        text = shorten(passage.text or _place(passage), columns - len("also: "))
        yield _INDENT + style.dim("also: ") + text
    if left_out := other_passages[shown_count:]:
        yield from _dimmed(wrapped(f"and {counted(len(left_out), 'more passage')}", columns), style)
    yield from _copies(hit.copies, style)
    yield from (_INDENT + line for line in reason_lines(hit, style, columns))
    yield from _address(hit.article, style)


def _place(passage: Passage) -> str:
    """Say where a passage is, for one whose text is not in the index."""
    return f"characters {passage.start:,} to {passage.end:,} of the article"


def _hit_facts(hit: Hit, style: Style, several_languages: bool) -> list[str]:
    article = hit.article
    facts = [
        article.publisher or "",
        day(article.published, style.zone) or UNDATED,
        *marks(hit, style.zone),
        article.section or "",
        (article.language or "") if several_languages else "",
        WORDS[hit.verdict],
        whereabouts(article, hit.place),
        f"id {short_id(article)}",
    ]
    return [fact for fact in facts if fact]


def _context(label: str, passages: Sequence[Passage], style: Style) -> Iterator[str]:
    text = "\n".join(passage.text for passage in passages)
    return _dimmed(wrapped(label + text if text else "", style.columns - len(_INDENT)), style)


def _copies(copies: Sequence[Metadata], style: Style) -> Iterator[str]:
    """Name as many copies as fit on a line, and count the others; with `style.full` all, each with its address."""
    columns = style.columns - len(_INDENT)
    if copies and not style.full:
        yield from _dimmed([_copies_line(copies, columns, style)], style)
    for copy in copies if style.full else ():
        facts = [f"{_SAME} {bearer(copy, style.zone)}", f"id {short_id(copy)}"]
        yield from _dimmed(listed(facts, columns), style)
        yield from _address(copy, style)


def _copies_line(copies: Sequence[Metadata], columns: int, style: Style) -> str:
    times = Counter(bearer(copy, style.zone) for copy in copies)
    names = [name if count == 1 else f"{name} ×{count}" for name, count in times.items()]
    counts = list(times.values())
    line = ""
    for shown_count in range(1, len(names) + 1):
        left_out = sum(counts[shown_count:])
        longer = f"{_SAME} {', '.join(names[:shown_count])}" + (f", and {left_out:,} more" if left_out else "")
        if line and display_width(longer) > columns:
            break
        line = longer
    return shorten(line, columns)


def _address(article: Metadata, style: Style) -> Iterator[str]:
    if url := normalise_line(article.url or ""):
        # Without a link behind it, the address is shown whole: a shortened one could be neither clicked nor copied.
        text = shorten(url, style.columns - len(_INDENT)) if style.links and not style.full else url
        yield _INDENT + style.link(style.dim(text), url)


def _passage(hit: Hit, style: Style) -> Iterator[str]:
    pieces = list(atoms(*quotation(hit)))
    if not style.colour:
        # A bar marks whole lines, so the emphasised sentence gets lines of its own.
        separated = (
            next_piece._replace(before="\n" if next_piece.strong != piece.strong else next_piece.before)
            for piece, next_piece in pairwise(pieces)
        )
        pieces = [*pieces[:1], *separated]
    columns = style.columns - len(_INDENT)
    for line in wrap(pieces, columns) if style.full or hit.context else excerpt(pieces, columns, PASSAGE_LINES):
        marked = line[0].strong and not style.colour
        yield (_BAR if marked else _INDENT) + painted(line, style)


def _dimmed(lines: Iterable[str], style: Style) -> Iterator[str]:
    return (_INDENT + style.dim(line) for line in lines)


def _padded_cell(text: str, columns: int) -> str:
    short = shorten(normalise_line(text), columns)
    return short + " " * (columns - display_width(short))


def _article_facts(metadata: Metadata, style: Style) -> Iterator[tuple[str, str]]:
    yield "publisher", metadata.publisher or ""
    yield "authors", ", ".join(metadata.authors)
    yield "published", moment(metadata.published, style.zone) or UNDATED
    yield "updated", moment(metadata.updated, style.zone)
    yield "section", metadata.section or ""
    yield "language", metadata.language or ""
    for key, values in sorted(metadata.tags.items()):
        yield normalise_line(key), ", ".join(values)
    yield "url", metadata.url or ""
    page_count = f"{len(metadata.pages):,} pages" if metadata.pages else None
    yield "origin", whereabouts(metadata, metadata.place or page_count)
    yield "indexed", moment(metadata.indexed, style.zone)
    yield "id", metadata.article_id
