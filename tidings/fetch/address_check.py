"""Keep requests off private networks: check URLs before names are resolved, and each IP address
before connecting.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from aiohttp.abc import AbstractResolver, ResolveResult

from tidings.base.urls import parse_url

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
    """Return why a URL must not be requested, as a sentence, or None. ``allow_hosts`` are (host,
    port) pairs that are exempt.
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
    """Return why no connection to an IP address is allowed, as a sentence, or None if it is on the
    public internet.
    """
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
    """Resolves names with the system's resolver, in ``thread_count`` threads of its own: a name
    without an address occupies a thread for over ten seconds and would delay other work of asyncio.
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
