"""Makes articles of what a Python program holds: dicts, data frames, plain texts, and finished articles."""

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, islice
from typing import Any, cast
from uuid import UUID

from semsearch.errors import UsageError
from semsearch.ports import Place
from semsearch.sources.facts.fields import FIELDS, fold
from semsearch.sources.records.frames import rows
from semsearch.sources.records.own import own_article
from semsearch.sources.records.pages import article_from
from semsearch.storable import check_article
from semsearch.types import Article, Skipped, Unreadable

Reading = Article | Skipped | Unreadable

_NAMESPACE = "records"
"""The namespace of ids that a program gives without a publisher."""

_BODIES = frozenset(name for field in ("text", "markdown", "html", "standfirst", "summary") for name in FIELDS[field])
_MOST_SHOWN = 8
"""Names of fields that a message lists."""

_EXPLAINED = ("removed by its source",)
_SKIPPING = "To skip records that cannot be used: index.add(semsearch.read(RECORDS))"

_DEEPEST = 20
_FILE_ENDING = re.compile(r"\.[A-Za-z0-9]{1,6}$")
_FEWEST_WORDS = 4
_MIDNIGHT = dt.time()


def names_files(source: object) -> bool:
    """Tell whether a source names files: a path, or a list of paths.

    A list of strings is a list of articles only if each is clearly a text: several lines, or at least four words that
    do not end like the name of a file.

    Raises:
        UsageError: a list has both files and texts.
    """
    if isinstance(source, str | os.PathLike):
        return True
    if not isinstance(source, list | tuple | set | frozenset) or not source:
        return False
    texts = [item for item in source if isinstance(item, str)]
    if not any(isinstance(item, os.PathLike) for item in source):
        if len(texts) < len(source):
            return False
        if all(_is_clearly_text(text) for text in texts):
            return False
    for number, item in enumerate(source):
        if not isinstance(item, str | os.PathLike) or (isinstance(item, str) and _is_clearly_text(item)):
            raise UsageError(
                f"item {number} of the list is {_repr(item)}, and others are files",
                "give files and articles by themselves: index.add(FILES), index.add(ARTICLES)",
            )
    return True


def articles(source: object, place: Place, *, strict: bool) -> Iterator[Reading]:
    """Yield the articles of a dict, a data frame, or a list or stream of dicts, texts and articles.

    Args:
        place: the namespace of the records' ids, and the names of their fields.
        strict: raise UsageError for a record that cannot be used, instead of yielding a `Skipped`.

    Raises:
        UsageError: the source holds no records; or, if `strict`, a record cannot be used.
    """
    place = replace(place, namespace=place.namespace or _NAMESPACE)
    for number, record in enumerate(_records(source, place)):
        name = f"records[{number}]"
        try:
            yield _reading(record, place, name)
        except UsageError as error:
            if strict:
                raise
            yield Skipped(name, str(error).removeprefix(f"{name}: "))


def _reading(record: object, place: Place, name: str) -> Reading:
    if isinstance(record, Article):
        check_article(record)
    if isinstance(record, Article | Skipped | Unreadable):
        return record
    if isinstance(record, str):
        if not _is_clearly_text(record):
            raise UsageError(
                f"{name}: {_repr(record)} may be a text or a file",
                "write a text as {'text': '…'}, a file as pathlib.Path('…')",
            )
        record = {"text": record}
    if not isinstance(record, Mapping):
        raise UsageError(
            f"{name}: {_repr(record)} is no article", "give dicts: {'title': '…', 'text': '…', 'date': '2024-05-03'}"
        )
    fields = {str(key): _plain(value, f"{name}: the field {str(key)!r:.80}") for key, value in record.items()}
    for field, value in fields.items():
        is_body = fold(field) in _BODIES and field not in place.names
        if (is_body or place.names.get(field) in ("text", "html", "markdown")) and isinstance(value, int | float):
            raise UsageError(f"{name}: the field {field!r:.80} is {_repr(value)}, not a text", "write it as a text")
    article = own_article(fields, name) or article_from(fields, place, "")
    if isinstance(article, Skipped):
        hint = "" if article.reason in _EXPLAINED else _known_names(fields)
        raise UsageError(f"{name}: {article.reason}", hint + _SKIPPING)
    return replace(article, origin="")


def _known_names(fields: Mapping[str, object]) -> str:
    field_names = ", ".join(list(fields)[:_MOST_SHOWN]) + (", …" if len(fields) > _MOST_SHOWN else "")
    examples = "; ".join(f"{field}: {', '.join(FIELDS[field][:3])}, …" for field in ("title", "text", "published"))
    return (
        f"its fields are {field_names or 'none'}; known names are {examples}. Name others: "
        "index.add(semsearch.read(RECORDS, names={'Headline': 'title'})). "
    )


def _records(source: object, place: Place) -> Iterator[object]:
    """Return the records that a source holds; a data frame is recognised by the method that returns its rows."""
    frame = cast(Any, source)
    if isinstance(source, Mapping):
        record = {str(key): _plain(value, f"the field {str(key)!r:.80}") for key, value in source.items()}
        table = rows(record, place.names.keys())
        return iter(table if table is not None else [record])
    if hasattr(source, "to_batches"):  # pyarrow
        return (row for batch in frame.to_batches() for row in batch.to_pylist())
    if hasattr(source, "to_pylist"):
        return iter(frame.to_pylist())
    if hasattr(source, "iter_rows"):  # polars
        return iter(frame.iter_rows(named=True))
    if hasattr(source, "itertuples"):  # pandas
        return _pandas_rows(frame)
    if hasattr(source, "collect_schema"):
        raise UsageError("a LazyFrame has no rows yet", "collect it first: frame.collect()")
    if isinstance(source, Iterable):
        items = iter(source)
        first_items = list(islice(items, 1))
        if any(isinstance(item, os.PathLike) for item in first_items):
            raise UsageError("a stream of files cannot be read", "make a list of it: list(folder.glob('*.txt'))")
        return chain(first_items, items)
    raise UsageError(
        f"{_repr(source)} holds no articles", "give a path, a list of dicts, a data frame, or semsearch.read(PATH)"
    )


def _pandas_rows(frame: Any) -> Iterator[dict[str, object]]:
    """Yield the rows under the names of the columns, and of the index where it has a name."""
    names = [str(name) for name in frame.columns]
    labels = [name for name in frame.index.names if name is not None and str(name) not in names]
    if labels:
        frame = frame.reset_index(level=labels)
        names = [str(name) for name in frame.columns]
    return (dict(zip(names, values, strict=True)) for values in frame.itertuples(index=False, name=None))


def _plain(value: object, name: str, depth: int = 0) -> object:
    """Return a value as JSON would hold it: dates as ISO 8601, missing values as None.

    A `datetime` at midnight without a zone is a date, since data frames keep dates that way.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    kind = type(value).__name__
    if kind in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return None if value != value else float(value)  # NaN is not equal to itself
    if isinstance(value, dt.datetime):
        return (value.date() if value.tzinfo is None and value.time() == _MIDNIGHT else value).isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if kind == "datetime64":
        return None if str(value) == "NaT" else str(value).removesuffix("T00:00:00.000000000")
    if isinstance(value, Decimal | UUID | os.PathLike):
        return str(value)
    if depth == _DEEPEST:
        raise UsageError(f"{name} is more than {_DEEPEST} levels deep", "write a text, or a list of texts")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, name, depth + 1) for key, inner in value.items()}
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers, and series
        return _plain(cast(Any, value).tolist(), name, depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, name, depth + 1) for inner in value]
    raise UsageError(f"{name} is {_repr(value)}, which cannot be read", "write a text, a number, a date or a list")


def _is_clearly_text(item: str) -> bool:
    if "\n" in item.strip():
        return True
    return len(item.split()) >= _FEWEST_WORDS and not _FILE_ENDING.search(item) and not os.path.lexists(item)


def _repr(value: object) -> str:
    return f"{value!r:.60} ({type(value).__name__})"
