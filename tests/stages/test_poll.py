"""The stage poll stores states during the poll and limits slow sources."""

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import settings_with
from tidings.base.records import Feed, FeedState
from tidings.fetch.poll_state import after_poll
from tidings.fetch.response import Outcome, Response
from tidings.stages import poll as stage
from tidings.stages.obtain import obtain
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge, read_by_key

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
KNOWN = (
    "select feed_id, outcome from raw.feed_states union all select host, 'paused' from"
    " raw.host_pauses order by 1, 2"
)


def test_states_are_stored_while_other_sources_are_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll stores states and pauses before its end; a restarted run repeats no request."""
    monkeypatch.setattr(stage, "MAX_WAIT", 0.0)
    release = asyncio.Event()

    async def slow(_: object) -> bytes:
        await release.wait()
        return reply(200, rss(item(3)))

    routes = {
        "/good": reply(200, rss(item(1))),
        "/busy": lambda _: reply(429),
        "/late": reply(404),
        "/slow": slow,
    }

    async def run() -> tuple[list[Any], list[Any]]:
        async with serving(routes, host="0.0.0.0") as server:  # noqa: S104
            hosts = [f"127.0.0.{number}:{server.port}" for number in range(2, 6)]
            rows = [
                f"{path[1:]},http://{host}{path}" for path, host in zip(routes, hosts, strict=True)
            ]
            night = start_run(settings_with(tmp_path, rows, hosts), now=NOW)
            sources = await asyncio.to_thread(prepare, night)
            polling = asyncio.create_task(asyncio.to_thread(stage.poll, night, sources))
            known: list[Any] = []
            for _ in range(200):
                await asyncio.sleep(0.1)
                known = await asyncio.to_thread(_known, night.lake)
                if len(known) >= 4:
                    break
            release.set()
            await polling
            return known, await asyncio.to_thread(_known, night.lake)

    before, after = asyncio.run(run())
    assert before == [
        ("127.0.0.3", "paused"),
        ("busy", "throttled"),
        ("good", "ok"),
        ("late", "http_error"),
    ]
    assert ("slow", "ok") in after


def _known(lake: Lake) -> list[Any]:
    with open_lake(lake, read_only=True) as con:
        return con.execute(KNOWN).fetchall()


def test_sources_that_timed_out_are_polled_last_within_a_limit(tmp_path: Path) -> None:
    """Sources that timed out are last and share a time limit. The log names those deferred."""
    route = {"/good": reply(200, rss(item(1)))}

    async def run() -> tuple[list[str], Counter[str], list[str], FeedState, FeedState]:
        async def slow(_: object) -> None:
            order.append("slow")
            await asyncio.Event().wait()

        def good(_: object) -> bytes:
            order.append("good")
            return route["/good"]

        order: list[str] = []
        async with serving(
            {"/good": good, "/slow": slow, "/robots.txt": reply(404)},
            host="0.0.0.0",  # noqa: S104
        ) as server:
            hosts = [f"127.0.0.{number}:{server.port}" for number in (2, 3)]
            rows = [f"slow,http://{hosts[0]}/slow", f"good,http://{hosts[1]}/good"]
            extra = {"TIDINGS_SILENT_SECONDS": "1"}
            settings = settings_with(tmp_path, rows, hosts, extra=extra)
            lines: list[str] = []
            night = start_run(settings, now=NOW, log=lines.append)
            sources = await asyncio.to_thread(prepare, night)
            state = await asyncio.to_thread(
                _time_out, night.lake, next(feed for feed in sources if feed.feed_id == "slow")
            )
            outcomes = await asyncio.to_thread(stage.poll, night, sources)
            return order, outcomes, lines, state, await asyncio.to_thread(_state, night.lake)

    order, outcomes, lines, before, after = asyncio.run(run())
    assert order == ["good", "slow"]
    assert outcomes == {"ok": 1}
    assert (
        "deferred to the next run: 1 poll: slow (sources that timed out at their last poll used"
        " their 1 s)"
    ) in lines
    assert after == before


def test_a_listing_without_items_is_stored_as_a_failure(tmp_path: Path) -> None:
    """A redesigned listing's capture has the outcome no_items, so that its time is not covered."""
    pages = [
        b"<ul class=news><li><a href='/1'>One</a> 30 May 2026</li></ul>",
        b"<div><a href='/2'>Two</a></div>",
    ]

    async def run() -> list[Any]:
        routes: dict[str, Any] = {
            "/list": lambda _: reply(200, pages.pop(0), kind="text/html"),
            "/robots.txt": reply(404),
        }
        async with serving(routes) as server:
            host = f"127.0.0.1:{server.port}"
            row, columns = f"list,http://{host}/list,listing,ul.news a", "kind,item_selector"
            settings = settings_with(tmp_path, [row], [host], columns=f"feed_id,url,{columns}")
            for age in range(2):
                night = start_run(settings, now=NOW + age * dt.timedelta(days=1))
                sources = await asyncio.to_thread(prepare, night)
                await asyncio.to_thread(stage.poll, night, sources)
        with open_lake(night.lake, read_only=True) as con:
            captures = con.execute(
                "select outcome, reason from raw.captures where kind = 'listing' order by"
                " fetched_at"
            ).fetchall()
            states = con.execute("select outcome, failure_count from raw.feed_states").fetchall()
            return [*captures, *states]

    reason = "The page responds, but its item_selector matches no link."
    assert asyncio.run(run()) == [("ok", None), ("no_items", reason), ("no_items", 1)]


def test_a_clock_that_was_a_year_ahead_stops_nothing(tmp_path: Path) -> None:
    """After a night with the clock a year ahead, the next night polls all sources and requests
    failed pages and paused hosts.
    """
    requests: list[list[str]] = []

    def night(settings: Any, now: dt.datetime) -> Lake:
        run = start_run(settings, now=now)
        sources = prepare(run)
        stage.poll(run, sources)
        obtain(run, sources)
        return run.lake

    async def run() -> Lake:
        routes: dict[str, Any] = {
            "/page": reply(500),
            "/busy": reply(429, b"", "Retry-After: 90000"),
        }
        async with serving(routes, host="0.0.0.0") as server:  # noqa: S104
            hosts = [f"127.0.0.{number}:{server.port}" for number in (2, 3)]
            routes["/feed"] = reply(200, rss(item(1, link=f"http://{hosts[0]}/page")))
            rows = [f"a,http://{hosts[0]}/feed", f"b,http://{hosts[1]}/busy"]
            settings = settings_with(tmp_path, rows, hosts)
            for now in (NOW + dt.timedelta(days=365), NOW):
                server.log.clear()
                lake = await asyncio.to_thread(night, settings, now)
                requests.append(
                    sorted(entry["path"] for entry in server.log if "." not in entry["path"])
                )
                routes |= {
                    "/page": reply(200, b"<p>x</p>", kind="text/html"),
                    "/busy": reply(200, rss(item(2, link=""))),
                }
            return lake

    lake = asyncio.run(run())
    assert requests == [["/busy", "/feed", "/page"]] * 2
    with open_lake(lake, read_only=True) as con:
        query = "select outcome, last_polled_at, next_poll_at < ? from raw.feed_states"
        assert (
            con.execute(query, [NOW + dt.timedelta(days=2)]).fetchall() == [("ok", NOW, True)] * 2
        )


def _time_out(lake: Lake, feed: Feed) -> FeedState:
    """Store that a source timed out a day ago, and return its state."""
    failed = Response(feed.url, Outcome.TIMEOUT, NOW - dt.timedelta(days=1))
    state, _ = after_poll(feed, None, failed, None, NOW - dt.timedelta(days=1))
    with open_lake(lake) as con, transaction(con):
        merge(con, [state])
    return _state(lake)


def _state(lake: Lake) -> FeedState:
    with open_lake(lake, read_only=True) as con:
        return read_by_key(con, FeedState)["slow"]
