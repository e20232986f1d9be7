"""What an engine has to answer, by brute force over a dictionary of entries: short enough to be believed by reading."""

import math
import operator
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from semsearch import addresses, words
from semsearch.bounds import span
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.language_names import primary_tag
from semsearch.origins import OriginPatterns
from semsearch.ports import Ask, Entry, Evidence, Found, Scored, Signals, Vector
from semsearch.ranking.constants import (
    ARTICLE,
    FEEDBACK_PASSAGES,
    MANY_WORDS,
    PASSAGE,
    STRONGEST,
    THROUGHOUT,
    Saturation,
)
from semsearch.ranking.languages import language_offsets, same_language
from semsearch.text import author_key, name_key
from semsearch.types import Filters, Metadata
from semsearch.words.compounds import compounds
from semsearch.words.normal_form import fold
from semsearch.words.pairs import pairs
from semsearch.words.spellings import other_spelling
from semsearch.words.stretches import typed
from tests.making import DAY

Held = Mapping[str, Entry]
"""What an index holds, by article id."""

Row = tuple[str, int]
"""A passage: its article's id, its ordinal."""

Key = TypeVar("Key")


class Matched(NamedTuple):
    """How well a text has a query's words."""

    score: float  # BM25
    parts: Mapping["Part", float]  # what each part of the query adds to it
    share: float  # of the most that any text could have for this query
    of_numbers: float  # what words with digits have of that
    coverage: float  # share of the query's words, by weight
    terms: float  # so many of equal weight would be as many as the query's
    rarity: float  # mean weight of the query's terms in the whole index, as a share of what one weighs that nothing has
    own: "Own"  # the text, analysed
    damping: float  # what BM25 divides a count by, beside itself
    same_language: float  # how far the query is in the text's language


Part = tuple[str, ...]
"""Terms of a query, any of which a text may have."""


class Own(NamedTuple):
    """One text, analysed."""

    terms: Counter[str]  # of its words and their other spellings
    heads: Counter[str]  # the same, by what stands before the first space of each
    length: int  # in words

    def count(self, part: Part) -> int:
        """Say how often a text has a part of a query: the spelling that it has most often."""
        return max(self.count_of(term) for term in part)

    def count_of(self, term: str) -> int:
        """Say how often a text has what a term of a query stands for."""
        if not term.endswith(" *"):
            return self.terms[term]
        return self.heads[term.removesuffix(" *")]

    def has_all(self, terms: Sequence[str]) -> bool:
        """Say whether a text has all terms of a spelling."""
        return all(map(self.count_of, terms))


def own_of(*texts: words.Terms) -> Own:
    """Return several texts as one."""
    terms = [term for text in texts for term in (*text.own, *text.further)]
    heads = Counter(term.split(" ")[0] for term in terms)
    return Own(Counter(terms), heads, sum(len(text.own) for text in texts))


def parts_of(query: str, analyser: str) -> list[Part]:
    """Return what a query is ranked by; parts that begin with the same term are one."""
    parts = [part for word in words.query_words(query, analyser) for part in word.parts]
    first = dict.fromkeys(part[0] for part in parts)
    return [tuple(dict.fromkeys(term for part in parts if part[0] == name for term in part)) for name in first]


def bm25(
    texts: Mapping[Key, tuple[str, Own]], query: str, constants: Saturation, thresholds: Thresholds
) -> dict[Key, Matched]:
    """Score all texts, each given as its analyser and its terms, among those of the same analyser."""
    (k1, b), found = constants, {}
    everywhere, languages = counts_everywhere(texts, query), _same_language(texts, query)
    for analyser in {analyser for analyser, _ in texts.values()}:
        same = {key: own for key, (other, own) in texts.items() if other == analyser}
        average = max(1, sum(own.length for own in same.values()) / len(same))
        asked = weights_among(list(same.values()), parts_of(query, analyser), thresholds)
        most = sum(asked.values()) or 1.0
        effective = sum(asked.values()) ** 2 / (sum(weight**2 for weight in asked.values()) or 1.0)
        language = languages[analyser]
        rare = [_weight(len(texts), everywhere[analyser, part]) for part, weight in asked.items() if weight]
        rarity = sum(rare) / len(rare) / _weight(len(texts), 0) if rare else 0.0
        for key, own in same.items():
            damping = k1 * (1 - b + b * own.length / average)
            counts = {part: own.count(part) for part in asked}
            parts = {
                part: weight * (k1 + 1) * counts[part] / (counts[part] + damping) for part, weight in asked.items()
            }
            score = sum(parts.values())
            had = sum(weight for part, weight in asked.items() if counts[part])
            numbers = sum(added for part, added in parts.items() if re.search(r"[0-9]", part[0]))
            of_words = (score / most / (k1 + 1), numbers / most / (k1 + 1), had / most, effective, rarity)
            found[key] = Matched(score, parts, *of_words, own, damping, language)
    return found


def _same_language(texts: Mapping[Key, tuple[str, Own]], query: str) -> dict[str, float]:
    """Return by analyser how far the query is in the language of its texts."""
    analysers = sorted({analyser for analyser, _ in texts.values()})
    sums, counts, havings, sizes = [], [], [], []
    for analyser in analysers:
        same = [own for other, own in texts.values() if other == analyser]
        counted, found = words.shows_language(query, analyser), []
        for part in parts_of(query, analyser):
            if part[0] in counted:
                having = sum(1 for own in same if own.count(part))
                found.append(counted[part[0]] * (1 - _weight(len(same), having) / _weight(len(same), 0)))
        sums.append(sum(found))
        counts.append(float(len(found)))
        havings.append(float(sum(any(own.count(part) for own in same) for part in parts_of(query, analyser))))
        sizes.append(float(len(same)))
    letters = np.array([words.may_be_written_in(query, analyser) for analyser in analysers], dtype=np.bool_)
    own = same_language(*map(np.array, (sums, counts, havings, sizes)), letters)
    return dict(zip(analysers, own.tolist(), strict=True))


def _weight(texts: int, having: int) -> float:
    return math.log(1 + (texts - having + 0.5) / (having + 0.5))


def counts_everywhere(texts: Mapping[Key, tuple[str, Own]], query: str) -> dict[tuple[str, Part], int]:
    """Count for each analyser and part of a query the texts that have it, each by the text's own analyser."""
    sources: dict[tuple[str, Part], tuple[str, int]] = {}
    for analyser in {analyser for analyser, _ in texts.values()}:
        whole = {part[0]: part for part in parts_of(query, analyser)}
        for word in words.query_words(query, analyser):
            for number, part in enumerate(word.parts):
                sources.setdefault((analyser, whole[part[0]]), (word.written, number))
    counts = Counter(
        source
        for analyser, text in texts.values()
        for (own, part), source in sources.items()
        if own == analyser and text.count(part)
    )
    return {named: counts[source] for named, source in sources.items()}


def weights_among(same: Sequence[Own], query: Sequence[Part], thresholds: Thresholds) -> dict[Part, float]:
    """Weigh a query's parts.

    Among very many texts those that many have are left out beside rarer ones; of very many parts the rarest count.
    """
    having = {part: sum(own.count(part) > 0 for own in same) for part in query}
    found = {part: _weight(len(same), count) for part, count in having.items()}
    most = thresholds.common_share * len(same)
    if len(same) >= thresholds.common_from and any(0 < count <= most for count in having.values()):
        found = {part: weight for part, weight in found.items() if having[part] <= most}
    if len(found) <= thresholds.most_terms:
        return found
    rarest = sorted(found, key=lambda part: (having[part] == 0, -found[part]))
    return {part: found[part] for part in query if part in rarest[: thresholds.most_terms]}


# Each text once, however many questions are asked.
_analyser_of = lru_cache(1 << 18)(words.analyser_of)
_analyse = lru_cache(1 << 18)(words.analyse)
_telling = lru_cache(64)(words.telling_words)
_readings = lru_cache(64)(words.readings)
_words = lru_cache(1 << 18)(words.words)


@lru_cache(1 << 18)
def _own_of(analyser: str, *texts: str) -> Own:
    return own_of(*(_analyse(text, analyser) for text in texts))


def _language_of(one: Entry) -> str:
    return _analyser_of(one.article.metadata.language, one.article.text)


def article_length(one: Entry) -> int:
    """Return how many words an article has, with its headline and publisher."""
    return _own_of(_language_of(one), *_about(one), *(passage.text for passage in one.passages)).length


def _about(one: Entry) -> tuple[str, str]:
    return one.article.metadata.title, one.article.metadata.publisher or ""


def of_passages(held: Held, query: str, thresholds: Thresholds) -> dict[Row, Matched]:
    """Score all passages, each with its article's headline and publisher."""
    texts = {}
    for article_id, one in held.items():
        analyser, about = _language_of(one), _about(one)
        for passage in one.passages:
            texts[article_id, passage.ordinal] = (analyser, _own_of(analyser, *about, passage.text))
    return bm25(texts, query, PASSAGE, thresholds)


def of_articles(held: Held, query: str, thresholds: Thresholds) -> dict[str, Matched]:
    """Score all articles, each with its headline and publisher."""
    return bm25(analysed_articles(held), query, ARTICLE, thresholds)


def analysed_articles(held: Held) -> dict[str, tuple[str, Own]]:
    """Return the analyser and the terms of each article, with its headline and publisher."""
    texts = {}
    for article_id, one in held.items():
        analyser = _language_of(one)
        texts[article_id] = (analyser, _own_of(analyser, *_about(one), *(passage.text for passage in one.passages)))
    return texts


def is_allowed(one: Entry, filters: Filters) -> bool:
    """Say whether an article meets all filters."""
    known = one.article.metadata
    by_name = (
        (filters.publishers, [known.publisher, *domains_of(known)], name_key),
        (filters.authors, known.authors, author_key),
        (filters.languages, [known.language], lambda name: primary_tag(name) or name_key(name)),
        (filters.sections, [known.section], name_key),
    )
    for wanted, names, key in by_name:
        if wanted and not {key(name) for name in wanted} & {key(name) for name in names if name}:
            return False
    if filters.origins and not OriginPatterns(filters.origins).match(known.origin):
        return False
    for key in {key for key, _ in filters.tags}:
        wanted = {name_key(value) for name, value in filters.tags if name == key}
        if not wanted & {name_key(value) for value in known.tags.get(key, ())}:
            return False
    if filters.new_since is not None:
        since = np.datetime64(filters.new_since, "s")
        if known.indexed is None or np.datetime64(known.indexed.removesuffix("Z"), "s") < since:
            return False
    asked = filters.since is not None or filters.until is not None
    if filters.undated == "only":
        return known.published is None
    if known.published is None:
        return not asked if filters.undated is None else filters.undated
    earliest, latest = known.published.earliest, known.published.latest
    since, until = span(filters, whole_days=earliest % DAY == 0 and (latest + 1) % DAY == 0)
    return (since is None or latest >= since) and (until is None or earliest < until)


def domains_of(known: Metadata) -> list[str]:
    """Return what stands for an outlet in an article's addresses."""
    return [*known.tags.get("domain", ()), (addresses.host(known.url) or "").removeprefix("www.")]


def has_excluded(one: Entry, excluded: str) -> bool:
    """Say whether an article has a word in any form, or several words as they stand."""
    known = one.article.metadata
    analyser = _analyser_of(known.language, one.article.text)
    asked = words.query_words(excluded, analyser)
    if len(asked) == 1:
        # As the index has it: passage by passage, and no word that only its publisher's name has.
        own = _own_of(analyser, known.title, *(passage.text for passage in one.passages))
        if any(len(form) == 1 and own.count(form) for form in asked[0].forms):
            return True
        if all(len(form) == 1 for form in asked[0].forms):
            return False
    return bool(asked) and any(stands_in(text, excluded, analyser) for text in (known.title, one.article.text))


Steps = list[dict[str, list[int]]]
"""What may stand from each word of a text on, with the number of the word behind it; nothing from its end on."""


@lru_cache(1 << 18)
def _steps(text: str, analyser: str) -> Steps:
    """Return the words of a text in all of their spellings: alone, and with neighbours."""
    plain, found = typed(text), _words(text)
    joints = [span for one in compounds(plain) for span in one.joints] + [one.span for one in pairs(plain, analyser)]
    groups = [[number] for number in range(len(found))]
    for start, end in joints:
        groups.append([number for number, (_, (begin, _)) in enumerate(found) if start <= begin < end])
    steps: Steps = [{} for _ in range(len(found) + 1)]
    for group in groups:
        folded = "".join(found[number][0] for number in group)
        piece = "".join(plain[slice(*found[number][1])] for number in group)
        for spelling in {folded, fold(other_spelling(piece, folded, analyser)) or folded}:
            steps[group[0]].setdefault(spelling, []).append(group[-1] + 1)
    return steps


@lru_cache(1 << 18)
def begins(text: str, phrase: str, analyser: str) -> frozenset[int]:
    """Return where a phrase begins to stand in a text."""
    found, steps = set(), _steps(text, analyser)
    for reading in _readings(phrase, analyser):
        for at in range(len(steps) - 1):
            reached = {at}
            for spellings in reading:
                reached = {after for before in reached for word in spellings for after in steps[before].get(word, ())}
            if reached:
                found.add(_words(text)[at][1][0])
    return frozenset(found)


def stands_in(text: str, phrase: str, analyser: str) -> bool:
    """Say whether a phrase stands in a text."""
    return bool(begins(text, phrase, analyser))


def with_phrase(one: Entry, phrase: str) -> set[Row]:
    """Return the passages in which a phrase begins; all where the headline has it."""
    rows = {(passage.article_id, passage.ordinal) for passage in one.passages}
    analyser = _analyser_of(one.article.metadata.language, one.article.text)
    if stands_in(one.article.metadata.title, phrase, analyser):
        return rows
    found = begins(one.article.text, phrase, analyser)
    return {
        (passage.article_id, passage.ordinal)
        for passage in one.passages
        if any(passage.start <= at < passage.end for at in found)
    }


class Allowed(NamedTuple):
    """What a query may be answered with."""

    articles: AbstractSet[str]
    rows: AbstractSet[Row]
    relaxed: tuple[str, ...]


def allowed(held: Held, ask: Ask) -> Allowed:
    """Apply filters, exclusions and phrases."""
    left = {
        article_id: one
        for article_id, one in held.items()
        if is_allowed(one, ask.filters)
        and article_id != ask.without
        and not any(has_excluded(one, excluded) for excluded in ask.excluded)
    }
    rows = {(article_id, passage.ordinal) for article_id, one in left.items() for passage in one.passages}
    having = {phrase: set().union(*(with_phrase(one, phrase) for one in left.values())) for phrase in ask.phrases}
    strict = [found for found in having.values() if found]
    together = set.intersection(*({article_id for article_id, _ in found} for found in strict)) if strict else set()
    if not together:  # no article has them all: they are words like others
        return Allowed(left.keys(), rows, ask.phrases)
    relaxed = tuple(phrase for phrase, found in having.items() if not found)
    return Allowed(together, {row for row in set().union(*strict) if row[0] in together}, relaxed)


class Told(NamedTuple):
    """All that is said about one passage."""

    score: float  # recency included
    signals: Signals
    parts: Mapping[str, float]  # add up to the score, before recency
    recency: float
    confidence: float
    same_language: float
    offset: float  # of its cosines


def told(held: Held, ask: Ask, thresholds: Thresholds, hidden: Collection[Row] = ()) -> dict[Row, Told]:
    """Score every passage that there is; articles by the query as its best passages correct it.

    Args:
        hidden: rows that are nothing but what an outlet repeats, which correct nothing.
    """
    if ask.vector is None or not ask.mix.feedback:
        return _told(held, ask, ask.vector, thresholds)
    first = _told(held, ask, ask.vector, thresholds)
    found = {row: round(one.score / one.recency, 6) for row, one in first.items()}
    best = sorted(found.keys() - set(hidden), key=lambda row: (-found[row], row))[:FEEDBACK_PASSAGES]
    if not best:
        return {}
    vectors = [held[row[0]].vectors[row[1]].astype(np.float64) * first[row].same_language for row in best]
    mean = np.mean(vectors, axis=0)
    moved = ask.vector + ask.mix.feedback * mean
    length = np.linalg.norm(moved)
    return _told(held, ask, (moved / length).astype(np.float32) if length > 1e-5 else ask.vector, thresholds)


def _told(held: Held, ask: Ask, article_vector: np.ndarray | None, thresholds: Thresholds) -> dict[Row, Told]:
    if ask.vector is not None:
        thresholds = replace(thresholds, most_terms=thresholds.most_terms_beside_vectors)
    own, whole = of_passages(held, ask.text, thresholds), of_articles(held, ask.text, thresholds)
    oldest, offsets = _oldest(held), _offsets(held, ask, own)
    found = {}
    for article_id, one in held.items():
        of_article, recency, mean = whole[article_id], recency_of(one, ask, oldest), mean_vector(one)
        for ordinal, vector in enumerate(one.vectors):
            of_passage = own[article_id, ordinal]
            cosine = article_cosine = None
            read = min(max((float(np.float32(one.legibility)) - 0.9) / 0.07, 0.0), 1.0)
            language = 1 - (1 - of_passage.same_language) * read  # what the encoder cannot read, words decide
            offset = offsets.get(_language_of(one), 0.0) * (1 - language)
            lexical, numbers = 1.0, 0.0
            parts = {}
            if ask.vector is not None and article_vector is not None:
                cosine, article_cosine = _cosine(vector, ask.vector), _cosine(mean, article_vector)
                dense, lexical, numbers = _shares(ask, one, of_passage, language)
                of_whole = ask.mix.dense_article * (language + ask.mix.foreign_article * (1 - language))
                parts["dense"] = dense * (1 - of_whole) * (cosine + offset)
                parts["dense_article"] = dense * of_whole * (article_cosine + offset)
            of_words = [lexical * text.share + numbers * text.of_numbers for text in (of_passage, of_article)]
            parts["lexical"] = (1 - ask.mix.lexical_article) * of_words[0]
            parts["lexical_article"] = ask.mix.lexical_article * of_words[1]
            share = (of_passage.share + of_article.share) / 2
            strength = min(share * math.sqrt(of_passage.terms), STRONGEST) * of_passage.rarity
            strength *= language
            if has_parts_alone(one, of_article, ask.text):
                strength = 0.0
            complete = has_every_word(one, of_article, ask.text)
            signals = Signals(
                *(cosine, of_passage.score, article_cosine, of_article.score, of_article.coverage, strength),
                literal=complete or any(with_phrase(one, phrase) for phrase in ask.phrases),
                prominence=prominence(own, of_article, (article_id, ordinal), one, ask.text) if complete else 0.0,
            )
            score = sum(parts.values()) * recency
            found[article_id, ordinal] = Told(score, signals, parts, recency, 0.0, language, offset)
    return _judged(held, ask, found)


def mean_vector(one: Entry) -> Vector:
    """Return the mean of an article's passages, at unit length."""
    mean = one.vectors.mean(axis=0, dtype=np.float64)
    return (mean / (np.linalg.norm(mean) or 1)).astype(np.float32)


def with_quotations(held: Held, ask: Ask, known: Mapping[Row, Told]) -> dict[Row, Told]:
    """Return what is told of rows without the phrases of a query, as it is told with them."""
    having = {key for key, one in held.items() if any(with_phrase(one, phrase) for phrase in ask.phrases)}
    quoting = {
        row: one._replace(signals=replace(one.signals, literal=True))
        for row, one in known.items()
        if row[0] in having and not one.signals.literal
    }
    return {**known, **_judged(held, ask, quoting)}


def with_recency(held: Held, ask: Ask, known: Mapping[Row, Told]) -> dict[Row, Told]:
    """Return what is told of rows where age does not count, as it is told where it does."""
    oldest = _oldest(held)
    recency = {article_id: recency_of(one, ask, oldest) for article_id, one in held.items()}
    return {row: one._replace(score=one.score * recency[row[0]], recency=recency[row[0]]) for row, one in known.items()}


def has_every_word(one: Entry, text: Matched, query: str) -> bool:
    """Say whether a text of an article has a spelling of every word of a query that carries meaning."""
    needed = _telling(query, _language_of(one)).needed
    return bool(needed) and all(any(map(text.own.has_all, word.spellings)) for word in needed)


def has_parts_alone(one: Entry, text: Matched, query: str) -> bool:
    """Say whether a query is of short runs of characters, none of which a text of an article has as a whole."""
    told = _telling(query, _language_of(one))
    having = [text.own.has_all(terms) for word in told.words for terms in word.spellings]
    return told.is_of_short_runs and not any(having)


def prominence(own: Mapping[Row, Matched], whole: Matched, row: Row, one: Entry, query: str) -> float:
    """Say how much the words of a query stand out in a passage of an article that has them all."""
    told = _telling(query, _language_of(one)).words
    passages = [own[row[0], ordinal] for ordinal in range(len(one.passages))]

    def saturation(text: Matched) -> float:
        return sum(max(_mean_saturation(text, terms) for terms in word.spellings) for word in told) / len(told)

    found = (saturation(own[row]) + saturation(whole)) / 2 * len(told) ** MANY_WORDS
    having = [has_every_word(one, text, query) for text in passages]
    if len(_telling(query, _language_of(one)).needed) == 1 and not any(having):
        return 0.0
    everywhere = all(having)
    return found + (THROUGHOUT * (1 - 1 / len(passages)) if everywhere else 0.0)


def _mean_saturation(text: Matched, terms: Sequence[str]) -> float:
    counts = [text.own.count_of(term) for term in terms]
    return sum(count / (count + text.damping) for count in counts) / len(terms)


def _shares(ask: Ask, one: Entry, text: Matched, language: float) -> tuple[float, float, float]:
    """Return the weights of vectors, of words, and of numbers besides."""
    if not ask.mix.lexical:
        return ask.mix.dense, 1 - ask.mix.dense, 0.0
    most = ask.mix.dense * min(ask.legibility, one.legibility)
    dense = most / (1 + ask.mix.lexical * math.sqrt(text.terms))
    vectors, lexical = min(dense * (1 + ask.mix.lexical * (1 - language)), most), (1 - dense) * language
    return vectors, lexical, 1 - vectors - lexical


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one.astype(np.float64) @ other.astype(np.float64))


def _offsets(held: Held, ask: Ask, own: Mapping[Row, Matched]) -> dict[str, float]:
    """Return by analyser what is added to cosines with texts in another language."""
    by_analyser: dict[str, list[Row]] = {}
    for article_id, one in held.items():
        rows = by_analyser.setdefault(_language_of(one), [])
        rows += [(article_id, ordinal) for ordinal in range(len(one.passages))]
    analysers = sorted(analyser for analyser, rows in by_analyser.items() if rows)
    if ask.vector is None or not ask.mix.lexical or len(analysers) < 2:
        return {}
    rows = [by_analyser[analyser] for analyser in analysers]
    means = [np.mean([held[key].vectors[ordinal] for key, ordinal in same], axis=0, dtype=np.float64) for same in rows]
    cosines = np.array([_cosine(mean, ask.vector) for mean in means])
    languages = np.array([own[same[0]].same_language for same in rows])
    found = language_offsets(languages, cosines, np.array([len(same) for same in rows]))
    # Nothing where the encoder does not read the query, or what is written in its language.
    of_language = 1.0
    if languages.any():
        shares = [
            [float(np.float32(one.legibility)) for one in held.values() if _language_of(one) == name]
            for name in analysers
        ]
        of_language = sum(map(operator.mul, languages, map(np.mean, shares))) / languages.sum()
    found = found * min(max((min(ask.legibility, of_language) - 0.9) / 0.07, 0.0), 1.0)
    return dict(zip(analysers, found.tolist(), strict=True))


def _judged(held: Held, ask: Ask, found: Mapping[Row, Told]) -> dict[Row, Told]:
    """Return what is told of rows with how sure one may be of each."""
    if not found:
        return {}
    told = list(found.values())
    signals = [one.signals for one in told]
    usual = _usual(held, ask)
    means, counts = zip(*(usual[_language_of(held[article_id])] for article_id, _ in found), strict=True)
    cosines = None
    if signals[0].dense is not None:  # of all of them, or of none
        cosines = np.array([one.signals.dense + one.offset for one in told])  # type: ignore[operator]
    evidence = Evidence(
        cosines,
        np.array([one.strength for one in signals]),
        np.array([min(ask.legibility, held[article_id].legibility) for article_id, _ in found]),
        np.array([one.literal for one in signals]),
        np.array([one.prominence for one in signals]),
        np.array([one.same_language for one in told]),
        np.where(counts, np.array(means) + [one.offset for one in told], 0.0),
        np.array(counts, dtype=np.float64),
    )
    confidences = ask.judge(evidence).tolist()
    return {row: one._replace(confidence=sure) for (row, one), sure in zip(found.items(), confidences, strict=True)}


def _usual(held: Held, ask: Ask) -> dict[str, tuple[float, int]]:
    """Return by language the mean cosine of its passages with the query, and how many passages that is of."""
    cosines: dict[str, list[float]] = {}
    for one in held.values():
        own = [] if ask.vector is None else [_cosine(vector, ask.vector) for vector in one.vectors]
        cosines.setdefault(_language_of(one), []).extend(own)
    return {language: (float(np.mean(own)) if own else 0.0, len(own)) for language, own in cosines.items()}


def _oldest(held: Held) -> int | None:
    dates = [one.article.metadata.published for one in held.values()]
    return min((date.latest for date in dates if date), default=None)


def recency_of(one: Entry, ask: Ask, oldest: int | None) -> float:
    """Return what an article's age multiplies a score by; one without a date is as old as the oldest of all."""
    published = one.article.metadata.published
    latest = published.latest if published else oldest
    if ask.half_life is None or latest is None:
        return 1.0
    return float(0.5 ** (max(0, ask.as_of - latest) / ask.half_life))


def may_be_shown(held: Held, ask: Ask, thresholds: Thresholds) -> dict[Row, Told]:
    """Return every passage that is an answer, boilerplate apart."""
    rows = allowed(held, ask).rows
    if ask.vector is None:
        own, whole = of_passages(held, ask.text, thresholds), of_articles(held, ask.text, thresholds)
        rows = {row for row in rows if own[row].score > 0 or whole[row[0]].score > 0}
    return {
        row: one
        for row, one in told(held, ask, thresholds).items()
        if row in rows and one.confidence >= ask.least_confidence
    }


def assert_exact(found: Found, held: Held, ask: Ask, thresholds: Thresholds = DEFAULTS) -> None:
    """Compare everything that was found with brute force.

    Scores may differ in the last of six digits, which is rounded either way; then the engine's own say their order.
    """
    expected, may = may_be_shown(held, ask, thresholds), allowed(held, ask)
    assert (found.total, found.relaxed) == (len(may.articles), may.relaxed)
    scores: dict[Row, float] = {}
    together = found.passages([*held])
    for shown in together:
        assert list(shown) == sorted(shown, key=lambda one: (-one.score, one.ordinal))
        scores |= {(one.article_id, one.ordinal): one.score for one in shown}
        for one in shown:
            _assert_told(one, expected[one.article_id, one.ordinal], held)
    for best, *others in filter(None, together[::4]):  # alone as among all
        assert found.passages([best.article_id]) == [[best, *others]]
        assert found.passage(best.article_id, best.ordinal) == best
    assert scores.keys() == expected.keys()
    order = sorted(scores, key=lambda row: (_date(held[row[0]]) if ask.newest_first else 0, -scores[row], row))
    if not ask.passages:
        best: dict[str, Row] = {}
        for row in order:
            best.setdefault(row[0], row)
        order = list(best.values())
    walked = list(found.ranked())
    assert [(one.article_id, one.ordinal, one.score) for one in walked] == [(*row, scores[row]) for row in order]
    for one in walked:
        np.testing.assert_array_equal(one.vector, held[one.article_id].vectors[one.ordinal])


def _date(one: Entry) -> float:
    published = one.article.metadata.published
    return math.inf if published is None else -published.earliest


def _assert_told(one: Scored, expected: Told, held: Held) -> None:
    passage = held[one.article_id].passages[one.ordinal]
    assert (one.start, one.end) == (passage.start, passage.end)
    for name in Signals.__slots__:
        mine, theirs = getattr(one.signals, name), getattr(expected.signals, name)
        assert (mine is None) == (theirs is None), name
        assert mine is None or abs(mine - theirs) <= 1e-6, name
    assert abs(one.score - expected.score) <= 1.1e-6
    assert abs(sum(one.parts.values()) * one.recency - one.score) <= 1.1e-6
    assert one.parts.keys() == expected.parts.keys()
    assert all(abs(value - expected.parts[name]) <= 1e-6 for name, value in one.parts.items())
    assert abs(one.recency - expected.recency) <= 1e-12
    assert abs(one.confidence - expected.confidence) <= 1e-6
