"""Rate limits that the clients of several processes and machines share."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tidings.flows.fetch.rate_limit import RateLimiter
from tidings.warehouse.locks import FileLocks, PostgresLocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GAP = 0.2


@pytest.fixture(params=["files", "sessions"])
def holders(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[FileLocks, FileLocks] | tuple[PostgresLocks, PostgresLocks]]:
    """Return two sets of locks, as two processes have them."""
    if request.param == "files":
        made: list[Any] = [FileLocks(tmp_path / "turns") for _ in range(2)]
    else:
        url = request.getfixturevalue("pg").database()
        made = [PostgresLocks(url, "turns/") for _ in range(2)]
    with made[0] as one, made[1] as two:
        yield one, two


def test_no_host_is_asked_by_two_at_once(holders: tuple[FileLocks, FileLocks] | tuple[PostgresLocks, PostgresLocks]) -> None:
    """Two clients request a host one after the other, with the gap between any two requests."""
    asked = []

    async def ask(limiter: RateLimiter, host: str, times: int) -> None:
        for _ in range(times):
            await limiter.acquire(host)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.02)
            asked.append((host, began, asyncio.get_running_loop().time()))
            limiter.release(host)

    async def run() -> None:
        limiters = [RateLimiter(GAP, locks=locks) for locks in holders]
        await asyncio.gather(*(ask(limiter, host, 3) for limiter in limiters for host in ("a.example.org", "b.example.com")))
        for limiter in limiters:
            await limiter.close()

    asyncio.run(run())
    for host in ("a.example.org", "b.example.com"):
        spans = sorted(span for name, *span in asked if name == host)
        assert len(spans) == 6
        assert all(later[0] - earlier[1] >= GAP * 0.99 for earlier, later in pairwise(spans)), spans


def test_a_closed_client_leaves_the_gap_behind_it(
    holders: tuple[FileLocks, FileLocks] | tuple[PostgresLocks, PostgresLocks],
) -> None:
    """After a client closes, the next client waits for the gap of the last request."""

    async def run() -> None:
        one, two = (RateLimiter(GAP, locks=locks) for locks in holders)
        await one.acquire("a.example.org")
        one.release("a.example.org")
        ended = asyncio.get_running_loop().time()
        await one.close()
        await two.acquire("a.example.org")
        assert asyncio.get_running_loop().time() - ended >= GAP * 0.99
        two.release("a.example.org")
        await two.close()

    asyncio.run(run())


def test_a_turn_goes_with_its_holder(holders: tuple[FileLocks, FileLocks] | tuple[PostgresLocks, PostgresLocks]) -> None:
    """A process that ends releases its locks."""
    one, two = holders
    assert one.take("a.example.org")
    assert not two.take("a.example.org")
    one.__exit__()
    assert two.take("a.example.org")
