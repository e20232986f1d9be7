"""Models of BERT's family, read from their folders as plain data: what the network is made of, and its tensors.

The family: BertModel, RobertaModel, XLMRobertaModel and CamembertModel in the folders of sentence-transformers, as
MiniLM, e5, bge and gte are. Anything unusual is refused: a wrong reading would silently give wrong vectors, and
sentence-transformers itself can run such a model.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from semsearch.encoders.model_files import POOLING_FLAGS, ModelFolder
from semsearch.encoders.tensors import Tensor, TensorError, read_tensors

_PREFIXES = {"bert": "bert.", "roberta": "roberta.", "xlm-roberta": "roberta.", "camembert": "roberta."}
"""By type of model: the prefix of its tensors' names in files that also have a head."""

_PADDING = {"bert": 0, "roberta": 1, "xlm-roberta": 1, "camembert": 1}  # unless the configuration says otherwise

_ERF, _TANH = "gelu", "gelu with tanh"
ACTIVATIONS = {
    "gelu": _ERF, "gelu_new": _TANH, "gelu_fast": _TANH, "gelu_pytorch_tanh": _TANH, "relu": "relu",
    "silu": "silu", "swish": "silu",
}  # fmt: skip
"""By name in a model's configuration: the activation after the first linear layer of each block."""

_DENSE_ACTIVATIONS = {
    "torch.nn.modules.linear.Identity": None,
    "torch.nn.Identity": None,
    "torch.nn.modules.activation.Tanh": "tanh",
    "torch.nn.Tanh": "tanh",
}

_POOLINGS = {"mean", "cls", "max", "mean_sqrt_len_tokens"}
_TASK = {
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
}
"""What sentence-transformers writes for a plain encoder of text."""

_PAIR_TASK = {
    "transformer_task": "sequence-classification",
    "modality_config": {"text": {"method": "forward", "method_output_name": "logits"}},
    "module_output_name": "scores",
}
"""What it writes for a plain cross-encoder."""

WORD_TABLE = "embeddings.word_embeddings.weight"
"""Name of the matrix that has a row for each token, (vocabulary, hidden)."""

_VECTOR = "sentence_embedding"
_NO_LIMIT = 1_000_000
"""Tokens. Libraries write "no limit" as a number beyond all sense."""


@dataclass(frozen=True, slots=True)
class Bert:
    """The transformer itself: embeddings and layers."""

    folder: Path  # of its files
    kind: str  # its type in the configuration: "bert", "xlm-roberta", …
    hidden: int
    layers: int
    heads: int
    epsilon: float  # of every normalisation of a layer
    activation: str  # one of ACTIVATIONS' values
    padding: int  # the token that has no position, where `counts_from_padding`
    positions: int  # the most tokens of a text that it has positions for
    tensors: Mapping[str, Tensor]  # by the name that BertModel gives them

    @property
    def counts_from_padding(self) -> bool:
        """Tell whether positions are numbered from the padding token's number plus one, and padding has none."""
        return self.kind != "bert"


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer over a text's vector."""

    weight: Tensor  # (out, in)
    bias: Tensor | None
    activation: str | None  # "tanh" or None


@dataclass(frozen=True, slots=True)
class Normalize:
    """Scaling a text's vector to length 1."""


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """A whole model, from tokens to a text's vector."""

    bert: Bert
    poolings: Sequence[str]  # how the tokens' vectors become one; the results of several are put side by side
    stages: Sequence[Dense | Normalize]  # after the pooling, in order
    dimensions: int  # of a text's vector, after `truncate_dim`
    max_tokens: int  # special ones included

    @property
    def is_mean(self) -> bool:
        """Tell whether a text's vector is a sum over its tokens: a mean, then only linear stages and scaling."""
        dense = (stage for stage in self.stages if isinstance(stage, Dense))
        return list(self.poolings) == ["mean"] and all(stage.activation is None for stage in dense)


@dataclass(frozen=True, slots=True)
class CrossModel:
    """A transformer that reads two texts, and the layers that make one number of its first token."""

    bert: Bert
    dense: Dense
    out: Dense
    kinds: int  # kinds of tokens: one for all, or one for each of the two texts
    max_tokens: int  # special ones included


class UnknownModelError(Exception):
    """A model is not of the family, or has something unknown."""


def read_model(model: ModelFolder) -> SentenceModel:
    """Read a model as it is in its folder; its tensors are mapped, not read.

    Raises:
        UnknownModelError: it is not of the family, is unusual, or lacks something.
        OSError: a file cannot be read.
    """
    try:
        return _read_sentence_model(model)
    except (TensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownModelError(f"its folder is not of the usual form ({error})") from error


def read_cross_model(folder: Path) -> CrossModel:
    """Read a cross-encoder's folder; its tensors are mapped, not read (raises as `read_model`)."""
    try:
        config = json_object(folder / "config.json")
        weights = sorted(folder.glob("model*.safetensors"))
        require(weights, "it has no model.safetensors")
        require((folder / "tokenizer.json").is_file(), "it has no tokenizer.json")
        labels = len(config.get("id2label") or ("0", "1"))
        require(config.get("num_labels", labels) == 1, "it has more than one label")
        bert = read_bert(folder, weights)
        tensors = read_tensors(weights)
        is_bert = bert.kind == "bert"
        names = ("bert.pooler.dense", "classifier") if is_bert else ("classifier.dense", "classifier.out_proj")
        dense, out = (Dense(tensors[f"{name}.weight"], tensors[f"{name}.bias"], "tanh") for name in names)
        for layer, outer in ((dense, bert.hidden), (out, 1)):
            require(layer.weight.shape == (outer, bert.hidden), f"a head of shape {layer.weight.shape}")
            require(layer.bias is not None and layer.bias.shape == (outer,), "a head with another bias")
        prompts = json_object(folder / "config_sentence_transformers.json").get("prompts") or {}
        require(not any(prompts.values()), "a prompt")
        kinds = bert.tensors["embeddings.token_type_embeddings.weight"].shape[0]
        return CrossModel(bert, dense, replace(out, activation=None), kinds, _max_tokens(folder, bert, _PAIR_TASK))
    except (TensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownModelError(f"its folder is not of the usual form ({error})") from error


def _read_sentence_model(model: ModelFolder) -> SentenceModel:
    (kind, module_folder), *later_modules = _modules(model.path)
    require(kind == "Transformer", f"a {kind} as the first module")
    folder = model.path / module_folder
    bert = read_bert(folder, _weight_files(model, module_folder))
    limit = _max_tokens(folder, bert, _TASK)
    require(later_modules[:1] and later_modules[0][0] == "Pooling", "no pooling")
    poolings = _poolings(_module_settings(model.path / later_modules[0][1]))
    size = bert.hidden * len(poolings)
    stages: list[Dense | Normalize] = []
    for kind, module_folder in later_modules[1:]:
        settings = _module_settings(model.path / module_folder)
        match kind:
            case "Dense":
                dense = _dense(model, module_folder, settings, size)
                size = dense.weight.shape[0]
                stages.append(dense)
            case "Normalize":
                _require_names(settings)
                stages.append(Normalize())
            case "Dropout":
                pass  # which only training does
            case _:
                raise UnknownModelError(f"a {kind} after the pooling")
    shortened = json_object(model.path / "config_sentence_transformers.json").get("truncate_dim")
    return SentenceModel(bert, poolings, stages, min(size, int(shortened or size)), limit)


def read_bert(folder: Path, weights: Sequence[Path]) -> Bert:
    """Read the transformer in a folder (raises as `read_model`; also ValueError and the like if it is damaged)."""
    config = json_object(folder / "config.json")
    kind = config["model_type"]
    require(kind in _PREFIXES, f"a model of type {kind}")
    require(config.get("position_embedding_type", "absolute") == "absolute", "relative positions")
    for name in ("is_decoder", "add_cross_attention", "is_encoder_decoder", "quantization_config", "auto_map"):
        require(not config.get(name), f"{name} in config.json")
    activation = config.get("hidden_act", "gelu")
    require(activation in ACTIVATIONS, f"the activation {activation}")
    hidden, layers, heads = (
        int(config.get(name, usual))
        for name, usual in (("hidden_size", 768), ("num_hidden_layers", 12), ("num_attention_heads", 12))
    )
    require(min(hidden, layers, heads) > 0 and hidden % heads == 0, f"{heads} heads of {hidden} dimensions")
    all_tensors = read_tensors(weights)
    prefix = _PREFIXES[kind] if f"{_PREFIXES[kind]}embeddings.word_embeddings.weight" in all_tensors else ""
    tensors = {name.removeprefix(prefix): tensor for name, tensor in all_tensors.items() if name.startswith(prefix)}
    padding = config.get("pad_token_id", _PADDING[kind])
    padding = _PADDING[kind] if padding is None and kind == "bert" else int(padding)
    sizes = {name: config.get(name, usual) for name, usual in _SIZES.items()}
    _check_shapes(tensors, hidden, layers, sizes)
    positions = sizes["max_position_embeddings"] - (0 if kind == "bert" else padding + 1)
    return Bert(
        folder, kind, hidden, layers, heads, float(config.get("layer_norm_eps", 1e-12)), ACTIVATIONS[activation],
        padding, positions, tensors,
    )  # fmt: skip


_SIZES = {"vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2, "intermediate_size": 3072}
"""Numbers in a configuration, and the library's values where they are lacking."""


def _check_shapes(tensors: Mapping[str, Tensor], hidden: int, layers: int, sizes: Mapping[str, int]) -> None:
    """Refuse a model that lacks a tensor or has one whose shape is not the one in its configuration."""
    intermediate = sizes["intermediate_size"]
    expected: dict[str, tuple[int, ...]] = {
        WORD_TABLE: (sizes["vocab_size"], hidden),
        "embeddings.position_embeddings.weight": (sizes["max_position_embeddings"], hidden),
        "embeddings.token_type_embeddings.weight": (sizes["type_vocab_size"], hidden),
        **_normalization_shapes("embeddings.LayerNorm", hidden),
    }
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            expected |= _linear_shapes(f"{prefix}.attention.self.{name}", hidden, hidden)
        expected |= _linear_shapes(f"{prefix}.attention.output.dense", hidden, hidden)
        expected |= _normalization_shapes(f"{prefix}.attention.output.LayerNorm", hidden)
        expected |= _linear_shapes(f"{prefix}.intermediate.dense", hidden, intermediate)
        expected |= _linear_shapes(f"{prefix}.output.dense", intermediate, hidden)
        expected |= _normalization_shapes(f"{prefix}.output.LayerNorm", hidden)
    for name, shape in expected.items():
        require(name in tensors, f"no tensor {name}")
        require(tensors[name].shape == shape, f"a tensor {name} of shape {tensors[name].shape} and not {shape}")


def _linear_shapes(name: str, inner: int, outer: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outer, inner), f"{name}.bias": (outer,)}


def _normalization_shapes(name: str, size: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}


def _modules(path: Path) -> list[tuple[str, str]]:
    """Return each module's class and folder, in order; `model_files` has checked them."""
    modules = json.loads((path / "modules.json").read_bytes())
    return [(str(module["type"]).rpartition(".")[2], str(module["path"])) for module in modules]


def _weight_files(model: ModelFolder, module_folder: str) -> list[Path]:
    """Return the files of a module's tensors."""
    folder = Path(module_folder)
    return [model.path / name for name in model.files if name.endswith(".safetensors") and Path(name).parent == folder]


def _max_tokens(folder: Path, bert: Bert, task: Mapping[str, object]) -> int:
    """Return how many tokens the model reads: the least of sentence-transformers' limit and the table of positions."""
    limits = next(filter(None, (json_object(path) for path in _limit_files(folder))), {})
    require(not limits.get("do_lower_case"), "do_lower_case")
    for name, value in limits.items():
        is_harmless = name in ("max_seq_length", "do_lower_case") or value is None or value == task.get(name)
        require(is_harmless, f"{name} in its limits")
    stated = limits.get("max_seq_length") or json_object(folder / "tokenizer_config.json").get("model_max_length")
    return int(min(limit for limit in (stated, bert.positions) if limit is not None and 0 < limit < _NO_LIMIT))


def _limit_files(folder: Path) -> list[Path]:
    """Return the files in which sentence-transformers looks for a limit, in its order."""
    kinds = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
    return [folder / f"sentence_{kind}_config.json" for kind in kinds]


def _poolings(settings: Mapping[str, Any]) -> list[str]:
    require(settings.get("include_prompt", True) is True, "a prompt that is left out of the mean")
    stated_mode = settings.get("pooling_mode")
    if stated_mode is None:
        stated_mode = [mode for flag, mode in POOLING_FLAGS.items() if settings.get(flag)] or ["mean"]
    modes = [stated_mode] if isinstance(stated_mode, str) else list(stated_mode)
    require(bool(modes) and set(modes) <= _POOLINGS, f"the pooling {stated_mode}")
    return modes


def _dense(model: ModelFolder, module_folder: str, settings: Mapping[str, Any], size: int) -> Dense:
    _require_names(settings)
    require(not settings.get("use_residual"), "a residual in a Dense module")
    activation = settings.get("activation_function", "torch.nn.Tanh")
    require(activation in _DENSE_ACTIVATIONS, f"the activation {activation}")
    tensors = read_tensors(_weight_files(model, module_folder))
    weight, bias = tensors["linear.weight"], tensors.get("linear.bias")
    shape = (settings["out_features"], settings["in_features"])
    require(weight.shape == shape and shape[1] == size, f"a Dense module of shape {weight.shape}")
    require((bias is not None) == settings.get("bias", True), "a Dense module without its bias")
    require(bias is None or bias.shape == shape[:1], "a bias of another shape")
    return Dense(weight, bias, _DENSE_ACTIVATIONS[activation])


def _require_names(settings: Mapping[str, Any]) -> None:
    """Refuse a module that takes or gives anything but a text's vector."""
    for name in ("module_input_name", "module_output_name"):
        require(settings.get(name) in (None, _VECTOR), f"{name} in a module")


def _module_settings(folder: Path) -> dict[str, Any]:
    return json_object(folder / "config.json")


def json_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, {} if there is no file; raises UnknownModelError or ValueError."""
    if not path.is_file():
        return {}
    content = json.loads(path.read_bytes())
    require(isinstance(content, dict), f"{path.name} is not a JSON object")
    return dict(content)


def require(condition: object, trouble: str) -> None:
    """Raise UnknownModelError with a message unless a condition holds."""
    if not condition:
        raise UnknownModelError(trouble)
