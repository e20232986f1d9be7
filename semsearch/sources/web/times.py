"""Finds the times that a page marks as its article's, and whether the article was published or changed then."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from lxml import etree
from lxml.html import HtmlElement

from semsearch.sources.web.lines import BLOCKS, key_of, leads_away
from semsearch.sources.web.sentences import is_sentence
from semsearch.text import normalise_line

_MOST_TIMES = 300
_MOST_ANCESTORS = 12
_MOST_CHARACTERS = 300
"""Of the line that a time is in, as far as it is looked at."""

LONGEST_LABEL = 25
"""Characters of a line that belongs to the time in the next one, such as "Last updated on"."""

_LEAST_TITLE = 8
"""Letters; a shorter title may be part of another one by chance."""

_LONGEST_BOX_HEADING = 40
"""Letters of a heading such as "Next events"; a standfirst is longer."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTED = frozenset(("aside", "nav", "footer", "li", "blockquote", "a"))
_NOT_SHOWN = frozenset(("script", "style", "template"))
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?<!has-)(?<!no-)(?:comments?|commentlist|related|recommend(?:ed|ations?)|events?|teasers?)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_PUBLISHED_MARK = re.compile(r"publish|pubdate|entry-?date|created", re.IGNORECASE)
_UPDATED_MARK = re.compile(r"updated|modified|lastmod", re.IGNORECASE)
_LABEL = re.compile(
    r"(?P<updated>\b(?:updated?\b|modified|aktualisiert|geändert|mise? à jour|modifié|actualizad|aggiornat|atualizad"
    r"|bijgewerkt|gewijzigd|oppdatert|uppdatera|opdatere|zaktualizowan|обновлен)|更新|수정)"
    r"|\b(?:publish|posted|veröffentlicht|erschienen|erstellt|publi[ée]|publica[dt]|pubblicat|gepubliceerd|publiser"
    r"|publicer|opublikowan|опубликован)|公開|配信|掲載|発行|发布|發布|입력|등록",
    re.IGNORECASE,
)


class Role(Enum):
    """What a time is of."""

    PUBLISHED = "published"
    UPDATED = "updated"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class MarkedTime:
    """A time as a page has it."""

    text: str
    role: Role


def own_times(root: HtmlElement, title_keys: Sequence[str]) -> list[MarkedTime]:
    """Return the times that are marked as those of the page's article, in order.

    Args:
        title_keys: the keys of the titles that the page gives to its article.
    """
    judge = _Judge([key for key in title_keys if len(key) >= _LEAST_TITLE])
    elements = (element for _, element in zip(range(_MOST_TIMES), root.iter("time"), strict=False))
    own = [element for element in elements if element.get("datetime") and judge.is_own(element)]
    times = [time for line in _lines_with_times(root, own) for time in _times_in(line)]
    found = [MarkedTime(text, words_role) for text, words_role, _ in times]
    # A class tells two times apart; themes call the only one "updated", too, where it is that of publication.
    by_class = [
        replace(time, role=class_role) if time.role is Role.UNSAID else time
        for time, (_, _, class_role) in zip(found, times, strict=True)
    ]
    return by_class if any(time.role is not Role.UPDATED for time in by_class) else found


def role_of(label: str) -> Role:
    """Return what the last label in some words before a time says that the time is of."""
    return _role(next(iter([*_LABEL.finditer(label)][-1:]), None))


def _role(label: re.Match[str] | None) -> Role:
    if label is None:
        return Role.UNSAID
    return Role.UPDATED if label["updated"] else Role.PUBLISHED


class _Judge:
    """Tells the article's own times from those of events, of other articles and of comments."""

    def __init__(self, title_keys: Sequence[str]) -> None:
        self._title_keys = title_keys
        self._judged: dict[HtmlElement, bool] = {}

    def is_own(self, time: HtmlElement) -> bool:
        """Tell whether a time is within the page's article, and in no list, sidebar, box or teaser there."""
        is_listed = is_inside = False
        for _, ancestor in zip(range(_MOST_ANCESTORS), time.iterancestors(), strict=False):
            is_inside = ancestor.tag in ("article", "main")
            if not self._is_own_container(ancestor):
                return False
            if is_inside:
                break
            is_listed = is_listed or ancestor.tag in _LISTED
        return time.get("pubdate") is not None or (is_inside and not is_listed)

    def _is_own_container(self, container: HtmlElement) -> bool:
        if container not in self._judged:
            self._judged[container] = not self._is_of_others(container)
        return self._judged[container]

    def _is_of_others(self, container: HtmlElement) -> bool:
        if container.tag in ("article", "main"):
            return self._is_other_article(container)
        return _is_others(container) or (container.tag == "section" and self._is_box(container))

    def _is_box(self, section: HtmlElement) -> bool:
        """Tell whether a section has a heading of its own, such as "Next events"."""
        headings = list(_headings(section))
        if not headings or headings[0].tag == "h1" or any(map(self._is_title, headings)):
            return False
        return len(_key(headings[0])) <= _LONGEST_BOX_HEADING

    def _is_other_article(self, container: HtmlElement) -> bool:
        """Tell whether an article is a teaser or a comment."""
        headings = list(_headings(container))
        if container.tag == "main" or any(map(self._is_title, headings)):
            return False
        if _is_others(container) or next(container.iterancestors("article"), None) is not None:
            return True
        return any(leads_away(link) for heading in headings[:1] for link in _links_at(heading))

    def _is_title(self, heading: HtmlElement) -> bool:
        key = _key(heading)
        return len(key) >= _LEAST_TITLE and any(key in title or title in key for title in self._title_keys)


def _is_others(element: HtmlElement) -> bool:
    """Tell whether an element is named as a place of comments, events or other articles."""
    return any(_OTHERS.search(element.get(name) or "", 0, 500) for name in ("class", "id"))


def _headings(container: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the first headings in an element."""
    for _, heading in zip(range(20), container.iter(*_HEADINGS), strict=False):
        yield heading


def _links_at(heading: HtmlElement) -> list[HtmlElement]:
    """Return the first links within a heading, and the one around it."""
    inner = [link for _, link in zip(range(3), heading.iter("a"), strict=False)]
    return [*inner, *(ancestor for ancestor in [heading.getparent()] if ancestor is not None and ancestor.tag == "a")]


def _key(heading: HtmlElement) -> str:
    return key_of(_beginning(heading))


def _beginning(element: HtmlElement) -> str:
    """Return the beginning of an element's text."""
    return "".join(text for _, text in zip(range(20), element.itertext(), strict=False))[:_MOST_CHARACTERS]


@dataclass(slots=True)
class _Line:
    """One line of a page as far as its times are concerned."""

    label: str  # a short line above that may belong to the first time
    pieces: list[str | HtmlElement]  # text, and times before theirs


def _lines_with_times(root: HtmlElement, own: Sequence[HtmlElement]) -> Iterator[_Line]:
    """Yield the lines that have some of the times, which are in the order of the page."""
    line = _Line("", [])
    remaining = set(own)
    events = etree.iterwalk(_scope(root, own), events=("start", "end"))
    for event, element in events if own else ():
        if element.tag in BLOCKS or element.tag == "br":
            if any(not isinstance(piece, str) for piece in line.pieces):
                yield line
                line = _Line("", [])
                if not remaining:
                    return
            elif text := normalise_line("".join(map(str, line.pieces))):
                is_label = len(text) <= LONGEST_LABEL and element.tag not in _HEADINGS
                line = _Line(text if is_label else "", [])
            else:
                line.pieces.clear()
        if event == "start":
            if element in remaining:
                remaining.remove(element)
                line.pieces.append(element)
            if element.tag in _NOT_SHOWN:
                events.skip_subtree()
                continue
        if text := element.text if event == "start" else element.tail:
            line.pieces.append(text)


def _scope(root: HtmlElement, own: Sequence[HtmlElement]) -> HtmlElement:
    """Return the article that all the times are in, else the page: what is around it need not be walked through."""
    articles = {next(time.iterancestors("article", "main"), root) for time in own}
    return articles.pop() if len(articles) == 1 else root


def _times_in(line: _Line) -> Iterator[tuple[str, Role, Role]]:
    """Yield the times of a line that is no sentence: text, role by the words around it, role by its class."""
    if is_sentence(normalise_line("".join(piece for piece in line.pieces if isinstance(piece, str)))):
        return
    before = line.label
    for piece in line.pieces:
        if isinstance(piece, str):
            before = f"{before} {piece}"[-_MOST_CHARACTERS:]
            continue
        words_role = _role(_LABEL.search(_beginning(piece)))
        if words_role is Role.UNSAID:
            words_role = role_of(before)
        yield normalise_line((piece.get("datetime") or "")[:100]), words_role, _class_role(piece)
        before = ""


def _class_role(time: HtmlElement) -> Role:
    """Return what the classes of a time, or of what is around it alone, say that it is of."""
    for _, element in zip(range(3), (time, *time.iterancestors()), strict=False):
        if element is not time and len(list(zip(range(2), element.iter("time"), strict=False))) > 1:
            break
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}"[:500]
        if _PUBLISHED_MARK.search(marks):
            return Role.PUBLISHED
        if _UPDATED_MARK.search(marks):
            return Role.UPDATED
    return Role.UNSAID
