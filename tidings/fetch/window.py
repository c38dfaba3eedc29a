"""A window of days, and whether listed items may belong to it."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tidings.base.dates import date_in_url
from tidings.fetch.feed.entry import ParsedEntry

_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_/]?(0[1-9]|1[0-2])(?!\d)")
# a mistyped year outside this range would mean millions of days
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
# an item of the window may have a lastmod up to this long after the window
LATE_CHANGE = dt.timedelta(days=1)


class WindowError(ValueError):
    """The window is invalid. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days from ``start`` to ``end``, both inclusive."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            problem = f"it is before the start date {self.start}. Use {self.start} or a later date"
            raise WindowError(f"Invalid end date {self.end}: {problem}.")
        if self.start < FIRST or self.end > LAST:
            years = f"use days in the years {FIRST.year} to {LAST.year}"
            raise WindowError(f"Invalid dates {self.start} to {self.end}: {years}.")

    @property
    def days(self) -> Iterator[dt.date]:
        """The days in order."""
        return (
            self.start + dt.timedelta(days=number)
            for number in range((self.end - self.start).days + 1)
        )

    def contains(self, day: dt.date) -> bool:
        """Return whether the window contains a day."""
        return self.start <= day <= self.end


def day_span(day: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the start and end (UTC) of a day in an IANA time zone."""
    begin = dt.datetime.combine(day, dt.time(), ZoneInfo(zone))
    return begin.astimezone(dt.UTC), (begin + dt.timedelta(days=1)).astimezone(dt.UTC)


def may_belong(entry: ParsedEntry, window: Window, zone: str) -> bool:
    """Return whether a listed item may have been published in the window: by its date, else the
    date in its URL, else ``lastmod``, up to LATE_CHANGE after the window. One without any date may.
    """
    if entry.date_quality.is_read:
        return window.contains(entry.published_at.astimezone(ZoneInfo(zone)).date())
    if day := date_in_url(entry.link or ""):
        return window.contains(day)
    if entry.updated_at is None:
        return True
    changed_on = entry.updated_at.astimezone(ZoneInfo(zone)).date()
    return window.start <= changed_on <= window.end + LATE_CHANGE


def may_list(sitemap_url: str, window: Window) -> bool:
    """Return whether a sitemap may list items of the window: one named after a month lists only
    that.
    """
    months = {(day.year, day.month) for day in window.days}
    found = _MONTH.findall(sitemap_url.rsplit("/", 1)[-1])
    return not found or any((int(year), int(month)) in months for year, month in found)
