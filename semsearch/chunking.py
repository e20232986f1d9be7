"""Article -> passages: whole paragraphs, packed to a budget that the encoder's own tokenizer measures."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semsearch.ports import Encoder
from semsearch.text import Span, halves, paragraph_spans, sentence_spans
from semsearch.types import Article, Passage

PASSAGE_TOKENS = 96
"""The default budget of a passage's own text. What shorter and longer ones find and cost is in
docs/explanation/measurements.md."""

TITLE_TOKENS = 48
"""As much of a headline as stands before a passage for embedding; a longer one is left out from there on."""

_HEADING_TOKENS = 16
_HEADINGS_OVER = 32
"""By so much headings may make a passage longer than its budget: a heading alone is no evidence of anything."""

_SENTENCE_STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", ":", ";", ",", '"', "”", "’", "»", "」")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A passage, and what the encoder reads for it."""

    passage: Passage
    embedding_text: str
    tokens: int  # of the embedding text, special ones excluded
    truncated: bool  # the encoder cannot read it to its end; only where one character is too much for it

    @property
    def key(self) -> bytes:
        """Tell what the encoder reads from every other text, in 16 bytes."""
        return hashlib.blake2b(self.embedding_text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph, or a part of one that is too long for a passage."""

    start: int
    end: int
    tokens: int
    heading: bool = False


def prepare(article: Article, encoder: Encoder, passage_tokens: int) -> list[Prepared]:
    """Cut an article into passages and put its headline before each, for embedding only.

    Paragraphs are packed whole while they fit; a longer one is split at sentence ends into parts of about equal
    length, a longer sentence at spaces. A heading goes with what follows. No text that the encoder reads is longer than
    its `max_tokens`, and every character that is not white space between pieces is in exactly one passage.

    Args:
        passage_tokens: of a passage's own text without its headings, at least 16; lowered where the encoder's limit
            asks for it.
    """
    title = fitted_title(article.metadata.title, encoder)
    room = encoder.max_tokens - encoder.overhead_tokens
    budget = max(1, min(passage_tokens, room - encoder.count_tokens([title])[0]))
    spans = list(_pack(_pieces(article.text, encoder, budget), budget)) or [(0, len(article.text))]
    found: list[Prepared] = []
    for (start, end), tokens in _split_until_fitting(article.text, spans, title, encoder, room):
        text = article.text[start:end]
        passage = Passage(article.metadata.article_id, len(found), start, end, text)
        found.append(Prepared(passage, with_title(title, text), tokens, truncated=tokens > room))
    return found


def with_title(title: str, text: str) -> str:
    """Return what the encoder reads: the headline and the passage, or the passage alone where it begins with it."""
    return text if not title or text.casefold().startswith(title.casefold()) else f"{title}\n{text}"


def fitted_title(title: str, encoder: Encoder) -> str:
    """Return as much of a headline as stands before a passage for embedding."""
    while encoder.count_tokens([title])[0] > TITLE_TOKENS:
        (_, end), _ = halves(title, 0, len(title))
        title = title[:end]
    return title


def _pieces(text: str, encoder: Encoder, budget: int) -> list[_Piece]:
    paragraphs = paragraph_spans(text)
    counts = _count(text, paragraphs, encoder)
    pieces: list[_Piece] = []
    for (start, end), tokens in zip(paragraphs, counts, strict=True):
        if tokens > budget:
            pieces += _parts(text, start, end, encoder, budget)
        else:
            heading = tokens <= _HEADING_TOKENS and not text[start:end].endswith(_SENTENCE_STOPS)
            pieces.append(_Piece(start, end, tokens, heading))
    return pieces


def _count(text: str, spans: Sequence[Span], encoder: Encoder) -> list[int]:
    return encoder.count_tokens([text[start:end] for start, end in spans])


def _parts(text: str, start: int, end: int, encoder: Encoder, budget: int) -> Iterator[_Piece]:
    """Split a paragraph at sentence ends into parts of about equal length, none above the budget."""
    sentences = _no_longer_than(text, sentence_spans(text, start, end), encoder, budget)
    left = _parts_needed(sentences, budget)
    remaining = sum(piece.tokens for piece in sentences)
    group: list[_Piece] = []
    tokens = 0
    for sentence in sentences:
        even = left > 1 and tokens + sentence.tokens / 2 > remaining / left
        if group and (even or tokens + sentence.tokens > budget):
            yield _Piece(group[0].start, group[-1].end, tokens)
            group, tokens, remaining, left = [], 0, remaining - tokens, left - 1
        group.append(sentence)
        tokens += sentence.tokens
    yield _Piece(group[0].start, group[-1].end, tokens)


def _parts_needed(pieces: Sequence[_Piece], budget: int) -> int:
    parts, tokens = 1, 0
    for piece in pieces:
        if tokens and tokens + piece.tokens > budget:
            parts, tokens = parts + 1, 0
        tokens += piece.tokens
    return parts


def _no_longer_than(text: str, spans: Sequence[Span], encoder: Encoder, budget: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    waiting = list(reversed(spans))
    while waiting:
        counts = _count(text, waiting, encoder)
        next_round: list[Span] = []
        for (start, end), tokens in zip(waiting, counts, strict=True):
            if tokens <= budget or end - start < 2:
                pieces.append(_Piece(start, end, tokens))
            else:
                next_round += halves(text, start, end)
        waiting = next_round
    return sorted(pieces, key=lambda piece: piece.start)


def _pack(pieces: Sequence[_Piece], budget: int) -> Iterator[Span]:
    group: list[_Piece] = []
    tokens = 0
    for piece in pieces:
        if group and tokens + piece.tokens > budget:
            kept = len(group)
            while kept and group[kept - 1].heading:
                kept -= 1
            headings = group[kept:]
            if sum(held.tokens for held in headings) > _HEADINGS_OVER:
                kept, headings = len(group), []  # not headings, but a list
            if kept:
                yield group[0].start, group[kept - 1].end
            group, tokens = headings, sum(held.tokens for held in headings)
        group.append(piece)
        tokens += piece.tokens
    if group:
        yield group[0].start, group[-1].end


def _split_until_fitting(
    text: str, spans: Sequence[Span], title: str, encoder: Encoder, room: int
) -> list[tuple[Span, int]]:
    """Split what is still too long, and return each span with the tokens that are read of it."""
    fitting: list[tuple[Span, int]] = []
    waiting = list(spans)
    while waiting:
        counts = encoder.count_tokens([with_title(title, text[start:end]) for start, end in waiting])
        next_round: list[Span] = []
        for (start, end), count in zip(waiting, counts, strict=True):
            if count > room and end - start > 1:
                next_round += halves(text, start, end)
            else:
                fitting.append(((start, end), count))
        waiting = next_round
    return sorted(fitting)
