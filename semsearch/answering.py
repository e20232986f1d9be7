"""From query to answer: check, encode, let the engine rank, fold copies, and read only what is shown."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from semsearch import bounds, conditions, limits, text, words
from semsearch.checks import shown
from semsearch.chunking import fitted_title, with_title
from semsearch.errors import QueryTimeoutError, UsageError
from semsearch.files import now_seconds
from semsearch.legibility import legibility, unread
from semsearch.ports import Ask, Background, Candidate, Encoder, Engine, Found, Scored, Vector
from semsearch.promises import Promises
from semsearch.ranking.confidence import LEAST, judge_of, verdict_of
from semsearch.ranking.families import Family, Folding
from semsearch.ranking.mix import mix_of
from semsearch.ranking.republications import Republications
from semsearch.types import (
    Answer,
    Article,
    CosineScale,
    Excerpt,
    Explanation,
    Filters,
    GroupBy,
    Hit,
    Metadata,
    Mode,
    Passage,
    Query,
    Sort,
    Tier,
    Verdict,
    Word,
)
from semsearch.types.grammar import asks_for_nearness
from semsearch.unmet import unmet

QUERY_CHARACTERS = 20_000
"""Most characters of a query; more is an archive."""

MOST_PHRASES = 100
"""Different phrases, and as many exclusions: for each, the articles that may have it are read."""

_PUBLISHERS_READ = 500
"""Articles whose publisher is read one by one; for more, all publishers are looked up at once."""

MORE_LIMIT = 3
"""Other passages shown with a hit: enough to judge an article by, few enough to skim."""

MORE_SHARE = 0.75
"""Share of the hit's own score that another passage needs to be shown with it."""

_EMPHASISED_AT_ONCE = 10
"""Hits whose sentences are encoded together, which takes a quarter less time than hit by hit; few answers have more.
The deadline is checked, and other queries have their turn, before the next ones."""

SIMILAR_CHARACTERS = 600
"""Characters at an article's beginning by whose words others are similar to it. News begins with its subject."""

_MOST_LACKING = 3
"""Words that no article has are named up to this number: of a pasted text, or in another language, there are many."""

_WORD_ENDS = re.compile(r"\A\W+|\W+\Z")

_REPUBLISHED = (
    "articles that only carry older texts again are counted, but left out of what is new; "
    "see them: --republished include"
)

_DAY_SECONDS = 86_400


def checked(query: Query) -> Query:
    """Return a query as it is answered: with normalised text and resolved dates.

    Raises:
        UsageError: there is nothing to search for, too much, or a number that makes no sense.
    """
    if not isinstance(query.text, str):
        raise UsageError(f"the query is {type(query.text).__name__}, not a text", 'ask for something: "harbour strike"')
    normalised = text.normalise_line(query.text)
    if not normalised and query.excluded:
        raise UsageError("the query only excludes", 'say what to look for, too: semsearch query "harbour -strike"')
    if not normalised:
        raise UsageError(
            "the query is empty",
            'ask for something: semsearch query "open source strategy"; to see what meets conditions: semsearch list',
        )
    if len(normalised) > QUERY_CHARACTERS:
        raise UsageError(f"the query has {len(normalised):,} characters", f"ask with at most {QUERY_CHARACTERS:,}")
    query = _with_checked_numbers(query)
    mode, group_by = conditions.member(Mode, query.mode, "mode"), conditions.member(GroupBy, query.group_by, "group_by")
    sort = conditions.member(Sort, query.sort, "sort")
    filters = conditions.taken(query.filters)
    as_of = now_seconds() if query.as_of is None else bounds.instant(query.as_of, bounds.zone_of(filters))
    phrases, excluded = _distinct("phrases", query.phrases), _distinct("exclusions", query.excluded)
    wordless = [value for value in (*phrases, *excluded) if not words.phrase(value)]
    notices = (*query.notices, *(f"“{value}” has no word, so it was not looked for" for value in wordless))
    phrases = tuple(phrase for phrase in phrases if phrase not in wordless)
    excluded = tuple(phrase for phrase in excluded if phrase not in wordless)
    query = replace(query, mode=mode, group_by=group_by, sort=sort, notices=notices)
    resolved = conditions.resolved(filters, as_of)
    return replace(query, text=normalised, phrases=phrases, excluded=excluded, filters=resolved, as_of=as_of)


def _with_checked_numbers(query: Query) -> Query:
    """Return a query with numbers of Python's own types, none larger than an answer needs; raises UsageError."""
    numbers: dict[str, Any] = {
        name: conditions.whole_number(name, getattr(query, name)) for name in ("k", "offset", "context")
    }
    numbers["min_confidence"] = _number("min_confidence", query.min_confidence)
    for name in ("recency", "timeout"):
        if getattr(query, name) is not None:
            numbers[name] = _number(name, getattr(query, name))
    query = replace(query, **numbers)
    if query.k < 1 or query.offset < 0 or query.context < 0:
        raise UsageError(
            f"k is {shown(query.k)}, offset {shown(query.offset)}, context {shown(query.context)}",
            "k is at least 1, offset and context at least 0",
        )
    if not 0 <= query.min_confidence <= 1:
        raise UsageError(f"min_confidence is {shown(query.min_confidence)}", "it is from 0 to 1")
    if query.recency is not None and not 1 / limits.HALF_LIFE_DAYS <= query.recency <= limits.HALF_LIFE_DAYS:
        raise UsageError(
            f"the half-life is {shown(query.recency)} days",
            f"it is from {1 / limits.HALF_LIFE_DAYS:g} to {limits.HALF_LIFE_DAYS:g} days",
        )
    if query.timeout is not None and not query.timeout > 0:
        raise UsageError(f"the time for an answer is {shown(query.timeout)} s", "it is more than 0; None for any")
    return replace(query, **{name: min(getattr(query, name), limits.ASKED) for name in ("k", "offset", "context")})


def _distinct(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return phrases or exclusions, of those with the same words only the first."""
    by_words: dict[tuple[str, ...], str] = {}
    texts = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    if not all(isinstance(value, str) for value in texts):
        raise UsageError(f"the {name} are {values!r:.40} ({type(values).__name__})", "write texts: ['harbour strike']")
    for value in texts:
        by_words.setdefault(words.phrase(value) or (value,), value)
    if len(by_words) > MOST_PHRASES:
        raise UsageError(
            f"the query has {len(by_words):,} different {name}",
            f"ask with at most {MOST_PHRASES}, or several queries, one a line: semsearch query -",
        )
    return tuple(by_words.values())


def _number(name: str, number: object) -> float:
    """Return a number of any type as a float; infinity if it is too large for one."""
    try:
        if not isinstance(number, bool) and hasattr(type(number), "__float__"):
            return float(number)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if number > 0 else -math.inf  # type: ignore[operator]
    raise UsageError(f"{name} is {number!r:.40} ({type(number).__name__})", "write a number")


def _answerable(query: Query, tier: Tier) -> Query:
    """Return a checked query as an index of this tier can answer it; raises UsageError if it cannot."""
    if tier.has_words:
        return query
    if query.mode is Mode.LEXICAL or query.phrases or query.excluded:
        raise UsageError(
            "this index holds vectors and no words: neither words nor phrases nor exclusions can be looked for in it",
            "ask by meaning alone: --mode dense",
        )
    notices = (*query.notices, "this index holds no words; searched by meaning alone")
    return replace(query, mode=Mode.DENSE, notices=notices if query.mode is Mode.HYBRID else query.notices)


Outcome = Answer | QueryTimeoutError
"""The outcome of one of several queries."""


def outcomes(queries: Sequence[Query], engine: Engine, encoder: Callable[[], Encoder]) -> Iterator[Outcome]:
    """Answer checked queries, which are encoded and scored together; `took_ms` has each one's share of that time.

    Each has its own timeout from when its turn comes, and one that takes longer yields an error in its place.

    Args:
        encoder: is called only if a query's mode needs one.
    """
    queries = [_answerable(query, engine.recipe.tier) for query in queries]
    background, loaded = engine.background(), _encoder_if_needed(queries, encoder)
    started = time.perf_counter()
    asks = _asks(queries, background, engine.recipe.cosines, loaded)
    rankings = engine.search(asks)
    shared_seconds = (time.perf_counter() - started) / max(1, len(queries))
    for query, ask in zip(queries, asks, strict=True):
        started = time.perf_counter()
        try:
            answer = Answering(query, ask, next(rankings), engine, loaded).answer()
            if query.count:
                answer = replace(answer, matches=_matches(ask, engine))
        except QueryTimeoutError as error:
            yield error
        else:
            yield replace(answer, took_ms=1000 * (time.perf_counter() - started + shared_seconds))


def _encoder_if_needed(queries: Sequence[Query], encoder: Callable[[], Encoder]) -> Encoder | None:
    return encoder() if any(query.mode is not Mode.LEXICAL for query in queries) else None


def _asks(queries: Sequence[Query], background: Background, scale: CosineScale, encoder: Encoder | None) -> list[Ask]:
    """Encode queries together, and return them in the form that an engine takes."""
    texts = [query.text for query in queries if query.mode is not Mode.LEXICAL]
    legibilities = iter(_legibilities(texts, encoder) if encoder else ())
    vectors = iter(encoder.encode_queries(texts) if encoder else ())
    return [
        _ask(query, background, scale)
        if query.mode is Mode.LEXICAL
        else _ask(query, background, scale, next(vectors), next(legibilities))
        for query in queries
    ]


def _legibilities(texts: Sequence[str], encoder: Encoder) -> Iterator[float]:
    """Yield how far the encoder can read each text, 0 to 1."""
    for query_text, tokens in zip(texts, encoder.count_tokens(texts), strict=True):
        yield legibility([query_text], tokens + unread([query_text], encoder), encoder.tokens_per_column)


def ranking(
    query: Query, engine: Engine, encoder: Callable[[], Encoder], *, in_order: bool = True
) -> tuple[Query, Found]:
    """Return a checked query as this index can answer it, and all that it finds, without folding or reading it.

    Args:
        in_order: whether the order will be looked at; what is found does not depend on it, and takes less time.
    """
    answerable = _answerable(query, engine.recipe.tier)
    [ask] = _asks([answerable], engine.background(), engine.recipe.cosines, _encoder_if_needed([answerable], encoder))
    ask = ask if in_order else replace(ask, mix=replace(ask.mix, feedback=0.0))
    return answerable, next(engine.search([ask]))


def answers(queries: Sequence[Query], engine: Engine, encoder: Callable[[], Encoder]) -> list[Answer]:
    """Answer checked queries as `outcomes` does; raises QueryTimeoutError if one takes longer than it may."""
    answered = []
    for outcome in outcomes(queries, engine, encoder):
        if isinstance(outcome, QueryTimeoutError):
            raise outcome
        answered.append(outcome)
    return answered


def similar(article: Article, query: Query, engine: Engine) -> Answer:
    """Answer with the articles that are closest to one: to its vector, and to the words that it begins with.

    Args:
        query: checked; its text is shown as the query of the answer.
    """
    started = time.perf_counter()
    query = _answerable(query, engine.recipe.tier)
    metadata = article.metadata
    vector = engine.article_vector(metadata.article_id) if query.mode is not Mode.LEXICAL else None
    beginning = f"{metadata.title}\n{article.text[:SIMILAR_CHARACTERS]}"
    ask = replace(
        _ask(query, engine.background(), engine.recipe.cosines, vector), text=beginning, without=metadata.article_id
    )
    answer = Answering(query, ask, next(engine.search([ask])), engine, None).answer()
    if query.count:
        answer = replace(answer, matches=_matches(ask, engine))
    return replace(answer, took_ms=1000 * (time.perf_counter() - started))


def _matches(ask: Ask, engine: Engine) -> int | None:
    """Count the articles that are a match, including copies; None if that takes longer than the answer may."""
    matching = replace(ask, least_confidence=max(ask.least_confidence, LEAST), passages=False, newest_first=False)
    try:
        return int(next(engine.search([matching])).columns().matching.sum())
    except QueryTimeoutError:
        return None


def listed(filters: Filters, engine: Engine) -> Iterator[Metadata]:
    """Yield the articles that resolved filters allow, newest first; with `new_since`, republications only if wanted."""
    new_since = filters.new_since
    if not isinstance(new_since, int) or filters.republished:
        return engine.articles(filters)
    republications = Republications(lambda ids: engine.earlier(ids, new_since), engine.comparisons(), engine.get)
    return (article for article in engine.articles(filters) if republications.of(article.article_id) is None)


def _ask(
    query: Query, background: Background, scale: CosineScale, vector: Vector | None = None, readable: float = 1.0
) -> Ask:
    newest_first = query.sort is Sort.DATE
    return Ask(
        text=query.text,
        vector=vector,
        mix=mix_of(query.mode),
        judge=judge_of(query.mode, background, scale),
        legibility=readable * scale.trust,
        filters=query.filters,
        phrases=query.phrases,
        excluded=query.excluded,
        passages=query.group_by is GroupBy.PASSAGE,
        newest_first=newest_first,
        least_confidence=max(query.min_confidence, LEAST) if newest_first else query.min_confidence,
        half_life=None if query.recency is None else query.recency * _DAY_SECONDS,
        as_of=query.as_of if isinstance(query.as_of, int) else 0,
        timeout=query.timeout,
        exact=query.exact,
    )


class Answering:
    """Turns what an engine found for one query into hits."""

    def __init__(self, query: Query, ask: Ask, found: Found, engine: Engine, encoder: Encoder | None) -> None:
        self._query = query
        self._engine, self._encoder = engine, encoder
        self._look_for(found, ask)
        self._republications = Republications(found.earlier, found.comparisons, found.article)
        self._left_out = False  # whether a republication was left out

    def _look_for(self, found: Found, ask: Ask) -> None:
        """Take what was found for an ask as that which is answered with."""
        self._found, self._ask = found, ask
        self._promises = Promises(ask, found.relaxed)

    def answer(self) -> Answer:
        """Return the answer, in which the caller has to set `took_ms`."""
        query = self._query
        families = list(islice(self._families(), query.offset + query.k))
        if not families and query.nearest and self._ask.least_confidence and not self._ask.newest_first:
            self._look_for(self._found.nearest(), replace(self._ask, least_confidence=0.0))
            families = list(islice(self._families(), query.offset + query.k))
        shown_families = families[query.offset :]
        passages = self._passages(shown_families)
        ranks = range(query.offset + 1, query.offset + len(shown_families) + 1)
        hits = [
            self._hit(rank, family, scored)
            for rank, family, scored in zip(ranks, shown_families, passages, strict=True)
        ]
        if query.emphasise:
            hits = self._with_emphasis(hits)
        relaxed = [self._relaxed_notice()] if self._found.relaxed else []
        impossible = () if self._found.total else unmet(query.filters, self._engine, self._found.deadline.check)
        phrases = tuple(phrase for phrase in query.phrases if phrase not in self._found.relaxed)
        left_out = (_REPUBLISHED,) if self._left_out else ()
        notices = (*query.notices, *relaxed, *impossible, *left_out, *self._about_lacking())
        earlier_verdict = self._verdict(families[0]) if query.offset and families else Verdict.NONE
        return Answer(replace(query, phrases=phrases), tuple(hits), self._found.total, 0.0, notices, earlier_verdict)

    def _verdict(self, family: Family) -> Verdict:
        best, _ = self._checked_hit(family, self._passages([family])[0])
        return verdict_of(max(best.confidence, self._ranking_passage(family, best).confidence))

    def _ranking_passage(self, family: Family, best: Scored) -> Scored:
        """Return the passage that has the family's score: the best of the shown article, or of a copy of it."""
        if family.ranked_by == family.article_id:
            return best
        ranked = self._found.passages([family.ranked_by])[0]
        self._promises.keep_passages(self._checked_article(family.ranked_by), ranked)
        return ranked[0]

    def _relaxed_notice(self) -> str:
        """Return the notice that says which phrases were searched as words."""
        quoted = " and ".join(f"“{phrase}”" for phrase in self._found.relaxed)
        limited = self._query.filters.to_dict() or self._query.excluded
        article = "article that the conditions allow" if limited else "article"
        together = " together" if len(self._found.relaxed) > 1 else ""
        return f"no {article} has the exact words {quoted}{together}, so they were searched as plain words"

    def _about_lacking(self) -> Iterator[str]:
        """Yield which typed words no article has, with suggestions; the words of `similar` were not typed."""
        is_typed = self._query.mode is not Mode.DENSE and self._ask.without is None
        typed = self._query.text.split()
        operators = [word for word in typed if asks_for_nearness(word)]
        meant = [
            one
            for one in (self._found.meant if is_typed else ())
            if not any(one.word in operator for operator in operators)
        ]
        similar = [one for one in meant if one.nearest is not None]
        for one in similar[:_MOST_LACKING]:
            yield f"no article has the word “{one.word}”; did you mean “{one.nearest}”?"
        # Parts of addresses and of other things that are no words are not told, nor what was told of a phrase.
        whole_words = {_WORD_ENDS.sub("", word) for word in typed} - {""}
        others = [one.word for one in meant if one.nearest is None and one.word in whole_words]
        lacking = [word for word in others if words.surely_tells(word) and word not in self._found.relaxed]
        # Where not even function words are there, the query is in another language, and answered by its meaning.
        is_foreign = self._query.mode is Mode.HYBRID and len(lacking) < len(others) == len(whole_words)
        if lacking and not is_foreign:
            yield f"no article has the {'word' if len(lacking) == 1 else 'words'} {_listed(lacking)}"

    def _is_new(self, article_id: str) -> bool:
        """Tell whether an article is not a republication; always true unless only new articles are wanted."""
        filters = self._query.filters
        if filters.new_since is None or filters.republished:
            return True
        is_new = self._republications.of(article_id) is None
        self._left_out = self._left_out or not is_new
        return is_new

    def _alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        return [list(filter(self._is_new, copies)) for copies in self._found.alike(article_ids)]

    def _families(self) -> Iterator[Family]:
        ranked = (candidate for candidate in self._found.ranked() if self._is_new(candidate.article_id))
        if self._query.group_by in (GroupBy.PASSAGE, GroupBy.COPIES):
            return map(_family_of_one, ranked)
        if self._query.group_by is GroupBy.PUBLISHER:
            return self._one_per_publisher(ranked)
        expected = self._query.offset + self._query.k
        found = self._found
        folding = Folding(
            ranked, self._alike, found.comparisons, found.article, self._is_found, expected, found.deadline
        )
        return folding.newest_first() if self._query.sort is Sort.DATE else folding.families()

    def _one_per_publisher(self, ranked: Iterator[Candidate]) -> Iterator[Family]:
        """Yield the best article of each publisher, even if it is a copy of another publisher's."""
        yielded: set[str | None] = set()
        for number, candidate in enumerate(ranked):
            self._found.deadline.check()
            publisher = (
                self._checked_article(candidate.article_id).metadata.publisher
                if number < _PUBLISHERS_READ
                else self._publishers.get(candidate.article_id)
            )
            name = publisher and text.name_key(publisher)
            if name not in yielded:
                yielded.add(name)
                yield _family_of_one(candidate)

    @cached_property
    def _publishers(self) -> Mapping[str, str]:
        """By article id: the publishers of the articles that the filters allow."""
        columns = self._engine.columns(self._query.filters)
        return {
            columns.ids[position].decode(): publisher
            for publisher, positions in columns.values("publisher").items()
            for position in positions[columns.allowed[positions]].tolist()
        }

    def _is_found(self, article_id: str) -> bool:
        return bool(self._found.passages([article_id])[0])

    def _passages(self, shown: Sequence[Family]) -> list[Sequence[Scored]]:
        """Return the scored passages of each hit, best first."""
        if self._query.group_by is GroupBy.PASSAGE:
            return [
                [self._found.passage(family.article_id, family.ordinal)]
                for family in shown
                if family.ordinal is not None
            ]
        return self._found.passages([family.article_id for family in shown])

    def _hit(self, rank: int, family: Family, scored: Sequence[Scored]) -> Hit:
        best, article = self._checked_hit(family, scored)
        ranked = self._ranking_passage(family, best)
        confidence = max(best.confidence, ranked.confidence)
        more = [passage for passage in scored[1:] if passage.score >= MORE_SHARE * best.score][:MORE_LIMIT]
        hit = Hit(
            rank,
            family.score,
            confidence,
            verdict_of(confidence),
            _scores(best),
            _passage(article, best),
            article.metadata,
            more=tuple(Excerpt(_passage(article, passage), passage.score) for passage in more),
            copies=family.copies,
            republishes=self._republications.of(family.article_id),
        )
        if self._query.context:
            hit = replace(hit, context=self._neighbours(hit.passage))
        return replace(hit, explanation=self._explanation(hit, best, ranked)) if self._query.explain else hit

    def _checked_hit(self, family: Family, scored: Sequence[Scored]) -> tuple[Scored, Article]:
        """Return the best passage of a hit and its article; raises InternalError if one must not be shown."""
        article = self._checked_article(family.article_id)
        self._promises.keep_passages(article, scored)
        for copy in family.copies:
            self._checked_article(copy.article_id)
        return scored[0], article

    def _checked_article(self, article_id: str) -> Article:
        return self._promises.keep(self._found.article(article_id), article_id)

    def _neighbours(self, passage: Passage) -> tuple[Passage, ...]:
        passages = self._found.article_passages(passage.article_id)
        start = max(0, passage.ordinal - self._query.context)
        nearby = passages[start : passage.ordinal + self._query.context + 1]
        return tuple(neighbour for neighbour in nearby if neighbour.ordinal != passage.ordinal)

    def _explanation(self, hit: Hit, best: Scored, ranked: Scored) -> Explanation:
        best_signals = best.signals
        signals = {
            "dense": best_signals.dense,
            "lexical": best_signals.lexical,
            "article_dense": best_signals.article_dense,
            "article_lexical": best_signals.article_lexical,
            "coverage": best_signals.coverage,
            "prominence": best_signals.prominence if best_signals.literal else None,
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
        """Return what each word adds to the hit's cosine; the last entry is the rest (special tokens, rounding)."""
        if self._encoder is None or self._ask.vector is None or best.signals.dense is None:
            return None
        embedding_text = with_title(fitted_title(hit.article.title, self._encoder), hit.text)
        contributions = self._encoder.contributions(embedding_text, self._ask.vector)
        if contributions is None:
            return None
        fragments = ((embedding_text[part.start : part.end], part.value) for part in contributions)
        named_words = [Word(name, value) for name, value in fragments if any(map(str.isalnum, name))]
        return (*named_words, Word("", best.signals.dense - sum(word.value for word in named_words)))

    def _with_emphasis(self, hits: Sequence[Hit]) -> list[Hit]:
        """Mark the sentence of each hit that by itself is closest to the query, unless it is the only one."""
        marked: list[Hit] = []
        for begin in range(0, len(hits), _EMPHASISED_AT_ONCE):
            self._found.deadline.check()
            batch = hits[begin : begin + _EMPHASISED_AT_ONCE]
            all_spans = [text.sentence_spans(hit.text) for hit in batch]
            all_spans = [spans if len(spans) > 1 else [] for spans in all_spans]
            sentences = [hit.text[slice(*span)] for hit, spans in zip(batch, all_spans, strict=True) for span in spans]
            scores = iter(self._sentence_scores(sentences))
            for hit, spans in zip(batch, all_spans, strict=True):
                scored = dict(zip(spans, scores, strict=False))  # as many scores as there are sentences
                start, end = max(scored, key=scored.__getitem__, default=(0, 0))
                sentence = (hit.passage.start + start, hit.passage.start + end) if scored else None
                marked.append(replace(hit, sentence=sentence))
        return marked

    def _sentence_scores(self, sentences: Sequence[str]) -> list[float]:
        if self._encoder is not None and self._ask.vector is not None:
            scores: list[float] = (self._encoder.encode_passages(sentences) @ self._ask.vector).tolist()
            return scores
        analyser, wanted = self._query_terms
        return [float(len(wanted & set(words.terms(sentence, analyser)))) for sentence in sentences]

    @cached_property
    def _query_terms(self) -> tuple[words.Analyser, set[str]]:
        analyser = words.analyser_of(None, self._query.text)
        return analyser, set(words.terms(self._query.text, analyser))


def _family_of_one(candidate: Candidate) -> Family:
    """Return a family of one article, without copies."""
    return Family(candidate.article_id, candidate.ordinal, candidate.score, (), candidate.article_id)


def _listed(lacking: Sequence[str]) -> str:
    """Return words as a list in a sentence, of many only the first ones."""
    quoted = [f"“{word}”" for word in lacking]
    if len(quoted) > _MOST_LACKING:
        return f"{', '.join(quoted[:_MOST_LACKING])} and {len(quoted) - _MOST_LACKING:,} more"
    *others, last = quoted
    return f"{', '.join(others)} and {last}" if others else last


def _scores(best: Scored) -> dict[str, float]:
    signals = best.signals
    return ({} if signals.dense is None else {"dense": signals.dense}) | {"lexical": signals.lexical}


def _passage(article: Article, scored: Scored) -> Passage:
    return Passage(scored.article_id, scored.ordinal, scored.start, scored.end, article.text[scored.start : scored.end])
