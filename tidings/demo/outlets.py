"""The five invented outlets: names, addresses, time zones and the days on which they are down."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Downtime:
    """A range of days, both included and in the outlet's time zone, on which its server responds
    with 503.
    """

    outlet: str
    starts_on: dt.date
    ends_on: dt.date
    recovered_by: str | None  # the source that lists the items later; None: the items are lost


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet; the feed list contains its `publisher_id`."""

    name: str
    publisher_id: str
    title: str
    title_zh: str
    title_de: str
    address: str
    publisher_type: str
    time_zone: str
    utc_offset: int  # hours, in summer
    starts_on: dt.date  # first day with the invented slogan
    # of its own reports; the same words in two outlets would look like the same occurrence
    topics: tuple[str, ...]

    @property
    def zone(self) -> dt.timezone:
        """The outlet's time zone in summer."""
        return dt.timezone(dt.timedelta(hours=self.utc_offset))

    def site_name(self, language: str) -> str:
        """Return the outlet's name in a language."""
        return {"zh": self.title_zh, "de": self.title_de}.get(language, self.title)


def _day(month: int, day: int) -> dt.date:
    return dt.date(2026, month, day)


_FILE = Path(__file__).parent / "texts" / "outlets.toml"
OUTLETS = {
    name: Outlet(name=name, **row | {"topics": tuple(row["topics"])})
    for name, row in tomllib.loads(_FILE.read_text("utf-8")).items()
}

DOWNTIMES: tuple[Downtime, ...] = (
    Downtime("gazette", _day(6, 15), _day(6, 18), "gazette_sitemap"),
    Downtime("ministry", _day(6, 22), _day(6, 26), None),
    Downtime("agency", _day(7, 6), _day(7, 10), None),
    Downtime("bulletin", _day(7, 20), _day(7, 24), None),
    Downtime("daily", _day(8, 3), _day(8, 7), None),
)


def is_down(outlet: str, day: dt.date) -> bool:
    """Return whether the outlet's server is down on `day`, a date in its time zone."""
    return any(
        stop.outlet == outlet and stop.starts_on <= day <= stop.ends_on for stop in DOWNTIMES
    )
