"""A window of days, and whether a listed address may belong to it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.fetch.feed import ParsedEntry

# A date in an address, as publishers write them: /2023/09/25/, /2023-09/25/, 2023-09-25, 20230925.
_DATED = re.compile(r"(?<!\d)(20\d\d)([-/]?)(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_/]?(0[1-9]|1[0-2])(?!\d)")
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)  # a mistyped year beyond these would mean millions of days
LATE_CHANGE = dt.timedelta(days=1)  # how long after the window a sitemap's lastmod may lie for an item that belongs to it


class WindowError(ValueError):
    """A window that cannot be; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``start`` to ``end``, both included."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise WindowError(f"The window ends on {self.end}, before it starts on {self.start}.")
        if not self.start >= FIRST or not self.end <= LAST:
            raise WindowError(f"The window from {self.start} to {self.end} is not within the years {FIRST.year} to {LAST.year}.")

    @property
    def days(self) -> Iterator[dt.date]:
        """The days, in order."""
        return (self.start + dt.timedelta(days=number) for number in range((self.end - self.start).days + 1))

    def holds(self, day: dt.date) -> bool:
        """Return whether a day lies within."""
        return self.start <= day <= self.end


def day_span(day: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants in UTC at which a day begins and ends in an IANA zone."""
    begin = dt.datetime.combine(day, dt.time(), ZoneInfo(zone))
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    return begin.astimezone(dt.UTC), end.astimezone(dt.UTC)


def may_belong(entry: ParsedEntry, window: Window, zone: str) -> bool:
    """Return whether a listed item may have been published in the window.

    The entry's own date decides where it has one; then a date in its address; then ``lastmod``, which is a hint only: an
    item changed up to LATE_CHANGE after the window may belong to it. An item that tells nothing of its time may belong.
    """
    if entry.date_quality.is_read:
        return window.holds(entry.published_at.astimezone(ZoneInfo(zone)).date())
    if day := day_in_address(entry.link or ""):
        return window.holds(day)
    if entry.updated_at is not None:
        return window.start <= entry.updated_at.astimezone(ZoneInfo(zone)).date() <= window.end + LATE_CHANGE
    return True


def day_in_address(url: str) -> dt.date | None:
    """Return the date that an address holds, or None when it holds none."""
    for found in _DATED.finditer(url):
        try:
            return dt.date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
    return None


def may_list(sitemap_url: str, window: Window) -> bool:
    """Return whether a sitemap's name allows that it lists items of the window: one named after a month lists that month."""
    months = {(day.year, day.month) for day in window.days}
    named = [(int(found[1]), int(found[2])) for found in _MONTH.finditer(sitemap_url.rsplit("/", 1)[-1])]
    return not named or any(month in months for month in named)
