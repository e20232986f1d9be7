from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.chunking import prepare, with_title
from semsearch.encoders import load_encoder
from semsearch.ports import Encoder
from semsearch.text import normalise_text
from semsearch.types import Precision
from tests.examples import examples
from tests.making import article

ENCODER = load_encoder("hashing")

words = st.sampled_from(
    ["river", "bridge", "the", "of", "council", "rose", "1,200", "flood.", "said.", "why?", "水位上涨。", "新闻", "é"]
)
paragraphs = st.lists(words, min_size=1, max_size=120).map(" ".join)
texts = st.lists(paragraphs, min_size=1, max_size=12).map("\n\n".join)
anything = st.text(max_size=600)


def shown(text: str) -> str:
    return "".join(text.split())


@examples(200)
@given(text=texts | anything, title=st.text(max_size=60) | paragraphs, budget=st.integers(16, 300))
@example(text="x" * 5_000, title="", budget=16)
@example(text="新" * 2_000, title="新" * 400, budget=128)
def test_passages_quote_the_article_cover_it_and_fit_the_encoder(text: str, title: str, budget: int) -> None:
    whole = article("a", text, title=title or " ")
    prepared = prepare(whole, ENCODER, budget)
    passages = [one.passage for one in prepared]
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    for passage in passages:
        assert passage.text == whole.text[passage.start : passage.end]
        assert passage.article_id == whole.metadata.article_id
    assert all(one.end <= other.start for one, other in pairwise(passages))
    assert shown("".join(passage.text for passage in passages)) == shown(whole.text)
    limit = ENCODER.max_tokens - ENCODER.overhead_tokens
    assert all(count <= limit for count in ENCODER.count_tokens([one.embedding_text for one in prepared]))
    assert not any(one.truncated for one in prepared)
    # Headings, at most 32 tokens of them, may come on top.
    assert all(count <= budget + 32 for count in ENCODER.count_tokens([passage.text for passage in passages]))


@given(text=texts, budget=st.integers(16, 200))
def test_a_paragraph_that_fits_is_never_cut(text: str, budget: int) -> None:
    whole = article("a", text, title="T")
    ends = {passage.passage.end for passage in prepare(whole, ENCODER, budget)}
    for paragraph in whole.text.split("\n\n"):
        if ENCODER.count_tokens([paragraph])[0] <= budget:
            start = whole.text.index(paragraph)
            assert not any(start < end < start + len(paragraph) for end in ends)


def cut(text: str, budget: int, encoder: Encoder = ENCODER, title: str = "T") -> Sequence[str]:
    return [one.passage.text for one in prepare(article("a", text, title=title), encoder, budget)]


def test_long_paragraphs_are_cut_at_sentence_ends_into_even_parts() -> None:
    sentence = "The river rose again in the night and the lower town was cleared."
    parts = cut(" ".join([sentence] * 9), 60)
    assert all(part.startswith("The river") and part.endswith("cleared.") for part in parts)
    assert max(map(len, parts)) <= 1.6 * min(map(len, parts))


def test_chinese_and_japanese_sentences_are_cut_at_their_own_stops() -> None:
    for sentence in ("河水夜间再次上涨，下城居民已经撤离。", "川の水位が夜に再び上がり、住民は避難した。"):
        parts = cut(sentence * 8, 50)
        assert len(parts) > 1
        assert all(part.endswith("。") for part in parts)


def test_a_heading_goes_with_what_follows_it() -> None:
    first = " ".join(["word"] * 30) + "."
    second = " ".join(["other"] * 28) + "."
    assert cut(f"{first}\n\nWhat comes next\n\n{second}", 36) == [first, f"What comes next\n\n{second}"]
    assert cut(f"{first}\n\nWhat comes next\n\n{second}", 30) == [first, f"What comes next\n\n{second}"]


def test_a_list_of_short_lines_is_no_pile_of_headings() -> None:
    lines = [f"Item number {number} of the list" for number in range(40)]
    parts = cut("\n\n".join(lines), 48)
    assert 5 <= len(parts) <= 10


def test_the_headline_stands_before_every_passage_for_embedding_only() -> None:
    prepared = prepare(article("a", "One.\n\n" + "Two " * 40 + ".", title="Flood"), ENCODER, 32)
    assert all(one.embedding_text == f"Flood\n{one.passage.text}" for one in prepared)
    assert with_title("Flood", "Flood in the lower town") == "Flood in the lower town"
    assert with_title("", "text") == "text"


def test_an_article_without_text_has_one_empty_passage_that_is_found_by_its_headline() -> None:
    [only] = prepare(article("a", "", title="Flood in the lower town"), ENCODER, 64)
    assert (only.passage.start, only.passage.end, only.passage.text) == (0, 0, "")
    assert only.embedding_text.strip() == "Flood in the lower town"


def test_many_paragraphs_without_a_word_take_no_time() -> None:
    assert len(cut("\n\n".join(["* * *"] * 30_000), 64)) >= 1


@pytest.mark.model
def test_the_default_model_reads_every_passage_to_its_end() -> None:
    encoder = load_encoder(precision=Precision.F32)  # which other tests have made ready
    long_words = "Donaudampfschifffahrtsgesellschaftskapitän " * 200
    text = normalise_text(f"{long_words}\n\n{'水位上涨。' * 400}\n\n{'🙂' * 900}\n\n{'a' * 3_000}")
    prepared = prepare(article("a", text, title="Überlange Überschrift " * 40), encoder, 128)
    counts = encoder.count_tokens([one.embedding_text for one in prepared])
    assert max(counts) + encoder.overhead_tokens <= encoder.max_tokens == 256
    assert not any(one.truncated for one in prepared)
