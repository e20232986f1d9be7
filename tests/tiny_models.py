"""Small sentence-transformers models with random weights, written to disk by tests for tests."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from tests.lazily import safetensors, torch, transformers

DIMENSIONS = 32
PLACES = 48
"""Tokens that the transformer has positions for."""

WORDS = (
    "the", "a", "of", "and", "to", "in", "on", "is", "was", "for", "query", "passage", "mayor", "council", "bridge",
    "river", "harbour", "storm", "flood", "vote", "budget", "school", "train", "strike", "court", "judge", "open",
    "source", "software", "strategy", "minister", "election", "island", "volcano", "whale", "orchestra", "goal",
)  # fmt: skip
_LETTERS = [chr(letter) for letter in range(ord("a"), ord("z") + 1)]
VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *",.:;!?-",
    *WORDS,
    *_LETTERS,
    *(f"##{c}" for c in _LETTERS),
]
_SIZE: dict[str, Any] = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": DIMENSIONS,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 2 * DIMENSIONS,
    "initializer_range": 0.5,  # so large that unlike texts have unlike vectors
}


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def edit_json(path: Path, **changes: object) -> None:
    write_json(path, json.loads(path.read_text()) | changes)


def tiny_model(
    folder: Path,
    *,
    pooling: str = "mean",
    dense: bool = False,
    activation: str = "Tanh",
    prompts: dict[str, str] | None = None,
    shifted: bool = False,
) -> Path:
    """A transformer of two layers.

    Args:
        dense: project to half the dimensions, and leave the vectors at their own length.
        activation: what torch calls that which follows the projection; "Identity" for nothing.
        shifted: number the places as RoBERTa does, from after the padding's; and say nothing of a limit.
    """
    torch.manual_seed(0)
    _write_transformer(folder, shifted)
    _tokenizer().save(str(folder / "tokenizer.json"))
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 1_000_000_000}
    write_json(folder / "tokenizer_config.json", special | kind)
    modules = {"": "Transformer", "1_Pooling": "Pooling"}
    flag = {"cls": "cls_token"}.get(pooling, f"{pooling}_tokens")
    write_json(
        folder / "1_Pooling" / "config.json", {"word_embedding_dimension": DIMENSIONS, f"pooling_mode_{flag}": True}
    )
    if dense:
        modules["2_Dense"] = "Dense"
        _write_dense(folder / "2_Dense", activation)
    else:
        modules["2_Normalize"] = "Normalize"
    _write_modules(folder, modules)
    if prompts:
        write_json(folder / "config_sentence_transformers.json", {"prompts": prompts})
    return folder


def shortened(model: Path, dimensions: int) -> Path:
    """Let a model give the first of its dimensions alone."""
    write_json(model / "config_sentence_transformers.json", {"truncate_dim": dimensions})
    return model


def padded_left(model: Path) -> Path:
    """Let a model number a text's places from the padding before it: its vectors then depend on the batch."""
    edit_json(model / "tokenizer_config.json", padding_side="left")
    return model


def without_prompt(folder: Path) -> Path:
    """A model that reads prompts, and leaves their tokens out of the mean."""
    model = tiny_model(folder, prompts={"query": "query: ", "passage": "passage: "})
    edit_json(model / "1_Pooling" / "config.json", include_prompt=False)
    return model


def steep(folder: Path, activation: str = "Tanh") -> Path:
    """A model whose last layer makes so much of small differences that bfloat16 is too coarse for it."""
    model = tiny_model(folder, dense=True, activation=activation)
    weights = model / "2_Dense" / "model.safetensors"
    linear = safetensors.load_file(weights)
    safetensors.save_file(
        {"linear.weight": 10 * linear["linear.weight"], "linear.bias": 0 * linear["linear.bias"]}, weights
    )
    return model


def narrow_sighted(folder: Path) -> Path:
    """A model whose tokens see few others: in a short text's padding, none at all."""
    model = tiny_model(folder)
    special = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
    config = transformers.ModernBertConfig(**_SIZE, **special, max_position_embeddings=PLACES, local_attention=8)
    transformers.ModernBertModel(config).save_pretrained(model)
    return model


def tiny_word_average(folder: Path) -> Path:
    """A model without a transformer: the mean of its words' vectors, as it comes."""
    _write_modules(folder, {"0_StaticEmbedding": "StaticEmbedding"})
    inside = folder / "0_StaticEmbedding"
    inside.mkdir()
    _tokenizer().save(str(inside / "tokenizer.json"))
    table = torch.randn(len(VOCABULARY), DIMENSIONS, generator=torch.Generator().manual_seed(0))
    safetensors.save_file({"embedding.weight": table}, inside / "model.safetensors")
    return folder


def _write_transformer(folder: Path, shifted: bool) -> None:
    if shifted:
        config = transformers.RobertaConfig(
            max_position_embeddings=PLACES + 1, pad_token_id=0, type_vocab_size=1, **_SIZE
        )
        transformers.RobertaModel(config).save_pretrained(folder)
    else:
        transformers.BertModel(transformers.BertConfig(max_position_embeddings=PLACES, **_SIZE)).save_pretrained(folder)
        write_json(folder / "sentence_bert_config.json", {"max_seq_length": PLACES, "do_lower_case": False})


def _tokenizer() -> Tokenizer:
    """As BERT's: lower case, split at spaces and punctuation, then into the longest known pieces."""
    vocabulary = {word: row for row, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106  not a password
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [(word, VOCABULARY.index(word)) for word in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=special)
    return tokenizer


def _write_modules(folder: Path, modules: dict[str, str]) -> None:
    listed = [
        {"idx": row, "name": str(row), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for row, (path, kind) in enumerate(modules.items())
    ]
    write_json(folder / "modules.json", listed)


def _write_dense(folder: Path, activation: str) -> None:
    half = DIMENSIONS // 2
    size = {"in_features": DIMENSIONS, "out_features": half, "bias": True}
    write_json(folder / "config.json", size | {"activation_function": f"torch.nn.{activation}"})
    safetensors.save_file(
        {"linear.weight": torch.randn(half, DIMENSIONS), "linear.bias": torch.randn(half)}, folder / "model.safetensors"
    )
