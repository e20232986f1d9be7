"""Exports in which each document begins with labels, as in Russian and some Japanese archives."""

import re
from collections import Counter
from collections.abc import Sequence

from semsearch.dates import parse_date
from semsearch.sources.exports.documents import Document
from semsearch.sources.exports.labels import LabelledLine, read_label
from semsearch.sources.exports.nexis import take_label

_RULE = re.compile(r"\s*(?:[-=_*~─━＝‐―◇◆■□]{3,}|\f)\s*")
_NUMBER = re.compile(
    r"\s*[【\[(（<＜]?\s*(?:no\.?|№|документ|публикация|статья|記事)?\s*[0-9０-９]{1,6}"
    r"(?:\s*(?:из|/|／)\s*[0-9]{1,6})?\s*[】\])）>＞.．]?\s*",
    re.IGNORECASE,
)
MARK = re.compile(
    r"^[^\S\n]*(?:[【［\[][^\S\n]*)?(?:\^?дата|\^дт|発行|掲載|日付|date|datum|fecha|data|public[a-z]+|erscheinungsdatum)",
    re.IGNORECASE | re.MULTILINE,
)
_FEWEST = 2
"""A single text below labels may simply be an article, and loses nothing when it is read as one."""

_HEADS = frozenset(("title", "date", "outlet"))


def labelled_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents, each of which begins with a date and at least one other label of its facts."""
    counts = Counter[tuple[str, str]]()
    for start, end in _label_runs(lines):
        labels = filter(None, map(read_label, lines[start:end]))
        counts.update((label.label, label.noun or "") for label in labels)
    most_frequent = max(counts.values(), default=0)
    usual = frozenset(name for (name, noun), count in counts.items() if count >= _least_share(noun) * most_frequent)
    heads = _label_runs(lines, usual)
    if len(heads) < _FEWEST:
        return []
    documents = []
    for number, (start, end) in enumerate(heads, 1):
        following = heads[number][0] if number < len(heads) else len(lines)
        documents.append(_labelled_document(lines, start, end, following, number, heads))
    dated = sum(parse_date(document.date) is not None for document in documents if document.date)
    return documents if 2 * dated >= len(documents) else []  # else it is a form to fill in


def _least_share(noun: str) -> float:
    """Return the least share of documents that have a label; a rarer one is taken for the beginning of a sentence."""
    return 0.1 if noun in ("byline", "section", "page", "url", "topics", "edition") else 0.5


def _label_runs(lines: Sequence[str], names: frozenset[str] | None = None) -> list[tuple[int, int]]:
    """Return the start and end of the run of labels at the head of each document.

    Args:
        names: the labels that count; None: any.
    """

    def label_of(line: str) -> LabelledLine | None:
        label = read_label(line)
        return label if label and (names is None or label.label in names) else None

    heads: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        label = label_of(lines[index])
        if not label or label.noun is None:
            index += 1
            continue
        start = index
        nouns: set[str] = set()
        while index < len(lines) and (not lines[index].strip() or (label := label_of(lines[index]))):
            if not lines[index].strip() or not label:
                index += 1
                continue
            if label.noun in nouns and label.noun in _HEADS:
                break  # the document is nothing but labels, and the next one begins
            nouns.add(label.noun or "")
            index += 1
            if label.noun == "text":
                break
        if "date" in nouns and len(nouns & {*_HEADS, "byline", "section", "page", "text"}) > 1:
            heads.append((start, index))
    return heads


def _labelled_document(
    lines: Sequence[str], start: int, end: int, following: int, number: int, heads: list[tuple[int, int]]
) -> Document:
    document = Document(number)
    labels = list(filter(None, map(read_label, lines[start:end])))
    for label in labels:
        take_label(document, label)
    text = [label.value for label in labels if label.noun == "text"]
    title_line = _title_above(lines, heads[number - 2][1] if number > 1 else 0, start)
    has_title = bool(document.title)
    if not has_title and title_line is not None:
        document.title = lines[title_line].strip()
    next_title = _title_above(lines, end, following) if not has_title and number < len(heads) else None
    body = strip_end(lines[end : following if next_title is None else next_title])
    while body and not has_title and not document.title and (not body[0].strip() or is_boundary(body[0])):
        body.pop(0)
    # Pages have the title once more above the text.
    first = next((index for index, line in enumerate(body) if line.strip() not in ("", document.title)), len(body))
    document.text = "\n".join([*text, *body[first:]])
    if not document.title and body:
        document.title, document.text = _split_title(document.text)
    return document


def _title_above(lines: Sequence[str], start: int, end: int) -> int | None:
    """Return the index of the line above a head, if above that is a rule, a number or the beginning of the file."""
    title_line = end - 1
    while title_line >= start and not lines[title_line].strip():
        title_line -= 1
    if title_line < start or is_boundary(lines[title_line]) or len(lines[title_line].strip()) > 150:
        return None
    above = title_line - 1
    while above >= start and not lines[above].strip():
        above -= 1
    is_separate = is_boundary(lines[above]) if above >= start else start == 0
    return title_line if is_separate else None


def is_boundary(line: str) -> bool:
    """Tell whether a line is a rule or a number, as between documents."""
    return bool(_RULE.fullmatch(line) or (len(line) < 60 and _NUMBER.fullmatch(line)))


def strip_end(lines: Sequence[str]) -> list[str]:
    """Return lines without the blank lines, rules and numbers at their end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_boundary(lines[end - 1])):
        end -= 1
    return list(lines[:end])


def _split_title(text: str) -> tuple[str, str]:
    """Return the first line of a text as its title, "" where it is too long or alone, and the rest."""
    title, _, rest = text.strip().partition("\n")
    return (title, rest) if len(title) <= 150 and rest.strip() else ("", text)


def label_lines(lines: Sequence[str]) -> list[LabelledLine]:
    """Return the labels that introduce titles, dates and outlets."""
    return [label for line in lines if len(line) < 300 and (label := read_label(line)) and label.noun in _HEADS]
