"""Recognises the form of an export, and texts of unknown form that have several articles."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from semsearch.sources.exports import factiva, japanese, labelled, nexis, nexis_uni, proquest
from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document
from semsearch.sources.exports.labels import read_label

_FORMS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str]], list[Document]]], ...] = (
    (factiva.MARK, factiva.factiva_documents),
    (nexis_uni.MARK, nexis_uni.nexis_uni_documents),
    (proquest.MARK, proquest.proquest_documents),
    (nexis.MARK, nexis.nexis_documents),
    (japanese.MARK, japanese.japanese_documents),
    (labelled.MARK, labelled.labelled_documents),
)
"""For each form, a mark that every export of it has, found in linear time; and the form's reader."""

_ARCHIVES = 4
"""Forms, the first ones, whose documents are hardly found in other texts."""

_RULE = re.compile(r"\s*([-=_*~#─━＝])\1{7,}\s*|\s*(?:#{3,}|\*{3,}|-\s?30\s?-|\(END\))\s*|\f", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*(?P<number>[0-9]{1,4})[.)]\s+\S")
_NUMBERED_REACH = 3
"""Lines below a number and a headline within which the date is."""

_FACTS = re.compile(
    r"""(?<!\S)[|│¦](?!\S)
      | (?<![\w'’])(?:pp?|pg|pages?|sid[ae]n?|seiten?|s|str|p[áa]g(?:s|ina)?|blz|стр|с)\.?\s?[A-Z]{0,3}[0-9]{1,4}(?!\w)
      | (?<!\w)[0-9][0-9.,]{0,6}\s?(?:words?|wörter|mots|palabras|palavras|parole|woorden|ord|słów|слов[аo]?|字)(?!\w)
      | [A-Z]?[0-9]{1,3}\s?[版頁页面]""",
    re.IGNORECASE | re.VERBOSE,
)
"""In a line with a date: what only a heading of facts has, a bar, a page of a newspaper or a length."""

_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’»)\]」』]*\s*\Z")
_ABOVE_FACTS = 3
"""Lines within which the title, or the outlet, is above a line of facts, blank ones included."""

_RULED_LEAST = 3
_BLOCK_CHARACTERS = 150
_BLOCK_HEAD = 8
_REPEATED_LEAST = 3
_LABELS_LEAST = 2
_LABEL_CHARACTERS = 300
_NEAR = 8
"""Lines above and below a label."""

_DATED_SHARE = 0.8


def documents_of(lines: Sequence[str]) -> tuple[list[Document], str]:
    """Return the documents of an export in order, and why others in the same lines were not read.

    There are none where the lines are not an export of a known form, and no reason where nothing was left out. A text
    may have a line that is another form's mark, so the form with the most documents and facts counts, the first of
    equals.
    """
    text = "\n".join(lines)
    readings = [read_documents(lines) if mark.search(text) else [] for mark, read_documents in _FORMS]
    documents = max(readings, key=_fact_count)
    return documents, _left_out(documents, readings[:_ARCHIVES])


def _fact_count(documents: Sequence[Document]) -> int:
    return sum(1 + bool(document.title) + bool(document.outlet) + bool(document.date) for document in documents)


def _left_out(documents: Sequence[Document], readings: Sequence[Sequence[Document]]) -> str:
    """Return why documents of another archive in the same lines were not read, "" where there are none."""
    titles = {document.title for document in documents}
    for others in readings:
        complete = [other for other in others if other.title and other.outlet and other.date]
        unread = [other for other in complete if other.title not in titles]
        if len(unread) >= max(_REPEATED_LEAST, _DATED_SHARE * len(others)):
            return (
                f"also holds {len(unread):,} documents in the form of another archive, which were not read: split it, "
                "one file an archive"
            )
    return ""


def evidence_of_several(lines: Sequence[str]) -> str:
    """Return the evidence that lines of no known form have several articles, "" where there is none."""
    labels = Counter(label.label for label in labelled.label_lines(lines))
    repeated = [name for name, count in labels.items() if count >= _REPEATED_LEAST]
    if len(repeated) > 1:
        return f"the labels {' and '.join(sorted(repeated)[:3])} come {min(labels[name] for name in repeated):,} times"
    if evidence := evidence_of_ends(lines) or _dated_labels(lines) or _lines_of_facts(lines):
        return evidence
    blocks: list[list[str]] = [[]]
    for line in lines:
        if _RULE.fullmatch(line):
            blocks.append([])
        elif line.strip():
            blocks[-1].append(line)
    large_blocks = [block for block in blocks if sum(map(len, block)) >= _BLOCK_CHARACTERS]
    dated_blocks = [block for block in large_blocks if any(date_in(line) for line in block[:_BLOCK_HEAD])]
    if len(dated_blocks) >= _RULED_LEAST and len(dated_blocks) >= _DATED_SHARE * len(large_blocks):
        return f"{len(dated_blocks):,} texts with a date each stand between rules"
    return _numbered_headlines(lines)


def evidence_of_ends(lines: Sequence[str]) -> str:
    """Return the evidence that several documents end in lines of no known form, "" where at most one does."""
    ends = max(nexis_uni.count_ends(lines), factiva.count_ends(lines))
    return f"{ends:,} documents end in it" if ends > 1 else ""


def _numbered_headlines(lines: Sequence[str]) -> str:
    """Return the evidence of numbered headlines, each with a date and a text below, "" where there is none."""
    starts: list[int] = []
    for index, line in enumerate(lines):
        match = _NUMBERED.match(line) if len(line) < _LABEL_CHARACTERS else None
        if match and int(match["number"]) == len(starts) + 1:
            starts.append(index)
    blocks = [lines[start + 1 : end] for start, end in pairwise([*starts, len(lines)])]
    large_blocks = [block for block in blocks if sum(map(len, block)) >= _BLOCK_CHARACTERS]
    dated_blocks = [block for block in large_blocks if _is_dated(block[:_NUMBERED_REACH])]
    if len(dated_blocks) < max(_REPEATED_LEAST, _DATED_SHARE * len(blocks)):
        return ""
    return f"{len(dated_blocks):,} headlines are numbered, each with a date and a text"


def _is_dated(below: Sequence[str]) -> bool:
    """Tell whether the first line below a headline has a date and is no sentence."""
    line = next((line.strip() for line in below if line.strip()), "")
    return date_in(line) is not None and not line.endswith((".", "。"))


def _dated_labels(lines: Sequence[str]) -> str:
    """Return the evidence of labels that are repeated, mostly near a date, "" where there is none."""
    by_label: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if len(line) < _LABEL_CHARACTERS and (label := read_label(line)) and label.noun:
            by_label.setdefault(label.label, []).append(index)
    repeated = {name: indexes for name, indexes in by_label.items() if len(indexes) >= _REPEATED_LEAST}
    if len(repeated) < _LABELS_LEAST:
        return ""
    most_frequent = max(repeated.values(), key=len)
    windows = [lines[max(0, index - _NEAR) : index + _NEAR + 1] for index in most_frequent]
    if sum(any(map(date_in, window)) for window in windows) < _DATED_SHARE * len(windows):
        return ""
    names = " and ".join(sorted(repeated)[:_LABELS_LEAST])
    return f"the labels {names} come {min(map(len, repeated.values())):,} times, each near a date"


def _lines_of_facts(lines: Sequence[str]) -> str:
    """Return the evidence of lines with a date and a page, a length or bars, most of them between a title and a text.

    The dates differ: a line that is the same but for its page stands at the head of a newspaper's pages.
    """
    indexes = [index for index, line in enumerate(lines) if len(line) < _LABEL_CHARACTERS and _is_line_of_facts(line)]
    headings = [
        index
        for index, end in pairwise([*indexes, len(lines)])
        if _has_title_above(lines, index) and sum(map(len, lines[index + 1 : end])) >= _BLOCK_CHARACTERS
    ]
    if len(headings) < max(_REPEATED_LEAST, _DATED_SHARE * len(indexes)):
        return ""
    date_lines = [date_line for index in headings if (date_line := date_in(lines[index]))]
    facts = {(date_line.date, re.sub("[0-9]", "", date_line.rest)) for date_line in date_lines}
    if len(facts) < _REPEATED_LEAST or len({date_line.date for date_line in date_lines}) == 1:
        return ""
    return f"{len(headings):,} lines have a date and a page, a length or bars, each below a title and above a text"


def _is_line_of_facts(line: str) -> bool:
    if not _FACTS.search(line) or _SENTENCE_END.search(line):
        return False
    date_line = date_in(line)
    return date_line is not None and any(map(str.isalpha, date_line.rest))


def _has_title_above(lines: Sequence[str], index: int) -> bool:
    """Tell whether a short line that is no sentence stands near above, at the beginning of a paragraph."""
    for place in range(index - 1, max(-1, index - 1 - _ABOVE_FACTS), -1):
        if title := lines[place].strip():
            before = lines[place - 1].strip() if place else ""
            is_heading = len(title) < _BLOCK_CHARACTERS and not _SENTENCE_END.search(title)
            return is_heading and (not before or _SENTENCE_END.search(before) is not None)
    return False


def advice(evidence: str) -> str:
    """Return the message about a file that seems to have several articles."""
    return (
        f"seems to hold several articles ({evidence}), in a form that is not known, so none was read: split it, "
        "one file an article, or write it as JSON Lines, one article a line"
    )
