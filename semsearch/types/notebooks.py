"""Renders an answer for notebooks, as HTML in which every text is escaped."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from semsearch.text import counted, normalise_line, normalise_text

if TYPE_CHECKING:
    from semsearch.types.answers import Answer, Hit

_STYLE = (
    "<style>.semsearch{max-width:52em;line-height:1.4}"
    ".semsearch ol{list-style:none;padding:0;margin:.5em 0}"
    ".semsearch li{margin:0 0 .9em}"
    ".semsearch .facts{opacity:.75;font-size:.9em}"
    ".semsearch p{margin:.2em 0;white-space:pre-line}"
    ".semsearch mark{background:rgba(255,200,0,.3);color:inherit}"
    ".semsearch a{color:inherit;text-decoration:underline}</style>"
)
"""Colours come from the page, so that it is legible on white and on black."""

_SHOWN = 600
"""Characters of a passage that are shown."""

_WEB = ("http://", "https://")


def answer_html(answer: "Answer") -> str:
    """Return an answer as a self-contained piece of HTML."""
    return f'{_STYLE}<div class="semsearch">{"".join(_pieces(answer))}</div>'


def _pieces(answer: "Answer") -> Iterator[str]:
    verb = "matches" if answer.matches == 1 else "match"
    matches = "" if answer.matches is None else f" · {answer.matches:,} {verb}"
    counts = f"{counted(len(answer), 'hit')} · {counted(answer.total, 'article')} searched{matches}"
    yield f"<div><b>{_line(answer.query.text)}</b> "
    yield f'<span class="facts">{counts} · {_verdict(answer.verdict)} · {answer.took_ms:.0f} ms</span></div>'
    yield from (f'<div class="facts">{_line(notice)}</div>' for notice in answer.notices)
    yield "<ol>"
    yield from (f"<li>{''.join(_hit(hit))}</li>" for hit in answer.hits)
    yield "</ol>"


def _hit(hit: "Hit") -> Iterator[str]:
    article = hit.article
    title = _line(article.title or hit.text[:80] or "(no title)")
    if (article.url or "").lower().startswith(_WEB):
        title = f'<a href="{_line(article.url or "")}" rel="noopener noreferrer" target="_blank">{title}</a>'
    yield f"<div>{hit.rank}. <b>{title}</b></div>"
    facts = [
        article.publisher or "",
        article.published.text if article.published else "no date",
        ", ".join(article.authors),
        article.section or "",
        *hit.marks,
        _verdict(hit.verdict),
        counted(len(hit.copies), "copy", "copies") if hit.copies else "",
        ", ".join(part for part in (article.origin, article.place) if part),
        f"id {article.article_id}",
    ]
    yield f'<div class="facts">{" · ".join(_line(fact) for fact in facts if fact)}</div>'
    if hit.text:
        yield f"<p>{_passage(hit)}</p>"


def _passage(hit: "Hit") -> str:
    """Return the part of the passage around its best sentence, with that sentence marked."""
    text, length = hit.text, len(hit.text)
    first, last = (offset - hit.passage.start for offset in hit.sentence) if hit.sentence else (0, 0)
    start = max(0, min(first, length - _SHOWN))
    stop = min(length, start + _SHOWN)
    first, last = (min(max(offset, start), stop) for offset in (first, last))
    sentence = _escaped_part(text[first:last])
    marked = f"<mark>{sentence}</mark>" if sentence else ""
    shown = f"{_escaped_part(text[start:first])}{marked}{_escaped_part(text[last:stop])}"
    return f"{'… ' if start else ''}{shown}{' …' if stop < length else ''}"


def _verdict(verdict: str) -> str:
    return "no match" if verdict == "none" else f"{verdict} match"


def _line(text: str) -> str:
    return escape(normalise_line(text))


def _escaped_part(text: str) -> str:
    """Escape a part of a text, and keep a space before and after it."""
    inner = normalise_text(text)
    if not inner:
        return " " if text else ""
    return f"{' ' * text[:1].isspace()}{escape(inner)}{' ' * text[-1:].isspace()}"
