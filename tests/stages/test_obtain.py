"""The stage obtain limits each source to its budget."""

import asyncio
import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.loopback import reply, serving
from tests.flows.nights import settings_with
from tests.storage.rows import NOW, entry
from tidings.stages.obtain import obtain
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge

PAGE = reply(200, b"<html><body><p>The town plants limes.</p></body></html>", kind="text/html")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget", "reason", "counts"),
    [
        ({"pages": 2}, "fetching used its 2 pages", [2, 2, 0]),
        ({"fetch_seconds": 1e-9}, "fetching used its 1e-09 s", [1, 1, 1, 1, 0]),
    ],
)
def test_pages_over_the_budget_are_fetched_in_later_runs(
    tmp_path: Path, budget: dict[str, Any], reason: str, counts: list[int]
) -> None:
    """The log counts deferred pages as no failure, and later runs fetch each page once."""
    paths = [f"/{number}" for number in range(4)]

    async def run_nights() -> tuple[list[int], list[str], list[int]]:
        async with serving(dict.fromkeys(paths, PAGE)) as server:
            row, host = f"a,{server.origin}/a.xml", f"127.0.0.1:{server.port}"
            settings = settings_with(tmp_path, [row], [host])
            settings = dataclasses.replace(
                settings, budget=dataclasses.replace(settings.budget, **budget)
            )
            found: list[int] = []
            lines: list[str] = []
            for night in range(len(counts)):
                now = NOW + dt.timedelta(days=night)
                run = start_run(settings, now=now, run_id="test", log=lines.append)
                sources = await asyncio.to_thread(prepare, run)
                if not night:
                    await asyncio.to_thread(
                        _list, run.lake, [server.origin + path for path in paths]
                    )
                found.append((await asyncio.to_thread(obtain, run, sources))["ok"])
            return found, lines, [server.request_count(path) for path in paths]

    found, lines, request_counts = asyncio.run(run_nights())
    assert request_counts == [1] * 4
    assert found == counts
    left = 4 - counts[0]
    assert f"deferred to the next run: {left} pages of a ({reason})" in lines


def _list(lake: Lake, urls: list[str]) -> None:
    with open_lake(lake) as con, transaction(con):
        merge(con, [entry(url) for url in urls])
