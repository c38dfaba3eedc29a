"""Convert an extracted article to rows of the warehouse: its identity, its changes and its day."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tidings.base.dates import zone_of
from tidings.base.owners import site_of
from tidings.base.records import Article, ArticleRevision, Capture, Extraction
from tidings.base.urls import article_key, normalise_url
from tidings.extraction.records import Cleaned, Page, Unclean

# after publication; a later capture does not show the text as published
LATER_COPY = dt.timedelta(days=7)
# Parts of URLs for AMP and print versions; used if a page declares no canonical URL.
_VARIANT_PATH = re.compile(r"/amp/?$|(?<=\.html)\.amp$|\.amp(?=\.html$)")
_VARIANT_QUERY = re.compile(
    r"(?:^|&)(?:(?:amp|print)(?:=1|=true)?|output(?:Type)?=amp|view=print|printable=yes)(?=&|$)"
)


# fields of an article that its row has unchanged
_SAME = (
    "title", "lead", "body_text", "section", "place", "language", "extractor", "agreement",
    "is_truncated", "excluded_reason", "translation_key", "page_kind", "extraction_confidence",
    "extraction_doubt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Facts about a page besides its bytes.

    ``publisher_of`` returns the publisher that a URL would have on the day of the capture;
    ``document_id`` is the capture of the document to which the page only leads.
    """

    publisher_id: str
    # when its publisher first listed it; None: this capture was the first
    first_seen_at: dt.datetime | None = None
    rules_version: str = ""
    publisher_of: Callable[[str], str] = site_of
    document_id: UUID | None = None


def article_url(page: Page, cleaned: Cleaned, publisher_of: Callable[[str], str] = site_of) -> str:
    """Return the URL that identifies the article: the canonical one, unless it has another
    publisher, whose article a page could claim; else the final one without tracking, AMP and print
    variants.
    """
    final = normalise_url(page.final_url) or page.final_url
    canonical = normalise_url(cleaned.canonical_url) if cleaned.canonical_url else None
    if canonical and publisher_of(canonical) == publisher_of(final):
        return canonical
    parts = urlsplit(final)
    path = _VARIANT_PATH.sub("", parts.path) or "/"
    return parts._replace(path=path, query=_VARIANT_QUERY.sub("", parts.query).strip("&")).geturl()


def normalise(
    page: Page,
    cleaned: Cleaned | Unclean,
    capture: Capture,
    source: Source,
    previous: Article | None,
    *,
    now: dt.datetime,
) -> tuple[Extraction, Article | None, ArticleRevision | None]:
    """Return a capture's extraction, the article if its row changes, and the revision if its text
    changes. ``previous`` is the row of the ``article_url``.

    Pass an article's captures in the order of ``fetched_at``. One of more than seven days after
    publication never replaces an earlier text.
    """
    extraction = Extraction(
        capture.capture_id, capture.url, None, "ok", None, source.rules_version, now
    )
    if isinstance(cleaned, Unclean):
        return replace(extraction, outcome=cleaned.outcome, reason=cleaned.reason), None, None
    article = _article(page, cleaned, capture, source)
    shortened = cleaned.shortened
    extraction = replace(
        extraction,
        article_id=article.article_id,
        outcome="shortened" if shortened else "ok",
        reason=shortened,
        document_url=cleaned.document_url,
        document_id=source.document_id,
    )
    if previous is None:
        return extraction, article, _revision(article, None, capture)
    if _is_later_copy(capture, article, previous):
        reason = "A later copy; the first text remains."
        return replace(extraction, outcome="ok", reason=reason), None, None
    article = replace(article, first_seen_at=min(article.first_seen_at, previous.first_seen_at))
    if replace(article, capture_id=previous.capture_id) == previous:
        return extraction, None, None
    is_same = article.content_hash == previous.content_hash
    return extraction, article, None if is_same else _revision(article, previous, capture)


def _article(page: Page, cleaned: Cleaned, capture: Capture, source: Source) -> Article:
    url = article_url(page, cleaned, source.publisher_of)
    first_seen = min(source.first_seen_at or capture.fetched_at, capture.fetched_at)
    published_on, quality = _day(page, cleaned, capture, first_seen)
    same: dict[str, Any] = {name: getattr(cleaned, name) for name in _SAME}
    return Article(
        **same,
        article_id=article_key(url),
        publisher_id=source.publisher_id,
        url=url,
        authors=list(cleaned.authors),
        agencies=list(cleaned.agencies),
        published_at=cleaned.published_at and cleaned.published_at.astimezone(dt.UTC),
        modified_at=cleaned.modified_at and cleaned.modified_at.astimezone(dt.UTC),
        published_on=published_on,
        date_quality=quality,
        first_seen_at=first_seen.astimezone(dt.UTC),
        word_count=cleaned.measures.word_count,
        content_hash=cleaned.measures.content_hash,
        signature=list(cleaned.measures.signature),
        capture_id=capture.capture_id,
        page_offsets=list(cleaned.page_offsets) or None,
    )


def _day(
    page: Page, cleaned: Cleaned, capture: Capture, first_seen: dt.datetime
) -> tuple[dt.date | None, str]:
    """Return the day in the publisher's time zone and the quality of the date. Without a date it is
    the day on which the article was first seen, or None if it was imported.
    """
    at, quality = cleaned.published_at, cleaned.date_quality
    if at is None and capture.origin != "live":
        return None, quality
    if at and quality == "day_only":
        return at.date(), quality
    day = (at or first_seen).astimezone(zone_of(page.zone)).date()
    return day, "first_seen" if quality == "unknown" else quality


def _revision(article: Article, previous: Article | None, capture: Capture) -> ArticleRevision:
    """Return the revision; without paragraphs if only the rules changed and not the capture."""
    before, after = list[str](), list[str]()
    if previous and previous.capture_id != capture.capture_id:
        before, after = (row.body_text.split("\n\n") for row in (previous, article))
    return ArticleRevision(
        article_id=article.article_id,
        content_hash=article.content_hash,
        seen_at=capture.fetched_at.astimezone(dt.UTC),
        title=article.title,
        capture_id=capture.capture_id,
        paragraphs_added=_without(after, before),
        paragraphs_removed=_without(before, after),
    )


def _without(paragraphs: list[str], others: list[str]) -> list[str]:
    """Return the paragraphs that the others have less often."""
    return [text for text in (Counter(paragraphs) - Counter(others)).elements() if text]


def _is_later_copy(capture: Capture, article: Article, previous: Article) -> bool:
    """Return whether a capture was made long after publication, and the stored text before."""
    published_at = previous.published_at or article.published_at
    if published_at is None or previous.capture_id == capture.capture_id:
        return False
    was_late = previous.published_at and previous.first_seen_at - previous.published_at > LATER_COPY
    return capture.fetched_at - published_at > LATER_COPY and not was_late
