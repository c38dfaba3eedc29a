"""Polling as a stage: what a kill in the middle of it can cost."""

import asyncio
import datetime as dt

from flows.stages import poll as stage
from flows.stages.prepare import prepare
from flows.stages.run import start_run
from tests.flows.nights import settings_for
from tests.flows.steps.loopback import item, reply, rss, serving
from warehouse.lake import opened

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
KNOWN = "select feed_id, outcome from raw.feed_states union all select host, 'paused' from raw.host_pauses order by 1, 2"


def test_what_has_been_asked_is_kept_while_others_are_slow(tmp_path, monkeypatch):
    """States and pauses are in the lake before the poll is over, so that a restart after a kill asks nobody early."""
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
    with opened(lake, read_only=True) as con:
        return con.execute(KNOWN).fetchall()
