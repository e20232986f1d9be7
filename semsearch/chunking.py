"""Cuts an article into passages: whole paragraphs, packed to a budget that the encoder's own tokenizer measures."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semsearch.ports import Encoder
from semsearch.text import Span, halves, paragraph_spans, sentence_spans
from semsearch.types import Article, Passage

PASSAGE_TOKENS = 96
"""The default budget of a passage's own text. What shorter and longer passages find and cost is in
docs/explanation/measurements.md."""

TITLE_TOKENS = 48
"""Most tokens of a headline before a passage for embedding; a longer headline is cut."""

_HEADING_TOKENS = 16
_HEADINGS_OVER = 32
"""Headings may make a passage so much longer than its budget: a heading alone is no evidence of anything."""

_SENTENCE_STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", ":", ";", ",", '"', "”", "’", "»", "」")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A passage, and what the encoder reads for it."""

    passage: Passage
    embedding_text: str
    tokens: int  # of the embedding text, special ones excluded
    truncated: bool  # the encoder cannot read it to its end; only if a single character is too long for it

    @property
    def key(self) -> bytes:
        """A digest of the text that the encoder reads, 16 bytes."""
        return hashlib.blake2b(self.embedding_text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A paragraph, or a part of one that is too long for a passage."""

    start: int
    end: int
    tokens: int
    heading: bool = False


def prepare(article: Article, encoder: Encoder, passage_tokens: int) -> list[Prepared]:
    """Cut an article into passages and put its headline before each, for embedding only.

    Paragraphs are packed whole while they fit; longer paragraphs are split at sentence ends into parts of about equal
    length, longer sentences at spaces. A heading goes with what follows. No text that the encoder reads is longer than
    its `max_tokens`, and every character that is not white space between fragments is in exactly one passage.

    Args:
        passage_tokens: of a passage's own text without its headings, at least 16; lowered to what the encoder can read.
    """
    title = fitted_title(article.metadata.title, encoder)
    room = encoder.max_tokens - encoder.overhead_tokens
    budget = max(1, min(passage_tokens, room - encoder.count_tokens([title])[0]))
    spans = list(_pack(_fragments(article.text, encoder, budget), budget)) or [(0, len(article.text))]
    passages: list[Prepared] = []
    for (start, end), tokens in _split_until_fitting(article.text, spans, title, encoder, room):
        text = article.text[start:end]
        passage = Passage(article.metadata.article_id, len(passages), start, end, text)
        passages.append(Prepared(passage, with_title(title, text), tokens, truncated=tokens > room))
    return passages


def with_title(title: str, text: str) -> str:
    """Return what the encoder reads: headline and passage, or the passage alone if it begins with the headline."""
    return text if not title or text.casefold().startswith(title.casefold()) else f"{title}\n{text}"


def fitted_title(title: str, encoder: Encoder) -> str:
    """Return the beginning of a headline that is put before a passage for embedding."""
    while encoder.count_tokens([title])[0] > TITLE_TOKENS:
        (_, end), _ = halves(title, 0, len(title))
        title = title[:end]
    return title


def _fragments(text: str, encoder: Encoder, budget: int) -> list[_Fragment]:
    paragraphs = paragraph_spans(text)
    counts = _token_counts(text, paragraphs, encoder)
    fragments: list[_Fragment] = []
    for (start, end), tokens in zip(paragraphs, counts, strict=True):
        if tokens > budget:
            fragments += _split_paragraph(text, start, end, encoder, budget)
        else:
            heading = tokens <= _HEADING_TOKENS and not text[start:end].endswith(_SENTENCE_STOPS)
            fragments.append(_Fragment(start, end, tokens, heading))
    return fragments


def _token_counts(text: str, spans: Sequence[Span], encoder: Encoder) -> list[int]:
    return encoder.count_tokens([text[start:end] for start, end in spans])


def _split_paragraph(text: str, start: int, end: int, encoder: Encoder, budget: int) -> Iterator[_Fragment]:
    """Split a paragraph at sentence ends into parts of about equal length, none above the budget."""
    sentences = _no_longer_than(text, sentence_spans(text, start, end), encoder, budget)
    parts_left = _parts_needed(sentences, budget)
    remaining = sum(fragment.tokens for fragment in sentences)
    group: list[_Fragment] = []
    tokens = 0
    for sentence in sentences:
        is_even = parts_left > 1 and tokens + sentence.tokens / 2 > remaining / parts_left
        if group and (is_even or tokens + sentence.tokens > budget):
            yield _Fragment(group[0].start, group[-1].end, tokens)
            group, tokens, remaining, parts_left = [], 0, remaining - tokens, parts_left - 1
        group.append(sentence)
        tokens += sentence.tokens
    yield _Fragment(group[0].start, group[-1].end, tokens)


def _parts_needed(fragments: Sequence[_Fragment], budget: int) -> int:
    parts, tokens = 1, 0
    for fragment in fragments:
        if tokens and tokens + fragment.tokens > budget:
            parts, tokens = parts + 1, 0
        tokens += fragment.tokens
    return parts


def _no_longer_than(text: str, spans: Sequence[Span], encoder: Encoder, budget: int) -> list[_Fragment]:
    fragments: list[_Fragment] = []
    waiting = list(reversed(spans))
    while waiting:
        counts = _token_counts(text, waiting, encoder)
        next_round: list[Span] = []
        for (start, end), tokens in zip(waiting, counts, strict=True):
            if tokens <= budget or end - start < 2:
                fragments.append(_Fragment(start, end, tokens))
            else:
                next_round += halves(text, start, end)
        waiting = next_round
    return sorted(fragments, key=lambda fragment: fragment.start)


def _pack(fragments: Sequence[_Fragment], budget: int) -> Iterator[Span]:
    group: list[_Fragment] = []
    tokens = 0
    for fragment in fragments:
        if group and tokens + fragment.tokens > budget:
            end = len(group)
            while end and group[end - 1].heading:
                end -= 1
            headings = group[end:]
            if sum(heading.tokens for heading in headings) > _HEADINGS_OVER:
                end, headings = len(group), []  # not headings, but a list
            if end:
                yield group[0].start, group[end - 1].end
            group, tokens = headings, sum(heading.tokens for heading in headings)
        group.append(fragment)
        tokens += fragment.tokens
    if group:
        yield group[0].start, group[-1].end


def _split_until_fitting(
    text: str, spans: Sequence[Span], title: str, encoder: Encoder, room: int
) -> list[tuple[Span, int]]:
    """Split the spans that are still too long, and return each span with its number of tokens, headline included."""
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
