"""Renders an evaluation: the measures of one system, or of several beside each other."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from semsearch.rendering.layout import PLAIN, Style, fields, shorten, wrapped
from semsearch.rendering.phrases import duration
from semsearch.text import counted, display_width, normalise_line

if TYPE_CHECKING:
    from semsearch.evaluation.comparison import Estimate, Evaluation, Missing, System

EXAMPLES = 3
"""Number of ids given as examples: enough to see what they have in common."""

_NAME_COLUMNS = 16
_GAP = "  "

_REMARKS = {
    "topics_unjudged": ("topic without a judgement", "topics without a judgement", "left out"),
    "topics_unknown": ("judged topic is not in the topics file", "judged topics are not in the topics file", "0 each"),
    "topics_without_relevant": ("topic without anything relevant", "topics without anything relevant", "0 each"),
    "ids_unmatched": ("judged id names no article here", "judged ids name no article here", "not found"),
    "ids_ambiguous": ("judged id names several articles", "judged ids name several articles each", "not found"),
}


def evaluation_text(evaluation: "Evaluation", style: Style = PLAIN, *, per_topic: bool = False) -> Iterator[str]:
    """Yield a table of the measures, then remarks; first, if `per_topic`, a table of each topic's values."""
    if per_topic:
        yield from _topic_table(evaluation, style)
        yield "\n"
    several = len(evaluation.systems) > 1
    estimated = any(estimate.low is not None for system in evaluation.systems for estimate in system.means)
    heads = ["measure", *["system"] * several, "value", *["95 % interval"] * estimated]
    rows = [[*heads, *[f"against {_short_name(evaluation.systems[0].name)}"] * several]]
    for number, measure in enumerate(evaluation.measures):
        for position, system in enumerate(evaluation.systems):
            mean = system.means[number]
            row = [
                "" if position else measure.label,
                *[_short_name(system.name)] * several,
                f"{mean.mean:.4f}",
                *[_interval(mean)] * estimated,
            ]
            rows.append([*row, _difference(system.differences[number])] if position else row)
    yield from _aligned_table(rows, style)
    yield "\n"
    yield from _evaluation_facts(evaluation, style)


def _evaluation_facts(evaluation: "Evaluation", style: Style) -> Iterator[str]:
    timed = [system for system in evaluation.systems if system.query_ms is not None]
    several = len(evaluation.systems) > 1
    times = [
        f"{_short_name(system.name)} {_query_time(system)}" if several else f"{_query_time(system)} (median)"
        for system in timed
    ]
    remarks = [_remark(name, missing) for name, missing in evaluation.missing.items() if missing.ids]
    for system in evaluation.systems:
        if system.unanswered:
            prefix = f"{_short_name(system.name)}: " if several else ""
            number = counted(len(system.unanswered), "judged topic")
            remarks.append(f"{prefix}{number} without an answer (such as {_examples(system.unanswered)}): 0 each")
    rows = [("topics", f"{len(evaluation.relevant):,} judged"), ("per query", " · ".join(times))]
    rows += [("" if number else "note", remark) for number, remark in enumerate(remarks)]
    yield from fields(rows, style)


def evaluation_dict(evaluation: "Evaluation", *, per_topic: bool = False) -> dict[str, object]:
    """Return the object that `eval --json` prints: the first system's values, the others' under `compared`."""
    first, *other_systems = evaluation.systems
    topics = {"topics": _topic_list(evaluation)} if per_topic else {}
    return {
        **_system_dict(evaluation, first),
        "judged_topics": len(evaluation.relevant),
        **{name: _missing_dict(missing) for name, missing in evaluation.missing.items()},
        "compared": [_system_dict(evaluation, system) for system in other_systems],
        **topics,
    }


def _system_dict(evaluation: "Evaluation", system: "System") -> dict[str, object]:
    names = [measure.name for measure in evaluation.measures]
    entry: dict[str, object] = {
        "name": system.name,
        "measures": {name: estimate.mean for name, estimate in zip(names, system.means, strict=True)},
        "intervals": {name: _ends(estimate) for name, estimate in zip(names, system.means, strict=True)},
        "query_ms": None if system.query_ms is None else round(system.query_ms, 3),
        "topics_unanswered": {"count": len(system.unanswered), "examples": list(system.unanswered[:EXAMPLES])},
    }
    if system.differences:
        differences = zip(names, system.differences, strict=True)
        entry["differences"] = {
            name: {"mean": estimate.mean, "interval": _ends(estimate)} for name, estimate in differences
        }
    return entry


def _missing_dict(missing: "Missing") -> dict[str, object]:
    of = {"of": missing.of} if missing.of else {}
    return {"count": len(missing.ids), **of, "examples": list(missing.ids[:EXAMPLES])}


def _topic_list(evaluation: "Evaluation") -> list[dict[str, object]]:
    names = [measure.name for measure in evaluation.measures]
    return [
        {
            "topic": topic,
            "query": evaluation.texts.get(topic),
            "relevant": relevant,
            "systems": {
                system.name: dict(zip(names, system.by_topic[topic], strict=True)) for system in evaluation.systems
            },
        }
        for topic, relevant in evaluation.relevant.items()
    ]


def _topic_table(evaluation: "Evaluation", style: Style) -> Iterator[str]:
    several = len(evaluation.systems) > 1
    rows = [["topic", "relevant", *["system"] * several, *(measure.label for measure in evaluation.measures)]]
    for topic, relevant in evaluation.relevant.items():
        for position, system in enumerate(evaluation.systems):
            opening = ["", ""] if position else [_short_name(topic), f"{relevant:,}"]
            values = [f"{value:.4f}" for value in system.by_topic[topic]]
            rows.append([*opening, *[_short_name(system.name)] * several, *values])
    yield from _aligned_table(rows, style)


def _aligned_table(rows: Sequence[Sequence[str]], style: Style) -> Iterator[str]:
    """Align columns; the first row is a heading. A line that is wider than the terminal is wrapped."""
    widths = [
        max(display_width(row[column]) for row in rows if column < len(row)) for column in range(max(map(len, rows)))
    ]
    for number, row in enumerate(rows):
        cells = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=False)]
        line = _GAP.join(cells).rstrip()
        for part in [line] if display_width(line) <= style.columns else wrapped(line, style.columns):
            yield f"{part if number else style.dim(part)}\n"


def _short_name(name: str) -> str:
    return shorten(normalise_line(name), _NAME_COLUMNS)


def _examples(ids: Sequence[str]) -> str:
    return ", ".join(shorten(name, 60) for name in ids[:EXAMPLES])


def _remark(name: str, missing: "Missing") -> str:
    singular, plural, consequence = _REMARKS[name]
    of = f" of {missing.of:,}" if missing.of else ""
    noun = singular if len(missing.ids) == 1 and not missing.of else plural
    return f"{len(missing.ids):,}{of} {noun} (such as {_examples(missing.ids)}): {consequence}"


def _query_time(system: "System") -> str:
    return duration(system.query_ms or 0.0)


def _ends(estimate: "Estimate") -> list[float] | None:
    return None if estimate.low is None or estimate.high is None else [estimate.low, estimate.high]


def _interval(estimate: "Estimate") -> str:
    ends = _ends(estimate)
    return f"{ends[0]:.3f} to {ends[1]:.3f}" if ends else ""


def _difference(estimate: "Estimate") -> str:
    ends = _ends(estimate)
    return f"{estimate.mean:+.4f}" + (f" ({ends[0]:+.3f} to {ends[1]:+.3f})" if ends else "")
