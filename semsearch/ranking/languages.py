"""Is a query in the language of some texts? Its function words tell, for they are everywhere in its own language.

A query without any, such as a name, is at home wherever it is written.

Vectors of texts in one language also have a direction in common, so that any text in the query's own language may be
nearer than an answer in another one. The difference between the mean cosines with the texts of two languages is
therefore made up for.
"""

import numpy as np

from semsearch.ports import Floats, Mask

_DOUBTS = 2.0
_NATIVE = 0.8
"""Every query is taken to have _DOUBTS more function words, _NATIVE familiar: one unknown word proves little."""

_FOREIGN, _OWN = 0.52, 0.62
"""Mean familiarity up to which a query is foreign, and from which it is not."""

_LESS = 0.2
"""A language that is this much less familiar than the most familiar one is foreign in any case."""

_SOMEWHERE = 0.5
"""A query's most familiar language is taken for its own if the query is in it by this much."""

_CRUMBS, _READ = 0.9, 0.97
"""Legibility of an article up to which an encoder does not really read its language, and from which it does."""

_FEW = 20.0
"""This many texts make what they tell about a query or their language half as certain as very many would."""


def same_language(familiarity: Floats, count: Floats, matched_words: Floats, texts: Floats, letters: Mask) -> Floats:
    """Return how far a query is in the language of each of several groups of texts, 0 to 1.

    Few texts prove little, for they lack many function words of their own language. A group that has none of a query's
    words is not in its language if others have some, or if it is written in other letters.

    Args:
        familiarity: (groups,), the sum, over the query's function words, of how familiar each is: the share by which it
            weighs less than a word that no text has, so 0 for such a word and near 1 for one that most texts have.
        count: (groups,), the number of these function words.
        matched_words: (groups,), the number of the query's words, of any kind, that some text has.
        texts: (groups,), the number of texts.
        letters: (groups,), whether the language of each may be written in the query's letters.
    """
    certain = texts / (texts + _FEW)
    mean = (certain * familiarity + _DOUBTS * _NATIVE) / (certain * count + _DOUBTS)
    mean = np.where((texts > 0) & ((matched_words > 0) | (letters & ~np.any(matched_words > 0))), mean, 0.0)
    foreign = max(_FOREIGN, float(mean.max(initial=0.0)) - _LESS)
    shares = np.asarray(np.clip((mean - foreign) / (_OWN - _FOREIGN), 0.0, 1.0))
    highest = shares.max(initial=0.0)
    return shares / highest if highest >= _SOMEWHERE else shares


def language_offsets(same: Floats, cosines: Floats, texts: Floats) -> Floats:
    """Return what to add to a query's cosines with texts of each of several groups that are in another language.

    Args:
        same: (groups,), how far the query is in the language of each (`same_language`).
        cosines: (groups,), with the mean vector of each.
        texts: (groups,), the number of texts; one group at least has some.
    """
    home = same.argmax()
    nearest = cosines[home] if same[home] >= _SOMEWHERE else cosines[texts > 0].max()
    return np.asarray((nearest - cosines) * texts / (texts + _FEW))


def share_of_words(same: Floats, legibility: Floats) -> Floats:
    """Return how much of their weight words keep, 0 to 1: all of it where the encoder cannot read an article.

    Args:
        same: how far the query is in the language of each article (`same_language`).
        legibility: of each article.
    """
    return np.asarray(1 - (1 - same) * really_read(legibility))


def really_read(legibility: Floats) -> Floats:
    """Return how far an encoder really reads the language of texts, 0 to 1, by their legibility."""
    return np.asarray(np.clip((legibility - _CRUMBS) / (_READ - _CRUMBS), 0.0, 1.0))
