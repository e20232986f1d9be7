"""Reads Markdown files, one article a file, with YAML, TOML or JSON front matter as site generators write it."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import PurePath
from typing import BinaryIO

import yaml

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.assembly import article_from
from semsearch.sources.facts.fields import Entries
from semsearch.sources.faults import attempt
from semsearch.sources.markup.markdown import split_heading
from semsearch.sources.utf8 import whole_text
from semsearch.types import Article, Skipped

_MOST_CHARACTERS = 2**16
"""The length of front matter. A longer one was never closed; YAML takes a second for this many."""

_MOST_DOTS = 100
"""Dots in a TOML key: each part of a key is a table inside another, and time grows with the square of their number."""

_DOTTED = re.compile(r"^[^=\n]{0,2000}", re.MULTILINE)

_MOST_ALIASES = 20
"""Aliases in one front matter. A few save a writer work; hundreds make a small file expand without end."""

_OPENING = re.compile(r"\s*^(---|\+\+\+)[ \t]*\n", re.MULTILINE)
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$\n?", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$\n?", re.MULTILINE),
}
_ENTRY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*+[\"']?\w[\w-]*[\"']?[ \t]*[:=]")
_JSON_OPENING = re.compile(r'\s*(?=\{\s*"\w)')
_SECTION_PAGE = "_index.md"
_DATED_NAME = re.compile(r"([0-9]{4}-[01][0-9]-[0-3][0-9])-.")
"""How Jekyll wants posts to be named."""


def read_post(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read one article; without a title in the front matter, the first heading of the highest level is the title."""
    text = whole_text(stream).replace("\r\n", "\n")
    if not text.strip():
        return
    try:
        front, body = split_front_matter(text)
    except SourceError as error:
        yield Skipped(place.origin, str(error))
        return
    if PurePath(place.origin).name == _SECTION_PAGE and not body.strip():
        yield Skipped(place.origin, "the list of a site's section, not an article")
        return
    if dated := _DATED_NAME.match(PurePath(place.origin).name):
        front = {"date": dated[1], **front}
    record = attempt(lambda: _with_heading(front, body), place.origin)
    yield record if isinstance(record, Skipped) else article_from(record, place, place.origin, whole_file=True)


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """Return the entries of the front matter, none if there is none, and the text below it.

    Raises:
        SourceError: the front matter is never closed or is broken; the message names the line.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return _json_front_matter(text)
    closing = _CLOSING[opening[1]].search(text, opening.end(), opening.end() + _MOST_CHARACTERS)
    if closing is None:
        if _ENTRY.match(text, opening.end()):
            raise SourceError(f"front matter that no {opening[1]} closes")
        return {}, text  # a rule above the text
    front_matter = text[opening.end() : closing.start()]
    line = text.count("\n", 0, opening.end()) + 1
    entries = _yaml(front_matter, line) if opening[1] == "---" else _toml(front_matter)
    return (entries, text[closing.end() :]) if entries is not None else ({}, text)


def _json_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    opening = _JSON_OPENING.match(text)
    if opening is None:
        return {}, text
    try:
        entries, end = json.JSONDecoder().raw_decode(text[opening.end() : opening.end() + _MOST_CHARACTERS])
    except (ValueError, RecursionError):
        return {}, text
    below = text[opening.end() + end :]
    return (entries, below) if below.startswith("\n") and below.strip() else ({}, text)


def _yaml(front_matter: str, line: int) -> Mapping[str, object] | None:
    """Return the entries; None if the rules enclose prose.

    Args:
        line: the line of the file, from 1, on which `front_matter` begins.
    """
    try:
        value = yaml.load(front_matter, _Strings)  # noqa: S506  builds nothing but strings, lists and mappings
    except yaml.MarkedYAMLError as error:
        # Of something that is never closed the message names the beginning, of other faults the place of the fault.
        mark = error.context_mark if "scanning" in (error.context or "") else error.problem_mark
        position = f" in line {line + mark.line}" if mark else ""
        raise SourceError(f"broken front matter{position}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SourceError(f"broken front matter: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise SourceError("broken front matter: nested too deeply") from error
    if isinstance(value, Mapping):
        return {name: entry for name, entry in value.items() if isinstance(name, str)}
    return None if front_matter.strip() else {}


def _toml(front_matter: str) -> Mapping[str, object]:
    if any(key[0].count(".") > _MOST_DOTS for key in _DOTTED.finditer(front_matter)):
        raise SourceError(f"broken front matter: a key of more than {_MOST_DOTS} parts")
    try:
        entries = tomllib.loads(front_matter)
        return {name: _plain_dates(value) for name, value in entries.items()}
    except (RecursionError, ValueError) as error:
        raise SourceError(f"broken front matter: {str(error) or 'nested too deeply'}") from error


def _plain_dates(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain_dates(inner) for name, inner in value.items()}
    return value.isoformat() if isinstance(value, date | time) else value


def _with_heading(front: Mapping[str, object], body: str) -> Mapping[str, object]:
    """Return the record of a file. A heading that is the title is not repeated in the text."""
    title = Entries(front).pick("title", values.line) or ""
    heading, text_below = split_heading(body)
    if not heading or (title and heading.casefold() != title.casefold()):
        return {**front, "body_markdown": body}
    return {**front, "title": title or heading, "body_markdown": text_below}


class _Strings(yaml.BaseLoader):
    """Loads every scalar as it is written, so that "2024-05-03" and "no" stay strings."""

    _aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > _MOST_ALIASES:
                raise yaml.MarkedYAMLError(problem=f"more than {_MOST_ALIASES} aliases")
        return super().compose_node(parent, index)
