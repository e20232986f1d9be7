"""The text of a page's article, out of what another extractor found, what the page shows, and what it claims."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from semsearch.sources.web.clutter import is_clutter, is_label, leads_elsewhere
from semsearch.sources.web.extracting import MOST_CHARACTERS, MOST_ELEMENTS, Part, extracted
from semsearch.sources.web.lines import CAPTIONS, FREE_CHARACTERS, LINK_SHARE, Line, columns_of, key_of
from semsearch.sources.web.rules import aside_marks, main_run

_LEAST_CHARACTERS = 100
"""On a page. Of fewer no extractor makes an article, and the other one takes some milliseconds to say so."""

_SHORT_COLUMNS = 40
"""Items that are shorter stand one under the other; wider ones would be taken for hard-wrapped prose."""

_COVERED = 0.7
"""Of what the page says its body is: an extractor that finds less has lost some."""

_WORTH_COMPARING = 500
_HEAD = 10
"""Parts at the beginning, where title, byline and date are repeated."""

_PROSE = re.compile(r"[.!?…。！？][\"'”’»«“)\]」』]*$")
_HEADINGS = frozenset(("h2", "h3", "h4"))
_LITTLE = 0.3
_MOST_OFTEN = 2
"""Times that an article has one line; what stands there more often is a label of the page."""

_WIDEST_GAP = 12
_GAP_LINKED = 0.3
_WIDEST_HEAD = 60
_NEAR = 6
_SHORTEST_STANDFIRST = 25
_LONG_COLUMNS = 60
"""Lines between headline and body."""

_ITEM_LINKED, _ITEM_FREE = 0.5, 40
"""Of an item that leads elsewhere, beside what holds for other lines."""

Shown = Mapping[str, Sequence[Line]]
"""Key -> the lines of the page that have it."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the article before its body."""

    titles: Sequence[str]
    authors: Sequence[str]
    descriptions: Sequence[str]
    body: str  # as the page says elsewhere; "" where it does not


def body(root: HtmlElement | None, lines: Sequence[Line], hints: Hints) -> str:
    """Return the article's text, paragraphs a blank line apart; "" where there is none.

    Args:
        root: the page's tree, which is not whole afterwards; None where there is no time left for it.
    """
    size = sum(len(line.text) for line in lines)
    worth = root is not None and _LEAST_CHARACTERS <= size <= MOST_CHARACTERS
    small = worth and root is not None and root.xpath("count(//*)") <= MOST_ELEMENTS
    found = _chosen(extracted(root) if root is not None and small else [], lines, hints)
    shown: dict[str, list[Line]] = {}
    for line in lines:
        shown.setdefault(line.key, []).append(line)
    marks = aside_marks([shown[key][0] for part in found if (key := key_of(part.text)) in shown])
    own = _own(found, shown, marks, hints)
    parts = _with_gaps(own, lines, marks, {key_of(part.text) for part in found})
    first = standfirst(lines, parts, marks, hints)
    return _written([Part(first), *parts] if first else parts)


def _chosen(found: list[Part], lines: Sequence[Line], hints: Hints) -> list[Part]:
    """Return what the other extractor found, unless rules find what the page says its body is, and it did not."""
    claimed = _words(hints.body)
    if found and (len(hints.body) < _WORTH_COMPARING or _covered(claimed, found) >= _COVERED):
        return found
    ruled = [Part(line.text, line.tag in _HEADINGS, line.tag == "li") for line in main_run(lines)]
    if not found or _covered(claimed, ruled) > _covered(claimed, found):
        return ruled
    return found


def _words(text: str) -> Counter[str]:
    return Counter(text.casefold().split())


def _covered(claimed: Counter[str], parts: Sequence[Part]) -> float:
    if not claimed:
        return 0.0
    return (claimed & _words(" ".join(part.text for part in parts))).total() / claimed.total()


def _own(parts: Sequence[Part], shown: Shown, marks: frozenset[str], hints: Hints) -> list[Part]:
    """Return the parts without what is not the article's own: its title, byline and date, captions, links elsewhere."""
    keys = [key_of(part.text) for part in parts]
    left_out = _aside(keys, shown, marks) | _repeated(keys) | {""}
    titles = [key_of(title) for title in hints.titles if title]
    kept: list[Part] = []
    for at, (part, key) in enumerate(zip(parts, keys, strict=True)):
        head = at < _HEAD and (_is_title(key, titles) or is_label(part.text, hints.authors))
        if key not in left_out and not head and not is_clutter(part.text):
            kept.append(part)
    return _without_tail(kept, shown, hints)


def _aside(keys: Sequence[str], shown: Shown, marks: frozenset[str]) -> set[str]:
    """Return the keys of what the page shows only aside, or only as a link."""
    return {
        key
        for key in {*keys} & shown.keys()
        if all(not marks.isdisjoint(line.asides) or _leads(line) for line in shown[key])
    }


def _repeated(keys: Sequence[str]) -> set[str]:
    """Return the keys that stand there so often that they are labels, as long as they are a small part of all."""
    often = {key for key, times in Counter(keys).items() if times > _MOST_OFTEN}
    repeated = sum(len(key) for key in keys if key in often)
    return often if repeated < _LITTLE * sum(map(len, keys)) else set()


def _leads(line: Line) -> bool:
    """Tell whether a line is a link to elsewhere, with a label at most."""
    share, most_free = (_ITEM_LINKED, _ITEM_FREE) if line.tag == "li" else (LINK_SHARE, FREE_CHARACTERS)
    return line.linked >= share and len(line.key) * (1 - line.linked) <= most_free and len(line.key) > 20


def _is_title(key: str, titles: Sequence[str]) -> bool:
    """Tell whether a line is the title, part of it, or the title with little beside it."""
    return any(
        key == title or (len(key) > 12 and key in title) or (title in key and len(title) > 0.5 * len(key))
        for title in titles
        if title
    )


def _without_tail(parts: list[Part], shown: Shown, hints: Hints) -> list[Part]:
    """Cut what comes after an article: links to others from their heading on, and a word about the author."""
    parents = [shown[key][0].parent if (key := key_of(part.text)) in shown else 0 for part in parts]
    main = Counter(parents).most_common(1)[0][0] if parts else 0
    last = max((at for at, parent in enumerate(parents) if parent == main), default=0)
    for at in range(last + 1, len(parts)):
        if leads_elsewhere(parts[at].text):
            parts = parts[:at]
            break
    while len(parts) > 2 and (parts[-1].heading or _is_about(parts[-1].text, hints.authors)):
        parts = parts[:-1]
    return parts


def _is_about(text: str, authors: Sequence[str]) -> bool:
    folded = text.casefold()
    return len(text) < 600 and any(" " in name and name.casefold() in folded[: len(name) + 15] for name in authors)


def _with_gaps(parts: list[Part], lines: Sequence[Line], marks: frozenset[str], dropped: set[str]) -> list[Part]:
    """Put back what the page shows between two paragraphs that were found: headings, and paragraphs beside them."""
    wanted = {key_of(part.text) for part in parts}
    places = {line.key: at for at, line in enumerate(lines) if line.key in wanted}
    found: list[Part] = []
    before = len(lines)
    for part in parts:
        here = places.get(key_of(part.text))
        if here is not None:
            if before < here <= before + _WIDEST_GAP and not part.heading:
                for line in _between(lines, before, here):
                    heading = line.tag in _HEADINGS
                    free = not line.asides if heading else marks.isdisjoint(line.asides)
                    if free and line.key not in wanted and line.key not in dropped:
                        found.append(Part(line.text, heading))
            before = here
        found.append(part)
    return found


def _between(lines: Sequence[Line], above: int, below: int) -> Iterator[Line]:
    """Yield the lines of an article between two of its own."""
    for at in range(above + 1, below):
        line = lines[at]
        beside = line.tag == "p" and lines[above].parent == line.parent == lines[below].parent
        heading = line.tag in _HEADINGS and (at == below - 1 or line.parent == lines[below].parent)
        elsewhere = line.linked >= _GAP_LINKED or is_clutter(line.text) or leads_elsewhere(line.text)
        if (beside or heading) and not elsewhere:
            yield line


def standfirst(lines: Sequence[Line], parts: Sequence[Part], marks: frozenset[str], hints: Hints) -> str:
    """Return the paragraph between headline and body where the body lacks it; "" where there is none."""
    whole = key_of(" ".join(part.text for part in parts))
    starts = {key for part in parts[:4] if len(key := key_of(part.text)) > _SHORTEST_STANDFIRST}
    titles = [key_of(title) for title in hints.titles if title]
    body = next((at for at, line in enumerate(lines) if line.key in starts), 0)
    above = range(max(0, body - _WIDEST_HEAD), body)
    headline = next((at for at in reversed(above) if lines[at].tag == "h1" or lines[at].key in titles), None)
    first = above.start if headline is None else headline + 1
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
        if any(line.key.startswith(one[:60]) or one.startswith(line.key[:60]) for one in said):
            return line.text
    for at, line in free if headline is not None else ():
        if first <= at <= first + _NEAR and marks.isdisjoint(line.asides) and (_is_prose(line.text) or at == first):
            return line.text
    return ""


def _is_prose(text: str) -> bool:
    return columns_of(text) >= _LONG_COLUMNS and bool(_PROSE.search(text))


def _written(parts: Sequence[Part]) -> str:
    """Return the text: items that are short one a line, the rest a blank line apart."""
    return "\n\n".join(_blocks(parts))


def _blocks(parts: Sequence[Part]) -> Iterator[str]:
    items: list[str] = []
    for part in [*parts, Part("")]:
        if items and not part.item:
            short = all(columns_of(item) < _SHORT_COLUMNS for item in items)
            yield ("\n" if short else "\n\n").join(items)
            items = []
        if part.item:
            items.append(part.text)
        elif part.text:
            yield part.text
