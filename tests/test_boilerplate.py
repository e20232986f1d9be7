"""Which paragraphs occur often is told from all segments together, with little memory."""

from collections import Counter
from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local.sketches import frequent_paragraphs
from tests.examples import examples

_STEP = (2**64 - 1) // 12
"""Between hashes, so that the last one is the greatest that there is."""


@examples(200)
@given(
    segments=st.lists(st.lists(st.integers(0, 12), max_size=30), max_size=6),
    least=st.integers(1, 9),
    at_once=st.sampled_from([1, 5, 1 << 20]),
)
def test_frequent_paragraphs_are_those_that_counting_all_segments_finds(
    segments: list[list[int]], least: int, at_once: int
) -> None:
    hashes = [np.array([_STEP * number for number in sorted(one)], dtype=np.uint64) for one in segments]
    counts = Counter(chain.from_iterable(segments))
    often = [_STEP * number for number, count in sorted(counts.items()) if count >= least and number]
    assert frequent_paragraphs(hashes, least, at_once).tolist() == often
