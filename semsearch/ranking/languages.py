"""Is a query in the language of some texts? Its function words tell: its own language has them everywhere.

A query without any, such as a name, is at home wherever it is written.

Vectors of texts in one language have a direction in common, too, so that every text in the query's own language is
nearer than what answers it in another one. What the mean of a language's texts is nearer or farther than that of the
query's own is therefore made up for.
"""

import numpy as np

from semsearch.ports import Floats, Mask

_DOUBTS = 2.0
_NATIVE = 0.8
"""Every query is taken to have so many more function words, so familiar: one that is unknown proves little."""

_FOREIGN, _OWN = 0.52, 0.62
"""Mean familiarity up to which a query is foreign, and from which it is not."""

_LESS = 0.2
"""So much less familiar than the most familiar language another one is foreign, however familiar."""

_SOMEWHERE = 0.5
"""From here on the language in which a query is most at home is taken for its own."""

_CRUMBS, _READ = 0.9, 0.97
"""Legibility of an article up to which an encoder does not really read its language, and from which it does."""


_FEW = 20.0
"""Texts: so many make what they say of a query, or of their language, half as certain as very many would."""


def same_language(familiarity: Floats, count: Floats, having: Floats, texts: Floats, letters: Mask) -> Floats:
    """Return how far a query is in the language of each of several groups of texts, 0 to 1.

    Few texts lack many a function word of their own language, so that they prove little. What has none of a query's
    words is not in its language where others have some, or where it is written in other letters.

    Args:
        familiarity: (groups,), the sum, over its function words, of how much less each weighs than one that no text
            has, as a share of what that weighs: 0 for a word that no text has, near 1 for one that most have.
        count: (groups,), their number.
        having: (groups,), the number of its words, of any kind, that some text has.
        texts: (groups,), the number of texts.
        letters: (groups,), whether the language of each may be written in the query's letters.
    """
    certain = texts / (texts + _FEW)
    mean = (certain * familiarity + _DOUBTS * _NATIVE) / (certain * count + _DOUBTS)
    mean = np.where((texts > 0) & ((having > 0) | (letters & ~np.any(having > 0))), mean, 0.0)
    foreign = max(_FOREIGN, float(mean.max(initial=0.0)) - _LESS)
    own = np.asarray(np.clip((mean - foreign) / (_OWN - _FOREIGN), 0.0, 1.0))
    most = own.max(initial=0.0)
    return own / most if most >= _SOMEWHERE else own


def language_offsets(same: Floats, cosines: Floats, texts: Floats) -> Floats:
    """Return what to add to a query's cosines with texts of each of several groups that are in another language.

    Args:
        same: (groups,), how far the query is in the language of each (`same_language`).
        cosines: (groups,), with the mean vector of each.
        texts: (groups,), the number of texts; there is one at least.
    """
    home = same.argmax()
    nearest = cosines[home] if same[home] >= _SOMEWHERE else cosines[texts > 0].max()
    return np.asarray((nearest - cosines) * texts / (texts + _FEW))


def share_of_words(same: Floats, legibility: Floats) -> Floats:
    """Return how much of their weight words keep, 0 to 1: all where the encoder cannot read an article.

    Args:
        same: how far the query is in the language of each article (`same_language`).
        legibility: of each article.
    """
    return np.asarray(1 - (1 - same) * really_read(legibility))


def really_read(legibility: Floats) -> Floats:
    """Return how far an encoder really reads the language of texts of some legibility, 0 to 1."""
    return np.asarray(np.clip((legibility - _CRUMBS) / (_READ - _CRUMBS), 0.0, 1.0))
