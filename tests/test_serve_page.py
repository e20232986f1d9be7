"""The page as people use it, in a real Chromium: by mouse, by keys alone, narrow, dark, and with hostile articles."""

import csv
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from semsearch import Index
from semsearch.dates import parse_date
from semsearch.ports import Encoder
from semsearch.serve.settings import Settings
from tests.browsing import HOSTILE, chromium, index
from tests.live import live
from tests.making import article, day

pytestmark = pytest.mark.slow

STRIKE = "?q=harbour+strike"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index(tmp_path_factory.mktemp("page") / "index")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(place: Path, hashing: Encoder) -> Iterator[str]:
    with live(place, hashing) as served:
        yield f"{served}/"


class Window:
    """One tab; whatever goes wrong in it is kept."""

    def __init__(self, browser: Any, address: str, **given: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **given})
        self.page, self.address, self.wrong, self.asked = self.context.new_page(), address, [], []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def open(self, path: str = "") -> Any:
        self.page.goto(self.address + path)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until everything that was asked for is shown."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_selector("#results[aria-busy=false]", state="attached")
        self.page.wait_for_selector("#facets[aria-busy=false]", state="attached")
        self.page.wait_for_selector("#timeline .plot > *", state="attached")

    def until(self, expression: str) -> None:
        """Wait for what is true; the page's policy forbids the browser's own way of waiting, which evaluates a text."""
        end = time.monotonic() + 15
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    def titles(self) -> list[str]:
        found: list[str] = self.page.locator("#lists .hit h2").all_inner_texts()
        return found


@pytest.fixture
def window(browser: Any, address: str) -> Iterator[Window]:
    opened = Window(browser, address)
    yield opened
    opened.context.close()
    assert opened.wrong == []
    assert {url.startswith((address, "data:", f"blob:{address}")) for url in opened.asked} <= {True}


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


def test_facets_filter_and_back_undoes(window: Window) -> None:
    page = window.open(STRIKE)
    whole = page.inner_text("#summary")
    row = page.locator(".facet li", has_text="Coast Courier")
    expected = int(row.locator(".number").inner_text().split()[0])
    row.locator("input").check()
    page.wait_for_selector("#chosen .chip")
    window.settle()
    assert page.inner_text("#summary").startswith(f"{expected} of ")
    assert {"Coast Courier"} == set(page.locator("#lists .meta b").all_inner_texts())
    assert page.locator(".facet li", has_text="Hill Herald").count() == 1  # another one can be added
    page.go_back()
    window.settle()
    assert page.inner_text("#summary") == whole
    assert page.locator("#chosen .chip").count() == 0


def test_the_timeline_filters_when_dragged_moved_and_stretched(window: Window) -> None:
    page = window.open(f"{STRIKE}&scale=count")
    box = page.locator(".plot svg").bounding_box()

    def drag(start: float, end: float) -> dict[str, str]:
        page.mouse.move(box["x"] + start * box["width"], box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], box["y"] + 40, steps=4)
        page.mouse.up()
        window.settle()
        found: dict[str, str] = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
        return found

    chosen = drag(0.25, 0.5)
    assert "2020-03" < chosen["since"] < chosen["until"] < "2020-08"
    count = int(page.inner_text("#summary").split()[0])
    edge = page.locator(".brush").bounding_box()
    stretched = drag((edge["x"] + edge["width"] - box["x"]) / box["width"], 0.8)
    assert stretched["since"] == chosen["since"]
    assert stretched["until"] > chosen["until"]
    assert int(page.inner_text("#summary").split()[0]) > count
    moved = drag(0.5, 0.4)
    assert moved["since"] < stretched["since"]
    assert moved["until"] < stretched["until"]
    shown = page.locator("#lists .meta").all_inner_texts()
    assert shown
    page.mouse.dblclick(box["x"] + 0.9 * box["width"], box["y"] + 40)
    window.until("!location.search.includes('since')")


def test_everything_can_be_done_by_keys_alone(window: Window) -> None:
    page = window.open()
    page.keyboard.type("harbour strike")
    window.until("document.querySelectorAll('#lists .verdict').length > 3")
    window.settle()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    third = page.evaluate("document.activeElement.innerText")
    assert third == window.titles()[2]
    scroll = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    page.wait_for_selector("#article-view h1")
    assert page.inner_text("#article-view h1") == third
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator("#article-view mark.here").count() >= 1
    page.keyboard.press("]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#article-view", state="hidden")
    assert page.evaluate("document.activeElement.innerText") == third
    assert abs(page.evaluate("scrollY") - scroll) < 2

    for _ in range(60):  # to the timeline and its first handle
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.handle") == "last":
            break
    page.keyboard.press("ArrowLeft")
    window.until("location.search.includes('until')")
    window.settle()
    until = page.evaluate("new URLSearchParams(location.search).get('until')")
    assert page.evaluate("document.activeElement.dataset.handle") == "last"
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("PageDown")
    window.until(f"new URLSearchParams(location.search).get('until') < '{until}'")
    page.keyboard.press("Escape")
    window.until("!location.search.includes('until')")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.is_visible("#help")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")


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
        page.click("#export button:text-is('JSON')")
    told = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert [hit["article"]["title"] for hit in told["hits"]][: len(window.titles())] == window.titles()


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


@pytest.mark.parametrize(
    ("path", "width", "names"),
    [
        ("", 1300, ["Jan 2020", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]),
        ("", 390, ["Jan 2020", "Apr", "Jul", "Oct"]),
        ("?interval=year", 1300, ["2020"]),
    ],
)
def test_names_below_the_timeline_are_evenly_spaced(
    browser: Any, address: str, path: str, width: int, names: list[str]
) -> None:
    window = Window(browser, address, viewport={"width": width, "height": 800})
    page = window.open(path)
    assert page.locator(".tick + text").all_text_contents() == names
    window.context.close()


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


def test_dates_can_be_typed(window: Window) -> None:
    page = window.open(f"{STRIKE}&until=2020-02")
    page.click(".dates summary")
    assert page.input_value(".dates input >> nth=1") == "2020-02-29"
    page.fill(".dates input >> nth=0", "2020-01-15")
    page.click(".dates button")
    window.until("location.search.includes('since=2020-01-15&until=2020-02-29')")
    window.settle()
    assert page.locator(".brush").count() == 1


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


def test_what_is_not_here_is_said(window: Window) -> None:
    page = window.open("?since=2020-10")
    said = page.inner_text("#coverage")
    assert re.search(r"\d+ days of \d+ without an article", said)
    assert "outlets without an article here" not in said or "of 6" in said


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


def test_conditions_in_the_text_are_shown_and_can_be_changed(window: Window) -> None:
    text = 'harbour strike "talk of the town" -wheat since:2020-03 publisher:"Hill Herald"'
    page = window.open(f"?{urlencode({'q': text, 'since': '2020-10', 'interval': 'month'})}")
    matching = page.inner_text("#summary")
    chips = page.locator("#chosen .chip").all_inner_texts()
    assert chips == ["Hill Herald typed ×", "1 Mar 2020 – … typed ×"]
    assert page.locator("rect.column.out").count() == 2  # of the earlier months, which stay on the chart
    assert page.locator("[data-field=publisher] input:checked").count() == 1
    assert page.inner_text("#coverage p").count("2020") >= 1
    page.locator("[data-field=publisher] li", has_text="Town Times").locator("input").check()
    window.until("location.search.includes('Town')")
    window.settle()
    assert page.input_value("#q") == 'harbour strike "talk of the town" -"wheat"'
    assert page.evaluate("new URLSearchParams(location.search).get('since')") == "2020-03-01"
    assert {"Hill Herald", "Town Times"} >= set(page.locator("#lists .meta b").all_inner_texts())
    page.locator("[data-field=publisher] li", has_text="Town Times").locator("input").uncheck()
    window.until("!location.search.includes('Town')")
    window.settle()
    assert page.inner_text("#summary") == matching
    handle = page.locator("[data-handle=first]")
    handle.focus()
    page.keyboard.press("ArrowRight")
    window.until("location.search.includes('since=2020-04')")


def test_compared_searches_say_their_own_conditions(window: Window) -> None:
    queries = {"q": "harbour strike since:2020-06", "q2": "opera house language:en since:2020-06"}
    page = window.open(f"?{urlencode(queries)}")
    assert page.locator(".column-1 > .small").count() == 0
    assert page.inner_text(".column-2 > .small") == "Only language English"
    assert len(page.locator("#chosen .chip").all()) == 1


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


def test_back_undoes_one_thing_after_the_other(window: Window) -> None:
    page = window.open()
    page.keyboard.type("harbour strike")
    page.keyboard.press("Enter")
    window.settle()
    page.keyboard.press("Enter")  # once more changes nothing
    page.locator("[data-field=section] input").first.check()
    window.until("location.search.includes('section')")
    window.settle()
    faceted = page.url.removeprefix(window.address)
    page.fill("#q", "")
    page.focus("#q")
    page.keyboard.type("opera house")
    window.settle()
    page.locator("[data-handle=last]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    window.until("location.search.includes('until')")
    window.settle()
    addresses = []
    for _ in range(4):
        page.go_back()
        window.settle()
        addresses.append(page.url.removeprefix(window.address))
    assert addresses == [faceted.replace("harbour+strike", "opera+house"), faceted, STRIKE, ""]
    assert page.input_value("#q") == ""


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


def test_exports_of_the_closest_of_two_searches_and_of_a_chosen_time(window: Window) -> None:
    def exported(label: str) -> str:
        page.click("#export summary")
        with page.expect_download() as started:
            page.click(f"#export button:has-text('{label}')")
        return Path(started.value.path()).read_text(encoding="utf-8")

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
    answers = json.loads(exported("JSON"))
    assert [answer["query"] for answer in answers] == ["harbour strike", "opera house"]
    starts = [row.split(",")[0] for row in exported("Comparison").splitlines()[1:]]
    assert "2020-03-02" <= min(starts) <= max(starts) < "2020-06"


def test_the_keyboard_stays_where_it_was(window: Window) -> None:
    page = window.open(f"{STRIKE}&interval=month")

    def after(selector: str, key: str, wait: str) -> str:
        page.locator(selector).first.focus()
        page.keyboard.press(key)
        window.until(wait)
        window.settle()
        page.wait_for_timeout(50)
        told: str = page.evaluate(
            "(({activeElement: here}) => here.id || here.dataset.name"
            " || here.getAttribute('aria-label') || here.innerText)(document)"
        )
        return told

    said = "location.search.includes"
    for field in ("publisher", "section"):
        told = after(f"[data-field={field}] li:nth-child(2) input", "Space", f"{said}('{field}')")
        assert told.startswith(f"{field} ")
    assert after("#chosen .chip", "Enter", f"!{said}('publisher')").startswith("Remove the filter ")
    assert after("#chosen .chip", "Enter", f"!{said}('section')") == "results"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText") == window.titles()[0]
    page.click("#facets summary:text-is('desk')")
    page.wait_for_selector("[data-tag=desk] input")
    assert after("[data-tag=desk] li:nth-child(2) input", "Space", f"{said}('desk')").startswith("tag desk=")
    assert after("#scale", "ArrowDown", f"{said}('scale=count')") == "scale"
    assert after("#interval", "ArrowDown", f"{said}('interval=year')") == "interval"
    assert after("#once", "Space", f"{said}('copies=once')") == "once"
    assert after("#shown", "ArrowDown", f"{said}('shown=latest')") == "shown"
    page.click("#timeline summary:text-is('Table')")
    assert after("text=Last 30 days", "Enter", f"{said}('since')") == "Last 30 days"
    page.wait_for_selector("#timeline table td")
    page.click("#save-button")
    page.keyboard.press("Enter")
    assert after("#saved .edit button", "Enter", "document.querySelector('#saved .star')").startswith("Star: ")
    assert after("#saved .edit button:nth-child(3)", "Enter", "!document.querySelector('#saved .edit')") == "results"
    page.focus("#export summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.innerText") == "Export"
    page.focus("#skip")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText") == window.titles()[0]


@pytest.mark.parametrize("width", [320, 360, 412, 650, 900])
def test_the_export_menu_is_on_the_screen(browser: Any, address: str, width: int) -> None:
    window = Window(browser, address, viewport={"width": width, "height": 740})
    page = window.open(f"{STRIKE}&shown=latest")
    page.click("#export summary")
    box = page.locator("#export .panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    window.context.close()


def test_the_last_days_count_back_from_the_newest_article(window: Window) -> None:
    page = window.open(f"{STRIKE}&since=2020-02&until=2020-03")
    page.click("text=Last 7 days")
    window.until("location.search.includes('until=2020-12')")
    assert "since=2020-12" in page.url


def test_all_articles_can_be_listed(window: Window) -> None:
    page = window.open("?publisher=Hill+Herald")
    total = int(page.inner_text("#summary").split()[0])
    assert len(window.titles()) == 20
    page.click("text=More results")
    window.until(f"document.querySelectorAll('#lists .hit').length === {total}")
    assert page.locator(".more-hits").count() == 0


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


def test_days_are_those_of_filters_and_copies_without_a_date_have_no_order(
    browser: Any, tmp_path: Path, hashing: Encoder
) -> None:
    text = "Dockers unloaded the first container ships at the second quay, which the board had opened. " * 3
    late = parse_date("2020-05-08T23:30:00-05:00")
    made = [
        article("a", text, published=late, publisher="Hill Herald", language="en"),
        article("b", text + "It rained.", published=day(200), publisher="Hill Herald", language="en"),
        article("c", text + "It snowed.", publisher="صحيفة", language="en"),
    ]
    Index.build(made, tmp_path / "index", encoder=hashing).close()
    with live(tmp_path / "index", hashing) as served:
        window = Window(browser, f"{served}/")
        page = window.open("?q=dockers+quay&since=2020-05-09&until=2020-05-09")
        assert "9 May 2020" in page.inner_text("#lists .meta")
        window.open("?q=dockers+quay")
        page.click("text=Also in 1 outlet")
        rows = page.locator(".copies li").all_inner_texts()
        assert [row.split()[-1] for row in rows] == ["first", "latest", "date"]
        assert page.locator(".copies bdi").count() == 3
        page.locator("#lists .hit h2 a").first.click()
        page.wait_for_selector("#article-view h1")
        assert "9 May 2020 04:30 UTC (8 May 2020 23:30 -05:00)" in page.inner_text(".details")
        page.keyboard.press("Escape")
        page.click("#export summary")
        with page.expect_download() as started:
            page.click("#export button:has-text('RIS')")
        assert "DA  - 2020/05/09/" in Path(started.value.path()).read_text(encoding="utf-8")
        window.context.close()


def test_clicks_on_two_bars_and_a_time_without_bars(window: Window) -> None:
    page = window.open(f"{STRIKE}&interval=month&publisher=&section=")
    assert page.locator("#chosen .chip").count() == 0
    box = page.locator(".plot svg").bounding_box()
    for part in (0.3, 0.8):
        page.mouse.click(box["x"] + part * box["width"], box["y"] + 40)
        page.wait_for_timeout(100)
    window.until("location.search.includes('since=2020-10') || location.search.includes('since=2020-09')")
    window.open(f"{STRIKE}&since=2030")
    assert page.locator(".brush, .column:not(.out)").count() == 0
    assert page.locator(".column.out").count() > 5
    assert page.inner_text("#chosen .chip").startswith("2030 – …")
    window.open(f"{STRIKE}&since=2020&until=2020")
    assert page.inner_text("#chosen .chip") == "2020 ×"


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


def test_no_match_by_date_offers_the_closest(window: Window) -> None:
    page = window.open("?q=zebra+quantum&sort=date")
    assert "verdict you chose" not in page.inner_text("#state")
    page.click("text=Show the closest passages")
    page.wait_for_selector("#lists .hit")


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
