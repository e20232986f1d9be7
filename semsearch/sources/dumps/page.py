"""Finds the article in a web page that was dumped as plain text, among navigation, notices and other headlines.

Each line is scored by what it looks like, and the run of lines with the greatest sum is the article. Shallow features:
Kohlschütter, Fankhauser and Nejdl, "Boilerplate detection using shallow text features", WSDM 2010; text and furniture
on one axis of lines: Weninger, Hsu and Han, "CETR", WWW 2010; the greatest sum in one pass: Bentley, CACM 1984.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from semsearch.ports import Place
from semsearch.sources.dumps.lines import Line, Page, cut_lines, read_page
from semsearch.sources.dumps.looks import SENTENCES, Head, Look, read_head
from semsearch.sources.facts.article import Facts, article
from semsearch.text import Span, display_width, normalise_text
from semsearch.types import Article, Skipped

_WORTH = {
    Look.PROSE: 1.0,  # for every 100 columns, up to four times
    Look.QUIP: 0.1,
    Look.PHRASE: -1.0,
    Look.ASIDE: -0.5,
    Look.DATED: -1.5,
    Look.NOTICE: -1.5,
    Look.CLOSING: -3.0,
}
_UNSTOPPED = 0.7
"""What prose is worth that does not end as a sentence does."""

_REPEATED = -1.5
"""What stands on a page twice is a teaser or a button, unless it is as long as a paragraph."""

_FADING = 0.7
"""What each further line of a gap costs of the one before: one long box does not part two halves of an article."""

_LEAST = 0.8
"""The sum below which there is no article: a sentence."""

_FEW_COLUMNS = 250
"""An article with less text is one only if its title says so: a footer has a sentence or two as well."""

_HEADINGS = 2
"""More lines than these without a sentence between them are no headings but a box or a list."""

_MARKS = frozenset((Look.ASIDE, Look.CLOSING))
_INSETS = frozenset((Look.ASIDE, Look.NOTICE))
_TITLE_REACH = 80
"""Lines above an article, among which its title is looked for."""

_TITLE_LEAST = 1.5
"""Points. A line with fewer is no title."""

_TITLE_TIE = 0.3
"""Points. Of lines so close to the best, the first is the title, and the next is its deck."""

_TITLE_LEVELS = {0: 0.0, 1: 4.0, 2: 1.5}
"""Points for a heading that the dump marked; a deeper one has half a point."""

_TITLE_COLUMNS = (12, 30, 140, 220)
"""Most titles lie between the middle two, next to none outside."""

_BODY_CHARACTERS = 20_000
"""As much of an article as its title is compared with."""

_HEAD_REACH = 25
"""Lines below a title, among which date and byline are looked for."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4,}")
_TRAIL = re.compile(r"\s[>›»]\s")
_NUMBERED = re.compile(r"\d{1,2}\. ")
_FIRST_COLUMNS = 200
"""A first line that is longer is no title."""


def looks_like_page(text: str) -> bool:
    """Tell a page with its navigation and other furniture from a text that is an article and nothing else."""
    return _furnished(cut_lines(text))


def page_article(text: str, place: Place) -> Article | Skipped:
    """Return the article that a page holds; where a text is no page, all of it is the article."""
    lines = cut_lines(text)
    if not _furnished(lines):
        return _whole(text, place)
    page = read_page(lines)
    start, end = _best_run(page)
    title = _title_place(page, start, end)
    kept = _kept(page, start if title is None else max(start, title + 1), end)
    text = normalise_text("\n\n".join(lines[at].text for at in kept))
    few = sum(lines[at].columns for at in kept) < _FEW_COLUMNS
    if not text or (few and (title is None or not _agree(lines[title].text, text))):
        return Skipped(place.origin, f"a page without an article: no text stands together in its {len(lines)} lines")
    if title is None:
        return _article(place, "", text, Head())
    return _article(place, lines[title].text, text, _head(lines, title, kept[0]))


def _head(lines: Sequence[Line], title: int, first: int) -> Head:
    """Read what stands between a title and the first paragraph, and right behind that, since it may be a deck."""
    behind = takewhile(lambda line: line.look in (Look.DATED, Look.ASIDE), lines[first + 1 : first + 1 + _HEAD_REACH])
    below = [*lines[title + 1 : first][:_HEAD_REACH], *behind]
    return read_head(_short(below), _short(lines[max(0, title - 2) : title]))


def _short(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines if line.look in (Look.DATED, Look.PHRASE, Look.QUIP)]


def _whole(text: str, place: Place) -> Article | Skipped:
    """Return an article that has all of a text: its first line as title where it reads like one, and the rest."""
    whole = normalise_text(text)
    first, _, rest = whole.partition("\n")
    titled = bool(rest) and display_width(first) <= _FIRST_COLUMNS and not first.endswith((".", "。"))
    title, body = (first, normalise_text(rest)) if titled else ("", whole)
    if not body:
        return Skipped(place.origin, "no text")
    return _article(place, title, body, Head())


def _article(place: Place, title: str, text: str, head: Head) -> Article | Skipped:
    written = head.published.text if head.published else ""
    facts = Facts(title, text, authors=head.authors, published=head.published, written=written, updated=head.updated)
    return article(facts, place, place.origin)


def _furnished(lines: Sequence[Line]) -> bool:
    marks = len({line.text for line in lines if line.look in _MARKS})
    linked = sum(line.linked for line in lines)
    runs = (
        sum(1 for _ in run) for sentences, run in groupby(lines, lambda line: line.look in SENTENCES) if not sentences
    )
    listed = sum(length for length in runs if length >= 5)
    if linked >= max(20, 0.3 * len(lines)):
        return True
    if not any(line.look is Look.PROSE for line in lines):
        return marks >= 1 and listed >= 15
    return (marks >= 3 and listed >= 8) or (marks >= 2 and listed >= 16)


def _worth(line: Line, count: int, native: bool) -> float:
    worth = _WORTH[line.look]
    if worth < _WORTH[Look.PHRASE]:
        return worth
    if not native:
        return _WORTH[Look.PHRASE]
    if count > 1 and line.look is not Look.ASIDE:
        return 0.5 if line.look is Look.PROSE and line.columns >= 150 else _REPEATED
    if line.look is Look.PROSE:
        return worth * line.columns / 100 * (1 if line.stopped else _UNSTOPPED)
    return worth


def _worths(page: Page) -> Iterator[float]:
    """Yield what each line counts for or against an article's being there."""
    gap = 0
    for line, native in zip(page.lines, page.native, strict=True):
        worth = _worth(line, page.counts[line.text], native)
        gap = gap + 1 if worth <= 0 else 0
        yield worth * _FADING ** (gap - 1) if gap and line.look is not Look.CLOSING else worth


def _best_run(page: Page) -> Span:
    """Return the lines with the greatest sum, or an empty span where it is too small for an article."""
    best, start, end = _LEAST, 0, 0
    total, since = 0.0, 0
    for at, worth in enumerate(_worths(page)):
        if total <= 0:
            total, since = 0.0, at
        total += worth
        if total > best:
            best, start, end = total, since, at + 1
    return start, _end_behind_insets(page, end) if end else 0


def _end_behind_insets(page: Page, end: int) -> int:
    """Return the end of a run with the short paragraphs that nothing but a known inset parts from it."""
    for at in range(end, len(page.lines)):
        line = page.lines[at]
        if line.look is Look.PROSE and page.native[at] and page.counts[line.text] == 1:
            end = at + 1
        elif line.look not in _INSETS:
            break
    return end


def _kept(page: Page, start: int, end: int) -> list[int]:
    """Return the places of a run's lines that are the article's, without the boxes between its paragraphs."""
    seen: set[str] = set() if start == 0 else {page.lines[start - 1].text}
    found = []
    for at in range(start, end):
        line = page.lines[at]
        if line.text not in seen and (line.look in (Look.PROSE, Look.QUIP) or _may_be_heading(page, at)):
            seen.add(line.text)
            found.append(at)
    kept: list[int] = []
    for phrases, group in groupby(found, lambda at: page.lines[at].look is Look.PHRASE):
        places = list(group)
        listed = kept and page.lines[kept[-1]].text.endswith((":", "："))
        if phrases and not kept:
            places = []  # what stands above the first paragraph is its head
        elif phrases and len(places) > _HEADINGS and not listed:
            places = [at for at in places if page.lines[at].level][-1:]
        kept.extend(places)
    while kept and page.lines[kept[-1]].look is Look.PHRASE:
        kept.pop()
    return kept


def _may_be_heading(page: Page, at: int) -> bool:
    line = page.lines[at]
    own = page.native[at] and page.counts[line.text] == 1
    return line.look is Look.PHRASE and own and (line.level > 0 or not line.linked)


def _title_place(page: Page, start: int, end: int) -> int | None:
    """Return the place of the title of the article that the lines from `start` to `end` may be, or None.

    It is looked for above them, and within their first part where the page itself says that it is the title.
    """
    words = _words(" ".join(line.text for line in page.lines[start:end])[:_BODY_CHARACTERS])
    page_title = _letters(page.lines[0].text)
    candidates = []
    for at in range(max(0, start - _TITLE_REACH), min(start + 1 + (end - start) // 6, end)):
        line, count = page.lines[at], page.counts[page.lines[at].text]
        named = _share_of(page_title, _letters(line.text)) if at else 0.0
        if line.look in (Look.DATED, Look.CLOSING) or (at >= start and line.level != 1 and named < 0.5):
            continue
        points = _looks_of_a_title(line) + _echoes(line.text, words) + 3 * min(1.0, 1.5 * named)
        points += 0 if count == 1 else 0.7 if count < 5 else -2  # breadcrumbs repeat a title, and menus their own
        points -= 0 if page.native[at] else 3
        points -= 0 if at else 1  # the page's own title has the outlet's name
        if points >= _TITLE_LEAST:
            candidates.append((points, at))
    best = max((points for points, _ in candidates), default=0.0)
    first = next((at for points, at in candidates if points > best - _TITLE_TIE), None)
    # Of the same line further up and right above the article, only the latter has the article's own head below it.
    same = (at for _, at in reversed(candidates) if first is not None and page.lines[at].text == page.lines[first].text)
    return next(same, None)


def _looks_of_a_title(line: Line) -> float:
    least, short, long, most = _TITLE_COLUMNS
    points = _TITLE_LEVELS.get(line.level, 0.5)
    if short <= line.columns <= long:
        points += 1
    elif not least <= line.columns <= most:
        points -= 3
    if line.text.endswith((".", "。")):
        points -= 2.5
    elif line.text.endswith((":", "：")):
        points -= 1
    if line.linked or line.item or _NUMBERED.match(line.text) or _TRAIL.search(line.text):
        points -= 1.5
    return points - (2 if line.look is Look.ASIDE else 0)


def _echoes(text: str, body: frozenset[str]) -> float:
    """Return points, up to three, for the words of a line that the article has, too."""
    words = _words(text)
    shared = len(words & body)
    return 0.5 * min(4, shared) + shared / len(words) if words else 0.0


def _agree(title: str, text: str) -> bool:
    words = _words(title)
    shared = len(words & _words(text))
    return shared >= 2 and shared >= 0.3 * len(words)


def _words(text: str) -> frozenset[str]:
    return frozenset(map(str.casefold, _WORD.findall(text)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _share_of(whole: str, part: str) -> float:
    """Return how much of a text a part is that begins it; 0 where it does not, or is too short to tell."""
    return len(part) / len(whole) if len(part) >= 10 and whole.startswith(part) else 0.0
