"""The input and output of extraction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from tidings.base.languages.patterns import check_pattern, compile_pattern
from tidings.extraction.measures import MAX_TEXT, Measures


@dataclass(frozen=True, slots=True)
class Hint:
    """Facts from the feed entry, which replace missing facts of the page."""

    title: str | None = None
    published_at: dt.datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as received, or the full text of a feed entry (``kind`` entry, an HTML fragment)."""

    url: str
    final_url: str
    body: bytes
    content_type: str | None
    fetched_at: dt.datetime
    zone: str = "UTC"  # the publisher's IANA time zone; it applies to dates without an offset
    rules: tuple[ExtractionRule, ...] = ()
    hint: Hint = field(default_factory=Hint)
    kind: str = "page"  # page or entry
    # the document to which the page only leads; its text is the article's text
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article without boilerplate.

    ``published_at`` and ``modified_at`` are aware and keep the page's own offset. ``date_quality``
    is the source of the date: rule, page_jsonld, page_meta, page_text, page_guess or feed; day_only
    without a time of day (midnight); future_refused if the only date was later than the capture;
    unknown. ``agreement`` is the overlap, 0 to 1, with the most similar other candidate, or None.
    ``page_offsets`` has the offset in ``body_text`` of each page of a document that was read, of
    ``page_count`` pages. ``document_url`` is the document to which a web page only leads.
    """

    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    agencies: tuple[str, ...]
    section: str | None
    place: str | None  # of the dateline
    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    date_quality: str
    language: str | None  # of the text, BCP 47; None: the text is too short to identify it
    # as the page declares it, absolute; None: the page declares no canonical URL
    canonical_url: str | None
    # the smallest URL among the declared language versions; None: the page declares none
    translation_key: str | None
    is_truncated: bool  # by the publisher, or by Tidings because the text exceeds MAX_TEXT
    excluded_reason: str | None  # the reason why the page is not an article; None: it is an article
    page_kind: str  # article, listing, service, documentation, forum, product or table
    extractor: str
    agreement: float | None
    full_length: int  # characters of the text before trimming and shortening
    measures: Measures
    # 0 to 1: probability that the text is right; None: a rule or feed defines it
    extraction_confidence: float | None = None
    # main reason for a confidence below .8, such as text_unconfirmed
    extraction_doubt: str | None = None
    page_offsets: tuple[int, ...] = ()
    page_count: int = 0
    document_url: str | None = None

    @property
    def body_text(self) -> str:
        """Return the paragraphs, separated by empty lines."""
        return "\n\n".join(self.paragraphs)

    @property
    def shortened(self) -> str | None:
        """Return why only the beginning of the text is stored; None: all of it is."""
        if self.page_count > (read := len(self.page_offsets)):
            return f"The document has {self.page_count:,} pages; the first {read:,} are stored."
        if self.full_length <= MAX_TEXT:
            return None
        return f"The text has {self.full_length:,} characters; the first {MAX_TEXT:,} are stored."


@dataclass(frozen=True, slots=True)
class Unclean:
    """The outcome of a page that yields no article, for counts, and a sentence for people.

    Outcomes: empty, not_html, too_large, unparsable, timed_out, stalled, out_of_memory,
    worker_died, cleaning_failed; of documents also encrypted, scanned, unreadable_text, old_word.
    """

    outcome: str
    reason: str


class RuleError(ValueError):
    """An invalid extraction rule; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class ExtractionRule:
    """A row of ``seeds/extraction_rules.csv``; None: the general extraction reads the field."""

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
    """Return the rules from the rows of a CSV file; an empty cell becomes None. Raises RuleError or
    PatternError, which name file and row.
    """
    rules = []
    for row in rows:
        cells = {
            field.name: (row.get(field.name) or "").strip() or None
            for field in fields(ExtractionRule)
        }
        try:
            days = {
                name: dt.date.fromisoformat(day) if (day := cells[name]) else None
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
    """Return a version of the rules, twelve hexadecimal digits whatever their order."""
    text = "\n".join(sorted(map(repr, rules)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
