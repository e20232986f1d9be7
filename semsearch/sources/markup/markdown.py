"""Turns Markdown with template codes of site generators into plain text; the only module that imports markdown-it."""

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt

from semsearch.sources.markup.plain_text import cut_out, strip_html

_CODES = (("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"))
"""Hugo's shortcodes, then Jekyll's tags. Only the codes are removed; text between a pair of them stays."""

_CODE = re.compile(
    r"(?<!\$)\{\{[^{}\n]{0,200}\}\}"  # a variable; ${{…}} belongs to a program
    r"|\{[:#.][^{}\n]{0,200}\}"  # attributes of a heading or a paragraph
    r"|\[\^[^\]\s]{1,50}\]:?"  # the mark of a footnote
    r"|\[/?(?:caption|gallery|youtube|vimeo|embed|audio|video|playlist|slideshare)\b[^\[\]\n]{0,500}\]"  # of WordPress
    r"|(?<=\S)\*{4,}"  # two runs of bold that meet
    r"|!\[\[[^\[\]\n]{1,300}\]\]"  # what Obsidian shows of another note, or a picture
    r"|(?<=>\ )\[![a-zA-Z]{1,30}\][+-]?"  # the kind of a note in a box
)
_WIKI_LINK = re.compile(r"\[\[(?=[^\W\d_])(?:[^\[\]|\n]{1,300}\|)?(?P<words>[^\[\]|\n]{1,300})\]\](?![(\[])")
_HIGHLIGHT = re.compile(r"(?<![\w=])==(?P<words>[^\s=](?:[^=\n]{0,500}[^\s=])?)==(?![\w=])")
"""Obsidian's."""

_TARGET = re.compile(r"\]\(((?:[^()\n]|\([^()\n]{0,300}\)){0,1000})\)")
_SURE_TARGET = re.compile(r"\s*[/#{]|.*(?:https?:|mailto:|www\.)")
_LINK_IN_HTML = re.compile(r"!?\[([^\[\]]{0,500})\]\(#\)")
"""Markdown inside HTML is not rendered, so that links in it are still there afterwards."""

_MOST_CELLS = 20_000
"""Cells in all tables of a text. With more, tables are read as lines of text."""

_MARKS = "\n*_`[]<"
_MOST_MARKS = 200_000
"""Marks in a text; each takes up to two thousand bytes of memory. A text with more is taken as it is; a book of a
megabyte has some fifty thousand."""

_HEADING_LINE = re.compile(r"^ {0,3}(?:#[ \t]|=+[ \t]*$)", re.MULTILINE)


def markdown_text(raw: str) -> str:
    """Return the plain text of Markdown: links by their words, no images, items of lists and rows of tables by line."""
    # The HTML stripper sees Markdown's own elements and those that the author wrote as HTML alike.
    markdown = _without_codes(raw)
    if _is_heavy(markdown):
        return markdown
    text = strip_html(_parser(with_tables=_has_tables(markdown)).render(markdown))
    return _LINK_IN_HTML.sub(r"\1", text)


def split_heading(raw: str) -> tuple[str, str]:
    """Return the first heading of the highest level as text, or "", and the Markdown without it."""
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
    # Targets are never used, and many are not valid Markdown: "](mailto: a@b.gov)".
    text = _TARGET.sub(lambda match: "](#)" if _SURE_TARGET.match(match[1]) else match[0], cut_out(raw, "<!--", "-->"))
    for opening, closing in _CODES:
        text = cut_out(text, opening, closing)
    return _HIGHLIGHT.sub(r"\g<words>", _WIKI_LINK.sub(r"\g<words>", _CODE.sub("", text)))


def _is_heavy(markdown: str) -> bool:
    """Tell whether a text would take too much memory as Markdown."""
    return sum(map(markdown.count, _MARKS)) > _MOST_MARKS


def _has_tables(markdown: str) -> bool:
    """Tell whether to look for tables: a cell takes some thousand bytes of memory, so there must not be too many."""
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
