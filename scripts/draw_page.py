"""Draw the pictures of the page that the documentation shows, in light and dark, from the sample index.

    semsearch serve -i index --port 8765 &
    python scripts/draw_page.py http://127.0.0.1:8765/

It needs playwright and a Chromium.
"""

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs/images"
PICTURES = {"page.png": "light", "page-dark.png": "dark"}
QUERY = "?q=malaria+vaccine"


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="of the page, with a slash at its end")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox", "--disable-gpu"])
        for name, scheme in PICTURES.items():
            page = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme=scheme)
            page.goto(f"{arguments.address}{QUERY}")
            for part in ("#lists mark", "#facets label", "#timeline .column", "#coverage li"):
                page.wait_for_selector(part)
            page.screenshot(path=IMAGES / name)
        browser.close()


if __name__ == "__main__":
    main()
