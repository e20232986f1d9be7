"""What cosines of a model mean, and what is taken off its vectors."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index
from semsearch.encoders import load_encoder
from semsearch.encoders.batches import unit
from semsearch.encoders.centred import CentredEncoder, centred
from semsearch.encoders.geometry import Geometry, _pairs, measure
from semsearch.encoders.hashing import HashingEncoder
from semsearch.encoders.model_files import read_folder
from semsearch.legibility import columns_of
from semsearch.ports import Matrix
from semsearch.types import CosineScale, Mode, Verdict
from tests.conftest import some_articles
from tests.lazily import transformer

DIMENSIONS = 64


class Reader(HashingEncoder):
    """Knows what the lines that a model is measured with are about; `common` is added to every vector."""

    def __init__(self, languages: Sequence[str], common: float) -> None:
        super().__init__(DIMENSIONS)
        draw = np.random.default_rng(5)
        subjects, self._common = draw.normal(size=(12, DIMENSIONS)), common * draw.normal(size=DIMENSIONS)
        self._of = {}
        for language, (questions, answers) in _pairs().items():
            for at, (question, answer) in enumerate(zip(questions, answers, strict=True)):
                known = subjects[at] if language in languages else draw.normal(size=DIMENSIONS)
                self._of[question] = known + 0.5 * draw.normal(size=DIMENSIONS)
                self._of[answer] = (subjects[at] if language in languages else 0) + draw.normal(size=DIMENSIONS)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        return unit(np.array([self._of[text] + self._common for text in texts], dtype=np.float32))

    encode_queries = encode_passages


def test_the_lines_are_pairs_on_twelve_subjects_in_each_language() -> None:
    for questions, answers in _pairs().values():
        assert len(questions) == len(answers) == 12
        assert len({*questions, *answers}) == 24


def test_a_direction_that_all_vectors_share_is_found() -> None:
    model = Reader(list(_pairs()), common=2.0)
    geometry = measure(model)
    assert geometry.direction is not None
    found = np.array(geometry.direction)
    assert found @ model._common > 0.98 * np.linalg.norm(found) * np.linalg.norm(model._common)
    assert abs(geometry.cosines.mean) < 0.1
    assert geometry.cosines.trust == 1
    again = measure(centred(model, geometry))
    assert again.direction is None
    assert again.cosines.mean == pytest.approx(geometry.cosines.mean, abs=1e-5)


def test_few_lines_leave_a_doubt() -> None:
    """With it, few texts about something else come as near as is expected of the best one."""
    model = Reader(list(_pairs()), common=0.2)
    expected = measure(model).cosines
    reach = expected.mean + expected.doubt + expected.growth * math.log(11)
    best = []
    for questions, answers in _pairs().values():
        cosines = model.encode_queries(questions) @ model.encode_passages(answers).T
        best += (cosines - 2 * np.eye(12)).max(axis=1).tolist()
    with_doubt, without = np.mean(np.array(best) < reach), np.mean(np.array(best) < reach - expected.doubt)
    assert without < 0.7 < 0.8 < with_doubt, (without, with_doubt)


def test_nothing_is_taken_off_where_cosines_are_small_already() -> None:
    model = Reader(list(_pairs()), common=0.2)
    geometry = measure(model)
    assert geometry.direction is None
    assert geometry.cosines.trust == 1
    assert centred(model, geometry) is model


def test_one_language_is_enough_to_be_trusted_and_none_is_not() -> None:
    assert measure(Reader(["hi"], common=0.2)).cosines.trust == 1
    for common in (0.0, 2.0):
        nothing = measure(Reader([], common))
        assert nothing == Geometry(None, nothing.cosines)
        assert nothing.cosines.trust == 0


@pytest.mark.parametrize(("per_twelve_columns", "budget"), [(1, 96), (3, 96), (4, 120), (6, 176)])
def test_passages_have_more_tokens_with_a_tokenizer_that_cuts_finer(per_twelve_columns: int, budget: int) -> None:
    """The language that needs the fewest tokens decides; a budget is never under the default model's."""

    class Finer(Reader):
        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            return [(per_twelve_columns + (not text.isascii())) * columns_of([text]) // 12 for text in texts]

    assert measure(Finer(["en", "zh"], common=0.0)).passage_tokens == budget
    assert HashingEncoder(16).passage_tokens == 96


def test_a_geometry_is_kept_as_json() -> None:
    for geometry in (Geometry(None, CosineScale()), Geometry((0.25, -0.5), CosineScale(0.01, 0.1, 0.02, 0.5))):
        assert Geometry.from_dict(geometry.to_dict()) == geometry


def test_a_centred_encoder_takes_cosines_apart(models: Path) -> None:
    plain = transformer.TransformerEncoder(read_folder(models / "mean", "tiny"))
    texts = ["The harbour board met.", "Wheat prices fell."]
    direction = tuple(plain.encode_passages(texts).mean(axis=0).tolist())
    encoder = CentredEncoder(plain, Geometry(direction, CosineScale(0.0, 0.06)))
    expected = plain.encode_passages(texts).astype(np.float64) - np.array(direction)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode_passages(texts), expected, atol=1e-6)
    [vector] = encoder.encode_queries(["harbour"])
    parts = encoder.contributions(texts[0], vector)
    assert parts
    assert sum(part.value for part in parts) == pytest.approx(
        float(encoder.encode_passages(texts)[0] @ vector), abs=1e-5
    )
    assert encoder.identity != plain.identity
    assert encoder.encode_passages([]).shape == (0, encoder.identity.dimensions)


def test_meaning_alone_is_never_a_match_with_a_model_of_random_weights(
    models: Path, tmp_path: Path, notices: Callable[[], list[str]]
) -> None:
    encoder = load_encoder(str(models / "mean"))
    assert encoder.cosines.trust == 0
    with Index.build(some_articles(), tmp_path / "index", encoder=encoder) as index:
        assert index.stats().recipe.cosines == encoder.cosines
        for mode in (Mode.DENSE, Mode.HYBRID):
            answer = index.search("dinosaur bones in a museum", mode=mode)
            assert {hit.verdict for hit in answer.hits} == {Verdict.NONE}
            assert index.search("wheat harvest", mode=mode).hits
        [best, *_] = index.search("wheat harvest", mode=Mode.HYBRID).hits
        assert "harvest" in best.text
        assert best.verdict is not Verdict.NONE
    notices()
