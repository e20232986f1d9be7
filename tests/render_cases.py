"""Answers, articles and counts that the golden outputs of rendering are made from. Every text was written for this."""

from collections.abc import Callable, Iterator
from functools import partial

from semsearch.identity import seal
from semsearch.rendering import (
    LISTINGS,
    RENDERERS,
    Style,
    article_json,
    article_jsonl,
    article_text,
    closing_text,
    json_text,
    listing,
    renderer,
    stats_dict,
    stats_text,
    summary_text,
)
from semsearch.types import (
    Answer,
    Article,
    Date,
    EncoderIdentity,
    Excerpt,
    Filters,
    Hit,
    Metadata,
    Passage,
    Query,
    Recipe,
    Stats,
    Summary,
)

FERRIES = seal(
    Metadata(
        "3f9a61c2d0b17e4455aa",
        "Harbour city will publish the code behind its ferry tickets, and asks its neighbours to use it",
        url="https://www.harbour-gazette.example/2024/05/03/ferry-tickets-open-source?edition=morning",
        publisher="Harbour Gazette",
        authors=("Ida Lund", "Tomás Reyes"),
        published=Date("2024-05-03T09:15-04:00", 1714742100, 1714742159),
        indexed="2026-01-05T08:12:44Z",
        language="en",
        section="Technology",
        tags={"topic": ("public software", "transport"), "wire": ("no",)},
    ),
    "The city council voted on Thursday to publish the programs that sell and check its ferry tickets. The vote was "
    "nine to four, after two hours of debate in a room that was too small for everyone who had come. Councillors who "
    "spoke against it feared that a rival could copy the system for nothing. The mayor answered that this was the "
    "point: an open source strategy pays off when five towns mend one program instead of buying five. The council's "
    "own engineers are to keep the code in a public place, answer questions about it, and print a list of known "
    "faults every month. A firm that has sold closed ticket machines to the city since 2009 said that it would read "
    "the plans with interest.\nPassengers will notice nothing at first, the transport office said.\n\n"
    "Two neighbouring towns have already asked for a copy. Their ferries share three piers with the city's.\n\n"
    "The old machines will be taken away by autumn. What they cost to run was never published.\n\n"
    "A first version is promised for June.\n\nThe harbour museum has asked for one of the old machines.\n\n"
    "Fares stay as they are.",
    "gazette/may.jsonl:17",
)
STORM = seal(
    Metadata(
        "b07c55e1a9d2f3348866",
        "STORM CLOSES NORTHERN PORTS FOR A SECOND DAY",
        published=Date("1987-03", 541555200, 544233599),
        language="en",
    ),
    "Ports along the northern coast stayed closed for a second day.",
    "wire/1987.txt",
)
UNTITLED = seal(
    Metadata("0c1d2e3f405162738495", "", publisher="Valley Radio", language="en"),
    "A reader writes that the library lends seeds as well as books, and that the beans were a success. "
    "*Nobody* returns them_late_, she says; [see the list] on page 2 & <ask> at the desk.\n"
    "- beans\n- 12 kinds of lettuce\n# not a heading\n1. not a list",
    "radio/letters.txt",
)
CHINESE = seal(
    Metadata(
        "9e8d7c6b5a4938271605",
        "港口城市公开渡轮售票程序的源代码，邀请邻近城镇一同使用和维护",
        url="https://news.example.cn/2024/渡轮",
        publisher="海湾日报",
        published=Date("2024", 1704067200, 1735689599),
        language="zh",
        section="科技",
    ),
    "市议会星期四投票决定公开渡轮售票系统的程序。投票结果是九比四，会场里挤满了前来旁听的市民。市长说：“如果五个城镇一起修"
    "补同一个程序，开源战略就值得。”市政府的工程师将负责维护代码，并且每个月公布已知的错误清单。一家自2009年以来一直向该市出售"
    "封闭式售票机的公司表示，他们会认真阅读有关计划。运输部门说，乘客起初不会察觉任何变化。邻近的两个城镇已经要求取得一份副"
    "本，它们的渡轮与该市共用三个码头。旧机器将在秋天之前拆除。第一个版本预计在六月发布。",
    "bay/2024.jsonl:3",
)
ARABIC = seal(
    Metadata(
        "445566778899aabbccdd",
        "المدينة تنشر برنامج تذاكر العبّارات",
        url="https://sahel.example/أخبار/42",
        publisher="صحيفة الساحل",
        published=Date("2024-05-04", 1714780800, 1714867199),
        language="ar",
    ),
    "صوّت مجلس المدينة يوم الخميس على نشر برنامج تذاكر العبّارات. قال رئيس البلدية إن خمس مدن تصلح برنامجا واحدا أفضل من "
    "خمسة برامج. سيبقى الثمن كما هو.",
    "sahel/may.jsonl:1",
)
HOSTILE = Article(
    Metadata(
        "ffeeddccbbaa99887766",
        "Red \x1b[31malert\x1b[0m\x07 and \u202eesrever\u202c \U0001f6a2👩🏽‍🔧",
        url="javascript:alert(1)",
        publisher="=HYPERLINK(0)\r\nTwo Lines",
        published=Date("some day\x1b[2J", 0, 0),
        language="en",
    ),
    "+Plus \x9b31mfirst, then \x1b]0;title\x07 a\u2028break and "
    + "Wörtersee" * 14
    + " 🎉🎉 done\ud800. The end\x00 is near.",
    "foreign/index",
)


def passage(article: Article, ordinal: int, first: str, last: str) -> Passage:
    """Cut the passage that begins with one text and ends with another."""
    start = article.text.index(first)
    end = article.text.index(last, start) + len(last)
    return Passage(article.metadata.article_id, ordinal, start, end, article.text[start:end])


def hit(
    rank: int, score: float, article: Article, found: Passage, best: str = "", more: tuple[Excerpt, ...] = ()
) -> Hit:
    """Make a hit whose best sentence is `best`, a part of the article's text."""
    start = article.text.index(best) if best else 0
    sentence = (start, start + len(best)) if best else None
    return Hit(rank, score, {"dense": score}, found, article.metadata, more, sentence)


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
        hit(2, 0.5, STORM, whole(STORM), STORM.text),
        hit(
            3,
            -0.034,
            UNTITLED,
            whole(UNTITLED),
            "*Nobody* returns them_late_, she says; [see the list] on page 2 & <ask> at the desk.",
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

ARTICLES = (FERRIES, STORM, UNTITLED, CHINESE, ARABIC, HOSTILE)
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

ENDINGS = {"text": "txt", "md": "md", "json": "json", "jsonl": "jsonl", "csv": "csv"}


def golden() -> Iterator[tuple[str, Callable[[], Iterator[str]]]]:
    """Yield each golden file's name and what writes it."""
    for name, answer in (("news", NEWS), ("scripts", SCRIPTS), ("nothing", NOTHING)):
        for form in RENDERERS:
            yield f"{name}.{ENDINGS[form]}", partial(renderer(form), answer)
    for name, answer in (("news", NEWS), ("scripts", SCRIPTS)):
        yield f"{name}-narrow.txt", partial(renderer("text", Style(40)), answer)
        yield f"{name}-colour.txt", partial(renderer("text", Style(80, colour=True)), answer)
        yield f"{name}-links.txt", partial(renderer("text", Style(40, colour=True, links=True)), answer)
        yield f"{name}-full.txt", partial(renderer("text", Style(80, full=True)), answer)
    known = [article.metadata for article in ARTICLES]
    for form in LISTINGS:
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
    yield "closing.txt", lambda: (closing_text(answer) for answer in (NEWS, SCRIPTS, NOTHING))
