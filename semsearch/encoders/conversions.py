"""A compiled encoder from a model's folder: how it is made, compared with the model, and kept.

There are two ways. A network of BERT's family is made from the model's own tensors, without torch, which takes a second
or two; only its tokenizer is kept. Any other model is traced by torch, and the network is kept, too.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from semsearch.encoders import agreement
from semsearch.encoders.agreement import Agreement, Vectors
from semsearch.encoders.bert import WORD_TABLE, SentenceModel, UnknownModelError, read_model
from semsearch.encoders.bert_graph import sentence_network
from semsearch.encoders.bert_tokenizers import read_tokenizer
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.geometry import Geometry
from semsearch.encoders.model_files import ModelFolder, verify_weights, weights_are_whole
from semsearch.encoders.references import reference_of
from semsearch.encoders.runtime import ConversionError, convert, read_network
from semsearch.encoders.tensors import Rows
from semsearch.encoders.tokens import TOKENS, Tokens, write_tokens
from semsearch.errors import EncoderError
from semsearch.threads import threads

if TYPE_CHECKING:
    from semsearch.encoders.transformer import TransformerEncoder

MODEL, WEIGHTS = "model.xml", "model.bin"
"""The files of a traced network."""

LEAST_COSINE = 0.999
"""Least cosine of a text's two vectors; a compiled model that falls below it for any text is refused."""

FURTHEST_F32 = 1e-5
"""Largest difference of two numbers, for a model that promises float32."""

Facts = dict[str, Any]
"""What is kept of a ready model beside its files: _NAMES, and its geometry."""

_NAMES = frozenset(("traced", "dimensions", "max_tokens", "most_read", "overhead_tokens", "padding", "is_mean"))

_LOG = logging.getLogger(__name__)


class RefusedError(Exception):
    """A model cannot be compiled, or its vectors are not those of the model; the message says why."""


class Converted(NamedTuple):
    """A model that was made ready."""

    facts: Facts  # what is kept of it, beside its files
    encoder: CompiledEncoder | None  # already open, where it reads none of these files


def convert_model(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Converted:
    """Compile a model, compare it, and write what is kept of it into an empty folder.

    Raises:
        RefusedError: it cannot be compiled, or its vectors differ.
        EncoderError: the model cannot be used at all.
        OSError: the files cannot be written.
    """
    verify_weights(model)
    try:
        return _from_tensors(model, folder, bfloat16=bfloat16)
    except UnknownModelError as error:
        _LOG.debug("%s is read by torch: %s", model.name, error)
        return Converted(_from_torch(model, folder, bfloat16=bfloat16), None)


def is_complete(facts: Mapping[str, Any]) -> bool:
    """Tell whether a ready model has all facts that it is opened with; another version may have kept fewer."""
    try:
        Geometry.from_dict(facts["geometry"])
    except (KeyError, TypeError, ValueError):
        return False
    return facts.keys() >= _NAMES


def open_converted(
    model: ModelFolder, folder: Path, facts: Facts, are_whole: Callable[..., bool], *, bfloat16: bool
) -> CompiledEncoder:
    """Open what `convert_model` has written.

    Args:
        are_whole: tells whether files of these names in the folder are what was written.

    Raises:
        UnknownModelError: the model's folder is not what it was.
    """
    tokens = Tokens.opened(folder, partial(are_whole, TOKENS))
    if not facts["traced"]:
        return _encoder_of_tensors(model, read_model(model), tokens, facts, bfloat16=bfloat16)
    load, is_whole = partial(read_network, folder / MODEL), partial(are_whole, MODEL, WEIGHTS)
    return CompiledEncoder(model, load, tokens, facts, is_whole, bfloat16=bfloat16, threads=threads())


def _encoder_of_tensors(
    model: ModelFolder, sentences: SentenceModel, tokens: Tokens, facts: Facts, *, bfloat16: bool
) -> CompiledEncoder:
    """Return the encoder whose network is made from a model's own tensors."""
    load, is_whole = partial(sentence_network, sentences), partial(weights_are_whole, model)
    word_rows = Rows(sentences.bert.tensors[WORD_TABLE])
    return CompiledEncoder(model, load, tokens, facts, is_whole, word_rows, bfloat16=bfloat16, threads=threads())


def _from_tensors(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Converted:
    """Make a network from the model's own tensors.

    It is compared with the vectors of sentence-transformers, if the package has those of this model. Otherwise bfloat16
    is compared with float32, and float32 with itself: texts read one by one and in batches.
    """
    sentences = read_model(model)
    tokenizer, padding = read_tokenizer(sentences.bert)
    tokens = Tokens.of(tokenizer, special=True)
    overhead = tokens.special + tokens.count([model.passage_prefix])[0]
    if overhead >= sentences.max_tokens:
        raise UnknownModelError("no room for a text")  # which torch's encoder says better
    write_tokens(tokenizer, folder, special=True)
    facts: Facts = {
        "traced": False,
        "dimensions": sentences.dimensions,
        "max_tokens": sentences.max_tokens,
        "most_read": sentences.max_tokens,
        "overhead_tokens": overhead,
        "padding": padding,
        "is_mean": sentences.is_mean,
    }

    encoder_with = partial(_encoder_of_tensors, model, sentences, tokens, facts)
    candidate = encoder_with(bfloat16=bfloat16)
    if expected := reference_of(model):
        nearness = _checked_nearness(expected, candidate, bfloat16=bfloat16)
        return Converted(facts | {"agreement": asdict(nearness)}, candidate)
    with _refusing_failures():
        exact = agreement.vectors_of(encoder_with(bfloat16=False)) if bfloat16 else agreement.one_by_one(candidate)
    _checked_nearness(exact, candidate, bfloat16=bfloat16)
    if sentences.is_mean and not agreement.adds_up(candidate):
        return Converted({**facts, "is_mean": False}, None)
    return Converted(facts, candidate)


def _always_whole(*_names: str) -> bool:
    """Return True: the files have just been written."""
    return True


def _from_torch(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Facts:
    """Trace a model as torch runs it; if that is refused, with attention computed step by step."""
    from semsearch.encoders.transformer import TransformerEncoder

    oracle = TransformerEncoder(model)
    write_tokens(oracle.tokenizer, folder, special=not oracle.averages_words)
    try:
        return _convert_traced(model, folder, oracle, bfloat16=bfloat16)
    except RefusedError:
        if not oracle.attend_step_by_step():
            raise
        return _convert_traced(model, folder, oracle, bfloat16=bfloat16)


def _convert_traced(model: ModelFolder, folder: Path, oracle: "TransformerEncoder", *, bfloat16: bool) -> Facts:
    """Trace an encoder as it is set up, and compare the two."""
    from semsearch.encoders.transformer import quiet

    for name in (MODEL, WEIGHTS):
        (folder / name).unlink(missing_ok=True)  # an earlier attempt's, which may still be mapped
    try:
        with quiet():  # a trace warns of Python values in it: the comparison below sees to that
            convert(*oracle.traceable(), folder / MODEL, halved=bfloat16)
    except ConversionError as error:
        raise RefusedError(f"OpenVINO: {error}") from error
    facts: Facts = {
        "traced": True,
        "dimensions": oracle.identity.dimensions,
        "max_tokens": oracle.max_tokens,
        "most_read": oracle.most_read,
        "overhead_tokens": oracle.overhead_tokens,
        "padding": oracle.padding,
        "is_mean": oracle.is_mean,
    }
    candidate = open_converted(model, folder, facts, _always_whole, bfloat16=bfloat16)
    nearness = _checked_nearness(agreement.vectors_of(oracle), candidate, bfloat16=bfloat16)
    explains = oracle.is_mean and agreement.adds_up(candidate)
    return {**facts, "is_mean": explains, "agreement": asdict(nearness)}


def _checked_nearness(expected: Vectors, candidate: CompiledEncoder, *, bfloat16: bool) -> Agreement:
    """Return how near an encoder comes to the expected vectors; raise RefusedError if that is not near enough."""
    with _refusing_failures():
        nearness = agreement.compare(expected, candidate)
    if nearness.least < LEAST_COSINE or (not bfloat16 and nearness.furthest > FURTHEST_F32):
        raise RefusedError(
            f"its vectors differ from the model's: cosine {nearness.least:.5f} at worst, {nearness.furthest:.1e} apart"
        )
    return nearness


@contextmanager
def _refusing_failures() -> Iterator[None]:
    """Turn an EncoderError of a compiled model that cannot be run into a RefusedError."""
    try:
        yield
    except EncoderError as error:
        raise RefusedError(f"once compiled, {error}") from error
