"""Postings of several segments, put end to end, say what each of them says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local.postings import Postings, end_to_end, packed, unit_keys

SIZE = 50
"""Units of a segment."""

COUNTS = st.dictionaries(st.integers(0, SIZE - 1), st.sampled_from([1, 2, 14, 15, 16, 400]), max_size=20)
"""How often units have a word: from 15 on that is kept elsewhere."""


def within(counts: dict[int, int], before: int) -> Postings:
    """Return postings that begin after so many others of the same file."""
    units = np.array(sorted(counts), dtype=np.int64)
    own = packed(units, np.array([counts[unit] for unit in units.tolist()], dtype=np.int64))
    others = packed(np.arange(before), np.full(before, 20, dtype=np.int64))
    behind = own.large_counts + np.array([before, 0], dtype=np.uint32)
    return Postings(own.packed, before, np.concatenate([others.large_counts, behind]))


@given(st.lists(st.tuples(COUNTS, st.integers(0, 3)), min_size=1, max_size=4), st.sets(st.integers(0, 4 * SIZE - 1)))
def test_postings_of_several_segments_are_found_as_those_of_one(
    segments: list[tuple[dict[int, int], int]], wanted: set[int]
) -> None:
    firsts = [SIZE * number for number in range(len(segments))]
    whole = end_to_end([within(counts, before) for counts, before in segments], firsts)
    expected = {
        first + unit: count
        for first, (counts, _) in zip(firsts, segments, strict=True)
        for unit, count in counts.items()
    }
    units = np.array(sorted(wanted), dtype=np.int64)
    having, counts = whole.look_up(unit_keys(units))
    found = dict(zip(units[having].tolist(), counts.tolist(), strict=True))
    assert found == {unit: count for unit, count in expected.items() if unit in wanted}
    assert dict(zip(whole.units.tolist(), whole.counts().tolist(), strict=True)) == expected
