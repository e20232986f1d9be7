"""What a search shows: hits, copies, reasons, more of them, and what helps where there are none."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from semsearch import Index
from semsearch.ports import Encoder
from semsearch.serve.settings import Settings
from tests.browsing import STRIKE, Window, index
from tests.live import live
from tests.making import article, day

pytestmark = pytest.mark.slow


def test_three_requests_come_before_the_first_search(window: Window) -> None:
    window.page.goto(window.address, wait_until="commit")
    window.page.wait_for_selector("#q")
    window.settle()
    files = [url.removeprefix(window.address) for url in window.asked if "?" not in url]
    assert [name for name in files if name in ("", "app.css", "app.js")] == files[:3]
    assert len([name for name in files if "." in name]) == 2


def test_typing_finds_and_the_address_says_what(window: Window) -> None:
    page = window.open()
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("harbour strike")
    window.until("document.querySelectorAll('#lists .verdict').length > 3")
    window.settle()
    assert all("harbour strike" in title for title in window.titles())
    assert page.url.endswith(STRIKE)
    assert re.fullmatch(r"\d+ of 131 articles match", page.inner_text("#summary"))
    page.wait_for_selector("#lists mark")
    assert page.locator("#lists mark").first.inner_text().startswith("The harbour strike was the talk")
    before = window.titles()
    page.reload()
    window.settle()
    assert window.titles() == before


def test_one_live_region_tells_what_was_found(window: Window) -> None:
    page = window.open(STRIKE)
    assert page.locator("[aria-live]").count() == 1
    assert re.fullmatch(r"Strong match: \d+ results", page.inner_text("#live"))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("?q=zebra+quantum", "No good match"),
        ("?q=zebra+quantum&verdict=strong", "No good match"),
        ("?q=harbour&publisher=Nobody", "Nothing here meets these filters"),
        ("?publisher=Nobody", "Nothing here meets these filters"),
    ],
)
def test_states_that_are_no_success_help(window: Window, path: str, said: str) -> None:
    page = window.open(path)
    assert page.inner_text("#state h2") == said
    if "publisher" in path:
        page.click("#state button")
        window.until("!location.search.includes('publisher')")


def test_what_is_half_typed_keeps_the_results(window: Window) -> None:
    page = window.open(STRIKE)
    before = window.titles()
    page.fill("#q", "harbour strike since:soo")
    page.wait_for_selector("#problem:not([hidden])")
    assert "soo" in page.inner_text("#problem")
    assert window.titles() == before
    page.fill("#q", "harbour strike since:2020-06")
    page.wait_for_selector("#problem", state="hidden")
    window.wrong.clear()  # the browser itself reports a refused request


def test_a_text_that_is_too_long_is_not_cut_in_silence(window: Window) -> None:
    page = window.open(STRIKE)
    page.focus("#q")
    page.keyboard.insert_text("harbour strike " * 2_000)
    page.wait_for_selector("#problem:not([hidden])")
    assert "Give at most 20,000" in page.inner_text("#problem")
    page.wait_for_load_state("networkidle")
    window.wrong.clear()  # the browser itself reports a refused request


def test_an_answer_that_fails_takes_the_counts_of_another_search_away(window: Window) -> None:
    page = window.open(STRIKE)
    page.route("**/search?*", lambda route: route.abort())
    page.fill("#q", "wheat harvest")
    page.wait_for_selector("#state .error")
    assert page.locator(".facet, #timeline:not([hidden])").count() == 0
    page.unroute("**/search?*")
    page.click("text=Try again")
    page.wait_for_selector("#lists .verdict")
    window.settle()
    assert page.locator("#timeline").is_visible()
    assert page.locator(".facet").count() > 2
    window.wrong.clear()  # the browser itself reports a request that failed


def test_copies_and_reasons_are_there_when_asked_for(window: Window) -> None:
    page = window.open("?q=dockers+at+the+quay")
    page.click("text=Also in 2 outlets")
    rows = page.locator(".copies li").all_inner_texts()
    assert rows[0].startswith("Coast Courier")
    assert (rows[0].split()[-1], rows[-1].split()[-1]) == ("first", "latest")
    page.locator("summary:text-is('Why')").first.click()
    page.wait_for_selector(".why meter")
    assert "Confidence" in page.inner_text(".why")


def test_the_closest_of_no_match_have_reasons_too(window: Window) -> None:
    page = window.open("?q=zebra+quantum")
    assert page.locator("#lists .verdict.none").count() == 10
    assert page.locator(".more-hits").count() == 0
    page.locator("summary:text-is('Why')").nth(4).click()
    page.wait_for_selector(".why meter")


def test_more_results_follow(window: Window) -> None:
    page = window.open(STRIKE)
    first = window.titles()
    assert len(first) == 10
    page.click("text=More results")
    window.until("document.querySelectorAll('#lists .hit').length === 20")
    titles = window.titles()
    assert titles[:10] == first
    assert len(set(titles)) == 20
    assert page.evaluate("document.activeElement.innerText") == titles[10]


def test_the_copy_that_is_shown_can_be_chosen(window: Window) -> None:
    page = window.open("?q=dockers+at+the+quay")
    assert page.inner_text("#lists .meta b") == "Coast Courier"
    for choice, outlet in (("latest", "Town Times"), ("longest", "Hill Herald")):
        page.select_option("#shown", choice)
        window.until(f"document.querySelector('#lists .meta b')?.innerText === '{outlet}'")
        window.settle()
        page.click("text=Also in 2 outlets")
        page.locator("#lists .hit h2 a").first.click()
        page.wait_for_selector("#article-view mark.here")
        assert page.inner_text("#article-view .meta b") == outlet
        assert page.inner_text("#article-view mark.here").startswith("Dockers unloaded")
        page.keyboard.press("Escape")
        page.wait_for_selector("#article-view", state="hidden")


def test_the_copy_of_an_outlet_can_be_chosen(window: Window) -> None:
    page = window.open("?q=dockers+at+the+quay")
    page.select_option("#shown", label="Hill Herald")
    window.until("document.querySelector('#lists .meta b')?.innerText === 'Hill Herald'")
    window.settle()
    assert page.url.endswith("&shown=of%3AHill+Herald")
    page.reload()
    window.settle()
    assert page.inner_text("#lists .meta b") == "Hill Herald"
    assert page.input_value("#shown") == "of:Hill Herald"
    page.click("text=Also in 2 outlets")
    assert "Coast Courier" in page.inner_text(".copies")


@pytest.mark.parametrize(
    ("asked", "part", "said"),
    [
        ("**/facets?*", "#facets", "The filters cannot be shown. The query took too long. Narrow it."),
        ("**/timeline?*", "#timeline", "The timeline cannot be shown."),
        ("**/coverage*", "#coverage", "What is not here cannot be shown."),
        ("**/search?*emphasise=true*", "#problem", "The best sentences cannot be marked: The query took too long."),
    ],
)
def test_what_fails_beside_the_hits_leaves_them(window: Window, asked: str, part: str, said: str) -> None:
    page = window.page
    body = json.dumps({"status": 503, "detail": "the query took too long", "hint": "narrow it"})
    page.route(asked, lambda route: route.fulfill(status=503, content_type="application/problem+json", body=body))
    page.goto(window.address + STRIKE)
    page.wait_for_selector(f"{part}:has-text('cannot be')")
    assert page.inner_text(part).startswith(said)
    assert len(window.titles()) == 10
    page.unroute(asked)
    if part != "#problem":
        page.click("text=Try again")
        page.wait_for_selector(f"{part} .failed", state="detached")
    window.settle()
    for pattern, action in (("**/search?*k=10*", "text=More results"), ("**/search?*format=csv*", None)):
        page.route(pattern, lambda route: route.abort())
        if action is None:
            page.click("#export summary")
        page.click(action or "#export button >> nth=0")
        page.wait_for_selector("#problem:has-text('cannot be reached')")
        assert len(window.titles()) == 10
    window.wrong.clear()  # the browser itself reports a request that failed


def test_more_results_go_on_where_the_first_ended_though_the_index_has_grown(
    browser: Any, tmp_path: Path, hashing: Encoder
) -> None:
    grown = index(tmp_path / "index")
    with live(grown, hashing, Settings(renewal_seconds=0.05)) as served:
        window = Window(browser, f"{served}/")
        page = window.open(f"{STRIKE}&sort=date")
        first = window.titles()
        with Index.open(grown, encoder=hashing) as opened:
            text = "The harbour strike was the talk of the town. Nobody knew how it would end."
            opened.add([article(f"new{number}", text, title=f"New {number}", published=day(400)) for number in (1, 2)])
        page.wait_for_timeout(300)
        page.locator("summary:text-is('Why')").nth(2).click()
        page.wait_for_selector(".why meter")
        page.click("text=More results")
        window.until("document.querySelectorAll('#lists .hit').length === 20")
        titles = window.titles()
        assert titles[:10] == first
        assert len(set(titles)) == 20
        assert not any(title.startswith("New") for title in titles)
        window.settle()
        page.locator("#lists .hit").last.scroll_into_view_if_needed()
        window.until("document.querySelectorAll('#lists .hit mark').length === 20")
        window.context.close()


def test_all_articles_can_be_listed(window: Window) -> None:
    page = window.open("?publisher=Hill+Herald")
    total = int(page.inner_text("#summary").split()[0])
    assert len(window.titles()) == 20
    page.click("text=More results")
    window.until(f"document.querySelectorAll('#lists .hit').length === {total}")
    assert page.locator(".more-hits").count() == 0


def test_no_match_by_date_offers_the_closest(window: Window) -> None:
    page = window.open("?q=zebra+quantum&sort=date")
    assert "verdict you chose" not in page.inner_text("#state")
    page.click("text=Show the closest passages")
    page.wait_for_selector("#lists .hit")
