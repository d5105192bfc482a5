"""``python tests/serve/page/screenshots.py docs`` takes docs/page.png and docs/review.png anew, 1280 pixels wide."""

from __future__ import annotations

import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from browsing import Page, browser, running

from triage.pipeline import load

WIDTH = 1280
EXAMPLES = files("triage.serve.page") / "static" / "examples.json"


def take(page: Page, file: Path) -> None:
    """Take the whole page, however long it is, and no empty ground below it."""
    page.driver.set_window_size(WIDTH, 700)
    page.driver.execute_script("scrollTo(0, 0)")
    height = page.driver.execute_script("return document.querySelector('main').getBoundingClientRect().bottom")
    size = {"width": WIDTH, "height": round(height), "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.driver.save_screenshot(str(file))
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def main(folder: Path) -> None:
    """Decide the examples, and take both views."""
    texts = [one["text"] for one in json.loads(EXAMPLES.read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory() as kept, running(Path(kept), loader=load) as service, browser() as driver:
        page = Page(driver, service)
        driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Shanghai"})
        page.open(key=service.desk_key)
        # The first example comes last: it is the one that stays on the page.
        for text in [*texts[1:], texts[0]]:
            page.decide(text)
        page.one("h1").click()
        take(page, folder / "page.png")
        page.open("/#review", key=service.desk_key)
        page.until(lambda: page.all(".row"))
        page.one("#row-demands").click()
        page.press("9", "w")
        take(page, folder / "review.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
