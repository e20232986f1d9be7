"""Takes lists apart that stand in one value: in a cell of a table, in an object by position or name, in a relation."""

import json
import re
from collections.abc import Mapping

_LONGEST_CELL = 4_000
"""Characters; a longer text is not a list of names."""

_DEEPEST = 4

_QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_BARE = r"""[^\s"'{},:\\][^"{},:\\]*+"""
_ITEM = re.compile(rf"(?P<quoted>{_QUOTED})|(?P<bare>{_BARE})")
_IN_BRACKETS = re.compile(rf"\s*\[\s*(?:(?:{_QUOTED})(?:\s*,\s*|\s+|(?=\])))*+\]\s*")
"""A list as JSON and Python write it, or as NumPy does, without commas."""

_IN_BRACES = re.compile(rf"\s*\{{(?:(?:{_QUOTED}|{_BARE})(?:,\s*|(?=\}})))*+\}}\s*")
"""An array as Postgres writes it, {sea,"old ships"}, or a set of Python's."""

_TOKEN = re.compile(rf"(?P<quoted>{_QUOTED})|\b(?P<word>None|True|False|nan)\b")
_WORDS = {"None": "null", "True": "true", "False": "false", "nan": "null"}
_ESCAPED = re.compile(r"\\(.)")
_NULL = "NULL"
_OF_RELATIONS = frozenset(("data", "meta", "links"))
_OF_RESOURCES = frozenset(("id", "type", "attributes", "relationships", "meta", "links"))
"""Names in the objects of JSON:API and Strapi."""


def items(value: object, depth: int = 0) -> list[object]:
    """Return the items of a value: of a list, in whatever form; a value that is no list is its only item.

    An object is a list if its names are numbers, as PHP writes lists; if each of its values is an object with a name,
    as in wordpress.com's tags; or if it is a relation of JSON:API or Strapi, `{"data": [{"attributes": {…}}]}`.
    """
    if depth > _DEEPEST:
        return []
    if isinstance(value, str):
        written = written_value(value)
        return [value] if written is None else items(written, depth + 1)
    if isinstance(value, list):
        return [item for inner in value for item in items(inner, depth + 1)]
    if isinstance(value, Mapping) and value:
        if "data" in value and value.keys() <= _OF_RELATIONS:
            return items(value["data"], depth + 1)
        if "attributes" in value and value.keys() <= _OF_RESOURCES:
            return items(value["attributes"], depth + 1)
        by_position = all(str(name).isdecimal() for name in value)
        if by_position or all(isinstance(inner, Mapping) and "name" in inner for inner in value.values()):
            return items(list(value.values()), depth + 1)
    return [value]


def written_value(text: str) -> list[object] | Mapping[str, object] | None:
    """Return the list or object that a text is, as JSON, Python, NumPy or Postgres writes it; None for any other."""
    if text.lstrip()[:1] not in ("[", "{") or len(text) > _LONGEST_CELL:
        return None
    if _IN_BRACKETS.fullmatch(text) or _IN_BRACES.fullmatch(text):
        matches = _ITEM.finditer(text.strip()[1:-1])
        texts = (_unquoted(match["quoted"]) if match["quoted"] else match["bare"].strip() for match in matches)
        return [text for text in texts if text != _NULL]
    try:
        value = json.loads(_TOKEN.sub(_as_json, text))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list | Mapping) else None


def _as_json(token: re.Match[str]) -> str:
    return _WORDS[token["word"]] if token["word"] else json.dumps(_unquoted(token["quoted"]))


def _unquoted(item: str) -> str:
    try:
        return str(json.loads(item))
    except ValueError:
        return _ESCAPED.sub(r"\1", item[1:-1])
