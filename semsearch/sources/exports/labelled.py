"""Exports in which each document begins with labels, as Russian archives write them and some Japanese ones."""

import re
from collections import Counter
from collections.abc import Sequence

from semsearch.sources.exports.documents import Document
from semsearch.sources.exports.labels import Labelled, labelled
from semsearch.sources.exports.nexis import take

_RULE = re.compile(r"\s*(?:[-=_*~─━＝‐―◇◆■□]{5,}|\f)\s*")
_NUMBER = re.compile(
    r"\s*[【\[(（<＜]?\s*(?:no\.?|№|документ|публикация|статья|記事)?\s*[0-9０-９]{1,6}"
    r"(?:\s*(?:из|/|／)\s*[0-9]{1,6})?\s*[】\])）>＞.．]?\s*",
    re.IGNORECASE,
)
MARK = re.compile(
    r"^[^\S\n]*(?:[【［\[][^\S\n]*)?(?:дата|発行|掲載|日付|date|datum|fecha|data|public[a-z]+|erscheinungsdatum)",
    re.IGNORECASE | re.MULTILINE,
)
_FEWEST = 2
"""A text below labels may be one article; and one alone loses nothing by being read as such."""

_HEADS = frozenset(("title", "date", "outlet"))


def labelled_documents(lines: Sequence[str]) -> list[Document]:
    """Return documents that each begin with two labels or more, one of them of a title, a date or an outlet."""
    labels = Counter(
        label for begin, end in _heads(lines) for line in lines[begin:end] if (label := _named(line)) is not None
    )
    most = max(labels.values(), default=0)
    heads = _heads(lines, frozenset(name for (name, noun), count in labels.items() if count >= _share(noun) * most))
    if len(heads) < _FEWEST:
        return []
    documents = []
    for number, (begin, end) in enumerate(heads, 1):
        following = heads[number][0] if number < len(heads) else len(lines)
        documents.append(_labelled(lines, begin, end, following, number, heads))
    return documents


def _named(line: str) -> tuple[str, str] | None:
    label = labelled(line)
    return (label.label, label.noun or "") if label else None


def _share(noun: str) -> float:
    """Return which share of the documents must have a label; one that hardly any has begins a sentence."""
    return 0.1 if noun in ("byline", "section", "page", "url", "topics", "edition") else 0.5


def _heads(lines: Sequence[str], known: frozenset[str] | None = None) -> list[tuple[int, int]]:
    """Return where runs of labels begin and end: the first of each document.

    Args:
        known: labels that are taken for some; None: any. One that hardly any document has begins a sentence.
    """

    def label_of(line: str) -> Labelled | None:
        label = labelled(line)
        return label if label and (known is None or label.label in known) else None

    heads: list[tuple[int, int]] = []
    at = 0
    while at < len(lines):
        label = label_of(lines[at])
        if not label or label.noun is None:
            at += 1
            continue
        begin = at
        nouns: set[str] = set()
        while at < len(lines) and (not lines[at].strip() or (label := label_of(lines[at]))):
            if lines[at].strip() and label:
                if label.noun in nouns and label.noun in _HEADS:
                    break  # a document that is nothing but its labels
                nouns.add(label.noun or "")
                at += 1
                if label.noun == "text":
                    break
            else:
                at += 1
        if "date" in nouns and len(nouns & {*_HEADS, "byline", "section", "page", "text"}) > 1:
            heads.append((begin, at))
    return heads


def _labelled(
    lines: Sequence[str], begin: int, end: int, following: int, number: int, heads: list[tuple[int, int]]
) -> Document:
    document = Document(number)
    labels = [label for line in lines[begin:end] if (label := labelled(line))]
    for label in labels:
        take(document, label)
    text = [label.value for label in labels if label.noun == "text"]
    before = _above(lines, heads[number - 2][1] if number > 1 else 0, begin)
    titled = bool(document.title)
    if not titled and before is not None:
        document.title = lines[before].strip()
    next_title = _above(lines, end, following) if not titled and number < len(heads) else None
    body = list(lines[end : following if next_title is None else next_title])
    while body and (not body[-1].strip() or is_boundary(body[-1])):
        body.pop()
    while body and not titled and not document.title and (not body[0].strip() or is_boundary(body[0])):
        body.pop(0)
    document.text = "\n".join([*text, *body])
    if not document.title and body:
        document.title, document.text = _first_line(document.text)
    return document


def _above(lines: Sequence[str], begin: int, end: int) -> int | None:
    """Return the line directly above a head, where a rule, a number or the beginning of the file stands above it."""
    at = end - 1
    while at >= begin and not lines[at].strip():
        at -= 1
    if at < begin or is_boundary(lines[at]) or len(lines[at].strip()) > 150:
        return None
    above = at - 1
    while above >= begin and not lines[above].strip():
        above -= 1
    return at if (above < begin and begin == 0) or (above >= begin and is_boundary(lines[above])) else None


def is_boundary(line: str) -> bool:
    """Tell whether a line is a rule or a number, as they stand between documents."""
    return bool(_RULE.fullmatch(line) or (len(line) < 60 and _NUMBER.fullmatch(line)))


def _first_line(text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition("\n")
    return (first, rest) if len(first) <= 150 and rest.strip() else ("", text)


def label_lines(lines: Sequence[str]) -> list[Labelled]:
    """Return the lines that begin with a label which names one of an article's facts."""
    return [label for line in lines if len(line) < 300 and (label := labelled(line)) and label.noun in _HEADS]
