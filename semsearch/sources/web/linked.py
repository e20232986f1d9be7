"""JSON-LD, as pages carry it: what a page says of itself to search engines, often broken."""

import json
import re
from collections.abc import Iterator, Mapping

Node = Mapping[str, object]

_MOST_CHARACTERS = 4_000_000
"""Of all scripts of a page. A live blog with everything that was ever in it has a million."""

_MOST_NODES = 20_000
_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage", "liveBlogUpdate", "hasPart", "isPartOf", "itemReviewed")
_SHELL_BEFORE = re.compile(r"<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[")
"""What is behind the value, comments' ends among it, is left out anyway."""

_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_OTHER_ARTICLES = frozenset(("report", "review", "satiricalarticle"))


def nodes(scripts: Iterator[str]) -> list[tuple[Node, bool]]:
    """Return the objects that scripts hold, in their order, each with whether it is part of an article.

    Those within graphs and lists come after what holds them.
    """
    found: list[tuple[Node, bool]] = []
    left = _MOST_CHARACTERS
    for script in scripts:
        left -= len(script)
        if left < 0:
            break
        found += _unfolded(_parsed(script))
    return found[:_MOST_NODES]


def _parsed(script: str) -> object:
    """Return what a script says, or None; comments about it, control characters and trailing commas are forgiven."""
    text = script.lstrip()
    if shell := _SHELL_BEFORE.match(text):
        text = text[shell.end() :].lstrip()
    decoder = json.JSONDecoder(strict=False)
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return decoder.raw_decode(attempt)[0]  # what comes after it, often the same again, is left out
        except (ValueError, RecursionError):
            continue
    return None


def _unfolded(value: object) -> Iterator[tuple[Node, bool]]:
    stack = [(value, False)]
    for _ in range(_MOST_NODES):
        if not stack:
            return
        one, part = stack.pop()
        if isinstance(one, list):
            stack += [(each, part) for each in reversed(one[:_MOST_NODES])]
        elif isinstance(one, dict):
            yield one, part
            part = part or is_article(one)
            stack += [(one[name], part) for name in reversed(_WRAPPERS) if name in one]


def types(node: Node) -> list[str]:
    """Return an object's types in lower case, without their vocabulary's address."""
    said = node.get("@type")
    return [
        name.rpartition("/")[2].rpartition(":")[2].lower()
        for name in (said if isinstance(said, list) else [said])
        if isinstance(name, str)
    ]


def is_article(node: Node) -> bool:
    """Tell whether an object is an article of any sort."""
    return any(name.endswith(("article", "posting")) or name in _OTHER_ARTICLES for name in types(node))
