"""The quickest encoder that agrees with a model: compiled once and kept, or torch where that fails."""

import importlib
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semsearch.encoders import shelf
from semsearch.encoders.centred import centred
from semsearch.encoders.geometry import Geometry, geometry_of
from semsearch.encoders.model_files import ModelFolder, verify_weights
from semsearch.ports import Encoder
from semsearch.types import Precision

if TYPE_CHECKING:
    from semsearch.encoders.compiled import CompiledEncoder
    from semsearch.encoders.transformer import TransformerEncoder

_CARDS = tuple(map(Path, ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")))
_LOG = logging.getLogger(__name__)


def ready_encoder(model: ModelFolder, precision: Precision) -> Encoder:
    """Return an encoder for a model, which is made ready first if it is not.

    Torch runs a model that cannot be compiled, and encodes many passages where there is a graphics card.
    """
    try:
        compiled = next(filter(None, (_compiled_encoder(model, key) for key in _keys(model, precision))), None)
    except OSError as error:
        _LOG.warning("nothing can be written (%s): the model runs by torch", error.strerror or error)
        compiled = None
    if compiled is None:
        encoder = _torch_encoder(model)
        geometry = geometry_of(model, encoder)
        encoder.measured(geometry)
        return centred(encoder, geometry)
    return centred(_with_card(model, compiled), compiled.geometry)


def _with_card(model: ModelFolder, compiled: "CompiledEncoder") -> Encoder:
    if not may_have_card():
        return compiled
    from semsearch.encoders.graphics import CardEncoder

    return CardEncoder(compiled, lambda: _card_encoder(model) or compiled)


def prepare(model: ModelFolder, precision: Precision) -> shelf.Ready | None:
    """Return a ready model, made ready if it is not; None if nothing can be compiled here.

    Raises:
        EncoderError: nothing can be kept.
    """
    ready = None
    for key in _keys(model, precision):
        from semsearch.encoders.conversions import is_complete

        ready = shelf.find(key, is_complete)
        if ready is None or not ready.is_whole():
            ready, _ = _make(model, key, lasting=True)
        if not ready.refused:
            break
    return ready


def load_early() -> None:
    """Import the runtime in the background, while a model's weights are hashed."""
    threading.Thread(target=_import_runtime).start()


def _import_runtime() -> None:
    with suppress(ImportError):  # reported when the runtime is needed
        importlib.import_module("semsearch.encoders.compiled")


def may_have_card() -> bool:
    """Tell whether this machine has a graphics card that torch might use, without asking torch."""
    return any(card.exists() for card in _CARDS)


def _keys(model: ModelFolder, precision: Precision) -> list[shelf.Key]:
    """Return the keys that a model may be kept under, the quickest first; none if nothing can be compiled."""
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


def _compiled_encoder(model: ModelFolder, key: shelf.Key) -> "CompiledEncoder | None":
    """Return an open model, made ready first if it is not; None if it is refused."""
    from semsearch.encoders.conversions import is_complete

    if ready := shelf.find(key, is_complete):
        if ready.refused:
            return None
        if encoder := _verified_encoder(model, ready):
            return encoder
        _LOG.warning("%s is damaged and is made again", ready.folder)
    ready, encoder = _make(model, key)
    return None if ready.refused else encoder or _open_ready(model, ready)


def _verified_encoder(model: ModelFolder, ready: shelf.Ready) -> "CompiledEncoder | None":
    """Return an open model if its files are whole; None if they are not."""
    from semsearch.encoders.bert import UnknownModelError
    from semsearch.encoders.conversions import WEIGHTS
    from semsearch.encoders.tokens import READ_FIRST, TOKENS

    weights = ready.files.keys() & {WEIGHTS}
    read_later = {TOKENS} if ready.files.keys() >= set(READ_FIRST) else set()
    if TOKENS not in ready.files or not ready.is_whole(*(ready.files.keys() - weights - read_later)):
        return None
    try:
        encoder = _open_ready(model, ready)
    except UnknownModelError:
        return None
    return encoder if not weights or ready.is_whole(*weights) else None  # compared while the network is being compiled


def _open_ready(model: ModelFolder, ready: shelf.Ready) -> "CompiledEncoder":
    from semsearch.encoders.conversions import open_converted

    bfloat16 = ready.key.precision == "bf16"
    encoder = open_converted(model, ready.folder, dict(ready.facts), ready.is_whole, bfloat16=bfloat16)
    encoder.set_geometry(Geometry.from_dict(ready.facts["geometry"]))
    return encoder


def _make(model: ModelFolder, key: shelf.Key, *, lasting: bool = False) -> "tuple[shelf.Ready, CompiledEncoder | None]":
    """Make a model ready; also return its encoder where it was opened to be compared."""
    from semsearch.encoders.conversions import RefusedError, convert_model, is_complete, open_converted

    bfloat16 = key.precision == "bf16"
    opened: list[CompiledEncoder | None] = [None]

    def make(folder: Path) -> Mapping[str, Any] | str:
        try:
            facts, opened[0] = convert_model(model, folder, bfloat16=bfloat16)
        except RefusedError as error:
            return str(error)
        encoder = opened[0] or open_converted(model, folder, facts, lambda *_: True, bfloat16=bfloat16)
        encoder.set_geometry(geometry_of(model, encoder))
        return {**facts, "geometry": encoder.geometry.to_dict()}

    _LOG.info("preparing %s for this machine, once; this takes some seconds", model.name)
    ready = shelf.keep(key, model.name, make, is_complete, lasting=lasting)
    if ready.refused and bfloat16:
        _LOG.info("%s cannot be compiled in bfloat16 (%s): float32 is tried", model.name, ready.refused)
    elif ready.refused:
        _LOG.warning("%s cannot be compiled (%s): it runs by torch, which is slower", model.name, ready.refused)
    return ready, opened[0]


def _card_encoder(model: ModelFolder) -> Encoder | None:
    from semsearch.encoders.transformer import has_card

    return _torch_encoder(model) if has_card() else None


def _torch_encoder(model: ModelFolder) -> "TransformerEncoder":
    from semsearch.encoders.transformer import TransformerEncoder, has_card

    verify_weights(model)
    return TransformerEncoder(model, on_card=has_card())
