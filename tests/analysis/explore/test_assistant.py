"""A client of the official SDK starts `tidings mcp` and receives the figures of the API."""

import os
import sys
from typing import Any

import anyio
import pytest

from tidings.analysis.explore.answers import as_json
from tidings.analysis.explore.database import OpenRelease
from tidings.version import __version__

TOOLS = set("describe query share_over_time change mentions events who_said coverage".split())


@pytest.fixture(scope="module")
def results(sample_night: Any) -> Any:
    """Return a server's tools with the program's version, and the results of several calls."""
    import mcp
    from mcp.client.stdio import stdio_client

    calls: list[tuple[str, dict[str, Any]]] = [
        ("describe", {}),
        ("describe", {"table": "theme_weekly"}),
        ("describe", {"search": "digital"}),
        ("query", {"sql": "select theme_id from theme_weekly order by all", "row_limit": 2}),
        ("query", {"sql": "drop view articles"}),
        ("query", {"sql": "select 1; select 2"}),
        ("query", {"sql": "select 1) union (select 2"}),
        ("query", {"sql": "from read_text('/etc/hostname')"}),
        ("share_over_time", {"series": ["theme:digital_economy"], "by": "month"}),
        ("share_over_time", {"series": ["theme:nowhere"]}),
        ("share_over_time", {"series": ["theme:digital_economy"], "outlets": ["sample_daily"]}),
        ("mentions", {"series": ["words:数字经济"], "language": ["zh"]}),
        ("events", {"first_day": "2026-07-01", "last_day": "2026-07-31"}),
        ("who_said", {"series": ["theme:digital_economy"]}),
        ("coverage", {"outlet": ["sample_daily"]}),
    ]
    variables = {"TIDINGS_WAREHOUSE": str(sample_night.lake.root), "PATH": os.environ["PATH"]}
    parameters = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "tidings.cli", "mcp"], env=variables
    )

    async def run() -> Any:
        async with mcp.Client(stdio_client(parameters)) as client:
            assert (client.server_info.name, client.server_info.version) == ("tidings", __version__)
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            return tools, [
                (name, await client.call_tool(name, arguments)) for name, arguments in calls
            ]

    return anyio.run(run)


@pytest.mark.slow
def test_tools_are_described(results: Any) -> None:
    """Each tool has a description, only reads, and returns its release, citation and SQL."""
    tools, called = results
    assert set(tools) == TOOLS
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    for name, result in called:
        if not result.is_error and name != "describe":
            assert {"release", "citation", "sql"} <= set(result.structured_content)


def test_results_equal_the_api(results: Any, ask: Any, release: OpenRelease) -> None:
    """A tool returns the same rows as the API's path, and the coverage of the marts."""
    found = {name: result.structured_content for name, result in results[1] if not result.is_error}
    series = as_json(ask("series", "s=theme:digital_economy&by=month"))
    assert found["share_over_time"]["series"] == series["series"]
    articles = as_json(ask("articles", "s=words:数字经济&language=zh&measure=mentions"))
    assert found["mentions"]["articles"] == articles["articles"]
    events = as_json(ask("events", "from=2026-07-01&to=2026-07-31"))
    assert found["events"]["events"] == events["events"]
    assert found["who_said"]["statements"]
    [outlet] = found["coverage"]["outlets"]
    expected = release.rows(
        "select publisher_id, sum(article_count)::bigint as article_count, count(*) as day_count,"
        " count(*) filter (is_gap) as gap_day_count from outlet_daily"
        " where publisher_id = 'sample_daily' group by all"
    )
    assert [{name: outlet[name] for name in row} for row in expected] == expected
    assert (len(found["query"]["rows"]), found["query"]["has_more"]) == (2, True)


def test_wrong_calls_are_refused(results: Any) -> None:
    """Writes, several statements, other files and unknown arguments yield the reason."""
    errors = [result.content[0].text for _, result in results[1] if result.is_error]
    assert len(errors) == 6
    assert sum("one SELECT statement" in text for text in errors) == 2
    assert any("Unknown series" in text for text in errors)
    assert any("disabled" in text for text in errors)
    assert any("has no argument 'outlets': it has series" in text for text in errors)
