"""What leaves the page or stays in it: exports, links, searches that are kept."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browsing import STRIKE, Window

pytestmark = pytest.mark.slow


def test_exports_are_what_is_shown(window: Window) -> None:
    page = window.open(f"{STRIKE}&publisher=Coast+Courier")
    for label, ending in [("CSV, a row a hit", ".csv"), ("RIS", ".ris"), ("JSON Lines", ".jsonl"), ("Markdown", ".md")]:
        page.click("#export summary")
        with page.expect_download() as started:
            page.click(f"#export button:has-text('{label}')")
        path = started.value.path()
        assert started.value.suggested_filename.endswith(ending)
        assert "harbour strike" in Path(path).read_text(encoding="utf-8")
    page.click("#export summary")
    with page.expect_download() as started:
        page.click("#export button:has-text('Excel')")
    assert started.value.suggested_filename == "semsearch.csv"
    assert "The harbour strike" in Path(started.value.path()).read_text(encoding="utf-16")
    page.click("#export summary")
    with page.expect_download() as started:
        page.click("#export button:text-is('JSON')")
    told = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert [hit["article"]["title"] for hit in told["hits"]][: len(window.titles())] == window.titles()


def test_searches_are_kept_with_what_is_new(window: Window) -> None:
    page = window.open(STRIKE)
    page.click("#save-button")
    page.keyboard.type("Strikes")
    page.fill("#saved-note", "For the\nharbour desk")
    page.click("dialog button.main")
    page.wait_for_selector("#saved li")
    window.open("?q=opera")
    page.click("#save-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    names = page.locator("#saved li bdi")
    assert names.all_inner_texts() == ["opera", "Strikes"]
    assert page.inner_text("#saved li p") == "For the\nharbour desk"
    page.click("[aria-label='Star: Strikes']")
    assert names.all_inner_texts() == ["Strikes", "opera"]
    page.click("[aria-label='Edit: Strikes']")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.evaluate(
        "localStorage.setItem('semsearch.saved', localStorage.getItem('semsearch.saved')"
        '.replace(/"seen":"[^"]*"/, \'"seen":"2020-01-01T00:00:00Z"\'))'
    )
    window.open("?q=opera")
    page.wait_for_selector("#saved .tag:not([hidden])")
    assert re.fullmatch(r"\d+ new", page.locator("#saved .tag").first.inner_text())
    page.click("#saved li a")
    window.settle()
    assert page.url.endswith(STRIKE)
    assert page.locator("#saved li", has_text="Strikes").locator(".tag").is_hidden()


def test_recent_searches_are_those_that_were_sent_or_led_to_an_article(window: Window) -> None:
    page = window.open()
    for query in ("wheat harvest", "opera house"):
        page.fill("#q", query)
        page.keyboard.press("Enter")
        window.settle()
    page.fill("#q", "glacier")  # neither
    window.settle()
    assert page.locator("#saved details bdi").all_inner_texts() == ["opera house", "wheat harvest"]
    page.click("#saved details a >> nth=1")
    window.until("location.search === '?q=wheat+harvest'")
    page.click("text=Clear recent searches")
    page.wait_for_selector("#saved", state="hidden")


def test_a_long_state_is_a_link_that_is_no_long_request(window: Window) -> None:
    page = window.open()
    query = "harbour strike " + " ".join(f"-zebra{number}" for number in range(40))
    filters = "".join(f"&publisher=Outlet+Number+{number}" for number in range(80)) + "&publisher=Coast+Courier"
    window.open(f"#?{urlencode({'q': query})}{filters}")
    assert {"Coast Courier"} == set(page.locator("#lists .meta b").all_inner_texts())
    page.locator("#lists .hit h2 a").first.click()
    page.wait_for_selector("#article-view mark.here")
    address = page.url
    assert len(address) > 2_000
    assert "?" not in address.partition("#")[0]
    window.open("?q=opera")
    page.goto(address)
    page.reload()
    page.wait_for_selector("#article-view mark.here")
    page.click("text=Back to results")
    window.settle()
    page.click("text=Remove all filters")
    page.fill("#q", "harbour strike")
    window.until("location.search === '?q=harbour+strike' && !location.hash")


def test_exports_of_the_closest_of_two_searches_and_of_a_chosen_time(window: Window) -> None:
    def exported(label: str, encoding: str = "utf-8") -> str:
        page.click("#export summary")
        with page.expect_download() as started:
            page.click(f"#export button:has-text('{label}')")
        return Path(started.value.path()).read_text(encoding=encoding)

    page = window.open("?q=zebra+quantum&shown=latest")
    rows = list(csv.DictReader(exported("CSV, a row a hit").splitlines()))
    assert len(rows) == len(window.titles()) == 10
    assert page.locator("#export .small").text_content().endswith("of articles with the same text the first")
    page = window.open(f"{STRIKE}&since=2020-03-02&until=2020-05-31&scale=count")
    bars = page.locator("rect.column:not(.out)").count()
    rows = list(csv.DictReader(exported("Timeline").splitlines()))
    assert sum(int(row["matching"]) > 0 for row in rows) == bars
    assert len(rows) == 13  # weeks
    window.open(f"{STRIKE}&q2=opera+house&since=2020-03-02&until=2020-05-31")
    rows = list(csv.DictReader(exported("CSV, a row a hit").splitlines()))
    assert {row["query"] for row in rows} == {"harbour strike", "opera house"}
    assert all("2020-03" <= row["published"] < "2020-06" for row in rows)
    table = exported("Excel", "utf-16").splitlines()
    assert [line.split("\t")[0] for line in table] == ["rank", *(row["rank"] for row in rows)]
    answers = json.loads(exported("JSON"))
    assert [answer["query"] for answer in answers] == ["harbour strike", "opera house"]
    starts = [row.split(",")[0] for row in exported("Comparison").splitlines()[1:]]
    assert "2020-03-02" <= min(starts) <= max(starts) < "2020-06"


@pytest.mark.parametrize("width", [320, 360, 412, 650, 900])
def test_the_export_menu_is_on_the_screen(browser: Any, address: str, width: int) -> None:
    window = Window(browser, address, viewport={"width": width, "height": 740})
    page = window.open(f"{STRIKE}&shown=latest")
    page.click("#export summary")
    box = page.locator("#export .panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    window.context.close()


def test_an_open_tab_counts_what_is_new(window: Window) -> None:
    page = window.open(STRIKE)
    page.click("#save-button")
    page.keyboard.press("Enter")
    window.settle()
    assert page.locator("#saved .tag:not([hidden])").count() == 0
    page.route("**/facets?*new_since*", lambda route: route.abort())
    page.evaluate(
        "localStorage.setItem('semsearch.saved', localStorage.getItem('semsearch.saved')"
        '.replace(/"seen":"[^"]*"/, \'"seen":"2020-01-01T00:00:00Z"\'))'
    )
    look = "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
    page.evaluate(look)
    window.settle()
    page.unroute("**/facets?*new_since*")
    page.evaluate(look)
    page.wait_for_selector("#saved .tag:not([hidden])")
    window.wrong.clear()  # the browser itself reports a request that failed


@pytest.mark.parametrize(("works", "said"), [(True, "Copied"), (False, "Not copied")])
def test_without_a_clipboard_the_page_says_whether_it_copied(window: Window, works: bool, said: str) -> None:
    window.context.add_init_script('Object.defineProperty(navigator, "clipboard", {});')
    if not works:
        window.context.add_init_script("document.execCommand = () => false;")
    page = window.open(STRIKE)
    for button in ("#copy-link", "#lists .hit:first-child .foot > button"):
        page.focus(button)
        page.keyboard.press("Enter")
        assert page.inner_text(button) == said
        assert page.evaluate("document.activeElement.innerText") == said
    assert page.inner_text("#live") == (
        "Quotation copied" if works else "Nothing is copied: this browser does not allow it"
    )


def test_print_has_what_was_asked_and_where_it_comes_from(window: Window) -> None:
    page = window.open(f"{STRIKE}&publisher=Coast+Courier")
    page.emulate_media(media="print")
    assert page.locator("#q, #chosen .chip, #summary").evaluate_all("all => all.every((one) => one.checkVisibility())")
    assert not page.locator("button:not(.chip), select, summary").locator("visible=true").count()
    page.emulate_media(media="screen")
    page.click("#lists .hit h2 a")
    page.wait_for_selector("#article-view h1")
    page.emulate_media(media="print")
    assert not page.locator("button, input, summary").locator("visible=true").count()
    printed = page.evaluate("getComputedStyle(document.querySelector('a.out'), '::after').content")
    assert "https://news.example.org/r" in printed
    assert "#:~:text" not in printed
