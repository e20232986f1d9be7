"""Is a query in the language of some texts? Its function words tell: its own language has them everywhere.

A query without any, such as a name, is at home wherever it is written.
"""

import numpy as np

from semsearch.ports import Floats

_DOUBTS = 2.0
_NATIVE = 0.8
"""Every query is taken to have so many more function words, so familiar: one that is unknown proves little."""

_FOREIGN, _OWN = 0.45, 0.6
"""Mean familiarity up to which a query is foreign, and from which it is not."""


_SOMEWHERE = 0.3
"""From here on the language in which a query is most at home is taken for its own."""

_CRUMBS, _READ = 0.9, 0.97
"""Legibility of an article up to which an encoder does not really read its language, and from which it does."""


_FEW = 20.0
"""Texts: so many make what they say of a query's words half as certain as very many would."""


def same_language(familiarity: Floats, count: Floats, texts: Floats) -> Floats:
    """Return how far a query is in the language of each of several groups of texts, 0 to 1.

    Few texts lack many a function word of their own language, so that they prove little.

    Args:
        familiarity: (groups,), the sum, over its function words, of how much less each weighs than one that no text
            has, as a share of what that weighs: 0 for a word that no text has, near 1 for one that most have.
        count: (groups,), their number.
        texts: (groups,), the number of texts.
    """
    certain = texts / (texts + _FEW)
    mean = (certain * familiarity + _DOUBTS * _NATIVE) / (certain * count + _DOUBTS)
    own = np.asarray(np.clip((mean - _FOREIGN) / (_OWN - _FOREIGN), 0.0, 1.0))
    most = own.max(initial=0.0)
    return own / most if most >= _SOMEWHERE else own


def share_of_words(same: Floats, legibility: Floats) -> Floats:
    """Return how much of their weight words keep, 0 to 1: all where the encoder cannot read an article.

    Args:
        same: how far the query is in the language of each article (`same_language`).
        legibility: of each article.
    """
    read = np.clip((legibility - _CRUMBS) / (_READ - _CRUMBS), 0.0, 1.0)
    return np.asarray(1 - (1 - same) * read)
