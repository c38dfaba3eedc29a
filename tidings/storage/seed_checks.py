"""Check reference data. Each problem is one sentence.

``spell`` is ``tidings.annotation.phrases.spell_out``, which this package must not import.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from uuid import UUID

import soupsieve
from cssselect import HTMLTranslator, SelectorError
from soupsieve import SelectorSyntaxError

from tidings.base.languages import UnknownLanguageError, is_known
from tidings.base.languages.patterns import compile_pattern
from tidings.base.owners import read_domain
from tidings.storage.lake import WarehouseError

Row = Mapping[str, str]
Spell = Callable[[str, str, str], list[str]]

# the key of each table, of which a column with ? may be empty, and other columns that must not be
# empty; None: commands write the table
_TABLES = {
    "themes": ("theme_id", "label_en kind"),
    "theme_phrases": ("phrase_id", "theme_id language phrase match_type role"),
    "speakers": ("person_id language office valid_from?", "name"),
    "posts": ("post language country?", "forms"),
    "countries": ("country language", "forms"),
    "bodies": ("body language country?", "forms"),
    "baselines": ("baseline_id", "valid_from valid_to"),
    "evidence_words": ("language word kind", ""),
    "speech_verbs": ("language form pattern", "lemma"),
    "candidate_reviews": ("phrase language reviewed_on", None),
    "first_uses": ("phrase language", "first_used_on is_coined"),
    "codings": ("coder text_hash theme_id?", "role language"),
    "coding_plans": ("plan_id", None),
    "outside_labels": ("article_id theme_id model", "score"),
    "comparison_series": ("series_id", None),
    "comparison_points": ("series_id start_on", None),
    "publishers": ("publisher_id", "name time_zone"),
    "packs": ("pack_id", "label description conditions"),
    "extraction_rules": ("rule_id", "publisher_id"),
    "saved_questions": ("question_id", None),
}
KEYS = {name: tuple(key.replace("?", "").split()) for name, (key, _) in _TABLES.items()}
"""Key of each table, by which a row of a later folder replaces the row of an earlier folder."""
LOADED = list(KEYS)[:-4]  # into the lake, by runs
NEEDED = {
    name: [column for column in f"{key} {more}".split() if "?" not in column]
    for name, (key, more) in _TABLES.items()
    if more is not None
}
"""Columns that must not be empty, by the tables whose rows people write."""
# tables whose rows need a folder of their language in ``languages/``
ANALYSED = ("theme_phrases", "speakers", "posts", "countries", "evidence_words", "speech_verbs")
ALLOWED = {
    "themes.kind": "theme formulation",
    "theme_phrases.match_type": "phrase prefix inflected substring",
    "theme_phrases.role": "include exclude",
    # in the title, or after a number of occurrences
    "theme_phrases.salience": "title 2 3 4 5 6 7 8 9",
    "publishers.publisher_type": "official state_media independent public",
    "publishers.institution": (
        "government ministry central_bank parliament court statistics_office regulator"
        " international news_agency newspaper broadcaster research"
    ),
    "speakers.gender": "female male",
    "evidence_words.kind": "verb head_noun quote unrelated common",
    "speech_verbs.pattern": (
        "clause inverted object occasion noun according weak content infinitive"
    ),
    "codings.role": "main side none",
    "codings.is_any": "true false",
    "first_uses.is_coined": "true false",
    "codings.stratum": "hit near_miss silent",
}
"""Values of a column, by table and column."""


def _parse_analysed(tag: str) -> bool:
    if _LANGUAGE(tag) and not is_known(tag):
        raise UnknownLanguageError(tag)
    return True


_USED = frozenset({"language", "exclude_regex", "salience"})  # columns that a stage parses
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch
_COUNTRY = (re.compile("[A-Z]{2}").fullmatch, "two letters of ISO 3166-1, such as CH, or EU")
_IS_NORMAL = functools.partial(unicodedata.is_normalized, "NFKC")
_DAY = (lambda cell: f"{dt.date.fromisoformat(cell)}" == cell, "a date such as 2026-01-31")
_PATTERN = (compile_pattern, "{column} is not a valid regular expression: {reason}.")
_SELECTOR = "{column} {cell!r} is not a valid CSS selector."
# soupsieve reads the text of pages, and cssselect the other fields of a page
_TEXT = (soupsieve.compile, _SELECTOR)
_FIELD = (HTMLTranslator().css_to_xpath, _SELECTOR)
# major topics of the Comparative Agendas Project's master codebook
CODER = re.compile(r"\w[\w. -]{0,39}").fullmatch
_CODES = frozenset(map(str, {*range(1, 22), 23} - {11}))
_RULES: dict[str, tuple[Callable[[str], object], str]] = {
    "language": (_LANGUAGE, "a tag such as en or zh-Hans"),
    "window_chars": (re.compile("[0-9]*[1-9][0-9]*").fullmatch, "a number of characters"),
    "coder": (CODER, "at most 40 letters, digits, spaces, dots and hyphens"),
    "text_hash": (re.compile("[0-9a-f]{16}").fullmatch, "16 hexadecimal digits"),
    "coded_at": (dt.datetime.fromisoformat, "a time such as 2026-01-31T09:00:00Z"),
    "weight": (lambda cell: 0 < float(cell) < math.inf, "a number above 0"),
    **dict.fromkeys(("codings.article_id", "outside_labels.article_id"), (UUID, "a UUID")),
    "score": (lambda cell: 0 <= float(cell) <= 1, "a number from 0 to 1"),
    **{f"{table}.language": (_parse_analysed, "{reason}") for table in ANALYSED},
    "themes.cap_code": (
        lambda cell: cell.lstrip("0") in _CODES,
        "{cell!r} is not a major topic of the Comparative Agendas Project.",
    ),
    "theme_phrases.phrase": (_IS_NORMAL, "the {column} is not in Unicode normal form NFKC."),
    "exclude_regex": _PATTERN,
    "url_pattern": _PATTERN,
    **dict.fromkeys(("speakers.country", "posts.country", "countries.country"), _COUNTRY),
    **dict.fromkeys(
        ("valid_from", "valid_to", "checked_on", "published_on", "first_used_on"), _DAY
    ),
    **{f"extraction_rules.{name}": _TEXT for name in ("body", "drop")},
    **{f"extraction_rules.{name}": _FIELD for name in ("title", "date", "author", "section")},
    **{
        name: (words.split().__contains__, words.replace(" ", ", "))
        for name, words in ALLOWED.items()
    },
}
"""By column, with its table if the rule applies only there: a function that raises an error or
returns an empty value for an invalid cell, and what to write instead, or the whole sentence.
"""

# tables, their columns, and the tables to whose keys they refer
_REFERENCES = (
    ("themes", "parent_id", "themes"),
    ("theme_phrases", "theme_id", "themes"),
    ("codings", "theme_id", "themes"),
    ("outside_labels", "theme_id", "themes"),
    ("speakers", "post", "posts"),
    ("extraction_rules", "publisher_id", "publishers"),
)


def check_all(
    tables: Mapping[str, Sequence[Row]], spell: Spell, publisher_ids: Iterable[str] = ()
) -> list[str]:
    """Return the problems in the tables, whose names are as in ``NEEDED``; references to missing
    tables are not checked. ``publisher_ids`` are additional known publishers.
    """
    problems = [problem for name, rows in tables.items() for problem in check_cells(name, rows)]
    for table, column, target in _REFERENCES:
        if target in tables:
            name = KEYS[target][0]
            known = {row[name] for row in tables[target]}
            known.update(publisher_ids if target == "publishers" else ())
            problems += [
                f"{row_name(table, row)}: unknown {name} {row[column]!r}."
                for row in tables.get(table, ())
                if row.get(column) and row[column] not in known
            ]
    problems += check_themes(tables.get("themes", ()))
    problems += check_phrases(tables.get("theme_phrases", ()), spell)
    return problems + check_domains(tables.get("publishers", ()))


def check_cells(table: str, rows: Iterable[Row]) -> list[str]:
    """Return a sentence for each invalid cell."""
    return [f"{row_name(table, row)}: {problem}" for row in rows for problem in _check(table, row)]


def refuse_unusable(table: str, rows: Iterable[Row]) -> None:
    """Raise WarehouseError for the first cell with which a stage would fail within a build."""
    for row in rows:
        for column in _USED & row.keys():
            for problem in _check_cell(table, column, row[column]):
                raise WarehouseError(f"{row_name(table, row)}: {problem}")


def row_name(table: str, row: Row) -> str:
    """Return a row's name in messages: its file and key."""
    names = [name for name in KEYS[table] if name != "valid_from"]
    return f"{table}.csv, {' '.join(row.get(name) or '?' for name in names)}"


def _check(table: str, row: Row) -> Iterator[str]:
    yield from (f"{column} is empty." for column in NEEDED[table] if not row.get(column))
    for column, cell in row.items():
        yield from _check_cell(table, column, cell)
    if table == "codings" and (row.get("role") == "none") == bool(row.get("theme_id")):
        yield "theme_id must be empty if the role is none, and only then."
    first, last = row.get("valid_from") or "", row.get("valid_to") or ""
    if last and first > last:
        yield f"valid_from {first} is later than valid_to {last}."


def _check_cell(table: str, column: str, cell: str) -> Iterator[str]:
    rules = (_RULES.get(f"{table}.{column}"), _RULES.get(column)) if cell else ()
    for parse, use in filter(None, rules):
        reason = ""
        try:
            if parse(cell):
                continue
        except (ValueError, KeyError, OSError, SelectorError, SelectorSyntaxError) as error:
            reason = str(error)
        sentence = use if "{" in use else f"invalid {{column}} {{cell!r}}: use {use}."
        yield sentence.format(column=column, cell=cell, reason=reason)


def check_themes(rows: Iterable[Row]) -> Iterator[str]:
    """Yield parents with a parent, and areas other than the parent's."""
    by_id = {row["theme_id"]: row for row in rows}
    for row in by_id.values():
        if parent := by_id.get(row.get("parent_id", "")):
            where, name = row_name("themes", row), parent["theme_id"]
            if above := parent.get("parent_id"):
                yield f"{where}: its parent {name} also has a parent, {above}."
            if (row.get("cap_code") or "") != (parent.get("cap_code") or ""):
                yield f"{where}: its cap_code differs from its parent's, {name}."


def check_phrases(rows: Iterable[Row], spell: Spell) -> list[str]:
    """Return the phrases of one theme and language with the same spelling."""
    places: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        for form in spell(row["phrase"], row["language"], row["match_type"]):
            places[row["language"], row["theme_id"], form].add(row["phrase_id"])
    twins = {tuple(sorted(ids)) for ids in places.values() if len(ids) > 1}
    return [f"theme_phrases.csv: {', '.join(ids)} match the same text." for ids in sorted(twins)]


def check_domains(rows: Iterable[Row]) -> list[str]:
    """Return the domains that belong to two publishers at the same time."""
    claims: dict[str, list[tuple[dt.date, dt.date, str]]] = defaultdict(list)
    for row in rows:
        for text in (row.get("domains") or "").split("|"):
            with contextlib.suppress(ValueError):  # the registry reports an invalid domain
                name, first, last = read_domain(text)
                claims[name].append((first, last, row["publisher_id"]))
    return [
        f"publishers.csv: {name} belongs to {owner} and {other}."
        for name, claimed in claims.items()
        for (_, last, owner), (first, _, other) in pairwise(sorted(claimed))
        if first <= last
    ]
