"""Opening the report of 200 themes, 50 outlets and five years from disk in Chromium: overview, a theme, an outlet.

Baseline of the same run: an empty page. Milliseconds since navigation, medians of nine windows that share no cache; CPU is of the
page's main thread, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.report import make, timed

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PAGES = {"overview": "index.html", "a theme": "themes/theme_0.html", "an outlet": "outlets/outlet_1.html"}
WINDOWS = 9
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def opened(browser: Browser, page: Path) -> dict[str, float]:
    """Return when a page was loaded, when the charts in sight and all charts were drawn, and its CPU, in milliseconds."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(page.as_uri())
    found = {"loaded": tab.evaluate(LOADED)}
    if tab.locator(".chart").count():
        for name, selector in (("charts in sight", "body[data-drawn]"), ("all charts", "body[data-drawn=all]")):
            tab.wait_for_selector(selector, state="attached")
            found[name] = tab.evaluate("performance.now()")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    return found | {"CPU": metrics["TaskDuration"] * 1000}


def main() -> None:
    """Print the medians a page."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "report"
        make(Path(name) / "tidings.duckdb", 5)
        timed(Path(name) / "tidings.duckdb", folder)
        (folder / "empty.html").write_text("<!doctype html><title>Empty</title><p>Empty.")
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))
        for told, path in {"an empty page": "empty.html", **PAGES}.items():
            runs = [opened(browser, folder / path) for _ in range(WINDOWS)]
            print(f"{told}: " + ", ".join(f"{key} {statistics.median(run[key] for run in runs):.0f} ms" for key in runs[0]))
        browser.close()


if __name__ == "__main__":
    main()
