"""The command that measures how good rankings are: eval."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from semsearch.cli import options
from semsearch.cli.streams import tell_json

if TYPE_CHECKING:
    from semsearch.evaluation import Evaluation, Judgements, Measure, Missing, Names, Run
    from semsearch.index import Index
    from semsearch.reranking import Search
    from semsearch.types import Answer, Filters, Mode

BATCH = 64
"""Topics that are searched for together."""


@click.command("eval")
@click.option("--topics", metavar="F", help="What to ask: ID<TAB>QUERY, JSON Lines (BEIR's too) or TREC's form.")
@click.option("--qrels", metavar="F", required=True, help="Judgements: TREC, BEIR's table or JSON Lines.")
@options.reading_index
@click.option(
    "-k",
    "--top-k",
    "k",
    type=options.CountType(1),
    metavar="N",
    default=10,
    show_default=True,
    help="How many articles.",
)
@click.option("-n", "--limit", type=options.CountType(1), hidden=True)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(options.MODES),
    help="What ranks. Repeat to compare with the first.",
)
@click.option(
    "--run", "runs", multiple=True, metavar="FILE", help="Measure a TREC run; alone it needs neither topics nor index."
)
@click.option("--write-run", "target", metavar="FILE", help="Keep what one mode found, as a TREC run.")
@click.option(
    "--measures", multiple=True, metavar="NAMES", help="Such as 'nDCG@10 recall@100 MRR MAP P@5'; else five up to -k."
)
@click.option("--per-topic", is_flag=True, help="Every topic's values too.")
@options.filtering
@options.model
@options.threads
@options.timeout
@options.rerank
@options.as_json
@options.quiet
def eval_(
    topics: str | None, qrels: str, runs: Sequence[str], modes: Sequence[str], target: str | None, **arguments: Any
) -> int:
    """Measure recall, MRR and nDCG of an index by your own topics and judgements, or of TREC runs.

    Topics are plain text. A judged id means the article that has it as its article id, its URL or the id that its
    source gave. The values are those of trec_eval and ir-measures, over every judged topic.
    """
    from semsearch.evaluation import evaluate, parse_measure, read_judgements, read_run, read_topics

    filters, k = options.take_filters(arguments), arguments["limit"] or arguments["k"]
    searching = bool(modes or target or not runs)
    _check(topics, modes, target, filters, searching=searching, rerank=arguments["rerank"])
    measure_names = " ".join(arguments["measures"]).split()
    measures = [parse_measure(name) for name in measure_names] or _default_measures(k)
    judgements = read_judgements(Path(qrels))
    texts = read_topics(Path(topics)) if topics else {}
    read_runs = {name: read_run(Path(name)) for name in runs}
    _check_shared(judgements, [texts] if searching else list(read_runs.values()))
    searched = _SearchResults({}, {}, {})
    if searching:
        query_texts = texts if target else {topic: text for topic, text in texts.items() if topic in judgements}
        depth = max([k, *(measure.cutoff or 0 for measure in measures)])
        names = ("location", "model", "timeout", "rerank", "quiet")
        settings = _SearchSettings(depth, filters, **{name: arguments[name] for name in names})
        searched = _search(query_texts, judgements, modes, settings)
    for mode, run in searched.runs.items() if target else ():
        _write_run(Path(str(target)), run, f"semsearch-{mode}")
    run_by_name = searched.runs | read_runs
    evaluation = evaluate(
        measures, judgements, run_by_name, texts=texts, missing=searched.missing, query_ms=searched.query_ms
    )
    _show_evaluation(evaluation, as_json=arguments["as_json"], per_topic=arguments["per_topic"])
    return 0


class _SearchSettings(NamedTuple):
    """How an index is searched."""

    depth: int  # articles a topic
    filters: "Filters"
    location: str | None
    model: str | None
    timeout: float  # seconds a topic
    rerank: str | None  # a cross-encoder's folder
    quiet: bool


class _SearchResults(NamedTuple):
    """Results of searching an index: runs and median times by mode, and the judged ids that name no article."""

    runs: "dict[str, Run]"
    query_ms: dict[str, float]
    missing: "dict[str, Missing]"


def _default_measures(k: int) -> "list[Measure]":
    from semsearch.evaluation import Measure

    return [*(Measure(kind, k) for kind in ("nDCG", "R", "RR", "AP")), Measure("Success", 1)]


def _check(
    topics: str | None,
    modes: Sequence[str],
    target: str | None,
    filters: "Filters",
    *,
    searching: bool,
    rerank: str | None,
) -> None:
    """Refuse options that make no sense together, before a long search rather than after it."""
    from semsearch.types import Filters

    if searching and not topics:
        raise click.UsageError("--topics says what to ask; it may be left out only where --run alone is measured")
    if not searching and filters != Filters():
        raise click.UsageError("a filter chooses among an index's articles; --run alone has none")
    if target and rerank:
        raise click.UsageError("--write-run keeps what one ranking found, and --rerank compares two")
    if target and len(set(modes)) > 1:
        raise click.UsageError("--write-run keeps what one mode found: give --mode once")
    if target and not Path(target).absolute().parent.is_dir():
        raise click.UsageError(f"--write-run: there is no folder {Path(target).absolute().parent}")


def _check_shared(judgements: "Judgements", by_topic: Sequence[Mapping[str, object]]) -> None:
    topics = [topic for mapping in by_topic for topic in mapping]
    if judgements.keys().isdisjoint(topics):
        judged = next(iter(judgements))
        raise click.UsageError(
            f"no topic has a judgement: topics are called such as {topics[0]!r}, those judged such as {judged!r}"
        )


def _search(
    texts: Mapping[str, str], judgements: "Judgements", modes: Sequence[str], settings: _SearchSettings
) -> _SearchResults:
    """Ask an index every topic in every mode, and name what it finds as the judgements do."""
    from semsearch.evaluation import Missing, ranked
    from semsearch.index import Index
    from semsearch.types import Mode, Query

    with Index.open(settings.location, encoder=settings.model) as index:
        names = _names(judgements, index, settings.filters)
        chosen = [Mode(mode) for mode in dict.fromkeys(modes)] or [Query("").mode]
        searches = _searches(index, settings.rerank)
        hidden = settings.quiet or not sys.stderr.isatty()
        runs: dict[str, Run] = {}
        query_ms = {}
        with click.progressbar(
            length=len(texts) * len(chosen) * len(searches), label="Asking", file=sys.stderr, hidden=hidden
        ) as progress:
            for mode, (addition, search) in product(chosen, searches.items()):
                times = []
                run = {}
                for topic, answer in _answers(search, texts, mode, settings):
                    scored_articles = ((hit.article, hit.score) for hit in answer.hits)
                    run[topic] = ranked(scored_articles, judgements.get(topic, {}), names)
                    times.append(answer.took_ms)
                    progress.update(1)
                name = f"{mode.value}{addition}"
                runs[name], query_ms[name] = run, median(times)
    missing = {
        "ids_unmatched": Missing(names.unmatched, len(names.judged)),
        "ids_ambiguous": Missing(names.ambiguous, len(names.judged)),
    }
    return _SearchResults(runs, query_ms, missing)


def _names(judgements: "Judgements", index: "Index", filters: "Filters") -> "Names":
    from semsearch.errors import UsageError
    from semsearch.evaluation import match

    judged = dict.fromkeys(judged_id for grades in judgements.values() for judged_id in grades)
    names = match(judged, index.articles(filters))
    if not names.by_article:
        raise UsageError(
            f"none of the {len(judged):,} judged ids, such as {next(iter(judged))!r}, names one article that this "
            "index has and the filters allow",
            "judge by article id, URL or tags.source_id: semsearch list --json shows them",
        )
    return names


def _searches(index: "Index", reranker: str | None) -> "dict[str, Search]":
    """Return the searches to compare: the index's own and, where a reranker is named, the reranked one.

    Each key is what the name of a run has after the mode.
    """
    searches: dict[str, Search] = {"": index.search_each}
    if reranker:
        from semsearch.encoders import load_reranker
        from semsearch.reranking import reranking

        searches["+rerank"] = reranking(index.search_each, load_reranker(reranker))
    return searches


def _answers(
    search: "Search", texts: Mapping[str, str], mode: "Mode", settings: _SearchSettings
) -> "Iterator[tuple[str, Answer]]":
    from semsearch.errors import QueryTimeoutError
    from semsearch.types import GroupBy, Query

    topics = list(texts)
    for start in range(0, len(topics), BATCH):
        batch = topics[start : start + BATCH]
        queries = [
            Query(
                texts[topic], settings.depth, settings.filters, mode, group_by=GroupBy.COPIES, timeout=settings.timeout
            )
            for topic in batch
        ]
        for topic, outcome in zip(batch, search(queries), strict=True):
            if isinstance(outcome, QueryTimeoutError):
                raise outcome
            yield topic, outcome


def _write_run(target: Path, run: "Run", tag: str) -> None:
    from semsearch.evaluation import run_lines

    content = "".join(run_lines(run, tag)).encode()
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.UsageError(f"--write-run: {target}: {error.strerror or error}") from None


def _show_evaluation(evaluation: "Evaluation", *, as_json: bool, per_topic: bool) -> None:
    from semsearch.rendering import json_text
    from semsearch.rendering.measures import evaluation_dict, evaluation_text

    if as_json:
        tell_json(f"{json_text(evaluation_dict(evaluation, per_topic=per_topic))}\n")
        return
    for piece in evaluation_text(evaluation, options.style(), per_topic=per_topic):
        click.echo(piece, nl=False)


COMMANDS = (eval_,)
