"""Obtaining: the budget of each source."""

import asyncio
import dataclasses
import datetime as dt

import pytest

from tests.flows.fetch.loopback import reply, serving
from tests.flows.nights import settings_for
from tests.warehouse.rows import NOW, entry
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake, transaction
from tidings.warehouse.load import merge

PAGE = reply(200, b"<html><body><p>The town plants limes.</p></body></html>", kind="text/html")


@pytest.mark.parametrize(
    ("budget", "why"),
    [({"pages": 2}, "fetching used its 2 pages"), ({"fetch_seconds": 1e-9}, "fetching used its 1e-09 s")],
)
def test_a_source_that_used_its_budget_goes_on_the_next_night(tmp_path, budget, why):
    """Deferred pages are logged, do not count as tries, and are fetched once each on the next nights."""
    paths = [f"/{number}" for number in range(5)]

    async def run():
        async with serving(dict.fromkeys(paths, PAGE)) as server:
            (tmp_path / "feeds.csv").write_text(f"feed_id,url\na,{server.origin}/a.xml\n")
            settings = settings_for(tmp_path / "data", tmp_path / "feeds.csv", [f"127.0.0.1:{server.port}"])
            settings = dataclasses.replace(settings, budget=dataclasses.replace(settings.budget, **budget))
            counts, lines = [], []
            for night in range(6):
                now = NOW + dt.timedelta(days=night)
                begun = start_run(settings, now=now, run_id="test", log=lines.append)
                sources = await asyncio.to_thread(prepare, begun)
                if not night:
                    await asyncio.to_thread(_list, begun.lake, [server.origin + path for path in paths])
                counts.append((await asyncio.to_thread(obtain, begun, sources))["ok"])
            return counts, lines, [server.asked(path) for path in paths]

    counts, lines, asked = asyncio.run(run())
    assert asked == [1] * 5
    assert counts == ([2, 2, 1, 0, 0, 0] if "pages" in budget else [1, 1, 1, 1, 1, 0])
    left = 5 - counts[0]
    assert f"deferred to the next run: {left} pages of a ({why})" in lines


def _list(lake, urls):
    with open_lake(lake) as con, transaction(con):
        merge(con, [entry(url) for url in urls])
