"""Reduces articles to what an artifact of a tier may hold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PureWindowsPath

from semsearch.ports import Entry
from semsearch.types import Passage, Tier

SNIPPET_CHARACTERS = 200
"""Characters of each passage: about as many as search engines and citations show."""

_CUT = " …"


def travelling(tier: Tier) -> Callable[[Entry], Entry]:
    """Return the function that reduces an entry to a tier; an entry that need not change stays the same object."""
    return _MAKE[tier]


def _full(entry: Entry) -> Entry:
    """Remove the paths of the machine on which the article was read; without any, the entry stays the same object."""
    article = entry.article
    origin = placeless(article.origin)
    file = article.metadata.origin and placeless(article.metadata.origin)
    if (origin, file) == (article.origin, article.metadata.origin):
        return entry
    return replace(entry, article=replace(article, origin=origin, metadata=replace(article.metadata, origin=file)))


def placeless(path: str) -> str:
    """Return the part of a path that tells nothing about a machine: its last part, or all of a plain relative path."""
    windows = PureWindowsPath(path)  # knows both separators
    tells_place = windows.anchor or ".." in windows.parts or path.startswith("~") or path[:5].lower() == "file:"
    return windows.name if tells_place else path


def _snippets(entry: Entry) -> Entry:
    beginnings = [_beginning(passage.text) for passage in entry.passages]
    spans = []
    offset = 0
    for beginning in beginnings:
        spans.append((offset, offset + len(beginning)))
        offset += len(beginning) + 2
    article = _full(entry).article
    metadata = replace(article.metadata, pages=())  # they are positions in the full text
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
    most = SNIPPET_CHARACTERS - len(_CUT)  # so that cutting it again changes nothing
    words, space, _ = text[: most + 1].rpartition(" ")
    return (words if space else text[:most]).rstrip() + _CUT


def _vectors(entry: Entry) -> Entry:
    passages = [replace(passage, text="") for passage in entry.passages]
    return replace(entry, article=replace(_full(entry).article, text=""), passages=passages, keys=_no_keys(entry))


def _no_keys(entry: Entry) -> list[bytes]:
    """Return an empty key for each passage: a digest of its text would confirm a guess at the text."""
    return [b""] * len(entry.passages)


_MAKE: Mapping[Tier, Callable[[Entry], Entry]] = {
    Tier.FULL: _full,
    Tier.SNIPPETS: _snippets,
    Tier.VECTORS: _vectors,
}
