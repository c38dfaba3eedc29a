"""A publisher's own rules: CSS selectors that come before the general way, each valid for a stretch of time."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class ExtractionRule:
    """A row of ``seeds/extraction_rules.csv``; a selector that is None leaves its field to the general way."""

    rule_id: str
    publisher_id: str
    url_pattern: str | None = None  # regular expression, searched in the final address; None: every page
    title: str | None = None
    body: str | None = None
    date: str | None = None
    date_format: str | None = None  # as strptime reads it; None: the formats that are commonly met
    author: str | None = None
    section: str | None = None
    drop: str | None = None  # what is taken out of the body
    excluded: str | None = None  # the reason why such pages are no articles
    valid_from: dt.date | None = None  # the first day of pages that it fits; None: since ever
    valid_to: dt.date | None = None  # the last day; None: still
    note: str | None = None


def read_rules(rows: Iterable[Mapping[str, str]]) -> tuple[ExtractionRule, ...]:
    """Return the rules told by the rows of a CSV; an empty cell is None.

    Raises ValueError naming the rule when a pattern is no regular expression or a day no ISO date.
    """
    rules = []
    for row in rows:
        told = {field.name: (row.get(field.name) or "").strip() or None for field in fields(ExtractionRule)}
        try:
            re.compile(told["url_pattern"] or "")
            days = {name: dt.date.fromisoformat(told[name] or "") if told[name] else None for name in ("valid_from", "valid_to")}
        except (re.error, ValueError) as error:
            raise ValueError(f"extraction rule {told['rule_id']}: {error}") from error
        rules.append(ExtractionRule(**{**told, **days}))  # type: ignore[arg-type] # the names are the record's own
    return tuple(rules)


def select_rule(rules: tuple[ExtractionRule, ...], url: str, day: dt.date) -> ExtractionRule | None:
    """Return the first rule that fits the address and was valid on the day, or None."""
    for rule in rules:
        fits = rule.url_pattern is None or re.search(rule.url_pattern, url)
        if fits and (rule.valid_from or dt.date.min) <= day <= (rule.valid_to or dt.date.max):
            return rule
    return None


def rules_version(rules: Iterable[ExtractionRule]) -> str:
    """Return twelve hexadecimal digits that change with any rule in force, whatever the order."""
    text = "\n".join(sorted(repr(rule) for rule in rules))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
