"""Renders answers and lists as citations in Markdown that can be pasted into a draft."""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from semsearch.rendering.layout import PLAIN, Style, is_web, printable
from semsearch.rendering.phrases import UNTITLED, bearer, day, heading, marks, quotation, whereabouts
from semsearch.rendering.reasons import reasons
from semsearch.rendering.remarks import WORDS, left_out, listed_hits, opening
from semsearch.text import Span, normalise_line
from semsearch.types import Answer, Hit, Metadata, Passage

_SPECIAL = re.compile(r"[\\`*_\[\]<~|]|&(?=#?\w+;)")
_LINE_START = re.compile(r"\d{1,9}(?=[.)](?:\s|$))|(?=[#+=>-])")  # what precedes a mark that begins a block


def answer_markdown(answer: Answer, style: Style = PLAIN) -> Iterator[str]:
    """Yield each hit as an item of a numbered list: linked title, who, when and how good, the passage, copies."""
    opening_line = opening(answer)
    if opening_line:
        yield f"{opening_line}\n"
    hits = listed_hits(answer, everything=style.everything)
    for number, hit in enumerate(hits):
        bullet = f"{hit.rank}. "
        quoted = "".join(_quote_line(line, len(bullet)) for line in _in_context(hit))
        below = "".join(f"\n{' ' * len(bullet)}{line}\n" for line in _lines_below(hit, style))
        place = whereabouts(hit.article, hit.place) if not hit.article.url else ""
        marked = "".join(f", {escaped(mark, at_line_start=False)}" for mark in (*marks(hit, style.zone), place) if mark)
        cited = f"{bullet}{_citation(hit.article, heading(hit), style)}{marked} ({WORDS[hit.verdict]})"
        yield "\n" * bool(number or opening_line) + f"{cited}\n\n{quoted}{below}"
    if closing_line := left_out(answer, hits):
        yield "\n" * bool(hits or opening_line) + f"{closing_line}\n"


def listing_markdown(articles: Iterable[Metadata], style: Style = PLAIN) -> Iterator[str]:
    """Yield each article as an item of a list: linked title, who and when."""
    for article in articles:
        yield f"- {_citation(article, normalise_line(article.title) or UNTITLED, style)}\n"


def escaped(text: str, *, at_line_start: bool = True) -> str:
    """Return one line of text, escaped so that Markdown shows it as it is."""
    opening = _LINE_START.match(text) if at_line_start else None
    mark_start = opening.end() if opening else 0
    return text[:mark_start] + "\\" * bool(opening) + _SPECIAL.sub(r"\\\g<0>", text[mark_start:])


def _citation(article: Metadata, title: str, style: Style) -> str:
    linked_title = _link(title, article)
    facts = [*article.authors, article.publisher or "", day(article.published, style.zone)]
    facts_text = ", ".join(escaped(normalise_line(fact), at_line_start=False) for fact in facts if fact)
    return f"{linked_title} — {facts_text}" if facts_text else linked_title


def _link(text: str, article: Metadata) -> str:
    if article.url and is_web(article.url):
        return f"[{escaped(text, at_line_start=False)}]({_link_target(article.url)})"
    return escaped(text)


def _link_target(url: str) -> str:
    safe = quote(normalise_line(url), safe="/:?#@!$&'*+,;=-._~%")  # parentheses and brackets would end the link
    return re.sub(r"&(?=#?\w+;)", "&amp;", safe)


def _lines_below(hit: Hit, style: Style) -> Iterator[str]:
    """Yield a paragraph for the copies of a hit, and one for each reason of its score."""
    if hit.copies:
        yield "Also in: " + ", ".join(_link(bearer(copy, style.zone), copy) for copy in hit.copies)
    for label, facts in reasons(hit, full=True):
        mark = " " if label == "score" else " · "
        yield f"{label}: {escaped(mark.join(facts), at_line_start=False)}"


def _quote_line(line: str, margin: int) -> str:
    return f"{' ' * margin}> {line}\n" if line else f"{' ' * margin}>\n"


def _in_context(hit: Hit) -> Iterator[str]:
    """Yield the lines of the passage and of its neighbours, in order, with empty lines between them."""
    before = [neighbour for neighbour in hit.context if neighbour.ordinal < hit.passage.ordinal]
    for passage in before:
        yield from (*_plain_lines(passage), "")
    yield from _quotation_lines(hit)
    for passage in hit.context[len(before) :]:
        yield from ("", *_plain_lines(passage))


def _plain_lines(passage: Passage) -> Iterator[str]:
    return _emphasised_lines(printable(passage.text), (0, 0))


def _quotation_lines(hit: Hit) -> Iterator[str]:
    return _emphasised_lines(*quotation(hit))


def _emphasised_lines(text: str, span: Span) -> Iterator[str]:
    """Yield the lines of a text, with a span of it in bold."""
    start, end = span
    lines = text.split("\n")
    for number, line in enumerate(lines):
        broken = bool(line) and number + 1 < len(lines) and bool(lines[number + 1])
        yield _emphasised(line, max(start, 0), min(end, len(line))) + "  " * broken
        start, end = start - len(line) - 1, end - len(line) - 1


def _emphasised(line: str, start: int, end: int) -> str:
    start, end = _bold_span(line, start, end)
    if start >= end:
        return escaped(line)
    before = escaped(line[:start])
    strong = escaped(line[start:end], at_line_start=False)
    return f"{before}**{strong}**{escaped(line[end:], at_line_start=False)}"


def _bold_span(line: str, start: int, end: int) -> Span:
    """Shrink a span to one that asterisks can enclose.

    CommonMark takes no asterisks for emphasis between a letter and a punctuation mark, as where a Chinese sentence
    ends and the next begins without a space; such a mark is left outside.
    """
    while start < end and not _may_touch_asterisks(line[start], line[start - 1 : start]):
        start += 1
    while start < end and not _may_touch_asterisks(line[end - 1], line[end : end + 1]):
        end -= 1
    return start, end


def _may_touch_asterisks(inner: str, outer: str) -> bool:
    if inner.isspace():
        return False
    is_mark = unicodedata.category(inner)[0] in "PS"
    return (
        not is_mark
        or not outer
        or outer.isspace()
        or outer in string.punctuation
        or unicodedata.category(outer)[0] == "P"
    )
