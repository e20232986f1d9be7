"""The text of a page's article: which of the page's lines it is, out of what another extractor found and rules add.

The extractor says which words are the article's, the page's own lines say how they are written: where a paragraph ends,
in which order they stand, what is an item of a list.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from lxml.html import HtmlElement

from semsearch.sources.web.clutter import is_clutter, is_label, leads_elsewhere
from semsearch.sources.web.extraction import MOST_CHARACTERS, MOST_ELEMENTS, extracted
from semsearch.sources.web.lines import CAPTIONS, FREE_CHARACTERS, LINK_SHARE, PageLine, columns_of, key_of
from semsearch.sources.web.rules import aside_marks, main_run

_LEAST_CHARACTERS = 100
"""On a page. Of fewer no extractor makes an article, and the other one takes some milliseconds to say so."""

_SHORT_COLUMNS = 40
"""Items that are shorter stand one under the other; wider ones would be taken for hard-wrapped prose."""

_COVERED = 0.7
"""Of what the page says its body is: an extractor that finds less has lost some."""

_DISPUTED = 0.1
"""Of what two readings find together, at most, where they are nearly the same; links and headings do not count."""

_LOST = 0.1
"""Of what rules find, at most: an extractor that favours precision and finds no more has lost the article."""

_DETAILS = 0.25
"""Of a text, more or less: what goes beyond is another text."""

_CLAIMED = 0.9
"""Of what the page says its body is: where so much of it was found, it ends where that ends."""

_WORTH_COMPARING = 500
_HEAD = 10
"""Lines at the beginning, where title, byline and date are repeated."""

_PROSE = re.compile(r"[.!?…。！？][\"'”’»«“)\]」』]*$")
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_HEADLINES = _HEADINGS | {"h1"}
_PARAGRAPHS = frozenset(("p", "li", "blockquote", "pre", "dd"))
_LISTS = frozenset(("li", "ul", "ol"))
_CELLS = frozenset(("td", "th"))
_LEAST_COLUMNS, _MOST_COLUMNS = 40, 600
"""Of a page that is a short notice as a whole."""

_LITTLE = 0.3
"""Of a text is what leads elsewhere. Where it is more, it is the text."""

_LABELLED_SHARE = 0.4
"""Of an item that is a link, at least, where all before it is a label and a colon."""

_LONG = 40
"""Letters of a line that says enough to be known by them."""

_LEAST_REPEATED = 4
"""Different lines that stand there twice make a second rendering of the text; fewer may be meant."""

_MOST_BEHIND = 3
"""Headings without a text and lines about the author behind an article. More headings in a row are a list."""

_WIDEST_GAP = 25
_GAP_LINKED = 0.3
_WIDEST_HEAD = 60
_NEAR = 6
"""Lines between headline and body, and between headline and standfirst."""

_SHORTEST_STANDFIRST = 25
_LONG_COLUMNS = 60

_MOST_COMPARED = 50_000_000
"""Letters of a piece times lines: beyond that a piece that is not on the page word for word is not looked for."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the article before its body."""

    titles: Sequence[str]
    authors: Sequence[str]
    descriptions: Sequence[str]
    body: str  # as the page says elsewhere; "" where it does not


def body(root: HtmlElement | None, lines: Sequence[PageLine], hints: Hints) -> str:
    """Return the article's text, paragraphs a blank line apart; "" where there is none.

    Args:
        root: the page's tree, which is not whole afterwards; None where there is no time left for it.
    """
    size = sum(len(line.text) for line in lines)
    worth = root is not None and _LEAST_CHARACTERS <= size <= MOST_CHARACTERS
    small = worth and root is not None and root.xpath("count(//*)") <= MOST_ELEMENTS
    ruled = main_run(lines)
    found = _agreed(root, ruled, lines) if root is not None and small else []
    found = _chosen(found, ruled or _shown(lines), lines, hints)
    marks = aside_marks([lines[at] for at in found])
    places = with_gaps(_own(found, lines, marks, hints), lines, marks, frozenset(found))
    kept = [lines[at] for at in places]
    first = standfirst(lines, kept, marks, hints)
    return "\n\n".join(_blocks([first, *kept] if first else kept))


def _agreed(root: HtmlElement, ruled: Sequence[int], lines: Sequence[PageLine]) -> list[int]:
    """Return the lines that two of three readings take for the article's.

    The readings are by rules, and by another extractor as it favours precision and as it does not. Where the first two
    are nearly the same, the third is not asked. A vote settles details: where it would make another text, the extractor
    is believed, the one that favours precision unless it has lost the article.
    """
    strict = located(extracted(root, strict=True), lines)
    disputed = (at for at in {*strict} ^ {*ruled} if lines[at].linked < LINK_SHARE and lines[at].tag not in _HEADLINES)
    if _size(disputed, lines) <= _DISPUTED * _size({*strict, *ruled}, lines):
        return strict
    loose = located(extracted(root, strict=False), lines)
    votes = Counter([*ruled, *strict, *loose])
    agreed = sorted(at for at, count in votes.items() if count > 1)
    lost = _size(strict, lines) < _LOST * _size(ruled, lines)
    believed = max(strict, loose, key=lambda places: _size(places, lines)) if lost else strict
    details = abs(_size(agreed, lines) - _size(believed, lines)) <= _DETAILS * _size(believed, lines)
    return agreed if details else believed


def located(pieces: Iterable[str], lines: Sequence[PageLine]) -> list[int]:
    """Return the places of the lines that pieces of text are of, in order.

    A piece may be a line, several lines glued together, or a line of which something was left out.
    """
    ends = list(accumulate(len(line.key) for line in lines))
    starts = [end - len(line.key) for end, line in zip(ends, lines, strict=True)]
    whole = "".join(line.key for line in lines)
    by_key: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        by_key.setdefault(line.key, []).append(at)
    line_at = [at for at, line in enumerate(lines) for _ in line.key]
    found: set[int] = set()
    after = 0  # the last line that was found
    for key in filter(None, map(key_of, pieces)):
        if key in by_key:
            at = next((at for at in by_key[key] if at >= after), by_key[key][0])
            found.add(at)
            after = at + 1
            continue
        begin = whole.find(key, starts[after]) if after < len(lines) else -1
        begin = begin if begin >= 0 else whole.find(key)
        if begin >= 0:
            covered = range(line_at[begin], line_at[begin + len(key) - 1] + 1)
            found.update(
                at
                for at in covered
                if 2 * (min(ends[at], begin + len(key)) - max(starts[at], begin)) >= len(lines[at].key)
            )
            after = covered[-1] + 1
        elif near := _near(key, lines):
            found.update(near)
            after = near[-1] + 1
    return sorted(found)


def _near(piece: str, lines: Sequence[PageLine]) -> list[int]:
    """Return the places of the lines that a piece is of which has lost some words in between."""
    if len(piece) * len(lines) > _MOST_COMPARED:
        return []
    sure = [at for at, line in enumerate(lines) if len(line.key) >= _LONG and _is_of(line.key, piece)]
    if not sure:
        return []
    return [at for at in range(sure[0], sure[-1] + 1) if len(lines[at].key) > 3 and _is_of(lines[at].key, piece)]


def _is_of(key: str, piece: str) -> bool:
    return key in piece or (len(key) >= _LONG and (key[:_LONG] in piece or key[-_LONG:] in piece))


def _chosen(found: list[int], ruled: list[int], lines: Sequence[PageLine], hints: Hints) -> list[int]:
    """Return what the readings agree on, unless rules find what the page says its body is, and it did not."""
    claimed = _words([hints.body])
    if found and (len(hints.body) < _WORTH_COMPARING or _covered(claimed, found, lines) >= _COVERED):
        return found
    return ruled if not found or _covered(claimed, ruled, lines) > _covered(claimed, found, lines) else found


def _size(places: Iterable[int], lines: Sequence[PageLine]) -> int:
    return sum(len(lines[at].key) for at in places)


def _shown(lines: Sequence[PageLine]) -> list[int]:
    """Return what a page shows that is neither a link nor aside, where that is little: a notice of a few words."""
    shown = [at for at, line in enumerate(lines) if not line.asides and line.linked < LINK_SHARE]
    columns = sum(columns_of(lines[at].text) for at in shown)
    return shown if _LEAST_COLUMNS <= columns <= _MOST_COLUMNS else []


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in text.casefold().split())


def _covered(claimed: Counter[str], places: Sequence[int], lines: Sequence[PageLine]) -> float:
    if not claimed:
        return 0.0
    return (claimed & _words(lines[at].text for at in places)).total() / claimed.total()


def _own(places: Sequence[int], lines: Sequence[PageLine], marks: frozenset[str], hints: Hints) -> list[int]:
    """Return the places without what is not the article's own: title, byline and date, captions, links elsewhere."""
    places = _once(places, lines)
    leading = _leading([lines[at] for at in places])
    titles = [key_of(title) for title in hints.titles if title]
    kept: list[int] = []
    for number, at in enumerate(places):
        line = lines[at]
        head = number < _HEAD and (_is_title(line.key, titles) or is_label(line.text, hints.authors))
        aside = not marks.isdisjoint(line.asides) or line.key in leading
        if not (head or aside or is_clutter(line.text)):
            kept.append(at)
    return _without_tail(kept, lines, hints)


def _once(places: Sequence[int], lines: Sequence[PageLine]) -> list[int]:
    """Return the places without a second rendering of the text: some pages have one for each width of screen."""
    first: dict[str, int] = {}
    again = {at for at in places if len(lines[at].key) >= _LONG and first.setdefault(lines[at].key, at) != at}
    repeated = {lines[at].key for at in again}
    long = sum(len(lines[at].key) >= _LONG for at in places)
    if len(repeated) < _LEAST_REPEATED or 3 * len(again) < long:
        return list(places)
    begin = min(again)
    return [at for at in places if at < begin or (at not in again and len(lines[at].key) >= _LONG)]


def _leading(lines: Sequence[PageLine]) -> frozenset[str]:
    """Return the keys of what leads elsewhere, as long as that is a small part of all: some texts are all links."""
    items = Counter(line.parent for line in lines if line.tag == "li")
    links = Counter(line.parent for line in lines if line.tag == "li" and _leads(line))
    leading = frozenset(
        line.key for line in lines if _leads(line) and (line.tag != "li" or 2 * links[line.parent] > items[line.parent])
    )
    little = sum(len(key) for key in leading) < _LITTLE * sum(len(line.key) for line in lines)
    return leading if little else frozenset()


def _leads(line: PageLine) -> bool:
    """Tell whether a line is a link to elsewhere, with a label at most."""
    free = len(line.key) * (1 - line.linked)
    if line.tag == "li" and line.linked >= _LABELLED_SHARE:
        label, colon, _ = line.text.partition(":")
        if colon and abs(len(key_of(label)) - free) <= 1:  # "Weather: Storms reach the bay"
            return True
    return line.linked >= LINK_SHARE and free <= FREE_CHARACTERS and len(line.key) > 20 and line.tag not in _CELLS


def _is_title(key: str, titles: Sequence[str]) -> bool:
    """Tell whether a line is the title, part of it, or the title with little beside it."""
    return any(
        key == title or (len(key) > 12 and key in title) or (title in key and len(title) > 0.5 * len(key))
        for title in titles
        if title
    )


def _without_tail(places: list[int], lines: Sequence[PageLine], hints: Hints) -> list[int]:
    """Cut what comes after an article: links to others from their heading on, and a word about the author."""
    places = _to_claimed_end(places, lines, key_of(hints.body) if len(hints.body) >= _WORTH_COMPARING else "")
    parents = [lines[at].parent for at in places]
    main = Counter(parents).most_common(1)[0][0] if parents else 0
    last = max((number for number, parent in enumerate(parents) if parent == main), default=0)
    elsewhere = (number for number in range(last + 1, len(places)) if leads_elsewhere(lines[places[number]].text))
    places = places[: next(elsewhere, None)]
    for _ in range(_MOST_BEHIND):
        end = lines[places[-1]] if len(places) > 2 else None
        heading = end and end.tag in _HEADINGS and not _PROSE.search(end.text)
        if end and (heading or _is_about(end.text, hints.authors)):
            places = places[:-1]
    return places


def _to_claimed_end(places: list[int], lines: Sequence[PageLine], claimed: str) -> list[int]:
    """Cut what comes after the last line of what the page says its body is, where nearly all of that is there."""
    inside = [at for at in places if lines[at].key in claimed]
    last = max((at for at in inside if len(lines[at].key) >= _LONG), default=None)
    if last is None or _size(inside, lines) < _CLAIMED * len(claimed):
        return places
    return [at for at in places if at <= last]


def _is_about(text: str, authors: Sequence[str]) -> bool:
    folded = text.casefold()
    return len(text) < 600 and any(" " in name and name.casefold() in folded[: len(name) + 15] for name in authors)


def with_gaps(
    places: Sequence[int], lines: Sequence[PageLine], marks: frozenset[str], dropped: frozenset[int]
) -> list[int]:
    """Put back what the page shows between two lines that were found: headings, and paragraphs beside them."""
    keys = {lines[at].key for at in {*places, *dropped}}
    found: list[int] = []
    for above, below in zip([None, *places], places, strict=False):
        if above is not None and below - above <= _WIDEST_GAP:
            for at in _between(lines, above, below):
                line = lines[at]
                free = not line.asides if line.tag in _HEADINGS else marks.isdisjoint(line.asides)
                if free and line.key not in keys:
                    found.append(at)
        found.append(below)
    return found


def _between(lines: Sequence[PageLine], above: int, below: int) -> Iterator[int]:
    """Yield the lines of an article between two of its own."""
    gap = lines[above + 1 : below]
    if all(line.tag in _LISTS and not line.asides and line.linked < _GAP_LINKED for line in gap):
        yield from range(above + 1, below)
        return
    for at in range(above + 1, below):
        line = lines[at]
        beside = line.tag in _PARAGRAPHS and line.parent in (lines[above].parent, lines[below].parent)
        heading = line.tag in _HEADINGS and (at == below - 1 or line.parent == lines[below].parent)
        elsewhere = line.linked >= _GAP_LINKED or is_clutter(line.text) or leads_elsewhere(line.text)
        if (beside or heading) and not elsewhere:
            yield at


def standfirst(
    lines: Sequence[PageLine], found: Sequence[PageLine], marks: frozenset[str], hints: Hints
) -> PageLine | None:
    """Return the paragraph between headline and body where the body lacks it; None where there is none."""
    whole = key_of(" ".join(line.text for line in found))
    starts = {line.key for line in found[:4] if len(line.key) > _SHORTEST_STANDFIRST}
    titles = [key_of(title) for title in hints.titles if title]
    body = next((at for at, line in enumerate(lines) if line.key in starts), 0)
    above = range(max(0, body - _WIDEST_HEAD), body)
    headlines = [at for at in above if lines[at].tag == "h1" or lines[at].key in titles]
    free = [
        (at, line)
        for at, line in enumerate(lines[above.start : body], above.start)
        if len(line.key) >= _SHORTEST_STANDFIRST
        and line.tag != "li"
        and line.linked < _GAP_LINKED
        and CAPTIONS.isdisjoint(line.asides)
        and line.key not in whole
        and not _is_title(line.key, titles)
        and not is_clutter(line.text)
        and not is_label(line.text, hints.authors)
    ]
    said = [key for one in hints.descriptions if len(key := key_of(one)) > 30]
    for _, line in free:
        if any(one[:60] in line.key or line.key[:60] in one for one in said):
            return line
    near = [
        line
        for at, line in free
        if any(0 < at - headline <= _NEAR for headline in headlines)
        and marks.isdisjoint(line.asides)
        and _is_prose(line.text)
    ]
    return min(near, key=lambda line: line.tag in _HEADINGS, default=None)


def _is_prose(text: str) -> bool:
    return columns_of(text) >= _LONG_COLUMNS and bool(_PROSE.search(text))


def _blocks(lines: Sequence[PageLine]) -> Iterator[str]:
    """Yield paragraphs: lines of one block and short items of a list one under the other, a row's cells beside."""
    for (kind, _), together in groupby(lines, _together):
        group = list(together)
        texts = [line.text for line in group]
        if kind == "row":
            yield " | ".join(texts)
        elif kind == "list":
            yield ("\n" if all(columns_of(text) < _SHORT_COLUMNS for text in texts) else "\n\n").join(texts)
        else:
            yield "".join(("\n\n" if line.gap else "\n") + line.text for line in group).strip()


def _together(line: PageLine) -> tuple[str, int]:
    """Return what lines are put together by."""
    if line.tag in _CELLS:
        return "row", line.parent
    return ("list", 0) if line.tag == "li" else ("block", line.block)
