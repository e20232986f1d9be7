"""Extracts the text of a body that an editor stores as a tree of blocks; each block becomes a paragraph.

The trees of many programs are alike: Portable Text, Arc's ANS, ProseMirror and Tiptap, Slate, Lexical, Draft.js,
Editor.js, Contentful, Strapi, DatoCMS, Quill, Mobiledoc, Notion, WordPress's blocks. A node is a block or a piece
inside a block; it has a text or other nodes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping

_DEEPEST = 40
_MOST_NODES = 200_000
_LONGEST_JSON = 8 * 2**20

_TYPES = ("type", "_type", "nodeType", "blockName", "object", "kind")
_TEXTS = (
    "text", "plain", "value", "rendered", "content", "html", "body", "basic", "plain_text", "innerHTML", "bodyHtml",
    "insert", "raw",
)  # fmt: skip
"""Names of a node's text, the surest first."""

_HOLDERS = (
    "children", "content", "content_elements", "blocks", "nodes", "items", "rich_text", "document", "root", "ops",
    "data", "summary", "headline", "paragraphs", "sections", "innerBlocks", "elements", "leaves", "body",
)  # fmt: skip
"""Names of the nodes inside a node."""

_PIECES = frozenset((
    "text", "span", "link", "hyperlink", "autolink", "mention", "linebreak", "hardbreak", "hard_break", "tab", "emoji",
    "inline_code", "inlinecode", "entity-hyperlink", "asset-hyperlink", "hashtag", "inlineitem", "itemlink", "abbr",
))  # fmt: skip
_BREAKS = frozenset(("linebreak", "hardbreak", "hard_break"))
_INLINE_HOLDERS = frozenset(("children", "content", "nodes", "rich_text", "leaves"))
_NO_TEXT_NAMES = """
    title byline author_info kicker date image video gallery photo picture media embed oembed oembed_response
    custom_embed interstitial_link divider thematicbreak hr figure audio instagram tweet twitter youtube facebook_post
    iframe raw_html reference link_list ad advertisement social related newsletter horizontalrule horizontal-rule file
    map poll embedded-asset-block embedded-entry-block core/image core/gallery core/video core/embed core/audio
    core/separator core/spacer core/buttons button spacer bookmark toc caption
"""
_NO_TEXT = frozenset(_NO_TEXT_NAMES.split())
"""Types of nodes whose text is not part of the article."""

_NUMBERED = re.compile(r"(?:p|par|para|paragraph|part)?[ _-]?[0-9]{1,4}", re.IGNORECASE)
"""The name of a paragraph in an object that is the list of them."""

Convert = Callable[[str], str]


def text_of(value: object, convert: Convert) -> str:
    """Return the text of a body, which may be a string, a list or a tree of blocks; paragraphs are a blank line apart.

    Args:
        convert: turns a string, which may be HTML, into plain text.
    """
    if isinstance(value, str):
        tree = _json_tree(value)
        return convert(value) if tree is None else text_of(tree, convert)
    return "\n\n".join(_Tree(convert).blocks(value, 0))


def _json_tree(text: str) -> object | None:
    """Return the tree that a string holds as JSON; None for any other string."""
    if text[:1] not in "[{" or len(text) < 2 or len(text) > _LONGEST_JSON or text.rstrip()[-1:] not in "]}":
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    root = value[0] if isinstance(value, list) and value else value
    is_tree = isinstance(root, Mapping) and not {*_TYPES, *_HOLDERS, "value", "rendered"}.isdisjoint(root)
    return value if is_tree else None


class _Tree:
    """One walk through a tree, of bounded depth and length."""

    def __init__(self, convert: Convert) -> None:
        self._convert = convert
        self._nodes_left = _MOST_NODES

    def blocks(self, value: object, depth: int) -> Iterator[str]:
        """Yield the paragraphs of a value."""
        self._nodes_left -= 1
        if depth > _DEEPEST or self._nodes_left < 0:
            return
        if isinstance(value, str):
            if value.strip() and (text := self._convert(value)):
                yield text
        elif isinstance(value, list):
            if _is_mobiledoc(value):
                yield from self._mobiledoc(value)
                return
            for item in value:
                yield from self.blocks(item, depth + 1)
        elif isinstance(value, Mapping) and _type(value) not in _NO_TEXT:
            yield from self._block(value, depth)

    def _block(self, node: Mapping[str, object], depth: int) -> Iterator[str]:
        if "ops" in node and isinstance(node["ops"], list):  # Quill: one run of text with its line breaks
            yield self._convert("".join(self._pieces(node["ops"], depth)).replace("\n", "\n\n")).strip()
            return
        for name in _INLINE_HOLDERS:
            inner = node.get(name)
            if isinstance(inner, list) and inner and all(_is_piece(child) for child in inner) and not _is_html(inner):
                if text := self._convert("".join(self._pieces(inner, depth))):
                    yield text
                return
        kind = _type(node)
        if kind and isinstance(node.get(kind), Mapping) and not isinstance(node.get("content"), list):
            yield from self._block(node[kind], depth + 1)  # type: ignore[arg-type]  # Notion: {"type": "p", "p": {…}}
            return
        if not kind and isinstance(node.get("heading"), str):
            texts = list(self._block({name: node[name] for name in node if name != "heading"}, depth + 1))
            yield from [*self.blocks(node["heading"], depth + 1), *texts] if texts else []
            return
        if node and all(_NUMBERED.fullmatch(str(name)) for name in node):
            yield from self.blocks(list(node.values()), depth + 1)
        for name in _TEXTS:
            inner = node.get(name)
            if isinstance(inner, str) and inner.strip():
                yield from self.blocks(inner, depth + 1)
                return
            if isinstance(inner, Mapping | list) and name not in _HOLDERS and inner:
                yield from self.blocks(inner, depth + 1)
                return
        for name in _HOLDERS:
            if isinstance(node.get(name), str | list | Mapping):
                yield from self.blocks(node[name], depth + 1)

    def _pieces(self, nodes: object, depth: int) -> Iterator[str]:
        """Yield the pieces of text inside a block."""
        self._nodes_left -= 1
        if depth > _DEEPEST or self._nodes_left < 0:
            return
        if isinstance(nodes, str):
            yield nodes
        elif isinstance(nodes, list):
            for node in nodes:
                yield from self._pieces(node, depth + 1)
        elif isinstance(nodes, Mapping):
            if _type(nodes) in _BREAKS:
                yield "\n"
                return
            for name in (*_TEXTS, *_HOLDERS):
                if name in nodes and isinstance(nodes[name], str | list):
                    yield from self._pieces(nodes[name], depth + 1)
                    return

    def _mobiledoc(self, section: list[object]) -> Iterator[str]:
        """Yield the text of a section of Mobiledoc: [1, "p", [[0, [], 0, "text"], …]], or of a list, [3, "ul", […]]."""
        markers = section[2] if len(section) > 2 else []
        paragraphs = markers if section[0] == 3 else [markers]
        for paragraph in paragraphs if isinstance(paragraphs, list) else []:
            pieces = paragraph if isinstance(paragraph, list) else []
            texts = (piece[-1] for piece in pieces if isinstance(piece, list) and piece and isinstance(piece[-1], str))
            if text := self._convert("".join(texts)):
                yield text


def _type(node: Mapping[str, object]) -> str:
    return next((value.casefold() for name in _TYPES if isinstance(value := node.get(name), str)), "")


def _is_piece(node: object) -> bool:
    """Tell whether a node is a piece of a line of text."""
    if not isinstance(node, Mapping):
        return False
    kind = _type(node)
    return kind in _PIECES or (not kind and any(isinstance(node.get(name), str) for name in ("text", "plain_text")))


def _is_html(nodes: list[object]) -> bool:
    """Tell whether nodes are paragraphs in HTML, whose type is "text" in Arc, too."""
    return any(isinstance(node, Mapping) and isinstance(node.get("content"), str) for node in nodes)


def _is_mobiledoc(value: list[object]) -> bool:
    return len(value) > 1 and value[0] in (1, 3) and isinstance(value[0], int) and isinstance(value[1], str)
