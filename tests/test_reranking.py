"""A cross-encoder puts the first hits in its own order, and says so."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index, Query
from semsearch.cli import main
from semsearch.encoders import load_reranker
from semsearch.errors import EncoderError, UsageError
from semsearch.reranking import FIRST, SIGNAL, reranking
from semsearch.types import Answer, Sort
from tests.lazily import torch, transformers
from tests.tiny_models import DIMENSIONS, PLACES, VOCABULARY, edit_json, tiny_model, write_json

SIZE = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": DIMENSIONS,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "initializer_range": 0.5,
    "num_labels": 1,
}
KINDS = {
    "bert": lambda: transformers.BertConfig(**SIZE, max_position_embeddings=PLACES),
    "xlm-roberta": lambda: transformers.XLMRobertaConfig(
        **SIZE, max_position_embeddings=PLACES + 1, pad_token_id=0, type_vocab_size=1
    ),
}
PASSAGES = ["The mayor opens the bridge.", "a storm in the harbour " * 20, "Whales!", "市长 the vote"]


@pytest.fixture(scope="module", params=KINDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder with random weights."""
    folder = tiny_model(tmp_path_factory.mktemp("cross") / request.param)
    torch.manual_seed(1)
    transformers.AutoModelForSequenceClassification.from_config(KINDS[request.param]()).save_pretrained(folder)
    write_json(folder / "modules.json", [{"path": "", "type": "sentence_transformers.models.Transformer"}])
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if request.param == "bert" else [])]
    edit_json(folder / "tokenizer_config.json", model_max_length=PLACES, model_input_names=inputs)
    output = {"text": {"method": "forward", "method_output_name": "logits"}}
    limits = {"modality_config": output, "module_output_name": "scores", "transformer_task": "sequence-classification"}
    write_json(folder / "sentence_bert_config.json", limits)  # as sentence-transformers 6 saves one
    return folder


def test_scores_are_those_of_the_library(folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    query = "who opens the bridge?"
    expected = []
    for passage in PASSAGES:
        read = tokenizer(query, passage, truncation=True, max_length=PLACES, return_tensors="pt")
        with torch.inference_mode():
            expected.append(model(**read).logits.item())
    np.testing.assert_allclose(load_reranker(str(folder)).scores(query, PASSAGES), expected, atol=1e-4)


class ByLength:
    """The shorter a passage, the better."""

    name = "by-length"

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        assert query
        return [-float(len(passage)) for passage in passages]


def asked(index: Index, query: Query) -> Answer:
    [answer] = reranking(index.search_each, ByLength())([query])
    assert isinstance(answer, Answer)
    return answer


def test_the_first_hits_are_put_in_another_order_and_the_rest_stays(index: Index) -> None:
    query = Query("the talk of the town on the harbour day", k=12)
    before, after = index.search(query), asked(index, query)
    assert len(before) == 12
    lengths = [-hit.scores[SIGNAL] for hit in after[:FIRST]]
    assert lengths == sorted(lengths)
    assert {hit.article.article_id for hit in after[:FIRST]} == {hit.article.article_id for hit in before[:FIRST]}
    assert [hit.article for hit in after[FIRST:]] == [hit.article for hit in before[FIRST:]]
    assert [hit.rank for hit in after] == list(range(1, 13))
    assert [hit.score for hit in after] == [hit.score for hit in before]
    assert after.verdict is before.verdict
    assert after.took_ms > 0
    assert "reranked by by-length in" in after.notices[-1]
    assert SIGNAL in after.to_dict()["hits"][0]["scores"]  # type: ignore[index]


@pytest.mark.parametrize(("k", "offset"), [(3, 0), (4, 3), (3, 9), (5, 20)])
def test_pages_are_parts_of_one_order(index: Index, k: int, offset: int) -> None:
    text = "the talk of the town on the harbour day"
    whole, page = asked(index, Query(text, k=12)), asked(index, Query(text, k=k, offset=offset))
    assert [hit.passage for hit in page] == [hit.passage for hit in whole[offset : offset + k]]
    assert [hit.rank for hit in page] == [hit.rank for hit in whole[offset : offset + k]]
    assert page.verdict is whole.verdict
    assert (page.query.k, page.query.offset) == (k, offset)


def test_what_is_sorted_by_date_is_not_reranked(index: Index) -> None:
    with pytest.raises(UsageError, match="cannot be reranked"):
        asked(index, Query("harbour", sort=Sort.DATE))


def test_a_folder_that_is_no_cross_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no cross-encoder in"):
        load_reranker(str(tmp_path))
    model = tiny_model(tmp_path / "model")
    with pytest.raises(EncoderError, match="no cross-encoder that can be run"):
        load_reranker(str(model))


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_line_reranks_and_measures(
    index: Index, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("query", "harbour", "-i", index.location, "--rerank", folder, "--json", "-k", 2) == 0
    said = json.loads(capfd.readouterr().out)
    assert [SIGNAL in hit["scores"] for hit in said["hits"]] == [True] * len(said["hits"])
    assert any("reranked" in notice for notice in said["notices"])
    (tmp_path / "topics").write_text("1\tharbour\n")
    [best] = index.search("harbour", k=1)
    (tmp_path / "qrels").write_text(f"1 0 {best.article.article_id} 1\n")
    named = ("eval", "--topics", tmp_path / "topics", "--qrels", tmp_path / "qrels", "-i", index.location)
    assert run(*named, "--rerank", folder, "--json") == 0
    measured = capfd.readouterr().out
    assert all(name in measured for name in ('"hybrid"', '"hybrid+rerank"'))
    assert run(*named, "--rerank", folder, "--write-run", tmp_path / "run") == 2
    assert run("query", "harbour", "-i", index.location, "--rerank", tmp_path) == 4
