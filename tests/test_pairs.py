"""What comparing two articles showed when their segment was written is what comparing them shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index
from semsearch.copies import Words, agreement, letters, shared_letters
from semsearch.engines.local import sketches
from semsearch.engines.local.pairs import Compared, Pairs, compared, no_pairs, pairs_of
from semsearch.engines.local.segment import Segment
from semsearch.ports import Encoder
from semsearch.types import Article
from tests.families import PATTERNS, damaged, stories
from tests.making import article
from tests.stories import STORY, prose, whole

pairs = st.dictionaries(st.tuples(st.integers(0, 8), st.integers(0, 8)), st.integers(1, 99), max_size=20).map(
    lambda known: {pair: number for pair, number in known.items() if pair[0] < pair[1]}
)


def kept(known: dict[tuple[int, int], int], articles: int = 9) -> Pairs:
    """Return pairs whose outcome shows their number."""
    left, right = np.array([*known], dtype=np.int64).reshape(-1, 2).T
    numbers = np.array([*known.values()], dtype=np.int64)
    agreements = np.stack([numbers, numbers, numbers % 2 * numbers], axis=1).astype(np.int32)
    return pairs_of(articles, left, right, numbers / 100, agreements)


@given(known=pairs)
def test_a_pair_is_found_whichever_of_its_articles_comes_first(known: dict[tuple[int, int], int]) -> None:
    held = kept(known).validated()
    for left in range(9):
        for right in range(9):
            number = known.get((min(left, right), max(left, right)))
            agreed = (number,) * 3 if number and number % 2 else None
            assert held.of(left, right) == (None if number is None else Compared(number / 100, agreed))  # type: ignore[arg-type]


@given(known=pairs, wanted=pairs)
def test_what_is_known_is_not_compared_again(
    known: dict[tuple[int, int], int], wanted: dict[tuple[int, int], int]
) -> None:
    texts = [f"{prose(number % 3)} {number}" for number in range(9)]
    read: list[int] = []

    def read_text(number: int) -> str:
        read.append(number)
        return texts[number]

    left, right = np.array([*wanted], dtype=np.int64).reshape(-1, 2).T
    outcome = compared(left, right, kept(known), read_text)
    assert {*read} == {number for pair in wanted.keys() - known.keys() for number in pair}
    assert len(outcome.others) == len(wanted)
    for pair in wanted:
        one, other = (texts[number] for number in pair)
        anew = Compared(shared_letters(letters(one), letters(other)), agreement(Words(one), Words(other)))
        assert outcome.of(*pair) == (kept(known).of(*pair) if pair in known else anew)


def corpus() -> list[Article]:
    """Return stories of one pattern, damaged copies of them, one story at several lengths, and others."""
    patterned = stories(PATTERNS[0], 8)
    texts = [
        *patterned,
        *(damaged(text, 0.08, seed) for seed, text in enumerate(patterned)),
        *(whole(*STORY[:length]) for length in range(2, len(STORY) + 1)),
        *(whole(prose(number)) for number in range(6)),
        whole(*STORY),
    ]
    return [article(f"a{number}", text) for number, text in enumerate(texts)]


def segments(index: Index) -> Sequence[Segment]:
    return index._engine._snapshot.segments  # type: ignore[attr-defined]


def assert_true(segment: Segment) -> int:
    """Check all that a segment keeps; return how many pairs that is."""
    held, texts = segment.repeats.pairs, list(map(segment.read_text, range(segment.entry.articles)))
    for left, right in zip(held.articles.tolist(), held.others.tolist(), strict=True):
        one, other = texts[left], texts[right]
        assert held.of(left, right) == Compared(
            shared_letters(letters(one), letters(other)), agreement(Words(one), Words(other))
        )
    return len(held.others)


def assert_likely(index: Index) -> None:
    """Check that an index of one segment keeps the pairs that a query would compare, but for those of paragraphs."""
    [segment], duplicates = segments(index), index._engine._snapshot.duplicates  # type: ignore[attr-defined]
    alike = duplicates.alike(np.arange(segment.entry.articles))
    asked = {(one, other) for one, others in enumerate(alike) for other in others if one < other}
    held = segment.repeats.pairs
    pairs_held = {*zip(held.articles.tolist(), held.others.tolist(), strict=True)}
    assert pairs_held <= asked
    assert len(pairs_held) > 0.8 * len(asked)


def test_likely_copies_within_a_segment_are_kept_through_additions_merges_and_deletions(
    tmp_path: Path, hashing: Encoder
) -> None:
    articles = corpus()
    with Index.build(articles[:20], tmp_path / "index", encoder=hashing, passage_tokens=40) as index:
        index.add(articles[20:])
        assert len(segments(index)) == 2
        apart = sum(map(assert_true, segments(index)))
        index.compact()
        [merged] = segments(index)
        together = assert_true(merged)
        assert_likely(index)
        assert together > apart > 0
        gone = articles[0].metadata.article_id
        index.delete([gone])
        index.compact()
        [left] = segments(index)
        assert left.entry.articles == len(articles) - 1
        assert 0 < assert_true(left) < together


def test_a_merge_keeps_what_writing_at_once_keeps(tmp_path: Path, hashing: Encoder) -> None:
    articles = corpus()
    with (
        Index.build(articles, tmp_path / "whole", encoder=hashing, passage_tokens=40) as at_once,
        Index.build(articles[:9], tmp_path / "merged", encoder=hashing, passage_tokens=40) as merged,
    ):
        merged.add(articles[9:30])
        merged.add(articles[30:])
        merged.compact()
        [one], [other] = segments(at_once), segments(merged)
        assert all(map(np.array_equal, one.repeats.pairs, other.repeats.pairs))


def test_what_very_many_have_and_the_least_likely_are_left_for_queries(
    tmp_path: Path, hashing: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [article(f"a{number}", text) for number, text in enumerate(stories(PATTERNS[0], 12))]
    answers, counts = [], []
    for holders, ahead in ((4_096, 32), (4_096, 2), (3, 32)):
        monkeypatch.setattr(sketches, "_MOST_HOLDERS", holders)
        monkeypatch.setattr(sketches, "_COMPARED_AHEAD", ahead)
        with Index.build(articles, tmp_path / f"{holders}-{ahead}", encoder=hashing, passage_tokens=40) as index:
            [segment] = segments(index)
            counts.append(len(segment.repeats.pairs.others))
            answers.append([[hit.article.article_id, *hit.copies] for hit in index.search(articles[0].text, 12).hits])
    assert counts[0] > counts[1] > 0
    assert counts[0] > counts[2]
    assert answers[0] == answers[1] == answers[2]


def test_texts_without_words_are_nobodys_pairs(tmp_path: Path, hashing: Encoder) -> None:
    articles = [article(f"a{number}", "… — …") for number in range(5)]
    with Index.build(articles, tmp_path / "index", encoder=hashing, passage_tokens=40) as index:
        assert [len(segment.repeats.pairs.others) for segment in segments(index)] == [0]
    assert no_pairs(3).of(0, 2) is None


@pytest.mark.parametrize("firsts", [[1, 1], [0, 2], [0, -1, 1], [0, 2, 1]])
def test_pairs_in_impossible_places_are_damage(firsts: list[int]) -> None:
    others = np.zeros(1, dtype=np.int32)
    damaged_pairs = Pairs(np.array(firsts), others, np.zeros(1), np.zeros((1, 3), dtype=np.int32))
    with pytest.raises(ValueError, match="other pairs"):
        damaged_pairs.validated()
