"""Concurrent requests and responses."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.fetch.test_poll_state import NIGHT
from tidings.fetch import worker_pool
from tidings.fetch.response import Outcome, Response
from tidings.fetch.worker_pool import FetchRequest, consume, fetch_all, stop_after


async def _numbers(count: int, closed: list[Any], seconds: float = 0) -> AsyncGenerator[int, None]:
    try:
        for number in range(count):
            yield number
            await asyncio.sleep(seconds)
    finally:
        closed.append(True)


def test_hands_share_the_work() -> None:
    """Each item is processed once, by the given number of tasks, and the items are closed."""
    done, at_once, closed = list[int](), [0], list[bool]()

    async def work(number: int) -> None:
        at_once[0] += 1
        assert at_once[0] <= 3
        await asyncio.sleep(0.001)
        done.append(number)
        at_once[0] -= 1

    asyncio.run(consume(_numbers(20, closed), work, 3))
    assert sorted(done) == list(range(20))
    assert closed


def test_what_one_hand_raises_ends_all() -> None:
    """An error in one task is raised, all tasks end, and the items are closed."""
    done, closed = list[int](), list[bool]()

    async def work(number: int) -> None:
        if number == 2:
            raise ZeroDivisionError
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(consume(_numbers(1000, closed), work, 2))
    assert len(done) < 10
    assert closed


def test_hosts_that_hang_do_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit of two hosts, six hosts that never respond do not delay the others.

    The log names one of them, and the number of open hosts has its own limit.
    """
    monkeypatch.setattr(worker_pool, "SLOW_AFTER", 0.01)
    monkeypatch.setattr(worker_pool, "LOG_INTERVAL", 0.05)
    lines, at_once, most = list[str](), [0], [0]
    urls = [f"http://hang{n}.example/" for n in range(6)]
    urls += [f"http://good{n}.example/{k}" for n in range(20) for k in (1, 2)]

    async def run() -> list[str]:
        given_up = asyncio.Event()

        async def fetch(request: FetchRequest) -> Response:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            if "hang" in request.url:
                await given_up.wait()
            at_once[0] -= 1
            return Response(request.url, Outcome.OK, NIGHT)

        read = []
        requests = map(FetchRequest, urls)
        async for request, _ in fetch_all(fetch, requests, host_limit=2, log=lines.append):
            read.append(request.url)
            if len(read) == 40:
                await asyncio.sleep(0.2)
                given_up.set()
        return read

    read = asyncio.run(run())
    assert sorted(read) == sorted(urls)
    assert not any("hang" in url for url in read[:40])
    assert lines[-1].startswith("waiting for 6 slow responses, the slowest for 0 s: http://hang")
    assert most[0] <= 2 + 6


def test_items_end_when_the_seconds_are_over() -> None:
    """The items that arrive in time are yielded, and the items are closed."""
    closed: list[bool] = []

    async def items() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def run() -> list[int]:
        return [item async for item in stop_after(items(), 0.05)]

    assert asyncio.run(run()) == [1]
    assert closed == [True]


def test_a_slow_reader_slows_the_fetching() -> None:
    """Few responses wait for a slow caller, all arrive, and the URLs of a host keep their order."""
    fetched, most_waiting = [], [0]

    async def fetch(request: FetchRequest) -> Response:
        await asyncio.sleep(0)
        fetched.append(request.url)
        return Response(request.url, Outcome.OK, NIGHT)

    urls = [f"http://h{host}.example/{n}" for host in range(200) for n in range(3)]

    async def run() -> list[str]:
        read = []
        async for request, _ in fetch_all(fetch, map(FetchRequest, urls), host_limit=100):
            await asyncio.sleep(0)
            read.append(request.url)
            most_waiting[0] = max(most_waiting[0], len(fetched) - len(read))
        return read

    read = asyncio.run(run())
    assert sorted(read) == sorted(urls)
    assert most_waiting[0] <= 100 + 16 + 1
    of_one = [url for url in read if url.startswith("http://h7.")]
    assert of_one == [f"http://h7.example/{n}" for n in range(3)]
