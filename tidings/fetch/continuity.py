"""Find out whether a source showed everything: the unbroken run of its dates, and the period
between two polls from which entries may be missing. A pinned entry, one dated long before all
others, and a page of another publisher prove nothing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from statistics import median

from tidings.base.records import CLOCK_TOLERANCE, Feed, Key
from tidings.fetch.feed.entry import ParsedEntry, ParsedFeed, entry_id

_WEEKEND = dt.timedelta(days=3)
_MIN_COUNT = 5  # fewer distances say nothing about the usual one
_MAX_PINNED = 3
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def complete_since(dates: Iterable[dt.datetime], until: dt.datetime) -> dt.datetime | None:
    """Return the oldest date (UTC) of the unbroken run of dates that reaches ``until``, or None.

    The run ends at a pause longer than a weekend, 8 times the median distance of two entries and 3
    times that of two days with entries.
    """
    times = [until, *sorted({date for date in dates if date < until}, reverse=True)]
    days = sorted({dt.datetime.combine(time, dt.time()) for time in times[1:]}, reverse=True)
    longest = _WEEKEND
    for factor, places in ((8, times[1:]), (3, days)):
        seconds = [(newer - older).total_seconds() for newer, older in pairwise(places)]
        if len(seconds) >= _MIN_COUNT:
            longest = max(longest, factor * dt.timedelta(seconds=median(seconds)))
    since = None
    for newer, older in pairwise(times):
        if newer - older > longest:
            break
        since = older
    return since


def oldest_date(parsed: ParsedFeed | None) -> dt.datetime | None:
    """Return the oldest date (UTC) of the unbroken run of a source's dates; None: no dates."""
    dates = parsed.dates if parsed else []
    return (complete_since(dates, max(dates)) or max(dates)) if dates else None


def newest_first(feed: Feed, parsed: ParsedFeed, now: dt.datetime) -> list[Key]:
    """Return the IDs of a poll's entries, the newest first; in their order on the page if most have
    no date. A date in the future counts as none.
    """

    def date_of(entry: ParsedEntry) -> dt.datetime:
        date = entry.published_at if entry.date_quality.is_read else None
        return date if date and date <= now + CLOCK_TOLERANCE else _EARLIEST

    entries = sorted(parsed.entries, key=date_of, reverse=True)
    if not _is_dated(parsed):
        entries = parsed.entries
    return list(dict.fromkeys(entry_id(feed, entry) for entry in entries))


def _is_dated(parsed: ParsedFeed) -> bool:
    return 2 * len(parsed.dates) > len(parsed.entries)


def is_continued(before: Sequence[Key], shown: Sequence[Key], *, is_dated: bool) -> bool:
    """Return whether a poll continues the one before; both are IDs of entries, newest first. The
    newest entries must still be there, but for a tenth. In a list without dates, up to three known
    entries above all new ones are pinned.
    """
    known, kept = set(before), set(shown)
    if known <= kept:
        return True
    pinned = list(takewhile(known.__contains__, shown[: _MAX_PINNED + 1]))
    if not is_dated and len(pinned) <= _MAX_PINNED:
        kept.difference_update(pinned)
    place = next((place for place, key in enumerate(before) if key in kept), len(before))
    return place <= max(1, len(before) // 10)


def lost_period(
    feed: Feed,
    before: Sequence[Key],
    parsed: ParsedFeed,
    since: dt.datetime,
    now: dt.datetime,
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the period after the last poll (``since``) from which entries may be missing, or None.
    ``before`` are the IDs of that poll, ``parsed`` the source's own entries. If none is known, a
    run of dates that reaches back to it shows that only the URLs changed.
    """
    shown = newest_first(feed, parsed, now)
    if not before or not shown or is_continued(before, shown, is_dated=_is_dated(parsed)):
        return None
    known = set(before)
    new = [entry for entry in parsed.entries if entry_id(feed, entry) not in known]
    dates = (entry.published_at for entry in new if entry.date_quality.is_read)
    start = complete_since(dates, now) or now
    return (since, start) if start > since else None
