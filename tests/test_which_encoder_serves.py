"""Which encoder serves: the compiled one in some precision, one on a card, or torch where the first disagrees."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index
from semsearch.encoders import agreement, load_encoder, preparation, prepare_encoder, ready_models, runtime
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.graphics import MANY, CardEncoder
from semsearch.encoders.hashing import HashingEncoder
from semsearch.encoders.models import open_model
from semsearch.errors import EncoderError
from semsearch.ports import Contribution, Vector
from semsearch.types import Precision
from tests.conftest import some_articles
from tests.examples import slow_but
from tests.lazily import torch, transformer
from tests.making import article
from tests.ready import TEXTS, Notices, contents, flipped, the_one, truth, vectors_in
from tests.tiny_models import narrow_sighted, padded_left, steep, tiny_model, without_prompt

# Refusal

DIFFERENT: dict[str, Callable[[Path], Path]] = {
    "padding on the left": lambda folder: padded_left(tiny_model(folder)),
    "a prompt that is left out of the mean": without_prompt,
}


@pytest.mark.slow
def test_a_model_whose_padding_sees_nothing_is_compiled_in_another_way(tmp_path: Path) -> None:
    model = narrow_sighted(tmp_path / "model")
    oracle = transformer.TransformerEncoder(open_model(str(model)))
    encoder = load_encoder(str(model), Precision.F32)
    assert isinstance(encoder, CompiledEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), oracle.encode_passages(TEXTS), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["padding on the left", "a prompt that is left out of the mean"])
def test_a_model_that_does_not_agree_is_refused_and_torch_serves(
    own_home: Path, notices: Notices, tmp_path: Path, kind: str
) -> None:
    model = DIFFERENT[kind](tmp_path / "model")
    oracle = transformer.TransformerEncoder(open_model(str(model)))
    encoder = load_encoder(str(model), Precision.F32)
    making, refusal = notices()
    assert "preparing" in making
    assert "cannot be compiled" in refusal
    assert "torch" in refusal
    for _ in range(2):
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), oracle.encode_passages(TEXTS), atol=1e-6)
        np.testing.assert_allclose(encoder.encode_queries(TEXTS), oracle.encode_queries(TEXTS), atol=1e-6)
        encoder = load_encoder(str(model), Precision.F32)
    assert notices() == []
    [ready] = ready_models()
    assert ready.refused
    assert ready.refused in refusal
    assert list(contents(the_one(own_home))) == ["ready.json"]
    assert prepare_encoder(str(model), Precision.F32) == ready


@pytest.mark.slow
def test_a_damaged_refusal_is_thought_over_again(own_home: Path, notices: Notices, tmp_path: Path) -> None:
    model = padded_left(tiny_model(tmp_path / "model"))
    prepare_encoder(str(model), Precision.F32)
    flipped(the_one(own_home) / "ready.json")
    notices()
    assert isinstance(load_encoder(str(model), Precision.F32), transformer.TransformerEncoder)
    assert ["damaged" in notices()[0], len(ready_models())] == [True, 1]


def test_where_bfloat16_is_too_coarse_float32_serves(own_home: Path, notices: Notices, tmp_path: Path) -> None:
    if not runtime.has_bfloat16():
        pytest.skip("this processor has one precision")
    model = steep(tmp_path / "model")
    encoder = load_encoder(str(model))
    assert isinstance(encoder, CompiledEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(model), atol=1e-5)
    assert any("bfloat16" in notice for notice in notices())
    assert isinstance(load_encoder(str(model)), CompiledEncoder)
    assert notices() == []
    assert {ready.precision: bool(ready.refused) for ready in ready_models()} == {"bf16": True, "f32": False}
    best = prepare_encoder(str(model))
    assert best
    assert (best.precision, best.refused) == ("f32", None)
    assert own_home.exists()


@pytest.mark.usefixtures("no_openvino")
def test_without_openvino_torch_serves(own_home: Path, models: Path, notices: Notices) -> None:
    encoder = load_encoder(str(models / "mean"))
    assert isinstance(encoder, transformer.TransformerEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "mean"), atol=1e-6)
    [notice] = notices()
    assert "OpenVINO cannot be used here" in notice
    assert prepare_encoder(str(models / "mean")) is None
    assert not own_home.exists()


# Graphics cards


@pytest.mark.parametrize("name", ["mean", "words"])
def test_a_card_changes_no_vector_and_is_not_woken_for_little(models: Path, name: str) -> None:
    compiled = load_encoder(str(models / name), Precision.F32)
    woken = []

    def wake() -> object:
        woken.append(True)
        return transformer.TransformerEncoder(open_model(str(models / name)))

    encoder = CardEncoder(compiled, wake)
    many = [f"{text} {number}" for number in range(MANY) for text in TEXTS][:MANY]
    [many_vector] = compiled.encode_queries(many[:1])
    assert encoder.identity == compiled.identity
    assert (encoder.max_tokens, encoder.overhead_tokens) == (compiled.max_tokens, compiled.overhead_tokens)
    assert encoder.languages == compiled.languages
    assert encoder.count_tokens(many) == compiled.count_tokens(many)
    assert encoder.encode_passages(many[1:]).tobytes() == compiled.encode_passages(many[1:]).tobytes()
    assert encoder.encode_queries(many).tobytes() == compiled.encode_queries(many).tobytes()
    assert encoder.encode_passages([]).shape == (0, compiled.identity.dimensions)
    assert encoder.contributions(TEXTS[0], many_vector) == compiled.contributions(TEXTS[0], many_vector)
    assert not woken
    for _ in range(2):
        np.testing.assert_allclose(encoder.encode_passages(many), compiled.encode_passages(many), atol=1e-5)
    assert len(woken) == 1


def test_a_card_that_torch_cannot_use_is_none(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A device is there, and torch was built without it: the compiled encoder is the quicker one."""
    if torch.cuda.is_available():
        pytest.skip("torch can use a card here")
    (tmp_path / "card").touch()
    compiled = load_encoder(str(models / "mean"), Precision.F32)
    monkeypatch.setattr(preparation, "_CARDS", (tmp_path / "card",))
    encoder = load_encoder(str(models / "mean"), Precision.F32)
    assert isinstance(encoder, CardEncoder)
    many = TEXTS * MANY
    assert encoder.encode_passages(many).tobytes() == compiled.encode_passages(many).tobytes()


# Precision


def test_an_index_remembers_its_precision_and_additions_keep_to_it(models: Path, tmp_path: Path) -> None:
    model = str(models / "mean")
    later = article("whale", "A whale came into the harbour, and the council was on the island.")
    with Index.build(some_articles(), tmp_path / "first", encoder=model, precision=Precision.F32):
        before = vectors_in(tmp_path / "first").keys()
    with Index.open(tmp_path / "first") as again:
        assert again.stats().recipe.precision is Precision.F32
        again.add([later])
    [(_, added)] = [pair for pair in vectors_in(tmp_path / "first").items() if pair[0] not in before]
    for precision in (Precision.F32, Precision.AUTO):
        Index.build([later], tmp_path / precision, encoder=model, precision=precision).close()
    [exact] = vectors_in(tmp_path / "f32").values()
    [quick] = vectors_in(tmp_path / "auto").values()
    assert added.tobytes() == exact.tobytes()
    assert (quick * exact).sum(axis=1).min() >= 0.999
    assert (quick.tobytes() == exact.tobytes()) is not runtime.has_bfloat16()


@pytest.mark.slow
def test_an_index_made_quickly_stays_quick(models: Path, tmp_path: Path) -> None:
    Index.build(some_articles(), tmp_path / "index", encoder=str(models / "mean")).close()
    with Index.open(tmp_path / "index") as opened:
        assert opened.stats().recipe.precision is Precision.AUTO
        assert opened.search("the harbour").hits


def test_the_fastest_agrees_and_repeats_itself(models: Path) -> None:
    many = [f"{text} {number}" for number in range(50) for text in TEXTS]
    quick, exact = (load_encoder(str(models / "mean"), one) for one in (Precision.AUTO, Precision.F32))
    for ours, theirs in (
        (quick.encode_passages, exact.encode_passages),
        (quick.encode_queries, exact.encode_queries),
    ):
        assert (ours(many) * theirs(many)).sum(axis=1).min() >= 0.999
        assert ours(many).tobytes() == ours(many).tobytes()
        assert theirs(many).tobytes() == theirs(many).tobytes()


@pytest.mark.parametrize("kind", slow_but(["mean"], ["mean", "linear", "steep"]))
def test_the_words_of_the_fastest_add_up(tmp_path: Path, kind: str) -> None:
    make = {
        "mean": tiny_model,
        "linear": lambda folder: tiny_model(folder, dense=True, activation="Identity"),
        "steep": lambda folder: steep(folder, activation="Identity"),
    }
    encoder = load_encoder(str(make[kind](tmp_path / kind)), Precision.AUTO)
    assert isinstance(encoder, CompiledEncoder)
    [asked] = encoder.encode_queries(["a storm in the harbour"])
    for text, vector in zip(TEXTS, encoder.encode_passages(TEXTS), strict=True):
        told = encoder.contributions(text, asked)
        assert told
        assert sum(word.value for word in told) == pytest.approx(vector.astype(np.float64) @ asked, abs=2e-3)


class Boasting(HashingEncoder):
    """Says twice of every word what it adds."""

    def contributions(self, text: str, vector: Vector) -> list[Contribution]:
        told = super().contributions(text, vector)
        return told + told


class Silent(HashingEncoder):
    """Fails where it should explain."""

    def contributions(self, text: str, vector: Vector) -> list[Contribution]:
        raise EncoderError(f"{text!r} along {len(vector)} axes cannot be run", "do without")


def test_words_that_do_not_add_up_are_noticed() -> None:
    assert agreement.adds_up(HashingEncoder())
    assert not agreement.adds_up(Boasting())
    assert not agreement.adds_up(Silent())


@pytest.mark.slow
def test_a_model_whose_words_do_not_add_up_encodes_and_explains_nothing(
    own_home: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "adds_up", lambda _: False)
    for _ in range(2):
        encoder = load_encoder(str(models / "words"), Precision.F32)
        assert isinstance(encoder, CompiledEncoder)
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "words"), atol=1e-5)
        assert encoder.contributions(TEXTS[0], encoder.encode_queries(["storm"])[0]) is None
    assert own_home.exists()
