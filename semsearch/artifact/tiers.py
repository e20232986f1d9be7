"""What of an article an artifact may hold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

from semsearch.ports import Entry
from semsearch.types import Passage, Tier

SNIPPET_CHARACTERS = 200
"""Of each passage: about what search engines and citations show."""

_CUT = " …"


def travelling(tier: Tier) -> Callable[[Entry], Entry]:
    """Return what makes of an article what may travel of it; an article of which all may stays the very same."""
    return _MAKE[tier]


def _whole(entry: Entry) -> Entry:
    """Leave out where on somebody's machine it was read."""
    origin = entry.article.origin
    inner = PureWindowsPath(origin) if "\\" in origin else PurePosixPath(origin)
    if not inner.is_absolute() and ".." not in inner.parts and not origin.startswith("~"):
        return entry
    return replace(entry, article=replace(entry.article, origin=inner.name))


def _snippets(entry: Entry) -> Entry:
    beginnings = [_beginning(passage.text) for passage in entry.passages]
    spans = []
    at = 0
    for beginning in beginnings:
        spans.append((at, at + len(beginning)))
        at += len(beginning) + 2
    article = replace(_whole(entry).article, text="\n\n".join(beginnings))
    article_id = article.metadata.article_id
    cut = [
        Passage(article_id, ordinal, start, end, beginning)
        for ordinal, ((start, end), beginning) in enumerate(zip(spans, beginnings, strict=True))
    ]
    return replace(entry, article=article, passages=cut, keys=_no_keys(entry))


def _beginning(text: str) -> str:
    if len(text) <= SNIPPET_CHARACTERS:
        return text
    words, space, _ = text[: SNIPPET_CHARACTERS + 1].rpartition(" ")
    return (words if space else text[:SNIPPET_CHARACTERS]).rstrip() + _CUT


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
