"""A month of nights with an injected clock: what the server's log shows, no rule forbids."""

import asyncio
import datetime as dt
from itertools import pairwise

import pytest

from flows.steps.asking import requested_url, validators_of
from flows.steps.feed import read_feed
from flows.steps.http import ClientSettings, FetchRequest, open_client
from flows.steps.poll import after_poll, is_due
from tests.flows.steps.loopback import item, reply, rss, serving
from warehouse.records import Feed

START = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


class Night:
    """A clock that stands still during a night, and the server's log by path with that clock's time."""

    def __init__(self):
        self.now = START
        self.asked = {}

    def note(self, path, answer):
        """Return a route that notes each request before it answers."""

        def route(headers):
            self.asked.setdefault(path, []).append((self.now, headers))
            return answer(headers) if callable(answer) else answer

        return route


def _routes(night):
    def versioned(headers):
        return reply(304) if headers.get("if-none-match") == '"v"' else reply(200, rss(item(1)), 'ETag: "v"')

    def daily(_):
        return reply(200, rss(*(item(n, date=(night.now - n * HOUR).isoformat()) for n in range(12))))

    answers = {
        "/versioned": versioned,
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
    return {path: night.note(path, answer) for path, answer in answers.items()}


async def _run_night(server, night, feeds, states, robots):
    """Poll what is due on a host each, as a night does; feeds of one path live on one address of loopback."""
    allowed = frozenset((f"127.0.0.{number}", server.port) for number in range(1, 30))
    settings = ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, deadline=5.0)
    async with open_client(settings, lambda: night.now, robots.values()) as client:
        due = [feed for feed in feeds if is_due(states.get(feed.feed_id), night.now)]
        requests = [
            FetchRequest(
                requested_url(feed, states.get(feed.feed_id)), "feed", key=feed, **validators_of(states.get(feed.feed_id))
            )
            for feed in due
        ]
        async for request, answer in client.fetch_many(requests):
            feed = request.key
            parsed = read_feed(answer.body, None, answer.final_url, "UTC", night.now) if answer.is_ok else None
            states[feed.feed_id], _ = after_poll(feed, states.get(feed.feed_id), answer, parsed, night.now)
        robots |= client.robots_seen


def _simulate(steps):
    night, states, robots = Night(), {}, {}
    paths = ["/versioned", "/bare", "/slow", "/cached", "/gone", "/dead", "/throttled", "/moved", "/challenge", "/secret"]

    async def run():
        async with serving(_routes(night), host="0.0.0.0") as server:  # noqa: S104 — several loopback addresses
            feeds = [
                Feed(path, "p", f"http://127.0.0.{number}:{server.port}{path}", "feed", None, [], *[flag] * 3, None, None, None)
                for flag in (False,)
                for number, path in enumerate(paths, 2)
            ]
            for step in steps:
                night.now += step
                await _run_night(server, night, feeds, states, robots)
            return night, states, server

    return asyncio.run(run())


@pytest.fixture(scope="module")
def month():
    """Thirty nights, some minutes early or late, each run twice as after a restart; then hourly runs for a day."""
    jitter = [dt.timedelta(minutes=minutes) for minutes in (0, 7, -12, 3, -9)]
    nights = [step for number in range(30) for step in (DAY + jitter[number % 5] - jitter[number % 5 - 1], dt.timedelta(0))]
    return _simulate(nights + [HOUR] * 24)


def _waits(month, path):
    times = [at for at, _ in month[0].asked.get(path, [])]
    return [later - earlier for earlier, later in pairwise(times)]


def test_no_feed_is_asked_more_than_hourly_nor_twice_by_a_restart(month):
    """Whatever it is, and though every night ran twice."""
    for path in month[0].asked.keys() - {"/robots.txt", "/versioned"}:  # /versioned is asked for itself and for /moved
        assert all(wait >= HOUR for wait in _waits(month, path)), path


def test_a_feed_without_validators_is_asked_daily_and_every_night(month):
    """Not more often by the hourly runs, not less by a night that came early."""
    waits = _waits(month, "/bare")
    assert min(waits) >= 20 * HOUR
    assert len(month[0].asked["/bare"]) >= 30


def test_hints_of_the_publisher_are_kept(month):
    """Three days of ttl and 36 hours of max-age, less a quarter of an hour."""
    assert min(_waits(month, "/slow")) >= 3 * DAY - HOUR / 4
    assert min(_waits(month, "/cached")) >= 36 * HOUR - HOUR / 4


def test_what_is_gone_or_dead_is_left_alone(month):
    """410: asked once and once more after 30 days at most. 404: ever less. 429: not before what it asked for."""
    assert len(month[0].asked["/gone"]) <= 2
    assert len(month[0].asked["/dead"]) <= 12
    assert min(_waits(month, "/throttled")) >= dt.timedelta(seconds=130_000)


def test_a_challenge_is_not_tried_twice_a_night_and_robots_are_obeyed(month):
    """And a robots file is asked for at most once a day on a host."""
    assert min(_waits(month, "/challenge")) >= HOUR
    assert "/secret" not in month[0].asked
    hosts = {}
    for at, headers in month[0].asked["/robots.txt"]:
        hosts.setdefault(headers["host"], []).append(at)
    assert all(later - earlier >= 23 * HOUR for times in hosts.values() for earlier, later in pairwise(times))


def test_a_permanent_move_is_followed_after_five_nights(month):
    """The old address is asked five times and then no more."""
    assert len(month[0].asked["/moved"]) == 5
    assert month[1]["/moved"].url.endswith("/versioned")


def test_every_later_request_of_a_versioned_feed_is_conditional(month):
    """Validators are sent once they are known; only the address that a move led to begins without."""
    plain = [headers for _, headers in month[0].asked["/versioned"] if "if-none-match" not in headers]
    assert len(plain) <= 3
