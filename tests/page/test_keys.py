"""The keyboard alone, and the way back through what was done."""

import pytest

from tests.browsing import STRIKE, Window

pytestmark = pytest.mark.slow


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


def test_an_input_method_has_its_keys_to_itself(window: Window) -> None:
    page = window.open(STRIKE)
    page.click("#help-button")
    page.focus("#q")
    # A browser sends these while somebody chooses among the characters that an input method offers.
    page.evaluate(
        """["ArrowDown", "Escape"].forEach((key) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true })))"""
    )
    assert (page.evaluate("document.activeElement.id"), page.is_visible("#help")) == ("q", True)


def test_brackets_may_need_another_key(window: Window) -> None:
    page = window.open(STRIKE)
    page.click("#lists .hit h2 a")
    page.wait_for_selector("#article-view mark")
    page.dispatch_event("body", "keydown", {"key": "]", "altKey": True, "bubbles": True})
    window.until("/Passage \\d of/.test(document.getElementById('live').textContent)")


def test_no_key_on_the_timeline_is_lost_while_the_server_counts(window: Window) -> None:
    page = window.open(STRIKE)
    page.focus("[data-handle=first]")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    window.settle()
    assert page.get_attribute("[data-handle=first]", "aria-valuenow") == "5"
    assert page.evaluate("document.activeElement.dataset.handle") == "first"
    assert "since=2020-02-03" in page.url  # the sixth week
