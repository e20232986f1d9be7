"""Answers and counts that the golden outputs of rendering are made from."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from semsearch.errors import UsageError
from semsearch.rendering import (
    FORMATS,
    Style,
    article_json,
    article_jsonl,
    article_text,
    header_text,
    json_text,
    listing,
    renderer,
    reply_pieces,
    stats_dict,
    stats_text,
    summary_text,
    understood_text,
)
from semsearch.rendering.layout import PLAIN
from semsearch.rendering.many import Reply
from semsearch.types import (
    Answer,
    Article,
    Date,
    EncoderIdentity,
    Excerpt,
    Explanation,
    Filters,
    Hit,
    Metadata,
    Passage,
    Query,
    Recipe,
    Stats,
    Summary,
    Verdict,
    Word,
)
from tests.render_articles import ARABIC, ARTICLES, CHINESE, FERRIES, HOSTILE, STORM, UNTITLED


def passage(article: Article, ordinal: int, first: str, last: str) -> Passage:
    """Cut the passage that begins with one text and ends with another."""
    start = article.text.index(first)
    end = article.text.index(last, start) + len(last)
    return Passage(article.metadata.article_id, ordinal, start, end, article.text[start:end])


CONFIDENCES = {Verdict.STRONG: 0.97, Verdict.FAIR: 0.66, Verdict.WEAK: 0.31, Verdict.NONE: 0.0416}


def hit(
    rank: int,
    score: float,
    article: Article,
    found: Passage,
    best: str = "",
    more: tuple[Excerpt, ...] = (),
    verdict: Verdict = Verdict.STRONG,
) -> Hit:
    """Make a hit whose best sentence is `best`, a part of the article's text."""
    start = article.text.index(best) if best else 0
    sentence = (start, start + len(best)) if best else None
    scores = {"dense": score, "lexical": 9.2}
    return Hit(rank, score, CONFIDENCES[verdict], verdict, scores, found, article.metadata, more, (), sentence)


def whole(article: Article) -> Passage:
    """Take all of an article as its one passage."""
    return Passage(article.metadata.article_id, 0, 0, len(article.text), article.text)


FERRY_MORE = tuple(
    Excerpt(passage(FERRIES, ordinal, first, last), score)
    for ordinal, first, last, score in [
        (1, "Two neighbouring", "with the city's.", 0.41),
        (2, "The old machines will", "published.", 0.32),
        (5, "Fares stay", "they are.", 0.21),
        (3, "A first", "June.", 0.2),
        (4, "The harbour museum", "machines.", 0.1),
    ]
)
FERRY_BEST = (
    "The mayor answered that this was the point: an open source strategy pays off when five towns mend one program "
    "instead of buying five."
)
NEWS = Answer(
    Query("open source strategy", k=3),
    (
        hit(1, 0.71234567, FERRIES, passage(FERRIES, 0, "The city", "office said."), FERRY_BEST, FERRY_MORE),
        hit(2, 0.5, STORM, whole(STORM), STORM.text, verdict=Verdict.WEAK),
        hit(
            3,
            -0.034,
            UNTITLED,
            whole(UNTITLED),
            "*Nobody* returns them_late_, she says; [see the list] on page 2 & <ask> at the desk.",
            verdict=Verdict.NONE,
        ),
    ),
    412,
    3.14159,
)
SCRIPTS = Answer(
    Query("渡轮", filters=Filters(languages=frozenset({"zh", "ar", "en"}))),
    (
        hit(9, 0.9, CHINESE, whole(CHINESE), "市长说：“如果五个城镇一起修补同一个程序，开源战略就值得。”"),
        hit(10, 0.8, ARABIC, whole(ARABIC), "قال رئيس البلدية إن خمس مدن تصلح برنامجا واحدا أفضل من خمسة برامج."),
        hit(11, 0.7, HOSTILE, whole(HOSTILE), "The end\x00 is near."),
    ),
    3,
    1234.5,
)
NOTHING = Answer(Query("nothing of the kind", filters=Filters(publishers=frozenset({"Nobody"}))), (), 0, 0.2)


def copy(number: int, publisher: str | None, day: int, url: str | None = "https://wire.example/{}") -> Metadata:
    """Make an article that carries the text of another."""
    return Metadata(
        f"{number:x}".ljust(20, "7"),
        "Ferry code to be public",
        url=url and url.format(number),
        publisher=publisher,
        published=Date(f"2024-05-{day:02}", 0, 0),
    )


COPIES = (
    copy(1, "Coast [Courier]", 3),
    copy(2, "Hill Herald", 4),
    copy(3, "Hill Herald", 4),
    copy(4, None, 5),
    copy(5, None, 6, None),
    *(copy(number, f"Local Paper {number}", 7) for number in range(6, 16)),
)
WHY = Explanation(
    signals={"dense": 0.52, "lexical": 9.2, "article_dense": 0.48, "article_lexical": 11.03, "coverage": 0.75},
    parts={"dense": 0.2184, "dense_article": 0.0864, "lexical": 0.1234, "lexical_article": 0.1},
    words=(
        *(Word(text, value) for text, value in [("mayor", 0.03), ("open", 0.12), ("source", 0.11), ("strategy", 0.2)]),
        *(Word(text, value) for text, value in [("open", 0.02), ("pays", 0.01), ("when", -0.01), ("towns", 0.015)]),
        *(Word(text, value) for text, value in [("mend", 0.013), ("one", -0.0002), ("", 0.0122)]),
    ),
    terms=(Word("strategi", 4.1), Word("open", 2.8), Word("sourc", 2.3)),
    recency=0.5,
)
WIRE = Answer(
    Query(
        "open source strategy of the harbour",
        filters=Filters(publishers=frozenset({"Harbour Gazette"}), since=1714521600, until=1717200000, undated=False),
        phrases=("open source",),
        excluded=("strike", "lock out"),
        recency=30.0,
    ),
    (
        replace(
            hit(1, 0.26415, FERRIES, passage(FERRIES, 1, "Two neighbouring", "with the city's."), verdict=Verdict.WEAK),
            copies=COPIES,
            context=(
                passage(FERRIES, 0, "Passengers will", "office said."),
                passage(FERRIES, 2, "The old machines will", "published."),
                passage(FERRIES, 3, "A first", "June."),
            ),
            explanation=WHY,
        ),
        replace(
            hit(2, 0.2, STORM, whole(STORM), verdict=Verdict.NONE),
            copies=COPIES[4:5],
            explanation=replace(WHY, words=None, terms=(), recency=None),
        ),
    ),
    2,
    3.14159,
    ("no article has the exact words “in the harbour”, so they were searched as plain words",),
)
FAR = Answer(Query("sourdough"), (hit(1, 0.07, STORM, whole(STORM), verdict=Verdict.NONE),), 412, 2.0)
REPLIES = (
    Reply(1, '"open source" strategy of the harbour -strike', WIRE),
    Reply(2, "since:soonish *rain*", UsageError("'soonish' is not a date", "write 2024")),
    Reply(4, "sourdough", FAR),
    Reply(5, "nothing of the kind", NOTHING),
)

STATS = Stats(
    articles=2077,
    passages=5812,
    truncated=0,
    undated=12,
    first="1987-03",
    last="2024-05-04",
    publishers=38,
    languages={"zh": 20, "en": 2042, "ar": 4, "": 11},
    size_bytes=12_431_882,
    generation=7,
    segments=3,
    deleted=14,
    recipe=Recipe(
        EncoderIdentity("sentence-transformers/all-MiniLM-L6-v2", "3f9a61c2d0b1" * 5, 384, "mean"), 180, 1, 1
    ),
)
EMPTY = Stats(0, 0, 0, 0, None, None, 0, {}, 312, 1, 0, 0, STATS.recipe)
SUMMARIES = (
    Summary(added=2077, passages=5812, skipped=37, unreadable=1, undated=12, headline_only=270, unparsed_dates=3),
    Summary(added=1, replaced=1200, unchanged=14, passages=1, unsupported_languages=(("zh", 20), ("ar", 4))),
    Summary(),
)

ENDINGS = {"text": "txt", "md": "md", "json": "json", "jsonl": "jsonl", "csv": "csv", "excel": "tsv"}


def many(form: str, style: Style = PLAIN) -> Iterator[str]:
    """Write the replies to many queries as one stream."""
    yield FORMATS[form].reply_header
    for reply in REPLIES:
        yield from reply_pieces(reply, form, style)


def golden() -> Iterator[tuple[str, Callable[[], Iterator[str]]]]:
    """Yield each golden file's name and what writes it."""
    for name, answer in (("news", NEWS), ("scripts", SCRIPTS), ("nothing", NOTHING), ("wire", WIRE), ("far", FAR)):
        for form in FORMATS:
            yield f"{name}.{ENDINGS[form]}", partial(renderer(form), answer)
    for form in FORMATS:
        yield f"many.{ENDINGS[form]}", partial(many, form)
    for name, answer in (("news", NEWS), ("scripts", SCRIPTS), ("wire", WIRE)):
        yield f"{name}-narrow.txt", partial(renderer("text", Style(40)), answer)
        yield f"{name}-colour.txt", partial(renderer("text", Style(80, colour=True)), answer)
        yield f"{name}-links.txt", partial(renderer("text", Style(40, colour=True, links=True)), answer)
        yield f"{name}-full.txt", partial(renderer("text", Style(80, full=True, everything=True)), answer)
        yield f"{name}-all.md", partial(renderer("md", Style(everything=True)), answer)
    known = [article.metadata for article in ARTICLES]
    for form in FORMATS:
        yield f"list.{ENDINGS[form]}", partial(listing, known, form)
    yield "list-narrow.txt", partial(listing, known, "text", Style(40))
    yield "list-full.txt", partial(listing, known, "text", Style(full=True))
    for name, article in (("ferries", FERRIES), ("hostile", HOSTILE)):
        yield f"get-{name}.txt", partial(article_text, article)
        yield f"get-{name}.json", partial(article_json, article)
        yield f"read-{name}.jsonl", partial(article_jsonl, article)
    yield "stats.txt", partial(stats_text, STATS, Style(), "news.idx")
    yield "stats-narrow.txt", partial(stats_text, STATS, Style(40), "news.idx")
    yield "stats-empty.txt", partial(stats_text, EMPTY)
    yield "stats.json", lambda: iter([json_text(stats_dict(STATS)), "\n"])
    yield "summary.txt", lambda: (piece for summary in SUMMARIES for piece in summary_text(summary))
    yield "header.txt", lambda: (header_text(answer) for answer in (NEWS, SCRIPTS, NOTHING, WIRE, FAR))
    yield "understood.txt", lambda: (f"{understood_text(answer)}\n" for answer in (NEWS, SCRIPTS, NOTHING, WIRE, FAR))
