"""Extracts the text of an article's body as senders write it, without captions and what every article repeats."""

import re

from semsearch.sources.markup.plain_text import cut_out, decode_entities, strip_html

_MARKUP = re.compile(
    r"</?(?:p|div|a|span|ul|ol|li|h[1-6]|strong|em|b|i|u|blockquote|figure|table|img|br|hr|section|article|iframe|video|"
    r"script|style|font|small|center|html|body)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"<(/?)figcaption\b[^<>]*>", re.IGNORECASE)
_TAIL = re.compile(r"[^\n]{1,400} (?:appeared first on|first appeared on) [^\n]{1,200}")
"""What WordPress appends to every article of a feed."""

_MORE = re.compile(
    r"<a\s[^<>]*>(?P<words>(?:\s|<[^<>]*>){0,20}(?:(?:continue|keep) reading|read (?:more|the (?:full|whole|rest))|"
    r"weiterlesen|mehr lesen|lire la suite|(?:leer|seguir|continuar|sigue) (?:más|leyendo)|leggi tutto|"
    r"continua a leggere|lees (?:verder|meer)|les mer|läs mer|læs mere|czytaj (?:dalej|więcej)|leia mais|"
    r"читать (?:далее|дальше|полностью))\b(?:(?!</a>).){0,500})</a>",
    re.IGNORECASE | re.DOTALL,
)
"""A link to the rest of an article."""


def from_field(raw: str) -> str:
    """Return the text of a field that is HTML, or plain with or without entities."""
    return from_html(raw) if "<" in raw and _MARKUP.search(raw) else decode_entities(raw)


def from_html(raw: str) -> str:
    """Return the text of HTML without captions, and without a link to the rest of it at its end."""
    if "figcaption" in raw.lower():
        raw = cut_out(_CAPTION.sub(r"<\1figcaption>", raw), "<figcaption>", "</figcaption>")
    text = strip_html(raw)
    above, gap, last_paragraph = text.rpartition("\n\n")
    text = above if gap and _TAIL.fullmatch(last_paragraph) else text
    for link in _MORE.finditer(raw):
        text = text.removesuffix(strip_html(link["words"])).rstrip()
    return text
