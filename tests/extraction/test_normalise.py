"""An extracted page becomes rows of the warehouse."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import Any

import pytest

from tests.extraction.read import article_of
from tidings.base.records import Article, ArticleRevision, Capture, Extraction
from tidings.base.urls import article_key, capture_key
from tidings.extraction import Cleaned, Page, Unclean
from tidings.extraction.measures import MAX_TEXT, count_words
from tidings.extraction.normalise import Source, article_url, normalise

DAY = dt.datetime(2024, 5, 2, 23, 30, tzinfo=dt.UTC)
SOURCE = Source("town", DAY, "v1")
ONE = (
    "The town will plant four hundred limes along the canal before the end of the year, the"
    " gardener said."
)
TWO = (
    "The trees cost eighty thousand and come from a nursery in the next valley, which grows"
    " nothing else."
)
THREE = (
    "Because of the dry spring the gardener will begin with the willows at the northern lock"
    " instead."
)


Rows = tuple[Extraction, Article | None, ArticleRevision | None]


def read(
    *paragraphs: str,
    at: dt.datetime = DAY,
    url: str = "https://www.example.org/a",
    head: str = "",
    origin: str = "live",
) -> tuple[Page, Cleaned, Capture]:
    """Return a page published at DAY, its article, and its capture."""
    meta = (
        f'<meta property="article:published_time" content="{DAY.isoformat()}">'
        if "published" not in head
        else ""
    )
    html = (
        f"<html><head>{meta}{head}</head><article>"
        f"<h1>Limes</h1>{''.join(f'<p>{p}</p>' for p in paragraphs)}</article></html>"
    )
    page = Page(url, url, html.encode(), None, at, "Europe/Zurich")
    row: dict[str, Any] = {
        "capture_id": capture_key(url, at),
        "url": url,
        "kind": "page",
        "fetched_at": at,
        "outcome": "ok",
        "origin": origin,
    }
    values: dict[str, Any] = {field.name: row.get(field.name) for field in fields(Capture)}
    capture = Capture(**values)
    return page, article_of(page), capture


def rows(
    extracted: tuple[Page, Cleaned, Capture],
    source: Source = SOURCE,
    previous: Article | None = None,
) -> Rows:
    """Return the rows of a capture."""
    return normalise(*extracted, source, previous, now=DAY)


def changed(
    extracted: tuple[Page, Cleaned, Capture],
    source: Source = SOURCE,
    previous: Article | None = None,
) -> tuple[Extraction, Article, ArticleRevision]:
    """Return the rows of a capture that changes an article's text."""
    extraction, article, revision = rows(extracted, source, previous)
    assert article is not None
    assert revision is not None
    return extraction, article, revision


def test_an_article_counts_on_its_day_in_the_publishers_zone() -> None:
    """23:30 UTC is the next day in Zurich."""
    extraction, article, revision = changed(read(ONE, TWO))
    assert (article.published_at, article.published_on) == (DAY, dt.date(2024, 5, 3))
    assert (extraction.outcome, extraction.article_id, extraction.rules_version) == (
        "ok",
        article.article_id,
        "v1",
    )
    assert article.article_id == article_key("https://www.example.org/a")
    assert (revision.content_hash, revision.paragraphs_added, revision.paragraphs_removed) == (
        article.content_hash,
        [],
        [],
    )


def test_an_unchanged_page_makes_no_row() -> None:
    """A second capture with the same text and facts changes nothing; a rerun changes nothing."""
    _, first, _ = changed(read(ONE, TWO))
    assert rows(read(ONE, TWO), SOURCE, first)[1:] == (None, None)
    assert rows(read(ONE, TWO, at=DAY + dt.timedelta(hours=5)), SOURCE, first)[1:] == (None, None)


def test_a_changed_text_is_a_revision_with_its_changes() -> None:
    """A correction keeps the article's ID and first day, and lists the paragraphs added and
    removed.
    """
    _, first, _ = changed(read(ONE, TWO))
    _, second, revision = changed(
        read(ONE, THREE, at=DAY + dt.timedelta(hours=5)), Source("town"), first
    )
    assert (second.article_id, second.first_seen_at) == (first.article_id, first.first_seen_at)
    assert (revision.paragraphs_added, revision.paragraphs_removed) == ([THREE], [TWO])


def test_a_later_copy_never_replaces_an_original_capture() -> None:
    """A capture eight days after publication does not change the text of the first capture."""
    _, first, _ = changed(read(ONE, TWO))
    extraction, article, revision = rows(
        read(ONE, THREE, at=DAY + dt.timedelta(days=8)), SOURCE, first
    )
    assert (extraction.article_id, article, revision) == (first.article_id, None, None)
    _, copy, _ = changed(read(ONE, THREE, at=DAY + dt.timedelta(days=8)), Source("town"))
    assert changed(read(ONE, TWO), Source("town"), copy)[1].body_text == first.body_text


def test_a_capture_read_again_under_other_rules_lists_no_changes() -> None:
    """Reprocessing replaces the article's text, and the revision lists no paragraphs because the
    publisher changed nothing.
    """
    page, cleaned, capture = read(ONE, TWO)
    _, first, _ = changed((page, cleaned, capture))
    shorter = read(ONE)[1]
    _, article, revision = changed((page, shorter, capture), SOURCE, first)
    assert (article.body_text, revision.paragraphs_removed) == (shorter.body_text, [])


@pytest.mark.parametrize(
    ("final", "canonical", "known"),
    [
        ("https://www.example.org/a?utm_source=x", None, "https://www.example.org/a"),
        ("https://m.example.org/a", "https://www.example.org/a", "https://www.example.org/a"),
        ("https://www.example.org/a", "https://example.net/a", "https://www.example.org/a"),
        ("http://127.0.0.1:8600/a", "http://127.0.0.1:8601/b", "http://127.0.0.1:8600/a"),
        ("http://127.0.0.1:8600/a", "http://127.0.0.1:8600/b", "http://127.0.0.1:8600/b"),
        ("https://www.example.org/a/amp", None, "https://www.example.org/a"),
        ("https://www.example.org/a?print=1&id=3", None, "https://www.example.org/a?id=3"),
        ("https://ann.github.io/a", "https://bob.github.io/a", "https://ann.github.io/a"),
    ],
)
def test_a_canonical_url_counts_within_its_own_site(
    final: str, canonical: str | None, known: str
) -> None:
    """A canonical URL counts within one registrable domain, or one IP address and port; variants of
    a URL are removed.
    """
    page, cleaned, _ = read(ONE)
    assert (
        article_url(replace(page, final_url=final), replace(cleaned, canonical_url=canonical))
        == known
    )


def test_a_canonical_url_counts_within_one_publisher_only() -> None:
    """A canonical URL on another domain of the same publisher counts; another publisher's URL on
    the same domain does not.
    """
    publishers = {
        "https://m.town.org/a": "town",
        "https://town.net/a": "town",
        "https://www.town.org/a": "council",
    }
    page, cleaned, _ = read(ONE)
    page = replace(page, final_url="https://m.town.org/a")
    for canonical, known in (
        ("https://town.net/a", "https://town.net/a"),
        ("https://www.town.org/a", "https://m.town.org/a"),
    ):
        assert (
            article_url(page, replace(cleaned, canonical_url=canonical), publishers.__getitem__)
            == known
        )


def test_a_page_without_a_date_counts_on_the_day_it_was_first_seen() -> None:
    """A page that was first seen live counts on that day; a page from an imported archive counts on
    no day.
    """
    undated = '<meta name="x" content="published">'
    _, live, _ = changed(read(ONE, head=undated))
    _, imported, _ = changed(read(ONE, head=undated, origin="old.warc.gz"))
    assert (live.published_at, live.published_on, live.date_quality) == (
        None,
        dt.date(2024, 5, 3),
        "first_seen",
    )
    assert (imported.published_on, imported.date_quality) == (None, "unknown")


def test_a_failed_extraction_has_a_named_outcome() -> None:
    """A page that cannot be read yields only its outcome and reason."""
    page, _, capture = read(ONE)
    extraction, article, revision = normalise(
        page, Unclean("timed_out", "Too slow."), capture, SOURCE, None, now=DAY
    )
    assert (extraction.outcome, extraction.reason, article, revision) == (
        "timed_out",
        "Too slow.",
        None,
        None,
    )


def test_a_text_longer_than_any_article_is_shortened_and_counted() -> None:
    """The article contains the text's beginning, is_truncated is set, and the extraction's outcome
    is shortened.
    """
    sentences = [f"{ONE} {number}" for number in range(4_000)]
    extraction, article, _ = changed(read(*sentences))
    assert extraction.outcome == "shortened"
    assert extraction.reason
    assert extraction.reason.endswith("the first 300,000 are stored.")
    assert MAX_TEXT - 2 <= len(article.body_text) <= MAX_TEXT
    assert (article.is_truncated, article.word_count > 50_000) == (True, True)
    whole, short, _ = changed(read(*sentences[:2_000]))
    assert (whole.outcome, short.is_truncated, short.body_text.endswith("1999")) == (
        "ok",
        False,
        True,
    )


def test_words_are_counted_by_script() -> None:
    """Each character of a script without spaces counts as a word, and so does each word of other
    scripts.
    """
    assert count_words("三个词 and two") == 5
    for word in ("สามคำ", "ສາມຄຳ", "ပုဒ်သုံး", "ពាក្យបី"):
        assert count_words(f"{word} and two") == len(word) + 2


@pytest.mark.parametrize("days", [8, 9, 10, 11, 400])
def test_later_copies_leave_the_text(days: int) -> None:
    """A capture more than seven days after publication does not change the text, whatever its
    capture ID.
    """
    _, first, _ = changed(read(ONE, TWO))
    assert rows(read(ONE, THREE, at=DAY + dt.timedelta(days=days)), SOURCE, first)[1:] == (
        None,
        None,
    )


def test_a_later_copy_leaves_an_undated_text() -> None:
    """If the stored article has no date, the date of the later copy decides whether the copy is
    late.
    """
    _, first, _ = changed(read(ONE, TWO, head='<meta name="x" content="published">'))
    assert rows(read(ONE, THREE, at=DAY + dt.timedelta(days=8)), SOURCE, first)[1:] == (None, None)


def test_a_capture_within_seven_days_replaces_the_text() -> None:
    """A capture exactly seven days after publication still counts as the original text."""
    _, first, _ = changed(read(ONE, TWO))
    _, article, _ = changed(read(ONE, THREE, at=DAY + dt.timedelta(days=7)), SOURCE, first)
    assert THREE in article.body_text


def test_a_later_copy_replaces_a_later_copy() -> None:
    """If the stored text is from a later copy, the next capture replaces it."""
    _, copy, _ = changed(read(ONE, TWO, at=DAY + dt.timedelta(days=8)), Source("town"))
    _, article, _ = changed(read(ONE, THREE, at=DAY + dt.timedelta(days=9)), Source("town"), copy)
    assert THREE in article.body_text


def test_a_day_without_a_time_stays_that_day() -> None:
    """A day with an offset and no time of day is not converted to the publisher's time zone."""
    head = '<meta property="article:published_time" content="2024-05-02+09:00">'
    _, article, _ = changed(read(ONE, head=head))
    assert (article.published_on, article.date_quality) == (dt.date(2024, 5, 2), "day_only")
