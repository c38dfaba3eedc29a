"""Releases for the report's tests, an ordinary one and a hostile one, and a browser to open their reports.

Without Chromium the browser's tests are skipped, saying so; in CI (the variable CI is set) they fail instead.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tidings.flows.report import write_report

if TYPE_CHECKING:
    from types import ModuleType


def _maker() -> ModuleType:
    name = "tests_small_release"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("small_release.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


small = _maker()
WATER, GRAIN = ("water", "p_water", "clean water"), ("grain", "p_grain", "粮食安全")


_made: dict[str, bytes] = {}  # a release is made row by row once, then copied


def ordinary(path: Path, **more: object) -> Path:
    """Write a release of twelve weeks: water is steady, grain comes up in the last three; the gazette was not covered for one."""
    kind = repr(sorted(more.items()))
    if kind not in _made:
        _made[kind] = _make_ordinary(path, **more).read_bytes()
    path.write_bytes(_made[kind])
    return path


def _make_ordinary(path: Path, **more: object) -> Path:
    articles = []
    for number in range((small.LAST - small.FIRST).days + 1):
        day = small.FIRST + dt.timedelta(days=number)
        is_water, is_grain = number % 3 == 0, number > 63
        articles.append(
            small.Article(
                "daily",
                day,
                f"It rained. The council wants clean water, and soon. Number {number}.",
                themes=[WATER] if is_water else [],
            )
        )
        articles.append(
            small.Article(
                "gazette",
                day,
                f"天气晴。会议指出，粮食安全是头等大事。第{number}号。",
                "会议",
                language="zh",
                themes=[GRAIN] if is_grain else [],
            )
        )
    gap = [dt.date(2026, 4, 6) + dt.timedelta(days=number) for number in range(7)]
    return small.write_release(
        path,
        articles,
        publishers=[("daily", "The Daily"), ("gazette", "The Gazette")],
        themes=[
            ("supply", None, "Supply"),
            ("water", "supply", "Clean water"),
            ("grain", "supply", "Food security"),
            ("dust", None, "Dust"),
        ],
        phrases=[
            ("p_water", "water", "en", "clean water"),
            ("p_grain", "grain", "zh", "粮食安全"),
            ("p_dry", "dust", "en", "dust"),
        ],
        gaps=frozenset(("gazette", day) for day in gap),
        **more,
    )


HOSTILE = [
    "<script>document.title = 'pwned'</script>",
    '"><img src=x onerror="document.title=\'pwned\'">',
    "</script><script>document.title='pwned'</script><!--",
    '=HYPERLINK("https://evil.example")',
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "\u202eright to left \u2067and back",
    "long " * 400,
]


def hostile(path: Path) -> Path:
    """Write a release whose every text tries to be code."""
    phrase = "</script><b>bold</b>"
    articles = [
        small.Article(
            "../../evil", small.LAST - dt.timedelta(days=number), f"Before. {text} {phrase} after. End.", text,
            url="javascript:document.title='pwned'" if number % 2 else f'https://news.example/{number}?a="><script>',
            themes=[("<i>theme</i>", "p'1", phrase)],
        )
        for number, text in enumerate(HOSTILE)
    ]  # fmt: skip
    made = small.write_release(
        path,
        articles,
        publishers=[("../../evil", "<script>document.title='pwned'</script>")],
        themes=[
            ("area", None, "\" onmouseover=\"document.title='pwned'"),
            ("<i>theme</i>", "area", "<svg onload=document.title='pwned'>"),
        ],
        phrases=[("p'1", "<i>theme</i>", "en", phrase)],
        with_lives=True,
    )
    with duckdb.connect(made) as con:
        con.execute("insert into marts.bursts values ('theme', '<i>theme</i>', ?, ?, 3.5, 7, 7, true)", [small.LAST, small.LAST])
        con.execute(
            "insert into marts.phrase_lives values ('p''1', '<i>theme</i>', ?, '../../evil', ?, false, ?, ?, 1, 1, null, 7)",
            [small.LAST, articles[0].article_id, small.LAST, small.LAST],
        )
        con.execute(
            "insert into marts.coverage values (?, '../../evil', '<u>', ?, 3, 2, 1, 0, 'listed_unretrievable')",
            ["</script><i>source</i>", small.LAST],
        )
        con.execute(
            "insert into marts.candidate_phrases values ('en', ?, 1, 2.5, 3, 0, 1, ?, '../../evil', ['<b>'], ?, ?)",
            [
                HOSTILE[0],
                small.LAST,
                [f"… {text} {HOSTILE[0]} …" for text in HOSTILE[:3]],
                [one.article_id for one in articles[:3]],
            ],
        )
        con.execute("insert into ref.speakers values ('x', 'en', '<script>document.title=''pwned''</script>')")
        con.execute(
            "insert into marts.statements values (?, 'x', '<b>', ?, ['<i>theme</i>'], ?, 'en')",
            [articles[1].article_id, HOSTILE[1], articles[1].day],
        )
    return made


def write(release: Path, folder: Path) -> object:
    with duckdb.connect(release, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return write_report(con, folder)


@pytest.fixture(scope="session")
def ordinary_release(tmp_path_factory):
    return ordinary(tmp_path_factory.mktemp("ordinary") / "tidings.duckdb")


@pytest.fixture(scope="session")
def ordinary_report(ordinary_release):
    write(ordinary_release, ordinary_release.parent / "report")
    return ordinary_release.parent / "report"


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write(hostile(folder / "tidings.duckdb"), folder / "report")
    return folder / "report"


@pytest.fixture
def makers():
    """The makers themselves, for tests that change a release between two reports."""

    class Makers:
        ordinary = staticmethod(ordinary)
        hostile = staticmethod(hostile)
        write = staticmethod(write)
        count_again = staticmethod(small.count_again)
        Article = small.Article
        insert = staticmethod(small._insert)

    return Makers


PROGRAM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser():
    if not Path(PROGRAM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium fonts-noto-cjk")
        pytest.skip("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        yield started
        started.close()


class Visit:
    """A page with all that it said and asked for."""

    def __init__(self, browser: Browser, path: Path, **options: object) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = browser.new_page(**options)
        self.page.set_default_timeout(8000)
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        if self.page.locator(".chart[data-figure]").count():
            self.page.wait_for_selector("body[data-drawn=all]", state="attached")


@pytest.fixture
def visit(browser):
    opened: list[Visit] = []

    def open_page(path: Path, **options: object) -> Visit:
        opened.append(Visit(browser, path, **options))
        return opened[-1]

    yield open_page
    for one in opened:
        one.page.close()
