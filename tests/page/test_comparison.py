"""Two searches beside each other."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browsing import STRIKE, Window

pytestmark = pytest.mark.slow


def test_two_searches_stand_side_by_side(window: Window) -> None:
    page = window.open(STRIKE)
    page.click("#compare-button")
    page.keyboard.type("opera house")
    page.wait_for_selector(".two .column-2 .hit")
    window.settle()
    assert "harbour strike" in page.inner_text(".column-1 .hit h2")
    assert "opera house" in page.inner_text(".column-2 .hit h2")
    page.wait_for_selector(".compared tbody tr")
    assert page.locator("polyline.second").count() == 1
    page.click("#export summary")
    with page.expect_download() as started:
        page.click("text=Comparison over time")
    rows = Path(started.value.path()).read_bytes().decode().split("\r\n")
    names = [
        "matching: harbour strike",
        "matching: opera house",
        "total",
        "share: harbour strike",
        "share: opera house",
    ]
    assert rows[0].split(",") == ["start", *names, "complete"]
    sums = [sum(int(row.split(",")[at]) for row in rows[1:] if row) for at in (1, 2)]
    assert min(sums) > 5


def test_an_outlet_of_either_search_is_compared(window: Window) -> None:
    page = window.open("?q=harbour+strike&q2=ferry")
    page.wait_for_selector(".compared tbody tr")
    first, second = (
        page.request.get(f"{window.address}facets?q={query}&syntax=query&by=publisher").json()
        for query in ("harbour+strike", "ferry")
    )
    told = {row.split("\t")[0]: row.split("\t") for row in page.inner_text(".compared tbody").split("\n")}
    for column, answer in ((1, first), (3, second)):
        for value in answer["facets"]["publisher"]["values"]:
            if value["matching"]:
                assert told[" ".join(value["value"].split())][column] == str(value["matching"])


def test_facets_count_both_searches(window: Window) -> None:
    page = window.open("?q=harbour+strike&q2=opera+house")
    page.wait_for_selector(".second-count")
    first, second = (
        page.request.get(f"{window.address}facets?q={query}&syntax=query&by=section").json()["facets"]["section"]
        for query in ("harbour+strike", "opera+house")
    )
    expected = {row["value"]: [row["matching"], 0] for row in first["values"]}
    for row in second["values"]:
        expected[row["value"]][1] = row["matching"]
    told = {
        row.locator(".value").inner_text(): [int(count) for count in row.locator(".number").inner_text().split()]
        for row in page.locator("[data-field=section] li").all()
    }
    assert told == expected
    assert list(told) == sorted(told, key=lambda name: -sum(told[name]))
    page.click("[data-field=section] li >> nth=0")
    page.wait_for_selector("#chosen .chip")
    window.settle()
    assert page.locator("[data-field=section] li").count() == len(told)


def test_compared_searches_say_their_own_conditions(window: Window) -> None:
    queries = {"q": "harbour strike since:2020-06", "q2": "opera house language:en since:2020-06"}
    page = window.open(f"?{urlencode(queries)}")
    assert page.locator(".column-1 > .small").count() == 0
    assert page.inner_text(".column-2 > .small") == "Only language English"
    assert len(page.locator("#chosen .chip").all()) == 1
