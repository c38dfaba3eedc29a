"""Pauses and robots files across stages and runs."""

import asyncio
import datetime as dt

import pytest

from tests.flows.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import settings_for
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake

START = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Return the requests to a host in each of four runs, and the captures; its first page responds with 429 for 40 hours."""
    folder, asked = tmp_path_factory.mktemp("nights"), []

    def run_night(settings, now):
        run = start_run(settings, now=now)
        feeds = prepare(run)
        poll(run, feeds)
        obtain(run, feeds)
        return run.lake

    async def go():
        entries = rss(*(item(n, link=f"{{}}/page/{n}") for n in range(3)))
        routes = {
            "/a": lambda _: reply(200, entries.replace(b"{}", server.origin.encode())),
            "/b": reply(200, rss("<item><guid isPermaLink='false'>9</guid><title>No page</title></item>")),
        }
        async with serving(routes) as server:
            listed = folder / "feeds.csv"
            listed.write_text(f"feed_id,url\na,{server.origin}/a\nb,{server.origin}/b\n", encoding="utf-8")
            settings = settings_for(folder / "data", listed, [f"127.0.0.1:{server.port}"])
            for night in range(4):
                page = reply(429, b"", "Retry-After: 144000") if night == 0 else reply(200, b"<p>x</p>", kind="text/html")
                routes |= {f"/page/{n}": page for n in range(3)}
                server.log.clear()
                lake = await asyncio.to_thread(run_night, settings, START + night * DAY)
                asked.append([entry["path"] for entry in server.log])
            return lake

    lake = asyncio.run(go())
    with open_lake(lake, read_only=True) as con:
        pages = con.execute("select fetched_at, outcome from raw.captures where kind = 'page' order by 1, url").fetchall()
        newest = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()[0]
        written = {
            table: con.execute(
                f"select distinct snapshot_id from ducklake_table_changes('lake', 'raw', '{table}', 0, {newest}) order by 1"
            ).fetchall()
            for table in ("captures", "robots", "host_pauses")
        }
    return asked, pages, written


def test_a_page_that_answers_429_pauses_its_host(nights):
    """No other page of the host is requested in this run, and neither pages nor feeds in the next run."""
    asked, *_ = nights
    assert asked[0][0] == "/robots.txt"
    assert sorted(asked[0][1:3]) == ["/a", "/b"]
    assert len(asked[0]) == 4
    assert asked[1] == []
    assert {"/a", "/b"} <= set(asked[2])


def test_what_was_not_asked_for_is_no_try(nights):
    """The pages of a paused host are fetched after the pause."""
    asked, pages, _ = nights
    assert sorted(path for path in asked[2] if path.startswith("/page/")) == ["/page/0", "/page/1", "/page/2"]
    assert [outcome for _, outcome in pages] == ["throttled", "ok", "ok", "ok"]
    assert not [path for path in asked[3] if path.startswith("/page/")]


def test_what_a_host_asked_for_lands_with_its_answers(nights):
    """A response, the robots file and the pause are stored in one transaction."""
    *_, written = nights
    assert written["robots"]
    assert set(written["robots"]) | set(written["host_pauses"]) <= set(written["captures"])
