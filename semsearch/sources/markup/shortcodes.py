"""Removes codes in square brackets that publishing systems and forums use: [caption …]…[/caption], [b]…[/b]."""

import re

_CODE = re.compile(r"\[(/?)([a-zA-Z][\w-]{0,40})((?:[\s=][^\[\]\n]{0,1000})?)\]")
_ATTRIBUTE = re.compile(r"^=|\s[\w:-]{1,40}=[\"'\w]|/$")
_ALONE = frozenset((
    "gallery", "more", "nextpage", "embed", "video", "audio", "playlist", "youtube", "vimeo", "toc", "clear", "divider",
    "ad", "adsense", "newsletter",
))  # fmt: skip
"""Codes for things without a text, which need neither an end nor attributes."""

_WITH_CONTENT = frozenset((
    "caption", "wpcaption", "wp_caption", "img", "youtube", "vimeo", "video", "audio", "embed", "playlist", "gallery",
    "flickr", "googlemaps", "slideshow",
))  # fmt: skip
"""Codes that enclose captions and addresses, and nothing of the text."""


def without_shortcodes(text: str) -> str:
    """Return text without codes; what a pair of them encloses stays, except captions and addresses.

    A code is recognised by its end, its attributes or its name. Anything else in brackets, such as "[sic]", is text.
    """
    if "[" not in text:
        return text
    codes = list(_CODE.finditer(text))
    closed = {code[2].lower() for code in codes if code[1]}
    ends: list[int | None] = []  # for each code: the position behind the next closing code of its name
    next_ends: dict[str, int] = {}
    for code in reversed(codes):
        ends.append(next_ends.get(code[2].lower()))
        if code[1]:
            next_ends[code[2].lower()] = code.end()
    pieces: list[str] = []
    start = 0
    for code, end in zip(codes, reversed(ends), strict=True):
        name = code[2].lower()
        if code.start() < start or not (name in closed or name in _ALONE or _ATTRIBUTE.search(code[3])):
            continue
        pieces.append(text[start : code.start()])
        start = code.end()
        if name in _WITH_CONTENT and end and not code[1]:
            start = end
    return "".join([*pieces, text[start:]])
