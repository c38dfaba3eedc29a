"""Hosts' turns, shared by the clients of several processes and machines."""

import asyncio
import datetime as dt
from itertools import pairwise

import pytest

from tidings.flows.fetch.rate_limit import Pacer, domain_of, pause_of
from tidings.warehouse.locks import FileLocks, PostgresLocks

GAP = 0.2


@pytest.fixture(params=["files", "sessions"])
def holders(request, tmp_path):
    """Two holders of locks, as two processes have them."""
    if request.param == "files":
        made = [FileLocks(tmp_path / "turns") for _ in range(2)]
    else:
        url = request.getfixturevalue("pg").database()
        made = [PostgresLocks(url, "turns/") for _ in range(2)]
    with made[0] as one, made[1] as two:
        yield one, two


def test_no_host_is_asked_by_two_at_once(holders):
    """Two clients want the same host: one at a time, and the gap lies between any two requests, whoever makes them."""
    asked = []

    async def ask(pacer, host, times):
        for _ in range(times):
            await pacer.begin(host)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.02)
            asked.append((host, began, asyncio.get_running_loop().time()))
            pacer.end(host)

    async def run():
        pacers = [Pacer(GAP, turns=turns) for turns in holders]
        await asyncio.gather(*(ask(pacer, host, 3) for pacer in pacers for host in ("a.example.org", "b.example.com")))
        for pacer in pacers:
            await pacer.close()

    asyncio.run(run())
    for host in ("a.example.org", "b.example.com"):
        spans = sorted(span for name, *span in asked if name == host)
        assert len(spans) == 6
        assert all(later[0] - earlier[1] >= GAP * 0.99 for earlier, later in pairwise(spans)), spans


def test_a_closed_client_leaves_the_gap_behind_it(holders):
    """When one run has ended, the next may ask only after the gap of the last request."""

    async def run():
        one, two = (Pacer(GAP, turns=turns) for turns in holders)
        await one.begin("a.example.org")
        one.end("a.example.org")
        ended = asyncio.get_running_loop().time()
        await one.close()
        await two.begin("a.example.org")
        assert asyncio.get_running_loop().time() - ended >= GAP * 0.99
        two.end("a.example.org")
        await two.close()

    asyncio.run(run())


def test_a_turn_goes_with_its_holder(holders):
    """Who is gone holds no host, whatever it was at."""
    one, two = holders
    assert one.take("a.example.org")
    assert not two.take("a.example.org")
    one.__exit__()
    assert two.take("a.example.org")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.example.co.uk", "example.co.uk"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
    ],
)
def test_hosts_of_one_domain_share_a_turn(host, domain):
    """The turn belongs to the registrable domain, or to the host if it has none."""
    assert domain_of(host) == domain


def test_a_pause_lasts_one_to_48_hours():
    """A throttled host is paused for as long as it asks, from one hour to 48 hours."""
    hours = [pause_of(seconds) / dt.timedelta(hours=1) for seconds in (None, 60, 7200, 10**6, 10**12)]
    assert hours == [1, 1, 2, 48, 48]


def test_a_pause_ends():
    """The longer of two pauses counts, until its end; without enforcement there is none."""
    now = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
    later = now + dt.timedelta(hours=2)
    pacer, free = Pacer(GAP), Pacer(GAP, is_enforced=False)
    for one in (pacer, free):
        one.pause("a.example.org", later)
        one.pause("a.example.org", now + dt.timedelta(hours=1))
    moments = (now, later, later + dt.timedelta(hours=1))
    assert [pacer.paused_until("a.example.org", moment) for moment in moments] == [later, None, None]
    assert pacer.paused_until("b.example.org", now) is None
    assert free.paused_until("a.example.org", now) is None


@pytest.mark.parametrize(("delay", "is_enforced", "waits"), [(None, True, False), (2.0, True, True), (2.0, False, False)])
def test_a_crawl_delay_lengthens_the_present_gap(delay, is_enforced, waits):
    """A Crawl-delay that becomes known after a request also lengthens the gap that has begun, unless gaps are not enforced."""

    async def run():
        pacer = Pacer(0.0, is_enforced=is_enforced)
        await pacer.begin("a.example.org")
        pacer.end("a.example.org")
        pacer.lengthen("a.example.org", delay)
        try:
            await asyncio.wait_for(pacer.begin("a.example.org"), 0.5)
        except TimeoutError:
            return True
        return False

    assert asyncio.run(run()) is waits
