"""Test the report in Chromium: charts, filters, search, accessibility, print, hostile texts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from tests.analysis.report.conftest import Visit
from tests.cases import cases
from tidings.base.functions import create_functions

pytestmark = pytest.mark.slow

# Each template once, and the first page and a theme of three releases. The hostile release has all
# marts.
ACCESSIBLE = """
    index.html themes.html outlets.html method.html themes/grain.html
    hostile:index.html hostile:candidates.html hostile:problems.html hostile:rights.html
    hostile:outlets/*.html hostile:themes/i-theme*.html coded:themes/water.html
""".split()


@pytest.mark.parametrize("name", ACCESSIBLE)
def test_pages_are_accessible_and_fit(
    request: pytest.FixtureRequest, visit: Callable[..., Visit], name: str
) -> None:
    """A page opens from disk without console messages or requests to a host, and draws every chart.

    With all details open, axe-core reports no serious or critical violation, and no low contrast in
    the dark scheme, which differs only in colours. The page is not wider than a screen or a phone.
    """
    folder, _, name = name.rpartition(":")
    report: Path = request.getfixturevalue(f"{folder or 'ordinary'}_report")
    visited = visit(next(report.glob(name)), viewport={"width": 1400, "height": 800})
    page = visited.page
    assert visited.messages == []
    assert {url.split(":")[0] for url in visited.requests} <= {"file", "data"}
    assert page.locator(".chart svg").count() == page.locator(".chart").count()
    open_details(page)
    page.wait_for_timeout(150)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=["color-contrast"]) == []
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def open_details(page: Page) -> None:
    """Open all folded parts of a page."""
    page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )


def violations(page: Page, **options: Any) -> list[tuple[str, str]]:
    """Return the rules that a page violates seriously, each with its first element."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    return [
        (rule["id"], rule["nodes"][0]["html"])
        for rule in found.response["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]


@cases(
    "name, table",
    ("themes.html", "#themes"),
    ("themes/grain.html", "#figure-share-week table"),
)
def test_first_column_stays(
    ordinary_report: Path, visit: Callable[..., Visit], name: str, table: str
) -> None:
    """On a phone, a wide table's first column and its heading stay while others scroll."""
    page = visit(ordinary_report / name, viewport={"width": 390, "height": 800}).page
    open_details(page)
    page.locator(f"{table} tbody tr").first.wait_for()
    places = page.locator(table).evaluate(
        "(table) => { const pane = table.closest('.scroll'); pane.scrollLeft = 100;"
        " return [pane, table.rows[0].cells[0], table.rows[1].cells[0], table.rows[1].cells[1]]"
        ".map((part) => part.getBoundingClientRect()).map((box) => [Math.round(box.left),"
        " Math.round(box.right)]); }"
    )
    pane, heading, first, second = places
    assert pane[0] == heading[0] == first[0]
    assert second[0] < first[1]  # the second column passes below the first


def test_filters_and_sorting(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """A filter matches words in English and Chinese and shows the number of rows. A click on a
    heading sorts.

    Themes without articles in the last 28 days are hidden until the reader clears the box.
    """
    page = visit(ordinary_report / "themes.html").page
    rows = page.locator("#themes tbody tr:visible")
    assert rows.count() == 3
    assert page.get_by_text("3 of 4 themes; 1 without recent articles not shown").is_visible()
    page.get_by_label("Name").fill("food")
    assert rows.count() == 1
    assert page.get_by_text("1 of 4 themes").is_visible()
    page.get_by_label("Name").fill("标签")
    assert rows.count() == 3
    page.get_by_label("Only themes in articles of the last 28 days").uncheck()
    assert rows.count() == 4
    page.get_by_role("button", name="Mention, all days").click()
    cells = page.locator("#themes tbody tr:visible td:last-child")
    counts = [int(text) for text in cells.all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Mention,")
    page = visit(ordinary_report / "themes/grain.html").page
    output = page.locator("section[aria-labelledby=phrases] output")
    assert output.text_content() == "1 phrase"


def test_links_open_folded_parts(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """Long parts of a theme's page are folded; a link to one opens it, and printing all."""
    page = visit(ordinary_report / "themes" / "grain.html").page
    table = page.locator("#phrase-table")
    assert table.is_hidden()
    page.get_by_role("navigation", name="On this page").get_by_text("Phrases").click()
    table.wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".part:not([open]), .further:not([open])").count() == 0


def test_kinds_of_speakers_can_be_chosen(hostile_report: Path, visit: Callable[..., Visit]) -> None:
    """The list of speakers first shows persons and bodies; each box adds or removes a kind."""
    page = visit(next(hostile_report.glob("themes/i-theme*.html"))).page
    page.locator("#speakers").click()
    speakers = page.locator("#speaker-list > li:visible")
    assert speakers.count() == 1
    page.get_by_label("Offices without a name").check()
    assert speakers.count() == 2
    page.get_by_label("Persons").uncheck()
    assert speakers.count() == 1
    assert page.get_by_text("1 of 2 speakers").is_visible()


def test_search_by_keyboard(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """The search finds themes, phrases and outlets, and the arrow and Enter keys open a result."""
    page = visit(ordinary_report / "outlets/gazette.html").page
    box = page.get_by_role("searchbox", name="Search themes, phrases and outlets")
    box.fill("粮食")
    assert page.locator("#search-results a").all_inner_texts() == ["粮食安全Phrase"]
    box.press("Escape")
    assert page.locator("#search-results").is_hidden()
    box.fill("clean")
    box.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/themes/water.html*")
    assert page.locator("h1").inner_text() == "Clean water"


def test_tables_and_days_of_a_figure(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """Opening Table shows a figure's rows; days have three letters for the month."""
    page = visit(ordinary_report / "themes/grain.html").page
    page.locator("#figure-share-week").get_by_text("Table").click()
    rows = page.locator("#figure-share-week tbody tr")
    rows.last.wait_for()
    assert rows.count() == 12
    assert rows.last.locator("td").all_inner_texts()[:3] == ["2026-05-18", "2026-05-25", "50.0%"]
    page = visit(ordinary_report / "index.html").page
    days = page.evaluate("[1, 9].map((month) => formatDay(`2026-0${month}-03`))")
    assert days == ["3 Jan 2026", "3 Sep 2026"]
    assert page.evaluate("formatPeriod('2026-09-01', '2026-09-30', 'month')") == "September 2026"


def test_copied_sql_returns_the_rows(
    ordinary_report: Path, ordinary_release: Path, visit: Callable[..., Visit]
) -> None:
    """Copy SQL copies a statement that returns the figure's rows from the release."""
    page = visit(ordinary_report / "themes/grain.html").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#figure-share-week").get_by_text("SQL").first.click()
    page.locator("#figure-share-week").get_by_role("button", name="Copy SQL").click()
    page.get_by_role("button", name="Copied").wait_for()
    query = page.evaluate("navigator.clipboard.readText()")
    with duckdb.connect(ordinary_release, read_only=True) as con:
        con.execute("set search_path = 'marts,core,ops,ref'")
        assert len(con.execute(query).fetchall()) == 12


def test_short_lists_of_the_overview(
    hostile_report: Path, ordinary_report: Path, visit: Callable[..., Visit]
) -> None:
    """Four short lists link to themes and outlets or state that they are empty."""
    page = visit(hostile_report / "index.html").page
    assert page.locator(".glance section").count() == 4
    assert page.locator(".glance ul a").count() == 3  # a new phrase, its article and a problem
    page.locator(".happened summary").click()
    assert page.locator(".happened li li").count() == 3  # titles with the same words
    page = visit(ordinary_report / "index.html").page
    link = page.locator(".glance").get_by_text("Food security")
    assert link.get_attribute("href") == "themes/grain.html"
    assert page.locator(".glance").get_by_text("No gaps in the last 28 days.").is_visible()


def test_keyboard_navigation(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """The first Tab stop skips to the content, keys open a table, and the focus is visible."""
    page = visit(ordinary_report / "themes/grain.html").page
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    summary = page.locator("#figure-share-week details.data summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("#figure-share-week details.data tbody tr").last.wait_for()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_texts_have_their_language(ordinary_report: Path, visit: Callable[..., Visit]) -> None:
    """Chinese phrases, names, titles and sentences have a lang attribute."""
    page = visit(ordinary_report / "themes/grain.html").page
    assert page.locator("html").get_attribute("lang") == "en"
    places = ".names span, #phrase-table tbody th span, .mentions h3 a, .mentions blockquote"
    for place in places.split(", "):
        assert page.locator(place).first.get_attribute("lang") == "zh", place


def test_every_sql_snippet_runs(ordinary_report: Path, ordinary_release: Path) -> None:
    """Each SQL statement below a figure runs on the release."""
    queries = {
        code.text
        for path in ordinary_report.rglob("*.html")
        if path.name != "method.html"
        for code in BeautifulSoup(path.read_bytes(), "lxml").select("details.sql code")
    }
    assert len(queries) > 12
    with duckdb.connect(ordinary_release, read_only=True) as con:
        create_functions(con)  # a real release contains them
        con.execute("set search_path = 'marts,core,ops,ref'")
        for query in queries:
            con.execute(query).fetchall()


def test_hostile_texts_do_nothing(hostile_report: Path, visit: Callable[..., Visit]) -> None:
    """Hostile texts change no title, log nothing, send no request and link to no script."""
    for path in sorted(hostile_report.rglob("*.html")):
        visited = visit(path)
        page = visited.page
        page.get_by_role("searchbox", name="Search themes").first.fill("script")
        open_details(page)
        page.mouse.move(300, 400)
        page.wait_for_timeout(100)
        title = page.title()
        for name in ("<script>{}</script>", "<svg onload={}>", '" onmouseover="{}'):
            title = title.replace(name.format("document.title='pwned'"), "")
        assert "pwned" not in title, path
        assert visited.messages == [], path
        assert {url.split(":")[0] for url in visited.requests} <= {"file", "data"}, path
        assert page.locator("a[href^='javascript']").count() == 0


def test_print_layout_and_reduced_motion(
    ordinary_report: Path, visit: Callable[..., Visit]
) -> None:
    """Print hides filters, search and buttons, and keeps charts and their sources. Scrolling is not
    smooth if the user prefers reduced motion.
    """
    page = visit(ordinary_report / "themes/grain.html").page
    page.emulate_media(media="print")
    assert page.get_by_role("navigation", name="Report").is_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.download").first.is_hidden()
    assert page.locator("#phrase-table thead").get_by_text("Articles", exact=True).is_visible()
    assert page.locator(".copy").first.is_hidden()
    assert page.locator(".chart svg").first.is_visible()
    assert page.locator("#figure-share-week .source").is_visible()
    page = visit(ordinary_report / "index.html", reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_without_javascript(ordinary_report: Path, browser: Browser) -> None:
    """Without JavaScript the texts, tables and descriptions of charts are readable."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((ordinary_report / "themes/grain.html").as_uri())
    assert page.locator("mark").first.is_visible()
    assert "Line chart of 12 weeks" in (
        page.locator(".chart").first.get_attribute("aria-label") or ""
    )
    context.close()
