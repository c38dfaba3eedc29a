"""Event loops of stages; pauses and robots files across stages and runs."""

import asyncio
import datetime as dt
import os
import signal
import threading
import time
from typing import Any

import pytest

from tests.fetch.loopback import Loopback, item, reply, rss, serving
from tests.flows.nights import settings_with
from tidings.base.settings import Settings
from tidings.stages.obtain import obtain
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.stages.web import run_in_loop
from tidings.storage.lake import Lake, open_lake

START = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
Nights = tuple[list[list[str]], list[Any], dict[str, list[Any]]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Return a host's requests in four runs, its captures, and the snapshots that wrote each table.

    In the first run, each page returns status 429 with Retry-After 40 hours.
    """
    folder = tmp_path_factory.mktemp("nights")
    requests: list[list[str]] = []

    def run_night(settings: Settings, now: dt.datetime) -> Lake:
        run = start_run(settings, now=now)
        feeds = prepare(run)
        poll(run, feeds)
        obtain(run, feeds)
        return run.lake

    async def run_nights() -> Lake:
        entries = rss(*(item(n, link=f"{{}}/page/{n}") for n in range(3)))
        server: Loopback
        routes: dict[str, Any] = {
            "/a": lambda _: reply(200, entries.replace(b"{}", server.origin.encode())),
            "/b": reply(
                200, rss("<item><guid isPermaLink='false'>9</guid><title>No page</title></item>")
            ),
        }
        async with serving(routes) as server:
            rows = [f"{name},{server.origin}/{name}" for name in "ab"]
            settings = settings_with(folder, rows, [f"127.0.0.1:{server.port}"])
            for night in range(4):
                page = (
                    reply(429, b"", "Retry-After: 144000")
                    if night == 0
                    else reply(200, b"<p>x</p>", kind="text/html")
                )
                routes |= {f"/page/{n}": page for n in range(3)}
                server.log.clear()
                lake = await asyncio.to_thread(run_night, settings, START + night * DAY)
                requests.append([entry["path"] for entry in server.log])
            return lake

    lake = asyncio.run(run_nights())
    with open_lake(lake, read_only=True) as con:
        pages = con.execute(
            "select fetched_at, outcome from raw.captures where kind = 'page' order by 1, url"
        ).fetchall()
        newest = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()[0]
        written = {
            table: con.execute(
                f"select distinct snapshot_id from ducklake_table_changes('lake', 'raw',"
                f" '{table}', 0, {newest}) order by 1"
            ).fetchall()
            for table in ("captures", "robots", "host_pauses")
        }
    return requests, pages, written


def test_status_429_for_a_page_pauses_its_host(nights: Nights) -> None:
    """The run requests no other page of the host, and the next run neither its pages nor its feeds.
    After the pause each page is fetched once; response, robots file and pause are stored in one
    transaction.
    """
    requests, *_ = nights
    assert requests[0][0] == "/robots.txt"
    assert sorted(requests[0][1:3]) == ["/a", "/b"]
    assert len(requests[0]) == 5  # with the file of TDMRep and one page
    assert requests[1] == []
    assert {"/a", "/b"} <= set(requests[2])
    requests, pages, _ = nights
    found = sorted(path for path in requests[2] if path.startswith("/page/"))
    assert found == ["/page/0", "/page/1", "/page/2"]
    assert [outcome for _, outcome in pages] == ["throttled", "ok", "ok", "ok"]
    assert not [path for path in requests[3] if path.startswith("/page/")]
    *_, written = nights
    assert written["robots"]
    assert set(written["robots"]) | set(written["host_pauses"]) <= set(written["captures"])


class StopRun(BaseException):
    """An exception of a signal handler, as Prefect raises it after SIGTERM."""


def test_a_signal_during_a_request_ends_the_stage() -> None:
    """An exception of a signal handler while the loop is busy cancels coroutine and stage."""
    ended = threading.Event()

    async def fetch() -> None:
        while True:
            time.sleep(0.01)  # noqa: ASYNC251 - the signal must arrive while a task runs, not while the loop waits
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.create_task(fetch())
        threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGUSR1]).start()
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 20)
        finally:
            task.cancel()
            ended.set()

    def stop(*_: Any) -> None:
        raise StopRun

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with pytest.raises(StopRun):
            run_in_loop(main())
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ended.is_set()
