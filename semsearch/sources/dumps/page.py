"""Finds the article in a web page that was dumped as plain text, among navigation, notices and other headlines.

A page is cut into lines; one model tells which are the article's, another which line above them is the title. Features
after Kohlschütter, Fankhauser and Nejdl, "Boilerplate detection using shallow text features", WSDM 2010.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, takewhile

from semsearch.ports import Place
from semsearch.sources.dumps.heads import Head, read_head
from semsearch.sources.dumps.lines import DumpLine, PageDump, cut_lines, read_page
from semsearch.sources.dumps.looks import SENTENCES, Look
from semsearch.sources.dumps.model import KEPT, load_model
from semsearch.sources.dumps.separators import part_of, telling
from semsearch.sources.dumps.shapes import best_run, is_own_prose, shapes, words_of
from semsearch.sources.dumps.titles import main_stretch, title_index
from semsearch.sources.facts.article import Facts, article
from semsearch.text import display_width, normalise_text
from semsearch.types import Article, Skipped

_FEW_COLUMNS = 250
"""A shorter text is an article only if it agrees with a title: a footer has a sentence or two as well."""

_MISSED_SHARE = 0.2
"""Share of the page's best run of prose; a model that chose less has missed the article."""

_ABOVE_SHARE = 0.25
"""Share of the chosen lines that may be above the title; they are then not part of the article."""

_MARKS = frozenset((Look.ASIDE, Look.CLOSING))
_RESUMING = 2
"""Paragraphs in a row that are enough to resume an article."""

_INSET_BELOW = 12
_INSET_ABOVE = 4
"""Most lines between paragraphs of an article where the model saw its end, or its beginning."""

_NOTICE_COLUMNS = 150
"""A sentence in which the site speaks about itself is not part of an article if it is shorter."""

_OFFER_COLUMNS = 75
_OFFERS = 12
"""Up to this many lines above and below such a sentence, each this short, belong to the same box."""

_CLOSINGS = 1
"""Names of boxes, or days, after which an article may still resume."""

_ALIKE = 0.1
"""Share of a resuming paragraph's words that the article has, too."""

_KNOWN_CHARACTERS = 20_000

_INSETS = frozenset((Look.ASIDE, Look.NOTICE))
_HEAD_REACH = 25
"""Lines below a title that are searched for date and byline."""

_MOST_LINES = 20_000
_NEIGHBOURHOOD = 2_000
"""On a page with more lines, only those so near to its best run of prose are considered."""

_FIRST_COLUMNS = 200
"""A longer first line is not a title."""


def looks_like_page(text: str) -> bool:
    """Tell whether a text is a page with navigation and other furniture, not an article alone."""
    return _has_furniture(cut_lines(text))


def page_article(text: str, place: Place) -> Article | Skipped:
    """Return the article of a page, or why it has none; a text that is not a page is an article as a whole."""
    lines = cut_lines(text)
    if not _has_furniture(lines):
        return _whole_text(text, place)
    page = read_page(lines)
    indexes = article_indexes(page)
    title = title_index(page, main_stretch(lines, indexes), load_model().title) if indexes else None
    if title is not None:
        indexes = _without_title(title, lines, indexes)
    text = normalise_text("\n\n".join(lines[index].text for index in indexes))
    few = sum(lines[index].columns for index in indexes) < _FEW_COLUMNS
    if not text or (few and (title is None or not _is_title_of(lines[title].text, text))):
        return Skipped(place.origin, f"a page without an article: no text stands together in its {len(lines)} lines")
    if title is None:
        return _make_article(place, "", text, Head())
    body_start = next((index for index in indexes if index > title), title)
    return _make_article(place, lines[title].text, text, _read_head_of(lines, title, body_start))


def article_indexes(page: PageDump) -> list[int]:
    """Return the indexes of the article's lines, each text once."""
    indexes = telling(page)
    if len(indexes) > _MOST_LINES:
        start, end = best_run(part_of(page, indexes))
        indexes = indexes[max(0, start - _NEIGHBOURHOOD) : min(end, start + _MOST_LINES) + _NEIGHBOURHOOD]
    return [indexes[index] for index in _chosen_lines(part_of(page, indexes))]


def _chosen_lines(page: PageDump) -> list[int]:
    """Return the indexes of the article's lines on a page without separators, each text once."""
    parts = load_model().parts(shapes(page), len(page.lines))
    offers = _offers(page)
    chosen = [index for index, part in enumerate(parts) if part in KEPT and page.native[index] and index not in offers]
    chosen = _extend(page, chosen) if chosen else []
    run = [index for index in range(*best_run(page)) if index not in offers and is_own_prose(page, index)]
    if _prose_columns(page, chosen) < _MISSED_SHARE * _prose_columns(page, run):
        chosen = run
    between = (_heading_between(page, above, below) for above, below in pairwise(chosen))
    headings = [index for index in between if index is not None]
    first_index: dict[str, int] = {}
    for index in sorted({*chosen, *headings} - offers):
        first_index.setdefault(page.lines[index].text, index)
    return list(first_index.values())


def _prose_columns(page: PageDump, indexes: Sequence[int]) -> int:
    """Return how many columns of prose some lines have."""
    return sum(page.lines[index].columns for index in indexes if is_own_prose(page, index))


def _offers(page: PageDump) -> frozenset[int]:
    """Return the indexes of a site's sentences about itself, and of the short lines around them."""
    offers: set[int] = set()

    def is_short(index: int) -> bool:
        return page.lines[index].columns < _OFFER_COLUMNS

    for index, line in enumerate(page.lines):
        if line.look is Look.NOTICE and line.columns < _NOTICE_COLUMNS:
            above = range(index - 1, max(-1, index - 1 - _OFFERS), -1)
            below = range(index + 1, min(len(page.lines), index + 1 + _OFFERS))
            offers.update((index, *takewhile(is_short, above), *takewhile(is_short, below)))
    return frozenset(offers)


def _heading_between(page: PageDump, above: int, below: int) -> int | None:
    """Return the index of the only line between two paragraphs, insets aside, if it may be a heading, else None."""
    between = [index for index in range(above + 1, below) if page.lines[index].look not in _INSETS]
    if len(between) != 1 or any(page.lines[index].look is not Look.PROSE for index in (above, below)):
        return None
    heading = between[0]
    line = page.lines[heading]
    is_own = page.native[heading] and page.counts[line.text] == 1
    return heading if is_own and line.look is Look.PHRASE and not line.linked else None


def _extend(page: PageDump, chosen: Sequence[int]) -> list[int]:
    """Return the indexes of an article's lines and of the paragraphs above and below that resume it."""
    words = words_of(" ".join(page.lines[index].text for index in chosen)[:_KNOWN_CHARACTERS])
    above = _resuming_lines(page, range(chosen[0] - 1, -1, -1), words, _INSET_ABOVE)
    below = _resuming_lines(page, range(chosen[-1] + 1, len(page.lines)), words, _INSET_BELOW)
    return sorted([*above, *chosen, *below])


def _resuming_lines(
    page: PageDump, indexes: Sequence[int], article_words: frozenset[str], most_lines: int
) -> Iterator[int]:
    """Yield the indexes of paragraphs in a row that share an article's words, after at most `most_lines` others."""
    waiting: list[int] = []
    distance = closings = gap = 0
    for index in indexes:
        line = page.lines[index]
        if is_own_prose(page, index) and line.stopped:
            if distance == 0 and most_lines > _INSET_ABOVE:
                yield index
                continue
            waiting = [*waiting, index] if gap <= 1 else [index]
            gap = 0
            words = words_of(" ".join(page.lines[paragraph].text for paragraph in waiting))
            is_alike = len(words & article_words) >= _ALIKE * len(words) or (distance <= _INSET_ABOVE and not closings)
            if len(waiting) >= _RESUMING and is_alike:
                yield from waiting
                waiting, distance, closings = [], 0, 0
            continue
        if line.look is Look.ASIDE:
            continue
        distance, gap = distance + 1, gap + 1
        closings += line.look in (Look.CLOSING, Look.DATED)
        if distance > most_lines or closings > _CLOSINGS:
            return


def _without_title(title: int, lines: Sequence[DumpLine], indexes: Sequence[int]) -> list[int]:
    """Return the indexes without the title's, and without those of the few lines above it."""
    columns_above = sum(lines[index].columns for index in indexes if index < title)
    start = title if columns_above < _ABOVE_SHARE * sum(lines[index].columns for index in indexes) else 0
    return [index for index in indexes if index >= start and lines[index].text != lines[title].text]


def _read_head_of(lines: Sequence[DumpLine], title: int, body_start: int) -> Head:
    """Return the head read between a title and the first paragraph, and right after that, since it may be a deck."""
    after = lines[body_start + 1 : body_start + 1 + _HEAD_REACH]
    dated = takewhile(lambda line: line.look in (Look.DATED, Look.ASIDE), after)
    below = [*lines[title + 1 : body_start][:_HEAD_REACH], *dated]
    return read_head(_short_texts(below), _short_texts(lines[max(0, title - 2) : title]))


def _short_texts(lines: Sequence[DumpLine]) -> list[str]:
    return [line.text for line in lines if line.look in (Look.DATED, Look.PHRASE, Look.QUIP)]


def _whole_text(text: str, place: Place) -> Article | Skipped:
    """Return an article of all of a text, with its first line as title where it reads like one."""
    title, body = "", normalise_text(text)
    first_line, _, rest = body.partition("\n")
    if rest and display_width(first_line) <= _FIRST_COLUMNS and not first_line.endswith((".", "。")):
        title, body = first_line, normalise_text(rest)
    if not body:
        return Skipped(place.origin, "no text")
    return _make_article(place, title, body, Head())


def _make_article(place: Place, title: str, text: str, head: Head) -> Article | Skipped:
    facts = Facts(
        title,
        text,
        url=place.address,
        authors=head.authors,
        published=head.published,
        written=head.published.text if head.published else "",
        updated=head.updated,
    )
    return article(facts, place, place.origin)


def _has_furniture(lines: Sequence[DumpLine]) -> bool:
    """Tell by marks, links and long lists whether lines are those of a page."""
    mark_count = len({line.text for line in lines if line.look in _MARKS})
    link_count = sum(line.linked for line in lines)
    runs = groupby(lines, lambda line: line.look in SENTENCES)
    lengths = [sum(1 for _ in run) for sentences, run in runs if not sentences]
    list_lines = sum(length for length in lengths if length >= 5)
    if link_count >= max(20, 0.3 * len(lines)):
        return True
    if not any(line.look is Look.PROSE for line in lines):
        return mark_count >= 1 and list_lines >= 15
    return (mark_count >= 3 and list_lines >= 8) or (mark_count >= 2 and list_lines >= 16)


def _is_title_of(title: str, text: str) -> bool:
    """Tell whether a text has enough of the words of a title."""
    words = words_of(title)
    shared = len(words & words_of(text))
    return shared >= 2 and shared >= 0.3 * len(words)
