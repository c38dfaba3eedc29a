"""Read the dateline: the place and day of writing, and the news agencies that a byline or dateline credits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.flows.extract.dates import find_date
from tidings.flows.extract.parse import is_named, names_of, text_of
from tidings.languages.months import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.flows.extract.body import Body
    from tidings.flows.extract.parse import Element

# Agency names as pages write them, in lower case, and their usual short names.
AGENCIES = {
    "xinhua": "Xinhua",
    "xinhua news agency": "Xinhua",
    "新华社": "Xinhua",
    "新华网": "Xinhua",
    "reuters": "Reuters",
    "路透社": "Reuters",
    "ap": "AP",
    "associated press": "AP",
    "the associated press": "AP",
    "afp": "AFP",
    "agence france-presse": "AFP",
    "法新社": "AFP",
    "dpa": "dpa",
    "apa": "APA",
    "sda": "SDA",
    "keystone-sda": "SDA",
    "ats": "ATS",
    "keystone-ats": "ATS",
    "ansa": "ANSA",
    "efe": "EFE",
    "agencia efe": "EFE",
    "lusa": "Lusa",
    "tass": "TASS",
    "interfax": "Interfax",
    "ria novosti": "RIA Novosti",
    "kyodo": "Kyodo",
    "kyodo news": "Kyodo",
    "共同通信": "Kyodo",
    "jiji press": "Jiji Press",
    "時事通信": "Jiji Press",
    "yonhap": "Yonhap",
    "연합뉴스": "Yonhap",
    "bloomberg": "Bloomberg",
    "pti": "PTI",
    "ani": "ANI",
    "upi": "UPI",
    "sid": "SID",
    "epd": "epd",
    "kna": "KNA",
    "belga": "Belga",
    "anp": "ANP",
    "ritzau": "Ritzau",
    "ntb": "NTB",
    "tt": "TT",
    "stt": "STT",
    "čtk": "ČTK",
    "pap": "PAP",
    "mti": "MTI",
    "中新社": "China News Service",
    "中国新闻社": "China News Service",
    "中央社": "CNA",
    "央视": "CCTV",
    "央视网": "CCTV",
    "央视网消息": "CCTV",
    "cctv": "CCTV",
    "anadolu": "Anadolu",
    "dts": "dts",
}


def agencies_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the news agencies in bylines and credits by their usual short names, without duplicates."""
    agencies: dict[str, None] = {}
    for text in texts:
        for part in re.split(r"[|/,;()（）\s]*[|/,;()（）]\s*|\s+[-–—]\s*|\s{2,}|(?<=\w)\s+(?=\d)", text):
            if name := AGENCIES.get(part.strip(" .:：-–").casefold()):
                agencies[name] = None
    return tuple(agencies)


_LINE = re.compile(
    r"(?<![a-z])(meta|headinfo|info|source|dateline|byline|date|credit|agency|quelle|article-?info|time)(?![a-z])", re.IGNORECASE
)
_PLACE_DATE = re.compile(r"^(?P<place>[^\W\d_][^\d|;:()]{1,60}?),\s*(?=(?:den |le |il |the )?\d)")
_OPENING = re.compile(
    r"^\s*(?P<place>[A-ZÀ-Þ][\w.' -]{1,40}?(?:,\s(?![A-Z][a-z]{2,8}\.?\s\d)[A-Z][\w. ]{1,20})?)?,?\s*"
    r"(?P<date>[A-Z][a-z]{2,8}\.?\s\d{1,2}|"
    r"\d{1,2}\s[A-Z][a-z]{2,8})?\s*"
    r"\((?P<agency>[A-Z][\w /-]{1,40})\)\s*[-–—:]|"
    r"^(?P<tv>央视网消息)[（(：:]|^(?P<cn>人民网|央视网消息|新华网|中新网|[\u4e00-\u9fff]{2,4}?社)(?P<cnplace>[\u4e00-\u9fff]{2,8}?)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日电"
)


_AHEAD = dt.timedelta(days=2)  # a dateline later than this after publication is from the year before


@dataclass(frozen=True, slots=True)
class Dateline:
    """Place, day and agencies; ``lines`` are lines of the page that contain only this and are not text."""

    place: str | None = None
    on: dt.date | None = None
    agencies: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def read_dateline(tree: Element, body: Body, published_at: dt.datetime | None) -> Dateline:
    """Return the dateline above the text, completed by the one at the beginning of the text."""
    line = _line(tree)
    first = next((block.text for block in body.blocks if block.kind in {"p", "strong"}), "")
    opening = _OPENING.match(first[:160])
    if not opening:
        return line
    where = (opening["place"] or opening["cnplace"] or "").strip(" ,.")
    place = where.title() if where.isupper() else where
    return Dateline(
        line.place or place or None,
        line.on or _day_of(opening, published_at),
        tuple(dict.fromkeys((*line.agencies, *_credited(opening["agency"] or opening["cn"] or opening["tv"] or "")))),
        line.lines,
    )


def _day_of(opening: re.Match[str], published_at: dt.datetime | None) -> dt.date | None:
    """Return the day in a dateline, in the year of publication; without a day, the day of publication."""
    if published_at is None:
        return None
    words = re.findall(r"[A-Za-z]+|\d+", opening["date"] or "")
    month = next((MONTHS[word.lower()] for word in words if word.lower() in MONTHS), None) or int(opening["month"] or 0)
    day = next((int(word) for word in words if word.isdigit()), None) or int(opening["day"] or 0)
    if not (month and day):
        return published_at.date()
    try:
        date = dt.date(published_at.year, month, day)
        return date if date <= published_at.date() + _AHEAD else date.replace(year=date.year - 1)
    except ValueError:
        return published_at.date()


def _credited(name: str) -> tuple[str, ...]:
    """Return the credited agency by its usual short name if it is known, else as written."""
    return agencies_in([name]) or ((name.strip(),) if name.strip() else ())


def _line(tree: Element) -> Dateline:
    """Return the dateline in a short line that has its class and contains a date, or an empty one."""
    for element in tree.iter("p", "div", "span"):
        if len(element) < 12 and (names := names_of(element)) and is_named(names, _LINE):
            line = text_of(element)
            date = find_date(line, dt.UTC) if 6 < len(line) <= 120 else None
            if date:
                place = _PLACE_DATE.match(line)
                return Dateline(place["place"].strip() if place else None, date[0].date(), agencies_in([line]), (line,))
    return Dateline()
