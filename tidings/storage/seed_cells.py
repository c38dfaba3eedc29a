"""Check single rows of reference data: keys, empty cells, dates, time zones, enumerations, patterns
and selectors.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import soupsieve
from cssselect import HTMLTranslator, SelectorError

from tidings.base.languages import UnknownLanguageError, is_known
from tidings.base.languages.patterns import PatternError, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Row = Mapping[str, str]

KEYS = {
    "themes": ("theme_id",),
    "theme_phrases": ("phrase_id",),
    "publishers": ("publisher_id",),
    "feeds": ("feed_id",),
    "packs": ("pack_id",),
    "speakers": ("person_id", "language", "office", "valid_from"),
    "posts": ("post", "language", "country"),
    "countries": ("country", "language"),
    "baselines": ("baseline_id",),
    "extraction_rules": ("rule_id",),
    "evidence_words": ("language", "word", "kind"),
    "speech_verbs": ("language", "form", "pattern"),
    "codings": ("coder", "text_hash", "theme_id"),
}
NEEDED = {
    "themes": ("label_en", "kind"),
    "theme_phrases": ("theme_id", "language", "phrase", "match_type", "role"),
    "publishers": ("name", "time_zone"),
    "feeds": ("url", "kind"),
    "packs": ("label", "description", "conditions"),
    "speakers": ("name",),
    "posts": ("forms",),
    "countries": ("forms",),
    "baselines": ("valid_from", "valid_to"),
    "extraction_rules": ("publisher_id",),
    "speech_verbs": ("lemma",),
    "codings": ("role", "language"),
}
FLAGS = ("true", "false", "")
INSTITUTIONS = (
    "government", "ministry", "central_bank", "parliament", "court", "statistics_office",
    "regulator", "international",
    "news_agency", "newspaper", "broadcaster", "research",
)  # fmt: skip
ALLOWED = {
    ("themes", "kind"): ("theme", "formulation"),
    ("theme_phrases", "match_type"): ("phrase", "prefix", "inflected", "substring"),
    ("theme_phrases", "role"): ("include", "exclude"),
    ("publishers", "publisher_type"): ("official", "state_media", "independent", "public", ""),
    ("publishers", "institution"): (*INSTITUTIONS, ""),
    ("feeds", "kind"): ("feed", "listing", "sitemap"),
    ("feeds", "is_enabled"): FLAGS,
    ("feeds", "has_full_text"): FLAGS,
    ("feeds", "ignores_robots"): FLAGS,
    ("speakers", "gender"): ("female", "male", ""),
    ("evidence_words", "kind"): ("verb", "head_noun", "quote", "unrelated", "common"),
    ("speech_verbs", "pattern"): (
        "clause",
        "inverted",
        "object",
        "occasion",
        "noun",
        "according",
        "weak",
        "content",
        "infinitive",
    ),
    ("codings", "role"): ("main", "side", "none"),
    ("codings", "is_any"): FLAGS,
    ("codings", "stratum"): ("hit", "near_miss", "silent", ""),
}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ANALYSED = ("theme_phrases", "speakers", "posts", "countries", "evidence_words", "speech_verbs")
"""Tables whose rows apply only to texts of their language, which needs a folder in
``languages/``.
"""
_MAY_BE_EMPTY = {("speakers", "valid_from"), ("posts", "country"), ("codings", "theme_id")}
_WITH_COUNTRIES = ("speakers", "posts", "countries")
_COUNTRY = re.compile(r"[A-Z]{2}")
_TEXT_HASH = re.compile(r"[0-9a-f]{16}")
_DAYS = ("valid_from", "valid_to", "checked_on", "published_on")
_PATTERNS = ("exclude_regex", "url_pattern")
_LISTING_SELECTORS = ("item_selector", "next_selector")
_RULE_SELECTORS = ("title", "body", "date", "author", "section", "drop")


def check_cells(table: str, rows: Iterable[Row]) -> list[str]:
    """Return a sentence for each invalid cell and each duplicate key."""
    problems = []
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        where = row_name(table, row)
        key = tuple(row.get(name) or "" for name in KEYS[table])
        seen[key] += 1
        if seen[key] == 2:  # report a duplicate key once
            problems.append(f"{where} occurs more than once.")
        problems += [f"{where}: {problem}" for problem in _check_row(table, row)]
    return problems


def row_name(table: str, row: Row) -> str:
    """Return a row's name in messages: its table and key."""
    return (
        f"{table}, {' '.join(row.get(name) or '?' for name in KEYS[table] if name != 'valid_from')}"
    )


def _check_row(table: str, row: Row) -> list[str]:
    problems = [
        f"{name} is empty."
        for name in (*KEYS[table], *NEEDED.get(table, ()))
        if (table, name) not in _MAY_BE_EMPTY and not row.get(name)
    ]
    problems += [
        f"{name} has leading or trailing white space."
        for name, cell in row.items()
        if cell and cell != cell.strip()
    ]
    for (name, column), allowed in ALLOWED.items():
        if (
            name == table
            and (cell := row.get(column) or "") not in allowed
            and (cell or column in NEEDED[table])
        ):
            problems.append(f"invalid {column} {cell!r}: use {', '.join(filter(None, allowed))}.")
    if (language := row.get("language") or "") and not _LANGUAGE.fullmatch(language):
        problems.append(f"invalid language {language!r}: use a tag such as en or zh-Hans.")
    elif language and table in ANALYSED and not is_known(language):
        problems.append(str(UnknownLanguageError(language)))
    if (
        table in _WITH_COUNTRIES
        and (country := row.get("country") or "")
        and not _COUNTRY.fullmatch(country)
    ):
        problems.append(
            f"invalid country {country!r}: use two letters of ISO 3166-1, such as CH, or EU."
        )
    if (window := row.get("window_chars") or "") and not (
        window.isascii() and window.isdigit() and int(window)
    ):
        problems.append(f"invalid window_chars {window!r}: use a number of characters.")
    if (
        (salience := row.get("salience") or "")
        and salience != "title"
        and salience not in tuple("23456789")
    ):
        problems.append(
            f"invalid salience {salience!r}: use title or a number of occurrences from 2 to 9."
        )
    zone = row.get("time_zone") or ""
    problems += (
        [f"invalid time_zone {zone!r}: use an IANA name such as Asia/Shanghai."]
        if zone and not _is_zone(zone)
        else []
    )
    problems += _check_coding(row) if table == "codings" else []
    if row.get("day_url") and row.get("kind") != "listing":
        problems.append(
            "day_url is not empty: delete it, or list the days in a row of kind listing."
        )
    return problems + _check_days(row) + _check_syntax(table, row)


def _check_coding(row: Row) -> list[str]:
    problems = []
    if not _TEXT_HASH.fullmatch(row.get("text_hash") or ""):
        problems.append(f"invalid text_hash {row.get('text_hash')!r}: use 16 hexadecimal digits.")
    if (row.get("role") == "none") != (not row.get("theme_id")):
        problems.append("theme_id must be empty if the role is none, and only then.")
    if (article_id := row.get("article_id") or "") and not _is_valid(UUID, article_id):
        problems.append(f"invalid article_id {article_id!r}: use a UUID.")
    if (coded_at := row.get("coded_at") or "") and not _is_valid(
        dt.datetime.fromisoformat, coded_at
    ):
        problems.append(f"invalid coded_at {coded_at!r}: use a time such as 2026-01-31T09:00:00Z.")
    if (weight := row.get("weight") or "") and not (
        _is_valid(float, weight) and 0 < float(weight) < math.inf
    ):
        problems.append(f"invalid weight {weight!r}: use a number above 0.")
    return problems


def _check_days(row: Row) -> list[str]:
    days = {name: row[name] for name in _DAYS if row.get(name)}
    wrong = [name for name, cell in days.items() if not _is_day(cell)]
    problems = [f"invalid {name} {days[name]!r}: use a date such as 2026-01-31." for name in wrong]
    if not wrong and days.get("valid_from", "") > days.get("valid_to", "9999-12-31"):
        problems.append(
            f"valid_from {days['valid_from']} is later than valid_to {days['valid_to']}."
        )
    return problems


def _check_syntax(table: str, row: Row) -> list[str]:
    problems = []
    for name in _PATTERNS:
        try:
            compile_pattern(row.get(name) or "")
        except PatternError as error:
            problems.append(f"{name} is not a valid regular expression: {error}.")
    selectors = (
        _LISTING_SELECTORS
        if table == "feeds"
        else _RULE_SELECTORS
        if table == "extraction_rules"
        else ()
    )
    for name in selectors:
        cell = row.get(name) or ""
        if cell and not (
            _is_soup_selector(cell)
            if table == "feeds" or name in {"body", "drop"}
            else _is_rule_selector(cell)
        ):
            problems.append(f"{name} {cell!r} is not a valid CSS selector.")
    return problems


def _is_valid(parse: Callable[[str], object], cell: str) -> bool:
    try:
        parse(cell)
    except ValueError:
        return False
    return True


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_day(cell: str) -> bool:
    try:
        return dt.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _is_soup_selector(selector: str) -> bool:
    """Return whether soupsieve, which reads listings and the text of pages, accepts a selector."""
    try:
        soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, ValueError):
        return False
    return True


def _is_rule_selector(selector: str) -> bool:
    """Return whether cssselect, which reads the other fields of a page, accepts a selector."""
    try:
        HTMLTranslator().css_to_xpath(selector)
    except SelectorError:
        return False
    return True
