"""Takes the marks of Markdown out of a text that does not say that it is Markdown, where it clearly is."""

import re

_TARGET = r"\((?:{}(?:[^()\s]|\([^()\s]{{0,200}}\)){{0,2000}})(?:\s\"[^\"\n]{{0,300}}\")?\)"
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\]" + _TARGET.format(r"(?=[^()\s]{0,2000}[./])"))
_LINK = re.compile(r"\[(?P<words>[^\[\]\n]{0,500})\]" + _TARGET.format(r"(?:https?://|mailto:|www\.)"), re.IGNORECASE)
_BOLD = re.compile(r"\*\*(?P<words>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*\*")
_HEADING = re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?P<starred>[^\s*](?:[^*\n]{0,500}[^\s*])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<words>[^\s_](?:[^_\n]{0,500}[^\s_])?)_(?!\w)"
)


def without_marks(text: str) -> str:
    """Return a text without images, with the words of links, and without the marks of headings and emphasis.

    Links with addresses and images show that it is Markdown, and so do headings together with words in bold. One kind
    of mark alone may be something else.
    """
    has_links = "](" in text and (_LINK.search(text) or _IMAGE.search(text))
    if not has_links and not ("**" in text and _BOLD.search(text) and _HEADING.search(text)):
        return text
    text = _LINK.sub(r"\g<words>", _IMAGE.sub("", text))
    text = _HEADING.sub("", _BOLD.sub(r"\g<words>", text))
    return _EMPHASIS.sub(lambda match: match["starred"] or match["words"], text)
