"""A query that is asked again is not encoded again, and the answer is the same."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index, Query
from semsearch.encoders.hashing import HashingEncoder
from semsearch.encoders.recent_queries import KEPT, RecentQueries
from semsearch.ports import Matrix
from tests.commands import wire_index


class Counting(HashingEncoder):
    """Keeps what it was asked to read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        self.read += texts
        return super().encode_queries(texts)


def test_vectors_are_those_of_the_encoder_and_each_query_is_read_once() -> None:
    encoder, plain = Counting(), HashingEncoder()
    recent = RecentQueries(encoder)
    queries = ["", "harbour strike", "市长", "harbour strike", ""]
    for query in queries:
        np.testing.assert_array_equal(recent.encode_queries([query]), plain.encode_queries([query]))
    assert encoder.read == queries[:3]
    np.testing.assert_array_equal(recent.encode_queries(queries), plain.encode_queries(queries))
    assert recent.encode_queries([]).shape == (0, encoder.identity.dimensions)


def test_a_remembered_vector_cannot_be_changed_and_old_ones_are_forgotten() -> None:
    encoder = Counting()
    recent = RecentQueries(encoder)
    with pytest.raises(ValueError, match="read-only"):
        recent.encode_queries(["harbour"])[0, 0] = 7
    for number in range(KEPT):
        recent.encode_queries([f"harbour {number}"])
    recent.encode_queries(["harbour"])
    assert encoder.read.count("harbour") == 2


def test_hits_counts_and_sentences_of_one_query_encode_it_once(tmp_path: Path) -> None:
    encoder = Counting()
    plain = Index.open(wire_index(tmp_path / "index"), encoder=HashingEncoder())
    index = Index.open(tmp_path / "index", encoder=encoder)
    index.prepare()
    query = Query("dockers at the quay", 3, emphasise=True)
    assert index.search(query).hits == plain.search(query).hits
    assert index.facets(query) == plain.facets(query)
    newer = index.reopened()  # as a server does for a newer generation
    newer.prepare()
    assert newer.timeline(query) == plain.timeline(query)
    assert encoder.read == [query.text]
