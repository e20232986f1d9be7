"""A model's folder -> a compiled encoder that was compared, and what is kept of it.

There are two ways. A network of BERT's family is made from the model's own tensors, without torch, which takes a second
or two; what is kept is its tokenizer. Any other model is traced by torch, and the network is kept, too.
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
from semsearch.encoders.bert import SentenceModel, UnknownModelError, read_model
from semsearch.encoders.bert_graph import sentence_network
from semsearch.encoders.bert_tokenizers import read_tokenizer
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.geometry import Geometry
from semsearch.encoders.model_files import ModelFolder, verify_weights, weights_are_whole
from semsearch.encoders.references import reference_of
from semsearch.encoders.runtime import ConversionError, convert, stored
from semsearch.encoders.tensors import Rows
from semsearch.encoders.tokens import TOKENS, Tokens, write_tokens
from semsearch.errors import EncoderError
from semsearch.threads import threads

if TYPE_CHECKING:
    from semsearch.encoders.transformer import TransformerEncoder

MODEL, WEIGHTS = "model.xml", "model.bin"
"""Files of a network that was traced."""

LEAST_COSINE = 0.999
"""Between the two vectors of a text. A compiled model that falls below it for any text is refused."""

FURTHEST_F32 = 1e-5
"""Between two numbers, for a model that promises float32."""

Facts = dict[str, Any]
"""What is kept of a ready model beside its files: these, and its geometry."""

_NAMES = frozenset(("traced", "dimensions", "max_tokens", "most_read", "overhead_tokens", "padding", "is_mean"))

_LOG = logging.getLogger(__name__)


class RefusedError(Exception):
    """A model cannot be compiled, or its vectors are not the model's; the message says why."""


class Converted(NamedTuple):
    """A model that was made ready."""

    facts: Facts  # what is kept of it, beside its files
    encoder: CompiledEncoder | None  # opened, where it reads none of these files


def convert_model(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Converted:
    """Compile a model, compare it, and write what is kept of it into an empty folder.

    Raises:
        RefusedError: it will not do.
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
    """Say whether a ready model has all facts that it is opened with: another version may have kept fewer."""
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
        are_whole: says whether files of these names in the folder are what was written.

    Raises:
        UnknownModelError: the model's folder is not what it was.
    """
    tokens = Tokens.opened(folder, partial(are_whole, TOKENS))
    if not facts["traced"]:
        return _own_network(model, read_model(model), tokens, facts, bfloat16=bfloat16)
    load, is_whole = partial(stored, folder / MODEL), partial(are_whole, MODEL, WEIGHTS)
    return CompiledEncoder(model, load, tokens, facts, is_whole, bfloat16=bfloat16, threads=threads())


def _own_network(
    model: ModelFolder, sentences: SentenceModel, tokens: Tokens, facts: Facts, *, bfloat16: bool
) -> CompiledEncoder:
    """Run a network that is made of a model's tensors."""
    load, is_whole = partial(sentence_network, sentences), partial(weights_are_whole, model)
    words = Rows(sentences.bert.tensors["embeddings.word_embeddings.weight"])
    return CompiledEncoder(model, load, tokens, facts, is_whole, words, bfloat16=bfloat16, threads=threads())


def _from_tensors(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Converted:
    """Make a network of the model's own tensors.

    It is compared with the vectors that sentence-transformers gave, where those of this model travel with the package;
    else bfloat16 is compared with float32, and float32 with itself, each text alone and beside others.
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

    opened = partial(_own_network, model, sentences, tokens, facts)
    candidate = opened(bfloat16=bfloat16)
    if expected := reference_of(model):
        return Converted(facts | {"agreement": asdict(_compared(expected, candidate, bfloat16=bfloat16))}, candidate)
    with _refusing():
        other = agreement.vectors_of(opened(bfloat16=False)) if bfloat16 else agreement.alone(candidate)
    _compared(other, candidate, bfloat16=bfloat16)
    if sentences.is_mean and not agreement.adds_up(candidate):
        return Converted({**facts, "is_mean": False}, None)
    return Converted(facts, candidate)


def _unread(*_names: str) -> bool:
    """Say that files are whole: they have just been written."""
    return True


def _from_torch(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Facts:
    """Trace a model as torch runs it, in another way where the first will not do."""
    from semsearch.encoders.transformer import TransformerEncoder

    oracle = TransformerEncoder(model)
    write_tokens(oracle.tokenizer, folder, special=not oracle.averages_words)
    try:
        return _traced(model, folder, oracle, bfloat16=bfloat16)
    except RefusedError:
        if not oracle.attend_step_by_step():
            raise
        return _traced(model, folder, oracle, bfloat16=bfloat16)


def _traced(model: ModelFolder, folder: Path, oracle: "TransformerEncoder", *, bfloat16: bool) -> Facts:
    """Convert an encoder as it is set up, and compare the two."""
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
    candidate = open_converted(model, folder, facts, _unread, bfloat16=bfloat16)
    found = _compared(agreement.vectors_of(oracle), candidate, bfloat16=bfloat16)
    explains = oracle.is_mean and agreement.adds_up(candidate)
    return {**facts, "is_mean": explains, "agreement": asdict(found)}


def _compared(expected: Vectors, candidate: CompiledEncoder, *, bfloat16: bool) -> Agreement:
    """Return how near an encoder comes to the vectors that it should give; raise RefusedError where not near enough."""
    with _refusing():
        found = agreement.compare(expected, candidate)
    if found.least < LEAST_COSINE or (not bfloat16 and found.furthest > FURTHEST_F32):
        raise RefusedError(
            f"its vectors differ from the model's: cosine {found.least:.5f} at worst, {found.furthest:.1e} apart"
        )
    return found


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse a compiled model that cannot be run."""
    try:
        yield
    except EncoderError as error:
        raise RefusedError(f"once compiled, {error}") from error
