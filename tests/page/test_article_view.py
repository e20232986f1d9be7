"""The article: the way to it and back, its passages, and quotations from it."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from semsearch import Index
from semsearch.ports import Encoder
from semsearch.serve.settings import Settings
from tests.browsing import STRIKE, Window
from tests.live import live
from tests.making import article

pytestmark = pytest.mark.slow


def test_an_article_opened_from_its_address_leads_back(window: Window) -> None:
    page = window.open(STRIKE)
    page.locator("#lists .hit h2 a").nth(4).click()
    page.wait_for_selector("#article-view mark.here")
    title = page.inner_text("#article-view h1")
    assert page.title() == f"{title} – semsearch"
    page.reload()
    page.wait_for_selector("#article-view mark.here")
    assert page.inner_text("#article-view h1") == title
    page.wait_for_selector("#lists .hit", state="attached")
    page.click("text=Back to results")
    page.wait_for_selector("#search-view", state="visible")
    assert page.evaluate("document.activeElement.innerText") == title


def test_quotations_have_their_source_and_exact_places(browser: Any, address: str) -> None:
    window = Window(browser, address, permissions=["clipboard-read", "clipboard-write"])
    page = window.open(STRIKE)
    page.locator("#lists .foot > button").first.click()
    page.wait_for_selector("text=Copied")
    quotation = page.evaluate("navigator.clipboard.readText()")
    match = re.fullmatch(
        r"“(.+)”\n— .+, (https://\S+#:~:text=\S+) \[([0-9a-f]{20}), characters (\d+)–(\d+)\]", quotation
    )
    assert match, quotation
    article = page.request.get(f"{address}articles/{match[3]}").json()
    assert article["text"][int(match[4]) : int(match[5])] == match[1]
    window.context.close()


def test_the_way_back_leads_over_all_articles_to_the_hit(window: Window) -> None:
    page = window.open(STRIKE)
    page.locator("#lists .hit h2 a").nth(6).click()
    page.wait_for_selector("#article-view mark.here")
    title = page.inner_text("#article-view h1")
    page.click("text=Similar articles")
    page.locator("#article-view .more a").nth(1).click()
    window.until(f"document.querySelector('#article-view h1')?.innerText !== {json.dumps(title)}")
    page.keyboard.press("Escape")
    page.wait_for_selector("#search-view", state="visible")
    assert page.evaluate("document.activeElement.innerText") == title


def test_the_quotation_is_what_is_selected(browser: Any, address: str) -> None:
    window = Window(browser, address, permissions=["clipboard-read", "clipboard-write"])
    page = window.open(STRIKE)
    page.locator("#lists .hit h2 a").first.click()
    page.wait_for_selector("#article-view mark.here")
    paragraphs = page.locator("#article-view .text p")
    paragraphs.nth(1).click(click_count=3)  # selects up to the beginning of the next one
    page.click("#article-view button:has-text('Copy quotation')")
    page.wait_for_selector("text=Copied")
    quotation = page.evaluate("navigator.clipboard.readText()")
    assert quotation.startswith(f"“{paragraphs.nth(1).inner_text()}”\n")
    page.keyboard.press("Control+A")
    page.click("#article-view button:has-text('Copied')")
    page.wait_for_timeout(100)
    match = re.search(r"characters (\d+)–(\d+)", page.evaluate("navigator.clipboard.readText()"))
    article = page.evaluate("new URLSearchParams(location.search).get('article')")
    text = page.request.get(f"{address}articles/{article}").json()["text"]
    assert match
    assert (int(match[1]), int(match[2])) == (0, len(text))
    page.locator("#article-view h1").click(click_count=2)
    page.evaluate("getSelection().modify('extend', 'backward', 'character')")
    page.click("#article-view aside button:not([aria-keyshortcuts])")
    page.wait_for_selector("text=Select words of the text")
    window.context.close()


def test_a_link_to_an_article_asks_for_the_token_once(browser: Any, place: Path, hashing: Encoder) -> None:
    token = "of these tests"  # noqa: S105  not a secret
    with live(place, hashing, Settings(token=token)) as served:
        window = Window(browser, f"{served}/")
        page = window.page
        page.goto(f"{served}/#token=%")  # is kept as it is, and wrong
        page.wait_for_selector("text=This is not the token of this server")
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.wait_for_selector("#lists .hit")
        link = page.locator("#lists .hit h2 a").first.get_attribute("href")
        page.evaluate("sessionStorage.clear()")
        page.goto(f"{served}/{link}&q=strike")
        page.wait_for_selector("#article-view #token")
        page.wait_for_selector("#state .error", state="attached")
        assert page.locator("#token").count() == 1
        page.fill("#token", "something else")
        page.keyboard.press("Enter")
        page.wait_for_selector("#article-view >> text=This is not the token of this server")
        window.until("document.activeElement.id === 'token'")
        page.keyboard.type(token)
        page.keyboard.press("Enter")
        page.wait_for_selector("#article-view .text p")
        page.wait_for_selector("#lists .hit", state="attached")
        page.route("**/articles/*", lambda route: route.abort())
        page.reload()
        page.wait_for_selector("#article-view .error")
        page.unroute("**/articles/*")
        page.click("#article-view >> text=Try again")
        page.wait_for_selector("#article-view .text p")
        window.context.close()


def test_an_article_without_a_title_has_a_name(window: Window) -> None:
    page = window.open("?q=%22ferry+without+a+headline%22")
    page.click("#lists .hit h2 a")
    page.wait_for_selector("#article-view h1")
    window.until("document.title === 'Untitled – semsearch'")
    assert page.inner_text("#live") == "Article opened: Untitled"


def test_typing_over_an_article_leads_to_the_results(window: Window) -> None:
    page = window.open(STRIKE)
    page.locator("#lists .hit h2 a").first.click()
    page.wait_for_selector("#article-view h1")
    page.keyboard.press("/")
    page.keyboard.type("opera house")
    page.wait_for_selector("#search-view", state="visible")
    window.until("document.querySelector('#lists .hit h2')?.innerText.includes('opera')")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.input_value("#q") == "opera house"
    page.go_back()
    page.wait_for_selector("#article-view h1")


def test_the_results_behind_a_linked_article_are_results(window: Window) -> None:
    page = window.open(STRIKE)
    link = page.locator("#lists .hit h2 a").first.get_attribute("href")
    page.goto(window.address + link)
    page.wait_for_selector("#article-view h1")
    page.click("text=Similar articles")
    page.locator("#article-view .more a").first.click()
    page.wait_for_selector("#article-view h1")
    page.click("text=Back to results")
    page.wait_for_selector("#search-view", state="visible")
    assert page.url == window.address + STRIKE


def test_a_reload_keeps_the_place(window: Window) -> None:
    page = window.open(STRIKE)
    page.evaluate("scrollTo(0, 700)")
    page.reload()
    window.settle()
    assert abs(page.evaluate("scrollY") - 700) < 3
    page.locator("#lists .hit h2 a").nth(5).click()
    page.wait_for_selector("#article-view mark.here")
    title = page.inner_text("#article-view h1")
    page.reload()
    page.wait_for_selector("#article-view mark.here")
    page.wait_for_selector("#lists .hit", state="attached")
    page.keyboard.press("Escape")
    page.wait_for_selector("#search-view", state="visible")
    assert abs(page.evaluate("scrollY") - 700) < 3
    assert page.evaluate("document.activeElement.innerText") == title


def test_passages_are_stepped_through_and_the_original_opens_at_the_open_one(window: Window) -> None:
    page = window.open(STRIKE)
    page.locator("#lists summary:has-text('more passage')").first.click()
    page.locator("#lists .more a").first.click()
    page.wait_for_selector("#article-view mark.here")
    words = page.inner_text("#article-view mark.here").split()[:3]
    assert f"#:~:text={'%20'.join(words)}" in page.get_attribute("#article-view a.out", "href")
    number = page.locator("#article-view mark").count()
    assert number > 1
    told = []
    for _ in range(number + 1):
        page.keyboard.press("]")
        told.append(page.inner_text("#live"))
    assert told[0] == told[-1]
    assert len(set(told)) == number
    page.keyboard.press("[")
    assert page.inner_text("#live") == told[-2]


def test_a_link_to_words_has_each_part_within_a_paragraph(window: Window) -> None:
    [found] = window.page.request.get(f"{window.address}search?q=day+66+harbour+strike&k=1").json()["hits"]
    article = window.page.request.get(f"{window.address}articles/{found['article']['article_id']}").json()
    start, end = article["text"].index("it would end."), article["text"].index(" life went on")
    page = window.page
    page.goto(f"{window.address}?article={found['article']['article_id']}&at={start}-{end}")
    page.wait_for_selector("#article-view mark")
    assert page.get_attribute("#article-view a.out", "href").endswith("#:~:text=it%20would%20end.,Elsewhere")


def test_a_link_to_words_is_short_where_words_have_no_spaces(browser: Any, hashing: Encoder, tmp_path: Path) -> None:
    text = "渡轮今天早上在港口沉没，救援人员一小时后到达，市长说港口将关闭两天。" * 4
    Index.build([article("long", text, language="zh")], tmp_path / "index", encoder=hashing).close()
    with live(tmp_path / "index", hashing) as served:
        window = Window(browser, f"{served}/")
        page = window.open("?q=渡轮")
        page.click("#lists .hit h2 a")
        page.wait_for_selector("#article-view mark")
        first, last = unquote(page.get_attribute("#article-view a.out", "href")).partition("text=")[2].split(",")
        assert text.startswith(first)
        assert text.endswith(last)
        assert max(len(first), len(last)) < 30
        window.context.close()


def test_an_article_that_is_gone_is_said_to_be_so(window: Window) -> None:
    page = window.page
    page.goto(f"{window.address}?q=strike&article=gone")
    page.wait_for_selector("#article-view .note")
    page.wait_for_selector("#lists .hit", state="attached")
    window.until("document.getElementById('live').textContent === 'This article is not in the index'")
    assert page.inner_text("#article-view h2") == "This article is not in the index"
    assert not page.locator("#article-view >> text=Try again").count()
    page.click("#article-view >> text=Back to results")
    page.wait_for_selector("#lists .hit")
    window.wrong.clear()  # the browser itself reports a refused request
