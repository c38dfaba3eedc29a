"""What a format says before it is checked: texts as they stand, addresses unresolved, dates unread."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class RawEntry:
    """An entry's parts, as strings; None: not there."""

    guid: str | None = None
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    content_html: str | None = None
    authors: list[str | None] = field(default_factory=list)
    categories: list[str | None] = field(default_factory=list)
    language: str | None = None
    published_raw: str | None = None
    updated_raw: str | None = None


@dataclass(slots=True)
class RawFeed:
    """A feed's parts; ``links`` are addresses by rel, the first of each."""

    kind: str
    title: str | None = None
    language: str | None = None
    ttl: str | None = None
    period: str | None = None
    frequency: str | None = None
    links: dict[str, str] = field(default_factory=dict)
    entries: list[RawEntry] = field(default_factory=list)
    problem: str | None = None  # why it could not be read whole
