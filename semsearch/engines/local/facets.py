"""Fields and tags -> the articles that have each value, and one mask of them for filters and deletions."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import addresses
from semsearch.bounds import span
from semsearch.checks import count, text
from semsearch.engines.local.arrays import Mask, read_arrays, write_arrays
from semsearch.files import Seal, canonical_json
from semsearch.language_names import language_key
from semsearch.origins import OriginPatterns
from semsearch.text import author_key, name_key
from semsearch.types import Filters, Metadata

UNDATED = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)
"""The interval of an article without a date, which meets no other interval."""
_DAY_SECONDS = 86_400


ORIGIN = "\x1forigin"
"""The name of origins among the tags, which no tag can have. As facets they would be read whenever an index is opened,
and there may be one for each article."""


class FacetColumns(NamedTuple):
    """An inverted list: for every field and value, the articles of one segment that have it."""

    values: Mapping[str, Sequence[tuple[str, int, int]]]  # field -> (value, start, end) into `articles`
    articles: npt.NDArray[np.int32]

    def counts(self, field: str, alive: Mask) -> dict[str, int]:
        """Count the living articles by value; values that no living article has are left out."""
        spans = self.values.get(field, ())
        counts = {value: int(alive[self.articles[start:end]].sum()) for value, start, end in spans}
        return {value: count for value, count in counts.items() if count}

    def articles_with(self, field: str, value: str) -> npt.NDArray[np.int32]:
        """Return the articles, living or not, whose field has exactly this value."""
        spans = self.values.get(field, ())
        position = bisect_left(spans, value, key=itemgetter(0))
        if position == len(spans) or spans[position][0] != value:
            return self.articles[:0]
        _, start, end = spans[position]
        return self.articles[start:end]

    def matching(
        self, fields: Sequence[str], wanted: Iterable[str], size: int, fold: Callable[[str], str] = name_key
    ) -> Mask:
        """Mark the articles that have any wanted value in any of the fields; values are equal if they fold alike."""
        folded = {fold(value) for value in wanted}
        mask = np.zeros(size, dtype=np.bool_)
        for field in fields:
            for value, start, end in self.values.get(field, ()):
                if fold(value) in folded:
                    mask[self.articles[start:end]] = True
        return mask

    def accepted(self, field: str, accepts: Callable[[str], bool], size: int) -> Mask:
        """Mark the articles whose field has an accepted value."""
        mask = np.zeros(size, dtype=np.bool_)
        for value, start, end in self.values.get(field, ()):
            if accepts(value):
                mask[self.articles[start:end]] = True
        return mask


def host(url: str | None) -> str | None:
    """Return the host of an address without `www.`, or None."""
    name = addresses.host(url)
    return name.removeprefix("www.") if name else None


def facets_of(metadata: Metadata) -> dict[str, Iterable[str]]:
    """Return the values by which an article is filtered, except tags. `--publisher` also looks at `domain`."""
    domains = {*metadata.tags.get("domain", ()), host(metadata.url)} - {None, ""}
    return {
        "publisher": [metadata.publisher] if metadata.publisher else [],
        "domain": [domain for domain in domains if domain],
        "author": metadata.authors,
        "language": [metadata.language] if metadata.language else [],
        "section": [metadata.section] if metadata.section else [],
    }


def tags_of(metadata: Metadata) -> Mapping[str, Iterable[str]]:
    """Return an article's tags, with the file that it was read from as one more."""
    return {**metadata.tags, ORIGIN: [metadata.origin]} if metadata.origin else metadata.tags


Lists = Mapping[str, Mapping[str, Sequence[int]]]
"""Field -> value -> the articles that have it, ascending."""


def lists_of(entries: Iterable[Mapping[str, Iterable[str]]]) -> Lists:
    """Return the inverted lists of articles, each given by its fields and values."""
    lists: dict[str, dict[str, list[int]]] = {}
    for article, facets in enumerate(entries):
        for field, values in facets.items():
            for value in dict.fromkeys(values):
                lists.setdefault(field, {}).setdefault(value, []).append(article)
    return lists


def merged_lists(parts: Iterable[tuple[FacetColumns, npt.NDArray[np.int64]]]) -> Lists:
    """Return the inverted lists of several segments as one.

    Args:
        parts: the columns of each segment, with the new position of each article, -1 for one that is left out.
    """
    lists: dict[str, dict[str, list[int]]] = {}
    for facets, positions in parts:
        moved = positions[facets.articles]
        for field, values in facets.values.items():
            for value, start, end in values:
                if articles := moved[start:end][moved[start:end] >= 0].tolist():
                    lists.setdefault(field, {}).setdefault(value, []).extend(articles)
    return {
        field: {value: sorted(articles) for value, articles in by_value.items()} for field, by_value in lists.items()
    }


def write_facets(path: Path, lists: Lists) -> dict[str, Seal]:
    """Write inverted lists."""
    articles: list[int] = []
    index: dict[str, list[tuple[str, int, int]]] = {}
    for field in sorted(lists):
        for value in sorted(lists[field]):
            index.setdefault(field, []).append((value, len(articles), len(articles) + len(lists[field][value])))
            articles += lists[field][value]
    arrays: dict[str, npt.NDArray[Any]] = {
        "index": np.frombuffer(canonical_json(index), dtype=np.uint8),
        "articles": np.asarray(articles, dtype=np.int32),
    }
    return {path.name: write_arrays(path, arrays)}


def open_facets(path: Path, size: int) -> Callable[[], FacetColumns]:
    """Map what `write_facets` wrote into memory, to be read later, even if a sweep has removed the file by then.

    Opening and reading raise ValueError where the file is not what was written.
    """
    index, articles = read_arrays(path, {"index": ("u1", None), "articles": ("i4", None)}).values()

    def read() -> FacetColumns:
        if articles.size and not 0 <= articles.min() <= articles.max() < size:
            raise ValueError(f"{path} names articles that there are not")
        try:
            return FacetColumns(_spans(index.tobytes(), articles.size), articles)
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path} is not what was written") from error

    return read


def _spans(content: bytes, size: int) -> Mapping[str, Sequence[tuple[str, int, int]]]:
    """Read fields and values; raises ValueError unless their spans follow each other without gaps, as written."""
    values = json.loads(content)
    end_before = 0
    for field, spans in values.items():
        text(field)
        names, starts, ends = zip(*spans, strict=True)
        text("".join(names))
        if (
            {*map(type, starts), *map(type, ends)} != {int}
            or [end_before, *ends[:-1]] != [*starts]
            or [*ends] != sorted(ends)
        ):
            raise ValueError(f"{field!r:.80} has other articles than were written")
        end_before = count(ends[-1])
    if end_before != size:
        raise ValueError("it names other articles than its values")
    return dict(values)


def read_facets(path: Path, size: int) -> FacetColumns:
    """Read what `write_facets` wrote; raises ValueError where the file is not what was written."""
    return open_facets(path, size)()


def allowed_articles(
    filters: Filters, alive: Mask, dates: npt.NDArray[np.int64], facets: FacetColumns, tags: Callable[[], FacetColumns]
) -> Mask:
    """Fold deletions and filters into one mask.

    Args:
        alive: (articles,), False where deleted.
        dates: (articles, 2), earliest and latest UTC second of publication, both inclusive; UNDATED without one.
        facets: of the fields of `facets_of`.
        tags: reads the tags; called only where a filter needs them, since they are many.
    """
    mask = alive.copy()
    conditions = (
        (("publisher", "domain"), filters.publishers, name_key),
        (("author",), filters.authors, author_key),
        (("language",), filters.languages, language_key),
        (("section",), filters.sections, name_key),
    )
    for fields, wanted, fold in conditions:
        if wanted:
            mask &= facets.matching(fields, wanted, mask.size, fold)
    if filters.origins:
        mask &= tags().accepted(ORIGIN, OriginPatterns(filters.origins).match, mask.size)
    for key in {key for key, _ in filters.tags}:
        mask &= tags().matching((key,), (value for name, value in filters.tags if name == key), mask.size)
    any_date = filters.since is None and filters.until is None and filters.undated in (None, True)
    return mask if any_date else mask & _in_time(filters, dates)


def _in_time(filters: Filters, dates: npt.NDArray[np.int64]) -> Mask:
    undated = dates[:, 0] > dates[:, 1]
    if filters.undated == "only":
        return undated
    whole_days = (dates[:, 0] % _DAY_SECONDS == 0) & ((dates[:, 1] + 1) % _DAY_SECONDS == 0)
    inside = (
        np.where(whole_days, _between(dates, *span(filters, whole_days=True)), _between(dates, *span(filters)))
        & ~undated
    )
    is_bounded = filters.since is not None or filters.until is not None
    include = filters.undated if filters.undated is not None else not is_bounded
    return inside | undated if include else inside


def _between(dates: npt.NDArray[np.int64], since: int | None, until: int | None) -> Mask:
    """Mark the intervals that meet `[since, until)`."""
    mask = np.ones(len(dates), dtype=np.bool_)
    if since is not None:
        mask &= dates[:, 1] >= since
    if until is not None:
        mask &= dates[:, 0] < until
    return mask
