"""What cleaning takes and gives: a page, what the feed said of it, and the article or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidings.flows.extract.limits import MAX_TEXT

if TYPE_CHECKING:
    import datetime as dt

    from tidings.flows.extract.limits import Measures
    from tidings.flows.extract.rules import ExtractionRule


@dataclass(frozen=True, slots=True)
class Hint:
    """What a feed entry told of the page: used where the page is silent, and to tell its title from its site's name."""

    title: str | None = None
    published_at: dt.datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came over the wire, or the full text that a feed entry carried (``kind`` entry, a fragment of HTML)."""

    url: str
    final_url: str
    body: bytes
    content_type: str | None
    fetched_at: dt.datetime
    zone: str = "UTC"  # the publisher's, IANA: dates without a zone are in it
    rules: tuple[ExtractionRule, ...] = ()
    hint: Hint = field(default_factory=Hint)
    kind: str = "page"  # page or entry


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a page says, boilerplate taken off.

    ``published_at`` and ``modified_at`` are aware and keep the page's own offset. ``date_quality`` tells where the date
    comes from: rule, page_jsonld, page_meta, page_text, page_guess, feed; day_only when no time of day is known (it is then
    midnight); future_refused when the only date told lay ahead of the capture; unknown.
    ``agreement`` is the overlap, 0 to 1, with the nearest other candidate; None: there was none to compare with.
    """

    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    agencies: tuple[str, ...]
    section: str | None
    place: str | None  # of the dateline
    dateline_on: dt.date | None
    published_at: dt.datetime | None
    modified_at: dt.datetime | None
    date_quality: str
    language: str | None  # of the text, BCP 47; None: too little text to tell
    canonical_url: str | None  # as the page declares it, absolute; None: it declares none
    translation_key: str | None  # the smallest address of the set of versions that the page declares; None: none declared
    is_truncated: bool  # by the publisher, or by Tidings because the text is longer than any article
    excluded_reason: str | None  # why it is no article; None: it is one
    extractor: str
    agreement: float | None
    full_length: int  # characters of the text before trimming and shortening
    measures: Measures

    @property
    def body_text(self) -> str:
        """The paragraphs, parted by an empty line."""
        return "\n\n".join(self.paragraphs)

    @property
    def is_shortened(self) -> bool:
        """Whether the text was longer than MAX_TEXT and only its beginning is kept."""
        return self.full_length > MAX_TEXT


@dataclass(frozen=True, slots=True)
class Unclean:
    """Why a page gave nothing: a name that can be counted, and a sentence for a person.

    Outcomes: empty, not_html, too_large, unparsable, timed_out, stalled, out_of_memory, worker_died, cleaning_failed.
    """

    outcome: str
    reason: str
