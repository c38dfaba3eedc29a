"""The stage discover requests sitemaps and listings for a window."""

import asyncio
import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from tests.fetch.loopback import Loopback, reply, serving
from tests.flows.nights import settings_with
from tidings.base.records import Feed
from tidings.fetch.window import Window
from tidings.stages.discover import discover
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.run import Run, start_run

NOW = dt.datetime(2026, 6, 3, 2, tzinfo=dt.UTC)  # 2 June, 22:00, in New York; 3 June in Berlin
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'
DAY = reply(200, b"<html><body><p>No item.</p></body></html>", kind="text/html")


def test_sitemaps_that_list_each_other_are_requested_once(tmp_path: Path) -> None:
    """Each sitemap is requested once, even if several sitemaps list it."""
    names = [f"/map-{number}.xml" for number in range(12)]

    async def run() -> list[int]:
        async with serving({}) as server:
            body = INDEX.format(
                "".join(f"<sitemap><loc>{server.origin}{name}</loc></sitemap>" for name in names)
            ).encode()
            server.routes = {name: reply(200, body, kind="application/xml") for name in names}
            row = f"map,{server.origin}{names[0]},sitemap,harbour"
            night, sources = await asyncio.to_thread(
                _begin, tmp_path, server, "feed_id,url,kind,publisher_id", row
            )
            await asyncio.to_thread(discover, night, sources, Window(NOW.date(), NOW.date()))
            return [server.request_count(name) for name in names]

    assert asyncio.run(run()) == [1] * len(names)


@pytest.mark.slow
def test_the_listing_of_an_unfinished_day_is_requested_again(tmp_path: Path) -> None:
    """West of UTC, the run after a day ends requests its listing once more; later runs do not."""

    async def run() -> list[list[str]]:
        routes = {f"/2026060{day}": DAY for day in range(1, 8)}
        async with serving(routes) as server:
            head = "feed_id,url,kind,publisher_id,day_url"
            row = f"days,{server.origin}/,listing,harbour,{server.origin}/{{yyyy}}{{mm}}{{dd}}"
            requests = []
            for nights in range(3):
                night, sources = await asyncio.to_thread(
                    _begin, tmp_path, server, head, row, nights
                )
                server.log.clear()
                await asyncio.to_thread(poll, night, sources)
                requests.append([entry["path"] for entry in server.log if entry["path"] in routes])
            return requests

    expected = [["/20260601", "/20260602"], ["/20260602", "/20260603"], ["/20260603", "/20260604"]]
    assert asyncio.run(run()) == expected


def test_a_source_whose_days_all_fail_is_logged_once(tmp_path: Path) -> None:
    """The log has one line for the failures of a source, and names the sources without items."""

    async def run() -> list[str]:
        async with serving({}) as server:
            head = "feed_id,url,kind,publisher_id,day_url"
            row = f"days,{server.origin}/,listing,harbour,{server.origin}/{{yyyy}}{{mm}}{{dd}}"
            night, sources = await asyncio.to_thread(_begin, tmp_path, server, head, row)
            lines: list[str] = []
            night = dataclasses.replace(night, log=lines.append)
            await asyncio.to_thread(
                discover, night, sources, Window(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
            )
            return [line for line in lines if "days" in line]

    failures, empty = asyncio.run(run())
    assert failures.startswith("days: http")
    assert failures.endswith(" 30 other pages of this source also failed.")
    assert empty == "no items of this window in days"


def _begin(
    folder: Path, server: Loopback, head: str, row: str, nights: int = 0
) -> tuple[Run, list[Feed]]:
    """Prepare a run with one source of a publisher in New York."""
    seeds = folder / "seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "publishers.csv").write_text(
        "publisher_id,name,country,publisher_type,time_zone,domains\nharbour,Harbour,US,official,America/New_York,\n"
    )
    hosts = [f"127.0.0.1:{server.port}"]
    settings = settings_with(folder, [row], hosts, str(seeds), columns=head)
    run = start_run(settings, now=NOW + dt.timedelta(days=nights), run_id="test")
    return run, prepare(run)
