import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local.merge import FANOUT, LARGEST, LEAST_PASSAGES, MOST_DELETED, MOST_FULL, Size, to_merge

FULL = 65_536

sizes = st.lists(st.builds(Size, st.integers(1, 2 * FULL), st.integers(0, FULL)), max_size=60)


def settled(segments: list[Size], full: int = FULL) -> tuple[list[Size], int]:
    """Merge until nothing is due: what is left, and how many passages were written."""
    written = 0
    while places := to_merge(segments, full):
        passages = sum(segments[at].living for at in places)
        written += passages
        segments = [one for at, one in enumerate(segments) if at not in places]
        pieces = max(1, round(passages / LARGEST))
        segments += [Size(passages * (at + 1) // pieces - passages * at // pieces, 0) for at in range(pieces)]
    return segments, written


@given(sizes)
def test_merging_comes_to_an_end_with_few_segments_and_nothing_lost(segments: list[Size]) -> None:
    left, _ = settled(segments)
    assert sum(one.living for one in left) == sum(one.living for one in segments)
    assert not any(one.is_wasteful for one in left)
    small = [one for one in left if 2 * one.living < FULL]
    tiers = 1 + math.ceil(math.log(FULL / 2 / LEAST_PASSAGES, FANOUT))
    assert len(small) <= tiers * (FANOUT - 1)
    assert len([one for one in left if FULL <= 2 * one.living < LARGEST]) < MOST_FULL


@given(sizes)
def test_what_is_full_and_not_wasteful_is_left_alone_until_there_is_too_much_of_it(segments: list[Size]) -> None:
    filled = [one for one in segments if FULL <= 2 * one.living < LARGEST]
    merged = [segments[at] for at in to_merge(segments, FULL)]
    for one in merged:
        assert one.is_wasteful or 2 * one.living < FULL or len(filled) >= MOST_FULL
        assert one.is_wasteful or 2 * one.living < LARGEST
    if any(one in filled and not one.is_wasteful for one in merged):
        assert LARGEST / 2 < sum(one.living for one in merged) <= LARGEST + FULL // 2


def test_an_index_that_nobody_compacts_has_few_segments() -> None:
    segments: list[Size] = []
    written = 0
    for _ in range(160):  # ten million passages
        segments, more = settled([*segments, Size(FULL + 7, 0)])
        written += more
    assert len(segments) < MOST_FULL + 160 // 3
    assert written <= 160 * (FULL + 7)  # each is copied once at most


@given(st.integers(1, 5_000), st.integers(2, 300))
def test_additions_of_one_size_cost_as_many_copies_as_there_are_tiers(batch: int, times: int) -> None:
    segments: list[Size] = []
    written = 0
    for _ in range(times):
        segments, more = settled([*segments, Size(batch, 0)])
        written += more
    # Within the lowest tier a merge may leave its result in the tier; above it, every merge rises by one.
    within = math.ceil(LEAST_PASSAGES / batch / (FANOUT - 1)) * LEAST_PASSAGES
    assert written <= 4 * times * batch + within


def test_what_is_there_does_not_change_what_an_addition_costs() -> None:
    large = [Size(LARGEST, 0)] * 40
    with_it, without = list(large), list[Size]()
    for _ in range(100):
        with_it, cost = settled([*with_it, Size(4_500, 0)])
        without, other = settled([*without, Size(4_500, 0)])
        assert cost == other


@pytest.mark.parametrize("deleted", [FULL // 2, FULL])
def test_a_full_segment_is_written_anew_when_too_much_of_it_is_deleted(deleted: int) -> None:
    wasteful = Size(FULL - int(deleted * 0.9), int(deleted * 0.9))
    assert (to_merge([Size(FULL, 0), wasteful], FULL) == [1]) == (wasteful.deleted > MOST_DELETED * FULL)
