"""Notice that this machine has no network connection, before hundreds of requests fail."""

from __future__ import annotations

import random
import socket
import time
from contextlib import suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from tidings.base.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidings.fetch.address_check import AllowedHosts

TRIED = 8  # hosts of which one must resolve
LEAST = 3  # hosts; fewer may all have gone out of use
SECONDS = 5.0
OFFLINE = (
    "This machine has no network connection: none of {count} host names could be resolved. Nothing"
    " was changed; run the command again when it is connected."
)


class OfflineError(RuntimeError):
    """There is no network connection; the message is a sentence for the user."""


def require_network(
    urls: Iterable[str],
    allow_hosts: AllowedHosts = frozenset(),
    resolve: Callable[[str], object] = socket.gethostbyname,
) -> None:
    """Raise OfflineError if no host of some random URLs can be resolved within five seconds.
    Allowed hosts and IP addresses may be on this machine, so with one of them nothing is checked.
    """
    hosts = {host_of(url) for url in urls}
    allowed = {host for host, _ in allow_hosts}
    if len(hosts) < LEAST or any(host in allowed or _is_address(host) for host in hosts):
        return
    tried = random.sample(sorted(hosts), min(TRIED, len(hosts)))
    results = SimpleQueue[bool]()

    def work(host: str) -> None:
        is_known = False
        with suppress(OSError, UnicodeError):
            resolve(host)
            is_known = True
        results.put(is_known)

    for host in tried:  # daemon threads, because a resolver may wait for minutes
        Thread(target=work, args=(host,), daemon=True).start()
    until = time.monotonic() + SECONDS
    with suppress(Empty):
        for _ in tried:
            if results.get(timeout=max(0.01, until - time.monotonic())):
                return
    raise OfflineError(OFFLINE.format(count=len(tried)))


def _is_address(host: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(host))
    return "." not in host
