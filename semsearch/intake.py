"""From articles to a writer: skip what is unchanged, cut into passages, encode in windows, add, commit."""

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
from semsearch.revisions import is_copy, is_less, is_older, merge_versions
from semsearch.storable import check_article, check_passages
from semsearch.text import sentence_spans
from semsearch.types import Article, Skipped, Summary, Unreadable, iso_seconds

WINDOW_PASSAGES = 512
"""Passages encoded at once: enough to sort them by length, few enough to show progress every few seconds."""

COMMIT_SECONDS = 60.0
"""An interrupted run loses at most this much work."""

_AHEAD = 2
"""Windows that are being encoded or wait for it while the next one is read and cut, so that the encoder is never idle.
When a third one is handed over, the oldest is written."""

_SAMPLE_DIGITS = 1
"""Hexadecimal digits of an article's id that are zero if its headline is kept, too: one article in sixteen."""

_BEGINNING = 1_000
"""Characters of an article in which its first sentence ends."""

Reading = Article | Skipped | Unreadable
Observer = Callable[[Skipped | Unreadable | Summary], None]
"""Is called with everything that could not be used, as it happens, and with the sums so far after each window."""


@dataclass
class _ArticleWindow:
    """Articles that are encoded together."""

    articles: dict[str, tuple[Article, list[Prepared]]] = field(default_factory=dict)
    passages: int = 0
    texts: dict[bytes, str] = field(default_factory=dict)  # to be encoded, by key
    stored: dict[bytes, Vector] = field(default_factory=dict)  # of texts that were encoded before, by key
    headlines: dict[str, str] = field(default_factory=dict)  # kept as queries, by article
    vectors: Future[tuple[Matrix, Matrix]] = field(default_factory=Future)  # of `texts` and of `headlines`, in order

    def put(self, article: Article, prepared: list[Prepared]) -> None:
        """Add an article, replacing one with the same id."""
        replaced = self.articles.get(article.metadata.article_id)
        self.passages += len(prepared) - (len(replaced[1]) if replaced else 0)
        self.articles[article.metadata.article_id] = (article, prepared)


class _NotCommittedError(BaseException):
    """An error of a commit on its way through a reader, which takes any other error for that of a record."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class Intake:
    """One run into one writer. Memory holds a few windows, however long the stream of articles is.

    The encoder works in another thread while this one reads, cuts and writes. Only this thread touches the writer.
    """

    writer: Writer
    encoder: Encoder
    passage_tokens: int
    observer: Observer
    commit_seconds: float | None = COMMIT_SECONDS  # 0: after each window; None: at the end, so builds are reproducible
    on_commit: Callable[[], None] = lambda: None  # everything that was read so far is permanent
    counts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)  # of articles that the encoder was not trained to read
    _origins: set[int] = field(default_factory=set)  # hashes of the files that this run has met
    _window: _ArticleWindow = field(default_factory=_ArticleWindow)
    _ahead: deque[_ArticleWindow] = field(default_factory=deque)  # handed to the encoder, oldest first
    _encoding: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "encoding"))
    _committed: float = field(default_factory=time.monotonic)

    def run(self, readings: Iterable[Reading]) -> Summary:
        """Take in everything that is given. If interrupted, commit first what was encoded so far."""
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
        """Commit if it is time; readers call this while they look for their next article.

        Everything that a reader yielded before must have been handed on. An error ends `run`, and the reader with it.
        """
        try:
            self._commit_if_due()
        except Exception as error:
            raise _NotCommittedError(error) from error

    def summary(self) -> Summary:
        """Return the sums so far."""
        return Summary(**self.counts, unsupported_languages=tuple(self.languages.most_common()))

    def _take(self, article: Article) -> None:
        stored_digest = self._fingerprint(article.metadata.article_id)
        older = False
        if stored_digest != fingerprint(article) and (stored := self._stored_article(article.metadata.article_id)):
            # Of several files with a text that nothing else names, the first of a run is kept, as in _with_new_origin.
            is_read = hash(stored.metadata.origin) in self._origins and is_copy(article, stored)
            if is_read or is_less(article.metadata, stored.metadata):
                self.counts["unchanged"] += 1
                self._note_origin(article)
                return
            older = is_older(article.metadata, stored.metadata)
            article = merge_versions(article, stored)
        self._note_origin(article)
        changed = stored_digest != fingerprint(article)
        moved = None if changed or older else self._with_new_origin(article)
        if older:
            self.counts["older"] += 1
        elif changed:
            self.counts["added" if stored_digest is None else "replaced"] += 1
        else:
            self.counts["moved" if moved else "unchanged"] += 1
        if not (changed or moved):
            return
        article = moved or article
        if changed and not older:
            self._count_gaps(article)
        prepared = prepare(article, self.encoder, self.passage_tokens)
        check_passages(article, len(prepared))
        self._window.put(article, prepared)
        if self._window.passages >= WINDOW_PASSAGES:
            self._hand_over()
            while len(self._ahead) > _AHEAD:
                self._write_oldest()

    def _note_origin(self, article: Article) -> None:
        if article.metadata.origin is not None:
            self._origins.add(hash(article.metadata.origin))

    def _with_new_origin(self, article: Article) -> Article | None:
        """Return an unchanged article that is in another file now, as it is to be stored; None if its file is the same.

        Of several files with the article the first of a run is kept, so that reading them all again writes nothing.
        """
        origin = article.metadata.origin
        if origin is None:
            return None
        stored = self._stored_article(article.metadata.article_id)
        if stored is None or hash(stored.metadata.origin) in self._origins:
            return None
        return replace(article, metadata=replace(article.metadata, indexed=stored.metadata.indexed))

    def _fingerprint(self, article_id: str) -> bytes | None:
        waiting = self._unwritten_article(article_id)
        return fingerprint(waiting) if waiting else self.writer.fingerprint(article_id)

    def _stored_article(self, article_id: str) -> Article | None:
        return self._unwritten_article(article_id) or self.writer.article(article_id)

    def _unwritten_article(self, article_id: str) -> Article | None:
        """Return the article as this run has taken it, if it is not written yet."""
        windows = (self._window, *reversed(self._ahead))
        return next((window.articles[article_id][0] for window in windows if article_id in window.articles), None)

    def _count_gaps(self, article: Article) -> None:
        metadata = article.metadata
        self.counts["undated"] += metadata.published is None
        self.counts["unparsed_dates"] += "unparsed_date" in metadata.tags
        self.counts["headline_only"] += metadata.tags.get("text_from") == ("headline",)
        if self.encoder.languages is not None:
            language = metadata.language or guess_language(article.text)
            if language and language not in self.encoder.languages:
                self.languages[language] += 1

    def _hand_over(self) -> None:
        """Give the encoder the window, without what was encoded before."""
        window, self._window = self._window, _ArticleWindow()
        texts = {
            passage.key: passage.embedding_text for _, prepared in window.articles.values() for passage in prepared
        }
        window.stored = self.writer.vectors_of(list(texts))
        encoded_keys = window.stored.keys() | {key for earlier in self._ahead for key in earlier.texts}
        window.texts = {key: text for key, text in texts.items() if key not in encoded_keys}
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

    def _write(self, window: _ArticleWindow) -> None:
        encoded, headline_vectors = window.vectors.result()
        vectors = window.stored | dict(zip(window.texts, encoded, strict=True))
        headlines = dict(zip(window.headlines, headline_vectors, strict=True))
        all_prepared = [passage for _, prepared in window.articles.values() for passage in prepared]
        missing = {passage.key: passage.embedding_text for passage in all_prepared if passage.key not in vectors}
        vectors |= self.writer.vectors_of(list(missing))  # of windows that were ahead of this one
        lost = {key: text for key, text in missing.items() if key not in vectors}  # replaced since, so not stored
        if lost:
            vectors |= dict(zip(lost, self.encoder.encode_passages(list(lost.values())), strict=True))
        for article, prepared in window.articles.values():
            keys = [passage.key for passage in prepared]
            passages = tuple(passage.passage for passage in prepared)
            truncated = sum(passage.truncated for passage in prepared)
            texts = [passage.embedding_text for passage in prepared]
            tokens = sum(passage.tokens for passage in prepared) + unread(texts, self.encoder)
            readable = article_legibility(texts, tokens, self.encoder.tokens_per_column)
            article_vectors = np.stack([vectors[key] for key in keys])
            headline = headlines.get(article.metadata.article_id)
            self.writer.add(Entry(article, passages, article_vectors, truncated, keys, readable, headline))
        self.counts["passages"] += len(window.texts) + len(lost)
        self.counts["reused"] += len(all_prepared) - len(window.texts) - len(lost)

    def _rescue(self) -> None:
        """Write and commit the windows that are encoded, including the one that the encoder is at; give up the rest."""
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
    """Refuse what is not an article, or an article that cannot be stored; raises UsageError."""
    if isinstance(reading, Article):
        check_article(reading)
    elif not isinstance(reading, Skipped | Unreadable):
        raise UsageError(
            f"{reading!r:.80} is no Article", "read it first: semsearch.read([{'title': '…', 'text': '…'}])"
        )


def _headline(article: Article) -> str:
    """Return an article's headline, or its first sentence if it has none."""
    first_sentence = sentence_spans(article.text[:_BEGINNING])[:1]
    return article.metadata.title or "".join(article.text[start:end] for start, end in first_sentence)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the writer is between two steps, so that what it holds can still be committed."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    signals: list[int] = []
    previous_handler = signal.signal(signal.SIGINT, lambda number, _: signals.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous_handler or signal.SIG_DFL)
    if signals:
        raise KeyboardInterrupt
