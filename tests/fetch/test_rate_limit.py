"""Rate limits that the clients of several processes and machines share."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cases import cases
from tests.storage.services import postgres_versions
from tidings.fetch.rate_limit import RateLimiter, domain_of
from tidings.storage.locks import FileLocks, PostgresLocks

GAP = 0.2


Holders = tuple[FileLocks, FileLocks] | tuple[PostgresLocks, PostgresLocks]


@pytest.fixture(params=["files", *postgres_versions()])
def holders(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Holders]:
    """Return two sets of locks, as two processes have them."""
    if request.param == "files":
        locks: list[Any] = [FileLocks(tmp_path / "turns") for _ in range(2)]
    else:
        url = request.getfixturevalue("pg_servers")(request.param).database()
        locks = [PostgresLocks(url, "turns/") for _ in range(2)]
    with locks[0] as one, locks[1] as two:
        yield one, two


def test_no_host_is_asked_by_two_at_once(holders: Holders) -> None:
    """Two clients request a host one after the other, with the gap between any two requests."""
    requests, hosts = [], ("a.example.org", "b.example.com")

    async def ask(limiter: RateLimiter, host: str, times: int) -> None:
        for _ in range(times):
            async with limiter.turn(host):
                began = asyncio.get_running_loop().time()
                await asyncio.sleep(0.02)
                requests.append((host, began, asyncio.get_running_loop().time()))

    async def run() -> None:
        limiters = [RateLimiter(GAP, locks=locks) for locks in holders]
        await asyncio.gather(*(ask(limiter, host, 3) for limiter in limiters for host in hosts))
        for limiter in limiters:
            await limiter.close()

    asyncio.run(run())
    for host in hosts:
        spans = sorted(span for name, *span in requests if name == host)
        assert len(spans) == 6
        assert all(later[0] - earlier[1] >= GAP * 0.99 for earlier, later in pairwise(spans)), spans


def test_a_closed_client_leaves_the_gap_behind_it(holders: Holders) -> None:
    """After a client closes, the next client waits for the gap of the last request."""

    async def run() -> None:
        one, two = (RateLimiter(GAP, locks=locks) for locks in holders)
        async with one.turn("a.example.org"):
            pass
        ended = asyncio.get_running_loop().time()
        await one.close()
        async with two.turn("a.example.org"):
            assert asyncio.get_running_loop().time() - ended >= GAP * 0.99
        await two.close()

    asyncio.run(run())


def test_a_turn_goes_with_its_holder(holders: Holders) -> None:
    """A process that ends releases its locks."""
    one, two = holders
    assert one.take("a.example.org")
    assert not two.take("a.example.org")
    one.__exit__()
    assert two.take("a.example.org")


@cases(
    "host, domain",
    ("news.example.co.uk", "example.co.uk"),
    ("localhost", "localhost"),
    ("co.uk", "co.uk"),
    ("127.0.0.1", "127.0.0.1"),
    ("[::1]", "::1"),
)
def test_hosts_of_one_domain_share_a_lock(host: str, domain: str) -> None:
    """Requests are limited per registrable domain, or per host if it has none."""
    assert domain_of(host) == domain


def test_pauses_last_and_end() -> None:
    """A throttled host is paused for at least one hour and at most 48 hours. The longer of two
    pauses applies until its end; without enforcement no pause applies.
    """
    now, limiter = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC), RateLimiter(GAP)
    for number, seconds in enumerate((None, 60, 7200, 10**6, 10**12)):
        limiter.pause(str(number), now, seconds)
    hours = [(until - now) / dt.timedelta(hours=1) for until in limiter.pauses.values()]
    assert hours == [1, 1, 2, 48, 48]
    later = now + dt.timedelta(hours=2)
    limiter, free = RateLimiter(GAP), RateLimiter(GAP, is_enforced=False)
    for each in (limiter, free):
        each.pause("a.example.org", now, 7200)
        each.pause("a.example.org", now, None)
    moments = (now, later, later + dt.timedelta(hours=1))
    found = [limiter.paused_until("a.example.org", moment) for moment in moments]
    assert found == [later, None, None]
    assert limiter.paused_until("b.example.org", now) is None
    assert free.paused_until("a.example.org", now) is None


@cases("delay, is_enforced, waits", (None, True, False), (2.0, True, True), (2.0, False, False))
def test_a_crawl_delay_extends_the_current_gap(
    delay: float | None, is_enforced: bool, waits: bool
) -> None:
    """A Crawl-delay after a request extends the current gap, unless gaps are not enforced."""

    async def run() -> bool:
        limiter = RateLimiter(0.0, is_enforced=is_enforced)
        async with limiter.turn("a.example.org"):
            pass
        limiter.set_crawl_delay("a.example.org", delay)
        try:
            async with asyncio.timeout(0.5), limiter.turn("a.example.org"):
                return False
        except TimeoutError:
            return True

    assert asyncio.run(run()) is waits
