"""Read the feed registry: sources and publishers from the rows of a feed list."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tidings.base.owners import Owners, read_domain, site_of
from tidings.base.records import Feed, Publisher
from tidings.base.urls import PORTS
from tidings.fetch.sources import KINDS

_PUBLISHER_CELLS = ("country", "publisher_type", "institution", "run_by", "run_since", "evidence")
YES, NO = {"true", "1", "yes"}, {"false", "0", "no"}


class RegistryError(ValueError):
    """The feed list is invalid. The message is one sentence and names the row."""


def read_registry(
    rows: Iterable[Mapping[str, str]], known: Sequence[Publisher] = ()
) -> tuple[list[Feed], list[Publisher]]:
    """Return the sources in a feed list, and their publishers without duplicates.

    The publisher of a row is the one that it names, else the known owner of the URL's domain, else
    one derived from the URL, which owns the domains of its rows' URLs and ``domains`` cells. Raises
    RegistryError for an invalid row.
    """
    by_id = {publisher.publisher_id: publisher for publisher in known}
    owners = Owners(known)
    feeds: dict[str, Feed] = {}
    used: dict[str, Publisher] = {}
    for number, cells in enumerate(rows, start=2):
        row = _filled(cells)
        feed_id, url = row.get("feed_id", ""), row.get("url", "")
        if not feed_id or feed_id in feeds:
            problem = f"appears twice: {feed_id}" if feed_id else "is missing"
            raise RegistryError(f"Line {number}: the feed_id {problem}.")
        if mistake := _problem_of(url):
            raise RegistryError(f"Line {number}, {feed_id}: {url!r} {mistake}.")
        owner = owners.owner_of(url, None)
        publisher = by_id.get(row.get("publisher_id", owner or ""))
        if publisher is None:
            publisher = _make_publisher(row, url, f"line {number}", is_known_domain=bool(owner))
        earlier = used.setdefault(publisher.publisher_id, publisher)
        domains = list(dict.fromkeys((*earlier.domains, *publisher.domains)))
        used[publisher.publisher_id] = dataclasses.replace(earlier, domains=domains)
        feeds[feed_id] = _feed(row, publisher, f"Line {number}, {feed_id}")
    if not feeds:
        raise RegistryError("The feed list is empty.")
    return list(feeds.values()), list(used.values())


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if cell}


def _problem_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # an invalid port, or a bracket that is not closed
        return f"is not a URL: {str(error)[:1].lower()}{str(error)[1:]}"
    if not re.match(r"https?://[^/\s]", url) or not parts.hostname:
        return "is not an http or https URL"
    if port == 0:
        return "has port 0"
    is_unsafe = re.search(r"[\s\x00-\x1f\x7f]", url)
    return "contains a space or a control character" if is_unsafe else None


def read_publishers(rows: Iterable[Mapping[str, str]]) -> list[Publisher]:
    """Return the publishers in the rows of ``seeds/publishers.csv``."""
    return [_publisher(_filled(row), row["name"], row["publisher_id"]) for row in rows]


def _publisher(
    row: Mapping[str, str], name: str, where: str, urls: Iterable[str] = ()
) -> Publisher:
    domains = _listed(row.get("domains", ""))
    for domain in domains:
        try:
            read_domain(domain)
        except ValueError as error:
            example = "example.org, or with its days example.org 2024-01-01/2025-06-30"
            raise RegistryError(f"{where}: invalid domain {domain!r}. Write {example}.") from error
    zone = row.get("time_zone", "UTC")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise RegistryError(f"{where}: {zone!r} is not an IANA time zone.") from error
    owned, cells = list(dict.fromkeys((*urls, *domains))), map(row.get, _PUBLISHER_CELLS)
    country, kind, *others = cells
    return Publisher(row["publisher_id"], name, country, kind, zone, owned, *others)


def _make_publisher(
    row: Mapping[str, str], url: str, where: str, *, is_known_domain: bool
) -> Publisher:
    """Return a publisher that only the feed list names. On a known publisher's domain, it owns its
    host only.
    """
    parts = urlsplit(url)
    derived = (parts.hostname or "").removeprefix("www.")
    if parts.port not in {None, PORTS.get(parts.scheme)}:
        derived = f"{parts.hostname}:{parts.port}"
    named = {"publisher_id": derived} | dict(row)
    name = row.get("publisher_name", named["publisher_id"])
    domains = (derived,) if is_known_domain else (derived, site_of(url))
    return _publisher(named, name, where, domains)


def _feed(row: Mapping[str, str], publisher: Publisher, where: str) -> Feed:
    kind = row.get("kind", "feed")
    if kind not in KINDS:
        raise RegistryError(f"{where}: invalid kind {kind!r}. Use one of {', '.join(KINDS)}.")
    if "day_url" in row and kind != "listing":
        advice = "Delete it, or list the days in a row of kind listing."
        raise RegistryError(f"{where}: a {kind} has a day_url. {advice}")
    flags = {"is_enabled": True, "has_full_text": False, "ignores_robots": False}
    for name in filter(row.__contains__, flags):
        if row[name].lower() not in YES | NO:
            raise RegistryError(f"{where}: {name} is {row[name]!r}. Write true or false.")
        flags[name] = row[name].lower() in YES
    return Feed(
        feed_id=row["feed_id"],
        publisher_id=publisher.publisher_id,
        url=row["url"],
        kind=kind,
        language=row.get("language"),
        topics=_listed(row.get("topics", "")),
        item_selector=row.get("item_selector"),
        next_selector=row.get("next_selector"),
        day_url=row.get("day_url"),
        **flags,
    )


def _listed(cell: str) -> list[str]:
    return list(filter(None, map(str.strip, cell.split("|"))))
