"""Find a page's publisher: the owner of its URL's domain on the day of its capture, whichever feed
listed the page.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult

from tld import get_tld

from tidings.base.records import Feed, Publisher
from tidings.base.urls import normalise_url, parse_url

_PORTS = {80, 443}
# characters of a host's name (RFC 1035): the parent domains of a longer name would take megabytes
_MAX_NAME_LENGTH = 253


class Domain(NamedTuple):
    """A domain of a publisher, and the first and last day of its ownership (UTC)."""

    name: str
    first_on: dt.date = dt.date.min
    last_on: dt.date = dt.date.max


def read_domain(text: str) -> Domain:
    """Return the domain in a part of the cell ``domains``: ``war.gov``, or ``war.gov
    2025-09-05/..`` with an ISO 8601 interval, whose two dots are an open end. Raises ValueError.
    """
    name, _, period = text.strip().partition(" ")
    url = normalise_url(f"http://{name}/")  # in lower case and punycode
    if url is None or url.count("/") != 3:
        raise ValueError(text)
    name = _place_of(url)[1][0]
    if not period:
        return Domain(name)
    first, last = period.strip().split("/")
    first_on = dt.date.min if first == ".." else dt.date.fromisoformat(first)
    last_on = dt.date.max if last == ".." else dt.date.fromisoformat(last)
    if last_on < first_on:
        raise ValueError(text)
    return Domain(name, first_on, last_on)


def registrable_domain(host: str, *, shares_hosting: bool) -> str | None:
    """Return the part of a host that its owner registered, such as ``example.co.uk``, or None for
    an IP address, a local name or a public suffix. ``shares_hosting``: a domain with a subdomain
    for each user (github.io, wordpress.com) has one owner, and is no suffix.
    """
    labels = host.split(".")
    # the list has 公司.cn, but not its punycode
    url = SplitResult("http", ".".join(map(_decode_label, labels)), "", "", "")
    suffix = get_tld(url, fail_silently=True, search_private=not shares_hosting)
    own = labels[: -1 - suffix.count(".")] if isinstance(suffix, str) else []
    return ".".join(labels[len(own) - 1 :]) if own and own[-1] else None


def _decode_label(label: str) -> str:
    with suppress(UnicodeError):
        if label.startswith("xn--"):
            return label[4:].encode().decode("punycode") or label
    return label


def site_of(url: str) -> str:
    """Return a URL's registrable domain; for an IP address or a local name, its host and port."""
    return _place_of(url)[0]


def _place_of(url: str) -> tuple[str, tuple[str, ...]]:
    """Return ``_site_and_names`` of a URL; an invalid URL has no names."""
    place = parse_url(url)
    return _site_and_names(place.host, place.port) if place else (url, ())


@lru_cache(maxsize=32_768)
def _site_and_names(host: str, port: int) -> tuple[str, tuple[str, ...]]:
    """Return the site of a host's URLs, and the names under which they may be owned, the nearest
    first. The owner of ``gov.uk`` does not own ``example.gov.uk``.
    """
    own = f"[{host}]" if ":" in host else host
    own = own if port in _PORTS else f"{own}:{port}"
    site = registrable_domain(host, shares_hosting=False) or own
    if len(host) > _MAX_NAME_LENGTH:
        return site, (own,)
    parents = [host.split(".", cut)[-1] for cut in range(1, host.count(".") + 1)]
    inside = [name for name in parents if name.endswith(f".{site}") or name == site]
    return site, tuple(dict.fromkeys((own, host, host.removeprefix("www."), *inside)))


def zone_of(publishers: Mapping[str, Publisher], publisher_id: str) -> str:
    """Return a publisher's time zone, or UTC if the publisher is unknown."""
    return publishers[publisher_id].time_zone if publisher_id in publishers else "UTC"


class Owners:
    """The publishers' domains, with subdomains that no other publisher names."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        """Read the domains, and skip invalid ones, which the registry reports."""
        self._domains: defaultdict[str, list[tuple[str, Domain]]] = defaultdict(list)
        self._ids: set[str] = set()
        for publisher in publishers:
            self._ids.add(publisher.publisher_id)
            for text in publisher.domains:
                with suppress(ValueError):
                    domain = read_domain(text)
                    self._domains[domain.name].append((publisher.publisher_id, domain))

    def owner_of(self, url: str, day: dt.date | None) -> str | None:
        """Return the only publisher that owns a URL on a day (None: on any day), or None."""
        owners = self._owners_of(url, day)
        return next(iter(owners)) if owners and len(owners) == 1 else None

    def publisher_of(self, url: str, day: dt.date, feed: Feed | None) -> str:
        """Return the publisher of a page captured on ``day`` (UTC), listed by ``feed`` (None:
        imported).

        It is the owner of the nearest domain; of several owners, or on the feed's registrable
        domain if no publisher names it, the feed's; else an unlisted one with the name of the site.
        """
        owners = self._owners_of(url, day)
        if feed and (
            feed.publisher_id in owners if owners is not None else site_of(url) == site_of(feed.url)
        ):
            return feed.publisher_id
        if owners and len(owners) == 1:
            return next(iter(owners))
        site = site_of(url)
        return site if site in (owners or ()) or site not in self._ids else f"{site} (no owner)"

    def is_named(self, url: str) -> bool:
        """Return whether a publisher names a domain of the URL, for any period."""
        return self._owners_of(url, None) is not None

    def _owners_of(self, url: str, day: dt.date | None) -> set[str] | None:
        """Return the owners of a URL's nearest domain that has one on that day; None if no
        publisher ever named one.
        """
        is_named = False
        for name in _place_of(url)[1]:
            named = self._domains.get(name, [])
            is_named |= bool(named)
            if owners := {
                who for who, one in named if day is None or one.first_on <= day <= one.last_on
            }:
                return owners
        return set() if is_named else None
