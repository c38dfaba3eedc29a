"""Fixtures for the report's tests: two releases, their reports, and a browser that opens them.

Browser tests are skipped with a message if Chromium is missing. In CI, where the variable CI is
set, they fail instead.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.analysis.report.sample_releases import (
    write_files,
    write_hostile_release,
    write_ordinary_release,
)
from tests.analysis.report.small_release import insert_problems, insert_quality
from tidings.analysis.explore.saved import write_saved
from tidings.analysis.report.export import export_release

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
MISSING = "Chromium is missing: apt-get install chromium fonts-noto-cjk"


class Visit:
    """An opened page with its console messages and requested URLs."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page: Page = browser.new_page(**options)
        self.page.set_default_timeout(8000)
        self.page.on(
            "console", lambda message: self.messages.append(f"{message.type}: {message.text}")
        )
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        if self.page.locator(".chart[data-figure]").count():
            self.page.wait_for_selector("body[data-drawn=all]", state="attached")


@pytest.fixture(scope="session")
def ordinary_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the ordinary release."""
    return write_ordinary_release(tmp_path_factory.mktemp("ordinary") / "tidings.duckdb")


@pytest.fixture(scope="session")
def ordinary_report(ordinary_release: Path) -> Path:
    """Return the folder of the ordinary release's report."""
    write_files(ordinary_release, ordinary_release.parent / "report")
    return ordinary_release.parent / "report"


@pytest.fixture(scope="session")
def coded_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the report of the ordinary release with coded articles."""
    folder = tmp_path_factory.mktemp("coded")
    release = write_ordinary_release(folder / "tidings.duckdb")
    with duckdb.connect(release) as con:
        insert_quality(con)
    write_files(release, folder / "report")
    return folder / "report"


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the hostile release's report."""
    folder = tmp_path_factory.mktemp("hostile")
    write_files(write_hostile_release(folder / "tidings.duckdb"), folder / "report")
    return folder / "report"


@pytest.fixture(scope="session")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a release with data problems, its report and its export."""
    folder = tmp_path_factory.mktemp("problems")
    release = write_ordinary_release(folder / "tidings.duckdb")
    with duckdb.connect(release) as con:
        insert_problems(con)
    write_files(release, folder / "report")
    with duckdb.connect(release, read_only=True) as con:
        export_release(con, folder / "export", with_xlsx=True)
    return folder


@pytest.fixture(scope="session")
def demo_report(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sample's report with one saved question."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "saved_questions.csv").write_text(
        "question_id,name,query\nfood,Food,?s=theme:food_security\n", encoding="utf-8"
    )
    shutil.copy(sample_night.lake.release_file, folder / "tidings.duckdb")
    lake = type(sample_night.lake)(folder)
    assert write_saved(lake, [folder], pytest.fail) == 1
    write_files(folder / "tidings.duckdb", lake.report)
    return Path(lake.report)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a page with options and waits for its charts."""
    visits: list[Visit] = []

    def open_page(path: Path, **options: Any) -> Visit:
        visits.append(Visit(browser, path, **options))
        return visits[-1]

    yield open_page
    for opened in visits:
        opened.page.close()
