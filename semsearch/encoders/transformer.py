"""The only module that knows sentence-transformers and torch."""

import copy
import io
import logging
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import constants
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from semsearch.encoders.model_files import ModelFolder
from semsearch.errors import EncoderError
from semsearch.ports import Matrix
from semsearch.types import EncoderIdentity

BATCH_TOKENS = 2048
"""Padding included. Speed is flat from 512 to 2,048 and falls beyond; the library's own 32 texts are a fifth slower."""

_COUNTED_AT_ONCE = 1024
"""Texts. The tokenizer keeps some eighty bytes a token until a batch is done."""

_TOKENS_WITHOUT_LIMIT = 512
"""For a model that names no limit: attention over more costs memory by the square."""

_NO_LIMIT = 1_000_000
"""Tokens. Libraries write "no limit" as a number beyond all sense."""

_LIBRARIES = ("sentence_transformers", "transformers", "huggingface_hub")
_MISSING = re.compile(r"^(?!pooler\.)([^|\n]+?)\s*\|[^|\n]*MISSING", re.MULTILINE)
"""In the library's report: a tensor that the file lacks and that was filled at random. Poolers are never asked."""


class TransformerEncoder:
    """A sentence-transformers model in float32, on the graphics card where there is one. Safe between threads."""

    def __init__(self, folder: ModelFolder) -> None:
        self._model = _load(folder.path)
        self._encoding = threading.Lock()  # the model's own tokenizer serves one thread at a time
        self._tokenizer = copy.deepcopy(getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer))
        if not isinstance(self._tokenizer, Tokenizer):
            raise EncoderError(f"the model in {folder.path} has no fast tokenizer", "choose another model")
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._query_prefix, self._passage_prefix = folder.query_prefix, folder.passage_prefix
        self.languages = folder.languages
        self.max_tokens = _limit_tokens(self._model)
        averages_words = isinstance(self._model.tokenizer, Tokenizer)  # and adds no special tokens to them
        special = 0 if averages_words else self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self.overhead_tokens = special + self.count_tokens([self._passage_prefix])[0]
        if self.overhead_tokens >= self.max_tokens:
            raise EncoderError(
                f"the model in {folder.path} reads {self.max_tokens} tokens, and what is added to a text takes "
                f"{self.overhead_tokens}",
                "choose another model",
            )
        dimensions = self._encode([""], self._query_prefix).shape[1]
        self.identity = EncoderIdentity(
            folder.name, folder.digest, dimensions, folder.pooling, folder.query_prefix, folder.passage_prefix
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        counts: list[int] = []
        for start in range(0, len(texts), _COUNTED_AT_ONCE):
            batch = list(texts[start : start + _COUNTED_AT_ONCE])
            counts += map(len, self._tokenizer.encode_batch_fast(batch, add_special_tokens=False))
        return counts

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return a unit vector a text; what is beyond `max_tokens` is not read."""
        return self._encode(texts, self._passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return a unit vector a text; what is beyond `max_tokens` is not read."""
        return self._encode(texts, self._query_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> Matrix:
        if not texts:
            return np.zeros((0, self.identity.dimensions), dtype=np.float32)
        batches = _batches([min(count + self.overhead_tokens, self.max_tokens) for count in self.count_tokens(texts)])
        found = []
        for rows in batches:
            batch = [texts[row] for row in rows]
            with self._encoding:
                found.append(self._model.encode(batch, prompt=prefix, batch_size=len(batch), show_progress_bar=False))
        vectors = np.empty((len(texts), found[0].shape[1]), dtype=np.float32)
        vectors[np.concatenate(batches)] = np.concatenate(found)
        return _unit(vectors)


def _batches(counts: Sequence[int]) -> list[list[int]]:
    """Return rows, the longest texts first, in batches of BATCH_TOKENS or of one text."""
    rows = sorted(range(len(counts)), key=lambda row: -counts[row])
    batches = []
    while rows:
        texts = max(1, BATCH_TOKENS // max(1, counts[rows[0]]))
        batches.append(rows[:texts])
        rows = rows[texts:]
    return batches


def _unit(vectors: Matrix) -> Matrix:
    """Scale each row to length 1; a row of zeros, which says nothing, becomes the first axis."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise EncoderError("the model answers with vectors that are not numbers", "fetch the model again")
    vectors[lengths[:, 0] == 0, 0] = 1
    lengths[lengths == 0] = 1
    unit: Matrix = (vectors / lengths).astype(np.float32)
    return unit


def _limit_tokens(model: SentenceTransformer) -> int:
    """Return how many tokens the model reads, and hold it to that: some name more than they have places for."""
    transformer = getattr(model[0], "auto_model", None)
    if transformer is None:  # an average of words reads them all
        return _TOKENS_WITHOUT_LIMIT
    table = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    if isinstance(table, torch.nn.Embedding):
        places = table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    else:
        places = getattr(transformer.config, "max_position_embeddings", None)
    limits = [limit for limit in (model.max_seq_length, places) if limit is not None and 0 < limit < _NO_LIMIT]
    limit = int(min(limits, default=_TOKENS_WITHOUT_LIMIT))
    model.max_seq_length = limit
    return limit


def _load(path: Path) -> SentenceTransformer:
    try:
        with _offline(), _quiet() as said:
            model = SentenceTransformer(
                str(path),
                device="cuda" if torch.cuda.is_available() else "cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": torch.float32, "use_safetensors": True},
            )
    except Exception as error:  # whatever a library raises here, it is about these files
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise EncoderError(f"the model in {path} cannot be loaded: {reason}", "choose another model") from error
    if missing := sorted(set(_MISSING.findall("\n".join(said)))):
        raise EncoderError(
            f"the weights in {path} lack {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}",
            "fetch the model again, or choose another",
        )
    return model.float().eval()


@contextmanager
def _offline() -> Iterator[None]:
    """Let no library ask the network about files that are here, and leave the program's own setting as it was."""
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


class _Listener(logging.Handler):
    """Keeps what is said, and passes nothing on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Keep progress bars, reports and warnings off the terminal, and yield what the libraries log instead."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [listener], False
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield listener.said
    finally:
        for logger, handlers, propagate, level in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
