"""A cleaned page becomes the warehouse's rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest

from tidings.flows.extract import Page, Unclean, clean
from tidings.flows.extract.limits import MAX_TEXT, count_words
from tidings.flows.extract.normalise import Source, article_url, normalise
from tidings.flows.identity import article_key, capture_key
from tidings.warehouse.records import Capture

DAY = dt.datetime(2024, 5, 2, 23, 30, tzinfo=dt.UTC)
SOURCE = Source("town", DAY, "v1")
ONE = "The town will plant four hundred limes along the canal before the end of the year, the gardener said."
TWO = "The trees cost eighty thousand and come from a nursery in the next valley, which grows nothing else."
THREE = "Because of the dry spring the gardener will begin with the willows at the northern lock instead."


def read(*paragraphs, at=DAY, url="https://www.example.org/a", head="", origin="live"):
    """Return a page published at DAY, what cleaning made of it, and its capture."""
    meta = f'<meta property="article:published_time" content="{DAY.isoformat()}">' if "published" not in head else ""
    html = f"<html><head>{meta}{head}</head><article><h1>Limes</h1>{''.join(f'<p>{p}</p>' for p in paragraphs)}</article></html>"
    page = Page(url, url, html.encode(), None, at, "Europe/Zurich")
    told = {"capture_id": capture_key(url, at), "url": url, "kind": "page", "fetched_at": at, "outcome": "ok", "origin": origin}
    capture = Capture(**{field.name: told.get(field.name) for field in fields(Capture)})
    return page, clean(page), capture


def test_an_article_counts_on_its_day_in_the_publishers_zone():
    """Half past eleven in the evening UTC is the next day in Zurich."""
    extraction, article, revision = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    assert (article.published_at, article.published_on) == (DAY, dt.date(2024, 5, 3))
    assert (extraction.outcome, extraction.article_id, extraction.rules_version) == ("ok", article.article_id, "v1")
    assert article.article_id == article_key("https://www.example.org/a")
    assert (revision.content_hash, revision.paragraphs_added, revision.paragraphs_removed) == (article.content_hash, [], [])


def test_the_same_page_again_makes_no_row():
    """A second capture of the same text and facts changes nothing; running twice changes nothing."""
    _, first, _ = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    assert normalise(*read(ONE, TWO), SOURCE, first, now=DAY)[1:] == (None, None)
    assert normalise(*read(ONE, TWO, at=DAY + dt.timedelta(hours=5)), SOURCE, first, now=DAY)[1:] == (None, None)


def test_a_changed_text_is_a_revision_with_what_changed():
    """A correction keeps the article's id and first day, and lists the paragraphs added and removed."""
    _, first, _ = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    _, second, revision = normalise(*read(ONE, THREE, at=DAY + dt.timedelta(hours=5)), Source("town"), first, now=DAY)
    assert (second.article_id, second.first_seen_at) == (first.article_id, first.first_seen_at)
    assert (revision.paragraphs_added, revision.paragraphs_removed) == ([THREE], [TWO])


def test_a_later_copy_never_replaces_an_original_capture():
    """What is captured eight days after publication leaves the text of the first night as it is."""
    _, first, _ = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    extraction, article, revision = normalise(*read(ONE, THREE, at=DAY + dt.timedelta(days=8)), SOURCE, first, now=DAY)
    assert (extraction.article_id, article, revision) == (first.article_id, None, None)
    late = read(ONE, THREE, at=DAY + dt.timedelta(days=8))
    _, copy, _ = normalise(*late, Source("town"), None, now=DAY)
    assert normalise(*read(ONE, TWO), Source("town"), copy, now=DAY)[1].body_text == first.body_text


@pytest.mark.parametrize("days", [8, 9, 10, 11, 400])
def test_later_copies_leave_the_text(days):
    """A capture more than seven days after publication changes no text, whatever its capture id."""
    _, first, _ = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    assert normalise(*read(ONE, THREE, at=DAY + dt.timedelta(days=days)), SOURCE, first, now=DAY)[1:] == (None, None)


def test_a_later_copy_leaves_an_undated_text():
    """If the stored article has no date, the date of the later copy decides whether the copy is late."""
    _, first, _ = normalise(*read(ONE, TWO, head='<meta name="x" content="published">'), SOURCE, None, now=DAY)
    assert normalise(*read(ONE, THREE, at=DAY + dt.timedelta(days=8)), SOURCE, first, now=DAY)[1:] == (None, None)


def test_a_capture_within_seven_days_replaces_the_text():
    """A capture exactly seven days after publication still counts as the original text."""
    _, first, _ = normalise(*read(ONE, TWO), SOURCE, None, now=DAY)
    _, article, _ = normalise(*read(ONE, THREE, at=DAY + dt.timedelta(days=7)), SOURCE, first, now=DAY)
    assert THREE in article.body_text


def test_a_later_copy_replaces_a_later_copy():
    """If the stored text is a later copy itself, the next capture replaces it."""
    _, copy, _ = normalise(*read(ONE, TWO, at=DAY + dt.timedelta(days=8)), Source("town"), None, now=DAY)
    _, article, _ = normalise(*read(ONE, THREE, at=DAY + dt.timedelta(days=9)), Source("town"), copy, now=DAY)
    assert THREE in article.body_text


def test_a_day_without_a_time_stays_that_day():
    """A day with an offset and no time of day is not converted to the publisher's time zone."""
    head = '<meta property="article:published_time" content="2024-05-02+09:00">'
    _, article, _ = normalise(*read(ONE, head=head), SOURCE, None, now=DAY)
    assert (article.published_on, article.date_quality) == (dt.date(2024, 5, 2), "day_only")


def test_a_capture_read_again_under_other_rules_is_no_change_by_the_publisher():
    """Reprocessing replaces the article's text, and the revision lists no paragraphs as the publisher's doing."""
    page, cleaned, capture = read(ONE, TWO)
    _, first, _ = normalise(page, cleaned, capture, SOURCE, None, now=DAY)
    shorter = read(ONE)[1]
    _, article, revision = normalise(page, shorter, capture, SOURCE, first, now=DAY)
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
def test_a_canonical_address_is_believed_within_its_own_site(final, canonical, known):
    """The canonical address counts within one registrable domain, for IP addresses one host and port; variants fall away."""
    page, cleaned, _ = read(ONE)
    assert article_url(replace(page, final_url=final), replace(cleaned, canonical_url=canonical)) == known


def test_a_canonical_url_counts_within_one_publisher_only():
    """Another domain of the same publisher is believed; another publisher's URL is not, on the same registrable domain either."""
    publishers = {"https://m.town.org/a": "town", "https://town.net/a": "town", "https://www.town.org/a": "council"}
    page, cleaned, _ = read(ONE)
    page = replace(page, final_url="https://m.town.org/a")
    for told, known in (("https://town.net/a", "https://town.net/a"), ("https://www.town.org/a", "https://m.town.org/a")):
        assert article_url(page, replace(cleaned, canonical_url=told), publishers.__getitem__) == known


def test_a_page_without_a_date_counts_on_the_day_it_was_first_seen():
    """First seen live, it counts that day; from an imported archive, on none."""
    undated = '<meta name="x" content="published">'
    _, live, _ = normalise(*read(ONE, head=undated), SOURCE, None, now=DAY)
    _, imported, _ = normalise(*read(ONE, head=undated, origin="old.warc.gz"), SOURCE, None, now=DAY)
    assert (live.published_at, live.published_on, live.date_quality) == (None, dt.date(2024, 5, 3), "first_seen")
    assert (imported.published_on, imported.date_quality) == (None, "unknown")


def test_no_article_leaves_a_named_outcome():
    """A page that could not be read leaves its outcome and reason, and nothing else."""
    page, _, capture = read(ONE)
    extraction, article, revision = normalise(page, Unclean("timed_out", "Too slow."), capture, SOURCE, None, now=DAY)
    assert (extraction.outcome, extraction.reason, article, revision) == ("timed_out", "Too slow.", None, None)


def test_a_text_longer_than_any_article_is_shortened_and_counted():
    """The article keeps the text's beginning, is_truncated is set, and the extraction's outcome is shortened."""
    sentences = [f"{ONE} {number}" for number in range(4_000)]
    extraction, article, _ = normalise(*read(*sentences), SOURCE, None, now=DAY)
    assert extraction.outcome == "shortened"
    assert extraction.reason.endswith("the first 300,000 are kept.")
    assert MAX_TEXT - 2 <= len(article.body_text) <= MAX_TEXT
    assert (article.is_truncated, article.word_count > 50_000) == (True, True)
    whole, short, _ = normalise(*read(*sentences[:2_000]), SOURCE, None, now=DAY)
    assert (whole.outcome, short.is_truncated, short.body_text.endswith("1999")) == ("ok", False, True)


def test_words_are_counted_as_each_script_parts_them():
    """Chinese characters count one by one, other words as words."""
    assert count_words("三个词 and two") == 5
