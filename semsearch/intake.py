"""Articles -> a writer: leave out what is unchanged, cut into passages, encode in windows, add, commit."""

import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from semsearch.chunking import Prepared, prepare
from semsearch.errors import UsageError
from semsearch.files import now_seconds
from semsearch.identity import fingerprint
from semsearch.language import guess_language
from semsearch.legibility import article_legibility, unread
from semsearch.ports import Encoder, Entry, Matrix, Vector, Writer
from semsearch.revisions import is_less, is_older, joined
from semsearch.storable import check_article, check_passages
from semsearch.text import sentence_spans
from semsearch.types import Article, Skipped, Summary, Unreadable, iso_seconds

WINDOW_PASSAGES = 512
"""Encoded at once: enough to sort by length, little enough that progress is seen every few seconds."""

COMMIT_SECONDS = 60.0
"""An interrupted run loses at most so much work."""

_AHEAD = 2
"""Windows being encoded or waiting for it while the next one is read and cut: the encoder is never idle. Where a third
is handed over, the oldest is written."""

_SAMPLE_DIGITS = 1
"""Hexadecimal ones of an article's id that are zero where its headline is kept, too: one article in sixteen."""

_BEGINNING = 1_000
"""Characters of an article in which its first sentence ends."""

Reading = Article | Skipped | Unreadable
Observer = Callable[[Skipped | Unreadable | Summary], None]
"""Is told of everything that could not be used, as it happens, and of the sums so far after each window."""


@dataclass
class _Window:
    """Articles that are encoded together."""

    articles: dict[str, tuple[Article, list[Prepared]]] = field(default_factory=dict)
    passages: int = 0
    texts: dict[bytes, str] = field(default_factory=dict)  # to be encoded, by key
    known: dict[bytes, Vector] = field(default_factory=dict)  # of texts that were encoded before
    headlines: dict[str, str] = field(default_factory=dict)  # by article: of those whose headline is kept as a query
    vectors: Future[tuple[Matrix, Matrix]] = field(default_factory=Future)  # of `texts` and of `headlines`, in order

    def put(self, article: Article, prepared: list[Prepared]) -> None:
        """Put an article in the place of one with the same id."""
        before = self.articles.get(article.metadata.article_id)
        self.passages += len(prepared) - (len(before[1]) if before else 0)
        self.articles[article.metadata.article_id] = (article, prepared)


class _NotCommittedError(BaseException):
    """An error of a commit on its way through a reader, which takes any other for one of a record."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class Intake:
    """One run into one writer. Memory holds a few windows, however long the stream of articles is.

    The encoder works in a thread of its own while this one reads, cuts and writes. Only this one touches the writer.
    """

    writer: Writer
    encoder: Encoder
    passage_tokens: int
    observer: Observer
    commit_seconds: float | None = COMMIT_SECONDS  # 0: after each window; None: at the end, so that a build repeats
    on_commit: Callable[[], None] = lambda: None  # everything that was read so far is permanent
    counts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)  # of articles that the encoder was not trained to read
    _origins: set[int] = field(default_factory=set)  # hashes of the files that this run has met
    _window: _Window = field(default_factory=_Window)
    _ahead: deque[_Window] = field(default_factory=deque)  # handed to the encoder, oldest first
    _encoding: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "encoding"))
    _committed: float = field(default_factory=time.monotonic)

    def run(self, readings: Iterable[Reading]) -> Summary:
        """Take in everything that is given. When interrupted, what was encoded so far is committed first."""
        indexed = iso_seconds(now_seconds())
        try:
            for reading in readings:
                check_reading(reading)
                if isinstance(reading, Article):
                    self._take(replace(reading, metadata=replace(reading.metadata, indexed=indexed)))
                else:
                    self.counts["skipped" if isinstance(reading, Skipped) else "unreadable"] += 1
                    self.observer(reading)
                self._commit_if_due()
            self._write_all()
        except _NotCommittedError as error:
            raise error.reason from None
        except KeyboardInterrupt:
            self._rescue()
            raise
        finally:
            self._encoding.shutdown(cancel_futures=True)
        self._commit()
        self.on_commit()
        return self.summary()

    def between_readings(self) -> None:
        """Commit if it is time to, while the reader still looks for its next article; to be called by the reader.

        Everything that it yielded before must have been handed on. An error ends `run`, and the reader with it.
        """
        try:
            self._commit_if_due()
        except Exception as error:
            raise _NotCommittedError(error) from error

    def summary(self) -> Summary:
        """Return the sums so far."""
        return Summary(**self.counts, unsupported_languages=tuple(self.languages.most_common()))

    def _take(self, article: Article) -> None:
        if article.metadata.origin is not None:
            self._origins.add(hash(article.metadata.origin))
        known = self._fingerprint(article.metadata.article_id)
        older = False
        if known != fingerprint(article) and (kept := self._kept(article.metadata.article_id)):
            if is_less(article.metadata, kept.metadata):
                self.counts["unchanged"] += 1
                return
            older = is_older(article.metadata, kept.metadata)
            article = joined(article, kept)
        changed = known != fingerprint(article)
        moved = None if changed or older else self._moved(article)
        unchanged = "moved" if moved else "unchanged"
        self.counts["older" if older else "added" if known is None else "replaced" if changed else unchanged] += 1
        if not (changed or moved):
            return
        article = moved or article
        if changed and not older:
            self._notice(article)
        prepared = prepare(article, self.encoder, self.passage_tokens)
        check_passages(article, len(prepared))
        self._window.put(article, prepared)
        if self._window.passages >= WINDOW_PASSAGES:
            self._hand_over()
            while len(self._ahead) > _AHEAD:
                self._write_oldest()

    def _moved(self, article: Article) -> Article | None:
        """Return an unchanged article as it is to be kept whose file is another now; None where it is still the same.

        Of several files that have it the first of a run is kept, so that reading them all again writes nothing.
        """
        origin = article.metadata.origin
        if origin is None:
            return None
        kept = self._kept(article.metadata.article_id)
        if kept is None or hash(kept.metadata.origin) in self._origins:
            return None
        return replace(article, metadata=replace(article.metadata, indexed=kept.metadata.indexed))

    def _fingerprint(self, article_id: str) -> bytes | None:
        waiting = self._waiting(article_id)
        return fingerprint(waiting) if waiting else self.writer.fingerprint(article_id)

    def _kept(self, article_id: str) -> Article | None:
        return self._waiting(article_id) or self.writer.article(article_id)

    def _waiting(self, article_id: str) -> Article | None:
        """Return the article as it was last taken in this run, if it is not written yet."""
        windows = (self._window, *reversed(self._ahead))
        return next((window.articles[article_id][0] for window in windows if article_id in window.articles), None)

    def _notice(self, article: Article) -> None:
        metadata = article.metadata
        self.counts["undated"] += metadata.published is None
        self.counts["unparsed_dates"] += "unparsed_date" in metadata.tags
        self.counts["headline_only"] += metadata.tags.get("text_from") == ("headline",)
        if self.encoder.languages is not None:
            language = metadata.language or guess_language(article.text)
            if language and language not in self.encoder.languages:
                self.languages[language] += 1

    def _hand_over(self) -> None:
        """Let the encoder have the window, without what it encoded before."""
        window, self._window = self._window, _Window()
        texts = {
            passage.key: passage.embedding_text for _, prepared in window.articles.values() for passage in prepared
        }
        window.known = self.writer.vectors_of(list(texts))
        coming = window.known.keys() | {key for earlier in self._ahead for key in earlier.texts}
        window.texts = {key: text for key, text in texts.items() if key not in coming}
        window.headlines = {
            article_id: headline
            for article_id, (article, _) in window.articles.items()
            if int(article_id[:_SAMPLE_DIGITS], 16) == 0 and (headline := _headline(article))
        }
        window.vectors = self._encoding.submit(
            self._encode, list(window.texts.values()), list(window.headlines.values())
        )
        self._ahead.append(window)

    def _encode(self, texts: list[str], headlines: list[str]) -> tuple[Matrix, Matrix]:
        return self.encoder.encode_passages(texts), self.encoder.encode_queries(headlines)

    def _write_oldest(self) -> None:
        window = self._ahead[0]
        window.vectors.result()  # may be interrupted; what follows may not
        with _uninterrupted():
            self._write(self._ahead.popleft())
        self.observer(self.summary())
        if self.commit_seconds == 0:
            self._commit()

    def _write_all(self) -> None:
        """Encode and write everything that was read."""
        if self._window.articles:
            self._hand_over()
        while self._ahead:
            self._write_oldest()

    def _write(self, window: _Window) -> None:
        encoded, asked = window.vectors.result()
        vectors = window.known | dict(zip(window.texts, encoded, strict=True))
        headlines = dict(zip(window.headlines, asked, strict=True))
        prepared = [one for _, own in window.articles.values() for one in own]
        missing = {one.key: one.embedding_text for one in prepared if one.key not in vectors}
        vectors |= self.writer.vectors_of(list(missing))  # of windows that were ahead of this one
        lost = {key: text for key, text in missing.items() if key not in vectors}  # replaced since, and so not stored
        if lost:
            vectors |= dict(zip(lost, self.encoder.encode_passages(list(lost.values())), strict=True))
        for article, own in window.articles.values():
            keys = [one.key for one in own]
            passages = tuple(one.passage for one in own)
            truncated = sum(one.truncated for one in own)
            read = [one.embedding_text for one in own]
            tokens = sum(one.tokens for one in own) + unread(read, self.encoder)
            readable = article_legibility(read, tokens, self.encoder.tokens_per_column)
            own_vectors = np.stack([vectors[key] for key in keys])
            headline = headlines.get(article.metadata.article_id)
            self.writer.add(Entry(article, passages, own_vectors, truncated, keys, readable, headline))
        self.counts["passages"] += len(window.texts) + len(lost)
        self.counts["reused"] += len(prepared) - len(window.texts) - len(lost)

    def _rescue(self) -> None:
        """Write and commit the windows that are encoded, or nearly: the one in hand is finished, the rest given up."""
        self._encoding.shutdown(wait=True, cancel_futures=True)
        with _uninterrupted():
            while self._ahead and not self._ahead[0].vectors.cancelled() and not self._ahead[0].vectors.exception():
                self._write(self._ahead.popleft())
        self._commit()

    def _commit_if_due(self) -> None:
        if self.commit_seconds and time.monotonic() - self._committed >= self.commit_seconds:
            self._write_all()
            self._commit()
            self.on_commit()

    def _commit(self) -> None:
        with _uninterrupted():
            self.writer.commit()
        self._committed = time.monotonic()


def check_reading(reading: object) -> None:
    """Refuse what is no article, or one that cannot be kept; raises UsageError."""
    if isinstance(reading, Article):
        check_article(reading)
    elif not isinstance(reading, Skipped | Unreadable):
        raise UsageError(
            f"{reading!r:.80} is no Article", "read it first: semsearch.read([{'title': '…', 'text': '…'}])"
        )


def _headline(article: Article) -> str:
    """Return an article's headline, or its first sentence where it has none."""
    first = sentence_spans(article.text[:_BEGINNING])[:1]
    return article.metadata.title or "".join(article.text[start:end] for start, end in first)


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
