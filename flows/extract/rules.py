"""A publisher's extraction rules, and the explanation of how a page was read."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tidings.flows.extract.body import four_grams, overlap
from tidings.flows.extract.records import Cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidings.flows.extract.article import Explained
    from tidings.flows.extract.body import Body
    from tidings.flows.extract.records import Page


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


def describe(page_id: str, page: Page, told: Explained) -> str:
    """Return the account of a page as plain lines."""
    found = told.outcome
    lines = [f"== {page_id}  {page.url}", f"rule        {told.rule or f'none fits, of {len(page.rules)} for this publisher'}"]
    if not isinstance(found, Cleaned):
        return "\n".join([*lines, f"outcome     {found.outcome}: {found.reason}", ""])
    lines += [
        f"title       {found.title!r}",
        f"published   {found.published_at} ({found.date_quality})",
        f"authors     {list(found.authors)}   agencies {list(found.agencies)}",
        f"section     {found.section}   place {found.place}   language {found.language}",
        f"canonical   {found.canonical_url}",
        f"chosen      {found.extractor}, agreement {found.agreement}",
        f"holds       {len(found.paragraphs)} paragraphs, {len(found.body_text)} characters",
    ]
    lines += [f"excluded    {found.excluded_reason}"] if found.excluded_reason else []
    lines += ["truncated   the page shows only a part of its text"] if found.is_truncated else []
    lines += _candidates(told.body) if told.body else []
    lines += _settled(told.body, found) if told.body else []
    lines += ["text", *(f"  | {paragraph}" for paragraph in found.paragraphs), ""]
    return "\n".join(lines)


def _settled(body: Body, found: Cleaned) -> list[str]:
    """Return a line for every block of the winner that is not in the text, and for every paragraph that it did not find."""
    taken = {block.text for block in body.blocks}
    kept = set(found.paragraphs)
    lines = [f"  - {block.text[:110]}" for block in body.blocks if block.text not in kept]
    lines += [f"  + {paragraph[:110]}" for paragraph in found.paragraphs if paragraph not in taken]
    who = "ends trimmed, then the second opinion heard" if "second" in body.said else "ends trimmed; no second opinion was needed"
    return [f"settled     {who}", *lines]


def _candidates(body: Body) -> list[str]:
    """Return a few lines a candidate: where it looked, how much it found, and its overlap with the others."""
    grams = {name: four_grams(blocks) for name, blocks in body.said.items()}
    lines = ["candidates  overlap of four-word sequences with the others; two at 0.8 are enough, else all vote"]
    for name, blocks in body.said.items():
        shared = ", ".join(f"{other} {overlap(grams[name], grams[other]):.2f}" for other in grams if other != name)
        chars = sum(len(block.text) for block in blocks)
        lines.append(f"  {name:<12}{len(blocks)} blocks, {chars} characters   {shared}")
        if name in body.places:
            lines.append(f"              at {body.places[name]}")
        if blocks:
            lines += [f"              from {blocks[0].text[:70]!r}", f"              to   {blocks[-1].text[-70:]!r}"]
    return lines
