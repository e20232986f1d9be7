"""What an engine answers to one query: everything that is allowed, ranked as it is taken."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from semsearch.engines.local.allowing import allow
from semsearch.engines.local.columns import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.cosines import SCANNED_ROWS, Cosines, products
from semsearch.engines.local.kinship import Kinship
from semsearch.engines.local.ordering import in_order
from semsearch.engines.local.scoring import Scoring
from semsearch.engines.local.suggesting import nearest_there
from semsearch.errors import IndexDamagedError
from semsearch.ports import Ask, Candidate, Found, Meant, Scored
from semsearch.types import Article, Passage

FEEDBACK_PASSAGES = 5


def search(corpus: Corpus, kinship: Kinship, asks: Sequence[Ask]) -> Sequence[Found]:
    """Rank the allowed passages for each query (ports.Engine.search)."""
    whole = corpus.rows <= SCANNED_ROWS or len(asks) > 1
    scanned = [at for at, ask in enumerate(asks) if ask.vector is not None and (whole or _needs_all(ask))]
    vectors = [vector for at in scanned if (vector := asks[at].vector) is not None]
    rows = dict(zip(scanned, products(corpus, vectors), strict=True))
    return [
        Search(corpus, kinship, ask, None if ask.vector is None else Cosines(corpus, ask.vector, rows.get(at)))
        for at, ask in enumerate(asks)
    ]


def _needs_all(ask: Ask) -> bool:
    """Say whether every row has to be known: each is judged, or nothing but its vector speaks for it."""
    return ask.newest_first or ask.least_confidence > 0 or not ask.mix.lexical


class Search:
    """One query to one generation."""

    def __init__(self, corpus: Corpus, kinship: Kinship, ask: Ask, cosines: Cosines | None) -> None:
        self._corpus, self._kinship, self._ask = corpus, kinship, ask
        self._places: dict[str, int] = {}  # of articles that were looked for, by id
        self._scoring = Scoring(corpus, ask, cosines)
        if cosines is not None and ask.mix.feedback:
            # Of all that is alive, however old, so that neither filters nor recency change what is near.
            ranked = in_order(self._scoring, kinship, corpus.alive_rows, newest_first=False)
            self._scoring.move_query([vector for _, _, vector in islice(ranked, FEEDBACK_PASSAGES)])
        self._scoring.age()
        self._allowed = allow(corpus, ask)
        self._mask = self._allowed_rows()

    @property
    def total(self) -> int:
        """Articles that filters, phrases and exclusions allow."""
        return int(self._allowed.articles.sum())

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Phrases that nothing has."""
        return self._allowed.relaxed

    @property
    def meant(self) -> list[Meant]:
        """The words that no article has and of which there is a near one (ports.Found)."""
        found = ((word, nearest_there(self._corpus, word)) for word in self._scoring.whole.lacking)
        return [Meant(word, nearest) for word, nearest in found if nearest]

    def _allowed_rows(self) -> Mask:
        of_article = self._corpus.row_articles
        mask = self._allowed.articles[of_article]
        if self._allowed.rows is not None:
            mask &= self._allowed.rows
        if self._ask.vector is None:
            mask &= (self._scoring.own.scores > 0) | (self._scoring.whole.scores > 0)[of_article]
        if self._ask.least_confidence > 0 or self._ask.newest_first:
            mask &= self._scoring.sure_rows()
        return mask

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed, in order (ports.Found)."""
        corpus = self._corpus
        seen: set[int] = set()
        for row, score, vector in in_order(
            self._scoring, self._kinship, self._mask, newest_first=self._ask.newest_first
        ):
            article = int(corpus.row_articles[row])
            if article in seen and not self._ask.passages:
                continue
            seen.add(article)
            article_id = corpus.article_id(article)
            self._places[article_id] = article
            yield Candidate(article_id, row - int(corpus.article_rows[article]), score, vector)

    def passages(self, article_ids: Sequence[str]) -> list[Sequence[Scored]]:
        """Return the passages of each article, best first (ports.Found)."""
        corpus = self._corpus
        places = [self._place(article_id) for article_id in article_ids]
        spans = [corpus.article_rows[[at, at + 1]].tolist() for at in places if at is not None]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(first, last) for first, last in spans)])
        rows = rows[self._mask[rows]]
        rows = rows[~self._kinship.repeated(rows)]
        found: dict[str, list[Scored]] = {article_id: [] for article_id in article_ids}
        for scored in self._scoring.scored(rows):
            found[scored.article_id].append(scored)
        return [sorted(own, key=lambda scored: (-scored.score, scored.ordinal)) for own in found.values()]

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""
        return self._scoring.scored(np.array([self._row(article_id, ordinal)]))[0]

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was when the question was asked (ports.Found)."""
        place = self._place(article_id)
        if place is None:
            return None
        segment, at = self._corpus.of_article(place)
        return segment.read(at)

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return all passages of an article (ports.Found)."""
        place = self._place(article_id)
        if place is None:
            return []
        segment, at = self._corpus.of_article(place)
        return segment.passages(at)

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article the allowed ones that may carry its text (ports.Found)."""
        places = [self._place(article_id) for article_id in article_ids]
        there = [at for at in places if at is not None]
        found = dict(zip(there, self._kinship.alike(np.array(there, dtype=np.int64)), strict=True))
        allowed = self._allowed.articles
        return [
            [self._corpus.article_id(one) for one in found[at] if allowed[one]] if at is not None else []
            for at in places
        ]

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, most first."""
        return self._scoring.own.parts(self._row(article_id, ordinal))

    def _place(self, article_id: str) -> int | None:
        at = self._places.get(article_id)
        if at is None and (at := self._corpus.find(article_id)) is not None:
            self._places[article_id] = at
        return at

    def _row(self, article_id: str, ordinal: int) -> int:
        article = self._corpus.find(article_id)
        if article is None:
            message = f"the index is damaged: article {article_id} is not where it was found"
            raise IndexDamagedError(message, "restore the index from a copy, or build it again")
        return int(self._corpus.article_rows[article]) + ordinal
