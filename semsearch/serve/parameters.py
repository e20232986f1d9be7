"""The parameters of all paths: a table of them, by which requests are read and checked.

It serves for the query string of GET, for the JSON body of QUERY and POST, and for the API's description.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from semsearch.answering import checked
from semsearch.errors import UsageError
from semsearch.types import UNDATED, Copies, Filters, GroupBy, Interval, Mode, Query, Sort, Verdict

Kind = Literal["text", "texts", "integer", "number", "boolean"]

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

MOST_CHARACTERS = 20_000
"""Longest text of any parameter."""

MOST_VALUES = 100
"""Most values of a parameter that may be repeated."""

MOST_HITS = 1_000
MOST_ARTICLES = 100_000

Values = Mapping[str, Any]
"""Name of a parameter -> a text, a tuple of texts, a number or a truth value; without parameters that were not sent."""


class ParameterError(UsageError):
    """A parameter is unknown, missing or has a wrong value."""

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


@dataclass(frozen=True)
class Parameter:
    """One parameter of a request."""

    name: str
    description: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # inclusive
    maximum: float | None = None  # inclusive
    default: object = None
    required: bool = False
    example: object = None

    def from_texts(self, texts: Sequence[str]) -> object:
        """Read the values in a query string."""
        if self.kind == "texts":
            return self.from_json(list(texts))
        if len(texts) > 1:
            raise ParameterError(self.name, f"{self.name} is given {len(texts)} times", "give it once")
        [text] = texts
        if self.kind == "boolean":
            if text not in _BOOLEANS:
                raise self._wrong(text, "true or false")
            return _BOOLEANS[text]
        if self.kind == "integer":
            if not _INTEGER.fullmatch(text):
                raise self._wrong(text, "a whole number")
            return self.from_json(int(text))
        if self.kind == "number":
            if not _NUMBER.fullmatch(text):
                raise self._wrong(text, "a number")
            return self.from_json(float(text))
        return self.from_json(text)

    def from_json(self, value: object) -> object:
        """Read the value in a JSON body."""
        if self.kind == "boolean":
            if not isinstance(value, bool):
                raise self._wrong(value, "true or false")
            return value
        if self.kind in ("integer", "number"):
            return self._number(value)
        if self.kind == "texts":
            if not isinstance(value, list):
                raise self._wrong(value, "a list of texts")
            if len(value) > MOST_VALUES:
                raise ParameterError(self.name, f"{self.name} has {len(value):,} values", f"give at most {MOST_VALUES}")
            return tuple(map(self._text, value))
        return self._text(value)

    def _number(self, value: object) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(value, "a whole number" if self.kind == "integer" else "a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._wrong(value, "a finite number")
        if self.kind == "integer":
            if value != int(value):
                raise self._wrong(value, "a whole number")
            value = int(value)
        if self.minimum is not None and value < self.minimum:
            raise self._wrong(value, f"at least {self.minimum:g}")
        if self.maximum is not None and value > self.maximum:
            raise self._wrong(value, f"at most {self.maximum:,.12g}")
        return value

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong(value, "a text")
        if self.choices and value not in self.choices:
            similar = get_close_matches(value, self.choices, 1)
            raise self._wrong(value, f"one of {', '.join(self.choices)}", similar[0] if similar else "")
        if not value:
            raise self._wrong(value, "a text that is not empty")
        if len(value) > MOST_CHARACTERS:
            raise ParameterError(
                self.name, f"{self.name} has {len(value):,} characters", f"give at most {MOST_CHARACTERS:,}"
            )
        return value

    def _wrong(self, value: object, expected: str, suggestion: str = "") -> ParameterError:
        hint = f"did you mean {suggestion}?" if suggestion else ""
        return ParameterError(self.name, f"{self.name} is {value!r:.60}, but must be {expected}", hint)

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema of the value."""
        if self.kind == "texts":
            return {"type": "array", "items": self._text_schema(), "maxItems": MOST_VALUES}
        if self.kind == "text":
            value_schema = self._text_schema()
        else:
            value_schema = {"type": self.kind}
            if self.minimum is not None:
                value_schema["minimum"] = self.minimum
            if self.maximum is not None:
                value_schema["maximum"] = self.maximum
        return value_schema if self.default is None else {**value_schema, "default": self.default}

    def _text_schema(self) -> dict[str, object]:
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        return {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}


def read_pairs(parameters: Sequence[Parameter], pairs: Iterable[tuple[str, str]]) -> Values:
    """Read the names and values of a query string; raises ParameterError."""
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    values = {name: parameter.from_texts(texts[name]) for name, parameter in _with_parameters(parameters, texts)}
    return _complete(values, parameters)


def read_object(parameters: Sequence[Parameter], value: object) -> Values:
    """Read a JSON body; a value of null counts as not given; raises ParameterError."""
    if not isinstance(value, dict):
        raise ParameterError("", "the body is not a JSON object", 'send an object: {"q": "harbour strike"}')
    members = {name: member for name, member in value.items() if member is not None}
    values = {name: parameter.from_json(members[name]) for name, parameter in _with_parameters(parameters, members)}
    return _complete(values, parameters)


def _with_parameters(parameters: Sequence[Parameter], names: Iterable[str]) -> Iterable[tuple[str, Parameter]]:
    table = {parameter.name: parameter for parameter in parameters}
    for name in names:
        if name not in table:
            similar = get_close_matches(name, table, 1)
            meant = f"did you mean {similar[0]}? " if similar else ""
            allowed = ", ".join(table) or "none"
            raise ParameterError(name, f"unknown parameter {name!r:.80}", f"{meant}allowed: {allowed}")
        yield name, table[name]


def _complete(values: Values, parameters: Sequence[Parameter]) -> Values:
    """Return the values; raises ParameterError if a required one is missing."""
    for parameter in parameters:
        if parameter.required and parameter.name not in values:
            raise ParameterError(parameter.name, f"{parameter.name} is missing", f"give it: {parameter.description}")
    return values


def parse_json(body: bytes) -> object:
    """Parse a JSON body; raises ParameterError if it is not JSON, or has a name twice."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except ParameterError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ParameterError("", f"the body is not JSON: {reason:.200}", "send JSON in UTF-8") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ParameterError(repeated, f"the body names {repeated!r:.80} twice", "name everything once")
    return members


def _no_constant(name: str) -> object:
    raise ParameterError("", f"the body has {name}, which is not JSON", "use finite numbers")


# The table

_DATE = "2024, 2024-05, 2024-05-17, 2024-05-17T09:30Z, 7d, yesterday, last month"

TEXT = (
    Parameter("q", "What to search for.", required=True, example="open source strategy"),
    Parameter(
        "syntax",
        'How `q` is read: as plain text, or with "exact phrases", -word, publisher:, section:, since: and until:.',
        choices=("plain", "query"),
        default="plain",
    ),
    Parameter("mode", "What ranks the passages.", choices=tuple(Mode), default=Mode.HYBRID.value),
)
OPTIONAL_TEXT = (
    Parameter("q", "What to search for; without it every article that the filters allow matches."),
    *TEXT[1:],
)
FILTERS = (
    Parameter("since", f"Published then or later: {_DATE}.", example="2020"),
    Parameter("until", "Published by the end of then; as `since`.", example="2025-06"),
    Parameter("new_since", "Indexed then or later, whenever published."),
    Parameter(
        "republished",
        "With `new_since`: what only carries a text again that was indexed before.",
        choices=("include", "exclude"),
        default="exclude",
    ),
    Parameter("as_of", "What relative dates count back from; by default now.", example="2026-01-31"),
    Parameter("timezone", "Whose days are meant: Europe/Berlin, +02:00; by default UTC.", example="Europe/Berlin"),
    Parameter("publisher", "An outlet or its domain; any of several.", "texts"),
    Parameter("author", "Any of several.", "texts"),
    Parameter("language", "en, en-GB, English; any of several.", "texts"),
    Parameter("section", "Any of several.", "texts"),
    Parameter("tag", "KEY=VALUE; of one key any of several values.", "texts"),
    Parameter(
        "undated",
        "Articles without a date; by default they are left out only where a date is asked for.",
        choices=tuple(UNDATED),
    ),
)
TIMEOUT = Parameter("timeout", "Seconds that the answer may take.", "number", minimum=1, maximum=600)
CURSOR = Parameter("cursor", "Where to go on, as an answer's `Next-Cursor` header said; with the same parameters.")
K = Parameter("k", "How many hits.", "integer", minimum=1, maximum=MOST_HITS, default=10)

SEARCH = (
    *TEXT,
    K,
    Parameter("offset", "Leave out this many of the best.", "integer", minimum=0, maximum=MOST_ARTICLES, default=0),
    Parameter(
        "group_by",
        "What `k` counts: articles with their copies folded, passages, articles with each copy by itself, or outlets.",
        choices=tuple(GroupBy),
        default=GroupBy.ARTICLE.value,
    ),
    Parameter("sort", "In which order hits come.", choices=tuple(Sort), default=Sort.RELEVANCE.value),
    Parameter("min_confidence", "Only hits of at least this confidence.", "number", minimum=0, maximum=1, default=0),
    Parameter(
        "nearest",
        "Where no hit has that confidence, answer with the nearest; not with `sort=date`.",
        "boolean",
        default=False,
    ),
    Parameter("recency", "Days of age that halve a score.", "number", minimum=0.001, maximum=1_000_000),
    Parameter("context", "Neighbouring passages on each side.", "integer", minimum=0, maximum=50, default=0),
    Parameter("explain", "Say why each hit is where it is.", "boolean", default=False),
    Parameter("emphasise", "Find the best sentence of each hit.", "boolean", default=False),
    *FILTERS,
    TIMEOUT,
    CURSOR,
    Parameter("format", "Of the answer.", choices=("json", "jsonl", "csv", "excel", "md", "ris"), default="json"),
)
SIMILAR = (
    K,
    TEXT[-1],
    *FILTERS,
    TIMEOUT,
    Parameter("format", "Of the answer.", choices=("json", "jsonl", "csv", "excel", "md", "ris"), default="json"),
)
_COUNTING = (
    *OPTIONAL_TEXT,
    Parameter(
        "verdict",
        "Count articles that match at this verdict or better.",
        choices=tuple(Verdict),
        default=Verdict.WEAK.value,
    ),
    Parameter(
        "copies",
        "Count every article, or of those with the same text the one that a search shows; a query's totals count each.",
        choices=tuple(Copies),
        default=Copies.ALL.value,
    ),
    *FILTERS,
    TIMEOUT,
    Parameter("format", "Of the answer.", choices=("json", "csv"), default="json"),
)
FACETS = (
    Parameter(
        "by", "publisher, domain, author, language, section, origin, tag (its keys), or tag:KEY (its values).", "texts"
    ),
    Parameter("limit", "Values of each field.", "integer", minimum=1, maximum=MOST_ARTICLES, default=20),
    *_COUNTING,
)
TIMELINE = (
    Parameter("interval", "Length of a bar; by default what makes few enough.", choices=tuple(Interval)),
    *_COUNTING,
)
COVERAGE = FILTERS
ARTICLES = (
    Parameter("limit", "How many, newest first; by default all.", "integer", minimum=1, maximum=MOST_ARTICLES),
    Parameter("offset", "Leave out this many.", "integer", minimum=0, maximum=MOST_ARTICLES, default=0),
    *FILTERS,
    Parameter("format", "Of the answer.", choices=("json", "jsonl", "csv", "excel"), default="json"),
)


def filters_of(values: Values) -> Filters:
    """Return the filters of a request; raises ParameterError if a tag has no value."""
    for pair in values.get("tag", ()):
        if "=" not in pair:
            raise ParameterError("tag", f"the tag {pair!r:.80} has no value", "write KEY=VALUE")
    return Filters(
        publishers=frozenset(values.get("publisher", ())),
        authors=frozenset(values.get("author", ())),
        languages=frozenset(values.get("language", ())),
        sections=frozenset(values.get("section", ())),
        tags=frozenset((key, value) for key, _, value in (pair.partition("=") for pair in values.get("tag", ()))),
        since=values.get("since"),
        until=values.get("until"),
        undated=UNDATED.get(values.get("undated", "")),
        new_since=values.get("new_since"),
        republished=values.get("republished") == "include",
        timezone=values.get("timezone", "UTC"),
    )


_QUERY_FIELDS = (
    *("k", "offset", "min_confidence", "nearest", "recency", "context", "explain", "emphasise", "as_of", "timeout"),
)


_ALONE = ("timezone", "as_of", "since", "until", "new_since", "language")
"""Parameters whose values are read by others, each by itself."""


@contextmanager
def naming(values: Values) -> Iterator[None]:
    """Turn an error about the value of one parameter into a ParameterError that names it."""
    try:
        yield
    except ParameterError:
        raise
    except UsageError as error:
        name = next((name for name in _ALONE if name in values and not _is_valid(name, values)), None)
        if name is None:
            raise
        raise ParameterError(name, str(error), error.hint) from error


def _is_valid(name: str, values: Values) -> bool:
    alone = {"q": "x", name: values[name]}
    as_of = alone.pop("as_of", None)
    try:
        checked(Query("x", as_of=as_of, filters=filters_of(alone)))
    except UsageError:
        return False
    return True


def query_of(values: Values, longest: float) -> Query:
    """Return the query of a request.

    Args:
        longest: the most seconds that the answer may take.
    """
    settings: dict[str, Any] = {name: values[name] for name in _QUERY_FIELDS if name in values}
    settings |= {
        "filters": filters_of(values),
        "mode": Mode(values.get("mode", Mode.HYBRID)),
        "group_by": GroupBy(values.get("group_by", GroupBy.ARTICLE)),
        "sort": Sort(values.get("sort", Sort.RELEVANCE)),
        "timeout": min(values.get("timeout", longest), longest),
    }
    if values.get("syntax") == "query":
        return Query.parse(values["q"], **settings)
    return Query(values["q"], **settings)
