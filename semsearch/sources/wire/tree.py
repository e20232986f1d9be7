"""Parses the text of one element into a tree, and looks up elements in it; the only module here that imports lxml."""

import html
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lxml import etree

from semsearch.sources.markup.plain_text import ELEMENTS
from semsearch.sources.wire.xml_repair import clean, escaped

_PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
"""Prefix -> namespace, for senders that forget to declare it."""

_NAMESPACES = {
    **{namespace.rstrip("/"): prefix for prefix, namespace in _PREFIXES.items()},
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/rss/1.0/modules/dcterms": "dcterms",
    **{f"http://wordpress.org/export/{version}": "wp" for version in ("1.0", "1.1", "1.2")},
    "http://schemas.google.com/blogger/2018": "blogger",
}
_PLAIN = frozenset((
    "", "http://purl.org/rss/1.0", "http://my.netscape.com/rdf/simple/0.9", "http://backend.userland.com/rss2",
    "http://channel.netscape.com/rdf/simple/0.9", "http://blogs.law.harvard.edu/tech/rss", "http://purl.org/net/rss1.1#",
))  # fmt: skip
_WRAPPER = "<w {}>".format(" ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in _PREFIXES.items()))

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Parsed:
    """An element, with the first fault in its XML."""

    element: Element
    fault: str = ""  # "line 12: …"; what follows it may be lost


def parse(text: str, opening: str = "", closing: str = "", line: int = 1) -> Parsed | None:
    """Return the tree of one element; None if nothing of it can be read.

    No entity is expanded and nothing is fetched; elements that are nested more than 256 deep are left out.

    Args:
        opening: tags of the elements around it, which declare prefixes, language and base address.
        line: the line on which the element begins, for the message about a fault.
    """
    prefix = f"{_WRAPPER}{opening}"
    cleaned = clean(text)
    repaired = cleaned
    for attempt in (cleaned, escaped(cleaned)):
        parser = _parser(recover=False)
        try:
            return Parsed(_innermost(etree.fromstring(_wrapped(prefix, attempt, closing), parser), opening))
        except (etree.XMLSyntaxError, ValueError):
            repaired = attempt
    parser = _parser(recover=True)
    try:
        root = etree.fromstring(_wrapped(prefix, repaired, closing), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None or not len(root):
        return None
    faults = [error for error in parser.error_log if error.domain_name != "NAMESPACE"]
    number = max(0, faults[0].line - 1 - prefix.count("\n")) + line if faults else 0
    return Parsed(_innermost(root, opening), f"line {number:,}: {faults[0].message.strip()}" if faults else "")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", recover=recover, resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _wrapped(prefix: str, text: str, closing: str) -> bytes:
    return f"{prefix}{text}{closing}</w>".encode("utf-8", "replace")


def _innermost(root: Element, opening: str) -> Element:
    for _ in range(opening.count("<") + 1):
        root = root[0] if len(root) else root
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def term(element: Element) -> str:
    """Return an element's name with the usual prefix of its namespace: "title", "dc:creator", "atom:link"."""
    namespace, _, name = str(element.tag).rpartition("}")
    namespace = namespace.removeprefix("{")
    if namespace.rstrip("/") in _PLAIN:
        return name
    return f"{_NAMESPACES.get(namespace.rstrip('/'), 'other')}:{name}"


def within(element: Element, *path: str) -> list[Element]:
    """Return the elements at a path of names below an element, in any namespace."""
    elements = [element]
    for name in path:
        elements = [child for node in elements for child in node if local(child) == name]
    return elements


def below(element: Element, *names: str) -> Iterator[Element]:
    """Yield the elements with these names at any depth, in order, including the element itself."""
    for node in element.iter(etree.Element):
        if local(node) in names:
            yield node


def all_text(element: Element) -> str:
    """Return all the text inside an element."""
    return "".join(str(piece) for piece in element.itertext())


def first_text(element: Element, *path: str) -> str:
    """Return the text of the first element at a path that has any."""
    return next((text for node in within(element, *path) if (text := all_text(node).strip())), "")


def inherited(element: Element, attribute: str) -> list[str]:
    """Return the values of `xml:lang` or `xml:base` that hold for an element, the nearest first."""
    name = f"{{http://www.w3.org/XML/1998/namespace}}{attribute}"
    return [value for node in (element, *element.iterancestors()) if (value := str(node.get(name) or "").strip())]


def markup(element: Element, roles: Mapping[str, str] | None = None, dropped: AbstractSet[str] = frozenset()) -> str:
    """Return the content of an element as HTML.

    Args:
        roles: names that HTML does not have -> elements of HTML in their place; of any other only the text remains.
        dropped: names of elements that are left out with all their content.
    """
    roles = roles or {}
    pieces = [html.escape(element.text or "", quote=False)]
    skipping = 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node is element or not isinstance(node.tag, str):
            continue
        name = local(node)
        role = roles.get(name) or (name.lower() if name.lower() in ELEMENTS else "")
        if event == "start":
            skipping += name in dropped
            if not skipping:
                pieces += [f"<{role}>" if role else "", html.escape(node.text or "", quote=False)]
        else:
            pieces.append(f"</{role}>" if role and not skipping else "")
            skipping -= name in dropped
            if not skipping:
                pieces.append(html.escape(node.tail or "", quote=False))
    return "".join(pieces)
