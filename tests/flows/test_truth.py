"""The results of one nightly run on the sample newsroom match the planted truth."""

import datetime as dt
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import ROOT, contents
from tests.storage.conftest import copy_lake
from tidings.demo.serve import END
from tidings.stages.build import build
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.reference import lexicon_version
from tidings.storage.release import open_release

SOURCES = """
    select schema_name || '.' || table_name from duckdb_tables()
    where database_name = 'lake' and schema_name in ('core', 'raw', 'ref')
"""


@pytest.fixture(scope="module")
def con(sample_night: Any) -> Iterator[Any]:
    """Return a read-only connection to the last release."""
    with open_release(sample_night.lake) as connection:
        yield connection


@pytest.fixture(scope="module")
def planted(sample_night: Any) -> Any:
    """Return the planted articles that feeds or listings contain, by URL."""
    return {article.url: article for article in sample_night.truth.articles if article.is_in_feed}


def stored(con: Any, *columns: Any) -> Any:
    return {
        row[0]: row[1:]
        for row in con.execute(f"select url, {', '.join(columns)} from articles").fetchall()
    }


def test_every_item_is_exactly_one_article(con: Any, planted: Any) -> None:
    """Each item of feeds and listings is one article; refused links and disallowed pages are not
    articles.
    """
    urls = [row[0] for row in con.execute("select url from articles").fetchall()]
    assert Counter(urls) == Counter(list(planted))


def test_the_readme_shows_the_figures_of_the_sample(con: Any) -> None:
    """The table and the sentence of the README are the answer of its first query."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = con.execute(
        "select month_start_on::varchar, about_count::varchar, total_count::varchar, about_share"
        " from theme_monthly where theme_id = 'digital_economy' order by month_start_on"
    ).fetchall()
    shown = re.findall(r"│ (\d{4}-\d\d-\d\d) +│ +(\d+) │ +(\d+) │ +([.\d]+) │", text)
    assert [row[:3] for row in shown] == [row[:3] for row in rows]
    assert [float(row[3]) for row in shown] == [round(row[3], 4) for row in rows]
    _, about, total, share = rows[-1]
    assert f"In August, {about} of {total} texts" in text
    assert f": {share:.1%}".replace("%", " %") in text


def test_events_are_the_planted_ones(con: Any, sample_night: Any, planted: Any) -> None:
    """Each planted event has its reports in all outlets, words and languages, and nothing else;
    each copy is in its event. Of the six reports of one outlet on one event, each day in new
    words, four are together, with no other text.

    The other articles consist of recurring sentences. Each text is in one event with its copies and
    translations, and seven in ten of these texts in an event of their own.
    """
    events = stored(
        con, "(select event_id from article_events as e where e.article_id = articles.article_id)"
    )
    assert {url for url, (event,) in events.items() if event is None} == {
        url for url, article in planted.items() if article.excluded_reason
    }
    found, expected = defaultdict(set), defaultdict(set)
    for url, (event,) in events.items():
        if event:
            found[event].add(url)
            expected[planted[url].event_id or planted[url].story_id].add(url)
    daily = expected.pop(sample_night.truth.serial)
    reports = [urls for urls in expected.values() if any(planted[url].event_id for url in urls)]
    assert len(reports) == 5
    whole = [urls for urls in expected.values() if urls in found.values()]
    assert all(urls in whole for urls in reports)
    assert all(len({events[url] for url in urls}) == 1 for urls in expected.values())
    assert any(len(urls) >= 4 and urls <= daily for urls in found.values())
    assert len(whole) >= 0.7 * len(expected)


def test_the_planted_burst_names_the_planted_event(
    con: Any, sample_night: Any, planted: Any
) -> None:
    """The peak of the bursting theme names the event that most of its outlets report."""
    wave = sample_night.truth.burst
    peaks = con.execute(
        "select url from theme_peaks join article_events using (event_id) join articles using"
        " (article_id) where theme_id = ? and rank = 1 and start_on between ? and ?",
        [wave.theme_id, wave.starts_on, wave.ends_on],
    ).fetchall()
    assert {planted[url].event_id for (url,) in peaks} == {"silo"}


def test_stories_are_the_planted_ones(con: Any, planted: Any) -> None:
    """A story consists of a text with its copies, verbatim or lightly rewritten, and its declared
    translations. A hundredth of the stories may have another text, and an outlet's reports of an
    event in two languages may be versions of one text.
    """
    expected = defaultdict(set)
    for url, article in planted.items():
        if article.excluded_reason is None:
            expected[article.story_id].add(url)
    found = defaultdict(set)
    for url, (story,) in stored(
        con, "(select story_id from article_stories as s where s.article_id = articles.article_id)"
    ).items():
        if story:
            found[story].add(url)
    assert all(any(urls <= held for held in found.values()) for urls in expected.values())
    mixed = [
        urls
        for urls in found.values()
        if urls not in expected.values()
        and len({planted[url].event_id or planted[url].story_id for url in urls}) > 1
    ]
    assert len(mixed) <= 0.01 * len(found)


def test_first_uses_are_the_planted_ones(con: Any, sample_night: Any, planted: Any) -> None:
    """Each outlet's first article with the slogan is the planted one; after 90 days of news no
    first use can be certain.
    """
    slogan = sample_night.truth.formulation
    expected: dict[tuple[str, str], Any] = {}
    for article in sorted(
        planted.values(), key=lambda article: (article.published_on, article.published_at)
    ):
        for hit in article.text.mentions if article.excluded_reason is None else ():
            if hit.theme_id == slogan:
                expected.setdefault((article.publisher_id, hit.phrase.casefold()), article)
    rows = con.execute(
        "select p.publisher_id, lower(phrase), first_seen_on, url, uncertain_because,"
        " first_seen_is_certain from phrase_adoptions as p join theme_phrases using (phrase_id)"
        " join articles on article_id = first_article_id where theme_id = ?",
        [slogan],
    ).fetchall()
    assert {row[:4] for row in rows} == {
        (publisher, phrase, article.published_on, article.url)
        for (publisher, phrase), article in expected.items()
    }
    assert {row[4:] for row in rows} == {("too_early", False)}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("title", lambda article: article.title),
        (
            "if(excluded_reason is null, body_text, '')",
            lambda article: "" if article.excluded_reason else article.body,
        ),
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
def test_articles_are_as_planted(con: Any, planted: Any, column: Any, expected: Any) -> None:
    """Each field of each article equals the planted value."""
    cells = {url: row[0] for url, row in stored(con, column).items()}
    wrong = {
        url: (cells[url], expected(article))
        for url, article in planted.items()
        if url in cells and cells[url] != expected(article)
    }
    assert not wrong, f"{len(wrong)} of {len(planted)}, such as {dict(list(wrong.items())[:3])}"


def test_mentions_are_the_planted_ones(con: Any, planted: Any) -> None:
    """Every planted phrase is a mention, and the planted phrases have no other mentions. The
    offsets of every mention select its words in the stored text, and the snippet contains them.
    """
    expected = {
        (article.url, hit.theme_id, hit.field, hit.start, hit.end)
        for article in planted.values()
        if article.excluded_reason is None
        for hit in article.text.mentions
    }
    found = con.execute(
        "select url, theme_id, replace(field, 'body_text', 'body'), start_offset, end_offset,"
        " phrase_id from theme_mentions join articles using (article_id)"
    ).fetchall()
    assert len(found) == len(set(found))
    phrases = {phrase for *place, phrase in found if tuple(place) in expected}
    assert {tuple(place) for *place, phrase in found if phrase in phrases} == expected
    rows = con.execute(
        "select field, title, body_text, start_offset, end_offset, snippet from theme_mentions"
        " join articles using (article_id)"
    ).fetchall()
    assert rows
    for field, title, body, start, end, snippet in rows:
        words = (title if field == "title" else body)[start:end]
        assert words
        assert " ".join(words.split()) in " ".join(snippet.split())


def test_daily_counts_are_counts_of_the_planted_articles(con: Any, planted: Any) -> None:
    """For each theme and day, the articles are those with planted or other mentions, and the total
    is the planted number. A text counts once.
    """
    texts = "select url from article_stories join articles using (article_id)"
    urls = {url for (url,) in con.execute(f"{texts} where article_id = text_id").fetchall()}
    assert 0 < len(planted) - len(urls) < 0.5 * len(planted)
    counted = {url: planted[url] for url in urls}
    totals = Counter(article.published_on for article in counted.values())
    hits = defaultdict(set)
    for article in counted.values():
        for hit in article.text.mentions:
            hits[hit.theme_id, article.published_on].add(article.url)
    is_theme = "theme_id not in (select parent_id from themes where parent_id is not null)"
    mentioned = (
        f"select url, theme_id from theme_mentions join articles using (article_id) where"
        f" {is_theme}"
    )
    for url, theme in con.execute(mentioned).fetchall():
        if url in counted:
            hits[theme, counted[url].published_on].add(url)
    found = con.execute(
        "select theme_id, published_on, article_count, total_count, mention_share from"
        f" theme_daily where article_count > 0 and {is_theme}"
    ).fetchall()
    assert {(theme, day): count for theme, day, count, _, _ in found} == {
        key: len(urls) for key, urls in hits.items()
    }
    assert all(total == totals[day] for _, day, _, total, _ in found)
    assert all(
        share is None or share == pytest.approx(count / total)
        for _, _, count, total, share in found
    )


def test_a_day_without_coverage_is_a_gap(con: Any, sample_night: Any) -> None:
    """Days on which a busy outlet was down are gaps; gaps and days without articles have no share.

    A run of empty days is a gap only if its probability is at most one in a thousand, so outlets
    with few articles are excluded.
    """
    expected = {}
    for downtime in sample_night.truth.downtimes:
        own = [
            article
            for article in sample_night.truth.articles
            if article.outlet == downtime.outlet and article.is_in_feed
        ]
        days = [
            downtime.starts_on + dt.timedelta(days=n)
            for n in range((downtime.ends_on - downtime.starts_on).days + 1)
        ]
        # weekdays of the window, on which outlets publish
        if len(own) / 62 * len(days) > math.log(1000):
            expected[own[0].publisher_id] = days
    assert len(expected) == 3
    gaps = set(
        con.execute("select publisher_id, published_on from outlet_daily where is_gap").fetchall()
    )
    assert {(publisher, day) for publisher, days in expected.items() for day in days} <= gaps
    assert con.execute(
        "select count(*) from theme_daily where total_count = 0 and mention_share is not null"
    ).fetchone() == (0,)
    shares = (
        "select count(*) from theme_outlet_daily join outlet_daily using (publisher_id,"
        " published_on) where outlet_daily.is_gap and mention_share is not null"
    )
    assert con.execute(shares).fetchone() == (0,)


def test_former_names_of_shares_remain(con: Any) -> None:
    """Each table of a release has ``share`` and its limits as other names of mention_share."""
    for table in ("theme_daily", "marts.theme_weekly", "theme_monthly", "theme_outlet_daily"):
        limits = "(share, share_low, share_high)"
        former = limits.replace("share", "mention_share")
        query = (
            f"select count(*), count(*) filter ({limits} is distinct from {former}) from {table}"
        )
        total, other = con.execute(query).fetchone()
        assert total > other == 0


def test_refused_links_are_not_requested(sample_night: Any) -> None:
    """A script in place of a link yields an entry without a URL; a page that robots disallow is not
    requested.
    """
    requested = {request["path"] for request in sample_night.log}
    for refusal in sample_night.truth.refusals:
        if refusal.reason == "robots":
            assert not any(refusal.link.endswith(path) for path in requested)
    with open_lake(sample_night.lake, read_only=True) as con:
        refused = con.execute(
            "select count(*) from raw.feed_entries where url is null and link_raw is not null"
        ).fetchone()
    assert refused == (
        sum(refusal.reason == "javascript" for refusal in sample_night.truth.refusals),
    )


def test_statements_are_the_planted_ones(con: Any, planted: Any) -> None:
    """Each planted sentence is a statement with speaker, verb, office, offsets and its themes;
    listed people have no others.

    The speaker's place is in the sentence. The newsroom also contains people who do not speak, and
    ambiguous pronouns.
    """
    expected = {
        (
            article.url,
            part.person_id,
            part.office,
            part.verb,
            part.sentence,
            part.start,
            part.end,
        ): set(part.theme_ids)
        for article in planted.values()
        if article.excluded_reason is None
        for part in article.text.statements
    }
    found = con.execute(
        "select url, person_id, office, verb, sentence, start_offset, end_offset, theme_ids"
        " from statements join articles using (article_id) where person_id is not null"
    ).fetchall()
    assert len(found) == len({row[:-1] for row in found})
    placed = (
        "select bool_and(speaker_start >= start_offset and speaker_end <= end_offset) from"
        " statements where person_id not null"
    )
    assert con.execute(placed).fetchone() == (True,)
    assert {row[:-1] for row in found} == expected.keys()
    assert all(expected[row[:-1]] <= set(row[-1]) for row in found)


def test_rising_phrases_are_the_planted_ones(con: Any, sample_night: Any, planted: Any) -> None:
    """The unlisted slogan is the first candidate of each language in which three articles on two
    days contain it.
    """
    led = set()
    for phrase, language in zip(sample_night.truth.unlisted, ("en", "zh", "de"), strict=True):
        holding = [
            article
            for article in planted.values()
            if article.language == language
            and article.text.unlisted
            and article.excluded_reason is None
        ]
        days = {article.published_on for article in holding}
        found = con.execute(
            "select rank, article_count, policy_count, day_count, outlet_count, first_seen_on,"
            " a.url from candidate_phrases as c join articles as a on a.article_id ="
            " c.first_article_id where c.language = ? and lower(phrase) = lower(?)",
            [language, phrase],
        ).fetchall()
        if len(holding) < 3 or len(days) < 2:
            assert found == []
            continue
        led.add(language)
        counts = (
            1,
            len(holding),
            len(holding),
            len(days),
            len({article.outlet for article in holding}),
            min(days),
        )
        assert [row[:-1] for row in found] == [counts]
        assert found[0][-1] in {
            article.url for article in holding if article.published_on == min(days)
        }
    assert led == {"en", "de"}


def test_reuse_lists_the_planted_copies(con: Any, planted: Any) -> None:
    """Reprints of an agency's items, and repeated passages of official texts, are found with exact
    offsets; nothing else is.
    """
    counted = {
        article.url: article for article in planted.values() if article.excluded_reason is None
    }
    expected = set()
    for source in counted.values():
        for copy in counted.values():
            is_later = source.published_at < copy.published_at and source.outlet != copy.outlet
            passages = (
                set(source.text.paragraphs) & set(copy.text.paragraphs) if copy.event_id else set()
            )
            is_passage = any(len(passage.split()) >= 30 for passage in passages)
            if (
                is_later
                and source.outlet in {"agency", "gazette"}
                and (source.story_id == copy.story_id or is_passage)
            ):
                expected.add((source.url, copy.url))
    rows = con.execute(
        "select s.url, a.url, s.body_text[r.source_start_offset + 1:r.source_end_offset],"
        " a.body_text[r.start_offset + 1:r.end_offset] from reuse as r join articles as s on"
        " r.source_article_id = s.article_id join articles as a on r.article_id = a.article_id"
    ).fetchall()
    assert {row[:2] for row in rows} == expected
    assert all(source.split() == copy.split() for *_, source, copy in rows)
    repeated = {row[:2]: row[2] for row in rows if counted[row[1]].event_id}
    assert len(repeated) == 3
    assert all(
        f"{passage}." in counted[source].text.paragraphs
        for (source, _), passage in repeated.items()
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_same_rows_in_another_order_give_the_same_digits(
    sample_night: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build of all rows from shuffled tables, with four threads in place of one, changes no row
    of any table of models.
    """
    monkeypatch.setenv("TIDINGS_THREADS", "4")
    lake = copy_lake(sample_night.lake, tmp_path / "data")
    with open_lake(lake) as con:
        lexicon = lexicon_version(con)
        for (table,) in con.execute(SOURCES).fetchall():
            con.execute(
                f"create or replace temp table shuffled as from {table} order by hash(rowid + 4)"
            )
            with transaction(con):
                con.execute(f"delete from {table}")
                con.execute(f"insert into {table} from shuffled")
    build(lake, as_of=END, lexicon=lexicon, is_whole=True)
    expected = _models(sample_night.lake)
    for table, rows in _models(lake).items():
        assert set(rows) ^ set(expected[table]) == set(), table


def _models(lake: Lake) -> dict[str, list[str]]:
    return {table: rows for table, rows in contents(lake).items() if table.startswith("marts.")}
