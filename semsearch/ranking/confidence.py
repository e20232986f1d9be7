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
from typing import NamedTuple

import numpy as np

from semsearch.ports import ENOUGH_HEADLINES, Background, Evidence, Floats, Judge
from semsearch.types import CosineScale, Mode, Verdict

_FEW_TEXTS = 20
"""This many texts make a query's mean cosine with them half as certain as very many would."""

_LEAST_PASSAGES = 100
_MANY_PASSAGES = 1_000
"""From this number of passages on, words count in full; among fewer, none is known to be rare."""

_FURTHEST = (-0.5, 2.5)
"""How far at least and at most a cosine counts as standing out: beyond, it says no more."""


class _Weights(NamedTuple):
    """What a logistic sum is made of."""

    standing_out: float  # of how far the cosine stands out
    words: float  # of the strength of the words
    constant: float


_BY_WORDS = _Weights(0, 26, -7.2)
_BY_MEANING = _Weights(9.5, 0, -8.3)
_BY_BOTH = _Weights(4.8, 20.8, -8.7)

_IF_NONE_IS_RARE = 3
"""Added to the sum by words among few passages: there strength cannot come from rare words."""

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
        lexical = _BY_WORDS.words * evidence.strength + _BY_WORDS.constant + _IF_NONE_IS_RARE * (1 - rarity_known)
        if evidence.cosines is None or mode is Mode.LEXICAL:
            return _logistic(lexical)
        same = evidence.same_language
        own_share = (1 - same * (1 - unsettled)) * evidence.texts / (evidence.texts + _FEW_TEXTS)
        nearest = own_share * evidence.usual + (1 - own_share) * (mean + prior.doubt * unsettled * same)
        standing_out = np.clip((evidence.cosines - nearest) / reach, *_FURTHEST)
        by_meaning = _BY_MEANING.standing_out * standing_out + _BY_MEANING.constant
        if mode is Mode.DENSE:
            return prior.trust * _logistic(by_meaning)
        telling = rarity_known * evidence.same_language  # how much is to be expected of words
        by_both = _BY_BOTH.standing_out * standing_out + _BY_BOTH.words * evidence.strength + _BY_BOTH.constant
        readable = telling * by_both + (1 - telling) * by_meaning
        return _logistic(evidence.legibility * readable + (1 - evidence.legibility) * lexical)

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
