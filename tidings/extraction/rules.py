"""A publisher's extraction rules."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tidings.base.languages.patterns import check_pattern, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class RuleError(ValueError):
    """An invalid extraction rule; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class ExtractionRule:
    """A row of ``seeds/extraction_rules.csv``; a selector of None means that the general extraction
    reads the field.
    """

    rule_id: str
    publisher_id: str
    url_pattern: str | None = None  # RE2 pattern, searched in the final URL; None: every page
    title: str | None = None
    body: str | None = None
    date: str | None = None
    date_format: str | None = None  # format for strptime; None: the common formats
    author: str | None = None
    section: str | None = None
    drop: str | None = None  # elements removed from the body
    excluded: str | None = None  # the reason why these pages are not articles
    valid_from: dt.date | None = None  # the first day on which the rule applies; None: no limit
    valid_to: dt.date | None = None  # the last day; None: no limit
    note: str | None = None


NO_RULE = ExtractionRule("", "")


def read_rules(rows: Iterable[Mapping[str, str]]) -> tuple[ExtractionRule, ...]:
    """Return the rules from the rows of a CSV file; an empty cell becomes None.

    Raises:
        RuleError: If a day is not an ISO date; the message names file and row.
        PatternError: If RE2 does not support a pattern; the message names file, row and column.
    """
    rules = []
    for row in rows:
        cells = {
            field.name: (row.get(field.name) or "").strip() or None
            for field in fields(ExtractionRule)
        }
        try:
            days = {
                name: dt.date.fromisoformat(cells[name] or "") if cells[name] else None
                for name in ("valid_from", "valid_to")
            }
        except ValueError as error:
            raise RuleError(f"extraction_rules.csv, {cells['rule_id']}: {error}.") from error
        check_pattern(
            cells["url_pattern"] or "", f"extraction_rules.csv, {cells['rule_id']}: url_pattern"
        )
        rules.append(ExtractionRule(**{**cells, **days}))  # type: ignore[arg-type] # the keys are the record's field names
    return tuple(rules)


def select_rule(rules: tuple[ExtractionRule, ...], url: str, day: dt.date) -> ExtractionRule:
    """Return the first rule that matches the URL and was valid on the day, or NO_RULE."""
    for rule in rules:
        fits = rule.url_pattern is None or compile_pattern(rule.url_pattern).occurs_in(url)
        if fits and (rule.valid_from or dt.date.min) <= day <= (rule.valid_to or dt.date.max):
            return rule
    return NO_RULE


def rules_version(rules: Iterable[ExtractionRule]) -> str:
    """Return a version of the rules, twelve hexadecimal digits that do not depend on their
    order.
    """
    text = "\n".join(sorted(map(repr, rules)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
