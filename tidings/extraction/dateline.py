"""Read the dateline: the place of writing, and the news agencies that it credits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import filterfalse
from typing import TYPE_CHECKING

from tidings.base.dates import find_date
from tidings.extraction.parse import name_test, names_of, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tidings.extraction.body import Body
    from tidings.extraction.parse import Element
    from tidings.extraction.text import Block

# Agency names as pages write them, in lower case, and their usual short names.
AGENCIES = {
    "xinhua": "Xinhua", "xinhua news agency": "Xinhua", "新华社": "Xinhua", "新华网": "Xinhua",
    "reuters": "Reuters", "路透社": "Reuters", "ap": "AP", "associated press": "AP",
    "the associated press": "AP", "afp": "AFP", "agence france-presse": "AFP", "法新社": "AFP",
    "dpa": "dpa", "apa": "APA", "sda": "SDA", "keystone-sda": "SDA", "ats": "ATS",
    "keystone-ats": "ATS", "ansa": "ANSA", "efe": "EFE", "agencia efe": "EFE", "lusa": "Lusa",
    "tass": "TASS", "interfax": "Interfax", "ria novosti": "RIA Novosti", "kyodo": "Kyodo",
    "kyodo news": "Kyodo", "共同通信": "Kyodo", "jiji press": "Jiji Press",
    "時事通信": "Jiji Press",
    "yonhap": "Yonhap", "연합뉴스": "Yonhap", "bloomberg": "Bloomberg", "pti": "PTI", "ani": "ANI",
    "upi": "UPI", "sid": "SID", "epd": "epd", "kna": "KNA", "belga": "Belga", "anp": "ANP",
    "ritzau": "Ritzau", "ntb": "NTB", "tt": "TT", "stt": "STT", "čtk": "ČTK", "pap": "PAP",
    "mti": "MTI", "中新社": "China News Service", "中国新闻社": "China News Service",
    "中央社": "CNA",
    "央视": "CCTV", "央视网": "CCTV", "央视网消息": "CCTV", "cctv": "CCTV", "anadolu": "Anadolu",
    "dts": "dts",
}  # fmt: skip


def agencies_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct news agencies in bylines and credits by their usual short names."""
    agencies: dict[str, None] = {}
    for text in texts:
        for part in re.split(
            r"[|/,;()（）\s]*[|/,;()（）]\s*|\s+[-–—]\s*|\s{2,}|(?<=\w)\s+(?=\d)", text
        ):
            if name := AGENCIES.get(part.strip(" .:：-–").casefold()):
                agencies[name] = None
    return tuple(agencies)


_is_line = name_test(
    r"(?<![a-z])(meta|headinfo|info|source|dateline|byline|date|credit|agency|quelle|article-?info|time)(?![a-z])"
)
_PLACE_DATE = re.compile(r"^(?P<place>[^\W\d_][^\d|;:()]{1,60}?),\s*(?=(?:den |le |il |the )?\d)")
_OPENING = re.compile(
    r"^\s*(?P<place>[^\W\d_][^\d\n()（）|;:–—]{1,60}?)?,?\s*(?P<date>[^\W\d_]{3,9}\.?\s\d{1,2}|"
    r"\d{1,2}\.?\s[^\W\d_]{3,9}\.?)?(?:,?\s(?:19|20)\d\d)?\s*\((?P<agency>[^\W\d_][\w"
    r" /-]{1,40})\)\s?\.?\s*[-–—:]|^(?P<tv>央视网消息)[（(：:]|^[（(]?(?:(?P<cn>人民网|央视网消息|"
    r"新华网|中新网|[\u4e00-\u9fff]{2,4}?社)|本报)(?P<cnplace>(?!记者)[\u4e00-\u9fff]{2,8}?)?(?P<mo"
    r"nth>\d{1,2})月(?P<day>\d{1,2})日电"
)
_SIGN = re.compile(r"[(（]|\d日电")  # every dateline has one
_FIRST = 8  # blocks above and at the beginning of the text, which captions and bylines may precede
_CALL_SIGN = re.compile(r"[A-Z]{3,6}")  # an agency or station that is not in the table
_NAME_WORDS = 3  # most words of such an agency's name
# The words of a place's name are capitalised, except those that join them.
_JOINING = frozenset([
    "a.", "am", "an", "auf", "bei", "d'", "da", "das", "de", "dei", "del", "della", "den", "der",
    "des", "di", "do", "dos", "du", "e", "el", "en", "et", "im", "in", "la", "las", "le", "les",
    "los", "o", "of", "on", "ob", "sur", "sous", "the", "und", "upon", "v.", "vor", "y", "and",
])  # fmt: skip
# Capitalised lines before a date that are not places: weekdays, labels, kinds of texts, desks and
# bodies.
_OTHER = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu|thurs?|fri|sat|sun|(?:mon|"
    r"diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi|dimanche|lun|mer|jeu|ven|sam|dim|lunes|martes|mi[eé]rcoles|jueves|viernes|s[áa]bado|"
    r"domingo|mi[eé]|jue|vie|s[áa]b|dom|luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|"
    r"sabato|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|понедельник|вторник|среда|четверг|"
    r"пятница|суббота|воскресенье)\W*$|(?:at|auf|bei|by|da|from|im|in|on|par|por|seit|since|stand|"
    r"vom?|von|updated?|published|posted|veröffentlicht|aktualisiert|erschienen|publié|publicado|"
    r"pubblicato|mis à jour|опубликовано|обновлено)\s|(?:news|blog|article|artikel|bericht|report|"
    r"interview|kommentar|comment|analy(?:se|sis)|opinion|meinung|update|politi(?:k|cs)|politique|"
    r"política|politica|wirtschaft|business|economy|économie|econom[ií]a|kultur|culture|sport|"
    r"society|gesellschaft|société|sociedad|world|welt|monde|mundo|mondo|международная|политика|"
    r"экономика|общество)\W*$|.*(?:ministr|ministeri|d[eé]parte?ment|agency|office|council|"
    r"committee|commission|university|parliament|institut|redaktion|redazione|rédaction|redacción|"
    r"verwaltung|behörde|kanzlei|zeitung|(?:rund|land)funk|television|release|mitteilung|"
    r"communiqué|comunicat|newsletter|(?:bundes|stadt|gemeinde|regierungs)rat\b|[\d\"“”„«»?!:…])",
    re.IGNORECASE,
)
_MAX_PLACE_LENGTH, _MAX_WORDS, _MAX_PARTS = 40, 6, 3


def place_in(text: str, others: Collection[str] = ()) -> str | None:
    """Return the place that the beginning of a dateline states, or None.

    Sentences, weekdays, labels and bodies are not places, nor are ``others``: the page's authors
    and sections. A name in capitals becomes a usual name.
    """
    known = {*map(plain, others)}
    line = " ".join(text.split()).strip(" ,.-")
    parts = re.split(r",\s*", line)
    where = ", ".join(filterfalse(lambda part: plain(part) in known, parts))
    words = re.split(r"[\s/]+", where)
    is_short = 2 < len(where) <= _MAX_PLACE_LENGTH and len(words) <= _MAX_WORDS
    is_name = all(word in _JOINING or not word[:1].islower() for word in words)
    if not (is_short and is_name) or where[0].islower() or _OTHER.match(where):
        return None
    return where.title() if where.isupper() else where


@dataclass(frozen=True, slots=True)
class Dateline:
    """Place and agencies; ``lines`` are lines of the page that contain only these."""

    place: str | None = None
    agencies: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def read_dateline(tree: Element, body: Body, others: Collection[str] = ()) -> Dateline:
    """Return the dateline above the text, completed by the one at its beginning."""
    line = _line(tree, others)
    opening = None if body.is_region else _find_opening(body.blocks[:_FIRST])
    if opening is None:
        return line
    agency = opening["agency"] or opening["cn"] or opening["tv"]
    return Dateline(
        line.place or opening["cnplace"] or place_in(opening["place"] or "", others),
        tuple(dict.fromkeys((*line.agencies, *(_credited(agency) if agency else ())))),
        line.lines,
    )


def _find_opening(blocks: Iterable[Block]) -> re.Match[str] | None:
    for block in blocks:
        first = block.text[:160]
        if block.kind in {"p", "strong"} and _SIGN.search(first):
            match = _OPENING.match(first)
            if match and _is_dateline(match):
                return match
    return None


def _is_dateline(opening: re.Match[str]) -> bool:
    """Return whether the parentheses contain an agency, and not an abbreviation's meaning."""
    agency = opening["agency"]
    if not agency or agencies_in([agency]):
        return True
    has_date, is_capitals = bool(opening["date"]), (opening["place"] or "").isupper()
    if _CALL_SIGN.fullmatch(agency):
        return has_date or is_capitals
    return has_date and is_capitals and agency.istitle() and len(agency.split()) <= _NAME_WORDS


def _credited(name: str) -> tuple[str, ...]:
    """Return the credited agency by its usual short name if known, else as written."""
    return agencies_in([name]) or (name.strip(),)


def _line(tree: Element, others: Collection[str]) -> Dateline:
    """Return the dateline in a short line with its class and a date, or an empty one."""
    for element in tree.iter("p", "div", "span"):
        if len(element) < 12 and _is_line(names_of(element)):
            line = text_of(element)
            if 6 < len(line) <= 120 and find_date(line, dt.UTC):
                place = _PLACE_DATE.match(line)
                return Dateline(
                    place_in(place["place"], others) if place else None,
                    agencies_in([line]),
                    (line,),
                )
    return Dateline()
