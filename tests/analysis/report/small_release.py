"""Write a small release file with the tables that the report reads, without a lake or dbt."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import jinja2

from tidings.base.functions import create_functions
from tidings.paths import TRANSFORMS

FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 5, 24)  # twelve whole weeks
COLUMNS = """
    core.articles: article_id uuid, publisher_id, url, title, lead, body_text, authors
        varchar[], language, published_on date, published_at timestamptz, excluded_reason,
        content_hash, translation_key, word_count integer
    ref.publishers: publisher_id, name, country, publisher_type, time_zone
    ref.themes: theme_id, parent_id, label_en, label_zh, label_de, cap_code integer, kind,
        definition, valid_from date, valid_to date, source
    ref.theme_phrases: phrase_id, theme_id, language, phrase, match_type, role, salience,
        reviewed_by
    marts.theme_mentions: article_id uuid, theme_id, phrase_id, field, start_offset integer,
        end_offset integer, snippet, publisher_id, published_on date, language
    marts.outlet_daily: publisher_id, published_on date, article_count bigint, story_count
        bigint, is_gap boolean, gap_reason, is_complete boolean, excluded_count bigint,
        text_count bigint
    ops.releases: release_id, released_at timestamptz, snapshot_id bigint, lexicon_version,
        code_version, run_id, audit_passed integer, audit_warned integer
    marts.phrase_lives: phrase_id, theme_id, first_seen_on date, first_publisher_id,
        first_article_id uuid, first_seen_is_certain boolean, observed_day_count bigint, peak_on
        date, last_seen_on date, half_life_days double, outlet_count bigint,
        days_to_half_of_outlets bigint, article_count bigint, phrase, language, documented_on
        date, novelty
    ref.first_uses: phrase, language, first_used_on date, is_coined boolean, title, issuer,
        source
    measures.bursts: series, series_id, start_on date, end_on date, strength double,
        article_count bigint, total_count bigint, is_running boolean
    marts.statements: article_id uuid, speaker, speaker_name, speaker_kind, person_id, office,
        sentence, theme_ids varchar[], publisher_id, published_on date, language,
        start_offset integer
    measures.speaker_shares_monthly: theme_id, month_start_on date, speaker_kind, speaker,
        speaker_name, statement_count bigint, article_count bigint, female_count bigint,
        male_count bigint
    marts.coverage: source_id, publisher_id, way, published_on date, listed_count bigint,
        obtained_count bigint, missing_count bigint, later_copy_count bigint, status
    marts.candidate_phrases: language, phrase, rank bigint, z double, article_count bigint,
        prior_count bigint, outlet_count bigint, first_seen_on date, first_outlet, evidence
        varchar[], examples varchar[], example_article_ids uuid[], period_days integer generated
        always as (null::integer)
    marts.outlet_breaks: publisher_id, kind, first_on date, last_on date, expected_value double,
        observed_value double, state, accepted_reason
    marts.revised_figures: release_id, period, start_on date, theme_id, released_count bigint,
        revised_count bigint, released_about_count bigint, revised_about_count bigint, reasons
        varchar[]
    ops.source_rights: publisher_id, channel, statement, meaning, location, first_on date,
        last_on date, applies boolean, is_obeyed boolean
    ops.rights_modes: since_at timestamptz, mode, reason
    measures.theme_quality: theme_id, language, period, measure, coded_count bigint, true_count
        bigint, hit_count bigint, true_hit_count bigint, recall double, recall_low double,
        recall_high double, precision double, precision_low double, precision_high double,
        is_recall_stable boolean
    ref.speakers: person_id, language, name
    ref.bodies: body, language, country, forms varchar[]
    measures.body_names: language, short_name, country, full_name
    ref.candidate_reviews: phrase, language, reviewed_on date, verdict
    ref.comparison_series: series_id, name, unit, counted, citation, licence, theme_id
    measures.comparison_themes: series_id, theme_id, period, period_start_on date, theme_index
        double, comparison_index double
    measures.comparison_agreement: series_id, theme_id, period, pair_count bigint, pearson
        double, spearman double, change_count bigint, pearson_of_changes double,
        spearman_of_changes double, has_trend boolean
    measures.theme_peaks: theme_id, kind, start_on date, end_on date, event_id uuid, rank
        bigint, title, article_count bigint, rise_count double, rise_share double
    marts.article_events: article_id uuid, event_id uuid, event_day_on date, similarity double
    marts.article_stories: article_id uuid, story_id uuid, text_kind, text_id uuid generated
        always as (story_id)
    marts.events: event_id uuid, title, title_language, title_en, first_on date, last_on date,
        peak_on date, themes varchar[], speakers varchar[]
    marts.event_days: event_id uuid, event_day_on date, first_on date, article_count bigint,
        report_count bigint, outlet_count bigint, title, title_language, title_en
    measures.keyness_monthly: publisher_id, month_start_on date, language, term, theme_id,
        mention_count bigint, other_mention_count bigint, z double
    measures.lead_lags: theme_id, leader_id, follower_id, lag_days integer, correlation double
    measures.concentration_monthly: theme_id, month_start_on date, effective_outlet_count
        double, outlet_count bigint, hhi double
    measures.theme_index_monthly: theme_id, month_start_on date, baseline_id, standardised_index
        double, is_complete boolean
    measures.theme_pairs_monthly: theme_id, other_theme_id, month_start_on date, article_count
        bigint
    marts.lexicon_changes: theme_id
"""  # a column without a type is a text
TABLES = "create schema core; create schema marts; create schema ref; create schema ops;"
TABLES += "create schema measures;"
for name, columns in re.findall(r"^ {4}(\S+): (.*)", re.sub(r"\n {8}", " ", COLUMNS), re.MULTILINE):
    types = (column if " " in column else f"{column} varchar" for column in columns.split(", "))
    TABLES += f"create table {name} ({', '.join(types)});"
TABLES += """
    insert into ops.releases
    values ('r1', '2026-05-25 00:00:00+00', 1, 'words1', 'code1', 'run1', 30, 0);
"""
CORRECTED = """
    update marts.theme_{name}
    set share_corrected = about_share / 2, share_corrected_low = about_share / 4,
        share_corrected_high = about_share * 0.75, pooled_weight = 0.3, outside_gain = 0.2
    where theme_id = 'water';
    update marts.theme_{name} set assumes_perfect_coding = true,
        correction_reason = if(theme_id = 'water', null, 'language_not_coded');
"""
COUNTED = """
    create or replace table marts.article_themes as
    with recursive tree as (
        select theme_id, theme_id as member_id from ref.themes
        union select tree.theme_id, t.theme_id from tree join ref.themes as t
            on t.parent_id = tree.member_id
    )
    select m.article_id, tree.theme_id, count(*) as mention_count, 0 as title_count,
        count(*) as lead_count, true as is_about, m.publisher_id, m.published_on, m.language
    from marts.theme_mentions as m join tree on m.theme_id = tree.member_id group by all;
    create or replace table marts.theme_outlet_daily as
    select t.theme_id, d.publisher_id, d.published_on, count(h.article_id) as article_count,
        count(h.article_id) as about_count, count(h.article_id) as story_count,
        d.article_count as total_count, d.is_gap, d.is_complete
    from ref.themes as t cross join marts.outlet_daily as d
    left join marts.article_themes as h on t.theme_id = h.theme_id
        and d.publisher_id = h.publisher_id and d.published_on = h.published_on
    group by all
"""
OVER_TIME = """
    create or replace table marts.theme_{name} as
    select theme_id, date_trunc('{unit}', published_on)::date as {column},
        sum(article_count)::bigint as article_count,
        sum(about_count)::bigint as about_count, sum(story_count)::bigint as story_count,
        sum(total_count)::bigint as total_count,
        count(distinct published_on) filter (not is_gap) as covered_days,
        case when covered_days > 0 then sum(article_count) / nullif(sum(total_count), 0)
        end as mention_share,
        case when mention_share is not null then greatest(mention_share - 0.1, 0.0)
        end as mention_share_low,
        case when mention_share is not null then least(mention_share + 0.1, 1.0)
        end as mention_share_high,
        mention_share as about_share, mention_share_low as about_share_low,
        mention_share_high as about_share_high,
        null::double as share_corrected, null::double as share_corrected_low,
        null::double as share_corrected_high, null::double as pooled_weight,
        null::double as outside_gain,
        'too_few_coded' as correction_reason, null::boolean as assumes_perfect_coding,
        {is_over} as is_complete
    from marts.theme_outlet_daily group by all
"""


@dataclass
class Article:
    """An article. ``themes`` are (theme_id, phrase_id, phrase); the body contains each phrase."""

    publisher_id: str
    day: dt.date
    body: str
    title: str = "A title"
    url: str = ""
    language: str = "en"
    themes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def article_id(self) -> uuid.UUID:
        """ID derived from the article's content."""
        return uuid.uuid5(
            uuid.NAMESPACE_URL, f"{self.publisher_id} {self.day} {self.body} {self.title}"
        )


def write_release(
    path: Path,
    articles: list[Article],
    *,
    publishers: list[tuple[str, str]],
    themes: list[tuple[str, str | None, str]],
    phrases: list[tuple[str, str, str, str]],
    gaps: frozenset[tuple[str, dt.date]] = frozenset(),
) -> Path:
    """Write a release file and return its path.

    Args:
        path: File to write.
        articles: Articles with their mentions.
        publishers: (publisher_id, name).
        themes: (theme_id, parent_id, label).
        phrases: (phrase_id, theme_id, language, phrase).
        gaps: (publisher_id, day) of coverage gaps.
    """
    with duckdb.connect(path) as con:
        con.execute(f"begin; {TABLES}")  # one commit: each costs as much as ten rows
        insert = "insert into ref"
        con.executemany(f"{insert}.publishers values (?, ?, null, 'official', 'UTC')", publishers)
        con.execute(
            "insert into marts.outlet_daily select publisher_id, day::date, 0, 0, false, null,"
            " true, 0, 0 from ref.publishers, generate_series(?::timestamp, ?::timestamp,"
            " interval 1 day) as t(day)",
            [FIRST, LAST],
        )
        rest = "'标签', null, null, 'theme', 'What it is', null, null, null"
        con.executemany(f"{insert}.themes values (?, ?, ?, {rest})", themes)
        rest = "'phrase', 'include', null, null"
        for phrase in phrases:
            con.execute(f"{insert}.theme_phrases values (?, ?, ?, ?, {rest})", phrase)
        for article in articles:
            insert_article(con, article)
        for gap in gaps:
            con.execute(
                "update marts.outlet_daily set is_gap = true, gap_reason = 'feed_down'"
                " where publisher_id = ? and published_on = ?",
                gap,
            )
        con.commit()
        count_again(con)
    return path


def insert_article(con: duckdb.DuckDBPyConnection, article: Article) -> None:
    """Insert an article with its mentions and count it for its outlet and day."""
    key, publisher = article.article_id, article.publisher_id
    url = article.url or f"https://news.example/{key}"
    con.execute(
        "insert into core.articles values ($1, $2, $3, $4, null, $5, [], $6, $7, null, null,"
        " md5($5), null, 100)",
        [key, publisher, url, article.title, article.body, article.language, article.day],
    )
    con.execute(
        "update marts.outlet_daily set article_count = article_count + 1,"
        " text_count = text_count + 1 where publisher_id = ? and published_on = ?",
        [publisher, article.day],
    )
    for theme, phrase_id, phrase in article.themes:
        start = article.body.index(phrase)
        place = [start, start + len(phrase), f"…{phrase}…"]
        con.execute(
            "insert into marts.theme_mentions values (?, ?, ?, 'body_text', ?, ?, ?, ?, ?, ?)",
            [key, theme, phrase_id, *place, publisher, article.day, article.language],
        )


def insert_lives(con: duckdb.DuckDBPyConnection) -> None:
    """Add the first and last days of mentioned phrases; their other columns are null."""
    con.execute(
        "insert into marts.phrase_lives by name select phrase_id, p.theme_id, p.phrase, p.language,"
        " min(published_on) as first_seen_on, max(published_on) as last_seen_on,"
        " count(distinct publisher_id) as outlet_count, count(distinct article_id) as article_count"
        " from marts.theme_mentions inner join ref.theme_phrases as p using (phrase_id) group by"
        " all"
    )


def insert_quality(con: duckdb.DuckDBPyConnection) -> None:
    """Add recall, precision and corrected shares of water, and two codings of grain."""
    con.execute(
        "insert into measures.theme_quality select 'water', language, period, measure, 120, 30, 20,"
        " 18, unnest(if(language = 'zh', null::struct(a double, b double, c double, d double,"
        " e double, f double), {a: .6, b: .45, c: .75, d: .9, e: .8, f: .95})), is_stable from"
        " (values ('about'), ('mention')) as m (measure), (values ('all', 'all', false),"
        " ('en', 'all', null), ('zh', 'all', null), ('all', '2026-Q1', false),"
        " ('all', '2026-Q2', true)) as p (language, period, is_stable);"
        "insert into measures.theme_quality (theme_id, language, period, measure, coded_count,"
        " true_count, hit_count, true_hit_count) values ('grain', 'all', 'all', 'about', 30, 2,"
        " 1, 1)"
    )
    for name in ("weekly", "monthly"):
        con.execute(CORRECTED.format(name=name))


def insert_problems(con: duckdb.DuckDBPyConnection) -> None:
    """Add breaks of the daily and the gazette in all states, and revised figures of grain."""
    con.execute(
        "create or replace table marts.outlet_breaks as from (values"
        " ('daily', 'volume_up', date '2026-05-18', date '2026-05-24', 7.02, 13.5, 'open', null),"
        " ('gazette', 'silent', date '2026-04-06', date '2026-04-12', null, null, 'ended', null),"
        " ('gazette', 'joined', date '2026-03-02', date '2026-03-29', null, null, 'accepted',"
        " 'We added it.')) as breaks (publisher_id, kind, first_on, last_on, expected_value,"
        " observed_value, state, accepted_reason);"
        "create or replace table marts.revised_figures as from (values"
        " ('r0', 'week', date '2026-05-04', 'grain', 5, 9, 4, 8, 14, 18, ['late', 'retagged']),"
        " ('r0', 'week', date '2026-05-04', '*', 14, 18, null, null, 14, 18, ['late', 'retagged'])"
        ") as figures (release_id, period, start_on, theme_id, released_count, revised_count,"
        " released_about_count, revised_about_count, released_total_count, revised_total_count,"
        " reasons)"
    )


def count_again(con: duckdb.DuckDBPyConnection) -> None:
    """Compute the theme tables again, as dbt does after a change, under a new run ID."""
    con.execute("update ops.releases set run_id = run_id || '+'")
    con.execute(COUNTED)
    for name, unit, column, is_over in (
        ("daily", "day", "published_on", "true"),
        ("weekly", "week", "week_start_on", "true"),
        ("monthly", "month", "month_start_on", f"month_start_on < date '{LAST.replace(day=1)}'"),
    ):
        con.execute(OVER_TIME.format(name=name, unit=unit, column=column, is_over=is_over))
    compare_shares(con)


MEASURES = {path.stem for path in (TRANSFORMS / "models" / "measures").glob("*.sql")}


def compare_shares(con: duckdb.DuckDBPyConnection) -> None:
    """Compute the changes of shares and the front page with the SQL of their models. The terms of
    an article are the words of its title.
    """
    try:
        con.execute("select wilson_low(1, 2)")
    except duckdb.CatalogException:
        create_functions(con)
    con.execute(
        "create schema if not exists annotations; create or replace table annotations.terms as"
        " select article_id, publisher_id, published_on as event_day_on, list_transform("
        "list_distinct(regexp_extract_all(lower(title), '[\\pL\\d]+')), lambda word:"
        " (hash(word) % 2 ** 29)::uinteger * 8 + 1) as terms from core.articles"
    )
    con.execute("create table marts.int_corrected_changes (theme_id text, change_corrected double)")
    for name in ("share_change", "front_page"):
        con.execute(f"create or replace table marts.{name} as {model(name)}")
    con.execute("drop table marts.int_corrected_changes; drop schema annotations cascade")


def model(name: str, folder: str = "marts") -> str:
    """Return the SQL of a model that reads the tables of this release."""
    text = (TRANSFORMS / "models" / folder / f"{name}.sql").read_text(encoding="utf-8")
    known = {"stg_themes": "ref.themes", "int_statement_speakers": "marts.statements"}

    def ref(other: str) -> str:
        if other in {"int_panel_days", "int_article_titles"}:
            return f"({model(other, 'intermediate')})"
        schema = "measures" if other in MEASURES else "marts"
        return known.get(other, f"{schema}.{other}")

    sql: str = jinja2.Template(text).render(
        ref=ref, source=lambda schema, table: f"{schema}.{table}", config=lambda **_: ""
    )
    return sql
