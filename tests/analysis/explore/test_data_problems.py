"""Explore, its API and the assistant's tools state the open breaks of a question's outlets."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import pytest
from starlette.testclient import TestClient

from tests.analysis.explore.conftest import example, texts_of_workbook
from tests.analysis.explore.test_page import download, serving, shown
from tests.analysis.report.conftest import browser  # noqa: F401 - a fixture
from tests.cases import cases
from tidings.analysis.explore.answers import ANSWERS, answer, as_json, describe_release
from tidings.analysis.explore.assistant import list_tools
from tidings.analysis.explore.database import PROBLEM, OpenRelease, ReleaseReader
from tidings.analysis.explore.question import Question, Series, parse_question
from tidings.analysis.explore.server import create_app

MINISTRY, BULLETIN, DAILY, AGENCY = "ministry", "bulletin", "daily", "agency"
ALL = [AGENCY, DAILY, BULLETIN, MINISTRY]  # the newest first
LATER = "from=2026-08-20&to=2026-08-23"
SENTENCES = (
    "Data problem: Meridian News, 27 Aug 2026 to 29 Aug 2026: The outlet joined."
    " The Aster Courier, 24 Aug 2026 to 29 Aug 2026: 40% of the texts are far shorter than usual,"
    " instead of 5%. Kanalblatt, 20 Aug 2026 to 29 Aug 2026: The outlet published nothing."
    " And 1 other."
)


@pytest.fixture(scope="module")
def broken(release: OpenRelease, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenRelease]:
    """Return the sample's release with four open breaks; three others ended."""
    path = tmp_path_factory.mktemp("broken") / "tidings.duckdb"
    shutil.copyfile(release.path, path)
    with duckdb.connect(path) as con:
        con.execute("""
            insert into marts.outlet_breaks values
            ('sample_ministry', 'volume_up', '2026-08-12', '2026-08-18', 7.02, 13.5, 'open', null),
            ('sample_bulletin', 'silent', '2026-08-20', '2026-08-29', null, null, 'open', null),
            ('sample_daily', 'texts_shorter', '2026-08-24', '2026-08-29', 0.05, 0.4, 'open', null),
            ('sample_agency', 'joined', '2026-08-27', '2026-08-29', null, null, 'open', null)
        """)
    opened = OpenRelease(path)
    yield opened
    opened.close()


def outlets(answered: Any) -> list[str]:
    """Return the outlets of an answer's data problems, without the prefix of the sample."""
    return [found["publisher_id"].removeprefix("sample_") for found in answered["data_problems"]]


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_and_workbook_states_them(broken: OpenRelease, name: str) -> None:
    """Each answer has the same facts of each open break, as the description of the API says, and a
    workbook has them beside its citation.
    """
    client = TestClient(create_app(ReleaseReader(broken.path)), base_url="http://127.0.0.1")
    query = example(name)
    answered = client.get(f"/api/{name}", params=query).json()
    assert outlets(answered) == ALL
    assert answered["data_problems"][-1] == {
        "publisher_id": "sample_ministry",
        "name": "Ministry of Waterways",
        "kind": "volume_up",
        "first_on": "2026-08-12",
        "last_on": "2026-08-18",
        "what": "13.5 articles a day instead of 7.0.",
        "action": "Read some: copies of an agency count as articles, and once as a story.",
    }
    described = client.get("/api").json()["paths"][f"/api/{name}"]["get"]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    assert set(schema["properties"]["data_problems"]["items"]["properties"]) == set(PROBLEM)
    assert set(schema["required"]) <= set(answered)
    book = client.get(f"/api/{name}", params=query | {"format": "xlsx"}).content
    line = "Ministry of Waterways, 2026-08-12 to 2026-08-18: 13.5 articles a day instead of 7.0."
    assert any(line in text for text in texts_of_workbook(book))


@cases(
    "name, query, expected",
    ("series", "", ALL),
    ("series", "from=2026-08-17&to=2026-08-19&by=day", [MINISTRY]),
    ("series", "to=2026-08-11&by=day", []),
    ("series", "to=2026-08-11", [MINISTRY]),  # the week has the 12th
    ("series", "to=2026-08-11&by=month", ALL),
    ("articles", "to=2026-08-11", []),
    ("articles", "from=2026-08-29&by=month", [AGENCY, DAILY, BULLETIN]),
    ("events", "from=2026-08-30", []),
    ("mentions", "outlet=sample_daily&outlet=sample_gazette", [DAILY]),
    ("articles", "publisher_type=official", [MINISTRY]),
    ("articles", "language=zh", [AGENCY, DAILY, MINISTRY]),
    ("articles", "language=de&from=2026-08-24", [BULLETIN]),
    ("articles", "theme=digital_economy&outlet=sample_gazette", []),
    (
        "change",
        f"{LATER}&previous_from=2026-08-08&previous_to=2026-08-12",
        [BULLETIN, MINISTRY],
    ),
    ("change", f"{LATER}&previous_from=2026-08-08&previous_to=2026-08-11", [BULLETIN]),
)
def test_only_the_days_and_outlets_of_a_question_matter(
    broken: OpenRelease, name: str, query: str, expected: list[str]
) -> None:
    """A break counts if it overlaps the days, for series the whole periods and for a change one of
    both periods, and if the outlet passes the filters.
    """
    pairs = [("s", "theme:digital_economy"), *parse_qsl(query)]
    assert outlets(answer(broken, name, parse_question(pairs))) == expected


def test_a_comparison_alone_has_none(broken: OpenRelease) -> None:
    """A series of another source counts no articles of these outlets."""
    alone = Question(series=(Series("comparison", "gdelt"),))
    both = Question(series=(*alone.series, Series("theme", "digital_economy")))
    assert [outlets(describe_release(broken, asked)) for asked in (alone, both)] == [[], ALL]


def test_a_release_without_the_table_has_none(broken: OpenRelease, tmp_path: Path) -> None:
    """A release of an earlier version opens, and its answers have an empty list."""
    path = tmp_path / "tidings.duckdb"
    shutil.copyfile(broken.path, path)
    with duckdb.connect(path) as con:
        con.execute("drop table marts.outlet_breaks")
    earlier = OpenRelease(path)
    assert answer(earlier, "choices", Question())["data_problems"] == []
    earlier.close()


def test_each_tool_states_them(broken: OpenRelease) -> None:
    """The tools have the API's key with the problems of their days and outlets; `query` has all."""
    tools = {tool.__name__: tool for tool in list_tools(lambda: broken)}
    assert {"outlet_breaks", "revised_figures"} <= set((tools["describe"].__doc__ or "").split("`"))
    series, days = {"series": ["theme:digital_economy"]}, {"last_day": "2026-08-19"}
    change = {"first_day": "2026-08-20", "last_day": "2026-08-21"}
    change |= {"previous_from": "2026-08-11", "previous_to": "2026-08-12"}
    cases: list[tuple[str, dict[str, Any], list[str]]] = [
        ("describe", {}, ALL),
        ("describe", {"table": "outlet_breaks"}, ALL),
        ("query", {"sql": "select 1"}, ALL),
        ("share_over_time", series | days | {"by": "day"}, [MINISTRY]),
        ("change", series | change, [BULLETIN, MINISTRY]),
        ("mentions", series | {"outlet": ["sample_daily"]}, [DAILY]),
        ("events", days, [MINISTRY]),
        ("who_said", series | days, [MINISTRY]),
        ("coverage", {"outlet": ["sample_bulletin"]}, [BULLETIN]),
    ]
    assert {name for name, *_ in cases} == set(tools)
    for name, values, expected in cases:
        result = tools[name](**values)
        assert outlets(result) == expected, name
        assert as_json(result) == result  # JSON values only


@pytest.mark.slow
def test_the_page_and_its_images_state_them(browser: Any, broken: OpenRelease) -> None:  # noqa: F811
    """The page numbers and announces three problems of a month and the number of the others,
    images contain them, and without problems there is no mark.
    """
    with serving(broken.path) as address:
        page = browser.new_page()
        page.goto(f"{address}/?s=theme:digital_economy&by=month")
        shown(page)
        [problem] = page.locator("#events li").filter(has_text="Data problem").all()
        assert problem.inner_text() == SENTENCES
        assert page.locator(".pin rect[rx='2']").count() == 1
        assert SENTENCES in page.locator("[role=status]").inner_text()
        picture = download(page, "SVG").read_text(encoding="utf-8")
        assert "Meridian News, 27 Aug 2026 to 29 Aug 2026: The outlet joined." in picture
        page.goto(f"{address}/?s=theme:digital_economy&to=2026-08-08")
        shown(page)
        assert not page.locator(".pin rect[rx='2']").count()
        assert "Data problem" not in page.locator("[role=status]").inner_text()
        page.close()
