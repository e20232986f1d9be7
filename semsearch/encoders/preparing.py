"""A model's folder -> the quickest encoder that agrees with it: compiled once and kept, or torch where that fails."""

import importlib
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semsearch.encoders import shelf
from semsearch.encoders.centring import centred
from semsearch.encoders.geometry import geometry_of
from semsearch.encoders.model_files import ModelFolder, verify_weights
from semsearch.errors import EncoderError
from semsearch.ports import Encoder
from semsearch.threads import threads
from semsearch.types import Precision

if TYPE_CHECKING:
    from semsearch.encoders.compiled import CompiledEncoder
    from semsearch.encoders.transformer import TransformerEncoder

LEAST_COSINE = 0.999
"""Between the two vectors of a text. A compiled model that falls below it for any text is refused."""

FURTHEST_F32 = 1e-5
"""Between two numbers, for a model that promises float32."""

_CARDS = tuple(map(Path, ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")))
_LOG = logging.getLogger(__name__)


def ready_encoder(model: ModelFolder, precision: Precision) -> Encoder:
    """Return an encoder for a model, made ready first where that was not done yet.

    Torch serves where the model cannot be compiled, and encodes many passages where there is a graphics card.
    """
    try:
        compiled = next(filter(None, (_compiled(model, key) for key in _keys(model, precision))), None)
    except OSError as error:
        _LOG.warning("nothing can be written (%s): the model runs by torch", error.strerror or error)
        compiled = None
    if compiled is None:
        encoder = _torch(model)
        geometry = geometry_of(model, encoder)
        encoder.cosines = geometry.cosines
        return centred(encoder, geometry)
    return centred(_with_card(model, compiled), compiled.geometry)


def _with_card(model: ModelFolder, compiled: "CompiledEncoder") -> Encoder:
    if not may_have_card():
        return compiled
    from semsearch.encoders.graphics import CardEncoder

    return CardEncoder(compiled, lambda: _on_card(model) or compiled)


def prepare(model: ModelFolder, precision: Precision) -> shelf.Ready | None:
    """Make a model ready unless it is, and return what is kept of it; None where nothing can be compiled here.

    Raises:
        EncoderError: nothing can be kept.
    """
    ready = None
    for key in _keys(model, precision):
        ready = shelf.find(key)
        if ready is None or not ready.is_whole():
            ready = _make(model, key, lasting=True)
        if not ready.refused:
            break
    return ready


def load_early() -> None:
    """Import the runtime in the background: there is time while a model's weights are hashed."""
    threading.Thread(target=_import_runtime).start()


def _import_runtime() -> None:
    with suppress(ImportError):  # which is told when it matters
        importlib.import_module("semsearch.encoders.compiled")


def may_have_card() -> bool:
    """Say whether this machine shows a graphics card that torch might use, without asking torch."""
    return any(card.exists() for card in _CARDS)


def _keys(model: ModelFolder, precision: Precision) -> list[shelf.Key]:
    """Return what a model may be kept under, the quickest first; nothing where nothing can be compiled."""
    try:
        from semsearch.encoders import runtime
    except ImportError as error:
        _LOG.warning("OpenVINO cannot be used here (%s): the model runs by torch, which starts slowly", error)
        return []
    if not runtime.can_compile():
        _LOG.warning(
            "this process was forked after its parent had loaded an encoder, so the model runs by torch, which is "
            "slower; load it before the fork, or start processes by spawn"
        )
        return []
    bfloat16 = precision is Precision.AUTO and runtime.has_bfloat16()
    kinds = ("bf16", "f32") if bfloat16 else ("f32",)
    return [shelf.Key(model.digest, kind, runtime.VERSION, runtime.CONVERSION) for kind in kinds]


def _compiled(model: ModelFolder, key: shelf.Key) -> "CompiledEncoder | None":
    """Open a ready model, made ready first if need be; None where it is refused."""
    if ready := shelf.find(key):
        if ready.refused:
            return None
        if encoder := _verified(model, ready):
            return encoder
        _LOG.warning("%s is damaged and is made again", ready.folder)
    ready = _make(model, key)
    return None if ready.refused else _opened(model, ready)


def _verified(model: ModelFolder, ready: shelf.Ready) -> "CompiledEncoder | None":
    from semsearch.encoders.compiled import MODEL, TOKENS, WEIGHTS

    if not ready.is_whole(MODEL, TOKENS):
        return None
    try:
        encoder = _opened(model, ready)
    except KeyError:  # the card lacks a fact
        return None
    return encoder if ready.is_whole(WEIGHTS) else None  # compared while the network is being compiled


def _opened(model: ModelFolder, ready: shelf.Ready) -> "CompiledEncoder":
    from semsearch.encoders.compiled import MODEL, WEIGHTS, CompiledEncoder

    bfloat16 = ready.key.precision == "bf16"
    is_whole = partial(ready.is_whole, MODEL, WEIGHTS)
    return CompiledEncoder(model, ready.folder, ready.facts, is_whole, bfloat16=bfloat16, threads=threads())


def _make(model: ModelFolder, key: shelf.Key, *, lasting: bool = False) -> shelf.Ready:
    bfloat16 = key.precision == "bf16"
    _LOG.info("preparing %s for this machine, once; this takes some seconds", model.name)
    ready = shelf.keep(key, model.name, partial(_made, model, key), lasting=lasting)
    if ready.refused and bfloat16:
        _LOG.info("%s cannot be compiled in bfloat16 (%s): float32 is tried", model.name, ready.refused)
    elif ready.refused:
        _LOG.warning("%s cannot be compiled (%s): it runs by torch, which is slower", model.name, ready.refused)
    return ready


def _made(model: ModelFolder, key: shelf.Key, folder: Path) -> Mapping[str, Any] | str:
    """Write a ready model and measure it, or return why it is refused."""
    from semsearch.encoders.compiled import CompiledEncoder

    bfloat16 = key.precision == "bf16"
    facts = _convert(model, folder, bfloat16=bfloat16)
    if isinstance(facts, str):
        return facts
    encoder = CompiledEncoder(model, folder, facts, lambda: True, bfloat16=bfloat16, threads=threads())
    return {**facts, "geometry": geometry_of(model, encoder).to_dict()}


def _convert(model: ModelFolder, folder: Path, *, bfloat16: bool) -> Mapping[str, Any] | str:
    """Write a ready model, or return why it is refused."""
    from semsearch.encoders.compiled import TOKENS
    from semsearch.encoders.transformer import TransformerEncoder

    verify_weights(model)
    oracle = TransformerEncoder(model)
    (folder / TOKENS).write_bytes(oracle.tokens.to_json())
    made = _converted(model, folder, oracle, bfloat16=bfloat16)
    if isinstance(made, str) and oracle.attend_step_by_step():
        again = _converted(model, folder, oracle, bfloat16=bfloat16)
        return made if isinstance(again, str) else again
    return made


def _converted(
    model: ModelFolder, folder: Path, oracle: "TransformerEncoder", *, bfloat16: bool
) -> Mapping[str, Any] | str:
    """Convert an encoder as it is set up, and compare the two: facts about it, or the reason why it will not do."""
    from semsearch.encoders import agreement, compiled, runtime
    from semsearch.encoders.transformer import quiet

    for name in (compiled.MODEL, compiled.WEIGHTS):
        (folder / name).unlink(missing_ok=True)  # an earlier attempt's, which may still be mapped
    try:
        with quiet():  # a trace warns of Python values in it: the comparison below sees to that
            runtime.convert(*oracle.traceable(), folder / compiled.MODEL, halved=bfloat16)
    except runtime.ConversionError as error:
        return f"OpenVINO: {error}"
    facts = {
        "dimensions": oracle.identity.dimensions,
        "max_tokens": oracle.max_tokens,
        "most_read": oracle.most_read,
        "overhead_tokens": oracle.overhead_tokens,
        "padding": oracle.padding,
        "is_mean": oracle.is_mean,
    }
    candidate = compiled.CompiledEncoder(model, folder, facts, lambda: True, bfloat16=bfloat16, threads=threads())
    try:
        found = agreement.compare(oracle, candidate)
    except EncoderError as error:
        return f"once compiled, {error}"
    if found.least < LEAST_COSINE or (not bfloat16 and found.furthest > FURTHEST_F32):
        return f"its vectors differ from the model's: cosine {found.least:.5f} at worst, {found.furthest:.1e} apart"
    return facts | {"is_mean": oracle.is_mean and agreement.adds_up(candidate), "agreement": asdict(found)}


def _on_card(model: ModelFolder) -> Encoder | None:
    from semsearch.encoders.transformer import has_card

    return _torch(model) if has_card() else None


def _torch(model: ModelFolder) -> "TransformerEncoder":
    from semsearch.encoders.transformer import TransformerEncoder, has_card

    verify_weights(model)
    return TransformerEncoder(model, on_card=has_card())
