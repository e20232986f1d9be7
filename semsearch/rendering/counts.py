"""Reports on what an index holds, on models, and on what a build or an addition did."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from semsearch.rendering.layout import PLAIN, Style, fields
from semsearch.rendering.phrases import day, moment, size
from semsearch.text import counted
from semsearch.types import Approximation, FetchedModel, ReadyModel, Stats, Summary, Tier

HOLDS = {
    Tier.FULL: "whole articles",
    Tier.SNIPPETS: "beginnings of passages, and words of these alone",
    Tier.VECTORS: "metadata and vectors; neither text nor words",
}

LANGUAGES_NAMED = 8
"""One by one on the screen; the rest are counted."""

_DIGEST_DIGITS = 12


def stats_text(stats: Stats, style: Style = PLAIN, location: str = "") -> Iterator[str]:
    """Yield what an index holds, on one screen; `location` is its folder as a user would name it."""
    encoder = stats.recipe.encoder
    undated = f" · {stats.undated:,} without a date" if stats.undated else ""
    truncated = f"{stats.truncated:,}" if stats.truncated else "none"
    digest = encoder.digest[:_DIGEST_DIGITS]
    rows = [
        ("index", location),
        ("articles", f"{stats.articles:,}{undated}"),
        ("passages", f"{stats.passages:,} · {truncated} truncated"),
        ("dates", _period(stats, style)),
        ("last added", moment(stats.last_added, style.zone)),
        ("publishers", f"{stats.publishers:,}"),
        ("languages", _languages(stats, style)),
        ("size", size(stats.size_bytes)),
        ("generation", _generation(stats)),
        ("encoder", encoder.name),
        ("", f"{encoder.dimensions:,} dimensions · {encoder.pooling} pooling · digest {digest}"),
        ("", f"passages of about {counted(stats.recipe.passage_tokens, 'token')} · precision {stats.recipe.precision}"),
    ]
    if stats.approximation:
        rows.append(("searched", _approximation(stats.approximation)))
    if stats.recipe.tier is not Tier.FULL:
        rows.append(("holds", HOLDS[stats.recipe.tier]))
    if stats.origin:
        signed = f"signed by {stats.origin.signed_by}" if stats.origin.signed_by else "not signed by a trusted key"
        rows.append(("pulled", f"{stats.origin.name} · release {stats.origin.release} · {signed}"))
        rows.append(("", stats.origin.where))
    yield from fields(rows, style)


def stats_dict(stats: Stats) -> dict[str, object]:
    """Return the object that `stats --json` prints."""
    recipe = stats.recipe
    return {
        "articles": stats.articles,
        "passages": stats.passages,
        "truncated": stats.truncated,
        "undated": stats.undated,
        "first": stats.first,
        "last": stats.last,
        "last_added": stats.last_added,
        "publishers": stats.publishers,
        "languages": dict(stats.languages),
        "size_bytes": stats.size_bytes,
        "generation": stats.generation,
        "segments": stats.segments,
        "deleted": stats.deleted,
        "encoder": {
            "name": recipe.encoder.name,
            "digest": recipe.encoder.digest,
            "dimensions": recipe.encoder.dimensions,
            "pooling": recipe.encoder.pooling,
            "query_prefix": recipe.encoder.query_prefix,
            "passage_prefix": recipe.encoder.passage_prefix,
        },
        "passage_tokens": recipe.passage_tokens,
        "identity_version": recipe.identity_version,
        "text_version": recipe.text_version,
        "layout": recipe.layout,
        "precision": recipe.precision,
        "tier": recipe.tier,
        "origin": asdict(stats.origin) if stats.origin else None,
        "approximation": asdict(stats.approximation) if stats.approximation else None,
    }


def ready_text(ready: ReadyModel, style: Style = PLAIN) -> Iterator[str]:
    """Yield the facts about a model that is ready on this machine."""
    state = f"compiled, {ready.precision}, {size(ready.size_bytes)}"
    if ready.refused:
        state = f"not compiled in {ready.precision}: {ready.refused}"
    rows = [("model", ready.name), ("", state)]
    if ready.least_cosine is not None and ready.mean_cosine is not None:
        worst, mean = 1 - ready.least_cosine, 1 - ready.mean_cosine
        rows.append(("", f"against the original: cosine {_below_one(mean)} on average, {_below_one(worst)} at worst"))
    yield from fields([*rows, ("", ready.path)], style)


def fetched_text(model: FetchedModel, style: Style = PLAIN) -> Iterator[str]:
    """Yield the facts about a model that was fetched, and how to use it."""
    fetched_note = f", {size(model.fetched_bytes)} fetched" if model.fetched_bytes else ", all there already"
    rows = [
        ("model", model.name),
        ("revision", model.revision),
        ("licence", model.licence or "no licence stated"),
        ("size", f"{size(model.size_bytes)} in {counted(model.files, 'file')}{fetched_note}"),
        ("", model.path),
    ]
    yield from fields(rows, style)
    yield f"Use it: semsearch build PATH… --model {model.name}\n"


def _below_one(distance: float) -> str:
    """Write 1 - distance with six decimals, as 1 only where the difference cannot be seen."""
    return "1.000000" if distance < 5e-7 else f"{1 - distance:.6f}"


def summary_text(summary: Summary, index: str = "-i INDEX") -> Iterator[str]:
    """Yield a line on what was written, then, if there are any, remarks and a warning about languages.

    Args:
        index: the option that names the index (`index_option`).
    """
    changes = [
        f"{counted(summary.added, 'article')} added",
        f"{summary.replaced:,} replaced" if summary.replaced else "",
        f"{summary.unchanged:,} unchanged" if summary.unchanged else "",
        f"{summary.moved:,} moved to other files" if summary.moved else "",
        f"{summary.older:,} older than what is kept" if summary.older else "",
    ]
    reused = f", {summary.reused:,} known already" if summary.reused else ""
    yield f"{_comma_joined(changes)}; {counted(summary.passages, 'passage')} encoded{reused}.\n"
    dates = counted(summary.unparsed_dates, "date")
    remarks = [
        f"{counted(summary.skipped, 'record')} skipped" if summary.skipped else "",
        f"{counted(summary.unreadable, 'file')} unreadable" if summary.unreadable else "",
        f"{summary.undated:,} without a date" if summary.undated else "",
        f"{dates} not understood (kept as tags)" if summary.unparsed_dates else "",
        f"{summary.headline_only:,} from a headline alone" if summary.headline_only else "",
    ]
    if any(remarks):
        yield f"{_comma_joined(remarks)}.\n"
    if summary.unsupported_languages:
        yield from _language_warning(summary, index)


def _language_warning(summary: Summary, index: str) -> Iterator[str]:
    """Yield how many articles can be found by their words alone, and which model would read them."""
    articles = sum(count for _, count in summary.unsupported_languages)
    named = ", ".join(f"{language} {count:,}" for language, count in summary.unsupported_languages[:LANGUAGES_NAMED])
    more = ", …" if len(summary.unsupported_languages) > LANGUAGES_NAMED else ""
    share = math.ceil(100 * articles / max(summary.added + summary.replaced, articles))
    yield (
        f"Warning: {counted(articles, 'article')} ({share} %) in languages that the model was not trained on ({named}"
        f"{more}): found by words, hardly by meaning.\n"
        "  By meaning, too: pip install 'semsearch[multilingual]', then\n"
        f"  semsearch build PATH… {index} --force --model multilingual\n"
    )


def _comma_joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _period(stats: Stats, style: Style) -> str:
    first, last = day(stats.first, style.zone), day(stats.last, style.zone)
    return first if first == last else f"{first} to {last}"


def _approximation(approximation: Approximation) -> str:
    candidates = f"{approximation.proposed:,} candidates by each signal"
    if approximation.recall is None:
        return f"{candidates} · recall not measured, for no article has a headline to make questions of"
    questions = counted(approximation.queries, "question")
    return f"{candidates} · recall@10 {approximation.recall:.3f}, measured with {questions}"


def _generation(stats: Stats) -> str:
    deleted = f" · {counted(stats.deleted, 'deleted article')} still on disk" if stats.deleted else ""
    return f"{stats.generation:,} · {counted(stats.segments, 'segment')}{deleted}"


def _languages(stats: Stats, style: Style) -> str:
    ranked = sorted(stats.languages.items(), key=lambda item: (not item[0], -item[1], item[0]))
    shown_count = len(ranked) if style.full else LANGUAGES_NAMED
    entries = [f"{language or 'not stated'} {articles:,}" for language, articles in ranked[:shown_count]]
    return " · ".join([*entries, f"{len(ranked) - shown_count} more"] if len(ranked) > shown_count else entries)
