"""An extracted page becomes rows of the warehouse."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from tests.cases import cases
from tests.extraction.read import article_of
from tidings.base.records import Article, ArticleRevision, Capture, Extraction
from tidings.base.urls import article_key, capture_key
from tidings.extraction import Cleaned, Page, Unclean
from tidings.extraction.measures import MAX_TEXT, count_words
from tidings.extraction.normalise import Source, article_url, normalise

DAY = dt.datetime(2024, 5, 2, 23, 30, tzinfo=dt.UTC)
SOURCE = Source("town", DAY, "v1")
LATER = Source("town")  # first seen at its capture
ONE, TWO, THREE = (
    "The town will plant four hundred limes along the canal before the end of the year.",
    "The trees cost eighty thousand and come from a nursery in the next valley, it said.",
    "Because of the dry spring the gardener will begin with the willows at the lock instead.",
)
UNDATED = '<meta name="x" content="published">'

Extracted = tuple[Page, Cleaned, Capture]


def read(
    *paragraphs: str,
    days: float = 0,
    url: str = "https://www.example.org/a",
    head: str = f'<meta property="article:published_time" content="{DAY.isoformat()}">',
    origin: str = "live",
) -> Extracted:
    """Return a page published at DAY and captured ``days`` later, its article, and its capture."""
    at = DAY + dt.timedelta(days=days)
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    html = f"<html><head>{head}</head><article><h1>Limes</h1>{text}</article></html>"
    page = Page(url, url, html.encode(), None, at, "Europe/Zurich")
    values: dict[str, Any] = dict.fromkeys(field.name for field in fields(Capture))
    values |= {"capture_id": capture_key(url, at), "url": url, "kind": "page", "fetched_at": at}
    return page, article_of(page), Capture(**values | {"outcome": "ok", "origin": origin})


def rows(
    extracted: Extracted, source: Source = SOURCE, previous: Article | None = None
) -> tuple[Extraction, Article | None, ArticleRevision | None]:
    """Return the rows of a capture."""
    return normalise(*extracted, source, previous, now=DAY)


def changed(
    extracted: Extracted, source: Source = SOURCE, previous: Article | None = None
) -> tuple[Article, ArticleRevision]:
    """Return the rows of a capture that changes an article's text."""
    _, article, revision = rows(extracted, source, previous)
    assert article is not None
    assert revision is not None
    return article, revision


def test_an_article_counts_on_its_day_in_the_publishers_zone() -> None:
    """23:30 UTC is the next day in Zurich."""
    extraction, article, revision = rows(read(ONE, TWO))
    assert article
    assert revision
    assert (article.published_at, article.published_on) == (DAY, dt.date(2024, 5, 3))
    key = article_key("https://www.example.org/a")
    found = (extraction.outcome, extraction.article_id, extraction.rules_version)
    assert found == ("ok", article.article_id, "v1")
    assert article.article_id == key
    assert revision.content_hash == article.content_hash
    assert [*revision.paragraphs_added, *revision.paragraphs_removed] == []


@cases("days", 0, 0.2)
def test_an_unchanged_page_makes_no_row(days: float) -> None:
    """A second capture with the same text and facts changes nothing; a rerun changes nothing."""
    first, _ = changed(read(ONE, TWO))
    assert rows(read(ONE, TWO, days=days), SOURCE, first)[1:] == (None, None)


def test_a_changed_text_is_a_revision_with_its_changes() -> None:
    """A correction keeps the article's ID and first day, and lists its changes. Reprocessing under
    other rules replaces the text and lists none.
    """
    first, _ = changed(read(ONE, TWO))
    second, revision = changed(read(ONE, THREE, days=0.2), LATER, first)
    assert (second.article_id, second.first_seen_at) == (first.article_id, first.first_seen_at)
    assert (revision.paragraphs_added, revision.paragraphs_removed) == ([THREE], [TWO])
    page, cleaned, capture = read(ONE, TWO)
    first, _ = changed((page, cleaned, capture))
    shorter = read(ONE)[1]
    article, revision = changed((page, shorter, capture), SOURCE, first)
    assert (article.body_text, revision.paragraphs_removed) == (shorter.body_text, [])


@cases(
    "first, days, head, is_replaced",
    (0, 7, None, True),  # still the original text
    (0, 8, None, False),
    (0, 400, None, False),
    (0, 8, UNDATED, False),  # the date of the later copy decides
    (8, 0, None, True),
    (8, 9, None, True),
)
def test_a_later_copy_never_replaces_an_original_capture(
    first: float, days: float, head: str | None, is_replaced: bool
) -> None:
    """A capture more than seven days after publication changes only the text of such a capture."""
    stored, _ = changed(read(ONE, TWO, days=first, **{"head": head} if head else {}), LATER)
    extraction, article, _ = rows(read(ONE, THREE, days=days), LATER, stored)
    assert extraction.article_id == stored.article_id
    assert (article is not None and THREE in article.body_text) == is_replaced


@cases(
    "final, canonical, known",
    ("https://www.example.org/a?utm_source=x", None, "https://www.example.org/a"),
    ("https://m.example.org/a", "https://www.example.org/a", "https://www.example.org/a"),
    ("https://www.example.org/a", "https://example.net/a", "https://www.example.org/a"),
    ("http://127.0.0.1:8600/a", "http://127.0.0.1:8601/b", "http://127.0.0.1:8600/a"),
    ("http://127.0.0.1:8600/a", "http://127.0.0.1:8600/b", "http://127.0.0.1:8600/b"),
    ("https://www.example.org/a/amp", None, "https://www.example.org/a"),
    ("https://www.example.org/a?print=1&id=3", None, "https://www.example.org/a?id=3"),
    ("https://ann.github.io/a", "https://bob.github.io/a", "https://ann.github.io/a"),
)
def test_a_canonical_url_counts_within_its_own_site(
    final: str, canonical: str | None, known: str
) -> None:
    """A canonical URL counts within one domain or IP address and port; variants are removed."""
    page, cleaned, _ = read(ONE)
    page, cleaned = replace(page, final_url=final), replace(cleaned, canonical_url=canonical)
    assert article_url(page, cleaned) == known


@cases(
    "canonical, known",
    ("https://town.net/a", "https://town.net/a"),
    ("https://www.town.org/a", "https://m.town.org/a"),
)
def test_a_canonical_url_counts_within_one_publisher_only(canonical: str, known: str) -> None:
    """A canonical URL on another domain counts only if it is of the same publisher."""
    page, cleaned, _ = read(ONE)
    page = replace(page, final_url="https://m.town.org/a")
    cleaned = replace(cleaned, canonical_url=canonical)
    publishers = {"https://www.town.org/a": "council"}
    assert article_url(page, cleaned, lambda url: publishers.get(url, "town")) == known


@cases(
    "page, expected",
    ({"head": UNDATED}, (dt.date(2024, 5, 3), "first_seen")),
    # captures of an imported archive do not show when a page was new
    ({"head": UNDATED, "origin": "old.warc.gz"}, (None, "unknown")),
    # a day with an offset is not converted to the publisher's zone
    (
        {"head": '<meta property="article:published_time" content="2024-05-02+09:00">'},
        (dt.date(2024, 5, 2), "day_only"),
    ),
)
def test_the_day_without_a_time_or_date(
    page: dict[str, Any], expected: tuple[dt.date | None, str]
) -> None:
    """A page that was first seen live counts on that day, and a day without a time stays."""
    article, _ = changed(read(ONE, **page))
    assert (article.published_on, article.date_quality) == expected


def test_a_failed_extraction_has_a_named_outcome() -> None:
    """A page that cannot be read yields only its outcome and reason."""
    page, _, capture = read(ONE)
    outcome = Unclean("timed_out", "Too slow.")
    extraction, *others = normalise(page, outcome, capture, SOURCE, None, now=DAY)
    assert (extraction.outcome, extraction.reason) == ("timed_out", "Too slow.")
    assert others == [None, None]


@cases("count, outcome", (2_000, "ok"), (4_500, "shortened"))
def test_a_text_longer_than_any_article_is_shortened_and_counted(count: int, outcome: str) -> None:
    """The article has the text's beginning and is_truncated, and the outcome is shortened."""
    extraction, article, _ = rows(read(*(f"{ONE} {number}" for number in range(count))))
    assert article
    assert (extraction.outcome, article.is_truncated) == (outcome, outcome == "shortened")
    if extraction.reason is None:
        assert article.body_text.endswith("1999")
    else:
        assert extraction.reason.endswith("the first 300,000 are stored.")
        assert MAX_TEXT - 2 <= len(article.body_text) <= MAX_TEXT
        assert article.word_count > 50_000


@cases("word", "三个词", "สามคำ", "ສາມຄຳ", "ပုဒ်သုံး", "ពាក្យបី")
def test_words_are_counted_by_script(word: str) -> None:
    """Each character of a script without spaces and each word of others count as a word."""
    assert count_words(f"{word} and two") == len(word) + 2
