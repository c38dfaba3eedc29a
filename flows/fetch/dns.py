"""Looking names up, in threads of our own."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult


class Lookup(AbstractResolver):
    """Asks the system for names, ``at_once`` of them at a time.

    The loop's own threads are six on a machine of two cores, a dead name holds one for ten seconds and more, and none can be
    taken back: a few dozen dead names would make living ones time out.
    """

    def __init__(self, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="lookup")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Return the addresses of a host; raises OSError when it has none."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _ask, host, port, family)

    async def close(self) -> None:
        """Forget who still waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str, port: int, family: int) -> list[ResolveResult]:
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return [
        ResolveResult(hostname=host, host=str(place[0]), port=port, family=kind, proto=protocol, flags=numeric)
        for kind, _, protocol, _, place in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    ]
