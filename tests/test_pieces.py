"""A tokenizer of the pieces that a text has cuts it as the tokenizer of all pieces does."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from semsearch.encoders import pieces
from semsearch.encoders.agreement import agreement_texts
from semsearch.encoders.tokens import FRAME, TOKENS, Tokens, write_tokens
from semsearch.errors import EncoderError
from tests.examples import examples

LETTERS = "abcdeé市长大桥 \u0301▁🌋"


def whole() -> Tokenizer:
    """As XLM-RoBERTa's: pieces with scores, a sign for spaces, special tokens that a text may spell out."""
    chance = random.Random(1)  # noqa: S311  no secret
    made = {"".join(chance.choices(LETTERS, k=chance.randint(1, 5))).replace(" ", "▁") for _ in range(2_000)}
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(piece, -chance.uniform(1, 12)) for piece in sorted(made - {"🌋", "\u0301"})]
    tokenizer = Tokenizer(models.Unigram(vocabulary, 3, False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = [AddedToken(word, special=True, normalized=False) for word in ("<s>", "<pad>", "</s>", "<unk>")]
    tokenizer.add_special_tokens([*special, AddedToken("<mask>", special=True, normalized=False, lstrip=True)])
    frame = [("<s>", 0), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=frame)
    return tokenizer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("tokens")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_FEWEST", 1)
        patch.setattr(pieces, "_MUCH", 1_000_000_000)
        write_tokens(whole(), made, special=True)
        yield made


@pytest.fixture(scope="module")
def few(folder: Path) -> Tokens:
    assert (folder / FRAME).exists()
    return Tokens.opened(folder, lambda: False)


EXPECTED = Tokens.of(whole(), special=True)


def assert_same(few: Tokens, texts: list[str]) -> None:
    assert few.read(texts, None) == EXPECTED.read(texts, None)
    assert few.read(texts, 5) == EXPECTED.read(texts, 5)
    assert few.count(texts) == EXPECTED.count(texts)
    assert few.count_unread(texts) == EXPECTED.count_unread(texts)
    assert [few.locate(text, 7) for text in texts] == [EXPECTED.locate(text, 7) for text in texts]


@examples(200)
@given(texts=st.lists(st.text(LETTERS) | st.text() | st.sampled_from(["<s>", "a <mask>", "<unk>a", ""]), max_size=4))
def test_few_pieces_cut_as_all_do(few: Tokens, texts: list[str]) -> None:
    assert_same(few, [*texts, "".join(texts)])


def test_texts_of_many_scripts_are_cut_as_by_all(few: Tokens) -> None:
    assert (few.special, EXPECTED.special) == (2, 2)
    assert_same(few, list(agreement_texts()))


def test_where_there_is_much_to_read_the_whole_tokenizer_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_MUCH", 100)
    checked: list[bool] = []
    tokens = Tokens.opened(folder, lambda: not checked.append(True))  # type: ignore[func-returns-value]
    assert_same(tokens, ["ab 市长"])
    assert not checked
    assert_same(tokens, ["ab 市长" * 100])
    assert_same(tokens, ["ab"])
    assert len(checked) == 1


def test_a_damaged_tokenizer_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_MUCH", 100)
    tokens = Tokens.opened(folder, lambda: False)
    with pytest.raises(EncoderError, match=TOKENS):
        tokens.count(["ab" * 100])


def test_other_tokenizers_are_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_FEWEST", 10_000)
    kinds = {
        "few": whole(),
        "words": Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]")),  # noqa: S106
    }
    for name, tokenizer in kinds.items():
        (tmp_path / name).mkdir()
        write_tokens(tokenizer, tmp_path / name, special=True)
        assert [path.name for path in (tmp_path / name).iterdir()] == [TOKENS]
