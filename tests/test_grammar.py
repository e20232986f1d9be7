import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.types import NAME_FILTERS
from semsearch.types.grammar import Typed, parse, unparse
from tests.examples import examples

MARKS = '"“”„«»「」『』'
PIECES = [
    *MARKS,
    *(
        " ",
        "  ",
        "\t",
        "\n",
        "\x00",
        "\u200b",
        "-",
        "--",
        "–",
        "(",
        ")",
        "[",
        ",",
        ".",
        ":",
        "：",
        "=",
        "…",
        "'",
        "_",
        "\u0301",
    ),
    *("-", "word", "a", "b", "a b", "Ash", "5", "-5", "10%", "é", "開放", "말", "हिंदी", "AND", "OR", "NOT", "😀", "ſ"),
    *(
        "publisher:",
        "Author:",
        "section:",
        "lang:",
        "tag:",
        "k=",
        "tag:k=v",
        "since:",
        "until:",
        "2024-05",
        "last week",
    ),
    *("before:", "http://", "since:…", '"', '-"', "-a", "-publisher:a"),
    *(
        "*",
        "~",
        "~2",
        "^2",
        "+",
        "!",
        "?",
        "&&",
        "||",
        "NEAR/5",
        "w/3",
        "title:",
        "intitle:",
        "-title:",
        "[a TO b]",
        "ab*",
    ),
]
typed_text = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40)


@given(typed_text)
@example('since: … "since:"…')
@example('"a" "a -b" -b')
@example('a b "b" "-a"')
@example('"publisher:x" publisher: "tag:k"=v')
@example('(("(a") "(a b")) a')
@example('-"5" -5 -"publisher:a" -"a,"')
def test_what_is_written_back_parses_to_the_same(text: str) -> None:
    typed = parse(text)
    again = parse(unparse(typed))
    assert replace(again, notices=()) == replace(typed, notices=())
    assert unparse(again) == unparse(typed)


words = st.text("abcé開말57 -:=,.()", max_size=12).map(lambda text: " ".join(text.split()))
values = words.filter(lambda text: any(char.isalnum() for char in text))
dates = st.none() | values
keys = values.filter(lambda text: "=" not in text)
conditions = st.builds(
    Typed,
    text=st.just(""),
    excluded=st.lists(values, unique=True).map(tuple),
    names=st.dictionaries(
        st.sampled_from([by_name.field for by_name in NAME_FILTERS if by_name.operators]),
        st.lists(values, unique=True, min_size=1).map(tuple),
    ),
    tags=st.lists(st.tuples(keys, values), unique=True).map(tuple),
    since=dates,
    until=dates,
)


@given(conditions, st.lists(values))
def test_any_phrases_and_conditions_can_be_written(conditions: Typed, phrases: list[str]) -> None:
    wanted = replace(conditions, phrases=tuple(phrases), text=" ".join(phrases))
    assert parse(unparse(wanted)) == wanted


@given(typed_text)
def test_no_letter_or_digit_gets_lost_unless_a_notice_tells(text: str) -> None:
    typed = parse(text)
    names = set("outletsourcelang")  # other spellings of operators, written back as the usual ones
    if not typed.notices:
        assert {char for char in text.lower() if char.isalnum()} <= set(unparse(typed).lower()) | names


@given(typed_text)
def test_values_are_on_one_line_without_double_quotation_marks_and_are_never_empty(text: str) -> None:
    typed = parse(text)
    assert typed.text == " ".join(typed.text.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in typed.text)
    listed = [typed.phrases, typed.excluded, *typed.names.values()]
    found = [value for values in listed for value in values] + [part for pair in typed.tags for part in pair]
    found += [bound for bound in (typed.since, typed.until) if bound is not None]
    for value in found:
        assert value
        assert value == " ".join(value.split())
        assert not set(value) & set(MARKS)
    for phrase in typed.phrases:
        assert phrase in typed.text


@given(st.text(st.characters(categories=["L", "N"], max_codepoint=0x24F) | st.sampled_from(" .,'’!?"), max_size=60))
def test_prose_without_syntax_is_searched_as_it_stands(prose: str) -> None:
    once = " ".join(prose.split())
    assert parse(prose).text in (once, "")
    assert parse(prose).phrases == parse(prose).excluded == ()


@pytest.mark.parametrize(
    ("text", "plain", "phrases"),
    [
        ('grants for "open source" tools', "grants for open source tools", ("open source",)),
        ("“open source”", "open source", ("open source",)),
        ("„offener Code“ im Amt", "offener Code im Amt", ("offener Code",)),
        ("« code ouvert » en France", "code ouvert en France", ("code ouvert",)),
        ("»offener Code« im Amt", "offener Code im Amt", ("offener Code",)),
        ("”öppen källkod” nu", "öppen källkod nu", ("öppen källkod",)),
        ("政府「開放原始碼」政策", "政府 開放原始碼 政策", ("開放原始碼",)),
        ("政府『開放』", "政府 開放", ("開放",)),
        ("关于“开放源码”的文章", "关于 开放源码 的文章", ("开放源码",)),
        ('"말"이라고', "말 이라고", ("말",)),
        ('say "yes", or "no"?', "say yes, or no?", ("yes", "no")),
        ('("first words") last', "(first words) last", ("first words",)),
        ('"a","b"', "a, b", ("a", "b")),
        ('"open“ source"', "open source", ("open source",)),
        ('a 5" disk and a 10" disk', 'a 5" disk and a 10" disk', ()),
        ('the mayor\'s "new deal"', "the mayor's new deal", ("new deal",)),
        ("rock 'n' roll", "rock 'n' roll", ()),
        ('"דובר צה"ל" היום', "דובר צה״ל היום", ("דובר צה״ל",)),
        ("‘single’ marks are 'none'", "‘single’ marks are 'none'", ()),
        ("Home » News » Sport", "Home » News » Sport", ()),
        ('fish "" and “ ” chips "…"', "fish and chips", ()),
        ('"publisher:Herald" and "-word"', "publisher:Herald and -word", ("publisher:Herald", "-word")),
    ],
)
def test_what_is_in_quotation_marks_is_a_phrase(text: str, plain: str, phrases: tuple[str, ...]) -> None:
    assert parse(text) == Typed(plain, phrases)


@pytest.mark.parametrize(
    ("text", "plain", "excluded"),
    [
        ("jaguar -car", "jaguar", ("car",)),
        ("-car jaguar -car", "jaguar", ("car",)),
        ('jaguar -"sports car"', "jaguar", ("sports car",)),
        ("jaguar -“sports car”, -team;", "jaguar", ("sports car", "team")),
        ("jaguar (-car)", "jaguar", ("car",)),
        ("jaguar -e-mail", "jaguar", ("e-mail",)),
        ("jaguar -C++", "jaguar", ("C++",)),
        ("jaguar −car －team ‑fan", "jaguar", ("car", "team", "fan")),
        ("美洲豹 -汽车", "美洲豹", ("汽车",)),
        ("-car", "", ("car",)),
        ('year -"2024"', "year", ("2024",)),
        ("covid-19 e-mail", "covid-19 e-mail", ()),
        ("mayor - a profile", "mayor - a profile", ()),
        ("mayor -- a profile --all", "mayor -- a profile --all", ()),
        ("1990–2000 – a decade —and after", "1990–2000 – a decade —and after", ()),
        ('"open"-source', "open- source", ()),
        ('jaguar -"" -"!"', "jaguar", ()),
    ],
)
def test_a_minus_before_a_word_excludes_it_and_a_dash_does_not(
    text: str, plain: str, excluded: tuple[str, ...]
) -> None:
    typed = parse(text)
    assert (typed.text, typed.excluded, typed.notices) == (plain, excluded, ())


@pytest.mark.parametrize("number", ["-5", "-10%", "-3.5", "-2023"])
def test_a_minus_before_a_digit_is_a_number_and_the_notice_says_how_to_exclude_it(number: str) -> None:
    typed = parse(f"growth of {number} in spring")
    assert typed.text == f"growth of {number} in spring"
    assert typed.excluded == ()
    assert f'-"{number[1:]}"' in typed.notices[0]
    assert parse(f"growth of $-5 and -$5 {number[1:]}").notices == ()


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("publisher:Herald", Typed("", names={"publishers": ("Herald",)})),
        ("PUBLISHER:a outlet:b Source:c publisher:a", Typed("", names={"publishers": ("a", "b", "c")})),
        ('tax author:"Ann Ash" reform', Typed("tax reform", names={"authors": ("Ann Ash",)})),
        ("author:“Ann Ash”, author:Bo", Typed("", names={"authors": ("Ann Ash", "Bo")})),
        ("section:Sport(Men) (section:Arts)", Typed("", names={"sections": ("Sport(Men)", "Arts")})),
        ("lang:en language:de", Typed("", names={"languages": ("en", "de")})),
        ("tag:topic=tax", Typed("", tags=(("topic", "tax"),))),
        ('tag:topic="income tax" tag:"kind=in brief"', Typed("", tags=(("topic", "income tax"), ("kind", "in brief")))),
        ("tag:sum=1+1=2", Typed("", tags=(("sum", "1+1=2"),))),
        ("since:2024-05 until:7d", Typed("", since="2024-05", until="7d")),
        ('since:"last week" tax', Typed("tax", since="last week")),
        ("tax since: 2025 reform", Typed("tax reform", since="2025")),
        ("tax until: 7d", Typed("tax", until="7d")),
        ("since:may 2024 tax", Typed("tax", since="may 2024")),
        ("tax since: 5 May 2024, reform", Typed("tax reform", since="5 May 2024")),
        ("(until:März 2023) tax", Typed("tax", until="März 2023")),
        ("since:May 5th, 2024 tax", Typed("tax", since="May 5th, 2024")),
        ("until:last month tax", Typed("tax", until="last month")),
        ("since:2024-01-05 09:30 tax", Typed("tax", since="2024-01-05 09:30")),
        ("since:yesterday 2024 budget", Typed("2024 budget", since="yesterday")),
        ("since:may tax 2024", Typed("tax 2024", since="may")),
        ("since:2024 5 towns", Typed("5 towns", since="2024")),
        ("since:2024-05-17T09:30Z", Typed("", since="2024-05-17T09:30Z")),
        ("since:whenever", Typed("", since="whenever")),
        ("publisher：路透社", Typed("", names={"publishers": ("路透社",)})),
        ("publisher:apnews.com", Typed("", names={"publishers": ("apnews.com",)})),
    ],
)
def test_an_operator_takes_the_word_or_the_quotation_after_it(text: str, understood: Typed) -> None:
    assert parse(text) == understood


@pytest.mark.parametrize(
    "text",
    [
        "publisher:",
        "publisher: …",
        "Source: the ministry",
        "since: … until:,",
        "http://example.org/a?b=c at 12:30",
        "Re: budget",
        "Breaking:fire",
        "resource:fire",
        "x-publisher:fire",
    ],
)
def test_an_operator_with_nothing_after_it_and_an_unknown_one_are_plain_words(text: str) -> None:
    assert parse(text) in (Typed(text), Typed(""))
    assert parse(f"fire {text}") == Typed(f"fire {text}")


@pytest.mark.parametrize(
    ("text", "understood", "told"),
    [
        ("since:2023 tax since:2024", Typed("tax", since="2024"), "since: is written more than once"),
        ('open "source code', Typed("open source code"), "quotation mark without a partner"),
        (
            'open "source publisher:Herald -code',
            Typed("open source", (), ("code",), {"publishers": ("Herald",)}),
            "without a partner",
        ),
        ('tax author:"Ann Ash', Typed("tax Ann Ash"), "without a partner"),
        ('tax -"Ann Ash', Typed("tax Ann Ash"), "without a partner"),
        ('tax author:""', Typed("tax"), "author: was left out"),
        ("tax tag:topic", Typed("tax"), "tag:KEY=VALUE"),
        ("tax tag:topic=", Typed("tax"), "tag:KEY=VALUE"),
        ("tax -publisher:Herald", Typed("tax"), "-publisher: was left out"),
        ('tax -author:"Ann Ash"', Typed("tax"), "-author: was left out"),
        ("tax before:2024-05", Typed("tax before:2024-05"), "until:, which includes"),
        ("tax After:2024-05", Typed("tax After:2024-05"), "since:, which begins"),
        ("site:apnews.com tax", Typed("site:apnews.com tax"), "publisher:"),
        ("tax --since 2024", Typed("tax --since 2024"), "--since is searched as a word: within a query write since:"),
        ("tax --publisher=bbc", Typed("tax --publisher=bbc"), "--publisher is searched as a word"),
        ("tax publisher: Herald", Typed("tax publisher: Herald"), "write publisher:VALUE, without a space"),
        ("tax since: the war", Typed("tax since: the war"), "write since:VALUE, without a space"),
        ("tax since :2024", Typed("tax since :2024"), "write since:VALUE, without a space"),
        ("tax since=2024", Typed("tax since=2024"), "write since:VALUE, without a space"),
        ("tax origin:a.txt", Typed("tax origin:a.txt"), "write the option --origin"),
        ("tax topic:reform", Typed("tax topic:reform"), "write section:, or tag:KEY=VALUE"),
        ("tax -k 5", Typed("tax 5", excluded=("k",)), "options stand outside"),
        ("tax --reform", Typed("tax --reform"), "write -reform to exclude it"),
        ("tax —reform", Typed("tax —reform"), "write -reform to exclude it"),
        ("tax -'public reform'", Typed("tax -'public reform'"), 'write -"public reform"'),
        ("tax AND reform", Typed("tax AND reform"), "AND is searched as a word"),
        ("tax && reform", Typed("tax && reform"), "&& is searched as a word"),
        ("tax || reform", Typed("tax || reform"), "|| is searched as a word"),
        ("(tax OR levy) reform", Typed("(tax OR levy) reform"), "Parentheses group nothing"),
        ("electi*", Typed("electi"), "* is no operator here"),
        ("-electi* tax", Typed("tax", excluded=("electi",)), "* is no operator here"),
        ("wom?n", Typed("wom?n"), "? is no operator here"),
        ("tax~ reform~2", Typed("tax reform"), "~ is no operator here"),
        ('"tax reform"~5', Typed("tax reform~ 5", ("tax reform",)), "~ is no operator here"),
        ("tax^2 reform^1.5", Typed("tax reform"), "^ is no operator here"),
        ("+tax reform", Typed("tax reform"), "+ is no operator here"),
        ("!tax reform", Typed("!tax reform"), "! is no operator here"),
        ("+publisher:Herald", Typed("+publisher:Herald"), "+ is no operator here"),
        ("title:tax reform", Typed("tax reform"), "title: is no operator here"),
        ('intitle:"tax reform"', Typed("tax reform", ("tax reform",)), "intitle: is no operator here"),
        ("tax body:reform", Typed("tax reform"), "body: is no operator here"),
        ("date:2024-05 tax", Typed("2024-05 tax"), "since: and until:"),
        ("tax -title:reform", Typed("tax"), "-title: was left out"),
        ('tax -site:"Ann Ash"', Typed("tax"), "-site: was left out"),
        ("tax NEAR/5 reform", Typed("tax NEAR/5 reform"), "NEAR/5 is searched as a word"),
        ("tax w/5 reform", Typed("tax w/5 reform"), "w/5 is searched as a word"),
        ("tax [2023 TO 2024]", Typed("tax [2023 TO 2024]"), "[… TO …] is searched as words"),
        ("tax TITLE(reform)", Typed("tax (reform)"), "title: is no operator here"),
        ("hlead(tax reform)", Typed("(tax reform)"), "hlead: is no operator here"),
        ("atleast3(reform)", Typed("(reform)"), "atleast3: is no operator here"),
        ("hd=reform", Typed("reform"), "hd: is no operator here"),
        ("year:2024 tax", Typed("2024 tax"), "since: and until:"),
        ("tax 2023..2024", Typed("tax 2023..2024"), "since: and until:"),
        ("from:ash tax", Typed("from:ash tax"), "author:"),
        ("in:title tax", Typed("in:title tax"), "publisher:, author:"),
        ("tax AROUND(5) reform", Typed("tax AROUND(5) reform"), "AROUND(5) is searched as a word"),
        ("tax /s reform", Typed("tax /s reform"), "/s is searched as a word"),
        ("electi$", Typed("electi"), "$ is no operator here"),
        ("~tax reform", Typed("tax reform"), "~ is no operator here"),
        ("tax|reform", Typed("tax|reform"), "| is no operator here"),
        ("/electi.*/", Typed("/electi.*/"), "/ is no operator here"),
        ("tax -(reform levy)", Typed("tax -(reform levy)"), "-( excludes nothing"),
        ("tax –reform", Typed("tax –reform"), "write -reform to exclude it"),
        ("tax -🙂", Typed("tax -🙂"), "-🙂 excludes nothing"),
        ('tax -"🙂"', Typed("tax"), "-🙂 excludes nothing"),
        ("tax OR reform", Typed("tax OR reform"), "OR is searched as a word"),
        ("tax NOT reform", Typed("tax NOT reform"), "-word"),
        ("税 NOT 改革", Typed("税 NOT 改革"), "-word"),
    ],
)
def test_what_is_not_taken_as_it_was_written_is_told(text: str, understood: Typed, told: str) -> None:
    typed = parse(text)
    assert replace(typed, notices=()) == understood
    assert told in " ".join(typed.notices)


@pytest.mark.parametrize(
    "text",
    [
        "MAYOR AND COUNCIL NOT AT ODDS",
        "Portland OR",
        "tax and reform, not or",
        "AND",
        "5*3",
        "NEAR",
        "C++",
        "he said: tax",
        "what? who",
        "headline(s) and lead(ers)",
        "US$ 5 | BBC",
        "the mayor –Ann Ash–, she said",
        "24/7 and/or 9/11",
        "the mayor —Ann Ash—, she said",
        "taxes -- and levies -- rise",
        "+5 %",
        "near me",
    ],
)
def test_capitals_that_mean_nothing_by_it_get_no_notice(text: str) -> None:
    assert parse(text) == Typed(text)


def test_a_kind_of_notice_is_told_once() -> None:
    assert len(parse('-5 -6 "a "b "c tag:x tag:y since:1 since:2 since:3 x AND y AND z').notices) == 5


def test_control_characters_are_white_space_and_invisible_ones_are_nothing() -> None:
    assert parse("tax\x00re\u00adform\x1b-car\r\n\u200f“a\x07b”\ud800") == Typed("tax reform a b", ("a b",), ("car",))


@pytest.mark.parametrize("text", ["", " ", "\n\x00", "?!", "-", "- –", '""', "“”", "( )"])
def test_where_no_letter_and_no_digit_is_there_is_nothing_to_search_for(text: str) -> None:
    assert parse(text) == Typed("")


WORST = [
    "word ",
    '"a ',
    '—"a',
    "“a «b 「c ",
    "-5„",
    "-“",
    "((“",
    '""',
    '"a"a',
    "AND ",
    "publisher:—「",
    "tag:a",
    'tag:a="',
    "x)],;",
    "-a) ",
    '"a" ',
    "since:1 ",
    "a=",
    "» ",
    "”a ",
]


@examples(40, deadline=timedelta(seconds=20))
@given(st.sampled_from(WORST), st.sampled_from(WORST), st.sampled_from(["", '"', "”", "»"]))
def test_a_very_long_query_takes_no_time_that_grows_with_its_square(one: str, two: str, end: str) -> None:
    typed = parse((one + two) * 20_000 + end)
    assert len(typed.notices) < 12
