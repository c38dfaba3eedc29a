"""Months of nightly runs with an injected clock: the server's log shows no request that a rule
forbids.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.fetch.loopback import Loopback, item, reply, rss, serving
from tidings.base.records import Feed, FeedState, Robots
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.feed.read import read_feed
from tidings.fetch.poll_state import after_poll, is_due, poll_request
from tidings.fetch.worker_pool import FetchRequest

if TYPE_CHECKING:
    from collections.abc import Callable

START = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NIGHTS = 80  # long enough that a failing feed is retired and polled once more
WEEKLY = (
    "<sy:updatePeriod"
    ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">weekly</sy:updatePeriod>'
)


class Night:
    """A fixed clock during each run, and the server's log by path with the times of that clock."""

    def __init__(self) -> None:
        self.now = START
        self.requests: dict[str, list[tuple[dt.datetime, dict[str, str]]]] = {}

    def note(self, path: str, response: bytes | Callable[..., Any]) -> Callable[..., Any]:
        """Return a route that records each request before it responds."""

        def route(headers: dict[str, str]) -> bytes:
            self.requests.setdefault(path, []).append((self.now, headers))
            return response(headers) if callable(response) else response

        return route


def _routes(night: Night) -> dict[str, Callable[..., Any]]:
    def versioned(headers: dict[str, str]) -> bytes:
        return (
            reply(304)
            if headers.get("if-none-match") == '"v"'
            else reply(200, rss(item(1)), 'ETag: "v"')
        )

    def daily(_: dict[str, str]) -> bytes:
        return reply(
            200, rss(*(item(n, date=(night.now - n * HOUR).isoformat()) for n in range(12)))
        )

    def spaced(name: Callable[..., Any]) -> Callable[..., Any]:
        """Return three entries, six hours apart; ``name`` may contain the time, so that each
        response has other entries.
        """
        return lambda _: reply(
            200,
            rss(
                *(
                    item(n, link=name(n), date=(night.now - n * 6 * HOUR).isoformat())
                    for n in range(3)
                )
            ),
            f'ETag: "{night.now}"',
        )

    responses: dict[str, Any] = {
        "/versioned": versioned,
        "/calm": spaced(lambda n: f"http://example.org/{n}"),
        "/rushing": spaced(lambda n: f"http://example.org/{night.now:%j%H%M}/{n}"),
        "/weekly": reply(200, rss(item(1), head=WEEKLY), 'ETag: "v"'),
        "/greedy": reply(503, b"", "Retry-After: 10000000"),
        "/neighbour": reply(200, rss(item(1)), 'ETag: "v"'),
        "/bare": daily,
        "/slow": reply(200, rss(item(1), head="<ttl>4320</ttl>"), 'ETag: "v"'),
        "/cached": reply(200, rss(item(1)), "Cache-Control: max-age=129600", 'ETag: "v"'),
        "/gone": reply(410),
        "/dead": reply(404),
        "/throttled": reply(429, b"", "Retry-After: 130000"),
        "/moved": reply(301, b"", "Location: /versioned"),
        "/challenge": reply(403, b"<html>", "cf-mitigated: challenge"),
        "/robots.txt": reply(200, b"User-agent: *\nDisallow: /secret", kind="text/plain"),
        "/secret": reply(200, rss(item(1))),
    }
    return {path: night.note(path, response) for path, response in responses.items()}


async def _run_night(server: Loopback, night: Night, feeds: list[Feed], kept: Any) -> None:
    """Poll the feeds that are due. Every feed but one has its own loopback address."""
    states, robots, pauses = kept
    allowed = frozenset((f"127.0.0.{number}", server.port) for number in range(1, 30))
    settings = ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, deadline=5.0)
    async with open_client(settings, lambda: night.now, robots, pauses=pauses) as client:
        due = [feed for feed in feeds if is_due(states.get(feed.feed_id), night.now)]
        requests = []
        for feed in due:
            url, etag, last_modified = poll_request(feed, states.get(feed.feed_id))
            requests.append(FetchRequest(url, "feed", etag, last_modified, key=feed))
        async for request, response in client.fetch_many(requests):
            feed = request.key
            parsed = (
                read_feed(response.body, None, response.final_url or "", "UTC", night.now)
                if response.is_ok
                else None
            )
            states[feed.feed_id], _ = after_poll(
                feed, states.get(feed.feed_id), response, parsed, night.now
            )
        robots |= client.robots_seen
        pauses |= client.pauses


def _simulate(steps: list[dt.timedelta]) -> tuple[Night, dict[str, FeedState], Loopback]:
    night, states = Night(), dict[str, FeedState]()
    robots, pauses = dict[str, Robots](), dict[str, dt.datetime]()
    paths = [
        "/versioned",
        "/bare",
        "/slow",
        "/cached",
        "/gone",
        "/dead",
        "/throttled",
        "/moved",
        "/challenge",
        "/secret",
    ]
    paths += ["/calm", "/rushing", "/weekly", "/greedy"]
    host_of = {path: number for number, path in enumerate(paths, 2)}
    host_of["/neighbour"] = host_of["/throttled"]

    async def run() -> tuple[Night, dict[str, FeedState], Loopback]:
        async with serving(_routes(night), host="0.0.0.0") as server:  # noqa: S104 — several loopback addresses
            feeds = [
                Feed(
                    path,
                    "p",
                    f"http://127.0.0.{number}:{server.port}{path}",
                    "feed",
                    None,
                    [],
                    is_enabled=True,
                    has_full_text=False,
                    ignores_robots=False,
                    item_selector=None,
                    next_selector=None,
                    day_url=None,
                )
                for path, number in host_of.items()
            ]
            for step in steps:
                night.now += step
                await _run_night(server, night, feeds, (states, robots, pauses))
            return night, states, server

    return asyncio.run(run())


@pytest.fixture(scope="module")
def month() -> tuple[Night, dict[str, FeedState], Loopback]:
    """Eighty nightly runs with some minutes of jitter, each run twice as after a restart, and then
    hourly runs for a day.
    """
    jitter = [dt.timedelta(minutes=minutes) for minutes in (0, 7, -12, 3, -9)]
    nights = [
        step
        for number in range(NIGHTS)
        for step in (DAY + jitter[number % 5] - jitter[number % 5 - 1], dt.timedelta(0))
    ]
    return _simulate(nights + [HOUR] * 24)


def _waits(month: tuple[Night, dict[str, FeedState], Loopback], path: str) -> list[dt.timedelta]:
    times = [at for at, _ in month[0].requests.get(path, [])]
    return [later - earlier for earlier, later in pairwise(times)]


def test_no_feed_is_asked_more_than_hourly_nor_twice_by_a_restart(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """No feed is polled more than once an hour, although every run took place twice."""
    # /versioned is a feed and the target of /moved
    for path in month[0].requests.keys() - {"/robots.txt", "/versioned"}:
        assert all(wait >= HOUR for wait in _waits(month, path)), path


def test_a_feed_without_validators_is_asked_daily_and_every_night(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """Hourly runs do not poll the feed more often, and an early nightly run does not skip it."""
    waits = _waits(month, "/bare")
    assert min(waits) >= 20 * HOUR
    assert len(month[0].requests["/bare"]) >= NIGHTS


def test_hints_of_the_publisher_are_kept(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """A ttl of three days, a max-age of 36 hours and a weekly updatePeriod apply, less 15
    minutes.
    """
    assert min(_waits(month, "/slow")) >= 3 * DAY - HOUR / 4
    assert min(_waits(month, "/cached")) >= 36 * HOUR - HOUR / 4
    assert min(_waits(month, "/weekly")) >= 7 * DAY - HOUR / 4


def test_what_is_gone_is_retired_at_once(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """After a 410, the feed is retired and polled once a month."""
    assert min(_waits(month, "/gone")) >= 30 * DAY
    assert month[1]["/gone"].retired_at is not None


def test_what_fails_is_asked_ever_less_and_given_up(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """After 404s, the interval doubles from an hour to a week; after twelve failures it is a
    month.
    """
    waits = _waits(month, "/dead")
    assert all(later > earlier - DAY for earlier, later in pairwise(waits))
    assert 6 * DAY < waits[9] < 9 * DAY
    assert waits[-1] >= 30 * DAY
    assert month[1]["/dead"].retired_at is not None


def test_a_pause_is_the_hosts_and_is_bounded(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """Retry-After applies to every feed of the host, across nights, and for two days at most."""
    requests = sorted(
        at for path in ("/throttled", "/neighbour") for at, _ in month[0].requests.get(path, [])
    )
    refused = [at for at, _ in month[0].requests["/throttled"]]
    assert len(refused) > NIGHTS / 4
    assert not [
        at
        for at in requests
        for refusal in refused
        if refusal < at < refusal + dt.timedelta(seconds=130_000)
    ]
    assert all(2 * DAY <= wait <= 4 * DAY for wait in _waits(month, "/greedy"))


def test_a_feed_that_runs_past_us_is_asked_more_often(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """Of two feeds with the same interval, the one with a gap is polled earlier."""
    calm, rushing = (
        next(wait for wait in _waits(month, path) if wait < 10 * HOUR)
        for path in ("/calm", "/rushing")
    )
    assert (rushing, calm) == (HOUR, 2 * HOUR)


def test_a_challenge_is_not_tried_twice_a_night_and_robots_are_obeyed(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """A robots file is requested at most once a day from a host."""
    assert min(_waits(month, "/challenge")) >= HOUR
    assert "/secret" not in month[0].requests
    hosts: dict[str, list[dt.datetime]] = {}
    for at, headers in month[0].requests["/robots.txt"]:
        hosts.setdefault(headers["host"], []).append(at)
    assert all(
        later - earlier >= 23 * HOUR
        for times in hosts.values()
        for earlier, later in pairwise(times)
    )


def test_a_permanent_move_is_followed_after_five_nights(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """The old URL is requested five times and then never again."""
    assert len(month[0].requests["/moved"]) == 5
    assert month[1]["/moved"].url.endswith("/versioned")


def test_every_later_request_of_a_versioned_feed_is_conditional(
    month: tuple[Night, dict[str, FeedState], Loopback],
) -> None:
    """Known validators are sent with every request, except the first one to a new URL."""
    plain = [
        headers for _, headers in month[0].requests["/versioned"] if "if-none-match" not in headers
    ]
    assert len(plain) <= 3
