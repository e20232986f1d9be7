"""Explains the rank of a hit: the parts of its score, and the words and terms behind them."""

from collections.abc import Iterator, Sequence

from semsearch.rendering.layout import Style, listed
from semsearch.rendering.remarks import WORDS
from semsearch.text import normalise_line
from semsearch.types import Explanation, Hit, Word

FEW = 6
"""Words or terms that are shown unless all are wanted: they fit on a line or two, and the others matter little."""

_LABEL_COLUMNS = 10


def reasons(hit: Hit, *, full: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield each label with its facts; nothing if the hit has no explanation."""
    explanation = hit.explanation
    if explanation is None:
        return
    yield "score", _score_sum(hit, explanation)
    yield "confidence", [f"{hit.confidence:.2f}", WORDS[hit.verdict]]
    yield "signals", [_with_value(name, value) for name, value in explanation.signals.items()]
    for label, words in (("BM25", explanation.terms), ("cosine", explanation.words or ())):
        if strongest := _strongest(words, None if full else FEW):
            yield label, strongest


def reason_lines(hit: Hit, style: Style, columns: int) -> Iterator[str]:
    """Yield the reasons as lines of text, with the labels in a column."""
    indent = _LABEL_COLUMNS + 2
    for label, facts in reasons(hit, full=style.full):
        lines = listed(facts, columns - indent, "" if label == "score" else " ·")
        for number, line in enumerate(lines):
            yield style.dim((" " * indent if number else label.ljust(indent)) + line)


def _score_sum(hit: Hit, explanation: Explanation) -> list[str]:
    """Write the score as a sum of its parts; if a copy's score ranked the hit, name that, too."""
    score = sum(explanation.parts.values()) * (1.0 if explanation.recency is None else explanation.recency)
    parts = [f"{'+ ' if number else ''}{_with_value(*part)}" for number, part in enumerate(explanation.parts.items())]
    if parts and explanation.recency is not None:
        parts = ["(" + parts[0], *parts[1:-1], parts[-1] + ")"] if len(parts) > 1 else parts
        parts.append(f"× recency {explanation.recency:.3g}")
    copy_note = [] if abs(score - hit.score) < 0.0005 else [f"(ranked by a copy's {hit.score:.3f})"]
    return [f"{_figure(score)} =", *parts, *copy_note]


def _strongest(words: Sequence[Word], limit: int | None) -> list[str]:
    """Write words with their values, strongest first, equal words as one; add up all words left out, and "no word"."""
    values: dict[str, float] = {}
    for word in words:
        text = normalise_line(word.text)
        values[text] = values.get(text, 0.0) + word.value
    rest = values.pop("", 0.0)
    ranked = sorted(values.items(), key=lambda item: -item[1])
    shown, left_out = ranked[:limit], ranked[limit:] if limit else []
    rest += sum(value for _, value in left_out)
    facts = [_with_value(text, value) for text, value in shown]
    if left_out:
        facts.append(_with_value(f"{len(left_out)} others", rest))
    elif abs(rest) >= 0.0005:
        facts.append(_with_value("no word", rest))
    return facts


def _with_value(name: str, value: float) -> str:
    return f"{name.replace('_', ' ')} {_figure(value)}"


def _figure(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # no minus before a zero
