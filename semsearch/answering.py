"""Query -> answer: check, encode, let the engine rank, fold copies, and read only what is shown."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from semsearch import bounds, text, words
from semsearch.chunking import fitted_title, with_title
from semsearch.errors import IndexDamagedError, UsageError
from semsearch.files import now_seconds
from semsearch.legibility import legibility, unread
from semsearch.ports import Ask, Background, Encoder, Engine, Found, Scored, Vector
from semsearch.ranking.confidence import LEAST, judge_of, verdict_of
from semsearch.ranking.folding import Family, Folding
from semsearch.ranking.mixing import mix_of
from semsearch.types import (
    Answer,
    Article,
    Excerpt,
    Explanation,
    Filters,
    GroupBy,
    Hit,
    Mode,
    Passage,
    Query,
    Sort,
    Tier,
    Verdict,
    Word,
)

QUERY_CHARACTERS = 20_000
"""More is an archive, not a query."""

MORE_LIMIT = 3
"""Other passages shown with a hit: enough to judge an article by, few enough to skim."""

MORE_SHARE = 0.75
"""Of the hit's own score: a passage below it is not another good one."""

SIMILAR_CHARACTERS = 1_000
"""Of an article, from its beginning: the words by which others are similar. News says first what it is about."""

_DAY_SECONDS = 86_400


def checked(query: Query) -> Query:
    """Return a query as it is answered: text normalised, dates resolved.

    Raises:
        UsageError: there is nothing to search for, too much, or a number that makes no sense.
    """
    normal = text.normalise_line(query.text)
    if not normal and query.excluded:
        raise UsageError("the query only excludes", 'say what to look for, too: semsearch query "harbour -strike"')
    if not normal:
        raise UsageError(
            "the query is empty",
            'ask for something: semsearch query "open source strategy"; to see what meets conditions: semsearch list',
        )
    if len(normal) > QUERY_CHARACTERS:
        raise UsageError(f"the query has {len(normal):,} characters", f"ask with at most {QUERY_CHARACTERS:,}")
    if query.k < 1 or query.offset < 0 or query.context < 0:
        raise UsageError(
            f"k is {query.k}, offset {query.offset}, context {query.context}",
            "k is at least 1, offset and context at least 0",
        )
    if not 0 <= query.min_score <= 1:
        raise UsageError(f"the least confidence is {query.min_score}", "it is from 0 to 1")
    if query.recency is not None and not 0 < query.recency < float("inf"):
        raise UsageError(f"the half-life is {query.recency} days", "it is more than 0")
    for name in ("publishers", "authors", "languages", "sections", "tags"):
        if isinstance(getattr(query.filters, name), str):
            raise UsageError(f"{name} is a text, not a set of them", f'write {name}={{"…"}}')
    try:
        mode, group_by, sort = Mode(query.mode), GroupBy(query.group_by), Sort(query.sort)
    except ValueError as error:
        raise UsageError(str(error), "see semsearch.Mode, GroupBy and Sort") from error
    as_of = now_seconds() if query.as_of is None else query.as_of
    conditions = bounds.resolve(query.filters, as_of)
    known = replace(query, mode=mode, group_by=group_by, sort=sort)
    return replace(known, text=normal, filters=conditions, as_of=as_of)


def _possible(query: Query, tier: Tier) -> Query:
    """Return a checked query as an index of this tier can answer it; raises UsageError where none would be true."""
    if tier.has_words:
        return query
    if query.mode is Mode.LEXICAL or query.phrases or query.excluded:
        raise UsageError(
            "this index holds vectors and no words: neither words nor phrases nor exclusions can be looked for in it",
            "ask by meaning alone: --mode dense",
        )
    notices = (*query.notices, "this index holds no words; searched by meaning alone")
    return replace(query, mode=Mode.DENSE, notices=notices if query.mode is Mode.HYBRID else query.notices)


def answers(queries: Sequence[Query], engine: Engine, encoder: Callable[[], Encoder]) -> list[Answer]:
    """Answer checked queries, encoded and multiplied together; `took_ms` is then each one's share.

    Args:
        encoder: is called only where a query's mode needs one.
    """
    queries = [_possible(query, engine.recipe.tier) for query in queries]
    background = engine.background()
    ready = encoder() if any(query.mode is not Mode.LEXICAL for query in queries) else None
    started = time.perf_counter()
    asked = [query.text for query in queries if query.mode is not Mode.LEXICAL]
    vectors = iter(ready.encode_queries(asked) if ready else ())
    tokens = iter(ready.count_tokens(asked) if ready else ())
    crumbs = iter([unread([text], ready) for text in asked] if ready else ())
    asks = [
        _ask(query, background)
        if query.mode is Mode.LEXICAL
        else _ask(query, background, next(vectors), legibility([query.text], next(tokens) + next(crumbs)))
        for query in queries
    ]
    founds = engine.search(asks)
    together = (time.perf_counter() - started) / max(1, len(queries))
    done = []
    for query, ask, found in zip(queries, asks, founds, strict=True):
        started = time.perf_counter()
        answer = Answering(query, ask, found, engine, ready).answer()
        done.append(replace(answer, took_ms=1000 * (time.perf_counter() - started + together)))
    return done


def similar(article: Article, query: Query, engine: Engine) -> Answer:
    """Answer with what other articles have that is closest to one: to its vector, and to the words that it begins with.

    Args:
        query: checked; its text is what the answer is said to be to.
    """
    started = time.perf_counter()
    query = _possible(query, engine.recipe.tier)
    known = article.metadata
    vector = engine.article_vector(known.article_id) if query.mode is not Mode.LEXICAL else None
    beginning = f"{known.title}\n{article.text[:SIMILAR_CHARACTERS]}"
    ask = replace(_ask(query, engine.background(), vector), text=beginning, without=known.article_id)
    answer = Answering(query, ask, engine.search([ask])[0], engine, None).answer()
    return replace(answer, took_ms=1000 * (time.perf_counter() - started))


def _ask(query: Query, background: Background, vector: Vector | None = None, readable: float = 1.0) -> Ask:
    newest_first = query.sort is Sort.DATE
    return Ask(
        text=query.text,
        vector=vector,
        mix=mix_of(query.mode),
        judge=judge_of(query.mode, background),
        legibility=readable,
        filters=query.filters,
        phrases=query.phrases,
        excluded=query.excluded,
        passages=query.group_by is GroupBy.PASSAGE,
        newest_first=newest_first,
        least_confidence=max(query.min_score, LEAST) if newest_first else query.min_score,
        half_life=None if query.recency is None else query.recency * _DAY_SECONDS,
        as_of=query.as_of or 0,
    )


class Answering:
    """What is found for one query becomes hits."""

    def __init__(self, query: Query, ask: Ask, found: Found, engine: Engine, encoder: Encoder | None) -> None:
        self._query, self._ask, self._found = query, ask, found
        self._engine, self._encoder = engine, encoder

    def answer(self) -> Answer:
        """Return the answer; `took_ms` is for the caller to say."""
        query = self._query
        families = list(islice(self._families(), query.offset + query.k))
        shown = families[query.offset :]
        passages = self._passages(shown)
        ranks = range(query.offset + 1, query.offset + len(shown) + 1)
        hits = [self._hit(*one) for one in zip(ranks, shown, passages, strict=True)]
        if query.emphasise:
            hits = self._emphasised(hits)
        relaxed = [self._relaxed()] if self._found.relaxed else []
        unmet = () if self._found.total else self._unmet()
        kept = tuple(phrase for phrase in query.phrases if phrase not in self._found.relaxed)
        notices = (*query.notices, *relaxed, *unmet, *self._suggestions())
        before = self._verdict(families[0]) if query.offset and families else Verdict.NONE
        return Answer(replace(query, phrases=kept), tuple(hits), self._found.total, 0.0, notices, before)

    def _verdict(self, family: Family) -> Verdict:
        best = self._passages([family])[0][0]
        return verdict_of(max(best.confidence, self._ranked(family, best).confidence))

    def _ranked(self, family: Family, best: Scored) -> Scored:
        """Return the passage that has the family's score: the best of what is shown, or of a copy of it."""
        if self._query.group_by is not GroupBy.ARTICLE or family.ranked_by == family.article_id:
            return best
        return self._found.passages([family.ranked_by])[0][0]

    def _relaxed(self) -> str:
        """Say which phrases were searched as words."""
        quoted = " and ".join(f"“{phrase}”" for phrase in self._found.relaxed)
        which = "article that the conditions allow" if self._query.filters.to_dict() else "article"
        together = " together" if len(self._found.relaxed) > 1 else ""
        return f"no {which} has the exact words {quoted}{together}, so they were searched as plain words"

    def _suggestions(self) -> Iterator[str]:
        """Say which word may be meant by one that nothing has."""
        for one in self._found.meant if self._query.mode is not Mode.DENSE else ():
            yield f"no article has the word “{one.word}”; did you mean “{one.nearest}”?"

    def _unmet(self) -> Iterator[str]:
        """Say which conditions no article meets, even alone."""
        filters = self._query.filters
        for name in ("publishers", "authors", "languages", "sections"):
            for value in sorted(getattr(filters, name)):
                alone: dict[str, Any] = {name: frozenset([value])}
                if next(self._engine.articles(Filters(**alone)), None) is None:
                    yield f"no article has the {name.removesuffix('s')} “{value}”"
        for key, value in sorted(filters.tags):
            if next(self._engine.articles(Filters(tags=frozenset([(key, value)]))), None) is None:
                yield f"no article has the tag “{key}={value}”"

    def _families(self) -> Iterator[Family]:
        ranked = self._found.ranked()
        if self._query.group_by is not GroupBy.ARTICLE:
            return (Family(one.article_id, one.ordinal, one.score, (), one.article_id) for one in ranked)
        expected = self._query.offset + self._query.k
        folding = Folding(ranked, self._found.alike, self._found.article, self._is_found, expected)
        return folding.newest_first() if self._query.sort is Sort.DATE else folding.families()

    def _is_found(self, article_id: str) -> bool:
        return bool(self._found.passages([article_id])[0])

    def _passages(self, shown: Sequence[Family]) -> list[Sequence[Scored]]:
        """Return the scored passages of each hit, best first."""
        if self._query.group_by is GroupBy.PASSAGE:
            return [[self._found.passage(one.article_id, one.ordinal)] for one in shown if one.ordinal is not None]
        return self._found.passages([one.article_id for one in shown])

    def _hit(self, rank: int, family: Family, scored: Sequence[Scored]) -> Hit:
        article = self._found.article(family.article_id)
        if article is None:
            raise IndexDamagedError(f"article {family.article_id} is not where it was found", "see semsearch doctor")
        best, *others = scored
        ranked = self._ranked(family, best)
        confidence = max(best.confidence, ranked.confidence)
        good = [one for one in others if one.score >= MORE_SHARE * best.score][:MORE_LIMIT]
        hit = Hit(
            rank,
            family.score,
            confidence,
            verdict_of(confidence),
            _scores(best),
            _passage(article, best),
            article.metadata,
            more=tuple(Excerpt(_passage(article, one), one.score) for one in good),
            copies=family.copies,
        )
        if self._query.context:
            hit = replace(hit, context=self._neighbours(hit.passage))
        return replace(hit, explanation=self._explanation(hit, best, ranked)) if self._query.explain else hit

    def _neighbours(self, passage: Passage) -> tuple[Passage, ...]:
        own = self._found.article_passages(passage.article_id)
        first = max(0, passage.ordinal - self._query.context)
        near = own[first : passage.ordinal + self._query.context + 1]
        return tuple(one for one in near if one.ordinal != passage.ordinal)

    def _explanation(self, hit: Hit, best: Scored, ranked: Scored) -> Explanation:
        known = best.signals
        signals = {
            "dense": known.dense,
            "lexical": known.lexical,
            "article_dense": known.article_dense,
            "article_lexical": known.article_lexical,
            "coverage": known.coverage,
        }
        terms = self._found.terms(hit.article.article_id, hit.passage.ordinal)
        return Explanation(
            signals={name: value for name, value in signals.items() if value is not None},
            parts={name: value for name, value in ranked.parts.items() if value},
            words=self._words(hit, best),
            terms=tuple(Word(term, value) for term, value in terms if value),
            recency=None if self._query.recency is None else ranked.recency,
        )

    def _words(self, hit: Hit, best: Scored) -> tuple[Word, ...] | None:
        """Take the hit's cosine apart; what the encoder adds of itself, and what rounding does, is the last entry."""
        if self._encoder is None or self._ask.vector is None or best.signals.dense is None:
            return None
        read = with_title(fitted_title(hit.article.title, self._encoder), hit.text)
        found = self._encoder.contributions(read, self._ask.vector)
        if found is None:
            return None
        named = ((read[one.start : one.end], one.value) for one in found)
        words_of = [Word(name, value) for name, value in named if any(map(str.isalnum, name))]
        return (*words_of, Word("", best.signals.dense - sum(word.value for word in words_of)))

    def _emphasised(self, hits: Sequence[Hit]) -> list[Hit]:
        """Find the sentence of each hit that is closest to the query by itself."""
        spans = [text.sentence_spans(hit.text) for hit in hits]
        sentences = [hit.text[start:end] for hit, own in zip(hits, spans, strict=True) for start, end in own]
        scores = iter(self._sentence_scores(sentences))
        found = []
        for hit, own in zip(hits, spans, strict=True):
            scored = [(next(scores), span) for span in own]
            start, end = max(scored, key=lambda pair: pair[0])[1] if len(own) > 1 else (0, 0)
            sentence = (hit.passage.start + start, hit.passage.start + end) if end else None
            found.append(replace(hit, sentence=sentence))
        return found

    def _sentence_scores(self, sentences: Sequence[str]) -> list[float]:
        if self._encoder is not None and self._ask.vector is not None:
            scores: list[float] = (self._encoder.encode_passages(sentences) @ self._ask.vector).tolist()
            return scores
        analyser = words.analyser_of(None, self._query.text)
        wanted = set(words.terms(self._query.text, analyser))
        return [float(len(wanted & set(words.terms(sentence, analyser)))) for sentence in sentences]


def _scores(best: Scored) -> dict[str, float]:
    known = best.signals
    return {name: value for name, value in (("dense", known.dense), ("lexical", known.lexical)) if value is not None}


def _passage(article: Article, scored: Scored) -> Passage:
    return Passage(scored.article_id, scored.ordinal, scored.start, scored.end, article.text[scored.start : scored.end])
