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


def from_field(raw: str) -> str:
    """Return the text of a field that is HTML, or plain with or without entities."""
    return from_html(raw) if "<" in raw and _MARKUP.search(raw) else decode_entities(raw)


def from_html(raw: str) -> str:
    """Return the text of HTML without captions."""
    if "figcaption" in raw.lower():
        raw = cut_out(_CAPTION.sub(r"<\1figcaption>", raw), "<figcaption>", "</figcaption>")
    text = strip_html(raw)
    above, gap, last_paragraph = text.rpartition("\n\n")
    return above if gap and _TAIL.fullmatch(last_paragraph) else text
