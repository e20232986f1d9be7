"""The only module that knows sentence-transformers and torch."""

import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import constants
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Dropout, Normalize, Pooling
from tokenizers import Tokenizer

from semsearch.encoders.batches import batches, unit
from semsearch.encoders.explanation import explained
from semsearch.encoders.geometry import Geometry
from semsearch.encoders.long_queries import encode_whole
from semsearch.encoders.model_files import ModelFolder
from semsearch.encoders.tokens import Tokens
from semsearch.errors import EncoderError
from semsearch.ports import Contribution, Matrix, Vector
from semsearch.types import CosineScale, EncoderIdentity

BATCH_TOKENS = 2048
"""Padding included. Speed is flat from 512 to 2,048 and falls beyond; the library's own 32 texts are a fifth slower."""

_TOKENS_WITHOUT_LIMIT = 512
"""Most tokens of a model that names no limit; the memory for attention grows with their square."""

_NO_LIMIT = 1_000_000
"""Tokens. Libraries write "no limit" as a number beyond all sense."""

_encoding = threading.RLock()
"""Held while a batch is encoded: a model's own tokenizer serves one thread at a time, and a fork waits for it."""

_LOADED_IN = os.getpid()
"""The process that torch's threads live in; a child forked from it would wait for them for ever."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_encoding.acquire, after_in_parent=_encoding.release, after_in_child=_encoding.release)

_LIBRARIES = ("sentence_transformers", "transformers", "huggingface_hub")
_MISSING = re.compile(r"^(?!pooler\.)([^|\n]+?)\s*\|[^|\n]*MISSING", re.MULTILINE)
"""In the library's report: a tensor that the file lacks and that was filled at random. Poolers are never used."""


def has_card() -> bool:
    """Tell whether torch can use a graphics card here."""
    return bool(torch.cuda.is_available())


class TransformerEncoder:
    """A sentence-transformers model in float32, run by torch. Safe between threads; a forked child has one thread."""

    def __init__(self, folder: ModelFolder, *, on_card: bool = False) -> None:
        self._model = _load(folder.path, "cuda" if on_card else "cpu")
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer)
        if not isinstance(tokenizer, Tokenizer):
            raise EncoderError(f"the model in {folder.path} has no fast tokenizer", "choose another model")
        self.averages_words = isinstance(self._model.tokenizer, Tokenizer)  # all of them, and no special tokens
        self.tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self.tokens = Tokens.of(self.tokenizer, special=not self.averages_words)
        self.padding = 0 if self.averages_words else self._model.tokenizer.pad_token_id or 0
        self._query_prefix, self._passage_prefix = folder.query_prefix, folder.passage_prefix
        self.measured(Geometry(None, CosineScale()))  # the default, until a measurement is taken
        self.languages = folder.languages
        self.max_tokens = _limit_tokens(self._model)
        self.most_read = None if self.averages_words else self.max_tokens
        self.is_mean = _Pipeline(self._model).is_mean
        self.overhead_tokens = self.tokens.special + self.count_tokens([self._passage_prefix])[0]
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

    def measured(self, geometry: Geometry) -> None:
        """Take what is known of the vectors."""
        self.cosines, self.tokens_per_column = geometry.cosines, geometry.tokens_per_column
        self.passage_tokens = geometry.passage_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        return self.tokens.count(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self.tokens.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text; text beyond `max_tokens` is not read."""
        return self._encode(texts, self._passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text, read to its end."""
        return encode_whole(self, texts, lambda pieces: self._encode(pieces, self._query_prefix))

    def contributions(self, text: str, vector: Vector) -> list[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into its words; None if the model is not a mean."""
        if not self.is_mean:
            return None
        passage = self._passage_prefix + text
        ids = torch.tensor(self.tokens.read([passage], self.most_read), device=self._model.device, dtype=torch.long)
        with _exclusively(), torch.inference_mode():
            _, parts = _Pipeline(self._model).eval()(ids, torch.ones_like(ids))
        spans = self.tokens.locate(passage, self.most_read)
        return explained(text, self._passage_prefix, spans, parts[0].cpu().numpy(), vector)

    def attend_step_by_step(self) -> bool:
        """Compute attention by its formula and not by torch's own fused operation; False if there is no choice.

        This is slower here, and the same once compiled. But where padding attends to nothing, as in models with a
        narrow window, the fused operation gives numbers in torch and NaN in OpenVINO.
        """
        transformer = getattr(self._model[0], "auto_model", None)
        if transformer is None:
            return False
        with quiet():
            transformer.set_attn_implementation("eager")
        return True

    def traceable(self) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
        """Return the model as a function of token ids and mask, and an example of the two, by name.

        It gives (texts, dimensions); and, if `is_mean`, what each token adds to it, with what belongs to no token at
        the end: (texts, longest + 1, dimensions).
        """
        example = {"input_ids": torch.full((2, 5), self.padding), "attention_mask": torch.ones(2, 5, dtype=torch.long)}
        example["input_ids"][:, :3] = torch.tensor(self.tokens.read(["a"], self.max_tokens)[0][:1])
        example["attention_mask"][1, 3:] = 0
        return _Pipeline(self._model).eval(), example

    def _encode(self, texts: Sequence[str], prefix: str) -> Matrix:
        if not texts:
            return np.zeros((0, self.identity.dimensions), dtype=np.float32)
        counts = [min(count + self.overhead_tokens, self.max_tokens) for count in self.count_tokens(texts)]
        row_batches = batches(counts, BATCH_TOKENS)
        encoded = []
        for rows in row_batches:
            batch = [texts[row] for row in rows]
            with _exclusively():
                encoded.append(self._model.encode(batch, prompt=prefix, batch_size=len(batch), show_progress_bar=False))
        vectors = np.empty((len(texts), encoded[0].shape[1]), dtype=np.float32)
        vectors[np.concatenate(row_batches)] = np.concatenate(encoded)
        return unit(vectors)


class _Pipeline(torch.nn.Module):  # type: ignore[misc]  # torch is not looked into
    """The modules of a model, one after another, from tokens to a text's vector."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.words = model[0].embedding if hasattr(model[0], "embedding") else None
        self.stages = torch.nn.ModuleList(model.children() if self.words is None else list(model.children())[1:])
        self.dimensions = model.truncate_dim
        self.is_mean = _is_mean(list(self.stages), reads_words=self.words is not None)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Return (texts, dimensions), with the parts if there are any; ids and mask are each (texts, longest)."""
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        parts = torch.zeros(0)
        if self.words is None:
            features["token_type_ids"] = torch.zeros_like(input_ids)
        else:  # the library packs an average of words otherwise, without padding
            word_vectors = torch.nn.functional.embedding(input_ids, self.words.weight)
            parts = _shares(word_vectors, attention_mask)
            features["sentence_embedding"] = parts.sum(1)
        for stage in self.stages:
            features = stage(features)
            if self.is_mean:
                parts = _parts_after(stage, features, parts)
        vectors = features["sentence_embedding"][:, : self.dimensions]
        return (vectors, parts[:, :, : self.dimensions]) if self.is_mean else vectors


def _is_mean(stages: Sequence[torch.nn.Module], *, reads_words: bool) -> bool:
    """Tell whether a text's vector is a sum over its tokens: a mean, then only linear stages and scaling."""
    if not reads_words:
        _, pooling, *stages = stages
        if type(pooling) is not Pooling or pooling.pooling_mode != "mean" or not pooling.include_prompt:
            return False
    return all(_is_linear(stage) for stage in stages)


def _is_linear(stage: torch.nn.Module) -> bool:
    if type(stage) is Dense and (stage.use_residual or type(stage.activation_function) is not torch.nn.Identity):
        return False
    if type(stage) in (Dense, Normalize):
        return {stage.module_input_name, stage.module_output_name} == {"sentence_embedding"}
    return type(stage) is Dropout


def _parts_after(stage: torch.nn.Module, features: Mapping[str, torch.Tensor], parts: torch.Tensor) -> torch.Tensor:
    """Return what each token adds to the text's vector after a stage."""
    if type(stage) is Pooling:
        return _shares(features["token_embeddings"], features["attention_mask"])
    if type(stage) is Normalize:
        return parts / parts.sum(1, keepdim=True).norm(dim=-1, keepdim=True).clamp(min=1e-12)
    if type(stage) is Dense:
        moved = torch.nn.functional.linear(parts, stage.linear.weight)
        return moved if stage.linear.bias is None else torch.cat([moved[:, :-1], moved[:, -1:] + stage.linear.bias], 1)
    return parts


def _shares(vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return what each token adds to the mean, (texts, longest + 1, dimensions), with a row of zeros at the end."""
    counted = mask.unsqueeze(-1).to(vectors.dtype)
    shares = vectors * counted / counted.sum(1, keepdim=True).clamp(min=1)
    return torch.nn.functional.pad(shares, (0, 0, 0, 1))


def _limit_tokens(model: SentenceTransformer) -> int:
    """Return how many tokens the model reads, and set it as its limit: some name more than they have positions for."""
    transformer = getattr(model[0], "auto_model", None)
    if transformer is None:  # an average of words reads them all
        return _TOKENS_WITHOUT_LIMIT
    table = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    if isinstance(table, torch.nn.Embedding):
        positions = table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    else:
        positions = getattr(transformer.config, "max_position_embeddings", None)
    limits = [limit for limit in (model.max_seq_length, positions) if limit is not None and 0 < limit < _NO_LIMIT]
    limit = int(min(limits, default=_TOKENS_WITHOUT_LIMIT))
    model.max_seq_length = limit
    return limit


def _load(path: Path, device: str) -> SentenceTransformer:
    try:
        with _offline(), quiet() as messages:
            model = SentenceTransformer(
                str(path),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": torch.float32, "use_safetensors": True},
            )
    except Exception as error:  # whatever a library raises here is about these files
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise EncoderError(f"the model in {path} cannot be loaded: {reason}", "choose another model") from error
    if missing := sorted(set(_MISSING.findall("\n".join(messages)))):
        raise EncoderError(
            f"the weights in {path} lack {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}",
            "fetch the model again, or choose another",
        )
    return model.float().eval()


@contextmanager
def _exclusively() -> Iterator[None]:
    """Let no other thread use the model meanwhile."""
    with _encoding:
        if os.getpid() != _LOADED_IN:
            torch.set_num_threads(1)
        yield


@contextmanager
def _offline() -> Iterator[None]:
    """Let no library ask the network about local files, and restore the program's own setting afterwards."""
    saved = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = saved


class _MessageCollector(logging.Handler):
    """Keeps the messages that are logged, and passes none on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep progress bars, reports and warnings off the terminal, and yield the messages that the libraries log."""
    collector = _MessageCollector()
    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    saved = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [collector], False
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield collector.messages
    finally:
        for logger, handlers, propagate, level in saved:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
