"""Hostile articles, scripts of elsewhere, servers that are protected or gone; and axe in every state."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from semsearch.ports import Encoder
from semsearch.serve.settings import Settings
from tests.browsing import HOSTILE, STRIKE, Window
from tests.live import live

pytestmark = pytest.mark.slow


def test_hostile_articles_are_shown_and_do_nothing(window: Window) -> None:
    page = window.open("?q=ferry+harbour")
    assert len(window.titles()) >= len(HOSTILE) - 1
    assert page.title() == "ferry harbour – semsearch"
    assert page.locator("#lists img, #lists script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.inner_text("#lists")
    assert "<script>" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert len(text) < 10_000
    for number in range(page.locator("#lists .hit").count()):
        page.locator("#lists .hit h2 a").nth(number).click()
        page.wait_for_selector("#article-view h1")
        assert page.locator("#article-view img, #article-view script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        page.wait_for_selector("#article-view", state="hidden")


def test_scripts_of_elsewhere_cannot_run(window: Window) -> None:
    page = window.open()
    refused = page.evaluate("""() => {
        try { document.body.innerHTML = "<b>x</b>"; return "done"; } catch (error) { return error.name; }
    }""")
    assert refused == "TypeError"
    loading = """new Promise((done) => {
        const image = new Image();
        image.onerror = () => done("refused");
        image.onload = () => done("loaded");
        image.src = "http://127.0.0.1:9/x.png";
    })"""
    assert page.evaluate(loading) == "refused"
    window.wrong.clear()
    window.asked.clear()


_WINDOWS = [("light", 320), ("dark", 320), ("dark", 1300), ("light", 650)]  # the last as 1300 at 200 %


@pytest.mark.parametrize(("scheme", "width"), _WINDOWS)
def test_axe_finds_nothing_in_any_state(browser: Any, address: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    window = Window(browser, address, color_scheme=scheme, viewport={"width": width, "height": 900})
    page = window.page

    def check(state: str) -> None:
        found = axe.run(page)
        assert found.violations_count == 0, f"{state}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    for path in ("", STRIKE, "?q=zebra+quantum", f"{STRIKE}&q2=opera+house", "?q=ferry", "?q=harbour&publisher=Nobody"):
        window.open(path)
        page.wait_for_selector("#lists mark, #state .none, #lists .hit:not(:has(.verdict))")
        check(path or "latest articles")
    window.open(STRIKE)
    page.click("#save-button")
    check("saving")
    page.keyboard.press("Enter")
    page.keyboard.press("?")
    page.locator("#lists summary").first.click()
    page.click(".dates summary")
    page.click("#export summary")
    check("everything open")
    page.click("#export summary")
    page.locator("#lists .hit h2 a").first.click()
    page.wait_for_selector("#article-view mark")
    page.click("text=Similar articles")
    page.wait_for_selector("#article-view .more a")
    check("article")
    page.goto(f"{address}?q=harbour+since:soo")
    page.wait_for_selector("#state .error")
    check("half typed")
    page.goto(f"{address}?q=harbour+since:2020-03")
    page.wait_for_selector("#chosen .chip small")
    check("typed conditions")
    page.route("**/timeline?*", lambda route: route.abort())
    page.goto(f"{address}?q=harbour+strike")
    page.wait_for_selector(".failed")
    check("a part failed")
    page.unroute("**/timeline?*")
    page.route("**/search?*", lambda _: None)  # is never answered
    page.goto(f"{address}?q=wheat")
    check("loading")
    page.unroute("**/search?*")
    page.route("**/search?*", lambda route: route.abort())
    page.goto(f"{address}?q=harvest")
    page.wait_for_selector("#state .error")
    check("error")
    window.context.close()


def test_nothing_moves_while_it_loads(window: Window) -> None:
    window.page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.moved += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    page = window.open(STRIKE)
    page.wait_for_timeout(600)
    assert page.evaluate("window.moved") <= 0.01

    def late(route: Any) -> None:
        time.sleep(0.7)  # what comes half a second after a key is not excused by it
        route.continue_()

    page.route("**/search?*", late)
    for query, note in (("zebra quantum", 1), ("wheat harvest", 0)):
        page.fill("#q", query)
        window.until(f"document.querySelectorAll('#state .none').length === {note}")
        window.settle()
    assert page.evaluate("window.moved") <= 0.01


def test_a_token_is_asked_for_and_kept_in_the_tab(browser: Any, place: Path, hashing: Encoder) -> None:
    token = "of these tests"  # noqa: S105  not a secret
    with live(place, hashing, Settings(token=token)) as served:
        window = Window(browser, f"{served}/")
        window.page.goto(f"{served}/{STRIKE}")
        window.page.wait_for_selector("#token")
        window.page.fill("#token", token)
        window.page.keyboard.press("Enter")
        window.page.wait_for_selector("#lists .hit")
        other = Window(browser, f"{served}/")
        other.page.goto(f"{served}/{STRIKE}#token=of%20these%20tests")
        other.page.wait_for_selector("#lists .hit")
        assert "token" not in other.page.url
        for one in (window, other):
            one.context.close()


def test_the_server_that_went_away_is_said_so(browser: Any, place: Path, hashing: Encoder) -> None:
    with live(place, hashing) as served:
        window = Window(browser, f"{served}/")
        page = window.open(STRIKE)
    page.fill("#q", "opera")
    page.wait_for_selector("#state .error")
    assert "cannot be reached" in page.inner_text("#state")
    window.context.close()


@pytest.mark.parametrize("refusal", ["get", "set"])
def test_a_browser_that_keeps_nothing_finds_as_well(browser: Any, place: Path, hashing: Encoder, refusal: str) -> None:
    token = "a b%c"  # noqa: S105  not a secret
    with live(place, hashing, Settings(token=token)) as served:
        window = Window(browser, f"{served}/")
        window.context.add_init_script(
            """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });"""
            if refusal == "get"
            else 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
        )
        page = window.open(f"{STRIKE}#token=a b%25c")
        assert window.titles()[0].startswith("The harbour strike")
        page.click("#save-button")
        page.click("dialog button.main")
        assert page.inner_text("#problem").startswith("Your searches are not saved")
        assert window.wrong == []
        window.context.close()
