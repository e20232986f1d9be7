"""Articles by language and legibility: no query tells those of one kind apart but by their words and vectors."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.runs import Ints, distinct
from semsearch.ports import Floats


class Kinds(NamedTuple):
    """The kinds of an index, and of which each article is."""

    of_article: npt.NDArray[np.int32]  # (articles,)
    codes: Ints  # (kinds,): by which analyser such articles were analysed
    legibility: Floats  # (kinds,): how far the encoder can read them, 0 to 1


def kinds_of(codes: npt.NDArray[np.uint8], legibility: Floats) -> Kinds:
    """Group articles, given the analyser and the legibility of each, (articles,), the latter as float32 has it."""
    exact = legibility.astype(np.float32)
    keys = exact.view(np.int32).astype(np.int64) << 8 | codes  # ascending as numbers from 0 on are
    different = distinct(keys)
    of_kinds = (different >> 8).astype(np.int32).view(np.float32)
    return Kinds(np.searchsorted(different, keys).astype(np.int32), different & 0xFF, of_kinds.astype(np.float64))
