"""An entry from what a format calls its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows.fetch.feed.dates import date_entry, read_date
from tidings.flows.fetch.feed.parsed import MAX_SUMMARY_CHARS, MAX_TITLE_CHARS, ParsedEntry
from tidings.flows.fetch.feed.text import plain_text, storable
from tidings.flows.urls import normalise_url

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

_MAX_NAMES = 50
_MAX_NAME_CHARS = 300


def make_entry(
    *,
    guid: str | None,
    link: str | None,
    title: str | None,
    summary: str | None,
    content_html: str | None,
    authors: Iterable[str | None],
    categories: Iterable[str | None],
    language: str | None,
    published_raw: str | None,
    updated_raw: str | None,
    base: str,
    zone: str,
    now: dt.datetime,
    counts_from_update: bool = True,
) -> ParsedEntry:
    """Return an entry: texts made plain, the link resolved against ``base`` or refused, the date read or first seen.

    ``counts_from_update``: an entry without a date of publication counts from its update, as in Atom, where that is the one
    date that an entry must have.
    """
    raw = storable(published_raw or (updated_raw if counts_from_update else None), 200)
    published_at, quality = date_entry(raw, zone, now)
    updated_at = read_date(updated_raw, zone)[0] if updated_raw else None
    link_raw = storable(link, 4096)
    url = normalise_url(link_raw, base) if link_raw else None
    refusal = "The link is no address of the web." if link_raw and url is None else None
    return ParsedEntry(
        guid=storable(guid, 2000),
        link=url,
        link_raw=link_raw,
        link_refusal=refusal,
        title=plain_text(title, MAX_TITLE_CHARS),
        summary=plain_text(summary[: 8 * MAX_SUMMARY_CHARS], MAX_SUMMARY_CHARS) if summary else None,
        content_html=storable(content_html),
        authors=_names(authors),
        categories=_names(categories),
        language=storable(language, 35),
        published_raw=raw,
        published_at=published_at,
        updated_at=updated_at,
        date_quality=quality,
    )


def _names(values: Iterable[str | None]) -> list[str]:
    found: dict[str, None] = {}
    for value in values:
        name = plain_text(value, _MAX_NAME_CHARS)
        if name:
            found[name] = None
            if len(found) == _MAX_NAMES:
                break
    return list(found)
