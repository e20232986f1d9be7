"""What no match looks like in an index: its headlines against other articles' passages, each pattern once."""

from pathlib import Path

import numpy as np
import pytest

from semsearch.engines.local.background import read_background, write_background
from semsearch.ports import Floats, Matrix

DIMENSIONS = 64


def units(draw: np.random.Generator, count: int) -> Matrix:
    vectors = draw.normal(size=(count, DIMENSIONS)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def sums(folder: Path, headlines: Matrix) -> Floats:
    """Return what is measured where every article is one passage, which says what its headline says."""
    folder.mkdir()
    write_background(folder, np.arange(len(headlines)), headlines, headlines, np.arange(len(headlines) + 1))
    return read_background(folder, DIMENSIONS).sums


def test_headlines_of_one_pattern_count_as_one(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    ordinary, patterns = units(draw, 150), units(draw, 3)
    sisters = np.repeat(patterns, 100, axis=0) + 0.2 * units(draw, 300)
    sisters /= np.linalg.norm(sisters, axis=1, keepdims=True)
    alone, crowded = sums(tmp_path / "alone", ordinary), sums(tmp_path / "crowded", np.vstack([ordinary, sisters]))
    assert alone[0] == 150
    assert crowded[0] == pytest.approx(153)
    assert crowded[2] / crowded[0] == pytest.approx(alone[2] / alone[0], rel=0.2)  # twice as much if each counted


def test_copies_of_one_headline_and_empty_ones_are_no_trouble(tmp_path: Path) -> None:
    same = np.repeat(units(np.random.default_rng(1), 1), 200, axis=0)
    assert sums(tmp_path / "same", same)[0] == pytest.approx(1)
    assert np.isfinite(sums(tmp_path / "empty", np.zeros((200, DIMENSIONS), np.float32))).all()
