"""Many addresses and many answers at once."""

import asyncio

import pytest

from flows.steps.outcomes import Answer, Outcome
from flows.steps.spread import FetchRequest, share, spread
from tests.flows.steps.test_poll import NIGHT


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
