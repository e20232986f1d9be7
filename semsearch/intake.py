"""Articles -> a writer: leave out what is unchanged, cut into passages, encode in windows, add, commit."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from semsearch.chunking import Prepared, prepare
from semsearch.files import now_seconds
from semsearch.identity import fingerprint
from semsearch.language import guess_language
from semsearch.ports import Encoder, Entry, Writer
from semsearch.types import Article, Skipped, Summary, Unreadable, iso_seconds

WINDOW_PASSAGES = 256
"""Encoded at once: enough to sort by length, little enough that progress is seen every few seconds."""

COMMIT_SECONDS = 60.0
"""An interrupted run loses at most so much work."""

Reading = Article | Skipped | Unreadable
Observer = Callable[[Skipped | Unreadable | Summary], None]
"""Is told of everything that could not be used, as it happens, and of the sums so far after each window."""


@dataclass
class Intake:
    """One run into one writer. Memory holds one window, however long the stream of articles is."""

    writer: Writer
    encoder: Encoder
    passage_tokens: int
    observer: Observer
    commit_seconds: float | None = COMMIT_SECONDS  # None: only at the end, so that a build repeats byte for byte
    counts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)  # of articles that the encoder was not trained to read
    _window: dict[str, tuple[Article, list[Prepared]]] = field(default_factory=dict)
    _passages: int = 0
    _committed: float = field(default_factory=time.monotonic)

    def run(self, readings: Iterable[Reading]) -> Summary:
        """Take in everything that is given. When interrupted, what was encoded so far is committed first."""
        indexed = iso_seconds(now_seconds())
        try:
            for reading in readings:
                if isinstance(reading, Article):
                    self._take(replace(reading, metadata=replace(reading.metadata, indexed=indexed)))
                else:
                    self.counts["skipped" if isinstance(reading, Skipped) else "unreadable"] += 1
                    self.observer(reading)
            self._encode_window()
        except KeyboardInterrupt:
            self._commit()
            raise
        self._commit()
        return self.summary()

    def summary(self) -> Summary:
        """Return the sums so far."""
        return Summary(**self.counts, unsupported_languages=tuple(self.languages.most_common()))

    def _take(self, article: Article) -> None:
        article_id = article.metadata.article_id
        waiting = self._window.get(article_id)
        known = fingerprint(waiting[0]) if waiting else self.writer.fingerprint(article_id)
        if known == fingerprint(article):
            self.counts["unchanged"] += 1
            return
        self.counts["added" if known is None else "replaced"] += 1
        self._notice(article)
        prepared = prepare(article, self.encoder, self.passage_tokens)
        self._passages += len(prepared) - (len(waiting[1]) if waiting else 0)
        self._window[article_id] = (article, prepared)
        if self._passages >= WINDOW_PASSAGES:
            self._encode_window()

    def _notice(self, article: Article) -> None:
        metadata = article.metadata
        self.counts["undated"] += metadata.published is None
        self.counts["unparsed_dates"] += "unparsed_date" in metadata.tags
        self.counts["headline_only"] += metadata.tags.get("text_from") == ("headline",)
        if self.encoder.languages is not None:
            language = metadata.language or guess_language(article.text)
            if language and language not in self.encoder.languages:
                self.languages[language] += 1

    def _encode_window(self) -> None:
        texts = [prepared.embedding_text for _, passages in self._window.values() for prepared in passages]
        distinct = list(dict.fromkeys(texts))
        vectors = self.encoder.encode_passages(distinct)
        rows = {text: row for row, text in enumerate(distinct)}
        with _uninterrupted():
            for article, prepared in self._window.values():
                own = vectors[np.array([rows[one.embedding_text] for one in prepared])]
                passages = tuple(one.passage for one in prepared)
                self.writer.add(Entry(article, passages, own, sum(one.truncated for one in prepared)))
            self._window.clear()
            self._passages = 0
        self.counts["passages"] += len(texts)
        self.observer(self.summary())
        if self.commit_seconds is not None and time.monotonic() - self._committed >= self.commit_seconds:
            self._commit()

    def _commit(self) -> None:
        with _uninterrupted():
            self.writer.commit()
        self._committed = time.monotonic()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the writer is between two steps, so that what it holds can still be committed."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    waiting: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if waiting:
        raise KeyboardInterrupt
