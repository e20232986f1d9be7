"""The oracle as an engine: entries in a dictionary, ranked by brute force. It does what every engine owes, and no more.

Nothing here is stored in another form than it was given in, and nothing is skipped or approximated: statistics are
counted from texts, articles are compared each with every other.
"""

import itertools
import math
import statistics
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import copies, words
from semsearch.deadlines import Deadline
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.errors import IndexLockedError
from semsearch.identity import fingerprint
from semsearch.ports import ArticleColumns, Ask, Background, Candidate, Engine, Entry, Meant, Scored, Vector
from semsearch.storable import check_article, check_passages
from semsearch.text import paragraph_spans
from semsearch.types import Article, Filters, Metadata, Passage, Recipe, Stats, Verification
from tests.oracle import (
    Held,
    Row,
    Told,
    allowed,
    analysed_articles,
    article_length,
    domains_of,
    is_allowed,
    mean_vector,
    of_passages,
    parts_of,
    told,
)

SAME_STORY = 0.7
"""Share of the bands of two sketches from which on two articles with one paragraph count as one."""

COMMON_STORIES = 20
"""Other stories that have a band: then it is of common text."""

LEAST_PASSAGES = 100
ALIKE = 0.5
"""Of other articles, for a headline to say what texts that are not about each other look like."""

LONGER = 8
"""Code points that a word may be longer than its beginning, which was typed."""

UNDATED = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)

_sketch = lru_cache(1 << 14)(copies.sketch)
_words = lru_cache(1 << 10)(copies.Words)


class Generation(NamedTuple):
    """What one commit left."""

    number: int
    held: Held


class Memory:
    """What all engines of one index share: its newest generation, and who writes."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.newest = Generation(0, {})
        self.writing = threading.Lock()


class Shelf:
    """Indexes in memory, each by the place where it would lie if it lay anywhere."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._indexes: dict[Path, Memory] = {}

    def begin(self, place: Path, thresholds: Thresholds = DEFAULTS) -> Engine:
        """Open an unfinished build."""
        finished = self._indexes.setdefault(place, Memory(self._recipe))
        return MemoryEngine(Memory(self._recipe), thresholds, replaces=finished)

    def make(self, place: Path, thresholds: Thresholds = DEFAULTS) -> Engine:
        """Return an empty, finished index."""
        engine = self.begin(place, thresholds)
        engine.finish()
        return engine

    def reopen(self, place: Path, thresholds: Thresholds = DEFAULTS) -> Engine:
        """Open the newest generation of a finished index."""
        return MemoryEngine(self._indexes[place], thresholds)


class MemoryEngine:
    """An index in the memory of this process (ports.Engine)."""

    def __init__(self, memory: Memory, thresholds: Thresholds = DEFAULTS, *, replaces: Memory | None = None) -> None:
        """Open the newest generation.

        Args:
            thresholds: those that change what is found.
            replaces: this is an unfinished build, which takes that one's place in the end.
        """
        self._memory, self._thresholds, self._replaces = memory, thresholds, replaces
        self._generation = memory.newest

    @property
    def recipe(self) -> Recipe:
        """How the index was made."""
        return self._memory.recipe

    @contextmanager
    def writer(self) -> Iterator["MemoryWriter"]:
        """Open the one transaction, on the newest generation."""
        if not self._memory.writing.acquire(blocking=False):
            raise IndexLockedError("this index is being written to", "try again when that is done")
        try:
            writer = MemoryWriter(self._memory)
            yield writer
            writer.commit()
        finally:
            self._generation = self._memory.newest
            self._memory.writing.release()

    def refresh(self) -> bool:
        """Take the newest generation."""
        before, self._generation = self._generation, self._memory.newest
        return self._generation is not before

    def finish(self) -> None:
        """Make an unfinished build the index."""
        if self._replaces is not None:
            self._replaces.newest = Generation(self._replaces.newest.number + 1, self._memory.newest.held)
            self._memory, self._replaces = self._replaces, None
            self._generation = self._memory.newest

    def abandon(self) -> None:
        """Forget an unfinished build."""
        self._generation = self._memory.newest = Generation(0, {})

    def search(self, asks: Sequence[Ask]) -> "Iterator[MemoryFound]":
        """Rank the allowed passages for each query, by scoring all."""
        return map(partial(MemoryFound, self._generation.held, self._thresholds), asks)

    def background(self) -> Background:
        """Return what headlines look like beside passages of other articles."""
        held = self._generation.held
        headlines = [one.headline for one in held.values() if one.headline is not None]
        pairs = [float(left @ right) for left, right in itertools.combinations(headlines, 2)]
        usual = statistics.median(pairs) if pairs else 0.0
        counts, means, growths = 0.0, 0.0, 0.0
        for article_id, one in held.items():
            others = [vector for other_id, other in held.items() if other_id != article_id for vector in other.vectors]
            if one.headline is not None and len(others) >= LEAST_PASSAGES:
                cosines = np.stack(others) @ one.headline
                mean = float(cosines.mean(dtype=np.float64))
                alike = sum(float(one.headline @ other) - usual >= ALIKE * (1 - usual) for other in headlines)
                counts += 1 / max(alike, 1)
                means += mean / max(alike, 1)
                growths += (float(cosines.max()) - mean) / math.log(len(others)) / max(alike, 1)
        return Background(_passages(held), counts, means, growths)

    def article_vector(self, article_id: str) -> Vector | None:
        """Return the mean of an article's passages, at unit length."""
        one = self._generation.held.get(article_id)
        return None if one is None else mean_vector(one)

    def passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order."""
        one = self._generation.held.get(article_id)
        return [] if one is None else list(one.passages)

    def get(self, article_id: str) -> Article | None:
        """Return one article with its text."""
        one = self._generation.held.get(article_id)
        return None if one is None else one.article

    def find(self, prefix: str) -> list[str]:
        """Return up to two ids that begin with a prefix."""
        return [article_id for article_id in sorted(self._generation.held) if article_id.startswith(prefix)][:2]

    def find_source_id(self, source_id: str) -> list[str]:
        """Return the ids of the articles that a source calls so."""
        held = self._generation.held
        return [key for key, one in held.items() if source_id in one.article.metadata.tags.get("source_id", ())]

    def articles(self, filters: Filters) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""
        found = [one.article.metadata for one in self._generation.held.values() if is_allowed(one, filters)]
        return iter(sorted(found, key=lambda known: (_newness(known), known.article_id)))

    def entries(self) -> Iterator[Entry]:
        """Yield every article with all that is kept beside it."""
        return iter(self._generation.held.values())

    def columns(self, filters: Filters) -> ArticleColumns:
        """Return all articles as columns, those that the filters allow marked as matching."""
        held = self._generation.held
        return _columns(held, filters, [key for key, one in held.items() if is_allowed(one, filters)])

    def comparisons(self) -> "Comparisons":
        """Return what tells which articles carry the same text."""
        return Comparisons(self._generation.held)

    def earlier(self, article_ids: Sequence[str], before: int) -> list[Sequence[str]]:
        """Return for each article those indexed before an instant that may carry its text."""
        held = self._generation.held
        repeats = Repeats(held, self._thresholds)
        return [repeats.alike(article_id, _indexed_before(held, before)) for article_id in article_ids]

    def stats(self) -> Stats:
        """Count what is there."""
        number, held = self._generation
        known = [one.article.metadata for one in held.values()]
        dates = [one.published for one in known if one.published]
        return Stats(
            articles=len(held),
            passages=_passages(held),
            truncated=sum(one.truncated for one in held.values()),
            undated=len(known) - len(dates),
            first=min(dates, key=lambda date: date.earliest).text if dates else None,
            last=max(dates, key=lambda date: date.latest).text if dates else None,
            publishers=len({one.publisher for one in known if one.publisher}),
            languages=Counter(one.language or "" for one in known),
            size_bytes=0,
            generation=number,
            segments=min(1, len(held)),
            deleted=0,
            recipe=self.recipe,
            last_added=max((one.indexed for one in known if one.indexed), default=None),
        )

    def verify(self) -> Verification:
        """There is nothing that could be damaged."""
        return Verification(self._memory.newest.number, files=0, size_bytes=0, damages=(), notices=())

    def close(self) -> None:
        """Answer as an empty index from now on."""
        self._generation = Generation(0, {})


class MemoryWriter:
    """One transaction (ports.Writer)."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._held = dict(memory.newest.held)

    def fingerprint(self, article_id: str) -> bytes | None:
        """Return the digest of the article as this transaction would leave it, or None if there is none."""
        article = self.article(article_id)
        return None if article is None else fingerprint(article)

    def article(self, article_id: str) -> Article | None:
        """Return the article as this transaction would leave it, or None if there is none."""
        one = self._held.get(article_id)
        return None if one is None else one.article

    def add(self, entry: Entry) -> None:
        """Add an article, in the place of one with the same id."""
        check_article(entry.article)
        check_passages(entry.article, len(entry.passages))
        self._held[entry.article.metadata.article_id] = entry

    def vectors_of(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return the vectors of these keys that are here, or were at the last commit."""
        stored = {
            key: vector
            for held in (self._memory.newest.held, self._held)
            for one in held.values()
            for key, vector in zip(one.keys, one.vectors, strict=False)
        }
        return {key: stored[key] for key in keys if key in stored and len(key) == 16 and any(key)}

    def delete(self, article_id: str) -> bool:
        """Delete an article; False if there is none."""
        return self._held.pop(article_id, None) is not None

    def commit(self) -> None:
        """Show everything so far."""
        number, before = self._memory.newest
        if self._held.keys() != before.keys() or any(one is not before[key] for key, one in self._held.items()):
            self._memory.newest = Generation(number + 1, dict(self._held))

    def compact(self) -> None:
        """Commit: nothing is ever in pieces."""
        self.commit()


class MemoryFound:
    """What is answered to one query (ports.Found)."""

    def __init__(self, held: Held, thresholds: Thresholds, ask: Ask) -> None:
        self.deadline = Deadline(ask.timeout)
        self.comparisons = Comparisons(held)
        self._held, self._thresholds, self._ask = held, thresholds, ask
        self._repeats = Repeats(held, thresholds)
        self._allowed = allowed(held, ask)

    @property
    def total(self) -> int:
        """Articles that filters, phrases and exclusions allow."""
        return len(self._allowed.articles)

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Phrases that nothing has."""
        return self._allowed.relaxed

    @property
    def meant(self) -> list[Meant]:
        """The words that no article has, each with the nearest one, if there is a near one."""
        self.deadline.check()
        texts = analysed_articles(self._held)

        def words_there(text: str) -> dict[str, bool]:
            """Return the words of a text, and whether any article has all parts of each."""
            found: dict[str, bool] = {}
            for analyser in {analyser for analyser, _ in texts.values()}:
                same = [own for other, own in texts.values() if other == analyser]
                had = {part[0] for part in parts_of(text, analyser) if any(own.count(part) for own in same)}
                for word in words.query_words(text, analyser):
                    is_there = all(part[0] in had for part in word.parts)
                    found[word.written] = found.get(word.written, False) or is_there
            return found

        lacking = [word for word, is_there in words_there(self._ask.text).items() if not is_there]
        return [Meant(word, _nearest(self._held, word)) for word in lacking if not any(words_there(word).values())]

    @cached_property
    def _shown(self) -> Mapping[Row, Told]:
        """Every passage that is an answer."""
        self.deadline.check()
        ask, hidden = self._ask, self._repeats.hidden
        found = told(self._held, ask, self._thresholds, hidden)
        self.deadline.check()
        return {
            row: one
            for row, one in found.items()
            if row in self._allowed.rows
            and row not in hidden
            and one.confidence >= ask.least_confidence
            and (ask.vector is not None or one.signals.lexical > 0 or (one.signals.article_lexical or 0) > 0)
        }

    def nearest(self) -> "MemoryFound":
        """Return what is found without a least confidence."""
        return MemoryFound(self._held, self._thresholds, replace(self._ask, least_confidence=0.0))

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed, in order."""
        shown, held = self._shown, self._held

        def order(row: Row) -> tuple[float, float, Row]:
            newness = _newness(held[row[0]].article.metadata) if self._ask.newest_first else 0
            return newness, -_rounded(shown[row]), row

        seen: set[str] = set()
        for article_id, ordinal in sorted(shown, key=order):
            self.deadline.check()
            if self._ask.passages or article_id not in seen:
                seen.add(article_id)
                score = _rounded(shown[article_id, ordinal])
                yield Candidate(article_id, ordinal, score, held[article_id].vectors[ordinal])

    def passages(self, article_ids: Sequence[str]) -> list[Sequence[Scored]]:
        """Return the passages of each article, best first."""
        own = [[row for row in self._shown if row[0] == article_id] for article_id in article_ids]
        return [sorted(map(self._scored, rows), key=lambda one: (-one.score, one.ordinal)) for rows in own]

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""
        return self._scored((article_id, ordinal))

    def _scored(self, row: Row) -> Scored:
        one, passage = self._shown[row], self._held[row[0]].passages[row[1]]
        score = _rounded(one)
        return Scored(*row, passage.start, passage.end, score, one.signals, one.parts, one.recency, one.confidence)

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was when the question was asked."""
        self.deadline.check()
        one = self._held.get(article_id)
        return None if one is None else one.article

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return all passages of an article in order."""
        self.deadline.check()
        one = self._held.get(article_id)
        return [] if one is None else list(one.passages)

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article the allowed ones that may carry its text."""
        self.deadline.check()
        return [self._repeats.alike(article_id, self._allowed.articles) for article_id in article_ids]

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article those indexed before that may carry its text."""
        self.deadline.check()
        before = self._ask.filters.new_since
        old = _indexed_before(self._held, before) if isinstance(before, int) else []
        return [self._repeats.alike(article_id, old) for article_id in article_ids]

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, most first."""
        matched = of_passages(self._held, self._ask.text, self._thresholds)[article_id, ordinal]
        added = [(part[0].removesuffix(" *").replace(" ", ""), value) for part, value in matched.parts.items() if value]
        return sorted(added, key=lambda pair: (-pair[1], pair[0]))

    def columns(self) -> ArticleColumns:
        """Return all articles as columns, those that `ranked` would yield marked as matching."""
        return _columns(self._held, self._ask.filters, [article_id for article_id, _ in self._shown])


class Comparisons:
    """Compares the texts of one generation (ports.Comparisons)."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def is_copy(self, one: str, other: str) -> bool:
        """Tell whether one of two articles carries the other's text."""
        if not {one, other} <= self._held.keys():
            return False
        first, second = (self._held[article_id].article.text for article_id in sorted((one, other)))
        return copies.is_copy(_words(first), _words(second), partial(self._common, first, second))

    def shared_letters(self, one: str, others: Sequence[str]) -> Sequence[float]:
        """Return how likely others are copies of one."""
        own, *rest = (
            copies.letters(self._held[article_id].article.text) if article_id in self._held else ""
            for article_id in (one, *others)
        )
        return [copies.shared_letters(own, other) for other in rest]

    def is_same_text(self, one: str, other: str) -> bool:
        """Tell of two copies whether either could be shown for the other."""
        if not {one, other} <= self._held.keys():
            return False
        return copies.is_same_text(*(_words(self._held[article_id].article.text) for article_id in (one, other)))

    def _common(self, one: str, other: str) -> float:
        """Return how much of all that two texts say both say and many articles that are like neither, too."""
        sketches = np.stack([_sketch(each.article.text) for each in self._held.values()])
        like = np.maximum(*((sketches == _sketch(text)).mean(axis=1) for text in (one, other)))
        others = sketches[like < SAME_STORY]
        both = _sketch(one) == _sketch(other)
        return float((both & ((others == _sketch(one)).sum(axis=0) >= COMMON_STORIES)).mean())


class Repeats:
    """What the articles of one generation have in common."""

    def __init__(self, held: Held, thresholds: Thresholds) -> None:
        self._held, self._least = held, thresholds.repeated_articles

    @cached_property
    def hidden(self) -> frozenset[Row]:
        """Passages that are nothing but what their outlet repeats, unless their article has no others."""
        found: set[Row] = set()
        for article_id, one in self._held.items():
            own = {(article_id, passage.ordinal) for passage in one.passages if self._is_repeated(one, passage)}
            if len(own) < len(one.passages):
                found |= own
        return frozenset(found)

    def _is_repeated(self, one: Entry, passage: Passage) -> bool:
        within = [
            digest
            for digest, (start, end) in _paragraphs(one.article.text)
            if start < passage.end and passage.start < end
        ]
        return bool(within) and all(digest and (_outlet(one), digest) in self._repeated for digest in within)

    @cached_property
    def _repeated(self) -> frozenset[tuple[str | None, int]]:
        """Long paragraphs that an outlet has in many articles, none of which is a copy of another."""
        having: dict[tuple[str | None, int], set[str]] = {}
        for one in self._held.values():
            for digest in _long_paragraphs(one):
                having.setdefault((_outlet(one), digest), set()).add(one.article.text)
        return frozenset(key for key, texts in having.items() if _stories(texts) >= self._least)

    def alike(self, article_id: str, among: Collection[str]) -> list[str]:
        """Return which of some articles may carry the text of one, the likeliest first."""
        one = self._held.get(article_id)
        if one is None:
            return []
        bands = {other: self._shared(one, self._held[other]) for other in among if other != article_id}
        return sorted((other for other, count in bands.items() if count), key=lambda other: (-bands[other], other))

    def _shared(self, one: Entry, other: Entry) -> int:
        """Return how many bands two articles share where they may be copies; all where most of one's paragraphs are the
        other's, too, those apart that an outlet repeats; else 0.
        """
        same = (_sketch(one.article.text) == _sketch(other.article.text)).sum(keepdims=True)
        lengths = (np.array([article_length(each)]) for each in (one, other))
        if copies.worth_comparing(same, *lengths).all():
            return int(same[0])
        mine, theirs = _long_paragraphs(one), _long_paragraphs(other)
        both = {
            digest
            for digest in mine & theirs
            if not {(_outlet(one), digest), (_outlet(other), digest)} & self._repeated
        }
        return copies.BANDS if both and 2 * len(both) >= min(len(mine), len(theirs)) else 0


@lru_cache(1 << 14)
def _paragraphs(text: str) -> list[tuple[int, tuple[int, int]]]:
    """Return the paragraphs of a text as digests, 0 for those too short to mean anything, and where they stand."""
    spans = paragraph_spans(text)
    digests = copies.paragraph_hashes(text).tolist()
    long = [end - start >= copies.LEAST_PARAGRAPH for start, end in spans]
    return [(digest if is_long else 0, span) for digest, is_long, span in zip(digests, long, spans, strict=True)]


def _long_paragraphs(one: Entry) -> set[int]:
    return {digest for digest, _ in _paragraphs(one.article.text) if digest}


def _stories(texts: Collection[str]) -> int:
    """Count texts, those once that are copies of each other, whatever their order."""
    left = [np.array(sketch) for sketch in sorted({tuple(_sketch(text).tolist()) for text in texts})]
    count = 0
    while left:
        left = [one for one in left if (one == left[0]).mean() < SAME_STORY]
        count += 1
    return count


def _outlet(one: Entry) -> str | None:
    known = one.article.metadata
    return next((name.casefold() for name in (known.publisher, *domains_of(known)) if name), None)


def _indexed_before(held: Held, instant: int) -> list[str]:
    indexed = {key: one.article.metadata.indexed for key, one in held.items()}
    return [key for key, text in indexed.items() if text and datetime.fromisoformat(text).timestamp() < instant]


def _newness(known: Metadata) -> float:
    """Return what orders articles, the newest first and those without a date last."""
    return -known.published.earliest if known.published else math.inf


def _passages(held: Held) -> int:
    return sum(len(one.passages) for one in held.values())


def _rounded(one: Told) -> float:
    return round(one.score, 6)


def _nearest(held: Held, word: str) -> str | None:
    """Return the nearest word that an article has, None where there is no near one or none is to be suggested."""
    sought = words.meant(word)
    if not words.reach(sought):
        return None
    known: Counter[str] = Counter()
    for one in held.values():
        known.update(words.written(f"{one.article.metadata.title}\n{one.article.text}"))
    edits = words.near(sought, list(known))
    if edits:
        return min(edits, key=lambda one: (edits[one], one[0] != sought[0], -known[one], one))
    longer = [one for one in known if one.startswith(sought) and len(one) <= len(sought) + LONGER]
    return min(longer, key=lambda one: (-known[one], one), default=None)


def _columns(held: Held, filters: Filters, matching: Collection[str]) -> ArticleColumns:
    ids = sorted(held)
    known = [held[article_id].article.metadata for article_id in ids]
    may = np.array([is_allowed(held[article_id], filters) for article_id in ids], dtype=np.bool_)
    return ArticleColumns(
        ids=np.array([article_id.encode() for article_id in ids], dtype="S20"),
        published=np.array(
            [(one.published.earliest, one.published.latest) if one.published else UNDATED for one in known],
            dtype=np.int64,
        ).reshape(-1, 2),
        legibility=np.array([held[article_id].legibility for article_id in ids], dtype=np.float64),
        living=np.ones(len(ids), dtype=np.bool_),
        allowed=may,
        matching=may & np.isin(ids, list(matching)),
        values=partial(_values, known),
    )


def _values(known: Sequence[Metadata], field: str) -> Mapping[str, npt.NDArray[np.int64]]:
    """Return the values of a field with the articles that have each."""
    kind, _, key = field.partition(":")
    values_of: Mapping[str, Callable[[Metadata], Sequence[str | None]]] = {
        "publisher": lambda one: [one.publisher],
        "domain": domains_of,
        "author": lambda one: one.authors,
        "language": lambda one: [one.language],
        "section": lambda one: [one.section],
        "origin": lambda one: [one.origin],
        "tag": lambda one: one.tags.get(key, ()) if key else list(one.tags),
    }
    found: dict[str, list[int]] = {}
    for place, one in enumerate(known):
        for value in dict.fromkeys(values_of[kind](one)):
            if value:
                found.setdefault(value, []).append(place)
    return {value: np.array(places, dtype=np.int64) for value, places in found.items()}
