"""Polling: losses by an interrupted run."""

import asyncio
import datetime as dt

from tests.flows.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import settings_for
from tidings.flows.fetch.poll_state import after_poll
from tidings.flows.fetch.response import Outcome, Response
from tidings.flows.stages import poll as stage
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake, transaction
from tidings.warehouse.load import merge
from tidings.warehouse.pending import feed_states

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
KNOWN = "select feed_id, outcome from raw.feed_states union all select host, 'paused' from raw.host_pauses order by 1, 2"


def test_what_has_been_asked_is_kept_while_others_are_slow(tmp_path, monkeypatch):
    """States and pauses are stored during the poll, so that a restarted run does not repeat requests."""
    monkeypatch.setattr(stage, "MOST_WAIT", 0.0)
    release = asyncio.Event()

    async def slow(_):
        await release.wait()
        return reply(200, rss(item(3)))

    routes = {"/good": reply(200, rss(item(1))), "/busy": lambda _: reply(429), "/late": reply(404), "/slow": slow}

    async def run():
        async with serving(routes, host="0.0.0.0") as server:  # noqa: S104
            hosts = [f"127.0.0.{number}:{server.port}" for number in range(2, 6)]
            rows = [f"{path[1:]},http://{host}{path}" for path, host in zip(routes, hosts, strict=True)]
            (tmp_path / "feeds.csv").write_text("\n".join(["feed_id,url", *rows]) + "\n")
            night = start_run(settings_for(tmp_path / "data", tmp_path / "feeds.csv", hosts), now=NOW)
            sources = await asyncio.to_thread(prepare, night)
            polling = asyncio.create_task(asyncio.to_thread(stage.poll, night, sources))
            found = []
            for _ in range(200):
                await asyncio.sleep(0.1)
                found = await asyncio.to_thread(_known, night.lake)
                if len(found) >= 4:
                    break
            release.set()
            await polling
            return found, await asyncio.to_thread(_known, night.lake)

    before, after = asyncio.run(run())
    assert before == [("127.0.0.3", "paused"), ("busy", "throttled"), ("good", "ok"), ("late", "http_error")]
    assert ("slow", "ok") in after


def _known(lake):
    with open_lake(lake, read_only=True) as con:
        return con.execute(KNOWN).fetchall()


def test_sources_that_hung_last_time_come_last_and_have_a_limit(tmp_path):
    """Sources that timed out are polled last, within a limit; the log names the others, which are due the next night."""
    route = {"/good": reply(200, rss(item(1)))}

    async def run():
        async def slow(_):
            order.append("slow")
            await asyncio.Event().wait()

        def good(_):
            order.append("good")
            return route["/good"]

        order = []
        async with serving({"/good": good, "/slow": slow, "/robots.txt": reply(404)}, host="0.0.0.0") as server:  # noqa: S104
            hosts = [f"127.0.0.{number}:{server.port}" for number in (2, 3)]
            (tmp_path / "feeds.csv").write_text(f"feed_id,url\nslow,http://{hosts[0]}/slow\ngood,http://{hosts[1]}/good\n")
            settings = settings_for(tmp_path / "data", tmp_path / "feeds.csv", hosts, extra={"TIDINGS_SILENT_SECONDS": "1"})
            lines = []
            night = start_run(settings, now=NOW, log=lines.append)
            sources = await asyncio.to_thread(prepare, night)
            state = await asyncio.to_thread(_time_out, night.lake, next(one for one in sources if one.feed_id == "slow"))
            outcomes = await asyncio.to_thread(stage.poll, night, sources)
            return order, outcomes, lines, state, await asyncio.to_thread(_state, night.lake)

    order, outcomes, lines, before, after = asyncio.run(run())
    assert order == ["good", "slow"]
    assert outcomes == {"ok": 1}
    assert "deferred to the next run: 1 poll: slow (sources that timed out at their last poll used their 1 s)" in lines
    assert after == before


def _time_out(lake, feed):
    """Store that a source timed out a day ago, and return its state."""
    failed = Response(feed.url, Outcome.TIMEOUT, NOW - dt.timedelta(days=1))
    state, _ = after_poll(feed, None, failed, None, NOW - dt.timedelta(days=1))
    with open_lake(lake) as con, transaction(con):
        merge(con, [state])
    return _state(lake)


def _state(lake):
    with open_lake(lake, read_only=True) as con:
        return feed_states(con)["slow"]
