"""The report in Chromium, opened from disk: it draws, filters, finds and copies, asks nobody, and hostile texts do nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "index.html",
    "themes.html",
    "outlets.html",
    "candidates.html",
    "method.html",
    "themes/grain.html",
    "outlets/gazette.html",
]
WITH_ALL_MARTS = ["hostile:index.html", "hostile:candidates.html", "hostile:outlets/*.html", "hostile:themes/i-theme*.html"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PAGES, *WITH_ALL_MARTS])
def test_pages_open_in_silence_and_axe_finds_nothing_serious(ordinary_report, hostile_report, visit, name, scheme):
    """A page opens from disk without a word in the console, asks no host and draws every chart, in light and in dark.

    axe-core finds no serious or critical fault, tables, SQL and buttons unfolded.
    """
    folder, _, name = name.rpartition(":")
    visited = visit(next((hostile_report if folder else ordinary_report).glob(name)), color_scheme=scheme)
    page = visited.page
    assert visited.said == []
    assert {url.split(":")[0] for url in visited.asked} <= {"file", "data"}
    assert page.locator(".chart svg").count() == page.locator(".chart").count()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(150)
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
    assert serious == []


@pytest.mark.parametrize("width", [1400, 390])
def test_pages_fit_the_screen(ordinary_report, visit, width):
    """No page is wider than the screen, a telephone's included."""
    for name in PAGES:
        page = visit(ordinary_report / name, viewport={"width": width, "height": 800}).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_line_breaks_at_a_gap(ordinary_report, visit):
    """The gazette's line is in two pieces around its week without coverage, where a dashed box stands open."""
    page = visit(ordinary_report / "themes/grain.html").page
    chart = page.locator(".small", has_text="The Gazette").locator("svg")
    paths = [path.get_attribute("d") or "" for path in chart.locator("path[stroke='var(--accent)']").all()]
    pieces = {path.count("M") for path in paths if "L" in path}
    assert pieces == {2}
    assert chart.locator("path[stroke-dasharray='2,2']").count() == 1


def test_filters_filter_and_heads_sort(ordinary_report, visit):
    """The filter keeps what fits by any of its words, Chinese too, tells how many, and a head's button sorts, unknown last."""
    page = visit(ordinary_report / "themes.html").page
    rows = page.locator("#themes tbody tr:visible")
    page.get_by_label("Name").fill("food")
    assert rows.count() == 1
    assert page.get_by_text("1 of 4 rows").is_visible()
    page.get_by_label("Name").fill("标签")
    assert rows.count() == 4
    page.get_by_label("Only themes that appear").check()
    assert rows.count() == 3
    page.get_by_role("button", name="Articles, total").click()
    counts = [int(text) for text in page.locator("#themes tbody tr:visible td:last-child").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Articles")


def test_search_leads_on_by_keyboard(ordinary_report, visit):
    """Words typed into the search find themes, phrases and outlets; arrows and Enter lead to the page."""
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


def test_a_table_stands_behind_a_figure(ordinary_report, visit):
    """Unfolding Table shows the figure's rows."""
    page = visit(ordinary_report / "themes/grain.html").page
    page.locator("#figure-share-week").get_by_text("Table").click()
    rows = page.locator("#figure-share-week tbody tr")
    rows.last.wait_for()
    assert rows.count() == 12
    assert rows.last.locator("td").all_inner_texts()[:3] == ["2026-05-18", "2026-05-25", "50.0%"]


def test_sql_is_copied(ordinary_report, ordinary_release, visit):
    """Copy SQL puts a statement on the clipboard that the release answers with the figure's own rows."""
    import duckdb

    page = visit(ordinary_report / "themes/grain.html").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#figure-share-week").get_by_text("SQL").first.click()
    page.locator("#figure-share-week").get_by_role("button", name="Copy SQL").click()
    page.get_by_role("button", name="Copied").wait_for()
    query = page.evaluate("navigator.clipboard.readText()")
    with duckdb.connect(ordinary_release, read_only=True) as con:
        con.execute("set search_path = 'marts,core,ops,ref'")
        assert len(con.execute(query).fetchall()) == 12


def test_the_first_lines_lead_on(hostile_report, ordinary_report, visit):
    """The first page's four short lists lead to themes, outlets' gaps and the sections below; what there is none of is said."""
    page = visit(hostile_report / "index.html").page
    assert page.locator(".glance section").count() == 4
    assert page.locator(".glance ul a").count() == 2  # a burst and a new phrase
    page = visit(ordinary_report / "index.html").page
    assert page.locator(".glance").get_by_text("Food security").get_attribute("href") == "themes/grain.html"
    assert page.locator(".glance").get_by_text("No gaps in the last 28 days.").is_visible()


def test_it_is_walked_by_keyboard(ordinary_report, visit):
    """The first Tab skips to the content; a figure's table, SQL and take-home unfold by key; focus is seen."""
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


def test_who_wants_no_motion_gets_none(ordinary_report, visit):
    """Scrolling is smooth only for those who did not ask for reduced motion."""
    page = visit(ordinary_report / "index.html", reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_texts_are_told_in_their_language(ordinary_report, visit):
    """Chinese phrases, names, titles and sentences carry their language, so that fonts and voices fit."""
    page = visit(ordinary_report / "themes/grain.html").page
    assert page.locator("html").get_attribute("lang") == "en"
    for place in (".names span", "#phrase-table tbody th span", ".mentions h3 a", ".mentions blockquote"):
        assert page.locator(place).first.get_attribute("lang") == "zh", place


def test_every_snippet_runs(ordinary_report, ordinary_release, visit):
    """Each SQL below a figure is a statement that the release answers."""
    import duckdb

    queries = set()
    for name in (*(one for one in PAGES if one != "method.html"), "themes/water.html", "outlets/daily.html"):
        queries |= set(visit(ordinary_report / name).page.locator("details.sql code").all_text_contents())
    assert len(queries) > 12
    with duckdb.connect(ordinary_release, read_only=True) as con:
        con.execute("set search_path = 'marts,core,ops,ref'")
        for query in queries:
            con.execute(query).fetchall()


def test_hostile_texts_do_nothing(hostile_report, visit):
    """Where every text tries to be code, no page changes its title, says a word, asks a host, or opens a script's address."""
    for path in sorted(hostile_report.rglob("*.html")):
        visited = visit(path)
        page = visited.page
        page.get_by_role("searchbox", name="Search themes").first.fill("script")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.mouse.move(300, 400)
        page.wait_for_timeout(100)
        assert "pwned" not in page.title().replace("<script>document.title='pwned'</script>", "").replace(
            "<svg onload=document.title='pwned'>", ""
        ).replace("\" onmouseover=\"document.title='pwned'", ""), path
        assert visited.said == [], path
        assert {url.split(":")[0] for url in visited.asked} <= {"file", "data"}, path
        assert page.locator("a[href^='javascript']").count() == 0


def test_it_prints_with_charts_and_sources(ordinary_report, visit):
    """On paper the charts, their sources and the evidence's addresses stay; filters, search and buttons go."""
    page = visit(ordinary_report / "themes/grain.html").page
    page.emulate_media(media="print")
    assert page.get_by_role("navigation", name="Report").is_hidden()
    assert page.locator("details.download").first.is_hidden()
    assert page.locator("#phrase-table thead").get_by_text("Articles", exact=True).is_visible()
    assert page.locator(".copy").first.is_hidden()
    assert page.locator(".chart svg").first.is_visible()
    assert page.locator("#figure-share-week .source").is_visible()


def test_without_a_script_the_words_are_there(ordinary_report, browser):
    """Without JavaScript the text, the tables and each chart's description can be read."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((ordinary_report / "themes/grain.html").as_uri())
    assert page.locator("mark").first.is_visible()
    assert "Line chart of 12 weeks" in page.locator(".chart").first.get_attribute("aria-label")
    context.close()
