"""Articles that the golden outputs of rendering are made from. Every text was written for this."""

from semsearch.identity import seal
from semsearch.types import Article, Date, Metadata

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
ARTICLES = (FERRIES, STORM, UNTITLED, CHINESE, ARABIC, HOSTILE)
