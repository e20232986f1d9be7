"""Tokens of any kind of tokenizer are joined to words, and nothing of what they add is lost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from semsearch.encoders.explanation import explained
from semsearch.encoders.tokens import Tokens
from semsearch.text import Span


def words(text: str, spans: list[Span | None], prefix: str = "") -> list[str]:
    """Let token number n add n to the score, and what is no token's 0.5; check the sum and return the words."""
    parts = np.zeros((len(spans) + 1, 2), dtype=np.float32)
    parts[:, 0] = [*range(len(spans)), 0.5]
    parts[:, 1] = 3
    vector = np.array([1, 0], dtype=np.float32)
    *told, rest = explained(text, prefix, spans, parts, vector)
    total = parts.sum(axis=0, dtype=np.float64)
    assert sum(word.value for word in (*told, rest)) == pytest.approx(total[0] / np.linalg.norm(total))
    assert (rest.start, rest.end) == (0, 0)
    for before, after in pairwise(told):
        assert before.end <= after.start
    return [text[word.start : word.end] for word in told]


def by_bytes() -> Tokenizer:
    """As RoBERTa's, and without any merges: every byte a token, the space before a word its own or the word's."""
    alphabet = {letter: row for row, letter in enumerate(pre_tokenizers.ByteLevel.alphabet())}
    tokenizer = Tokenizer(models.BPE(alphabet, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def by_pieces() -> Tokenizer:
    """As XLM-RoBERTa's: pieces of text that begin with the space before them."""
    pieces = [
        "<unk>",
        "▁",
        "▁the",
        "▁bri",
        "dge",
        "▁over",
        ".",
        "桥大",
        "市",
        "。",
        "▁สะพาน",
        "ใหม่",
        "'",
        "s",
        "้",
        "▁(",
        "fi",
    ]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=0))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def located(tokenizer: Tokenizer, text: str, prefix: str = "") -> list[Span | None]:
    return Tokens.of(tokenizer, special=False).locate(prefix + text, None)


@pytest.mark.parametrize("prefix", ["", "query: "])
def test_bytes_become_words(prefix: str) -> None:
    text = "the bridge, 市大 naïve 🌋🐋  don't\n3,400 (x)"
    expected = ["the", "bridge", ",", "市", "大", "naïve", "🌋", "🐋", "don't", "3,400", "(", "x", ")"]
    assert words(text, located(by_bytes(), text, prefix), prefix) == expected


@pytest.mark.parametrize("prefix", ["", "the "])
def test_pieces_become_words(prefix: str) -> None:
    text = "the bridge's over. สะพานใหม่ 桥大市。 (ﬁ"
    expected = ["the", "bridge's", "over", ".", "สะพาน", "ใหม่", "桥大", "市", "。", "(", "ﬁ"]
    assert words(text, located(by_pieces(), text, prefix), prefix) == expected


def test_what_lies_nowhere_is_no_word() -> None:
    assert words("a b", [None, (0, 1), (1, 2), (2, 3), (3, 3), None]) == ["a", "b"]
    assert words("", [None, None]) == []


@pytest.mark.parametrize(
    ("text", "at", "joined"),
    [
        ("ab", 1, True),
        ("3.4", 1, True),
        ("a.b", 2, True),
        ("a.", 1, False),
        (".a", 1, False),
        ("a-b", 1, False),
        ("a\u00adb", 1, True),
        ("a\u0301b", 1, True),
        ("시장", 1, True),
        ("मंत्री", 1, True),
        ("می\u200cروم", 2, True),
        ("市长", 1, False),
        ("a市", 1, False),
        ("ที่", 1, True),
    ],
)
def test_a_word_goes_on(text: str, at: int, joined: bool) -> None:
    assert words(text, [(0, at), (at, len(text))]) == ([text] if joined else [text[:at], text[at:]])


@given(st.text(), st.data())
def test_any_tokens_in_order_lose_nothing(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    spans = list(pairwise(edges))
    words(text, [None, *spans, None])


@given(st.text(), st.sampled_from(["", "query: ", "the"]))
def test_any_text_s_tokens_lose_nothing(text: str, prefix: str) -> None:
    for tokenizer in (by_bytes(), by_pieces()):
        words(text, located(tokenizer, text, prefix), prefix)


def test_a_passage_that_says_nothing_has_the_first_axis() -> None:
    [rest] = explained("", "", [], np.zeros((1, 2), dtype=np.float32), np.array([0.6, 0.8], dtype=np.float32))
    assert rest.value == pytest.approx(0.6)
