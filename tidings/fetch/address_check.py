"""Keep requests off private networks: check URLs before names are resolved, and each IP address
before connecting.
"""

import asyncio
import ipaddress
import random
import re
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Thread

from aiohttp.abc import AbstractResolver, ResolveResult

from tidings.base.urls import host_of, parse_url

AllowedHosts = frozenset[tuple[str, int]]

PORTS = frozenset({80, 443, 8080, 8443})
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z"
)
# A last label of digits, or of 0x and hex digits, makes a host an IPv4 address in any spelling:
# WHATWG URL, "ends in a number".
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\Z")
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")

# Ranges that may lead to private hosts, although Python's is_global is or was True for them in some
# release: cloud metadata (168.63.129.16 is Azure's), relays, protocol assignments, documentation
_RANGES = [
    *map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.0/24",
            "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "2001::/23",
            "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
]  # fmt: skip
# the only IPv6 addresses of public hosts (https://www.iana.org/assignments/ipv6-address-space),
# without forms that contain an IPv4 address (mapped, compatible, SIIT, NAT64)
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
# RFC 5214, section 6.1: an IPv4 address follows in the interface identifier
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def check_url(url: str, allow_hosts: AllowedHosts = frozenset()) -> str | None:
    """Return why a URL must not be requested, or None. ``allow_hosts`` are (host, port) pairs that
    are exempt.
    """
    parts = parse_url(url)
    if parts is None:
        return "The URL is invalid."
    if parts.scheme not in ("http", "https"):
        scheme = parts.scheme or "a URL without a scheme"
        return f"Only http and https URLs are fetched, not {scheme}."
    if parts.has_user or not parts.host:
        return "URLs with a user name or without a host are not fetched."
    if (parts.host, parts.port) in allow_hosts:
        return None
    return _check_host(parts.host) if parts.port in PORTS else f"Port {parts.port} is not allowed."


@lru_cache(maxsize=8192)
def _check_host(host: str) -> str | None:
    if ":" in host:
        return check_ip(host)
    if _NUMERIC_END.match(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return f"{host} is not a standard form of an IP address."
        return check_ip(host)
    if not _NAME.match(host):
        return f"{host} is not a valid host name."
    if host == "localhost" or host.endswith(_LOCAL_NAMES):
        return f"{host} is a name in the local network."
    return None


@lru_cache(maxsize=8192)
def check_ip(text: str) -> str | None:
    """Return why no connection to an IP address is allowed, or None if it is public."""
    if "%" in text:
        return f"{text} has a scope, so it is an address in the local network."
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return f"{text} is not an IP address."
    may_hold_ipv4 = address.version == 6 and (
        address not in _PUBLIC_IPV6 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    )
    is_listed = any(address in network for network in _RANGES)
    if may_hold_ipv4 or is_listed or not address.is_global or address.is_multicast:
        return f"{text} is not on the public internet."
    return None


class Resolver(AbstractResolver):
    """Resolves names with the system's resolver, in threads of its own: a name without an address
    occupies one for over ten seconds.
    """

    def __init__(self, thread_count: int) -> None:
        self._threads = ThreadPoolExecutor(thread_count, thread_name_prefix="lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the IP addresses of a host. Raises OSError if it has none."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, _resolve, host, port, family
        )

    async def close(self) -> None:
        """Cancel the waiting requests."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _resolve(host: str, port: int, family: int) -> list[ResolveResult]:
    numeric, flag = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV, socket.AI_ADDRCONFIG
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, flag)
    return [
        ResolveResult(
            hostname=host, host=str(address[0]), port=port, family=kind, proto=way, flags=numeric
        )
        for kind, _, way, _, address in found
    ]


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
    """Raise OfflineError if no host of some random URLs can be resolved within five seconds. With
    an allowed host or an IP address, which may be on this machine, nothing is checked.
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
        return bool(ipaddress.ip_address(host))
    return "." not in host
