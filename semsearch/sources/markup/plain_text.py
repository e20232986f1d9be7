"""Turns HTML and its entities into plain text: paragraphs a blank line apart; items, rows and broken lines by line."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import median

from semsearch.sources.markup.inline_markdown import without_marks
from semsearch.sources.markup.shortcodes import without_shortcodes
from semsearch.text import collapsed, display_width

_SHORT_LINE_COLUMNS = 40
"""Lines that are shorter may follow each other; `normalise_text` takes wider ones for hard-wrapped prose."""

_CELL = "\x1f"
"""Separates the cells of a row until the row is complete. It is not a character of HTML, so that no text has it."""

_NAMES = {
    "dropped": "script style template noscript svg math title nav iframe object audio video select",
    "line": "br li tr dt dd option",
    "list": "ul ol menu dl",
    "paragraph": """
        p div h1 h2 h3 h4 h5 h6 hr blockquote section article header footer main aside figure figcaption table caption
        pre address details summary form fieldset center html head body
    """,
    "inline": """
        a abbr acronym area b base bdi bdo big button canvas cite code col colgroup data del dfn em embed font frame
        frameset i img input ins kbd label legend link map mark marquee meta meter nobr optgroup output param picture
        progress q rp rt ruby s samp small source span strike strong sub sup tbody td textarea tfoot th thead time track
        tt u var wbr
    """,
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
"""Elements of HTML -> what each does to the text around it; the content of "dropped" ones is left out."""

ELEMENTS = frozenset(_ROLES)
"""Names of HTML's tags; of others in angle brackets only `_FOREIGN` ones are no text."""

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*)>""")
"""Every attempt to match ends at the next `<`, so that time is linear in the text, unlike that of `html.parser`."""

_FOREIGN = re.compile(r"<(/?)([a-z][a-z0-9]*+[:-][a-z][a-z0-9-]*+)(?=[\s/>])", re.IGNORECASE)
"""The beginning of a tag with a prefix or a hyphen, as those of Microsoft Office and of scripts have: <o:p>,
<amp-img>. It is one if it is closed; <BRK-B> and <mailto:ada@coast.example> are not."""

_HIDDEN = re.compile(r"\shidden(?=[\s=>/])", re.IGNORECASE)
_STYLE = re.compile(r"""\sstyle\s*+=\s*+(?:"([^"<>]*+)|'([^'<>]*+)|([^\s"'<>]++))""", re.IGNORECASE)
_HIDING_STYLE = re.compile(r"(?<![^;\s])(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden)", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_MAY_HIDE = frozenset((
    "div", "span", "section", "aside", "table", "p", "a", "font", "center", "strong", "em", "b", "i", "ul", "ol",
    "figure", "header", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
))  # fmt: skip
"""Elements that end at their closing tag; others may end without one."""

_STRUCK = ("del", "s", "strike")
"""Elements of words that the author has taken back."""

_LONGEST_HIDING = 2_000
"""Characters of a tag that may hide its element."""

_SHOWN_SHARE = 0.2
"""Visible text to hidden text. With less, a script reveals the hidden text, and nothing is left out."""

_DECLARATION = re.compile(r"<!\[CDATA\[|\]\]>|<[!?][a-zA-Z][^<>]*>|<!\[(?:if\s[^<>]*|endif)\]>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SURE_TAG = re.compile(
    r"</(?:p|div|a|span|ul|ol|li|h[1-6]|strong|em|b|i|u|blockquote|figure|table|tr|td|article|section|body|html|font|"
    r"center|small|sup|sub|strike|del|ins|o:p)\s*>"
    r"|<br\s*/?>|<!--\s*/?wp:|<p(?:\s[^<>]{0,500})?>[^<>]*<p(?:\s[^<>]{0,500})?>"
    r"|<(?:p|div|span|font|a|img|table|td|h[1-6])\s{1,9}[a-z-]{1,20}=[^<>]{1,2000}>",
    re.IGNORECASE,
)
"""A closing tag, one with an attribute, a line break or two paragraphs. A lone opening tag without attributes may be a
company's ticker: <B>, <I>, <IBM>."""

_ESCAPED_MARKUP = re.compile(
    r"\s*<(?:p|div|span|h[1-6]|br|a|b|i|em|strong|ul|ol|figure|img|article|section|blockquote|table)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
"""The beginning of a text whose markup was escaped once too often."""

_MOST_ESCAPED = 2
_HARD_WRAPPED = range(30, 101)
"""Columns of lines that an agency broke by hand; shorter ones are a list or a poem, longer ones paragraphs."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_CELLS = frozenset(("td", "th"))
_BLOCKS = _CELLS.union(name for name, role in _ROLES.items() if role in ("line", "list", "paragraph")) - {"br", "hr"}
"""Elements that enclose text of their own, in which a blank line is a mere space."""

_STOP = re.compile(r"[.!?…:。！？][\"'”’»)\]」』]*$")


def plain(raw: str) -> str:
    """Return the text of a field that may be plain, with entities, Markdown, or HTML, which may be escaped itself."""
    if "<" in raw and _SURE_TAG.search(raw):
        return strip_html(raw)
    decoded = decode_entities(raw)
    if decoded != raw and _ESCAPED_MARKUP.match(decoded) and _SURE_TAG.search(decoded):
        return strip_html(decoded)
    return without_shortcodes(without_marks(decoded))


def decode_entities(raw: str) -> str:
    """Decode entities such as `&amp;` and `&#46;`; one without its semicolon may be part of an address and stays."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), raw) if "&" in raw else raw


def cut_out(text: str, opening: str, closing: str, instead: str = "") -> str:
    """Replace everything between two marks, and the marks; an opening one that is never closed stays."""
    pieces = []
    start = 0
    while (begin := text.find(opening, start)) >= 0 and (end := text.find(closing, begin + len(opening))) >= 0:
        pieces += [text[start:begin], instead]
        start = end + len(closing)
    return "".join([*pieces, text[start:]])


def strip_html(raw: str) -> str:
    """Return the text of HTML; anything like a tag that HTML does not have, such as <IBM>, is text."""
    text = _text_of_html(raw)
    for _ in range(_MOST_ESCAPED):
        if not (_ESCAPED_MARKUP.match(text) and _SURE_TAG.search(text)):
            break
        text = _text_of_html(text)
    return text


def _text_of_html(raw: str) -> str:
    markup = _DECLARATION.sub("", cut_out(raw, "<!--", "-->").replace(_CELL, ""))
    markup = without_shortcodes(_without_foreign_tags(markup))
    tags = [(tag, tag[2].lower()) for tag in _TAG.finditer(markup) if tag[2].lower() in _ROLES]
    struck = _struck_elements(tags)
    hidden = {
        index
        for index, (tag, name) in enumerate(tags)
        if not tag[1] and (name in struck or (name in _MAY_HIDE and _is_hidden(tag[0])))
    }
    text = _visible_text(markup, tags, hidden)
    if hidden:
        full_text = _visible_text(markup, tags, set())
        text = text if len(text) >= _SHOWN_SHARE * (len(full_text) - len(text)) else full_text
    return text


def _struck_elements(tags: Sequence[tuple[re.Match[str], str]]) -> list[str]:
    """Return the names of elements that strike words out; not of one that is left open, which might strike out all."""
    slashes = {name: [tag[1] for tag, tag_name in tags if tag_name == name] for name in _STRUCK}
    return [name for name, found in slashes.items() if found and found == ["", "/"] * (len(found) // 2)]


def _without_foreign_tags(markup: str) -> str:
    """Return markup without the tags that HTML does not have, where they are clearly tags; what they enclose stays."""
    if not _FOREIGN.search(markup):
        return markup
    closed = {name.lower() for slash, name in _FOREIGN.findall(markup) if slash}

    def shown(tag: re.Match[str]) -> str:
        foreign = _FOREIGN.match(tag[0])
        is_closed = foreign is not None and (foreign[2].lower() in closed or tag[0].endswith("/>"))
        return "" if is_closed else tag[0]

    return _TAG.sub(shown, markup)


def _is_hidden(tag: str) -> bool:
    """Tell whether a tag says that a browser does not show its element."""
    if len(tag) > _LONGEST_HIDING:
        return False
    if _HIDDEN.search(_QUOTED.sub("''", tag)) and "until-found" not in tag:
        return True
    return any(_HIDING_STYLE.search(style[style.lastindex or 0]) for style in _STYLE.finditer(tag))


def _visible_text(markup: str, tags: Sequence[tuple[re.Match[str], str]], hidden: AbstractSet[int]) -> str:
    """Return the text between tags, without that of hidden elements; `hidden` has the indices of their tags."""
    collector = _LineCollector(frozenset(name for tag, name in tags if tag[1]))
    start = 0
    for index, (tag, name) in enumerate(tags):
        collector.write(markup[start : tag.start()])
        start = tag.end()
        if tag[1]:
            collector.close(name)
        else:
            collector.open(name, hidden=index in hidden)
    collector.write(markup[start:])
    return "\n\n".join(_paragraphs(collector.lines()))


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    begins: bool = True  # begins a paragraph
    broken: bool = False  # separated from the line above only by a line break
    indented: bool = False


def _paragraphs(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield paragraphs: short lines that belong together are one of several lines, longer ones stand by themselves."""
    paragraph: list[_Line] = []
    for line in [*lines, _Line("")]:
        if line.begins and paragraph:
            yield _joined_lines(paragraph)
            paragraph = []
        paragraph.append(line)


def _joined_lines(lines: Sequence[_Line]) -> str:
    texts = [line.text for line in lines]
    if all(display_width(text) < _SHORT_LINE_COLUMNS for text in texts):
        return "\n".join(texts)
    if all(line.broken for line in lines[1:]) and _is_hard_wrapped(texts):
        joined = texts[0]
        for line in lines[1:]:
            joined += ("\n\n" if line.indented else "\n") + line.text
        return "\n\n".join(collapsed(paragraph) for paragraph in joined.split("\n\n"))
    return "\n\n".join(texts)


def _is_hard_wrapped(lines: Sequence[str]) -> bool:
    """Tell whether lines were broken by hand inside sentences."""
    columns = [display_width(line) for line in lines[:-1]]
    if len(lines) < 3 or int(median(columns)) not in _HARD_WRAPPED or max(columns) not in _HARD_WRAPPED:
        return False
    return 2 * sum(not _STOP.search(line) for line in lines[:-1]) > len(columns)


class _LineCollector:
    """Collects the lines of a text from its tags and the text between them."""

    def __init__(self, closed: frozenset[str]) -> None:
        self._closed = closed  # tags that are closed somewhere: dropping any other element would drop all that follows
        self._lines: list[_Line] = []
        self._pieces: list[str] = []
        self._begins = True
        self._broken = False
        self._lists = 0
        self._preformatted = 0
        self._open_blocks = Counter[str]()
        self._dropped = ""
        self._dropped_depth = 0

    def open(self, name: str, *, hidden: bool) -> None:
        if self._dropped == "p" and _ROLES[name] in ("paragraph", "list"):
            self._dropped = ""  # no paragraph holds another block
        if self._dropped:
            self._dropped_depth += name == self._dropped
        elif (hidden or _ROLES[name] == "dropped") and name in self._closed:
            self._dropped, self._dropped_depth = name, 1
        elif name in _CELLS:
            self._count_block(name, 1)
            self._pieces.append(_CELL)
        else:
            self._break_at(name, 1)

    def close(self, name: str) -> None:
        if self._dropped:
            self._dropped_depth -= name == self._dropped
            self._dropped = self._dropped if self._dropped_depth else ""
        else:
            self._break_at(name, -1)

    def write(self, markup: str) -> None:
        if self._dropped or not markup:
            return
        text = html.unescape(markup)
        # Outside all blocks a blank line parts paragraphs: publishing systems store texts so, and add the tags later.
        outside = not any(self._open_blocks.values())
        inside_lines = text.split("\n") if self._preformatted else [text]
        first_line, *further_lines = _BLANK_LINE.split(text) if outside else inside_lines
        self._pieces.append(first_line)
        for line in further_lines:
            self._end_line()
            self._begins |= outside
            self._pieces.append(line)

    def lines(self) -> list[_Line]:
        self._end_line()
        return self._lines

    def _break_at(self, name: str, step: int) -> None:
        role = _ROLES[name]
        self._count_block(name, step)
        if role in ("inline", "dropped"):
            return
        self._end_line()
        self._broken = name == "br"
        outermost_list = role == "list" and self._lists == (0 if step > 0 else 1)
        self._begins |= role == "paragraph" or outermost_list
        if role == "list":
            self._lists = max(0, self._lists + step)
        elif name == "pre":
            self._preformatted = max(0, self._preformatted + step)

    def _count_block(self, name: str, step: int) -> None:
        if name in _BLOCKS:
            self._open_blocks[name] = max(0, self._open_blocks[name] + step)

    def _end_line(self) -> None:
        raw = "".join(self._pieces)
        cells = (collapsed(cell) for cell in raw.split(_CELL))
        if line := " | ".join(cell for cell in cells if cell):
            indented = raw.lstrip("\r\n")[:2].isspace()
            self._lines.append(_Line(line, self._begins, self._broken, indented))
            self._begins = self._broken = False
        self._pieces.clear()
