"""How sure one can be that a hit is about what was asked: an absolute figure, from raw signals alone.

A cosine counts by how far it stands above the best that a text about something else would reach, which grows with the
logarithm of the number of passages. An index measures that by its own headlines, each against the passages of other
articles (`ports.Background`); while these are few, what is known of the encoder counts more. Headlines are in the
language of their articles. For texts in another language than the query's, the query's own mean cosine with them takes
the place of theirs; so it does in its own language where headlines are few and little is known of the encoder.
Words count by how much of the query's weight a passage and its article have, and by how rare they are in the whole
index.

An article that has every meaningful word of the query, or a phrase that the query quotes, is a match however common the
words are: its confidence is at least LEAST, and rises with how much they stand out in it.

The logistic weights were chosen on half of three sets of questions, with and without an answer; figures are in
docs/explanation/measurements.md.
"""

import math

import numpy as np

from semsearch.ports import ENOUGH_HEADLINES, Background, Evidence, Floats, Judge
from semsearch.types import CosineScale, Mode, Verdict

_FEW_TEXTS = 20
"""This many texts make a query's mean cosine with them half as certain as very many would."""

_LEAST_PASSAGES = 100
_MANY_PASSAGES = 1_000
"""From this number of passages on, words count in full; among fewer, none is known to be rare."""

_FURTHEST = (-0.5, 2.5)

_STANDING_OUT = 15.0
_IN_PASSING = 10.0
"""Chosen on half of the words, pairs, threes and fives of headlines of two corpora: how often an article with all words
of a query in its headline, too, stands out from one that only has them in its text."""

LEAST = 0.15
_FAIR = 0.5
_STRONG = 0.9


def judge_of(mode: Mode, background: Background, prior: CosineScale) -> Judge:
    """Return the function that turns the signals of a mode into confidences.

    Args:
        prior: what is known of the encoder, whatever is in the index.
    """
    passages = max(background.passages, 1)
    mean = (ENOUGH_HEADLINES * prior.mean + background.sum_of_means) / (ENOUGH_HEADLINES + background.headlines)
    unsettled = 1 - background.settled if prior.doubt else 0.0
    growth = (ENOUGH_HEADLINES * prior.growth + background.sum_of_growths) / (ENOUGH_HEADLINES + background.headlines)
    reach = growth * math.log(max(passages, _LEAST_PASSAGES))
    rarity_known = min(1.0, math.log(passages) / math.log(_MANY_PASSAGES))

    def likeness(evidence: Evidence) -> Floats:
        lexical = 26 * evidence.strength - 7.2 + 3 * (1 - rarity_known)
        if evidence.cosines is None or mode is Mode.LEXICAL:
            return _logistic(lexical)
        same = evidence.same_language
        own_share = (1 - same * (1 - unsettled)) * evidence.texts / (evidence.texts + _FEW_TEXTS)
        nearest = own_share * evidence.usual + (1 - own_share) * (mean + prior.doubt * unsettled * same)
        standing_out = np.clip((evidence.cosines - nearest) / reach, *_FURTHEST)
        by_meaning = 9.5 * standing_out - 8.3
        if mode is Mode.DENSE:
            return prior.trust * _logistic(by_meaning)
        telling = rarity_known * evidence.same_language  # how much is to be expected of words
        both = telling * (4.8 * standing_out + 20.8 * evidence.strength - 8.7) + (1 - telling) * by_meaning
        return _logistic(evidence.legibility * both + (1 - evidence.legibility) * lexical)

    def judge(evidence: Evidence) -> Floats:
        return np.maximum(likeness(evidence), np.where(evidence.literal, literally(evidence.prominence), 0))

    return judge


def literally(prominence: Floats) -> Floats:
    """Return how sure one is of a passage that has all words, by these alone, however common each is."""
    return LEAST + (1 - LEAST) * _logistic(_STANDING_OUT * prominence - _IN_PASSING)


def _logistic(total: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-total)))


def least_of(verdict: Verdict) -> float:
    """Return the least confidence that earns a verdict."""
    return {Verdict.NONE: 0.0, Verdict.WEAK: LEAST, Verdict.FAIR: _FAIR, Verdict.STRONG: _STRONG}[verdict]


def verdict_of(confidence: float) -> Verdict:
    """Return the word for a confidence."""
    if confidence < LEAST:
        return Verdict.NONE
    if confidence < _FAIR:
        return Verdict.WEAK
    return Verdict.FAIR if confidence < _STRONG else Verdict.STRONG
