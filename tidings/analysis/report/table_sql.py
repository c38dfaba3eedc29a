"""Return the SQL below each table of the report, which readers can copy and run on the release."""

from __future__ import annotations

from typing import Any

_QUERIES = {
    "theme_window": """select count(*) as days, sum(about_count) as about_count,
    sum(article_count) as article_count,
    sum(total_count) as total_count, sum(about_count) / sum(total_count) as about_share,
    sum(article_count) / sum(total_count) as share,
    count(distinct publisher_id) filter (about_count > 0) as outlets
from theme_outlet_daily
where theme_id = '{theme}' and not is_gap
    and published_on > (select max(published_on) from outlet_daily) - 28;""",
    "theme_bursts": """select b.series, b.series_id, b.start_on, b.end_on, b.strength,
b.article_count, b.is_running
from bursts as b left join ref.theme_phrases as p
    on b.series = 'phrase' and b.series_id = p.phrase_id
where coalesce(p.theme_id, b.series_id) = '{theme}'
order by b.start_on desc;""",
    "theme_peaks": """select title, kind, start_on, end_on, article_count, rise_share
from theme_peaks
where theme_id = '{theme}'
order by start_on desc, kind, rank;""",
    "phrases": """select l.phrase, l.language, l.article_count, l.outlet_count, l.first_seen_on,
    l.peak_on, l.last_seen_on,
    l.half_life_days
from phrase_lives as l inner join ref.theme_phrases as w using (phrase_id)
where w.theme_id = '{theme}'
order by l.article_count desc;""",
    "speakers": """select speaker_kind, speaker, min(speaker_name) as speaker_name,
    sum(statement_count) as statement_count,
    sum(statement_count) / sum(sum(statement_count)) over () as share,
    sum(female_count) as female_count,
    sum(male_count) as male_count
from speaker_shares_monthly
where theme_id = '{theme}'
    and month_start_on > (select max(published_on) from outlet_daily) - interval 12 month
group by all
order by statement_count desc;""",
    "cooccurrences": """select theme_id, other_theme_id, sum(article_count) as article_count
from theme_pairs_monthly
where '{theme}' in (theme_id, other_theme_id)
group by all
order by article_count desc;""",
    "leads": """select leader_id, follower_id, lag_days, correlation
from lead_lags
where theme_id = '{theme}'
order by correlation desc;""",
    "mentions": """select m.published_on, a.title, a.url, m.snippet
from theme_mentions as m inner join articles as a using (article_id)
where m.theme_id = '{theme}'
order by m.published_on desc
limit 20;""",
    "all_themes": """select theme_id, sum(about_count) as about_count,
    sum(article_count) as article_count,
    sum(total_count) as total_count, sum(about_count) / sum(total_count) as about_share,
    sum(article_count) / sum(total_count) as share
from theme_outlet_daily
where not is_gap and published_on > (select max(published_on) from outlet_daily) - 28
group by theme_id
order by about_share desc;""",
    "new_phrases": """select l.first_seen_on, l.first_seen_is_certain, w.phrase, l.theme_id,
l.outlet_count, l.article_count
from phrase_lives as l inner join ref.theme_phrases as w using (phrase_id)
where l.observed_day_count >= 28
    and l.first_seen_on > (select max(published_on) from outlet_daily) - {days}
order by l.first_seen_on desc;""",
    "outlets": """select publisher_id, sum(article_count) as article_count,
count(*) filter (is_gap) as gap_days, count(*) as days
from outlet_daily
group by publisher_id
order by publisher_id;""",
    "outlet_themes": """select theme_id, sum(about_count) as about_count,
sum(about_count) / sum(total_count) as about_share
from theme_outlet_daily
where publisher_id = '{outlet}' and not is_gap
    and published_on > (select max(published_on) from outlet_daily) - {days}
group by theme_id
order by about_share desc;""",
    "outlet_words": """select month_start_on, language, term, mention_count, other_mention_count, z
from keyness_monthly
where publisher_id = '{outlet}' and z >= 1.96
order by month_start_on desc, z desc;""",
    "outlet_gaps": """select published_on, gap_reason, article_count
from outlet_daily
where publisher_id = '{outlet}' and is_gap
order by published_on desc;""",
    "outlet_newest": """select published_on, title, url
from articles
where publisher_id = '{outlet}' and excluded_reason is null
order by published_on desc
limit 20;""",
    "candidates": """select language, rank, kind, phrase, z, article_count, prior_count,
outlet_count, period_days, examples
from candidate_phrases
order by language, rank;""",
}


def table_sql(name: str, **values: Any) -> str:
    """Return a table's SQL with the given IDs and numbers, each escaped for use between single
    quotes.
    """
    return _QUERIES[name].format(**{key: escape_sql(str(value)) for key, value in values.items()})


def escape_sql(text: str) -> str:
    """Return a text escaped for use between SQL's single quotes."""
    return text.replace("'", "''")
