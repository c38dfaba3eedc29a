"""Test Explore in Chromium: series, words, links, files, keyboard, phone and hostile texts."""

import csv
import datetime as dt
import itertools
import re
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from lxml import etree

from tests.analysis.report.conftest import browser  # noqa: F401 - a fixture
from tests.transforms.conftest import attached, phrase_row
from tidings.analysis.explore.answers import answer, series_table
from tidings.analysis.explore.database import OpenRelease, ReleaseReader
from tidings.analysis.explore.question import parse_question
from tidings.analysis.explore.saved import SavedQuestions
from tidings.analysis.explore.server import create_app
from tidings.analysis.inputs import InputError
from tidings.storage.migrate import migrate
from tidings.storage.release import release

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=\"document.title='pwned'\"> <script>document.title='pwned'</script>"
FIRST = dt.date(2026, 6, 1)
TEXTS = {
    "en": (
        "Ports get a carbon price",
        "The council wants a carbon price. Nobody knows when the carbon price will come.",
    ),
    "zh": ("港口实行碳价格", "市政府计划明年实行碳价格。港口企业表示支持。"),
    "ru": ("Порты ждут", "Министр назвал цену на углерод. Порты ждут решения."),
}


def insert_rows(lake: Any, table: str, columns: str, *rows: tuple[Any, ...]) -> None:
    lake.insert(table, *(dict(zip(columns.split(", "), row, strict=True)) for row in rows))


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a release of twelve weeks: three scripts, hostile titles, an empty sixth week."""
    folder = tmp_path_factory.mktemp("explored lake")
    lake = attached(folder, folder / "dbt")
    lake.as_of = dt.datetime(2026, 8, 22, 22, tzinfo=dt.UTC)
    migrate(lake.con)
    insert_rows(
        lake,
        "ref.publishers",
        "publisher_id, name, time_zone, publisher_type, country",
        ("gazette", "The Gazette", "UTC", "official", "GB"),
        ("daily", f"Daily {HOSTILE}", "UTC", "independent", None),
    )
    insert_rows(
        lake,
        "ref.themes",
        "theme_id, parent_id, label_en, kind",
        ("climate", None, "Climate", "theme"),
        ("carbon", "climate", "Carbon price", "theme"),
        ("water", "climate", f"Water {HOSTILE}", "theme"),
    )
    lake.insert(
        "ref.theme_phrases",
        phrase_row("p1", "carbon", "carbon price"),
        phrase_row("p2", "carbon", "碳价格", language="zh", match_type="substring"),
        phrase_row("p3", "water", "river basin"),
    )
    citation = (f"A. Reader (2026). {HOSTILE}", "articles that match the query")
    insert_rows(
        lake,
        "ref.comparison_series",
        "series_id, name, unit, period, theme_id, citation, counted",
        ("gdelt", "GDELT: carbon", "share", "day", "carbon", *citation),
        ("uncertainty", f"Uncertainty {HOSTILE}", "index", "month", None, *citation),
    )
    days = [str(FIRST + dt.timedelta(days=number)) for number in range(83)]
    with lake.at_once():
        insert_rows(
            lake,
            "ref.comparison_points",
            "series_id, start_on, value, article_count, total_count",
            *(
                ("uncertainty", f"2026-0{month}-01", 90 + month, None, None)
                for month in range(1, 10)
            ),
            *(
                ("gdelt", day, (10 + number % 9) / 200, 10 + number % 9, 200)
                for number, day in enumerate(days)
                if number != 20
            ),
        )
        for number, day in enumerate(days):
            if 35 <= number < 42:
                continue
            language = list(TEXTS)[number % 3]
            title, body = TEXTS[language]
            lake.add_article(
                f"g{number}", "gazette", day, title, f"{body}\n\n{number}", language=language
            )
            body = f"A river basin. {HOSTILE} {number}"
            lake.add_article(f"d{number}", "daily", day, f"{HOSTILE} {number}", body)
    lake.build()
    facts: dict[str, Any] = {"lexicon": "words1", "code": "0", "run_id": "run"}
    facts |= {"passed": 1, "warned": 0}
    release(lake.con, lake.lake, now=lake.as_of, **facts)
    lake.con.close()
    return lake.lake.release_file


@pytest.fixture(scope="session")
def address(explored: Path) -> Iterator[str]:
    """Return the URL of Explore's server for the release."""
    with serving(explored) as url:
        yield url


@contextmanager
def serving(release_file: Path) -> Iterator[str]:
    """Run Explore's server for a release file and yield its URL."""
    app = create_app(ReleaseReader(release_file), SavedQuestions((release_file.parent / "seeds",)))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        running.join(20)


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:  # noqa: F811
    """Return a function that opens a state. A logged message or a foreign request fails."""
    problems: list[str] = []
    pages: list[Any] = []
    urls: list[str] = []

    def open_page(state: str = "", **options: Any) -> Any:
        page = browser.new_page(**options)
        page.set_default_timeout(8000)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda sent: urls.append(sent.url))
        page.goto(f"{address}/{state}")
        pages.append(page)
        shown(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems + [url for url in urls if not url.startswith((address, "data:", "blob:"))] == []


def shown(page: Any) -> None:
    """Wait until the page shows the state of its URL."""
    page.wait_for_function(
        "() => { const now = new URLSearchParams(location.search), shown = new"
        " URLSearchParams(document.body?.dataset.shown);"
        " now.sort(); shown.sort(); return location.search && String(now) === String(shown); }"
    )


def state_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def add(page: Any, text: str, option: str) -> None:
    """Type into the field for series and choose an option by its text."""
    page.get_by_role("combobox", name="Add a theme").fill(text)
    page.locator("[role=listbox]").get_by_role("option", name=option).first.click()
    shown(page)


def labels(page: Any) -> list[str]:
    return [str(text) for text in page.locator("#series li > span").all_inner_texts()]


def download(page: Any, name: str, role: str = "button") -> Path:
    if page.locator("#download").get_attribute("open") is None:
        page.locator("#download summary").click()
    with page.expect_download() as started:
        page.locator("#download").get_by_role(role, name=name, exact=True).click()
    return Path(started.value.path())


def test_first_visit_shows_a_chart_and_examples(visit: Any) -> None:
    """A visit without a question shows the largest themes, their articles and three examples."""
    page = visit()
    assert page.locator("#chart svg path[stroke='var(--s1)']").count() > 0
    assert page.locator("#articles li").count() == 20
    examples = page.locator("#examples a")
    assert examples.count() == 3
    examples.nth(1).click()
    shown(page)
    assert state_of(page)["publisher_type"] == ["official"]
    assert "only official outlets" in page.locator("#title").inner_text()


def test_series_and_words_in_three_scripts(visit: Any) -> None:
    """Suggestions add a theme; words in Latin, Han and Cyrillic are counted and highlighted."""
    page = visit("?s=language:en")
    add(page, "carbon", "Carbon price Theme")
    add(page, "碳价格", "Count “碳价格”")
    add(page, "цену на углерод", "Count")
    page.get_by_role("combobox", name="Add a theme").press_sequentially("nobody | harbour")
    page.get_by_role("option", name="Count “nobody” or “harbour”").wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    shown(page)
    words = ["“碳价格”", "“цену на углерод”", "“nobody” or “harbour”"]
    assert labels(page) == ["English", "Carbon price", *words]
    assert page.get_by_role("combobox", name="Add a theme").is_disabled()
    page.locator("#series li", has_text="English").get_by_role("button").click()
    shown(page)
    marks = set(page.locator("#articles mark").all_inner_texts())
    assert {"carbon price", "碳价格", "цену на углерод", "Nobody"} <= marks
    assert page.locator("#chart svg text", has_text="углерод").count() == 1


def test_link_and_back_button_restore_the_state(visit: Any) -> None:
    """A copied URL shows the same figures; the back button returns to the earlier question."""
    page = visit("?s=theme:carbon")
    controls = {"by": "month", "value": "count", "unit": "stories", "measure": "mentions",
                "confidence": "0.8"}  # fmt: skip
    for name, value in controls.items():
        page.locator(f"select[name={name}]").select_option(value)
        shown(page)
    add(page, "gazette", "The Gazette Outlet")
    page.locator("select[name=layout]").select_option("multiples")
    shown(page)
    other = visit(page.url[page.url.index("?") :])
    tables = [opened.locator("#table table").text_content() for opened in (other, page)]
    assert tables[0] == tables[1]
    assert other.locator(".plot > svg").count() == 2
    assert other.locator("#subtitle").inner_text() == (
        "Number of stories of each series, by month, texts right with a probability of at least 80"
        " %, 1 Jun – 31 Aug 2026"
    )
    page.go_back()
    page.go_back()
    shown(page)
    assert labels(page) == ["Carbon price"]
    assert page.locator("select[name=by]").input_value() == "month"


def test_a_copied_link_restores_the_state(visit: Any) -> None:
    """Copy link copies the address of the displayed state; without a clipboard, the button names
    the page's address instead.
    """
    page = visit("?s=theme:carbon&by=month&language=en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#share").click()
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    again = visit(link.partition("/?")[1][1:] + link.partition("/?")[2])
    assert state_of(again) == state_of(page)
    assert again.locator("#title").inner_text() == page.locator("#title").inner_text()
    page.get_by_role("button", name="Copy link").wait_for()
    page.evaluate("navigator.clipboard.writeText = async () => { throw new Error(); }; 0")
    page.locator("#share").click()
    page.get_by_role("button", name="Copy the address of this page").wait_for()


def test_a_question_is_saved_by_a_click(visit: Any) -> None:
    """A question with operators is saved under a name, listed, opened and deleted on the page,
    which states beside the button that it is saved.
    """
    page = visit("?s=language:en")
    add(page, "carbon AND (price OR tax) NOT 碳", "Count carbon AND")
    page.locator("#save summary").click()
    page.get_by_label("Name", exact=True).fill("Prices")
    page.get_by_text("Save this question").click()
    page.get_by_text("Saved as “Prices”: see Saved questions above.").wait_for()
    page.locator("#saved li a", has_text="Prices").click()
    shown(page)
    assert labels(page) == ["English", "carbon AND (price OR tax) NOT 碳"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#saved summary").click()
    page.get_by_label("Delete Prices").click()
    page.locator("#saved").wait_for(state="hidden")


def test_two_drags_compare_periods(visit: Any) -> None:
    """A drag chooses days for the list and offers to zoom in; a second drag states the change
    between both in one sentence with its SQL; the URL restores it.
    """
    page = visit("?s=theme:carbon")
    box = page.locator(".plot svg").bounding_box()

    def drag(start: float, end: float) -> None:
        page.mouse.move(box["x"] + box["width"] * start, box["y"] + 150)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * end, box["y"] + 150, steps=4)
        page.mouse.up()
        shown(page)

    drag(0.6, 0.8)
    assert page.locator("#picked").get_by_text("Zoom in").is_visible()
    drag(0.1, 0.3)
    change = page.locator("#change")
    change.wait_for()
    sentence = r"Carbon price [+−]\d+\.\d percentage points \(95% interval .+ to .+\), from"
    assert re.match(sentence, change.inner_text())
    assert "share_change('counts')" in change.locator("code").text_content()
    assert page.locator("rect.selected[width]:not([width='0'])").count() == 2
    other = visit(page.url[page.url.index("?") :])
    other.locator("#change").wait_for()
    assert other.locator("#change p").all_inner_texts() == change.locator("p").all_inner_texts()
    other.locator("#change").get_by_text("End the comparison").click()
    shown(other)
    assert other.locator("#change").is_hidden()
    other.locator("#picked").get_by_text("Zoom in").click()
    shown(other)
    assert state_of(other)["from"] > ["2026-07-01"]


def test_labels_of_the_axis_differ(visit: Any) -> None:
    """The labels of equal steps are equally far apart, also if no article contains the words."""
    for state in ("?s=words:xqa&s=words:xqb&s=words:xqc", "?s=theme:water&by=day"):
        texts = visit(state).locator("#chart svg text").all_text_contents()
        labels = [float(text[:-1]) for text in texts if text.endswith("%")]
        steps = {round(after - before, 6) for before, after in itertools.pairwise(labels)}
        assert (len(labels) > 2, len(steps)) == (True, 1), texts


def test_comparison_series_are_dashed_and_cited(visit: Any) -> None:
    """A comparison is an index with long dashes and its gap, with agreement and citation."""
    page = visit("?s=theme:carbon")
    add(page, "gdelt", "GDELT: carbon")
    assert (state_of(page)["value"], labels(page)) == (["index"], ["Carbon price", "GDELT: carbon"])
    assert page.locator("g.line[data-series='1'] path.other").count() == 2
    assert "Correlation over 9 common weeks: Pearson" in page.locator("#agreement").inner_text()
    assert "A. Reader (2026)" in page.locator("#source").inner_text()
    assert "A. Reader (2026)" in download(page, "SVG").read_text(encoding="utf-8")
    add(page, "uncertainty", "Uncertainty")
    assert state_of(page)["by"] == ["month"]
    assert page.locator("#articles li").count() == 20
    assert page.locator("main img, main script").count() == 0


def test_comparison_series_in_the_api(explored: Path) -> None:
    """Common weeks have a mean of 100, shares stay shares, other units and periods are refused."""
    release = OpenRelease(explored)

    def ask(query: str) -> Any:
        return answer(release, "series", parse_question(parse_qsl(query)))

    pair = "s=theme:carbon&s=comparison:gdelt"
    answered = ask(f"{pair}&value=index")
    own, other = ([row["value"] for row in entry["rows"]] for entry in answered["series"])
    assert other[2] is None
    assert len(other) == len(own) - 1  # the last week of the comparison has only six days
    for values in (own, other):
        known = [value for value in values[: len(other)] if value is not None]
        assert sum(known) / len(known) == pytest.approx(100)
    [found] = answered["agreement"]
    columns = "* exclude (series_id, theme_id, period)"
    [mart] = release.rows(f"select {columns} from comparison_agreement where period = 'week'")
    assert {name: found[name] for name in mart} == mart
    assert answered["citation"].endswith(HOSTILE)
    assert series_table(answered)[0][-1] == "citation"
    shares = [row["value"] for row in ask(pair)["series"][1]["rows"]]
    assert shares[0] == round(sum(10 + number % 9 for number in range(7)) / 1400, 12)
    assert release.rows(ask(f"{pair}&value=count&language=en")["sql"])
    assert len(ask("s=comparison:uncertainty&by=month&value=index")["series"][0]["rows"]) == 9
    for query, words in (
        (
            f"{pair}&s=comparison:uncertainty&value=index",
            r"one value a month: show it by month \(by=month\)\.",
        ),
        ("s=comparison:uncertainty&by=month", r"not a share: show its index \(value=index\)\."),
        ("s=comparison:uncertainty&by=month&value=count", "has no counts"),
        ("s=comparison:nowhere", "Unknown series"),
    ):
        with pytest.raises(InputError, match=words):
            ask(query)
    release.close()


def test_gaps_and_open_periods_are_marked(visit: Any) -> None:
    """The line breaks at the hatched week without articles; the open week is dashed and hollow."""
    page = visit("?s=theme:carbon")
    assert page.locator("g.line > path[stroke-width='2'][fill=none]:not(.open)").count() == 2
    assert page.locator(".plot g.gap").count() == 1
    assert (page.locator("path.open").count(), page.locator(".plot path.hollow").count()) == (1, 1)
    assert page.locator("#legend").get_by_text("not over yet").count() == 1
    rows = page.locator("#table tbody tr").all_text_contents()
    notes = [re.findall("not over yet|no covered day", row) for row in rows]
    assert [note for note in notes if note] == [["not over yet"], ["no covered day"]]


def test_point_and_facets_choose_articles(visit: Any) -> None:
    """A point lists its period's articles, a facet narrows the list, and it has pages."""
    page = visit("?s=theme:carbon&s=theme:water")
    page.locator("#pager").get_by_role("button", name="Next").click()
    shown(page)
    assert page.locator("#articles li").count() == 20
    page.locator(".plot").click(position={"x": 200, "y": 150})
    shown(page)
    [period] = state_of(page)["at"]
    first, last = period.split("_")
    assert "page" not in state_of(page)
    days = [dt.date.fromisoformat(first) + dt.timedelta(days=number) for number in range(7)]
    assert str(days[-1]) == last

    def places(part: int) -> set[str]:
        texts = page.locator("#articles .where:first-child").all_inner_texts()
        return {text.split(" · ")[part] for text in texts}

    assert places(1) <= {f"{day.day} {day:%b %Y}" for day in days}
    page.locator("#facets").get_by_role("button", name="Chinese").click()
    shown(page)
    assert state_of(page)["in"] == ["language:zh"]
    assert places(2) == {"Chinese"}
    page.get_by_role("button", name="Every mention").click()
    shown(page)
    assert set(page.locator("#articles mark").all_inner_texts()) == {"碳价格"}
    assert "……" not in page.locator("#articles").inner_text()
    page.get_by_role("combobox", name="Count only").fill("carbon")
    page.get_by_role("option", name="Carbon price").click()
    shown(page)
    assert state_of(page)["theme"] == ["carbon"]
    assert page.locator("#title").inner_text().endswith("only Carbon price")


def test_hover_shows_every_series(visit: Any) -> None:
    """The pointer's period shows value, interval and count of each series, largest first."""
    page = visit("?s=theme:carbon&s=words:river basin")
    page.locator(".plot").hover(position={"x": 200, "y": 150})
    lines = page.locator("#tip .tip-line").all_inner_texts()
    assert [line.split(" ")[0] for line in lines] == ["“river", "Carbon"]
    assert all("95%: " in line and " of 14" in line for line in lines)


def test_files_contain_what_is_displayed(visit: Any) -> None:
    """Tables have the rows, pictures title, legend and release, and mentions are complete."""
    page = visit("?s=theme:carbon&s=words:碳价格")

    def rows_of(name: str) -> list[dict[str, str]]:
        text = download(page, name, "link").read_text("utf-8-sig")
        return list(csv.DictReader(text.splitlines()))

    mine = [row for row in rows_of("CSV") if row["series"] == "theme:carbon"]
    assert [f"{float(row['value']):.1%}" if row["value"] else "–" for row in mine] == [
        line.locator("td").first.text_content()
        for line in reversed(page.locator("#table tbody tr").all())
    ]
    with zipfile.ZipFile(download(page, "XLSX", "link")) as book:
        assert "citation" in book.read("xl/workbook.xml").decode().lower()
    picture = etree.parse(download(page, "SVG"))
    texts = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == page.locator("#title").inner_text()
    assert {"Carbon price", "“碳价格”", "Dashed, hollow: not over yet"} <= set(texts)
    assert any("release" in text and "words1" in text for text in texts)
    assert "var(" not in etree.tostring(picture, encoding="unicode")
    assert download(page, "PNG").read_bytes().startswith(b"\x89PNG")
    mentions = rows_of("Mentions (CSV)")
    page.get_by_role("button", name="Every mention").click()
    shown(page)
    assert page.locator("#count").inner_text().startswith(f"{len(mentions)} mentions")
    code = page.locator("#download pre").first.inner_text()
    assert code.startswith("import pandas as pd; figures = pd.read_csv(")
    assert "select" in page.locator("#sql pre code").text_content().lower()
    [[*names, url]] = csv.reader([page.locator("#save pre code").text_content()])
    assert names == ["carbon-price-and-碳价格", "Carbon price and “碳价格”"]
    assert url == "?s=theme:carbon&s=words:%E7%A2%B3%E4%BB%B7%E6%A0%BC"


def test_keyboard_reaches_everything(visit: Any) -> None:
    """Arrows choose suggestions and points, whose values are stated; Enter lists articles."""
    page = visit("?s=theme:carbon")
    page.get_by_role("combobox", name="Add a theme").focus()
    page.keyboard.type("wat")
    page.get_by_role("option", name="Count “wat”").wait_for()
    page.keyboard.press("Enter")
    shown(page)
    assert state_of(page)["s"] == ["theme:carbon", "theme:water"]
    chart = page.get_by_role("slider", name="Chart of Carbon price")
    chart.focus()
    page.keyboard.press("Home")
    assert (chart.get_attribute("aria-valuetext") or "").startswith("1 Jun – 7 Jun 2026: Water")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    shown(page)
    assert state_of(page)["at"] == ["2026-06-08_2026-06-14"]
    assert page.locator("#status").inner_text().endswith("newest first.")


def test_errors_are_friendly(browser: Any, address: str) -> None:  # noqa: F811
    """An invalid question shows a sentence with a way back, and the page stays usable."""
    page = browser.new_page()
    page.set_default_timeout(8000)
    page.goto(f"{address}/?s=theme:nothing")
    page.get_by_role("alert").get_by_text("Unknown series").wait_for()
    page.get_by_role("link", name="Start over").click()
    shown(page)
    assert page.locator("#problem").is_hidden()
    page.get_by_role("button", name="Remove").first.wait_for()
    while page.locator("#series li").count():
        page.get_by_role("button", name="Remove").first.click()
    page.get_by_text("Choose what to count").wait_for()
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_accessible_and_fits(visit: Any, width: int) -> None:
    """axe-core reports no violation with all open, and no low contrast in the dark scheme; no
    part is wider than the screen; hostile texts stay texts.
    """
    page = visit(
        "?s=theme:carbon&s=theme:water&s=outlet:daily&at=2026-06-08_2026-06-14&publisher_type=official&publisher_type=independent",
        viewport={"width": width, "height": 800},
    )
    page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )
    page.get_by_role("combobox", name="Add a theme").fill("a")
    page.locator("[role=listbox] [role=option]").first.wait_for()
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"resultTypes": ["violations"], **options})
        violations = found.response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".plot").first.hover(position={"x": 150, "y": 100})
    assert "pwned" not in page.title().split(" · ")[-1]
    assert page.locator("main img, main script").count() == 0
    assert HOSTILE in page.locator("#articles").inner_text()
