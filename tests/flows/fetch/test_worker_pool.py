"""Many addresses and many answers at once."""

import asyncio

import pytest
from tests.flows.fetch.test_poll import NIGHT

from tidings.flows.fetch import spread as spreading
from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.worker_pool import FetchRequest, share, spread, within


async def _numbers(count, closed):
    try:
        for number in range(count):
            yield number
            await asyncio.sleep(0)
    finally:
        closed.append(True)


def test_hands_share_the_work():
    """Every item is worked on once, by as many hands at a time as there are, and the items are closed."""
    done, at_once, closed = [], [0], []

    async def work(number):
        at_once[0] += 1
        assert at_once[0] <= 3
        await asyncio.sleep(0.001)
        done.append(number)
        at_once[0] -= 1

    asyncio.run(share(_numbers(20, closed), work, 3))
    assert sorted(done) == list(range(20))
    assert closed


def test_what_one_hand_raises_ends_all():
    """The error is raised, nothing goes on behind it, and the items are closed."""
    done, closed = [], []

    async def work(number):
        if number == 2:
            raise ZeroDivisionError
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(share(_numbers(1000, closed), work, 2))
    assert len(done) < 10
    assert closed


def test_hosts_that_hang_do_not_hold_up_the_others(monkeypatch):
    """With two hosts under way at a time and six that never answer, all others answer before one of the six is given up.

    The log names one of them; how many are open has a limit of its own.
    """
    monkeypatch.setattr(spreading, "PATIENCE", 0.01)
    monkeypatch.setattr(spreading, "NOTICE", 0.05)
    lines, at_once, most = [], [0], [0]

    async def run():
        given_up = asyncio.Event()

        async def fetch(request):
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            if "hang" in request.url:
                await given_up.wait()
            at_once[0] -= 1
            return Answer(request.url, Outcome.OK, NIGHT)

        urls = [f"http://hang{n}.example/" for n in range(6)] + [f"http://good{n}.example/{k}" for n in range(20) for k in (1, 2)]
        read = []
        async for request, _ in spread(fetch, map(FetchRequest, urls), host_limit=2, seed=1, log=lines.append):
            read.append(request.url)
            if len(read) == 40:
                await asyncio.sleep(0.2)
                given_up.set()
        return urls, read

    urls, read = asyncio.run(run())
    assert sorted(read) == sorted(urls)
    assert not any("hang" in url for url in read[:40])
    assert lines[-1].startswith("waiting for 6 slow responses, the slowest for 0 s: http://hang")
    assert most[0] <= 2 + 6


def test_items_end_when_the_seconds_are_over():
    """What came until then is yielded, and the items are closed."""
    closed = []

    async def items():
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def run():
        return [item async for item in within(items(), 0.05)]

    assert asyncio.run(run()) == [1]
    assert closed == [True]


def test_large_answers_wait_in_few(monkeypatch):
    """Answers on their way are bounded by their bytes too, whatever their number."""
    monkeypatch.setattr(spreading, "_HELD_BYTES", 1_000)
    held, most = [0], [0]

    async def fetch(request):
        await asyncio.sleep(0)
        held[0] += 1
        most[0] = max(most[0], held[0])
        return Answer(request.url, Outcome.OK, NIGHT, body=b"x" * 400)

    async def run():
        requests = [FetchRequest(f"http://h{host}.example/{n}") for host in range(4) for n in range(20)]
        async for _ in spread(fetch, requests, host_limit=4, seed=1):
            held[0] -= 1
            await asyncio.sleep(0.001)

    asyncio.run(run())
    assert most[0] <= 3 + 4


def test_a_slow_reader_slows_the_fetching():
    """Few answers wait at a time, all come, and a host's addresses keep their order."""
    fetched, most_waiting = [], [0]

    async def fetch(request):
        await asyncio.sleep(0)
        fetched.append(request.url)
        return Answer(request.url, Outcome.OK, NIGHT)

    async def run():
        requests = [FetchRequest(f"http://h{host}.example/{n}") for host in range(200) for n in range(3)]
        read = []
        async for request, _ in spread(fetch, requests, host_limit=100, seed=1):
            await asyncio.sleep(0)
            read.append(request.url)
            most_waiting[0] = max(most_waiting[0], len(fetched) - len(read))
        return requests, read

    requests, read = asyncio.run(run())
    assert sorted(read) == sorted(request.url for request in requests)
    assert most_waiting[0] < 250
    of_one = [url for url in read if url.startswith("http://h7.")]
    assert of_one == [f"http://h7.example/{n}" for n in range(3)]
