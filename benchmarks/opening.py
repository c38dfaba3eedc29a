"""Measure the time for opening a report of 200 themes, 50 outlets and five years in Chromium:
overview, theme and outlet.

The baseline is an empty page. Times are milliseconds since navigation, as medians of nine windows
without a common cache. CPU is the CPU time of the page's main thread.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.report import make, measure_report

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
PAGES = {
    "overview": "index.html",
    "a theme": "themes/theme_0.html",
    "an outlet": "outlets/outlet_1.html",
}
WINDOWS = 9
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def measure_page(browser: Browser, page: Path) -> dict[str, float]:
    """Return a page's times in milliseconds: loaded, visible charts drawn, all charts drawn, and
    CPU.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(page.as_uri())
    times = {"loaded": tab.evaluate(LOADED)}
    if tab.locator(".chart").count():
        for name, selector in (
            ("visible charts", "body[data-drawn]"),
            ("all charts", "body[data-drawn=all]"),
        ):
            tab.wait_for_selector(selector, state="attached")
            times[name] = tab.evaluate("performance.now()")
    metrics = {
        metric["name"]: metric["value"]
        for metric in session.send("Performance.getMetrics")["metrics"]
    }
    context.close()
    return times | {"CPU": metrics["TaskDuration"] * 1000}


def main() -> None:
    """Print the medians of each page."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "report"
        make(Path(name) / "tidings.duckdb", 5)
        measure_report(Path(name) / "tidings.duckdb", folder)
        (folder / "empty.html").write_text("<!doctype html><title>Empty</title><p>Empty.")
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))
        for title, path in {"an empty page": "empty.html", **PAGES}.items():
            runs = [measure_page(browser, folder / path) for _ in range(WINDOWS)]
            print(
                f"{title}: "
                + ", ".join(
                    f"{key} {statistics.median(run[key] for run in runs):.0f} ms" for key in runs[0]
                )
            )
        browser.close()


if __name__ == "__main__":
    main()
