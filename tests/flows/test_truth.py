"""What one night finds of the sample newsroom, held against what was planted there."""

import datetime as dt
import math
from collections import Counter, defaultdict

import pytest

from tidings.warehouse.lake import open_lake
from tidings.warehouse.release import open_release


@pytest.fixture(scope="module")
def con(sample_night):
    """The last release, as a reader opens it."""
    with open_release(sample_night.lake) as connection:
        yield connection


@pytest.fixture(scope="module")
def planted(sample_night):
    """The planted articles that the night could learn of, by address."""
    return {article.url: article for article in sample_night.truth.articles if article.is_in_feed}


def stored(con, *columns):
    return {row[0]: row[1:] for row in con.execute(f"select url, {', '.join(columns)} from articles").fetchall()}


def test_every_item_is_an_article_once_and_nothing_else_is(con, planted):
    """The articles are those that feeds and listings showed, each once; refused links and denied pages are none."""
    urls = [row[0] for row in con.execute("select url from articles").fetchall()]
    assert Counter(urls) == Counter(list(planted))


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("title", lambda article: article.title),
        ("if(excluded_reason is null, body_text, '')", lambda article: "" if article.excluded_reason else article.body),
        ("language", lambda article: article.language),
        ("published_on", lambda article: article.published_on),
        ("published_at", lambda article: article.published_at),
        ("authors", lambda article: list(article.authors)),
        ("agencies", lambda article: list(article.agencies)),
        ("publisher_id", lambda article: article.publisher_id),
        ("is_truncated", lambda article: article.is_truncated),
        ("excluded_reason is not null", lambda article: article.excluded_reason is not None),
    ],
)
def test_articles_are_as_planted(con, planted, column, told):
    """Each field of each article equals what was written into its page, whatever stands around it."""
    found = {url: row[0] for url, row in stored(con, column).items()}
    wrong = {url: (found[url], told(article)) for url, article in planted.items() if url in found and found[url] != told(article)}
    assert not wrong, f"{len(wrong)} of {len(planted)}, such as {dict(list(wrong.items())[:3])}"


def test_mentions_are_the_planted_ones_at_their_places(con, planted):
    """Every planted phrase is a mention at its very offsets, and nothing else is: no sidebar, no navigation, no longer word."""
    expected = {
        (article.url, hit.theme_id, hit.field, hit.start, hit.end)
        for article in planted.values()
        if article.excluded_reason is None
        for hit in article.text.mentions
    }
    found = con.execute(
        "select url, theme_id, replace(field, 'body_text', 'body'), start_offset, end_offset"
        " from theme_mentions join articles using (article_id)"
    ).fetchall()
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_mention_can_be_read_at_its_place(con):
    """The offsets of every mention cut its words out of the text as stored, and the snippet holds them."""
    rows = con.execute(
        "select field, title, body_text, start_offset, end_offset, snippet from theme_mentions join articles using (article_id)"
    ).fetchall()
    assert rows
    for field, title, body, start, end, snippet in rows:
        words = (title if field == "title" else body)[start:end]
        assert words
        assert " ".join(words.split()) in " ".join(snippet.split())


def test_daily_counts_are_counts_of_the_planted_articles(con, planted):
    """For each theme and day, the articles that mention it and all that count are those that were planted."""
    counted = [article for article in planted.values() if article.excluded_reason is None]
    totals = Counter(article.published_on for article in counted)
    hits = defaultdict(set)
    for article in counted:
        for hit in article.text.mentions:
            hits[hit.theme_id, article.published_on].add(article.url)
    found = con.execute(
        "select theme_id, published_on, article_count, total_count, share from theme_daily where article_count > 0"
        " and theme_id not in (select parent_id from themes where parent_id is not null)"
    ).fetchall()
    assert {(theme, day): count for theme, day, count, _, _ in found} == {key: len(urls) for key, urls in hits.items()}
    assert all(total == totals[day] for _, day, _, total, _ in found)
    assert all(share is None or share == pytest.approx(count / total) for _, _, count, total, share in found)


def test_a_day_without_coverage_is_a_gap_and_never_zero(con, sample_night):
    """The days on which a busy outlet was down are gaps; nobody's day without articles has a share, and no gap has one.

    One night cannot tell that a rare outlet was down from its having had nothing to say: the silence must be too long for
    chance, one in a thousand.
    """
    told = {}
    for downtime in sample_night.truth.downtimes:
        own = [article for article in sample_night.truth.articles if article.outlet == downtime.outlet and article.is_in_feed]
        days = [downtime.starts_on + dt.timedelta(days=n) for n in range((downtime.ends_on - downtime.starts_on).days + 1)]
        if len(own) / 62 * len(days) > math.log(1000):  # weekdays of the window, on which outlets publish
            told[own[0].publisher_id] = days
    assert len(told) == 3
    gaps = set(con.execute("select publisher_id, published_on from outlet_daily where is_gap").fetchall())
    assert {(publisher, day) for publisher, days in told.items() for day in days} <= gaps
    assert con.execute("select count(*) from theme_daily where total_count = 0 and share is not null").fetchone() == (0,)
    shares = (
        "select count(*) from theme_outlet_daily join outlet_daily using (publisher_id, published_on)"
        " where outlet_daily.is_gap and share is not null"
    )
    assert con.execute(shares).fetchone() == (0,)


def test_refused_links_fetch_nothing(sample_night):
    """A script in place of a link is kept as an entry without an address; a page that robots deny is not asked for."""
    asked = {request["path"] for request in sample_night.log}
    for refusal in sample_night.truth.refusals:
        if refusal.reason == "robots":
            assert not any(refusal.link.endswith(path) for path in asked)
    with open_lake(sample_night.lake, read_only=True) as con:
        refused = con.execute("select count(*) from raw.feed_entries where url is null and link_raw is not null").fetchone()
    assert refused == (sum(refusal.reason == "javascript" for refusal in sample_night.truth.refusals),)


def test_statements_are_the_planted_ones(con, planted):
    """Each planted sentence is its speaker's statement, with verb, office, offsets and themes, and nothing else is one.

    Planted beside them: people who only listen, are met or are not listed, and pronouns that may mean two.
    """
    expected = {
        (article.url, one.person_id, one.office, one.verb, one.sentence, one.start, one.end, tuple(sorted(one.theme_ids)))
        for article in planted.values()
        if article.excluded_reason is None
        for one in article.text.statements
    }
    found = con.execute(
        "select url, person_id, office, verb, sentence, start_offset, end_offset, theme_ids"
        " from statements join articles using (article_id)"
    ).fetchall()
    assert len(found) == len({row[:-1] for row in found})
    assert {(*row[:-1], tuple(row[-1])) for row in found} == expected


def test_starting_phrases_are_the_planted_ones(con, sample_night, planted):
    """The slogan that no list holds leads the candidates of each language in which it stands in three articles on two days."""
    led = set()
    for phrase, language in zip(sample_night.truth.unlisted, ("en", "zh", "de"), strict=True):
        holding = [
            article
            for article in planted.values()
            if article.language == language and article.text.unlisted and article.excluded_reason is None
        ]
        days = {article.published_on for article in holding}
        found = con.execute(
            "select rank, article_count, policy_count, day_count, outlet_count, first_seen_on, a.url"
            " from candidate_phrases as c join articles as a on a.article_id = c.first_article_id"
            " where c.language = ? and lower(phrase) = lower(?)",
            [language, phrase],
        ).fetchall()
        if len(holding) < 3 or len(days) < 2:
            assert found == []
            continue
        led.add(language)
        counts = (1, len(holding), len(holding), len(days), len({article.outlet for article in holding}), min(days))
        assert [row[:-1] for row in found] == [counts]
        assert found[0][-1] in {article.url for article in holding if article.published_on == min(days)}
    assert led == {"en", "de"}
