"""Read and write the feed list, and name its rows."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import TYPE_CHECKING

from tidings.base.languages.months import without_accents
from tidings.base.languages.plural import counted
from tidings.base.urls import host_of, prepare_url
from tidings.fetch.address_check import check_url
from tidings.fetch.rate_limit import domain_of
from tidings.storage.reference import read_csv, write_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
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
    is_google = host_of(url) == "news.google.com"
    return check_url(url, settings.allow_hosts) or _GOOGLE_NEWS * is_google


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


def missing_rows(
    rows: Iterable[Mapping[str, str]], new: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Return the new rows whose ID and URL the list lacks, without their ``title``. A row without
    an ID gets it from its URL and title.
    """
    urls, ids = {prepare_url(row["url"]) for row in rows}, {row["feed_id"] for row in rows}
    missing = []
    for given in new:
        row = dict(given)
        url, title = prepare_url(row["url"]), row.pop("title", "")
        if url not in urls and row.get("feed_id") not in ids:
            row["feed_id"] = row.get("feed_id") or name_feed(row["url"], ids, title)
            urls.add(url)
            ids.add(row["feed_id"])
            missing.append(row)
    return missing


def save_rows(settings: Settings, rows: Sequence[Mapping[str, str]], done: str) -> None:
    """Write the user's own feed list with its additional columns, print the sentence ``done``, and
    whether the list now replaces the bundled one. An interruption leaves the old file.
    """
    write_csv(settings.own_feeds, list(dict.fromkeys(chain(COLUMNS, *rows))), rows)
    print(done)
    if settings.is_bundled:
        print(
            f"This list now replaces the bundled one, with {counted(len(rows), 'source')}."
            " `tidings feeds pack` adds bundled sources to it."
        )


def name_feed(url: str, known_ids: Collection[str], title: str = "") -> str:
    """Return a new unique feed ID from the domain of the URL and the distinctive words of its path,
    or else of the title.
    """
    host = host_of(url)
    path = url.partition("://")[2].partition("/")[2].lower()
    words = re.findall(r"[a-z0-9]+", path.rpartition(".")[0]) or re.findall(r"[a-z0-9]{3,}", path)
    distinctive = [word for word in words if word not in _COMMON_WORDS]
    chosen = distinctive or re.findall(r"[a-z0-9]+", without_accents(title))
    site = host.replace(".", "-") if host[:1].isdigit() else domain_of(host).split(".")[0]
    base = "-".join([site, *chosen[:3]])
    names = chain([base], (f"{base}-{number}" for number in count(2)))
    return next(name for name in names if name not in known_ids)
