"""Explore, its API, its files and the assistant's tools state that sample data are invented."""

import csv
import io
from typing import Any

import pytest
from lxml import etree
from starlette.testclient import TestClient

from tests.analysis.explore.conftest import PERIODS, example, texts_of_workbook
from tests.analysis.explore.test_page import download, serving, shown
from tests.analysis.report.conftest import browser  # noqa: F401 - a fixture
from tidings.analysis.explore.answers import ANSWERS
from tidings.analysis.explore.assistant import list_tools
from tidings.analysis.explore.database import OpenRelease, ReleaseReader
from tidings.analysis.explore.server import create_app
from tidings.analysis.report.release import ALL


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_and_file_states_it(release: OpenRelease, name: str) -> None:
    """An answer's release, each CSV row and each workbook have the notice, the citation a label."""
    client = TestClient(create_app(ReleaseReader(release.path)), base_url="http://127.0.0.1")
    query = example(name)
    answered = client.get(f"/api/{name}", params=query).json()
    assert answered["release"]["notice"] == ALL.notice
    assert answered["citation"].endswith(f"({ALL.label}).")
    file = client.get(f"/api/{name}", params=query | {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert {row["notice"] for row in rows} == {ALL.notice}
    assert f'filename="tidings-invented-sample-data-{name}-' in file.headers["content-disposition"]
    content = client.get(f"/api/{name}", params=query | {"format": "xlsx"}).content
    texts = "".join(texts_of_workbook(content))
    assert ALL.notice in texts
    assert f"({ALL.label})" in texts


def test_each_tool_states_it(release: OpenRelease) -> None:
    """Every result of the assistant's tools has the notice, also the description of one table."""
    days = dict(zip(("first_day", "last_day", *list(PERIODS)[2:]), PERIODS.values(), strict=True))
    series = {"series": ["theme:digital_economy"]}
    values: dict[str, Any] = {
        "query": {"sql": "select 1"},
        "mentions": series,
        "change": series | days,
    }
    results = [tool(**values.get(tool.__name__, {})) for tool in list_tools(lambda: release)]
    results += [list_tools(lambda: release)[0](table="theme_weekly")]
    results += [list_tools(lambda: release)[0](search="digital")]
    assert {result["release"]["notice"] for result in results} == {ALL.notice}


@pytest.mark.slow
def test_the_page_and_its_images_state_it(browser: Any, release: OpenRelease) -> None:  # noqa: F811
    """The notice is above the question, in source and footer, and in the downloaded image."""
    with serving(release.path) as address:
        page = browser.new_page()
        page.goto(f"{address}/?s=theme:food_security")
        shown(page)
        assert page.locator("header .invented").inner_text() == ALL.notice
        assert page.locator("#source").inner_text().startswith("Invented sample data. Source:")
        assert ALL.label in page.locator("#release").inner_text()
        picture = etree.parse(download(page, "SVG"))
        assert page.locator(".code-line code").first.inner_text().endswith("# Invented sample data")
        assert ALL.label in page.locator("#download cite").inner_text()
        page.close()
    texts = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == ALL.notice
    assert any(text.startswith("Invented sample data. Source:") for text in texts)
