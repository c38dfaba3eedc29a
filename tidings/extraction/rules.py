"""A publisher's extraction rules, and the explanation of how a page was read."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tidings.base.languages.patterns import check_pattern, compile_pattern
from tidings.extraction.confidence import contributions
from tidings.extraction.document import DOCUMENTS
from tidings.extraction.records import Cleaned
from tidings.extraction.vote import four_grams, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidings.extraction.article import Explained
    from tidings.extraction.body import Body
    from tidings.extraction.records import Page


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


def select_rule(rules: tuple[ExtractionRule, ...], url: str, day: dt.date) -> ExtractionRule | None:
    """Return the first rule that matches the URL and was valid on the day, or None."""
    for rule in rules:
        fits = rule.url_pattern is None or compile_pattern(rule.url_pattern).occurs_in(url)
        if fits and (rule.valid_from or dt.date.min) <= day <= (rule.valid_to or dt.date.max):
            return rule
    return None


def rules_version(rules: Iterable[ExtractionRule]) -> str:
    """Return a version of the rules, twelve hexadecimal digits that do not depend on their
    order.
    """
    text = "\n".join(sorted(repr(rule) for rule in rules))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def describe(page_id: str, page: Page, explained: Explained) -> str:
    """Return the explanation of a page as lines of text."""
    outcome = explained.outcome
    lines = [
        f"== {page_id}  {page.url}",
        (
            f"rule       "
            f" {explained.rule or f'none of the {len(page.rules)} rules of this publisher matches'}"
        ),
    ]
    if not isinstance(outcome, Cleaned):
        return "\n".join([*lines, f"outcome     {outcome.outcome}: {outcome.reason}", ""])
    lines += [
        f"title       {outcome.title!r}",
        f"published   {outcome.published_at} ({outcome.date_quality})",
        f"authors     {list(outcome.authors)}   agencies {list(outcome.agencies)}",
        f"section     {outcome.section}   place {outcome.place}   language {outcome.language}",
        f"canonical   {outcome.canonical_url}",
        f"page kind   {outcome.page_kind}",
        f"chosen      {outcome.extractor}, agreement {outcome.agreement}",
        *_confidence(outcome, explained.features),
        f"text        {len(outcome.paragraphs)} paragraphs, {len(outcome.body_text)} characters",
    ]
    lines += [f"excluded    {outcome.excluded_reason}"] if outcome.excluded_reason else []
    lines += ["truncated   the page contains only part of the text"] if outcome.is_truncated else []
    lines += _candidates(explained.body) if explained.body else []
    lines += _settled(explained.body, outcome) if explained.body else []
    lines += ["paragraphs", *(f"  | {paragraph}" for paragraph in outcome.paragraphs), ""]
    return "\n".join(lines)


def _confidence(outcome: Cleaned, features: dict[str, float] | None) -> list[str]:
    """Return lines for the confidence and the features that lower it, with their parts of the log
    odds.
    """
    if features is None:
        return ["confidence  not estimated: the rule or the feed defines the text"]
    parts = [
        f"{doubt} {part:+.1f}" for doubt, part in contributions(features).items() if part < -0.1
    ]
    because = f"; lowered by {', '.join(parts)}" if parts else ""
    return [f"confidence  {outcome.extraction_confidence} that the text is right{because}"]


def _settled(body: Body, outcome: Cleaned) -> list[str]:
    """Return lines for the blocks of the chosen candidate that were removed (-) and the paragraphs
    that were added (+).
    """
    chosen = {block.text for block in body.blocks}
    kept = set(outcome.paragraphs)
    lines = [f"  - {block.text[:110]}" for block in body.blocks if block.text not in kept]
    lines += [
        f"  + {paragraph[:110]}" for paragraph in outcome.paragraphs if paragraph not in chosen
    ]
    is_trimmed = not body.is_whole and body.extractor not in DOCUMENTS
    steps = "both ends trimmed" if is_trimmed else "a repeated title removed"
    steps += ", then reconciled with trafilatura" if "second" in body.candidates else ""
    return [f"changes     {steps}", *lines]


def _candidates(body: Body) -> list[str]:
    """Return lines for each candidate: its element, its size and its overlap with the others."""
    grams = {name: four_grams(blocks) for name, blocks in body.candidates.items()}
    if body.is_whole:
        lines = ["candidates  one: pages of this kind are read as a whole"]
    else:
        lines = [
            (
                "candidates  overlap of four-word sequences with the other candidates; if no two"
                " reach 0.8, all candidates vote"
            )
        ]
    for name, blocks in body.candidates.items():
        shared = ", ".join(
            f"{other} {overlap(grams[name], grams[other]):.2f}" for other in grams if other != name
        )
        chars = sum(len(block.text) for block in blocks)
        lines.append(f"  {name:<12}{len(blocks)} blocks, {chars} characters   {shared}")
        if name in body.places:
            lines.append(f"              element {body.places[name]}")
        if blocks:
            lines += [
                f"              begins  {blocks[0].text[:70]!r}",
                f"              ends    {blocks[-1].text[-70:]!r}",
            ]
    return lines
