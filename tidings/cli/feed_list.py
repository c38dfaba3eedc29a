"""Read and write the feed list, and name its rows."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import TYPE_CHECKING

from tidings.base.languages.months import without_accents
from tidings.base.languages.plural import counted
from tidings.base.urls import host_of
from tidings.fetch.address_check import check_url
from tidings.fetch.rate_limit import domain_of
from tidings.storage.reference import read_csv, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tidings.base.settings import Settings

COLUMNS = [
    "feed_id",
    "url",
    "publisher_id",
    "kind",
    "language",
    "topics",
    "is_enabled",
    "has_full_text",
    "ignores_robots",
    "item_selector",
    "next_selector",
    "day_url",
    "checked_on",
    "source",
]


_COMMON_WORDS = frozenset(["rss", "feed", "feeds", "xml", "atom", "index", "all", "php", "www"])


def why_refused(url: str | None, settings: Settings) -> str:
    """Return why the items of a URL cannot be collected, or an empty text."""
    if url is None:
        return "Use an http or https URL without a user name."
    if host_of(url) == "news.google.com":
        return check_url(url, settings.allow_hosts) or _GOOGLE_NEWS
    return check_url(url, settings.allow_hosts) or ""


_GOOGLE_NEWS = (
    "Google News links cannot be used: the items lead to pages of news.google.com, which open the"
    " article only by a script in a browser, so that its text and its publisher cannot be"
    " collected. Add the publishers' own feeds instead."
)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of the feed list, or an empty list if the file does not exist. Raise
    WarehouseError if it is invalid.
    """
    return read_csv(path, ("feed_id", "url")) if path.exists() else []


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the feed list with its additional columns. Replace the file by rename, so that an
    interruption leaves the old one.
    """
    extra = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    write_csv(path, [*COLUMNS, *extra], rows)


def save_rows(settings: Settings, rows: Sequence[Mapping[str, str]], done: str) -> None:
    """Write the user's own feed list, print the sentence ``done``, and whether the list now
    replaces the bundled one.
    """
    write_rows(settings.own_feeds, rows)
    print(done)
    if settings.is_bundled:
        print(
            f"This list now replaces the bundled one, with {counted(len(rows), 'source')}."
            " `tidings feeds pack` adds bundled sources to it."
        )


def name_feed(url: str, known_ids: Iterable[str], title: str | None = None) -> str:
    """Return a new unique feed ID from the domain of the URL and the distinctive words of its path,
    or else of the title.
    """
    host = host_of(url)
    path = url.partition("://")[2].partition("/")[2].lower()
    words = re.findall(r"[a-z0-9]+", path.rpartition(".")[0]) or re.findall(r"[a-z0-9]{3,}", path)
    distinctive = [word for word in words if word not in _COMMON_WORDS]
    chosen = distinctive or re.findall(r"[a-z0-9]+", without_accents(title or ""))
    site = host.replace(".", "-") if host[:1].isdigit() else domain_of(host).split(".")[0]
    base, used = "-".join([site, *chosen[:3]]), set(known_ids)
    names = chain([base], (f"{base}-{number}" for number in count(2)))
    return next(name for name in names if name not in used)
