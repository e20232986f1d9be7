"""What of an article an artifact may hold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PureWindowsPath

from semsearch.ports import Entry
from semsearch.types import Passage, Tier

SNIPPET_CHARACTERS = 200
"""Of each passage: about what search engines and citations show."""

_CUT = " …"


def travelling(tier: Tier) -> Callable[[Entry], Entry]:
    """Return what makes of an article what may travel of it; an article of which all may stays the very same."""
    return _MAKE[tier]


def _whole(entry: Entry) -> Entry:
    """Leave out where on somebody's machine it was read; an article without that stays the very same."""
    article = entry.article
    origin = placeless(article.origin)
    file = article.metadata.origin and placeless(article.metadata.origin)
    if (origin, file) == (article.origin, article.metadata.origin):
        return entry
    return replace(entry, article=replace(article, origin=origin, metadata=replace(article.metadata, origin=file)))


def placeless(path: str) -> str:
    """Return of a path what tells nothing about a machine: its last part, unless it is a plain relative one."""
    windows = PureWindowsPath(path)  # which knows both separators
    told = windows.anchor or ".." in windows.parts or path.startswith("~") or path[:5].lower() == "file:"
    return windows.name if told else path


def _snippets(entry: Entry) -> Entry:
    beginnings = [_beginning(passage.text) for passage in entry.passages]
    spans = []
    at = 0
    for beginning in beginnings:
        spans.append((at, at + len(beginning)))
        at += len(beginning) + 2
    article = _whole(entry).article
    metadata = replace(article.metadata, pages=())  # which are places in the whole text
    article = replace(article, metadata=metadata, text="\n\n".join(beginnings))
    article_id = article.metadata.article_id
    cut = [
        Passage(article_id, ordinal, start, end, beginning)
        for ordinal, ((start, end), beginning) in enumerate(zip(spans, beginnings, strict=True))
    ]
    return replace(entry, article=article, passages=cut, keys=_no_keys(entry))


def _beginning(text: str) -> str:
    if len(text) <= SNIPPET_CHARACTERS:
        return text
    most = SNIPPET_CHARACTERS - len(_CUT)  # so that the beginning of a beginning is all of it
    words, space, _ = text[: most + 1].rpartition(" ")
    return (words if space else text[:most]).rstrip() + _CUT


def _vectors(entry: Entry) -> Entry:
    passages = [replace(passage, text="") for passage in entry.passages]
    return replace(entry, article=replace(_whole(entry).article, text=""), passages=passages, keys=_no_keys(entry))


def _no_keys(entry: Entry) -> list[bytes]:
    """Return nothing for each passage: a digest of its text would tell whoever can guess the text that it is right."""
    return [b""] * len(entry.passages)


_MAKE: Mapping[Tier, Callable[[Entry], Entry]] = {
    Tier.FULL: _whole,
    Tier.SNIPPETS: _snippets,
    Tier.VECTORS: _vectors,
}
