"""What a folder with a sentence-transformers model holds: whether it is safe to load, and which model it is."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from semsearch.encoders.digests import digest_of
from semsearch.errors import EncoderError
from semsearch.files import canonical_json, linked_seal_of

MODULES = "modules.json"
_CARD = "README.md"
_WEIGHTS = "model.safetensors"
_WEIGHTS_SUFFIX = ".safetensors"
_SHARDS = "model.safetensors.index.json"
_TOKENIZER = "tokenizer.json"  # where it is there, vocab.txt and its like are not read
_SETTINGS = "config_sentence_transformers.json"
_LIMITS = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
_CONFIGURATION = ("config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", *_LIMITS)

_MODEL_TYPE = "SentenceTransformer"  # the library can turn other types into one, guessing what they lack
_WITH_WEIGHTS = {"Transformer", "StaticEmbedding", "Dense", "LayerNorm"}
_KINDS = _WITH_WEIGHTS | {"Pooling", "Normalize", "Dropout"}
"""Classes of sentence-transformers that read text and run no code but the library's own."""

_HISTORY = {
    "_name_or_path", "name_or_path", "transformers_version", "__version__", "dtype", "torch_dtype",
    "similarity_fn_name", "is_local", "local_files_only",
}  # fmt: skip
"""Keys that say where a model comes from or how it was stored, not what it computes; it always computes in float32."""

_LIBRARY_ARGUMENTS = (
    "model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs",
    "tokenizer_name_or_path", "query_expansion",
)  # fmt: skip

POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}

_FOR_SEARCHING = "Represent this sentence for searching relevant passages: "
_FAMILIES = tuple(
    (re.compile(pattern), prefixes)
    for pattern, prefixes in (
        (r"^(multilingual-)?e5-(small|base|large)(-unsupervised|-v2)?$", ("query: ", "passage: ")),
        (r"^bge-(small|base|large)-en", (_FOR_SEARCHING, "")),
        (r"^bge-(small|base|large)-zh", ("为这个句子生成表示以用于检索相关文章：", "")),
        (r"^snowflake-arctic-embed-(m|l)-v2", ("query: ", "")),
        (r"^snowflake-arctic-embed-", (_FOR_SEARCHING, "")),
        (r"^nomic-embed-text-", ("search_query: ", "search_document: ")),
    )
)
"""By the last part of a model's name: what its makers put before queries and passages, where its folder does not say.
Models whose makers use nothing, such as gte and bge-m3, are not listed."""

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*$", re.DOTALL | re.MULTILINE)
_LANGUAGE = re.compile(r"([a-z]{2,3})([-_].*)?")
_ANY_LANGUAGE = {"multilingual", "mul"}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model whose files may be loaded: plain tensors, the library's own classes, text alone."""

    path: Path
    name: str  # as a user may name it again
    files: Mapping[str, str]  # path in the folder -> SHA-256, of every file that changes a vector
    pooling: str  # "mean", "cls", "cls+mean", …; "mean" for a model that averages words
    query_prefix: str
    passage_prefix: str
    languages: frozenset[str] | None  # BCP 47 primary tags; None if the card does not say, or says "multilingual"

    @property
    def digest(self) -> str:
        """SHA-256 over the names and hashes of its files, which tells this model from every other in any place."""
        listing = "".join(f"{name}\0{sha256}\n" for name, sha256 in sorted(self.files.items()))
        return hashlib.sha256(listing.encode()).hexdigest()


def read_folder(path: Path, name: str, *, has_card: bool = True) -> ModelFolder:
    """Read everything about a model except its tensors, which are only hashed.

    Args:
        path: the folder.
        name: of the model, as a user may name it again.
        has_card: whether to read in its card which languages it reads; this takes longer than everything else.

    Raises:
        EncoderError: it is not a model, is damaged, or could not be loaded without running its own code or a pickle.
    """
    try:
        modules = _modules(path)
        for kind, folder in modules:
            _check_module(path, kind, folder)
        files = {file: _hash(path / file) for folder in module_folders(path) for file in _files(path, folder)}
        settings = _json_object(path / _SETTINGS)
        if (model_type := settings.get("model_type") or _MODEL_TYPE) != _MODEL_TYPE:
            raise EncoderError(f"{path} is a {model_type}: it gives no one vector a text", "choose another model")
        query_prefix, passage_prefix = _prefixes(settings, name)
        if any(effective := (query_prefix, passage_prefix, settings.get("truncate_dim"))):
            files[_SETTINGS] = _hash_json(effective)  # the rest of it is for other uses of the model
        pooling = next(
            (_json_object(path / folder / "config.json") for kind, folder in modules if kind == "Pooling"), {}
        )
        languages = _languages(path / _CARD) if has_card else None
        return ModelFolder(path, name, files, _pooling(pooling), query_prefix, passage_prefix, languages)
    except OSError as error:
        raise EncoderError(
            f"the model in {path} cannot be read: {error.filename}: {error.strerror}", "check the folder's permissions"
        ) from error
    except (AttributeError, KeyError, TypeError) as error:  # valid JSON of another shape than every model's
        raise _damaged_error(path, f"a configuration is not of the usual form ({error})") from error


def module_folders(path: Path) -> list[str]:
    """Return the folders that hold a model's modules, within its own folder, which is "."; raises EncoderError."""
    return sorted({".", *(folder for _, folder in _modules(path))})


def verify_weights(model: ModelFolder) -> None:
    """Hash all tensors once more before they are used; raises EncoderError if they have changed."""
    for name, sha256 in model.files.items():
        if name.endswith(_WEIGHTS_SUFFIX) and linked_seal_of(model.path / name).sha256 != sha256:
            raise _damaged_error(model.path / name, "it is not what it was when it was last looked at")


def weights_are_whole(model: ModelFolder) -> bool:
    """Tell whether all tensors are what they were when the folder was read; all of them are hashed."""
    try:
        verify_weights(model)
    except (EncoderError, OSError):
        return False
    return True


def _modules(path: Path) -> list[tuple[str, str]]:
    """Return each module's class and folder, in order."""
    listing = path / MODULES
    if not listing.is_file():
        raise EncoderError(f"{path} is not a sentence-transformers model: it has no {MODULES}", _resave(path))
    modules = []
    for module in _json(listing):
        package, _, kind = str(module["type"]).rpartition(".")
        folder = PurePosixPath(module["path"])
        if kind not in _KINDS or package.partition(".")[0] != "sentence_transformers":
            raise EncoderError(
                f"{listing} asks for a module of type {module['type']!r}, which may need code of the model's own",
                f"choose a model made of {', '.join(sorted(_KINDS))}",
            )
        if folder.is_absolute() or ".." in folder.parts:
            raise _damaged_error(listing, f"the path {module['path']!r} leads out of the folder")
        modules.append((kind, str(folder)))
    if not modules or modules[0][0] not in ("Transformer", "StaticEmbedding"):
        raise _damaged_error(listing, "its first module reads no text")
    return modules


def _check_module(path: Path, kind: str, folder: str) -> None:
    """Refuse a module that would run a pickle, needs files from elsewhere, or reads more than text."""
    module_path = path / folder
    if kind in _WITH_WEIGHTS and not any((module_path / name).is_file() for name in (_WEIGHTS, _SHARDS)):
        raise EncoderError(
            f"{module_path} has no {_WEIGHTS}; weights in other files are not read, because a pickle can run code",
            _resave(path),
        )
    if kind in ("Transformer", "StaticEmbedding") and not (module_path / _TOKENIZER).is_file():
        raise EncoderError(f"{module_path} has no {_TOKENIZER}", _resave(path))
    settings = _json_object(module_path / "config.json")
    if kind == "Dense" and not str(settings.get("activation_function", "torch.nn.")).startswith("torch.nn."):
        raise EncoderError(
            f"{module_path / 'config.json'} asks for the activation {settings['activation_function']!r}, "
            "not one of torch's",
            "choose a model that needs no code of its own",
        )
    if kind != "Transformer":
        return
    if (module_path / "adapter_config.json").exists() or "transformers_weights" in settings:
        raise EncoderError(f"{module_path} holds an adapter of another model", _resave(path))
    for limits in (_json_object(module_path / name) for name in _LIMITS):
        arguments = [key for key in _LIBRARY_ARGUMENTS if limits.get(key)]
        if arguments or limits.get("transformer_task", "feature-extraction") != "feature-extraction":
            names = ", ".join(arguments) or "transformer_task"
            raise EncoderError(
                f"{module_path} sets {names}, which may need code of the model's own",
                "choose a model that needs no code of its own",
            )
        if set(limits.get("modality_config", ())) - {"text"}:
            raise EncoderError(f"{module_path} reads more than plain text", "choose a model for text alone")


def _files(path: Path, folder: str) -> Iterator[str]:
    """Yield the files of one module's folder that change a vector, as paths in the model's folder."""
    names = [MODULES, _TOKENIZER, *_CONFIGURATION]
    if (path / folder / _WEIGHTS).exists():
        names.append(_WEIGHTS)
    elif (path / folder / _SHARDS).exists():
        names += [_SHARDS, *_shards(path / folder / _SHARDS)]
    for name in names:
        if (path / folder / name).exists():
            yield str(PurePosixPath(folder, name))


def _shards(index_path: Path) -> list[str]:
    shard_names = set(_json_object(index_path).get("weight_map", {}).values())
    for name in shard_names:
        if not isinstance(name, str) or not name.endswith(".safetensors") or PurePosixPath(name).name != name:
            raise _damaged_error(index_path, f"it names {name!r}, which is not a file of tensors beside it")
        if not (index_path.parent / name).is_file():
            raise _damaged_error(index_path, f"it names {name}, which is not there")
    return sorted(shard_names)


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file: of tensors and vocabulary by their bytes, of a configuration by what it says."""
    if path.suffix != ".json" or path.name == _TOKENIZER:
        return digest_of(path)
    content = _json(path)
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key not in _HISTORY}
    return _hash_json(content)


def _hash_json(content: object) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _prefixes(settings: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return what is put before queries and before passages, by the names that sentence-transformers looks for.

    An empty prompt counts as none: the library writes empty ones beside a model's own when it saves. Where there is
    none at all, the model's name tells which prefixes it was trained with.
    """
    prompts = settings.get("prompts") or {}
    default = prompts.get(settings.get("default_prompt_name"))
    query, passage = (
        next((prompts[name] for name in names if prompts.get(name)), default) or ""
        for names in (("query",), ("document", "passage", "corpus"))
    )
    if not isinstance(query, str) or not isinstance(passage, str):
        raise TypeError("a prompt is not a text")
    if query or passage:
        return query, passage
    last_part = name.replace("\\", "/").rpartition("/")[2].lower()
    return next((prefixes for family, prefixes in _FAMILIES if family.search(last_part)), ("", ""))


def _pooling(settings: Mapping[str, Any]) -> str:
    stated_mode = settings.get("pooling_mode")
    modes = [stated_mode] if isinstance(stated_mode, str) else stated_mode
    modes = modes or [mode for flag, mode in POOLING_FLAGS.items() if settings.get(flag)]
    return "+".join(modes or ["mean"])


def _languages(card: Path) -> frozenset[str] | None:
    """Return the languages in the front matter of a model card; None if it does not say, or says all."""
    front_matter = _FRONT_MATTER.match(card.read_text("utf-8", "replace")) if card.is_file() else None
    if front_matter is None:
        return None
    import yaml  # here, for few models have a card to read

    try:
        header = yaml.load(front_matter[1], Loader=yaml.BaseLoader)  # noqa: S506  makes strings alone: "no" is Norwegian
    except yaml.YAMLError:
        return None
    stated = header.get("language") if isinstance(header, dict) else None
    tags = [str(tag).lower() for tag in (stated if isinstance(stated, list) else [stated or ""])]
    if _ANY_LANGUAGE & set(tags):
        return None
    return frozenset(match[1] for tag in tags if (match := _LANGUAGE.fullmatch(tag))) or None


def _json_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; {} if there is no file."""
    if not path.is_file():
        return {}
    content = _json(path)
    if not isinstance(content, dict):
        raise _damaged_error(path, "it is not a JSON object")
    return content


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _damaged_error(path, str(error)) from error


def _damaged_error(path: Path, why: str) -> EncoderError:
    return EncoderError(f"{path} is damaged: {why}", "fetch the model again, or choose another")


def _resave(path: Path) -> str:
    return (
        "if you trust its maker, save it anew in the form that is read here: python -c "
        f"\"from sentence_transformers import SentenceTransformer as S; S('{path}').save('converted-model')\""
    )
