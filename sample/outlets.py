"""The five invented outlets: names, addresses, time zones and the days on which they are down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Downtime:
    """A range of days, both included and in the outlet's time zone, on which its server responds with 503."""

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
    topics: tuple[str, ...]  # of its own reports; the same words in two outlets would look like the same occurrence

    @property
    def zone(self) -> dt.timezone:
        """The outlet's time zone in summer."""
        return dt.timezone(dt.timedelta(hours=self.utc_offset))

    def site_name(self, language: str) -> str:
        """Return the outlet's name in a language."""
        return {"zh": self.title_zh, "de": self.title_de}.get(language, self.title)


def _day(month: int, day: int) -> dt.date:
    return dt.date(2026, month, day)


OUTLETS: dict[str, Outlet] = {
    outlet.name: outlet
    for outlet in (
        Outlet(
            "gazette",
            "sample_gazette",
            "Official Gazette of Maravel",
            "马拉维尔公报",
            "Amtsblatt Maravel",
            "127.0.2.1",
            "official",
            "Europe/Zurich",
            2,
            _day(7, 21),
            ("housing", "parks"),
        ),
        Outlet(
            "agency",
            "sample_agency",
            "Meridian News",
            "明川社",
            "Meridian",
            "127.0.2.2",
            "state_media",
            "Asia/Shanghai",
            8,
            _day(7, 13),
            ("transport", "harbours"),
        ),
        Outlet(
            "daily",
            "sample_daily",
            "The Aster Courier",
            "阿斯特日报",
            "Aster Courier",
            "127.0.2.3",
            "independent",
            "Europe/London",
            1,
            _day(7, 16),
            ("culture", "markets"),
        ),
        Outlet(
            "ministry",
            "sample_ministry",
            "Ministry of Waterways",
            "水路部",
            "Wasserwegeministerium",
            "127.0.2.4",
            "official",
            "Asia/Shanghai",
            8,
            _day(7, 8),
            ("registers", "water"),
        ),
        Outlet(
            "bulletin",
            "sample_bulletin",
            "Kanalblatt",
            "运河报",
            "Kanalblatt",
            "127.0.2.5",
            "public",
            "Europe/Berlin",
            2,
            _day(7, 28),
            ("schools", "clinics"),
        ),
    )
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
    return any(stop.outlet == outlet and stop.starts_on <= day <= stop.ends_on for stop in DOWNTIMES)
