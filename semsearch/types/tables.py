"""Hits and articles as rows of a table: the columns of CSV and of data frames. The only module that uses pandas."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from semsearch.errors import MissingExtraError
from semsearch.types.articles import Date, Metadata, iso_seconds

if TYPE_CHECKING:
    import pandas as pd

    from semsearch.types.answers import Answer, Hit
    from semsearch.types.distributions import Count, Facets, Timeline


def _date_text(date: Date | None) -> str | None:
    return date.text if date else None


def _source_id(article: Metadata) -> str | None:
    return next(iter(article.tags.get("source_id", ())), None)


def _utc(date: Date | None) -> str | None:
    return iso_seconds(date.earliest) if date else None


ARTICLE_COLUMNS: Mapping[str, Callable[[Metadata], object]] = {
    "published": lambda article: _date_text(article.published),
    "publisher": lambda article: article.publisher,
    "title": lambda article: article.title,
    "url": lambda article: article.url,
    "authors": lambda article: article.authors,
    "language": lambda article: article.language,
    "section": lambda article: article.section,
    "updated": lambda article: _date_text(article.updated),
    "indexed": lambda article: article.indexed,
    "article_id": lambda article: article.article_id,
    "published_utc": lambda article: _utc(article.published),
    "updated_utc": lambda article: _utc(article.updated),
    "origin": lambda article: article.origin,
    "place": lambda article: article.place,
    "source_id": _source_id,
}
"""Column -> function of its value. A new column comes last, for programs that count columns."""

HIT_COLUMNS: Mapping[str, "Callable[[Hit], object]"] = {
    "rank": lambda hit: hit.rank,
    "score": lambda hit: round(hit.score, 6),
    "title": lambda hit: hit.article.title,
    "publisher": lambda hit: hit.article.publisher,
    "published": lambda hit: _date_text(hit.article.published),
    "url": lambda hit: hit.article.url,
    "article_id": lambda hit: hit.article.article_id,
    "passage_id": lambda hit: hit.passage.passage_id,
    "start": lambda hit: hit.passage.start,
    "end": lambda hit: hit.passage.end,
    "text": lambda hit: hit.text,
    "confidence": lambda hit: round(hit.confidence, 4),
    "verdict": lambda hit: hit.verdict.value,
    "copies": lambda hit: tuple(copy.article_id for copy in hit.copies),
    "marks": lambda hit: hit.marks,
    "authors": lambda hit: hit.article.authors,
    "section": lambda hit: hit.article.section,
    "language": lambda hit: hit.article.language,
    "published_utc": lambda hit: _utc(hit.article.published),
    "updated": lambda hit: _date_text(hit.article.updated),
    "updated_utc": lambda hit: _utc(hit.article.updated),
    "indexed_utc": lambda hit: hit.article.indexed,
    "dense": lambda hit: _rounded(hit.scores.get("dense")),
    "lexical": lambda hit: _rounded(hit.scores.get("lexical")),
    "origin": lambda hit: hit.article.origin,
    "place": lambda hit: hit.place,
    "copy_publishers": lambda hit: tuple(copy.publisher or copy.article_id for copy in hit.copies),
    "source_id": lambda hit: _source_id(hit.article),
}
"""As `ARTICLE_COLUMNS`; the column of the query comes after them."""

UTC_COLUMNS = ("published_utc", "updated_utc", "indexed_utc")
"""Columns of instants such as `2026-01-05T08:12:44Z`: the first second of a day, month or year."""

FACET_COLUMNS = ("facet", "value", "matching", "total", "share")
TIMELINE_COLUMNS = ("start", "matching", "total", "share", "complete")

QUERY = "query"

_PANDAS_SECONDS = (-9_223_372_036, 9_223_372_036)
"""The UTC seconds between which pandas can count nanoseconds: from 1677 to 2262."""


def hit_row(hit: "Hit", query: str) -> dict[str, object]:
    """Return a hit as one row: column -> value."""
    return {name: value(hit) for name, value in HIT_COLUMNS.items()} | {QUERY: query}


def facet_rows(facets: "Facets") -> Iterator[tuple[object, ...]]:
    """Yield the values of `FACET_COLUMNS` for each value of each field, and for articles without a value."""
    for name, facet in facets.by.items():
        for value, count in (*facet.values.items(), (None, facet.without)):
            yield name, value, *_count(count)


def timeline_rows(timeline: "Timeline") -> Iterator[tuple[object, ...]]:
    """Yield the values of `TIMELINE_COLUMNS` for each interval."""
    return ((bar.start, *_count(bar.count), bar.complete) for bar in timeline.bars)


def facet_frame(facets: "Facets") -> "pd.DataFrame":
    """Return `facet_rows` as a table; raises MissingExtraError without pandas."""
    frame: pd.DataFrame = _pandas().DataFrame.from_records(list(facet_rows(facets)), columns=FACET_COLUMNS)
    return frame


def timeline_frame(timeline: "Timeline") -> "pd.DataFrame":
    """Return `timeline_rows` as a table; raises MissingExtraError without pandas."""
    import numpy as np

    frame: pd.DataFrame = _pandas().DataFrame.from_records(list(timeline_rows(timeline)), columns=TIMELINE_COLUMNS)
    frame["start"] = np.array([bar.start for bar in timeline.bars], dtype="datetime64[s]")
    return frame


def hit_frame(answer: "Answer") -> "pd.DataFrame":
    """Return one row for each hit; raises MissingExtraError without pandas."""
    import numpy as np

    pd = _pandas()

    def instants(texts: Iterable[object]) -> Any:
        seconds = np.array([str(text).removesuffix("Z") if text else "NaT" for text in texts], dtype="datetime64[s]")
        numbers = seconds.astype(np.int64)
        first, last = _PANDAS_SECONDS
        seconds[(numbers <= first) | (numbers >= last)] = np.datetime64("NaT")
        return pd.DatetimeIndex(seconds.astype("datetime64[ns]")).tz_localize("UTC")

    rows = [hit_row(hit, answer.query.text) for hit in answer.hits]
    frame = pd.DataFrame.from_records(rows, columns=[*HIT_COLUMNS, QUERY])
    for name in UTC_COLUMNS:
        frame[name] = instants(row[name] for row in rows)
    return frame


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        hint = "pip install 'semsearch[pandas]'"
        raise MissingExtraError("to_pandas needs pandas, which is not installed", hint) from error
    return pd


def _count(count: "Count") -> tuple[object, ...]:
    return count.matching, count.total, round(count.share, 6)


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 6)
