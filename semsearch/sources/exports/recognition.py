"""Which shape of export lines are in, and whether a text that is in none shows that it holds several articles."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from semsearch.sources.exports import factiva, japanese, labelled, nexis, nexis_uni, proquest
from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document
from semsearch.sources.exports.labels import labelled as labelled_line

_SHAPES: tuple[tuple[re.Pattern[str], Callable[[Sequence[str]], list[Document]]], ...] = (
    (factiva.MARK, factiva.factiva_documents),
    (nexis_uni.MARK, nexis_uni.nexis_uni_documents),
    (proquest.MARK, proquest.proquest_documents),
    (nexis.MARK, nexis.nexis_documents),
    (japanese.MARK, japanese.japanese_documents),
    (labelled.MARK, labelled.labelled_documents),
)
"""What a shape cannot be without, sought in time that is linear in the text; and how it is read."""

_RULE = re.compile(r"\s*([-=_*~#─━＝])\1{7,}\s*|\s*(?:#{3,}|\*{3,}|-\s?30\s?-|\(END\))\s*|\f", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*(?P<number>[0-9]{1,4})[.)]\s+\S")
_NUMBERED_REACH = 3
"""Lines below a number and a headline, one of which has the date."""

_RULED_LEAST = 3
_BLOCK_CHARACTERS = 150
_BLOCK_HEAD = 8
_REPEATED_LEAST = 3
_LABELS_LEAST = 2
_LABEL_CHARACTERS = 300
_NEAR = 8
"""Lines above and below a label."""

_DATED_SHARE = 0.8


def documents_of(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, in their order; none where the lines are no export of a known shape.

    A text may have a line that is another shape's mark: the shape that has the most documents is taken, of equals the
    first.
    """
    text = "\n".join(lines)
    found = (read(lines) for mark, read in _SHAPES if mark.search(text))
    return max(found, key=len, default=[])


def several(lines: Sequence[str]) -> str:
    """Say how lines that are no known export show that they hold several articles; "" where they do not."""
    labels = Counter(label.label for label in labelled.label_lines(lines))
    repeated = [name for name, count in labels.items() if count >= _REPEATED_LEAST]
    if len(repeated) > 1:
        return f"the labels {' and '.join(sorted(repeated)[:3])} come {min(labels[name] for name in repeated):,} times"
    if shown := several_ends(lines) or _dated_labels(lines):
        return shown
    blocks: list[list[str]] = [[]]
    for line in lines:
        if _RULE.fullmatch(line):
            blocks.append([])
        elif line.strip():
            blocks[-1].append(line)
    large = [block for block in blocks if sum(map(len, block)) >= _BLOCK_CHARACTERS]
    dated = [block for block in large if any(date_in(line) for line in block[:_BLOCK_HEAD])]
    if len(dated) >= _RULED_LEAST and len(dated) >= _DATED_SHARE * len(large):
        return f"{len(dated):,} texts with a date each stand between rules"
    return _numbered(lines)


def several_ends(lines: Sequence[str]) -> str:
    """Say how many documents end in lines that are no known export; "" where it is one at most."""
    ends = max(nexis_uni.count_ends(lines), factiva.count_ends(lines))
    return f"{ends:,} documents end in it" if ends > 1 else ""


def _numbered(lines: Sequence[str]) -> str:
    """Say how many numbers in a row stand over a headline, a line with a date, and a text."""
    starts: list[int] = []
    for at, line in enumerate(lines):
        found = _NUMBERED.match(line) if len(line) < _LABEL_CHARACTERS else None
        if found and int(found["number"]) == len(starts) + 1:
            starts.append(at)
    blocks = [lines[begin + 1 : end] for begin, end in zip(starts, [*starts, len(lines)][1:], strict=True)]
    large = [block for block in blocks if sum(map(len, block)) >= _BLOCK_CHARACTERS]
    dated = [block for block in large if any(map(date_in, block[:_NUMBERED_REACH]))]
    if len(dated) < max(_REPEATED_LEAST, _DATED_SHARE * len(blocks)):
        return ""
    return f"{len(dated):,} headlines are numbered, each with a date and a text"


def _dated_labels(lines: Sequence[str]) -> str:
    """Say which labels come again and again, each time near a date."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        if len(line) < _LABEL_CHARACTERS and (label := labelled_line(line)) and label.noun:
            places.setdefault(label.label, []).append(at)
    repeated = {name: ats for name, ats in places.items() if len(ats) >= _REPEATED_LEAST}
    if len(repeated) < _LABELS_LEAST:
        return ""
    most = max(repeated.values(), key=len)
    dated = sum(any(date_in(line) for line in lines[max(0, at - _NEAR) : at + _NEAR + 1]) for at in most)
    if dated < _DATED_SHARE * len(most):
        return ""
    named = " and ".join(sorted(repeated)[:_LABELS_LEAST])
    return f"the labels {named} come {min(map(len, repeated.values())):,} times, each near a date"


def advice(shown: str) -> str:
    """Return what is said of a file that seems to hold several articles."""
    return (
        f"seems to hold several articles ({shown}), in a form that is not known, so none was read: split it, one file "
        "an article, or write it as JSON Lines, one article a line"
    )
