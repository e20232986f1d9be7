"""How soon does the page answer in a real browser? A session of typing, filtering, brushing and reading.

    semsearch serve -i DIR --port 8765 &
    python scripts/bench_page.py http://127.0.0.1:8765/ [--words 40]

Words of the index's own headlines are typed key by key, as fast as people type, and the milliseconds from the last key
to the frame that shows the first hit are measured. Then come the interaction to next paint and the layout shift as the
browser counts them (PerformanceObserver), and what was loaded before the first search.
"""

import argparse
import random
import shutil
import time
from typing import Any

import numpy as np
from bench_serve import headlines
from playwright.sync_api import sync_playwright

OBSERVED = """
window.interactions = new Map();
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.interactionId)
      interactions.set(entry.interactionId, Math.max(entry.duration, interactions.get(entry.interactionId) ?? 0));
}).observe({ type: "event", buffered: true, durationThreshold: 16 });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
addEventListener("keydown", ({ timeStamp }) => (window.lastKey = timeStamp), true);
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const drawn = () => setTimeout(() => (window.firstHit = performance.now()));
  if (document.querySelector("#lists .verdict")) requestAnimationFrame(drawn);
}).observe(document.getElementById("lists"), { childList: true }));
"""
"""Script of the browser's own measurements. A key counts from when the browser got it, a hit when its frame is done."""

KEY_MS = 80
"""Between two keys: 75 words a minute."""

SETTLED_MS = 1_500
LONGEST_MS = 10_000
"""Longer times count as this much."""


def typed(page: Any, text: str) -> float:
    """Type a query in place of the last one; returns the milliseconds from the last key to the first hit."""
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(text, delay=KEY_MS)
    end = time.monotonic() + LONGEST_MS / 1_000
    while time.monotonic() < end:
        page.wait_for_timeout(SETTLED_MS)
        if page.evaluate("document.getElementById('results').ariaBusy") == "false":
            break
    waited = float(page.evaluate("firstHit - lastKey"))
    return waited if waited > 0 else LONGEST_MS


def session(page: Any, queries: list[str]) -> list[float]:
    """Use the page as people do; return the milliseconds that `typed` measured."""
    waited = []
    for number, query in enumerate(queries):
        waited.append(typed(page, query))
        if number % 4 == 0 and page.locator("#lists .hit h2 a").count():
            page.locator("#lists .hit h2 a").first.click()
            page.wait_for_selector("#article-view h1")
            page.keyboard.press("Escape")
            page.wait_for_selector("#search-view", state="visible")
        if number % 4 == 1 and page.locator(".facet input").count():
            page.locator(".facet input").first.click()
            page.wait_for_timeout(SETTLED_MS)
            page.locator(".facet input").first.click()
        if number % 4 == 2 and page.locator("[data-handle=last]").count():
            page.locator("[data-handle=last]").focus()
            page.keyboard.press("ArrowLeft")
            page.wait_for_timeout(SETTLED_MS)
            page.locator("[data-handle=last]").focus()
            page.keyboard.press("Escape")
        page.wait_for_timeout(SETTLED_MS)
    return waited


def main() -> None:
    """Run, and print some lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="of the page, with a slash at its end")
    parser.add_argument("--words", type=int, default=40, help="queries to type")
    parser.add_argument("--browser", default=shutil.which("chromium"))
    arguments = parser.parse_args()
    words = sorted({word for title in headlines(arguments.address.rstrip("/"), 2_000) for word in title.split()})
    random.Random(1).shuffle(words)  # noqa: S311  the same order in every run
    queries = [" ".join(words[2 * number : 2 * number + 2]) for number in range(arguments.words)]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.add_init_script(OBSERVED)
        started = time.perf_counter()
        page.goto(arguments.address)
        page.wait_for_selector("#lists .hit")
        loaded = time.perf_counter() - started
        sent = page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".filter(({ initiatorType }) => initiatorType !== 'fetch').map(({ encodedBodySize }) => encodedBodySize)"
        )
        waited = session(page, queries)
        interactions = page.evaluate("[...interactions.values()]")
        moved = page.evaluate("moved")
        browser.close()
    p50, p95 = np.percentile(waited, [50, 95])
    print(f"first hit after the last key: p50 {p50:.0f}, p95 {p95:.0f} ms ({len(waited)} queries)")
    print(
        f"interaction to next paint: p98 {np.percentile(interactions or [0.0], 98):.0f} ms "
        f"({len(interactions)} of 16 ms or more); layout shift {moved:.4f}"
    )
    print(
        f"before the first search: {sum(sent) / 1000:.1f} kB in {len(sent)} requests; latest articles in {loaded:.2f} s"
    )


if __name__ == "__main__":
    main()
