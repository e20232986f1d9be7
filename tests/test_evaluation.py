import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semsearch.errors import NoSuchPathError, SourceError, UsageError
from semsearch.evaluation import (
    MISSING,
    Estimate,
    Measure,
    Missing,
    evaluate,
    match,
    parse_measure,
    ranked,
    read_judgements,
    read_run,
    read_topics,
    run_lines,
)
from semsearch.rendering.layout import Style
from semsearch.rendering.measures import evaluation_dict, evaluation_text
from semsearch.text import display_width
from semsearch.types import Metadata
from tests.making import article

MEASURES = [
    parse_measure(name)
    for name in (
        "nDCG",
        "nDCG@1",
        "nDCG@3",
        "nDCG@10",
        "R@1",
        "R@5",
        "P@1",
        "P@5",
        "RR",
        "RR@2",
        "AP",
        "AP@3",
        "Success@1",
        "Success@3",
    )
]

TOPICS = st.sampled_from(["1", "2", "3", "q-4"])
IDS = st.sampled_from([f"d{number}" for number in range(12)])
JUDGEMENTS = st.dictionaries(TOPICS, st.dictionaries(IDS, st.integers(-2, 4), min_size=1), min_size=1)
SCORES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 0.5, 0.5 + 1e-12, 1e-50])
RUNS = st.dictionaries(TOPICS, st.dictionaries(IDS, SCORES, min_size=1), min_size=1)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "given.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# Measures


def trec_order(scores: Mapping[str, float]) -> list[str]:
    return [name for name, _ in sorted(scores.items(), key=lambda pair: (np.float32(pair[1]), pair[0]), reverse=True)]


def run_of(scores: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[str, float]]]:
    return {topic: [(name, own[name]) for name in trec_order(own)] for topic, own in scores.items()}


@given(JUDGEMENTS, RUNS)
def test_every_value_is_that_of_ir_measures(
    judgements: dict[str, dict[str, int]], scores: dict[str, dict[str, float]]
) -> None:
    assume(all(max(grades.values()) >= 0 for grades in judgements.values()))  # else the oracle overruns its memory
    ir = pytest.importorskip("ir_measures", reason="ir-measures, the oracle, is not installed")
    # Where ir-measures cuts a reciprocal rank it does not break ties as trec_eval does, so it gets scores without any.
    strict = {topic: {name: -float(rank) for rank, name in enumerate(trec_order(own))} for topic, own in scores.items()}
    ours = evaluate(MEASURES, judgements, {"run": run_of(scores)})
    [system] = ours.systems
    for tied in (False, True):
        wanted = {
            measure: ir.parse_measure(measure.name)
            for measure in MEASURES
            if not tied or measure.kind != "RR" or not measure.cutoff
        }
        run = scores if tied else strict
        means = ir.calc_aggregate(wanted.values(), judgements, run)
        values = {(one.query_id, one.measure): one.value for one in ir.iter_calc(wanted.values(), judgements, run)}
        for at, measure in enumerate(MEASURES):
            if measure in wanted:
                theirs = wanted[measure]
                assert system.means[at].mean == pytest.approx(means[theirs], abs=1e-6), measure
                for topic in judgements:
                    assert system.by_topic[topic][at] == pytest.approx(values[topic, theirs], abs=1e-6), measure


@given(st.lists(IDS, unique=True), st.dictionaries(IDS, st.integers(-1, 3)), st.integers(1, 12))
def test_ndcg_is_the_sum_over_ranks_by_hand(ranking: list[str], grades: dict[str, int], k: int) -> None:
    def gain(names: Sequence[str]) -> float:
        return math.fsum(
            max(0, grades.get(name, 0)) * math.log(2) / math.log(2 + place) for place, name in enumerate(names[:k])
        )

    best = gain(sorted(grades, key=lambda name: -grades[name]))
    wanted = gain(ranking) / best if best else 0.0
    assert Measure("nDCG", k).value(ranking, grades) == pytest.approx(wanted, abs=1e-9)


def test_known_values() -> None:
    grades = {"a": 2, "b": 1, "c": 0, "d": -1}

    def value(name: str) -> float:
        return parse_measure(name).value(["c", "b", "x", "a"], grades)

    assert value("recall@2") == 0.5
    assert value("MRR") == 0.5
    assert value("precision@4") == 0.5
    assert value("success@1") == 0
    assert value("MAP") == (1 / 2 + 2 / 4) / 2
    assert value("ndcg@10") == pytest.approx((1 / math.log2(3) + 2 / math.log2(5)) / (2 + 1 / math.log2(3)))


def test_measures_are_named_as_in_ir_measures_and_said_in_words() -> None:
    assert [parse_measure(name).name for name in ("ndcg@10", "Recall@100", "mrr", "MAP@5")] == [
        "nDCG@10",
        "R@100",
        "RR",
        "AP@5",
    ]
    assert [parse_measure(name).label for name in ("nDCG@10", "R@100", "RR@10", "P@5")] == [
        "nDCG@10",
        "recall@100",
        "MRR@10",
        "precision@5",
    ]


@pytest.mark.parametrize("name", ["", "F1", "recall", "P", "nDCG@0", "nDCG@-1", "nDCG@ten", "R@10@10"])
def test_what_is_no_measure_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        parse_measure(name)


# Systems


def test_a_judged_topic_without_an_answer_counts_as_nothing_found_and_an_unjudged_one_not_at_all() -> None:
    judgements = {"1": {"a": 1}, "2": {"b": 1}, "3": {"c": 0}}
    found = evaluate([Measure("RR")], judgements, {"x": {"1": [("a", 1.0)], "9": [("a", 1.0)]}})
    [system] = found.systems
    assert system.means == (Estimate(1 / 3),)
    assert system.unanswered == ("2", "3")
    assert found.missing["topics_unjudged"].ids == ("9",)
    assert found.missing["topics_without_relevant"].ids == ("3",)


def test_a_topic_that_nobody_knows_is_told_apart_from_one_without_an_answer() -> None:
    judgements = {"1": {"a": 1}, "2": {"b": 1}, "3": {"c": 1}}
    found = evaluate([Measure("RR")], judgements, {"x": {"1": [("a", 1.0)], "2": []}}, texts={"1": "quay", "2": "ice"})
    assert found.missing["topics_unknown"].ids == ("3",)
    assert found.systems[0].unanswered == ("2",)


def test_an_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    judgements = {str(number): {"a": 1} for number in range(40)}
    good = {str(number): [("a", 1.0)] if number % 4 else [("b", 2.0), ("a", 1.0)] for number in range(40)}
    bad = {topic: [("z", 3.0), *ranking] for topic, ranking in good.items()}
    once, again = (evaluate([Measure("RR")], judgements, {"good": good, "bad": bad}) for _ in range(2))
    assert once == again
    first, second = once.systems
    [mean], [difference] = first.means, second.differences
    assert mean.low is not None and mean.high is not None and difference.high is not None
    assert mean.low < mean.mean == 0.875 < mean.high
    # The normal approximation, from the sample's own spread, says nearly the same.
    spread = 1.96 * math.sqrt(0.25 * 0.75) * 0.5 / math.sqrt(40)
    assert (mean.low, mean.high) == pytest.approx((0.875 - spread, 0.875 + spread), abs=0.02)
    assert difference.mean == pytest.approx(second.means[0].mean - mean.mean)
    assert difference.high < 0
    assert not first.differences


def test_few_topics_have_no_interval() -> None:
    judgements = {str(number): {"a": 1} for number in range(9)}
    [system] = evaluate([Measure("RR")], judgements, {"x": {}}).systems
    assert system.means == (Estimate(0.0),)


# Names


def known(name: str, **more: object) -> Metadata:
    return article(name, **more).metadata  # type: ignore[arg-type]


def test_an_id_means_an_article_by_its_id_its_url_or_its_sources_own_id_in_this_order() -> None:
    quay = known("quay", tags={"source_id": ("7",)})
    ice = known("ice", tags={"source_id": (quay.article_id, "8")})
    address = "http://www.news.example.org/ice/?utm_source=feed"
    names = match([quay.article_id, address, "7", "8", "none"], [ice, quay])
    assert names.by_article == {quay.article_id: ("7", quay.article_id), ice.article_id: ("8", address)}
    assert (names.unmatched, names.ambiguous) == (("none",), ())


def test_an_id_that_several_articles_have_means_none_of_them() -> None:
    one, two = known("one", tags={"source_id": ("7",)}), known("two", tags={"source_id": ("7", "2")})
    names = match(["7", "2"], [one, two])
    assert names.by_article == {two.article_id: ("2",)}
    assert names.ambiguous == ("7",)
    assert ranked([(one, 1.0), (two, 0.5)], {"7"}, names) == [(one.article_id, 1.0), ("2", 0.5)]


def test_an_article_that_two_judged_ids_mean_is_found_under_both() -> None:
    wire = known("wire", tags={"source_id": ("7", "8", "9")})
    names = match(["7", "8", "9"], [wire])
    assert ranked([(wire, 1.0)], {"7", "9"}, names) == [("7", 1.0), ("9", 1.0)]
    assert ranked([(wire, 1.0)], {}, names) == [("7", 1.0)]


def test_articles_that_nobody_judged_go_by_what_the_others_go_by() -> None:
    judged, plain = known("judged", tags={"source_id": ("1",)}), known("plain", tags={"source_id": ("2",)})
    spaced, clash = known("spaced", tags={"source_id": ("a b",)}), known("clash", tags={"source_id": ("2",)})
    names = match(["1"], [judged, plain, spaced, clash])
    found = [(one, 1.0) for one in (judged, plain, spaced, clash)]
    assert [name for name, _ in ranked(found, {"1"}, names)] == ["1", "2", spaced.article_id, clash.article_id]
    by_url = match([str(judged.url)], [judged])
    assert [name for name, _ in ranked([(plain, 1.0)], {}, by_url)] == [plain.url]


# Topics

ASKED = {"1": "harbour quay", "q 2": "open source"}


@pytest.mark.parametrize(
    "content",
    [
        "1\tharbour quay\nq 2\topen source\n",
        "\ufeff# asked in May\r\n\r\n1\t harbour  quay\r\nq 2\topen source",
        "query\tqid\nharbour quay\t1\nopen source\tq 2\n",
        '{"_id": "1", "title": "", "text": "harbour quay"}\n\n{"_id": "q 2", "text": "open\\nsource"}\n',
        '{"qid": 1, "query": "harbour quay"}\n{"id": "q 2", "title": "open source"}\n',
    ],
)
def test_topics_are_read_from_tables_and_json_lines(written: Callable[[str], Path], content: str) -> None:
    assert read_topics(written(content)) == ASKED


@pytest.mark.parametrize(
    "content",
    [
        (
            "<top>\n<num> Number: 1\n<title> harbour &amp; quay\n\n<desc> Description:\nWhich quays?\n</top>\n"
            "<top>\n<num> Number: 2\n<title> Topic: open\nsource\n</top>\n"
        ),
        (
            "<topics><topic number='1'><query>harbour &amp; quay</query><question>Which?</question></topic>\n"
            '<topic number="2"><query>open source</query></topic></topics>'
        ),
        "<top>\n<num>1</num><title>harbour & quay</title>\n<top>\n<num>2</num><title>open source</title>",
    ],
)
def test_topics_are_read_from_trec_files(written: Callable[[str], Path], content: str) -> None:
    assert read_topics(written(content)) == {"1": "harbour & quay", "2": "open source"}


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("1\tquay\n2 ice\n", 2, "no tab"),
        ("1\tquay\n2\tice\tmelts\n", 2, "3 columns"),
        ("1\tquay\n\n1\tice\n", 3, "was there before"),
        ("1\t  \n", 1, "no query"),
        ("\tquay\n", 1, "no id"),
        ('{"id": "1", "text": "quay"}\n{"id": "2"\n', 2, "not JSON"),
        ('{"id": "1", "text": "quay"}\n["2"]\n', 2, "not a JSON object"),
        ('{"id": true, "text": "quay"}\n', 1, "no id"),
        ("<top>\n<num> 1\n<title> quay\n</top>\n<top>\n<num> 2\n</top>", 5, "no query"),
    ],
)
def test_what_is_wrong_with_topics_is_said_with_its_line(
    written: Callable[[str], Path], content: str, line: int, told: str
) -> None:
    path = written(content)
    with pytest.raises(SourceError, match=told) as error:
        read_topics(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert error.value.hint


# Judgements

JUDGED = {"1": {"a": 2, "b": 0}, "2": {"c": -1}}


@pytest.mark.parametrize(
    "content",
    [
        "1 0 a 2\n1 0 b 0\n2 0 c -1\n",
        "\ufeff1\t0\ta\t2\r\n\r\n# second pool\r\n1 Q0  b 0\r\n1 0 a 2\r\n2 0 c -1",
        "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n2\tc\t-1\n",
        "1\ta\t2\n1\tb\t0\n2\tc\t-1.0\n",
        (
            '{"qid": 1, "doc_id": "a", "relevance": 2}\n{"query_id": "1", "url": "b", "score": "0"}\n'
            '{"query-id": "2", "corpus-id": "c", "score": -1}'
        ),
    ],
)
def test_judgements_are_read_from_every_form(written: Callable[[str], Path], content: str) -> None:
    assert read_judgements(written(content)) == JUDGED


def test_an_id_with_spaces_is_read_from_a_table_with_a_header(written: Callable[[str], Path]) -> None:
    assert read_judgements(written("query-id\tcorpus-id\tscore\n1\ta b\t1\n")) == {"1": {"a b": 1}}


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("1 0 a 2\n1 a\n", 2, "2 columns"),
        ("1 0 a 2\n1 0 b high\n", 2, "whole number"),
        ("1 0 a 0.5\n", 1, "whole number"),
        ("1 0 a inf\n", 1, "whole number"),
        ("1 0 a 2\n1 0 a 1\n", 2, "judged otherwise before"),
        ('{"qid": "1", "relevance": 2}\n', 1, "no id of what is judged"),
        ('{"doc_id": "1", "relevance": 2}\n', 1, "no topic"),
        ('{"qid": "1", "doc_id": "a"}\n', 1, "whole number"),
        ("query-id\tcorpus-id\tscore\n1\ta\n", 2, "2 columns where there should be 3"),
    ],
)
def test_what_is_wrong_with_judgements_is_said_with_its_line(
    written: Callable[[str], Path], content: str, line: int, told: str
) -> None:
    path = written(content)
    with pytest.raises(SourceError, match=told) as error:
        read_judgements(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert error.value.hint


# Runs


def test_a_run_is_ordered_by_score_whatever_its_ranks_and_equal_scores_by_id_downward(
    written: Callable[[str], Path],
) -> None:
    lines = "1 Q0 a 1 0.5 x\n1 Q0 b 2 0.7 x\n2 Q0 a 1 1 x\n1 Q0 c 3 0.500000000001 x\n1 Q0 z 9 -1e300 x\n"
    assert read_run(written(lines)) == {
        "1": [("b", 0.7), ("c", 0.500000000001), ("a", 0.5), ("z", -1e300)],
        "2": [("a", 1.0)],
    }


@given(
    st.dictionaries(
        st.sampled_from("abc"), st.lists(st.tuples(IDS, SCORES), unique_by=lambda pair: pair[0], min_size=1), min_size=1
    )
)
def test_a_written_run_keeps_its_order_for_every_reader(
    tmp_path_factory: pytest.TempPathFactory, run: dict[str, list[tuple[str, float]]]
) -> None:
    path = tmp_path_factory.mktemp("run") / "run.txt"
    path.write_text("".join(run_lines(run, "semsearch")), encoding="utf-8")
    kept = read_run(path)
    assert {topic: [name for name, _ in ranking] for topic, ranking in kept.items()} == {
        topic: [name for name, _ in ranking] for topic, ranking in run.items()
    }
    for ranking in kept.values():
        scores = [np.float32(score) for _, score in ranking]
        assert all(first > second for first, second in pairwise(scores))


def test_ids_that_a_run_file_cannot_hold_are_refused() -> None:
    for run in ({"1": [("a b", 1.0)]}, {"q 2": [("a", 1.0)]}, {"1": [("", 1.0)]}):
        with pytest.raises(UsageError, match="cannot hold"):
            list(run_lines(run, "semsearch"))


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("1 Q0 a 1 0.5 x\n1 Q0 b 2 0.5\n", 2, "5 columns"),
        ("1 Q0 a 1 best x\n", 1, "not a number"),
        ("1 Q0 a 1 nan x\n", 1, "not a number"),
        ("1 Q0 a 1 0.5 x\n1 Q0 a 2 0.4 x\n", 2, "was there before"),
    ],
)
def test_what_is_wrong_with_a_run_is_said_with_its_line(
    written: Callable[[str], Path], content: str, line: int, told: str
) -> None:
    path = written(content)
    with pytest.raises(SourceError, match=told) as error:
        read_run(path)
    assert str(error.value).startswith(f"{path}:{line}: ")


@pytest.mark.parametrize("read", [read_topics, read_judgements, read_run])
def test_files_that_are_empty_missing_or_not_text_are_named(
    written: Callable[[str | bytes], Path], read: Callable[[Path], object]
) -> None:
    for content in ("", "\n# nothing yet\n"):
        with pytest.raises(SourceError, match=r"given\.txt holds no"):
            read(written(content))
    with pytest.raises(SourceError, match=r"given\.txt:2: this is not UTF-8"):
        read(written(b"# one\n\xff\xfe\n"))
    with pytest.raises(NoSuchPathError, match="absent"):
        read(Path("absent.tsv"))
    with pytest.raises(SourceError):
        read(Path())


# Rendering


def test_no_line_is_wider_than_the_terminal_and_the_object_is_json() -> None:
    judgements = {str(number): {f"https://news.example.org/a/very/long/address/{number}": 1} for number in range(12)}
    runs = {name: {"1": [("x\x1b[2J", 1.0)]} for name in ("hybrid", "a-folder/with/a-very-long-name.run")}
    names = {name: Missing(tuple(judgements["3"]) * 3, 12) for name in MISSING}
    found = evaluate(MEASURES[:6], judgements, runs, missing=names, query_ms={"hybrid": 3.0})
    for style in (Style(), Style(width=30), Style(width=100, colour=True)):
        for piece in evaluation_text(found, style, per_topic=True):
            assert piece.endswith("\n")
            if not style.colour and "https:" not in piece:
                assert display_width(piece[:-1]) <= style.columns, piece
    value = json.loads(json.dumps(evaluation_dict(found, per_topic=True), allow_nan=False))
    assert value["measures"].keys() == {measure.name for measure in MEASURES[:6]}
    assert value["ids_unmatched"]["count"] == 3
    assert [one["name"] for one in value["compared"]] == ["a-folder/with/a-very-long-name.run"]
    assert len(value["topics"]) == 12
