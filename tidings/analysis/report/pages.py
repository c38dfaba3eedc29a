"""Compose all pages of the report."""

from inspect import cleandoc
from itertools import chain
from typing import NamedTuple

from tidings.analysis.answers import Answers, Row, ask, read_rows
from tidings.analysis.breaks import BREAKS, Break, read_breaks
from tidings.analysis.report.figure import PERIOD_COLUMNS, Figure, bounds, counts_figure, marked
from tidings.analysis.report.gloss import Glossary
from tidings.analysis.report.overview_page import overview_page
from tidings.analysis.report.release import (
    COVERAGE_DAYS,
    IS_OVER,
    WINDOW_DAYS,
    Facts,
    read_dictionary,
)
from tidings.analysis.report.render import Page, file_name, language_name
from tidings.analysis.report.theme_page import ThemeData, read_theme_data, theme_page
from tidings.analysis.report.theme_questions import NEWEST_COUNT, SHARE
from tidings.base.languages.plural import counted
from tidings.storage.lake import Connection

OUTLET_THEME_DAYS, OUTLET_THEME_COUNT = 3 * WINDOW_DAYS, 15
MIN_Z = 1.96
SOURCE_LEGEND = (
    ("full", "all listed items obtained"),
    ("pale", "obtained, but mostly captured over 7 days after publication"),
    ("lost", "some items are missing"),
    ("grey", "nothing listed"),
    ("gap", "no listing for most days"),
)
SOURCE_COLUMNS = (
    ("outlet", "Source", "text"),
    *PERIOD_COLUMNS,
    ("status", "Status", "text"),
    ("listed", "Listed", "count"),
    ("obtained", "Obtained", "count"),
    ("missing", "Missing", "count"),
    ("later", "Captured late", "count"),
    ("days", "Days with a listing", "count"),
)
OUTLETS = """
with articles as (
    select publisher_id, list_sort(list(distinct language)) as languages
    from core.articles where published_on >= $since group by all
),
days as (
    select publisher_id, sum(article_count)::bigint as article_count,
        sum(text_count)::bigint as text_count, sum(excluded_count)::bigint as excluded_count,
        count(*) as day_count, count(*) filter (is_gap) as gap_count,
        min(published_on) as first_on,
        max(published_on) filter (article_count > 0) as last_article_on
    from marts.outlet_daily group by all
)
select days.*, p.name, p.country, p.publisher_type, p.time_zone,
    coalesce(articles.languages, []) as languages
from days left join ref.publishers as p using (publisher_id)
left join articles using (publisher_id)
order by lower(coalesce(p.name, publisher_id)), publisher_id
"""
TABLES = {
    "themes": f"""
with totals as (
    select publisher_id, sum(text_count)::bigint as total,
        sum(total) over ()::bigint as all_total
    from marts.outlet_daily
    where not is_gap and published_on > $last_on - {OUTLET_THEME_DAYS}
    group by publisher_id
),
hits as (
    select publisher_id, theme_id, sum(about_count)::bigint as hits,
        sum(hits) over (partition by theme_id)::bigint as all_hits
    from marts.theme_outlet_daily
    where about_count > 0 and not is_gap and published_on > $last_on - {OUTLET_THEME_DAYS}
    group by publisher_id, theme_id
)
select publisher_id, theme_id, t.label_en, hits, total,
    {SHARE},
    share(all_hits - hits, all_total - total) as other_share
from hits inner join totals using (publisher_id) inner join ref.themes as t using (theme_id)
where t.parent_id is not null and publisher_id = $id
qualify row_number()
    over (partition by publisher_id order by hits desc, theme_id) <= {OUTLET_THEME_COUNT}
order by hits desc, theme_id
""",
    # of the last month with any
    "keyness": f"""
select publisher_id, month_start_on, language, term, theme_id, mention_count,
    other_mention_count, z
from measures.keyness_monthly where z >= {MIN_Z} and publisher_id = $id
qualify month_start_on = max(month_start_on) over (partition by publisher_id)
    and row_number() over (partition by publisher_id, month_start_on
        order by z desc, term) <= 12
order by z desc, term
""",
    "newest": f"""
with texts as (
    select *, headline(title) as headline
    from core.articles left join marts.article_stories using (article_id)
    where excluded_reason is null and publisher_id = $id
    qualify row_number() over (
        partition by publisher_id, coalesce(text_id, article_id)
        order by starts_with(language, 'en') desc, language, published_on desc, article_id
    ) = 1
)
select publisher_id, headline as title, url, published_on, language from texts
qualify row_number()
    over (partition by publisher_id order by published_on desc, article_id) <= {NEWEST_COUNT}
order by published_on desc, article_id
""",
    # runs of days with the same reason
    "gaps": """
with runs as (
    select *,
        published_on - (row_number()
            over (partition by publisher_id, gap_reason order by published_on))::integer as run
    from marts.outlet_daily where is_gap and publisher_id = $id
)
select publisher_id, gap_reason, min(published_on) as start_on, max(published_on) as end_on,
    count(*) as day_count,
    sum(article_count)::bigint as article_count
from runs group by publisher_id, gap_reason, run
qualify row_number() over (partition by publisher_id order by start_on desc) <= 30
order by start_on desc
""",
    "volume": f"""
select publisher_id, date_trunc($unit, published_on)::date as start_on,
    sum(article_count)::bigint as article_count, sum(story_count)::bigint as story_count,
    sum(article_count)::bigint as total_count, count(*) filter (not is_gap) as covered_days,
    {IS_OVER} as is_complete
from marts.outlet_daily
where published_on >= $since and publisher_id = $id
group by all order by start_on
""",
    "sources": f"""
select publisher_id, concat(source_id, ' (', way, ')') as source,
    date_trunc('week', published_on)::date as start_on,
    sum(listed_count)::bigint as listed, sum(obtained_count)::bigint as obtained,
    sum(missing_count)::bigint as missing, sum(later_copy_count)::bigint as later,
    count(*) filter (status <> 'no_listing') as listed_days,
    case when missing > 0 then 'items missing' when 2 * listed_days < count(*) then 'no listing'
        when listed = 0 then 'nothing listed' when 2 * later > obtained then 'captured late'
        else 'complete' end as week_status
from marts.coverage
where published_on >= $last_on - {COVERAGE_DAYS} and publisher_id = $id
group by publisher_id, way, source_id, start_on
order by way, source_id, start_on
""",
}


def outlet_pages(
    con: Connection,
    facts: Facts,
    outlets: list[Row],
    outlet_paths: dict[str, str],
) -> list[Page]:
    """Return the pages of the outlets, which are rows of ``OUTLETS``."""
    answers = {
        name: Answers(con, query, "publisher_id", **facts.values) for name, query in TABLES.items()
    }
    breaks: dict[str, list[Break]] = {}
    for found in read_breaks(con, ("open", "ended")):
        breaks.setdefault(found.publisher_id, []).append(found)
    pages = []
    for outlet in outlets:
        publisher = outlet["publisher_id"]
        own = breaks.get(publisher, [])
        title = f"Articles and stories by {facts.unit}"
        figure = counts_figure(
            "volume", title, answers["volume"], publisher, unit=facts.unit, per="day",
            source="marts.outlet_daily",
        )  # fmt: skip
        [volume] = marked([figure], own)
        sources = sources_figure(publisher, answers["sources"])
        values = {name: answer.rows(publisher) for name, answer in answers.items()} | {
            "outlet": outlet,
            "breaks": [found for found in own if found.state == "open"],
            "volume": volume,
            "sources": sources,
            "theme_days": OUTLET_THEME_DAYS,
            "sql": {name: answer.sql(publisher) for name, answer in answers.items()},
        }
        figures = [figure for figure in (volume, sources) if figure]
        path = outlet_paths[publisher]
        pages.append(Page(path, "outlet.html", values, figures, (f"outlet:{publisher}",)))
    return pages


def sources_figure(publisher_id: str, listed_items: Answers) -> Figure | None:
    """Return the figure of an outlet's sources by week, or None without data on them."""
    weeks = listed_items.rows(publisher_id)
    if not weeks:
        return None
    rows = [
        [source, *bounds(start, "week"), status, *counts]
        for _, source, start, *counts, status in map(dict.values, weeks)
    ]
    incomplete = sum(row[3] == "items missing" for row in rows)
    listed, obtained, missing = (sum(row[place] for row in rows) for place in (4, 5, 6))
    count = len({row[0] for row in rows})
    return Figure(
        figure_id="sources",
        chart="cells",
        title="Items listed and obtained, by source and week",
        summary=f"{counted(count, 'source')} listed {counted(listed, 'item')} in the last year:"
        f" {obtained:,} obtained, {missing:,} missing.",
        note="An item that several sources list counts once for each source.",
        legend=SOURCE_LEGEND,
        method="coverage",
        alt=f"Grid of {counted(count, 'source')} by week; items are missing in {incomplete} of"
        f" {len(rows)} cells.",
        columns=SOURCE_COLUMNS,
        rows=rows,
        source="marts.coverage",
        sql=listed_items.sql(publisher_id),
    )


ENDED_DAYS = 84
DIFFERENCE_COUNT = 20
_REVISIONS = """
select release_id, period, reasons, count(*) as figure_count from marts.revised_figures
group by all order by release_id desc, period, reasons
"""
# the themes whose figures changed most
_DIFFERENCES = f"""
select start_on, period, theme_id, coalesce(label_en, theme_id) as label, released_count,
    revised_count, released_about_count, revised_about_count, reasons, release_id
from marts.revised_figures left join ref.themes using (theme_id)
where theme_id != '*'
order by greatest(abs(revised_count - released_count),
        abs(revised_about_count - released_about_count)) desc,
    start_on desc, period, theme_id, release_id
limit {DIFFERENCE_COUNT}
"""


def problems_page(con: Connection, data: ThemeData) -> Page:
    """Return the page of data problems."""
    shown: dict[str, list[Break]] = {"open": [], "accepted": [], "ended": []}
    for found in read_breaks(con, shown):
        last_on = data.facts.last_on or found.last_on
        if found.state != "ended" or (last_on - found.last_on).days < ENDED_DAYS:
            shown[found.state].append(found)
    values = {
        **shown,
        "revisions": ask(con, _REVISIONS),
        "differences": ask(con, _DIFFERENCES),
        "ended_days": ENDED_DAYS,
        "breaks_sql": cleandoc(BREAKS),
    }
    return Page("problems.html", "problems.html", values)


RIGHTS = """
with statements as (
    select r.publisher_id, coalesce(p.name, r.publisher_id) as name, r.meaning, r.channel,
        r.statement, min_by(r.location, r.first_on) as location, min(r.first_on) as first_on,
        max(r.last_on) as last_on,
        case when bool_or(r.is_obeyed) then 'title and summary'
            when bool_or(r.applies) then 'full text, recorded' else 'full text' end as counted
    from ops.source_rights as r left join ref.publishers as p using (publisher_id)
    group by all
)
from statements
order by meaning = 'reserved' desc, first_on desc, name, channel, statement
"""
MODES = "select since_at, mode, reason from ops.rights_modes order by since_at desc"


CANDIDATE_COUNT, FIRST_COUNT = 200, 20
_NEW_PHRASES = """
select l.phrase_id, w.phrase, w.language, w.theme_id, t.label_en, t.kind, l.first_seen_on,
    l.outlet_count, l.article_count, l.novelty, u.first_used_on, u.title as document, u.issuer,
    coalesce(p.name, l.first_publisher_id) as first_outlet,
    headline(a.title) as title, a.url
from marts.front_page as f
inner join marts.phrase_lives as l on f.subject_id = l.phrase_id
inner join ref.theme_phrases as w on l.phrase_id = w.phrase_id
inner join ref.themes as t on w.theme_id = t.theme_id
left join ref.publishers as p on l.first_publisher_id = p.publisher_id
left join core.articles as a on l.first_article_id = a.article_id
left join ref.first_uses as u
    on u.is_coined and u.phrase = w.phrase and u.language = w.language
where f.kind = 'new_phrase' order by f.rank
"""
_CANDIDATES = f"""
select c.* replace (coalesce(p.name, c.first_outlet) as first_outlet), coalesce((
    select list({{'text': text, 'url': url}} order by number)
    from (
        select unnest(c.examples) as text, generate_subscripts(c.examples, 1) as number,
            unnest(c.example_article_ids[:len(c.examples)]) as article_id
    ) left join core.articles using (article_id)
), []) as shown
from (from marts.candidate_phrases order by rank limit {CANDIDATE_COUNT}) as c
left join ref.publishers as p on c.first_outlet = p.publisher_id
order by max(c.z) over (partition by c.language) desc, c.language, c.rank
"""


class Report(NamedTuple):
    """The pages with the values that they share, and the data of feed and search (kind, name,
    further words, path).
    """

    pages: list[Page]
    shared: Row
    bursts: list[Row]
    new_phrases: list[Row]
    search: list[tuple[str, str, str, str]]


def compose_report(con: Connection, facts: Facts) -> Report:
    """Return the report before rendering, from a connection with the macros of a release.

    Its last page is the overview, so that every page it links to exists before it is written.
    """
    outlets = ask(con, OUTLETS, **facts.values)
    outlet_paths = {
        row["publisher_id"]: f"outlets/{file_name(row['publisher_id'])}" for row in outlets.rows
    }
    new_phrases = ask(con, _NEW_PHRASES, **facts.values)
    data = read_theme_data(con, facts, outlets.rows, outlet_paths)
    method = {
        "tables": read_dictionary(con),
        "changes": read_rows(con, "select * from marts.lexicon_changes limit 100"),
    }
    rights = {"rights": ask(con, RIGHTS), "modes": ask(con, MODES)}
    texts, articles = (sum(row[n] for row in outlets.rows) for n in ("text_count", "article_count"))
    shared: Row = {"paths": data.paths, "outlet_paths": outlet_paths, "outlets": outlets.rows}
    shared["text_count"] = texts if texts < articles else None
    pages = [
        *(theme_page(data, theme) for theme in data.paths),
        *outlet_pages(con, facts, outlets.rows, outlet_paths),
        candidates_page(con, data.glossary),
        Page("method.html", "method.html", method),
        themes_page(data),
        problems_page(con, data),
        Page("rights.html", "rights.html", rights),
        Page("outlets.html", "outlets.html", {"sql": outlets.sql}),
        overview_page(con, data, new_phrases.rows),
    ]
    bursts = [*chain.from_iterable(data.answers["bursts"].by_id.values())]
    return Report(pages, shared, bursts, new_phrases.rows, _search_index(data, outlets.rows))


def themes_page(data: ThemeData) -> Page:
    """Return the page with the list of all themes, the largest share first."""
    rows: list[Row] = []
    for theme_id, theme in data.themes.items():
        parent = data.themes.get(theme["parent_id"], {}).get("label_en")
        own = {"parent": parent, "area": parent or theme["label_en"]}
        rows.append(data.trends.windows[theme_id] | theme | own)
    rows.sort(key=lambda row: (-(row["now"] or 0), -row["article_count"], row["label_en"]))
    values = {
        "themes": rows,
        "areas": sorted({row["parent"] for row in rows if row["parent"]}),
        "sql": data.trends.shares.all_sql,
    }
    return Page("themes.html", "themes.html", values)


def candidates_page(con: Connection, glossary: Glossary) -> Page:
    """Return the page of rising phrases that are not listed yet, each with text, URL and glosses of
    example sentences.
    """
    candidates = ask(con, _CANDIDATES)
    days = {row["language"]: row["period_days"] for row in candidates.rows}
    languages = sorted((language_name(code), code) for code in days)
    first = max(FIRST_COUNT // max(len(languages), 1), 4)
    rows = [
        row
        | {
            "mentioned": int(row["rank"] <= first),
            "examples": [
                (text, url, glossary.translate(text, row["language"]))
                for text, url in map(dict.values, row["shown"])
            ],
        }
        for row in candidates.rows
    ]
    values = {
        "rows": rows,
        "languages": [(code, name) for name, code in languages],
        "periods": [(name, days[code]) for name, code in languages if days[code]],
        "sql": candidates.sql,
        "first": first,
    }
    return Page("candidates.html", "candidates.html", values)


def _search_index(data: ThemeData, outlets: list[Row]) -> list[tuple[str, str, str, str]]:
    entries = []
    for theme_id, theme in data.themes.items():
        name, path = theme["label_en"], data.paths[theme_id]
        words = " ".join(filter(None, (theme["label_zh"], theme["label_de"], theme_id)))
        entries.append(("Theme", name, words, path))
        entries.extend(
            ("Phrase", phrase["phrase"], name, f"{path}#phrases")
            for phrase in data.answers["phrases"].rows(theme_id)
            if phrase["article_count"]
        )
    for outlet in outlets:
        key = outlet["publisher_id"]
        entries.append(("Outlet", outlet["name"] or key, key, data.outlet_paths[key]))
    return entries
