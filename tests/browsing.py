"""The page in a real Chromium, and an index with all that is awkward to show."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from semsearch import Index
from semsearch.encoders import load_encoder
from semsearch.types import Article
from tests.making import article, day

STRIKE = "?q=harbour+strike"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
HOSTILE = (
    ("script", f"Title {SCRIPT}", f"The ferry {SCRIPT} sank in the harbour. {SCRIPT}"),
    ("bidi", "Ferry \u202egnp.exe\u202c \u2066hidden\u2069", "The \u202eferry\u202c sank in \u200four harbour."),
    ("long", "Ferry " + "w" * 100_000, "The ferry sank in the harbour again. " + "x" * 5_000),
    ("wide", "Ferry " + "long words without an end " * 4_000, "Another ferry in the harbour was late."),
    ("emoji", "Ferry 👩‍👩‍👧‍👦 𝔉𝔢𝔯𝔯𝔶", "𝔗𝔥𝔢 ferry 🚢 sank in the harbour. 👩‍👩‍👧‍👦 It was raised. Divers came."),
    ("untitled", "\u200b", "A ferry without a headline left the harbour."),
)
"""Names, titles and texts."""

FOREIGN = (
    ("arabic", "غرق عبارة في الميناء (3 صور)", "غرقت العبارة في الميناء صباح اليوم. وصل رجال الإنقاذ بعد ساعة.", "ar"),
    ("chinese", "港口渡轮沉没", "渡轮今天早上在港口沉没。救援人员一小时后到达。", "zh"),
)


def corpus() -> list[Article]:
    """Reports of a year from four outlets, one carried by three of them, in several languages."""
    outlets = ("Coast Courier", "Hill Herald", "Town Times", "Talbote")
    subjects = ("harbour strike", "wheat harvest", "glacier ice", "city marathon", "opera house", "bridge repair")
    found = []
    for number in range(120):
        subject = subjects[number % 6]
        found.append(
            article(
                f"r{number}",
                f"The {subject} was the talk of the town on day {number}. Nobody knew how it would end.\n\n"
                f"Report {number} says that the {subject} will be discussed again. The council meets on Monday.\n\n"
                f"Elsewhere life went on as before, and the weather in week {number // 7} was fair.",
                title=f"The {subject}, day {number}",
                published=None if number % 40 == 39 else day(3 * number),
                publisher=outlets[number % 4],
                authors=("Ann Ash",) if number % 2 else ("Bo Birch",),
                language="en",
                section=("economy", "culture", "politics")[number % 3],
                tags={"topics": (subject.split()[0],), "desk": ("north" if number % 2 else "south",)},
                indexed="2021-01-01T00:00:00Z",
            )
        )
    wire = "Dockers unloaded the first container ships at the second quay on Tuesday, which the board had opened. " * 3
    carried: dict[str, Any] = {"title": "Dockers at the quay", "language": "en", "section": "economy"}
    found += [
        article(
            f"wire{number}",
            wire + number % 2 * "It was a fair day.",
            published=day(200 + number),
            publisher=outlets[number],
            **carried,
        )
        for number in range(3)
    ]
    found += [
        article(name, text, title=title, published=day(300), publisher=f"{title[:4]} News", language=language)
        for name, title, text, language in FOREIGN
    ]
    found += [
        article(name, text, title=title, published=day(310), publisher="Talbote", language="en")
        for name, title, text in HOSTILE
    ]
    return found


def index(place: Path) -> Path:
    """Make the index."""
    Index.build(corpus(), place, encoder=load_encoder("hashing"), passage_tokens=24).close()
    return place


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser with nothing in it; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


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
