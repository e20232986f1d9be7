"""Reads JSON-LD, in which a page describes itself to search engines; it is often broken."""

import json
import re
from collections.abc import Iterator, Mapping

Node = Mapping[str, object]

_MOST_CHARACTERS = 4_000_000
"""Of all scripts of a page. A live blog with all its past entries has a million."""

_MOST_NODES = 20_000
_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage", "liveBlogUpdate", "hasPart", "isPartOf", "itemReviewed")
_SHELL_BEFORE = re.compile(r"<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[")
"""The beginning of a comment around the value; its end comes after the value and is ignored anyway."""

_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_OTHER_ARTICLES = frozenset(("report", "review", "satiricalarticle"))


def nodes(scripts: Iterator[str]) -> list[tuple[Node, bool]]:
    """Return the objects in scripts, in order, each with whether it is part of an article.

    Objects within graphs and lists come after their containers.
    """
    unfolded: list[tuple[Node, bool]] = []
    remaining = _MOST_CHARACTERS
    for script in scripts:
        remaining -= len(script)
        if remaining < 0:
            break
        unfolded += _unfold(_read_json(script))
    return unfolded[:_MOST_NODES]


def _read_json(script: str) -> object:
    """Return a script's value, or None; forgives comments around it, control characters and trailing commas."""
    text = script.lstrip()
    if shell := _SHELL_BEFORE.match(text):
        text = text[shell.end() :].lstrip()
    decoder = json.JSONDecoder(strict=False)
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return decoder.raw_decode(attempt)[0]  # leaves out what follows, often the same again
        except (ValueError, RecursionError):
            continue
    return None


def _unfold(value: object) -> Iterator[tuple[Node, bool]]:
    stack = [(value, False)]
    for _ in range(_MOST_NODES):
        if not stack:
            return
        value, is_part = stack.pop()
        if isinstance(value, list):
            stack += [(item, is_part) for item in reversed(value[:_MOST_NODES])]
        elif isinstance(value, dict):
            yield value, is_part
            is_part = is_part or is_article(value)
            stack += [(value[name], is_part) for name in reversed(_WRAPPERS) if name in value]


def types(node: Node) -> list[str]:
    """Return an object's types in lower case, without the address of their vocabulary."""
    names = node.get("@type")
    return [
        name.rpartition("/")[2].rpartition(":")[2].lower()
        for name in (names if isinstance(names, list) else [names])
        if isinstance(name, str)
    ]


def is_article(node: Node) -> bool:
    """Tell whether an object is an article of any kind."""
    return any(name.endswith(("article", "posting")) or name in _OTHER_ARTICLES for name in types(node))
