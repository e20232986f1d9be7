"""Finds the text of a page's article: those of the page's lines that trafilatura and our rules take for it.

Trafilatura says which words are the article's; the page's own lines say in which order they are, where a paragraph
ends, and what is an item of a list.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby, takewhile

from lxml.html import HtmlElement

from semsearch.sources.web.clutter import is_clutter, is_label, leads_elsewhere
from semsearch.sources.web.extraction import MOST_CHARACTERS, MOST_ELEMENTS, extract_pieces
from semsearch.sources.web.lines import CAPTIONS, FREE_CHARACTERS, LINK_SHARE, PageLine, columns_of, key_of
from semsearch.sources.web.rules import aside_marks, main_run
from semsearch.sources.web.sentences import is_sentence
from semsearch.text import ends_sentence

_LEAST_CHARACTERS = 100
"""Of a page; from fewer no extractor makes an article, and trafilatura takes milliseconds to find none."""

_SHORT_COLUMNS = 40
"""List items that are all shorter get one line each; wider ones would be taken for hard-wrapped prose."""

_COVERED = 0.7
"""Share of the claimed body; a reading that finds less has lost some of it."""

_DISPUTED = 0.1
"""Share of the text of two readings that at most differs where they are nearly the same, without links and headings."""

_LOST = 0.1
"""Share of the rules' text; a strict extraction that has less of it may have found another text than the article."""

_CONFIRMED = 0.5
"""Share of a loose extraction; rules whose text is more of it are right where the strict one has another."""

_DETAILS = 0.25
"""Share by which two forms of the same text may differ in length; with more, they are two texts."""

_CLAIMED = 0.9
"""Share of the claimed body; where this much of it was found, the article ends where the claimed body ends."""

_WORTH_COMPARING = 500
"""Characters of a claimed body."""

_HEAD = 10
"""Lines at the beginning, where title, byline and date are repeated."""

_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_HEADLINES = _HEADINGS | {"h1"}
_PARAGRAPHS = frozenset(("p", "li", "blockquote", "pre", "dd"))
_LISTS = frozenset(("li", "ul", "ol"))
_CELLS = frozenset(("td", "th"))
_LEAST_COLUMNS, _MOST_COLUMNS = 40, 600
"""Of a page that is as a whole a short notice."""

_LITTLE = 0.3
"""Share of a text; links that make up more of it are the text."""

_LABELLED_SHARE = 0.4
"""Least share that the link has of a list item where only a label and a colon precede it."""

_LONG = 40
"""Letters that are enough to recognise a line."""

_LEAST_REPEATED = 4
"""Different repeated lines that make a second rendering of the text; fewer may be intended."""

_MOST_BEHIND = 3
"""Headings without a text and lines about the author after an article; more headings in a row are a list."""

_WIDEST_GAP = 25
_GAP_LINKED = 0.3
_WIDEST_HEAD = 60
_NEAR = 6
"""Lines between headline and body, and between headline and standfirst."""

_SHORTEST_STANDFIRST = 25
_LONG_COLUMNS = 60

_MOST_COMPARED = 50_000_000
"""Letters of a piece times lines; beyond that, pieces are only looked for word for word."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about the article before its body is."""

    titles: Sequence[str]
    authors: Sequence[str]
    descriptions: Sequence[str]
    body: str  # as JSON-LD claims it; "" where it does not


def body(root: HtmlElement | None, lines: Sequence[PageLine], hints: Hints) -> str:
    """Return the article's text, paragraphs a blank line apart; "" where there is none.

    Args:
        root: the page's tree, of which some is dropped; None where no time is left for trafilatura.
    """
    size = sum(len(line.text) for line in lines)
    by_rules = main_run(lines)
    agreed: list[int] = []
    if root is not None and _LEAST_CHARACTERS <= size <= MOST_CHARACTERS and root.xpath("count(//*)") <= MOST_ELEMENTS:
        agreed = _agreed_lines(root, by_rules, lines)
    chosen = _better_reading(agreed, by_rules or _short_notice(lines), lines, hints)
    chosen = _with_linked_ends(chosen, lines)
    marks = aside_marks([lines[index] for index in chosen])
    indexes = with_gaps(_own_lines(chosen, lines, marks, hints), lines, marks, frozenset(chosen))
    article_lines = [lines[index] for index in indexes]
    lead = standfirst(lines, article_lines, marks, hints)
    return "\n\n".join(_blocks([lead, *article_lines] if lead else article_lines))


def _agreed_lines(root: HtmlElement, by_rules: Sequence[int], lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes of the lines that two of three readings take for the article's.

    The readings are by rules, by trafilatura favouring precision (strict), and by trafilatura as it is (loose). Where
    the first two are nearly the same, the third is not made. The vote only settles details: where it would make another
    text, the strict reading counts, or the loose one where the strict one has another text than the other two.
    """
    strict = locate(extract_pieces(root, strict=True), lines)
    disputed = [index for index in {*strict} ^ {*by_rules} if lines[index].tag not in _HEADLINES]
    disputed_size = _size((index for index in disputed if lines[index].linked < LINK_SHARE), lines)
    if disputed_size <= _DISPUTED * _size({*strict, *by_rules}, lines):
        return strict
    loose = locate(extract_pieces(root, strict=False), lines)
    votes = Counter([*by_rules, *strict, *loose])
    agreed = sorted(index for index, count in votes.items() if count > 1)
    is_lost = _size({*strict} & {*by_rules}, lines) < _LOST * _size(by_rules, lines)
    is_confirmed = _size({*loose} & {*by_rules}, lines) >= _CONFIRMED * _size(loose, lines)
    believed = loose if not strict or (is_lost and is_confirmed) else strict
    difference = abs(_size(agreed, lines) - _size(believed, lines))
    return agreed if difference <= _DETAILS * _size(believed, lines) else believed


def locate(pieces: Iterable[str], lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes of the lines that contain some pieces of text, in order.

    A piece may be a line, several lines glued together, or a line with some words left out.
    """
    ends = list(accumulate(len(line.key) for line in lines))
    starts = [end - len(line.key) for end, line in zip(ends, lines, strict=True)]
    page_key = "".join(line.key for line in lines)
    by_key: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        by_key.setdefault(line.key, []).append(index)
    line_at = [index for index, line in enumerate(lines) for _ in line.key]
    matched: set[int] = set()
    next_index = 0  # index after the last line that was found
    for key in filter(None, map(key_of, pieces)):
        if key in by_key:
            index = next((index for index in by_key[key] if index >= next_index), by_key[key][0])
            matched.add(index)
            next_index = index + 1
            continue
        offset = page_key.find(key, starts[next_index]) if next_index < len(lines) else -1
        offset = offset if offset >= 0 else page_key.find(key)
        if offset >= 0:
            covered = range(line_at[offset], line_at[offset + len(key) - 1] + 1)
            matched.update(
                index
                for index in covered
                if 2 * (min(ends[index], offset + len(key)) - max(starts[index], offset)) >= len(lines[index].key)
            )
            next_index = covered[-1] + 1
        elif scattered := _scattered_lines(key, lines):
            matched.update(scattered)
            next_index = scattered[-1] + 1
    return sorted(matched)


def _scattered_lines(piece: str, lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes of the lines of a piece that has lost some words in between."""
    if len(piece) * len(lines) > _MOST_COMPARED:
        return []
    long_lines = [index for index, line in enumerate(lines) if len(line.key) >= _LONG and _is_part(line.key, piece)]
    if not long_lines:
        return []
    stretch = range(long_lines[0], long_lines[-1] + 1)
    return [index for index in stretch if len(lines[index].key) > 3 and _is_part(lines[index].key, piece)]


def _is_part(key: str, piece: str) -> bool:
    return key in piece or (len(key) >= _LONG and (key[:_LONG] in piece or key[-_LONG:] in piece))


def _better_reading(agreed: list[int], by_rules: list[int], lines: Sequence[PageLine], hints: Hints) -> list[int]:
    """Return the lines that readings agree on, or those by rules where they cover more of the claimed body."""
    if not agreed or len(hints.body) < _WORTH_COMPARING:
        return agreed or by_rules
    claimed_words = _words([hints.body])
    share = _coverage(claimed_words, agreed, lines)
    return by_rules if share < _COVERED and _coverage(claimed_words, by_rules, lines) > share else agreed


def _with_linked_ends(indexes: list[int], lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes with those of sentences with links around them, which trafilatura takes for links."""
    above, below = [], []
    if indexes:
        above = list(takewhile(partial(_continues, lines, indexes[0]), range(indexes[0] - 1, -1, -1)))
        below = list(takewhile(partial(_continues, lines, indexes[-1]), range(indexes[-1] + 1, len(lines))))
    return [*reversed(above), *indexes, *below]


def _continues(lines: Sequence[PageLine], end: int, index: int) -> bool:
    """Tell whether a line is a sentence with links, and in the same place as the paragraph at an end of the text."""
    line, paragraph = lines[index], lines[end]
    is_beside = line.tag == paragraph.tag == "p" and line.parent == paragraph.parent and line.asides == paragraph.asides
    return is_beside and line.linked > 0 and _has_own_words(line)


def _size(indexes: Iterable[int], lines: Sequence[PageLine]) -> int:
    """Return how many letters some lines have."""
    return sum(len(lines[index].key) for index in indexes)


def _short_notice(lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes of the lines of a page that is only a short notice, without links and asides; else none."""
    shown = [index for index, line in enumerate(lines) if not line.asides and line.linked < LINK_SHARE]
    columns = sum(columns_of(lines[index].text) for index in shown)
    return shown if _LEAST_COLUMNS <= columns <= _MOST_COLUMNS else []


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in text.casefold().split())


def _coverage(claimed_words: Counter[str], indexes: Sequence[int], lines: Sequence[PageLine]) -> float:
    """Return the share of claimed words that some lines have, 0 to 1."""
    if not claimed_words:
        return 0.0
    return (claimed_words & _words(lines[index].text for index in indexes)).total() / claimed_words.total()


def _own_lines(indexes: Sequence[int], lines: Sequence[PageLine], marks: frozenset[str], hints: Hints) -> list[int]:
    """Return the indexes without those of titles, bylines and dates, captions and links elsewhere."""
    indexes = _without_repeats(indexes, lines)
    link_keys = _link_keys([lines[index] for index in indexes])
    titles = [key_of(title) for title in hints.titles if title]
    own_lines: list[int] = []
    for number, index in enumerate(indexes):
        line = lines[index]
        is_head = number < _HEAD and (_is_title(line.key, titles) or is_label(line.text, hints.authors))
        is_aside = not marks.isdisjoint(line.asides) or line.key in link_keys
        if not (is_head or is_aside or is_clutter(line.text)):
            own_lines.append(index)
    return _without_tail(own_lines, lines, hints)


def _without_repeats(indexes: Sequence[int], lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes without a second rendering of the text: some pages have one for each width of screen."""
    long_indexes = [index for index in indexes if len(lines[index].key) >= _LONG]
    first_index: dict[str, int] = {}
    repeats = {index for index in long_indexes if first_index.setdefault(lines[index].key, index) != index}
    repeated_keys = {lines[index].key for index in repeats}
    if len(repeated_keys) < _LEAST_REPEATED or 3 * len(repeats) < len(long_indexes):
        return list(indexes)
    first_repeat = min(repeats)
    return [index for index in indexes if index < first_repeat or first_index.get(lines[index].key) == index]


def _link_keys(lines: Sequence[PageLine]) -> frozenset[str]:
    """Return the keys of the lines that are links elsewhere, none where they are much of the text."""
    items = Counter(line.parent for line in lines if line.tag == "li")
    links = [line for line in lines if _is_link(line)]
    linked_items = Counter(line.parent for line in links if line.tag == "li")
    keys = frozenset(
        line.key for line in links if line.tag != "li" or 2 * linked_items[line.parent] > items[line.parent]
    )
    is_little = sum(map(len, keys)) < _LITTLE * sum(len(line.key) for line in lines)
    return keys if is_little else frozenset()


def _has_own_words(line: PageLine) -> bool:
    """Tell whether a line is a sentence outside its links, too, as in "The [report] was [published on Monday]"."""
    return is_sentence(line.free) and ":" not in line.free


def _is_link(line: PageLine) -> bool:
    """Tell whether a line is nothing but a link elsewhere, perhaps with a label."""
    if _has_own_words(line):
        return False
    free = len(line.key) * (1 - line.linked)
    if line.tag == "li" and line.linked >= _LABELLED_SHARE:
        label, colon, _ = line.text.partition(":")
        if colon and abs(len(key_of(label)) - free) <= 1:  # "Weather: Storms reach the bay"
            return True
    return line.linked >= LINK_SHARE and free <= FREE_CHARACTERS and len(line.key) > 20 and line.tag not in _CELLS


def _is_title(key: str, titles: Sequence[str]) -> bool:
    """Tell whether a line is a title, a part of one, or a title and a few words."""
    return any(
        key == title or (len(key) > 12 and key in title) or (title in key and len(title) > 0.5 * len(key))
        for title in titles
        if title
    )


def _without_tail(indexes: list[int], lines: Sequence[PageLine], hints: Hints) -> list[int]:
    """Return the indexes without what follows the article: links to others, and a word about the author."""
    indexes = _to_claimed_end(indexes, lines, key_of(hints.body) if len(hints.body) >= _WORTH_COMPARING else "")
    parents = [lines[index].parent for index in indexes]
    main = Counter(parents).most_common(1)[0][0] if parents else 0
    last_main = max((number for number, parent in enumerate(parents) if parent == main), default=0)
    for number in range(last_main + 1, len(indexes)):
        if leads_elsewhere(lines[indexes[number]].text):
            indexes = indexes[:number]
            break
    for _ in range(_MOST_BEHIND):
        last_line = lines[indexes[-1]] if len(indexes) > 2 else None
        is_heading = last_line and last_line.tag in _HEADINGS and not ends_sentence(last_line.text)
        if last_line and (is_heading or _is_about(last_line.text, hints.authors)):
            indexes = indexes[:-1]
    return indexes


def _to_claimed_end(indexes: list[int], lines: Sequence[PageLine], claimed_key: str) -> list[int]:
    """Return the indexes without those after the claimed body, where nearly all of that was found."""
    inside = [index for index in indexes if lines[index].key in claimed_key]
    last = max((index for index in inside if len(lines[index].key) >= _LONG), default=None)
    if last is None or _size(inside, lines) < _CLAIMED * len(claimed_key):
        return indexes
    return [index for index in indexes if index <= last]


def _is_about(text: str, authors: Sequence[str]) -> bool:
    """Tell whether a line begins with an author's full name."""
    folded = text.casefold()
    return len(text) < 600 and any(" " in name and name.casefold() in folded[: len(name) + 15] for name in authors)


def with_gaps(
    indexes: Sequence[int], lines: Sequence[PageLine], marks: frozenset[str], dropped: frozenset[int]
) -> list[int]:
    """Return the indexes with those of lost lines between them: headings, and paragraphs of the same block."""
    keys = {lines[index].key for index in {*indexes, *dropped}}
    filled: list[int] = []
    for above, below in zip([None, *indexes], indexes, strict=False):
        if above is not None and below - above <= _WIDEST_GAP:
            for index in _between(lines, above, below):
                line = lines[index]
                fits = not line.asides if line.tag in _HEADINGS else marks.isdisjoint(line.asides)
                if fits and line.key not in keys:
                    filled.append(index)
        filled.append(below)
    return filled


def _between(lines: Sequence[PageLine], above: int, below: int) -> Iterator[int]:
    """Yield the indexes of an article's lines between two others of its lines."""
    gap = lines[above + 1 : below]
    if all(line.tag in _LISTS and not line.asides and line.linked < _GAP_LINKED for line in gap):
        yield from range(above + 1, below)
        return
    for index in range(above + 1, below):
        line = lines[index]
        is_paragraph = line.tag in _PARAGRAPHS and line.parent in (lines[above].parent, lines[below].parent)
        is_heading = line.tag in _HEADINGS and (index == below - 1 or line.parent == lines[below].parent)
        leads_away = line.linked >= _GAP_LINKED or is_clutter(line.text) or leads_elsewhere(line.text)
        if (is_paragraph or is_heading) and not leads_away:
            yield index


def standfirst(
    lines: Sequence[PageLine], body_lines: Sequence[PageLine], marks: frozenset[str], hints: Hints
) -> PageLine | None:
    """Return the paragraph between headline and body that the body lacks, or None."""
    body_key = key_of(" ".join(line.text for line in body_lines))
    starts = {line.key for line in body_lines[:4] if len(line.key) > _SHORTEST_STANDFIRST}
    titles = [key_of(title) for title in hints.titles if title]
    body_start = next((index for index, line in enumerate(lines) if line.key in starts), 0)
    above = range(max(0, body_start - _WIDEST_HEAD), body_start)
    headlines = [index for index in above if lines[index].tag == "h1" or lines[index].key in titles]
    candidates = [
        (index, line)
        for index, line in enumerate(lines[above.start : body_start], above.start)
        if len(line.key) >= _SHORTEST_STANDFIRST
        and line.tag != "li"
        and line.linked < _GAP_LINKED
        and CAPTIONS.isdisjoint(line.asides)
        and line.key not in body_key
        and not _is_title(line.key, titles)
        and not is_clutter(line.text)
        and not is_label(line.text, hints.authors)
    ]
    summaries = [key for key in map(key_of, hints.descriptions) if len(key) > 30]
    for _, line in candidates:
        if any(summary[:60] in line.key or line.key[:60] in summary for summary in summaries):
            return line
    nearby = [
        line
        for index, line in candidates
        if any(0 < index - headline <= _NEAR for headline in headlines)
        and marks.isdisjoint(line.asides)
        and _is_prose(line.text)
    ]
    return min(nearby, key=lambda line: line.tag in _HEADINGS, default=None)


def _is_prose(text: str) -> bool:
    return columns_of(text) >= _LONG_COLUMNS and ends_sentence(text)


def _blocks(lines: Sequence[PageLine]) -> Iterator[str]:
    """Yield paragraphs: the lines of a block, the cells of a row, the short items of a list."""
    for (kind, _), grouped in groupby(lines, _group_key):
        group = list(grouped)
        texts = [line.text for line in group]
        if kind == "row":
            yield " | ".join(texts)
        elif kind == "list":
            yield ("\n" if all(columns_of(text) < _SHORT_COLUMNS for text in texts) else "\n\n").join(texts)
        else:
            yield "".join(("\n\n" if line.gap else "\n") + line.text for line in group).strip()


def _group_key(line: PageLine) -> tuple[str, int]:
    """Return the kind of a line's paragraph, and what tells that paragraph from others."""
    if line.tag in _CELLS:
        return "row", line.parent
    return ("list", 0) if line.tag == "li" else ("block", line.block)
