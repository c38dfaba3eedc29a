"""Month names and time zone abbreviations in dates. Month names are without accents, in the languages of the publishers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Twelve months for each language, with a semicolon after the last; a bar separates forms of one month. Genitives are included.
_NAMES = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct
november|nov december|dec;
januar|janner|jan februar|feb marz|mar|mrz april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt
november|nov dezember|dez;
janvier|janv fevrier|fevr|fev mars avril|avr mai juin juillet|juil aout septembre|sept octobre|oct novembre|nov
decembre|dec;
gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set ottobre|ott
novembre|nov dicembre|dic;
enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sep octubre|oct
noviembre|nov diciembre|dic;
janeiro|jan fevereiro|fev marco|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out
novembro|nov dezembro|dez;
januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sep oktober|okt november|nov
december|dec;
januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sep oktober|okt november|nov
december|dec;
januar|jan februar|feb marts|mar april|apr maj juni|jun juli|jul august|aug september|sep oktober|okt november|nov
december|dec;
januar|jan februar|feb mars|mar april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt november|nov
desember|des;
stycznia|styczen|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecien|kwi maja|maj czerwca|czerwiec|cze
lipca|lipiec|lip sierpnia|sierpien|sie wrzesnia|wrzesien|wrz pazdziernika|pazdziernik|paz listopada|listopad|lis
grudnia|grudzien|gru;
ledna|leden unora|unor brezna|brezen dubna|duben kvetna|kveten cervna|cerven cervence|cervenec srpna|srpen zari
rijna|rijen listopadu|listopad prosince|prosinec;
ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sept octombrie|oct
noiembrie|noi decembrie|dec;
januar|jan februar|feb marcius|mar aprilis|apr majus|maj junius|jun julius|jul augusztus|aug szeptember|szept
oktober|okt november|nov december|dec;
января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|маи|май июня|июнь|июн июля|июль|июл
августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя|нояб декабря|декабрь|дек;
січня|сiчня|січень лютого|лютий березня|березень квітня|квiтня|квітень травня|травень червня|червень липня|липень
серпня|серпень вересня|вересень жовтня|жовтень листопада|листопад грудня|грудень;
ocak|oca subat|sub mart|mar nisan|nis mayıs|mayis|may haziran|haz temmuz|tem agustos|agu eylul|eyl ekim|eki
kasım|kasim|kas aralık|aralik|ara;
ιανουαριου|ιαν φεβρουαριου|φεβ μαρτιου|μαρ απριλιου|απρ μαιου|μαι ιουνιου|ιουν ιουλιου|ιουλ αυγουστου|αυγ
σεπτεμβριου|σεπ οκτωβριου|οκτ νοεμβριου|νοε δεκεμβριου|δεκ;
يناير فبراير مارس ابريل|أبريل مايو يونيو يوليو اغسطس|أغسطس سبتمبر اكتوبر|أكتوبر نوفمبر ديسمبر;
januari|jan februari|feb maret|mar april|apr mei juni|jun juli|jul agustus|agu september|sep oktober|okt november|nov
desember|des;
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر;
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर;
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม;
"""
# UTC offsets in hours. Ambiguous abbreviations have their most frequent meaning; American ones are those of RFC 822, section 5.1.
_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "MET": 1, "MEST": 2,
    "BST": 1, "IST": 5.5, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "SAST": 2, "EAT": 3, "WAT": 1, "CAT": 2, "GST": 4, "PKT": 5,
    "NPT": 5.75, "ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3, "NST": -3.5,
    "BRT": -3, "ART": -3, "CLT": -4, "COT": -5, "PET": -5,
}  # fmt: skip
_AMBIGUOUS = frozenset({"CST", "BST", "IST", "GST", "AST", "ADT", "MST", "PST", "EST", "EDT", "CAT", "ECT", "WST", "PET", "ART"})
# Abbreviations in use that the IANA data no longer contain.
_LOCAL = {("Asia/Dhaka", "BST"): 6, ("Asia/Shanghai", "CST"): 8, ("Asia/Singapore", "SST"): 8, ("Asia/Dubai", "GST"): 4}
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?\Z", re.IGNORECASE)


def bare(text: str) -> str:
    """Return text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _month_numbers() -> dict[str, int]:
    months: dict[str, int] = {}
    for line in _NAMES.split(";"):
        for number, forms in enumerate(line.split(), 1):
            for form in forms.split("|"):
                # "listopad" is a different month in Czech and Polish: the first entry applies.
                months.setdefault(bare(form), number)
    return months


MONTHS = _month_numbers()


def read_zone(text: str, publisher_zone: str) -> tuple[dt.tzinfo, bool] | None:
    """Return the time zone in a date and whether it is unambiguous, or None if the text has no known time zone.

    An abbreviation has the meaning that it has in the publisher's zone: CST is China's for Asia/Shanghai and Chicago's for
    America/Chicago. Otherwise it has its most frequent meaning, which is ambiguous if there are several.
    """
    text = text.strip().strip("()[]").strip()
    match = _OFFSET.match(text)
    if match:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes > 15 * 60:
            return None
        return dt.timezone(dt.timedelta(minutes=minutes if match[1] == "+" else -minutes)), True
    name = text.upper()
    hours = _LOCAL.get((publisher_zone, name))
    if hours is not None:
        return dt.timezone(dt.timedelta(hours=hours)), True
    own = _abbreviations(publisher_zone).get(name)
    if own is not None:
        return dt.timezone(own), True
    if name in _HOURS:
        return dt.timezone(dt.timedelta(hours=_HOURS[name])), name not in _AMBIGUOUS
    return None


@lru_cache(maxsize=256)
def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone of an IANA name, or UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


@lru_cache(maxsize=256)
def _abbreviations(name: str) -> dict[str, dt.timedelta]:
    zone = zone_of(name)
    if zone is dt.UTC:
        return {}
    offsets: dict[str, dt.timedelta] = {}
    for month in (1, 7):
        moment = dt.datetime(2026, month, 15, tzinfo=zone)
        label, offset = moment.tzname(), moment.utcoffset()
        if label and offset is not None and label.isalpha():
            offsets[label] = offset
    return offsets
