"""Why a hit is where it is: the parts of its score, the words and terms that made them."""

from collections.abc import Iterator, Sequence

from semsearch.rendering.layout import Style, listed
from semsearch.rendering.remarks import WORDS
from semsearch.text import normalise_line
from semsearch.types import Explanation, Hit, Word

FEW = 6
"""Words, or terms, unless all are asked for: they fit on a line or two, and after them nothing matters much."""

_LABEL_COLUMNS = 10


def reasons(hit: Hit, *, full: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield a label, and the facts under it; nothing where there is no explanation."""
    why = hit.explanation
    if why is None:
        return
    yield "score", _sum(hit, why)
    yield "confidence", [f"{hit.confidence:.2f}", WORDS[hit.verdict]]
    yield "signals", [_valued(name, value) for name, value in why.signals.items()]
    for label, words in (("BM25", why.terms), ("cosine", why.words or ())):
        if strongest := _strongest(words, None if full else FEW):
            yield label, strongest


def reason_lines(hit: Hit, style: Style, columns: int) -> Iterator[str]:
    """Yield the same as lines of text, labels in a column of their own."""
    indent = _LABEL_COLUMNS + 2
    for label, facts in reasons(hit, full=style.full):
        shown = listed(facts, columns - indent, "" if label == "score" else " ·")
        for number, line in enumerate(shown):
            yield style.dim((" " * indent if number else label.ljust(indent)) + line)


def _sum(hit: Hit, why: Explanation) -> list[str]:
    """Write the score as the sum that it is; the score of a copy that ranked the hit is told apart."""
    score = sum(why.parts.values()) * (1.0 if why.recency is None else why.recency)
    parts = [f"{'+ ' if number else ''}{_valued(*part)}" for number, part in enumerate(why.parts.items())]
    if parts and why.recency is not None:
        parts = ["(" + parts[0], *parts[1:-1], parts[-1] + ")"] if len(parts) > 1 else parts
        parts.append(f"× recency {why.recency:.3g}")
    other = [] if abs(score - hit.score) < 0.0005 else [f"(ranked by a copy's {hit.score:.3f})"]
    return [f"{_figure(score)} =", *parts, *other]


def _strongest(words: Sequence[Word], limit: int | None) -> list[str]:
    """Write the strongest first, equal ones as one; what is left out, and what no word has to itself, is added up."""
    values: dict[str, float] = {}
    for word in words:
        text = normalise_line(word.text)
        values[text] = values.get(text, 0.0) + word.value
    rest = values.pop("", 0.0)
    ranked = sorted(values.items(), key=lambda item: -item[1])
    shown, left_out = ranked[:limit], ranked[limit:] if limit else []
    rest += sum(value for _, value in left_out)
    facts = [_valued(text, value) for text, value in shown]
    if left_out:
        facts.append(_valued(f"{len(left_out)} others", rest))
    elif abs(rest) >= 0.0005:
        facts.append(_valued("no word", rest))
    return facts


def _valued(name: str, value: float) -> str:
    return f"{name.replace('_', ' ')} {_figure(value)}"


def _figure(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # no minus before a zero
