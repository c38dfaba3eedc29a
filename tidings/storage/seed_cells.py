"""Check single rows of reference data: keys, empty cells, dates, time zones, enumerations, patterns
and selectors.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import soupsieve
from cssselect import HTMLTranslator, SelectorError
from soupsieve import SelectorSyntaxError

from tidings.base.languages import UnknownLanguageError, is_known
from tidings.base.languages.patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

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
INSTITUTIONS = [
    "government",
    "ministry",
    "central_bank",
    "parliament",
    "court",
    "statistics_office",
    "regulator",
    "international",
    "news_agency",
    "newspaper",
    "broadcaster",
    "research",
]
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
    ("speech_verbs", "pattern"): [
        "clause",
        "inverted",
        "object",
        "occasion",
        "noun",
        "according",
        "weak",
        "content",
        "infinitive",
    ],
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
_FILLED = {
    table: [name for name in (*key, *NEEDED.get(table, ())) if (table, name) not in _MAY_BE_EMPTY]
    for table, key in KEYS.items()
}


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
    names = [name for name in KEYS[table] if name != "valid_from"]
    return f"{table}, {' '.join(row.get(name) or '?' for name in names)}"


def _check_row(table: str, row: Row) -> Iterator[str]:
    cells = {name: cell or "" for name, cell in row.items()}
    for name in _FILLED[table]:
        if not cells.get(name):
            yield f"{name} is empty."
    for name, cell in cells.items():
        if cell != cell.strip():
            yield f"{name} has leading or trailing white space."
    for rule in _RULES:
        if table in rule.tables and (problem := rule.check(cells.get(rule.column, ""))):
            yield problem
    yield from _check_relations(table, cells)


def _check_relations(table: str, cells: Row) -> Iterator[str]:
    if table == "codings" and (cells.get("role") == "none") != (not cells.get("theme_id")):
        yield "theme_id must be empty if the role is none, and only then."
    if cells.get("day_url") and cells.get("kind") != "listing":
        yield "day_url is not empty: delete it, or list the days in a row of kind listing."
    first, last = cells.get("valid_from", ""), cells.get("valid_to", "")
    if first > (last or "9999-12-31") and _is_day(first) and (not last or _is_day(last)):
        yield f"valid_from {first} is later than valid_to {last}."


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule for the cells of a column. ``parse`` raises an error or returns an empty value for an
    invalid cell.
    """

    column: str
    parse: Callable[[str], object]
    message: str
    tables: Collection[str] = tuple(KEYS)
    is_needed: bool = False

    def check(self, cell: str) -> str:
        """Return the problem with a cell, or an empty text."""
        reason = ""
        try:
            if (not cell and not self.is_needed) or self.parse(cell):
                return ""
        except (ValueError, KeyError, OSError, SelectorError, SelectorSyntaxError) as error:
            reason = str(error)
        return self.message.format(column=self.column, cell=cell, reason=reason)


def _has_known_language(tag: str) -> bool:
    if _LANGUAGE.fullmatch(tag) and not is_known(tag):
        raise UnknownLanguageError(tag)
    return True


def _is_day(cell: str) -> bool:
    try:
        return dt.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


_SELECTOR = "{column} {cell!r} is not a valid CSS selector."
_RULES = (
    *(
        _Rule(
            column,
            allowed.__contains__,
            f"invalid {{column}} {{cell!r}}: use {', '.join(filter(None, allowed))}.",
            (table,),
            is_needed=column in NEEDED.get(table, ()),
        )
        for (table, column), allowed in ALLOWED.items()
    ),
    _Rule(
        "language",
        _LANGUAGE.fullmatch,
        "invalid language {cell!r}: use a tag such as en or zh-Hans.",
    ),
    _Rule("language", _has_known_language, "{reason}", ANALYSED),
    _Rule(
        "country",
        re.compile("[A-Z]{2}").fullmatch,
        "invalid country {cell!r}: use two letters of ISO 3166-1, such as CH, or EU.",
        ("speakers", "posts", "countries"),
    ),
    _Rule(
        "window_chars",
        re.compile("[0-9]*[1-9][0-9]*").fullmatch,
        "invalid window_chars {cell!r}: use a number of characters.",
    ),
    _Rule(
        "salience",
        re.compile("title|[2-9]").fullmatch,
        "invalid salience {cell!r}: use title or a number of occurrences from 2 to 9.",
    ),
    _Rule(
        "time_zone",
        ZoneInfo,
        "invalid time_zone {cell!r}: use an IANA name such as Asia/Shanghai.",
    ),
    _Rule(
        "text_hash",
        re.compile("[0-9a-f]{16}").fullmatch,
        "invalid text_hash {cell!r}: use 16 hexadecimal digits.",
        ("codings",),
        is_needed=True,
    ),
    _Rule("article_id", UUID, "invalid article_id {cell!r}: use a UUID.", ("codings",)),
    _Rule(
        "coded_at",
        dt.datetime.fromisoformat,
        "invalid coded_at {cell!r}: use a time such as 2026-01-31T09:00:00Z.",
        ("codings",),
    ),
    _Rule(
        "weight",
        lambda cell: 0 < float(cell) < math.inf,
        "invalid weight {cell!r}: use a number above 0.",
        ("codings",),
    ),
    *(
        _Rule(name, _is_day, "invalid {column} {cell!r}: use a date such as 2026-01-31.")
        for name in ("valid_from", "valid_to", "checked_on", "published_on")
    ),
    *(
        _Rule(name, compile_pattern, "{column} is not a valid regular expression: {reason}.")
        for name in ("exclude_regex", "url_pattern")
    ),
    # soupsieve reads listings and the text of pages, and cssselect the other fields of a page
    *(
        _Rule(name, soupsieve.compile, _SELECTOR, ("feeds",))
        for name in ("item_selector", "next_selector")
    ),
    *(
        _Rule(name, soupsieve.compile, _SELECTOR, ("extraction_rules",))
        for name in ("body", "drop")
    ),
    *(
        _Rule(name, HTMLTranslator().css_to_xpath, _SELECTOR, ("extraction_rules",))
        for name in ("title", "date", "author", "section")
    ),
)
