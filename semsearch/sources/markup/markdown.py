"""The only module that knows markdown-it: Markdown, with the template codes of site generators -> plain text."""

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt

from semsearch.sources.markup.plain_text import cut_out, strip_html

_CODES = (("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"))
"""Hugo's shortcodes, then Jekyll's tags. Only the codes go: what stands between a pair of them is text."""

_CODE = re.compile(
    r"(?<!\$)\{\{[^{}\n]{0,200}\}\}"  # a variable; ${{…}} belongs to a program
    r"|\{[:#.][^{}\n]{0,200}\}"  # attributes of a heading or a paragraph
    r"|\[\^[^\]\s]{1,50}\]:?"  # the mark of a footnote
    r"|\[/?(?:caption|gallery|youtube|vimeo|embed|audio|video|playlist|slideshare)\b[^\[\]\n]{0,500}\]"  # of WordPress
    r"|(?<=\S)\*{4,}"  # two runs of bold that meet
)
_TARGET = re.compile(r"\]\(((?:[^()\n]|\([^()\n]{0,300}\)){0,1000})\)")
_SURE_TARGET = re.compile(r"\s*[/#{]|.*(?:https?:|mailto:|www\.)")
_LINK_IN_HTML = re.compile(r"!?\[([^\[\]]{0,500})\]\(#\)")
"""Within the author's own HTML nothing is Markdown, whatever the author hoped."""

_MOST_CELLS = 20_000
"""Of a text's tables together. What has more is read as its lines stand."""

_MARKS = "\n*_`[]<"
_MOST_MARKS = 200_000
"""Of a text: each takes up to two thousand bytes until it is text. What has more is read as its lines stand; a book of
a megabyte has some fifty thousand."""

_HEADING_LINE = re.compile(r"^ {0,3}(?:#[ \t]|=+[ \t]*$)", re.MULTILINE)


def markdown_text(raw: str) -> str:
    """Return the plain text of Markdown: a link's words, no images, a list's items and a table's rows one a line."""
    # The HTML stripper sees Markdown's own elements and those that the author wrote as HTML alike.
    markdown = _without_codes(raw)
    if _is_heavy(markdown):
        return markdown
    text = strip_html(_parser(with_tables=_has_tables(markdown)).render(markdown))
    return _LINK_IN_HTML.sub(r"\1", text)


def split_heading(raw: str) -> tuple[str, str]:
    """Return the first heading of the highest level as text, "" where there is none, and the Markdown without it."""
    markdown = _without_codes(raw) if _HEADING_LINE.search(raw) else ""
    if not markdown or _is_heavy(markdown):
        return "", raw
    tokens = _parser(with_tables=False).parse(markdown)
    for token, words in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1" and token.level == 0 and token.map:
            begin, end = token.map
            lines = markdown.split("\n")
            return markdown_text(words.content), "\n".join([*lines[:begin], "", *lines[end:]])
    return "", raw


def _without_codes(raw: str) -> str:
    # A target is never used, and many that people wrote are no Markdown: "](mailto: a@b.gov)".
    text = _TARGET.sub(lambda found: "](#)" if _SURE_TARGET.match(found[1]) else found[0], cut_out(raw, "<!--", "-->"))
    for opening, closing in _CODES:
        text = cut_out(text, opening, closing)
    return _CODE.sub("", text)


def _is_heavy(markdown: str) -> bool:
    """Tell whether a text would take too much memory as Markdown."""
    return sum(map(markdown.count, _MARKS)) > _MOST_MARKS


def _has_tables(markdown: str) -> bool:
    """Tell whether tables are to be looked for: a cell takes some thousand bytes until it is text."""
    return 0 < markdown.count("|") <= _MOST_CELLS


@cache
def _parser(*, with_tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("strikethrough")
    if with_tables:
        parser.enable("table")
    # In articles an indented block is a quotation or HTML more often than code.
    parser.disable("code")
    parser.normalizeLink = lambda url: "#"  # type: ignore[method-assign]  # noqa: ARG005
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return parser
