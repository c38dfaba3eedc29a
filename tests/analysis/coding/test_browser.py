"""Test the sheet in Chromium: keyboard, mouse, hostile texts, accessibility and phone width."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.analysis.coding.test_server import serving
from tests.analysis.report.conftest import browser  # noqa: F401 - a fixture
from tests.analysis.report.test_browser import violations
from tests.cli.test_phrase import few, open_review  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(
    browser: Any,  # noqa: F811
    open_sheet: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Any]]:
    """Return a function that opens the sheet. A logged message or a foreign request fails."""
    problems: list[str] = []
    urls: list[str] = []
    with serving(open_sheet(), monkeypatch) as url:

        def open_page(**options: Any) -> Any:
            page = browser.new_page(**options)
            page.set_default_timeout(8000)
            page.on("console", lambda message: problems.append(message.text))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("request", lambda request: urls.append(request.url))
            page.goto(url)
            page.get_by_text("Article 1 of 9").wait_for()
            return page

        yield open_page
        assert problems + [sent for sent in urls if not sent.startswith((url, "data:"))] == []


def test_themes_are_chosen_by_keyboard(visit: Any, open_sheet: Any) -> None:
    """Numbers and parts of names choose themes; Enter in the empty field shows the next article."""
    page = visit()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.keyboard.type("robo")
    page.keyboard.press("Shift+Enter")
    assert page.locator("#chosen button").all_inner_texts() == ["main: Water ×", "side: Robots ×"]
    page.keyboard.press("Enter")
    page.get_by_text("Article 2 of 9").wait_for()
    assert open_sheet().article(0)["roles"] == {"water": "main", "robots": "side"}
    page.keyboard.type("工业")
    page.get_by_text("First match: Industry").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.get_by_text("Choose a theme").wait_for()
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_text("Article 3 of 9").wait_for()
    assert open_sheet().article(1)["roles"] == {}
    assert page.locator("#count").inner_text() == "2 of 9 coded"


def test_the_sheet_is_completed_by_mouse(visit: Any, open_sheet: Any) -> None:
    """Clicks choose and remove themes, Back shows stored labels, also after a new start, and
    skipped articles return last.
    """
    page = visit()

    def click(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    page.get_by_text("Themes below Industry (1)").click()
    click("main: Robots")
    click("main: Water")
    click("Remove main: Robots")
    click("Save and next")
    page.get_by_text("Article 2 of 9").wait_for()
    click("Back")
    page.get_by_text("Article 1 of 9, already coded").wait_for()
    water = page.get_by_role("button", name="main: Water", exact=True)
    assert water.get_attribute("aria-pressed") == "true"
    click("main: Water")
    click("choose: No theme")
    click("side: Water")
    assert page.locator("#chosen button").all_inner_texts() == ["side: Water ×"]
    click("choose: Round-up of many items")
    click("Save and next")
    page.get_by_text("Article 2 of 9").wait_for()
    click("Skip")
    for number in (3, 4, 5, 6, 7, 8, 9, 2):
        page.get_by_text(f"Article {number} of 9").wait_for()
        click("choose: No theme")
        click("Save and next")
    page.get_by_role("heading", name="All articles are coded").wait_for()
    article = open_sheet().article(0)
    assert (article["roles"], article["is_any"]) == ({"water": "side"}, True)
    assert open_sheet().next_place() is None
    page.reload()
    page.get_by_role("heading", name="All articles are coded").wait_for()
    click("Back")
    page.get_by_text("Article 9 of 9, already coded").wait_for()


def test_no_button_acts_while_labels_are_saved(visit: Any) -> None:
    """Until the server has stored the labels, the page states it, and Skip cannot show another
    article, whose choices the answer would replace.
    """
    page = visit()
    waiting: list[Any] = []
    page.route("**/article?place=0", lambda route: waiting.append(route))  # noqa: PLW0108 - no builtin
    page.get_by_role("button", name="choose: No theme").click()
    page.get_by_role("button", name="Save and next").click()
    page.get_by_text("Saving …").wait_for()
    assert page.locator(".bar button:enabled").count() == 0
    waiting[0].continue_()
    page.get_by_text("Article 2 of 9").wait_for()
    assert page.locator(".bar button:disabled").count() == 0


def test_a_stopped_server_is_reported(
    open_sheet: Any,
    browser: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a server, the page keeps the article and its choices, and states the next step."""
    with serving(open_sheet(), monkeypatch) as url:
        page = browser.new_page()
        page.goto(url)
        page.get_by_text("Article 1 of 9").wait_for()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_text("The server does not respond").wait_for()
    assert page.get_by_role("button", name="Skip").is_enabled()
    assert page.locator("#chosen button").all_inner_texts() == ["main: Water ×"]
    page.close()


@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_is_accessible_and_fits(visit: Any, width: int) -> None:
    """axe-core reports no serious violation in both schemes; the page fits, and Save is visible."""
    page = visit(viewport={"width": width, "height": 844})
    page.get_by_role("button", name="main: Water", exact=True).click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.get_by_role("button", name="Save and next").bounding_box()
    assert box["y"] + box["height"] <= 844


def test_hostile_texts_do_nothing(visit: Any) -> None:
    """Markup in titles and texts is shown as text."""
    page = visit()
    for number in range(2, 10):
        if "onerror" in page.locator("#title").inner_text():
            break
        page.get_by_role("button", name="Skip").click()
        page.get_by_text(f"Article {number} of 9").wait_for()
    assert "<script>document.title='pwned'</script>" in page.locator("#text").inner_text()
    assert page.locator("#title *, #text *").count() == 0
    assert page.title() == "Coding sheet – Tidings"


def test_phrases_are_decided_by_keyboard_and_mouse(
    open_review: Any,  # noqa: F811
    browser: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A theme accepts a phrase, buttons reject and postpone it, and Back shows the decision."""
    sheet = open_review()
    with serving(sheet, monkeypatch) as url:
        page = browser.new_page()
        page.set_default_timeout(8000)
        page.goto(url)
        page.get_by_text("Phrase 1 of 3").wait_for()
        page.keyboard.press("Enter")
        page.get_by_text("Choose a theme, or reject").wait_for()
        page.locator("#suggested").get_by_role("button", name="Rail transport").click()
        assert violations(page) == []
        page.locator("#filter").fill("digital")
        page.locator("#filter").press("Enter")
        assert page.locator("#chosen button").all_inner_texts() == ["Digital economy ×"]
        page.keyboard.press("Enter")
        page.get_by_text("Phrase 2 of 3").wait_for()
        page.get_by_role("button", name="Reject").click()
        page.get_by_text("Phrase 3 of 3").wait_for()
        page.get_by_role("button", name="Postpone").click()
        page.get_by_role("heading", name="All phrases have a decision").wait_for()
        page.get_by_role("button", name="Back").click()
        page.get_by_text("Phrase 3 of 3, postponed").wait_for()
        page.close()
    assert sheet.count_verdicts() == {"accepted": 1, "rejected": 1, "postponed": 1}
