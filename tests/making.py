"""Small articles and entries, made by tests for tests."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np

from semsearch import identity
from semsearch.ports import Entry, Vector
from semsearch.text import normalise_text, paragraph_spans
from semsearch.types import Article, Date, Metadata, Passage

DAY = 86_400


def day(ordinal: int) -> Date:
    """The day that many days after 2020-01-01, UTC."""
    start = 1_577_836_800 + ordinal * DAY
    return Date(str(np.datetime64("2020-01-01") + ordinal), start, start + DAY - 1)


def article(
    name: str,
    text: str = "One paragraph.",
    *,
    title: str = "",
    published: Date | None = None,
    publisher: str | None = None,
    authors: Sequence[str] = (),
    language: str | None = None,
    section: str | None = None,
    tags: Mapping[str, tuple[str, ...]] | None = None,
    indexed: str | None = None,
) -> Article:
    """An article whose address, and so whose id, follows from its name."""
    url = f"https://news.example.org/{name}"
    article_id = identity.url_id(url)
    assert article_id
    metadata = Metadata(
        article_id,
        title or f"Headline of {name}",
        url=url,
        publisher=publisher,
        authors=tuple(authors),
        published=published,
        indexed=indexed,
        language=language,
        section=section,
        tags=tags or {},
    )
    return identity.seal(metadata, normalise_text(text), origin=f"{name}.txt")


def passages(of: Article) -> tuple[Passage, ...]:
    """A passage a paragraph."""
    return tuple(
        Passage(of.metadata.article_id, ordinal, start, end, of.text[start:end])
        for ordinal, (start, end) in enumerate(paragraph_spans(of.text))
    )


def key_of(text: str) -> bytes:
    """What stands for a text among those that an encoder read."""
    return blake2b(text.encode(), digest_size=16).digest()


def vector_of(text: str, dimensions: int = 8) -> Vector:
    """A random unit vector that follows from a text."""
    drawn = np.random.default_rng(list(key_of(text))).normal(size=dimensions)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def entry(of: Article, dimensions: int = 8) -> Entry:
    """An article with a passage a paragraph, and the vectors and keys of their texts."""
    cut = passages(of)
    vectors = np.stack([vector_of(passage.text, dimensions) for passage in cut])
    return Entry(of, cut, vectors, truncated=0, keys=tuple(key_of(passage.text) for passage in cut))
