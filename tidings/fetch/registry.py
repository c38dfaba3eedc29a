"""Read the feed registry: sources and publishers from the rows of a feed list."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tidings.base.owners import Owners, read_domain, site_of
from tidings.base.records import Feed, Publisher
from tidings.fetch.sources import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

YES, NO = {"true", "1", "yes"}, {"false", "0", "no"}
DEFAULT_PORTS = {"http": 80, "https": 443}


class RegistryError(ValueError):
    """The feed list is invalid. The message is one sentence and names the row."""


def read_registry(
    rows: Iterable[Mapping[str, str]], known: Sequence[Publisher] = ()
) -> tuple[list[Feed], list[Publisher]]:
    """Return the sources in a feed list, and their publishers without duplicates.

    A row needs ``feed_id`` and ``url``. Its publisher is the one that the row names, else the known
    owner of the URL's domain, else a publisher derived from the URL with time zone UTC. A publisher
    that only the list names owns the domains of its rows' URLs and those in their ``domains``
    cells. Raises RegistryError for an invalid row.
    """
    by_id = {publisher.publisher_id: publisher for publisher in known}
    owners = Owners(known)
    feeds: dict[str, Feed] = {}
    used: dict[str, Publisher] = {}
    for number, row in enumerate(rows, start=2):
        feed_id, url = row.get("feed_id", ""), row.get("url", "")
        if not feed_id or feed_id in feeds:
            raise RegistryError(
                f"Line {number}: the feed_id"
                f" {'appears twice: ' + feed_id if feed_id else 'is missing'}."
            )
        if problem := _problem_of(url):
            raise RegistryError(f"Line {number}, {feed_id}: {url!r} {problem}.")
        publisher = _publisher(row, url, by_id, owners, number)
        earlier = used.setdefault(publisher.publisher_id, publisher)
        domains = list(dict.fromkeys((*earlier.domains, *publisher.domains)))
        used[publisher.publisher_id] = dataclasses.replace(earlier, domains=domains)
        feeds[feed_id] = _feed(row, publisher, number)
    if not feeds:
        raise RegistryError("The feed list is empty.")
    return list(feeds.values()), list(used.values())


def _problem_of(url: str) -> str | None:
    """Return the problem with a feed's URL, or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # an invalid port, or a bracket that is not closed
        return f"is not a URL: {str(error)[:1].lower()}{str(error)[1:]}"
    if not re.match(r"https?://[^/\s]", url) or not parts.hostname:
        return "is not an http or https URL"
    if port == 0 or re.search(r"[\s\x00-\x1f\x7f]", url):
        return "has port 0" if port == 0 else "contains a space or a control character"
    return None


def read_publishers(rows: Iterable[Mapping[str, str]]) -> list[Publisher]:
    """Return the publishers in the rows of ``seeds/publishers.csv``."""
    return [
        Publisher(
            publisher_id=row["publisher_id"],
            name=row["name"],
            country=row.get("country") or None,
            publisher_type=row.get("publisher_type") or None,
            time_zone=_zone(row.get("time_zone") or "UTC", row["publisher_id"]),
            domains=_domains(row, row["publisher_id"]),
            institution=row.get("institution") or None,
        )
        for row in rows
    ]


def _publisher(
    row: Mapping[str, str], url: str, by_id: Mapping[str, Publisher], owners: Owners, number: int
) -> Publisher:
    named = row.get("publisher_id", "")
    known = by_id.get(named or owners.owner_of(url, None) or "")
    if known:
        return known
    parts = urlsplit(url)
    host = parts.hostname or ""
    usual = parts.port in {None, DEFAULT_PORTS.get(parts.scheme)}
    derived = host.removeprefix("www.") if usual else f"{host}:{parts.port}"
    return Publisher(
        publisher_id=named or derived,
        name=row.get("publisher_name") or named or derived,
        country=row.get("country") or None,
        publisher_type=row.get("publisher_type") or None,
        time_zone=_zone(row.get("time_zone") or "UTC", f"line {number}"),
        institution=row.get("institution") or None,
        # On a known publisher's domain, a publisher of the list owns its host only.
        domains=[
            *dict.fromkeys(
                (
                    derived,
                    derived if owners.owner_of(url, None) else site_of(url),
                    *_domains(row, f"line {number}"),
                )
            )
        ],
    )


def _feed(row: Mapping[str, str], publisher: Publisher, number: int) -> Feed:
    kind = row.get("kind") or "feed"
    if kind not in KINDS:
        raise RegistryError(
            f"Line {number}, {row['feed_id']}: invalid kind {kind!r}. Use one of"
            f" {', '.join(KINDS)}."
        )
    if row.get("day_url") and kind != "listing":
        raise RegistryError(
            f"Line {number}, {row['feed_id']}: a {kind} has a day_url. Delete it, or list the days"
            f" in a row of kind listing."
        )
    return Feed(
        feed_id=row["feed_id"],
        publisher_id=publisher.publisher_id,
        url=row["url"],
        kind=kind,
        language=row.get("language") or None,
        topics=_listed(row.get("topics", "")),
        is_enabled=_flag(row, "is_enabled", number, default=True),
        has_full_text=_flag(row, "has_full_text", number, default=False),
        ignores_robots=_flag(row, "ignores_robots", number, default=False),
        item_selector=row.get("item_selector") or None,
        next_selector=row.get("next_selector") or None,
        day_url=row.get("day_url") or None,
    )


def _listed(cell: str) -> list[str]:
    return [part for part in (item.strip() for item in cell.split("|")) if part]


def _domains(row: Mapping[str, str], where: str) -> list[str]:
    domains = _listed(row.get("domains", ""))
    for domain in domains:
        try:
            read_domain(domain)
        except ValueError as error:
            example = "example.org, or with its days example.org 2024-01-01/2025-06-30"
            raise RegistryError(f"{where}: invalid domain {domain!r}. Write {example}.") from error
    return domains


def _flag(row: Mapping[str, str], name: str, number: int, *, default: bool) -> bool:
    cell = row.get(name, "").lower()
    if cell not in {"", *YES, *NO}:
        raise RegistryError(
            f"Line {number}, {row['feed_id']}: {name} is {row[name]!r}. Write true or false."
        )
    return cell in YES if cell else default


def _zone(name: str, where: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise RegistryError(f"{where}: {name!r} is not an IANA time zone.") from error
    return name
