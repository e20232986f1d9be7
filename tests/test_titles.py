"""Headlines: the outlet's name is cut off a page's title, and nothing that only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources.facts.titles import without_outlet

HEADLINE = "Bridge opens after the flood"

CUT = [
    (f"{HEADLINE} | Coast Herald", "Coast Herald"),
    (f"{HEADLINE} - Coast Herald", "Coast Herald"),
    (f"{HEADLINE} – Coast Herald", "Coast Herald"),
    (f"{HEADLINE} — Coast Herald", "Coast Herald"),
    (f"{HEADLINE} :: Coast Herald", "Coast Herald"),
    (f"{HEADLINE} • Coast Herald", "Coast Herald"),
    (f"{HEADLINE} » Coast Herald", "Coast Herald"),
    (f"{HEADLINE} : Coast Herald", "Coast Herald"),
    (f"{HEADLINE}|Coast Herald", "Coast Herald"),
    (f"{HEADLINE} - COAST HERALD", "Coast Herald"),
    (f"Coast Herald: {HEADLINE}", "Coast Herald"),
    (f"The Coast Herald | {HEADLINE}", "Coast Herald"),
    (f"Coast Herald - {HEADLINE}", "The Coast Herald"),
    (f"coast-herald.example: {HEADLINE}", "coast-herald.example"),
    (f"{HEADLINE} - The Coast Herald", "coastherald.example"),
    (f"{HEADLINE} - Coast Herald", "www.thecoastherald.co.uk"),
    (f"{HEADLINE} - Coast Herald News", "Coast Herald"),
    (f"{HEADLINE} - Coast Herald", "Coast Herald Online"),
    (f"{HEADLINE} - coastherald.example", "coastherald.example"),
    (f"{HEADLINE} - CoastHerald.example", "Coast Herald"),
    (f"{HEADLINE} - CH.example", "Coast Herald"),
    (f"{HEADLINE} - NCH", "North Coast Herald"),
    (f"{HEADLINE} - North Coast Herald", "ncherald.example"),
    (f"{HEADLINE} - NCH", "ncherald.example"),
    (f"{HEADLINE} - Coast Herald | coastherald.example", "coastherald.example"),
    (f"{HEADLINE} | Küstenbote", "kuestenbote.example"),
    (f"{HEADLINE} | Küstenbote", "kustenbote.example"),
    (f"{HEADLINE} | Coast | Herald", "Coast | Herald"),
]
"""Title and a name of its outlet."""

KEPT = [
    ("Spider-Man - No Way Home", "Film Daily"),
    ("Obituary: Jane Fox", "Fox Daily"),
    ("Obituary - Jane Fox", "Fox"),
    ("Mayor resigns - Springfield", "The Springfield Post"),
    ("Life after the storm - Canada's New Normal", "cnn.example"),
    ("Jobs of the year - IT", "Island Times"),
    ("Opinion | The bridge", "Coast Herald"),
    ("How the Coast Herald began", "Coast Herald"),
    ("Coast Herald", "Coast Herald"),
    ("Coast Herald | 2024", "Coast Herald"),
    ("Harbour: a history of the coast", "Coast Herald"),
    ("NCH: three letters that nobody explains", "North Coast Herald"),  # who speaks, perhaps
    ("Weather - News", "Coast Herald News"),
    (f"{HEADLINE} - Hill Courier", "Coast Herald"),
    (f"{HEADLINE} - coastherald.example", "hillcourier.example"),
    (f"{HEADLINE} | Politics", "politics.coastherald.example"),
    (f"{HEADLINE} - X", "x-herald.example"),
    (f"{HEADLINE} - The", "The Herald"),
    ("—: a dash", "!"),
    ("桥梁重新开放_新闻频道", "海岸网"),
]
"""Title and a name of its outlet."""


@pytest.mark.parametrize(("title", "name"), CUT)
def test_the_outlet_is_no_part_of_the_headline(title: str, name: str) -> None:
    assert without_outlet(title, [name]) == HEADLINE
    assert without_outlet(title, [None, "Somebody Else", name]) == HEADLINE


@pytest.mark.parametrize(("title", "name"), KEPT)
def test_whatever_else_a_headline_has_stays(title: str, name: str) -> None:
    assert without_outlet(title, [name]) == title


@pytest.mark.parametrize(
    ("title", "name", "headline"),
    [
        ("Opinion | The bridge - NCH", "North Coast Herald", "Opinion | The bridge"),
        ("Bridge opens | World | Coast Herald", "Coast Herald", "Bridge opens | World"),
        ("桥梁重新开放_海岸网", "海岸网", "桥梁重新开放"),
        ("桥梁重新开放-海岸网", "海岸新闻网", "桥梁重新开放"),
        ("桥梁重新开放_新闻频道_海岸网", "海岸", "桥梁重新开放_新闻频道"),
        ("桥梁重新开放－海岸网", "海岸网", "桥梁重新开放"),
        ("橋が再開｜海岸新聞デジタル", "海岸新聞", "橋が再開"),
        ("橋が再開：海岸新聞デジタル", "海岸新聞", "橋が再開"),
        ("海岸新聞：橋が再開", "海岸新聞", "橋が再開"),
    ],
)
def test_only_the_outlet_is_cut(title: str, name: str, headline: str) -> None:
    assert without_outlet(title, [name]) == headline


def test_nothing_is_cut_where_nobody_is_known() -> None:
    assert without_outlet(f"{HEADLINE} | Coast Herald", []) == f"{HEADLINE} | Coast Herald"
    assert without_outlet(f"{HEADLINE} | Coast Herald", [None, ""]) == f"{HEADLINE} | Coast Herald"


_words = st.sampled_from(
    ["Coast", "Herald", "NCH", "a", "海岸", "-", "|", ": ", " :: ", "_", "coast.example", "the", "É", "1"]
)


@given(st.lists(_words, max_size=12).map(" ".join), st.lists(_words | st.text(max_size=9), max_size=3))
def test_what_remains_is_a_piece_of_the_title_that_says_something(title: str, names: list[str]) -> None:
    title = " ".join(title.split())
    found = without_outlet(title, names)
    assert found in title
    assert found == title or any(char.isalpha() for char in found)


def test_a_title_as_long_as_a_text_takes_no_longer_than_reading_it() -> None:
    assert without_outlet("a - b | c : " * 50_000, ["Coast Herald"])
