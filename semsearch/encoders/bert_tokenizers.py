"""The tokenizer of a model of BERT's family, where its `tokenizer.json` alone says what sentence-transformers would do.

The libraries make some kinds of tokenizers anew, from the vocabulary and their own rules; others they take as the file
has them. A tokenizer is taken here if both come to the same.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from semsearch.encoders.bert import Bert, UnknownModelError

_USUAL_CLASS = {"bert": "BertTokenizer", "roberta": "RobertaTokenizer", "xlm-roberta": "XLMRobertaTokenizer"}
"""By type of model, where no file names a class."""

_AS_IT_IS = ("PreTrainedTokenizer", "TokenizersBackend")
"""Classes that take `tokenizer.json` as it is; "Fast" at the end of a name means nothing any more."""

_NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_FLAGS = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
"""Of a special token, where nothing else is said of it."""

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
    """Return a model's tokenizer and the token that pads.

    Raises:
        UnknownModelError: the libraries might make another tokenizer of the same files.
    """
    try:
        return _read(bert.folder, bert.kind, bert.tensors["embeddings.word_embeddings.weight"].shape[0])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownModelError(f"its tokenizer is not of the usual form ({error})") from error


def tells_texts_apart(bert: Bert) -> bool:
    """Say whether the libraries tell a model of two texts which of them a token is of."""
    settings = _json_object(bert.folder / "tokenizer_config.json")
    own_class = str(settings.get("tokenizer_class") or _USUAL_CLASS.get(bert.kind)).removesuffix("Fast")
    usual = ["token_type_ids"] if own_class == "BertTokenizer" else []
    return "token_type_ids" in settings.get("model_input_names", usual)


def _read(folder: Path, kind: str, vocabulary: int) -> tuple[Tokenizer, int]:
    stored = (folder / "tokenizer.json").read_text("utf-8")
    try:
        tokenizer = Tokenizer.from_str(stored)
    except Exception as error:  # the library raises nothing more exact
        raise UnknownModelError(f"tokenizer.json cannot be read ({error})") from error
    settings = _json_object(folder / "special_tokens_map.json") | _json_object(folder / "tokenizer_config.json")
    for name, usual in _USUAL_SETTINGS.items():
        _require(settings.get(name) in usual, f"{name} in tokenizer_config.json")
    said = json.loads(stored)
    said["model"].pop("vocab")
    said["model"].pop("merges", None)
    for part in (said.get("truncation"), said.get("padding")):
        _require(part is None or part.get("direction", "Right") == "Right", "cutting or padding on the left")
    named = {name: _content(settings[name]) for name in _NAMED if settings.get(name) is not None}
    added = {token["content"]: token for token in said["added_tokens"]}
    _check_added(folder, settings, added)
    own_class = settings.get("tokenizer_class") or _json_object(folder / "config.json").get("tokenizer_class")
    own_class = str(own_class or _USUAL_CLASS.get(kind)).removesuffix("Fast")
    if own_class in _AS_IT_IS:
        _add_special(tokenizer, [settings[name] for name, word in named.items() if word not in added])
    else:
        _require(own_class in _REBUILT, f"a tokenizer of class {own_class}")
        _require(added.keys() == set(named.values()), "other special tokens than its settings name")
        _require(all(_flags(settings[name]) == _flags(added[word]) for name, word in named.items()), "special flags")
        _REBUILT[own_class](_with_parts(said, tokenizer), settings, named)
        _check_frame(tokenizer, named)
    _require(max(tokenizer.get_vocab(with_added_tokens=True).values()) < vocabulary, "tokens without a vector")
    return tokenizer, tokenizer.token_to_id(named.get("pad_token", "")) or 0


def _add_special(tokenizer: Tokenizer, tokens: Iterable[object]) -> None:
    """Let a tokenizer know that words of its vocabulary are special, as the libraries do."""
    for token in tokens:
        _require(tokenizer.token_to_id(_content(token)) is not None, "a special token outside the vocabulary")
        tokenizer.add_special_tokens([AddedToken(_content(token), **_flags(token), special=True)])


def _with_parts(said: Mapping[str, Any], tokenizer: Tokenizer) -> dict[str, Any]:
    """Return what a tokenizer is made of as the library writes it now; older files write some parts in other ways."""
    parts = {name: getattr(tokenizer, name) for name in ("normalizer", "pre_tokenizer")}
    return {"model": said["model"]} | {
        name: None if part is None else json.loads(part.__getstate__()) for name, part in parts.items()
    }


def _check_bert(parts: Mapping[str, Any], settings: Mapping[str, Any], named: Mapping[str, str]) -> None:
    model = {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    _require(model.items() <= parts["model"].items(), "word pieces of another kind")
    _require(parts["model"].get("unk_token") == named.get("unk_token", "[UNK]"), "another unknown token")
    expected = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": settings.get("tokenize_chinese_chars", True),
        "strip_accents": settings.get("strip_accents"),
        "lowercase": settings.get("do_lower_case", True),
    }
    _require(parts["normalizer"] == expected, "another normalizer than its settings ask for")
    _require(parts["pre_tokenizer"] == {"type": "BertPreTokenizer"}, "another way to cut words")


def _check_xlm_roberta(parts: Mapping[str, Any], settings: Mapping[str, Any], _named: Mapping[str, str]) -> None:
    model = {"type": "Unigram", "unk_id": 3, "byte_fallback": False}
    _require(model.items() <= parts["model"].items(), "pieces of another kind")
    _require((parts["normalizer"] or {}).get("type") == "Precompiled", "another normalizer")
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    expected = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    _require(parts["pre_tokenizer"] == expected, "another way to cut words")
    _require(settings.get("add_prefix_space", True), "no space before a text")


_REBUILT: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, str]], None]] = {
    "BertTokenizer": _check_bert,
    "XLMRobertaTokenizer": _check_xlm_roberta,
}
"""Classes that are made anew from a vocabulary, and what their rules come to."""


def _check_frame(tokenizer: Tokenizer, named: Mapping[str, str]) -> None:
    """Refuse a tokenizer that puts anything but the two usual tokens around a text."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    around = tokenizer.encode("").ids
    expected = [tokenizer.token_to_id(named[name]) for name in ("cls_token", "sep_token")]
    _require(around == expected, "other tokens around a text")


def _check_added(folder: Path, settings: Mapping[str, Any], added: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse tokens that other files add, or add in another way."""
    decoder = settings.get("added_tokens_decoder") or {}
    for number, token in decoder.items():
        same = added.get(token["content"], {})
        _require(same.get("id") == int(number) and _flags(token) == _flags(same), "tokens added elsewhere")
    for content, number in _json_object(folder / "added_tokens.json").items():
        _require(added.get(content, {}).get("id") == number, "tokens added elsewhere")


def _content(token: object) -> str:
    return str(token["content"]) if isinstance(token, dict) else str(token)


def _flags(token: object) -> dict[str, bool]:
    said = token if isinstance(token, dict) else {}
    return {name: bool(said.get(name, usual)) for name, usual in _FLAGS.items() if name != "special"}


def _json_object(path: Path) -> dict[str, Any]:
    said = json.loads(path.read_bytes()) if path.is_file() else {}
    _require(isinstance(said, dict), f"{path.name} is not a JSON object")
    return dict(said)


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise UnknownModelError(otherwise)
