"""The tokenizer of a model of BERT's family, where its `tokenizer.json` alone says what sentence-transformers would do.

The libraries rebuild some kinds of tokenizers from the vocabulary and their own rules, and take others as they are in
the file. A tokenizer is accepted here if both ways give the same.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from semsearch.encoders.bert import Bert, UnknownModelError, json_object, require

_USUAL_CLASS = {"bert": "BertTokenizer", "roberta": "RobertaTokenizer", "xlm-roberta": "XLMRobertaTokenizer"}
"""By type of model, where no file names a class."""

_AS_IT_IS = ("PreTrainedTokenizer", "TokenizersBackend")
"""Classes that take `tokenizer.json` as it is; "Fast" at the end of a name no longer means anything."""

_SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_FLAGS = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
"""Flags of a special token, unless it has others."""

_USUAL_SETTINGS: dict[str, tuple[object, ...]] = {
    "padding_side": (None, "right"),
    "truncation_side": (None, "right"),
    "split_special_tokens": (None, False),
    "add_bos_token": (None,),
    "add_eos_token": (None,),
    "additional_special_tokens": (None, []),
    "extra_special_tokens": (None, [], {}),
    "never_split": (None, []),
    "auto_map": (None,),
    "fix_mistral_regex": (None, False),
}
"""Settings that change what is read, and the values that change nothing."""


def read_tokenizer(bert: Bert) -> tuple[Tokenizer, int]:
    """Return a model's tokenizer and its padding token.

    Raises:
        UnknownModelError: the libraries might make another tokenizer from the same files.
    """
    try:
        return _read_checked(bert.folder, bert.kind, bert.tensors["embeddings.word_embeddings.weight"].shape[0])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownModelError(f"its tokenizer is not of the usual form ({error})") from error


def tells_texts_apart(bert: Bert) -> bool:
    """Tell whether the libraries let a model that reads two texts know which of them a token belongs to."""
    settings = json_object(bert.folder / "tokenizer_config.json")
    tokenizer_class = str(settings.get("tokenizer_class") or _USUAL_CLASS.get(bert.kind)).removesuffix("Fast")
    usual_inputs = ["token_type_ids"] if tokenizer_class == "BertTokenizer" else []
    return "token_type_ids" in settings.get("model_input_names", usual_inputs)


def _read_checked(folder: Path, kind: str, vocabulary: int) -> tuple[Tokenizer, int]:
    stored = (folder / "tokenizer.json").read_text("utf-8")
    try:
        tokenizer = Tokenizer.from_str(stored)
    except Exception as error:  # the library raises nothing more exact
        raise UnknownModelError(f"tokenizer.json cannot be read ({error})") from error
    settings = json_object(folder / "special_tokens_map.json") | json_object(folder / "tokenizer_config.json")
    for name, usual in _USUAL_SETTINGS.items():
        require(settings.get(name) in usual, f"{name} in tokenizer_config.json")
    parsed = json.loads(stored)
    parsed["model"].pop("vocab")
    parsed["model"].pop("merges", None)
    for side in (parsed.get("truncation"), parsed.get("padding")):
        require(side is None or side.get("direction", "Right") == "Right", "cutting or padding on the left")
    special_tokens = {name: _content(settings[name]) for name in _SPECIAL_TOKENS if settings.get(name) is not None}
    added_tokens = {token["content"]: token for token in parsed["added_tokens"]}
    _check_added(folder, settings, added_tokens)
    tokenizer_class = settings.get("tokenizer_class") or json_object(folder / "config.json").get("tokenizer_class")
    tokenizer_class = str(tokenizer_class or _USUAL_CLASS.get(kind)).removesuffix("Fast")
    if tokenizer_class in _AS_IT_IS:
        _add_special(tokenizer, [settings[name] for name, word in special_tokens.items() if word not in added_tokens])
    else:
        require(tokenizer_class in _REBUILT, f"a tokenizer of class {tokenizer_class}")
        require(added_tokens.keys() == set(special_tokens.values()), "other special tokens than its settings name")
        for name, word in special_tokens.items():
            require(_flags(settings[name]) == _flags(added_tokens[word]), "special flags")
        _REBUILT[tokenizer_class](_current_parts(parsed, tokenizer), settings, special_tokens)
        _check_frame(tokenizer, special_tokens)
    require(max(tokenizer.get_vocab(with_added_tokens=True).values()) < vocabulary, "tokens without a vector")
    return tokenizer, tokenizer.token_to_id(special_tokens.get("pad_token", "")) or 0


def _add_special(tokenizer: Tokenizer, tokens: Iterable[object]) -> None:
    """Mark words of a tokenizer's vocabulary as special, as the libraries do."""
    for token in tokens:
        require(tokenizer.token_to_id(_content(token)) is not None, "a special token outside the vocabulary")
        tokenizer.add_special_tokens([AddedToken(_content(token), **_flags(token), special=True)])


def _current_parts(parsed: Mapping[str, Any], tokenizer: Tokenizer) -> dict[str, Any]:
    """Return the parts of a tokenizer as the library writes them now; older files write some in other ways."""
    parts = {name: getattr(tokenizer, name) for name in ("normalizer", "pre_tokenizer")}
    return {"model": parsed["model"]} | {
        name: None if part is None else json.loads(part.__getstate__()) for name, part in parts.items()
    }


def _check_bert(parts: Mapping[str, Any], settings: Mapping[str, Any], special_tokens: Mapping[str, str]) -> None:
    model = {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    require(model.items() <= parts["model"].items(), "word pieces of another kind")
    require(parts["model"].get("unk_token") == special_tokens.get("unk_token", "[UNK]"), "another unknown token")
    expected = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": settings.get("tokenize_chinese_chars", True),
        "strip_accents": settings.get("strip_accents"),
        "lowercase": settings.get("do_lower_case", True),
    }
    require(parts["normalizer"] == expected, "another normalizer than its settings ask for")
    require(parts["pre_tokenizer"] == {"type": "BertPreTokenizer"}, "another way to cut words")


def _check_xlm_roberta(parts: Mapping[str, Any], settings: Mapping[str, Any], _special: Mapping[str, str]) -> None:
    model = {"type": "Unigram", "unk_id": 3, "byte_fallback": False}
    require(model.items() <= parts["model"].items(), "pieces of another kind")
    require((parts["normalizer"] or {}).get("type") == "Precompiled", "another normalizer")
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    expected = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    require(parts["pre_tokenizer"] == expected, "another way to cut words")
    require(settings.get("add_prefix_space", True), "no space before a text")


_REBUILT: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, str]], None]] = {
    "BertTokenizer": _check_bert,
    "XLMRobertaTokenizer": _check_xlm_roberta,
}
"""Classes that are rebuilt from a vocabulary, and the checks that a file says the same as their rules."""


def _check_frame(tokenizer: Tokenizer, special_tokens: Mapping[str, str]) -> None:
    """Refuse a tokenizer that puts anything but the two usual tokens around a text."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    frame = tokenizer.encode("").ids
    expected = [tokenizer.token_to_id(special_tokens[name]) for name in ("cls_token", "sep_token")]
    require(frame == expected, "other tokens around a text")


def _check_added(folder: Path, settings: Mapping[str, Any], added_tokens: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a model whose other files add more tokens, or add them in another way."""
    decoder = settings.get("added_tokens_decoder") or {}
    for number, token in decoder.items():
        own_token = added_tokens.get(token["content"], {})
        require(own_token.get("id") == int(number) and _flags(token) == _flags(own_token), "tokens added elsewhere")
    for content, number in json_object(folder / "added_tokens.json").items():
        require(added_tokens.get(content, {}).get("id") == number, "tokens added elsewhere")


def _content(token: object) -> str:
    return str(token["content"]) if isinstance(token, dict) else str(token)


def _flags(token: object) -> dict[str, bool]:
    fields = token if isinstance(token, dict) else {}
    return {name: bool(fields.get(name, usual)) for name, usual in _FLAGS.items() if name != "special"}
