"""Starter packs: rules that select enabled rows of the feed list by country, topic and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = Mapping[str, str]
    Rule = dict[str, frozenset[str]]

COLUMNS = ("country", "institution", "publisher_type", "publisher_id", "language", "topics")


def read_conditions(text: str) -> list[Rule]:
    """Return the alternatives of a pack's ``conditions``, each with its values by column.

    Semicolons separate alternatives, ampersands columns, and ``|`` values: ``country=CN|HK;
    topics=china & language=en``. Raises ValueError.
    """
    rules = []
    for alternative in text.split(";"):
        rule: Rule = {}
        for condition in alternative.split("&"):
            column, values = map(str.strip, condition.partition("=")[::2])
            if column not in COLUMNS or not values:
                raise ValueError(
                    f"invalid condition {column!r}: use {', '.join(COLUMNS)}, with = and a value."
                )
            rule[column] = frozenset(map(str.strip, values.split("|")))
        rules.append(rule)
    return rules


def is_enabled(feed: Row) -> bool:
    """Return whether nightly runs poll a row of the feed list."""
    return feed.get("is_enabled", "").lower() not in {"false", "0", "no"}


def select_feeds(conditions: str, feeds: Iterable[Row], publishers: Mapping[str, Row]) -> list[Row]:
    """Return the enabled rows of the feed list that satisfy a pack's conditions. A feed's column
    precedes its publisher's.
    """
    rules = read_conditions(conditions)
    selected = []
    for feed in feeds:
        facts = {
            **publishers.get(feed.get("publisher_id", ""), {}),
            **{name: cell for name, cell in feed.items() if cell},
        }
        cells = {column: set((facts.get(column) or "").split("|")) for column in COLUMNS}
        if is_enabled(feed) and any(
            all(cells[column] & values for column, values in rule.items()) for rule in rules
        ):
            selected.append(feed)
    return selected
