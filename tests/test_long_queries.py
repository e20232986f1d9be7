"""Into which pieces is a query cut that is longer than an encoder reads at once?"""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.encoders.hashing import HashingEncoder
from semsearch.encoders.long_queries import encode_whole
from semsearch.ports import Matrix
from semsearch.types import EncoderIdentity


class Short(HashingEncoder):
    """Reads six tokens at once, one of which is its prefix, and keeps what it was asked to read."""

    max_tokens = 8

    def __init__(self) -> None:
        super().__init__()
        self.identity = EncoderIdentity("short", self.identity.digest, 256, "sum", query_prefix="query: ")
        self.read: list[str] = []

    def remembered(self, texts: Sequence[str]) -> Matrix:
        self.read += texts
        return self.encode_passages(texts)


def pieces(text: str) -> list[str]:
    encoder = Short()
    encode_whole(encoder, [text], encoder.remembered)
    return encoder.read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("one two three four five", ["one two three four five"]),
        ("  one.  two  ", ["  one.  two  "]),
        ("One two three. Four five six", ["One two three. ", "Four five six"]),
        ("One. Two three four. Five six", ["One. Two three four. ", "Five six"]),
        ("one two three four five six", ["one two three", "four five six"]),
        ("One. Two. Three. Four. Five. Six. Seven. Eight", ["One. Two. Three. Four. ", "Five. Six. Seven. Eight"]),
        ("市长为大桥剪彩。鲸来了。", ["市长为大", "桥剪彩。", "鲸来了。"]),
    ],
)
def test_a_query_is_cut_at_sentence_ends_near_the_middle(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(alphabet="ab .!\n市。") | st.text(), st.integers(1, 20))
def test_every_character_but_space_is_read_once_and_every_piece_fits(text: str, times: int) -> None:
    cut = pieces(text * times)
    assert "".join("".join(cut).split()) == "".join((text * times).split())
    assert max(Short().count_tokens(cut)) <= 5


@given(st.lists(st.sampled_from(["one two", "a b c d e f. g h. i j k l. m", "四五六七八九十。", ""]), max_size=5))
def test_a_query_s_vector_is_its_own_whatever_the_batch(texts: list[str]) -> None:
    encoder = Short()
    together = encode_whole(encoder, texts, encoder.encode_passages)
    assert together.shape == (len(texts), 256)
    for text, vector in zip(texts, together, strict=True):
        assert encode_whole(encoder, [text], encoder.encode_passages)[0].tobytes() == vector.tobytes()


def test_pieces_count_by_their_tokens() -> None:
    encoder = Short()
    text = "Alpha beta gamma delta. Epsilon. Zeta eta"
    cut = pieces(text)
    weights = [count + 1 for count in encoder.count_tokens(cut)]
    assert len(set(weights)) > 1
    expected = np.asarray(weights) @ encoder.encode_passages(cut)
    [found] = encode_whole(encoder, [text], encoder.encode_passages)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)
