"""Which addresses may be asked: judged before a name is looked up, and again for what the look-up gave."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from tidings.flows.urls import locate

AllowedHosts = frozenset[tuple[str, int]]

PORTS = frozenset({80, 443, 8080, 8443})
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
# A last label of digits, or of 0x and hex digits, makes a host an IPv4 address in any spelling: WHATWG URL, "ends in a number".
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\Z")
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")

# Ranges that Python's is_global calls global, or has called so in some release, and that lead, or may lead, inside.
_RANGES = [
    (ipaddress.ip_network(text), name)
    for text, name in (
        ("0.0.0.0/8", "this network"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("168.63.129.16/32", "Azure's metadata and DNS"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.88.99.0/24", "6to4 relays"),
        ("198.18.0.0/15", "benchmarking"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("2001::/23", "protocol assignments, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
]
# IANA has assigned no other IPv6 addresses to public hosts. Forms with an IPv4 address in them (mapped, compatible, SIIT, NAT64)
# and all local and reserved ranges are outside this range: https://www.iana.org/assignments/ipv6-address-space
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # RFC 5214, section 6.1: an IPv4 address follows in the interface identifier


def check_url(url: str, allow_hosts: AllowedHosts = frozenset()) -> str | None:
    """Return why an address must not be asked, as a sentence, or None when it may be, so far as its spelling tells.

    ``allow_hosts`` are (host, port) pairs that are exempt. What the name leads to is for check_ip to judge.
    """
    place = locate(url)
    if place is None:
        return "This is not an address that can be read."
    if place.scheme not in ("http", "https"):
        return f"Only http and https are fetched, not {place.scheme or 'an address without a scheme'}."
    if place.has_user or not place.host:
        return "Addresses with a user name or without a host are not fetched."
    if (place.host, place.port) in allow_hosts:
        return None
    return _check_host(place.host) if place.port in PORTS else f"Port {place.port} is not one that is fetched from."


@lru_cache(maxsize=8192)
def _check_host(host: str) -> str | None:
    if ":" in host:
        return check_ip(host)
    if _NUMERIC_END.match(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return f"{host} is an odd spelling of an address."
        return check_ip(host)
    if not _NAME.match(host):
        return f"{host} is not a name that a host can have."
    if host == "localhost" or host.endswith(_LOCAL_NAMES):
        return f"{host} is a name of the local network."
    return None


@lru_cache(maxsize=8192)
def check_ip(text: str) -> str | None:
    """Return why an IP address must not be connected to, as a sentence, or None when it is one of the public internet."""
    if "%" in text:
        return f"{text} has a scope: it is an address of the local network."
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return f"{text} is not an IP address."
    for network, name in _RANGES:
        if address.version == network.version and address in network:
            return f"{text} is not on the public internet ({name})."
    may_hold_ipv4 = address.version == 6 and (address not in _PUBLIC_IPV6 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP)
    if may_hold_ipv4 or not address.is_global or address.is_multicast:
        return f"{text} is not on the public internet."
    return None
