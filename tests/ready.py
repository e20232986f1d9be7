"""What tests of ready models share: texts, and ways to look at what is kept."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from semsearch.encoders import load_encoder
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.models import open_model
from semsearch.ports import Matrix
from semsearch.types import Precision
from tests.lazily import transformer

TEXTS = [
    "The mayor opens the bridge over the river.",
    "",
    "Storm and flood: the harbour was closed on Monday, and the trains stood still!",
    "a",
    "Die Bürgermeisterin eröffnet die Brücke – endlich.",
    "The council vote on the school budget. " * 5,
]
FILES = {
    "mean": ("ready.json", "tokens.json"),
    "words": ("model.bin", "model.xml", "ready.json", "tokens.json"),
}
"""What is kept of a model: of one that torch has to trace, the network, too."""

Notices = Callable[[], list[str]]


def loaded(model: Path) -> Matrix:
    """Load a compiled model and let it read."""
    encoder = load_encoder(str(model), Precision.F32)
    assert isinstance(encoder, CompiledEncoder)
    return encoder.encode_passages(TEXTS)


def truth(model: Path) -> Matrix:
    return transformer.TransformerEncoder(open_model(str(model))).encode_passages(TEXTS)


def the_one(home: Path) -> Path:
    """Return the only folder of a ready model, which is all there is but locks."""
    [folder] = [path for path in (home / "encoders").iterdir() if path.suffix != ".lock"]
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def vectors_in(index: Path) -> dict[str, Matrix]:
    """Return each segment's vectors."""
    return {path.parent.name: np.load(path) for path in index.glob("segments/*/vectors.npy")}


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
