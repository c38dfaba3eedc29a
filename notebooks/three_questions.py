"""Answer three questions about a release with charts. Open with ``marimo edit
notebooks/three_questions.py``.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Three questions")


@app.cell
def _():
    import altair as alt
    import marimo as mo

    from tidings.analysis.report.release import read_invented
    from tidings.cli.lake import find_lake
    from tidings.storage.release import open_release

    # TIDINGS_WAREHOUSE, or the demo's if there has been no nightly run
    con = open_release(find_lake())
    notice = read_invented(con).notice  # such as of the demo; each chart shows it
    _theme = alt.theme.register("tidings", enable=True)(
        lambda: alt.theme.ThemeConfig({"title": notice} if notice else {})
    )
    return alt, con, mo, notice


@app.cell
def _(con, mo, notice):
    release_id, lexicon, articles, first_on, last_on = con.sql("""
        select release_id, lexicon_version,
            (select count(*) from articles where excluded_reason is null),
            (select min(published_on) from outlet_daily),
            (select max(published_on) from outlet_daily)
        from releases order by snapshot_id desc limit 1
    """).fetchone()
    mo.md(f"""
    # Three questions

    {notice}

    Release `{release_id}`, word list `{lexicon}`: {articles:,} articles from {first_on} to
    {last_on}. Cite both with each figure.
    """)
    return (last_on,)


@app.cell
def _(con, mo):
    themes = con.sql("""
        select label_en, theme_id from themes join theme_monthly using (theme_id)
        where parent_id is not null group by all having sum(article_count) > 0
        order by sum(article_count) desc, theme_id
    """).fetchall()
    theme = mo.ui.dropdown(options=dict(themes), value=themes[0][0], label="Theme")
    return themes, theme


@app.cell
def _(mo):
    mo.md("""
    ## 1. Which themes rise?

    The chart compares each theme's share in the last four weeks with the previous four weeks, on
    days on which the outlet was covered. Bars are 95 % Wilson intervals. If the two intervals do
    not overlap, the change is significant.
    """)


@app.cell
def _(con):
    rising_themes = con.sql("""
        with spans as (
            select theme_id,
                if(published_on > (select max(published_on) - 28 from outlet_daily),
                    'last four weeks', 'previous four weeks')
                    as span,
                sum(article_count) as hits, sum(total_count) as total, hits / total as share
            from theme_outlet_daily
            where not is_gap and published_on > (select max(published_on) - 56 from outlet_daily)
            group by all having sum(total_count) > 0
        )
        select label_en, span, share, wilson_low(hits, total) as low,
            wilson_high(hits, total) as high, hits::bigint as hits,
            total::bigint as total,
            max(share) filter (span = 'last four weeks') over (partition by theme_id)
                - max(share) filter (span = 'previous four weeks')
                over (partition by theme_id) as change
        from spans join themes using (theme_id) where parent_id is not null
        qualify max(hits) over (partition by theme_id) >= 5 and change > 0
        order by change desc, label_en, span limit 20
    """).to_arrow_table()
    return (rising_themes,)


@app.cell
def _(alt, rising_themes):
    order = list(dict.fromkeys(rising_themes["label_en"].to_pylist()))
    theme_axis = alt.Y("label_en:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    colour = alt.Color(
        "span:N",
        title=None,
        scale=alt.Scale(
            domain=["previous four weeks", "last four weeks"], range=["#9a9a9a", "#b3421f"]
        ),
    )
    interval_chart = alt.Chart(rising_themes).encode(
        theme_axis, alt.YOffset("span:N", sort=["previous four weeks", "last four weeks"]), colour
    )
    rise_chart = (
        interval_chart.mark_rule(strokeWidth=2).encode(
            alt.X("low:Q", title="Share of coverage", axis=alt.Axis(format="%")), alt.X2("high:Q")
        )
        + interval_chart.mark_point(filled=True, size=55, opacity=1).encode(
            alt.X("share:Q"),
            tooltip=["label_en", "span", alt.Tooltip("share:Q", format=".1%"), "hits", "total"],
        )
    ).properties(width=520, height=alt.Step(16))
    rise_chart
    return (rise_chart,)


@app.cell
def _(mo):
    mo.md("""
    ## 2. How does a phrase spread?

    The chart shows the day on which each outlet first used a phrase. It excludes phrases that first
    appeared within four weeks of the first outlet's coverage, because most of them are older.
    """)


@app.cell
def _(con):
    first_uses = con.sql("""
        with firsts as (
            select m.phrase_id, m.publisher_id, min(m.published_on) as first_on
            from theme_mentions as m where m.published_on is not null group by all
        )
        select w.phrase || ' (' || w.language || ')' as phrase, p.name as outlet, f.first_on,
            l.first_seen_on,
            date_diff('day', l.first_seen_on, f.first_on) as days_after
        from phrase_lives as l join firsts as f using (phrase_id)
        join theme_phrases as w using (phrase_id)
        join publishers as p on p.publisher_id = f.publisher_id
        where l.observed_day_count >= 28 and l.article_count >= 3
        qualify dense_rank()
            over (order by l.outlet_count desc, l.article_count desc, l.phrase_id) <= 8
        order by l.first_seen_on, phrase, f.first_on
    """).to_arrow_table()
    return (first_uses,)


@app.cell
def _(alt, first_uses):
    phrase_order = list(dict.fromkeys(first_uses["phrase"].to_pylist()))
    spread_chart = (
        alt.Chart(first_uses)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            alt.X(
                "first_on:T",
                title="First use by the outlet",
                scale=alt.Scale(padding=12),
                axis=alt.Axis(format="%-d %b"),
            ),
            alt.Y(
                "phrase:N", sort=phrase_order, title=None, axis=alt.Axis(labelLimit=320, grid=True)
            ),
            alt.Color("outlet:N", title=None),
            alt.Shape("outlet:N", title=None),
            tooltip=["phrase", "outlet", "first_on:T", "days_after"],
        )
        .properties(width=520, height=alt.Step(28))
    )
    spread_chart
    return (spread_chart,)


@app.cell
def _(mo, theme):
    mo.md(f"""
    ## 3. Is a decline real, or a coverage gap?

    The upper chart shows a theme's daily share and its share over the last seven days. The lower
    chart marks the days on which an outlet was not covered. With many marks below, the line above
    is unreliable.

    {theme}
    """)


@app.cell
def _(con, last_on, theme):
    days = con.sql(
        """
        select published_on, mention_share as share,
            sum(article_count) over week / nullif(sum(total_count) over week, 0) as share_of_week
        from theme_daily where theme_id = ? and published_on > ?::date - 120
        window week as (order by published_on range between interval 6 days preceding
            and current row)
        order by published_on
        """,
        params=[theme.value, last_on],
    ).to_arrow_table()
    gaps = con.sql(
        """
        select name as outlet, published_on, published_on + 1 as until_on,
            replace(gap_reason, '_', ' ') as reason
        from outlet_daily join publishers using (publisher_id)
        where is_gap and published_on > ?::date - 120 order by all
        """,
        params=[last_on],
    ).to_arrow_table()
    return days, gaps


@app.cell
def _(alt, days, gaps, theme):
    span = alt.X(
        "published_on:T",
        title=None,
        scale=alt.Scale(
            domain=[
                f"{min(days['published_on'].to_pylist())}",
                f"{max(days['published_on'].to_pylist())}",
            ]
        ),
    )
    line = alt.Chart(days).encode(span)
    share_chart = (
        line.mark_point(size=14, filled=True, opacity=0.45, color="#9a9a9a").encode(
            alt.Y("share:Q", title="Share of coverage", axis=alt.Axis(format="%"))
        )
        + line.mark_line(color="#b3421f").encode(alt.Y("share_of_week:Q"))
    ).properties(width=520, height=200, title=theme.selected_key or "")
    gap_marks = (
        alt.Chart(gaps)
        .mark_bar(height=8)
        .encode(
            span, alt.X2("until_on:T"), alt.Y("outlet:N", title=None,
                                              axis=alt.Axis(labelLimit=200)),
            alt.Color("reason:N", title="Not covered"),
            tooltip=["outlet", "published_on:T", "reason"],
        )
        .properties(width=520, height=alt.Step(20))
    )  # fmt: skip
    gap_chart = share_chart & gap_marks
    gap_chart
    return (gap_chart,)


if __name__ == "__main__":
    app.run()
