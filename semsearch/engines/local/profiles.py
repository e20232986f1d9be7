"""Articles grouped by profile, their language and legibility: a query weighs all articles of one profile alike."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.runs import Ints, distinct
from semsearch.ports import Floats


class Profiles(NamedTuple):
    """The different profiles of an index's articles, and which of them each article has."""

    of_article: npt.NDArray[np.int32]  # (articles,)
    codes: Ints  # (profiles,): by which analyser such articles were analysed
    legibility: Floats  # (profiles,): how far the encoder can read them, 0 to 1


def profiles_of(codes: npt.NDArray[np.uint8], legibility: Floats) -> Profiles:
    """Group articles, given the analyser code and the legibility of each, (articles,); the latter fits float32."""
    exact = legibility.astype(np.float32)
    keys = exact.view(np.int32).astype(np.int64) << 8 | codes  # bits of floats from 0 on ascend as the floats do
    different = distinct(keys)
    of_profiles = (different >> 8).astype(np.int32).view(np.float32)
    return Profiles(np.searchsorted(different, keys).astype(np.int32), different & 0xFF, of_profiles.astype(np.float64))
